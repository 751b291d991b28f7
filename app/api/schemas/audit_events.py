"""Audit events on the wire."""

from pydantic import Field

from app.api.schemas.base import Identifier, Schema, Timestamp
from app.domain.audit import AuditAction, AuditEvent


class AuditEventAnswer(Schema):
    """Who did or saw what; names of fields, never their values."""

    id: Identifier
    occurred_at: Timestamp
    actor: str = Field(description="The token's subject, or `system`.")
    role: str
    action: AuditAction
    record_type: str
    record_id: Identifier | None
    patient_id: Identifier | None
    seen_patient_ids: list[Identifier] = Field(description="The patients a list or search gave out.")
    request_id: str
    purpose: str
    reason: str | None
    changed_fields: list[str]

    @classmethod
    def from_domain(cls, event: AuditEvent) -> "AuditEventAnswer":
        entry = event.entry
        return cls(
            id=event.id,
            occurred_at=event.occurred_at,
            actor=event.actor,
            role=event.role,
            action=entry.action,
            record_type=entry.record_type,
            record_id=entry.record_id,
            patient_id=entry.patient_id,
            seen_patient_ids=list(entry.seen_patient_ids),
            request_id=event.request_id,
            purpose=event.purpose,
            reason=entry.reason,
            changed_fields=list(entry.changed_fields),
        )

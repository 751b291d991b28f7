"""Work items on the wire."""

from app.api.schemas.base import Date, Identifier, Schema, Timestamp
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus


class WorkItemAnswer(Schema):
    id: Identifier
    kind: WorkItemKind
    status: WorkItemStatus
    patient_id: Identifier
    coverage_id: Identifier
    claim_id: Identifier | None
    reason: str
    due_on: Date | None
    created_at: Timestamp
    resolved_at: Timestamp | None

    @classmethod
    def from_domain(cls, item: WorkItem) -> "WorkItemAnswer":
        return cls(
            id=item.id,
            kind=item.kind,
            status=item.status,
            patient_id=item.patient_id,
            coverage_id=item.coverage_id,
            claim_id=item.claim_id,
            reason=item.reason,
            due_on=item.due_on,
            created_at=item.created_at,
            resolved_at=item.resolved_at,
        )

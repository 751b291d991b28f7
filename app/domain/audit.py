"""Audit: who did or saw what, on which record, from where, why. Names of fields, never their values."""

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AuditAction(StrEnum):
    READ = "read"
    LIST = "list"
    SEARCH = "search"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    ORDER = "order"
    TERMINATE = "terminate"
    VERIFY = "verify"
    ASK_PAYER = "ask_payer"
    RECORD_ANSWER = "record_answer"
    HOLD = "hold"
    RELEASE = "release"
    REPAIR = "repair"
    SUBMIT = "submit"
    """Freeze a claim's bytes for the clearinghouse."""
    SEND = "send"
    """Give them to it."""
    REPLAY = "replay"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """What a use case knows about what it did; the unit of work adds practice, actor, role, request and time."""

    action: AuditAction
    record_type: str
    record_id: UUID | None = None
    patient_id: UUID | None = None
    seen_patient_ids: tuple[UUID, ...] = ()
    """The patients whose data a list or search gave out, when it is not one patient's."""
    reason: str | None = None
    """A word of a closed list, never free text."""
    changed_fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    sequence: int
    id: UUID
    occurred_at: datetime
    actor: str
    role: str
    request_id: str
    purpose: str
    entry: AuditEntry = field(repr=False)


_UNREMARKABLE = frozenset({"updated_at", "version"})


def changed_fields(before: object, after: object, prefix: str = "") -> tuple[str, ...]:
    """Dotted names of the fields in which two values of one dataclass differ."""
    names: list[str] = []
    for entry in fields(before):  # type: ignore[arg-type]  # both are instances of one dataclass
        if entry.name in _UNREMARKABLE:
            continue
        old, new = getattr(before, entry.name), getattr(after, entry.name)
        if old == new:
            continue
        name = f"{prefix}{entry.name}"
        if is_dataclass(old) and is_dataclass(new):
            names.extend(changed_fields(old, new, f"{name}."))
        else:
            names.append(name)
    return tuple(names)

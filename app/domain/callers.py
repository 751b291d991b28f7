"""Who asks: the verified facts of a token, and nothing that the token did not say."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    PATIENT = "patient"
    CLINICIAN = "clinician"
    BILLER = "biller"
    ADMIN = "admin"
    PARTNER = "partner"
    OPS = "ops"


class Purpose(StrEnum):
    """Why a record is looked at (45 CFR 164.506); a caller names it in `Purpose-Of-Use`."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One request's subject. `practice_id` is None for ops only; `patient_id` is set for the patient role only."""

    subject: str
    practice_id: UUID | None
    roles: frozenset[Role]
    scopes: frozenset[str] = frozenset()
    patient_id: UUID | None = None

    @property
    def is_patient(self) -> bool:
        """True when the token says patient: such a caller is confined to its own record, whatever else it says."""
        return Role.PATIENT in self.roles


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """The practice a unit of work is confined to, and who acts in it; background work acts as `system`."""

    practice_id: UUID
    actor: str
    role: str
    request_id: str
    purpose: Purpose = Purpose.PAYMENT
    confined_to: UUID | None = None
    """A patient's token: everything but this patient's own record is absent."""

    def may_see(self, patient_id: UUID) -> bool:
        return self.confined_to is None or self.confined_to == patient_id

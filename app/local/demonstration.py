"""Who the demonstration is: the identities that the seed creates and the ready-made tokens name. All invented."""

from uuid import UUID

from app.domain.access import ACCESS
from app.domain.callers import Role
from app.identity.development import DevelopmentIssuer

PRACTICE_ID = UUID("01990000-0000-7000-8000-000000000001")
PROVIDER_ID = UUID("01990000-0000-7000-8000-000000000011")
"""Who renders the services: Thera Madeup."""
PATIENT_ID = UUID("01990000-0000-7000-8000-000000000101")
"""Who holds the ready-made token of a patient: Mockbert Placeholder."""


def tokens(issuer: DevelopmentIssuer) -> dict[Role, str]:
    """One for each role: the partner's with every scope there is, the operator's without a practice."""
    return {
        role: issuer.mint(
            f"demo-{role}",
            [role],
            None if role is Role.OPS else PRACTICE_ID,
            patient_id=PATIENT_ID if role is Role.PATIENT else None,
            scopes=sorted({access.scope for access in ACCESS.values()} - {""}) if role is Role.PARTNER else (),
        )
        for role in Role
    }

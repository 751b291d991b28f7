"""The practice: the tenant, and the billing identity its claims carry."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.parties import Address, Contact


@dataclass(frozen=True, kw_only=True)
class Practice:
    """`tax_id` may be a sole practitioner's SSN (REF*SY instead of REF*EI), hence never shown in a log. `is_test` sets
    ISA15 to T. `billing_contact` is whom the clearinghouse and payers ask about its claims.

    `time_zone` is an IANA name: "today" for a practice is a date there.
    """

    id: UUID
    name: str
    npi: str
    tax_id: str | None = field(default=None, repr=False)
    tax_id_is_ssn: bool = False
    billing_contact: Contact | None = field(default=None, repr=False)
    taxonomy_code: str | None = None
    address: Address | None = field(default=None, repr=False)
    time_zone: str
    is_test: bool
    created_at: datetime
    updated_at: datetime
    version: int = 1

"""A professional claim as the sandbox's reader understands it: what the payers behind it decide on.

Values only. `claim_837.py` reads them from an 837P, `edits.py` looks for what a clearinghouse would refuse,
`adjudication.py` decides.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Party:
    """NM1 with what follows it. `id_qualifier` and `id` are NM108 and NM109."""

    entity: str
    kind: str
    last: str = field(repr=False)
    first: str = field(default="", repr=False)
    middle: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    id_qualifier: str = ""
    id: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """One triplet of a CAS. `reason` is empty when it was missing; a missing amount is 0 and not `amount_given`."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None
    amount_given: bool = True


@dataclass(frozen=True, kw_only=True)
class PriorLine:
    """One 2430. `payer_id` is SVD01, `bundled_into` SVD06, `liability` AMT*EAF."""

    payer_id: str
    paid: Decimal
    procedure: str = field(repr=False)
    units: Decimal
    bundled_into: str = ""
    reductions: tuple[Reduction, ...] = ()
    decided_on: date | None = None
    liability: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class OtherPayer:
    """One 2320 with 2330A and 2330B. `paid` is AMT*D, `not_covered` AMT*A8, `liability` AMT*EAF."""

    rank: str
    relationship: str
    insurance_type: str
    filing_code: str
    payer_id: str
    payer_name: str
    member_id: str = field(repr=False)
    paid: Decimal | None = None
    not_covered: Decimal | None = None
    liability: Decimal | None = None
    reductions: tuple[Reduction, ...] = ()
    decided_on: date | None = None
    claim_number: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One 2400. `procedure` is SV101 as it came, with its qualifier and modifiers, separated by colons. `providers` are
    those of loops 2420A to F.
    """

    number: int
    procedure: str = field(repr=False)
    charge: Decimal
    unit: str
    units: Decimal
    pointers: tuple[int, ...]
    first_day: date
    last_day: date | None = None
    control_number: str = ""
    prior: tuple[PriorLine, ...] = ()
    providers: tuple[Party, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One 2300 with its hierarchy above. `subscriber_is_patient` when 2000B SBR02 is 18, `has_patient_loop` when the
    claim stands in a 2000C. `providers` are those of loops 2310A to D.
    """

    reference: str
    submitter_id: str
    billing: Party
    billing_tax_id: str = field(repr=False)
    payer_id: str
    payer_name: str
    rank: str
    insurance_type: str
    filing_code: str
    group_number: str = field(repr=False)
    subscriber: Party = field(repr=False)
    patient: Party = field(repr=False)
    subscriber_is_patient: bool
    control_number: str
    charge: Decimal
    place_of_service: str
    frequency: str
    payer_claim_number: str = field(default="", repr=False)
    patient_paid: Decimal | None = None
    diagnoses: tuple[str, ...] = field(repr=False)
    others: tuple[OtherPayer, ...] = ()
    lines: tuple[Line, ...]
    has_patient_loop: bool = False
    providers: tuple[Party, ...] = field(default=(), repr=False)

    @property
    def member_id(self) -> str:
        return self.subscriber.id

    @property
    def first_day(self) -> date:
        return min(line.first_day for line in self.lines)

    @property
    def last_day(self) -> date:
        return max(line.last_day or line.first_day for line in self.lines)

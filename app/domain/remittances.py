"""Remittances: an 835 as values. One payment, the claims it pays, their lines, and what concerns the provider only.

Everything is as the payer said it; amounts may be negative (a reversal). What a claim payment means for a claim is
decided in `claim_payments.py`, not here; whether the amounts add up in `remittance_balance.py`. Identifiers and names
are personal data and stay out of `repr`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.adjustments import Adjustment
from app.domain.money import ZERO, total


@dataclass(frozen=True, kw_only=True)
class UnreadAdjustment:
    """One triplet of a CAS that cannot be an `Adjustment`: a group nobody knows, or an amount without a reason.

    Kept as it came, so that it is seen and counted; what holds one is not whole.
    """

    group_code: str
    reason_code: str | None
    amount: Decimal
    quantity: Decimal | None = None


def _sum(adjustments: tuple[Adjustment, ...], unread: tuple[UnreadAdjustment, ...]) -> Decimal:
    amount = ZERO
    for one in adjustments:
        amount += one.amount
    for other in unread:
        amount += other.amount
    return amount


@dataclass(frozen=True, kw_only=True)
class ServicePayment:
    """One 2110 loop. `line_control_number` is REF*6R, `paid` SVC03, `units` SVC05 (None when not sent).

    `procedure_code` and `modifiers` are what was adjudicated (SVC01), `submitted_procedure_code` SVC06 when it differs.
    `last_date` is None for a single day (DTM*472). `segment` and `offset` are the place of its SVC in the file.
    """

    line_control_number: str | None = None
    procedure_qualifier: str = "HC"
    procedure_code: str = field(repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    submitted_procedure_code: str | None = field(default=None, repr=False)
    submitted_modifiers: tuple[str, ...] = field(default=(), repr=False)
    charge: Decimal
    paid: Decimal
    units: Decimal | None = None
    submitted_units: Decimal | None = None
    first_date: date | None = None
    last_date: date | None = None
    allowed: Decimal | None = None
    """AMT*B6."""
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    unread_adjustments: tuple[UnreadAdjustment, ...] = ()
    segment: int | None = None
    offset: int | None = field(default=None, repr=False, compare=False)

    @property
    def adjusted(self) -> Decimal:
        return _sum(self.adjustments, self.unread_adjustments)


@dataclass(frozen=True, kw_only=True)
class ClaimPayment:
    """One 2100 loop. `position` counts from 1 in the transaction; `status_code` is CLP02, `payer_claim_number` CLP07.

    `crossover_payer` is NM1*TT's id or name, `corrected_payer` NM1*PR's. `first_date` and `last_date` are the statement's
    (DTM*232 and 233), the only dates of a claim without lines. `segment` and `offset` are the place of its CLP in the
    file: its number, and the bytes before it.
    """

    position: int
    segment: int
    patient_control_number: str
    status_code: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None = None
    filing_code: str | None = None
    payer_claim_number: str | None = field(default=None, repr=False)
    frequency_code: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    original_claim_number: str | None = field(default=None, repr=False)
    """REF*F8 of a correction."""
    interest: Decimal | None = None
    crossover_payer: str | None = field(default=None, repr=False)
    corrected_payer: str | None = field(default=None, repr=False)
    services: tuple[ServicePayment, ...] = ()
    first_date: date | None = None
    last_date: date | None = None
    unread_adjustments: tuple[UnreadAdjustment, ...] = ()
    is_whole: bool = True
    """False when an amount, a line or an adjustment of it could not be read: it is shown, and posts nothing."""
    kept: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Segments of which no field holds everything, as text; also those between the claim before and this one."""
    offset: int | None = field(default=None, repr=False, compare=False)

    @property
    def adjusted(self) -> Decimal:
        """At claim level only."""
        return _sum(self.adjustments, self.unread_adjustments)

    @property
    def adjusted_in_all(self) -> Decimal:
        return total((self.adjusted, *[service.adjusted for service in self.services]))


@dataclass(frozen=True, kw_only=True)
class ProviderAdjustment:
    """One pair of a PLB. A positive amount reduces the payment."""

    reason_code: str
    reference: str | None = field(default=None, repr=False)
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Remittance:
    """One 835 transaction. `total_paid` is BPR02, `trace_number` TRN02, `payment_date` BPR16.

    `payer_id` is REF*2U or N104 under XV where there is one; the payer is known by the claim, not by this.
    `originator_id` is TRN03: with TRN02 it finds the payment at the bank. `segment` is the number of its BPR in the file.
    """

    control_number: str
    total_paid: Decimal
    payment_method: str
    payment_date: date | None = None
    production_date: date | None = None
    trace_number: str | None = field(default=None, repr=False)
    payer_name: str | None = None
    payer_id: str | None = None
    payee_npi: str | None = None
    claims: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    originator_id: str | None = field(default=None, repr=False)
    segment: int | None = None
    is_whole: bool = True
    """False when it was cut off or something in it could not be read: it is shown, and posts nothing."""

    @property
    def adjudicated_on(self) -> date | None:
        """Domain rule B2: BPR16, else DTM*405."""
        return self.payment_date or self.production_date

    @property
    def difference(self) -> Decimal:
        """What the transaction is out of balance by: BPR02 against the claims less the provider adjustments."""
        claims = sum((claim.paid for claim in self.claims), ZERO)
        return self.total_paid - (claims - sum((one.amount for one in self.provider_adjustments), ZERO))


@dataclass(frozen=True, kw_only=True)
class RemittanceHeader:
    """What an 835 says before its first claim, for a reader that does not wait for the last one.

    The fields are those of `Remittance`. Without a readable BPR there is no `total_paid` and nothing to hold the claims
    against. `segment` and `offset` are the place of its BPR in the file, or of its ST where there is no BPR.
    """

    control_number: str
    total_paid: Decimal | None
    payment_method: str = ""
    payment_date: date | None = None
    production_date: date | None = None
    trace_number: str | None = field(default=None, repr=False)
    originator_id: str | None = field(default=None, repr=False)
    payer_name: str | None = None
    payer_id: str | None = None
    payee_npi: str | None = None
    kept: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Segments before the first claim of which no field holds everything."""
    segment: int
    offset: int

    @property
    def adjudicated_on(self) -> date | None:
        """Domain rule B2: BPR16, else DTM*405."""
        return self.payment_date or self.production_date


@dataclass(frozen=True, kw_only=True)
class RemittanceTrailer:
    """What is known at the end of an 835: the provider adjustments (PLB), and what became of the claims before.

    `claims` is the number of claims handed out, `claims_paid` the sum of their CLP04. `difference` is BPR02 less what the
    claims and the provider adjustments come to; None without a BPR02. `segment` is the number of its SE in the file, None
    when it was cut off.
    """

    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    claims: int = 0
    claims_paid: Decimal = ZERO
    difference: Decimal | None = None
    is_whole: bool = True
    """False when it was cut off or something in it could not be read that is no claim's own: see `Remittance`."""
    segment: int | None = None
    kept: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """Segments after the last claim of which no field holds everything."""

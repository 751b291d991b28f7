"""Claim status: the question put to a payer about one claim (276) and what its answer (277) says of claims.

An inquiry and an answer are values; `x12/claim_status_276.py` and `x12/claim_status_277.py` turn them into text and
back. Source of the shapes: 005010X212. A 277 tells where a claim stands; what a payer decided is posted from its 835.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.acknowledgments import StatusCode
from app.domain.parties import Person, PersonName


@dataclass(frozen=True, kw_only=True)
class InquiredLine:
    """One 2210 loop: a service line of the claim. `control_number` is our REF*6R of the claim, sent as REF*FJ."""

    control_number: str | None = None
    procedure_qualifier: str = "HC"
    """SVC01-1: AD, ER, HC, HP, IV, N4, NU or WK."""
    procedure_code: str = field(repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    charge: Decimal
    units: Decimal = Decimal(1)
    revenue_code: str | None = None
    first_date: date
    last_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class StatusInquiry:
    """One 276 about one claim at one payer. `subscriber` is the policy's holder; `dependent` is the patient, when that is
    somebody else.

    `trace_number` goes to TRN02 and comes back in the 277, `reference` to BHT03; both are ours, opaque, at most 30
    characters. `receiver_id` is what the payer or clearinghouse knows the asking party by (NM109 under 46).
    `patient_control_number` is CLM01 of the claim (REF*EJ), `payer_claim_number` the payer's own (REF*1K). `bill_type` is
    CLM05-1 with CLM05-3, three characters (RFI 1752), for institutional claims. A claim without dates of its own needs
    lines with theirs.
    """

    payer_id: str
    payer_name: str
    receiver_id: str
    receiver_name: str
    provider_npi: str
    provider_name: PersonName | str = field(repr=False)
    member_id: str = field(repr=False)
    subscriber: Person = field(repr=False)
    dependent: Person | None = field(default=None, repr=False)
    trace_number: str
    reference: str
    patient_control_number: str
    payer_claim_number: str | None = field(default=None, repr=False)
    clearinghouse_number: str | None = field(default=None, repr=False)
    bill_type: str | None = None
    group_number: str | None = field(default=None, repr=False)
    charge: Decimal | None = None
    first_date: date | None = None
    last_date: date | None = None
    lines: tuple[InquiredLine, ...] = field(default=(), repr=False)


class ClaimStatusEffect(StrEnum):
    """Where a claim stands, by the category of a status (list 507). `x12/codes.py` has the table."""

    RECEIVED = "received"
    """Forwarded or received, not yet accepted."""
    ACCEPTED = "accepted"
    """Accepted into adjudication, whole or split."""
    REJECTED = "rejected"
    """Returned or refused before adjudication."""
    PENDING = "pending"
    """In adjudication, suspended or waiting for something."""
    INFORMATION_REQUESTED = "information_requested"
    """Somebody is asked for more: the payer waits for it."""
    FINALISED = "finalised"
    """Decided; it does not say how."""
    PAID = "paid"
    DENIED = "denied"
    REVISED = "revised"
    """Decided anew: an earlier decision was changed."""
    FORWARDED = "forwarded"
    """Decided, and sent on to another payer."""
    NO_PAYMENT = "no_payment"
    """Decided, and nothing is going to be paid."""
    NOT_FOUND = "not_found"
    """The payer finds no such claim."""
    ERROR = "error"
    """The question could not be answered: it was wrong, or a system was not there."""
    NOTED = "noted"
    """Anything else: kept, says nothing."""


_STRONGEST_FIRST = (
    ClaimStatusEffect.PAID,
    ClaimStatusEffect.DENIED,
    ClaimStatusEffect.REVISED,
    ClaimStatusEffect.FORWARDED,
    ClaimStatusEffect.NO_PAYMENT,
    ClaimStatusEffect.FINALISED,
    ClaimStatusEffect.REJECTED,
    ClaimStatusEffect.INFORMATION_REQUESTED,
    ClaimStatusEffect.PENDING,
    ClaimStatusEffect.ACCEPTED,
    ClaimStatusEffect.RECEIVED,
    ClaimStatusEffect.NOT_FOUND,
    ClaimStatusEffect.ERROR,
)


def strongest(effects: Iterable[ClaimStatusEffect]) -> ClaimStatusEffect:
    """What several statuses say together: the furthest that a claim came. A claim with paid and denied lines is paid."""
    found = frozenset(effects)
    return next((effect for effect in _STRONGEST_FIRST if effect in found), ClaimStatusEffect.NOTED)


@dataclass(frozen=True, kw_only=True)
class StatedStatus:
    """One STC. `codes` are STC01, STC10 and STC11, `effective_on` STC02, `charge` STC04, `paid` STC05.

    `finalised_on` is STC06, `check_date` STC08, `check_number` STC09 (or that of an electronic payment). `action_code`
    (STC03), `payment_method_code` (STC07) and `message` (STC12) have no place in this guide, and are kept where sent.
    """

    effect: ClaimStatusEffect
    codes: tuple[StatusCode, ...]
    effective_on: date | None = None
    action_code: str | None = None
    charge: Decimal | None = None
    paid: Decimal | None = None
    finalised_on: date | None = None
    payment_method_code: str | None = None
    check_date: date | None = None
    check_number: str | None = None
    message: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class StatusParty:
    """An NM1 of 2100B to 2100E: an organization's name stands in `last_name`."""

    last_name: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    suffix: str | None = field(default=None, repr=False)
    id_qualifier: str | None = None
    identifier: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class LineStatus:
    """One 2220 loop. `control_number` is our REF*6R coming back as REF*FJ. `kept` are the segments, as they were sent,
    that hold something no field has.
    """

    control_number: str | None = None
    procedure_qualifier: str | None = None
    procedure_code: str | None = field(default=None, repr=False)
    modifiers: tuple[str, ...] = field(default=(), repr=False)
    charge: Decimal | None = None
    paid: Decimal | None = None
    revenue_code: str | None = None
    units: Decimal | None = None
    first_date: date | None = None
    last_date: date | None = None
    effect: ClaimStatusEffect
    statuses: tuple[StatedStatus, ...] = ()
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class ClaimStatus:
    """One 2200D or 2200E loop of a 277: where one claim stands.

    `reference` is BHT03 of the 276 (RFI 960), `trace_number` its TRN02, `patient_control_number` our CLM01 (REF*EJ). One
    trace number comes back several times when several claims of the payer answer to it (RFI 2589). `dependent` is None
    when the subscriber is the patient. `effect` is what the claim's own statuses say together, or its lines' when it has
    none. `segment` is the number of the segment it begins with. `kept` are the segments, as they were sent, that hold
    something no field has: the claim's own, and before the first claim below them those of payer, receiver, provider
    and subscriber.
    """

    reference: str | None = None
    payer_name: str | None = None
    payer_id: str | None = None
    receiver: StatusParty | None = None
    provider: StatusParty | None = None
    subscriber: StatusParty | None = None
    dependent: StatusParty | None = None
    trace_number: str | None = None
    patient_control_number: str | None = None
    payer_claim_number: str | None = field(default=None, repr=False)
    clearinghouse_number: str | None = field(default=None, repr=False)
    prescription_number: str | None = field(default=None, repr=False)
    voucher_number: str | None = None
    bill_type: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    effect: ClaimStatusEffect
    statuses: tuple[StatedStatus, ...] = ()
    lines: tuple[LineStatus, ...] = ()
    segment: int
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class RequestStatus:
    """What a 277 says of a whole request (2200B) or of one provider's part of it (2200C): mostly why it was not answered.

    `reference` is BHT03 of the 276, which tells which request is meant (RFI 960); `trace_number` is TRN02 here, the same
    at 2200B, and a number of the payer's at 2200C.
    """

    reference: str | None = None
    payer_name: str | None = None
    payer_id: str | None = None
    receiver: StatusParty | None = None
    provider: StatusParty | None = None
    trace_number: str | None = None
    effect: ClaimStatusEffect
    statuses: tuple[StatedStatus, ...] = ()
    segment: int
    kept: tuple[str, ...] = field(default=(), repr=False)

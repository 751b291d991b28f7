"""Acknowledgments: what a clearinghouse or payer says of a claim before anybody decides on money (277CA, 999, TA1)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class AcknowledgmentSource(StrEnum):
    CLEARINGHOUSE = "clearinghouse"
    PAYER = "payer"


class AcknowledgmentEffect(StrEnum):
    """What an acknowledgment says has become of the claim."""

    RECEIVED = "received"
    """On its way: forwarded or received, not yet accepted (A0, A1)."""
    ACCEPTED = "accepted"
    """Accepted into adjudication (A2)."""
    REJECTED = "rejected"
    """Returned or refused: it was never adjudicated (A3, A6, A7, A8)."""
    PENDED = "pended"
    """In adjudication, suspended or waiting for something (P0 to P5, R0 and up)."""
    NOTED = "noted"
    """Anything else: kept, changes nothing."""


@dataclass(frozen=True, kw_only=True)
class StatusCode:
    """One STC composite: category (list 507), status (list 508), entity."""

    category: str
    status: str | None = None
    entity: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimAcknowledgment:
    """One PT loop of a 277CA. `patient_control_number` is TRN02 of 2200D, `batch_reference` 2200B TRN02 (our BHT03);
    of a refusal in a 999 it is AK102 (our GS06).

    The effect is decided by category, not by STC03 (`action_code`). `statuses` are all composites of the claim, of its lines too, in
    their order. `segment` is the number of its TRN in the file: one PT level may hold several claims of the patient.
    `kept` are the segments, as they were sent, that hold something no field has: the claim's own, and before the first
    claim or batch below them those of source, batch and provider.
    """

    source: AcknowledgmentSource
    source_name: str | None = None
    batch_reference: str | None = None
    patient_control_number: str
    payer_claim_number: str | None = field(default=None, repr=False)
    clearinghouse_number: str | None = field(default=None, repr=False)
    effect: AcknowledgmentEffect
    statuses: tuple[StatusCode, ...] = ()
    action_code: str | None = None
    charge: Decimal | None = None
    effective_on: date | None = None
    segment: int
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class BatchAcknowledgment:
    """What a 277CA says of a whole batch or of one provider's part of it (2200B, 2200C) when no claim stands below.

    It holds for every claim sent under `batch_reference` (our BHT03), with `provider_npi` only for those of that billing
    provider. With claims below, what is said of each claim counts and none of these is made (RFI 2145).
    """

    source: AcknowledgmentSource
    source_name: str | None = None
    batch_reference: str | None = None
    provider_npi: str | None = None
    effect: AcknowledgmentEffect
    statuses: tuple[StatusCode, ...] = ()
    action_code: str | None = None
    charge: Decimal | None = None
    effective_on: date | None = None
    segment: int
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class SyntaxNote:
    """One IK3, or one IK4 under it: what is wrong with a segment of ours, or with one of its elements.

    `position` is the segment's in the transaction set, ST being 1 (IK302). `segment_id` and `loop` are as sent: some cut
    the id to two letters. `element`, `component` and `repetition` are IK401, `reference_number` is the dictionary's number
    of the element (IK402), `bad_data` the copy of it (IK404). `triggers` are the places that made it wrong (CTX*SITUATIONAL
    TRIGGER), such as `CLM 43 5-3`; `business_unit` names whom or what it concerns (such as CLM01) and holds its number.
    """

    segment_id: str
    position: int | None = None
    loop: str | None = None
    error_code: str
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    reference_number: str | None = None
    bad_data: str | None = field(default=None, repr=False)
    triggers: tuple[str, ...] = ()
    business_unit: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class TransactionAcknowledgment:
    """What a 999 says of one transaction set: `accepted` is IK501 A or E. `errors` are (segment id, error code) of IK3
    and IK4 with their element position, as words such as `2010BA NM1 3: 1`; `notes` say the same and all that stands
    beside it, personal data among it. `transaction_code` and `guide` are AK201 and AK203.
    """

    group_control_number: str
    transaction_control_number: str
    accepted: bool
    status_code: str
    errors: tuple[str, ...] = ()
    patient_control_numbers: tuple[str, ...] = ()
    """Of the claims the errors are in, as far as it names them (CTX*CLM01)."""
    transaction_code: str | None = None
    guide: str | None = None
    notes: tuple[SyntaxNote, ...] = field(default=(), repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)
    """Segments, as they were sent, that hold something no field has."""


@dataclass(frozen=True, kw_only=True)
class GroupAcknowledgment:
    """What a 999 says of a functional group, where that is more than it says of each transaction set: the group was
    refused as a whole (AK901), or its transaction sets are not listed. `accepted` is AK901 A or E. `included`,
    `received` and `taken` count the transaction sets that the group said it has, that came, and that were accepted (AK902
    to AK904). `functional_code` and `guide` are AK101 and AK103.
    """

    group_control_number: str
    accepted: bool
    status_code: str
    errors: tuple[str, ...] = ()
    functional_code: str | None = None
    guide: str | None = None
    included: int | None = None
    received: int | None = None
    taken: int | None = None
    kept: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class EnvelopeAcknowledgment:
    """A TA1: of which interchange, of which day and time (TA102, TA103 as sent, local to its sender), whether it was taken
    (TA104 A or E), and why not (TA105).
    """

    interchange_control_number: str
    accepted: bool
    status_code: str
    note_code: str
    interchange_date: str | None = None
    interchange_time: str | None = None

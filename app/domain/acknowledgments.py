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

    The effect is decided by category, not by STC03. `statuses` are all composites of the claim, of its lines too, in
    their order. `segment` is the number of its TRN in the file: one PT level may hold several claims of the patient.
    """

    source: AcknowledgmentSource
    source_name: str | None = None
    batch_reference: str | None = None
    patient_control_number: str
    payer_claim_number: str | None = field(default=None, repr=False)
    clearinghouse_number: str | None = field(default=None, repr=False)
    effect: AcknowledgmentEffect
    statuses: tuple[StatusCode, ...] = ()
    charge: Decimal | None = None
    effective_on: date | None = None
    segment: int


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
    effective_on: date | None = None
    segment: int


@dataclass(frozen=True, kw_only=True)
class TransactionAcknowledgment:
    """What a 999 says of one transaction set: `accepted` is IK501 A or E. `errors` are (segment id, error code) of IK3
    and IK4 with their element position, as words such as `2010BA NM1 3: 1`.
    """

    group_control_number: str
    transaction_control_number: str
    accepted: bool
    status_code: str
    errors: tuple[str, ...] = ()
    patient_control_numbers: tuple[str, ...] = ()
    """Of the claims the errors are in, as far as it names them (CTX*CLM01)."""


@dataclass(frozen=True, kw_only=True)
class GroupAcknowledgment:
    """What a 999 says of a functional group, where that is more than it says of each transaction set: the group was
    refused as a whole (AK901), or its transaction sets are not listed. `accepted` is AK901 A or E.
    """

    group_control_number: str
    accepted: bool
    status_code: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EnvelopeAcknowledgment:
    """A TA1: of which interchange, whether it was taken (TA104 A or E), and why not (TA105)."""

    interchange_control_number: str
    accepted: bool
    status_code: str
    note_code: str

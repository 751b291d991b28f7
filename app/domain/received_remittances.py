"""What a practice was told in remittances and acknowledgments, as it is kept: from which document, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.acknowledgments import ClaimAcknowledgment
from app.domain.findings import Finding
from app.domain.remittances import ClaimPayment, Remittance


class PaymentStatus(StrEnum):
    """What became of a claim payment (domain rules B6, B7 and D)."""

    POSTED = "posted"
    """It is the claim's adjudication, or a part of it."""
    PROPOSED = "proposed"
    """Kept beside a person's entry, which stays current until somebody accepts the difference."""
    INCOMPLETE = "incomplete"
    """Some lines are not decided yet."""
    UNMATCHED = "unmatched"
    """Payer, charge or lines are not the claim's."""
    UNBALANCED = "unbalanced"
    UNREADABLE = "unreadable"
    """Something in it is missing, unknown, or cannot be said in a claim."""
    REVERSAL = "reversal"
    NOT_ON_FILE = "not_on_file"
    """The payer does not know the patient."""
    ORDER_DISPUTED = "order_disputed"
    """The payer says that it stands elsewhere in the order of benefits."""
    FORWARDED = "forwarded"
    """Not decided, but sent on to another payer (CLP02 23)."""
    IGNORED = "ignored"
    """It decides nothing: a predetermination, or what was posted before."""


@dataclass(frozen=True, kw_only=True)
class ReceivedRemittance:
    """One 835 transaction of a document, the `transaction_number`-th, as far as it concerns the practice.

    `remittance` is without its claims: those of the practice are `ReceivedPayment`s.
    """

    id: UUID
    document_id: UUID
    transaction_number: int
    remittance: Remittance = field(repr=False)
    findings: tuple[Finding, ...] = ()
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceivedPayment:
    """One claim payment of a remittance. `claim_id` is the claim it is about, `adjudication_id` what it became."""

    id: UUID
    remittance_id: UUID
    claim_id: UUID | None = None
    status: PaymentStatus
    payment: ClaimPayment = field(repr=False)
    adjudication_id: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceivedAcknowledgment:
    """What was said of a claim before anybody decided on money. `position` counts from 1 within its source.

    The source is a document, or, without one, the answer to the submission itself.
    """

    id: UUID
    claim_id: UUID
    submission_id: UUID | None = None
    document_id: UUID | None = None
    position: int
    acknowledgment: ClaimAcknowledgment = field(repr=False)
    received_at: datetime

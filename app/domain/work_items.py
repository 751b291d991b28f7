"""Work items: typed things that a person must decide."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class WorkItemKind(StrEnum):
    COVERAGE_NOT_CONFIRMED = "coverage_not_confirmed"
    """A patient's own addition whose check did not confirm it (domain rule A5)."""
    COVERAGE_RANK_TAKEN = "coverage_rank_taken"
    """Confirmed by the payer, but its wished rank belongs to another verified coverage in that period."""
    ADJUDICATION_PROPOSED = "adjudication_proposed"
    """The payer's own decision differs from the one that was entered by hand (design rule 8)."""
    REMITTANCE_UNMATCHED = "remittance_unmatched"
    """A payment names the claim, but its payer, charge or lines are not the claim's."""
    REMITTANCE_UNBALANCED = "remittance_unbalanced"
    """A payment whose amounts do not add up posts nothing."""
    REMITTANCE_REVERSAL = "remittance_reversal"
    """The payer took a decision back (CLP02 22)."""
    COVERAGE_NOT_ON_FILE = "coverage_not_on_file"
    """The payer does not know the patient (CLP02 4 with CARC 31 and the like)."""
    PAYER_ORDER_DISPUTED = "payer_order_disputed"
    """The payer says that it stands elsewhere in the order of benefits (domain rule B7)."""
    FORWARDED_TO_OTHER_PAYER = "forwarded_to_other_payer"
    """The payer sent the claim on to one that is not the patient's next (domain rule D2)."""
    SUBMISSION_OUTCOME_UNKNOWN = "submission_outcome_unknown"
    """Perhaps it arrived, and it may not be sent again: somebody must look at the clearinghouse."""
    SUBMISSION_STOPPED = "submission_stopped"
    """It was not sent, and trying again does not help."""
    PAPER_REQUIRED = "paper_required"
    """The payer takes no claim after another payer electronically (domain rule C7)."""
    EARLIER_DECISION_CHANGED = "earlier_decision_changed"
    """An earlier payer's decision changed after this claim went out (domain rule E4)."""
    CLAIM_REJECTED = "claim_rejected"
    """Clearinghouse or payer returned it: correct it and submit it again (domain rule E1)."""


class WorkItemStatus(StrEnum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One open item of a kind for each claim, or for each coverage when it is about no claim."""

    id: UUID
    kind: WorkItemKind
    status: WorkItemStatus
    patient_id: UUID
    coverage_id: UUID
    claim_id: UUID | None = None
    reason: str
    """The check's outcome or the finding's code: a word of a closed list."""
    due_on: date | None = None
    """The last day on which it can be settled without loss, where there is one."""
    created_at: datetime
    resolved_at: datetime | None = None

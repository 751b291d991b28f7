"""Submissions on the wire: what was frozen for the clearinghouse, and how far it has come."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Identifier, Schema, Timestamp
from app.domain.claim_states import SubmissionState
from app.domain.submissions import Submission, SubmissionProblem

MOST_SUBMISSIONS = 32_767


def _sequence(text: object) -> int:
    """Plain digits: `+1`, `1_0` and digits of other scripts are no sequence numbers."""
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 5:
        number = int(text)
        if 1 <= number <= MOST_SUBMISSIONS:
            return number
    raise PydanticCustomError("range", "A sequence number counts a claim's submissions from 1.")


SequenceNumber = Annotated[
    int,
    BeforeValidator(_sequence),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_SUBMISSIONS}),
]


class SubmissionProblemAnswer(Schema):
    """One error that the clearinghouse found in the claim, in its own words: they may quote the claim."""

    code: str | None
    location: str | None = Field(description="Where, such as a loop and segment of the 837P.")
    description: str | None

    @classmethod
    def from_domain(cls, problem: SubmissionProblem) -> "SubmissionProblemAnswer":
        return cls.of(code=problem.code, location=problem.location, description=problem.description)


class SubmissionAnswer(Schema):
    """A claim's exact 837P on its way to the clearinghouse. What is frozen never changes."""

    id: Identifier
    claim_id: Identifier
    sequence: int = Field(ge=1, description="Counts the claim's submissions.")
    state: SubmissionState = Field(
        description="`outcome_unknown`: perhaps it arrived; the same bytes go out again, within 23 hours of the first try."
    )
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the text, in UTF-8: `GET .../837?sequence=`.")
    idempotency_key: Identifier = Field(
        description="What the clearinghouse tells repetitions by; one for all attempts."
    )
    control_number: int = Field(ge=1, description="ISA13 and GS06.")
    reference: str = Field(description="BHT03, which the 277CA repeats.")
    adjudication_ids: list[Identifier] = Field(
        description="The versions of the earlier payers' decisions it was built from."
    )
    attempts: int = Field(ge=0, description="How often it was begun to be sent.")
    first_sent_at: Timestamp | None
    last_sent_at: Timestamp | None
    answered_at: Timestamp | None = Field(description="When it was settled; null until then.")
    clearinghouse_id: str | None = Field(description="What the clearinghouse calls the claim.")
    failure: str | None = Field(
        description="Why the last attempt brought no receipt, in a word such as `no_answer`, `busy`, `edits`."
    )
    problems: list[SubmissionProblemAnswer] = Field(description="What it was refused for.")
    created_by: str
    created_at: Timestamp

    @classmethod
    def from_domain(cls, submission: Submission) -> "SubmissionAnswer":
        return cls.of(
            id=submission.id,
            claim_id=submission.claim_id,
            sequence=submission.sequence,
            state=submission.state,
            sha256=submission.sha256,
            idempotency_key=submission.idempotency_key,
            control_number=submission.control_number,
            reference=submission.reference,
            adjudication_ids=list(submission.adjudication_ids),
            attempts=submission.attempts,
            first_sent_at=submission.first_sent_at,
            last_sent_at=submission.last_sent_at,
            answered_at=submission.answered_at,
            clearinghouse_id=submission.clearinghouse_id,
            failure=submission.failure,
            problems=[SubmissionProblemAnswer.from_domain(problem) for problem in submission.problems],
            created_by=submission.created_by,
            created_at=submission.created_at,
        )

"""The clearinghouse's replies to a question, and what they say together.

An answer counts only when it is the answer to our question. Judging what it says is `domain/eligibility_results.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from app.domain.eligibility import CheckOutcome, EligibilityAnswer, EligibilityResult
from app.domain.eligibility_results import WHAT_TO_DO, assess
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable
from app.domain.findings import Finding, Severity
from app.use_cases.context import Context
from app.use_cases.eligibility_inquiries import ASKED, Exchange, Question
from app.x12 import eligibility_271


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why there is no answer, in a word of the clearinghouse port. The same question is refused again; else a later try
    may bring an answer, after `retry_after` if the clearinghouse said so.
    """

    reason: str
    is_refusal: bool = False
    retry_after: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer's text, or why there is none."""

    exchange: Exchange
    text: str | None = field(default=None, repr=False)
    failure: Failure | None = None


async def ask(context: Context, exchanges: Sequence[Exchange]) -> list[Reply]:
    """One after the other, until one fails: the question is answered by all of them or not at all."""
    replies: list[Reply] = []
    for exchange in exchanges:
        if any(reply.failure is not None for reply in replies):
            replies.append(Reply(exchange=exchange, failure=Failure(reason="not_sent")))
        else:
            replies.append(await _ask(context, exchange))
    return replies


async def _ask(context: Context, exchange: Exchange) -> Reply:
    try:
        return Reply(exchange=exchange, text=await context.clearinghouse.ask_eligibility(exchange.inquiry))
    except ClearinghouseUnavailable as error:
        failure = Failure(reason=error.reason, retry_after=timedelta(seconds=error.retry_after or 0))
    except ClearinghouseRefused as error:
        failure = Failure(reason=error.reason, is_refusal=True)
    return Reply(exchange=exchange, failure=failure)


def judge(question: Question, replies: Sequence[Reply]) -> EligibilityResult:
    """All replies together; one that failed leaves no result of the others."""
    answers: list[EligibilityAnswer] = []
    findings: list[Finding] = []
    for reply in replies:
        if reply.failure is not None:
            return _without_answer(reply.failure)
        read, found_in_text = eligibility_271.read(reply.text or "")
        answers += read
        findings += [*found_in_text, *_whose(reply.exchange, read)]
    result = assess(
        answers,
        service_date=question.check.service_date,
        expected=question.patient.person,
        member_id=question.coverage.member_id,
        asked_service_types=ASKED,
        findings=findings,
    )
    if result.outcome is CheckOutcome.CONFIRMED and _NOT_RETURNED in findings:
        outcome = CheckOutcome.ACTIVE_WITH_DIFFERENCES
        return replace(result, outcome=outcome, what_to_do=WHAT_TO_DO[CheckOutcome.ANSWER_UNREADABLE])
    return result


def cannot_be_asked(findings: tuple[Finding, ...]) -> EligibilityResult:
    outcome = CheckOutcome.CANNOT_BE_ASKED
    return EligibilityResult(outcome=outcome, what_to_do=WHAT_TO_DO[outcome], active=None, findings=findings)


def not_finished() -> EligibilityResult:
    """For a check whose job is given up: it lost its worker, or failed in a way nobody thought of, each time."""
    finding = Finding(code="check_not_finished", message="The check was begun several times and never finished.")
    return _unavailable(finding)


def _without_answer(failure: Failure) -> EligibilityResult:
    if failure.is_refusal:
        code = f"clearinghouse_refused_{failure.reason}"
        finding = Finding(code=code, message="The clearinghouse refused the question as it stands.")
        return replace(
            cannot_be_asked((finding,)),
            what_to_do="Compare coverage and patient with the card, and check again; if nothing differs, call the payer.",
        )
    code = f"clearinghouse_{failure.reason}"
    return _unavailable(Finding(code=code, message="No usable answer came from the clearinghouse."))


def _unavailable(finding: Finding) -> EligibilityResult:
    outcome = CheckOutcome.CLEARINGHOUSE_UNAVAILABLE
    return EligibilityResult(outcome=outcome, what_to_do=WHAT_TO_DO[outcome], active=None, findings=(finding,))


_NOT_RETURNED: Final = Finding(
    code="trace_number_not_returned",
    message="The answer does not say which question it answers.",
    severity=Severity.WARNING,
    location="2000C TRN02",
)
_NOT_OURS: Final = Finding(
    code="trace_number_differs",
    message="The answer says that it answers another question.",
    severity=Severity.ERROR,
    location="2000C TRN02",
)


def _whose(exchange: Exchange, answers: Sequence[EligibilityAnswer]) -> tuple[Finding, ...]:
    """A 271 repeats the trace number of its 270 (TRN with TRN01 2; 005010X279A1, 2000C and 2000D) and BHT03.

    A clearinghouse may put a trace number of its own beside ours. A refusal above the person has no TRN, and some payers
    leave it out: then BHT03 may speak for the answer, but never against it, as some put a number of their own there.
    """
    said = [exchange.trace_number in answer.trace_numbers for answer in answers if answer.trace_numbers]
    if not all(said):
        return (_NOT_OURS,)
    if said or any(answer.reference == exchange.trace_number for answer in answers):
        return ()
    return (_NOT_RETURNED,) if any(answer.benefits for answer in answers) else ()

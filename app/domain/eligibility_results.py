"""What a payer's answer means for a front desk: active or not, whose coverage, what it costs, what to do.

`assess` takes the answers of one or two 271s (two where the payer takes one question each) and judges them together
(domain rules A6 and A7). It confirms only what it can: plan active on the day, no rejection, and member id, last name
and birth date as we have them. It never proves the order of payers. Findings point at `/member_id` of the coverage and
at `/patient/...` of its patient, and hold no value; informational findings of the reading stay with the raw answer.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain import cost_shares
from app.domain.coverage_dates import in_force
from app.domain.eligibility import (
    Benefit,
    BenefitKind,
    CheckOutcome,
    EligibilityAnswer,
    EligibilityResult,
    PayerRejection,
    ReturnedMember,
    ServiceType,
)
from app.domain.eligibility_rejections import RejectionReason, reason_for
from app.domain.findings import Finding, Severity, has_error
from app.domain.identifiers import compact
from app.domain.other_payers import carve_outs, other_payers
from app.domain.parties import Person

WHAT_TO_DO: Final = {
    CheckOutcome.CONFIRMED: "Nothing: the coverage is active on this date and its details are the payer's.",
    CheckOutcome.ACTIVE_WITH_DIFFERENCES: "Compare the fields named in the findings with the card, and check again.",
    CheckOutcome.INACTIVE: "The coverage is not active on this date; ask the patient for the current one.",
    CheckOutcome.CLEARINGHOUSE_UNAVAILABLE: "The clearinghouse gave no answer; ask again in some minutes.",
    CheckOutcome.ANSWER_UNREADABLE: "The payer's answer cannot be relied on; ask again, or call the payer.",
    CheckOutcome.CANNOT_BE_ASKED: "Correct the fields named in the findings; the question cannot be sent as it is.",
}
"""For the outcomes that are not a payer's rejection; those have their sentence by reason."""

_CANNOT_PROCESS: Final = "V"
_ANY: Final = "*"  # no insurance type or plan name of a 271 read with the usual separators


def assess(
    answers: Sequence[EligibilityAnswer],
    *,
    service_date: date,
    expected: Person,
    member_id: str,
    asked_service_types: Sequence[str],
    findings: Iterable[Finding] = (),
) -> EligibilityResult:
    """The result for the person asked about, `expected`, the patient. `findings` are those of reading the answers."""
    noted = [_plain(finding) for finding in findings if finding.severity is not Severity.INFORMATION]
    if not answers or has_error(noted):
        return _unreadable(noted)
    about, others = _told_apart(answers, expected)
    if others:
        noted.append(_warning("other_member_in_answer", "The answer also names other people; they were set aside."))
    asked = tuple(asked_service_types) or tuple(code.value for code in ServiceType)
    rejections = [rejection for answer in about for rejection in answer.rejections]
    plan = _plan(about, asked, service_date)
    noted += plan.findings
    outcome, what_to_do, active = _outcome(plan, rejections)
    if plan.active is None and outcome is CheckOutcome.INACTIVE:
        noted.append(_warning("coverage_not_stated", "The answer does not say whether the plan is active."))
    if active:
        noted += [*_differences(about, expected, member_id), *_rejected_parts(rejections), *_carved_out(about)]
        if outcome is CheckOutcome.CONFIRMED and any(finding.code in _BLOCKING for finding in noted):
            outcome = CheckOutcome.ACTIVE_WITH_DIFFERENCES
            what_to_do = WHAT_TO_DO[outcome]
    current = [benefit for answer in about for benefit in answer.benefits if in_force(service_date, benefit.dates)]
    noted += [*_doubtful_percentages(current), *_unusable_figures(current)]
    return EligibilityResult(
        outcome=outcome,
        what_to_do=what_to_do,
        active=active,
        plan_name=plan.name,
        copayments=cost_shares.copayments(current, asked),
        coinsurances=cost_shares.coinsurances(current, asked),
        deductibles=cost_shares.deductibles(current, asked),
        out_of_pocket=cost_shares.out_of_pocket(current, asked),
        other_payers=other_payers(about),
        carve_outs=carve_outs(about) if active else (),
        rejection_codes=tuple(dict.fromkeys(rejection.reason_code for rejection in rejections)),
        findings=tuple(dict.fromkeys(noted)),
    )


def _unreadable(noted: list[Finding]) -> EligibilityResult:
    outcome = CheckOutcome.ANSWER_UNREADABLE
    return EligibilityResult(
        outcome=outcome, what_to_do=WHAT_TO_DO[outcome], active=None, findings=tuple(dict.fromkeys(noted))
    )


# Active or not


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """`active` is None where the answer says nothing about the plan."""

    active: bool | None
    name: str | None = None
    cannot_process: bool = False
    findings: tuple[Finding, ...] = ()


def _plan(answers: Sequence[EligibilityAnswer], asked: Sequence[str], day: date) -> _Plan:
    """What is said of the plan: service type 30 or none. A payer of one benefit class only, such as mental health, may
    say nothing of that; then what it says of the services that were asked for counts.
    """
    said = _said_of(answers, frozenset({ServiceType.PLAN_COVERAGE.value})) or _said_of(answers, frozenset(asked))
    current = [
        benefit
        for answer, benefit in said
        if benefit.kind is BenefitKind.ACTIVE and in_force(day, benefit.dates, answer.plan_dates)
    ]
    inactive = [benefit for _, benefit in said if benefit.kind is BenefitKind.INACTIVE and in_force(day, benefit.dates)]
    active = _not_contradicted(current, inactive)
    named = active or current or [benefit for _, benefit in said]
    name = next((benefit.plan_name for benefit in named if benefit.plan_name), None)
    if active:
        return _Plan(active=True, name=name)
    if current:
        message = "The payer says both active and inactive for the same plan on this date."
        return _Plan(active=False, name=name, findings=(_warning("coverage_contradictory", message),))
    if said:
        return _Plan(active=False, name=name)
    cannot = any(benefit.code == _CANNOT_PROCESS for answer in answers for benefit in answer.benefits)
    return _Plan(active=None, cannot_process=cannot)


def _said_of(answers: Sequence[EligibilityAnswer], types: frozenset[str]) -> list[tuple[EligibilityAnswer, Benefit]]:
    return [
        (answer, benefit)
        for answer in answers
        for benefit in answer.benefits
        if benefit.kind in {BenefitKind.ACTIVE, BenefitKind.INACTIVE}
        and (not benefit.service_type_codes or types & frozenset(benefit.service_type_codes))
    ]


def _not_contradicted(active: Sequence[Benefit], inactive: Sequence[Benefit]) -> list[Benefit]:
    """What is inactive contradicts the same plan, and any plan where either of the two leaves its type or name open."""
    said = {
        (kind, name)
        for benefit in inactive
        for kind in (benefit.insurance_type_code, _ANY)
        for name in (benefit.plan_name, _ANY)
    }
    return [benefit for benefit in active if said.isdisjoint(_policies(benefit))]


def _policies(benefit: Benefit) -> list[tuple[str | None, str | None]]:
    kinds = (benefit.insurance_type_code, None) if benefit.insurance_type_code else (_ANY,)
    names = (benefit.plan_name, None) if benefit.plan_name else (_ANY,)
    return [(kind, name) for kind in kinds for name in names]


def _outcome(plan: _Plan, rejections: Sequence[PayerRejection]) -> tuple[CheckOutcome, str, bool | None]:
    if plan.active:
        return CheckOutcome.CONFIRMED, WHAT_TO_DO[CheckOutcome.CONFIRMED], True
    if plan.active is None and (rejections or plan.cannot_process):
        reason: RejectionReason = reason_for(rejections)
        return reason.outcome, reason.what_to_do, None
    return CheckOutcome.INACTIVE, WHAT_TO_DO[CheckOutcome.INACTIVE], False


# Whose coverage


def _told_apart(
    answers: Sequence[EligibilityAnswer], expected: Person
) -> tuple[list[EligibilityAnswer], list[EligibilityAnswer]]:
    """Some payers answer for the whole family. Others are set aside only if somebody is exactly the patient."""
    if not any(_is_exactly(answer.member, expected) for answer in answers):
        return list(answers), []
    about: list[EligibilityAnswer] = []
    others: list[EligibilityAnswer] = []
    for answer in answers:
        (others if _is_somebody_else(answer.member, expected) else about).append(answer)
    return about, others


def _is_exactly(member: ReturnedMember | None, person: Person) -> bool:
    return (
        member is not None
        and member.birth_date == person.birth_date
        and _letters(member.last_name) == _letters(person.name.last)
        and _letters(member.first_name) == _letters(person.name.first)
    )


def _is_somebody_else(member: ReturnedMember | None, person: Person) -> bool:
    if member is None:
        return False
    other_name = bool(member.first_name) and _letters(member.first_name) != _letters(person.name.first)
    return other_name or (member.birth_date is not None and member.birth_date != person.birth_date)


_BLOCKING: Final = frozenset(
    {
        *(
            f"{name}_{what}"
            for name in ("member_id", "last_name", "birth_date")
            for what in ("differs", "not_returned")
        ),
        "part_rejected",
    }
)


def _differences(answers: Sequence[EligibilityAnswer], expected: Person, member_id: str) -> list[Finding]:
    """Member id, last name and birth date must come back, and be ours (domain rule A6).

    A dependent has no NM109 in the 271: the subscriber's is the policy's.
    """
    members = [(answer.member or ReturnedMember(), answer.subscriber or ReturnedMember()) for answer in answers]
    level = "D" if any(answer.member != answer.subscriber for answer in answers) else "C"
    ids = [compact(member.member_id or subscriber.member_id or "") for member, subscriber in members]
    names = [_letters(member.last_name) for member, _ in members]
    births = [member.birth_date for member, _ in members]
    return [
        *_difference("member_id", "/member_id", "2100C NM109", ids, compact(member_id)),
        *_difference("last_name", "/patient/name/last", f"2100{level} NM103", names, _letters(expected.name.last)),
        *_difference("birth_date", "/patient/birth_date", f"2100{level} DMG02", births, expected.birth_date),
    ]


def _difference(
    field: str, pointer: str, location: str, returned: Sequence[object], expected: object
) -> tuple[Finding, ...]:
    """Two answers need not both return a value, but what is returned must be ours."""
    given = [value for value in returned if value]
    if given and all(value == expected for value in given):
        return ()
    word = field.replace("_", " ")
    if given:
        code, message = f"{field}_differs", f"The {word} differs from what the payer has."
    else:
        code, message = f"{field}_not_returned", f"The payer did not return the {word}."
    return (_warning(code, message, pointer=pointer, location=location),)


def _letters(text: str | None) -> str:
    """Comparable form of a name: no case, diacritics, punctuation or blanks."""
    decomposed = unicodedata.normalize("NFKD", text or "")
    return "".join(character for character in decomposed if character.isalnum()).casefold()


# What else to know


def _rejected_parts(rejections: Sequence[PayerRejection]) -> list[Finding]:
    message = "The payer rejected a part of the question."
    return [_warning("part_rejected", message, location=f"{rejection.loop} AAA03") for rejection in rejections]


def _carved_out(answers: Sequence[EligibilityAnswer]) -> list[Finding]:
    if not carve_outs(answers):
        return []
    return [_warning("carve_out", "The plan is active, but another payer handles its mental health benefits.")]


def _doubtful_percentages(benefits: Iterable[Benefit]) -> list[Finding]:
    """EB08 is a fraction; some payers send 20 for 0.2. It is kept as sent."""
    if not any(benefit.percent is not None and benefit.percent > 1 for benefit in benefits):
        return []
    return [
        _warning("percent_above_one", "A percentage is above 1, which would be more than all.", location="2110C EB08")
    ]


def _unusable_figures(benefits: Iterable[Benefit]) -> list[Finding]:
    if not cost_shares.unusable(benefits):
        return []
    message = "A figure is below zero or too large to be what a patient owes; it is left out."
    return [_warning("cost_share_unusable", message, location="2110C EB07")]


def _warning(code: str, message: str, *, pointer: str | None = None, location: str | None = None) -> Finding:
    return Finding(code=code, message=message, severity=Severity.WARNING, pointer=pointer, location=location)


def _plain(finding: Finding) -> Finding:
    """A finding of the reading without its byte place: results are stored and compared as plain values."""
    return Finding(
        code=finding.code,
        message=finding.message,
        severity=finding.severity,
        pointer=finding.pointer,
        location=finding.location,
        repair_ids=finding.repair_ids,
    )

"""What a person entered as a payer's decision: made whole, or refused with everything that is wrong (domain rules B2 to B5).

What does not fit in itself is `Invalid`. What is fine in itself and lacks something because of what else is recorded, such
as a reason out of network or a decision for each line, is a rule's `Conflict`, whose code says what to enter. Amounts that do
not add up are no reason to refuse; they are kept and shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from app.domain.adjudication_checks import check_decision
from app.domain.adjudication_forms import FormTerms, ShortForm, decision_from_totals
from app.domain.adjudications import Decision
from app.domain.claim_outcomes import is_forwarded
from app.domain.claims import Claim
from app.domain.codes import PayerResponsibility
from app.domain.coordination import order_on
from app.domain.errors import Conflict, Invalid, LinesRequired, Member
from app.domain.findings import Finding, Severity, has_error
from app.domain.money import ZERO
from app.domain.service_lines import ServiceLine
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_parts import profile_of, providers_of
from app.use_cases.claim_reviews import needs_lines
from app.use_cases.context import found
from app.use_cases.patients import practice_today

Entered: TypeAlias = ShortForm | Decision
"""The three totals of an explanation of benefits, or the decision in full."""

_RULES: Final = frozenset(
    {
        "lines_required",
        "adjustment_reason_required",
        "denial_reason_required",
        "earlier_payers_effect_refused",
        "earlier_payers_effect_required",
    }
)
"""What is missing or too much because of who the payer is, or who comes next."""
_BESIDE: Final = ("/adjudication_date", "/payer_claim_number")
"""They stand beside the totals and the decision in a body."""


async def whole_decision(uow: UnitOfWork, claim: Claim, entered: Entered, *, place: str = "") -> Decision:
    """The decision on the claim. `place` is where the entry stands in the body; findings point into it."""
    decision, findings = await _read(uow, claim, entered, place)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if decision is not None and not errors:
        return replace(decision, was_forwarded=is_forwarded(decision))
    if any(finding.code not in _RULES for finding in errors):
        raise Invalid(findings=findings)
    first = errors[0]
    if any(finding.code == "lines_required" for finding in errors):
        template = line_template(claim.content.lines)
        raise LinesRequired(first.message, findings=findings, members={"line_template": template})
    raise Conflict(first.message, code=first.code, findings=findings)


def line_template(lines: Iterable[ServiceLine]) -> Sequence[Member]:
    """What was billed on each line, for a form that asks what was decided on it."""
    return [
        {
            "line_id": str(line.id),
            "control_number": line.control_number,
            "procedure_code": line.procedure_code,
            "modifiers": list(line.modifiers),
            "charge": f"{line.charge:.2f}",
            "units": f"{line.units.normalize():f}",
            "first_date": line.first_date.isoformat(),
        }
        for line in lines
    ]


async def form_terms(uow: UnitOfWork, claim: Claim) -> FormTerms:
    """What totals on the claim are read by. Without a next payer nobody says that totals at claim level will do: one that
    is added later may want lines, so that lines it is.
    """
    day = claim.content.first_service_date
    order = order_on(await uow.coverages.of_patient(claim.patient_id), day)
    after = next((ranked for ranked in order if ranked.rank.number > claim.rank.number), None)
    terms = FormTerms(
        was_first=claim.rank is PayerResponsibility.PRIMARY,
        in_network=await _in_network(uow, claim),
    )
    if after is None:
        return terms
    payer = found(await uow.payers.get(after.coverage.payer_id))
    profile = await profile_of(uow, payer.id, claim.content)
    return replace(
        terms,
        claim_level_allowed=not needs_lines(payer, profile),
        is_medicare_destination=payer.is_original_medicare,
    )


async def _read(
    uow: UnitOfWork, claim: Claim, entered: Entered, place: str
) -> tuple[Decision | None, tuple[Finding, ...]]:
    content = claim.content
    decision: Decision | None
    of_form: tuple[Finding, ...]
    if isinstance(entered, Decision):
        decision, of_form, root = entered, (), f"{place}/decision"
    else:
        terms = await form_terms(uow, claim)
        decision, said = decision_from_totals(entered, lines=content.lines, terms=terms)
        root = f"{place}/totals"
        of_form = tuple(replace(finding, pointer=_of_form(finding, root, place)) for finding in said)
    checked = check_decision(
        decision or _without_amounts(entered),
        lines=content.lines,
        last_service_date=content.last_service_date,
        today=await practice_today(uow),
    )
    of_decision = tuple(replace(finding, pointer=_of_decision(finding, entered, root, place)) for finding in checked)
    return None if has_error(of_form) else decision, (*of_form, *of_decision)


def _without_amounts(entered: Entered) -> Decision:
    """The date and the number of a form that is no decision yet: what is wrong with them is said at once too."""
    return Decision(
        adjudication_date=entered.adjudication_date, paid=ZERO, payer_claim_number=entered.payer_claim_number
    )


def _of_form(finding: Finding, root: str, place: str) -> str:
    return f"{place}/decision/lines" if finding.code == "lines_required" else f"{root}{finding.pointer}"


def _of_decision(finding: Finding, entered: Entered, root: str, place: str) -> str:
    """Of a decision that was made from totals only the form has a place in the body."""
    if finding.pointer in _BESIDE:
        return f"{place}{finding.pointer}"
    return f"{root}{finding.pointer}" if isinstance(entered, Decision) else root


async def _in_network(uow: UnitOfWork, claim: Claim) -> bool | None:
    """The terms of who rendered the service, or of who bills; None when neither's are recorded."""
    content = claim.content
    providers = await providers_of(uow, content)
    for provider_id in (content.rendering_provider_id, content.billing_provider_id):
        provider = None if provider_id is None else providers.get(provider_id)
        for participation in () if provider is None else provider.participations:
            if participation.payer_id == claim.payer_id:
                return participation.in_network
    return None

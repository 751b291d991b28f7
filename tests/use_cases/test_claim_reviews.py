"""Reviews: what would be sent, all that is wrong with it at places that the review has, and what each payer left."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.answers import to_json
from app.api.schemas.claim_reviews import ReviewAnswer
from app.domain.adjudications import AdjudicationSource, Decision
from app.domain.claim_parts import ClaimParts
from app.domain.claim_states import ClaimStatus, HoldReason
from app.domain.errors import NotFound
from app.domain.findings import Severity
from app.domain.payers import ProfileEntry, ProfileSetting
from app.domain.practices import Practice
from app.use_cases.claim_reviews import Review, review_of
from app.use_cases.context import Context
from tests.domain.assembling import DECIDED, FIRST, LINE, SECOND, SECONDARY_PARTS, THIRD, with_content
from tests.domain.claims import a_line, parts_of_chain, some_content
from tests.domain.decisions import adjustment, at_claim_level, by_lines, decided_claims, on_line
from tests.factories import TODAY
from tests.running import Databases
from tests.use_cases.callers import staff
from tests.use_cases.decision_desk import (
    BLUE_HERON,
    CEDAR,
    MEADOWLARK,
    MEDICARE,
    DecisionDesk,
    opened,
    places,
    totals,
    unsplit,
)
from tests.x12.balance_837 import imbalances
from tests.x12.pyx12_oracle import complaints

Spoil = Callable[[ClaimParts], ClaimParts]


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[DecisionDesk]:
    async with opened(databases, practice) as one:
        yield one


@pytest.fixture(scope="session")
def reviewed(context: Context) -> Callable[[ClaimParts], Review]:
    return lambda parts: review_of(context, parts, today=TODAY, reference="REF-1")


def document_of(review: Review) -> Any:
    return json.loads(to_json(ReviewAnswer.from_review(review)))


def resolves(document: Any, pointer: str) -> bool:
    node = document
    for step in pointer.split("/")[1:]:
        if isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            return False
    return True


def lost(review: Review) -> list[tuple[str, str]]:
    """Pointers that neither resolve nor have a parent that does."""
    document = document_of(review)
    placed = [(one.code, one.pointer) for one in review.findings if one.pointer is not None]
    offered = [(one["finding_code"], one["pointer"]) for one in document["repairs"]]
    assumed = [(one["code"], one["pointer"]) for prior in document["prior_payers"] for one in prior["assumptions"]]
    return [
        (code, pointer)
        for code, pointer in (*placed, *offered, *assumed)
        if not resolves(document, pointer) and not resolves(document, pointer.rpartition("/")[0])
    ]


def _decision(change: Callable[[Decision], Decision]) -> Spoil:
    def spoil(parts: ClaimParts) -> ClaimParts:
        chain = tuple(
            one
            if one.adjudication is None
            else replace(one, adjudication=replace(one.adjudication, decision=change(one.adjudication.decision)))
            for one in parts.chain
        )
        return replace(parts, chain=chain)

    return spoil


def _services(**changes: Any) -> Spoil:
    return _decision(lambda one: replace(one, lines=tuple(replace(line, **changes) for line in one.lines)))


def _payers(**changes: Any) -> Spoil:
    return lambda parts: replace(parts, payers={key: replace(one, **changes) for key, one in parts.payers.items()})


_SPOILS: tuple[Spoil, ...] = (
    lambda parts: parts,
    _services(units=Decimal(-1)),
    _services(procedure_code="A*"),
    _services(procedure_qualifier="NU"),
    _services(modifiers=("1*", "95", "95", "95", "95")),
    _services(bundled_into_line_id=uuid4()),
    _services(line_id=uuid4()),
    _services(remaining_liability=Decimal("-1.00")),
    _decision(lambda one: replace(one, remark_codes=("?", "MA1", "MA2", "MA3", "MA4", "MA5"))),
    _decision(lambda one: replace(one, payer_claim_number="~")),
    _decision(lambda one: replace(one, adjustments=(*one.adjustments, adjustment("PR", "1.00")))),
    _decision(lambda one: replace(one, adjustments=(adjustment("CO-45", "0.00"), adjustment("CO-**", "1.00")))),
    _decision(lambda one: replace(one, remaining_liability=Decimal("3.00"))),
    _payers(name="~", electronic_id="~"),
    lambda parts: replace(parts, chain=()),
    lambda parts: replace(parts, practice=replace(parts.practice, tax_id="12", name="\u4e00")),
    lambda parts: replace(parts, claim=replace(parts.claim, patient_control_number="too long a number of it")),
    lambda parts: with_content(parts, diagnoses=("F411", "F411", "?"), place_of_service="00"),
    lambda parts: with_content(parts, lines=(a_line(procedure_code="?", control_number="", diagnosis_pointers=(9,)),)),
    lambda parts: with_content(parts, lines=()),
    lambda parts: with_content(parts, rendering_provider_id=None),
    lambda parts: with_content(parts, billing_provider_id=uuid4()),
)


@given(decided_claims(), st.lists(st.sampled_from(_SPOILS), max_size=3))
def test_every_pointer_of_a_review_finds_its_place_in_it(
    reviewed: Callable[[ClaimParts], Review],
    decided: tuple[tuple[Any, ...], Decision],
    spoils: Iterable[Spoil],
) -> None:
    lines, decision = decided
    parts = parts_of_chain((FIRST, SECOND, THIRD), (decision, decision), some_content(lines=lines))
    for spoil in spoils:
        parts = spoil(parts)
    if not parts.claim.content.lines:
        return
    assert lost(reviewed(parts)) == []


@given(decided_claims())
def test_a_review_without_an_error_has_a_text_that_balances_and_one_with_an_error_is_not_submittable(
    reviewed: Callable[[ClaimParts], Review], decided: tuple[tuple[Any, ...], Decision]
) -> None:
    lines, decision = decided
    review = reviewed(parts_of_chain((FIRST, SECOND), (decision,), some_content(lines=lines)))
    assert review.is_submittable is not review.has_error
    if not review.has_error:
        assert review.x12 is not None
        assert imbalances(review.x12) == []


def test_what_is_submittable_is_accepted_by_another_reader(reviewed: Callable[[ClaimParts], Review]) -> None:
    review = reviewed(SECONDARY_PARTS)
    assert review.x12 is not None
    assert complaints(review.x12) == []
    assert review.is_submittable


def test_a_fault_is_said_once_though_two_find_it(reviewed: Callable[[ClaimParts], Review]) -> None:
    unsplit_ = replace(
        DECIDED, lines=(on_line(LINE, "80.00", adjustment("CO-45", "45.00"), adjustment("PR", "25.00")),)
    )
    review = reviewed(parts_of_chain((FIRST, SECOND), (unsplit_,), some_content(lines=(LINE,))))
    assert places(review) == [("adjustment_reason_missing", "/prior_payers/0/adjudication/lines/0/adjustments/1")]
    assert review.x12 is None


def test_every_payer_ahead_was_billed_for_the_same_lines_not_only_the_last(
    reviewed: Callable[[ClaimParts], Review],
) -> None:
    """What the first one decided adds up to what it was billed, and the claim to the third says another charge."""
    parts = parts_of_chain((FIRST, SECOND, THIRD), (DECIDED, DECIDED), some_content(lines=(LINE,)))
    assert not reviewed(parts).has_error
    first, second = parts.chain
    less = replace(LINE, charge=Decimal("140.00"))
    billed = replace(first.claim, content=replace(first.claim.content, lines=(less,)))
    decision = by_lines(on_line(less, "80.00", adjustment("CO-45", "35.00"), adjustment("PR-3", "25.00")))
    assert first.adjudication is not None
    decided = replace(first, claim=billed, adjudication=replace(first.adjudication, decision=decision))
    review = reviewed(replace(parts, chain=(decided, second)))
    assert places(review) == [("line_changed", "/claim/lines/0/charge")]


def test_a_claim_without_lines_is_reviewed_too(reviewed: Callable[[ClaimParts], Review]) -> None:
    review = reviewed(with_content(SECONDARY_PARTS, lines=()))
    assert review.x12 is None
    assert "lines_missing" in {finding.code for finding in review.findings}


@pytest.mark.parametrize("status", ClaimStatus)
def test_only_a_draft_or_a_rejected_claim_is_submittable(
    reviewed: Callable[[ClaimParts], Review], status: ClaimStatus
) -> None:
    hold = HoldReason.BY_HAND if status is ClaimStatus.HELD else None
    claim = replace(SECONDARY_PARTS.claim, status=status, hold_reason=hold)
    review = reviewed(replace(SECONDARY_PARTS, claim=claim))
    assert review.is_submittable is (status in {ClaimStatus.DRAFT, ClaimStatus.REJECTED})
    assert not review.has_error


@pytest.mark.parametrize("reason", HoldReason)
def test_every_hold_is_a_warning_at_its_reason(reviewed: Callable[[ClaimParts], Review], reason: HoldReason) -> None:
    claim = replace(SECONDARY_PARTS.claim, status=ClaimStatus.HELD, hold_reason=reason)
    [finding] = reviewed(replace(SECONDARY_PARTS, claim=claim)).findings
    assert (finding.code, finding.severity, finding.pointer) == (
        "claim_held",
        Severity.WARNING,
        "/claim/hold_reason",
    )


def test_a_repaired_remittance_is_no_paper(reviewed: Callable[[ClaimParts], Review]) -> None:
    off = by_lines(on_line(LINE, "80.00", adjustment("CO-45", "45.00")))
    parts = parts_of_chain((FIRST, SECOND), (off,), some_content(lines=(LINE,)))

    def kinds(**changes: Any) -> set[str]:
        [one] = parts.chain
        assert one.adjudication is not None
        chain = (replace(one, adjudication=replace(one.adjudication, **changes)),)
        return {offer.repair.kind.value for offer in reviewed(replace(parts, chain=chain)).repairs}

    assert "remainder_to_pr_192" in kinds(source=AdjudicationSource.MANUAL)
    assert "remainder_to_pr_192" in kinds(source=AdjudicationSource.REPAIR)
    assert "remainder_to_pr_192" not in kinds(source=AdjudicationSource.ERA, response_id=uuid4())
    assert "remainder_to_pr_192" not in kinds(source=AdjudicationSource.REPAIR, response_id=uuid4())


async def test_totals_that_do_not_add_up_are_named_with_their_cents(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals("80.00", "40.00", "25.00"))
    review = await desk.review(secondary)
    [finding] = review.findings
    assert (finding.code, finding.pointer, finding.location) == (
        "line_out_of_balance",
        "/prior_payers/0/adjudication/lines/0",
        "2430 CAS",
    )
    assert "5.00 less" in finding.message
    assert set(finding.repair_ids) == {offered.repair.id for offered in review.repairs}
    assert not review.is_submittable
    document = document_of(review)
    assert document["prior_payers"][0]["balance"]["lines"][0]["difference"] == "5.00"
    assert [one["kind"] for one in document["repairs"]] == [
        "remainder_to_co_45",
        "remainder_to_pr_1",
        "remainder_to_pr_2",
        "remainder_to_pr_3",
        "remainder_to_pr_192",
        "paid_corrected",
    ]


async def test_every_default_is_shown(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=totals())
    assumptions = document_of(await desk.review(secondary))["prior_payers"][0]["assumptions"]
    assert {one["code"]: one["pointer"] for one in assumptions} == {
        "contractual_reduction_assumed": "/prior_payers/0/adjudication/lines/0/adjustments/0",
        "service_as_billed_assumed": "/prior_payers/0/adjudication/lines/0",
        "remaining_liability_assumed": "/prior_payers/0/adjudication/lines/0/remaining_liability",
    }


async def test_responsibility_nobody_has_split_blocks(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(), entered=unsplit("80.00", "45.00", "25.00"))
    review = await desk.review(secondary)
    assert places(review) == [("adjustment_reason_missing", "/prior_payers/0/adjudication/lines/0/adjustments/1")]
    assert {offered.repair.kind.value for offered in review.repairs} == {
        "responsibility_to_pr_1",
        "responsibility_to_pr_2",
        "responsibility_to_pr_3",
        "responsibility_to_pr_192",
    }


async def test_a_payer_that_wants_lines_says_so_of_a_decision_at_claim_level(desk: DecisionDesk) -> None:
    primary = await desk.encounter(MEADOWLARK, BLUE_HERON, charges=("100.00", "200.00"))
    entered = at_claim_level("160.00", adjustment("CO-45", "90.00"), adjustment("PR-2", "50.00"))
    secondary = await desk.next(primary, entered=entered)
    assert places(await desk.review(secondary)) == [("lines_required", "/prior_payers/0/adjudication/lines")]


async def test_medicare_wants_lines_whatever_its_profile_says(desk: DecisionDesk) -> None:
    entry = ProfileEntry(
        id=uuid4(),
        payer_id=MEDICARE,
        setting=ProfileSetting.CLAIM_LEVEL_ADJUDICATION_ALLOWED,
        value=True,
        effective_from=None,
        effective_to=None,
        source="told on the telephone",
        source_url=None,
        noted_on=TODAY,
        practice_override=True,
    )
    await desk.do(lambda uow: uow.payer_profiles.add(entry, created_at=uow.now))
    primary = await desk.encounter(MEADOWLARK, MEDICARE, charges=("100.00", "200.00"))
    secondary = await desk.next(primary, entered=at_claim_level("250.00", adjustment("PR-2", "50.00")))
    assert ("lines_required", "/prior_payers/0/adjudication/lines") in places(await desk.review(secondary))


async def test_a_later_claim_is_held_against_what_each_payer_ahead_was_billed(desk: DecisionDesk) -> None:
    primary = await desk.encounter(MEADOWLARK, BLUE_HERON, CEDAR)
    secondary = await desk.next(primary, entered=totals())
    tertiary = await desk.next(secondary, entered=totals("15.00", "0.00", "10.00", earlier_payers_effect="125.00"))
    (line,) = primary.content.lines
    corrected = replace(primary.content, lines=(replace(line, charge=Decimal("151.00")),))
    await desk.claims.becomes(await desk.reread(primary), content=corrected)
    assert ("line_changed", "/claim/lines/0/charge") in places(await desk.review(tertiary))


async def test_a_primary_draft_is_reviewed_as_well(desk: DecisionDesk) -> None:
    review = await desk.review(await desk.encounter())
    assert (places(review), review.prior_payers, review.repairs) == ([], (), ())
    assert review.amount_asked == Decimal("150.00")
    assert review.is_submittable


async def test_a_look_at_a_review_is_in_the_trail(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    await desk.review(claim)
    entry = (await desk.claims.audit())[0].entry
    assert (entry.action, entry.record_type, entry.record_id) == ("read", "claim_review", claim.id)


async def test_another_practice_has_no_such_review(desk: DecisionDesk, databases: Databases) -> None:
    claim = await desk.encounter()
    stranger = staff(await databases.add_practice())
    theirs = DecisionDesk(replace(desk.claims, coverages=replace(desk.claims.coverages, tenant=stranger)))
    with pytest.raises(NotFound):
        await theirs.review(claim)
    with pytest.raises(NotFound):
        await theirs.versions(claim)
    with pytest.raises(NotFound):
        await theirs.enter(claim, totals())
    with pytest.raises(NotFound):
        await theirs.next(claim)
    with pytest.raises(NotFound):
        await theirs.repair(claim, "0" * 32)

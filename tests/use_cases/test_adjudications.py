"""Decisions by hand on a real database: both forms, what is refused, versions, what a change does to later claims."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.adjudications import AdjudicationSource, AdjudicationStatus, AdjustmentGroup
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus, HoldReason
from app.domain.codes import AcceptsAssignment
from app.domain.errors import LinesRequired, NotFound, StaleVersion
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation
from app.domain.work_items import WorkItemKind, WorkItemStatus
from tests.domain.decisions import adjustment, at_claim_level, by_lines, on_line
from tests.factories import a_provider
from tests.planting import new_npi
from tests.running import Databases
from tests.use_cases.claim_desk import conflict, findings
from tests.use_cases.decision_desk import (
    BLUE_HERON,
    CEDAR,
    DECIDED_ON,
    MEADOWLARK,
    MEDICARE,
    DecisionDesk,
    opened,
    totals,
)

CO, PR = AdjustmentGroup.CONTRACTUAL, AdjustmentGroup.PATIENT_RESPONSIBILITY


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[DecisionDesk]:
    async with opened(databases, practice) as one:
        yield one


async def test_three_totals_on_one_line_become_a_decision_of_the_line(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    view = await desk.enter(claim, totals(payer_claim_number="ICN1"))
    decided = view.adjudication
    assert (decided.number, decided.status, decided.source, decided.outcome) == (
        1,
        AdjudicationStatus.CURRENT,
        AdjudicationSource.MANUAL,
        ClaimOutcome.PAID,
    )
    [line] = decided.decision.lines
    assert line.line_id == claim.content.lines[0].id
    assert line.adjustments == (adjustment("CO-45", "45.00"), adjustment("PR-3", "25.00"))
    assert decided.decision.adjustments == ()
    assert {one.code for one in decided.decision.assumptions} == {
        "contractual_reduction_assumed",
        "service_as_billed_assumed",
        "remaining_liability_assumed",
    }
    assert (view.claim.status, view.claim.outcome, view.claim.payer_claim_number, view.claim.version) == (
        ClaimStatus.PAID,
        ClaimOutcome.PAID,
        "ICN1",
        claim.version + 1,
    )
    assert await desk.reread(claim) == view.claim


async def test_a_decision_is_told_in_the_timeline_and_in_the_trail(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    view = await desk.enter(claim, totals())
    event = (await desk.claims.timeline(claim))[-1]
    assert (event.kind, event.facts["from_status"], event.facts["to_status"]) == (
        ClaimEventKind.ADJUDICATED,
        "draft",
        "paid",
    )
    assert event.facts["adjudication_id"] == str(view.adjudication.id)
    entry = (await desk.claims.audit())[1].entry  # the newest is the look at the timeline
    assert (entry.action, entry.record_type, entry.record_id) == ("create", "adjudication", view.adjudication.id)


async def test_what_does_not_add_up_is_kept(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    view = await desk.enter(claim, totals("80.00", "40.00", "25.00"))
    assert view.claim.status is ClaimStatus.PAID


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        (totals("0.00", "150.00", "0.00"), "denial_reason_required"),
        (totals(earlier_payers_effect="5.00"), "earlier_payers_effect_refused"),
    ],
)
async def test_what_a_rule_asks_for_is_a_conflict_with_its_finding(
    desk: DecisionDesk, entered: object, code: str
) -> None:
    claim = await desk.encounter()
    refusal = await conflict(code, desk.enter(claim, entered))  # type: ignore[arg-type]
    assert {finding.code for finding in refusal.findings} == {code}
    assert all((finding.pointer or "").startswith("/totals/") for finding in refusal.findings)
    assert (await desk.reread(claim)).version == claim.version


@pytest.mark.parametrize("in_network", [False, None])
async def test_no_reason_is_taken_by_default_out_of_network_or_where_nobody_recorded_it(
    desk: DecisionDesk, in_network: bool | None
) -> None:
    claim = await desk.encounter(in_network=in_network)
    refusal = await conflict("adjustment_reason_required", desk.enter(claim, totals()))
    assert [finding.pointer for finding in refusal.findings] == [
        "/totals/adjustment_group",
        "/totals/adjustment_reason_code",
    ]
    view = await desk.enter(claim, totals(adjustment_group=PR, adjustment_reason_code="45"))
    assert view.adjudication.decision.lines[0].adjustments[0] == adjustment("PR-45", "45.00")


async def test_who_bills_counts_when_nobody_is_named_who_rendered(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    rendering = claim.content.rendering_provider_id
    changed = await desk.claims.becomes(
        claim, content=replace(claim.content, rendering_provider_id=None, billing_provider_id=rendering)
    )
    assert (await desk.enter(changed, totals())).adjudication.outcome is ClaimOutcome.PAID


async def test_who_rendered_the_service_counts_before_who_bills(desk: DecisionDesk) -> None:
    claim = await desk.encounter(in_network=False)
    terms = PayerParticipation(payer_id=MEADOWLARK, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=True)
    group = a_provider(id=uuid4(), npi=new_npi(), participations=(terms,))
    assert await desk.do(lambda uow: uow.providers.add(group))
    billed = await desk.claims.becomes(claim, content=replace(claim.content, billing_provider_id=group.id))
    await conflict("adjustment_reason_required", desk.enter(billed, totals()))


async def test_everything_wrong_with_totals_is_said_at_once(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    entered = replace(
        totals(copay="20.00"), adjudication_date=date(2026, 8, 1), payer_claim_number="icn*1", paid=Decimal("-1.00")
    )
    assert await findings(desk.enter(claim, entered)) == {
        ("amount_negative", "/totals/paid"),
        ("adjudication_before_service", "/adjudication_date"),
        ("payer_claim_number_format", "/payer_claim_number"),
    }
    tomorrow = DECIDED_ON.replace(year=DECIDED_ON.year + 20)
    assert await findings(desk.enter(claim, replace(totals(copay="20.00"), adjudication_date=tomorrow))) == {
        ("split_mismatch", "/totals/patient_responsibility"),
        ("adjudication_in_future", "/adjudication_date"),
    }


async def test_what_is_wrong_with_a_whole_decision_points_into_it(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    line = claim.content.lines[0]
    service = on_line(line, "80.00", adjustment("CO-45", "0.00"))
    entered = by_lines(service, service, paid=Decimal("-1.00"), remark_codes=("x",))
    assert await findings(desk.enter(claim, entered)) == {
        ("amount_negative", "/decision/paid"),
        ("remark_code_format", "/decision/remark_codes/0"),
        ("adjustment_zero", "/decision/lines/0/adjustments/0"),
        ("adjustment_zero", "/decision/lines/1/adjustments/0"),
        ("line_repeated", "/decision/lines/1"),
    }
    other = (await desk.claims.create()).content.lines[0]
    assert await findings(desk.enter(claim, by_lines(on_line(other, "1.00")))) == {
        ("line_unknown", "/decision/lines/0/line_id")
    }


async def test_a_sum_that_no_claim_can_carry_points_at_the_totals(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    most = "99999999.99"
    entered = totals("0.00", most, most, copay=most, adjustment_group=PR, adjustment_reason_code="3")
    assert await findings(desk.enter(claim, entered)) == {("amount_invalid", "/totals")}


async def test_several_lines_ask_for_lines_and_show_them(desk: DecisionDesk) -> None:
    claim = await desk.encounter(charges=("100.00", "200.00"))
    with pytest.raises(LinesRequired) as refusal:
        await desk.enter(claim, totals("160.00", "90.00", "50.00"))
    assert [finding.pointer for finding in refusal.value.findings] == ["/decision/lines"]
    template = refusal.value.members["line_template"]
    assert template == [
        {
            "line_id": str(line.id),
            "control_number": line.control_number,
            "procedure_code": "90837",
            "modifiers": [],
            "charge": charge,
            "units": "1",
            "first_date": line.first_date.isoformat(),
        }
        for line, charge in zip(claim.content.lines, ("100.00", "200.00"), strict=True)
    ]
    entry = (await desk.claims.audit())[0].entry
    assert (entry.action, entry.record_id) == ("read", claim.id)


@pytest.mark.parametrize("next_payer", [CEDAR, MEDICARE])
async def test_without_a_profile_that_says_otherwise_lines_are_wanted(desk: DecisionDesk, next_payer: object) -> None:
    claim = await desk.encounter(BLUE_HERON, next_payer, charges=("100.00", "200.00"))  # type: ignore[arg-type]
    with pytest.raises(LinesRequired):
        await desk.enter(claim, totals("160.00", "90.00", "50.00"))


async def test_without_a_next_payer_several_lines_are_wanted_too(desk: DecisionDesk) -> None:
    claim = await desk.encounter(MEADOWLARK, charges=("100.00", "200.00"))
    with pytest.raises(LinesRequired):
        await desk.enter(claim, totals("160.00", "90.00", "50.00"))


async def test_totals_of_several_lines_stay_at_claim_level_where_the_next_payer_takes_them(desk: DecisionDesk) -> None:
    claim = await desk.encounter(BLUE_HERON, MEADOWLARK, charges=("100.00", "200.00"))
    decision = (await desk.enter(claim, totals("160.00", "90.00", "50.00", coinsurance="50.00"))).adjudication.decision
    assert decision == replace(
        at_claim_level("160.00", adjustment("CO-45", "90.00"), adjustment("PR-2", "50.00")),
        adjudication_date=DECIDED_ON,
        assumptions=decision.assumptions,
    )
    assert "claim_level_assumed" in {one.code for one in decision.assumptions}


async def test_of_a_later_payers_totals_the_payer_after_it_says_whether_they_will_do(desk: DecisionDesk) -> None:
    primary = await desk.encounter(CEDAR, BLUE_HERON, MEADOWLARK, charges=("100.00", "200.00"))
    by_line = by_lines(
        on_line(primary.content.lines[0], "60.00", adjustment("PR-2", "40.00")),
        on_line(primary.content.lines[1], "100.00", adjustment("PR-2", "100.00")),
    )
    secondary = await desk.next(primary, entered=by_line)
    view = await desk.enter(secondary, totals("100.00", "0.00", "40.00", earlier_payers_effect="160.00"))
    assert view.adjudication.decision.lines == ()


async def test_one_reason_for_the_whole_charge_is_no_guess(desk: DecisionDesk) -> None:
    claim = await desk.encounter(charges=("100.00", "200.00"))
    view = await desk.enter(claim, totals("0.00", "300.00", "0.00", denial_group=PR, denial_reason_code="96"))
    assert [one.adjustments for one in view.adjudication.decision.lines] == [
        (adjustment("PR-96", "100.00"),),
        (adjustment("PR-96", "200.00"),),
    ]
    assert (view.claim.status, view.claim.outcome) == (ClaimStatus.DENIED, ClaimOutcome.DENIED)


async def test_a_decision_on_some_lines_is_none_yet(desk: DecisionDesk) -> None:
    claim = await desk.encounter(charges=("100.00", "200.00"))
    partly = by_lines(on_line(claim.content.lines[0], "100.00"))
    view = await desk.enter(claim, partly)
    assert (view.claim.status, view.claim.outcome) == (ClaimStatus.DRAFT, ClaimOutcome.PARTIALLY_ADJUDICATED)
    whole = by_lines(on_line(claim.content.lines[0], "100.00"), on_line(claim.content.lines[1], "200.00"))
    paid = (await desk.enter(view.claim, whole)).claim
    assert paid.status is ClaimStatus.PAID
    undone = (await desk.enter(paid, partly)).claim
    assert (undone.status, undone.outcome) == (ClaimStatus.PENDED, ClaimOutcome.PARTIALLY_ADJUDICATED)


@pytest.mark.parametrize(("remarks", "forwarded"), [(("MA18",), True), (("MA18", "MA19"), False), ((), False)])
async def test_a_remark_that_says_forwarded_is_read(
    desk: DecisionDesk, remarks: tuple[str, ...], forwarded: bool
) -> None:
    claim = await desk.encounter()
    entered = by_lines(on_line(claim.content.lines[0], "150.00"), remark_codes=remarks)
    assert (await desk.enter(claim, entered)).adjudication.decision.was_forwarded is forwarded


async def test_each_entry_is_a_version_and_one_is_current(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    first = await desk.enter(claim, totals())
    second = await desk.enter(first.claim, totals("70.00", "55.00"))
    third = await desk.enter(second.claim, totals("70.00", "55.00"))
    assert third.claim.version == second.claim.version + 1
    versions = await desk.versions(claim)
    assert [(one.number, one.status.value) for one in versions] == [
        (3, "current"),
        (2, "superseded"),
        (1, "superseded"),
    ]
    assert [one.number for one in await desk.versions(claim, before=3, limit=1)] == [2]


async def test_of_two_entries_at_once_one_is_stale(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    outcomes = await asyncio.gather(*(desk.enter(claim, totals()) for _ in range(6)), return_exceptions=True)
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [StaleVersion] * 5


async def test_an_entry_that_is_repeated_is_answered_again(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    await desk.enter(claim, totals(), key="k")
    with pytest.raises(IndexError):  # nothing is rendered a second time
        await desk.enter(claim, totals(), key="k")
    assert len(await desk.versions(claim)) == 1


async def test_a_claim_that_is_over_takes_no_decision(desk: DecisionDesk) -> None:
    claim = await desk.claims.becomes(await desk.encounter(), status=ClaimStatus.VOIDED)
    await conflict("claim_state", desk.enter(claim, totals()))


async def test_what_waited_is_accepted_in_place_of_the_entry(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    entered = await desk.enter(claim, totals())
    line = claim.content.lines[0]
    decision = replace(by_lines(on_line(line, "0.00", adjustment("PR-96", "150.00"))), payer_claim_number="ICN9")
    waiting = await desk.proposed(entered.claim, decision)
    view = await desk.accept(entered.claim, waiting.id)
    assert view.adjudication.status is AdjudicationStatus.CURRENT
    assert (view.claim.status, view.claim.payer_claim_number) == (ClaimStatus.DENIED, "ICN9")
    assert [one.status.value for one in await desk.versions(claim)] == ["current", "superseded"]
    await conflict("adjudication_not_proposed", desk.accept(view.claim, waiting.id))
    await conflict("adjudication_not_proposed", desk.accept(view.claim, entered.adjudication.id))


async def test_another_claims_version_is_not_accepted(desk: DecisionDesk) -> None:
    claim = await desk.encounter()
    other = await desk.claims.create()
    waiting = await desk.proposed(other, by_lines(on_line(other.content.lines[0], "150.00")))
    with pytest.raises(NotFound):
        await desk.accept(claim, waiting.id)


class TestWhenALaterClaimExists:
    async def test_an_unsent_one_is_held_when_cents_change(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        secondary = await desk.next(primary)
        await desk.enter(primary, totals("70.00", "55.00"))
        held = await desk.reread(secondary)
        assert (held.status, held.hold_reason, held.version) == (
            ClaimStatus.HELD,
            HoldReason.EARLIER_DECISION_CHANGED,
            secondary.version + 1,
        )
        event = (await desk.claims.timeline(secondary))[-1]
        assert (event.kind, event.claim_id, event.reason) == (
            ClaimEventKind.HELD,
            secondary.id,
            "earlier_decision_changed",
        )
        assert (await desk.claims.release(held, confirmed=True)).status is ClaimStatus.DRAFT

    async def test_the_same_cents_hold_nothing_and_make_its_etag_stale(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        secondary = await desk.next(primary)
        await desk.enter(primary, totals(payer_claim_number="ICN2"))
        after = await desk.reread(secondary)
        assert (after.status, after.version) == (ClaimStatus.DRAFT, secondary.version + 1)

    async def test_a_hold_that_asks_for_more_stays(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        secondary = await desk.next(primary)
        correctable = totals("0.00", "150.00", "0.00", denial_group=CO, denial_reason_code="16")
        await desk.enter(primary, correctable)
        held = await desk.reread(secondary)
        assert held.hold_reason is HoldReason.PRIOR_PAYER_CORRECTABLE
        again = await desk.enter(await desk.reread(primary), totals())
        assert again.claim.status is ClaimStatus.PAID
        assert (await desk.reread(secondary)).hold_reason is HoldReason.EARLIER_DECISION_CHANGED

    async def test_what_an_earlier_payer_denied_is_asked_of_the_claim_after_it_alone(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(MEADOWLARK, BLUE_HERON, CEDAR), totals())).claim
        secondary = await desk.next(primary)
        after = totals("15.00", "0.00", "10.00", earlier_payers_effect="125.00")
        tertiary = await desk.next(secondary, entered=after)
        await desk.enter(primary, totals("0.00", "150.00", "0.00", denial_group=CO, denial_reason_code="16"))
        assert (await desk.reread(tertiary)).hold_reason is HoldReason.EARLIER_DECISION_CHANGED

    async def test_one_that_was_forwarded_after_all_waits_for_its_crossover(self, desk: DecisionDesk) -> None:
        view = await desk.enter(await desk.encounter(), totals())
        secondary = await desk.next(view.claim)
        await desk.enter(view.claim, replace(view.adjudication.decision, was_forwarded=True))
        assert (await desk.reread(secondary)).hold_reason is HoldReason.CROSSOVER_EXPECTED

    async def test_one_that_is_on_its_way_becomes_work(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        secondary = await desk.claims.becomes(await desk.next(primary), status=ClaimStatus.ACCEPTED)
        again = await desk.enter(primary, totals())
        assert await desk.work() == []
        await desk.enter(again.claim, totals("70.00", "55.00"))
        [item] = await desk.work()
        assert (item.kind, item.claim_id, item.status) == (
            WorkItemKind.EARLIER_DECISION_CHANGED,
            secondary.id,
            WorkItemStatus.OPEN,
        )
        assert (await desk.reread(secondary)).status is ClaimStatus.ACCEPTED

    async def test_accepting_what_waited_holds_it_too(self, desk: DecisionDesk) -> None:
        entered = await desk.enter(await desk.encounter(), totals())
        secondary = await desk.next(entered.claim)
        line = entered.claim.content.lines[0]
        waiting = await desk.proposed(entered.claim, by_lines(on_line(line, "150.00")))
        await desk.accept(entered.claim, waiting.id)
        assert (await desk.reread(secondary)).hold_reason is HoldReason.EARLIER_DECISION_CHANGED

"""The claim to the next payer on a real database: what it is made of, why it is held, why there is none, and races."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.domain.adjudications import AdjustmentGroup
from app.domain.claim_holds import ReleaseReason
from app.domain.claim_states import ClaimEventKind, ClaimStatus, HoldReason
from app.domain.claims import Claim, PayerAssignedId, ProviderRole
from app.domain.codes import PayerResponsibility
from app.domain.errors import Conflict, CrossoverError, LinesRequired
from app.domain.practices import Practice
from app.domain.work_items import WorkItemKind, WorkItemStatus
from tests.domain.claims import SERVICE_DAY
from tests.domain.decisions import adjustment, by_lines, on_line
from tests.running import Databases
from tests.use_cases.claim_desk import conflict, findings
from tests.use_cases.decision_desk import (
    BLUE_HERON,
    CEDAR,
    LARKSPUR,
    MEADOWLARK,
    DecisionDesk,
    from_first_other_payer,
    opened,
    places,
    totals,
)

CO, PR = AdjustmentGroup.CONTRACTUAL, AdjustmentGroup.PATIENT_RESPONSIBILITY


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[DecisionDesk]:
    async with opened(databases, practice) as one:
        yield one


def denied(reason: str, group: AdjustmentGroup = PR) -> object:
    return totals("0.00", "150.00", "0.00", denial_group=group, denial_reason_code=reason)


async def placed(code: str, pointer: str, attempt: object) -> Conflict:
    refusal = await conflict(code, attempt)  # type: ignore[arg-type]
    assert [(finding.code, finding.pointer) for finding in refusal.findings] == [(code, pointer)]
    return refusal


async def test_one_call_carries_the_decision_and_makes_the_claim(desk: DecisionDesk) -> None:
    primary = await desk.encounter(
        prior_authorization="AUTH1",
        referral_number="REF1",
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number="G2"),),
        patient_paid=Decimal("10.00"),
    )
    secondary = await desk.next(primary, entered=totals())
    assert (secondary.rank, secondary.payer_id, secondary.status) == (
        PayerResponsibility.SECONDARY,
        BLUE_HERON,
        ClaimStatus.DRAFT,
    )
    assert (secondary.chain_id, secondary.encounter_id, secondary.previous_claim_id) == (
        primary.chain_id,
        primary.encounter_id,
        primary.id,
    )
    assert secondary.patient_control_number != primary.patient_control_number
    assert secondary.content == replace(
        primary.content, prior_authorization=None, referral_number=None, payer_assigned_ids=()
    )
    assert (await desk.reread(primary)).status is ClaimStatus.PAID
    assert await desk.reread(secondary) == secondary


async def test_both_claims_tell_it(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    secondary = await desk.next(primary, entered=totals())
    told = [(event.kind, event.claim_id) for event in await desk.claims.timeline(primary)]
    assert told[-3:] == [
        (ClaimEventKind.ADJUDICATED, primary.id),
        (ClaimEventKind.SECONDARY_CREATED, primary.id),
        (ClaimEventKind.CREATED, secondary.id),
    ]
    entries = [event.entry for event in await desk.claims.audit()]
    assert [(one.action, one.record_id, one.changed_fields) for one in entries[1:2]] == [
        ("create", secondary.id, ("adjudication",))
    ]


async def test_the_next_payer_is_asked_by_what_the_first_decided(desk: DecisionDesk) -> None:
    """150.00 = 80.00 + 45.00 + 25.00 copay, to the segment."""
    secondary = await desk.next(await desk.encounter(), entered=totals())
    review = await desk.review(secondary)
    assert places(review) == []
    assert review.is_submittable
    assert review.amount_asked == Decimal("25.00")
    found = from_first_other_payer(review.x12)
    line = secondary.content.lines[0]
    member_id = next(one for one in found if one.startswith("NM1*IL*")).rpartition("*")[2]
    assert found == [
        "SBR*P*18*******CI",
        "AMT*D*80",
        "OI***Y***Y",
        f"NM1*IL*1*FICTIONAL*TESTINA****MI*{member_id}",
        "N3*12 INVENTED WAY",
        "N4*SAMPLETON*CO*802110001",
        "NM1*PR*2*MEADOWLARK HEALTH PLAN*****PI*XOVR1",
        "LX*1",
        "SV1*HC:90837*150*UN*1***1",
        "DTP*472*D8*20260820",
        f"REF*6R*{line.control_number}",
        "SVD*XOVR1*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "DTP*573*D8*20260910",
        "AMT*EAF*25",
    ]


async def test_three_totals_of_several_lines_go_out_at_claim_level_where_the_payer_takes_them(
    desk: DecisionDesk,
) -> None:
    """300.00 = 160.00 + 90.00 + 50.00 coinsurance, to the segment."""
    primary = await desk.encounter(BLUE_HERON, MEADOWLARK, charges=("100.00", "200.00"))
    secondary = await desk.next(primary, entered=totals("160.00", "90.00", "50.00", coinsurance="50.00"))
    review = await desk.review(secondary)
    assert places(review) == []
    found = from_first_other_payer(review.x12)
    assert found[1:6] == ["CAS*CO*45*90", "CAS*PR*2*50", "AMT*D*160", "AMT*EAF*50", "OI***Y***Y"]
    assert "DTP*573*D8*20260910" in found[: found.index("LX*1")]
    assert [segment for segment in found if segment.startswith("SVD")] == []


async def test_lines_that_are_wanted_leave_nothing_behind(desk: DecisionDesk) -> None:
    primary = await desk.encounter(charges=("100.00", "200.00"))
    with pytest.raises(LinesRequired) as refusal:
        await desk.next(primary, entered=totals("160.00", "90.00", "50.00"))
    assert [finding.pointer for finding in refusal.value.findings] == ["/adjudication/decision/lines"]
    assert await desk.versions(primary) == []
    lines = primary.content.lines
    entered = by_lines(
        on_line(lines[0], "60.00", adjustment("CO-45", "40.00")),
        on_line(lines[1], "100.00", adjustment("CO-45", "50.00"), adjustment("PR-2", "50.00")),
    )
    assert (await desk.review(await desk.next(primary, entered=entered))).is_submittable


async def test_what_is_wrong_with_the_decision_points_into_the_body(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    assert await findings(desk.next(primary, entered=totals(copay="20.00"))) == {
        ("split_mismatch", "/adjudication/totals/patient_responsibility")
    }
    assert await findings(
        desk.next(primary, entered=by_lines(on_line(primary.content.lines[0], "1.00"), paid=Decimal("-1.00")))
    ) == {("amount_negative", "/adjudication/decision/paid")}


class TestWithoutADecision:
    async def test_there_is_no_next_claim(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter()
        await placed("prior_payer_undecided", "/adjudication", desk.next(primary))
        pended = await desk.claims.becomes(primary, status=ClaimStatus.PENDED)
        await placed("prior_payer_undecided", "/adjudication", desk.next(pended))

    async def test_some_lines_are_not_enough(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter(charges=("100.00", "200.00"))
        partly = by_lines(on_line(primary.content.lines[0], "100.00"))
        await placed("prior_payer_undecided", "/adjudication", desk.next(primary, entered=partly))
        assert await desk.versions(primary) == []  # neither the decision nor the claim


class TestAfterADenial:
    @pytest.mark.parametrize("reason", ["96", "119", "204"])
    async def test_one_confirmation_releases_what_is_not_covered(self, desk: DecisionDesk, reason: str) -> None:
        secondary = await desk.next(await desk.encounter(), entered=denied(reason))  # type: ignore[arg-type]
        assert (secondary.status, secondary.hold_reason) == (ClaimStatus.HELD, HoldReason.PRIOR_PAYER_DENIED)
        review = await desk.review(secondary)
        assert places(review) == [("claim_held", "/claim/hold_reason")]
        assert not review.is_submittable
        await conflict("release_needs_confirmation", desk.claims.release(secondary))
        released = await desk.claims.release(secondary, confirmed=True)
        after = await desk.review(released)
        assert after.is_submittable
        found = from_first_other_payer(after.x12)
        assert "AMT*D*0" in found
        assert f"CAS*PR*{reason}*150" in found
        assert "SVD*XOVR1*0*HC:90837**1" in found

    @pytest.mark.parametrize("reason", ["16", "22", "29", "197", "252"])
    async def test_a_reason_releases_what_can_be_put_right_there(self, desk: DecisionDesk, reason: str) -> None:
        secondary = await desk.next(await desk.encounter(), entered=denied(reason, CO))  # type: ignore[arg-type]
        assert secondary.hold_reason is HoldReason.PRIOR_PAYER_CORRECTABLE
        await conflict("release_needs_reason", desk.claims.release(secondary, confirmed=True))
        released = await desk.claims.release(secondary, reason=ReleaseReason.DENIAL_IS_FINAL)
        assert released.status is ClaimStatus.DRAFT
        held = [event for event in await desk.claims.timeline(secondary) if event.kind is ClaimEventKind.HELD]
        assert [event.reason for event in held] == ["prior_payer_correctable"]

    async def test_all_to_the_deductible_is_billed_on(self, desk: DecisionDesk) -> None:
        entered = totals("0.00", "45.00", "105.00", deductible="105.00")
        secondary = await desk.next(await desk.encounter(), entered=entered)
        assert secondary.status is ClaimStatus.DRAFT
        review = await desk.review(secondary)
        assert review.is_submittable
        assert review.amount_asked == Decimal("105.00")
        found = from_first_other_payer(review.x12)
        assert [one for one in found if one.startswith(("AMT", "SVD", "CAS"))] == [
            "AMT*D*0",
            "SVD*XOVR1*0*HC:90837**1",
            "CAS*CO*45*45",
            "CAS*PR*1*105",
            "AMT*EAF*105",
        ]


async def test_a_claim_that_was_forwarded_waits_for_its_crossover(desk: DecisionDesk) -> None:
    primary = await desk.encounter()
    line = primary.content.lines[0]
    entered = by_lines(on_line(line, "125.00", adjustment("PR-3", "25.00")), remark_codes=("MA18",))
    secondary = await desk.next(primary, entered=entered)
    assert (secondary.status, secondary.hold_reason) == (ClaimStatus.HELD, HoldReason.CROSSOVER_EXPECTED)


async def test_a_payer_that_takes_paper_only_makes_work(desk: DecisionDesk) -> None:
    secondary = await desk.next(await desk.encounter(MEADOWLARK, LARKSPUR), entered=totals())
    assert secondary.hold_reason is HoldReason.PAPER_REQUIRED
    [item] = await desk.work()
    assert (item.kind, item.claim_id, item.status) == (WorkItemKind.PAPER_REQUIRED, secondary.id, WorkItemStatus.OPEN)
    await desk.enter(
        secondary,
        totals("25.00", "0.00", "0.00", earlier_payers_effect="125.00"),
    )
    assert [one.status for one in await desk.work()] == [WorkItemStatus.DONE]


async def test_a_tertiary_claim_carries_two_decisions(desk: DecisionDesk) -> None:
    primary = await desk.encounter(MEADOWLARK, BLUE_HERON, CEDAR)
    secondary = await desk.next(primary, entered=totals())
    missing = totals("15.00", "0.00", "10.00")
    await conflict("earlier_payers_effect_required", desk.enter(secondary, missing))
    tertiary = await desk.next(secondary, entered=totals("15.00", "0.00", "10.00", earlier_payers_effect="125.00"))
    assert (tertiary.rank, tertiary.previous_claim_id) == (PayerResponsibility.TERTIARY, secondary.id)
    review = await desk.review(tertiary)
    assert places(review) == []
    assert [prior.claim and prior.claim.id for prior in review.prior_payers] == [primary.id, secondary.id]
    assert all(prior.balance is not None and prior.balance.is_balanced for prior in review.prior_payers)
    assert review.amount_asked == Decimal("10.00")
    found = from_first_other_payer(review.x12)
    assert [one for one in found if one.startswith(("SBR", "AMT*D", "SVD", "CAS", "AMT*EAF"))] == [
        "SBR*P*18*******CI",
        "AMT*D*80",
        "SBR*S*18*******12",
        "AMT*D*15",
        "SVD*XOVR1*80*HC:90837**1",
        "CAS*CO*45*45",
        "CAS*PR*3*25",
        "AMT*EAF*25",
        "SVD*XOVR2*15*HC:90837**1",
        "CAS*OA*23*125",
        "CAS*PR*3*10",
        "AMT*EAF*10",
    ]


async def test_a_tertiary_claim_does_not_go_out_when_the_payers_ahead_have_changed_places(desk: DecisionDesk) -> None:
    """Each would be named at the rank of the other, with a decision that it made at its own."""
    primary = await desk.encounter(BLUE_HERON, MEADOWLARK, CEDAR)
    secondary = await desk.next(primary, entered=totals())
    tertiary = await desk.next(secondary, entered=totals("15.00", "0.00", "10.00", earlier_payers_effect="125.00"))
    assert (await desk.review(tertiary)).is_submittable
    first, second, third = [
        await desk.claims.coverages.read(found)
        for found in await desk.do(lambda uow: uow.coverages.of_patient(primary.patient_id))
    ]
    assert [first.id, second.id, third.id] == [primary.coverage_id, secondary.coverage_id, tertiary.coverage_id]
    await desk.claims.coverages.order(SERVICE_DAY, second, first, third)
    review = await desk.review(tertiary)
    assert places(review) == [("order_changed", "/prior_payers/0/rank"), ("order_changed", "/prior_payers/1/rank")]
    assert not review.is_submittable


class TestWhomToAsk:
    async def test_a_payer_is_not_skipped(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter(MEADOWLARK, BLUE_HERON, CEDAR)
        third = await self._coverage(desk, CEDAR)
        await placed("payer_skipped", "/coverage_id", desk.next(primary, coverage_id=third, entered=totals()))

    async def test_the_wished_one_may_be_the_next(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter()
        second = await self._coverage(desk, BLUE_HERON)
        assert (await desk.next(primary, coverage_id=second, entered=totals())).coverage_id == second

    async def test_a_second_claim_to_a_payer_is_refused(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        await desk.next(primary)
        await placed("claim_exists", "/coverage_id", desk.next(primary))
        first = await self._coverage(desk, MEADOWLARK)
        await placed("claim_exists", "/coverage_id", desk.next(primary, coverage_id=first))

    async def test_after_the_last_payer_there_is_none(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter(MEADOWLARK)
        await placed("no_next_payer", "/coverage_id", desk.next(primary, entered=totals()))

    async def test_an_unverified_coverage_is_not_asked(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter(MEADOWLARK)
        added = await desk.claims.coverages.add(payer_id=BLUE_HERON, wished_rank=PayerResponsibility.SECONDARY)
        await placed("coverage_unverified", "/coverage_id", desk.next(primary, entered=totals()))
        await placed("coverage_unverified", "/coverage_id", desk.next(primary, coverage_id=added.id, entered=totals()))

    async def test_nor_is_one_that_has_ended(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter()
        second = await self._coverage(desk, BLUE_HERON)
        coverage = await desk.claims.coverages.read(await desk.do(lambda uow: uow.coverages.get(second)))
        await desk.claims.coverages.end(coverage, primary.content.first_service_date.replace(month=1))
        await placed("coverage_not_active", "/coverage_id", desk.next(primary, coverage_id=second, entered=totals()))

    async def test_nor_another_patients_nor_nobodys(self, desk: DecisionDesk) -> None:
        primary = await desk.encounter()
        other = await (await desk.claims.at_another_patient()).coverages.verified(1)
        await placed(
            "coverage_of_other_patient", "/coverage_id", desk.next(primary, coverage_id=other.id, entered=totals())
        )
        assert await findings(desk.next(primary, coverage_id=uuid4(), entered=totals())) == {
            ("coverage_unknown", "/coverage_id")
        }

    async def test_a_claim_that_was_replaced_is_not_gone_on_from(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        replaced = await desk.claims.becomes(primary, status=ClaimStatus.REPLACED)
        await conflict("claim_state", desk.next(replaced))

    async def test_a_payer_ahead_of_this_claims_is_not_next(self, desk: DecisionDesk) -> None:
        primary = (await desk.enter(await desk.encounter(), totals())).claim
        secondary = await desk.next(primary)
        await desk.claims.becomes(primary, status=ClaimStatus.VOIDED)
        first = await self._coverage(desk, MEADOWLARK)
        await placed("no_next_payer", "/coverage_id", desk.next(secondary, coverage_id=first))

    async def _coverage(self, desk: DecisionDesk, payer: UUID) -> UUID:
        patient_id = desk.claims.patient.id
        coverages = await desk.do(lambda uow: uow.coverages.of_patient(patient_id))
        found: UUID = next(one.id for one in coverages if one.payer_id == payer)
        return found


async def test_of_two_at_once_one_is_made(desk: DecisionDesk) -> None:
    primary = (await desk.enter(await desk.encounter(), totals())).claim
    outcomes = await asyncio.gather(*(desk.next(primary) for _ in range(8)), return_exceptions=True)
    assert len([one for one in outcomes if isinstance(one, Claim)]) == 1
    codes = {one.problem_code for one in outcomes if isinstance(one, CrossoverError)}
    assert codes == {"claim_exists"}

"""Claims through their use cases: whom a new one asks, what is deleted, what lists and timelines tell."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.audit import AuditAction
from app.domain.claim_states import ClaimEventKind, ClaimStatus
from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverages import CoverageStatus
from app.domain.errors import NotFound, StaleVersion
from app.domain.practices import Practice
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from tests.claim_records import a_submission
from tests.domain.claims import SERVICE_DAY
from tests.running import Databases
from tests.use_cases.claim_desk import ClaimDesk, conflict, findings, opened, stored
from tests.use_cases.desk import BLUE_HERON

DAY = timedelta(days=1)


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[ClaimDesk]:
    async with opened(databases, practice) as one:
        yield one


# A new claim


async def test_a_draft_asks_the_primary_payer_under_numbers_of_its_own(desk: ClaimDesk) -> None:
    primary, _ = await desk.insured()
    claim = await desk.create()
    assert (claim.coverage_id, claim.payer_id) == (primary.id, primary.payer_id)
    assert (claim.rank, claim.status, claim.previous_claim_id) == (
        PayerResponsibility.PRIMARY,
        ClaimStatus.DRAFT,
        None,
    )
    assert re.fullmatch("[A-Z0-9]{17}", claim.patient_control_number)
    assert await desk.read(claim) == claim


async def test_control_numbers_are_distinct_and_short_enough_to_come_back(desk: ClaimDesk) -> None:
    await desk.insured()
    made = [await desk.create() for _ in range(3)]
    assert len({claim.patient_control_number for claim in made}) == 3
    numbers = [line.control_number for claim in made for line in claim.content.lines]
    assert len(set(numbers)) == 3
    assert all(re.fullmatch("[A-Z0-9]{1,30}", number) for number in numbers)


async def test_a_new_claim_is_told_and_audited_once(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    created = (await desk.audit())[0]
    assert (created.entry.action, created.entry.record_type, created.entry.record_id) == (
        AuditAction.CREATE,
        "claim",
        claim.id,
    )
    assert [event.kind for event in await desk.timeline(claim)] == [ClaimEventKind.CREATED]


async def test_the_same_key_makes_no_second_claim(desk: ClaimDesk) -> None:
    await desk.insured()
    await desk.create("ENC-1", key="key-1")
    with pytest.raises(IndexError):  # the kept answer is given again, nothing is rendered
        await desk.create("ENC-1", key="key-1")
    assert len(await desk.listed(encounter_id="ENC-1")) == 1


async def test_the_first_day_of_service_says_who_is_primary(desk: ClaimDesk) -> None:
    first, second = await desk.insured()
    await desk.coverages.order(SERVICE_DAY + DAY, second, first)
    later = replace((await desk.create()).content.lines[0], first_date=SERVICE_DAY + DAY)
    assert (await desk.create()).coverage_id == first.id
    assert (await desk.create(lines=(later,))).coverage_id == second.id


async def test_a_later_payers_claim_is_not_written_but_made_from_the_one_ahead(desk: ClaimDesk) -> None:
    _, secondary = await desk.insured()
    refusal = await conflict("payer_skipped", desk.create(coverage_id=secondary.id))
    assert "/secondary" in refusal.detail


async def test_a_coverage_that_cannot_be_billed_says_why(desk: ClaimDesk) -> None:
    await conflict("no_next_payer", desk.create())
    unverified = await desk.coverages.add()
    await conflict("coverage_unverified", desk.create())
    await conflict("coverage_unverified", desk.create(coverage_id=unverified.id))
    ended = (await desk.coverages.end(await desk.coverages.verify(unverified), SERVICE_DAY - DAY)).coverage
    await conflict("coverage_not_active", desk.create(coverage_id=ended.id))
    withdrawn = await desk.coverages.add(payer_id=BLUE_HERON)
    assert (await desk.coverages.end(withdrawn, SERVICE_DAY)).coverage.status is CoverageStatus.WITHDRAWN
    await conflict("coverage_closed", desk.create(coverage_id=withdrawn.id))
    medical = await desk.coverages.verified(1, benefit_class=BenefitClass.MEDICAL, effective_from=SERVICE_DAY)
    await conflict("coverage_benefits_differ", desk.create(coverage_id=medical.id))


async def test_a_secondary_without_a_primary_is_not_billed(desk: ClaimDesk) -> None:
    secondary = await desk.coverages.verified(2)
    await conflict("order_has_gap", desk.create())
    await conflict("order_has_gap", desk.create(coverage_id=secondary.id))


async def test_another_patients_coverage_is_not_billed_and_one_that_nobody_has_is_a_finding(desk: ClaimDesk) -> None:
    await desk.insured()
    theirs = await (await desk.at_another_patient()).coverages.verified(1)
    await conflict("coverage_of_other_patient", desk.create(coverage_id=theirs.id))
    assert await findings(desk.create(coverage_id=uuid4())) == {("coverage_unknown", "/coverage_id")}


async def test_a_patient_that_nobody_has_is_a_finding(desk: ClaimDesk) -> None:
    patient = replace(desk.patient, id=uuid4())
    elsewhere = ClaimDesk(replace(desk.coverages, patient=patient))
    assert await findings(elsewhere.create()) == {("patient_unknown", "/patient_id")}


async def test_all_that_is_wrong_is_said_at_once(desk: ClaimDesk) -> None:
    await desk.insured()
    attempt = desk.create(
        coverage_id=uuid4(),
        billing_provider_id=uuid4(),
        rendering_provider_id=uuid4(),
        referring_provider_id=uuid4(),
        supervising_provider_id=uuid4(),
        diagnoses=("F411", "F411"),
        patient_paid=Decimal("150.01"),
    )
    assert await findings(attempt) == {
        ("coverage_unknown", "/coverage_id"),
        ("provider_unknown", "/billing_provider_id"),
        ("provider_unknown", "/rendering_provider_id"),
        ("provider_unknown", "/referring_provider_id"),
        ("provider_unknown", "/supervising_provider_id"),
        ("diagnosis_repeated", "/diagnoses/1"),
        ("patient_paid_above_charge", "/patient_paid"),
    }


async def test_a_service_is_not_of_tomorrow(desk: ClaimDesk) -> None:
    await desk.insured()
    line = replace((await desk.create()).content.lines[0], first_date=datetime.now(UTC).date() + 2 * DAY)
    assert await findings(desk.create(lines=(line,))) == {("date_future", "/lines/0/first_date")}
    line = replace(line, first_date=date(1980, 1, 1))
    assert await findings(desk.create(lines=(line,))) == {("date_before_birth", "/lines/0/first_date")}


# Deleting


async def test_a_deleted_claim_is_gone_and_its_encounter_free(
    desk: ClaimDesk, databases: Databases, practice: Practice
) -> None:
    await desk.insured()
    claim = await desk.create()
    await desk.delete(claim)
    with pytest.raises(NotFound):
        await desk.read(claim)
    with pytest.raises(NotFound):
        await desk.delete(claim)
    assert (await desk.audit())[0].entry.action is AuditAction.DELETE
    anew = await desk.create(claim.encounter_id)
    assert anew.chain_id != claim.chain_id
    assert anew.patient_control_number != claim.patient_control_number
    async with databases.as_superuser() as connection:
        kinds = await connection.scalars(
            sa.text(
                "select kind from claim_event where practice_id = :practice and claim_id = :claim order by sequence"
            ),
            {"practice": practice.id, "claim": claim.id},
        )
        assert list(kinds) == ["created", "deleted"]
        route = sa.text("select claim_id from claim_route where patient_control_number = :number")
        assert await connection.scalar(route, {"number": claim.patient_control_number}) == claim.id


async def test_a_chain_stays_while_it_has_a_claim(desk: ClaimDesk, databases: Databases, practice: Practice) -> None:
    _, secondary = await desk.insured()
    primary = await desk.create()
    await desk.delete(await desk.follows(primary, secondary))
    (row,) = await stored(databases, practice)
    assert (row.id, row.is_live) == (primary.id, True)
    assert [event.kind for event in await desk.timeline(primary)] == [ClaimEventKind.CREATED, ClaimEventKind.DELETED]


async def test_a_claim_from_which_something_follows_is_not_deleted(desk: ClaimDesk) -> None:
    _, secondary = await desk.insured()
    decided = await desk.decided(await desk.create())
    await conflict("claim_not_deletable", desk.delete(decided))
    followed = await desk.create()
    await desk.follows(followed, secondary)
    await conflict("claim_not_deletable", desk.delete(followed))
    submitted = await desk.create()
    async with desk.context.units.begin(desk.coverages.tenant) as uow:
        await uow.submissions.add(a_submission(claim_id=submitted.id))
        await uow.commit()
    await conflict("claim_not_deletable", desk.delete(submitted))
    assert await desk.read(submitted) == submitted


async def test_nothing_is_left_to_be_decided_about_a_deleted_claim(desk: ClaimDesk) -> None:
    _, secondary = await desk.insured()
    claim = await desk.follows(await desk.create(), secondary)
    async with desk.context.units.begin(desk.coverages.tenant) as uow:
        await uow.work_items.open(
            WorkItem(
                id=uuid4(),
                kind=WorkItemKind.PAPER_REQUIRED,
                status=WorkItemStatus.OPEN,
                patient_id=claim.patient_id,
                coverage_id=secondary.id,
                claim_id=claim.id,
                reason="paper_required",
                created_at=uow.now,
            )
        )
        await uow.commit()
    await desk.delete(claim)
    async with desk.context.units.begin(desk.coverages.tenant) as uow:
        (item,) = await uow.work_items.page(status=None, after=None, limit=10)
    assert item.status is WorkItemStatus.DONE


async def test_a_deletion_is_of_the_version_that_was_read(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    await desk.change(claim, place_of_service="02")
    with pytest.raises(StaleVersion):
        await desk.delete(claim)


# Lists and timelines


async def test_a_list_is_audited_for_the_patients_it_gives_out(desk: ClaimDesk) -> None:
    other = await desk.at_another_patient()
    await desk.insured()
    await other.insured()
    mine = [await desk.create(), await desk.create()]
    await other.create()
    rows = await desk.listed(limit=3)
    assert [row.id for row in rows][:2] == [claim.id for claim in mine]
    event = (await desk.audit())[0]
    assert (event.entry.action, event.entry.record_type) == (AuditAction.LIST, "claim")
    assert event.entry.seen_patient_ids == (desk.patient.id,)


async def test_a_list_that_gives_nothing_out_is_not_audited(desk: ClaimDesk) -> None:
    await desk.insured()
    await desk.create()
    before = len(await desk.audit())
    assert await desk.listed(encounter_id="ENC-OTHER") == []
    assert len(await desk.audit()) == before


async def test_a_timeline_tells_of_the_whole_chain_page_by_page(desk: ClaimDesk) -> None:
    _, secondary = await desk.insured()
    primary = await desk.change(await desk.create(), place_of_service="02")
    later = await desk.hold(await desk.follows(primary, secondary))
    events = await desk.timeline(primary)
    assert [(event.kind, event.claim_id) for event in events] == [
        (ClaimEventKind.CREATED, primary.id),
        (ClaimEventKind.CHANGED, primary.id),
        (ClaimEventKind.HELD, later.id),
    ]
    assert events == [
        *await desk.timeline(later, limit=2),
        *await desk.timeline(later, after=events[1].sequence, limit=2),
    ]


async def test_another_practices_claim_does_not_exist(desk: ClaimDesk, databases: Databases) -> None:
    await desk.insured()
    claim = await desk.create()
    async with opened(databases, await databases.add_practice()) as stranger:
        for attempt in (
            stranger.read(claim),
            stranger.change(claim, place_of_service="02"),
            stranger.delete(claim),
            stranger.hold(claim),
            stranger.release(claim),
            stranger.timeline(claim),
        ):
            with pytest.raises(NotFound):
                await attempt
        assert await stranger.listed() == []
    assert await desk.read(claim) == claim

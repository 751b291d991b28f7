"""Changing a claim: what keeps its identity, what stays, what is told of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from app.domain.audit import AuditAction
from app.domain.claim_states import ClaimEventKind, ClaimOutcome, ClaimStatus
from app.domain.claims import PayerAssignedId, ProviderRole
from app.domain.errors import StaleVersion
from app.domain.practices import Practice
from tests.domain.claims import SERVICE_DAY
from tests.running import Databases
from tests.use_cases.claim_desk import ClaimDesk, a_known_provider, a_new_line, conflict, findings, opened, said

DAY = timedelta(days=1)


@pytest.fixture
async def desk(databases: Databases, practice: Practice) -> AsyncIterator[ClaimDesk]:
    async with opened(databases, practice) as one:
        yield one


async def test_a_change_keeps_the_lines_it_names_and_numbers_new_ones(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    (kept,) = claim.content.lines
    changed = await desk.change(
        claim,
        lambda content, identity: replace(
            content,
            diagnoses=("F411", "F329"),
            lines=(
                a_new_line(identity, procedure_code="90785", charge=Decimal("20.00"), first_date=SERVICE_DAY - DAY),
                replace(kept, charge=Decimal("140.00")),
            ),
        ),
    )
    assert changed.content.lines[1] == replace(kept, charge=Decimal("140.00"))
    assert changed.content.lines[0].control_number != kept.control_number
    assert (changed.version, changed.patient_control_number) == (2, claim.patient_control_number)
    assert await desk.read(claim) == changed
    (row,) = await desk.listed(encounter_id=claim.encounter_id)
    assert (row.total_charge, row.first_service_date, row.last_service_date) == (
        Decimal("160.00"),
        SERVICE_DAY - DAY,
        SERVICE_DAY,
    )


async def test_a_change_is_told_and_audited_by_the_names_of_what_changed(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.change(await desk.create(), place_of_service="02", prior_authorization="AUTH1")
    event = (await desk.timeline(claim))[-1]
    assert (event.kind, event.facts) == (ClaimEventKind.CHANGED, {"fields": "place_of_service,prior_authorization"})
    entries = [event.entry for event in await desk.audit() if event.entry.action is AuditAction.CHANGE]
    assert [entry.changed_fields for entry in entries] == [("content.place_of_service", "content.prior_authorization")]


async def test_a_change_that_changes_nothing_makes_no_new_version(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    assert await desk.change(claim, place_of_service="11") == claim
    assert len(await desk.timeline(claim)) == 1


async def test_a_change_is_of_the_version_that_was_read(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    await desk.change(claim, place_of_service="02")
    with pytest.raises(StaleVersion):
        await desk.change(claim, place_of_service="10")


async def test_of_two_changes_at_once_one_is_made(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    outcomes = await asyncio.gather(
        desk.change(claim, place_of_service="02"), desk.change(claim, place_of_service="10"), return_exceptions=True
    )
    assert Counter(map(said, outcomes)) == {"made": 1, "version_stale": 1}


async def test_a_line_that_the_claim_does_not_have_is_a_finding(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.create()
    strange = replace(claim.content.lines[0], id=uuid4(), control_number="X", charge=Decimal("1.00"))
    attempt = desk.change(claim, lines=(*claim.content.lines, strange), diagnoses=("F411", "F411"))
    assert await findings(attempt) == {("line_unknown", "/lines/1/id"), ("diagnosis_repeated", "/diagnoses/1")}


async def test_who_bills_stays(desk: ClaimDesk) -> None:
    await desk.insured()
    provider = await a_known_provider(desk)
    await conflict("billing_provider_fixed", desk.change(await desk.create(), billing_provider_id=provider.id))


@pytest.mark.parametrize("status", [status for status in ClaimStatus if not status.is_changeable])
async def test_what_a_payer_has_stays_as_it_is(desk: ClaimDesk, status: ClaimStatus) -> None:
    await desk.insured()
    claim = await desk.becomes(await desk.create(), status=status)
    await conflict("claim_state", desk.change(claim, place_of_service="02"))
    await conflict("claim_state", desk.delete(claim))


async def test_a_rejected_claim_is_corrected_and_stays_rejected_until_it_goes_out(desk: ClaimDesk) -> None:
    await desk.insured()
    claim = await desk.becomes(await desk.create(), status=ClaimStatus.REJECTED)
    assert (await desk.change(claim, place_of_service="02")).status is ClaimStatus.REJECTED


async def test_a_later_payers_claim_keeps_what_the_payer_before_was_billed_for(desk: ClaimDesk) -> None:
    _, secondary = await desk.insured()
    primary = await desk.becomes(await desk.create(), status=ClaimStatus.PAID, outcome=ClaimOutcome.PAID)
    claim = await desk.follows(primary, secondary)
    (line,) = claim.content.lines
    attempt = desk.change(claim, lines=(replace(line, charge=Decimal("151.00"), units=Decimal(2)),))
    assert await findings(attempt) == {("line_changed", "/lines/0/charge"), ("line_changed", "/lines/0/units")}
    attempt = desk.change(
        claim,
        lambda content, identity: replace(content, lines=(a_new_line(identity, charge=Decimal("9.00")),)),
    )
    assert await findings(attempt) == {("line_added", "/lines/0"), ("line_removed", "/lines")}
    changed = await desk.change(
        claim,
        lines=(replace(line, procedure_code="90834", modifiers=("95",)),),
        payer_assigned_ids=(PayerAssignedId(role=ProviderRole.BILLING, number="G2-1"),),
    )
    assert changed.content.lines[0].procedure_code == "90834"

"""Lists of claims: every filter, every order, page by page without a gap or a repetition, apart by practice."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.callers import Tenant
from app.domain.claim_lists import ClaimFilter, ClaimSort, ClaimSummary, ListPosition
from app.domain.claim_states import ClaimOutcome, ClaimStatus
from app.domain.claims import AcceptedBy, Claim
from app.domain.codes import PayerResponsibility
from app.domain.payers import payer_id
from app.repositories.unit_of_work import UnitOfWork
from tests.domain.claims import a_line, some_content
from tests.factories import NOW, a_provider
from tests.planting import new_npi
from tests.repositories.billing import Billing, billing_of
from tests.repositories.conftest import added_patient

DAY = date(2026, 8, 20)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A practice's claims: they differ in what lists are filtered by, and some share what lists are sorted by."""

    billing: Billing
    provider_id: UUID
    claims: list[Claim]

    async def page(self, wanted: ClaimFilter, **how: Any) -> list[ClaimSummary]:
        async with self.billing.units.begin(self.billing.tenant) as uow:
            return await uow.claim_lists.page(wanted, **({"limit": 100} | how))

    async def ids(self, **wanted: Any) -> set[UUID]:
        return {row.id for row in await self.page(ClaimFilter(**wanted))}


@pytest.fixture
async def ledger(billing: Billing) -> Ledger:
    provider = a_provider(npi=new_npi())
    await billing.do(lambda uow: uow.providers.add(provider))
    other = await billing_of(billing.units, billing.tenant, await added_patient(billing.units, billing.tenant))
    changes: list[dict[str, Any]] = [
        {},
        {"status": ClaimStatus.PAID, "outcome": ClaimOutcome.PAID, "accepted_by": AcceptedBy.PAYER},
        {"status": ClaimStatus.DENIED, "rank": PayerResponsibility.SECONDARY, "payer_id": payer_id("XOVR2")},
        {"content": some_content(rendering_provider_id=provider.id, lines=(a_line(first_date=DAY - timedelta(9)),))},
        {"content": some_content(billing_provider_id=provider.id, lines=(a_line(last_date=DAY + timedelta(3)),))},
        {"updated_at": NOW + timedelta(hours=1), "created_at": NOW - timedelta(days=1)},
        {"updated_at": NOW + timedelta(hours=1)},
    ]
    claims = [await billing.billed(**one) for one in changes]
    claims.append(await other.billed())
    return Ledger(billing=billing, provider_id=provider.id, claims=claims)


async def test_a_row_says_what_the_claim_says_without_what_is_sealed(ledger: Ledger) -> None:
    rows = {row.id: row for row in await ledger.page(ClaimFilter())}
    assert rows.keys() == {claim.id for claim in ledger.claims}
    for claim in ledger.claims:
        row, content = rows[claim.id], claim.content
        shared = {entry.name for entry in fields(Claim)} & set(ClaimSummary._fields)
        assert {name: getattr(row, name) for name in shared} == {name: getattr(claim, name) for name in shared}
        assert row.total_charge == content.total_charge == Decimal("150.00")
        dates = (content.first_service_date, content.last_service_date)
        assert (row.first_service_date, row.last_service_date) == dates
        providers = (content.billing_provider_id, content.rendering_provider_id)
        assert (row.billing_provider_id, row.rendering_provider_id) == providers


async def test_each_filter_leaves_what_it_names(ledger: Ledger) -> None:
    claims = ledger.claims
    one, paid, denied, rendered, billed, _, updated, others = (claim.id for claim in claims)
    everything = {claim.id for claim in claims}
    assert await ledger.ids(statuses=frozenset({ClaimStatus.PAID, ClaimStatus.DENIED})) == {paid, denied}
    assert await ledger.ids(rank=PayerResponsibility.SECONDARY) == {denied}
    assert await ledger.ids(payer_id=payer_id("XOVR2")) == {denied}
    assert await ledger.ids(patient_id=claims[-1].patient_id) == {others}
    assert await ledger.ids(encounter_id=claims[0].encounter_id) == {one}
    assert await ledger.ids(provider_id=ledger.provider_id) == {rendered, billed}
    assert await ledger.ids(service_from=DAY + timedelta(1)) == {billed}
    assert await ledger.ids(service_to=DAY - timedelta(1)) == {rendered}
    assert await ledger.ids(service_from=DAY, service_to=DAY) == everything - {rendered}
    assert await ledger.ids(updated_since=NOW + timedelta(hours=1)) == {claims[5].id, updated}
    assert await ledger.ids(statuses=frozenset({ClaimStatus.PAID}), rank=PayerResponsibility.SECONDARY) == set()


def test_every_filter_is_tried_above() -> None:
    tried = "statuses rank payer_id patient_id encounter_id provider_id service_from service_to updated_since".split()
    assert [entry.name for entry in fields(ClaimFilter)] == tried


@pytest.mark.parametrize("sort", ClaimSort)
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_of_any_order_hold_each_claim_once_and_in_order(
    ledger: Ledger, sort: ClaimSort, descending: bool
) -> None:
    rows: list[ClaimSummary] = []
    after: ListPosition | None = None
    while page := await ledger.page(ClaimFilter(), sort=sort, descending=descending, after=after, limit=3):
        rows += page
        after = page[-1].position(sort)
    assert rows == sorted(rows, key=lambda row: row.position(sort), reverse=descending)
    assert {row.id for row in rows} == {claim.id for claim in ledger.claims}
    assert len(rows) == len(ledger.claims)
    assert len({row.position(sort)[0] for row in rows}) < len(rows)


async def test_a_filtered_list_goes_on_where_it_ended(ledger: Ledger) -> None:
    wanted = ClaimFilter(statuses=frozenset({ClaimStatus.DRAFT}), patient_id=ledger.billing.patient.id)
    whole = await ledger.page(wanted)
    first = await ledger.page(wanted, limit=2)
    rest = await ledger.page(wanted, after=first[-1].position(ClaimSort.UPDATED_AT))
    assert [*first, *rest] == whole


async def test_another_practices_claims_are_absent(ledger: Ledger, other_tenant: Tenant) -> None:
    async with ledger.billing.units.begin(other_tenant) as uow:
        assert await uow.claim_lists.page(ClaimFilter(), limit=10) == []


async def test_a_hundred_lists_on_one_connection_are_each_what_was_asked(ledger: Ledger) -> None:
    """A statement of one combination of filters is never taken for another's."""

    async def ask(uow: UnitOfWork) -> list[int]:
        return [len(await uow.claim_lists.page(replace(wanted, patient_id=None), limit=100)) for wanted in _varied()]

    counts = await ledger.billing.do(ask)
    assert counts == [len(ledger.claims), 0, 1] * 34


def _varied() -> Iterable[ClaimFilter]:
    for _ in range(34):
        yield ClaimFilter()
        yield ClaimFilter(encounter_id=uuid4().hex)
        yield ClaimFilter(rank=PayerResponsibility.SECONDARY)

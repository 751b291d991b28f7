"""Lists of claims: of every rank alike, filtered and sorted by what is not sealed, page by page.

Each combination of filters is a statement of its own, so that PostgreSQL plans with the index that fits it. Only those
that were asked for are made, once a process.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.claim_lists import ClaimFilter, ClaimSort, ClaimSummary, ListPosition
from app.domain.claim_states import ClaimOutcome, ClaimStatus, HoldReason
from app.domain.claims import AcceptedBy, ClaimFrequency
from app.domain.codes import PayerResponsibility
from app.repositories.claim_tables import claim
from app.repositories.claims import WORDS
from app.repositories.hot_statements import HotStatement

_COLUMNS = claim.c
_SHOWN = [column for column in _COLUMNS if column.name not in {"practice_id", "sealed"}]
_SORTED_BY = {
    ClaimSort.UPDATED_AT: _COLUMNS.updated_at,
    ClaimSort.CREATED_AT: _COLUMNS.created_at,
    ClaimSort.SERVICE_DATE: _COLUMNS.first_service_date,
}


def _given(name: str, type_: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=type_)


_CONDITIONS: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
    "statuses": lambda: _COLUMNS.status == sa.func.any(_given("statuses", sa.ARRAY(sa.Text))),
    "rank": lambda: _COLUMNS.rank == _given("rank", sa.SmallInteger),
    "payer_id": lambda: _COLUMNS.payer_id == _given("payer_id", sa.Uuid),
    "patient_id": lambda: _COLUMNS.patient_id == _given("patient_id", sa.Uuid),
    "encounter_id": lambda: _COLUMNS.encounter_id == _given("encounter_id", sa.Text),
    "provider_id": lambda: sa.or_(
        _COLUMNS.billing_provider_id == _given("provider_id", sa.Uuid),
        _COLUMNS.rendering_provider_id == _given("provider_id", sa.Uuid),
    ),
    "service_from": lambda: _COLUMNS.last_service_date >= _given("service_from", sa.Date),
    "service_to": lambda: _COLUMNS.first_service_date <= _given("service_to", sa.Date),
    "updated_since": lambda: _COLUMNS.updated_at >= _given("updated_since", sa.DateTime(timezone=True)),
}


class ClaimLists:
    def __init__(self, connection: AsyncConnection, practice_id: UUID) -> None:
        self._connection = connection
        self._practice_id = practice_id

    async def page(
        self,
        wanted: ClaimFilter,
        *,
        sort: ClaimSort = ClaimSort.UPDATED_AT,
        descending: bool = True,
        after: ListPosition | None = None,
        limit: int,
    ) -> list[ClaimSummary]:
        """Rows with the same sorted value follow their ids, so that a position names one place."""
        parameters = _parameters(wanted)
        statement = _statement(frozenset(parameters), sort, descending, after is not None)
        if after is not None:
            parameters |= {"after_value": after[0], "after_id": after[1]}
        parameters |= {"practice_id": self._practice_id, "limit": limit}
        return [_summary(row) for row in await statement.fetch(self._connection, parameters)]


def _parameters(wanted: ClaimFilter) -> dict[str, Any]:
    values: dict[str, Any] = {
        "statuses": [status.value for status in wanted.statuses] or None,
        "rank": wanted.rank and wanted.rank.number,
        "payer_id": wanted.payer_id,
        "patient_id": wanted.patient_id,
        "encounter_id": wanted.encounter_id,
        "provider_id": wanted.provider_id,
        "service_from": wanted.service_from,
        "service_to": wanted.service_to,
        "updated_since": wanted.updated_since,
    }
    return {name: value for name, value in values.items() if value is not None}


@lru_cache(maxsize=1024)
def _statement(filters: frozenset[str], sort: ClaimSort, descending: bool, continues: bool) -> HotStatement:
    by: sa.Column[Any] = _SORTED_BY[sort]
    query = sa.select(*_SHOWN).where(_COLUMNS.practice_id == _given("practice_id", sa.Uuid))
    query = query.where(*(_CONDITIONS[name]() for name in sorted(filters)))
    if continues:
        row, last = sa.tuple_(by, _COLUMNS.id), sa.tuple_(_given("after_value", by.type), _given("after_id", sa.Uuid))
        query = query.where(row < last if descending else row > last)
    order = (by.desc(), _COLUMNS.id.desc()) if descending else (by, _COLUMNS.id)
    return HotStatement(query.order_by(*order).limit(_given("limit", sa.BigInteger)))


def _summary(row: asyncpg.Record) -> ClaimSummary:
    return ClaimSummary(
        id=row["id"],
        chain_id=row["chain_id"],
        encounter_id=row["encounter_id"],
        patient_id=row["patient_id"],
        coverage_id=row["coverage_id"],
        payer_id=row["payer_id"],
        rank=PayerResponsibility.from_number(row["rank"]),
        frequency=WORDS[ClaimFrequency][row["frequency"]],
        previous_claim_id=row["previous_claim_id"],
        replaces_claim_id=row["replaces_claim_id"],
        status=WORDS[ClaimStatus][row["status"]],
        hold_reason=WORDS[HoldReason].get(row["hold_reason"]),
        accepted_by=WORDS[AcceptedBy].get(row["accepted_by"]),
        outcome=WORDS[ClaimOutcome].get(row["outcome"]),
        patient_control_number=row["patient_control_number"],
        total_charge=row["total_charge"],
        first_service_date=row["first_service_date"],
        last_service_date=row["last_service_date"],
        billing_provider_id=row["billing_provider_id"],
        rendering_provider_id=row["rendering_provider_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )

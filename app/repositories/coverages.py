"""Coverages: sealed policies, each read together with the periods it holds a rank in."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.codes import BenefitClass, BenefitsAssigned, PayerResponsibility, Relationship
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, MemberIdOwner, Verification
from app.domain.errors import CoverageConflict
from app.domain.findings import Finding
from app.domain.identifiers import compact
from app.repositories.database import constraint_of
from app.repositories.encryption import PracticeVault
from app.repositories.hot_statements import HotStatement
from app.repositories.personal import address_from_json, address_to_json, person_from_json, person_to_json
from app.repositories.tables import coverage, coverage_rank

_WORDS: dict[type[StrEnum], dict[str, Any]] = {
    words: {word.value: word for word in words}
    for words in (
        BenefitClass,
        BenefitsAssigned,
        CoverageSource,
        CoverageStatus,
        MemberIdOwner,
        Relationship,
        Verification,
    )
}
"""An enum's call costs ten times a look-up, and a list of 50 would make 350 of them."""

_RANKS = (
    sa.select(
        sa.func.coalesce(
            sa.func.json_agg(
                sa.func.json_build_object(
                    sa.text("'class'"),
                    coverage_rank.c.benefit_class,
                    sa.text("'rank'"),
                    coverage_rank.c.rank,
                    sa.text("'type'"),
                    coverage_rank.c.insurance_type_code,
                    sa.text("'from'"),
                    sa.func.lower(coverage_rank.c.during),
                    sa.text("'to'"),
                    sa.cast(sa.func.upper(coverage_rank.c.during) - sa.text("1"), sa.Date),
                )
            ),
            sa.text("'[]'::json"),
        )
    )
    .where(coverage_rank.c.practice_id == coverage.c.practice_id, coverage_rank.c.coverage_id == coverage.c.id)
    .scalar_subquery()
    .label("ranks")
)
_SELECT = sa.select(coverage, _RANKS)
_OF_PRACTICE = coverage.c.practice_id == sa.bindparam("practice_id")
_ONE = HotStatement(_SELECT.where(_OF_PRACTICE, coverage.c.id == sa.bindparam("id")))
_PAGE = HotStatement(
    _SELECT.where(
        _OF_PRACTICE,
        coverage.c.patient_id == sa.bindparam("patient_id"),
        sa.or_(
            sa.bindparam("status", type_=sa.Text).is_(None), coverage.c.status == sa.bindparam("status", type_=sa.Text)
        ),
        sa.or_(
            sa.bindparam("source", type_=sa.Text).is_(None), coverage.c.source == sa.bindparam("source", type_=sa.Text)
        ),
        sa.or_(sa.bindparam("after", type_=sa.Uuid).is_(None), coverage.c.id > sa.bindparam("after", type_=sa.Uuid)),
    )
    .order_by(coverage.c.id)
    .limit(sa.bindparam("limit", type_=sa.BigInteger))
)


class Coverages:
    def __init__(self, connection: AsyncConnection, vault: PracticeVault) -> None:
        self._connection = connection
        self._vault = vault

    async def add(self, value: Coverage) -> None:
        await self._write(sa.insert(coverage), value)

    async def save(self, value: Coverage) -> None:
        await self._write(sa.update(coverage).where(*self._key(value.id)), value)

    async def raise_versions(self, coverage_ids: Sequence[UUID], *, now: datetime) -> None:
        """For coverages whose rows stay but whose ranks have changed."""
        columns = coverage.c
        await self._connection.execute(
            sa.update(coverage)
            .where(columns.practice_id == self._vault.practice_id, columns.id.in_(coverage_ids))
            .values(version=columns.version + 1, updated_at=now)
        )

    async def get(self, coverage_id: UUID) -> Coverage | None:
        rows = await _ONE.fetch(self._connection, {"practice_id": self._vault.practice_id, "id": coverage_id})
        return self._coverage(rows[0]) if rows else None

    async def of_patient(self, patient_id: UUID) -> tuple[Coverage, ...]:
        """All coverages of one patient, of any status, oldest first."""
        return tuple(await self.page(patient_id=patient_id))

    async def page(
        self,
        *,
        patient_id: UUID,
        status: CoverageStatus | None = None,
        source: CoverageSource | None = None,
        after: UUID | None = None,
        limit: int | None = None,
    ) -> list[Coverage]:
        rows = await _PAGE.fetch(
            self._connection,
            {
                "practice_id": self._vault.practice_id,
                "patient_id": patient_id,
                "status": status and status.value,
                "source": source and source.value,
                "after": after,
                "limit": limit,
            },
        )
        return [self._coverage(row) for row in rows]

    async def count_added_by_patient(self, patient_id: UUID, *, since: datetime) -> int:
        """How many of the patient's own additions still wait, counted from a moment on."""
        columns = coverage.c
        count = await self._connection.scalar(
            sa.select(sa.func.count()).where(
                columns.practice_id == self._vault.practice_id,
                columns.patient_id == patient_id,
                columns.source == CoverageSource.PATIENT.value,
                columns.status == CoverageStatus.UNVERIFIED.value,
                columns.created_at >= since,
            )
        )
        return int(count or 0)

    async def _write(self, statement: sa.Insert | sa.Update, value: Coverage) -> None:
        try:
            await self._connection.execute(statement.values(self._row(value)))
        except IntegrityError as error:
            if constraint_of(error) == "coverage_same_policy_excl":
                raise same_policy_conflict() from None
            raise

    def _key(self, coverage_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return (coverage.c.practice_id == self._vault.practice_id, coverage.c.id == coverage_id)

    def _row(self, value: Coverage) -> dict[str, Any]:
        sealed = {
            "member_id": value.member_id,
            "group_number": value.group_number,
            "group_name": value.group_name,
            "plan_name": value.plan_name,
            "subscriber": None if value.subscriber is None else person_to_json(value.subscriber),
            "payer_address": address_to_json(value.payer_address),
        }
        return {
            "practice_id": self._vault.practice_id,
            "id": value.id,
            "patient_id": value.patient_id,
            "payer_id": value.payer_id,
            "status": value.status.value,
            "source": value.source.value,
            "benefit_class": value.benefit_class.value,
            "wished_rank": value.wished_rank.number,
            "insurance_type_code": value.insurance_type_code,
            "sealed": self._vault.seal("coverage", "sealed", value.id, sealed),
            "member_id_hash": self._vault.hash("coverage.member_id", compact(value.member_id)),
            "member_id_belongs_to": value.member_id_belongs_to.value,
            "relationship": value.relationship.value,
            "effective_from": value.effective_from,
            "effective_to": value.effective_to,
            "claim_filing_code": value.claim_filing_code,
            "benefits_assigned": value.benefits_assigned and value.benefits_assigned.value,
            "verification": value.verification and value.verification.value,
            "verified_at": value.verified_at,
            "created_at": value.created_at,
            "updated_at": value.updated_at,
            "version": value.version,
        }

    def _coverage(self, row: asyncpg.Record) -> Coverage:
        sealed = self._vault.open("coverage", "sealed", row["id"], row["sealed"])
        subscriber = sealed["subscriber"]
        return Coverage(
            id=row["id"],
            patient_id=row["patient_id"],
            payer_id=row["payer_id"],
            status=_WORDS[CoverageStatus][row["status"]],
            source=_WORDS[CoverageSource][row["source"]],
            benefit_class=_WORDS[BenefitClass][row["benefit_class"]],
            wished_rank=PayerResponsibility.from_number(row["wished_rank"]),
            insurance_type_code=row["insurance_type_code"],
            member_id=sealed["member_id"],
            member_id_belongs_to=_WORDS[MemberIdOwner][row["member_id_belongs_to"]],
            group_number=sealed["group_number"],
            group_name=sealed["group_name"],
            plan_name=sealed["plan_name"],
            relationship=_WORDS[Relationship][row["relationship"]],
            subscriber=None if subscriber is None else person_from_json(subscriber),
            effective_from=row["effective_from"],
            effective_to=row["effective_to"],
            claim_filing_code=row["claim_filing_code"],
            benefits_assigned=_WORDS[BenefitsAssigned].get(row["benefits_assigned"]),
            payer_address=address_from_json(sealed["payer_address"]),
            verification=_WORDS[Verification].get(row["verification"]),
            verified_at=row["verified_at"],
            ranks=_ranks(row["id"], row["ranks"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            version=row["version"],
        )


def same_policy_conflict() -> CoverageConflict:
    return CoverageConflict(
        "This patient has a coverage with the same payer and member id in the same period.",
        code="coverage_duplicate",
        findings=(
            Finding(
                code="coverage_duplicate",
                message="The same payer and member id cannot hold two ranks.",
                pointer="/member_id",
            ),
        ),
    )


def _ranks(coverage_id: UUID, entries: list[dict[str, Any]]) -> tuple[CoverageRank, ...]:
    return tuple(sorted((_rank(coverage_id, entry) for entry in entries), key=lambda rank: rank.first_day))


def _rank(coverage_id: UUID, entry: dict[str, Any]) -> CoverageRank:
    return CoverageRank(
        coverage_id=coverage_id,
        benefit_class=BenefitClass(entry["class"]),
        rank=PayerResponsibility.from_number(entry["rank"]),
        insurance_type_code=entry["type"],
        from_date=_day(entry["from"]),
        to_date=_day(entry["to"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

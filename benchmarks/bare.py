"""The yardstick: FastAPI and asyncpg and nothing else, doing the same work on the same tables.

It verifies the same token, sets the tenant, runs the same SQL with the audit event, opens the same sealed column and sends
the same bytes. What ours costs above it is the price of layers, domain values and the gate in front of every operation.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uuid_utils.compat
from fastapi import FastAPI, Request, Response

from app.domain.callers import Caller
from app.repositories.encryption import PracticeVault

_SET_TENANT = "select set_config('crossover.practice_id', $1, true)"
_COVERAGE = """
select c.*, (
    select coalesce(json_agg(json_build_object('class', r.benefit_class, 'rank', r.rank,
        'type', r.insurance_type_code, 'from', lower(r.during), 'to', cast(upper(r.during) - 1 as date))), '[]'::json)
    from coverage_rank r where r.practice_id = c.practice_id and r.coverage_id = c.id
) as ranks from coverage c where c.practice_id = $1
"""
_ONE = f"{_COVERAGE} and c.id = $2"
_LIST = f"{_COVERAGE} and c.patient_id = $2 order by c.id limit $3"
_PATIENT_EXISTS = "select 1 from patient where practice_id = $1 and id = $2"
_AUDIT = """
insert into audit_event (practice_id, id, occurred_at, actor, role, request_id, purpose, action, record_type, record_id,
    patient_id, seen_patient_ids, reason, changed_fields)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_RANKS = "primary secondary tertiary fourth fifth sixth seventh eighth ninth tenth eleventh".split()
_UNVERIFIED: dict[str, Any] = {
    "code": "coverage_unverified",
    "severity": "warning",
    "message": "Not billable until an eligibility check or staff confirm it.",
    "pointer": "/status",
    "location": None,
    "repair_ids": [],
}


def create_bare(pool: asyncpg.Pool, verify: Callable[[str], Awaitable[Caller]], vault: PracticeVault) -> FastAPI:
    bare = FastAPI(docs_url=None, redoc_url=None, telemetry={"logs": False, "operation_spans": False})

    async def audit(connection: Any, caller: Caller, action: str, record: UUID | None, patient: UUID) -> None:
        await connection.execute(
            _AUDIT,
            caller.practice_id,
            uuid_utils.compat.uuid7(),
            datetime.now(UTC),
            caller.subject,
            "+".join(sorted(caller.roles)),
            "bare",
            "payment",
            action,
            "coverage",
            record,
            patient,
            None,
            None,
            None,
        )

    @bare.get("/bare/v1/coverages/{coverage_id}")
    async def one(coverage_id: UUID, request: Request) -> Response:
        caller = await verify(request.headers["authorization"].removeprefix("Bearer "))
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_SET_TENANT, str(caller.practice_id))
            row = await connection.fetchrow(_ONE, caller.practice_id, coverage_id)
            await audit(connection, caller, "read", coverage_id, row["patient_id"])
        return Response(orjson.dumps(_coverage(row, vault)), media_type="application/json")

    @bare.get("/bare/v1/patients/{patient_id}/coverages")
    async def fifty(patient_id: UUID, request: Request, limit: int = 50) -> Response:
        caller = await verify(request.headers["authorization"].removeprefix("Bearer "))
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_SET_TENANT, str(caller.practice_id))
            await connection.fetchval(_PATIENT_EXISTS, caller.practice_id, patient_id)
            rows = await connection.fetch(_LIST, caller.practice_id, patient_id, limit + 1)
            await audit(connection, caller, "list", None, patient_id)
        data = [_coverage(row, vault) for row in rows[:limit]]
        return Response(orjson.dumps({"data": data, "next_cursor": None}), media_type="application/json")

    return bare


def _coverage(row: Any, vault: PracticeVault) -> dict[str, Any]:
    sealed = vault.open("coverage", "sealed", row["id"], row["sealed"])
    ranks = sorted(orjson.loads(row["ranks"]), key=lambda rank: rank["from"] or "")
    return {
        "benefit_class": row["benefit_class"],
        "wished_rank": _RANKS[row["wished_rank"] - 1],
        "insurance_type_code": row["insurance_type_code"],
        "member_id": sealed["member_id"],
        "member_id_belongs_to": row["member_id_belongs_to"],
        "group_number": sealed["group_number"],
        "group_name": sealed["group_name"],
        "plan_name": sealed["plan_name"],
        "relationship": row["relationship"],
        "subscriber": sealed["subscriber"],
        "effective_from": row["effective_from"],
        "effective_to": row["effective_to"],
        "claim_filing_code": row["claim_filing_code"],
        "benefits_assigned": row["benefits_assigned"],
        "payer_address": sealed["payer_address"],
        "id": str(row["id"]),
        "patient_id": str(row["patient_id"]),
        "payer_id": str(row["payer_id"]),
        "status": row["status"],
        "source": row["source"],
        "ranks": [
            {
                "coverage_id": str(row["id"]),
                "benefit_class": rank["class"],
                "rank": _RANKS[rank["rank"] - 1],
                "insurance_type_code": rank["type"],
                "effective_from": rank["from"],
                "effective_to": rank["to"],
            }
            for rank in ranks
        ],
        "verification": row["verification"],
        "verified_at": _time(row["verified_at"]),
        "findings": [_UNVERIFIED] if row["status"] == "unverified" else [],
        "created_at": _time(row["created_at"]),
        "updated_at": _time(row["updated_at"]),
        "version": row["version"],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat() + "Z"

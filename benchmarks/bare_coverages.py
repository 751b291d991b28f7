"""The bare handlers of coverages: one, and a patient's list."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import FastAPI, Request, Response

from app.repositories.encryption import PracticeVault
from benchmarks.bare import RANKS, SET_TENANT, Floor, audit, time_text

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
_UNVERIFIED: dict[str, Any] = {
    "code": "coverage_unverified",
    "severity": "warning",
    "message": "Not billable until an eligibility check or staff confirm it.",
    "pointer": "/status",
    "location": None,
    "repair_ids": [],
}


def add_coverages(bare: FastAPI, floor: Floor) -> None:
    @bare.get("/bare/v1/coverages/{coverage_id}")
    async def one(coverage_id: UUID, request: Request) -> Response:
        caller = await floor.caller(request)
        async with floor.pool.acquire() as connection, connection.transaction():
            await connection.execute(SET_TENANT, str(caller.practice_id))
            row = await connection.fetchrow(_ONE, caller.practice_id, coverage_id)
            await audit(connection, caller, "read", "coverage", record=coverage_id, patient=row["patient_id"])
        return Response(orjson.dumps(_coverage(row, floor.vault)), media_type="application/json")

    @bare.get("/bare/v1/patients/{patient_id}/coverages")
    async def fifty(patient_id: UUID, request: Request, limit: int = 50) -> Response:
        caller = await floor.caller(request)
        async with floor.pool.acquire() as connection, connection.transaction():
            await connection.execute(SET_TENANT, str(caller.practice_id))
            await connection.fetchval(_PATIENT_EXISTS, caller.practice_id, patient_id)
            rows = await connection.fetch(_LIST, caller.practice_id, patient_id, limit + 1)
            await audit(connection, caller, "list", "coverage", patient=patient_id)
        data = [_coverage(row, floor.vault) for row in rows[:limit]]
        return Response(orjson.dumps({"data": data, "next_cursor": None}), media_type="application/json")


def _coverage(row: Any, vault: PracticeVault) -> dict[str, Any]:
    sealed = vault.open("coverage", "sealed", row["id"], row["sealed"])
    ranks = sorted(orjson.loads(row["ranks"]), key=lambda rank: rank["from"] or "")
    return {
        "benefit_class": row["benefit_class"],
        "wished_rank": RANKS[row["wished_rank"] - 1],
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
                "rank": RANKS[rank["rank"] - 1],
                "insurance_type_code": rank["type"],
                "effective_from": rank["from"],
                "effective_to": rank["to"],
            }
            for rank in ranks
        ],
        "verification": row["verification"],
        "verified_at": time_text(row["verified_at"]),
        "findings": [_UNVERIFIED] if row["status"] == "unverified" else [],
        "created_at": time_text(row["created_at"]),
        "updated_at": time_text(row["updated_at"]),
        "version": row["version"],
    }

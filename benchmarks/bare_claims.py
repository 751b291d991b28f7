"""The bare handlers of claims: one with its lines, and the practice's list."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import FastAPI, Request, Response

from app.repositories.encryption import PracticeVault
from benchmarks.bare import RANKS, SET_TENANT, Floor, audit, id_text, time_text

_ONE = "select * from claim where practice_id = $1 and id = $2"
_LIST = """
select id, chain_id, patient_id, coverage_id, payer_id, rank, frequency, previous_claim_id, replaces_claim_id, status,
    hold_reason, accepted_by, outcome, patient_control_number, total_charge, first_service_date, last_service_date,
    billing_provider_id, rendering_provider_id, encounter_id, created_at, updated_at, version
from claim where practice_id = $1 order by updated_at desc, id desc limit $2
"""


def add_claims(bare: FastAPI, floor: Floor) -> None:
    @bare.get("/bare/v1/claims/{claim_id}")
    async def one(claim_id: UUID, request: Request) -> Response:
        caller = await floor.caller(request)
        async with floor.pool.acquire() as connection, connection.transaction():
            await connection.execute(SET_TENANT, str(caller.practice_id))
            row = await connection.fetchrow(_ONE, caller.practice_id, claim_id)
            await audit(connection, caller, "read", "claim", record=claim_id, patient=row["patient_id"])
        return Response(orjson.dumps(_claim(row, floor.vault)), media_type="application/json")

    @bare.get("/bare/v1/claims")
    async def fifty(request: Request, limit: int = 50) -> Response:
        caller = await floor.caller(request)
        async with floor.pool.acquire() as connection, connection.transaction():
            await connection.execute(SET_TENANT, str(caller.practice_id))
            rows = await connection.fetch(_LIST, caller.practice_id, limit + 1)
            shown = rows[:limit]
            await audit(
                connection, caller, "list", "claim", seen=list(dict.fromkeys(row["patient_id"] for row in shown))
            )
        data = [
            {
                **_facts(row),
                "billing_provider_id": id_text(row["billing_provider_id"]),
                "rendering_provider_id": id_text(row["rendering_provider_id"]),
            }
            for row in shown
        ]
        return Response(orjson.dumps({"data": data, "next_cursor": None}), media_type="application/json")


def _claim(row: Any, vault: PracticeVault) -> dict[str, Any]:
    sealed = vault.open("claim", "sealed", row["id"], row["sealed"])
    content = sealed["content"]
    return {
        "billing_provider_id": content["billing_provider_id"],
        "rendering_provider_id": content["rendering_provider_id"],
        "referring_provider_id": content["referring_provider_id"],
        "supervising_provider_id": content["supervising_provider_id"],
        "service_facility": content["service_facility"],
        "pay_to_address": content["pay_to_address"],
        "billing_contact": content["billing_contact"],
        "payer_assigned_ids": content["payer_assigned_ids"],
        "place_of_service": content["place_of_service"],
        "diagnoses": content["diagnoses"],
        "prior_authorization": content["prior_authorization"],
        "referral_number": content["referral_number"],
        "patient_paid": content["patient_paid"],
        "signature_generated_by_provider": content["signature_generated_by_provider"],
        **_facts(row),
        "payer_claim_number": sealed["payer_claim_number"],
        "lines": [_line(line) for line in content["lines"]],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "procedure_code": line["procedure_code"],
        "modifiers": line["modifiers"],
        "charge": line["charge"],
        "units": line["units"],
        "unit_of_measure": line["unit_of_measure"],
        "diagnosis_pointers": line["diagnosis_pointers"],
        "first_date": line["first_date"],
        "last_date": line["last_date"],
        "place_of_service": line["place_of_service"],
        "id": line["id"],
        "control_number": line["control_number"],
    }


def _facts(row: Any) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "chain_id": str(row["chain_id"]),
        "encounter_id": row["encounter_id"],
        "patient_id": str(row["patient_id"]),
        "coverage_id": str(row["coverage_id"]),
        "payer_id": str(row["payer_id"]),
        "rank": RANKS[row["rank"] - 1],
        "frequency": row["frequency"],
        "previous_claim_id": id_text(row["previous_claim_id"]),
        "replaces_claim_id": id_text(row["replaces_claim_id"]),
        "status": row["status"],
        "hold_reason": row["hold_reason"],
        "accepted_by": row["accepted_by"],
        "outcome": row["outcome"],
        "patient_control_number": row["patient_control_number"],
        "total_charge": f"{row['total_charge']:.2f}",
        "first_service_date": row["first_service_date"],
        "last_service_date": row["last_service_date"],
        "created_at": time_text(row["created_at"]),
        "updated_at": time_text(row["updated_at"]),
        "version": row["version"],
    }

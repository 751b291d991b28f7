"""The session that the demonstration bills: on a day that is still free, held by the practice's therapist."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.callers import Role
from app.local.demo_walk import DemoFailed, Walk
from app.local.demonstration import PROVIDER_ID

_DAYS_TO_CHOOSE_FROM = 150


def free_day(walk: Walk, payer: str) -> str:
    """The latest day for which the practice has billed this payer nothing: the sandbox takes its copay once a day."""
    latest = datetime.now(UTC).date() - timedelta(days=2)
    taken: set[str] = set()
    cursor = ""
    while True:
        page = walk.ask(Role.BILLER, "GET", f"/v1/claims?payer_id={payer}&limit=100{cursor}", expect=200)
        taken |= {claim["first_service_date"] for claim in page["data"]}
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    days = ((latest - timedelta(days=back)).isoformat() for back in range(_DAYS_TO_CHOOSE_FROM))
    day = next((day for day in days if day not in taken), None)
    if day is None:
        raise DemoFailed("No day is free any more. Remove the data folder to begin anew.")
    return day


def session_body(patient: str, day: str) -> dict[str, Any]:
    """An hour of psychotherapy, as it is claimed."""
    line = {
        "procedure_code": "90837",
        "charge": "150.00",
        "units": "1",
        "diagnosis_pointers": [1],
        "first_date": day,
    }
    return {
        "encounter_id": f"demo-{uuid.uuid4().hex[:12]}",
        "patient_id": patient,
        "rendering_provider_id": str(PROVIDER_ID),
        "place_of_service": "11",
        "diagnoses": ["F411"],
        "lines": [line],
    }

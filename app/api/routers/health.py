"""/livez and /readyz: for whoever runs the service; neither needs a token, neither says anything about anyone."""

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.answers import json_answer
from app.use_cases.health import readiness

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> Response:
    """The process turns its event loop; nothing else is touched."""
    return json_answer(b'{"status":"alive"}')


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 when database, schema version and keys are in order, else 503; the clearinghouse is shown, never red."""
    state = request.app.state
    found = await readiness(state.context, state.keys_are_loaded)
    body = {
        "status": "ready" if found.is_ready else "not_ready",
        "database": found.database,
        "schema": found.schema,
        "keys": found.keys,
        "clearinghouse": found.clearinghouse,
    }
    return json_answer(orjson.dumps(body), 200 if found.is_ready else 503)

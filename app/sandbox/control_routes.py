"""`/sandbox/…`: the handles a clearinghouse does not have. What came in, and what shall go wrong next."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.eligibility_route import Desk
from app.sandbox.faults import Fault


async def livez(_request: Request) -> Response:
    return JSONResponse({"status": "live"})


async def show_ledger(request: Request) -> Response:
    """How many inquiries were taken, in all and by trace number (`?trace_number=` for one)."""
    desk: Desk = request.app.state.desk
    by_trace_number = desk.ledger.inquiries(request.query_params.get("trace_number"))
    total = sum(by_trace_number.values())
    return JSONResponse({"inquiries": {"total": total, "by_trace_number": by_trace_number}})


async def show_faults(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    return JSONResponse({"waiting": [fault for fault, _ in desk.faults.waiting]})


async def add_faults(request: Request) -> Response:
    """`{"fault": "RESET", "times": 1, "retry_after": "5"}`: the next requests go wrong like this."""
    desk: Desk = request.app.state.desk
    try:
        content = json.loads(await request.body())
        fault, times = Fault(content["fault"]), int(content.get("times", 1))
        retry_after = content.get("retry_after")
    except (ValueError, TypeError, KeyError, AttributeError):
        names = ", ".join(Fault)
        return JSONResponse({"message": f"`fault` must be one of {names}; `times` a number."}, status_code=400)
    desk.faults.add(fault, max(0, min(times, 10_000)), None if retry_after is None else str(retry_after))
    return await show_faults(request)


async def clear_faults(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    desk.faults.waiting.clear()
    return await show_faults(request)

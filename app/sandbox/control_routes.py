"""`/sandbox/…`: the handles a clearinghouse does not have. What came in, and what shall go wrong next."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.eligibility_route import Desk
from app.sandbox.faults import Fault, On
from app.sandbox.feed import Feed
from app.sandbox.outbox import Outbox


async def livez(_request: Request) -> Response:
    return JSONResponse({"status": "live"})


async def show_ledger(request: Request) -> Response:
    """How many inquiries and claims were taken, in all and by the number their sender gave them.

    `?trace_number=` and `?control_number=` ask for one.
    """
    desk: Desk = request.app.state.desk
    by_trace_number = desk.ledger.inquiries(request.query_params.get("trace_number"))
    by_control_number = desk.ledger.claims(request.query_params.get("control_number"))
    return JSONResponse(
        {
            "inquiries": {"total": sum(by_trace_number.values()), "by_trace_number": by_trace_number},
            "claims": {"total": sum(by_control_number.values()), "by_control_number": by_control_number},
        }
    )


async def show_faults(request: Request) -> Response:
    """What waits, for all requests or for those of one kind (`?on=claims`)."""
    desk: Desk = request.app.state.desk
    return JSONResponse({"waiting": desk.faults.waiting(*_kinds(request))})


async def add_faults(request: Request) -> Response:
    """`{"fault": "RESET", "on": "claims", "times": 1, "retry_after": "5"}`: the next requests go wrong like this."""
    desk: Desk = request.app.state.desk
    try:
        content = json.loads(await request.body())
        fault, times = Fault(content["fault"]), int(content.get("times", 1))
        on = On(content.get("on", On.INQUIRIES))
        retry_after = content.get("retry_after")
    except (ValueError, TypeError, KeyError, AttributeError):
        names, kinds = ", ".join(Fault), ", ".join(On)
        message = f"`fault` must be one of {names}; `on` one of {kinds}; `times` a number."
        return JSONResponse({"message": message}, status_code=400)
    desk.faults.add(fault, max(0, min(times, 10_000)), None if retry_after is None else str(retry_after), on)
    return await show_faults(request)


async def clear_faults(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    desk.faults.clear(*_kinds(request))
    return await show_faults(request)


async def put_into_feed(request: Request) -> Response:
    """`{"type": "835", "x12": "ISA..."}`: this text, whatever it is, is the feed's next inbound transaction."""
    desk: Desk = request.app.state.desk
    feed: Feed = request.app.state.feed
    try:
        content = json.loads(await request.body())
        kind, x12 = content["type"], content["x12"]
        # A lone surrogate is JSON and no text.
        storable = isinstance(x12, str) and bool(x12.encode())
    except (ValueError, TypeError, KeyError):
        kind, x12, storable = None, "", False
    if kind not in ("277", "835") or not storable:
        return JSONResponse({"message": "`type` must be 277 or 835, `x12` text."}, status_code=400)
    return JSONResponse({"transactionId": feed.put(kind, x12, desk.clock())})


async def decide_pended(request: Request) -> Response:
    """`{"then": "pay"}` or `"deny"`: the payer decides on the claim of this control number, which it had pended."""
    outbox: Outbox = request.app.state.outbox
    try:
        then = json.loads(await request.body())["then"]
    except (ValueError, TypeError, KeyError):
        then = None
    if then not in ("pay", "deny"):
        return JSONResponse({"message": "`then` must be pay or deny."}, status_code=400)
    if not outbox.tell(request.path_params["control_number"], then):
        return JSONResponse({"message": "No claim of this control number is pended."}, status_code=404)
    return JSONResponse({"then": then})


def _kinds(request: Request) -> tuple[On, ...]:
    asked = request.query_params.get("on", "")
    return (On(asked),) if asked in set(On) else ()

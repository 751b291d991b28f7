"""The sandbox clearinghouse: an ASGI app and the server that runs it.

It stands for a clearinghouse with payers behind it, for development, demonstration and tests; `docs/sandbox.md` lists
who and what is in it. It is never part of a production installation.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.sandbox import control_routes, feed_route
from app.sandbox.claim_route import submit_claims
from app.sandbox.eligibility_route import Desk, ask_eligibility
from app.sandbox.faults import CONNECTION, FaultQueue, Pace
from app.sandbox.feed import Feed
from app.sandbox.fees import load_fees
from app.sandbox.keys import KeysInFlight
from app.sandbox.ledger import Ledger
from app.sandbox.members import SHIPPED, load_book
from app.sandbox.outbox import Outbox
from app.sandbox.payer_memory import PayerMemory

BASE_PATH: Final = "/2024-04-01"
"""The version of the API that Stedi puts before every path."""

SUBMISSION_PATH: Final = "/change/medicalnetwork/professionalclaims/v3/raw-x12-submission"

TEST_KEY: Final = "sandbox-test-key"


def create_app(
    *,
    state_dir: Path,
    members_path: Path | None = None,
    api_key: str = TEST_KEY,
    pace: Pace | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The app. `state_dir` keeps the ledger; `clock` says which day an inquiry without a date is about."""
    desk = Desk(
        book=load_book(members_path or SHIPPED),
        ledger=Ledger(state_dir),
        faults=FaultQueue(),
        pace=pace or Pace(),
        api_key=api_key,
        clock=clock,
    )

    outbox = Outbox(
        ledger=desk.ledger,
        feed=Feed(desk.ledger),
        memory=PayerMemory(desk.ledger),
        book=desk.book,
        fees=load_fees(),
        payer_seconds=desk.pace.payer_seconds,
        clock=clock,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        payers = asyncio.create_task(outbox.run())
        yield
        payers.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await payers
        desk.ledger.close()

    app = Starlette(
        routes=[
            Route(f"{BASE_PATH}/change/medicalnetwork/eligibility/v3/raw-x12", ask_eligibility, methods=["POST"]),
            Route(f"{BASE_PATH}{SUBMISSION_PATH}", submit_claims, methods=["POST"]),
            *feed_route.ROUTES,
            Route("/sandbox/outbox", control_routes.put_into_feed, methods=["POST"]),
            Route("/sandbox/pended/{control_number}", control_routes.decide_pended, methods=["POST"]),
            Route("/sandbox/livez", control_routes.livez),
            Route("/sandbox/ledger", control_routes.show_ledger),
            Route("/sandbox/faults", control_routes.show_faults),
            Route("/sandbox/faults", control_routes.add_faults, methods=["POST"]),
            Route("/sandbox/faults", control_routes.clear_faults, methods=["DELETE"]),
        ],
        exception_handlers={404: _not_found, 405: _wrong_verb},
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.claim_keys = KeysInFlight()
    app.state.feed = outbox.feed
    app.state.outbox = outbox
    return app


def server(app: Starlette, *, host: str, port: int, log_level: str = "warning") -> uvicorn.Server:
    """A server that can break its connections. A stop waits 2 s for answers under way: some of them hang on purpose."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_BreakableConnection,
        loop="asyncio",
        log_level=log_level,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    return uvicorn.Server(config)


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 8100,
    state_dir: Path,
    members_path: Path | None = None,
    api_key: str = TEST_KEY,
    hang_seconds: float = 600,
    drip_seconds: float = 1,
    payer_seconds: float = 1,
    log_level: str = "warning",
) -> None:
    """Serve until SIGINT or SIGTERM."""
    pace = Pace(hang_seconds=hang_seconds, drip_seconds=drip_seconds, payer_seconds=payer_seconds)
    app = create_app(state_dir=state_dir, members_path=members_path, api_key=api_key, pace=pace)
    with contextlib.suppress(KeyboardInterrupt):
        server(app, host=host, port=port, log_level=log_level).run()


class _BreakableConnection(HttpToolsProtocol):
    """Hands the transport to the app: a reset is nothing ASGI can say."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]  # our own extension


async def _not_found(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"message": "There is no such resource."}, status_code=404)


async def _wrong_verb(_request: Request, _error: Exception) -> Response:
    """Stedi answers 403 to a verb that an address does not take."""
    return JSONResponse({"message": "This address does not take this verb."}, status_code=403)

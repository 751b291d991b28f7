"""One process with both: the service's real application, and the bare handlers beside it. Prints its port when ready."""

import asyncio
import sys
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from starlette.types import Receive, Scope, Send

from app import __version__
from app.api.application import create_application
from app.api.pagination import CursorCodec
from app.bootstrap import master_keys_of, required, service, tune_garbage_collection
from app.observability import Metrics, RequestTelemetry, configure_logging
from app.repositories.practices import practice_vault
from app.settings import Settings
from benchmarks.bare import Floor
from benchmarks.bare_claims import add_claims
from benchmarks.bare_coverages import add_coverages


async def serve(port: int, practice_id: UUID) -> None:
    settings = Settings.load()
    configure_logging("warning")
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(service(settings, name="bench", statement_seconds=5))
        url = make_url(required(settings.database_url, "DATABASE_URL"))
        pool = await asyncpg.create_pool(
            user=url.username,
            password=url.password,
            database=url.database,
            host=str(url.query["host"]),
            port=int(str(url.query["port"])),
            min_size=settings.database.pool_size,
            max_size=settings.database.pool_size,
        )
        stack.push_async_callback(pool.close)
        async with running.database.tenant_transaction(practice_id) as connection:
            vault = await practice_vault(connection, master_keys_of(settings), practice_id)
        ours = create_application(
            version=__version__,
            context=running.context,
            verify_token=running.verify_token,
            cursor_codec=CursorCodec(running.cursor_cipher.seal, running.cursor_cipher.open),
        )
        bare = FastAPI(docs_url=None, redoc_url=None, telemetry={"logs": False, "operation_spans": False})
        floor = Floor(pool, running.verify_token, vault)
        add_coverages(bare, floor)
        add_claims(bare, floor)
        both = _Both(RequestTelemetry(ours, Metrics()), bare)
        tune_garbage_collection()
        server = uvicorn.Server(
            uvicorn.Config(both, port=port, loop="uvloop", http="httptools", log_config=None, access_log=False)
        )
        await server.serve()


class _Both:
    def __init__(self, ours: object, bare: FastAPI) -> None:
        self._ours, self._bare = ours, bare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        chosen = self._bare if scope["path"].startswith("/bare/") else self._ours
        await chosen(scope, receive, send)  # type: ignore[operator]  # both are ASGI applications


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), UUID(sys.argv[2])))

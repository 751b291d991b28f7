"""The two processes: the API's ASGI application under uvicorn, and the worker's loop. Both read settings here."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import FrameType

import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp

from app import __version__
from app.api.application import create_application
from app.api.pagination import CursorCodec
from app.bootstrap import refuse_unsafe_database, service, tune_garbage_collection
from app.observability import Metrics, PoolState, RequestTelemetry, configure_logging, serve_metrics
from app.repositories.database import Database
from app.settings import Settings
from app.use_cases.context import Context
from app.use_cases.inbound_documents import waiting_documents
from app.use_cases.jobs import queue_figures
from app.worker.feed import FeedReader
from app.worker.loop import Worker, WorkerLimits


def create_app(settings: Settings | None = None, *, on_open: Callable[[Context], None] | None = None) -> ASGIApp:
    """For `uvicorn --factory app.main:create_app`; everything is opened in the server's lifespan."""
    chosen = settings or Settings.load()
    configure_logging(chosen.log_level)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            api = chosen.api
            running = await stack.enter_async_context(
                service(
                    chosen,
                    name="api",
                    statement_seconds=api.statement_seconds,
                    on_refused_token=lambda reason: metrics.token_refused(reason.value),
                )
            )
            application.state.context = running.context
            application.state.verify_token = running.verify_token
            application.state.keys_are_loaded = running.keys_are_loaded
            application.state.cursor_codec = CursorCodec(running.cursor_cipher.seal, running.cursor_cipher.open)
            metrics.watch_pool(lambda: pool_state(running.database))
            await stack.enter_async_context(serve_metrics(metrics, api.metrics_host, api.metrics_port))
            tune_garbage_collection()
            if on_open is not None:
                on_open(running.context)
            yield

    application = create_application(
        version=__version__,
        cors_origins=chosen.api.cors_origins,
        allowed_hosts=chosen.api.allowed_hosts,
        deadline_seconds=chosen.api.request_seconds,
    )
    application.router.lifespan_context = lifespan
    return RequestTelemetry(application, metrics)


def pool_state(database: Database) -> PoolState:
    in_use, size = database.connections_in_use()
    return PoolState(size=size, in_use=in_use)


def serve_api(settings: Settings) -> int:
    """Until SIGTERM or SIGINT; requests under way get their time, then connections are cut."""
    asyncio.run(refuse_unsafe_database(settings))  # here, where the operator is told in words

    def opened(context: Context) -> None:
        server.release_waiting = context.signals.release

    server = _Server(
        uvicorn.Config(
            create_app(settings, on_open=opened),
            host=settings.api.host,
            port=settings.api.port,
            loop="uvloop",
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=max(1, int(settings.api.stop_seconds) - 2),
        )
    )
    server.run()
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """At the first signal those who wait for a payer get the answer there is, instead of being cut off in the end."""

    release_waiting: Callable[[], None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.release_waiting is not None:
            self.release_waiting()
        super().handle_exit(sig, frame)


def serve_worker(settings: Settings) -> int:
    """Until SIGTERM or SIGINT; jobs under way get their time, the rest is left to their leases."""
    asyncio.run(refuse_unsafe_database(settings))
    configure_logging(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        part = settings.worker
        running = await stack.enter_async_context(
            service(settings, name="worker", statement_seconds=part.statement_seconds)
        )
        metrics.watch_pool(lambda: pool_state(running.database))
        metrics.watch_queue(lambda: queue_figures(running.context))
        metrics.watch_inbound(lambda: waiting_documents(running.context))
        await stack.enter_async_context(serve_metrics(metrics, part.metrics_host, part.metrics_port))
        limits = WorkerLimits(concurrency=part.concurrency, stop_seconds=max(1.0, part.stop_seconds - 1))
        worker = Worker(running.context, limits, metrics.job_ended)
        reader = FeedReader(running.context, poll_seconds=settings.clearinghouse.poll_seconds)

        def stop() -> None:
            reader.stop()
            worker.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        tune_garbage_collection()
        async with asyncio.TaskGroup() as both:
            both.create_task(reader.run())
            both.create_task(worker.run())

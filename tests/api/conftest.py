import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from tests.api import kit


@pytest.fixture(scope="session")
def service() -> FastAPI:
    return kit.service()


@pytest.fixture(scope="session")
async def client(service: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A clinician's client."""
    transport = httpx.ASGITransport(service)
    headers = {"Authorization": "Bearer clinician"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as session:
        yield session


class _Server(uvicorn.Server):
    def __init__(self, service: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(service, http="httptools", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        )
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


@pytest.fixture(scope="session")
async def server(service: FastAPI) -> AsyncIterator[tuple[str, int]]:
    """The same service behind a real server on a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = _Server(service)
        task = asyncio.create_task(running.serve(sockets=[listener]))
        await running.ready.wait()
        yield listener.getsockname()
        running.should_exit = True
        await task

"""A program that says a canary in every way it can: run as a process, its output is read by a test."""

import asyncio
import logging
import sys
import threading
import urllib.parse
import warnings

import httpx
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from app.observability import Metrics, RequestTelemetry, configure_logging


class Unraisable:
    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __del__(self) -> None:
        raise ValueError(self.canary)


def ask_a_database(canary: str) -> None:
    logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sa.text("select :name as name"), {"name": canary}).all()
        try:
            connection.execute(sa.text("select * from absent where name = :name"), {"name": canary})
        except sa.exc.OperationalError:
            logging.getLogger("noisy").exception(canary)
    engine.dispose()


async def serve_and_ask(canary: str) -> None:
    api = FastAPI(telemetry={"logs": False, "operation_spans": False})

    @api.get("/v1/patients/{patient_id}")
    async def read_patient(patient_id: str) -> None:
        raise ValueError(patient_id)

    config = uvicorn.Config(
        RequestTelemetry(api, Metrics()), port=0, log_config=None, access_log=False, log_level="debug"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    path = urllib.parse.quote(canary)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for route in ("v1/patients", path):
            await client.get(f"/{route}/{path}?name={path}", headers={"X-Request-Id": path, "X-Name": path})
    server.should_exit = True
    await serving


def main(canary: str) -> None:
    configure_logging("debug")
    ask_a_database(canary)
    asyncio.run(serve_and_ask(canary))
    warnings.warn(canary, stacklevel=1)
    logging.getLogger("noisy").error("%d people", canary)
    Unraisable(canary)
    thread = threading.Thread(target=lambda: int(canary), name=canary)
    thread.start()
    thread.join()
    raise ValueError(canary)


if __name__ == "__main__":
    main(sys.argv[1])

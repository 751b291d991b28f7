"""A program that forks workers which are to die: `python -m tests.worker.crashing`.

It has imported everything once, so that a worker costs a fork and its connections. Orders come as lines of JSON on
standard input, and each worker's process number and, later, its end are told as lines of JSON on standard output:

    {"id": 1, "pid": 4711}     {"id": 1, "pid": 4711, "status": -9}

It ends at the end of its input, and takes its workers with it.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import select
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.http_client import HttpClient
from app.observability import configure_logging
from app.worker.loop import Worker, WorkerLimits
from tests.worker.contexts import TLS, Place, opened
from tests.worker.fates import Fate, FatefulClearinghouse, FatefulDatabase, Moment


@dataclass(frozen=True, kw_only=True)
class Order:
    """One worker: where it works, how, and what becomes of it."""

    database_url: str
    sandbox_url: str
    log: str
    moment: str | None = None
    signal_number: int = signal.SIGKILL.value
    only_about: str | None = None
    lease: float = 30.0
    concurrency: int = 8
    idle_in_transaction_ms: int = 10_000


async def work(order: Order) -> None:
    place = Place(
        database_url=order.database_url,
        clearinghouse_url=f"{order.sandbox_url}/2024-04-01",
        idle_in_transaction_ms=order.idle_in_transaction_ms,
    )
    moment = None if order.moment is None else Moment(order.moment)
    fate = Fate(moment, signal.Signals(order.signal_number), order.only_about)
    async with opened(place, kind=FatefulDatabase) as context, HttpClient(tls=TLS) as http:
        assert isinstance(context.database, FatefulDatabase)
        context.database.fate = fate
        clearinghouse = FatefulClearinghouse(context.clearinghouse, fate, http, f"{order.sandbox_url}/sandbox/ledger")
        limits = WorkerLimits(concurrency=order.concurrency, lease=timedelta(seconds=order.lease), stop_seconds=5)
        worker = Worker(dataclasses.replace(context, clearinghouse=clearinghouse), limits, lambda _kind, _outcome: None)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        await worker.run()


def _forked(order: Order) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        configure_logging("info", Path(order.log).open("ab"))  # noqa: SIM115  # open until the process ends
        asyncio.run(work(order))
        status = 0
    finally:
        os._exit(status)


def _reaped(living: dict[int, int]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _tell(id=living.pop(pid), pid=pid, status=os.waitstatus_to_exitcode(status))


def _tell(**fact: Any) -> None:
    os.write(1, json.dumps(fact).encode() + b"\n")


def main() -> None:
    living: dict[int, int] = {}
    waiting = b""
    while True:
        _reaped(living)
        if not select.select([0], [], [], 0.005 if living else 1)[0]:
            continue
        read = os.read(0, 65_536)
        if not read:
            break
        *lines, waiting = (waiting + read).split(b"\n")
        for line in lines:
            message = json.loads(line)
            pid = _forked(Order(**message["order"]))
            living[pid] = message["id"]
            _tell(id=message["id"], pid=pid)
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    sys.exit(0)


if __name__ == "__main__":
    main()

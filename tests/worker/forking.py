"""The test's side of `tests/worker/crashing.py`: order a worker, wait for its end, signal it."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.worker.crashing import Order


@dataclass
class ForkedWorker:
    pid: int
    log: Path
    ended: asyncio.Future[int]
    """Its exit status; minus the signal's number when a signal ended it."""

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    async def end(self, seconds: float = 20) -> int:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self.ended)

    def outcomes(self) -> list[str]:
        """Of the attempts it lived to report."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line["outcome"] for line in lines if line["event"] == "job_ended"]


@dataclass
class Forge:
    """Makes workers."""

    process: asyncio.subprocess.Process
    folder: Path
    begun: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    ended: dict[int, asyncio.Future[int]] = field(default_factory=dict)

    async def worker(self, *, database_url: str, sandbox_url: str, **wishes: object) -> ForkedWorker:
        number = len(self.begun) + 1
        log = self.folder / f"worker-{number}.log"
        order = Order(database_url=database_url, sandbox_url=sandbox_url, log=str(log), **wishes)  # type: ignore[arg-type]  # as written there
        loop = asyncio.get_running_loop()
        self.begun[number], self.ended[number] = loop.create_future(), loop.create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": number, "order": asdict(order)}).encode() + b"\n")
        async with asyncio.timeout(20):
            return ForkedWorker(await self.begun[number], log, self.ended[number])

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            fact = json.loads(line)
            if "status" in fact:
                self.ended[fact["id"]].set_result(fact["status"])
            else:
                self.begun[fact["id"]].set_result(fact["pid"])


@asynccontextmanager
async def forge(folder: Path) -> AsyncIterator[Forge]:
    with (folder / "forge.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.worker.crashing", stdin=-1, stdout=-1, stderr=log
        )
    running = Forge(process, folder)
    listening = asyncio.create_task(running.listen())
    try:
        yield running
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            async with asyncio.timeout(10):
                await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

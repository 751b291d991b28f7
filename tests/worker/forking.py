"""The test's side of `tests/worker/crashing.py`: order a worker, wait for its end, signal it, have another finish."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.worker.crashing import Order
from tests.worker.ledger import Books


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


@dataclass(frozen=True)
class Workers:
    """Workers at one place."""

    database_url: str = field(repr=False)
    sandbox_url: str
    forge: Forge

    async def begin(self, **wishes: object) -> ForkedWorker:
        return await self.forge.worker(database_url=self.database_url, sandbox_url=self.sandbox_url, **wishes)

    async def finish(self, books: Books, subjects: list[str]) -> None:
        """A worker that nothing befalls, until the jobs about all of these are settled."""
        survivor = await self.begin(lease=2.0)
        await books.until_settled(subjects)
        survivor.send(signal.SIGTERM)
        assert await survivor.end() == 0


async def until_stopped(worker: ForkedWorker) -> None:
    """T in its state: the moment has come (proc(5))."""
    async with asyncio.timeout(20):
        while Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            await asyncio.sleep(0.01)


async def until_reported(worker: ForkedWorker) -> None:
    async with asyncio.timeout(20):
        while not worker.outcomes():
            await asyncio.sleep(0.01)


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

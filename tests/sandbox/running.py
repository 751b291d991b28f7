"""A sandbox clearinghouse on a real socket of this machine, for tests of whatever talks to it."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.faults import Pace
from app.sandbox.main import BASE_PATH, TEST_KEY, create_app, server


@dataclass
class Exchange:
    """One request as it came over the wire and the answer as it went back."""

    method: str
    path: str
    request_headers: dict[str, str]
    request_body: bytes = b""
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer_body: bytes = b""


@dataclass
class RunningSandbox:
    port: int
    exchanges: list[Exchange]
    api_key: str = TEST_KEY

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE_PATH}"

    def call(self, method: str, path: str, content: Any = None, *, key: str = TEST_KEY) -> tuple[int, Any]:
        """One plain HTTP call, without the service's own client; the answer's JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            body = content if isinstance(content, bytes) else json.dumps(content)
            headers = {"authorization": key, "content-type": "application/json"}
            connection.request(method, path, None if content is None else body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def ask(self, x12: str) -> tuple[int, Any]:
        return self.call("POST", f"{BASE_PATH}/change/medicalnetwork/eligibility/v3/raw-x12", {"x12": x12})

    def ledger(self) -> Any:
        return self.call("GET", "/sandbox/ledger")[1]["inquiries"]

    def queue_fault(self, fault: str, **more: Any) -> None:
        assert self.call("POST", "/sandbox/faults", {"fault": fault, **more})[0] == 200

    def last_exchange(self) -> Exchange:
        return [one for one in self.exchanges if one.path.startswith(BASE_PATH)][-1]


@contextlib.contextmanager
def running_sandbox(
    state_dir: Path,
    *,
    members_path: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[RunningSandbox]:
    """The sandbox in a thread, on a port the system chooses; every exchange is kept."""
    app = create_app(
        state_dir=state_dir,
        members_path=members_path,
        clock=clock,
        pace=Pace(hang_seconds=5, drip_seconds=0.05, payer_seconds=0.1),
    )
    exchanges: list[Exchange] = []
    one = server(app, host="127.0.0.1", port=0)
    one.config.app = _recorded(app, exchanges)
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not one.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield RunningSandbox(one.servers[0].sockets[0].getsockname()[1], exchanges)
    finally:
        one.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()


def _recorded(app: ASGIApp, exchanges: list[Exchange]) -> ASGIApp:
    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        exchange = Exchange(scope["method"], scope["path"], headers)
        exchanges.append(exchange)

        async def heard() -> Message:
            message = await receive()
            exchange.request_body += message.get("body", b"")
            return message

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answer_headers = {
                    name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
                }
            exchange.answer_body += message.get("body", b"")
            await send(message)

        await app(scope, heard, said)

    return recording

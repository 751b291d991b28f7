"""The walk of `make demo`: sends requests in one role or another, prints what came back, and stops at a surprise."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from app.domain.callers import Role

JSON = dict[str, Any]
_LONGEST_LINE = 110
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.2


class DemoFailed(Exception):
    """A step was answered otherwise than it should."""


@dataclass(frozen=True)
class Reply:
    """`text` is what came when it was no JSON."""

    status: int
    headers: Message
    body: JSON = field(repr=False)
    text: str = field(default="", repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class Walk:
    def __init__(self, address: str, bearer: dict[Role, str]) -> None:
        self._address = address
        self._bearer = bearer
        self._step = 0

    def say(self, text: str) -> None:
        self._step += 1
        print(f"\n{self._step}. {text}")

    def ask(
        self, role: Role, method: str, path: str, body: JSON | None = None, *, expect: int, **headers: str
    ) -> Reply:
        reply = self._send(role, method, path, body, headers)
        print(f"   {role}: {method} {path} -> {reply.status}")
        if reply.status != expect:
            raise DemoFailed(f"{method} {path} was answered {reply.status} {reply.body.get('code')}, not {expect}")
        return reply

    def wait(self, role: Role, path: str, until: Callable[[Reply], bool], what: str) -> Reply:
        """Reads again and again until it is so; prints the last reading only."""
        started = time.monotonic()
        while True:
            reply = self._send(role, "GET", path, None, {})
            if reply.status == 200 and until(reply):
                print(f"   {role}: GET {path} -> 200, {time.monotonic() - started:.1f} s later")
                return reply
            if time.monotonic() - started > _PATIENCE_SECONDS:
                raise DemoFailed(f"{what} did not come within {_PATIENCE_SECONDS:.0f} s")
            time.sleep(_PAUSE_SECONDS)

    def expect(self, is_so: bool, what: str) -> None:
        if not is_so:
            raise DemoFailed(f"This should be so, and is not: {what}")

    def show(self, body: Reply | JSON, *names: str) -> None:
        """The named members of an answer, one a line."""
        members = body.body if isinstance(body, Reply) else body
        for name in names:
            text = json.dumps(members.get(name), ensure_ascii=False)
            print(f"      {name}: {text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE] + ' ...'}")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        lines = [list(head), *([str(cell) for cell in row] for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        for line in lines:
            print("      " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            print(f"      {text}")

    def _send(self, role: Role, method: str, path: str, body: JSON | None, headers: dict[str, str]) -> Reply:
        sent = {"Authorization": f"Bearer {self._bearer[role]}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._address}{path}", data=content, headers=sent, method=method)  # noqa: S310  # loopback, http
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310  # loopback, http
                return _reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refused:
            return _reply(refused.code, refused.headers, refused.read())


def _reply(status: int, headers: Message, content: bytes) -> Reply:
    if headers.get_content_type().endswith("json"):
        return Reply(status, headers, json.loads(content))
    return Reply(status, headers, {}, content.decode())

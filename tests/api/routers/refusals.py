"""What a refusal must be, whatever was sent: a problem with exactly these findings, and nothing of the request in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import httpx

from tests.journeys.walking import Someone

_DOCUMENT = (Path(__file__).parents[3] / "openapi" / "openapi.json").read_text(encoding="utf-8")

Findings: TypeAlias = set[tuple[str, str]]
"""(code, pointer) of each."""


@dataclass(frozen=True)
class Row:
    """One bad request: what is changed in a body that would be taken, and the exact answer."""

    changes: dict[str, Any]
    findings: Findings
    status: int = 422
    code: str = "validation_failed"


async def send(
    someone: Someone, method: str, path: str, body: Any, headers: dict[str, str | None] | None = None
) -> httpx.Response:
    """A request that is right but for its body and for the headers named here; None leaves one out."""
    wanted = {
        "Authorization": f"Bearer {someone.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
        "If-Match": '"1"',
        **(headers or {}),
    }
    sent = [(name.encode(), value.encode()) for name, value in wanted.items() if value is not None]
    # Escaped, since half a surrogate pair has no bytes.
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await someone.http.request(method, path, content=content, headers=sent)


async def ask(someone: Someone, path: str) -> httpx.Response:
    """A GET whose query is sent as it is written."""
    return await someone.http.get(path, headers={"Authorization": f"Bearer {someone.token}"})


def refused(answer: httpx.Response, status: int, code: str, findings: Findings | None = None) -> None:
    """The answer is this problem. Without `findings` it has none."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), answer.text
    assert {(finding["code"], finding["pointer"]) for finding in told["findings"]} == (findings or set())
    assert told["findings_total"] == len(told["findings"])
    assert answer.headers["cache-control"] == "no-store"
    assert told["request_id"] == answer.headers["x-request-id"]
    assert len(answer.content) < 6_000


def repeats_nothing(answer: httpx.Response, sent: Any) -> None:
    """No text of the request is in the answer, but for the document's own words and, by chance, words of three letters."""
    for text in _texts(sent):
        assert len(text) < 4 or text in _DOCUMENT or text not in answer.text


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

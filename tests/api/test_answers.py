from dataclasses import dataclass
from decimal import Decimal

from starlette.types import Message

from app.api.answers import BytesAnswer, etag, json_answer, no_content, to_json, to_response
from tests.api.kit import Part


@dataclass(frozen=True)
class _Kept:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


async def _sent(answer: BytesAnswer) -> tuple[int, dict[str, str], bytes]:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await answer({"type": "http"}, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:])


async def test_a_model_leaves_as_its_json() -> None:
    part = Part(name="José", charge=Decimal("80.00"))
    status, headers, body = await _sent(json_answer(part, 201, headers=[("ETag", etag(7)), ("Location", "/v1/x")]))
    assert status == 201
    assert headers == {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "etag": '"7"',
        "location": "/v1/x",
    }
    assert body == '{"name":"José","charge":"80.00"}'.encode() == to_json(part)


async def test_bytes_leave_as_they_are() -> None:
    assert (await _sent(json_answer(b"{}")))[2] == b"{}"


async def test_a_kept_answer_is_given_again_as_it_was() -> None:
    kept = _Kept(201, (("Location", "/v1/x"), ("Idempotency-Replayed", "true")), b'{"a":1}')
    status, headers, body = await _sent(to_response(kept))
    assert (status, body) == (201, b'{"a":1}')
    assert headers == {
        "location": "/v1/x",
        "idempotency-replayed": "true",
        "content-length": "7",
        "content-type": "application/json",
    }


async def test_a_kept_content_type_is_kept() -> None:
    _, headers, _ = await _sent(to_response(_Kept(409, (("Content-Type", "application/problem+json"),), b"{}")))
    assert headers["content-type"] == "application/problem+json"


async def test_no_content_has_neither_type_nor_length() -> None:
    assert await _sent(no_content()) == (204, {}, b"")
    assert await _sent(to_response(_Kept(204, (), b""))) == (204, {}, b"")

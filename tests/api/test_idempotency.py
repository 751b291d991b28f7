import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.idempotency import KEY_PATTERN, IdempotencyHeader, fingerprint, read_key
from app.domain.errors import Malformed
from tests.api import kit

_VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)
_SCHEMA = jsonschema.Draft202012Validator({"type": "string", "minLength": 1, "pattern": KEY_PATTERN})


@given(_VISIBLE)
def test_a_key_is_the_same_bare_and_quoted(key: str) -> None:
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert read_key(quoted.encode()) == key
    if not key.startswith('"'):
        assert read_key(key.encode()) == key


@given(st.text(max_size=300) | _VISIBLE)
def test_the_documented_pattern_says_which_keys_are_taken(text: str) -> None:
    try:
        read_key(text.encode())
        is_taken = True
    except Malformed:
        is_taken = False
    if not text.endswith("\n"):
        assert _SCHEMA.is_valid(text) == is_taken


@pytest.mark.parametrize(
    "value",
    [
        *[b"", b'""', b"a" * 256, b'"' + b"a" * 256 + b'"', b"caf\xc3\xa9", b"a b", b'"a b"', b'"open', b'"a"b"'],
        *[b'"a\\b"', b"a\tb", b"a\x7f", b"\x00", b'"a";p=1'],
    ],
)
def test_what_is_no_key_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        read_key(value)
    assert caught.value.problem_code == "idempotency_key_invalid"


def test_no_key_is_another_refusal() -> None:
    with pytest.raises(Malformed) as caught:
        read_key(None)
    assert caught.value.problem_code == "idempotency_key_missing"


def test_a_fingerprint_tells_requests_apart_and_not_spellings() -> None:
    first = fingerprint("POST", "/v1/patients", {"a": 1, "b": {"c": [1, 2]}})
    assert first == fingerprint("POST", "/v1/patients", {"b": {"c": [1, 2]}, "a": 1})
    others = [
        fingerprint("PUT", "/v1/patients", {"a": 1, "b": {"c": [1, 2]}}),
        fingerprint("POST", "/v1/patients/1", {"a": 1, "b": {"c": [1, 2]}}),
        fingerprint("POST", "/v1/patients", {"a": 1, "b": {"c": [2, 1]}}),
        fingerprint("POST", "/v1/patients", {"a": "1", "b": {"c": [1, 2]}}),
        fingerprint("POST", "/v1/patients", {"a": True, "b": {"c": [1, 2]}}),
        fingerprint("POST", "/v1/patients", {"a": 1.0, "b": {"c": [1, 2]}}),
        fingerprint("POST", "/v1/patients", None),
    ]
    assert len({first, *others}) == 1 + len(others)
    assert len(first) == 32


def test_a_header_shows_no_fingerprint() -> None:
    assert repr(IdempotencyHeader("key", b"\x01" * 32)) == "IdempotencyHeader(key='key')"


async def test_the_fingerprint_ignores_order_layout_and_unicode_form(client: httpx.AsyncClient) -> None:
    async def print_of(content: str, key: str = "k") -> str:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        answer = await client.post("/v1/patients", headers=headers, content=content.encode())
        return answer.headers["x-fingerprint"]

    first = await print_of('{"name":"Jos\u00e9","charge":"1.00"}')
    assert first == await print_of('{ "charge" : "1.00", "name" : "Jose\\u0301" }', key='"other"')
    assert first != await print_of('{"name":"Jose","charge":"1.00"}')


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a" * 256}])
async def test_the_operation_does_not_run_without_a_key(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    before = len(kit.operations_run)
    answer = await client.post("/v1/patients", headers=headers, json={"name": "Sheet"})
    assert answer.status_code == 400
    assert len(kit.operations_run) == before


async def test_the_key_reaches_the_operation_unquoted(client: httpx.AsyncClient) -> None:
    await client.post("/v1/patients", headers={"Idempotency-Key": '"a\\"b"'}, json={"name": "Sheet"})
    assert kit.operations_run[-1] == 'a"b'

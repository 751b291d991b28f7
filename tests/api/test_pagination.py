import base64
import string
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.pagination import CursorCodec, PageRequest
from app.domain.errors import Malformed
from tests.api import kit

_CODEC = kit.cursor_codec()
_VALUES = st.one_of(
    st.uuids(),
    st.text(max_size=20),
    st.integers(-(2**53), 2**53),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


async def _page(client: httpx.AsyncClient, query: str, caller: str = "clinician") -> httpx.Response:
    return await client.get(f"/v1/patients?{query}", headers={"Authorization": f"Bearer {caller}"})


async def _cursor(client: httpx.AsyncClient, query: str = "limit=60", caller: str = "clinician") -> str:
    return str((await _page(client, query, caller)).json()["next_cursor"])


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and answer.json()["code"] == "cursor_invalid"


@given(st.lists(_VALUES, max_size=4), st.binary(max_size=20))
def test_a_position_comes_back_with_its_types(position: list[Any], bound_to: bytes) -> None:
    back = _CODEC.decode(_CODEC.encode(position, bound_to), bound_to)
    assert back == tuple(position)
    assert [type(value) for value in back] == [type(value) for value in position]


@pytest.mark.parametrize(
    "value", [UUID(int=7), datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC), date(2026, 3, 1), "2026-03-01", 7]
)
def test_a_value_and_its_text_stay_different(value: Any) -> None:
    assert _CODEC.decode(_CODEC.encode([value, str(value)], b""), b"") == (value, str(value))


async def test_a_list_is_walked_to_its_end(client: httpx.AsyncClient) -> None:
    names: list[str] = []
    query = "limit=60"
    while True:
        page = (await _page(client, query)).json()
        names += [record["name"] for record in page["data"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=60&cursor={page['next_cursor']}"
    assert names[:150] == [f"Sheet {number}" for number in range(150)]


async def test_the_page_size_is_fifty_unless_said_and_may_change_on_the_way(client: httpx.AsyncClient) -> None:
    assert len((await _page(client, "")).json()["data"]) == 50
    answer = await _page(client, f"limit=1&cursor={await _cursor(client, 'limit=100')}")
    assert [record["name"] for record in answer.json()["data"]] == ["Sheet 100"]


async def test_a_cursor_shows_nothing(client: httpx.AsyncClient) -> None:
    cursor = await _cursor(client)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert str(kit.RECORD).encode() not in raw
    assert kit.RECORD.bytes not in raw
    assert cursor != await _cursor(client)


async def test_any_altered_character_is_refused(client: httpx.AsyncClient) -> None:
    cursor = await _cursor(client)
    assert (await _page(client, f"cursor={cursor}")).status_code == 200
    alphabet = string.ascii_letters + string.digits + "-_"
    last = [cursor[:-1] + character for character in alphabet if character != cursor[-1]]
    inside = [cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in range(0, len(cursor), 7)]
    for altered in [
        *last,
        *inside,
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "=",
        cursor.upper(),
        "A",
        "x" * 1025,
    ]:
        assert _is_refused(await _page(client, f"cursor={altered}")), altered


@pytest.mark.parametrize(
    ("made_for", "used_for"),
    [
        (("limit=60", "clinician"), ("", "biller")),
        (("limit=60", "clinician"), ("", "stranger")),
        (("limit=60&colour=red", "clinician"), ("", "clinician")),
        (("limit=60", "clinician"), ("colour=red", "clinician")),
        (("limit=60&colour=red", "clinician"), ("colour=green", "clinician")),
        (("limit=60&sort=name", "clinician"), ("sort=-name", "clinician")),
    ],
)
async def test_a_cursor_is_good_for_its_caller_filter_and_sort_only(
    client: httpx.AsyncClient, made_for: tuple[str, str], used_for: tuple[str, str]
) -> None:
    cursor = await _cursor(client, *made_for)
    assert _is_refused(await _page(client, f"{used_for[0]}&cursor={cursor}", used_for[1]))
    query = made_for[0].replace("limit=60", "limit=10")
    assert (await _page(client, f"cursor={cursor}&{query}", made_for[1])).status_code == 200


async def test_a_cursor_is_good_for_the_record_it_was_made_below_only(client: httpx.AsyncClient) -> None:
    lists = [f"/v1/patients/{record}/coverages" for record in (kit.RECORD, kit.PRACTICE)]
    cursor = (await client.get(lists[0])).json()["next_cursor"]
    assert (await client.get(f"{lists[0]}?cursor={cursor}")).status_code == 200
    assert _is_refused(await client.get(f"{lists[1]}?cursor={cursor}"))
    assert _is_refused(await _page(client, f"cursor={cursor}"))


async def test_a_cursor_of_another_service_key_is_refused(client: httpx.AsyncClient) -> None:
    app = kit.service()
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer clinician"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as other:
        foreign = await _cursor(other)
    assert _is_refused(await _page(client, f"cursor={foreign}"))


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = _CODEC.encode(["x"], b"one list")
    with pytest.raises(Malformed):
        _CODEC.decode(cursor, b"another list")


def test_nothing_secret_is_shown_by_its_values() -> None:
    request = PageRequest(limit=5, after=None, codec=CursorCodec(lambda p, _a: p, lambda s, _a: s), bound_to=b"secret")
    assert "secret" not in repr(request)

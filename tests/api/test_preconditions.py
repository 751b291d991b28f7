import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.answers import etag
from app.api.preconditions import IF_MATCH_PATTERN, expected_version, wait_seconds
from app.domain.errors import Malformed, VersionRequired
from tests.api.kit import RECORD

_SCHEMA = jsonschema.Draft202012Validator({"type": "string", "pattern": IF_MATCH_PATTERN})


@given(st.integers(1, 999_999_999))
def test_an_etag_comes_back_as_its_version(version: int) -> None:
    assert expected_version(etag(version).encode()) == version


@given(st.text('"0123456789W/*, ', max_size=14))
def test_the_documented_pattern_says_which_tags_are_taken(text: str) -> None:
    try:
        is_taken = expected_version(text.encode()) > 0
    except Malformed:
        is_taken = False
    assert _SCHEMA.is_valid(text) == is_taken


@pytest.mark.parametrize(
    "value", ["", "*", 'W/"7"', '"7", "8"', '"7","7"', "7", '"07"', '"0"', '"-1"', '"x"', '"7', '""', '"1234567890"']
)
async def test_anything_but_one_strong_tag_is_refused(client: httpx.AsyncClient, value: str) -> None:
    answer = await client.patch(f"/v1/patients/{RECORD}", headers={"If-Match": value}, json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_invalid")


async def test_a_missing_a_stale_and_a_current_version(client: httpx.AsyncClient) -> None:
    path = f"/v1/patients/{RECORD}"
    with pytest.raises(VersionRequired):
        expected_version(None)
    assert (await client.patch(path, json={})).json()["code"] == "version_required"
    assert (await client.patch(path, json={}, headers={"If-Match": '"6"'})).status_code == 412
    current = (await client.get(path)).headers["etag"]
    answer = await client.patch(path, json={"charge": None, "name": "a"}, headers={"If-Match": current})
    assert answer.json() == {"sent": 2}


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 5),
        ("", 5),
        ("wait=0", 0),
        ("wait=7", 7),
        ("wait=20", 20),
        ("wait=21", 20),
        ("wait=999999999", 20),
        ('wait="7"', 7),
        ("WAIT = 7", 7),
        ("respond-async, wait=7", 7),
        ("wait=7; foo=bar", 7),
        ("wait=7, wait=3", 7),
        ("handling=lenient,wait=7,return=minimal", 7),
        ("wait=-1", 5),
        ("wait=1.5", 5),
        ("wait=abc", 5),
        ("wait", 5),
        ("wait=", 5),
        ("await=7", 5),
        ("wait=9999999999999", 5),
        ("\u0661", 5),
    ],
)
def test_a_preference_is_followed_when_it_is_understood(prefer: str | None, seconds: int) -> None:
    assert wait_seconds(None if prefer is None else prefer.encode()) == seconds


async def test_preferences_may_stand_in_several_headers(client: httpx.AsyncClient) -> None:
    path = f"http://service.test/v1/coverages/{RECORD}/eligibility-checks"
    headers = [("Authorization", "Bearer clinician"), ("Idempotency-Key", "k"), ("Prefer", "respond-async")]
    for prefer, told in (([], "waits 5"), ([("Prefer", "wait=3")], "waits 3")):
        answer = await client.send(httpx.Request("POST", path, headers=[*headers, *prefer]))
        assert answer.json()["name"] == told

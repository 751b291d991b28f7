"""Cursors over the running API: every record once, and good for one caller's one question only."""

import base64

import httpx
import pytest

from app.domain.callers import Role
from app.domain.payers import payer_id
from app.domain.practices import Practice
from tests.api.routers.refusals import ask, refused
from tests.factories import an_npi
from tests.journeys.walking import JSON, Someone, a_coverage_body
from tests.running import Databases, RunningService

RECORDS = 7


@pytest.fixture(scope="module")
async def house(databases: Databases) -> Practice:
    return await databases.add_practice()


@pytest.fixture(scope="module")
async def someone(http: httpx.AsyncClient, whole_service: RunningService, house: Practice) -> Someone:
    """The admin of a practice with seven records in every list."""
    return Someone.of(http, whole_service, Role.ADMIN, house.id)


@pytest.fixture(scope="module")
async def lists(someone: Someone) -> dict[str, list[str]]:
    """Each list's address, with the ids in the order they must come."""
    patients = [(await someone.new_patient())["id"] for _ in range(RECORDS)]
    coverages = [(await someone.new_coverage(patients[0]))["id"] for _ in range(RECORDS)]
    asked = f"/v1/coverages/{(await someone.new_coverage(patients[1]))['id']}/eligibility-checks"
    checks = [await _made(someone, asked, {}) for _ in range(RECORDS)]
    providers = [
        await _made(
            someone, "/v1/providers", {"kind": "organization", "npi": an_npi(number), "organization_name": "Group"}
        )
        for number in range(RECORDS)
    ]
    overrides = f"/v1/payers/{payer_id('XOVR1')}/overrides"
    entry = {"setting": "accepts_electronic_secondary", "value": True, "source": "A call", "noted_on": "2026-01-05"}
    entries = [await _made(someone, overrides, entry) for _ in range(RECORDS)]
    return {
        "/v1/patients": patients,
        "/v1/providers": providers,
        overrides: entries,
        f"/v1/patients/{patients[0]}/coverages": coverages,
        f"/v1/patients/{patients[0]}/coverages?status=unverified": coverages,
        asked: list(reversed(checks)),
    }


async def _made(someone: Someone, path: str, body: JSON) -> str:
    answer = await someone.post(path, body, Prefer="wait=0")
    assert answer.status_code in {201, 202}, answer.text
    return str(answer.json()["id"])


def _with(address: str, **query: str | int) -> str:
    more = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{address}{'&' if '?' in address else '?'}{more}"


async def _pages(someone: Someone, address: str, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        path = _with(address, limit=limit, cursor=cursor) if cursor else _with(address, limit=limit)
        answer = await ask(someone, path)
        assert answer.status_code == 200, answer.text
        pages.append([row["id"] for row in answer.json()["data"]])
        cursor = answer.json()["next_cursor"]
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, RECORDS - 1, RECORDS, RECORDS + 1, 100])
async def test_every_record_comes_once_whatever_the_pages_size(
    someone: Someone, lists: dict[str, list[str]], limit: int
) -> None:
    for address, ids in lists.items():
        pages = await _pages(someone, address, limit)
        assert [record for page in pages for record in page] == ids
        assert [len(page) for page in pages] == [min(limit, RECORDS - first) for first in range(0, RECORDS, limit)]


async def test_events_come_once_and_newest_first(someone: Someone, lists: dict[str, list[str]]) -> None:
    patient_id = lists["/v1/patients"][0]
    address = f"/v1/audit-events?patient_id={patient_id}"
    pages = await _pages(someone, address, 4)
    events = [event for page in pages for event in page]
    assert len(set(events)) == len(events) > RECORDS


async def test_a_search_is_paged_like_a_list(someone: Someone, lists: dict[str, list[str]]) -> None:
    found: list[str] = []
    path = "/v1/patients/search?limit=3"
    while True:
        answer = (await someone.post(path, {"last_name": "walker"})).json()
        found += [row["id"] for row in answer["data"]]
        if answer["next_cursor"] is None:
            break
        path = f"/v1/patients/search?limit=3&cursor={answer['next_cursor']}"
    assert found == lists["/v1/patients"]


async def test_a_cursor_is_good_for_its_own_question_only(someone: Someone, lists: dict[str, list[str]]) -> None:
    one, other = lists["/v1/patients"][:2]
    address = f"/v1/patients/{one}/coverages"
    cursor = (await ask(someone, _with(address, limit=2))).json()["next_cursor"]
    assert (await ask(someone, _with(address, limit=5, cursor=cursor))).status_code == 200  # the size may change
    for elsewhere in (
        f"{address}?status=unverified",
        f"/v1/patients/{other}/coverages",
        "/v1/patients",
        "/v1/providers",
        "/v1/audit-events",
        "/v1/work-items",
    ):
        refused(await ask(someone, _with(elsewhere, cursor=cursor)), 400, "cursor_invalid")
    refused(await someone.post(f"/v1/patients/search?cursor={cursor}", {"last_name": "walker"}), 400, "cursor_invalid")


async def test_a_cursor_is_good_for_its_own_caller_only(
    http: httpx.AsyncClient,
    whole_service: RunningService,
    house: Practice,
    someone: Someone,
    stranger: Someone,
    lists: dict[str, list[str]],
) -> None:
    cursor = (await ask(someone, "/v1/patients?limit=2")).json()["next_cursor"]
    colleague = Someone.of(http, whole_service, Role.ADMIN, house.id, subject="colleague")
    for other in (colleague, stranger):
        refused(await ask(other, f"/v1/patients?cursor={cursor}"), 400, "cursor_invalid")


async def test_a_cursor_that_was_touched_is_refused(someone: Someone, lists: dict[str, list[str]]) -> None:
    cursor = (await ask(someone, "/v1/patients?limit=2")).json()["next_cursor"]
    sealed = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    touched = [cursor[:-1], f"{cursor}A", cursor[4:], cursor.swapcase(), "A" * len(cursor), cursor * 2]
    for position in range(len(sealed)):
        sealed[position] ^= 1
        touched.append(base64.urlsafe_b64encode(bytes(sealed)).rstrip(b"=").decode())
        sealed[position] ^= 1
    for altered in touched:
        refused(await ask(someone, f"/v1/patients?cursor={altered}"), 400, "cursor_invalid")


async def test_a_cursor_tells_nobody_where_it_stands(someone: Someone, lists: dict[str, list[str]]) -> None:
    cursors = {(await ask(someone, "/v1/patients?limit=2")).json()["next_cursor"] for _ in range(3)}
    assert len(cursors) == 3
    for cursor in cursors:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert not any(
            record.encode() in plain or bytes.fromhex(record.replace("-", "")) in plain
            for record in lists["/v1/patients"]
        )


async def test_a_record_added_meanwhile_comes_at_the_end(
    http: httpx.AsyncClient, whole_service: RunningService, databases: Databases
) -> None:
    someone = Someone.of(http, whole_service, Role.ADMIN, (await databases.add_practice()).id)
    patient = await someone.new_patient()
    address = f"/v1/patients/{patient['id']}/coverages"
    ids = [(await someone.new_coverage(patient["id"]))["id"] for _ in range(3)]
    first = (await ask(someone, _with(address, limit=2))).json()
    ids.append((await someone.post(address, a_coverage_body())).json()["id"])
    rest = (await ask(someone, _with(address, limit=2, cursor=first["next_cursor"]))).json()
    assert [row["id"] for row in (*first["data"], *rest["data"])] == ids
    assert rest["next_cursor"] is None

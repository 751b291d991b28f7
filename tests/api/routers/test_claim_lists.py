"""Lists of claims over the running API: what finds them, in which order they come, and queries that are refused."""

import pytest

from tests.api.routers.refusals import ask, refused, without
from tests.journeys.claim_walking import (
    SERVICE_DAY,
    a_line_body,
    act,
    new_claim,
    new_insured,
)
from tests.journeys.walking import JSON, Someone


async def listed_ids(someone: Someone, **query: str) -> list[str]:
    answer = await someone.get("/v1/claims", **query)
    assert answer.status_code == 200, answer.text
    return [claim["id"] for claim in answer.json()["data"]]


async def test_a_list_is_filtered_by_each_of_its_filters(admin: Someone) -> None:
    insured = await new_insured(admin)
    line = a_line_body(first_date="2026-03-05", last_date="2026-03-06")
    early = await new_claim(admin, insured.claim_body())
    late = await new_claim(admin, without(insured.claim_body(lines=[line]), "rendering_provider_id"))
    held = (await act(admin, early, "/hold", {"reason": "by_hand"})).json()
    patient = {"patient_id": insured.patient["id"]}
    both = [late["id"], early["id"]]
    assert await listed_ids(admin, **patient, sort="-created_at") == both
    assert await listed_ids(admin, **patient) == both[::-1]  # the one that was changed last comes first
    for query, expected in (
        ({"status": "held"}, [early["id"]]),
        ({"status": "paid"}, []),
        ({"rank": "primary"}, both),
        ({"rank": "secondary"}, []),
        ({"payer_id": early["payer_id"]}, both),
        ({"payer_id": insured.secondary["payer_id"]}, []),
        ({"encounter_id": late["encounter_id"]}, [late["id"]]),
        ({"provider_id": insured.provider["id"]}, [early["id"]]),
        ({"service_from": "2026-03-06"}, [late["id"]]),
        ({"service_from": "2026-03-07"}, []),
        ({"service_to": SERVICE_DAY}, [early["id"]]),
        ({"service_from": "2026-03-03", "service_to": "2026-03-05"}, [late["id"]]),
        ({"updated_since": held["updated_at"]}, [early["id"]]),
        ({"status": "held", "service_from": "2026-03-06"}, []),
    ):
        assert await listed_ids(admin, **patient, sort="-created_at", **query) == expected, query


@pytest.mark.parametrize("by", ["updated_at", "created_at", "service_date"])
async def test_a_list_goes_on_page_by_page_in_either_direction(admin: Someone, by: str) -> None:
    insured = await new_insured(admin)
    days = ("2026-03-05", "2026-03-03", "2026-03-03", "2026-03-04", "2026-03-06")
    for day in days:
        await new_claim(admin, insured.claim_body(lines=[a_line_body(first_date=day)]))
    query = {"patient_id": insured.patient["id"], "limit": "2"}
    walked: dict[str, list[JSON]] = {}
    for sort in (by, f"-{by}"):
        pages = [(await admin.get("/v1/claims", sort=sort, **query)).json()]
        while pages[-1]["next_cursor"] is not None:
            cursor = pages[-1]["next_cursor"]
            pages.append((await admin.get("/v1/claims", sort=sort, cursor=cursor, **query)).json())
        assert [len(page["data"]) for page in pages] == [2, 2, 1]
        walked[sort] = [row for page in pages for row in page["data"]]
    assert walked[by] == walked[f"-{by}"][::-1]
    column = "first_service_date" if by == "service_date" else by
    values = [row[column] for row in walked[by]]
    assert values == sorted(values)
    assert len({row["id"] for row in walked[by]}) == len(days)


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("status=gone", "query_invalid", ("enum", "/query/status")),
        ("status=draft,held", "query_invalid", ("enum", "/query/status")),
        ("rank=P", "query_invalid", ("enum", "/query/rank")),
        ("sort=patient", "query_invalid", ("enum", "/query/sort")),
        ("payer_id=XOVR1", "query_invalid", ("identifier_format", "/query/payer_id")),
        ("encounter_id=Zebediah%20Quackenbush", "query_invalid", ("external_id_format", "/query/encounter_id")),
        ("service_from=yesterday", "query_invalid", ("date_format", "/query/service_from")),
        ("service_to=2026-02-30", "query_invalid", ("date_format", "/query/service_to")),
        ("updated_since=2026-03-01", "query_invalid", ("timestamp_format", "/query/updated_since")),
        ("limit=101", "limit_range", ("limit_range", "/query/limit")),
        ("last_name=Quackenbush", "query_unknown", ("query_unknown", "/query/last_name")),
    ],
)
async def test_a_bad_query_is_refused(admin: Someone, query: str, code: str, pointer: tuple[str, str]) -> None:
    answer = await ask(admin, f"/v1/claims?{query}")
    refused(answer, 400, code, {pointer})
    assert "Quackenbush" not in answer.text


async def test_a_filter_stands_once(admin: Someone) -> None:
    refused(await ask(admin, "/v1/claims?status=draft&status=held"), 400, "query_duplicate")

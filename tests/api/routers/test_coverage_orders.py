"""Bad orders of coverages over the running API, each with its exact answer."""

from uuid import uuid4

import pytest

from app.domain.payers import payer_id
from tests.api.routers.refusals import refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone, blue_heron

FROM = "2026-07-01"


@pytest.fixture(scope="module")
async def ranked(admin: Someone) -> JSON:
    """A patient with a verified primary and secondary and an unverified third: `path`, `one`, `two`, `third`, `version`."""
    patient = await admin.new_patient()
    one = await admin.verified_coverage(patient["id"])
    two = await admin.verified_coverage(patient["id"], **blue_heron())
    third = await admin.new_coverage(patient["id"], payer_id=str(payer_id("XOVR3")), wished_rank="tertiary")
    path = f"/v1/patients/{patient['id']}/coverages/order"
    version = (await admin.get(path)).json()["version"]
    return {"path": path, "one": one["id"], "two": two["id"], "third": third["id"], "version": version}


def order(*ranks: tuple[str, str]) -> JSON:
    return {
        "effective_from": FROM,
        "ranks": [{"coverage_id": coverage_id, "rank": rank} for coverage_id, rank in ranks],
    }


async def test_an_order_that_breaks_a_rule_names_each_entry_that_does(admin: Someone, ranked: JSON) -> None:
    one, two, third, nobodys = ranked["one"], ranked["two"], ranked["third"], str(uuid4())
    rows = [
        (order((one, "primary")), {("order_incomplete", "/ranks")}),
        (order((one, "primary"), (two, "primary")), {("coverage_rank_taken", "/ranks/1/rank")}),
        (
            order((one, "primary"), (two, "secondary"), (one, "tertiary")),
            {("coverage_repeated", "/ranks/2/coverage_id")},
        ),
        (
            order((one, "primary"), (two, "secondary"), (third, "tertiary"), (nobodys, "fourth")),
            {("coverage_not_rankable", "/ranks/2/coverage_id"), ("coverage_not_rankable", "/ranks/3/coverage_id")},
        ),
    ]
    for body, findings in rows:
        answer = await admin.put(ranked["path"], body, version=ranked["version"])
        refused(answer, 409, "coverage_order_refused", findings)
        repeats_nothing(answer, body)


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"ranks": [{"coverage_id": str(uuid4()), "rank": "primary"}]}, ("missing", "/effective_from")),
        ({"effective_from": FROM}, ("missing", "/ranks")),
        ({"effective_from": FROM, "ranks": []}, ("too_short", "/ranks")),
        ({"effective_from": FROM, "ranks": {"0": "primary"}}, ("type", "/ranks")),
        ({"effective_from": FROM, "ranks": ["primary"]}, ("type", "/ranks/0")),
        (order(("19731973", "primary")), ("identifier_format", "/ranks/0/coverage_id")),
        (order((str(uuid4()), "P")), ("enum", "/ranks/0/rank")),
        (order(*[(str(uuid4()), "primary")] * 23), ("too_long", "/ranks")),
        ({**order((str(uuid4()), "primary")), "patient_id": str(uuid4())}, ("unknown_field", "/patient_id")),
        ({**order((str(uuid4()), "primary")), "effective_from": "2026-06-31"}, ("date_format", "/effective_from")),
        ({**order((str(uuid4()), "primary")), "effective_from": "1989-12-31"}, ("date_range", "/effective_from")),
    ],
)
async def test_an_order_that_is_none_is_refused(
    admin: Someone, ranked: JSON, body: JSON, finding: tuple[str, str]
) -> None:
    answer = await send(admin, "PUT", ranked["path"], body)
    refused(answer, 422, "validation_failed", {finding})
    repeats_nothing(answer, body)


async def test_another_practices_coverage_is_one_that_nobody_has(
    admin: Someone, stranger: Someone, ranked: JSON
) -> None:
    foreign = await stranger.verified_coverage((await stranger.new_patient())["id"])
    texts = set()
    for coverage_id in (foreign["id"], str(uuid4())):
        body = order((ranked["one"], "primary"), (ranked["two"], "secondary"), (coverage_id, "tertiary"))
        answer = await admin.put(ranked["path"], body, version=ranked["version"])
        refused(answer, 409, "coverage_order_refused", {("coverage_not_rankable", "/ranks/2/coverage_id")})
        texts.add(answer.text.replace(answer.json()["request_id"], ""))
    assert len(texts) == 1
    foreign_path = f"/v1/patients/{foreign['patient_id']}/coverages/order"
    refused(await admin.get(foreign_path), 404, "not_found")
    refused(await admin.put(foreign_path, order((foreign["id"], "primary")), version=1), 404, "not_found")

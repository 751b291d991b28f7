"""Bad decisions and next claims over the running API, each with its exact answer; and the answers that are right."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.api.routers.refusals import Row, refused, repeats_nothing, send, without
from tests.journeys.claim_walking import MEADOWLARK, SERVICE_DAY, a_line_body, act, new_claim, new_draft, new_insured
from tests.journeys.walking import JSON, Someone

DECIDED_ON = "2026-03-20"
TOTALS = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00", "copay": "25.00"}
FUTURE = "2126-03-20"


@dataclass(frozen=True)
class Billed:
    """A draft with one line, at the version in which it stays: what is refused leaves nothing."""

    claim: JSON

    @property
    def line_id(self) -> str:
        return str(self.claim["lines"][0]["id"])


@pytest.fixture(scope="module")
async def billed(admin: Someone) -> Billed:
    return Billed(await new_draft(admin))


def in_totals(**changes: Any) -> JSON:
    return {"adjudication_date": DECIDED_ON, "totals": {**TOTALS, **changes}}


def in_full(*lines: JSON, **changes: Any) -> JSON:
    return {"adjudication_date": DECIDED_ON, "decision": {"paid": "80.00", "lines": list(lines), **changes}}


def a_service(**changes: Any) -> JSON:
    """LINE stands for the claim's line."""
    adjustments = [
        {"group": "contractual", "reason_code": "45", "amount": "45.00"},
        {"group": "patient_responsibility", "reason_code": "3", "amount": "25.00"},
    ]
    return {"line_id": "LINE", "paid": "80.00", "adjustments": adjustments, **changes}


def an_adjustment(**changes: Any) -> JSON:
    return {"adjustments": [{"group": "contractual", "reason_code": "45", "amount": "45.00", **changes}]}


_ADJUSTMENT = "/decision/lines/0/adjustments/0"
_ROWS: dict[str, tuple[JSON, Row]] = {
    "nothing": ({}, Row({}, {("missing", "/adjudication_date")})),
    "no form": ({"adjudication_date": DECIDED_ON}, Row({}, {("totals_or_decision", "/totals")})),
    "both forms": (in_totals() | in_full(a_service()), Row({}, {("totals_or_decision", "/totals")})),
    "no date": (without(in_totals(), "adjudication_date"), Row({}, {("missing", "/adjudication_date")})),
    "in the future": (
        in_totals() | {"adjudication_date": FUTURE},
        Row({}, {("adjudication_in_future", "/adjudication_date")}),
    ),
    "before the service": (
        in_totals() | {"adjudication_date": "2026-03-01"},
        Row({}, {("adjudication_before_service", "/adjudication_date")}),
    ),
    "30 February": (
        in_totals() | {"adjudication_date": "2026-02-30"},
        Row({}, {("date_format", "/adjudication_date")}),
    ),
    "a claim number with a delimiter": (
        in_totals() | {"payer_claim_number": "ICN*7731"},
        Row({}, {("payer_claim_number_format", "/payer_claim_number")}),
    ),
    "a claim number of 51": (
        in_totals() | {"payer_claim_number": "7" * 51},
        Row({}, {("payer_claim_number_format", "/payer_claim_number")}),
    ),
    "paid below zero": (in_totals(paid="-80.00"), Row({}, {("amount_negative", "/totals/paid")})),
    "paid as a number": (in_totals(paid=80), Row({}, {("money_format", "/totals/paid")})),
    "three decimals": (in_totals(paid="80.005"), Row({}, {("money_format", "/totals/paid")})),
    "a hundred million": (in_totals(adjustments="100000000.00"), Row({}, {("money_range", "/totals/adjustments")})),
    "a split that does not add up": (
        in_totals(copay="20.00"),
        Row({}, {("split_mismatch", "/totals/patient_responsibility")}),
    ),
    "an unknown group": (in_totals(adjustment_group="CO"), Row({}, {("enum", "/totals/adjustment_group")})),
    "a reason in lower case": (
        in_totals(adjustment_group="contractual", adjustment_reason_code="a1"),
        Row({}, {("reason_code_format", "/totals/adjustment_reason_code")}),
    ),
    "half a reason": (
        in_totals(adjustment_group="contractual"),
        Row(
            {},
            {("adjustment_reason_required", "/totals/adjustment_reason_code")},
            409,
            "adjustment_reason_required",
        ),
    ),
    "a denial without a reason": (
        in_totals(paid="0.00", adjustments="150.00", patient_responsibility="0.00", copay=None),
        Row({}, {("denial_reason_required", "/totals/denial_reason_code")}, 409, "denial_reason_required"),
    ),
    "a denial of what was paid": (
        in_totals(denial_group="patient_responsibility", denial_reason_code="96"),
        Row({}, {("denial_reason_refused", "/totals/denial_reason_code")}),
    ),
    "earlier payers before the first": (
        in_totals(earlier_payers_effect="5.00"),
        Row(
            {},
            {("earlier_payers_effect_refused", "/totals/earlier_payers_effect")},
            409,
            "earlier_payers_effect_refused",
        ),
    ),
    "a rule and a fault": (
        in_totals(earlier_payers_effect="5.00", copay="1.00"),
        Row(
            {},
            {
                ("earlier_payers_effect_refused", "/totals/earlier_payers_effect"),
                ("split_mismatch", "/totals/patient_responsibility"),
            },
        ),
    ),
    "a line nobody has": (
        in_full(a_service(line_id=str(uuid4()))),
        Row({}, {("line_unknown", "/decision/lines/0/line_id")}),
    ),
    "a line twice": (
        in_full(a_service(), a_service()),
        Row({}, {("line_repeated", "/decision/lines/1")}),
    ),
    "a line that is no id": (
        in_full(a_service(line_id="1")),
        Row({}, {("identifier_format", "/decision/lines/0/line_id")}),
    ),
    "a line paid below zero": (
        in_full(a_service(paid="-0.01")),
        Row({}, {("amount_negative", "/decision/lines/0/paid")}),
    ),
    "an adjustment of zero": (
        in_full(a_service(**an_adjustment(amount="0.00"))),
        Row({}, {("adjustment_zero", _ADJUSTMENT)}),
    ),
    "minus zero": (
        in_full(a_service(**an_adjustment(amount="-0.00"))),
        Row({}, {("money_format", f"{_ADJUSTMENT}/amount")}),
    ),
    "an adjustment without its reason": (
        in_full(a_service(**an_adjustment(reason_code=None))),
        Row({}, {("reason_code_required", f"{_ADJUSTMENT}/reason_code")}),
    ),
    "a reason of six": (
        in_full(a_service(**an_adjustment(reason_code="123456"))),
        Row({}, {("reason_code_format", f"{_ADJUSTMENT}/reason_code")}),
    ),
    "a quantity of zero": (
        in_full(a_service(**an_adjustment(quantity="0"))),
        Row({}, {("quantity_format", f"{_ADJUSTMENT}/quantity")}),
    ),
    "seven reasons of one group": (
        in_full(a_service(adjustments=[an_adjustment(reason_code=str(at))["adjustments"][0] for at in range(1, 8)])),
        Row({}, {("too_many_adjustments", "/decision/lines/0/adjustments")}),
    ),
    "units below zero": (
        in_full(a_service(units="-1")),
        Row({}, {("units_format", "/decision/lines/0/units")}),
    ),
    "modifiers without a procedure": (
        in_full(a_service(modifiers=["95"])),
        Row({}, {("procedure_code_required", "/decision/lines/0/procedure_code")}),
    ),
    "another code set": (
        in_full(a_service(procedure_qualifier_code="NU")),
        Row({}, {("enum", "/decision/lines/0/procedure_qualifier_code")}),
    ),
    "a line bundled into itself, and paid": (
        in_full(a_service(bundled_into_line_id="LINE")),
        Row(
            {},
            {
                ("bundled_into_line", "/decision/lines/0/bundled_into_line_id"),
                ("bundled_line_paid", "/decision/lines/0/paid"),
            },
        ),
    ),
    "a remark that is none": (
        in_full(a_service(remark_codes=["M"])),
        Row({}, {("remark_code_format", "/decision/lines/0/remark_codes/0")}),
    ),
    "six remarks of the claim": (
        in_full(a_service(), remark_codes=[f"MA{number}" for number in range(6)]),
        Row({}, {("too_long", "/decision/remark_codes")}),
    ),
    "members of the service": (
        in_totals() | {"status": "current-7731", "outcome": "paid-7731", "created_by": "someone-7731"},
        Row({}, {("unknown_field", f"/{name}") for name in ("status", "outcome", "created_by")}),
    ),
}


def _filled(body: Any, line_id: str) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, line_id) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, line_id) for value in body]
    return line_id if body == "LINE" else body


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_decision_is_refused_with_every_finding(admin: Someone, billed: Billed, row: str) -> None:
    body, bad = _ROWS[row]
    sent = _filled(body, billed.line_id)
    answer = await send(admin, "POST", f"/v1/claims/{billed.claim['id']}/adjudications", sent)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, body)


@pytest.mark.parametrize("row", _ROWS)
async def test_the_same_with_the_next_claim_is_refused_the_same(admin: Someone, billed: Billed, row: str) -> None:
    body, bad = _ROWS[row]
    sent = {"adjudication": _filled(body, billed.line_id)}
    answer = await send(admin, "POST", f"/v1/claims/{billed.claim['id']}/secondary", sent)
    refused(answer, bad.status, bad.code, {(code, f"/adjudication{pointer}") for code, pointer in bad.findings})


async def test_a_stale_or_missing_etag_is_refused(admin: Someone, billed: Billed) -> None:
    for verb, body in (("adjudications", in_totals()), ("secondary", {}), (f"repairs/{'0' * 32}", None)):
        path = f"/v1/claims/{billed.claim['id']}/{verb}"
        refused(await send(admin, "POST", path, body, {"If-Match": '"9"'}), 412, "version_stale")
        refused(await send(admin, "POST", path, body, {"If-Match": None}), 428, "version_required")


async def test_a_claim_of_another_practice_is_a_claim_nobody_has(
    admin: Someone, stranger: Someone, billed: Billed
) -> None:
    for claim_id, someone in ((billed.claim["id"], stranger), (str(uuid4()), admin)):
        path = f"/v1/claims/{claim_id}"
        refused(await send(someone, "POST", f"{path}/adjudications", in_totals()), 404, "not_found")
        refused(await send(someone, "POST", f"{path}/secondary", {}), 404, "not_found")
        refused(await send(someone, "POST", f"{path}/repairs/{'0' * 32}", None), 404, "not_found")
        refused(await send(someone, "POST", f"{path}/adjudications/{uuid4()}/accept", None), 404, "not_found")
        for reading in ("review", "repairs", "adjudications"):
            refused(await someone.get(f"{path}/{reading}"), 404, "not_found")


async def test_a_repair_whose_id_cannot_be_one_is_not_there(admin: Someone, billed: Billed) -> None:
    path = f"/v1/claims/{billed.claim['id']}/repairs"
    refused(await send(admin, "POST", f"{path}/7", None), 404, "not_found")
    refused(await send(admin, "POST", f"{path}/{'0' * 32}", None), 409, "repair_stale")


async def test_a_version_that_is_not_there_is_not_accepted(admin: Someone, billed: Billed) -> None:
    path = f"/v1/claims/{billed.claim['id']}/adjudications/{uuid4()}/accept"
    refused(await send(admin, "POST", path, None), 404, "not_found")


async def test_without_a_decision_there_is_no_next_claim(admin: Someone, billed: Billed) -> None:
    answer = await send(admin, "POST", f"/v1/claims/{billed.claim['id']}/secondary", {})
    refused(answer, 409, "prior_payer_undecided", {("prior_payer_undecided", "/adjudication")})


async def test_lines_that_are_wanted_come_as_a_template(admin: Someone) -> None:
    insured = await new_insured(admin)
    lines = [a_line_body(charge="100.00"), a_line_body(procedure_code="90785", charge="200.00", modifiers=["95"])]
    claim = await new_claim(admin, insured.claim_body(lines=lines))
    answer = await act(admin, claim, "/adjudications", in_totals())
    refused(answer, 409, "lines_required", {("lines_required", "/decision/lines")})
    assert answer.json()["line_template"] == [
        {
            "line_id": line["id"],
            "control_number": line["control_number"],
            "procedure_code": line["procedure_code"],
            "modifiers": line["modifiers"],
            "charge": line["charge"],
            "units": "1",
            "first_date": SERVICE_DAY,
        }
        for line in claim["lines"]
    ]
    assert "line_template" not in (await act(admin, claim, "/secondary", {})).json()


async def test_a_decision_is_answered_with_its_defaults_and_its_balance(admin: Someone) -> None:
    claim = await new_draft(admin)
    body = in_totals(adjustments="40.00") | {"payer_claim_number": "ICN7731"}
    answer = await act(admin, claim, "/adjudications", body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"2"'
    assert answer.headers["location"] == f"/v1/claims/{claim['id']}/adjudications"
    told = answer.json()
    assert {name: told[name] for name in ("number", "status", "source", "outcome", "payer_claim_number")} == {
        "number": 1,
        "status": "current",
        "source": "manual",
        "outcome": "paid",
        "payer_claim_number": "ICN7731",
    }
    assert told["decision"]["lines"][0]["adjustments"] == [
        {"group": "contractual", "reason_code": "45", "amount": "40.00", "quantity": None},
        {"group": "patient_responsibility", "reason_code": "3", "amount": "25.00", "quantity": None},
    ]
    assert {one["pointer"] for one in told["assumptions"]} == {
        "/decision/lines/0/adjustments/0",
        "/decision/lines/0",
        "/decision/lines/0/remaining_liability",
    }
    assert (told["balance"]["is_balanced"], told["balance"]["lines"][0]["difference"]) == (False, "5.00")
    assert [(one["code"], one["pointer"]) for one in told["findings"]] == [("line_out_of_balance", "/decision/lines/0")]
    listed = (await admin.get(f"/v1/claims/{claim['id']}/adjudications")).json()
    assert listed == {"data": [told], "next_cursor": None}


async def test_versions_come_newest_first_by_pages(admin: Someone) -> None:
    claim = await new_draft(admin)
    for paid in ("80.00", "79.00", "78.00"):
        answer = await act(admin, claim, "/adjudications", in_totals(paid=paid))
        claim["version"] = int(answer.headers["etag"].strip('"'))
    path, seen, cursor = f"/v1/claims/{claim['id']}/adjudications", [], None
    while True:
        page = (await admin.get(path, limit="2", **({"cursor": cursor} if cursor else {}))).json()
        seen += [one["number"] for one in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [3, 2, 1]


async def test_from_totals_to_a_claim_that_can_be_submitted(admin: Someone) -> None:
    primary = await new_draft(admin)
    made = await act(admin, primary, "/secondary", {"adjudication": in_totals(adjustments="40.00")})
    assert made.status_code == 201, made.text
    secondary = made.json()
    assert made.headers["location"] == f"/v1/claims/{secondary['id']}"
    assert (secondary["rank"], secondary["status"], secondary["previous_claim_id"]) == (
        "secondary",
        "draft",
        primary["id"],
    )
    answer = await admin.get(f"/v1/claims/{secondary['id']}/review")
    review = answer.json()
    assert answer.headers["etag"] == made.headers["etag"]
    assert (review["submittable"], review["amount_asked"]) == (False, "25.00")
    [finding] = review["findings"]
    assert finding["pointer"] == "/prior_payers/0/adjudication/lines/0"
    prior = review["prior_payers"][0]
    assert (prior["payer"]["id"], prior["claim_id"], prior["rank"]) == (MEADOWLARK, primary["id"], "primary")
    offered = (await admin.get(f"/v1/claims/{secondary['id']}/repairs")).json()["data"]
    assert offered == review["repairs"]
    assert {one["id"] for one in offered} == set(finding["repair_ids"])
    chosen = offered[0]
    assert (chosen["kind"], chosen["before"]["difference"], chosen["after"]["difference"]) == (
        "remainder_to_co_45",
        "5.00",
        "0.00",
    )
    repaired = await act(admin, secondary, f"/repairs/{chosen['id']}")
    assert repaired.status_code == 200, repaired.text
    after = repaired.json()
    assert (after["submittable"], after["findings"], after["repairs"]) == (True, [], [])
    assert repaired.headers["etag"] == f'"{after["claim"]["version"]}"' != made.headers["etag"]
    assert "SVD*XOVR1*80*HC:90837**1~CAS*CO*45*45~CAS*PR*3*25~DTP*573*D8*20260320~AMT*EAF*25~" in after["x12"]
    stale = await act(admin, after["claim"], f"/repairs/{chosen['id']}")
    refused(stale, 409, "repair_stale")

"""Bad patients over the running API, each with its exact answer; merge patches; ids and cursors that are not one's own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.routers.refusals import Row, refused, repeats_nothing, send
from tests.journeys.walking import JSON, Someone, a_patient_body

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
NAME = {"last": "Quackenbush", "first": "Zebediah"}
ADDRESS = {"line1": "9 Pretend Court", "city": "Denver", "state": "CO", "postal_code": "80202"}

_ROWS: dict[str, Row] = {
    "unborn": Row(
        {
            "birth_date": TOMORROW,
            "signature_on_file": None,
            "release_of_information": None,
            "release_on_file": None,
        },
        {("birth_date_range", "/birth_date")},
    ),
    "born in 1850": Row({"birth_date": "1850-01-01"}, {("date_range", "/birth_date")}),
    "no such day": Row({"birth_date": "1999-02-29"}, {("date_format", "/birth_date")}),
    "date with time": Row({"birth_date": "1999-02-28T00:00:00Z"}, {("date_format", "/birth_date")}),
    "American date": Row({"birth_date": "02/28/1999"}, {("date_format", "/birth_date")}),
    "signed tomorrow": Row({"signature_on_file": TOMORROW}, {("date_range", "/signature_on_file")}),
    "signed before birth": Row({"signature_on_file": "1950-01-01"}, {("date_range", "/signature_on_file")}),
    "release without its day": Row({"release_on_file": None}, {("release_incomplete", "/release_of_information")}),
    "day without its release": Row(
        {"release_of_information": None}, {("release_incomplete", "/release_of_information")}
    ),
    "external id with a space": Row({"external_id": "Quackenbush 1984"}, {("external_id_format", "/external_id")}),
    "external id of 65": Row({"external_id": "q" * 65}, {("external_id_format", "/external_id")}),
    "external id in other digits": Row({"external_id": "\u0661\u0662"}, {("external_id_format", "/external_id")}),
    "no external id": Row({"external_id": None}, {("type", "/external_id")}),
    "external id as a number": Row({"external_id": 17}, {("type", "/external_id")}),
    "members of the service": Row(
        dict.fromkeys(("id", "tenant_id", "practice_id", "status", "version", "created_at", "findings"), "19731973"),
        {
            ("unknown_field", f"/{name}")
            for name in ("id", "tenant_id", "practice_id", "status", "version", "created_at", "findings")
        },
    ),
    "unknown member inside": Row({"name": {**NAME, "nickname": "Zebby"}}, {("unknown_field", "/name/nickname")}),
    "a member's name that is data": Row({"Quackenbush Zebediah": True}, {("unknown_field", "")}),
    "name as text": Row({"name": "Zebediah Quackenbush"}, {("type", "/name")}),
    "half a name": Row({"name": {"last": "Quackenbush"}}, {("missing", "/name/first")}),
    "last name of 61": Row({"name": {**NAME, "last": "Q" * 61}}, {("too_long", "/name/last")}),
    "last name of a mebibyte": Row({"name": {**NAME, "last": "Q" * 1_000_000}}, {("too_long", "/name/last")}),
    "empty last name": Row({"name": {**NAME, "last": ""}}, {("too_short", "/name/last")}),
    "last name of space": Row({"name": {**NAME, "last": "    "}}, {("format", "/name/last")}),
    "last name in Cyrillic": Row(
        {"name": {**NAME, "last": "\u0416\u0443\u043a\u043e\u0432"}}, {("format", "/name/last")}
    ),
    "direction changed": Row({"name": {**NAME, "last": "Quacken\u202ebush"}}, {("text_unsafe", "/name/last")}),
    "zero width": Row({"name": {**NAME, "last": "Quacken\u200bbush"}}, {("text_unsafe", "/name/last")}),
    "NUL": Row({"name": {**NAME, "last": "Quacken\x00bush"}}, {("text_control", "/name/last")}),
    "lone surrogate": Row({"name": {**NAME, "last": "Quacken\ud800"}}, {("text_invalid", "/name/last")}),
    "another word for sex": Row({"sex": "Female"}, {("enum", "/sex")}),
    "state ZZ": Row({"address": {**ADDRESS, "state": "ZZ"}}, {("state_format", "/address/state")}),
    "postal code with a dash": Row(
        {"address": {**ADDRESS, "postal_code": "80202-1973"}}, {("postal_code_format", "/address/postal_code")}
    ),
    "postal code in other digits": Row(
        {"address": {**ADDRESS, "postal_code": "\u0668\u0660\u0662\u0660\u0662"}},
        {("postal_code_format", "/address/postal_code")},
    ),
    "address as a list": Row({"address": ["9 Pretend Court"]}, {("type", "/address")}),
    "all at once": Row(
        {"birth_date": "1850-01-01", "sex": "other", "address": {**ADDRESS, "state": "ZZ"}, "ssn": "078051120"},
        {
            ("date_range", "/birth_date"),
            ("enum", "/sex"),
            ("state_format", "/address/state"),
            ("unknown_field", "/ssn"),
        },
    ),
}


def path_of(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}"


@pytest.mark.parametrize("row", _ROWS)
async def test_a_bad_patient_is_refused_with_every_finding(admin: Someone, row: str) -> None:
    bad = _ROWS[row]
    body = a_patient_body(**bad.changes)
    answer = await send(admin, "POST", "/v1/patients", body)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)


@pytest.mark.parametrize("row", sorted(_ROWS.keys() - {"half a name"}))
async def test_the_same_in_a_patch_is_refused_the_same(admin: Someone, patient: JSON, row: str) -> None:
    bad = _ROWS[row]
    answer = await send(admin, "PATCH", path_of(patient["id"]), bad.changes)
    refused(answer, bad.status, bad.code, bad.findings)
    repeats_nothing(answer, bad.changes)
    assert (await admin.get(path_of(patient["id"]))).json() == patient


async def test_an_external_id_is_taken_once(admin: Someone) -> None:
    one, other = await admin.new_patient(external_id="chart-1"), await admin.new_patient(external_id="chart-2")
    taken = {("external_id_taken", "/external_id")}
    refused(await admin.post("/v1/patients", a_patient_body(external_id="chart-1")), 409, "external_id_taken", taken)
    answer = await admin.patch(path_of(other["id"]), {"external_id": one["external_id"]}, version=1)
    refused(answer, 409, "external_id_taken", taken)
    repeats_nothing(answer, one["external_id"])


# Merge patch (RFC 7396)


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({}, {}),
        ({"sex": "unknown"}, {"sex": "unknown"}),
        ({"address": None}, {"address": None}),
        (
            {"address": {"line1": "1 Moved Street", "line2": "Wing B"}},
            {
                "address": {
                    "line1": "1 Moved Street",
                    "line2": "Wing B",
                    "city": "Denver",
                    "state": "CO",
                    "postal_code": "80202",
                }
            },
        ),
        (
            {"name": {"middle": "Q"}},
            {"name": {"last": "Walker", "first": "Imagina", "middle": "Q", "suffix": None}},
        ),
        (
            {"release_of_information": None, "release_on_file": None},
            {"release_of_information": None, "release_on_file": None},
        ),
    ],
)
async def test_a_patch_changes_what_it_names(admin: Someone, patch: JSON, expected: JSON) -> None:
    before = await admin.new_patient()
    answer = await admin.patch(path_of(before["id"]), patch, version=1)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert answer.headers["etag"] == '"2"'
    own = {"updated_at", "version", "findings"}
    assert {name: after[name] for name in after if name not in own} == {
        name: value for name, value in {**before, **expected}.items() if name not in own
    }
    assert (await admin.get(path_of(before["id"]))).json() == after


@pytest.mark.parametrize(
    ("patch", "finding"),
    [
        ({"sex": None}, ("enum", "/sex")),
        ({"name": None}, ("type", "/name")),
        ({"name": {"last": None}}, ("type", "/name/last")),
        ({"address": {"city": None}}, ("type", "/address/city")),
    ],
)
async def test_what_a_record_needs_is_not_removed(
    admin: Someone, patient: JSON, patch: JSON, finding: tuple[str, str]
) -> None:
    refused(await admin.patch(path_of(patient["id"]), patch, version=1), 422, "validation_failed", {finding})


async def test_a_patch_that_leaves_half_an_address_names_what_is_missing(admin: Someone) -> None:
    patient = await admin.new_patient(address=None)
    answer = await admin.patch(path_of(patient["id"]), {"address": {"line1": "1 Moved Street"}}, version=1)
    missing = {("missing", f"/address/{name}") for name in ("city", "state", "postal_code")}
    refused(answer, 422, "validation_failed", missing)
    repeats_nothing(answer, "1 Moved Street")


# Search and ids


async def test_names_and_birth_dates_are_asked_for_in_bodies_only(admin: Someone) -> None:
    for name in ("last_name", "birth_date", "name", "q", "tenant_id"):
        answer = await admin.get("/v1/patients", **{name: "Quackenbush"})
        refused(answer, 400, "query_unknown", {("query_unknown", f"/query/{name}")})
        repeats_nothing(answer, "Quackenbush")


async def test_a_search_finds_by_name_and_birth_date(admin: Someone, stranger: Someone) -> None:
    patient = await admin.new_patient(name={"last": "O'Brien-N\u00fa\u00f1ez", "first": "Imagina"})
    wanted = {"last_name": "OBRIEN NUNEZ", "birth_date": patient["birth_date"]}
    assert [row["id"] for row in (await admin.post("/v1/patients/search", wanted)).json()["data"]] == [patient["id"]]
    assert (await admin.post("/v1/patients/search", {**wanted, "birth_date": "1999-01-01"})).json()["data"] == []
    assert (await stranger.post("/v1/patients/search", wanted)).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({}, ("missing", "/last_name")),
        ({"last_name": ""}, ("too_short", "/last_name")),
        ({"last_name": "Quacken%"}, None),
        ({"last_name": "Quackenbush", "first_name": "Zebediah"}, ("unknown_field", "/first_name")),
        ({"last_name": "Quackenbush", "birth_date": "1984"}, ("date_format", "/birth_date")),
    ],
)
async def test_a_bad_search_is_refused(admin: Someone, body: JSON, finding: tuple[str, str] | None) -> None:
    answer = await admin.post("/v1/patients/search", body)
    if finding is None:
        assert (answer.status_code, answer.json()["data"]) == (200, [])  # a character, not a pattern
    else:
        refused(answer, 422, "validation_failed", {finding})
        repeats_nothing(answer, body)


async def test_an_id_that_is_none_another_practices_and_nobodys_are_one_answer(
    admin: Someone, stranger: Someone
) -> None:
    foreign = UUID((await stranger.new_patient())["id"])
    spellings = (
        *(str(foreign), str(uuid4()), str(foreign).upper(), foreign.hex, f"{{{foreign}}}", foreign.urn),
        *("0", "null", "..%2f", f"{foreign}%20", f"{foreign}%00", "%D9%A1"),
    )
    answers: list[httpx.Response] = []
    for spelling in spellings:
        answers.append(await admin.get(path_of(spelling)))
        answers.append(await admin.patch(path_of(spelling), {}, version=1))
    for answer in answers:
        refused(answer, 404, "not_found")
    bodies = {answer.text.replace(answer.json()["request_id"], "") for answer in answers}
    assert len(bodies) == 1

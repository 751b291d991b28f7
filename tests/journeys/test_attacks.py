"""What somebody tries who means no good, or meets an unlucky moment: over HTTP, and on the operator's side."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.api.answers import to_json
from app.api.schemas.eligibility_checks import EligibilityResultAnswer
from app.domain.callers import Role
from app.domain.eligibility import EligibilityResult
from app.domain.eligibility_results import assess
from app.domain.practices import Practice
from app.local.practices import create_practice
from app.repositories.database import driver_url
from app.repositories.database_roles import prepare, unsafe_facts
from app.x12 import eligibility_271
from tests.domain.answers import ADA, DAY, MEMBER_ID
from tests.factories import an_npi
from tests.journeys.walking import Someone, a_coverage_body, a_patient_body, blue_heron
from tests.running import MASTER_KEYS, Databases, RunningService
from tests.x12.texts_271 import ACTIVE, a_271

PROVIDER = {"kind": "person", "name": {"last": "Madeup", "first": "Thera"}}
RESULT_SCHEMA = TypeAdapter(EligibilityResultAnswer).json_schema(mode="serialization")


@pytest.fixture
def clinician(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.CLINICIAN, practice.id)


@pytest.fixture
def admin(http: httpx.AsyncClient, service: RunningService, practice: Practice) -> Someone:
    return Someone.of(http, service, Role.ADMIN, practice.id)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# Tokens


@pytest.mark.parametrize("unknown", [UUID(int=2**100), UUID(int=0)], ids=["any", "nil"])
async def test_a_genuine_token_of_a_practice_that_is_not_here_is_forbidden_everything(
    http: httpx.AsyncClient, service: RunningService, unknown: UUID
) -> None:
    """An issuer may know practices that we do not; that is no outage, and nobody is to be woken for it."""
    stranger = Someone.of(http, service, Role.ADMIN, unknown)
    for path in ("/v1/practice", "/v1/patients", f"/v1/coverages/{uuid4()}", "/v1/audit-events"):
        assert refused(await stranger.get(path)) == (403, "role_forbidden")
    assert refused(await stranger.get("/v1/payers", q="blue")) == (403, "role_forbidden")
    assert refused(await stranger.post("/v1/patients", a_patient_body())) == (403, "role_forbidden")


async def test_a_key_used_as_staff_gives_the_same_person_nothing_as_another_patient(
    http: httpx.AsyncClient, service: RunningService, practice: Practice, clinician: Someone
) -> None:
    one, other = await clinician.new_patient(), await clinician.new_patient()
    path, body = f"/v1/patients/{one['id']}/coverages", a_coverage_body(**blue_heron())
    as_staff = Someone.of(http, service, Role.CLINICIAN, practice.id, subject="works-and-is-treated-here")
    as_patient = Someone.of(
        http, service, Role.PATIENT, practice.id, patient_id=UUID(other["id"]), subject="works-and-is-treated-here"
    )
    first = await as_staff.post(path, body, key="mine")
    again = await as_patient.post(path, body, key="mine")
    assert (first.status_code, *refused(again)) == (201, 404, "not_found")
    assert first.json()["id"] not in again.text


async def test_a_cursor_of_one_search_does_not_continue_another(clinician: Someone) -> None:
    for name in ("Searched", "Searched", "Hidden"):
        await clinician.new_patient(name={"last": name, "first": "Imagina"})
    path, headers = "/v1/patients/search", {"Authorization": f"Bearer {clinician.token}"}
    one = {"last_name": "Searched"}
    page = await clinician.http.post(path, params={"limit": "1"}, json=one, headers=headers)
    query = {"limit": "1", "cursor": page.json()["next_cursor"]}
    rest = await clinician.http.post(path, params=query, json=one, headers=headers)
    assert len(rest.json()["data"]) == 1
    other = await clinician.http.post(path, params=query, json={"last_name": "Hidden"}, headers=headers)
    assert refused(other) == (400, "cursor_invalid")


# Unlucky moments


async def test_an_npi_wanted_by_six_providers_at_once_goes_to_one(admin: Someone) -> None:
    made = [await admin.post("/v1/providers", PROVIDER | {"npi": an_npi(100 + number)}) for number in range(6)]
    paths = [f"/v1/providers/{answer.json()['id']}" for answer in made]
    for turn in range(5):
        versions = [(await admin.get(path)).json()["version"] for path in paths]
        answers = await asyncio.gather(
            *(
                admin.patch(path, {"npi": an_npi(900 + turn)}, version=version)
                for path, version in zip(paths, versions, strict=True)
            )
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 5}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"npi_taken"}


async def test_an_external_id_wanted_by_six_patients_at_once_goes_to_one(clinician: Someone) -> None:
    patients = [await clinician.new_patient() for _ in range(6)]
    for turn in range(5):
        paths = [f"/v1/patients/{patient['id']}" for patient in patients]
        versions = [(await clinician.get(path)).json()["version"] for path in paths]
        answers = await asyncio.gather(
            *(
                clinician.patch(path, {"external_id": f"wanted-{turn}"}, version=version)
                for path, version in zip(paths, versions, strict=True)
            )
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 5}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"external_id_taken"}


async def test_everything_at_once_about_one_patient_is_never_a_mistake_of_ours(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    ranks = ("primary", "secondary", "tertiary")
    held = [await clinician.verified_coverage(patient["id"], wished_rank=rank) for rank in ranks]
    order = f"/v1/patients/{patient['id']}/coverages/order"
    answers: list[httpx.Response] = []
    for turn in range(6):
        now = [(await clinician.get(f"/v1/coverages/{coverage['id']}")).json() for coverage in held]
        version = (await clinician.get(order)).json()["version"]
        turned = [*held[turn % 3 :], *held[: turn % 3]]
        body = {
            "effective_from": f"2026-0{turn + 1}-01",
            "ranks": [{"coverage_id": one["id"], "rank": rank} for one, rank in zip(turned, ranks, strict=True)],
        }
        paths = [f"/v1/coverages/{coverage['id']}" for coverage in now]
        tag = f'"{now[1]["version"]}"'
        ending = {"effective_to": f"2030-0{6 - turn}-01", "reason": "plan_changed"}
        answers += await asyncio.gather(
            clinician.put(order, body, version=version),
            clinician.patch(paths[0], {"effective_to": f"203{turn}-12-31"}, version=now[0]["version"]),
            clinician.post(f"{paths[1]}/terminate", ending, If_Match=tag),
            clinician.patch(f"/v1/patients/{patient['id']}", {"sex": "unknown"}, version=turn + 1),
            clinician.post(f"{paths[2]}/eligibility-checks", {}, Prefer="wait=0"),
            clinician.post(f"/v1/patients/{patient['id']}/coverages", a_coverage_body(**blue_heron())),
        )
    assert {answer.status_code for answer in answers} <= {200, 201, 202, 409, 412}
    assert sum(answer.status_code < 300 for answer in answers) >= 18


async def test_a_patch_points_at_the_place_that_does_not_fit(clinician: Someone) -> None:
    patient = await clinician.new_patient()
    coverage = await clinician.new_coverage(patient["id"])
    body = {"relationship": "child", "subscriber": {"name": {"last": "Walker"}}}
    answer = await clinician.patch(f"/v1/coverages/{coverage['id']}", body, version=1)
    assert {(finding["code"], finding["pointer"]) for finding in answer.json()["findings"]} == {
        ("missing", "/subscriber/name/first"),
        ("missing", "/subscriber/birth_date"),
        ("missing", "/subscriber/sex"),
    }


# Payers that send nonsense

ODD_BENEFITS = {
    "a copayment below zero": ("EB*B**30****-20",),
    "more than there is": ("EB*C*IND*30***23*999999999999999999",),
    "one cent too much": ("EB*C*IND*30***23*100000000.00",),
    "the most there is": ("EB*C*IND*30***23*99999999.99",),
    "minus nothing": ("EB*B**30****-0",),
    "a share below zero": ("EB*A**30*****-.2",),
    "minus no share": ("EB*A**30*****-0",),
    "a share as per cent": ("EB*A**30*****20",),
    "a billionth": ("EB*A**30*****.000000001",),
    "less than nothing left": ("EB*C*IND*30***23*500", "EB*C*IND*30***29*-3"),
    "from the first day to the last": (
        "EB*R**30*C1*OTHER",
        "DTP*290*RD8*00010101-99991231",
        "NM1*PRP*2*OTHER INVENTED",
    ),
    "a day of another century": ("EB*R**30*C1*OTHER", "DTP*290*D8*18500101", "NM1*PRP*2*OTHER INVENTED"),
}


@pytest.mark.parametrize("benefit", ODD_BENEFITS.values(), ids=ODD_BENEFITS.keys())
def test_what_a_payer_answers_can_always_be_shown(benefit: tuple[str, ...]) -> None:
    shown = json.loads(to_json(EligibilityResultAnswer.from_domain(_result(benefit))))
    Draft202012Validator(RESULT_SCHEMA).validate(shown)
    assert shown["active"] is True


@pytest.mark.parametrize("benefit", ["EB*B**30****-20", "EB*C*IND*30***23*100000000", "EB*A**30*****-.2"])
def test_a_figure_that_nobody_can_owe_is_left_out_and_named(benefit: str) -> None:
    result = _result((benefit,))
    assert "cost_share_unusable" in [finding.code for finding in result.findings]
    assert (result.copayments, result.coinsurances, result.deductibles) == ((), (), ())


def test_a_period_without_beginning_or_end_is_open() -> None:
    (other,) = _result(ODD_BENEFITS["from the first day to the last"]).other_payers
    assert (other.from_date, other.to_date) == (None, None)


def _result(benefit: tuple[str, ...]) -> EligibilityResult:
    answers, findings = eligibility_271.read(a_271(ACTIVE, benefit))
    return assess(
        answers,
        service_date=DAY,
        expected=ADA,
        member_id=MEMBER_ID,
        asked_service_types=("30", "MH"),
        findings=findings,
    )


# Operators


@pytest.mark.parametrize(
    "changes",
    [
        {"time_zone": "Europe/Berlin"},
        {"time_zone": "US/Pacific"},
        {"name": "Line\nbreak"},
        {"name": "   "},
        {"name": "x" * 61},
        {"npi": "1234567890"},
    ],
    ids=str,
)
async def test_a_practice_that_the_api_could_not_show_is_not_made(
    databases: Databases, changes: dict[str, Any]
) -> None:
    wanted: dict[str, Any] = {"name": "Invented Minds", "npi": an_npi(), "time_zone": "America/Denver", **changes}
    assert await create_practice(databases.owner_url, MASTER_KEYS, is_test=True, **wanted) is None


async def test_a_practice_made_by_an_operator_is_shown_to_its_admin(
    databases: Databases, http: httpx.AsyncClient, service: RunningService
) -> None:
    made = await create_practice(
        databases.owner_url, MASTER_KEYS, name="Invented Minds", npi=an_npi(), time_zone="Pacific/Guam", is_test=True
    )
    shown = await Someone.of(http, service, Role.ADMIN, made).get("/v1/practice")
    assert (shown.status_code, shown.json()["time_zone"]) == (200, "Pacific/Guam")


@pytest.mark.parametrize("power", ["owner", "superuser", "bypassrls"])
async def test_a_login_that_can_become_more_than_it_is_counts_as_unsafe(databases: Databases, power: str) -> None:
    name = f"visitor_{uuid4().hex[:8]}"
    powers = {"owner": "crossover_owner", "superuser": f"{name}_super", "bypassrls": f"{name}_bypass"}
    async with databases.as_superuser() as connection:
        if power != "owner":
            await connection.execute(sa.text(f"create role {powers[power]} {power}"))
        await connection.execute(sa.text(f"create role {name} login password 'visiting' in role {powers[power]}"))
        await connection.execute(sa.text(f"grant connect on database {make_url(databases.app_url).database} to {name}"))
    url = driver_url(databases.app_url).set(username=name, password="visiting")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            facts = await unsafe_facts(connection)
    finally:
        await engine.dispose()
        async with databases.as_superuser() as connection:
            await connection.execute(
                sa.text(f"revoke connect on database {make_url(databases.app_url).database} from {name}")
            )
            await connection.execute(sa.text(f"drop role {name}"))
            if power != "owner":
                await connection.execute(sa.text(f"drop role {powers[power]}"))
    assert any("member of a role" in fact for fact in facts)


async def test_the_applications_own_login_can_become_nothing_else(databases: Databases) -> None:
    async with databases.as_app() as connection:
        assert not any("member of a role" in fact for fact in await unsafe_facts(connection))


async def test_a_login_that_cannot_be_made_is_told_without_its_password(databases: Databases) -> None:
    """Names that begin with pg_ are the server's own (PostgreSQL, CREATE ROLE)."""
    reserved = make_url(databases.app_url).set(username="pg_crossover", password="never-shown")
    with pytest.raises(RuntimeError, match="42939") as refusal:
        await prepare(
            databases.postgres.superuser_url,
            owner_url=databases.owner_url,
            app_url=reserved.render_as_string(hide_password=False),
        )
    assert "never-shown" not in str(refusal.value)
    assert refusal.value.__suppress_context__


async def test_a_managed_server_is_prepared_again_by_an_owner_that_is_no_superuser(databases: Databases) -> None:
    """Only a superuser may name `superuser` and `bypassrls` in an `alter role` (PostgreSQL, ALTER ROLE)."""
    name = f"managed_{uuid4().hex[:8]}"
    async with databases.as_superuser() as connection:
        await connection.execute(sa.text(f"create role {name} login createrole password 'managed'"))
    async with _autocommitting(databases) as connection:
        await connection.execute(sa.text(f"create database {name} owner {name} template template0"))
    owner = _login(databases.owner_url, name, "managed", name)
    app = _login(databases.app_url, f"{name}_app", "first", name)
    renewed = _login(databases.app_url, f"{name}_app", "second", name)
    try:
        await prepare(owner, owner_url=owner, app_url=app)
        await prepare(owner, owner_url=owner, app_url=renewed)
        engine = create_async_engine(driver_url(renewed), poolclass=NullPool)
        async with engine.connect() as connection:
            facts = await unsafe_facts(connection)
        await engine.dispose()
    finally:
        async with _autocommitting(databases) as connection:
            await connection.execute(sa.text(f"drop database {name} with (force)"))
            await connection.execute(sa.text(f"drop role if exists {name}_app"))
            await connection.execute(sa.text(f"drop role {name}"))
    assert [fact for fact in facts if "login" in fact] == []


@contextlib.asynccontextmanager
async def _autocommitting(databases: Databases) -> AsyncIterator[AsyncConnection]:
    """A superuser outside a transaction: databases are neither made nor dropped inside one."""
    engine = create_async_engine(
        driver_url(databases.postgres.superuser_url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


def _login(url: str, name: str, password: str, database: str) -> str:
    changed = make_url(url).set(username=name, password=password, database=database)
    return changed.render_as_string(hide_password=False)

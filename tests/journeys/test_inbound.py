"""What comes back from payers, through the API, a real worker and the sandbox's feed: status, money, and what waits."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.domain.callers import Role
from app.domain.remittances import ClaimPayment
from tests.journeys.claim_walking import Insured, act, new_claim, new_insured, path_of, timeline_of
from tests.journeys.walking import JSON, Someone
from tests.running import Databases, RunningService, free_port
from tests.worker.scale import times
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance, a_service
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import a_835

KILLS = times(3, 50)


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Over a database of its own: there is one feed for all practices."""
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("inbound"))
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


@pytest.fixture
async def admin(place: RunningService) -> AsyncIterator[Someone]:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        yield Someone.of(http, place, Role.ADMIN, practice.id)


def member(ending: str = "") -> JSON:
    """Copaya Plainly's policy, or one with an ending that says what the sandbox makes of claims on it."""
    return {"member_id": f"MLK100010{ending}"}


async def sent(admin: Someone, insured: Insured) -> JSON:
    claim = await new_claim(admin, insured.claim_body())
    answer = await act(admin, claim, "/submissions", Prefer="wait=20")
    assert (answer.status_code, answer.json()["state"]) == (201, "sent"), answer.text
    return claim


async def until(admin: Someone, claim: JSON, *statuses: str, seconds: float = 20) -> JSON:
    """The claim once it has one of these statuses."""
    async with asyncio.timeout(seconds):
        while True:
            now: JSON = (await admin.get(path_of(claim))).json()
            if now["status"] in statuses:
                return now
            await asyncio.sleep(0.1)


async def until_waiting(admin: Someone, claim: JSON, *, seconds: float = 20) -> list[str]:
    """The kinds of open work items about the claim, once there are any."""
    async with asyncio.timeout(seconds):
        while True:
            items = (await admin.get("/v1/work-items", status="open")).json()["data"]
            if kinds := sorted(item["kind"] for item in items if item["claim_id"] == claim["id"]):
                return kinds
            await asyncio.sleep(0.1)


async def payments_of(admin: Someone) -> list[JSON]:
    """All claim payments of the practice."""
    found: list[JSON] = []
    for remittance in (await admin.get("/v1/remittances")).json()["data"]:
        found += (await admin.get(f"/v1/remittances/{remittance['id']}/claim-payments")).json()["data"]
    return found


async def offer(place: RunningService, x12: str, kind: str = "835") -> str:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{place.sandbox_url}/sandbox/outbox", json={"type": kind, "x12": x12})
    return str(answer.json()["transactionId"])


async def documents(place: RunningService) -> dict[str, sa.Row[Any]]:
    query = sa.text(
        "select d.*, (select count(*) from job where subject_id = d.id and kind = 'inbound_document') as jobs"
        " from inbound_document d"
    )
    async with place.databases.as_superuser() as connection:
        return {row.external_id: row for row in await connection.execute(query)}


async def until_read(place: RunningService, *external_ids: str, seconds: float = 30) -> list[sa.Row[Any]]:
    async with asyncio.timeout(seconds):
        while True:
            known = await documents(place)
            rows = [known[one] for one in external_ids if one in known]
            if len(rows) == len(external_ids) and all(row.state not in {"listed", "fetched"} for row in rows):
                return rows
            await asyncio.sleep(0.1)


def payment_of(claim: JSON, **changes: Any) -> ClaimPayment:
    """150 = 80 + 45 + 25 on its only line."""
    service = a_service(line_control_number=claim["lines"][0]["control_number"])
    return a_payment(service, patient_control_number=claim["patient_control_number"], **changes)


def paying(*payments: ClaimPayment) -> str:
    trace_number = uuid4().hex[:20].upper()
    return a_835(a_remittance(*payments, payer_id="XOVR1", trace_number=trace_number))


async def test_a_claim_is_accepted_and_paid_and_its_remittance_balances_to_the_cent(admin: Someone) -> None:
    insured = await new_insured(admin, primary=member())
    claim = await until(admin, await sent(admin, insured), "paid")
    async with asyncio.timeout(20):
        while claim["accepted_by"] != "payer":  # the 835 may be recorded before the 277CA
            await asyncio.sleep(0.1)
            claim = (await admin.get(path_of(claim))).json()
    assert (claim["status"], claim["outcome"]) == ("paid", "paid")
    (payment,) = await payments_of(admin)
    assert (payment["status"], payment["claim_id"], payment["findings"]) == ("posted", claim["id"], [])
    charge, paid, adjusted = (Decimal(payment[name]) for name in ("charge", "paid", "adjusted"))
    (remittance,) = (await admin.get("/v1/remittances")).json()["data"]
    assert (await admin.get(f"/v1/remittances/{remittance['id']}")).json()["claim_payments"] == [payment]
    assert charge == paid + adjusted == Decimal("150.00")
    assert paid == Decimal("80.00")
    assert payment["payer_claim_number"] == claim["payer_claim_number"]
    versions = (await admin.get(path_of(claim, "/adjudications"))).json()["data"]
    assert [(one["source"], one["status"], one["id"]) for one in versions] == [
        ("era", "current", payment["adjudication_id"])
    ]
    kinds = [event["kind"] for event in await timeline_of(admin, claim)]
    assert kinds.index("sent") < min(kinds.index("accepted"), kinds.index("adjudicated"))
    audited = (await admin.get("/v1/audit-events", patient_id=insured.patient["id"], limit="100")).json()["data"]
    assert {"accepted", "posted"} <= {one["reason"] for one in audited if one["action"] == "record_answer"}


@pytest.mark.parametrize(
    ("ending", "status", "outcome"),
    [("DENY", "denied", "denied"), ("DEDUCT", "paid", "zero_paid_patient"), ("REJECT", "rejected", None)],
)
async def test_what_the_payer_makes_of_a_claim_is_what_it_becomes(
    admin: Someone, ending: str, status: str, outcome: str | None
) -> None:
    claim = await sent(admin, await new_insured(admin, primary=member(ending)))
    now = await until(admin, claim, status)
    assert now["outcome"] == outcome
    if status == "rejected":
        assert await until_waiting(admin, claim) == ["claim_rejected"]


@pytest.mark.parametrize(
    ("ending", "status", "kind", "payment"),
    [
        ("UNBAL", "accepted", "remittance_unbalanced", "unbalanced"),
        ("NOTKNOWN", "accepted", "coverage_not_on_file", "not_on_file"),
    ],
)
async def test_what_does_not_balance_or_decide_waits_for_a_person(
    admin: Someone, ending: str, status: str, kind: str, payment: str
) -> None:
    claim = await sent(admin, await new_insured(admin, primary=member(ending)))
    assert await until_waiting(admin, claim) == [kind]
    assert (await until(admin, claim, status))["outcome"] is None
    assert [one["status"] for one in await payments_of(admin)] == [payment]
    assert (await admin.get(path_of(claim, "/adjudications"))).json()["data"] == []


async def test_a_claim_nobody_sent_waits_for_an_operator_and_ours_is_paid(
    admin: Someone, place: RunningService
) -> None:
    claim = await until(admin, await sent(admin, await new_insured(admin, primary=member("EXTRA"))), "paid")
    (remittance,) = (await admin.get("/v1/remittances")).json()["data"]
    assert [one["code"] for one in remittance["findings"]] == ["payment_has_unknown_claims"]
    async with asyncio.timeout(20):
        while not [one for one in (await documents(place)).values() if one.failure == "claims_unknown"]:
            await asyncio.sleep(0.1)
    assert [one["claim_id"] for one in await payments_of(admin)] == [claim["id"]]
    listed = await asyncio.to_thread(crossover, place, "inbound", "list")
    (line,) = [one for one in listed.splitlines() if "claims_unknown" in one]
    assert line.split("\t")[1:4] == ["remittance", "unrouted", "claims_unknown"]
    assert (await asyncio.to_thread(crossover, place, "inbound", "retry", line.split("\t")[0])).startswith("The doc")
    (document,) = await until_read(
        place, *[one.external_id for one in (await documents(place)).values() if str(one.id) in line]
    )
    assert document.failure == "claims_unknown"
    assert len(await payments_of(admin)) == 1


async def test_a_forwarded_claim_is_posted(admin: Someone) -> None:
    claim = await until(admin, await sent(admin, await new_insured(admin, primary=member("FORWARD"))), "paid")
    (payment,) = await payments_of(admin)
    assert (payment["status"], payment["crossover_payer"] is not None) == ("posted", True)
    assert (await admin.get(path_of(claim))).json()["status"] == "paid"


async def test_a_pended_claim_waits_until_the_payer_says_more(admin: Someone, place: RunningService) -> None:
    claim = await sent(admin, await new_insured(admin, primary=member("PEND")))
    now = await until(admin, claim, "pended")
    async with httpx.AsyncClient() as http:
        number = now["patient_control_number"]
        answer = await http.post(f"{place.sandbox_url}/sandbox/pended/{number}", json={"then": "pay"})
    assert answer.status_code == 200
    assert (await until(admin, claim, "paid"))["outcome"] == "paid"


async def test_each_practice_sees_its_own_part_of_a_shared_document_only(admin: Someone, place: RunningService) -> None:
    other = Someone.of(admin.http, place, Role.ADMIN, (await place.databases.add_practice()).id)
    ours, theirs = [
        await until(one, await sent(one, await new_insured(one, primary=member("PEND"))), "pended")
        for one in (admin, other)
    ]
    text = paying(payment_of(ours), payment_of(theirs))
    (document,) = await until_read(place, await offer(place, text))
    assert document.state == "routed"
    for one, own, foreign in ((admin, ours, theirs), (other, theirs, ours)):
        await until(one, own, "paid")
        (remittance,) = (await one.get("/v1/remittances")).json()["data"]
        whole = (await one.get(f"/v1/remittances/{remittance['id']}")).text
        assert remittance["total_paid"] == "80.00"
        assert not any(foreign[name] in whole for name in ("id", "patient_control_number", "patient_id"))
        assert (await one.get(path_of(foreign))).status_code == 404
    (ours_told,) = (await admin.get("/v1/remittances")).json()["data"]
    assert (await other.get(f"/v1/remittances/{ours_told['id']}")).status_code == 404
    assert (await other.get(f"/v1/remittances/{ours_told['id']}/claim-payments")).status_code == 404


async def test_a_worker_that_is_killed_while_it_reads_loses_and_doubles_nothing(
    admin: Someone, place: RunningService
) -> None:
    claims = [
        await until(admin, await sent(admin, await new_insured(admin, primary=member("PEND"))), "pended")
        for _ in range(3)
    ]
    offered: list[str] = []
    for _ in range(KILLS):
        offered += [await offer(place, paying(payment_of(claim))) for claim in claims]
        offered.append(await offer(place, a_277ca(a_claim_level("NOBODYSCLAIM00001", "STC*A2:20")), "277"))
        async with asyncio.timeout(30):
            while offered[-1] not in await documents(place):
                await asyncio.sleep(0.002)
        place.kill("worker", signal.SIGKILL)
        await let_leases_pass(place)
        place.start("worker")
    rows = await until_read(place, *offered, seconds=60)
    assert [row.jobs for row in rows] == [1] * len(offered)
    for claim in claims:
        await until(admin, claim, "paid")
    async with asyncio.timeout(60):
        while len(payments := await payments_of(admin)) < 3 * KILLS:
            await asyncio.sleep(0.2)
    assert len(payments) == 3 * KILLS
    assert sorted(one["status"] for one in payments) == ["posted"] * len(payments)
    for claim in claims:
        versions = (await admin.get(path_of(claim, "/adjudications"))).json()["data"]
        assert [one["source"] for one in versions] == ["era"]


async def test_two_workers_read_one_feed_once(admin: Someone, place: RunningService) -> None:
    claim = await until(admin, await sent(admin, await new_insured(admin, primary=member("PEND"))), "pended")
    with another_worker(place):
        offered = [await offer(place, paying(payment_of(claim))) for _ in range(8)]
        rows = await until_read(place, *offered)
        assert [row.jobs for row in rows] == [1] * 8
        await until(admin, claim, "paid")


@contextlib.contextmanager
def another_worker(place: RunningService) -> Iterator[None]:
    environment = place.environment | {"CROSSOVER_WORKER__METRICS_PORT": str(free_port())}
    with subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=environment) as process:
        yield
        process.terminate()


def crossover(place: RunningService, *arguments: str) -> str:
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, env=place.environment, capture_output=True, text=True, check=True).stdout


async def let_leases_pass(place: RunningService) -> None:
    """What time would do after a kill."""
    async with place.databases.as_superuser() as connection:
        for table in ("job", "feed_position"):
            statement = f"update {table} set lease_until = now() - interval '1 second' where lease_until is not null"  # noqa: S608  # names of ours
            await connection.execute(sa.text(statement))

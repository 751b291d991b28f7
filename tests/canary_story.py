"""A practice at work, all of whose people carry canaries: what `test_canaries.py` lives through before it searches."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa

from app.domain.callers import Role
from app.domain.payers import payer_id
from app.domain.practices import Practice
from tests.factories import an_npi
from tests.journeys.walking import JSON, Someone, a_coverage_body, a_patient_body
from tests.running import Databases, RunningService


def _digits(count: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))


def _amount(first: int) -> str:
    """Five digits and cents that no way of writing it leaves out."""
    return f"{first}{_digits(4)}.{secrets.randbelow(10)}{1 + secrets.randbelow(9)}"


@dataclass(frozen=True, kw_only=True)
class Canaries:
    """`word` begins whatever has letters; the rest are numbers and dates that occur nowhere else."""

    word: str = field(default_factory=lambda: f"Zqxv{secrets.token_hex(4)}")
    tax_id: str = field(default_factory=lambda: _digits(9))
    postal_code: str = field(default_factory=lambda: _digits(9))
    member_id: str = field(default_factory=lambda: f"MLK7{_digits(5)}")
    other_member_id: str = field(default_factory=lambda: f"BHM7{_digits(5)}")
    phone: str = field(default_factory=lambda: f"303{_digits(7)}")
    diagnosis: str = field(default_factory=lambda: f"Q7Z{secrets.token_hex(2).upper()}")
    charge: str = field(default_factory=lambda: _amount(6))
    paid: str = field(default_factory=lambda: _amount(1))
    patient_paid: str = field(default_factory=lambda: _amount(2))
    """One line's amounts. Only a claim's total stands in a column."""
    birth_date: str = "1907-03-19"
    subscriber_birth_date: str = "1908-11-23"
    external_id: str = field(default_factory=lambda: f"control-{secrets.token_hex(8)}")
    """Not personal and not sealed: the search must find this one."""

    @property
    def words(self) -> list[str]:
        dates = (self.birth_date, self.subscriber_birth_date)
        spelled = [date.replace("-", "") for date in dates]
        numbers = [self.tax_id, self.postal_code, self.member_id, self.other_member_id, self.phone]
        of_claims = [self.diagnosis, self.charge, self.paid, self.patient_paid]
        return [self.word, *numbers, *dates, *spelled, *of_claims]

    def name(self, what: str = "") -> JSON:
        return {
            "last": f"{self.word}Last{what}",
            "first": f"{self.word}First",
            "middle": f"{self.word}Mid",
            "suffix": "JR",
        }

    def address(self) -> JSON:
        return {
            "line1": f"1 {self.word} Street",
            "line2": f"{self.word} Annex",
            "city": f"{self.word}ville",
            "state": "CO",
            "postal_code": self.postal_code,
        }

    def subscriber(self) -> JSON:
        return {
            "name": self.name("Parent"),
            "birth_date": self.subscriber_birth_date,
            "sex": "male",
            "address": self.address(),
        }

    def coverage(self, **changes: Any) -> JSON:
        return a_coverage_body(
            **{
                "member_id": self.member_id,
                "group_number": f"{self.word}-77",
                "group_name": f"{self.word} Group",
                "plan_name": f"{self.word} Plan",
                "payer_address": self.address(),
                **changes,
            }
        )


class Story:
    """The practice's days, one verb each."""

    def __init__(
        self, http: httpx.AsyncClient, running: RunningService, practice: Practice, canaries: Canaries
    ) -> None:
        self._http = http
        self._running = running
        self._practice = practice
        self._canaries = canaries
        self._admin = Someone.of(http, running, Role.ADMIN, practice.id)
        self._clinician = Someone.of(http, running, Role.CLINICIAN, practice.id)
        self.tokens = [self._admin.token, self._clinician.token]
        self.refusals: list[httpx.Response] = []

    async def bill(self) -> None:
        """The practice and its providers."""
        canaries = self._canaries
        identity = {"name": f"{canaries.word} Clinic", "tax_id": canaries.tax_id, "address": canaries.address()}
        done(await self._admin.patch("/v1/practice", identity, version=1))
        done(await self._admin.get("/v1/practice"))
        person = {"kind": "person", "npi": an_npi(71), "name": canaries.name("Provider")}
        provider = done(await self._admin.post("/v1/providers", person)).json()
        house = {"kind": "organization", "name": None, "organization_name": f"{canaries.word} House"}
        done(await self._admin.patch(f"/v1/providers/{provider['id']}", house, version=1))
        done(await self._admin.get("/v1/providers"))

    async def admit(self) -> JSON:
        canaries = self._canaries
        body = a_patient_body(
            external_id=canaries.external_id,
            name=canaries.name(),
            birth_date=canaries.birth_date,
            address=canaries.address(),
        )
        key = str(uuid4())
        first = done(await self._clinician.post("/v1/patients", body, key=key))
        assert (await self._clinician.post("/v1/patients", body, key=key)).content == first.content
        patient = first.json()
        path = f"/v1/patients/{patient['id']}"
        done(await self._clinician.patch(path, {"name": {"middle": f"{canaries.word}\u00e9"}}, version=1))
        done(await self._clinician.get(path))
        done(await self._clinician.get("/v1/patients"))
        found = await self._clinician.post(
            "/v1/patients/search", {"last_name": f"{canaries.word}last", "birth_date": canaries.birth_date}
        )
        assert [row["id"] for row in found.json()["data"]] == [patient["id"]]
        return dict(patient)

    async def cover(self, patient: JSON) -> JSON:
        """Coverages through their whole life, the patient's own addition among them."""
        canaries, path = self._canaries, f"/v1/patients/{patient['id']}/coverages"
        primary = done(await self._clinician.post(path, canaries.coverage(effective_to="2029-12-31"))).json()
        dependent = canaries.coverage(
            payer_id=str(payer_id("XOVR2")),
            wished_rank="secondary",
            member_id=canaries.other_member_id,
            member_id_belongs_to="subscriber",
            relationship="child",
            subscriber=canaries.subscriber(),
        )
        secondary = done(await self._clinician.post(path, dependent)).json()
        for coverage in (primary, secondary):
            verified = {"outcome": "verified", "evidence": "card_seen"}
            done(await self._clinician.post(f"/v1/coverages/{coverage['id']}/verify", verified, If_Match='"1"'))
        changed = {"group_name": f"{canaries.word} Other", "subscriber": {"name": {"first": f"{canaries.word}Mum"}}}
        done(await self._clinician.patch(f"/v1/coverages/{secondary['id']}", changed, version=2))
        order = await self._clinician.get(f"{path}/order")
        ranks = [
            {"coverage_id": secondary["id"], "rank": "primary"},
            {"coverage_id": primary["id"], "rank": "secondary"},
        ]
        swapped = {"effective_from": "2026-07-01", "ranks": ranks}
        done(await self._clinician.put(f"{path}/order", swapped, version=int(order.headers["etag"].strip('"'))))
        member = Someone.of(self._http, self._running, Role.PATIENT, self._practice.id, patient_id=UUID(patient["id"]))
        self.tokens.append(member.token)
        own = canaries.coverage(wished_rank="tertiary", member_id=f"{canaries.word.upper()}3")
        done(await member.post(path, own))
        done(await member.get(path))
        return dict(secondary)

    async def ask_payers(self, patient: JSON) -> None:
        """Payers that know the patient, that do not, and that answer with nonsense."""
        canaries, path = self._canaries, f"/v1/patients/{patient['id']}/coverages"
        endings = ("", "GARBAGE", "HTML", "OTHER", "EMPTY", "NOX12", "E500")
        member_ids = [canaries.member_id + ending for ending in endings]
        member_ids += [f"{canaries.word.upper()}9", f"MLK1{canaries.member_id[4:]}"]
        for number, member_id in enumerate(member_ids):
            period = {"effective_from": f"20{30 + number}-01-01", "effective_to": f"20{30 + number}-12-31"}
            coverage = done(await self._clinician.post(path, canaries.coverage(member_id=member_id, **period))).json()
            checks = f"/v1/coverages/{coverage['id']}/eligibility-checks"
            check = done(await self._clinician.post(checks, {}, Prefer="wait=2"))
            done(await self._clinician.get(check.headers["location"]))
            done(await self._clinician.get(checks))
        done(await self._admin.get("/v1/audit-events", patient_id=patient["id"]))
        done(await self._admin.get("/v1/work-items"))

    async def refuse(self, patient: JSON, coverage: JSON) -> None:
        """The canaries as wrong values, wherever a value can stand."""
        canaries, word = self._canaries, self._canaries.word
        post, path = self._clinician.post, f"/v1/patients/{patient['id']}"
        bodies = [
            a_patient_body(name=canaries.name(), birth_date=word),
            a_patient_body(name=canaries.name(), birth_date=canaries.birth_date, sex=word),
            a_patient_body(name=f"{word} as text", **{word: word}),
            a_patient_body(external_id=f"{word} with a space"),
            a_patient_body(external_id=canaries.external_id, name=canaries.name()),
            a_patient_body(address=canaries.address() | {"state": word, "postal_code": word}),
        ]
        answers = [await post("/v1/patients", body) for body in bodies]
        coverages = [
            canaries.coverage(),
            canaries.coverage(member_id=f"{word}*~"),
            canaries.coverage(subscriber=canaries.subscriber()),
            canaries.coverage(payer_id=word),
            canaries.coverage(wished_rank=word, effective_from=word),
        ]
        answers += [await post(f"{path}/coverages", body) for body in coverages]
        raw = {"Authorization": f"Bearer {self._clinician.token}", "Content-Type": "application/json"}
        raw["Idempotency-Key"] = str(uuid4())
        for content in (f'{{"name": "{word}', f'{{"{word}": 1, "{word}": 2}}', f'"{word}"', f'{{"{word}": NaN}}'):
            answers.append(await self._http.post("/v1/patients", content=content, headers=raw))
        answers += [
            await self._clinician.get("/v1/patients", **{word: word}),
            await self._clinician.get("/v1/patients", external_id=f"{word} {word}"),
            await self._clinician.get("/v1/patients", cursor=word),
            await self._clinician.get(f"/v1/patients/{word}"),
            await self._clinician.get(f"/{word}/{canaries.member_id}"),
            await self._http.get(f"{path}?{word}", headers=raw),
            await self._http.get(path, headers={"Authorization": f"Bearer {word}"}),
            await self._http.get(path, headers=raw | {"Purpose-Of-Use": word}),
            await self._http.request("DELETE", f"{path}?{word}", headers=raw),
            await self._http.patch(path, json={"name": canaries.name()}, headers=raw | {"If-Match": word}),
            await self._clinician.patch(path, {"name": canaries.name()}, version=99),
            await post(f"/v1/coverages/{coverage['id']}/verify", {"outcome": word, "evidence": word}, If_Match='"1"'),
        ]
        no_method = await self._http.request(word.upper(), path, headers=raw)
        assert no_method.status_code == 400  # the server's own answer: no request came to be
        done(await self._clinician.get("/v1/payers", q=f"{word} {canaries.member_id}"))
        self.refusals += answers

    async def come_upon_damage(self, databases: Databases, patient: JSON) -> None:
        """A mistake of ours in the midst of personal data: the row of one patient under the id of another."""
        other = await self._clinician.new_patient(name=self._canaries.name("Other"))
        swap = sa.text("update patient set sealed = (select sealed from patient where id = :other) where id = :one")
        async with databases.as_superuser() as connection:
            await connection.execute(swap, {"one": UUID(patient["id"]), "other": UUID(other["id"])})
        answer = await self._clinician.get(f"/v1/patients/{patient['id']}")
        assert answer.status_code == 500
        self.refusals.append(answer)


def done(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer

"""The practice bills: claims whose every word is a canary go out, come back decided, and go on to the next payer.

Goes on from `canary_story.py`. Some of what must be nowhere is given out by others on the way, such as a payer's number of
a claim; it is noted as it comes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa

from app.domain.callers import Role
from app.domain.payers import payer_id
from app.domain.practices import Practice
from tests.canary_story import Canaries, done
from tests.factories import an_npi
from tests.journeys.claim_walking import a_line_body, act, delete, path_of
from tests.journeys.walking import JSON, Someone, a_patient_body
from tests.running import Databases, RunningService
from tests.x12.remittances import a_claim, a_remittance
from tests.x12.texts_277ca import a_277ca, a_claim_level
from tests.x12.texts_835 import a_835

DAY = "2026-07-14"
"""When Blue Heron is primary and Meadowlark secondary, see `Story.cover`."""
ENDINGS = {"REJECT": 2021, "UNBAL": 2022, "EXTRA": 2023, "DENY": 2024}
"""What the sandbox makes of claims with such member ids, and the year in which a policy with it is in force."""


class ClaimStory:
    """One biller's days, one verb each."""

    def __init__(
        self, http: httpx.AsyncClient, running: RunningService, practice: Practice, canaries: Canaries
    ) -> None:
        self._http = http
        self._running = running
        self._canaries = canaries
        self._admin = Someone.of(http, running, Role.ADMIN, practice.id)
        self._provider_id = ""
        self.given: list[str] = []
        """What payers and the clearinghouse called the claims."""
        self.refusals: list[httpx.Response] = []

    async def employ(self) -> None:
        """Who bills and who treats, on known terms with both payers."""
        canaries = self._canaries
        contact = {"name": f"{canaries.word} Desk", "phone": canaries.phone}
        practice = done(await self._admin.get("/v1/practice")).json()
        done(await self._admin.patch("/v1/practice", {"billing_contact": contact}, version=practice["version"]))
        terms = {"accepts_assignment": "assigned", "in_network": True}
        provider = {
            "kind": "person",
            "npi": an_npi(72),
            "name": canaries.name("Therapist"),
            "taxonomy_code": "101YM0800X",
            "participations": [{"payer_id": str(payer_id(payer)), **terms} for payer in ("XOVR1", "XOVR2")],
        }
        self._provider_id = done(await self._admin.post("/v1/providers", provider)).json()["id"]

    async def treat(self, patient: JSON) -> JSON:
        """A claim from its draft to the primary's remittance, and the secondary's to its own."""
        draft = await self._draft(patient["id"])
        changed = {"referral_number": f"{self._canaries.word.upper()}-10F", "service_facility": {"name": self._word()}}
        draft = done(await self._admin.patch(path_of(draft), changed, version=1)).json()
        held = done(await act(self._admin, draft, "/hold", {"reason": "by_hand"})).json()
        paid = await self._sent_and_decided(done(await act(self._admin, held, "/release")).json())
        following = done(await act(self._admin, paid, "/secondary")).json()
        decided = await self._sent_and_decided(following)
        for claim in (paid, decided):
            await self._look_at(claim)
        await self._look_at_remittances()
        return dict(decided)

    async def type_in(self, patient: JSON) -> None:
        """Decisions read off paper: one that leaves cents unexplained, its repair, and one that is taken as it is."""
        draft = await self._draft(patient["id"])
        done(await act(self._admin, draft, "/adjudications", self._paper(draft, "1.00")))
        claim = await self._now(draft)
        following = done(await act(self._admin, claim, "/secondary")).json()
        review = done(await self._admin.get(path_of(following, "/review"))).json()
        repair = review["repairs"][0]["id"]
        done(await act(self._admin, following, f"/repairs/{repair}"))
        following = await self._now(following)
        done(await delete(self._admin, path_of(following), version=following["version"]))
        claim = await self._now(claim)
        body = {"adjudication": self._paper(claim, "0.00")}
        await self._sent_and_decided(done(await act(self._admin, claim, "/secondary", body)).json())

    async def meet_odd_payers(self) -> None:
        """Claims that are rejected, decided out of balance, paid beside a stranger's, denied."""
        canaries = self._canaries
        patient = await self._another_patient()
        claims = []
        for ending, year in ENDINGS.items():
            period = {"effective_from": f"{year}-01-01", "effective_to": f"{year}-12-31"}
            coverage = canaries.coverage(member_id=f"{canaries.member_id}{ending}", **period)
            await self._verified(patient["id"], coverage)
            claim = await self._draft(patient["id"], f"{year}-07-14")
            done(await act(self._admin, claim, "/submissions", Prefer="wait=20"))
            claims.append(claim)
        for claim, status in zip(claims, ("rejected", "accepted", "paid", "denied"), strict=True):
            await self._until_status(claim, status)
            await self._look_at(claim)
        await self._until_waiting("remittance_unbalanced")
        # On its way when the other side goes mad: what it said must not be told either.
        for fault in ("GARBAGE", "HTML", "E500"):
            trouble = {"fault": fault, "on": "claims"}
            done(await self._http.post(f"{self._running.sandbox_url}/sandbox/faults", json=trouble))
        corrected = await self._now(claims[0])
        done(await act(self._admin, corrected, "/submissions", Prefer="wait=5"))

    async def receive_nonsense(self, databases: Databases) -> None:
        """Documents that nobody can read, that are nobody's, or that say what they may not."""
        word = self._canaries.word.upper()
        stray = a_claim(patient_control_number=f"{word}7", payer_claim_number=f"{word}-ICN")
        texts = [
            ("835", f"ISA*00*{word}~NM1*QC*1*{word}*{word}~"),
            ("835", a_835(a_remittance(stray, payer_name=f"{word} PLAN", trace_number=f"{word}-TRN"))),
            ("277", a_277ca(a_claim_level(f"{word}8"))),
        ]
        offered = [await self._offer(kind, x12) for kind, x12 in texts]
        await self._offer("277", f"{word} {word}")  # no X12 at all: asked for again later
        query = sa.text("select state from inbound_document where external_id = any(:ids)")

        async def look() -> JSON | None:
            async with databases.as_superuser() as connection:
                states = list(await connection.scalars(query, {"ids": offered}))
            return {"states": states} if sorted(states) == ["failed", "unrouted", "unrouted"] else None

        await _first(look)

    async def refuse(self, patient: JSON, claim: JSON) -> None:
        """The canaries as wrong values, wherever a value can stand."""
        canaries, word, post = self._canaries, self._canaries.word, self._admin.post
        good = self._body(patient["id"])
        line = good["lines"][0]
        bodies = [
            {**good, "diagnoses": [word, word]},
            {**good, "encounter_id": f"{word} {word}"},
            {**good, "place_of_service": word, "patient_paid": word},
            {**good, "lines": [{**line, "charge": canaries.member_id, "procedure_code": word}]},
            {**good, "lines": [{**line, "first_date": "2099-01-01", "units": word}]},
            {**good, "lines": [line, line]},
            {**good, "lines": [{**line, "first_date": "1901-01-01"}]},
            {**good, "prior_authorization": f"{word}*~", word: word},
            {**good, "billing_contact": {"name": word, "phone": word}},
            {**good, "service_facility": {"name": word, "npi": word, "address": {"line1": word}}},
            {**good, "coverage_id": word, "patient_id": canaries.member_id},
            {**good, "patient_id": str(uuid4())},
            {**good, "encounter_id": claim["encounter_id"]},
        ]
        answers = [await post("/v1/claims", body) for body in bodies]
        decision = self._paper(claim, "0.00")
        lines = decision["decision"]["lines"]
        for adjudication in (
            {**decision, "payer_claim_number": f"{word}*"},
            {**decision, "adjudication_date": word},
            {**decision, "adjudication_date": "2020-01-01"},
            {**decision, "decision": {"paid": canaries.charge, "lines": [{**lines[0], "line_id": str(uuid4())}]}},
            {**decision, "decision": {"paid": word, "lines": [{**lines[0], "remark_codes": [word]}]}},
            {**decision, "totals": {"paid": f"-{canaries.charge}"}},
            {"adjudication_date": DAY, "totals": {"paid": canaries.charge, "adjustments": word}},
        ):
            answers.append(await act(self._admin, claim, "/adjudications", adjudication))
            answers.append(await act(self._admin, claim, "/secondary", {"adjudication": adjudication}))
        answers += [
            await act(self._admin, claim, "/secondary", {"coverage_id": word}),
            await act(self._admin, claim, "/hold", {"reason": word}),
            await act(self._admin, claim, "/release", {"reason": word}),
            await act(self._admin, claim, f"/repairs/{word}"),
            await act(self._admin, claim, f"/repairs/{uuid4().hex}"),
            await act(self._admin, claim, f"/adjudications/{word}/accept"),
            await act(self._admin, claim, "/submissions"),
            await self._admin.patch(path_of(claim), {"diagnoses": [word]}, version=claim["version"]),
            await self._admin.patch(path_of(claim), {"diagnoses": [canaries.diagnosis]}, version=claim["version"]),
            await self._admin.patch(path_of(claim), {"diagnoses": [canaries.diagnosis]}, version=99),
            await self._admin.get(f"/v1/claims/{word}"),
            await self._admin.get(f"/v1/remittances/{word}"),
            await self._admin.get(path_of(claim, "/837"), sequence=word),
            await self._admin.get("/v1/claims", cursor=word),
            await self._admin.get("/v1/claims", encounter_id=f"{word} {word}"),
            *[await self._admin.get("/v1/claims", **{name: word}) for name in ("status", "patient_id", "sort", word)],
        ]
        self.refusals += answers

    async def come_upon_damage(self, databases: Databases, claim: JSON) -> None:
        """A mistake of ours in the midst of personal data: what one claim says under the id of another."""
        rows = (await self._admin.get("/v1/claims")).json()["data"]
        other = next(row["id"] for row in rows if row["id"] != claim["id"])
        swap = sa.text("update claim set sealed = (select sealed from claim where id = :other) where id = :one")
        async with databases.as_superuser() as connection:
            await connection.execute(swap, {"one": UUID(claim["id"]), "other": UUID(other)})
        for verb in ("", "/review", "/837?sequence=1", "/adjudications"):
            answer = await self._admin.get(path_of(claim, verb))
            assert answer.status_code == 500, verb
            self.refusals.append(answer)

    # What the verbs are made of

    def _word(self) -> str:
        return f"{self._canaries.word} House"

    def _body(self, patient: str, day: str = DAY) -> JSON:
        canaries = self._canaries
        word = canaries.word.upper()
        return {
            "encounter_id": f"ENC-{uuid4().hex}",
            "patient_id": patient,
            "rendering_provider_id": self._provider_id,
            "place_of_service": "11",
            "diagnoses": [canaries.diagnosis, "F411"],
            "service_facility": {"name": f"{canaries.word} Annex", "npi": an_npi(73), "address": canaries.address()},
            "pay_to_address": canaries.address(),
            "billing_contact": {"name": f"{canaries.word} Office", "phone": canaries.phone},
            "payer_assigned_ids": [{"role": "rendering", "number": f"{word}-G2"}],
            "prior_authorization": f"{word}-G1",
            "referral_number": f"{word}-9F",
            "patient_paid": canaries.patient_paid,
            "lines": [
                a_line_body(charge=canaries.charge, first_date=day, diagnosis_pointers=[1, 2]),
                a_line_body(procedure_code="90785", charge="30.00", first_date=day),
            ],
        }

    def _paper(self, claim: JSON, unexplained: str) -> JSON:
        """A decision in full in which the first line's amounts miss its charge by so much."""
        canaries = self._canaries
        rest = Decimal(canaries.charge) - Decimal(canaries.paid) - Decimal(unexplained)
        first, second = claim["lines"]
        reduced = {"group": "contractual", "reason_code": "45", "amount": str(rest)}
        all_of_it = {"group": "contractual", "reason_code": "45", "amount": "30.00"}
        return {
            "adjudication_date": "2026-09-02",
            "payer_claim_number": f"{canaries.word.upper()}-F8",
            "decision": {
                "paid": canaries.paid,
                "lines": [
                    {"line_id": first["id"], "paid": canaries.paid, "adjustments": [reduced]},
                    {"line_id": second["id"], "paid": "0.00", "adjustments": [all_of_it]},
                ],
            },
        }

    async def _offer(self, kind: str, x12: str) -> str:
        """Puts a document into the clearinghouse's feed."""
        outbox = f"{self._running.sandbox_url}/sandbox/outbox"
        return str(done(await self._http.post(outbox, json={"type": kind, "x12": x12})).json()["transactionId"])

    async def _draft(self, patient: str, day: str = DAY) -> JSON:
        body, key = self._body(patient, day), str(uuid4())
        first = done(await self._admin.post("/v1/claims", body, key=key))
        assert (await self._admin.post("/v1/claims", body, key=key)).content == first.content
        return dict(first.json())

    async def _another_patient(self) -> JSON:
        canaries = self._canaries
        body = a_patient_body(name=canaries.name(), birth_date=canaries.birth_date, address=canaries.address())
        return dict(done(await self._admin.post("/v1/patients", body)).json())

    async def _verified(self, patient: str, coverage: JSON) -> None:
        added = done(await self._admin.post(f"/v1/patients/{patient}/coverages", coverage)).json()
        seen = {"outcome": "verified", "evidence": "card_seen"}
        done(await self._admin.post(f"/v1/coverages/{added['id']}/verify", seen, If_Match='"1"'))

    async def _sent_and_decided(self, claim: JSON) -> JSON:
        for verb in ("/review", "/837"):
            done(await self._admin.get(path_of(claim, verb)))
        sent = done(await act(self._admin, claim, "/submissions", Prefer="wait=20")).json()
        assert sent["state"] == "sent"
        decided = await self._until(claim, lambda now: now["outcome"] is not None)
        self.given += [sent["clearinghouse_id"], decided["payer_claim_number"]]
        return decided

    async def _look_at(self, claim: JSON) -> None:
        for verb in ("", "/review", "/837", "/repairs", "/adjudications", "/submissions", "/timeline"):
            done(await self._admin.get(path_of(claim, verb)))

    async def _look_at_remittances(self) -> None:
        for remittance in done(await self._admin.get("/v1/remittances")).json()["data"]:
            path = f"/v1/remittances/{remittance['id']}"
            done(await self._admin.get(path))
            done(await self._admin.get(f"{path}/claim-payments"))
        done(await self._admin.get("/v1/claims"))
        done(await self._admin.get("/v1/work-items"))

    async def _now(self, claim: JSON) -> JSON:
        return dict(done(await self._admin.get(path_of(claim))).json())

    async def _until(self, claim: JSON, holds: Callable[[JSON], bool]) -> JSON:
        async def look() -> JSON | None:
            now = await self._now(claim)
            return now if holds(now) else None

        return await _first(look)

    async def _until_status(self, claim: JSON, status: str) -> None:
        await self._until(claim, lambda now: now["status"] == status)

    async def _until_waiting(self, kind: str) -> None:
        async def look() -> JSON | None:
            items = done(await self._admin.get("/v1/work-items", limit="100")).json()["data"]
            return next((item for item in items if item["kind"] == kind), None)

        await _first(look)


async def _first(look: Callable[[], Awaitable[JSON | None]]) -> JSON:
    """The first answer that there is: what the worker does takes its time."""
    async with asyncio.timeout(90):
        while (found := await look()) is None:
            await asyncio.sleep(0.3)
        return found

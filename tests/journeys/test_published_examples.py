"""X12's published examples 3A and 3B of 005010X222, entered through the API, come out the same, segment for segment.

3A is a child's claim to the mother's payer, which names the father's; 3B is the claim to the father's payer after the
mother's has decided. What is no number or date of our own and differs all the same is listed with its reason in
`tests/x12/published_examples.py`: the examples are of 2005, with codes, postal codes and NPIs that are not valid today.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.adjudications import Adjustment
from app.domain.parties import Address, Contact, Person
from app.domain.payers import Payer, PayerKind, PayerSupport, SupportLevel, payer_id
from app.domain.professional_claims import Policy, PriorDecision, ProfessionalClaim
from app.local.directory_file import Directory
from app.local.directory_loading import load_directory
from tests.journeys.claim_walking import Staff, errors_of, new_claim, next_claim, review_of
from tests.journeys.walking import JSON, a_patient_body
from tests.running import Databases, RunningService
from tests.x12.balance_837 import imbalances
from tests.x12.claims import body as segments_of
from tests.x12.published_examples import (
    CLEARINGHOUSE_ID,
    EXAMPLE_3A,
    EXAMPLE_3B,
    INSTALLATION_ID,
    SERVICE_DATE,
    PublishedExample,
    entered,
    person_named,
    without_own_numbers,
)
from tests.x12.pyx12_oracle import complaints

_REFERENCE = os.environ.get("REFERENCE_DIR")
_SAMPLES = Path(_REFERENCE or ".") / "samples" / "837p"
_EXAMPLES = pytest.mark.parametrize("example", [entered(EXAMPLE_3A), entered(EXAMPLE_3B)], ids=["3A", "3B"])


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """An API over a directory of its own, under the example's submitter and receiver."""
    running = RunningService(
        databases.fresh(),
        tmp_path_factory.mktemp("published"),
        CROSSOVER_CLEARINGHOUSE__SENDER_ID=INSTALLATION_ID,
        CROSSOVER_CLEARINGHOUSE__RECEIVER_ID=CLEARINGHOUSE_ID,
    )
    try:
        running.start("api")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
async def published_payers(place: RunningService) -> None:
    """The examples' payers in the directory, as an operator loads it."""
    supported = SupportLevel.SUPPORTED
    supports = PayerSupport(eligibility=supported, claims=supported, secondary_claims=supported, remittances=supported)
    names = {payer.payer_id: payer.name for payer in (EXAMPLE_3A.claim.payer, EXAMPLE_3B.claim.payer)}
    payers = tuple(
        Payer(
            id=payer_id(electronic_id),
            electronic_id=electronic_id,
            name=name,
            kind=PayerKind.COMMERCIAL,
            claim_filing_code="CI",
            supports=supports,
            updated_at=datetime(2026, 2, 10, tzinfo=UTC),
        )
        for electronic_id, name in names.items()
    )
    await load_directory(place.databases.owner_url, Directory(payers=payers, profile_entries=()))


@dataclass(frozen=True)
class Entry:
    """One example on its way through the API, in a practice of its own."""

    staff: Staff
    example: PublishedExample

    @property
    def claim(self) -> ProfessionalClaim:
        return self.example.claim

    async def claim_to_the_payer(self) -> JSON:
        """Everything the example says, from the practice to the claim."""
        await self._practice()
        provider = await self._post(self.staff.admin.post("/v1/providers", self._provider()))
        patient = await self.staff.clinician.new_patient(**self._patient())
        await self._coverages(patient["id"])
        content = {"billing_provider_id": provider["id"], "rendering_provider_id": provider["id"], **self._content()}
        content |= {"encounter_id": "PUBLISHED", "patient_id": patient["id"]}
        earlier = next((one.decision for one in self.claim.other_payers if one.decision is not None), None)
        if earlier is None:
            return await new_claim(self.staff.biller, content | self._payer_assigned_ids())
        primary = await new_claim(self.staff.biller, content)
        decided = {"adjudication": a_decision(earlier, [line["id"] for line in primary["lines"]])}
        secondary = await next_claim(self.staff.biller, primary, decided)
        path = f"/v1/claims/{secondary['id']}"
        return await self._post(self.staff.biller.patch(path, self._payer_assigned_ids(), version=1), status=200)

    async def _post(self, request: Any, status: int = 201) -> JSON:
        answer = await request
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def _practice(self) -> None:
        billed_by = self.claim.billed_by
        changes = {
            "name": self.example.submitter.name,
            "billing_contact": a_contact(self.example.submitter.contact),
            "tax_id": billed_by.tax_id,
            "address": an_address(billed_by.address),
        }
        await self._post(self.staff.admin.patch("/v1/practice", changes, version=1), status=200)

    def _provider(self) -> JSON:
        rendering = self.claim.rendering
        assert rendering is not None
        assert not isinstance(rendering.name, str)
        terms = {"accepts_assignment": "assigned", "in_network": True}
        asked = {self.claim.payer.payer_id, *(one.payer_id for one in self.claim.other_payers)}
        return {
            "kind": "person",
            "npi": rendering.npi,
            "name": {"last": rendering.name.last, "first": rendering.name.first},
            "taxonomy_code": rendering.taxonomy_code,
            "participations": [{"payer_id": str(payer_id(one)), **terms} for one in asked],
        }

    def _patient(self) -> JSON:
        signed = SERVICE_DATE.isoformat()
        return a_patient_body(
            **a_person(self.claim.patient),
            signature_on_file=None if self.claim.signature_generated else signed,
            release_of_information=self.claim.release_of_information.value,
            release_on_file=signed,
        )

    async def _coverages(self, patient: str) -> None:
        policies = [(one.policy, one.payer_id) for one in self.claim.other_payers]
        policies.append((self.claim.policy, self.claim.payer.payer_id))
        for policy, electronic_id in sorted(policies, key=lambda one: one[0].responsibility.number):
            address = self.claim.payer.address if policy is self.claim.policy else None
            await self.staff.clinician.verified_coverage(patient, **a_coverage(policy, electronic_id, address))

    def _content(self) -> JSON:
        claim, facility = self.claim, self.claim.service_facility
        assert facility is not None
        assert facility.address is not None
        assert claim.billed_by.contact is not None
        assert claim.billed_by.pay_to_address is not None
        return {
            "service_facility": {
                "name": facility.name,
                "npi": facility.npi,
                "address": an_address(facility.address),
            },
            "pay_to_address": an_address(claim.billed_by.pay_to_address),
            "billing_contact": a_contact(claim.billed_by.contact),
            "place_of_service": claim.place_of_service,
            "diagnoses": list(claim.diagnoses),
            "signature_generated_by_provider": claim.signature_generated,
            "lines": [
                {
                    "procedure_code": line.procedure_code,
                    "charge": str(line.charge),
                    "units": str(line.units),
                    "diagnosis_pointers": list(line.diagnosis_pointers),
                    "first_date": line.first_date.isoformat(),
                }
                for line in claim.lines
            ],
        }

    def _payer_assigned_ids(self) -> JSON:
        rendering = self.claim.rendering
        assert rendering is not None
        numbers = {"billing": self.claim.payer.provider_id_there, "rendering": rendering.payer_assigned_id}
        return {"payer_assigned_ids": [{"role": role, "number": number} for role, number in numbers.items()]}


def an_address(address: Address) -> JSON:
    return {
        "line1": address.line1,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
    }


def a_contact(contact: Contact) -> JSON:
    return {"name": contact.name, "phone": contact.phone}


def a_person(person: Person) -> JSON:
    assert person.address is not None
    return {
        "name": {"last": person.name.last, "first": person.name.first},
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex.value,
        "address": an_address(person.address),
    }


def a_coverage(policy: Policy, electronic_id: str, payer_address: Address | None) -> JSON:
    assert policy.benefits_assigned is not None
    return {
        "payer_id": str(payer_id(electronic_id)),
        "wished_rank": policy.responsibility.value,
        "member_id": policy.member_id,
        "member_id_belongs_to": "subscriber",
        "relationship": policy.relationship.value,
        "subscriber": a_person(person_named(policy.insured)),
        "benefits_assigned": policy.benefits_assigned.value,
        "payer_address": None if payer_address is None else an_address(payer_address),
    }


def a_decision(decision: PriorDecision, line_ids: list[str]) -> JSON:
    lines = [
        {
            "line_id": line_ids[line.line_number - 1],
            "paid": str(line.paid),
            "adjustments": [an_adjustment(one) for one in line.adjustments],
        }
        for line in decision.lines
    ]
    (day,) = {line.adjudication_date for line in decision.lines if line.adjudication_date is not None}
    whole = {
        "paid": str(decision.paid),
        "adjustments": [an_adjustment(one) for one in decision.adjustments],
        "remaining_liability": str(decision.remaining_liability),
        "lines": lines,
    }
    return {"adjudication_date": day.isoformat(), "decision": whole}


def an_adjustment(one: Adjustment) -> JSON:
    return {"group": one.group.value, "reason_code": one.reason_code, "amount": str(one.amount)}


async def preview_of(place: RunningService, example: PublishedExample) -> str:
    practice = await place.databases.add_practice()
    async with httpx.AsyncClient(base_url=place.url, timeout=40) as http:
        staff = Staff.of(http, place, practice.id)
        claim = await Entry(staff, example).claim_to_the_payer()
        review = await review_of(staff.biller, claim)
        assert (errors_of(review), review["submittable"]) == ([], True)
        answer = await staff.biller.get(f"/v1/claims/{claim['id']}/837")
        assert (answer.status_code, answer.headers["crossover-content"]) == (200, "preview")
        return answer.text


@pytest.mark.usefixtures("published_payers")
@pytest.mark.skipif(_REFERENCE is None, reason="REFERENCE_DIR is not set: no published examples")
@_EXAMPLES
async def test_a_published_example_that_is_entered_comes_out_the_same_but_for_listed_differences(
    place: RunningService, example: PublishedExample
) -> None:
    published = example.expected((_SAMPLES / example.file_name).read_text())
    ours = segments_of(await preview_of(place, example))
    assert without_own_numbers(ours) == without_own_numbers(published)


@pytest.mark.usefixtures("published_payers")
@_EXAMPLES
async def test_an_entered_example_is_accepted_and_balances(place: RunningService, example: PublishedExample) -> None:
    text = await preview_of(place, example)
    assert (complaints(text), imbalances(text)) == ([], [])


@_EXAMPLES
def test_every_difference_of_an_entered_example_says_why(example: PublishedExample) -> None:
    assert all(difference.reason.endswith(".") for difference in example.differences)
    assert len({difference.at for difference in example.differences}) == len(example.differences)

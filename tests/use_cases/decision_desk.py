"""A desk at which payers' decisions are entered: an encounter that is billed, its decisions, the next claims, reviews."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.domain.adjudication_forms import ShortForm
from app.domain.adjudications import Adjudication, AdjudicationSource, AdjudicationStatus, Decision
from app.domain.claim_outcomes import outcome_of
from app.domain.claims import Claim
from app.domain.codes import AcceptsAssignment
from app.domain.payers import payer_id
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation
from app.domain.work_items import WorkItem
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases import adjudications, claim_reviews, repairs, secondary_claims
from app.use_cases.adjudications import AdjudicationView
from app.use_cases.claim_reviews import Review
from app.use_cases.decision_entry import Entered
from app.use_cases.secondary_claims import WantedNext
from tests.domain.claims import SERVICE_DAY, an_adjudication
from tests.factories import a_provider
from tests.planting import new_npi
from tests.running import Databases
from tests.use_cases import claim_desk, desk
from tests.use_cases.callers import Noting
from tests.use_cases.claim_desk import ClaimDesk, a_new_line

T = TypeVar("T")

MEADOWLARK, BLUE_HERON, CEDAR, COPPER, MEDICARE, LARKSPUR = (payer_id(f"XOVR{number}") for number in (1, 2, 3, 5, 7, 8))
"""Claim level allowed; lines wanted; no profile; wants the earlier claim number; Original Medicare; paper only."""
DECIDED_ON = date(2026, 9, 10)


@dataclass(frozen=True)
class DecisionDesk:
    """One biller. `claims` is the same desk for claims, `claims.coverages` for the patient's coverages."""

    claims: ClaimDesk

    async def encounter(
        self,
        *payers: UUID,
        charges: tuple[str, ...] = ("150.00",),
        in_network: bool | None = True,
        **changes: Any,
    ) -> Claim:
        """A draft to the first payer, with one line for each charge, a day apart. The patient's coverages are in the
        payers' order; without `in_network` nobody has recorded the provider's terms.
        """
        payers = payers or (MEADOWLARK, BLUE_HERON)
        for rank, payer in enumerate(payers, start=1):
            more = {"member_id": desk.MBI} if payer == MEDICARE else {}
            if payer == MEDICARE and rank > 1:
                more["insurance_type_code"] = "12"
            await self.claims.coverages.verified(rank, payer_id=payer, **more)
        terms = [
            PayerParticipation(
                payer_id=payer, accepts_assignment=AcceptsAssignment.ASSIGNED, in_network=bool(in_network)
            )
            for payer in (() if in_network is None else payers)
        ]
        provider = a_provider(id=uuid4(), npi=new_npi(), participations=tuple(terms))

        async def add(uow: UnitOfWork) -> None:
            assert await uow.providers.add(provider)

        await self.do(add)
        claim = await self.claims.create(rendering_provider_id=provider.id, **changes)
        if charges != ("150.00",):
            claim = await self.claims.change(
                claim,
                lambda content, identity: replace(
                    content,
                    lines=tuple(
                        a_new_line(identity, charge=Decimal(charge), first_date=SERVICE_DAY.replace(day=number))
                        for number, charge in enumerate(charges, start=1)
                    ),
                ),
            )
        return claim

    async def enter(
        self, claim: Claim, entered: Entered, *, version: int | None = None, key: str | None = None
    ) -> AdjudicationView:
        noting: Noting[AdjudicationView] = Noting()
        await adjudications.create_adjudication(
            *self._who,
            claim.id,
            version=version or claim.version,
            entered=entered,
            call=noting.call(key),
        )
        return noting.results[0]

    async def accept(self, claim: Claim, adjudication_id: UUID) -> AdjudicationView:
        noting: Noting[AdjudicationView] = Noting()
        await adjudications.accept_adjudication(
            *self._who, claim.id, adjudication_id, version=claim.version, call=noting.call()
        )
        return noting.results[0]

    async def versions(self, claim: Claim, *, before: int | None = None, limit: int = 10) -> list[Adjudication]:
        rows = await adjudications.list_adjudications(*self._who, claim.id, before=before, limit=limit)
        return [row.adjudication for row in rows]

    async def next(self, claim: Claim, *, coverage_id: UUID | None = None, entered: Entered | None = None) -> Claim:
        """The claim to the next payer."""
        noting: Noting[Claim] = Noting()
        await secondary_claims.create_secondary_claim(
            *self._who,
            claim.id,
            WantedNext(coverage_id=coverage_id, entered=entered),
            version=claim.version,
            call=noting.call(),
        )
        return noting.results[0]

    async def review(self, claim: Claim) -> Review:
        return await claim_reviews.review_claim(*self._who, claim.id)

    async def repair(self, claim: Claim, repair_id: str) -> Review:
        noting: Noting[Review] = Noting()
        await repairs.apply_repair(*self._who, claim.id, repair_id, version=claim.version, call=noting.call())
        return noting.results[0]

    async def reread(self, claim: Claim) -> Claim:
        return await self.claims.read(claim)

    async def work(self) -> list[WorkItem]:
        return list(await self.do(lambda uow: uow.work_items.page(status=None, after=None, limit=100)))

    async def proposed(self, claim: Claim, decision: Decision) -> Adjudication:
        """What a remittance says, waiting beside what was entered."""

        async def write(uow: UnitOfWork) -> Adjudication:
            waiting = an_adjudication(
                claim,
                decision,
                number=await uow.adjudications.next_number(claim.id),
                status=AdjudicationStatus.PROPOSED,
                source=AdjudicationSource.ERA,
                outcome=outcome_of(decision, claim.content.lines),
                response_id=uow.new_id(),
            )
            await uow.adjudications.add(waiting)
            return waiting

        waiting: Adjudication = await self.do(write)
        return waiting

    async def do(self, verb: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        async with self.claims.context.units.begin(self.claims.coverages.tenant) as uow:
            outcome = await verb(uow)
            await uow.commit()
        return outcome

    @property
    def _who(self) -> tuple[Any, Any]:
        return self.claims.context, self.claims.coverages.tenant


@asynccontextmanager
async def opened(databases: Databases, practice: Practice) -> AsyncIterator[DecisionDesk]:
    async with claim_desk.opened(databases, practice) as one:
        yield DecisionDesk(one)


def totals(paid: str = "80.00", adjustments: str = "45.00", responsibility: str = "25.00", **changes: Any) -> ShortForm:
    """150.00 = 80.00 + 45.00 + 25.00 copay, unless told otherwise; amounts may be texts."""
    more: dict[str, Any] = {
        name: Decimal(value) if isinstance(value, str) and "." in value else value for name, value in changes.items()
    }
    if not {"copay", "coinsurance", "deductible"} & changes.keys() and Decimal(responsibility):
        more["copay"] = Decimal(responsibility)
    form = ShortForm(
        paid=Decimal(paid),
        adjustments=Decimal(adjustments),
        patient_responsibility=Decimal(responsibility),
        adjudication_date=DECIDED_ON,
    )
    return replace(form, **more)


def unsplit(paid: str, adjustments: str, responsibility: str, **changes: Any) -> ShortForm:
    """Nobody said what the patient's responsibility is."""
    return totals(paid, adjustments, responsibility, **changes, copay=None)


def segments(x12: str | None) -> list[str]:
    assert x12 is not None
    return x12.removesuffix("~").split("~")


def from_first_other_payer(x12: str | None) -> list[str]:
    """From the first SBR of 2320 to the end of the claim."""
    found = segments(x12)
    starts = [at for at, segment in enumerate(found) if segment.startswith("SBR*")]
    end = next(at for at, segment in enumerate(found) if segment.startswith("SE*"))
    return found[starts[1] : end]


def places(review: Review) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.pointer) for finding in review.findings]

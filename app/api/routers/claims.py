"""/v1/claims: bills to payers, each for one encounter; the first payer's is written, later ones are made from it."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.answers import no_content, to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.pagination import PageDep, PageRequest
from app.api.route import CrossoverRoute
from app.api.schemas.base import Date, Identifier, Page, Timestamp
from app.api.schemas.claim_contents import ChangedContent, ContentPatch
from app.api.schemas.claims import ClaimAnswer, ClaimSummaryAnswer, EncounterId, NewClaim
from app.api.schemas.merge import merged
from app.api.work import WorkDep, created, idempotent, page_of, record
from app.domain.claim_lists import ClaimFilter, ClaimSort, ListPosition
from app.domain.claim_states import ClaimStatus
from app.domain.claims import Claim
from app.domain.codes import PayerResponsibility
from app.use_cases import claim_lists, claims
from app.use_cases.claims import WantedClaim
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["claims"], route_class=CrossoverRoute)


class ClaimOrder(StrEnum):
    """What a list is sorted by; with a dash, the newest or latest first."""

    UPDATED = "updated_at"
    UPDATED_LAST = "-updated_at"
    CREATED = "created_at"
    CREATED_LAST = "-created_at"
    SERVICE = "service_date"
    SERVICE_LAST = "-service_date"


async def claim_filter(
    status: Annotated[ClaimStatus | None, Query()] = None,
    rank: Annotated[PayerResponsibility | None, Query(description="The billed payer's place in the order.")] = None,
    payer_id: Annotated[Identifier | None, Query(description="The payer that is billed.")] = None,
    patient_id: Annotated[Identifier | None, Query()] = None,
    encounter_id: Annotated[EncounterId | None, Query()] = None,
    provider_id: Annotated[Identifier | None, Query(description="Who bills or renders.")] = None,
    service_from: Annotated[Date | None, Query(description="With services on this day or after it.")] = None,
    service_to: Annotated[Date | None, Query(description="With services on this day or before it.")] = None,
    updated_since: Annotated[Timestamp | None, Query(description="Changed at this time or after it.")] = None,
) -> ClaimFilter:
    return ClaimFilter(
        statuses=frozenset() if status is None else frozenset({status}),
        rank=rank,
        payer_id=payer_id,
        patient_id=patient_id,
        encounter_id=encounter_id,
        provider_id=provider_id,
        service_from=service_from,
        service_to=service_to,
        updated_since=updated_since,
    )


@router.post("/claims", status_code=201, response_model=ClaimAnswer)
async def create_claim(work: WorkDep, idempotency: IdempotencyDep, body: NewClaim) -> Response:
    """Drafts the claim to the primary payer. An encounter has one for each billing provider."""
    wanted = WantedClaim(
        encounter_id=body.encounter_id,
        patient_id=body.patient_id,
        coverage_id=body.coverage_id,
        compose=body.compose,
    )
    call = idempotent("create_claim", idempotency, _created)
    return to_response(await claims.create_claim(work.context, work.tenant, wanted, call=call))


@router.get("/claims", response_model=Page[ClaimSummaryAnswer])
async def list_claims(
    work: WorkDep,
    page: PageDep,
    wanted: Annotated[ClaimFilter, Depends(claim_filter)],
    sort: Annotated[ClaimOrder, Query()] = ClaimOrder.UPDATED_LAST,
) -> Response:
    """Claims of every rank alike. All filters that are given must hold."""
    by = ClaimSort(sort.removeprefix("-"))
    rows = await claim_lists.list_claims(
        work.context,
        work.tenant,
        wanted,
        sort=by,
        descending=sort.startswith("-"),
        after=_position(page),
        limit=page.limit + 1,
    )
    return page_of(Page[ClaimSummaryAnswer], rows, page, ClaimSummaryAnswer.from_domain, lambda row: row.position(by))


@router.get("/claims/{claim_id}", response_model=ClaimAnswer)
async def read_claim(work: WorkDep, claim_id: Identifier) -> Response:
    """One claim with its lines."""
    return _record(await claims.read_claim(work.context, work.tenant, claim_id))


@router.patch("/claims/{claim_id}", response_model=ClaimAnswer)
async def change_claim(work: WorkDep, claim_id: Identifier, version: VersionDep, patch: ContentPatch) -> Response:
    """Changes a draft, or a claim that is held or rejected. A later payer's keeps charges, units and days."""
    claim = await claims.change_claim(
        work.context,
        work.tenant,
        claim_id,
        version=version,
        revise=lambda content, identity: merged(ChangedContent.from_domain(content), patch).revise(content, identity),
    )
    return _record(claim)


@router.delete("/claims/{claim_id}", status_code=204)
async def delete_claim(work: WorkDep, claim_id: Identifier, version: VersionDep) -> Response:
    """Deletes a claim that was never submitted or decided and from which no other follows."""
    await claims.delete_claim(work.context, work.tenant, claim_id, version=version)
    return no_content()


def _position(page: PageRequest) -> ListPosition | None:
    """The sorted value and id of the last claim of the page before."""
    return page.after  # type: ignore[return-value]  # sealed by us, of such a list


def _created(claim: Claim) -> Answer:
    return created(ClaimAnswer.from_domain(claim), version=claim.version, location=f"/v1/claims/{claim.id}")


def _record(claim: Claim) -> Response:
    return record(ClaimAnswer.from_domain(claim), claim.version)

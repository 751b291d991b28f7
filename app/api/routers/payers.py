"""/v1/payers: the directory, what a payer supports and wants, and a practice's own entries."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, WithJsonSchema
from starlette.responses import Response

from app.api.answers import json_answer, to_response
from app.api.dependencies import IdempotencyDep
from app.api.pagination import MAX_LIMIT, PageDep, read_limit
from app.api.route import CrossoverRoute
from app.api.schemas.base import TYPED_PATTERN, Date, Identifier, Page
from app.api.schemas.payers import (
    NewPayerOverride,
    PayerAnswer,
    PayerMatches,
    PayerSummary,
    ProfileEntryAnswer,
)
from app.api.work import WorkDep, after_id, idempotent, kept, page_of
from app.domain.payers import ProfileEntry
from app.use_cases import payers
from app.use_cases.idempotency import Answer

Matches = Annotated[
    int,
    BeforeValidator(read_limit),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 10}),
    Query(description="How many matches are wanted."),
]

router = APIRouter(tags=["payers"], route_class=CrossoverRoute)


@router.get("/payers", response_model=PayerMatches)
async def search_payers(
    work: WorkDep,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            pattern=TYPED_PATTERN,
            description="An id, a name, an alias, or their beginning.",
        ),
    ],
    limit: Matches = 10,
) -> Response:
    """Payers by exact id, alias, prefix, or with one typo; best match first."""
    found = await payers.search_payers(work.context, work.tenant, text=q, limit=limit)
    return json_answer(PayerMatches(data=[PayerSummary.from_domain(payer) for payer in found]))


@router.get("/payers/{payer_id}", response_model=PayerAnswer)
async def read_payer(
    work: WorkDep,
    payer_id: Identifier,
    on: Annotated[Date | None, Query(description="The day the profile is for; today when absent.")] = None,
) -> Response:
    """One payer with the profile in force on a day."""
    return json_answer(PayerAnswer.from_view(await payers.read_payer(work.context, work.tenant, payer_id, on=on)))


@router.get("/payers/{payer_id}/overrides", response_model=Page[ProfileEntryAnswer])
async def list_payer_overrides(work: WorkDep, payer_id: Identifier, page: PageDep) -> Response:
    """The practice's own entries, oldest first, past ones too."""
    rows = await payers.list_payer_overrides(
        work.context, work.tenant, payer_id, after=after_id(page), limit=page.limit + 1
    )
    return page_of(Page[ProfileEntryAnswer], rows, page, ProfileEntryAnswer.from_domain, lambda row: (row.id,))


@router.post("/payers/{payer_id}/overrides", status_code=201, response_model=ProfileEntryAnswer)
async def create_payer_override(
    work: WorkDep, payer_id: Identifier, idempotency: IdempotencyDep, body: NewPayerOverride
) -> Response:
    """Adds a practice's own entry: it beats the general profile while it is in force."""
    answer = await payers.create_payer_override(
        work.context,
        work.tenant,
        payer_id,
        compose=body.compose(payer_id),
        call=idempotent("create_payer_override", idempotency, _created),
    )
    return to_response(answer)


def _created(entry: ProfileEntry) -> Answer:
    return kept(ProfileEntryAnswer.from_domain(entry), status=201)

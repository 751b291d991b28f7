"""/v1/coverages/{id}/eligibility-checks and /v1/eligibility-checks: asking a payer, and what it said."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import json_answer, to_response
from app.api.dependencies import IdempotencyDep, PreferWait
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.eligibility_checks import EligibilityCheckAnswer, NewEligibilityCheck
from app.api.work import WorkDep, after_id, idempotent, kept, page_of
from app.use_cases import eligibility_requests
from app.use_cases.eligibility_requests import CheckView
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["eligibility"], route_class=CrossoverRoute)
RETRY_AFTER_SECONDS = 2


@router.post(
    "/coverages/{coverage_id}/eligibility-checks",
    status_code=201,
    response_model=EligibilityCheckAnswer,
    responses={202: {"model": EligibilityCheckAnswer, "description": "Not answered yet: look at `Location` again."}},
)
async def create_eligibility_check(
    work: WorkDep, coverage_id: Identifier, idempotency: IdempotencyDep, wait: PreferWait, body: NewEligibilityCheck
) -> Response:
    """Asks the payer (270). 201 with the answer when it comes within `Prefer: wait=N` seconds, else 202."""
    answer = await eligibility_requests.create_eligibility_check(
        work.context,
        work.tenant,
        coverage_id,
        service_date=body.service_date,
        provider_id=body.provider_id,
        wait_seconds=wait,
        call=idempotent("create_eligibility_check", idempotency, _kept),
    )
    return to_response(answer)


@router.get("/coverages/{coverage_id}/eligibility-checks", response_model=Page[EligibilityCheckAnswer])
async def list_eligibility_checks(work: WorkDep, coverage_id: Identifier, page: PageDep) -> Response:
    """A coverage's checks, newest first."""
    rows = await eligibility_requests.list_eligibility_checks(
        work.context, work.tenant, coverage_id, after=after_id(page), limit=page.limit + 1
    )
    return page_of(
        Page[EligibilityCheckAnswer], rows, page, EligibilityCheckAnswer.from_view, lambda row: (row.check.id,)
    )


@router.get("/eligibility-checks/{check_id}", response_model=EligibilityCheckAnswer)
async def read_eligibility_check(work: WorkDep, check_id: Identifier) -> Response:
    """One check; a patient sees its outcome only."""
    view = await eligibility_requests.read_eligibility_check(work.context, work.tenant, check_id)
    headers = [] if view.is_settled else [("Retry-After", str(RETRY_AFTER_SECONDS))]
    return json_answer(EligibilityCheckAnswer.from_view(view), headers=headers)


def _kept(view: CheckView) -> Answer:
    location = ("Location", f"/v1/eligibility-checks/{view.check.id}")
    if view.is_settled:
        return kept(EligibilityCheckAnswer.from_view(view), status=201, headers=[location])
    waiting = ("Retry-After", str(RETRY_AFTER_SECONDS))
    return kept(EligibilityCheckAnswer.from_view(view), status=202, headers=[location, waiting])

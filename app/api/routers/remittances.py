"""/v1/remittances: what payers paid, and what became of each payment."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import json_answer
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.remittances import ClaimPaymentAnswer, RemittanceAnswer, RemittanceSummaryAnswer
from app.api.work import WorkDep, after_id, after_number, page_of
from app.use_cases import remittances

router = APIRouter(tags=["remittances"], route_class=CrossoverRoute)


@router.get("/remittances", response_model=Page[RemittanceSummaryAnswer])
async def list_remittances(work: WorkDep, page: PageDep) -> Response:
    """The payers' payments that concern the practice's claims (835), newest first."""
    rows = await remittances.list_remittances(work.context, work.tenant, after=after_id(page), limit=page.limit + 1)
    return page_of(
        Page[RemittanceSummaryAnswer], rows, page, RemittanceSummaryAnswer.from_domain, lambda row: (row.id,)
    )


@router.get("/remittances/{remittance_id}", response_model=RemittanceAnswer)
async def read_remittance(work: WorkDep, remittance_id: Identifier) -> Response:
    """One payment with its claim payments: which were posted, and which wait and why."""
    view = await remittances.read_remittance(work.context, work.tenant, remittance_id)
    return json_answer(RemittanceAnswer.from_view(view))


@router.get("/remittances/{remittance_id}/claim-payments", response_model=Page[ClaimPaymentAnswer])
async def list_claim_payments(work: WorkDep, remittance_id: Identifier, page: PageDep) -> Response:
    """All claim payments of one remittance, in their order."""
    rows = await remittances.list_claim_payments(
        work.context, work.tenant, remittance_id, after=after_number(page), limit=page.limit + 1
    )
    return page_of(
        Page[ClaimPaymentAnswer],
        rows,
        page,
        ClaimPaymentAnswer.from_view,
        lambda row: (row.received.payment.position,),
    )

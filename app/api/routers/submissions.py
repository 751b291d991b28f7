"""/v1/claims/{id}/submissions and /v1/claims/{id}/837: sending a claim, and the exact text that was sent."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.answers import BytesAnswer, to_response
from app.api.dependencies import IdempotencyDep, PreferWait, VersionDep
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.submissions import SequenceNumber, SubmissionAnswer
from app.api.work import WorkDep, after_number, idempotent, kept, page_of
from app.domain.submissions import Submission
from app.use_cases import submissions
from app.use_cases.idempotency import Answer
from app.use_cases.submissions import ClaimText

router = APIRouter(tags=["submissions"], route_class=CrossoverRoute)
RETRY_AFTER_SECONDS = 2


class X12(Response):
    media_type = "application/edi-x12"


@router.post(
    "/claims/{claim_id}/submissions",
    status_code=201,
    response_model=SubmissionAnswer,
    responses={202: {"model": SubmissionAnswer, "description": "Not settled yet: look at `Location` again."}},
)
async def create_submission(
    work: WorkDep, claim_id: Identifier, version: VersionDep, idempotency: IdempotencyDep, wait: PreferWait
) -> Response:
    """Freezes the claim's 837P and sends it. 201 when it is sent or refused within `Prefer: wait=N` seconds, else 202."""
    answer = await submissions.create_submission(
        work.context,
        work.tenant,
        claim_id,
        version=version,
        wait_seconds=wait,
        call=idempotent("create_submission", idempotency, _kept),
    )
    return to_response(answer)


@router.get("/claims/{claim_id}/submissions", response_model=Page[SubmissionAnswer])
async def list_submissions(work: WorkDep, claim_id: Identifier, page: PageDep) -> Response:
    """A claim's submissions, newest first."""
    rows = await submissions.list_submissions(
        work.context, work.tenant, claim_id, before=after_number(page), limit=page.limit + 1
    )
    return page_of(Page[SubmissionAnswer], rows, page, SubmissionAnswer.from_domain, lambda row: (row.sequence,))


@router.get(
    "/claims/{claim_id}/837",
    response_class=X12,
    responses={
        200: {
            "description": "The 837P.",
            "headers": {
                "Crossover-Content": {
                    "description": "`submission`: exactly what was frozen. `preview`: how a claim that was never "
                    "submitted would be written now.",
                    "schema": {"type": "string", "enum": ["submission", "preview"]},
                }
            },
        },
        409: {},
    },
)
async def read_claim_837(
    work: WorkDep,
    claim_id: Identifier,
    sequence: Annotated[
        SequenceNumber | None, Query(description="Which submission's text; the latest unless said.")
    ] = None,
) -> Response:
    """The exact text of a submission; of a claim that was never submitted, a preview of it."""
    return _x12(await submissions.read_claim_837(work.context, work.tenant, claim_id, sequence=sequence))


def _kept(submission: Submission) -> Answer:
    location = ("Location", f"/v1/claims/{submission.claim_id}/submissions")
    if not submission.state.is_open:
        return kept(SubmissionAnswer.from_domain(submission), status=201, headers=[location])
    waiting = ("Retry-After", str(RETRY_AFTER_SECONDS))
    return kept(SubmissionAnswer.from_domain(submission), status=202, headers=[location, waiting])


def _x12(text: ClaimText) -> Response:
    body = text.x12.encode()
    content = b"preview" if text.submission is None else b"submission"
    headers = [(b"content-type", b"application/edi-x12"), (b"content-length", b"%d" % len(body))]
    return BytesAnswer(body, 200, [*headers, (b"crossover-content", content)])

"""/v1/practice: the caller's own practice."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.dependencies import VersionDep
from app.api.route import CrossoverRoute
from app.api.schemas.merge import merged
from app.api.schemas.practices import PracticeAnswer, PracticeFields, PracticePatch
from app.api.work import WorkDep, record
from app.domain.practices import Practice
from app.use_cases import practices

router = APIRouter(tags=["practice"], route_class=CrossoverRoute)


@router.get("/practice", response_model=PracticeAnswer)
async def read_practice(work: WorkDep) -> Response:
    """The practice's billing identity."""
    return _record(await practices.read_practice(work.context, work.tenant))


@router.patch("/practice", response_model=PracticeAnswer)
async def change_practice(work: WorkDep, version: VersionDep, patch: PracticePatch) -> Response:
    """Changes the billing identity; what was sent already keeps its own."""
    practice = await practices.change_practice(
        work.context,
        work.tenant,
        version=version,
        revise=lambda current: merged(PracticeFields.from_domain(current), patch).revise(current),
    )
    return _record(practice)


def _record(practice: Practice) -> Response:
    return record(PracticeAnswer.from_domain(practice), practice.version)

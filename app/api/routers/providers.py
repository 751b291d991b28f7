"""/v1/providers: who renders and bills, and on what terms with which payer."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.answers import to_response
from app.api.dependencies import IdempotencyDep, VersionDep
from app.api.pagination import PageDep
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier, Page
from app.api.schemas.merge import merged
from app.api.schemas.providers import ProviderAnswer, ProviderFields, ProviderPatch
from app.api.work import WorkDep, after_id, created, idempotent, page_of, record
from app.domain.providers import Provider
from app.use_cases import providers
from app.use_cases.idempotency import Answer

router = APIRouter(tags=["providers"], route_class=CrossoverRoute)


@router.post("/providers", status_code=201, response_model=ProviderAnswer)
async def create_provider(work: WorkDep, idempotency: IdempotencyDep, body: ProviderFields) -> Response:
    """Adds a provider; its NPI is unique in the practice."""
    call = idempotent("create_provider", idempotency, _created)
    return to_response(await providers.create_provider(work.context, work.tenant, compose=body.compose(), call=call))


@router.get("/providers", response_model=Page[ProviderAnswer])
async def list_providers(work: WorkDep, page: PageDep) -> Response:
    """The practice's providers, oldest first."""
    rows = await providers.list_providers(work.context, work.tenant, after=after_id(page), limit=page.limit + 1)
    return page_of(Page[ProviderAnswer], rows, page, ProviderAnswer.from_domain, lambda row: (row.id,))


@router.get("/providers/{provider_id}", response_model=ProviderAnswer)
async def read_provider(work: WorkDep, provider_id: Identifier) -> Response:
    """One provider."""
    return _record(await providers.read_provider(work.context, work.tenant, provider_id))


@router.patch("/providers/{provider_id}", response_model=ProviderAnswer)
async def change_provider(
    work: WorkDep, provider_id: Identifier, version: VersionDep, patch: ProviderPatch
) -> Response:
    """Changes a provider; `participations` replaces the whole list."""
    provider = await providers.change_provider(
        work.context,
        work.tenant,
        provider_id,
        version=version,
        revise=lambda current: merged(ProviderFields.from_domain(current), patch).revise(current),
    )
    return _record(provider)


def _created(provider: Provider) -> Answer:
    return created(
        ProviderAnswer.from_domain(provider), version=provider.version, location=f"/v1/providers/{provider.id}"
    )


def _record(provider: Provider) -> Response:
    return record(ProviderAnswer.from_domain(provider), provider.version)

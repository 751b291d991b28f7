"""The API as one FastAPI application, given what it needs; it reads no settings and opens nothing."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI

from app.api import documents, middleware, problems
from app.api.pagination import CursorCodec
from app.api.route import add_routes
from app.api.routers import (
    adjudications,
    audit_events,
    claim_holds,
    claim_reviews,
    claim_timelines,
    claims,
    coverage_orders,
    coverages,
    eligibility_checks,
    health,
    patients,
    payers,
    practices,
    providers,
    remittances,
    repairs,
    secondary_claims,
    submissions,
    work_items,
)
from app.domain.callers import Caller
from app.use_cases.context import Context

ROUTERS = (
    coverages,
    claims,
    claim_holds,
    claim_timelines,
    claim_reviews,
    adjudications,
    secondary_claims,
    repairs,
    eligibility_checks,
    patients,
    payers,
    coverage_orders,
    submissions,
    remittances,
    work_items,
    audit_events,
    providers,
    practices,
)
"""The most asked first: routes are tried in this order."""
VERSION_PREFIX = "/v1"


def create_application(
    *,
    version: str,
    context: Context | None = None,
    verify_token: Callable[[str], Awaitable[Caller]] | None = None,
    cursor_codec: CursorCodec | None = None,
    cors_origins: Sequence[str] = (),
    allowed_hosts: Sequence[str] = (),
    deadline_seconds: float = 30.0,
) -> FastAPI:
    """What is None is put on `application.state` before the first request; without any the document can be drawn."""
    application = FastAPI(
        title="Crossover",
        version=version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # The framework's own telemetry records addresses and exception texts; its environment variable turns nothing on.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    application.state.context = context
    application.state.verify_token = verify_token
    application.state.cursor_codec = cursor_codec
    add_routes(application, health.router)
    for noun in ROUTERS:
        add_routes(application, noun.router, VERSION_PREFIX)
    problems.install(application)
    documents.install(application)
    middleware.install(
        application, cors_origins=cors_origins, allowed_hosts=allowed_hosts, deadline_seconds=deadline_seconds
    )
    return application

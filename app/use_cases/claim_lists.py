"""Lists of claims, of every rank alike: found by what is not sealed, and audited for each patient they tell of."""

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_lists import ClaimFilter, ClaimSort, ClaimSummary, ListPosition
from app.use_cases.context import Context


async def list_claims(
    context: Context,
    tenant: Tenant,
    wanted: ClaimFilter,
    *,
    sort: ClaimSort,
    descending: bool,
    after: ListPosition | None,
    limit: int,
) -> list[ClaimSummary]:
    """The last of `limit` claims says that there is a next page; it is not given out, and not audited."""
    async with context.units.begin(tenant) as uow:
        rows = await uow.claim_lists.page(wanted, sort=sort, descending=descending, after=after, limit=limit)
        seen = tuple(dict.fromkeys(row.patient_id for row in rows[: limit - 1]))
        if seen:
            await uow.audit_events.add(AuditEntry(action=AuditAction.LIST, record_type="claim", seen_patient_ids=seen))
            await uow.commit()
        return rows

"""Asking for an eligibility check: committed with its job, then waited for without holding anything."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.coverages import Coverage
from app.domain.eligibility import CheckStatus, EligibilityCheck
from app.domain.errors import CoverageConflict, DatabaseUnavailable, Invalid
from app.domain.findings import Finding
from app.domain.jobs import JobKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.answer_waiting import settled_within
from app.use_cases.context import Context, found
from app.use_cases.idempotency import Answer, Call, claim, conclude
from app.use_cases.patients import practice_today
from app.use_cases.visible_records import visible_coverage

ATTEMPTS = 4
EARLIEST_SERVICE_DATE = date(1990, 1, 1)
LONGEST_LOOK_AHEAD_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """A check; a patient sees its outcome only (domain rule A5)."""

    check: EligibilityCheck
    outcome_only: bool

    @property
    def is_settled(self) -> bool:
        return self.check.status.is_settled


async def create_eligibility_check(
    context: Context,
    tenant: Tenant,
    coverage_id: UUID,
    *,
    service_date: date | None,
    provider_id: UUID | None,
    wait_seconds: float,
    call: Call[CheckView],
) -> Answer:
    """Commits the check and its job; waits up to `wait_seconds` for the answer with no connection held."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        coverage = found(await uow.coverages.get(coverage_id))
        check = await _checked_request(uow, coverage, service_date, provider_id)
        answer = await conclude(
            uow, call, claimed, CheckView(check=check, outcome_only=False), patient_id=coverage.patient_id
        )

    async def is_settled(uow: UnitOfWork) -> bool:
        status = await uow.eligibility_checks.status(check.id)
        return status is not None and status.is_settled

    try:
        if not await settled_within(context, tenant, check.id, wait_seconds, is_settled):
            return answer
        async with context.units.begin(tenant) as uow:
            settled = found(await uow.eligibility_checks.get(check.id))
            return await conclude(
                uow, call, claimed, CheckView(check=settled, outcome_only=False), patient_id=settled.patient_id
            )
    except DatabaseUnavailable:
        return answer  # committed already: a database that goes away while we wait takes nothing back


async def read_eligibility_check(context: Context, tenant: Tenant, check_id: UUID) -> CheckView:
    async with context.units.begin(tenant) as uow:
        check = found(await uow.eligibility_checks.get(check_id))
        await visible_coverage(uow, check.coverage_id)
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.READ,
                record_type="eligibility_check",
                record_id=check.id,
                patient_id=check.patient_id,
            )
        )
        await uow.commit()
        return CheckView(check=check, outcome_only=tenant.confined_to is not None)


async def list_eligibility_checks(
    context: Context, tenant: Tenant, coverage_id: UUID, *, after: UUID | None, limit: int
) -> list[CheckView]:
    async with context.units.begin(tenant) as uow:
        coverage = await visible_coverage(uow, coverage_id)
        checks = await uow.eligibility_checks.page(coverage_id=coverage_id, after=after, limit=limit)
        await uow.audit_events.add(
            AuditEntry(action=AuditAction.LIST, record_type="eligibility_check", patient_id=coverage.patient_id)
        )
        await uow.commit()
        return [CheckView(check=check, outcome_only=tenant.confined_to is not None) for check in checks]


async def queue_check(
    uow: UnitOfWork, coverage: Coverage, *, service_date: date, provider_id: UUID | None
) -> EligibilityCheck:
    """The check and its job, in the caller's transaction."""
    check = EligibilityCheck(
        id=uow.new_id(),
        patient_id=coverage.patient_id,
        coverage_id=coverage.id,
        provider_id=provider_id,
        service_date=service_date,
        status=CheckStatus.QUEUED,
        requested_by=uow.tenant.actor,
        created_at=uow.now,
        updated_at=uow.now,
    )
    await uow.eligibility_checks.add(check)
    await uow.jobs.enqueue(
        practice_id=uow.tenant.practice_id,
        kind=JobKind.ELIGIBILITY_CHECK,
        subject_id=check.id,
        request_id=uow.tenant.request_id,
        max_attempts=ATTEMPTS,
    )
    return check


async def _checked_request(
    uow: UnitOfWork, coverage: Coverage, service_date: date | None, provider_id: UUID | None
) -> EligibilityCheck:
    if not coverage.is_live:
        raise CoverageConflict("A rejected or withdrawn coverage is not asked about.", code="coverage_closed")
    today = await practice_today(uow)
    day = service_date or today
    findings: list[Finding] = []
    if not day >= EARLIEST_SERVICE_DATE or (day - today).days > LONGEST_LOOK_AHEAD_DAYS:
        findings.append(
            Finding(
                code="date_range",
                message="A service date lies after 1990 and at most a year ahead.",
                pointer="/service_date",
                location="2100C DTP*291",
            )
        )
    if provider_id is not None and await uow.providers.get(provider_id) is None:
        findings.append(Finding(code="provider_unknown", message="There is no such provider.", pointer="/provider_id"))
    if findings:
        raise Invalid(findings=tuple(findings))
    check = await queue_check(uow, coverage, service_date=day, provider_id=provider_id)
    await uow.audit_events.add(
        AuditEntry(
            action=AuditAction.ASK_PAYER,
            record_type="eligibility_check",
            record_id=check.id,
            patient_id=check.patient_id,
        )
    )
    return check

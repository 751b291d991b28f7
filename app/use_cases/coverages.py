"""Coverages: added unverified by staff or patient, confirmed, changed, ended; each change re-checks the rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry, changed_fields
from app.domain.callers import Tenant
from app.domain.codes import PayerResponsibility
from app.domain.coverage_ranks import CoverageRank, loses_primary, rank_conflicts, refit
from app.domain.coverages import (
    PATIENT_COVERAGES_A_DAY,
    Coverage,
    CoverageSource,
    CoverageStatus,
    TerminationReason,
    Verification,
    VerificationEvidence,
    check_coverage,
    coverage_findings,
    same_policy,
)
from app.domain.errors import CoverageConflict, Invalid, LimitReached
from app.domain.findings import Finding, Severity
from app.domain.patients import Patient
from app.repositories.coverages import same_policy_conflict
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, at_version, found
from app.use_cases.eligibility_requests import queue_check
from app.use_cases.idempotency import Answer, Call, claim, conclude
from app.use_cases.patients import practice_today
from app.use_cases.visible_records import locked_patient, visible_coverage


@dataclass(frozen=True, kw_only=True)
class CoverageView:
    """A coverage and what is to be said about it."""

    coverage: Coverage
    findings: tuple[Finding, ...]


async def create_coverage(
    context: Context,
    tenant: Tenant,
    patient_id: UUID,
    *,
    compose: Callable[[UUID, datetime], Coverage],
    call: Call[CoverageView],
) -> Answer:
    """Adds an unverified coverage; a patient's own addition queues its eligibility check (domain rule A5)."""
    if not tenant.may_see(patient_id):  # before a kept answer is given again: it may be from a wider role's request
        found(None)
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        patient = await locked_patient(uow, patient_id)
        coverage = compose(uow.new_id(), uow.now)
        if tenant.confined_to is not None:
            coverage = await _patients_own(uow, coverage)
        await _check(uow, coverage)
        await uow.coverages.add(coverage)
        if coverage.source is CoverageSource.PATIENT:
            await queue_check(uow, coverage, service_date=await practice_today(uow), provider_id=None)
        await uow.audit_events.add(_entry(AuditAction.CREATE, coverage))
        return await conclude(uow, call, claimed, _view(coverage), patient_id=patient.id)


async def read_coverage(context: Context, tenant: Tenant, coverage_id: UUID) -> CoverageView:
    async with context.units.begin(tenant) as uow:
        coverage = await visible_coverage(uow, coverage_id)
        await uow.audit_events.add(_entry(AuditAction.READ, coverage))
        await uow.commit()
        return _view(coverage)


async def list_coverages(
    context: Context,
    tenant: Tenant,
    patient_id: UUID,
    *,
    status: CoverageStatus | None,
    after: UUID | None,
    limit: int,
) -> list[CoverageView]:
    async with context.units.begin(tenant) as uow:
        if not tenant.may_see(patient_id) or not await uow.patients.exists(patient_id):
            found(None)
        own = None if tenant.confined_to is None else CoverageSource.PATIENT
        coverages = await uow.coverages.page(patient_id=patient_id, status=status, source=own, after=after, limit=limit)
        await uow.audit_events.add(AuditEntry(action=AuditAction.LIST, record_type="coverage", patient_id=patient_id))
        await uow.commit()
        return [_view(coverage) for coverage in coverages]


async def change_coverage(
    context: Context, tenant: Tenant, coverage_id: UUID, *, version: int, revise: Callable[[Coverage], Coverage]
) -> CoverageView:
    """A person's correction. A verified coverage stays verified: the staff member who corrects it confirms it.

    Where it changes who is insured under which id, what a payer confirmed was something else: it is staff's word then.
    """
    async with context.units.begin(tenant) as uow:
        current, _ = await _locked(uow, coverage_id)
        at_version(current.version, version)
        _require_live(current)
        revised = replace(revise(current), version=current.version + 1, updated_at=uow.now)
        if current.status is CoverageStatus.VERIFIED and (
            (revised.wished_rank, revised.insurance_type_code) != (current.wished_rank, current.insurance_type_code)
        ):
            raise CoverageConflict(
                "A verified coverage's rank changes through the order of coverages.", code="rank_belongs_to_order"
            )
        await _check(uow, revised)
        if current.status is CoverageStatus.VERIFIED and _is_another_policy(current, revised):
            revised = replace(revised, verification=Verification.STAFF, verified_at=uow.now)
        await uow.coverages.save(revised)
        changed, warnings = await _with_ranks(uow, current, revised)
        await uow.audit_events.add(
            replace(_entry(AuditAction.CHANGE, changed), changed_fields=changed_fields(current, changed))
        )
        await uow.commit()
        view = _view(changed)
        return replace(view, findings=(*view.findings, *warnings))


async def verify_coverage(
    context: Context,
    tenant: Tenant,
    coverage_id: UUID,
    *,
    version: int,
    confirmed: bool,
    evidence: VerificationEvidence,
    call: Call[CoverageView],
) -> Answer:
    """A person confirms or rejects what was added."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        current, patient = await _locked(uow, coverage_id)
        at_version(current.version, version)
        if current.status is not CoverageStatus.UNVERIFIED:
            raise CoverageConflict("Only an unverified coverage can be verified.", code="coverage_not_unverified")
        if confirmed:
            verified = await confirm(uow, current, by=Verification.STAFF)
        else:
            verified = await _close(uow, current, CoverageStatus.REJECTED)
        await uow.audit_events.add(
            replace(_entry(AuditAction.VERIFY, verified), reason=evidence.value, changed_fields=("status",))
        )
        return await conclude(uow, call, claimed, _view(verified), patient_id=patient.id)


async def terminate_coverage(
    context: Context,
    tenant: Tenant,
    coverage_id: UUID,
    *,
    version: int,
    effective_to: date,
    reason: TerminationReason,
    call: Call[CoverageView],
) -> Answer:
    """Ends a verified coverage on a date; an unverified one, or one entered in error, is withdrawn with all its ranks."""
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        current, patient = await _locked(uow, coverage_id)
        at_version(current.version, version)
        _require_live(current)
        if current.status is CoverageStatus.UNVERIFIED or reason is TerminationReason.ENTERED_IN_ERROR:
            closed = await _close(uow, current, CoverageStatus.WITHDRAWN)
            ended, warnings = await _store_ranks(uow, closed, (), "/reason")
        else:
            ended, warnings = await _end(uow, current, effective_to)
        await uow.audit_events.add(
            replace(
                _entry(AuditAction.TERMINATE, ended),
                reason=reason.value,
                changed_fields=changed_fields(current, ended),
            )
        )
        view = _view(ended)
        view = replace(view, findings=(*view.findings, *warnings))
        return await conclude(uow, call, claimed, view, patient_id=patient.id)


async def confirm(uow: UnitOfWork, coverage: Coverage, *, by: Verification) -> Coverage:
    """Makes an unverified coverage verified at its wished rank; refuses when that place is taken (domain rule A3).

    The patient must be locked.
    """
    wanted = CoverageRank(
        coverage_id=coverage.id,
        benefit_class=coverage.benefit_class,
        rank=coverage.wished_rank,
        insurance_type_code=coverage.insurance_type_code,
        from_date=coverage.effective_from,
        to_date=coverage.effective_to,
    )
    existing = await uow.coverage_ranks.of_patient(coverage.patient_id)
    if rank_conflicts(existing, wanted):
        raise rank_taken()
    await uow.coverage_ranks.add(coverage.patient_id, wanted)
    verified = replace(
        coverage,
        status=CoverageStatus.VERIFIED,
        verification=by,
        verified_at=uow.now,
        ranks=(wanted,),
        version=coverage.version + 1,
        updated_at=uow.now,
    )
    await uow.coverages.save(verified)
    await uow.patients.raise_order_version(coverage.patient_id)
    await uow.work_items.settle(coverage.id, now=uow.now)
    return verified


def rank_taken(pointer: str = "/wished_rank") -> CoverageConflict:
    message = "Another verified coverage holds this rank for the same benefits in part of the period."
    return CoverageConflict(
        message,
        code="coverage_rank_taken",
        findings=(Finding(code="coverage_rank_taken", message=message, pointer=pointer, location="2000B SBR01"),),
    )


async def _locked(uow: UnitOfWork, coverage_id: UUID) -> tuple[Coverage, Patient]:
    """Patient first, then the coverage as it stands under that lock."""
    patient = await locked_patient(uow, (await visible_coverage(uow, coverage_id)).patient_id)
    return found(await uow.coverages.get(coverage_id)), patient


async def _patients_own(uow: UnitOfWork, coverage: Coverage) -> Coverage:
    """A patient adds a coverage behind the primary, a few a day."""
    if coverage.wished_rank is PayerResponsibility.PRIMARY:
        raise CoverageConflict(
            "A patient adds a coverage that pays after the primary.",
            code="patient_rank_refused",
            findings=(
                Finding(
                    code="patient_rank_refused", message="The practice records the primary.", pointer="/wished_rank"
                ),
            ),
        )
    day_ago = uow.now - timedelta(days=1)
    waiting = await uow.coverages.count_added_by_patient(coverage.patient_id, since=day_ago)
    if waiting >= PATIENT_COVERAGES_A_DAY:
        raise LimitReached(
            "Too many of your additions wait to be confirmed.", code="patient_coverage_limit", retry_after=3600
        )
    return replace(coverage, source=CoverageSource.PATIENT)


async def _check(uow: UnitOfWork, coverage: Coverage) -> None:
    payer = await uow.payers.get(coverage.payer_id)
    if payer is None:
        raise Invalid(findings=(Finding(code="payer_unknown", message="There is no such payer.", pointer="/payer_id"),))
    findings = check_coverage(
        coverage, is_original_medicare=payer.is_original_medicare, today=await practice_today(uow)
    )
    if findings:
        raise Invalid(findings=findings)
    if any(same_policy(coverage, other) for other in await uow.coverages.of_patient(coverage.patient_id)):
        raise same_policy_conflict()


def _require_live(coverage: Coverage) -> None:
    if not coverage.is_live:
        raise CoverageConflict("A rejected or withdrawn coverage does not change.", code="coverage_closed")


async def _close(uow: UnitOfWork, coverage: Coverage, status: CoverageStatus) -> Coverage:
    closed = replace(coverage, status=status, version=coverage.version + 1, updated_at=uow.now)
    await uow.coverages.save(closed)
    await uow.work_items.settle(coverage.id, now=uow.now)
    return closed


async def _end(uow: UnitOfWork, coverage: Coverage, effective_to: date) -> tuple[Coverage, tuple[Finding, ...]]:
    if effective_to < (coverage.effective_from or date.min) or effective_to > (coverage.effective_to or date.max):
        raise Invalid(
            findings=(
                Finding(
                    code="period_order",
                    message="The end lies before the coverage begins, or after it ends already.",
                    pointer="/effective_to",
                ),
            )
        )
    ended = replace(coverage, effective_to=effective_to, version=coverage.version + 1, updated_at=uow.now)
    await uow.coverages.save(ended)
    return await _with_ranks(uow, coverage, ended)


async def _with_ranks(uow: UnitOfWork, current: Coverage, revised: Coverage) -> tuple[Coverage, tuple[Finding, ...]]:
    """The coverage with its ranks as its new period and benefit class want them, stored, and what that leaves behind."""
    changed = ("benefit_class", "effective_from", "effective_to")
    pointer = next((f"/{name}" for name in changed if getattr(current, name) != getattr(revised, name)), "")
    return await _store_ranks(uow, revised, _refitted(current, revised), pointer)


async def _store_ranks(
    uow: UnitOfWork, coverage: Coverage, rows: tuple[CoverageRank, ...], pointer: str
) -> tuple[Coverage, tuple[Finding, ...]]:
    """The coverage's rows replaced among the patient's; refuses what collides. `pointer` is the field that moved them."""
    if rows == coverage.ranks:
        return coverage, ()
    before = await uow.coverage_ranks.of_patient(coverage.patient_id)
    others = tuple(row for row in before if row.coverage_id != coverage.id)
    if any(rank_conflicts(others, row) for row in rows):
        raise rank_taken(pointer)
    after = (*others, *rows)
    await uow.coverage_ranks.replace(coverage.patient_id, after)
    await uow.patients.raise_order_version(coverage.patient_id)
    return replace(coverage, ranks=rows), _left_behind(before, after, pointer)


def _left_behind(before: Sequence[CoverageRank], after: Sequence[CoverageRank], pointer: str) -> tuple[Finding, ...]:
    """Ending a primary with a live secondary warns (domain rule A3)."""
    if not loses_primary(before, after):
        return ()
    return (
        Finding(
            code="primary_ended",
            message="A later payer stays in force without a primary; review the order of coverages.",
            severity=Severity.WARNING,
            pointer=pointer,
        ),
    )


def _is_another_policy(one: Coverage, other: Coverage) -> bool:
    return (one.member_id, one.member_id_belongs_to, one.relationship, one.subscriber) != (
        other.member_id,
        other.member_id_belongs_to,
        other.relationship,
        other.subscriber,
    )


def _refitted(current: Coverage, revised: Coverage) -> tuple[CoverageRank, ...]:
    rows = refit(
        current.ranks,
        old=(current.effective_from, current.effective_to),
        new=(revised.effective_from, revised.effective_to),
    )
    return tuple(replace(row, benefit_class=revised.benefit_class) for row in rows)


def _view(coverage: Coverage) -> CoverageView:
    return CoverageView(coverage=coverage, findings=coverage_findings(coverage))


def _entry(action: AuditAction, coverage: Coverage) -> AuditEntry:
    return AuditEntry(action=action, record_type="coverage", record_id=coverage.id, patient_id=coverage.patient_id)

"""Running an eligibility check: ask the payer through the clearinghouse, record the answer, confirm the coverage.

Three steps, no transaction open across the call: (1) the exact inquiry is committed under the job's lease, (2) the
clearinghouse is asked, (3) answer, result and the job's completion are committed together, fenced by the lease. Asking
twice harms nobody: an inquiry has no effect at the payer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.codes import Relationship
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, MemberIdOwner, Verification
from app.domain.eligibility import (
    CheckOutcome,
    CheckStatus,
    EligibilityAnswer,
    EligibilityCheck,
    EligibilityInquiry,
    EligibilityResult,
    Interchange,
    ServiceType,
)
from app.domain.eligibility_results import assess
from app.domain.errors import ClearinghouseRefused, ClearinghouseUnavailable, CoverageConflict
from app.domain.findings import Finding, Severity
from app.domain.identifiers import compact
from app.domain.jobs import Job
from app.domain.parties import Person
from app.domain.patients import Patient
from app.domain.payers import Payer, ProfileSetting, effective_profile
from app.domain.practices import Practice
from app.domain.providers import Provider
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, found
from app.use_cases.coverages import confirm, locked_patient
from app.x12 import eligibility_270, eligibility_271

_ASKED = (ServiceType.PLAN_COVERAGE.value, ServiceType.MENTAL_HEALTH.value)


@dataclass(frozen=True, kw_only=True)
class _Question:
    """All that is needed to ask, read in one transaction."""

    check: EligibilityCheck
    coverage: Coverage
    patient: Patient = field(repr=False)
    payer: Payer
    practice: Practice
    provider: Provider | None
    service_types: tuple[tuple[str, ...], ...]
    """One group per inquiry: two where the payer takes one service type each."""


@dataclass(frozen=True, kw_only=True)
class _Exchange:
    id: UUID
    part: int
    control_number: int
    trace_number: str
    inquiry: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Reply:
    exchange: _Exchange
    text: str | None = field(default=None, repr=False)
    failure: str | None = None


async def run_eligibility_check(context: Context, job: Job, *, retry_at: datetime) -> CheckOutcome | None:
    """Returns the outcome, or None when the clearinghouse gave no answer and the job will be tried at `retry_at`.

    Raises `LeaseLost` when another worker has the job by now; nothing is written then.
    """
    tenant = Tenant(practice_id=job.practice_id, actor="system", role="system", request_id=job.request_id)
    async with context.units.begin(tenant) as uow:
        await uow.jobs.hold(job)
        question = await _question(uow, job.subject_id)
    exchanges, findings = await _write(context, question)
    if findings:
        result = EligibilityResult(
            outcome=CheckOutcome.CANNOT_BE_ASKED,
            what_to_do="Correct the coverage or the patient as the findings say, then check again.",
            active=None,
            findings=findings,
        )
        return await _record(context, tenant, job, question, (), result)
    await _commit_exchanges(context, tenant, job, question, exchanges)
    replies = [await _ask(context, exchange) for exchange in exchanges]
    failure = next((reply.failure for reply in replies if reply.failure is not None), None)
    if failure is not None and not job.is_last_attempt:
        await _record_failure(context, tenant, job, replies, failure, retry_at)
        return None
    return await _record(context, tenant, job, question, replies, _result(question, replies))


async def fail_lost_check(context: Context, practice_id: UUID, check_id: UUID) -> None:
    """A check whose job died with its worker for the last time: nobody must wait for it any longer."""
    tenant = Tenant(practice_id=practice_id, actor="system", role="system", request_id="reaper")
    async with context.units.begin(tenant) as uow:
        check = found(await uow.eligibility_checks.get(check_id, lock=True))
        if check.status in {CheckStatus.ANSWERED, CheckStatus.FAILED}:
            return
        coverage = found(await uow.coverages.get(check.coverage_id))
        result = _unavailable("worker_lost")
        await uow.eligibility_checks.save(_settled(check, result, uow.now))
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, result.outcome.value)
        await uow.commit()


async def _question(uow: UnitOfWork, check_id: UUID) -> _Question:
    check = found(await uow.eligibility_checks.get(check_id))
    coverage = found(await uow.coverages.get(check.coverage_id))
    payer = found(await uow.payers.get(coverage.payer_id))
    profile = effective_profile(await uow.payer_profiles.entries(payer.id), check.service_date)
    wish = profile.get(ProfileSetting.ELIGIBILITY_INQUIRY_SERVICE_TYPES)
    takes_one = wish is not None and wish.value == "one"
    return _Question(
        check=check,
        coverage=coverage,
        patient=found(await uow.patients.get(check.patient_id)),
        payer=payer,
        practice=found(await uow.practices.get()),
        provider=None if check.provider_id is None else await uow.providers.get(check.provider_id),
        service_types=tuple((code,) for code in _ASKED) if takes_one else (_ASKED,),
    )


async def _write(context: Context, question: _Question) -> tuple[list[_Exchange], tuple[Finding, ...]]:
    """The 270s, one per group of service types, or the findings that keep them from being written."""
    exchanges: list[_Exchange] = []
    for part, service_types in enumerate(question.service_types, start=1):
        number = await context.control_numbers.next(context.clearinghouse.name)
        exchange_id = context.new_id()
        trace = exchange_id.hex[:30].upper()
        text, findings = eligibility_270.write(
            _inquiry(question, service_types, trace),
            Interchange(
                sender_id=context.sender_id,
                receiver_id=context.receiver_id,
                control_number=number,
                created_at=context.now(),
                is_test=question.practice.is_test,
            ),
        )
        errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
        if text is None or errors:
            return [], errors
        exchanges.append(_Exchange(id=exchange_id, part=part, control_number=number, trace_number=trace, inquiry=text))
    return exchanges, ()


def _inquiry(question: _Question, service_types: tuple[str, ...], trace: str) -> EligibilityInquiry:
    """The patient is sent as subscriber when it has an own member id, always for Medicare (domain rule A7)."""
    coverage, patient = question.coverage, question.patient
    as_subscriber = coverage.member_id_belongs_to is MemberIdOwner.PATIENT or question.payer.is_original_medicare
    provider = question.provider
    name = question.practice.name
    if provider is not None:
        name = provider.organization_name or (provider.name.last if provider.name else name)
    return EligibilityInquiry(
        payer_id=question.payer.electronic_id,
        payer_name=question.payer.name,
        provider_npi=provider.npi if provider is not None else question.practice.npi,
        provider_name=name,
        member_id=coverage.member_id,
        subscriber=patient.person if as_subscriber else _subscriber(coverage, patient),
        dependent=None if as_subscriber else patient.person,
        relationship=None if as_subscriber else coverage.relationship.code,
        service_date=question.check.service_date,
        service_types=service_types,
        trace_number=trace,
        reference=trace,
    )


def _subscriber(coverage: Coverage, patient: Patient) -> Person:
    if coverage.relationship is Relationship.SELF or coverage.subscriber is None:
        return patient.person
    return coverage.subscriber


async def _commit_exchanges(
    context: Context, tenant: Tenant, job: Job, question: _Question, exchanges: Sequence[_Exchange]
) -> None:
    async with context.units.begin(tenant) as uow:
        await uow.jobs.hold(job)
        for exchange in exchanges:
            await uow.eligibility_checks.add_exchange(
                exchange_id=exchange.id,
                check_id=question.check.id,
                attempt=job.attempts,
                part=exchange.part,
                control_number=exchange.control_number,
                trace_number=exchange.trace_number,
                inquiry=exchange.inquiry,
                sent_at=uow.now,
            )
        running = replace(question.check, status=CheckStatus.RUNNING, updated_at=uow.now)
        await uow.eligibility_checks.save(running)
        await uow.commit()


async def _ask(context: Context, exchange: _Exchange) -> _Reply:
    try:
        return _Reply(exchange=exchange, text=await context.clearinghouse.ask_eligibility(exchange.inquiry))
    except (ClearinghouseUnavailable, ClearinghouseRefused) as error:
        return _Reply(exchange=exchange, failure=error.reason)


def _result(question: _Question, replies: Sequence[_Reply]) -> EligibilityResult:
    answers: list[EligibilityAnswer] = []
    findings: list[Finding] = []
    for reply in replies:
        if reply.text is None:
            return _unavailable(reply.failure or "no_answer")
        read, found_in_text = eligibility_271.read(reply.text)
        answers.extend(read)
        findings.extend(found_in_text)
    return assess(
        answers,
        service_date=question.check.service_date,
        expected=question.patient.person,
        member_id=question.coverage.member_id,
        asked_service_types=_ASKED,
        findings=tuple(findings),
    )


def _unavailable(reason: str) -> EligibilityResult:
    return EligibilityResult(
        outcome=CheckOutcome.CLEARINGHOUSE_UNAVAILABLE,
        what_to_do="The clearinghouse gave no answer; check again later, or call the payer.",
        active=None,
        findings=(Finding(code=f"clearinghouse_{reason}", message="No answer came from the clearinghouse."),),
    )


async def _record_failure(
    context: Context, tenant: Tenant, job: Job, replies: Sequence[_Reply], failure: str, retry_at: datetime
) -> None:
    async with context.units.begin(tenant) as uow:
        await _keep_replies(uow, replies)
        await uow.jobs.retry(job, run_at=retry_at, error=failure)
        await uow.commit()


async def _record(
    context: Context,
    tenant: Tenant,
    job: Job,
    question: _Question,
    replies: Sequence[_Reply],
    result: EligibilityResult,
) -> CheckOutcome:
    """Answer, effect on the coverage and the job's completion: one transaction, under the lease."""
    async with context.units.begin(tenant) as uow:
        await uow.jobs.finish(job, now=uow.now)
        await locked_patient(uow, question.patient.id)
        await _keep_replies(uow, replies)
        check = found(await uow.eligibility_checks.get(question.check.id, lock=True))
        coverage = found(await uow.coverages.get(question.coverage.id))
        result = await _apply(uow, question, coverage, result)
        await uow.eligibility_checks.save(_settled(check, result, uow.now))
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.RECORD_ANSWER,
                record_type="eligibility_check",
                record_id=check.id,
                patient_id=check.patient_id,
                reason=result.outcome.value,
            )
        )
        await uow.commit()
    return result.outcome


async def _keep_replies(uow: UnitOfWork, replies: Sequence[_Reply]) -> None:
    for reply in replies:
        await uow.eligibility_checks.answer_exchange(
            reply.exchange.id, answer=reply.text, failure=reply.failure, answered_at=uow.now
        )


async def _apply(
    uow: UnitOfWork, question: _Question, coverage: Coverage, result: EligibilityResult
) -> EligibilityResult:
    """Confirms an unverified coverage; what stays open for a person becomes a work item (domain rules A5, A6)."""
    if coverage.status is not CoverageStatus.UNVERIFIED:
        return result
    if _asked_for_something_else(question.coverage, coverage):
        changed = Finding(
            code="coverage_changed_meanwhile",
            message="The coverage was changed after the payer was asked; check again.",
            severity=Severity.WARNING,
        )
        return replace(result, findings=(*result.findings, changed))
    if result.outcome is not CheckOutcome.CONFIRMED:
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, result.outcome.value)
        return result
    try:
        await confirm(uow, coverage, by=Verification.ELIGIBILITY_CHECK)
    except CoverageConflict as conflict:
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_RANK_TAKEN, conflict.problem_code)
        return replace(result, findings=(*result.findings, *conflict.findings))
    return result


def _asked_for_something_else(asked: Coverage, now: Coverage) -> bool:
    return (compact(asked.member_id), asked.payer_id, asked.subscriber) != (
        compact(now.member_id),
        now.payer_id,
        now.subscriber,
    )


async def _open_item(uow: UnitOfWork, coverage: Coverage, kind: WorkItemKind, reason: str) -> None:
    """Staff see the result of what they asked themselves; a patient's addition, and a taken rank, need someone."""
    if coverage.source is CoverageSource.PATIENT or kind is WorkItemKind.COVERAGE_RANK_TAKEN:
        await uow.work_items.open(
            WorkItem(
                id=uow.new_id(),
                kind=kind,
                status=WorkItemStatus.OPEN,
                patient_id=coverage.patient_id,
                coverage_id=coverage.id,
                reason=reason,
                created_at=uow.now,
            )
        )


def _settled(check: EligibilityCheck, result: EligibilityResult, now: datetime) -> EligibilityCheck:
    failed = result.outcome is CheckOutcome.CLEARINGHOUSE_UNAVAILABLE
    return replace(
        check,
        status=CheckStatus.FAILED if failed else CheckStatus.ANSWERED,
        result=result,
        answered_at=now,
        updated_at=now,
        version=check.version + 1,
    )

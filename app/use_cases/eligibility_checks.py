"""Running an eligibility check: ask the payer through the clearinghouse, record the answer, confirm the coverage.

Three steps, no transaction open across the call: (1) the exact inquiry is committed under the job's lease, (2) the
clearinghouse is asked, (3) answer, result and the job's completion are committed together, fenced by the lease. Asking
twice harms nobody: an inquiry has no effect at the payer.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.coverages import Coverage, CoverageSource, CoverageStatus, Verification
from app.domain.eligibility import CheckOutcome, CheckStatus, EligibilityCheck, EligibilityResult
from app.domain.errors import CoverageConflict, DatabaseUnavailable
from app.domain.findings import Finding, Severity
from app.domain.jobs import Job
from app.domain.patients import Patient
from app.domain.work_items import WorkItem, WorkItemKind, WorkItemStatus
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.context import Context, found
from app.use_cases.coverages import confirm
from app.use_cases.eligibility_answers import Reply, ask, cannot_be_asked, judge, not_finished
from app.use_cases.eligibility_inquiries import Exchange, Question, read_question, write_inquiries
from app.use_cases.persistence import persistently
from app.use_cases.visible_records import locked_patient


@dataclass(frozen=True, kw_only=True)
class Postponed:
    """No answer this time: the job is tried again. `reason` is one of the clearinghouse port's words."""

    reason: str


async def run_eligibility_check(context: Context, job: Job, *, pause: timedelta) -> CheckOutcome | Postponed:
    """After a failure that may pass, the job is tried again after `pause` and what the clearinghouse asked for on top.

    Raises `LeaseLost` when another worker has the job by now; nothing is written then.
    """
    async with context.units.begin(tenant_of(job)) as uow:
        await uow.jobs.hold(job)
        question = await read_question(uow, job.subject_id)
    if not question.coverage.is_live:
        closed = Finding(
            code="coverage_closed", message="The coverage was rejected or withdrawn before it was asked about."
        )
        return await _record(context, job, question, (), cannot_be_asked((closed,)))
    exchanges, findings = await write_inquiries(context, question)
    if findings:
        return await _record(context, job, question, (), cannot_be_asked(findings))
    await _commit_exchanges(context, job, question, exchanges)
    replies = await ask(context, exchanges)
    failure = next((reply.failure for reply in replies if reply.failure is not None), None)
    await _note_connection(context, None if failure is None or failure.is_refusal else failure.reason)
    if failure is None or failure.is_refusal or job.is_last_attempt:
        return await _record(context, job, question, replies, judge(question, replies))
    await _postpone(context, job, replies, failure.reason, pause + failure.retry_after)
    return Postponed(reason=failure.reason)


async def fail_check(uow: UnitOfWork, job: Job) -> None:
    """The check of a job that is given up, in the transaction that buries it: nobody must wait for it any longer."""
    check = await uow.eligibility_checks.get(job.subject_id, lock=True)
    if check is None or check.status.is_settled:
        return
    coverage = found(await uow.coverages.get(check.coverage_id))
    result = not_finished()
    if coverage.status is CoverageStatus.UNVERIFIED:
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, result.outcome.value)
    await _save(uow, check, result)


async def _note_connection(context: Context, failure: str | None) -> None:
    """For operators only: an answer in hand is not lost because its news could not be written."""
    with contextlib.suppress(DatabaseUnavailable):
        await context.clearinghouse_connections.note(context.clearinghouse.name, failure)


def tenant_of(job: Job) -> Tenant:
    return Tenant(practice_id=job.practice_id, actor="system", role="system", request_id=job.request_id)


async def _commit_exchanges(context: Context, job: Job, question: Question, exchanges: Sequence[Exchange]) -> None:
    async with context.units.begin(tenant_of(job)) as uow:
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


async def _postpone(context: Context, job: Job, replies: Sequence[Reply], reason: str, after: timedelta) -> None:
    async def write() -> None:
        async with context.units.begin(tenant_of(job)) as uow:
            await uow.jobs.retry(job, after=after, error=reason)
            await _keep_replies(uow, replies)
            await uow.commit()

    await persistently(write)


async def _record(
    context: Context, job: Job, question: Question, replies: Sequence[Reply], result: EligibilityResult
) -> CheckOutcome:
    """Answer, effect on the coverage and the job's completion: one transaction, under the lease."""

    async def write() -> CheckOutcome:
        async with context.units.begin(tenant_of(job)) as uow:
            await uow.jobs.finish(job)
            patient = await locked_patient(uow, question.patient.id)
            await _keep_replies(uow, replies)
            check = found(await uow.eligibility_checks.get(question.check.id, lock=True))
            coverage = found(await uow.coverages.get(question.coverage.id))
            settled = await _apply(uow, question, coverage, patient, result)
            await _save(uow, check, settled)
            await uow.commit()
            return settled.outcome

    return await persistently(write)


async def _keep_replies(uow: UnitOfWork, replies: Sequence[Reply]) -> None:
    for reply in replies:
        reason = None if reply.failure is None else reply.failure.reason
        await uow.eligibility_checks.answer_exchange(
            reply.exchange.id, answer=reply.text, failure=reason, answered_at=uow.now
        )


async def _apply(
    uow: UnitOfWork, question: Question, coverage: Coverage, patient: Patient, result: EligibilityResult
) -> EligibilityResult:
    """Confirms an unverified coverage; what stays open for a person becomes a work item (domain rules A5, A6)."""
    if coverage.status is not CoverageStatus.UNVERIFIED:
        return result
    if not question.is_still_ours(coverage, patient):
        changed = Finding(
            code="coverage_changed_meanwhile",
            message="The coverage or its patient was changed after the payer was asked; check again.",
            severity=Severity.WARNING,
        )
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, changed.code)
        return replace(result, findings=(*result.findings, changed))
    if result.outcome is not CheckOutcome.CONFIRMED:
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, result.outcome.value)
        return result
    if not coverage.is_active_on(question.check.service_date):
        outside = Finding(
            code="service_date_outside_period",
            message="The payer was asked about a day outside the coverage's own period; nothing was confirmed.",
            severity=Severity.WARNING,
        )
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_NOT_CONFIRMED, outside.code)
        return replace(result, findings=(*result.findings, outside))
    try:
        await confirm(uow, coverage, by=Verification.ELIGIBILITY_CHECK)
    except CoverageConflict as conflict:
        await _open_item(uow, coverage, WorkItemKind.COVERAGE_RANK_TAKEN, conflict.problem_code)
        return replace(result, findings=(*result.findings, *conflict.findings))
    return result


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


async def _save(uow: UnitOfWork, check: EligibilityCheck, result: EligibilityResult) -> None:
    failed = result.outcome is CheckOutcome.CLEARINGHOUSE_UNAVAILABLE
    settled = replace(
        check,
        status=CheckStatus.FAILED if failed else CheckStatus.ANSWERED,
        result=result,
        answered_at=uow.now,
        updated_at=uow.now,
        version=check.version + 1,
    )
    await uow.eligibility_checks.save(settled)
    await uow.audit_events.add(
        AuditEntry(
            action=AuditAction.RECORD_ANSWER,
            record_type="eligibility_check",
            record_id=check.id,
            patient_id=check.patient_id,
            reason=result.outcome.value,
        )
    )

"""The claim to the next payer: made from the claim that was decided, with the decision in the same call if need be.

Domain rules C1 to C7: every payer ahead has decided, none is skipped, the charges are the original ones, and what a denial, a
crossover or the payer's own wishes keep back is held from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry
from app.domain.callers import Tenant
from app.domain.claim_events import status_facts
from app.domain.claim_holds import hold_for
from app.domain.claim_states import ClaimEventKind, ClaimStatus, HoldReason
from app.domain.claims import Claim
from app.domain.coordination import NextPayer, next_content, next_coverage
from app.domain.coverages import Coverage
from app.domain.errors import Conflict, Invalid, LinesRequired
from app.domain.findings import Finding
from app.domain.work_items import WorkItemKind
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.adjudications import audit_line_template, enter_decision
from app.use_cases.claim_numbers import add_numbered
from app.use_cases.claim_parts import profile_of
from app.use_cases.claim_records import chain_of, locked_claim, open_work, tell
from app.use_cases.context import Context, found
from app.use_cases.decision_entry import Entered
from app.use_cases.idempotency import Answer, Call, claim, conclude


@dataclass(frozen=True, kw_only=True)
class WantedNext:
    """`coverage_id` names the payer; the next in order when it is None. `entered` is this payer's decision."""

    coverage_id: UUID | None = None
    entered: Entered | None = None


async def create_secondary_claim(
    context: Context, tenant: Tenant, claim_id: UUID, wanted: WantedNext, *, version: int, call: Call[Claim]
) -> Answer:
    """The claim to the payer after this claim's, be it secondary or a later one: a draft, or held."""
    try:
        async with context.units.begin(tenant) as uow:
            claimed = await claim(uow, call)
            if isinstance(claimed, Answer):
                return claimed
            earlier = await locked_claim(uow, claim_id, version=version)
            if wanted.entered is not None:
                earlier = (await enter_decision(uow, earlier, wanted.entered, place="/adjudication")).claim
            payer = await _next_payer(uow, earlier, wanted)
            created = await _create(uow, payer)
            await uow.audit_events.add(
                AuditEntry(
                    action=AuditAction.CREATE,
                    record_type="claim",
                    record_id=created.id,
                    patient_id=created.patient_id,
                    changed_fields=() if wanted.entered is None else ("adjudication",),
                )
            )
            return await conclude(uow, call, claimed, created, patient_id=created.patient_id)
    except LinesRequired:
        await audit_line_template(context, tenant, claim_id)
        raise


async def _next_payer(uow: UnitOfWork, earlier: Claim, wanted: WantedNext) -> NextPayer:
    """Whom to bill, or the refusal with the place in the body that could change it."""
    if not earlier.status.is_live:
        raise Conflict(
            f"A claim that is {earlier.status} is not gone on from. Go on from the one that took its place.",
            code="claim_state",
        )
    coverages = await uow.coverages.of_patient(earlier.patient_id)
    await _require_own(uow, coverages, wanted.coverage_id)
    try:
        payer = next_coverage(
            await chain_of(uow, earlier),
            coverages,
            day=earlier.content.first_service_date,
            after=earlier.coverage_id,
            wished=wanted.coverage_id,
        )
    except Conflict as refusal:
        raise _placed(refusal) from None
    if not payer.priors:
        raise _placed(Conflict("The coverage pays before this claim's payer, not after it.", code="no_next_payer"))
    return payer


async def _require_own(uow: UnitOfWork, coverages: Sequence[Coverage], coverage_id: UUID | None) -> None:
    if coverage_id is None or any(one.id == coverage_id for one in coverages):
        return
    if await uow.coverages.get(coverage_id) is not None:
        raise _placed(Conflict("The coverage belongs to another patient.", code="coverage_of_other_patient"))
    finding = Finding(code="coverage_unknown", message="The patient has no such coverage.", pointer="/coverage_id")
    raise Invalid(findings=(finding,))


def _placed(refusal: Conflict) -> Conflict:
    """With its finding: what a payer has not decided could be sent along, anything else is about the coverage."""
    code = refusal.problem_code
    pointer = "/adjudication" if code == "prior_payer_undecided" else "/coverage_id"
    return Conflict(refusal.detail, code=code, findings=(Finding(code=code, message=refusal.detail, pointer=pointer),))


async def _create(uow: UnitOfWork, payer: NextPayer) -> Claim:
    """Made from the last payer's claim, with the lines it keeps; told on both."""
    earlier = payer.priors[-1].claim
    coverage = payer.coverage
    content = next_content(earlier.content)
    hold_reason = hold_for(
        [prior.adjudication for prior in payer.priors if prior.adjudication is not None],
        found(await uow.payers.get(coverage.payer_id)),
        await profile_of(uow, coverage.payer_id, content),
    )
    created = await add_numbered(
        uow,
        Claim(
            id=uow.new_id(),
            chain_id=earlier.chain_id,
            encounter_id=earlier.encounter_id,
            patient_id=earlier.patient_id,
            coverage_id=coverage.id,
            payer_id=coverage.payer_id,
            rank=payer.rank,
            previous_claim_id=earlier.id,
            status=ClaimStatus.DRAFT if hold_reason is None else ClaimStatus.HELD,
            hold_reason=hold_reason,
            patient_control_number="",
            content=content,
            created_at=uow.now,
            updated_at=uow.now,
        ),
    )
    await tell(
        uow,
        earlier,
        ClaimEventKind.SECONDARY_CREATED,
        facts={"next_claim_id": str(created.id), "rank": payer.rank.value},
    )
    await tell(uow, created, ClaimEventKind.CREATED, facts={"previous_claim_id": str(earlier.id)})
    if hold_reason is not None:
        await _tell_held(uow, created, hold_reason)
    return created


async def _tell_held(uow: UnitOfWork, created: Claim, reason: HoldReason) -> None:
    await tell(
        uow,
        created,
        ClaimEventKind.HELD,
        reason=reason.value,
        facts=status_facts(ClaimStatus.DRAFT, ClaimStatus.HELD),
    )
    if reason is HoldReason.PAPER_REQUIRED:
        await open_work(uow, created, WorkItemKind.PAPER_REQUIRED, "secondary_not_electronic")

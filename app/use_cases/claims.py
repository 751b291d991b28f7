"""Claims: the first payer's is written by a person; every one is read, changed and deleted the same, whatever its rank."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final
from uuid import UUID

from app.domain.audit import AuditAction, AuditEntry, changed_fields
from app.domain.callers import Tenant
from app.domain.claim_chains import ClaimChain, billing_key
from app.domain.claim_checks import check_against_previous, check_content
from app.domain.claim_states import ClaimEventKind, ClaimStatus, require_changeable
from app.domain.claims import Claim, ClaimContent
from app.domain.coordination import NextPayer, next_coverage
from app.domain.coverages import Coverage
from app.domain.errors import Conflict, Invalid
from app.domain.findings import Finding
from app.domain.patients import Patient
from app.repositories.claims import claim_exists
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_numbers import LineIdentities, NewIdentity, add_numbered
from app.use_cases.claim_parts import providers_of
from app.use_cases.claim_records import locked_claim, tell, visible_claim
from app.use_cases.context import Context, found
from app.use_cases.idempotency import Answer, Call, claim, conclude
from app.use_cases.patients import practice_today

_PROVIDERS: Final = (
    "billing_provider_id",
    "rendering_provider_id",
    "referring_provider_id",
    "supervising_provider_id",
)


@dataclass(frozen=True, kw_only=True)
class WantedClaim:
    """A claim to the first payer, as a person asks for it; `coverage_id` is the primary's when it is not named."""

    encounter_id: str
    patient_id: UUID
    coverage_id: UUID | None
    compose: Callable[[NewIdentity], ClaimContent]


async def create_claim(context: Context, tenant: Tenant, wanted: WantedClaim, *, call: Call[Claim]) -> Answer:
    """A draft to the payer that is primary on the first day of service, alone in its encounter.

    A patient, coverage or provider that the practice does not have is a finding where the body names it.
    """
    async with context.units.begin(tenant) as uow:
        claimed = await claim(uow, call)
        if isinstance(claimed, Answer):
            return claimed
        patient = await _patient_of(uow, wanted.patient_id)
        coverages = await uow.coverages.of_patient(patient.id)
        content = wanted.compose(LineIdentities(uow.new_id))
        findings = (
            *await _unknown_coverage(uow, wanted, coverages),
            *await _content_findings(uow, content, patient),
        )
        if findings:
            raise Invalid(findings=findings)
        payer = _first_payer(coverages, content, wanted.coverage_id)
        chain = await _chain_for(uow, wanted, content, payer.coverage)
        created = await add_numbered(
            uow,
            Claim(
                id=uow.new_id(),
                chain_id=chain.id,
                encounter_id=chain.encounter_id,
                patient_id=patient.id,
                coverage_id=payer.coverage.id,
                payer_id=payer.coverage.payer_id,
                rank=payer.rank,
                status=ClaimStatus.DRAFT,
                patient_control_number="",
                content=content,
                created_at=uow.now,
                updated_at=uow.now,
            ),
        )
        await tell(uow, created, ClaimEventKind.CREATED)
        await uow.audit_events.add(entry_of(AuditAction.CREATE, created))
        return await conclude(uow, call, claimed, created, patient_id=patient.id)


async def read_claim(context: Context, tenant: Tenant, claim_id: UUID) -> Claim:
    async with context.units.begin(tenant) as uow:
        read = await visible_claim(uow, claim_id)
        await uow.audit_events.add(entry_of(AuditAction.READ, read))
        await uow.commit()
        return read


async def change_claim(
    context: Context,
    tenant: Tenant,
    claim_id: UUID,
    *,
    version: int,
    revise: Callable[[ClaimContent, NewIdentity], ClaimContent],
) -> Claim:
    """What the claim says, as long as no payer has taken it. That its days may ask for another payer is said by its
    review, not here.
    """
    async with context.units.begin(tenant) as uow:
        current = await locked_claim(uow, claim_id, version=version)
        require_changeable(current.status)
        identities = LineIdentities(uow.new_id)
        content = revise(current.content, identities)
        if content.billing_provider_id != current.content.billing_provider_id:
            raise Conflict(
                "Who bills stays. Delete the claim and create it for the other billing provider.",
                code="billing_provider_fixed",
            )
        await _check_change(uow, current, content, identities.given)
        changed = current
        if content != current.content:
            changed = replace(current, content=content, version=current.version + 1, updated_at=uow.now)
            await uow.claims.save(changed)
            fields_changed = _changed_members(current.content, content)
            await tell(uow, changed, ClaimEventKind.CHANGED, facts={"fields": fields_changed})
        await uow.audit_events.add(
            replace(entry_of(AuditAction.CHANGE, changed), changed_fields=changed_fields(current, changed))
        )
        await uow.commit()
        return changed


async def delete_claim(context: Context, tenant: Tenant, claim_id: UUID, *, version: int) -> None:
    """A claim that went nowhere. Its events and its patient control number stay; nothing is left to be decided about it,
    and its encounter can be billed anew.
    """
    async with context.units.begin(tenant) as uow:
        current = await locked_claim(uow, claim_id, version=version)
        require_changeable(current.status)
        if not await uow.claims.delete(current.id):
            raise Conflict(
                "The claim was submitted or decided, or another claim follows from it.", code="claim_not_deletable"
            )
        await uow.work_items.settle_claim(current.id, now=uow.now)
        await tell(uow, current, ClaimEventKind.DELETED)
        if not await uow.claims.of_chain(current.chain_id):
            await uow.claim_chains.retire(current.chain_id)
        await uow.audit_events.add(entry_of(AuditAction.DELETE, current))
        await uow.commit()


def entry_of(action: AuditAction, of: Claim, *, reason: str | None = None) -> AuditEntry:
    return AuditEntry(action=action, record_type="claim", record_id=of.id, patient_id=of.patient_id, reason=reason)


async def _patient_of(uow: UnitOfWork, patient_id: UUID) -> Patient:
    patient = await uow.patients.get(patient_id)
    if patient is None:
        finding = Finding(code="patient_unknown", message="There is no such patient.", pointer="/patient_id")
        raise Invalid(findings=(finding,))
    return patient


async def _content_findings(uow: UnitOfWork, content: ClaimContent, patient: Patient) -> tuple[Finding, ...]:
    """All that is wrong with it by itself, and the providers that the practice does not have."""
    known = await providers_of(uow, content)
    named = ((name, getattr(content, name)) for name in _PROVIDERS)
    unknown = tuple(
        Finding(code="provider_unknown", message="There is no such provider.", pointer=f"/{name}")
        for name, provider_id in named
        if provider_id is not None and provider_id not in known
    )
    today = await practice_today(uow)
    return (*unknown, *check_content(content, today=today, patient_birth_date=patient.person.birth_date))


async def _unknown_coverage(uow: UnitOfWork, wanted: WantedClaim, coverages: Sequence[Coverage]) -> tuple[Finding, ...]:
    wished = wanted.coverage_id
    if wished is None or _is_among(wished, coverages) or await uow.coverages.get(wished) is not None:
        return ()
    return (Finding(code="coverage_unknown", message="There is no such coverage.", pointer="/coverage_id"),)


def _is_among(coverage_id: UUID, coverages: Sequence[Coverage]) -> bool:
    return any(one.id == coverage_id for one in coverages)


def _first_payer(coverages: Sequence[Coverage], content: ClaimContent, wished: UUID | None) -> NextPayer:
    if wished is not None and not _is_among(wished, coverages):
        raise Conflict("The coverage belongs to another patient.", code="coverage_of_other_patient")
    try:
        return next_coverage((), coverages, day=content.first_service_date, wished=wished)
    except Conflict as refusal:
        if refusal.problem_code != "payer_skipped":
            raise
        raise Conflict(
            "This coverage pays after another one. Its claim is made from the claim to the payer ahead: "
            "POST /v1/claims/{claim_id}/secondary.",
            code="payer_skipped",
        ) from None


async def _chain_for(uow: UnitOfWork, wanted: WantedClaim, content: ClaimContent, coverage: Coverage) -> ClaimChain:
    """The encounter's chain, empty and locked: whoever asks for it meanwhile waits, and finds this claim in it."""
    chain = await _live_chain(uow, wanted, content)
    if chain.patient_id != wanted.patient_id:
        raise Conflict("The encounter was billed for another patient.", code="encounter_of_other_patient")
    claims = await uow.claims.of_chain(chain.id)
    if not claims:
        return chain
    if any(one.coverage_id == coverage.id and one.status.is_live for one in claims):
        raise claim_exists()
    if not all(one.status.is_over for one in claims):
        raise Conflict(
            "The encounter has a live claim already. Claims to later payers are made from it.", code="encounter_billed"
        )
    await uow.claim_chains.retire(chain.id)
    return await _live_chain(uow, wanted, content)


async def _live_chain(uow: UnitOfWork, wanted: WantedClaim, content: ClaimContent) -> ClaimChain:
    return await uow.claim_chains.get_or_add_live(
        encounter_id=wanted.encounter_id,
        billing_key=billing_key(content.billing_provider_id),
        patient_id=wanted.patient_id,
        now=uow.now,
    )


async def _check_change(uow: UnitOfWork, current: Claim, content: ClaimContent, new_lines: set[UUID]) -> None:
    """Refuses content that is wrong by itself, or that bills other lines than the payer before was billed for."""
    known = new_lines | {line.id for line in current.content.lines}
    findings = [
        Finding(code="line_unknown", message="The claim has no line with this id.", pointer=f"/lines/{position}/id")
        for position, line in enumerate(content.lines)
        if line.id not in known
    ]
    findings += await _content_findings(uow, content, found(await uow.patients.get(current.patient_id)))
    if current.previous_claim_id is not None:
        previous = found(await uow.claims.get(current.previous_claim_id))
        findings += check_against_previous(content, previous.content)
    if findings:
        raise Invalid(findings=tuple(findings))


def _changed_members(before: ClaimContent, after: ClaimContent) -> str:
    """The names of the members that differ, in the order of the document."""
    names = (entry.name for entry in fields(before))
    return ",".join(name for name in names if getattr(before, name) != getattr(after, name))

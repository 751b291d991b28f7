"""The review of a claim: what would be sent, what is wrong with it, how each earlier payer's decision adds up.

What a submission freezes is written here too, so that nothing can be sent that the review has not seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.domain.adjudications import Adjudication, AdjudicationSource
from app.domain.audit import AuditAction, AuditEntry
from app.domain.balance import BalanceTable, amount_asked, balance_findings, balance_of
from app.domain.callers import Tenant
from app.domain.claim_assembly import assemble
from app.domain.claim_checks import check_against_previous, check_content, under
from app.domain.claim_holds import takes_claims_after_another_payer
from app.domain.claim_parts import ClaimParts, PriorPayer, prior_payers
from app.domain.claim_states import ClaimStatus, HoldReason
from app.domain.claims import Claim
from app.domain.codes import PayerResponsibility
from app.domain.eligibility import Interchange
from app.domain.findings import Finding, Severity, has_error
from app.domain.payers import Payer, ProfileEntry, ProfileSetting
from app.domain.professional_claims import ProfessionalClaim, Submitter
from app.domain.repairs import Repair, repairs_for, with_repairs
from app.domain.review_pointers import as_shown, in_review
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_parts import read_parts
from app.use_cases.claim_records import visible_claim
from app.use_cases.context import Context
from app.use_cases.patients import practice_today
from app.x12 import professional_claim_837
from app.x12.claim_balance_837 import BALANCE_CODES

PREVIEW_CONTROL_NUMBER: Final = 1
PREVIEW_REFERENCE: Final = "PREVIEW"

_HELD: Final = {
    HoldReason.BY_HAND: "The claim is held: somebody put it aside.",
    HoldReason.PRIOR_PAYER_DENIED: "The claim is held: the payer before denied it. Confirm that it may go out.",
    HoldReason.PRIOR_PAYER_CORRECTABLE: "The claim is held: what the payer before denied can be put right there.",
    HoldReason.PAPER_REQUIRED: "The claim is held: its payer takes it on paper only.",
    HoldReason.CROSSOVER_EXPECTED: "The claim is held: the payer before says that it sent it on.",
    HoldReason.EARLIER_DECISION_CHANGED: "The claim is held: an earlier payer's decision changed. Look at it again.",
}


@dataclass(frozen=True, kw_only=True)
class PriorPayerReview:
    """A payer ahead: its claim and decision, added up, and the ways to put right what does not."""

    payer: Payer
    rank: PayerResponsibility
    claim: Claim | None
    adjudication: Adjudication | None
    balance: BalanceTable | None = None
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfferedRepair:
    """A repair with the payer whose decision it would change; `position` is that payer's in the review, from 0."""

    position: int
    prior: PriorPayerReview
    repair: Repair


@dataclass(frozen=True, kw_only=True)
class Review:
    """`x12` is the text as it would be sent, None when it cannot be written. Pointers of findings are into the review's
    own document: `/claim/...` and `/prior_payers/{i}/adjudication/...`.
    """

    claim: Claim
    findings: tuple[Finding, ...]
    prior_payers: tuple[PriorPayerReview, ...]
    amount_asked: Decimal
    x12: str | None = field(repr=False)

    @property
    def has_error(self) -> bool:
        return self.x12 is None or has_error(self.findings)

    @property
    def repairs(self) -> tuple[OfferedRepair, ...]:
        return tuple(
            OfferedRepair(position=position, prior=prior, repair=repair)
            for position, prior in enumerate(self.prior_payers)
            for repair in prior.repairs
        )

    @property
    def is_submittable(self) -> bool:
        return not self.has_error and self.claim.status in {ClaimStatus.DRAFT, ClaimStatus.REJECTED}


async def review_claim(context: Context, tenant: Tenant, claim_id: UUID) -> Review:
    """What would be sent now, with all that is known to be wrong with it."""
    async with context.units.begin(tenant) as uow:
        shown = await current_review(context, uow, await visible_claim(uow, claim_id))
        await uow.audit_events.add(
            AuditEntry(
                action=AuditAction.READ,
                record_type="claim_review",
                record_id=shown.claim.id,
                patient_id=shown.claim.patient_id,
            )
        )
        await uow.commit()
        return shown


async def current_review(context: Context, uow: UnitOfWork, claim: Claim) -> Review:
    """The claim's review as a preview: nothing is numbered yet."""
    parts = await read_parts(uow, claim)
    return review_of(context, parts, today=await practice_today(uow), reference=PREVIEW_REFERENCE)


def review_of(
    context: Context, parts: ClaimParts, *, today: date, control_number: int = PREVIEW_CONTROL_NUMBER, reference: str
) -> Review:
    """`reference` is BHT03. Nothing is read or written here: the same parts give the same review."""
    claim = parts.claim
    priors = tuple(_prior_review(parts, prior) for prior in prior_payers(parts))
    assembled, missing = assemble(parts)
    findings = [
        *_hold_findings(claim),
        *_paper_findings(parts, priors),
        *_content_findings(parts, today),
        *missing,
        *_decision_findings(parts, priors),
    ]
    text = None
    if assembled is not None:
        text, unwritable = _write(context, parts, assembled, control_number=control_number, reference=reference)
        findings += _news(_shown(unwritable, priors, claim), findings)
    findings = [replace(finding, pointer=as_shown(finding.pointer)) for finding in findings]
    decisions = [prior.adjudication.decision for prior in priors if prior.adjudication is not None]
    return Review(
        claim=claim,
        findings=tuple(dict.fromkeys(findings)),
        prior_payers=priors,
        amount_asked=amount_asked(claim.content.total_charge, decisions),
        x12=text,
    )


def _hold_findings(claim: Claim) -> tuple[Finding, ...]:
    if claim.status is not ClaimStatus.HELD or claim.hold_reason is None:
        return ()
    return (
        Finding(
            code="claim_held",
            message=_HELD[claim.hold_reason],
            severity=Severity.WARNING,
            pointer="/claim/hold_reason",
        ),
    )


def _paper_findings(parts: ClaimParts, priors: tuple[PriorPayerReview, ...]) -> tuple[Finding, ...]:
    """Paper is the one hold that nobody may release (domain rule C7), so it is looked at again: what the payer takes is a
    dated entry and may be another now.
    """
    claim = parts.claim
    is_taken = takes_claims_after_another_payer(parts.payers[claim.payer_id], parts.profile)
    if not priors or is_taken or claim.hold_reason is HoldReason.PAPER_REQUIRED:
        return ()
    return (
        Finding(
            code="paper_required",
            message="The payer takes no claim after another payer electronically: bill it on paper.",
            pointer="/claim/payer_id",
            location="2010BB NM109",
        ),
    )


def _content_findings(parts: ClaimParts, today: date) -> tuple[Finding, ...]:
    content = parts.claim.content
    found = check_content(content, today=today, patient_birth_date=parts.patient.person.birth_date)
    # What a payer ahead decided adds up to what it was billed, so each of them was billed the same as this one.
    billed = {one.claim.id: one.claim for one in parts.chain if one.claim.id == parts.claim.previous_claim_id}
    billed |= {prior.billed.claim.id: prior.billed.claim for prior in prior_payers(parts) if prior.billed is not None}
    for claim in billed.values():
        found = (*found, *check_against_previous(content, claim.content))
    return under("/claim", found)


def _prior_review(parts: ClaimParts, prior: PriorPayer) -> PriorPayerReview:
    billed = prior.billed
    adjudication = None if billed is None else billed.adjudication
    view = PriorPayerReview(
        payer=prior.payer,
        rank=prior.ranked.rank,
        claim=None if billed is None else billed.claim,
        adjudication=adjudication,
    )
    if billed is None or adjudication is None:
        return view
    lines = billed.claim.content.lines
    return replace(
        view,
        balance=balance_of(adjudication.decision, lines),
        repairs=repairs_for(
            adjudication.decision,
            lines,
            claim_id=billed.claim.id,
            lines_needed=needs_lines(parts.payers[parts.claim.payer_id], parts.profile),
            # A repair of a remittance keeps the claim payment that it came from.
            from_paper=adjudication.source is not AdjudicationSource.ERA and adjudication.response_id is None,
        ),
    )


def _decision_findings(parts: ClaimParts, priors: tuple[PriorPayerReview, ...]) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for index, prior in enumerate(priors):
        if prior.adjudication is None or prior.balance is None:
            continue
        found = balance_findings(
            prior.balance,
            prior.adjudication.decision,
            payer_index=index,
            lines_needed=needs_lines(parts.payers[parts.claim.payer_id], parts.profile),
        )
        findings += under(f"/prior_payers/{index}/adjudication", with_repairs(found, prior.repairs))
    return tuple(_as_the_payer_takes_it(finding, parts.profile) for finding in findings)


def needs_lines(payer: Payer, profile: Mapping[ProfileSetting, ProfileEntry]) -> bool:
    """Whether the payer wants an earlier decision for each line: unless its profile says that totals will do, and
    Original Medicare always (domain rule B3).
    """
    entry = profile.get(ProfileSetting.CLAIM_LEVEL_ADJUDICATION_ALLOWED)
    return payer.is_original_medicare or entry is None or not entry.value


def _as_the_payer_takes_it(finding: Finding, profile: Mapping[ProfileSetting, ProfileEntry]) -> Finding:
    """A negative amount is a warning, or an error where the payer's profile says so (domain rule C6)."""
    entry = profile.get(ProfileSetting.NEGATIVE_ADJUSTMENT_SEVERITY)
    if finding.code != "adjustment_negative" or entry is None:
        return finding
    return replace(finding, severity=Severity(entry.value))


def _write(
    context: Context, parts: ClaimParts, claim: ProfessionalClaim, *, control_number: int, reference: str
) -> tuple[str | None, tuple[Finding, ...]]:
    # 1000A names whom to ask about everything that the practice sends; the claim's own contact stands in 2010AA.
    contact = parts.practice.billing_contact or parts.claim.content.billing_contact
    if contact is None:
        return None, ()  # its absence is a finding of the assembly
    return professional_claim_837.write(
        claim,
        Interchange(
            sender_id=context.sender_id,
            receiver_id=context.receiver_id,
            control_number=control_number,
            created_at=context.now(),
            is_test=parts.practice.is_test,
        ),
        reference=reference,
        submitter=Submitter(name=parts.practice.name, id=context.sender_id, contact=contact),
        receiver_name=context.receiver_id,
    )


def _shown(unwritable: Iterable[Finding], priors: Sequence[PriorPayerReview], claim: Claim) -> tuple[Finding, ...]:
    decisions = [None if prior.adjudication is None else prior.adjudication.decision for prior in priors]
    line_ids = {line.id for line in claim.content.lines}
    return tuple(
        replace(finding, pointer=in_review(finding.pointer, decisions=decisions, line_ids=line_ids))
        for finding in unwritable
    )


def _news(unwritable: Iterable[Finding], said: Sequence[Finding]) -> list[Finding]:
    """Without what is said already: by the same word at the same place or at the one around it, or as an error of the same
    value in another word. That an earlier decision does not balance with this claim is said of the decision, or follows
    from an error such as a changed charge.
    """
    known = {(finding.code, finding.pointer) for finding in said}
    errors = {(finding.pointer, finding.location) for finding in said if finding.severity is Severity.ERROR}
    return [
        finding
        for finding in unwritable
        if (finding.code, finding.pointer) not in known
        and (finding.code, (finding.pointer or "").rpartition("/")[0]) not in known
        and (finding.pointer is None or (finding.pointer, finding.location) not in errors)
        and not (errors and finding.code in BALANCE_CODES)
    ]

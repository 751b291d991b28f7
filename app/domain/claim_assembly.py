"""Assembly: from the claim, whose record holds ids, to all that an 837P says of it, with what is missing as findings.

Pointers are into the claim's review: `/claim/...`, and `/prior_payers/{i}/...` with the payers ahead in their order.
What a person entered in the claim itself is checked in `claim_checks`; whether the earlier decisions add up, in
`balance`; whether every text fits into its element, when it is written.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.claim_checks import under
from app.domain.claim_parts import ClaimParts, PriorPayer, prior_payers
from app.domain.claim_policies import DESTINATION, is_sent_as_subscriber, other_payer_place, policy_of
from app.domain.claim_providers import payer_assigned_id, providers_of
from app.domain.claims import ClaimFrequency, ProviderRole
from app.domain.coordination import ChainClaim, RankedCoverage, check_one_order, has_gap
from app.domain.coverages import CoverageStatus
from app.domain.findings import Finding, Severity
from app.domain.patients import patient_findings
from app.domain.payers import ProfileSetting
from app.domain.prior_decisions import prior_decision
from app.domain.professional_claims import (
    BilledLine,
    BilledPayer,
    OtherPayer,
    Policy,
    PriorDecision,
    ProfessionalClaim,
)
from app.domain.service_lines import ServiceLine


def assemble(parts: ClaimParts) -> tuple[ProfessionalClaim | None, tuple[Finding, ...]]:
    """The claim as it would be written, and everything that is wrong with it.

    It is None only when a value that every claim states is not there. With an error among the findings it may be
    shown, not sent.
    """
    claim, content = parts.claim, parts.claim.content
    if not content.lines:
        message = "A claim has one at least: lines."
        return None, (Finding(code="lines_missing", message=message, pointer="/claim/lines", location="2400"),)
    findings = [*_check_order(parts), *_check_patient(parts)]
    policy = _destination_policy(parts, findings)
    payer = parts.payers[claim.payer_id]
    providers, missing = providers_of(
        content, practice=parts.practice, providers=parts.providers, payer_id=claim.payer_id
    )
    findings += missing
    others = _other_payers(parts, findings)
    payer_claim_number = _payer_claim_number(parts, findings)
    release = parts.patient.release_of_information
    if (
        policy is None
        or others is None
        or providers.billed_by is None
        or providers.accepts_assignment is None
        or release is None
    ):
        return None, tuple(findings)
    assembled = ProfessionalClaim(
        patient_control_number=claim.patient_control_number,
        frequency=claim.frequency,
        billed_by=providers.billed_by,
        policy=policy,
        payer=BilledPayer(
            name=payer.name,
            payer_id=payer.electronic_id,
            address=parts.coverage.payer_address or payer.address,
            provider_id_there=payer_assigned_id(content, ProviderRole.BILLING),
        ),
        patient=parts.patient.person,
        patient_is_subscriber=is_sent_as_subscriber(parts.coverage, payer),
        place_of_service=content.place_of_service,
        accepts_assignment=providers.accepts_assignment,
        release_of_information=release,
        signature_generated=content.signature_generated_by_provider,
        diagnoses=content.diagnoses,
        patient_paid=content.patient_paid or None,
        prior_authorization=content.prior_authorization,
        referral_number=content.referral_number,
        payer_claim_number=payer_claim_number,
        referring=providers.referring,
        rendering=providers.rendering,
        service_facility=providers.service_facility,
        supervising=providers.supervising,
        other_payers=others,
        lines=tuple(_billed_line(line) for line in content.lines),
    )
    return assembled, tuple(findings)


def _billed_line(line: ServiceLine) -> BilledLine:
    return BilledLine(
        control_number=line.control_number,
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        charge=line.charge,
        units=line.units,
        unit_of_measure=line.unit_of_measure,
        diagnosis_pointers=line.diagnosis_pointers,
        first_date=line.first_date,
        last_date=line.last_date,
        place_of_service=line.place_of_service,
    )


def _check_order(parts: ClaimParts) -> list[Finding]:
    """That the asked payer still stands where the claim was made for it, and nobody is missing before it."""
    findings = [*under("/claim", check_one_order(parts.claim.content, parts.coverages, parts.benefits))]
    own = parts.place_in_order
    if own is None and parts.coverage.status is CoverageStatus.UNVERIFIED:
        message = "Not billable until an eligibility check or staff confirm the coverage."
        findings.append(_order_finding("coverage_unverified", message))
    elif own is None:
        message = "The coverage is not in force on the service date, or holds no rank then."
        findings.append(_order_finding("coverage_not_active", message))
    elif own.rank is not parts.claim.rank:
        message = f"The coverage is {own.rank} on the service date, the claim says {parts.claim.rank}."
        findings.append(_order_finding("order_changed", message))
    if has_gap(parts.order):
        message = "A rank is skipped on the service date: put the patient's coverages in order."
        findings.append(_order_finding("order_has_gap", message))
    return findings


def _order_finding(code: str, message: str) -> Finding:
    return Finding(code=code, message=message, pointer=DESTINATION.pointer, location="2000B SBR01")


def _check_patient(parts: ClaimParts) -> list[Finding]:
    """The consents and the address that a claim states. A provider who signs for an absent patient needs no signature
    of the patient on file (CLM10 P).
    """
    signed_for = parts.claim.content.signature_generated_by_provider
    return [
        replace(finding, severity=Severity.ERROR, pointer="/claim/patient_id")
        for finding in patient_findings(parts.patient)
        if not (signed_for and finding.code == "signature_on_file_missing")
    ]


def _destination_policy(parts: ClaimParts, findings: list[Finding]) -> Policy | None:
    coverage, own = parts.coverage, parts.place_in_order
    policy, missing = policy_of(
        coverage,
        parts.payers[parts.claim.payer_id],
        rank=parts.claim.rank,
        insurance_type_code=own.row.insurance_type_code if own else coverage.insurance_type_code,
        patient=parts.patient.person,
        place=DESTINATION,
    )
    findings += missing
    return policy


def _other_payers(parts: ClaimParts, findings: list[Finding]) -> tuple[OtherPayer, ...] | None:
    """Every other payer of the service date, so that the claim can cross over (domain rule C4)."""
    ahead = [
        _prior(parts, prior, f"/prior_payers/{position}", findings)
        for position, prior in enumerate(prior_payers(parts))
    ]
    behind = [
        _other(parts, ranked, "/claim/patient_id", findings)
        for ranked in parts.order
        if ranked.rank.number > parts.claim.rank.number and ranked.coverage.id != parts.claim.coverage_id
    ]
    complete = [other for other in (*ahead, *behind) if other is not None]
    return tuple(complete) if len(complete) == len(ahead) + len(behind) else None


def _other(parts: ClaimParts, ranked: RankedCoverage, pointer: str, findings: list[Finding]) -> OtherPayer | None:
    payer = parts.payers[ranked.coverage.payer_id]
    policy, missing = policy_of(
        ranked.coverage,
        payer,
        rank=ranked.rank,
        insurance_type_code=ranked.row.insurance_type_code,
        patient=parts.patient.person,
        place=other_payer_place(pointer),
    )
    findings += missing
    return None if policy is None else OtherPayer(policy=policy, name=payer.name, payer_id=payer.electronic_id)


def _prior(parts: ClaimParts, prior: PriorPayer, pointer: str, findings: list[Finding]) -> OtherPayer | None:
    """A payer ahead, with what it decided and the numbers it gave out (domain rule C2)."""
    other = _other(parts, prior.ranked, f"{pointer}/payer", findings)
    billed = prior.billed
    if billed is None or billed.adjudication is None or not billed.is_decided:
        findings.append(
            Finding(
                code="prior_payer_undecided",
                message=f"The {prior.ranked.rank} payer has not decided.",
                pointer=f"{pointer}/adjudication",
                location="2320 AMT*D",
            )
        )
        return other
    if billed.claim.rank is not prior.ranked.rank:
        message = f"The payer is {prior.ranked.rank} on the service date, and decided as {billed.claim.rank}."
        findings.append(
            Finding(code="order_changed", message=message, pointer=f"{pointer}/rank", location="2320 SBR01")
        )
    decided = billed.adjudication.decision
    claim_number = decided.payer_claim_number or billed.claim.payer_claim_number
    findings += _check_claim_number(parts, claim_number, pointer)
    decision, unknown = _decision(parts, billed, f"{pointer}/adjudication")
    findings += unknown
    if other is None:
        return None
    return replace(
        other,
        prior_authorization=billed.claim.content.prior_authorization,
        referral_number=billed.claim.content.referral_number,
        payer_claim_number=claim_number,
        decision=decision,
    )


def _decision(parts: ClaimParts, billed: ChainClaim, pointer: str) -> tuple[PriorDecision | None, Sequence[Finding]]:
    if billed.adjudication is None:
        return None, ()
    numbers = {line.id: number for number, line in enumerate(parts.claim.content.lines, start=1)}
    return prior_decision(
        billed.adjudication.decision, billed=billed.claim.content.lines, line_numbers=numbers, pointer=pointer
    )


def _check_claim_number(parts: ClaimParts, claim_number: str | None, pointer: str) -> list[Finding]:
    entry = parts.profile.get(ProfileSetting.NEEDS_PRIOR_PAYER_CLAIM_NUMBER)
    if claim_number or entry is None or not entry.value:
        return []
    return [
        Finding(
            code="prior_claim_number_missing",
            message="The payer turns away claims without the earlier payer's claim number.",
            pointer=f"{pointer}/adjudication/payer_claim_number",
            location="2330B REF*F8",
        )
    ]


def _payer_claim_number(parts: ClaimParts, findings: list[Finding]) -> str | None:
    """REF*F8 of a replacement or void: what the asked payer calls the claim it takes the place of (domain rule E1)."""
    claim = parts.claim
    if claim.frequency is ClaimFrequency.ORIGINAL:
        return None
    replaced = next((one for one in parts.chain if one.claim.id == claim.replaces_claim_id), None)
    number = claim.payer_claim_number
    if replaced is not None:
        decided = replaced.adjudication.decision.payer_claim_number if replaced.adjudication else None
        number = decided or replaced.claim.payer_claim_number or number
    if not number:
        findings.append(
            Finding(
                code="payer_claim_number_missing",
                message="A replacement or void names the claim by the payer's own number.",
                pointer="/claim/payer_claim_number",
                location="2300 REF*F8",
            )
        )
    return number

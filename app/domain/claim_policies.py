"""Policies on a claim: a coverage as an SBR says it, for the payer that is asked and for every other one.

What a coverage does not say is a finding; nothing is yes by default (domain rule A2).
"""

from dataclasses import dataclass, replace
from typing import Final

from app.domain.codes import (
    CLAIM_FILING_CODES,
    ORIGINAL_MEDICARE_FILING_CODES,
    PayerResponsibility,
    Relationship,
)
from app.domain.coverages import Coverage, MemberIdOwner, check_insurance_type
from app.domain.findings import Finding
from app.domain.parties import Person
from app.domain.payers import Payer
from app.domain.professional_claims import Insured, Policy


@dataclass(frozen=True, kw_only=True)
class PolicyPlace:
    """Where a policy's findings point: into the review, and into the loop its SBR stands in."""

    pointer: str
    loop: str
    insured_loop: str
    assignment: str
    """The element that says whether benefits are assigned."""


DESTINATION: Final = PolicyPlace(
    pointer="/claim/coverage_id", loop="2000B", insured_loop="2010BA", assignment="2300 CLM08"
)


def other_payer_place(pointer: str) -> PolicyPlace:
    return PolicyPlace(pointer=pointer, loop="2320", insured_loop="2330A", assignment="2320 OI03")


def is_sent_as_subscriber(coverage: Coverage, payer: Payer) -> bool:
    """A patient with a member id of their own stands as subscriber, and always so with Medicare (domain rule A7)."""
    return (
        coverage.member_id_belongs_to is MemberIdOwner.PATIENT
        or coverage.relationship is Relationship.SELF
        or payer.is_original_medicare
    )


def policy_of(
    coverage: Coverage,
    payer: Payer,
    *,
    rank: PayerResponsibility,
    insurance_type_code: str | None,
    patient: Person,
    place: PolicyPlace,
) -> tuple[Policy | None, tuple[Finding, ...]]:
    """The policy at its rank of the service date, or None and what is missing for it."""
    as_subscriber = is_sent_as_subscriber(coverage, payer)
    insured = patient if as_subscriber else coverage.subscriber
    filing_code = coverage.claim_filing_code or payer.claim_filing_code
    insurance_type = [
        replace(finding, location=f"{place.loop} SBR05")
        for finding in check_insurance_type(
            insurance_type_code,
            rank=rank,
            is_original_medicare=payer.is_original_medicare,
            pointer=place.pointer,
        )
    ]
    findings = [
        *insurance_type,
        *_missing(coverage, insured, rank, place),
        *_check_filing_code(filing_code, payer, rank, place),
    ]
    if insured is None or coverage.benefits_assigned is None:
        return None, tuple(findings)
    policy = Policy(
        responsibility=rank,
        relationship=Relationship.SELF if as_subscriber else coverage.relationship,
        # 2010BA has an address when the subscriber is the patient, and then it is the patient's.
        insured=Insured(name=insured.name, address=None if place is DESTINATION else insured.address),
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        group_name=coverage.group_name,
        insurance_type_code=None if insurance_type else insurance_type_code,
        claim_filing_code=filing_code,
        benefits_assigned=coverage.benefits_assigned,
    )
    return policy, tuple(findings)


def _missing(
    coverage: Coverage, insured: Person | None, rank: PayerResponsibility, place: PolicyPlace
) -> list[Finding]:
    findings: list[Finding] = []
    if insured is None:
        findings.append(
            Finding(
                code="subscriber_required",
                message=f"The subscriber of the {rank} coverage is not recorded.",
                pointer=place.pointer,
                location=f"{place.insured_loop} NM1",
            )
        )
    if coverage.benefits_assigned is None:
        findings.append(
            Finding(
                code="benefits_assigned_missing",
                message=f"Whether benefits of the {rank} coverage are assigned is not recorded.",
                pointer=place.pointer,
                location=place.assignment,
            )
        )
    return findings


def _check_filing_code(code: str, payer: Payer, rank: PayerResponsibility, place: PolicyPlace) -> list[Finding]:
    """SBR09. Whether SBR05 is needed or refused follows from it at the clearinghouse, from the payer here."""
    if code not in CLAIM_FILING_CODES:
        message = f"The {rank} coverage has no claim filing indicator."
    elif (code in ORIGINAL_MEDICARE_FILING_CODES) != payer.is_original_medicare:
        message = (
            f"The claim filing indicator of the {rank} coverage does not go with its payer: MA and MB are Medicare."
        )
    else:
        return []
    return [Finding(code="claim_filing_code", message=message, pointer=place.pointer, location=f"{place.loop} SBR09")]

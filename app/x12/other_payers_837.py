"""The other payers of a claim: loops 2320, 2330A and 2330B, and the order all its payers stand in (SBR01).

A payer that decided carries AMT*D, zero too, its claim-level adjustments, what is left to pay (AMT*EAF, at the claim
or at each of its lines: RFI 1391) and the day it decided (DTP*573, here only when no line has it). A payer that comes
after the one asked has decided nothing yet: it is named, so that the claim can cross over, and no more.
"""

import functools
import re
from typing import Final

from app.domain.codes import PayerResponsibility
from app.domain.findings import Severity
from app.domain.professional_claims import OtherPayer, PriorDecision, ProfessionalClaim
from app.x12.claim_adjustments_837 import add_adjustments
from app.x12.claim_elements_837 import Amount, Code, reference_number
from app.x12.claim_parties_837 import (
    ASSIGNMENT_CODES,
    RELATIONSHIP_CODES,
    RELEASE_CODES,
    add_address,
    add_insured,
    add_payer_name,
    add_policy,
    add_reference,
)
from app.x12.claim_segments_837 import LIABILITY_AT_TWO_LEVELS, VALUE_REPEATED, ClaimDraft
from app.x12.drafts import basic
from app.x12.findings import VALUE_INVALID, VALUE_MISSING, Fault

ORDER_HAS_GAP: Final = Fault(
    "order_has_gap", "IK403 I6", Severity.ERROR, "A payer's rank is skipped: each rank before the last has a payer."
)
DATE_AT_TWO_LEVELS: Final = Fault(
    "adjudication_date_at_both_levels",
    "IK304 I9",
    Severity.ERROR,
    "The day of a decision stands on its lines, or at the claim when it has none.",
)
MOST_OTHER_PAYERS: Final = 10
MOST_REMARK_CODES: Final = 5
_REMARK: Final = re.compile("[A-Z]{1,2}[0-9]{1,4}", re.ASCII)
_RANKS: Final = tuple(PayerResponsibility)

_PAID: Final = Amount("paid")
_LIABILITY: Final = Amount("remaining_liability")
_AUTHORIZATION: Final = reference_number("prior_authorization")
_REFERRAL: Final = reference_number("referral_number")
_CLAIM_NUMBER: Final = reference_number("payer_claim_number")


@functools.lru_cache(maxsize=128)
def _remark_code(position: int) -> Code:
    return Code(str(position), _REMARK.fullmatch)


def add_other_payers(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    draft.limit(claim.other_payers, MOST_OTHER_PAYERS, "/other_payers", "2320 SBR")
    _check_order(draft, claim)
    for position, payer in enumerate(claim.other_payers):
        _add_other_payer(draft, claim, payer, f"/other_payers/{position}")


def _add_other_payer(draft: ClaimDraft, claim: ProfessionalClaim, payer: OtherPayer, pointer: str) -> None:
    policy, decision = payer.policy, payer.decision
    of_policy = f"{pointer}/policy"
    # SBR02 is the patient's relationship to this insured: 19 for a child. A published example has 01, which is a spouse.
    add_policy(draft, "2320", policy, RELATIONSHIP_CODES[policy.relationship], of_policy)
    if decision is not None:
        if policy.responsibility.number > claim.policy.responsibility.number:
            message = "A payer after the one that is asked carries no decision."
            draft.refuse(VALUE_INVALID, f"{pointer}/decision", "2320 AMT01", message)
        _add_decision(draft, decision, f"{pointer}/decision")
    signature = "P" if claim.signature_generated else ""
    # OI06 equals CLM09: there is one consent (RFI 1786).
    consent = RELEASE_CODES[claim.release_of_information]
    draft.constant("OI", "", "", ASSIGNMENT_CODES[policy.benefits_assigned], signature, "", consent)
    if decision is not None and decision.remark_codes:
        _add_remark_codes(draft, decision.remark_codes, f"{pointer}/decision/remark_codes")
    add_insured(draft, "2330A", policy, of_policy)
    if policy.insured.address is not None:
        add_address(draft, "2330A", policy.insured.address, f"{of_policy}/insured/address")
    add_payer_name(draft, "2330B", payer.name, payer.payer_id, pointer)
    if decision is not None:
        _add_decision_date(draft, decision, f"{pointer}/decision/adjudication_date")
    add_reference(draft, "2330B", "G1", payer.prior_authorization, pointer, _AUTHORIZATION)
    add_reference(draft, "2330B", "9F", payer.referral_number, pointer, _REFERRAL)
    add_reference(draft, "2330B", "F8", payer.payer_claim_number, pointer, _CLAIM_NUMBER)


def _add_decision(draft: ClaimDraft, decision: PriorDecision, pointer: str) -> None:
    if decision.adjustments:
        add_adjustments(draft, "2320", decision.adjustments, f"{pointer}/adjustments")
    draft.put("2320", "AMT", pointer, "D", (decision.paid, _PAID))
    _check_liability_level(draft, decision, pointer)
    if decision.remaining_liability is not None:
        draft.put("2320", "AMT", pointer, "EAF", (decision.remaining_liability, _LIABILITY))


def _check_liability_level(draft: ClaimDraft, decision: PriorDecision, pointer: str) -> None:
    """One level carries it, and a level that does carries it throughout, zero too (RFI 1515)."""
    without = [number for number, line in enumerate(decision.lines) if line.remaining_liability is None]
    on_lines = len(without) < len(decision.lines)
    if decision.remaining_liability is not None and on_lines:
        draft.refuse(LIABILITY_AT_TWO_LEVELS, f"{pointer}/remaining_liability", "2320 AMT01")
    elif decision.remaining_liability is None and not on_lines:
        draft.refuse(VALUE_MISSING, f"{pointer}/remaining_liability", "2320 AMT02")
    elif on_lines:
        for number in without:
            draft.refuse(VALUE_MISSING, f"{pointer}/lines/{number}/remaining_liability", "2430 AMT02")


def _add_decision_date(draft: ClaimDraft, decision: PriorDecision, pointer: str) -> None:
    day = decision.adjudication_date
    if decision.lines:
        if day is not None:
            draft.refuse(DATE_AT_TWO_LEVELS, pointer, "2330B DTP03")
    elif day is None:
        draft.refuse(VALUE_MISSING, pointer, "2330B DTP03")
    else:
        draft.constant("DTP", "573", "D8", draft.day(day, pointer, "2330B DTP03"))


def _add_remark_codes(draft: ClaimDraft, remark_codes: tuple[str, ...], pointer: str) -> None:
    """MOA03 to MOA07; MOA01 and MOA02 are figures of payers' own pricing."""
    draft.limit(remark_codes, MOST_REMARK_CODES, pointer, "2320 MOA03")
    codes = [(code, _remark_code(position)) for position, code in enumerate(remark_codes)]
    draft.put("2320", "MOA", pointer, "", "", *codes)


def _check_order(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """Clearinghouses refuse a rank twice or skipped. Two payers of one id, of which one decided on lines, would leave in
    doubt whose the lines' decisions are: SVD01 is that id and nothing else.
    """
    ranks = {claim.policy.responsibility}
    for position, payer in enumerate(claim.other_payers):
        if payer.policy.responsibility in ranks:
            draft.refuse(VALUE_REPEATED, f"/other_payers/{position}/policy/responsibility", "2320 SBR01")
        ranks.add(payer.policy.responsibility)
    if len(claim.other_payers) > 1:
        _check_ids(draft, claim)
    if not ranks.issuperset(_RANKS[: len(ranks)]):
        draft.refuse(ORDER_HAS_GAP, "/other_payers", "2320 SBR01")


def _check_ids(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    ids = [basic(payer.payer_id) for payer in claim.other_payers]
    decided_on_lines = {
        own_id
        for own_id, payer in zip(ids, claim.other_payers, strict=True)
        if payer.decision is not None and payer.decision.lines
    }
    for position, own_id in enumerate(ids):
        if own_id in ids[:position] and own_id in decided_on_lines:
            draft.refuse(VALUE_REPEATED, f"/other_payers/{position}/payer_id", "2330B NM109")

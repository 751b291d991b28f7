"""The other payers of a claim: loops 2320, 2330A and 2330B, and the order all its payers stand in (SBR01).

A payer that decided carries AMT*D, zero too, its claim-level adjustments, what is left to pay (AMT*EAF, at the claim
or at each of its lines: RFI 1391) and the day it decided (DTP*573, here only when no line has it). A payer that comes
after the one asked has decided nothing yet: it is named, so that the claim can cross over, and no more.
"""

import re
from typing import Final

from app.domain.findings import Severity
from app.domain.professional_claims import OtherPayer, PriorDecision, ProfessionalClaim
from app.x12.claim_adjustments_837 import add_adjustments
from app.x12.claim_parties_837 import add_address, add_insured, add_payer_name, add_policy, add_reference
from app.x12.claim_segments_837 import LIABILITY_AT_TWO_LEVELS, VALUE_REPEATED, Amount, ClaimDraft, Code
from app.x12.drafts import basic
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID, VALUE_MISSING, Fault

ORDER_HAS_GAP: Final = Fault(
    "order_has_gap", "IK403 I6", Severity.ERROR, "A payer's rank is skipped: each rank before the last has a payer."
)
MOST_OTHER_PAYERS: Final = 10
MOST_REMARK_CODES: Final = 5
_REMARK: Final = re.compile("[A-Z]{1,2}[0-9]{1,4}", re.ASCII)


def add_other_payers(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    draft.limit(claim.other_payers, MOST_OTHER_PAYERS, "/other_payers", "2320 SBR")
    _check_order(draft, claim)
    for position, payer in enumerate(claim.other_payers):
        _add_other_payer(draft, claim, payer, f"/other_payers/{position}")


def _add_other_payer(draft: ClaimDraft, claim: ProfessionalClaim, payer: OtherPayer, pointer: str) -> None:
    policy, decision = payer.policy, payer.decision
    # SBR02 is the patient's relationship to this insured: 19 for a child. A published example has 01, which is a spouse.
    add_policy(draft, "2320", policy, policy.relationship.code, f"{pointer}/policy")
    if decision is not None:
        if policy.responsibility.number > claim.policy.responsibility.number:
            message = "A payer after the one that is asked carries no decision."
            draft.refuse(VALUE_INVALID, f"{pointer}/decision", "2320 AMT01", message)
        _add_decision(draft, decision, f"{pointer}/decision")
    signature = "P" if claim.signature_generated else ""
    # OI06 equals CLM09: there is one consent (RFI 1786).
    draft.add("2320", "OI", "", "", policy.benefits_assigned.code, signature, "", claim.release_of_information.code)
    if decision is not None and decision.remark_codes:
        _add_remark_codes(draft, decision.remark_codes, f"{pointer}/decision/remark_codes")
    add_insured(draft, "2330A", policy, f"{pointer}/policy")
    if policy.insured.address is not None:
        add_address(draft, "2330A", policy.insured.address, f"{pointer}/policy/insured/address")
    add_payer_name(draft, "2330B", payer.name, payer.payer_id, pointer)
    if decision is not None and not decision.lines:
        _add_decision_date(draft, decision, f"{pointer}/decision/adjudication_date")
    add_reference(draft, "2330B", "G1", payer.prior_authorization, f"{pointer}/prior_authorization")
    add_reference(draft, "2330B", "9F", payer.referral_number, f"{pointer}/referral_number")
    add_reference(draft, "2330B", "F8", payer.payer_claim_number, f"{pointer}/payer_claim_number")


def _add_decision(draft: ClaimDraft, decision: PriorDecision, pointer: str) -> None:
    add_adjustments(draft, "2320", decision.adjustments, f"{pointer}/adjustments")
    draft.add("2320", "AMT", "D", Amount(decision.paid, f"{pointer}/paid"))
    _check_liability_level(draft, decision, pointer)
    if decision.remaining_liability is not None:
        draft.add("2320", "AMT", "EAF", Amount(decision.remaining_liability, f"{pointer}/remaining_liability"))


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
    if decision.adjudication_date is None:
        draft.refuse(VALUE_MISSING, pointer, "2330B DTP03")
    else:
        draft.add("2330B", "DTP", "573", "D8", write_date(decision.adjudication_date))


def _add_remark_codes(draft: ClaimDraft, remark_codes: tuple[str, ...], pointer: str) -> None:
    """MOA03 to MOA07; MOA01 and MOA02 are figures of payers' own pricing."""
    draft.limit(remark_codes, MOST_REMARK_CODES, pointer, "2320 MOA03")
    codes = [Code(code, f"{pointer}/{position}", _REMARK.fullmatch) for position, code in enumerate(remark_codes)]
    draft.add("2320", "MOA", "", "", *codes)


def _check_order(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    """Clearinghouses refuse a rank twice or skipped. Two payers of one id, of which one decided on lines, would leave in
    doubt whose the lines' decisions are: SVD01 is that id and nothing else.
    """
    ranks = {claim.policy.responsibility}
    ids = [basic(payer.payer_id) for payer in claim.other_payers]
    decided_on_lines = {
        own_id
        for own_id, payer in zip(ids, claim.other_payers, strict=True)
        if payer.decision is not None and payer.decision.lines
    }
    for position, (own_id, payer) in enumerate(zip(ids, claim.other_payers, strict=True)):
        pointer = f"/other_payers/{position}"
        if payer.policy.responsibility in ranks:
            draft.refuse(VALUE_REPEATED, f"{pointer}/policy/responsibility", "2320 SBR01")
        ranks.add(payer.policy.responsibility)
        if own_id in ids[:position] and own_id in decided_on_lines:
            draft.refuse(VALUE_REPEATED, f"{pointer}/payer_id", "2330B NM109")
    if max(rank.number for rank in ranks) > len(ranks):
        draft.refuse(ORDER_HAS_GAP, "/other_payers", "2320 SBR01")

"""The payers of a claim in their order: SBR of 2000B, the payer that is asked, and of each 2320, and what goes with it.

Of SBR01 U, unknown, nothing follows: a claim with it has neither gap nor missing primary. Whether a payer is Medicare is
told by SBR09: MA and MB are Original Medicare, 16 is a Medicare plan of which receivers differ on SBR05.
"""

from collections.abc import Iterator
from typing import Final

from app.x12.claim_report_837 import ClaimReport
from app.x12.coordination_837 import ORIGINAL_MEDICARE, RANKS, StatedClaim, StatedPayer
from app.x12.rules_837 import (
    CONSENT_DIFFERS,
    FILING_CODE_MISSING,
    MEDICARE_DEPENDENT,
    MEDICARE_ONE_PAYER_AHEAD,
    MEDICARE_PATIENT_PAID,
    MEDICARE_TAKES_ORIGINALS,
    PRIMARY_MISSING,
    RANK_REPEATED,
    RANK_SKIPPED,
    RANK_UNKNOWN,
    READJUDICATION_BY_PROVIDER,
    SUBSCRIBER_RELATIONSHIP,
    TYPE_CODE_NOT_MEDICARE,
    TYPE_CODE_REFUSED,
    TYPE_CODE_REQUIRED,
)
from app.x12.segments import Segment

_PRIMARY: Final = "P"
_UNKNOWN: Final = "U"
_MEDICARE_PLANS: Final = ORIGINAL_MEDICARE | {"16"}
_SELF: Final = "18"


def check_payer_order(claim: StatedClaim, report: ClaimReport) -> None:
    _check_ranks(claim, report)
    for sbr, loop in _policies(claim):
        _check_policy(sbr, loop, report)
    _check_relationship(claim, report)
    if claim.is_for_medicare:
        _check_medicare(claim, report)
    consent = "" if claim.clm is None else claim.clm.get(9)
    for payer in claim.payers:
        _check_other_policy(claim, payer, consent, report)


def _policies(claim: StatedClaim) -> Iterator[tuple[Segment, str]]:
    if claim.sbr is not None:
        yield claim.sbr, "2000B"
    for payer in claim.payers:
        if payer.sbr is not None:
            yield payer.sbr, "2320"


def _check_ranks(claim: StatedClaim, report: ClaimReport) -> None:
    if not claim.payers and claim.sbr is not None and claim.sbr.get(1) == _PRIMARY:
        return  # most claims: one payer
    met: set[int | None] = set()
    for sbr, loop in _policies(claim):
        rank = RANKS.get(sbr.get(1))
        if rank is not None and rank in met:
            report.add(RANK_REPEATED, sbr, loop=loop, element=1)
        if sbr.get(1) == _UNKNOWN and not _is_from_payer(claim):
            report.add(RANK_UNKNOWN, sbr, loop=loop, element=1)
        met.add(rank)
    if None in met or claim.sbr is None or claim.is_torn:
        return
    if RANKS[_PRIMARY] not in met:
        report.add(PRIMARY_MISSING, claim.sbr, loop="2000B", element=1)
    for sbr, loop in _policies(claim):
        rank = RANKS[sbr.get(1)]
        if rank > RANKS[_PRIMARY] + 1 and rank - 1 not in met:
            report.add(RANK_SKIPPED, sbr, loop=loop, element=1)


def _is_from_payer(claim: StatedClaim) -> bool:
    """Submitted by one of the other payers, which asks the next one: payer-to-payer coordination."""
    root = claim.unit.above("ST")
    submitter = None if root is None else root.one("1000A")
    name = None if submitter is None else submitter.first("NM1")
    return name is not None and any(payer.payer_id == name.get(9).rstrip() for payer in claim.payers if payer.payer_id)


def _check_policy(sbr: Segment, loop: str, report: ClaimReport) -> None:
    rank, type_code, filing_code = sbr.get(1), sbr.get(5), sbr.get(9)
    if not filing_code:
        report.add(FILING_CODE_MISSING, sbr, loop=loop, element=9)
    if type_code:
        if rank == _PRIMARY:
            report.add(TYPE_CODE_REFUSED, sbr, loop=loop, element=5)
        elif filing_code and filing_code not in _MEDICARE_PLANS:
            report.add(TYPE_CODE_NOT_MEDICARE, sbr, loop=loop, element=5)
    elif filing_code in ORIGINAL_MEDICARE and rank != _PRIMARY and rank in RANKS:
        report.add(TYPE_CODE_REQUIRED, sbr, loop=loop, element=5)


def _check_relationship(claim: StatedClaim, report: ClaimReport) -> None:
    parent = claim.unit.parent
    if claim.sbr is None or parent is None or parent.id not in {"2000B", "2000C"}:
        return
    expected = _SELF if parent.id == "2000B" else ""
    if claim.sbr.get(2) != expected:
        report.add(SUBSCRIBER_RELATIONSHIP, claim.sbr, loop="2000B", element=2)


def _check_medicare(claim: StatedClaim, report: ClaimReport) -> None:
    parent, asked = claim.unit.parent, claim.rank
    if parent is not None and parent.id == "2000C":
        report.add(MEDICARE_DEPENDENT, parent.segments[0] if parent.segments else claim.clm, loop="2000C")
    if asked is not None and sum(payer.rank is not None and payer.rank < asked for payer in claim.payers) > 1:
        report.add(MEDICARE_ONE_PAYER_AHEAD, claim.sbr, loop="2000B", element=1)
    patient_paid = claim.unit.first("AMT", "F5")
    if patient_paid is not None:
        report.add(MEDICARE_PATIENT_PAID, patient_paid, loop="2300", element=1)
    if claim.frequency in {"7", "8"}:
        report.add(MEDICARE_TAKES_ORIGINALS, claim.clm, loop="2300", element=5)


def _check_other_policy(claim: StatedClaim, payer: StatedPayer, consent: str, report: ClaimReport) -> None:
    sbr, oi = payer.sbr, payer.oi
    if sbr is not None and sbr.get(9) in ORIGINAL_MEDICARE and sbr.get(2) not in {"", _SELF}:
        report.add(MEDICARE_DEPENDENT, sbr, loop="2320", element=2)
    if oi is not None and consent and oi.get(6) and oi.get(6) != consent:
        report.add(CONSENT_DIFFERS, oi, loop="2320", element=6)
    if payer.readjudication is not None and not _is_from_payer(claim):
        report.add(READJUDICATION_BY_PROVIDER, payer.readjudication, loop="2330B", element=1)

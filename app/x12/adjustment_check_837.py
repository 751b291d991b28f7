"""The adjustments of one level, 2320 or 2430: five CAS of up to six reasons have to hold them.

That a group is one of the guide's and that no amount stands without its reason, the structural check sees to.
"""

from collections import Counter
from typing import Final

from app.x12.claim_report_837 import ClaimReport
from app.x12.coordination_837 import Adjustments, StatedClaim, Triplet
from app.x12.rules_837 import (
    ADJUSTMENT_NEGATIVE,
    ADJUSTMENT_REPEATED,
    ADJUSTMENT_ZERO,
    AMOUNT_MISSING,
    EARLIER_EFFECT_GROUP,
    EARLIER_EFFECT_OF_FIRST,
    GROUP_CORRECTION,
    GROUP_SPLIT,
    PAID_TO_PATIENT_GROUP,
)

_TRIPLETS: Final = 6
_PAID_TO_PATIENT: Final = "100"
_EARLIER_PAYERS: Final = "23"


def check_adjustments(claim: StatedClaim, report: ClaimReport) -> None:
    for payer in claim.payers:
        if payer.adjustments.segments and not payer.is_torn:
            _check_level(payer.adjustments, report, "2320", is_primary=payer.rank == 1)
        for decisions in () if payer.shares_id else payer.lines.values():
            for decision in decisions:
                if payer.rank == 1 and not decision.is_torn:
                    _check_effect_of_earlier_payers(decision.adjustments, report, "2430")
    for line in claim.lines:
        for decision in line.decisions:
            if decision.adjustments.segments and not decision.is_torn:
                _check_level(decision.adjustments, report, "2430", is_primary=False)


def _check_level(adjustments: Adjustments, report: ClaimReport, loop: str, *, is_primary: bool) -> None:
    for cas in adjustments.segments:
        if cas.get(1) == "CR":
            report.add(GROUP_CORRECTION, cas, loop=loop, element=1)
    seen: set[tuple[str, str]] = set()
    for one in adjustments.triplets:
        _check_triplet(one, report, loop)
        if one.reason and (one.group, one.reason) in seen:
            report.add(ADJUSTMENT_REPEATED, one.cas, loop=loop, element=one.position)
        seen.add((one.group, one.reason))
    if len(adjustments.segments) > 1:
        _check_split(adjustments, report, loop)
    if is_primary:
        _check_effect_of_earlier_payers(adjustments, report, loop)


def _check_triplet(one: Triplet, report: ClaimReport, loop: str) -> None:
    if one.reason == _PAID_TO_PATIENT and one.group != "PR":
        report.add(PAID_TO_PATIENT_GROUP, one.cas, loop=loop, element=1)
    elif one.reason == _EARLIER_PAYERS and one.group != "OA":
        report.add(EARLIER_EFFECT_GROUP, one.cas, loop=loop, element=1)
    if one.amount is None:
        if one.reason and not one.cas.get(one.position + 1):
            report.add(AMOUNT_MISSING, one.cas, loop=loop, element=one.position + 1)
    elif not one.amount:
        report.add(ADJUSTMENT_ZERO, one.cas, loop=loop, element=one.position + 1)
    elif one.amount < 0:
        report.add(ADJUSTMENT_NEGATIVE, one.cas, loop=loop, element=one.position + 1)


def _check_split(adjustments: Adjustments, report: ClaimReport, loop: str) -> None:
    """Reported at each CAS that the ones before it have room for."""
    groups = [cas.get(1) for cas in adjustments.segments]
    if len(set(groups)) == len(groups):
        return
    triplets = Counter(one.group for one in adjustments.triplets)
    needed = {group: -(-count // _TRIPLETS) for group, count in triplets.items()}
    met: Counter[str] = Counter()
    for cas, group in zip(adjustments.segments, groups, strict=True):
        met[group] += 1
        if met[group] > max(1, needed.get(group, 0)):
            report.add(GROUP_SPLIT, cas, loop=loop, element=1)


def _check_effect_of_earlier_payers(adjustments: Adjustments, report: ClaimReport, loop: str) -> None:
    for one in adjustments.triplets:
        if one.reason == _EARLIER_PAYERS:
            report.add(EARLIER_EFFECT_OF_FIRST, one.cas, loop=loop, element=one.position)

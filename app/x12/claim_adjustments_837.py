"""What an earlier payer took off: the CAS segments of 2320 and 2430.

Adjustments of one group and reason are added up, since X12 sees one of each at a level (RFI 213); what adds up to
zero is not written (RFI 1865). A CAS holds six triplets of one group, a level five CAS. An amount below zero is
written: payers do send them (OA-94).
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.adjudications import Adjustment
from app.x12.claim_segments_837 import (
    QUANTITY_RANGE,
    Amount,
    ClaimDraft,
    ClaimElement,
    Code,
    Quantity,
    money_fault,
)
from app.x12.drafts import basic
from app.x12.elements import write_quantity
from app.x12.findings import ADJUSTMENT_REASON_MISSING

MOST_SEGMENTS: Final = 5
_TRIPLETS: Final = 6
_REASON: Final = re.compile("[A-Z0-9]{1,5}", re.ASCII)
_NOTHING: Final = Decimal(0)


class _Triplet(NamedTuple):
    """A reason's amount and quantity, and the adjustment it was first seen in."""

    reason: str
    amount: Decimal
    quantity: Decimal | None
    pointer: str


def add_adjustments(draft: ClaimDraft, loop: str, adjustments: Sequence[Adjustment], pointer: str) -> None:
    """`pointer` is that of the list."""
    segments = list(_segments(_merged(draft, loop, adjustments, pointer)))
    draft.limit(segments, MOST_SEGMENTS, pointer, f"{loop} CAS")
    for group_code, triplets in segments:
        elements: list[ClaimElement] = []
        for triplet in triplets:
            elements += [
                Code(triplet.reason, f"{triplet.pointer}/reason_code", _REASON.fullmatch),
                Amount(triplet.amount, f"{triplet.pointer}/amount", signed=True),
                Quantity(triplet.quantity, f"{triplet.pointer}/quantity") if triplet.quantity else "",
            ]
        draft.add(loop, "CAS", group_code, *elements)


def _merged(
    draft: ClaimDraft, loop: str, adjustments: Sequence[Adjustment], pointer: str
) -> dict[str, dict[str, _Triplet]]:
    """By group and reason, in the order of their first mention; what cannot be added up is refused instead."""
    groups: dict[str, dict[str, _Triplet]] = {}
    for position, adjustment in enumerate(adjustments):
        place = f"{pointer}/{position}"
        if not _is_usable(draft, loop, adjustment, place):
            continue
        reason = basic(adjustment.reason_code or "")
        triplets = groups.setdefault(adjustment.group.code, {})
        before = triplets.get(reason, _Triplet(reason, _NOTHING, None, place))
        quantity = before.quantity
        if adjustment.quantity is not None:
            quantity = adjustment.quantity + (quantity or _NOTHING)
        triplets[reason] = before._replace(amount=before.amount + adjustment.amount, quantity=quantity)
    return groups


def _is_usable(draft: ClaimDraft, loop: str, adjustment: Adjustment, pointer: str) -> bool:
    usable = True
    fault = money_fault(adjustment.amount, signed=True)
    if fault is not None:
        draft.refuse(fault, f"{pointer}/amount", f"{loop} CAS03")
        usable = False
    elif not basic(adjustment.reason_code or "") and adjustment.amount != 0:
        draft.refuse(ADJUSTMENT_REASON_MISSING, f"{pointer}/reason_code", f"{loop} CAS02")
        usable = False
    if adjustment.quantity is not None and write_quantity(adjustment.quantity) is None:
        draft.refuse(QUANTITY_RANGE, f"{pointer}/quantity", f"{loop} CAS04")
        usable = False
    return usable


def _segments(groups: dict[str, dict[str, _Triplet]]) -> Iterator[tuple[str, list[_Triplet]]]:
    for group_code, by_reason in groups.items():
        triplets = [one for one in by_reason.values() if one.amount != 0]
        for start in range(0, len(triplets), _TRIPLETS):
            yield group_code, triplets[start : start + _TRIPLETS]

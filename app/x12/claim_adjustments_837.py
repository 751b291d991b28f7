"""What an earlier payer took off: the CAS segments of 2320 and 2430.

Adjustments of one group and reason are added up, since X12 sees one of each at a level (RFI 213); what adds up to
zero is not written (RFI 1865). A CAS holds six triplets of one group, a level five CAS. An amount below zero is
written: payers do send them (OA-94).
"""

import functools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.adjustments import is_reason_code
from app.x12.claim_elements_837 import Amount, Code, Quantity
from app.x12.claim_segments_837 import QUANTITY_RANGE, ClaimDraft, ClaimElement, money_fault
from app.x12.drafts import basic_code
from app.x12.elements import write_quantity
from app.x12.findings import ADJUSTMENT_REASON_MISSING

MOST_SEGMENTS: Final = 5
_TRIPLETS: Final = 6
_NOTHING: Final = Decimal(0)
_AMOUNT: Final = Amount("amount", signed=True)
_GROUP: Final = {one: one.code for one in AdjustmentGroup}


class _Triplet(NamedTuple):
    """A reason's amount and quantity; `position` is that of the adjustment it was first seen in."""

    reason: str
    amount: Decimal
    quantity: Decimal | None
    position: int


class _TripletKinds(NamedTuple):
    reason: Code
    amount: Amount
    quantity: Quantity


_Groups: TypeAlias = dict[str, dict[str, _Triplet]]
"""By group and reason, in the order of their first mention."""


@functools.lru_cache(maxsize=128)
def _kinds(position: int) -> _TripletKinds:
    return _TripletKinds(
        reason=Code(f"{position}/reason_code", is_reason_code),
        amount=Amount(f"{position}/amount", signed=True),
        quantity=Quantity(f"{position}/quantity", required=False),
    )


def add_adjustments(draft: ClaimDraft, loop: str, adjustments: Sequence[Adjustment], pointer: str) -> None:
    """`pointer` is that of the list."""
    segments = list(_segments(_merged(draft, loop, adjustments, pointer)))
    draft.limit(segments, MOST_SEGMENTS, pointer, f"{loop} CAS")
    for group_code, triplets in segments:
        elements: list[ClaimElement] = []
        for reason, amount, quantity, position in triplets:
            kinds = _kinds(position)
            elements += (
                (reason, kinds.reason),
                (amount, kinds.amount),
                "" if quantity is None else (quantity, kinds.quantity),
            )
        draft.put(loop, "CAS", pointer, group_code, *elements)


def _merged(draft: ClaimDraft, loop: str, adjustments: Sequence[Adjustment], pointer: str) -> _Groups:
    """What cannot be added up is refused instead."""
    groups: _Groups = {}
    for position, one in enumerate(adjustments):
        reason = basic_code(one.reason_code or "")
        is_usual = reason and one.quantity is None and _AMOUNT.quick(one.amount, draft.alphabet) is not None
        if not (is_usual or _is_usable(draft, loop, one, reason, pointer, position)):
            continue
        triplets = groups.setdefault(_GROUP[one.group], {})
        before = triplets.get(reason)
        if before is None:
            triplets[reason] = _Triplet(reason, one.amount, one.quantity, position)
            continue
        quantities = [quantity for quantity in (before.quantity, one.quantity) if quantity is not None]
        triplets[reason] = before._replace(
            amount=before.amount + one.amount, quantity=sum(quantities, _NOTHING) if quantities else None
        )
    return groups


def _is_usable(draft: ClaimDraft, loop: str, one: Adjustment, reason: str, pointer: str, position: int) -> bool:
    usable = True
    fault = money_fault(one.amount, signed=True)
    if fault is not None:
        draft.refuse(fault, f"{pointer}/{position}/amount", f"{loop} CAS03")
        usable = False
    elif not reason and one.amount:
        draft.refuse(ADJUSTMENT_REASON_MISSING, f"{pointer}/{position}/reason_code", f"{loop} CAS02")
        usable = False
    if one.quantity is not None and write_quantity(one.quantity) is None:
        draft.refuse(QUANTITY_RANGE, f"{pointer}/{position}/quantity", f"{loop} CAS04")
        usable = False
    return usable


def _segments(groups: _Groups) -> Iterator[tuple[str, list[_Triplet]]]:
    for group_code, by_reason in groups.items():
        triplets = [one for one in by_reason.values() if one.amount]
        for start in range(0, len(triplets), _TRIPLETS):
            yield group_code, triplets[start : start + _TRIPLETS]

"""Adjustments: why a payer paid less than was charged; and those of one level, as the CAS of a 2320 or a 2430 hold them.

A level has at most five CAS, one for each group, of up to six reasons (005010X222A1); a pair of group and reason stands
once (RFI 213) and is never zero (RFI 1865). A negative amount is legal, such as OA-94, but some receivers refuse it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from app.domain.findings import Finding, Severity
from app.domain.money import ZERO, is_money, total

MOST_REASONS: Final = 6

_REASON = re.compile(r"[A-Z0-9]{1,5}", re.ASCII)
_REMARK = re.compile(r"[A-Z]{1,2}[0-9]{1,4}", re.ASCII)


class AdjustmentGroup(StrEnum):
    """CAS01."""

    CONTRACTUAL = "contractual"
    CORRECTION = "correction"
    OTHER = "other"
    PAYER_INITIATED = "payer_initiated"
    PATIENT_RESPONSIBILITY = "patient_responsibility"

    @property
    def code(self) -> str:
        return _GROUP_CODES[self]


_GROUP_CODES = {
    AdjustmentGroup.CONTRACTUAL: "CO",
    AdjustmentGroup.CORRECTION: "CR",
    AdjustmentGroup.OTHER: "OA",
    AdjustmentGroup.PAYER_INITIATED: "PI",
    AdjustmentGroup.PATIENT_RESPONSIBILITY: "PR",
}
GROUP_OF_CODE = {code: group for group, code in _GROUP_CODES.items()}


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """One triplet of a CAS: group, reason (CARC), amount, quantity.

    `reason_code` is None for patient responsibility that nobody has split yet: it cannot be sent (domain rule B4).
    """

    group: AdjustmentGroup
    reason_code: str | None
    amount: Decimal
    quantity: Decimal | None = None


def responsibility_in(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((one.amount for one in adjustments if one.group is AdjustmentGroup.PATIENT_RESPONSIBILITY), ZERO)


def is_reason_code(text: str) -> bool:
    """The shape of a CARC."""
    return _REASON.fullmatch(text) is not None


def is_remark_code(text: str) -> bool:
    """The shape of a RARC."""
    return _REMARK.fullmatch(text) is not None


def is_quantity(amount: Decimal) -> bool:
    """At most 8 digits, of them 3 after the point: units in SVD05, a quantity in CAS04."""
    if not amount.is_finite():
        return False
    _, digits, exponent = amount.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    places = int(exponent) + len(digits) - len(text)
    return not text or (places >= -3 and len(text) + max(places, 0) <= 8)


def merged(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """Each pair of group and reason once, where it first stood, with the amounts and the quantities added."""
    by_pair: dict[tuple[AdjustmentGroup, str | None], list[Adjustment]] = {}
    for one in adjustments:
        by_pair.setdefault((one.group, one.reason_code), []).append(one)
    return tuple(_sum(same) for same in by_pair.values())


def condensed(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """Merged, and without what is zero."""
    return tuple(one for one in merged(adjustments) if one.amount)


def adjusted(adjustments: Iterable[Adjustment]) -> Decimal:
    return total(one.amount for one in adjustments)


def adjustment_findings(adjustments: Sequence[Adjustment], *, pointer: str, location: str) -> tuple[Finding, ...]:
    """What keeps one level from being written. `pointer` is the array's, `location` its CAS."""
    findings: list[Finding] = []
    seen: set[tuple[AdjustmentGroup, str | None]] = set()
    for index, one in enumerate(adjustments):
        place = f"{pointer}/{index}"
        findings += _check(one, place, location)
        if (one.group, one.reason_code) in seen:
            findings.append(
                Finding(
                    code="adjustment_duplicate",
                    message="This group and reason stand here twice; a claim carries them once, with the sum.",
                    severity=Severity.WARNING,
                    pointer=place,
                    location=location,
                )
            )
        seen.add((one.group, one.reason_code))
    if any(count > MOST_REASONS for count in Counter(one.group for one in adjustments).values()):
        findings.append(
            Finding(
                code="too_many_adjustments",
                message="A group has more than six reasons here; a claim has no room for more.",
                pointer=pointer,
                location=location,
            )
        )
    return tuple(findings)


def _check(one: Adjustment, place: str, location: str) -> list[Finding]:
    findings: list[Finding] = []
    if not is_money(one.amount):
        findings.append(amount_invalid(f"{place}/amount", location))
    elif one.amount == 0:
        findings.append(
            Finding(
                code="adjustment_zero",
                message="An adjustment of zero is not sent.",
                pointer=place,
                location=location,
            )
        )
    elif one.amount < 0:
        findings.append(
            Finding(
                code="adjustment_negative",
                message="A negative adjustment is legal, but some payers refuse it.",
                severity=Severity.WARNING,
                pointer=f"{place}/amount",
                location=location,
            )
        )
    if one.reason_code is None and one.group is not AdjustmentGroup.PATIENT_RESPONSIBILITY:
        findings.append(
            Finding(
                code="reason_code_required",
                message="Only patient responsibility may wait for its reason.",
                pointer=f"{place}/reason_code",
                location=location,
            )
        )
    if one.reason_code is not None and not is_reason_code(one.reason_code):
        findings.append(reason_code_format(f"{place}/reason_code", location))
    if one.quantity is not None and not is_quantity(one.quantity):
        findings.append(
            Finding(
                code="quantity_format",
                message="A quantity has at most 8 digits, of them 3 after the point.",
                pointer=f"{place}/quantity",
                location=location,
            )
        )
    return findings


def amount_invalid(pointer: str, location: str | None) -> Finding:
    return Finding(
        code="amount_invalid",
        message="An amount is whole cents, up to 99999999.99.",
        pointer=pointer,
        location=location,
    )


def amount_negative(pointer: str, location: str | None) -> Finding:
    return Finding(
        code="amount_negative", message="This amount cannot be below zero.", pointer=pointer, location=location
    )


def reason_code_format(pointer: str, location: str | None) -> Finding:
    return Finding(
        code="reason_code_format",
        message="A reason code (CARC) has 1 to 5 letters and digits.",
        pointer=pointer,
        location=location,
    )


def _sum(same: Sequence[Adjustment]) -> Adjustment:
    if len(same) == 1:
        return same[0]
    quantities = [one.quantity for one in same if one.quantity is not None]
    quantity = sum(quantities, Decimal(0)) if quantities else None
    return replace(same[0], amount=adjusted(same), quantity=quantity)

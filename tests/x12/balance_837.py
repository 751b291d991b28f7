"""The three balance equations of an 837P, worked out from its text alone (TR3 005010X222A1, 1.4.4; RFI 1555).

(a) CLM02 is the sum of SV102. (b) For a payer with line decisions, each SV102 is the sum of its SVD02 and CAS there.
(c) AMT*D is the sum of its SVD02 less its 2320 CAS; without line decisions, CLM02 less its 2320 CAS.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class _Payer:
    identifier: str = ""
    paid: Decimal | None = None
    adjusted: Decimal = Decimal(0)
    line_paid: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    line_adjusted: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def imbalances(text: str) -> list[str]:
    """The equations that do not hold; empty when all do."""
    charge, lines, payers = _read(text)
    wrong = [] if charge == sum(lines.values()) else ["(a) CLM02"]
    for payer in payers:
        if payer.paid is None:
            wrong += ["(c) without AMT*D"] * bool(payer.line_paid or payer.adjusted)
        elif payer.line_paid:
            wrong += [
                f"(b) {payer.identifier} line {number}"
                for number, line_charge in lines.items()
                if line_charge != payer.line_paid[number] + payer.line_adjusted[number]
            ]
            wrong += ["(c) with lines"] * (payer.paid != sum(payer.line_paid.values()) - payer.adjusted)
        else:
            wrong += ["(c) without lines"] * (payer.paid != charge - payer.adjusted)
    return wrong


def _read(text: str) -> tuple[Decimal, dict[int, Decimal], list[_Payer]]:
    segments = [segment.split("*") for segment in text.split("~")]
    start = next(number for number, elements in enumerate(segments) if elements[0] == "CLM")
    lines: dict[int, Decimal] = {}
    payers: list[_Payer] = []
    deciding: _Payer | None = None
    for elements in segments[start:]:
        match elements:
            case ["SBR", *_]:
                payers.append(_Payer())
            case ["NM1", "PR", *_, identifier]:
                payers[-1].identifier = identifier
            case ["AMT", "D", amount]:
                payers[-1].paid = Decimal(amount)
            case ["SV1", _, amount, *_]:
                lines[len(lines) + 1] = Decimal(amount)
            case ["SVD", identifier, amount, *_]:
                (deciding,) = [payer for payer in payers if payer.identifier == identifier and payer.paid is not None]
                deciding.line_paid[len(lines)] += Decimal(amount)
            case ["CAS", *_] if deciding is None:
                payers[-1].adjusted += _adjusted(elements)
            case ["CAS", *_] if deciding is not None:
                deciding.line_adjusted[len(lines)] += _adjusted(elements)
    return Decimal(segments[start][2]), lines, payers


def _adjusted(cas: list[str]) -> Decimal:
    return sum((Decimal(amount) for amount in cas[3::3]), Decimal(0))

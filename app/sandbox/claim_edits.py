"""What a clearinghouse refuses in a claim by itself: charges, numbers, codes that do not go together.

Each rule is a row: what it is called, what a 277CA says of it, the words, and a function that gives the places where a
claim breaks it. Places are loops, counted where they repeat, and elements; no value of the claim is repeated.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.sandbox.claims import Claim, Party

_LOOPS_OF_CLAIM: Final = {"DN": "2310A", "P3": "2310A", "82": "2310B", "77": "2310C", "DQ": "2310D"}
_LOOPS_OF_LINE: Final = {
    "82": "2420A",
    "QB": "2420B",
    "77": "2420C",
    "DQ": "2420D",
    "DK": "2420E",
    "DN": "2420F",
    "P3": "2420F",
}
ORIGINAL_MEDICARE: Final = frozenset({"MA", "MB"})


@dataclass(frozen=True)
class Rule:
    """One edit. `category` and `status` are STC01 of the 277CA that refuses a claim for it."""

    id: str
    category: str
    status: str
    text: str
    places: Callable[[Claim], Iterator[str]]


def _charge_is_not_of_lines(claim: Claim) -> Iterator[str]:
    if claim.charge != sum((line.charge for line in claim.lines), Decimal(0)):
        yield "2300 CLM02"


def _no_charge(claim: Claim) -> Iterator[str]:
    if claim.charge <= 0:
        yield "2300 CLM02"


def _negative_amounts(claim: Claim) -> Iterator[str]:
    yield from (f"2400[{line.number}] SV102" for line in claim.lines if line.charge < 0)
    if claim.patient_paid is not None and claim.patient_paid < 0:
        yield "2300 AMT02"


def _long_control_number(claim: Claim) -> Iterator[str]:
    if len(claim.control_number) > 20:
        yield "2300 CLM01"


def _unknown_frequency(claim: Claim) -> Iterator[str]:
    if claim.frequency not in {"1", "7", "8"}:
        yield "2300 CLM05"


def _no_original(claim: Claim) -> Iterator[str]:
    if claim.frequency in {"7", "8"} and not claim.payer_claim_number:
        yield "2300 REF02"


def _original_of_first_claim(claim: Claim) -> Iterator[str]:
    if claim.frequency == "1" and claim.payer_claim_number:
        yield "2300 REF02"


def _relationship(claim: Claim) -> Iterator[str]:
    if claim.subscriber_is_patient == claim.has_patient_loop:
        yield "2000B SBR02"


def _dependent_of_medicare(claim: Claim) -> Iterator[str]:
    if claim.filing_code in ORIGINAL_MEDICARE and claim.has_patient_loop:
        yield "2000C"


def _repeated_diagnoses(claim: Claim) -> Iterator[str]:
    if _repeated(claim.diagnoses):
        yield "2300 HI"


def _pointers_to_nothing(claim: Claim) -> Iterator[str]:
    for line in claim.lines:
        if max(line.pointers) > len(claim.diagnoses) or _repeated(line.pointers):
            yield f"2400[{line.number}] SV107"


def _repeated_line_numbers(claim: Claim) -> Iterator[str]:
    repeated = _repeated([line.control_number for line in claim.lines if line.control_number])
    yield from (f"2400[{line.number}] REF02" for line in claim.lines if line.control_number in repeated)


def _long_line_numbers(claim: Claim) -> Iterator[str]:
    yield from (f"2400[{line.number}] REF02" for line in claim.lines if len(line.control_number) > 30)


def _dates_out_of_order(claim: Claim) -> Iterator[str]:
    for line in claim.lines:
        if line.last_day is not None and line.last_day < line.first_day:
            yield f"2400[{line.number}] DTP03"


def _no_billing_npi(claim: Claim) -> Iterator[str]:
    if claim.billing.id_qualifier != "XX":
        yield "2010AA NM109"


def _wrong_npis(claim: Claim) -> Iterator[str]:
    named: list[tuple[str, Party]] = [("2010AA", claim.billing)]
    named += [(_LOOPS_OF_CLAIM[one.entity], one) for one in claim.providers]
    named += [
        (f"2400[{line.number}]/{_LOOPS_OF_LINE[one.entity]}", one) for line in claim.lines for one in line.providers
    ]
    yield from (f"{place} NM109" for place, party in named if party.id_qualifier == "XX" and not is_npi(party.id))


def _repeated(values: Sequence[object]) -> set[object]:
    return {value for value in values if values.count(value) > 1}


def is_npi(text: str) -> bool:
    """Ten digits with the Luhn check digit over 80840 and the number (45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", text, re.ASCII):
        return False
    digits = [int(character) for character in reversed("80840" + text)]
    return sum(d if i % 2 == 0 else sum(divmod(d * 2, 10)) for i, d in enumerate(digits)) % 10 == 0


# Categories (507): A6 missing, A7 invalid, A8 does not go with another value. Statuses (508): 21 missing or invalid, 178
# submitted charges, 187 dates of service, 255 diagnosis, 400 out of balance, 464 payer's claim number, 477 diagnosis pointer,
# 535 claim frequency, 562 NPI.
CLAIM_RULES: Final = (
    Rule(
        *("claim-charge-must-equal-line-charges", "A8", "400"),
        "The claim's charge must be the sum of its lines' charges.",
        _charge_is_not_of_lines,
    ),
    Rule("claim-charge-must-be-positive", "A7", "178", "The claim's charge must be more than zero.", _no_charge),
    Rule("amounts-must-not-be-negative", "A7", "178", "A charge or a payment is below zero.", _negative_amounts),
    Rule(
        *("invalid-patient-control-number", "A7", "21"),
        "The patient control number may have at most 20 characters.",
        _long_control_number,
    ),
    Rule("invalid-claim-frequency-code", "A7", "535", "The claim frequency must be 1, 7 or 8.", _unknown_frequency),
    Rule(
        *("missing-payer-claim-control-number", "A6", "464"),
        "A replacement or a void must name the payer's claim control number.",
        _no_original,
    ),
    Rule(
        *("payer-claim-control-number-not-allowed", "A8", "464"),
        "An original claim must not name a payer's claim control number.",
        _original_of_first_claim,
    ),
    Rule(
        *("invalid-subscriber-individual-relationship-code", "A8", "21"),
        "The relationship is 18 without a patient's loop, and empty with one.",
        _relationship,
    ),
    Rule(
        *("medicare-patient-must-be-the-subscriber", "A8", "21"),
        "Medicare's patient is always the subscriber.",
        _dependent_of_medicare,
    ),
    Rule("duplicate-diagnosis-codes", "A7", "255", "Each diagnosis may stand once.", _repeated_diagnoses),
    Rule(
        *("invalid-diagnosis-code-pointer", "A8", "477"),
        "A diagnosis pointer must lead to a diagnosis of the claim, each to another one.",
        _pointers_to_nothing,
    ),
    Rule(
        *("duplicate-line-item-control-numbers", "A7", "21"),
        "Line item control numbers must differ within a claim.",
        _repeated_line_numbers,
    ),
    Rule(
        *("invalid-line-item-control-number", "A7", "21"),
        "A line item control number may have at most 30 characters.",
        _long_line_numbers,
    ),
    Rule("invalid-service-dates", "A7", "187", "The last day of a service is before its first.", _dates_out_of_order),
    Rule("missing-billing-provider-npi", "A6", "562", "The billing provider must have an NPI.", _no_billing_npi),
    Rule("invalid-npi", "A7", "562", "An NPI has ten digits, the last a check digit.", _wrong_npis),
)

"""Check remittances beyond what reading them finds (`rules_835`): whether they add up, and what their claims say.

The values are judged as they go by, and the segments that no value holds (BPR, N1 and PLB) while the reader takes them.
Of earlier claims nothing is kept but what tells that one comes twice, and which were taken back in this payment. Nothing
is repaired, and no text makes it raise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final

from app.domain.money import ZERO
from app.domain.remittances import ClaimPayment, RemittanceHeader, RemittanceTrailer
from app.x12 import remittance_835
from app.x12.claim_payment_check_835 import REVERSAL, Place, add_difference, check_claim_payment, claim_place
from app.x12.envelope import TransactionSet
from app.x12.findings import Report
from app.x12.payment_check_835 import PaymentSegments, check_payment, check_provider_adjustments
from app.x12.rules_835 import (
    CLAIM_REPEATED,
    CORRECTION_UNLINKED,
    INTEREST_DIFFERS,
    NOTHING_REMITTED,
    PAYMENT_UNBALANCED,
    REVERSAL_ALONE,
    REVERSAL_CHARGE_DIFFERS,
)
from app.x12.segments import Run

CLAIMS_REMEMBERED: Final = 100_000
"""A claim that comes twice is found among so many of one file; the memory does not grow with the rest."""
REVERSALS_REMEMBERED: Final = 10_000
"""Of one payment."""
_REPLACEMENT: Final = "7"
_INTEREST: Final = "L6"


@dataclass(slots=True)
class _Reversal:
    """What one payment takes back of one claim, and what it decides anew: the sums of CLP03."""

    place: Place
    payer_claim_number: str | None
    charge: Decimal
    corrected_charge: Decimal = ZERO
    is_corrected: bool = False
    is_replaced: bool = False
    """The provider sent another claim in its place (CLP09 7): its charge may differ."""


class RemittanceChecker:
    """Checks the remittances of one file, one after the other: a claim that is paid twice shows only there."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._claims: set[int] = set()
        self._begin()

    def _begin(self) -> None:
        self._header: RemittanceHeader | None = None
        self._is_payment_checked = False
        self._segments: PaymentSegments | None = None
        self._reversals: dict[str, _Reversal] = {}
        self._interest = ZERO
        self._interest_place: Place | None = None

    def check(self, transaction: TransactionSet) -> int:
        """One 835 from ST to SE, read and checked; how many claims it has."""
        self._begin()
        self._segments = segments = PaymentSegments()
        transaction.runs = self._watched(transaction.runs, segments)
        transaction.segments = chain.from_iterable(transaction.runs)
        count = 0
        for item in remittance_835.read_transaction(transaction, self._report):
            match item:
                case ClaimPayment():
                    count += 1
                    self.claim(item)
                case RemittanceHeader():
                    self.header(item)
                case _:
                    self.trailer(item)
        return count

    def _watched(self, runs: Iterator[Run], segments: PaymentSegments) -> Iterator[Run]:
        """Of a run the reader comes first, so that the findings come in the order of the text."""
        for run in runs:
            segments.note(run)
            yield run
            for plb in segments.taken_provider_adjustments():
                check_provider_adjustments(plb, self._report)

    def header(self, header: RemittanceHeader) -> None:
        segments = self._segments
        self._begin()
        self._segments = segments
        self._header = header
        if segments is None or not segments.is_ahead:
            self._check_payment(header)

    def claim(self, claim: ClaimPayment) -> None:
        check_claim_payment(claim, self._report)
        self._check_repetition(claim)
        self._check_correction(claim)
        if claim.interest:
            self._interest += claim.interest
            self._interest_place = self._interest_place or claim_place(claim)

    def trailer(self, trailer: RemittanceTrailer) -> None:
        """Of a payment that was cut off it is not known what it would come to."""
        header = self._header
        if header is None or trailer.segment is None:
            return
        if not self._is_payment_checked:
            self._check_payment(header)
        self._check_reversals()
        self._check_interest(trailer)
        bpr = Place(header.segment, header.offset, "BPR")
        if (
            self._segments is not None
            and self._segments.handling == "I"
            and not (trailer.claims or trailer.provider_adjustments)
        ):
            self._report.add(NOTHING_REMITTED, bpr, element=1)
        if trailer.difference:
            add_difference(self._report, PAYMENT_UNBALANCED, bpr, None, 2, trailer.difference)

    def _check_payment(self, header: RemittanceHeader) -> None:
        """Not of a text that was cut off ahead of the claims: what it would go on to say is not known."""
        self._is_payment_checked = True
        check_payment(header, self._segments or PaymentSegments(), self._report)

    def _check_repetition(self, claim: ClaimPayment) -> None:
        if claim.status_code != REVERSAL and claim.patient_control_number in self._reversals:
            return
        key = _key(claim)
        if key in self._claims:
            self._report.add(CLAIM_REPEATED, claim_place(claim), loop="2100", element=1)
        elif len(self._claims) < CLAIMS_REMEMBERED:
            self._claims.add(key)

    def _check_correction(self, claim: ClaimPayment) -> None:
        """A reversal comes before its correction (RFI 791, 2442): what came before it was the claim taken back."""
        reversals, number = self._reversals, claim.patient_control_number
        reversal = reversals.get(number) if reversals else None
        if claim.status_code == REVERSAL:
            if reversal is not None:
                reversal.charge += claim.charge
            elif len(reversals) < REVERSALS_REMEMBERED:
                reversals[number] = _Reversal(claim_place(claim), claim.payer_claim_number, claim.charge)
        elif reversal is not None:
            reversal.is_corrected = True
            reversal.is_replaced |= claim.frequency_code == _REPLACEMENT
            reversal.corrected_charge += claim.charge
            if claim.payer_claim_number != reversal.payer_claim_number and claim.original_claim_number is None:
                self._report.add(CORRECTION_UNLINKED, claim_place(claim), loop="2100", element=7)

    def _check_reversals(self) -> None:
        for reversal in self._reversals.values():
            difference = reversal.charge + reversal.corrected_charge
            if not reversal.is_corrected:
                self._report.add(REVERSAL_ALONE, reversal.place, loop="2100", element=2)
            elif difference and not reversal.is_replaced:
                add_difference(self._report, REVERSAL_CHARGE_DIFFERS, reversal.place, "2100", 3, difference)

    def _check_interest(self, trailer: RemittanceTrailer) -> None:
        """PLB takes away what is above zero: interest that is paid stands there below zero."""
        place = self._interest_place
        if place is None:
            return
        paid = -sum((one.amount for one in trailer.provider_adjustments if one.reason_code == _INTEREST), ZERO)
        if difference := self._interest - paid:
            add_difference(self._report, INTEREST_DIFFERS, place, "2100", None, difference)


def _key(claim: ClaimPayment) -> int:
    """Equal for claims that say the same but stand elsewhere."""
    lines = [
        (one.line_control_number, one.procedure_code, one.modifiers, one.charge, one.paid, one.first_date)
        for one in claim.services
    ]
    return hash(
        (
            claim.patient_control_number,
            claim.payer_claim_number,
            claim.status_code,
            claim.charge,
            claim.paid,
            claim.first_date,
            *lines,
        )
    )

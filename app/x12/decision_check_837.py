"""What the payers of a claim decided: who did, when, what is left to pay, and whose each 2430 is.

A payer decided when it carries an amount, a 2430, a date, an AMT*EAF or an MOA. One that was never billed says so by
AMT*A8 and carries nothing else (RFI 1353, 1999). A date and what is left to pay stand at one level only: at the lines
for a payer with lines, in 2320 and 2330B for one without (RFI 1391, 1517).
"""

from datetime import date
from decimal import Decimal
from typing import Final

from app.x12.claim_report_837 import ClaimReport
from app.x12.coordination_837 import LineDecision, StatedClaim, StatedPayer
from app.x12.elements import read_date, read_decimal, read_money, read_whole
from app.x12.rules_837 import (
    AVOIDED_AND_DECIDED,
    AVOIDED_DIFFERS,
    BUNDLED_INTO_NOTHING,
    BUNDLED_LINE_PAID,
    DATE_AT_TWO_LEVELS,
    DATE_MISSING,
    DECIDED_AFTER_CREATION,
    DECIDED_BEFORE_SERVICE,
    LATER_PAYER_DECIDED,
    LIABILITY_AT_TWO_LEVELS,
    LIABILITY_MISSING,
    LIABILITY_NEGATIVE,
    LINE_PAYER_UNKNOWN,
    PAID_MISSING,
    PAID_NEGATIVE,
    PAID_UNITS_NEGATIVE,
    PAYER_ID_REPEATED,
    PRIOR_PAYER_UNDECIDED,
)
from app.x12.segments import Segment

_NOTHING: Final = Decimal(0)


def check_decisions(claim: StatedClaim, report: ClaimReport) -> None:
    for payer in claim.payers:
        decided = payer.has_decided
        if payer.non_covered is not None:
            _check_never_billed(claim, payer, payer.non_covered, report)
        if decided:
            is_behind = _check_place_in_order(claim, payer, report)
            if payer.non_covered is None and (payer.has_amounts or payer.lines or not is_behind):
                _check_decision(claim, payer, report)
            _check_dates(claim, payer, report)
            _check_liability_amount(payer.liability, "2320", report)
        elif payer.non_covered is None and _is_ahead(claim, payer):
            report.add(PRIOR_PAYER_UNDECIDED, payer.sbr, loop="2320")
    _check_ids(claim, report)
    for line in claim.lines:
        for decision in line.decisions:
            _check_line_decision(claim, line.number, decision, report)


def _is_ahead(claim: StatedClaim, payer: StatedPayer) -> bool:
    asked, rank = claim.rank, payer.rank
    return asked is not None and rank is not None and rank < asked


def _check_place_in_order(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> bool:
    """Whether it comes after the payer that is asked."""
    asked, rank = claim.rank, payer.rank
    is_behind = asked is not None and rank is not None and rank > asked
    if is_behind:
        report.add(LATER_PAYER_DECIDED, payer.paid or payer.sbr, loop="2320")
    return is_behind


def _check_never_billed(claim: StatedClaim, payer: StatedPayer, non_covered: Segment, report: ClaimReport) -> None:
    amount = read_money(non_covered.get(2))
    if amount is not None and claim.charge is not None and amount != claim.charge:
        difference = claim.charge - amount
        message = f"{AVOIDED_DIFFERS.message} It is out by {difference:.2f}."
        report.add(AVOIDED_DIFFERS, non_covered, loop="2320", element=2, difference=difference, message=message)
    if payer.has_amounts or payer.lines or payer.date is not None or payer.moa is not None:
        report.add(AVOIDED_AND_DECIDED, non_covered, loop="2320", element=1)


def _check_decision(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> None:
    decisions = [one for on_line in payer.lines.values() for one in on_line]
    if payer.paid is None:
        report.add(PAID_MISSING, payer.sbr, loop="2320")
    elif payer.paid_amount is not None and payer.paid_amount < 0:
        report.add(PAID_NEGATIVE, payer.paid, loop="2320", element=2)
    if payer.shares_id or (claim.has_strangers and not decisions):
        return  # a 2430 that is nobody's may be this payer's: its SVD01 is reported instead
    _check_liability(payer, decisions, report)
    if payer.date is not None and any(one.date is not None for one in decisions):
        report.add(DATE_AT_TWO_LEVELS, payer.date, loop="2330B")
    elif payer.date is None and not decisions:  # in 2430 the guide requires it: that is structure
        report.add(DATE_MISSING, payer.name or payer.sbr, loop="2330B" if payer.name else "2320")


def _check_liability(payer: StatedPayer, decisions: list[LineDecision], report: ClaimReport) -> None:
    without = [one for one in decisions if one.liability is None]
    on_lines = len(without) < len(decisions)
    if payer.liability is not None:
        if on_lines:
            report.add(LIABILITY_AT_TWO_LEVELS, payer.liability, loop="2320", element=1)
    elif without:
        for one in without if on_lines else without[:1]:
            report.add(LIABILITY_MISSING, one.svd, loop="2430")
    elif not decisions:
        report.add(LIABILITY_MISSING, payer.paid or payer.sbr, loop="2320")


def _check_liability_amount(liability: Segment | None, loop: str, report: ClaimReport) -> None:
    amount = None if liability is None else read_money(liability.get(2))
    if amount is not None and amount < _NOTHING:
        report.add(LIABILITY_NEGATIVE, liability, loop=loop, element=2)


def _check_dates(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> None:
    created = claim.created
    if payer.date is not None:
        last_days = [line.last_day for line in claim.lines if line.last_day is not None]
        _check_date(payer.date, max(last_days, default=None), created, report, "2330B")
    if payer.shares_id:
        return
    for position, decisions in payer.lines.items():
        for decision in decisions:
            if decision.date is not None:
                _check_date(decision.date, claim.lines[position].last_day, created, report, "2430")


def _check_date(dtp: Segment, last_day: date | None, created: date | None, report: ClaimReport, loop: str) -> None:
    decided = read_date(dtp.get(3)) if dtp.get(2) == "D8" else None
    if decided is None:
        return
    if last_day is not None and decided < last_day:
        report.add(DECIDED_BEFORE_SERVICE, dtp, loop=loop, element=3)
    if created is not None and decided > created:
        report.add(DECIDED_AFTER_CREATION, dtp, loop=loop, element=3)


def _check_ids(claim: StatedClaim, report: ClaimReport) -> None:
    """Reported at each payer but the first that has the id."""
    met: set[str] = set()
    for payer in claim.payers:
        if payer.shares_id:
            if payer.payer_id in met:
                report.add(PAYER_ID_REPEATED, payer.name, loop="2330B", element=9)
            met.add(payer.payer_id)


def _check_line_decision(claim: StatedClaim, number: int | None, decision: LineDecision, report: ClaimReport) -> None:
    svd = decision.svd
    named = [payer.payer_id for payer in claim.payers]
    if decision.payer_id and decision.payer_id not in named and "" not in named and not claim.is_torn:
        report.add(LINE_PAYER_UNKNOWN, svd, loop="2430", element=1)
    if decision.paid is not None and decision.paid < _NOTHING:
        report.add(PAID_NEGATIVE, svd, loop="2430", element=2)
    _check_liability_amount(decision.liability, "2430", report)
    units = read_decimal(svd.get(5))
    if units is not None and units < _NOTHING:
        report.add(PAID_UNITS_NEGATIVE, svd, loop="2430", element=5)
    if into_text := svd.get(6):
        into = read_whole(into_text)
        if into is None or into == number or all(line.number != into for line in claim.lines):
            report.add(BUNDLED_INTO_NOTHING, svd, loop="2430", element=6)
        elif decision.paid:
            report.add(BUNDLED_LINE_PAID, svd, loop="2430", element=2)

"""Whether the money of a claim adds up, for each of its payers on its own (005010X222A1, 1.4.4; RFI 1555, 2143).

    the claim   CLM02 = sum of SV102
    a line      SV102 = sum of SVD02 + sum of the CAS in 2430, over all services of the payer on the line
    lines       AMT*D = sum of SVD02 - sum of the CAS in 2320
    no lines    CLM02 = AMT*D + sum of the CAS in 2320

AMT*EAF takes no part (RFI 985, 1521). A payer that only is named, without amounts, has nothing to add up.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from app.x12.claim_report_837 import ClaimReport
from app.x12.coordination_837 import LineDecision, StatedClaim, StatedLine, StatedPayer
from app.x12.elements import read_money
from app.x12.findings import Placed
from app.x12.rules import Rule
from app.x12.rules_837 import (
    CHARGE_NOT_OF_LINES,
    CLAIM_UNBALANCED,
    DOLLAR_AT_TWO_LEVELS,
    LINE_UNBALANCED,
    LINE_UNDECIDED,
    PAID_NOT_OF_LINES,
    SAME_AT_TWO_LEVELS,
)

_NOTHING: Final = Decimal(0)


def check_balance(claim: StatedClaim, report: ClaimReport) -> None:
    _check_charge(claim, report)
    for payer in claim.payers:
        if payer.shares_id:
            continue  # whose the lines are is not known; that is reported
        if payer.lines:
            balances = _check_lines(claim, payer, report)
            balances &= _check_paid(claim, payer, report)
            _check_levels(payer, report, balances=balances)
        elif payer.paid is not None and not claim.has_strangers and not _was_never_billed(claim, payer):
            _check_claim(claim, payer, report)


def _was_never_billed(claim: StatedClaim, payer: StatedPayer) -> bool:
    """AMT*A8 explains the whole charge: what else stands there is reported as such."""
    return (
        payer.non_covered is not None
        and claim.charge is not None
        and read_money(payer.non_covered.get(2)) == claim.charge
    )


def _check_charge(claim: StatedClaim, report: ClaimReport) -> None:
    charged = _NOTHING
    for line in claim.lines:
        if line.charge is None:
            return
        charged += line.charge
    if claim.lines and claim.charge is not None and claim.charge != charged:
        _add(report, CHARGE_NOT_OF_LINES, claim.clm, "2300", 2, claim.charge - charged)


def _check_lines(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> bool:
    balances = True
    for position, line in enumerate(claim.lines):
        if line.charge is None or any(decision.is_torn for decision in line.decisions):
            continue
        decisions = payer.lines.get(position)
        if decisions is None:
            # A 2430 of nobody may be this payer's: its SVD01 is reported instead.
            if line.charge and not claim.has_strangers:
                _add(report, LINE_UNDECIDED, line.sv1, "2400", 2, line.charge)
                balances = False
            continue
        explained = _explained(decisions)
        if explained is not None and explained not in {line.charge, _without_strangers(line)}:
            _add(report, LINE_UNBALANCED, decisions[0].svd, "2430", 2, line.charge - explained)
            balances = False
    return balances


def _without_strangers(line: StatedLine) -> Decimal | None:
    """What a payer explains whose the 2430 of nobody are: their SVD01 is reported instead."""
    strangers = _explained(line.strangers)
    return None if strangers is None or line.charge is None else line.charge - strangers


def _explained(decisions: list[LineDecision]) -> Decimal | None:
    total = _NOTHING
    for decision in decisions:
        explained = decision.explained
        if explained is None:
            return None
        total += explained
    return total


def _check_paid(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> bool:
    if payer.paid_amount is None or payer.adjustments.total is None or claim.has_strangers:
        return True
    if any(line.charge and position not in payer.lines for position, line in enumerate(claim.lines)):
        return False  # a line is undecided, which is reported: what was paid on it is not known
    paid = -payer.adjustments.total
    for decisions in payer.lines.values():
        for decision in decisions:
            if decision.paid is None:
                return True
            paid += decision.paid
    if paid == payer.paid_amount:
        return True
    _add(report, PAID_NOT_OF_LINES, payer.paid, "2320", 2, paid - payer.paid_amount)
    return False


def _check_claim(claim: StatedClaim, payer: StatedPayer, report: ClaimReport) -> None:
    if claim.charge is None or payer.paid_amount is None or payer.adjustments.total is None:
        return
    difference = claim.charge - payer.paid_amount - payer.adjustments.total
    if difference:
        _add(report, CLAIM_UNBALANCED, payer.paid, "2320", 2, difference)


def _check_levels(payer: StatedPayer, report: ClaimReport, *, balances: bool) -> None:
    """An amount of 2320 that one line has too, or all lines together."""
    if not payer.adjustments.triplets:
        return
    together: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    single: set[tuple[str, str, Decimal]] = set()
    for decisions in payer.lines.values():
        for decision in decisions:
            for one in decision.adjustments.triplets:
                if one.amount is not None:
                    together[one.group, one.reason] += one.amount
                    single.add((one.group, one.reason, one.amount))
    rule = SAME_AT_TWO_LEVELS if balances else DOLLAR_AT_TWO_LEVELS
    for one in payer.adjustments.triplets:
        if not one.amount:
            continue
        if one.amount == together.get((one.group, one.reason)) or (one.group, one.reason, one.amount) in single:
            report.add(rule, one.cas, loop="2320", element=one.position + 1)


def _add(report: ClaimReport, rule: Rule, at: Placed | None, loop: str, element: int, difference: Decimal) -> None:
    message = f"{rule.message} It is out by {difference:.2f}."
    report.add(rule, at, loop=loop, element=element, difference=difference, message=message)

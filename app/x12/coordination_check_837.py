"""Check a professional claim beyond its structure, ours or anybody's: coordination of benefits and what else a
clearinghouse refuses (`rules_837`, `claim_rules_837`).

It judges the loops of one claim as they are; nothing is repaired, and what cannot be read is left to the structural
check (`structure`). No text makes it raise.
"""

from app.x12.adjustment_check_837 import check_adjustments
from app.x12.balance_check_837 import check_balance
from app.x12.claim_check_837 import check_claim_itself, check_npis
from app.x12.claim_report_837 import ClaimReport
from app.x12.claim_rules_837 import CONTROL_NUMBER_REPEATED
from app.x12.coordination_837 import StatedClaim, is_bare, state_claim
from app.x12.decision_check_837 import check_decisions
from app.x12.findings import Report
from app.x12.loops import Loop
from app.x12.payer_order_check_837 import check_payer_order


class ClaimChecker:
    """Checks the claims of one file, in their order: a control number that stands twice shows only there.

    The billing provider of many claims is checked with the first one.
    """

    def __init__(self, report: Report) -> None:
        self._report = ClaimReport(report)
        self._control_numbers: set[str] = set()
        self._billing: Loop | None = None

    def check(self, claim: Loop) -> None:
        """`claim` is a 2300 with its ancestors, as `structure.read_units` hands it out."""
        if is_bare(claim):
            return
        self._report.begin(claim)
        stated = state_claim(claim)
        self._check_billing(claim)
        self._check_control_number(stated)
        check_claim_itself(stated, self._report)
        check_payer_order(stated, self._report)
        check_decisions(stated, self._report)
        check_adjustments(stated, self._report)
        check_balance(stated, self._report)

    def _check_billing(self, claim: Loop) -> None:
        billing = claim.above("2000A")
        if billing is None or billing is self._billing:
            return
        self._billing = billing
        for loop in billing.below("2010AA", "2010AB", "2010AC"):
            check_npis(loop, self._report)

    def _check_control_number(self, claim: StatedClaim) -> None:
        number = "" if claim.clm is None else claim.clm.get(1)
        if number in self._control_numbers:
            self._report.add(CONTROL_NUMBER_REPEATED, claim.clm, loop="2300", element=1)
        if number:
            self._control_numbers.add(number)


def check_claim(claim: Loop, report: Report) -> None:
    """One claim alone."""
    ClaimChecker(report).check(claim)

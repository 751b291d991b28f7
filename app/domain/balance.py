"""Whether a payer's decision adds up to the charge, to the cent, as the next payer will look at it.

Per payer (005010X222A1, balancing of 2320 and 2430; RFI 1555):

    a line     SV102 = sum of SVD02 + sum of the CAS in 2430, over all its services
    the claim  AMT*D = sum of SVD02 - sum of the CAS in 2320
    no lines   CLM02 = AMT*D + sum of the CAS in 2320

CLM02 is the sum of the lines always, and each dollar stands at one level only. AMT*EAF takes no part (RFI 1521).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.domain.adjudications import Adjustment, AdjustmentGroup, Decision, LineDecision, responsibility_in
from app.domain.adjustments import adjusted, adjustment_findings, merged
from app.domain.claim_outcomes import by_line
from app.domain.denial_reasons import PAID_TO_PATIENT
from app.domain.findings import Finding
from app.domain.money import ZERO, total
from app.domain.service_lines import ServiceLine


@dataclass(frozen=True, kw_only=True)
class LineBalance:
    """One billed line before one payer. `number` is its LX. `difference` is what is left of the charge unexplained;
    below zero when paid and adjustments are more than the charge.
    """

    line_id: UUID
    number: int
    is_decided: bool
    charge: Decimal
    paid: Decimal
    adjustments: Decimal
    patient_responsibility: Decimal
    remaining_liability: Decimal
    difference: Decimal


@dataclass(frozen=True, kw_only=True)
class ClaimBalance:
    """The claim before one payer. `adjustments` are those at claim level, `lines_paid` and `line_adjustments` the sums
    of the lines. `difference` is what is left of the whole charge; `paid_difference` what the lines' payments, less the
    claim's adjustments, are more than AMT*D, and zero where the payer decided no lines.
    """

    charge: Decimal
    paid: Decimal
    adjustments: Decimal
    lines_paid: Decimal
    line_adjustments: Decimal
    patient_responsibility: Decimal
    remaining_liability: Decimal
    difference: Decimal
    paid_difference: Decimal


@dataclass(frozen=True, kw_only=True)
class BalanceTable:
    """One payer's decision, added up. Without `lines` the payer decided at claim level only."""

    lines: tuple[LineBalance, ...]
    claim: ClaimBalance

    @property
    def is_balanced(self) -> bool:
        claim = self.claim
        return not claim.difference and not claim.paid_difference and not any(line.difference for line in self.lines)


def balance_of(decision: Decision, lines: Sequence[ServiceLine]) -> BalanceTable:
    rows = _line_rows(decision, lines) if decision.lines else ()
    charge = total(line.charge for line in lines)
    at_claim = adjusted(decision.adjustments)
    lines_paid = total(one.paid for one in decision.lines)
    line_adjustments = total(adjusted(one.adjustments) for one in decision.lines)
    return BalanceTable(
        lines=rows,
        claim=ClaimBalance(
            charge=charge,
            paid=decision.paid,
            adjustments=at_claim,
            lines_paid=lines_paid,
            line_adjustments=line_adjustments,
            patient_responsibility=decision.patient_responsibility,
            remaining_liability=_claim_liability(decision),
            difference=charge - decision.paid - at_claim - line_adjustments,
            paid_difference=lines_paid - at_claim - decision.paid if decision.lines else ZERO,
        ),
    )


def amount_asked(charge: Decimal, decisions: Sequence[Decision]) -> Decimal:
    """What is left to the next payer, for display; the claim itself always says the charge (domain rule C2).

    The responsibility that the last payer left to the patient, without what it paid to the patient (PR-100).
    """
    if not decisions:
        return charge
    return responsibility_in(one for one in decisions[-1].all_adjustments if one.reason_code != PAID_TO_PATIENT)


def balance_findings(
    table: BalanceTable,
    decision: Decision,
    *,
    payer_index: int = 0,
    pointer_prefix: str = "",
    lines_needed: bool = False,
) -> tuple[Finding, ...]:
    """Everything that keeps this decision from going into a claim, with payer, line, level and cents.

    `pointer_prefix` is where the decision stands, `payer_index` its position among the earlier payers, from 0.
    `lines_needed`: the next payer takes no totals at claim level. A table without an error here is balanced.
    """
    payer = f"Earlier payer {payer_index + 1}"
    return (
        *_balance_of_lines(table, decision, payer, pointer_prefix),
        *_balance_of_claim(table, payer, pointer_prefix, lines_needed=lines_needed),
        *_amounts_at_both_levels(decision, payer, pointer_prefix),
        *_cas_findings(decision, payer, pointer_prefix),
    )


def _line_rows(decision: Decision, lines: Sequence[ServiceLine]) -> tuple[LineBalance, ...]:
    services = by_line(decision)
    return tuple(_line_row(number, line, services.get(line.id, ())) for number, line in enumerate(lines, start=1))


def _line_row(number: int, line: ServiceLine, services: Sequence[LineDecision]) -> LineBalance:
    paid = total(one.paid for one in services)
    adjustments = total(adjusted(one.adjustments) for one in services)
    return LineBalance(
        line_id=line.id,
        number=number,
        is_decided=bool(services),
        charge=line.charge,
        paid=paid,
        adjustments=adjustments,
        patient_responsibility=total(responsibility_in(one.adjustments) for one in services),
        remaining_liability=total(map(_liability, services)),
        difference=line.charge - paid - adjustments,
    )


def _liability(level: Decision | LineDecision) -> Decimal:
    if level.remaining_liability is not None:
        return level.remaining_liability
    return responsibility_in(level.adjustments)


def _claim_liability(decision: Decision) -> Decimal:
    if decision.remaining_liability is not None:
        return decision.remaining_liability
    return _liability(decision) + total(map(_liability, decision.lines))


def _balance_of_lines(table: BalanceTable, decision: Decision, payer: str, prefix: str) -> list[Finding]:
    findings: list[Finding] = []
    for row in table.lines:
        if not row.is_decided:
            findings.append(
                Finding(
                    code="line_undecided",
                    message=f"{payer} has not decided line {row.number}.",
                    pointer=f"{prefix}/lines",
                    location="2430",
                )
            )
        elif row.difference:
            index = next(index for index, one in enumerate(decision.lines) if one.line_id == row.line_id)
            findings.append(
                Finding(
                    code="line_out_of_balance",
                    message=f"{payer}, line {row.number}: paid and adjustments are {_against_charge(row.difference)}.",
                    pointer=f"{prefix}/lines/{index}",
                    location="2430 CAS",
                )
            )
    return findings


def _balance_of_claim(table: BalanceTable, payer: str, prefix: str, *, lines_needed: bool) -> list[Finding]:
    claim = table.claim
    findings: list[Finding] = []
    if claim.paid_difference:
        side = "less" if claim.paid_difference > 0 else "more"
        findings.append(
            Finding(
                code="paid_differs_from_lines",
                message=f"{payer}, claim: the amount paid is {abs(claim.paid_difference):.2f} {side} than the lines' "
                "payments less the adjustments at claim level.",
                pointer=f"{prefix}/paid",
                location="2320 AMT*D",
            )
        )
    # With lines, the claim follows from its lines and its paid amount; it is out by itself only where there are none.
    is_named = claim.paid_difference or any(row.difference for row in table.lines)
    if claim.difference and not is_named:
        findings.append(
            Finding(
                code="claim_out_of_balance",
                message=f"{payer}, claim: paid and adjustments are {_against_charge(claim.difference)}.",
                pointer=f"{prefix}/paid",
                location="2320 CAS",
            )
        )
    if lines_needed and not table.lines:
        findings.append(
            Finding(
                code="lines_required",
                message=f"{payer}: the next payer wants the decision for each line, and it stands at claim level only.",
                pointer=f"{prefix}/lines",
                location="2430",
            )
        )
    return findings


def _amounts_at_both_levels(decision: Decision, payer: str, prefix: str) -> list[Finding]:
    """What stands twice as it was entered, or as it is sent: those of one group and reason as one."""
    sent = {(one.group, one.reason_code): one for one in merged(decision.adjustments)}
    return [
        Finding(
            code="amount_at_both_levels",
            message=f"{payer}: the same amount and reason stand at claim level and on the lines; a dollar stands once.",
            pointer=f"{prefix}/adjustments/{index}",
            location="2320 CAS",
        )
        for index, one in enumerate(decision.adjustments)
        if stands_on_lines(one, decision) or stands_on_lines(sent[one.group, one.reason_code], decision)
    ]


def stands_on_lines(adjustment: Adjustment, decision: Decision) -> bool:
    """The same group, reason and amount on a line, or spread over the lines. Nothing at all stands nowhere."""
    amounts: set[Decimal] = set()
    on_lines = ZERO
    for line in decision.lines:
        same = [one.amount for one in line.adjustments if _is_same_pair(one, adjustment)]
        on_lines += total(same)
        amounts |= {*same, total(same)}
    return bool(adjustment.amount) and adjustment.amount in {*amounts, on_lines}


def _is_same_pair(one: Adjustment, other: Adjustment) -> bool:
    return (one.group, one.reason_code) == (other.group, other.reason_code)


def _cas_findings(decision: Decision, payer: str, prefix: str) -> list[Finding]:
    levels = [(decision.adjustments, f"{prefix}/adjustments", f"{payer}, claim", "2320 CAS")]
    levels += [
        (one.adjustments, f"{prefix}/lines/{index}/adjustments", f"{payer}, decided service {index + 1}", "2430 CAS")
        for index, one in enumerate(decision.lines)
    ]
    findings: list[Finding] = []
    for adjustments, pointer, place, location in levels:
        findings += adjustment_findings(adjustments, pointer=pointer, location=location)
        findings += [
            Finding(
                code="adjustment_reason_missing",
                message=f"{place}: patient responsibility is not split into deductible, coinsurance and copay.",
                pointer=f"{pointer}/{index}",
                location=location,
            )
            for index, one in enumerate(adjustments)
            if one.reason_code is None and one.group is AdjustmentGroup.PATIENT_RESPONSIBILITY
        ]
    return findings


def _against_charge(difference: Decimal) -> str:
    return f"{abs(difference):.2f} {'less' if difference > 0 else 'more'} than the charge"

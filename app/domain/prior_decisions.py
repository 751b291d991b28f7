"""An earlier payer's decision as the claim to a later one carries it: loops 2320, 2330B and 2430.

Nothing is computed but what the decision leaves to be read from the bill: a service that names no procedure or units was
adjudicated as billed. Whether the amounts add up is asked elsewhere.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.domain.adjudications import Decision, LineDecision, responsibility_in
from app.domain.adjustments import condensed
from app.domain.findings import Finding
from app.domain.money import ZERO, total
from app.domain.professional_claims import PriorDecision, PriorLine
from app.domain.service_lines import ServiceLine

_HCPCS: Final = "HC"
"""What SVD03-1 says of every procedure."""


def prior_decision(
    decision: Decision, *, billed: Sequence[ServiceLine], line_numbers: Mapping[UUID, int], pointer: str
) -> tuple[PriorDecision, tuple[Finding, ...]]:
    """`billed` are the lines of the claim that was decided, `line_numbers` the LX of each on the claim being made. A
    service on a line that the claim does not have is left out, and is a finding below `pointer`.
    """
    by_id = {line.id: line for line in billed}
    at_claim = liability_stands_at_claim(decision)
    lines: list[PriorLine] = []
    findings: list[Finding] = []
    for position, one in enumerate(decision.lines):
        place = f"{pointer}/lines/{position}"
        number, line = line_numbers.get(one.line_id), by_id.get(one.line_id)
        if number is None or line is None:
            findings.append(_unknown(f"{place}/line_id", "2430 SVD"))
            continue
        if one.procedure_qualifier != _HCPCS:
            findings.append(
                Finding(
                    code="procedure_qualifier",
                    message="A claim cannot say a procedure of this code set.",
                    pointer=f"{place}/procedure_qualifier",
                    location="2430 SVD03-1",
                )
            )
        into = one.bundled_into_line_id
        if into is not None and into not in line_numbers:
            findings.append(_unknown(f"{place}/bundled_into_line_id", "2430 SVD06"))
        lines.append(
            PriorLine(
                line_number=number,
                paid=one.paid,
                procedure_code=one.procedure_code or line.procedure_code,
                modifiers=line.modifiers if one.procedure_code is None and not one.modifiers else one.modifiers,
                units=line.units if one.units is None else one.units,
                bundled_into=None if into is None else line_numbers.get(into),
                adjustments=condensed(one.adjustments),
                adjudication_date=decision.adjudication_date,
                remaining_liability=None if at_claim else _line_liability(one),
            )
        )
    prior = PriorDecision(
        paid=decision.paid,
        adjustments=condensed(decision.adjustments),
        remaining_liability=_claim_liability(decision) if at_claim else None,
        # DTP*573 stands once for a payer: in each of its 2430, or in 2330B when it has none.
        adjudication_date=None if lines else decision.adjudication_date,
        remark_codes=decision.remark_codes,
        lines=tuple(lines),
    )
    return prior, tuple(findings)


def liability_stands_at_claim(decision: Decision) -> bool:
    """Where AMT*EAF stands: at the lines when they carry the patient's responsibility, at the claim when its own CAS
    does, never at both (RFI 1391; domain rule C6). A figure that a person gave for the claim alone, and that is not the
    sum of the lines', stays there.
    """
    if not decision.lines or responsibility_in(decision.adjustments):
        return True
    stated = decision.remaining_liability
    if stated is None or any(one.remaining_liability is not None for one in decision.lines):
        return False
    return stated != total(map(_line_liability, decision.lines))


def _line_liability(one: LineDecision) -> Decimal:
    return one.remaining_liability if one.remaining_liability is not None else responsibility_in(one.adjustments)


def _claim_liability(decision: Decision) -> Decimal:
    if decision.remaining_liability is not None:
        return decision.remaining_liability
    return responsibility_in(decision.adjustments) + sum(map(_line_liability, decision.lines), ZERO)


def _unknown(pointer: str, location: str) -> Finding:
    return Finding(code="line_unknown", message="The claim has no such line.", pointer=pointer, location=location)

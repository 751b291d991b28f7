"""What is refused when a decision is entered: what no claim can carry, or what no payer can have decided.

That the amounts do not add up is no reason to refuse: it is kept, shown with its cents, and keeps the next claim from
going out (`balance.py`). Pointers are relative to the decision.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from app.domain.adjudications import Decision, LineDecision, responsibility_in
from app.domain.adjustments import adjustment_findings, amount_invalid, amount_negative, is_quantity, is_remark_code
from app.domain.findings import Finding
from app.domain.money import is_money, total
from app.domain.service_lines import MOST_MODIFIERS, ServiceLine

PROCEDURE_QUALIFIERS: Final = frozenset({"ER", "HC", "IV", "WK"})
"""What SVD03-1 can say; SVC01 of an 835 knows more."""
MOST_SERVICES: Final = 15
"""2430 loops of one line."""
MOST_CLAIM_REMARKS: Final = 5
"""MOA03 to 07."""
MOST_LINE_REMARKS: Final = 99

_PROCEDURE = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_CLAIM_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9 !\"&'()+,\-./;?=]{0,48}[A-Z0-9])?", re.ASCII)


def check_decision(
    decision: Decision, *, lines: Sequence[ServiceLine], last_service_date: date, today: date
) -> tuple[Finding, ...]:
    """Everything that is refused when a person enters it (domain rule B2 for the date)."""
    return (
        *_check_date(decision, last_service_date=last_service_date, today=today),
        *check_content(decision, lines),
        *_check_repeated(decision),
    )


def check_content(decision: Decision, lines: Sequence[ServiceLine]) -> tuple[Finding, ...]:
    """What a claim to the next payer cannot carry, whoever said it."""
    findings = [*_check_claim(decision)]
    known = {line.id for line in lines}
    bundled = {one.line_id for one in decision.lines if one.bundled_into_line_id is not None}
    counts: dict[UUID, int] = {}
    for index, one in enumerate(decision.lines):
        pointer = f"/lines/{index}"
        findings += _check_service(one, pointer)
        findings += _check_places(one, pointer, known=known, bundled=bundled)
        counts[one.line_id] = counts.get(one.line_id, 0) + 1
        if counts[one.line_id] == MOST_SERVICES + 1:
            findings.append(
                Finding(
                    code="too_many_services",
                    message="A line has room for 15 adjudicated services.",
                    pointer=pointer,
                    location="2430",
                )
            )
    return tuple(findings)


def _check_date(decision: Decision, *, last_service_date: date, today: date) -> list[Finding]:
    if decision.adjudication_date < last_service_date:
        code, message = "adjudication_before_service", "The payer decided before the last service."
    elif decision.adjudication_date > today:
        code, message = "adjudication_in_future", "The payer's decision is in the future."
    else:
        return []
    return [Finding(code=code, message=message, pointer="/adjudication_date", location="DTP*573")]


def _check_claim(decision: Decision) -> list[Finding]:
    findings: list[Finding] = []
    if not is_money(decision.paid):
        findings.append(amount_invalid("/paid", "2320 AMT*D"))
    elif decision.paid < 0:
        findings.append(amount_negative("/paid", "2320 AMT*D"))
    findings += adjustment_findings(decision.adjustments, pointer="/adjustments", location="2320 CAS")
    findings += _check_remarks(decision.remark_codes, "/remark_codes", most=MOST_CLAIM_REMARKS, location="2320 MOA")
    findings += _check_liability(decision, "")
    findings += _check_liability_levels(decision)
    number = decision.payer_claim_number
    if number is not None and _CLAIM_NUMBER.fullmatch(number) is None:
        findings.append(
            Finding(
                code="payer_claim_number_format",
                message="A payer's claim number has 1 to 50 characters: A-Z, 0-9, space and punctuation.",
                pointer="/payer_claim_number",
                location="2330B REF*F8",
            )
        )
    return findings


def _check_service(one: LineDecision, pointer: str) -> list[Finding]:
    findings: list[Finding] = []
    if not is_money(one.paid):
        findings.append(amount_invalid(f"{pointer}/paid", "2430 SVD02"))
    elif one.paid < 0:
        findings.append(amount_negative(f"{pointer}/paid", "2430 SVD02"))
    findings += adjustment_findings(one.adjustments, pointer=f"{pointer}/adjustments", location="2430 CAS")
    findings += _check_remarks(one.remark_codes, f"{pointer}/remark_codes", most=MOST_LINE_REMARKS, location="2430")
    findings += _check_liability(one, pointer)
    if one.units is not None and (not is_quantity(one.units) or one.units < 0):
        findings.append(
            Finding(
                code="units_format",
                message="Units have at most 8 digits, of them 3 after the point.",
                pointer=f"{pointer}/units",
                location="2430 SVD05",
            )
        )
    findings += _check_procedure(one, pointer)
    return findings


def _check_procedure(one: LineDecision, pointer: str) -> list[Finding]:
    findings: list[Finding] = []
    if one.procedure_qualifier not in PROCEDURE_QUALIFIERS:
        findings.append(
            Finding(
                code="procedure_qualifier",
                message="A claim cannot say a procedure of this code set.",
                pointer=f"{pointer}/procedure_qualifier",
                location="2430 SVD03-1",
            )
        )
    if one.procedure_code is not None and _PROCEDURE.fullmatch(one.procedure_code) is None:
        findings.append(
            Finding(
                code="procedure_code_format",
                message="A procedure code has five letters and digits.",
                pointer=f"{pointer}/procedure_code",
                location="2430 SVD03-2",
            )
        )
    if one.procedure_code is None and one.modifiers:
        findings.append(
            Finding(
                code="procedure_code_required",
                message="Modifiers go with the procedure that was adjudicated; without both it is as billed.",
                pointer=f"{pointer}/procedure_code",
                location="2430 SVD03-2",
            )
        )
    if len(one.modifiers) > MOST_MODIFIERS or not all(map(_MODIFIER.fullmatch, one.modifiers)):
        findings.append(
            Finding(
                code="modifier_format",
                message="There are at most four modifiers, each of two letters and digits.",
                pointer=f"{pointer}/modifiers",
                location="2430 SVD03",
            )
        )
    return findings


def _check_places(one: LineDecision, pointer: str, *, known: set[UUID], bundled: set[UUID]) -> list[Finding]:
    """That the line is one of the claim's, and that what it was bundled into is another one (SVD06)."""
    findings: list[Finding] = []
    if one.line_id not in known:
        findings.append(
            Finding(code="line_unknown", message="The claim has no such line.", pointer=f"{pointer}/line_id")
        )
    into = one.bundled_into_line_id
    if into is None:
        return findings
    if into not in known or into == one.line_id or into in bundled:
        findings.append(
            Finding(
                code="bundled_into_line",
                message="A line is bundled into another line of the claim, which is not bundled itself.",
                pointer=f"{pointer}/bundled_into_line_id",
                location="2430 SVD06",
            )
        )
    if one.paid != 0:
        findings.append(
            Finding(
                code="bundled_line_paid",
                message="A bundled line is paid 0; its payment stands on the other line.",
                pointer=f"{pointer}/paid",
                location="2430 SVD02",
            )
        )
    return findings


def _check_remarks(codes: Sequence[str], pointer: str, *, most: int, location: str) -> list[Finding]:
    findings = [
        Finding(
            code="remark_code_format",
            message="A remark code (RARC) has one or two letters and up to four digits.",
            pointer=f"{pointer}/{index}",
            location=location,
        )
        for index, code in enumerate(codes)
        if not is_remark_code(code)
    ]
    if len(codes) > most:
        findings.append(
            Finding(
                code="too_many_remarks",
                message=f"There is room for {most} remark codes here.",
                pointer=pointer,
                location=location,
            )
        )
    return findings


def _check_liability(level: Decision | LineDecision, pointer: str) -> list[Finding]:
    amount, place = level.remaining_liability, f"{pointer}/remaining_liability"
    if amount is None:
        return []
    if not is_money(amount):
        return [amount_invalid(place, "AMT*EAF")]
    return [amount_negative(place, "AMT*EAF")] if amount < 0 else []


def _check_liability_levels(decision: Decision) -> list[Finding]:
    """A claim says it at one level (domain rule C6): of two that differ one would be left out unseen."""
    stated = decision.remaining_liability
    if stated is None or all(one.remaining_liability is None for one in decision.lines):
        return []
    on_lines = [
        responsibility_in(one.adjustments) if one.remaining_liability is None else one.remaining_liability
        for one in decision.lines
    ]
    amounts = [stated, *on_lines, responsibility_in(decision.adjustments)]
    is_one_sum = stated == total(amounts[1:])
    if is_one_sum or not all(is_money(amount) and amount >= 0 for amount in amounts):
        return []
    return [
        Finding(
            code="liability_at_two_levels",
            message="What is left to pay is stated for the claim and for its lines, and the two differ.",
            pointer="/remaining_liability",
            location="2320 AMT*EAF",
        )
    ]


def _check_repeated(decision: Decision) -> list[Finding]:
    """A line may be decided in several parts; the same part typed twice is a slip."""
    return [
        Finding(
            code="line_repeated",
            message="The same decision on a line stands here twice.",
            pointer=f"/lines/{index}",
            location="2430",
        )
        for index, one in enumerate(decision.lines)
        if one in decision.lines[:index]
    ]

"""The claim itself and its lines: CLM, REF, HI, SV1, REF*6R, and the NPI of everybody in it."""

from typing import Final

from app.domain.identifiers import is_npi
from app.x12.claim_report_837 import ClaimReport
from app.x12.claim_rules_837 import (
    ATTACHMENT_NUMBER_MISSING,
    CONTROL_NUMBER_LONG,
    CONTROL_NUMBER_TOO_LONG,
    DIAGNOSIS_POINT,
    DIAGNOSIS_REPEATED,
    FREQUENCY_UNKNOWN,
    LINE_CONTROL_NUMBER_REPEATED,
    LINE_CONTROL_NUMBER_TOO_LONG,
    NPI_INVALID,
    PAYER_CLAIM_NUMBER_MISSING,
    PAYER_CLAIM_NUMBER_REFUSED,
    POINTER_UNKNOWN,
    UNITS_NOT_POSITIVE,
)
from app.x12.coordination_837 import StatedClaim, StatedLine
from app.x12.elements import read_decimal, read_whole
from app.x12.loops import Loop
from app.x12.rules_837 import CHARGE_NEGATIVE, CLAIM_CHARGE_ZERO
from app.x12.segments import Segment

_LONGEST_CONTROL_NUMBER: Final = 20
_SAFE_CONTROL_NUMBER: Final = 17
_LONGEST_LINE_CONTROL_NUMBER: Final = 30
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "BK", "BF"})
"""HI qualifiers of ICD-10-CM and of ICD-9-CM; BP and BG stand for other things."""
_SENT: Final = frozenset({"BM", "EL", "EM", "FT", "FX"})
"""PWK02: by mail, electronically, by e-mail, by file transfer, by fax; AA is available on request."""


def check_claim_itself(claim: StatedClaim, report: ClaimReport) -> None:
    if claim.clm is not None:
        _check_clm(claim, claim.clm, report)
    diagnoses = _check_diagnoses(claim, report)
    control_numbers: set[str] = set()
    _check_attachments(claim.unit, report)
    for loop in claim.unit.below("2400"):
        _check_attachments(loop, report)
    for line in claim.lines:
        if line.sv1 is not None:
            _check_service(line, line.sv1, diagnoses, report)
        if line.control_number is not None:
            _check_line_control_number(line.control_number, control_numbers, report)
    check_npis(claim.unit, report)


def check_npis(loop: Loop, report: ClaimReport) -> None:
    """Every NM109 under XX in the loop and below it."""
    for segment in loop.segments[:1]:  # an NM1 begins its loop
        if segment.elements[0] == "NM1" and segment.get(8) == "XX" and not is_npi(segment.get(9)):
            report.add(NPI_INVALID, segment, loop=loop.id, element=9)
    for below in loop.loops:
        check_npis(below, report)


def _check_clm(claim: StatedClaim, clm: Segment, report: ClaimReport) -> None:
    control_number = clm.get(1)
    if len(control_number) > _LONGEST_CONTROL_NUMBER:
        report.add(CONTROL_NUMBER_TOO_LONG, clm, loop="2300", element=1)
    elif len(control_number) > _SAFE_CONTROL_NUMBER:
        report.add(CONTROL_NUMBER_LONG, clm, loop="2300", element=1)
    if claim.charge is not None and claim.charge < 0:
        report.add(CHARGE_NEGATIVE, clm, loop="2300", element=2)
    elif claim.charge == 0 and claim.bht is not None and claim.bht.get(6) == "CH":
        report.add(CLAIM_CHARGE_ZERO, clm, loop="2300", element=2)
    frequency, number = claim.frequency, claim.unit.first("REF", "F8")
    if frequency == "1" and number is not None:
        report.add(PAYER_CLAIM_NUMBER_REFUSED, number, loop="2300", element=1)
    elif frequency in {"7", "8"} and number is None and not claim.is_for_medicare:
        report.add(PAYER_CLAIM_NUMBER_MISSING, clm, loop="2300", element=5)
    elif frequency and frequency not in {"1", "7", "8"}:
        report.add(FREQUENCY_UNKNOWN, clm, loop="2300", element=5)


def _check_diagnoses(claim: StatedClaim, report: ClaimReport) -> int:
    """How many there are: SV107 points to them by position."""
    codes: list[str] = []
    for segment in claim.unit.segments:
        if segment.elements[0] != "HI":
            continue
        for position in range(1, len(segment.elements)):
            qualifier, *rest = segment.components(position) or ("",)
            if qualifier not in _DIAGNOSES or not rest or not rest[0]:
                continue
            if "." in rest[0]:
                report.add(DIAGNOSIS_POINT, segment, loop="2300", element=position)
            code = rest[0].strip().replace(".", "").upper()
            if code in codes:
                report.add(DIAGNOSIS_REPEATED, segment, loop="2300", element=position)
            codes.append(code)
    return len(codes)


def _check_service(line: StatedLine, sv1: Segment, diagnoses: int, report: ClaimReport) -> None:
    if line.charge is not None and line.charge < 0:
        report.add(CHARGE_NEGATIVE, sv1, loop="2400", element=2)
    units = read_decimal(sv1.get(4))
    if units is not None and units <= 0:
        report.add(UNITS_NOT_POSITIVE, sv1, loop="2400", element=4)
    if not diagnoses:
        return  # the claim lacks its HI, which is reported
    pointers = [read_whole(text) for text in sv1.components(7) if text]
    if any(pointer is None or not 1 <= pointer <= diagnoses for pointer in pointers):
        report.add(POINTER_UNKNOWN, sv1, loop="2400", element=7)


def _check_attachments(loop: Loop, report: ClaimReport) -> None:
    for segment in loop.segments:
        if segment.elements[0] == "PWK" and segment.get(2) in _SENT and not segment.get(6):
            report.add(ATTACHMENT_NUMBER_MISSING, segment, loop=loop.id, element=6)


def _check_line_control_number(ref: Segment, met: set[str], report: ClaimReport) -> None:
    number = ref.get(2)
    if len(number) > _LONGEST_LINE_CONTROL_NUMBER:
        report.add(LINE_CONTROL_NUMBER_TOO_LONG, ref, loop="2400", element=2)
    if number and number in met:
        report.add(LINE_CONTROL_NUMBER_REPEATED, ref, loop="2400", element=2)
    met.add(number)

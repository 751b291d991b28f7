"""The service lines of a claim: loop 2400, and under each what earlier payers decided on it, loop 2430.

LX counts from 1 in the claim's order. Each line carries its control number (REF*6R): payers send it back in their
remittance. A 2430 names its payer by the id of 2330B, and the line that a service was bundled into by that line's LX.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.identifiers import PLACES_OF_SERVICE, is_modifier, is_procedure_code
from app.domain.professional_claims import BilledLine, PriorLine, ProfessionalClaim
from app.domain.service_lines import MOST_LINES, MOST_MODIFIERS, MOST_POINTERS
from app.x12.claim_adjustments_837 import add_adjustments
from app.x12.claim_segments_837 import (
    VALUE_REPEATED,
    Amount,
    ClaimDraft,
    Code,
    Composite,
    Quantity,
)
from app.x12.drafts import Value
from app.x12.elements import write_date
from app.x12.findings import VALUE_INVALID

MOST_DECISIONS_ON_A_LINE: Final = 15
_OTHER_PROCEDURE: Final = re.compile("[A-Z0-9]{1,48}", re.ASCII)
_PROCEDURE_QUALIFIERS: Final = frozenset("ER HC IV WK".split())
_LEAST_UNITS: Final = Decimal("0.001")
_NO_UNITS: Final = Decimal(0)


class _LineDecision(NamedTuple):
    """What one payer decided on a line, and where it stands in the claim."""

    payer_id: str
    payer_pointer: str
    pointer: str
    line: PriorLine


def add_lines(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    draft.require_some(claim.lines, "/lines", "2400 LX")
    draft.limit(claim.lines, MOST_LINES, "/lines", "2400 LX")
    decisions = _decisions_by_line(draft, claim)
    seen: set[str] = set()
    for position, line in enumerate(claim.lines):
        if line.control_number is not None and line.control_number in seen:
            draft.refuse(VALUE_REPEATED, f"/lines/{position}/control_number", "2400 REF02")
        seen.add(line.control_number or "")
        _add_line(draft, claim, line, position)
        line_decisions = decisions.get(position + 1, [])
        draft.limit(line_decisions, MOST_DECISIONS_ON_A_LINE, f"/lines/{position}", "2430 SVD")
        for decision in line_decisions:
            _add_line_decision(draft, decision, line_count=len(claim.lines))


def _add_line(draft: ClaimDraft, claim: ProfessionalClaim, line: BilledLine, position: int) -> None:
    pointer = f"/lines/{position}"
    draft.add("2400", "LX", str(position + 1))
    is_elsewhere = line.place_of_service is not None and line.place_of_service != claim.place_of_service
    draft.add(
        "2400",
        "SV1",
        _procedure(draft, line, pointer, "2400 SV101"),
        Amount(line.charge, f"{pointer}/charge"),
        line.unit_of_measure.code,
        Quantity(line.units, f"{pointer}/units", least=_LEAST_UNITS),
        Code(line.place_of_service, f"{pointer}/place_of_service", PLACES_OF_SERVICE.__contains__)
        if is_elsewhere
        else "",
        "",
        _diagnosis_pointers(draft, line, pointer, diagnoses=len(claim.diagnoses)),
    )
    _add_service_date(draft, line, pointer)
    draft.add("2400", "REF", "6R", Value(line.control_number, f"{pointer}/control_number", longest=30, exact=True))


def _procedure(
    draft: ClaimDraft, line: BilledLine | PriorLine, pointer: str, place: str, qualifier: str = "HC"
) -> Composite:
    """SV101 and SVD03. We bill HCPCS codes; a payer may have adjudicated another system's."""
    draft.limit(line.modifiers, MOST_MODIFIERS, f"{pointer}/modifiers", place)
    return Composite(
        [
            Code(qualifier, f"{pointer}/procedure_qualifier", _PROCEDURE_QUALIFIERS.__contains__),
            Code(
                line.procedure_code,
                f"{pointer}/procedure_code",
                is_procedure_code if qualifier == "HC" else _OTHER_PROCEDURE.fullmatch,
            ),
            *(Code(code, f"{pointer}/modifiers/{number}", is_modifier) for number, code in enumerate(line.modifiers)),
        ]
    )


def _diagnosis_pointers(draft: ClaimDraft, line: BilledLine, pointer: str, *, diagnoses: int) -> Composite:
    pointers = line.diagnosis_pointers
    draft.require_some(pointers, f"{pointer}/diagnosis_pointers", "2400 SV107")
    draft.limit(pointers, MOST_POINTERS, f"{pointer}/diagnosis_pointers", "2400 SV107")
    for number, one in enumerate(pointers):
        if not 1 <= one <= diagnoses:
            message = "There is no diagnosis at this position."
            place = f"2400 SV107-{number + 1}"
            draft.refuse(VALUE_INVALID, f"{pointer}/diagnosis_pointers/{number}", place, message)
    return Composite([str(one) for one in pointers])


def _add_service_date(draft: ClaimDraft, line: BilledLine, pointer: str) -> None:
    first, last = write_date(line.first_date), write_date(line.end_date)
    if line.end_date < line.first_date:
        message = "The service ends before it begins."
        draft.refuse(VALUE_INVALID, f"{pointer}/last_date", "2400 DTP03", message)
    if first == last:
        draft.add("2400", "DTP", "472", "D8", first)
    else:
        # A Value: the dash may be a delimiter of the interchange.
        period = Value(f"{first}-{last}", f"{pointer}/last_date", longest=17, exact=True)
        draft.add("2400", "DTP", "472", "RD8", period)


def _decisions_by_line(draft: ClaimDraft, claim: ProfessionalClaim) -> dict[int, list[_LineDecision]]:
    by_line: dict[int, list[_LineDecision]] = defaultdict(list)
    for decision in _line_decisions(claim):
        if not 1 <= decision.line.line_number <= len(claim.lines):
            message = "The claim has no line of this number."
            draft.refuse(VALUE_INVALID, f"{decision.pointer}/line_number", "2430 SVD", message)
        by_line[decision.line.line_number].append(decision)
    return by_line


def _line_decisions(claim: ProfessionalClaim) -> Iterator[_LineDecision]:
    for position, payer in enumerate(claim.other_payers):
        for number, line in enumerate(payer.decision.lines if payer.decision else ()):
            pointer = f"/other_payers/{position}"
            yield _LineDecision(payer.payer_id, f"{pointer}/payer_id", f"{pointer}/decision/lines/{number}", line)


def _add_line_decision(draft: ClaimDraft, decision: _LineDecision, *, line_count: int) -> None:
    line, pointer = decision.line, decision.pointer
    into = line.bundled_into
    if into is not None and (into == line.line_number or not 1 <= into <= line_count):
        message = "A service is bundled into another line of the claim."
        draft.refuse(VALUE_INVALID, f"{pointer}/bundled_into", "2430 SVD06", message)
    draft.add(
        "2430",
        "SVD",
        Value(decision.payer_id, decision.payer_pointer, longest=80, shortest=2),
        Amount(line.paid, f"{pointer}/paid"),
        _procedure(draft, line, pointer, "2430 SVD03", line.procedure_qualifier),
        "",
        Quantity(line.units, f"{pointer}/units", least=_NO_UNITS),
        "" if into is None else str(into),
    )
    add_adjustments(draft, "2430", line.adjustments, f"{pointer}/adjustments")
    draft.add("2430", "DTP", "573", "D8", write_date(line.adjudication_date))
    if line.remaining_liability is not None:
        draft.add("2430", "AMT", "EAF", Amount(line.remaining_liability, f"{pointer}/remaining_liability"))

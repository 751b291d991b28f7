"""The service lines of a claim: loop 2400, and under each what earlier payers decided on it, loop 2430.

LX counts from 1 in the claim's order. Each line carries its control number (REF*6R): payers send it back in their
remittance. A 2430 names its payer by the id of 2330B, and the line that a service was bundled into by that line's LX.
"""

import functools
import re
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.findings import Severity
from app.domain.identifiers import PLACES_OF_SERVICE, is_modifier, is_procedure_code
from app.domain.professional_claims import BilledLine, PriorLine, ProfessionalClaim
from app.domain.service_lines import MOST_LINES, MOST_MODIFIERS, MOST_POINTERS, UnitOfMeasure
from app.x12.claim_adjustments_837 import add_adjustments
from app.x12.claim_elements_837 import Amount, Code, Quantity, Text
from app.x12.claim_notes_837 import add_contract, add_line_notes
from app.x12.claim_segments_837 import VALUE_REPEATED, ClaimDraft
from app.x12.drafts import basic
from app.x12.findings import VALUE_INVALID, Fault
from app.x12.separators import Separators

POINTER_REPEATED: Final = Fault("pointer_repeated", "IK403 I6", Severity.ERROR, "A line points at a diagnosis once.")
MOST_DECISIONS_ON_A_LINE: Final = 15
_OTHER_PROCEDURE: Final = re.compile("[A-Z0-9]{1,48}", re.ASCII)
_PROCEDURE_QUALIFIERS: Final = frozenset("ER HC IV WK".split())
_UNIT: Final = {one: one.code for one in UnitOfMeasure}
_HCPCS: Final = "HC"

_QUALIFIER: Final = Code("procedure_qualifier", _PROCEDURE_QUALIFIERS.__contains__)
_HCPCS_CODE: Final = Code("procedure_code", is_procedure_code)
_OTHER_CODE: Final = Code("procedure_code", _OTHER_PROCEDURE.fullmatch)
_DESCRIPTION: Final = Text("description", 80, required=False)
_CHARGE: Final = Amount("charge")
_UNITS: Final = Quantity("units", least=Decimal("0.001"))
_PLACE_OF_SERVICE: Final = Code("place_of_service", PLACES_OF_SERVICE.__contains__, required=False)
_PERIOD: Final = Text("last_date", 17, exact=True)
"""The dash of a period may be a delimiter of the interchange."""
_CONTROL_NUMBER: Final = Text("control_number", 30, exact=True)
_PAID: Final = Amount("paid")
_PAID_UNITS: Final = Quantity("units", least=Decimal(0))
_LIABILITY: Final = Amount("remaining_liability")


class _LineDecision(NamedTuple):
    """What a payer decided on a line: the payer's id as SVD01 says it, and where the decision stands in the claim."""

    payer_id: str
    payer: int
    position: int
    line: PriorLine


@functools.lru_cache(maxsize=64)
def _modifier(position: int) -> Code:
    return Code(f"modifiers/{position}", is_modifier)


def add_lines(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    draft.require_some(claim.lines, "/lines", "2400 LX")
    draft.limit(claim.lines, MOST_LINES, "/lines", "2400 LX")
    decisions = _decisions_by_line(draft, claim)
    seen: set[str] = set()
    for position, line in enumerate(claim.lines):
        pointer = f"/lines/{position}"
        if line.control_number is not None:
            if line.control_number in seen:
                draft.refuse(VALUE_REPEATED, f"{pointer}/control_number", "2400 REF02")
            seen.add(line.control_number)
        _add_line(draft, claim, line, position, pointer)
        line_decisions = decisions.get(position + 1, [])
        draft.limit(line_decisions, MOST_DECISIONS_ON_A_LINE, pointer, "2430 SVD")
        for decision in line_decisions:
            _add_line_decision(draft, decision, line_count=len(claim.lines))


def _add_line(draft: ClaimDraft, claim: ProfessionalClaim, line: BilledLine, position: int, pointer: str) -> None:
    draft.constant("LX", str(position + 1))
    is_elsewhere = line.place_of_service is not None and line.place_of_service != claim.place_of_service
    draft.put(
        "2400",
        "SV1",
        pointer,
        _procedure(draft, line, pointer, "2400 SV101", line.description),
        (line.charge, _CHARGE),
        _UNIT[line.unit_of_measure],
        (line.units, _UNITS),
        (line.place_of_service, _PLACE_OF_SERVICE) if is_elsewhere else "",
        "",
        _diagnosis_pointers(draft, line, pointer, diagnoses=len(claim.diagnoses)),
    )
    _add_service_date(draft, line, pointer)
    add_contract(draft, "2400", line.contract, f"{pointer}/contract")
    draft.put("2400", "REF", pointer, "6R", (line.control_number, _CONTROL_NUMBER))
    if line.notes:
        add_line_notes(draft, line.notes, f"{pointer}/notes")


def _procedure(
    draft: ClaimDraft, line: BilledLine | PriorLine, pointer: str, place: str, description: str | None = None
) -> str:
    """SV101 and SVD03. A payer may have adjudicated a code of another system than was billed."""
    component = draft.separators.component
    text = _known_procedure(line.procedure_qualifier, line.procedure_code, line.modifiers, component)
    if text is None or description:
        procedure = (line.procedure_qualifier, line.procedure_code, line.modifiers)
        text = _composed(draft, *procedure, description, pointer, place)
    return text


@functools.lru_cache(maxsize=4096)
def _known_procedure(qualifier: str, code: str, modifiers: tuple[str, ...], component: str) -> str | None:
    """Practices bill the same few over and over; None where something is wrong with it."""
    draft = ClaimDraft(Separators(component=component))
    text = _composed(draft, qualifier, code, modifiers, None, "", "")
    return None if draft.findings else text


def _composed(
    draft: ClaimDraft,
    qualifier: str,
    code: str,
    modifiers: tuple[str, ...],
    description: str | None,
    pointer: str,
    place: str,
) -> str:
    draft.limit(modifiers, MOST_MODIFIERS, f"{pointer}/modifiers", place)
    return draft.composite(
        place,
        pointer,
        (qualifier, _QUALIFIER),
        (code, _HCPCS_CODE if qualifier == _HCPCS else _OTHER_CODE),
        *((modifier, _modifier(number)) for number, modifier in enumerate(modifiers)),
        *[""] * (MOST_MODIFIERS - len(modifiers)),
        (description, _DESCRIPTION),
    )


def _diagnosis_pointers(draft: ClaimDraft, line: BilledLine, pointer: str, *, diagnoses: int) -> str:
    pointers = line.diagnosis_pointers
    if not 0 < len(pointers) <= MOST_POINTERS:
        draft.require_some(pointers, f"{pointer}/diagnosis_pointers", "2400 SV107")
        draft.limit(pointers, MOST_POINTERS, f"{pointer}/diagnosis_pointers", "2400 SV107")
    for number, one in enumerate(pointers):
        is_known = 1 <= one <= diagnoses
        if is_known and one not in pointers[:number]:
            continue
        place = f"2400 SV107-{number + 1}"
        message = None if is_known else "There is no diagnosis at this position."
        fault = POINTER_REPEATED if is_known else VALUE_INVALID
        draft.refuse(fault, f"{pointer}/diagnosis_pointers/{number}", place, message)
    return draft.separators.component.join(map(str, pointers))


def _add_service_date(draft: ClaimDraft, line: BilledLine, pointer: str) -> None:
    first = draft.day(line.first_date, f"{pointer}/first_date", "2400 DTP03")
    if line.last_date is None or line.last_date == line.first_date:
        draft.constant("DTP", "472", "D8", first)
        return
    if line.last_date < line.first_date:
        message = "The service ends before it begins."
        draft.refuse(VALUE_INVALID, f"{pointer}/last_date", "2400 DTP03", message)
    period = f"{first}-{draft.day(line.last_date, f'{pointer}/last_date', '2400 DTP03')}"
    draft.put("2400", "DTP", pointer, "472", "RD8", (period, _PERIOD))


def _decisions_by_line(draft: ClaimDraft, claim: ProfessionalClaim) -> dict[int, list[_LineDecision]]:
    """What is wrong with a payer's id is said of 2330B."""
    by_line: dict[int, list[_LineDecision]] = {}
    for payer_position, payer in enumerate(claim.other_payers):
        if payer.decision is None:
            continue
        payer_id = basic(payer.payer_id)
        for position, line in enumerate(payer.decision.lines):
            number = line.line_number
            if not 1 <= number <= len(claim.lines):
                pointer = f"/other_payers/{payer_position}/decision/lines/{position}/line_number"
                draft.refuse(VALUE_INVALID, pointer, "2430 SVD", "The claim has no line of this number.")
            by_line.setdefault(number, []).append(_LineDecision(payer_id, payer_position, position, line))
    return by_line


def _add_line_decision(draft: ClaimDraft, decision: _LineDecision, *, line_count: int) -> None:
    line = decision.line
    pointer = f"/other_payers/{decision.payer}/decision/lines/{decision.position}"
    into = line.bundled_into
    if into is not None and (into == line.line_number or not 1 <= into <= line_count):
        message = "A service is bundled into another line of the claim."
        draft.refuse(VALUE_INVALID, f"{pointer}/bundled_into", "2430 SVD06", message)
    draft.put(
        "2430",
        "SVD",
        pointer,
        decision.payer_id,
        (line.paid, _PAID),
        _procedure(draft, line, pointer, "2430 SVD03"),
        "",
        (line.units, _PAID_UNITS),
        "" if into is None else str(into),
    )
    if line.adjustments:
        add_adjustments(draft, "2430", line.adjustments, f"{pointer}/adjustments")
    decided_on = draft.day(line.adjudication_date, f"{pointer}/adjudication_date", "2430 DTP03")
    draft.constant("DTP", "573", "D8", decided_on)
    if line.remaining_liability is not None:
        draft.put("2430", "AMT", pointer, "EAF", (line.remaining_liability, _LIABILITY))

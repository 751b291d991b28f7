"""The service lines of a claim that is read, loop 2400, and what earlier payers decided on each, loop 2430."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from app.domain.adjudications import GROUP_OF_CODE, Adjustment
from app.domain.professional_claims import BilledLine, Contract, Note, PriorLine
from app.domain.service_lines import MOST_MODIFIERS, MOST_POINTERS, UnitOfMeasure
from app.x12.claim_fields_reader_837 import Fields, Reading
from app.x12.claim_parties_reader_837 import read_reference
from app.x12.elements import read_whole
from app.x12.loops import Loop

_UNITS: Final = {one.code: one for one in UnitOfMeasure}
_PROCEDURE_PARTS: Final = 2 + MOST_MODIFIERS + 1
"""SV101 and SVD03: qualifier, code, modifiers, description."""
_TRIPLETS: Final = range(2, 20, 3)
"""CAS02, CAS05 to CAS17: where a reason, an amount and a quantity begin."""
_LINE_NOTES: Final = (("ADD", "DCP"), ("TPO",))


class ReadDecision(NamedTuple):
    """One 2430: whose it is (SVD01), what it says, and where it stands."""

    payer_id: str
    line: PriorLine
    svd: Fields


class _Procedure(NamedTuple):
    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    description: str | None


def read_lines(reading: Reading, unit: Loop) -> tuple[tuple[BilledLine, ...], list[ReadDecision]]:
    loops = tuple(unit.below("2400"))
    positions = _positions(loops)
    lines = tuple(_read_line(reading, loop, position) for position, loop in enumerate(loops, start=1))
    decisions = [
        _read_decision(reading, below, position, positions)
        for position, loop in enumerate(loops, start=1)
        for below in loop.below("2430")
    ]
    return lines, decisions


def _positions(loops: Sequence[Loop]) -> dict[int, int | None]:
    """Lines by LX01; None where two have the same."""
    positions: dict[int, int | None] = {}
    for position, loop in enumerate(loops, start=1):
        number = read_whole(loop.opener.get(1))
        if number is not None:
            positions[number] = None if number in positions else position
    return positions


def _read_line(reading: Reading, loop: Loop, position: int) -> BilledLine:
    lx = reading.find(loop, "LX")
    if read_whole(lx.peek(1)) == position:  # what it says is where it stands
        lx.take(1)
    sv1 = reading.need(loop, "SV1")
    procedure = _need_procedure(sv1, 1)
    served = reading.need(loop, "DTP", "472")
    served.take(1)
    first_date, last_date = served.need_period(3)
    return BilledLine(
        control_number=read_reference(reading, loop, "6R"),
        procedure_qualifier=procedure.qualifier,
        procedure_code=procedure.code,
        modifiers=procedure.modifiers,
        description=procedure.description,
        charge=sv1.need_money(2),
        units=sv1.need_number(4),
        unit_of_measure=sv1.need_code(3, _UNITS),
        diagnosis_pointers=_read_pointers(sv1),
        first_date=first_date,
        last_date=None if last_date == first_date else last_date,
        place_of_service=sv1.text(5),
        contract=read_contract(reading, loop),
        notes=tuple(note for codes in _LINE_NOTES if (note := read_note(reading, loop, *codes)) is not None),
    )


def _need_procedure(fields: Fields, position: int) -> _Procedure:
    qualifier, code, *modifiers, description = fields.parts(position, _PROCEDURE_PARTS)
    if not (qualifier and code):
        fields.fail(position)
    return _Procedure(qualifier, code, tuple(one for one in modifiers if one), description or None)


def _read_pointers(sv1: Fields) -> tuple[int, ...]:
    parts = [part for part in sv1.parts(7, MOST_POINTERS) if part]
    pointers = [read_whole(part) for part in parts]
    if None in pointers:
        sv1.fail(7)
    return tuple(one for one in pointers if one is not None)


def _read_decision(reading: Reading, loop: Loop, position: int, positions: Mapping[int, int | None]) -> ReadDecision:
    svd = reading.need(loop, "SVD")
    procedure = _need_procedure(svd, 3)
    if procedure.description is not None:
        svd.keep(3)
    adjudicated = reading.need(loop, "DTP", "573")
    adjudicated.take(1)
    line = PriorLine(
        line_number=position,
        paid=svd.need_money(2),
        procedure_qualifier=procedure.qualifier,
        procedure_code=procedure.code,
        modifiers=procedure.modifiers,
        units=svd.need_number(5),
        bundled_into=_read_bundled_into(svd, positions),
        adjustments=read_adjustments(reading, loop),
        adjudication_date=adjudicated.need_day(3),
        remaining_liability=read_amount(reading, loop, "EAF").money(2),
    )
    return ReadDecision(svd.need_text(1), line, svd)


def _read_bundled_into(svd: Fields, positions: Mapping[int, int | None]) -> int | None:
    """SVD06 is an LX01; the value counts the lines."""
    if not svd.segment.get(6):
        return None
    number = svd.whole(6)
    position = None if number is None else positions.get(number)
    if position is None:
        svd.fail(6, "SVD06 names no line of this claim, or two: the claim was not used.")
    return position


def read_amount(reading: Reading, loop: Loop, qualifier: str) -> Fields:
    amount = reading.find(loop, "AMT", qualifier)
    if amount.money(2) is not None:
        amount.take(1)
    return amount


def read_adjustments(reading: Reading, loop: Loop) -> tuple[Adjustment, ...]:
    """The CAS of 2320 or 2430, triplet by triplet as they stand."""
    return tuple(one for cas in reading.every(loop, "CAS") for one in _adjustments(cas))


def _adjustments(cas: Fields) -> list[Adjustment]:
    starts = [start for start in _TRIPLETS if any(map(cas.segment.get, range(start, start + 3)))]
    if any(cas.segment.elements[_TRIPLETS.stop :]):
        cas.fail(_TRIPLETS.stop, "A CAS holds six adjustments, and this one has more: the claim was not used.")
    if not starts:
        return []
    group = cas.need_code(1, GROUP_OF_CODE)
    return [
        Adjustment(
            group=group,
            reason_code=cas.need_text(start),
            amount=cas.need_money(start + 1),
            quantity=cas.number(start + 2),
        )
        for start in starts
    ]


def read_contract(reading: Reading, loop: Loop) -> Contract | None:
    cn1 = reading.find(loop, "CN1")
    type_code = cn1.text(1)
    if type_code is None:
        return None
    return Contract(
        type_code=type_code,
        amount=cn1.money(2),
        percent=cn1.number(3),
        code=cn1.text(4),
        discount_percent=cn1.number(5),
        version=cn1.text(6),
    )


def read_note(reading: Reading, loop: Loop, *codes: str) -> Note | None:
    """The first NTE of these codes, or of any."""
    nte = reading.find(loop, "NTE", *codes)
    code, text = nte.peek(1), nte.peek(2)
    if not code or not text:
        return None
    nte.take(1, 2)
    return Note(code=code, text=text)

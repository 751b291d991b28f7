"""What an 837P (005010X222A1) says, read strictly: every claim in it, with the hierarchy above.

Loops, order, counts and the form of elements are those of the guide. A missing, surplus or misplaced segment is a problem
of form; a bad value inside a segment is reported with segment and element. Whether the claim makes sense, its amounts
add up and its codes go together is asked afterwards, by `edits.py`.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from app.sandbox.claims import Claim, Line, OtherPayer, Party, PriorLine, Reduction
from app.sandbox.guide_837 import TRANSACTION
from app.sandbox.interchange import Interchange, Problem, Segment
from app.sandbox.loops import Loop, element_problem, read_loops
from app.sandbox.slots_837 import COMPOSITES

_VERSION: Final = "005010X222A1"
_CLAIM_PROVIDERS: Final = ("2310A", "2310B", "2310C", "2310D")
_LINE_PROVIDERS: Final = ("2420A", "2420B", "2420C", "2420D", "2420E", "2420F")


def read_claims(interchange: Interchange) -> tuple[Claim, ...] | tuple[Problem, ...]:
    """The claims in their order, or everything that is wrong with the form. There is at least one of either."""
    kind = (interchange.functional_id, interchange.transaction_id, interchange.version)
    if kind != ("HC", "837", _VERSION) or interchange.segments[0].element(3) != _VERSION:
        return (Problem(f"This endpoint takes HC groups with one 837 of {_VERSION}.", "GS08"),)
    marks = (interchange.component_separator, interchange.repetition_separator)
    problems = [
        element_problem(segment, "", number, "6")
        for segment in interchange.segments
        for number, value in enumerate(segment.elements)
        if number and _holds_separator(segment, number, value, *marks)
    ]
    segments = [_with_colons(segment, marks[0]) for segment in interchange.segments[:-1]]
    transaction, found = read_loops(TRANSACTION, segments, _value_problems)
    problems += found
    if not problems:
        problems += (*_hierarchy_problems(transaction), *_content_problems(transaction))
    return tuple(problems) or tuple(_claims(transaction))


def _holds_separator(segment: Segment, number: int, value: str, component: str, repetition: str) -> bool:
    return repetition in value or (component in value and (segment.id, number) not in COMPOSITES)


def _with_colons(segment: Segment, component: str) -> Segment:
    """A colon that was data becomes a character no value may hold."""
    marks = {ord(":"): "\x1f"} | {ord(component): ":"}
    elements = (
        value.translate(marks) if (segment.id, number) in COMPOSITES else value
        for number, value in enumerate(segment.elements)
    )
    return Segment(segment.position, tuple(elements))


def _value_problems(segment: Segment) -> Iterator[Problem]:
    """What two elements must have together, wherever the segment stands."""
    if segment.id == "DTP" and (segment.element(2) == "RD8") != ("-" in segment.element(3)):
        yield element_problem(segment, "", 3, "8")
    if segment.id == "NM1" and bool(segment.element(8)) != bool(segment.element(9)):
        yield element_problem(segment, "", 9 if segment.element(8) else 8, "1")
    if segment.id == "N4" and not segment.element(4) and not (segment.element(2) and segment.element(3)):
        yield element_problem(segment, "", 3 if segment.element(2) else 2, "1")
    if segment.id == "CAS" and len(segment.elements) < 3:
        yield element_problem(segment, "", 2, "1")


def _hierarchy_problems(transaction: Loop) -> Iterator[Problem]:
    """HL01 counts over the transaction, HL02 names the level above, HL04 says whether a level follows below."""
    number = 0
    numbers: dict[str, str] = {}
    for loop in transaction.walk():
        if loop.name not in {"2000A", "2000B", "2000C"}:
            continue
        number += 1
        numbers[loop.name] = str(number)
        hl = loop.first("HL")
        above = {"20": "", "22": numbers.get("2000A", ""), "23": numbers.get("2000B", "")}[hl.element(3)]
        child = "1" if loop.below("2000B", "2000C") else "0"
        if hl.elements != ("HL", str(number), above, hl.element(3), child):
            said = f"HL {number} must name its number, its parent and whether a level follows."
            yield Problem(said, loop.name)


def _content_problems(transaction: Loop) -> Iterator[Problem]:
    for loop in transaction.walk():
        if loop.name == "2000B":
            yield from _subscriber_problems(loop)
        if loop.name == "2300":
            numbers = [line.first("LX").element(1) for line in loop.below("2400")]
            if numbers != [str(number) for number in range(1, len(numbers) + 1)]:
                yield Problem("LX01 must count the lines of a claim: 1, 2, 3.", "2400")


def _subscriber_problems(loop: Loop) -> Iterator[Problem]:
    if not loop.below("2300", "2000C"):
        yield Problem("A subscriber's level needs a claim or a patient's level.", "2300")
    named = loop.below("2010BA")[0]
    alone = loop.first("SBR").element(2) == "18"
    if alone and not all(named.all(segment_id) for segment_id in ("N3", "N4", "DMG")):
        yield Problem("The subscriber's loop needs N3, N4 and DMG when the subscriber is the patient.", "2010BA")


def _claims(transaction: Loop) -> Iterator[Claim]:
    for billing in transaction.below("2000A"):
        for subscriber in billing.below("2000B"):
            for claim in subscriber.below("2300"):
                yield _claim(transaction, billing, subscriber, None, claim)
            for patient in subscriber.below("2000C"):
                for claim in patient.below("2300"):
                    yield _claim(transaction, billing, subscriber, patient, claim)


def _claim(transaction: Loop, billing: Loop, subscriber: Loop, patient: Loop | None, loop: Loop) -> Claim:
    sbr, clm = subscriber.first("SBR"), loop.first("CLM")
    place_of_service, _, frequency = clm.element(5).split(":")
    payer = subscriber.below("2010BB")[0].first("NM1")
    holder = _party(subscriber.below("2010BA")[0])
    return Claim(
        reference=transaction.first("BHT").element(3),
        submitter_id=transaction.below("1000A")[0].first("NM1").element(9),
        billing=_party(billing.below("2010AA")[0]),
        billing_tax_id=billing.below("2010AA")[0].first("REF", "EI", "SY").element(2),
        payer_id=payer.element(9),
        payer_name=payer.element(3),
        rank=sbr.element(1),
        insurance_type=sbr.element(5),
        filing_code=sbr.element(9),
        group_number=sbr.element(3),
        subscriber=holder,
        patient=holder if patient is None else _party(patient.below("2010CA")[0]),
        subscriber_is_patient=sbr.element(2) == "18",
        has_patient_loop=patient is not None,
        control_number=clm.element(1),
        charge=Decimal(clm.element(2)),
        place_of_service=place_of_service,
        frequency=frequency,
        payer_claim_number=loop.first("REF", "F8").element(2),
        patient_paid=_amount(loop, "F5"),
        diagnoses=tuple(_diagnoses(loop)),
        providers=tuple(_party(one) for one in loop.below(*_CLAIM_PROVIDERS)),
        others=tuple(_other_payer(one) for one in loop.below("2320")),
        lines=tuple(_line(one) for one in loop.below("2400")),
    )


def _diagnoses(loop: Loop) -> Iterator[str]:
    for segment in loop.all("HI"):
        for value in filter(None, segment.elements[1:]):
            qualifier, _, code = value.partition(":")
            if qualifier in {"ABK", "ABF", "BK", "BF"}:
                yield code


def _other_payer(loop: Loop) -> OtherPayer:
    sbr, payer = loop.first("SBR"), loop.below("2330B")[0]
    return OtherPayer(
        rank=sbr.element(1),
        relationship=sbr.element(2),
        insurance_type=sbr.element(5),
        filing_code=sbr.element(9),
        payer_id=payer.first("NM1").element(9),
        payer_name=payer.first("NM1").element(3),
        member_id=loop.below("2330A")[0].first("NM1").element(9),
        paid=_amount(loop, "D"),
        not_covered=_amount(loop, "A8"),
        liability=_amount(loop, "EAF"),
        reductions=tuple(_reductions(loop)),
        decided_on=_day(payer, "573"),
        claim_number=payer.first("REF", "F8").element(2),
    )


def _line(loop: Loop) -> Line:
    sv1, service = loop.first("SV1"), loop.first("DTP", "472").element(3)
    first, _, last = service.partition("-")
    return Line(
        number=int(loop.first("LX").element(1)),
        procedure=sv1.element(1),
        charge=Decimal(sv1.element(2)),
        unit=sv1.element(3),
        units=Decimal(sv1.element(4)),
        pointers=tuple(int(pointer) for pointer in sv1.element(7).split(":")),
        first_day=_as_day(first),
        last_day=_as_day(last) if last else None,
        control_number=loop.first("REF", "6R").element(2),
        prior=tuple(_prior_line(one) for one in loop.below("2430")),
        providers=tuple(_party(one) for one in loop.below(*_LINE_PROVIDERS)),
    )


def _prior_line(loop: Loop) -> PriorLine:
    svd = loop.first("SVD")
    return PriorLine(
        payer_id=svd.element(1),
        paid=Decimal(svd.element(2)),
        procedure=svd.element(3),
        units=Decimal(svd.element(5)),
        bundled_into=svd.element(6),
        reductions=tuple(_reductions(loop)),
        decided_on=_day(loop, "573"),
        liability=_amount(loop, "EAF"),
    )


def _reductions(loop: Loop) -> Iterator[Reduction]:
    for segment in loop.all("CAS"):
        for first in range(2, len(segment.elements), 3):
            reason, amount, quantity = (segment.element(number) for number in range(first, first + 3))
            if reason or amount or quantity:
                yield Reduction(
                    group=segment.element(1),
                    reason=reason,
                    amount=Decimal(amount or 0),
                    amount_given=bool(amount),
                    quantity=Decimal(quantity) if quantity else None,
                )


def _party(loop: Loop) -> Party:
    name = loop.first("NM1")
    return Party(
        entity=name.element(1),
        kind=name.element(2),
        last=name.element(3),
        first=name.element(4),
        middle=name.element(5),
        suffix=name.element(7),
        id_qualifier=name.element(8),
        id=name.element(9),
    )


def _amount(loop: Loop, qualifier: str) -> Decimal | None:
    value = loop.first("AMT", qualifier).element(2)
    return Decimal(value) if value else None


def _day(loop: Loop, qualifier: str) -> date | None:
    value = loop.first("DTP", qualifier).element(3)
    return _as_day(value) if value else None


def _as_day(text: str) -> date:
    return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}")

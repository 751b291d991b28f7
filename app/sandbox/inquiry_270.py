"""What a 270 (005010X279A1) asks, read strictly: one payer, one provider, one patient.

A missing, surplus or misplaced segment is a problem of form. A bad value inside a segment is reported with segment and
element, as a 999 needs it. Whether the payer knows the person is not asked here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.sandbox.guide_270 import SERVICE_TYPES, Loop, element_problem, guide_problems, loops_of
from app.sandbox.interchange import Interchange, Problem, Segment


@dataclass(frozen=True, kw_only=True, repr=False)
class AskedPerson:
    """Loop 2100C or 2100D as sent."""

    last_name: str
    first_name: str
    member_id: str
    birth_date: date | None
    sex: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Inquiry:
    """One 270."""

    reference: str
    payer_name: str
    payer_id: str
    provider: tuple[str, ...]
    """The provider's NM1, whole: the answer repeats it."""
    provider_npi: str
    trace: tuple[str, str]
    """TRN02 and TRN03; empty when the question carries none."""
    subscriber: AskedPerson
    dependent: AskedPerson | None
    service_date: date | None
    service_types: tuple[str, ...]


def read_inquiry(interchange: Interchange) -> Inquiry | tuple[Problem, ...]:
    """The question, or everything that is wrong with it."""
    kind = (interchange.functional_id, interchange.transaction_id, interchange.version)
    st, *rest = interchange.segments
    if kind != ("HS", "270", "005010X279A1") or st.element(3) != "005010X279A1":
        return (Problem("This endpoint takes HS groups with one 270 of 005010X279A1.", "GS08"),)
    if not rest or rest[0].id != "BHT":
        return (Problem("BHT must follow ST.", "BHT"),)
    loops = loops_of(rest[1:-1])
    problems = tuple(guide_problems(rest[0], loops))
    return problems or tuple(_content_problems(interchange, loops)) or _inquiry(interchange, rest[0], loops)


def _content_problems(interchange: Interchange, loops: list[Loop]) -> Iterator[Problem]:
    """What needs more than one element to judge."""
    provider = _first(loops[1], "NM1")
    if provider.element(8) != "XX" or not _npi(provider.element(9)):
        yield element_problem(provider, "2100B", 9, "7")
    inquiries = [segment for segment in loops[-1] if segment.id == "EQ"]
    if not inquiries:
        yield Problem("The patient's loop needs at least one EQ.", "EQ")
    if len(loops) == 4 and any(segment.id == "EQ" for segment in loops[2]):
        yield Problem("When a dependent is the patient, the subscriber's loop carries no EQ.", "EQ")
    for segment in inquiries:
        codes = segment.element(1).split(interchange.repetition_separator)
        if not segment.element(2) and not SERVICE_TYPES.issuperset(codes):
            yield element_problem(segment, "2110", 1, "7")


def _inquiry(interchange: Interchange, bht: Segment, loops: list[Loop]) -> Inquiry:
    payer, provider = _first(loops[0], "NM1"), _first(loops[1], "NM1")
    patient = loops[-1]
    trace = next((segment for segment in patient if segment.id == "TRN"), Segment(0, ("TRN",)))
    asked = (segment.element(1).split(interchange.repetition_separator) for segment in patient if segment.id == "EQ")
    return Inquiry(
        reference=bht.element(3),
        payer_name=payer.element(3),
        payer_id=payer.element(9),
        provider=provider.elements,
        provider_npi=provider.element(9),
        trace=(trace.element(2), trace.element(3)),
        subscriber=_person(loops[2]),
        dependent=_person(loops[3]) if len(loops) == 4 else None,
        service_date=_service_date(patient) or _service_date(loops[2]),
        service_types=tuple(dict.fromkeys(code for codes in asked for code in codes if code)),
    )


def _person(loop: Loop) -> AskedPerson:
    name = _first(loop, "NM1")
    demographics = next((segment for segment in loop if segment.id == "DMG"), Segment(0, ("DMG",)))
    return AskedPerson(
        last_name=name.element(3),
        first_name=name.element(4),
        member_id=name.element(9),
        birth_date=_day(demographics.element(2)) if demographics.element(2) else None,
        sex=demographics.element(3),
    )


def _service_date(loop: Loop) -> date | None:
    return next((_day(s.element(3)[:8]) for s in loop if s.id == "DTP" and s.element(1) == "291"), None)


def _first(loop: Loop, segment_id: str) -> Segment:
    return next(segment for segment in loop if segment.id == segment_id)


def _day(text: str) -> date:
    return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def _npi(text: str) -> bool:
    """Ten digits with the Luhn check digit over 80840 and the number (45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", text, re.ASCII):
        return False
    digits = [int(character) for character in reversed("80840" + text)]
    return sum(d if i % 2 == 0 else sum(divmod(d * 2, 10)) for i, d in enumerate(digits)) % 10 == 0

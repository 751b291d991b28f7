"""Read an 837P, the professional claim (005010X222A1, also X222 and X222A2): one `ReadClaim` per CLM, ours or anybody's.

A claim is a value or it is not: what has no field is kept as it stands, and what cannot be read although no claim is
without it is an error with its place, and no claim is made. Nothing is guessed and nothing dropped. Whether the
structure is right is `structure`'s question, whether a claim adds up `coordination_check_837`'s: an unbalanced claim
is read like any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from app.domain.claims import ClaimFrequency
from app.domain.codes import AcceptsAssignment, Relationship, ReleaseOfInformation
from app.domain.money import total
from app.domain.parties import Person
from app.domain.professional_claims import BilledBy, BilledPayer, ClaimTransaction, Policy, ProfessionalClaim
from app.domain.service_lines import MOST_DIAGNOSES
from app.x12.claim_fields_reader_837 import Fields, Reading
from app.x12.claim_levels_reader_837 import LevelsReader
from app.x12.claim_lines_reader_837 import read_amount, read_contract, read_lines, read_note
from app.x12.claim_parties_reader_837 import read_provider, read_reference, read_transaction_header
from app.x12.envelope import TransactionSet
from app.x12.findings import (
    GROUP_CODE,
    TRANSACTION_TRUNCATED,
    Report,
    X12Finding,
)
from app.x12.guide_837 import GUIDE
from app.x12.loops import Loop
from app.x12.one_kind import Kind, each_of_kind, pass_by_acknowledgment
from app.x12.other_payers_reader_837 import ASSIGNMENTS, Consent, read_other_payers
from app.x12.segments import Segment
from app.x12.structure import read_units

GUIDES: Final = frozenset({"005010X222A1", "005010X222", "005010X222A2"})
_KIND: Final = Kind("837", GUIDES, "837 (claim)", "005010X222A1", "an")
_FREQUENCIES: Final = {one.code: one for one in ClaimFrequency}
_ACCEPTS: Final = {one.code: one for one in AcceptsAssignment}
_RELEASES: Final = {one.code: one for one in ReleaseOfInformation}
_DIAGNOSES: Final = {"ABK": ("ABF", False), "BK": ("BF", True)}
"""HI01-1: the qualifier of the diagnoses after the first, and whether they are of ICD-9-CM."""


@dataclass(frozen=True, kw_only=True)
class ReadClaim:
    """One CLM: `segment` is its number in the file. `claim` is None when it cannot be made.

    `kept` are the segments of the claim that no field holds whole, all of them when there is no claim. Those of the
    levels above it (the transaction set's header, 2000A, 2000B, 2000C) are kept by the first claim after them, those
    behind the last claim by that one.
    """

    segment: int
    patient_control_number: str
    claim: ProfessionalClaim | None
    transaction: ClaimTransaction
    kept: tuple[Segment, ...] = field(default=(), repr=False)


def read(source: str | bytes | Iterable[bytes]) -> tuple[tuple[ReadClaim, ...], tuple[X12Finding, ...]]:
    """All claims of the text and all findings; never an exception for what the text holds."""
    report = Report()
    claims = tuple(read_each(source, report))
    return claims, report.findings


def read_each(source: str | bytes | Iterable[bytes], report: Report) -> Iterator[ReadClaim]:
    """One after the other: of a file with many, one is in the memory. The findings go to the report."""
    return each_of_kind(source, report, _KIND, read_transaction, pass_by_acknowledgment)


def read_transaction(transaction: TransactionSet, report: Report) -> Iterator[ReadClaim]:
    """The claims of one transaction set, whose guide the caller knows to be one of `GUIDES`."""
    if transaction.group.functional_code != "HC":
        report.add(GROUP_CODE, transaction.header, message="GS01 is not HC, the code of an 837.")
    reader = ClaimReader(report, transaction.control_number)
    cuts = report.count(TRANSACTION_TRUNCATED)
    passed: list[Segment] = []
    transaction.segments = _noted(transaction.segments, passed)
    claim: ReadClaim | None = None
    for unit in read_units(transaction, GUIDE, report):
        if claim is not None:
            yield claim
        last = max(map(_number, _segments(unit)))
        within = [segment for segment in passed if segment.number <= last]
        del passed[: len(within)]
        # A claim that was open when the text ended may go on in what is missing.
        claim = reader.read(unit, within, is_whole=report.count(TRANSACTION_TRUNCATED) == cuts)
    if claim is not None:
        yield replace(claim, kept=(*claim.kept, *passed))


def _noted(segments: Iterator[Segment], passed: list[Segment]) -> Iterator[Segment]:
    """So that what comes between claims, and in no loop above one, is not lost."""
    for segment in segments:
        passed.append(segment)
        yield segment


def read_claim(unit: Loop, report: Report, control_number: str = "") -> ReadClaim:
    """One claim by itself, as the first below all the levels above it."""
    segments = list(_segments(unit))
    level = unit.parent
    while level is not None:
        segments += _segments(level)
        level = level.parent
    return ClaimReader(report, control_number).read(unit, sorted(segments, key=_number))


def read_header(root: Loop, control_number: str = "") -> ClaimTransaction:
    """What a transaction set says of itself; ST02 is not in its loops."""
    return read_transaction_header(Reading(), root, control_number)


def _segments(loop: Loop) -> Iterator[Segment]:
    """Of a loop and all below it, but for levels and claims, which are in none."""
    return (segment for one in loop.walk() for segments in (one.segments, one.unplaced) for segment in segments)


def _number(segment: Segment) -> int:
    return segment.number


class ClaimReader:
    """The claims of one transaction set, one after the other."""

    def __init__(self, report: Report, control_number: str) -> None:
        self._report = report
        self._levels = LevelsReader(report, control_number)

    def read(self, unit: Loop, segments: Iterable[Segment], *, is_whole: bool = True) -> ReadClaim:
        """`segments` are those since the claim before. `is_whole` is false for a claim that may go on in what is missing
        of the text.
        """
        header, billing = self._levels.header(unit), self._levels.billing(unit)
        subscriber, patient = self._levels.subscriber(unit), self._levels.patient(unit)
        reading = Reading()
        claim = _read_claim(reading, unit, billing.value, subscriber.value, patient.value)
        reading.report_to(self._report)
        readings = (reading, header.reading, billing.reading, subscriber.reading, patient.reading)
        is_made = is_whole and not any(one.problems for one in readings)
        return ReadClaim(
            segment=unit.opener.number,
            patient_control_number=unit.opener.get(1),
            claim=claim if is_made else None,
            transaction=header.value,
            kept=tuple(segment for segment in segments if not (is_made and _is_held(segment, readings))),
        )


def _is_held(segment: Segment, readings: Iterable[Reading]) -> bool:
    """By one field or another; an HL says what the loops say by standing where they stand."""
    left = -1
    for reading in readings:
        left &= reading.left.get(segment.number, -1)
    return left == 0 or segment.id == "HL"


def _read_claim(
    reading: Reading,
    unit: Loop,
    billed_by: BilledBy,
    subscriber: tuple[Policy, BilledPayer],
    patient: tuple[Relationship, Person],
) -> ProfessionalClaim:
    """With something in place of what cannot be read: the problems of the readings say whether there is any."""
    clm = reading.need(unit, "CLM")
    clm.is_one_of(6, "Y")
    place_of_service, frequency = _need_place_and_frequency(clm)
    consent = Consent(clm.peek(9), clm.is_one_of(10, "P"))
    lines, decisions = read_lines(reading, unit)
    if clm.peek(2) and clm.money(2) != total(line.charge for line in lines):
        clm.keep(2)
    diagnoses, are_icd_9 = _read_diagnoses(reading, unit)
    policy, payer = subscriber
    relationship, person = patient
    assigned = clm.need_code(8, ASSIGNMENTS)
    return ProfessionalClaim(
        patient_control_number=clm.need_text(1),
        frequency=frequency,
        billed_by=billed_by,
        policy=replace(policy, relationship=relationship, benefits_assigned=assigned),
        payer=payer,
        patient=person,
        patient_is_subscriber=unit.above("2000C") is None,
        place_of_service=place_of_service,
        accepts_assignment=clm.need_code(7, _ACCEPTS),
        release_of_information=clm.need_code(9, _RELEASES),
        signature_generated=consent.signature_generated,
        diagnoses=diagnoses,
        diagnoses_are_icd_9=are_icd_9,
        patient_paid=read_amount(reading, unit, "F5").money(2),
        contract=read_contract(reading, unit),
        note=read_note(reading, unit),
        prior_authorization=read_reference(reading, unit, "G1"),
        referral_number=read_reference(reading, unit, "9F"),
        payer_claim_number=read_reference(reading, unit, "F8"),
        referring=read_provider(reading, unit, "2310A", "DN"),
        rendering=read_provider(reading, unit, "2310B", "82"),
        service_facility=read_provider(reading, unit, "2310C", "77"),
        supervising=read_provider(reading, unit, "2310D", "DQ"),
        other_payers=read_other_payers(reading, unit, consent, decisions),
        lines=lines,
    )


def _need_place_and_frequency(clm: Fields) -> tuple[str, ClaimFrequency]:
    """CLM05: the place of service, B, and what is done with the claim."""
    place, facility, code = clm.parts(5, 3)
    frequency = _FREQUENCIES.get(code)
    if not place or frequency is None:
        clm.fail(5)
    if facility != "B":
        clm.keep(5)
    return place, frequency or ClaimFrequency.ORIGINAL


def _read_diagnoses(reading: Reading, unit: Loop) -> tuple[tuple[str, ...], bool]:
    """The HI of diagnoses: SV107 counts them, so that each or none is read. The others are kept."""
    for hi in reading.every(unit, "HI"):
        first = "".join(hi.segment.components(1)[:1])
        if first not in _DIAGNOSES:
            continue
        others, are_icd_9 = _DIAGNOSES[first]
        codes: list[str] = []
        stated = [position for position in range(1, MOST_DIAGNOSES + 1) if hi.segment.get(position)]
        for position in range(1, stated[-1] + 1):
            qualifier, code = hi.parts(position, 2)
            if qualifier != (others if codes else first) or not code:
                hi.fail(position)
            codes.append(code)
        return tuple(codes), are_icd_9
    return (), False

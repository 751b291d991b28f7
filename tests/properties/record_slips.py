"""Slips in a claim and in the records it refers to: practice, patient, coverages, payers, providers, content."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from hypothesis import strategies as st

from app.domain.claim_parts import ClaimParts
from app.domain.claims import Claim, ClaimContent
from app.domain.coverages import Coverage
from tests.domain.claims import renewed
from tests.properties.wild_values import (
    ADDRESS,
    CLAIM,
    CONTENT,
    COVERAGE,
    LINE,
    NAME,
    PATIENT,
    PAYER,
    PRACTICE,
    PROVIDER,
    RANK,
    changed,
    one_changed,
    texts,
)

Slip = Callable[[st.DrawFn, ClaimParts], ClaimParts]


def with_content(parts: ClaimParts, content: ClaimContent) -> ClaimParts:
    return replace(parts, claim=replace(parts.claim, content=content))


def _in_practice(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return replace(parts, practice=changed(draw, parts.practice, PRACTICE))


def _in_practice_address(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    if parts.practice.address is None:
        return parts
    return replace(parts, practice=replace(parts.practice, address=changed(draw, parts.practice.address, ADDRESS)))


def _in_patient(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return replace(parts, patient=changed(draw, parts.patient, PATIENT))


def _in_person(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    person = parts.patient.person
    match draw(st.integers(0, 3)):
        case 0:
            person = replace(person, address=None)
        case 1 if person.address is not None:
            person = replace(person, address=changed(draw, person.address, ADDRESS))
        case 2:
            person = replace(person, birth_date=draw(st.dates(date(1890, 1, 1), date(2026, 9, 10))))
        case _:
            person = replace(person, name=changed(draw, person.name, NAME))
    return replace(parts, patient=replace(parts.patient, person=person))


def _in_coverage(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return replace(parts, coverages=one_changed(draw, parts.coverages, COVERAGE))


def _in_rank(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return _for_one_coverage(draw, parts, lambda one: replace(one, ranks=one_changed(draw, one.ranks, RANK)))


def _in_subscriber(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    def other_name(coverage: Coverage) -> Coverage:
        one = coverage.subscriber
        if one is None:
            return coverage
        address = None if one.address is None else changed(draw, one.address, ADDRESS)
        return replace(coverage, subscriber=replace(one, name=changed(draw, one.name, NAME), address=address))

    return _for_one_coverage(draw, parts, other_name)


def _for_one_coverage(draw: st.DrawFn, parts: ClaimParts, change: Callable[[Coverage], Coverage]) -> ClaimParts:
    at = draw(st.integers(0, len(parts.coverages) - 1))
    coverages = (*parts.coverages[:at], change(parts.coverages[at]), *parts.coverages[at + 1 :])
    return replace(parts, coverages=coverages)


def _ranks_swapped(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    first, *others = parts.coverages
    if not others or not first.ranks or not others[0].ranks:
        return parts
    second = others[0]
    one = replace(first, ranks=(replace(first.ranks[0], rank=second.ranks[0].rank),))
    other = replace(second, ranks=(replace(second.ranks[0], rank=first.ranks[0].rank),))
    return replace(parts, coverages=(one, other, *others[1:]))


def _one_payer_twice(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """Two coverages with one payer, such as both parents' with the same insurer."""
    one, other = draw(st.sampled_from(parts.coverages)), draw(st.sampled_from(parts.coverages))
    coverages = tuple(
        replace(coverage, payer_id=one.payer_id) if coverage.id == other.id else coverage
        for coverage in parts.coverages
    )
    claim = replace(parts.claim, payer_id=next(c.payer_id for c in coverages if c.id == parts.claim.coverage_id))
    return replace(parts, coverages=coverages, claim=claim)


def _in_payer(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    key = draw(st.sampled_from(sorted(parts.payers)))
    return replace(parts, payers={**parts.payers, key: changed(draw, parts.payers[key], PAYER)})


def _in_provider(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    key = draw(st.sampled_from(sorted(parts.providers)))
    return replace(parts, providers={**parts.providers, key: changed(draw, parts.providers[key], PROVIDER)})


def _in_content(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return with_content(parts, changed(draw, parts.claim.content, CONTENT))


def _in_facility(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    content = parts.claim.content
    facility = content.service_facility
    if facility is None:
        return parts
    match draw(st.integers(0, 2)):
        case 0:
            facility = replace(facility, name=draw(texts))
        case 1:
            facility = replace(facility, npi=draw(st.sampled_from((None, "", "1234567890"))))
        case _:
            facility = replace(facility, address=changed(draw, facility.address, ADDRESS))
    return with_content(parts, replace(content, service_facility=facility))


def _in_line(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    content = parts.claim.content
    return with_content(parts, replace(content, lines=one_changed(draw, content.lines, LINE)))


def _in_line_everywhere(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """The line as every payer was billed for it."""
    content = parts.claim.content
    if not content.lines:
        return parts
    line = changed(draw, content.lines[0], LINE)

    def billed(claim: Claim) -> Claim:
        return replace(claim, content=replace(claim.content, lines=renewed(claim.content.lines, lambda _: line)))

    chain = tuple(replace(one, claim=billed(one.claim)) for one in parts.chain if one.claim.content.lines)
    return replace(parts, claim=billed(parts.claim), chain=chain)


def _lines_otherwise(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """A line twice, lost, added, or in another place than the payers before were billed for."""
    content = parts.claim.content
    if not content.lines:
        return parts
    first, *others = content.lines
    twice = replace(first, id=UUID(int=2000), control_number=draw(st.sampled_from((first.control_number, "OWN1"))))
    lines = draw(
        st.sampled_from(
            [(*content.lines, first), (*content.lines, twice), tuple(others), (*others, first), content.lines * 13]
        )
    )
    return with_content(parts, replace(content, lines=lines))


def _in_claim(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return replace(parts, claim=changed(draw, parts.claim, CLAIM))


RECORD_SLIPS: Final[tuple[Slip, ...]] = (
    _in_practice,
    _in_practice_address,
    _in_patient,
    _in_person,
    _in_coverage,
    _in_rank,
    _in_subscriber,
    _ranks_swapped,
    _one_payer_twice,
    _in_payer,
    _in_provider,
    _in_content,
    _in_facility,
    _in_line,
    _in_line_everywhere,
    _lines_otherwise,
    _in_claim,
)

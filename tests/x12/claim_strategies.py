"""Professional claims that Hypothesis builds: of any rank, with any loop, and with amounts that add up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency
from app.domain.codes import (
    CLAIM_FILING_CODES,
    MEDICARE_SECONDARY_CODES,
    ORIGINAL_MEDICARE_FILING_CODES,
    US_STATES,
    AcceptsAssignment,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.parties import Address, Contact, Person
from app.domain.professional_claims import (
    BilledBy,
    BilledLine,
    BilledPayer,
    Insured,
    NamedProvider,
    OtherPayer,
    Policy,
    PriorDecision,
    PriorLine,
    ProfessionalClaim,
)
from app.domain.service_lines import MOST_DIAGNOSES, MOST_MODIFIERS, MOST_POINTERS, UnitOfMeasure
from tests.x12.inquiries import names, npis, people

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
_NOT_IN_THE_ORACLE = {"UM", "PW"}  # its list of states ends before these two
DIAGNOSES = "F411 F329 F4310 Z634 F4323 F900 F209 F3181 J309 E785 E669 K219 U071 S72001A".split()
REMARKS = "MA07 MA18 MA19 MA130 N89 N245 N1 M15 N700".split()
PLACES = "02 03 10 11 12 22 49 50 53 57 81 99".split()


def texts(longest: int, shortest: int = 1, alphabet: str = _UPPER + _DIGITS) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=shortest, max_size=longest)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100


organizations = texts(60, alphabet=_UPPER + _DIGITS + " '&-.,/").filter(str.strip)
taxonomies = texts(9, 9).map(lambda nine: f"{nine}X")
postal_codes = texts(5, 5, _DIGITS) | texts(9, 9, _DIGITS)
addresses = st.builds(
    Address,
    line1=texts(40),
    line2=maybe(texts(40)),
    city=texts(30, 2, _UPPER),
    state=st.sampled_from(sorted(US_STATES - _NOT_IN_THE_ORACLE)),
    postal_code=postal_codes,
)
streets = st.builds(
    Address,
    line1=texts(40),
    city=texts(30, 2, _UPPER),
    state=st.sampled_from(["CO", "NM"]),
    postal_code=texts(9, 9, _DIGITS),
)
procedures = st.builds(lambda first, four: first + four, st.sampled_from("09JG"), texts(4, 4, _DIGITS))
contacts = st.builds(Contact, name=texts(60), phone=texts(9, 9, _DIGITS).map(lambda nine: f"3{nine}"))
people_at_home = st.builds(lambda person, home: replace(person, address=home), people, addresses)
billing_providers = st.builds(
    BilledBy,
    name=organizations | names,
    npi=npis,
    taxonomy_code=maybe(taxonomies),
    tax_id=texts(9, 9, _DIGITS),
    tax_id_is_ssn=st.booleans(),
    address=streets,
    contact=maybe(contacts),
    pay_to_address=maybe(addresses),
)
numbers = texts(50)


filing_codes = st.sampled_from(sorted(ORIGINAL_MEDICARE_FILING_CODES)) | st.sampled_from(sorted(CLAIM_FILING_CODES))

filing_codes_of_dependents = st.sampled_from(sorted(CLAIM_FILING_CODES - ORIGINAL_MEDICARE_FILING_CODES))
"""A Medicare beneficiary is always the subscriber."""


def insurance_types(rank: PayerResponsibility, filing_code: str) -> st.SearchStrategy[str | None]:
    """SBR05: with Original Medicare after another payer, and with nobody else."""
    if rank is PayerResponsibility.PRIMARY or filing_code not in ORIGINAL_MEDICARE_FILING_CODES:
        return st.none()
    return st.sampled_from(sorted(MEDICARE_SECONDARY_CODES))


def _providers(name: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return maybe(st.builds(NamedProvider, name=name, npi=maybe(npis), payer_assigned_id=maybe(numbers), **more))


@st.composite
def policies(
    draw: st.DrawFn, rank: PayerResponsibility, insured: Person, relationship: Relationship, *, is_other: bool
) -> Policy:
    filing_code = draw(filing_codes if is_other or relationship is Relationship.SELF else filing_codes_of_dependents)
    return Policy(
        responsibility=rank,
        relationship=relationship,
        insured=Insured(name=insured.name, address=insured.address if is_other else None),
        member_id=draw(texts(80, 2)),
        group_number=draw(maybe(numbers)),
        group_name=draw(maybe(texts(60))),
        insurance_type_code=draw(insurance_types(rank, filing_code)),
        claim_filing_code=filing_code,
        benefits_assigned=draw(st.sampled_from(BenefitsAssigned)),
    )


@st.composite
def service_lines(draw: st.DrawFn, number: int, diagnoses: int) -> BilledLine:
    first = draw(DAYS)
    return BilledLine(
        control_number=f"{number}{draw(texts(20))}",
        procedure_code=draw(procedures),
        modifiers=tuple(draw(st.lists(texts(2, 2), max_size=MOST_MODIFIERS))),
        charge=dollars(draw(st.integers(1, 150_000))),
        units=draw(st.integers(1, 99_999)) / draw(st.sampled_from([Decimal(1), Decimal(1000)])),
        unit_of_measure=draw(st.sampled_from(UnitOfMeasure)),
        diagnosis_pointers=tuple(
            draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=MOST_POINTERS, unique=True))
        ),
        first_date=first,
        last_date=draw(maybe(st.dates(first, date(2030, 12, 31)))),
        place_of_service=draw(maybe(st.sampled_from(PLACES))),
    )


@st.composite
def adjustments(draw: st.DrawFn, cents: int, *, most: int = 6) -> tuple[Adjustment, ...]:
    """Together as much as said; now and then one of them below zero."""
    parts: list[int] = []
    left = cents
    for _ in range(draw(st.integers(0, most - 1))):
        part = draw(st.integers(-min(900, cents), left) if cents else st.just(0))
        parts.append(part)
        left -= part
    return tuple(
        Adjustment(
            group=draw(st.sampled_from(AdjustmentGroup)),
            reason_code=draw(st.sampled_from("1 2 3 16 23 45 94 96 97 204 253 A1 B7".split())),
            amount=dollars(part),
            quantity=draw(maybe(st.decimals(-99, 99, places=1))),
        )
        for part in [*parts, left]
    )


@st.composite
def prior_lines(draw: st.DrawFn, lines: tuple[BilledLine, ...], *, with_liability: bool) -> tuple[PriorLine, ...]:
    """What a payer decided on each line: whole, in two parts, for nothing, or bundled into another."""
    decided_on = draw(DAYS)
    decisions: list[PriorLine] = []
    for number, line in enumerate(lines, start=1):
        charge = int(line.charge * 100)
        others = [one for one in range(1, len(lines) + 1) if one != number]
        into = draw(maybe(st.sampled_from(others))) if others else None
        first_part = draw(st.sampled_from([charge, charge, charge // 2]))
        for part in (first_part, charge - first_part) if first_part < charge else (charge,):
            qualifier = draw(st.sampled_from("HC HC HC ER IV WK".split()))
            paid = 0 if into else draw(st.integers(0, part) | st.sampled_from([0, part]))
            decisions.append(
                PriorLine(
                    line_number=number,
                    paid=dollars(paid),
                    procedure_qualifier=qualifier,
                    procedure_code=draw(procedures if qualifier == "HC" else texts(48)),
                    modifiers=line.modifiers,
                    units=draw(st.sampled_from([Decimal(0), line.units])),
                    bundled_into=into,
                    adjustments=draw(adjustments(part - paid)),
                    adjudication_date=decided_on,
                    remaining_liability=dollars(draw(st.integers(0, part))) if with_liability else None,
                )
            )
    return tuple(decisions)


@st.composite
def decisions(draw: st.DrawFn, lines: tuple[BilledLine, ...]) -> PriorDecision:
    """A decision that balances: at claim level, on the lines, or on the lines with a part at claim level."""
    remarks = tuple(draw(st.lists(st.sampled_from(REMARKS), max_size=5, unique=True)))
    charge = sum(int(line.charge * 100) for line in lines)
    if draw(st.booleans()):
        paid = draw(st.integers(0, charge) | st.sampled_from([0, charge]))
        return PriorDecision(
            paid=dollars(paid),
            adjustments=draw(adjustments(charge - paid)),
            remaining_liability=dollars(draw(st.integers(0, charge))),
            adjudication_date=draw(DAYS),
            remark_codes=remarks,
        )
    at_claim = draw(st.booleans())
    on_lines = draw(prior_lines(lines, with_liability=not at_claim))
    paid = int(sum(line.paid for line in on_lines) * 100)
    taken = draw(st.integers(0, paid)) if at_claim else 0
    return PriorDecision(
        paid=dollars(paid - taken),
        adjustments=draw(adjustments(taken)) if taken else (),
        remaining_liability=dollars(taken) if at_claim else None,
        remark_codes=remarks,
        lines=on_lines,
    )


@st.composite
def other_payers(draw: st.DrawFn, claim: ProfessionalClaim, rank: PayerResponsibility) -> OtherPayer:
    relationship = draw(st.sampled_from(Relationship))
    insured = claim.patient if relationship is Relationship.SELF else draw(people | people_at_home)
    has_decided = rank.number < claim.policy.responsibility.number
    return OtherPayer(
        policy=draw(policies(rank, insured, relationship, is_other=True)),
        name=draw(organizations),
        payer_id=f"{draw(texts(20))}{rank.code}",
        prior_authorization=draw(maybe(numbers)),
        referral_number=draw(maybe(numbers)),
        payer_claim_number=draw(maybe(numbers)),
        decision=draw(decisions(claim.lines)) if has_decided else None,
    )


@st.composite
def claims(draw: st.DrawFn, *, most_lines: int = 5) -> ProfessionalClaim:
    """A claim of any rank whose amounts add up, with any of the loops that are not always there."""
    diagnoses = tuple(draw(st.lists(st.sampled_from(DIAGNOSES), min_size=1, max_size=MOST_DIAGNOSES, unique=True)))
    line_count = draw(st.integers(1, most_lines))
    payer_count = draw(st.integers(1, 4))
    rank = draw(st.integers(1, payer_count))
    patient = draw(people_at_home)
    is_subscriber = draw(st.booleans())
    dependents = [one for one in Relationship if one is not Relationship.SELF]
    relationship = Relationship.SELF if is_subscriber else draw(st.sampled_from(dependents))
    insured = patient if is_subscriber else draw(people)
    frequency = draw(st.sampled_from(ClaimFrequency))
    claim = ProfessionalClaim(
        patient_control_number=draw(texts(17)),
        frequency=frequency,
        billed_by=draw(billing_providers),
        policy=draw(policies(PayerResponsibility.from_number(rank), insured, relationship, is_other=False)),
        payer=BilledPayer(
            name=draw(organizations),
            payer_id=draw(texts(80, 2)),
            address=draw(maybe(addresses)),
            provider_id_there=draw(maybe(numbers)),
        ),
        patient=patient,
        patient_is_subscriber=is_subscriber,
        place_of_service=draw(st.sampled_from(PLACES)),
        accepts_assignment=draw(st.sampled_from(AcceptsAssignment)),
        release_of_information=draw(st.sampled_from(ReleaseOfInformation)),
        signature_generated=draw(st.booleans()),
        diagnoses=diagnoses,
        patient_paid=draw(maybe(st.integers(0, 9_999).map(dollars))),
        prior_authorization=draw(maybe(numbers)),
        referral_number=draw(maybe(numbers)),
        payer_claim_number=None if frequency is ClaimFrequency.ORIGINAL else draw(numbers),
        referring=draw(_providers(names)),
        rendering=draw(_providers(names | organizations, taxonomy_code=maybe(taxonomies))),
        service_facility=draw(_providers(organizations, address=addresses)),
        supervising=draw(_providers(names)),
        lines=tuple(draw(service_lines(number, len(diagnoses))) for number in range(1, line_count + 1)),
    )
    others = [PayerResponsibility.from_number(number) for number in range(1, payer_count + 1) if number != rank]
    return replace(claim, other_payers=tuple(draw(other_payers(claim, other)) for other in others))

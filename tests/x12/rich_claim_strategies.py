"""Professional claims in the form that reading gives back: every field of the values, and nothing that writing changes.

Texts are in capitals without blanks at their ends; adjustments are not zero and stand by group; a rendering provider
differs from the billing provider; what the writer leaves out because it goes without saying is not said.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency
from app.domain.codes import (
    AcceptsAssignment,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.parties import Contact, Person, PersonName, Sex
from app.domain.professional_claims import (
    BilledBy,
    BilledLine,
    BilledPayer,
    Contract,
    Insured,
    NamedProvider,
    Note,
    OtherPayer,
    Policy,
    PriorDecision,
    PriorLine,
    ProfessionalClaim,
    Submitter,
)
from app.domain.service_lines import MOST_DIAGNOSES, MOST_MODIFIERS, MOST_POINTERS, UnitOfMeasure
from app.x12.separators import Separators
from tests.x12.claim_strategies import (
    DAYS,
    DIAGNOSES,
    PLACES,
    REMARKS,
    addresses,
    contacts,
    dollars,
    filing_codes,
    filing_codes_of_dependents,
    insurance_types,
    maybe,
    numbers,
    organizations,
    procedures,
    streets,
    taxonomies,
    texts,
)
from tests.x12.inquiries import npis

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ -'"
_MOST_ON_A_LINE = 15
_REASONS = "1 2 3 16 23 45 94 96 97 204 253 A1 B7".split()
_amounts = st.integers(1, 9_999_999).map(dollars)


def _words(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return (
        st.text(_LETTERS, min_size=shortest, max_size=longest).map(str.strip).filter(lambda text: len(text) >= shortest)
    )


_organizations = organizations.map(str.strip)
_names = st.builds(
    PersonName,
    last=_words(60),
    first=_words(35),
    middle=maybe(_words(25)),
    suffix=maybe(st.sampled_from(["JR", "III"])),
)
_people = st.builds(
    Person,
    name=_names,
    birth_date=st.dates(date(1890, 1, 1), date(2026, 3, 1)),
    sex=st.sampled_from(Sex),
    address=addresses,
)
_billing_providers = st.builds(
    BilledBy,
    name=_organizations | _names,
    npi=npis,
    taxonomy_code=maybe(taxonomies),
    tax_id=texts(9, 9, "0123456789"),
    tax_id_is_ssn=st.booleans(),
    address=streets,
    contact=maybe(contacts),
    pay_to_address=maybe(addresses),
)
_payers = st.builds(
    BilledPayer,
    name=_organizations,
    payer_id=texts(80, 2),
    address=maybe(addresses),
    provider_id_there=maybe(numbers),
)
contracts = st.builds(
    Contract,
    type_code=st.sampled_from("01 02 03 04 05 06 09".split()),
    amount=maybe(_amounts),
    percent=maybe(st.integers(1, 9_999).map(dollars)),
    code=maybe(texts(50)),
    discount_percent=maybe(st.integers(1, 9_999).map(dollars)),
    version=maybe(texts(30)),
)
submitters = st.builds(
    Submitter,
    name=_organizations,
    id=texts(80, 2),
    contact=st.builds(Contact, name=_words(60), phone=texts(9, 9, "0123456789").map(lambda nine: f"3{nine}")),
)
separators = st.sampled_from(
    [
        Separators(),
        Separators(element="|", component="^", repetition="\\", segment="\n"),
        Separators(element="\x1d", component="\x1f", repetition="\x1c", segment="\x1e"),
        Separators(element="*", component=">", repetition=None, segment="~"),
    ]
)


def notes(*codes: str) -> st.SearchStrategy[Note]:
    return st.builds(Note, code=st.sampled_from(codes), text=_words(80))


def _providers(name: st.SearchStrategy[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return maybe(st.builds(NamedProvider, name=name, npi=maybe(npis), payer_assigned_id=maybe(numbers), **fields))


@st.composite
def _policies(draw: st.DrawFn, rank: PayerResponsibility, relationship: Relationship, insured: Insured) -> Policy:
    group_number = draw(maybe(numbers))
    is_dependent = insured.address is None and relationship is not Relationship.SELF
    filing_code = draw(filing_codes_of_dependents if is_dependent else filing_codes)
    return Policy(
        responsibility=rank,
        relationship=relationship,
        insured=insured,
        member_id=draw(texts(80, 2)),
        group_number=group_number,
        group_name=draw(maybe(_words(60))) if group_number is None else None,
        insurance_type_code=draw(insurance_types(rank, filing_code)),
        claim_filing_code=filing_code,
        benefits_assigned=draw(st.sampled_from(BenefitsAssigned)),
    )


@st.composite
def _procedures(draw: st.DrawFn) -> dict[str, Any]:
    qualifier = draw(st.sampled_from("HC HC HC ER IV WK".split()))
    return {
        "procedure_qualifier": qualifier,
        "procedure_code": draw(procedures if qualifier == "HC" else texts(48)),
        "modifiers": tuple(draw(st.lists(texts(2, 2), max_size=MOST_MODIFIERS))),
    }


@st.composite
def _lines(draw: st.DrawFn, number: int, diagnoses: int, place: str) -> BilledLine:
    first = draw(DAYS)
    last = draw(maybe(st.dates(first, date(2030, 12, 31))))
    elsewhere = draw(maybe(st.sampled_from(PLACES)))
    line_notes = (draw(maybe(notes("ADD", "DCP"))), draw(maybe(notes("TPO"))))
    return BilledLine(
        control_number=f"{number}{draw(texts(20))}",
        **draw(_procedures()),
        description=draw(maybe(_words(80))),
        charge=dollars(draw(st.integers(1, 150_000))),
        units=draw(st.integers(1, 99_999)) / draw(st.sampled_from([Decimal(1), Decimal(1000)])),
        unit_of_measure=draw(st.sampled_from(UnitOfMeasure)),
        diagnosis_pointers=tuple(
            draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=MOST_POINTERS, unique=True))
        ),
        first_date=first,
        last_date=None if last == first else last,
        place_of_service=None if elsewhere == place else elsewhere,
        contract=draw(maybe(contracts)),
        notes=tuple(note for note in line_notes if note is not None),
    )


@st.composite
def _adjustments(draw: st.DrawFn, cents: int) -> tuple[Adjustment, ...]:
    """Together as much as said, one for each group and reason, none of them zero, the groups one after the other."""
    if not cents:
        return ()
    groups = draw(st.lists(st.sampled_from(AdjustmentGroup), min_size=1, max_size=5, unique=True))
    reasons = st.lists(st.sampled_from(_REASONS), min_size=1, max_size=12 if len(groups) == 1 else 3, unique=True)
    pairs = [(group, reason) for group in groups for reason in draw(reasons)]
    parts = [draw(st.integers(1, 900) | st.integers(-900, -1)) for _ in pairs[1:]]
    parts.insert(0, cents - sum(parts))
    if not parts[0]:
        parts, pairs = [cents], pairs[:1]
    return tuple(
        Adjustment(
            group=group,
            reason_code=reason,
            amount=dollars(part),
            quantity=draw(maybe(st.decimals(1, 99, places=1))),
        )
        for (group, reason), part in zip(pairs, parts, strict=True)
    )


@st.composite
def _prior_lines(
    draw: st.DrawFn, lines: tuple[BilledLine, ...], used: Counter[int], *, with_liability: bool
) -> tuple[PriorLine, ...]:
    """Whole, for nothing, in two parts, or bundled into another line."""
    decided_on = draw(DAYS)
    decisions: list[PriorLine] = []
    for number, line in enumerate(lines, start=1):
        charge = int(line.charge * 100)
        others = [one for one in range(1, len(lines) + 1) if one != number]
        into = draw(maybe(st.sampled_from(others))) if others else None
        first = draw(st.sampled_from([charge, charge, charge // 2]))
        parts = (first, charge - first) if 0 < first < charge and used[number] < _MOST_ON_A_LINE - 8 else (charge,)
        used[number] += len(parts)
        for part in parts:
            paid = 0 if into else draw(st.integers(0, part) | st.sampled_from([0, part]))
            decisions.append(
                PriorLine(
                    line_number=number,
                    paid=dollars(paid),
                    **draw(_procedures()),
                    units=draw(st.sampled_from([Decimal(0), line.units])),
                    bundled_into=into,
                    adjustments=draw(_adjustments(part - paid)),
                    adjudication_date=decided_on,
                    remaining_liability=dollars(draw(st.integers(0, part))) if with_liability else None,
                )
            )
    return tuple(decisions)


@st.composite
def _decisions(draw: st.DrawFn, lines: tuple[BilledLine, ...], used: Counter[int]) -> PriorDecision:
    """At claim level, on the lines, or on the lines with a part at claim level."""
    remarks = tuple(draw(st.lists(st.sampled_from(REMARKS), max_size=5, unique=True)))
    if draw(st.booleans()):
        charge = sum(int(line.charge * 100) for line in lines)
        paid = draw(st.integers(0, charge) | st.sampled_from([0, charge]))
        return PriorDecision(
            paid=dollars(paid),
            adjustments=draw(_adjustments(charge - paid)),
            remaining_liability=dollars(draw(st.integers(0, charge))),
            adjudication_date=draw(DAYS),
            remark_codes=remarks,
        )
    at_claim = draw(st.booleans())
    on_lines = draw(_prior_lines(lines, used, with_liability=not at_claim))
    paid = int(sum(line.paid for line in on_lines) * 100)
    taken = draw(st.integers(0, paid)) if at_claim else 0
    return PriorDecision(
        paid=dollars(paid - taken),
        adjustments=draw(_adjustments(taken)),
        remaining_liability=dollars(taken) if at_claim else None,
        remark_codes=remarks,
        lines=on_lines,
    )


@st.composite
def _other_payers(
    draw: st.DrawFn, claim: ProfessionalClaim, rank: PayerResponsibility, used: Counter[int]
) -> OtherPayer:
    relationship = draw(st.sampled_from(Relationship))
    insured = Insured(name=draw(_names | _organizations), address=draw(maybe(addresses)))
    has_decided = rank.number < claim.policy.responsibility.number
    return OtherPayer(
        policy=draw(_policies(rank, relationship, insured)),
        name=draw(_organizations),
        payer_id=f"{draw(texts(20))}{rank.code}",
        prior_authorization=draw(maybe(numbers)),
        referral_number=draw(maybe(numbers)),
        payer_claim_number=draw(maybe(numbers)),
        decision=draw(_decisions(claim.lines, used)) if has_decided else None,
    )


@st.composite
def rich_claims(draw: st.DrawFn, *, most_lines: int = 3) -> ProfessionalClaim:
    """Of any rank up to the eleventh, the patient the subscriber or not, original, replacing or void."""
    diagnoses = tuple(draw(st.lists(st.sampled_from(DIAGNOSES), min_size=1, max_size=MOST_DIAGNOSES, unique=True)))
    payer_count = draw(st.sampled_from([1, 2, 2, 3, 3, 4, 11]))
    rank = draw(st.integers(1, payer_count))
    place = draw(st.sampled_from(PLACES))
    patient = draw(_people)
    is_subscriber = draw(st.booleans())
    dependents = [one for one in Relationship if one is not Relationship.SELF]
    relationship = Relationship.SELF if is_subscriber else draw(st.sampled_from(dependents))
    insured = Insured(name=patient.name if is_subscriber else draw(_names | _organizations))
    frequency = draw(st.sampled_from(ClaimFrequency))
    billed_by = draw(_billing_providers)
    payer = draw(_payers)
    rendering = draw(_providers(_names | _organizations, taxonomy_code=maybe(taxonomies)))
    if rendering is not None and rendering.npi == billed_by.npi:
        rendering = None
    line_count = draw(st.integers(1, most_lines))
    claim = ProfessionalClaim(
        patient_control_number=draw(texts(17)),
        frequency=frequency,
        billed_by=billed_by,
        policy=draw(_policies(PayerResponsibility.from_number(rank), relationship, insured)),
        payer=payer,
        patient=patient,
        patient_is_subscriber=is_subscriber,
        place_of_service=place,
        accepts_assignment=draw(st.sampled_from(AcceptsAssignment)),
        release_of_information=draw(st.sampled_from(ReleaseOfInformation)),
        signature_generated=draw(st.booleans()),
        diagnoses=diagnoses,
        patient_paid=draw(maybe(_amounts)),
        contract=draw(maybe(contracts)),
        note=draw(maybe(notes("ADD", "CER", "DCP", "DGN", "TPO"))),
        prior_authorization=draw(maybe(numbers)),
        referral_number=draw(maybe(numbers)),
        payer_claim_number=None if frequency is ClaimFrequency.ORIGINAL else draw(numbers),
        referring=draw(_providers(_names)),
        rendering=rendering,
        service_facility=draw(_providers(_organizations, address=addresses)),
        supervising=draw(_providers(_names)),
        lines=tuple(draw(_lines(number, len(diagnoses), place)) for number in range(1, line_count + 1)),
    )
    others = [PayerResponsibility.from_number(number) for number in range(1, payer_count + 1) if number != rank]
    used: Counter[int] = Counter()
    return replace(claim, other_payers=tuple(draw(_other_payers(claim, other, used)) for other in others))

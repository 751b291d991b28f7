"""Whole claims that Hypothesis builds, with all that they refer to: sound ones, and sound ones with slips.

Sound means that every record is such as the service would have stored. Whether the claim that comes of it can be sent is
left to the review. `MARK` stands in everything personal, so that it is known when something of it gets out.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from hypothesis import strategies as st

from app.domain.adjudications import AdjudicationSource
from app.domain.claim_outcomes import outcome_of
from app.domain.claim_parts import ClaimParts
from app.domain.claim_states import ClaimStatus
from app.domain.claims import Claim, ClaimContent, ClaimFrequency, PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.codes import (
    CLAIM_FILING_CODES,
    MEDICARE_SECONDARY_CODES,
    AcceptsAssignment,
    BenefitClass,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.coordination import ChainClaim
from app.domain.coverages import Coverage, CoverageStatus, MemberIdOwner
from app.domain.parties import Address, Contact, Person, PersonName, Sex
from app.domain.patients import Patient
from app.domain.payers import Payer, PayerKind, ProfileEntry, ProfileSetting
from app.domain.practices import Practice
from app.domain.providers import PayerParticipation, Provider, ProviderKind
from app.domain.service_lines import MOST_LINES
from tests.domain.claims import a_claim, a_payer, a_ranked_coverage, an_adjudication, contents, medicare
from tests.factories import TODAY, a_patient, a_practice, a_provider, an_npi
from tests.properties.prior_decisions import prior_decisions

MARK: Final = "ZQXJ"
_COUNTS: Final = (2, 3, 2, 3, 4, 1)
"""How many payers a patient has; most claims here follow another payer's."""


def marked(rest: str) -> str:
    return f"{MARK}{rest}".strip()


_ENDS: Final = ("", "a", " d'Åž", "-Núñez", " O\u2019Neil", "\u2013Ösél", "ﬁ", ". & (2)", "/X")
_MARKS: Final = tuple(map(marked, _ENDS))
_ADDRESSES: Final = tuple(
    Address(line1=mark, line2=second, city=mark, state=state, postal_code=postal_code)
    for mark, second, state, postal_code in zip(
        _MARKS,
        (None, "Apt 2") * 5,
        ("CO", "NM", "PR", "AE", "DC") * 2,
        ("802110001", "80211", "802110001") * 3,
        strict=False,
    )
)
_NAMES: Final = tuple(
    PersonName(last=mark, first=MARK, middle=middle, suffix=suffix)
    for mark, middle, suffix in zip(_MARKS, (None, None, MARK) * 3, (None, "JR", None, "iii") * 3, strict=False)
)
_PEOPLE: Final = tuple(
    Person(name=name, birth_date=date(1930 + 9 * number, 2, 28), sex=sex, address=address)
    for number, (name, sex, address) in enumerate(zip(_NAMES, tuple(Sex) * 3, reversed(_ADDRESSES), strict=True))
)
marks = st.sampled_from(_MARKS)
numbers = st.sampled_from(tuple(map(marked, ("", "1", "77 A", "-900/B", ".5", "(7)A", "0" * 40))))
maybe_numbers = st.sampled_from((None, *map(marked, ("1", "77 A", "-900/B"))))
names = st.sampled_from(_NAMES)
addresses = st.sampled_from(_ADDRESSES)
maybe_addresses = st.sampled_from((None, *_ADDRESSES))
streets = st.sampled_from([one for one in _ADDRESSES if len(one.postal_code) == 9])
people = st.sampled_from(_PEOPLE)
contacts = st.sampled_from([Contact(name=mark, phone="3035550100") for mark in _MARKS])
booleans = st.booleans()
taxonomies = st.sampled_from(("101YM0800X", "103TC0700X", None))


@st.composite
def practices(draw: st.DrawFn) -> Practice:
    return a_practice(
        id=UUID(int=1),
        tax_id_is_ssn=draw(booleans),
        billing_contact=draw(contacts),
        taxonomy_code=draw(taxonomies),
        address=draw(streets),
        is_test=draw(booleans),
    )


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    """With both consents and an address, and born before any service of these tests."""
    return a_patient(
        id=UUID(int=2),
        external_id=MARK,
        person=draw(people),
        release_of_information=draw(st.sampled_from(ReleaseOfInformation)),
    )


@st.composite
def payers(draw: st.DrawFn, number: int, *, is_medicare: bool) -> Payer:
    address = draw(maybe_addresses)
    if is_medicare:
        return medicare(f"MED{number}", claim_filing_code=draw(st.sampled_from(("MA", "MB"))), address=address)
    return a_payer(
        f"INV{number}",
        name=f"INVENTED PLAN {number}",
        kind=draw(st.sampled_from([one for one in PayerKind if one is not PayerKind.MEDICARE])),
        claim_filing_code=draw(st.sampled_from(sorted(CLAIM_FILING_CODES - {"MA", "MB"}))),
        address=address,
    )


@st.composite
def coverages_with(draw: st.DrawFn, payer: Payer, rank: PayerResponsibility) -> Coverage:
    """Verified, and of that rank for all time."""
    is_medicare = payer.is_original_medicare
    relationship = Relationship.SELF if is_medicare else draw(st.sampled_from(Relationship))
    is_self = relationship is Relationship.SELF
    secondary_medicare = is_medicare and rank is not PayerResponsibility.PRIMARY
    return a_ranked_coverage(
        rank,
        id=UUID(int=100 + rank.number),
        insurance_type_code=draw(st.sampled_from(sorted(MEDICARE_SECONDARY_CODES))) if secondary_medicare else None,
        patient_id=UUID(int=2),
        payer_id=payer.id,
        benefit_class=draw(st.sampled_from((BenefitClass.ALL, BenefitClass.BEHAVIORAL))),
        member_id=f"{draw(numbers)}{rank.number}",
        member_id_belongs_to=MemberIdOwner.PATIENT if is_self else draw(st.sampled_from(MemberIdOwner)),
        group_number=draw(maybe_numbers),
        group_name=draw(st.none() | marks),
        relationship=relationship,
        subscriber=None if is_self else draw(people),
        benefits_assigned=draw(st.sampled_from(BenefitsAssigned)),
        payer_address=draw(maybe_addresses),
    )


@st.composite
def coverages_apart(draw: st.DrawFn, payer: Payer) -> Coverage:
    """One that takes no part: not verified, closed, ended long ago, or for medical care."""
    number = draw(st.integers(1, 3))
    apart = replace(draw(coverages_with(payer, PayerResponsibility.from_number(number))), id=UUID(int=200))
    match draw(st.integers(0, 2)):
        case 0:
            statuses = (CoverageStatus.UNVERIFIED, CoverageStatus.REJECTED, CoverageStatus.WITHDRAWN)
            return replace(apart, status=draw(st.sampled_from(statuses)), ranks=())
        case 1:
            ended = replace(apart.ranks[0], to_date=date(2020, 12, 31))
            return replace(apart, ranks=(ended,), effective_to=ended.to_date)
    medical = BenefitClass.MEDICAL
    return replace(apart, benefit_class=medical, ranks=(replace(apart.ranks[0], benefit_class=medical),))


@st.composite
def providers_of(draw: st.DrawFn, number: int, payer: Payer, *, is_person: bool) -> Provider:
    participation = PayerParticipation(
        payer_id=payer.id,
        accepts_assignment=draw(st.sampled_from(AcceptsAssignment)),
        in_network=draw(booleans),
    )
    return a_provider(
        id=UUID(int=300 + number),
        npi=an_npi(number),
        kind=ProviderKind.PERSON if is_person else ProviderKind.ORGANIZATION,
        name=draw(names) if is_person else None,
        organization_name=None if is_person else draw(marks),
        taxonomy_code=draw(taxonomies),
        participations=(participation,),
        is_active=draw(st.sampled_from((True, True, False))),
    )


@st.composite
def whole_contents(draw: st.DrawFn, payer: Payer) -> tuple[ClaimContent, dict[UUID, Provider]]:
    """What a person says of a claim, and the providers it names."""
    content = draw(contents(most_lines=4))
    if draw(st.integers(0, 19)) == 0:
        content = with_most_lines(content)
    rendering = draw(providers_of(2, payer, is_person=draw(booleans)))
    named: dict[str, Provider | None] = {
        "rendering_provider_id": rendering,
        "billing_provider_id": draw(st.none() | providers_of(3, payer, is_person=draw(booleans))),
        "referring_provider_id": draw(st.none() | providers_of(4, payer, is_person=True)),
        "supervising_provider_id": draw(st.none() | st.just(rendering) | providers_of(5, payer, is_person=True)),
    }
    if rendering.kind is not ProviderKind.PERSON and named["supervising_provider_id"] is rendering:
        named["supervising_provider_id"] = None
    facility = draw(
        st.none() | st.builds(ServiceFacility, name=marks, npi=st.none() | st.just(an_npi(6)), address=addresses)
    )
    present = [ProviderRole.BILLING, ProviderRole.RENDERING]
    present += [ProviderRole.SERVICE_FACILITY] if facility else []
    present += [role for role in (ProviderRole.REFERRING, ProviderRole.SUPERVISING) if named[f"{role}_provider_id"]]
    roles = draw(st.lists(st.sampled_from(present), unique=True, max_size=2))
    content = replace(
        content,
        **cast("dict[str, Any]", {name: None if one is None else one.id for name, one in named.items()}),
        service_facility=facility,
        pay_to_address=draw(maybe_addresses),
        billing_contact=draw(st.none() | contacts),
        payer_assigned_ids=tuple(PayerAssignedId(role=role, number=draw(numbers)) for role in roles),
        prior_authorization=draw(maybe_numbers),
        referral_number=draw(maybe_numbers),
        signature_generated_by_provider=draw(booleans),
    )
    return content, {one.id: one for one in named.values() if one is not None}


def with_most_lines(content: ClaimContent) -> ClaimContent:
    """As many lines as fit, each of another day's charge."""
    first = content.lines[0]
    added = tuple(
        replace(
            first, id=UUID(int=1000 + number), control_number=f"{MARK}{number}", charge=first.charge + Decimal(number)
        )
        for number in range(1, MOST_LINES - len(content.lines) + 1)
    )
    return replace(content, lines=(*content.lines, *added))


@st.composite
def profiles(draw: st.DrawFn, payer: Payer) -> dict[ProfileSetting, ProfileEntry]:
    values = {
        ProfileSetting.CLAIM_LEVEL_ADJUDICATION_ALLOWED: draw(st.sampled_from((True, True, True, False, None))),
        ProfileSetting.NEGATIVE_ADJUSTMENT_SEVERITY: draw(
            st.sampled_from((None, None, None, None, "warning", "error"))
        ),
        ProfileSetting.NEEDS_PRIOR_PAYER_CLAIM_NUMBER: draw(st.sampled_from((None, None, None, None, False, True))),
    }
    return {
        setting: ProfileEntry(
            id=UUID(int=400), payer_id=payer.id, setting=setting, value=value, source="Invented.", noted_on=TODAY
        )
        for setting, value in values.items()
        if value is not None
    }


@st.composite
def sound_parts(draw: st.DrawFn) -> ClaimParts:
    """A claim to any of up to four payers, of which all that come before it have decided, to the cent."""
    count = draw(st.sampled_from(_COUNTS))
    medicare_at = draw(st.none() | st.integers(0, count - 1))
    ordered = [draw(payers(number, is_medicare=number == medicare_at)) for number in range(count)]
    coverages = [
        draw(coverages_with(payer, PayerResponsibility.from_number(number)))
        for number, payer in enumerate(ordered, start=1)
    ]
    asked = draw(st.sampled_from((*[count - 1] * 3, *range(count))))
    content, providers = draw(whole_contents(ordered[asked]))
    claims = [_claim_to(coverage, content) for coverage in coverages[: asked + 1]]
    claims = [
        replace(claim, previous_claim_id=before.id if before is not None else None)
        for before, claim in zip((None, *claims), claims, strict=False)
    ]
    elsewhere = draw(payers(9, is_medicare=False))
    apart = draw(st.none() | coverages_apart(elsewhere))
    known = ordered if apart is None else [*ordered, elsewhere]
    return ClaimParts(
        claim=draw(_as_it_goes_out(claims[-1])),
        practice=draw(practices()),
        patient=draw(patients()),
        coverages=(*coverages, *(() if apart is None else (apart,))),
        payers={payer.id: payer for payer in known},
        providers=providers,
        chain=tuple(draw(decided_claims(claim)) for claim in claims[:-1]),
        profile=draw(profiles(ordered[asked])),
    )


def _claim_to(coverage: Coverage, content: ClaimContent) -> Claim:
    number = coverage.wished_rank.number
    return a_claim(
        id=UUID(int=500 + number),
        chain_id=UUID(int=500),
        encounter_id=MARK,
        patient_id=UUID(int=2),
        coverage_id=coverage.id,
        payer_id=coverage.payer_id,
        rank=coverage.wished_rank,
        patient_control_number=f"PCN{number}",
        content=content,
    )


@st.composite
def _as_it_goes_out(draw: st.DrawFn, claim: Claim) -> Claim:
    """Original, or in place of one that the payer has."""
    frequency = draw(st.sampled_from((*[ClaimFrequency.ORIGINAL] * 4, *ClaimFrequency)))
    if frequency is ClaimFrequency.ORIGINAL:
        return claim
    return replace(claim, frequency=frequency, payer_claim_number=draw(numbers))


@st.composite
def decided_claims(draw: st.DrawFn, claim: Claim) -> ChainClaim:
    """The claim with a decision on it that adds up."""
    decision = draw(prior_decisions(claim.content.lines))
    outcome = outcome_of(decision, claim.content.lines)
    adjudication = an_adjudication(
        claim,
        decision,
        id=UUID(int=600 + claim.rank.number),
        source=draw(st.sampled_from(AdjudicationSource)),
        outcome=outcome,
    )
    return ChainClaim(claim=replace(claim, status=ClaimStatus.PAID, outcome=outcome), adjudication=adjudication)

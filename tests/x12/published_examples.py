"""X12's published coordination-of-benefits examples 3A and 3B of 005010X222, and where ours differ on purpose.

3A is the claim to the first payer, which names the second; 3B is the claim to the second after the first one decided.
Each difference stands at a segment of the published transaction set (counted like SE01: ST is 1), with what we write
instead. The texts themselves are found through REFERENCE_DIR.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from app.domain.claims import ClaimFrequency
from app.domain.codes import (
    AcceptsAssignment,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
from app.domain.eligibility import Interchange
from app.domain.identifiers import npi_check_digit
from app.domain.parties import Address, Contact, Person, PersonName, Sex
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
    Submitter,
)
from tests.x12.claims import co, pr

NPI = "199999666" + npi_check_digit("199999666")
FACILITY_NPI = "158123456" + npi_check_digit("158123456")
SERVICE_DATE = date(2005, 10, 3)
DECISION_DATE = date(2005, 10, 15)

_NPI = "The published NPI fails its check digit."
_ICD_10 = "The published codes are ICD-9-CM, which claims have not carried since 2015."
_POSTAL_CODE = "A billing address needs nine digits of postal code."
_NO_DMG = "2010BA carries DMG only when the subscriber is the patient."
_CONSENT = "OI06 equals CLM09 and OI04 equals CLM10: there is one consent and one signature."
_CHILD = "SBR02 is the patient's relationship to this insured: 19, the child, not 01, the spouse."
_LINE_NUMBER = "Each line carries a control number, which payers send back."
_RECEIVER = "A clearinghouse is configured by its id, which stands for its name too."
_SUBMITTER = "The installation submits under one id, whatever the claim."
_TAXONOMY = "Who bills is the provider who rendered, one record with one taxonomy: 2000A says it as well."
_TAKEN_APART = "The published street fills two elements and the published postal code has four digits."


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Instead of segment number `at`, whose id is `theirs`, stands `ours`."""

    at: int
    theirs: str
    ours: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class PublishedExample:
    file_name: str
    claim: ProfessionalClaim
    submitter: Submitter
    receiver_name: str
    receiver_id: str
    reference: str
    differences: tuple[Difference, ...]

    @property
    def interchange(self) -> Interchange:
        """The envelope is no part of the comparison, but for the receiver, who stands in 1000B as well."""
        return Interchange(
            sender_id="SSSSSS",
            receiver_id=self.receiver_id,
            control_number=1,
            created_at=datetime(2005, 10, 15, 10, 23, tzinfo=UTC),
            is_test=False,
        )

    def expected(self, published: str) -> list[str]:
        """The published segments between ST and SE with our differences in their places."""
        segments = [segment.strip() for segment in published.split("~")]
        start = next(number for number, segment in enumerate(segments) if segment.startswith("ST*"))
        end = next(number for number, segment in enumerate(segments) if segment.startswith("SE*"))
        differences = {difference.at: difference for difference in self.differences}
        ours: list[str] = []
        for number, segment in enumerate(segments[start + 1 : end], start=2):
            difference = differences.pop(number, None)
            if difference is None:
                ours.append(segment)
                continue
            assert segment.split("*")[0] == difference.theirs, number
            assert difference.ours != (segment,), number
            ours.extend(difference.ours)
        assert not differences
        return ours


def without_own_numbers(segments: list[str]) -> list[str]:
    """Segments with control numbers and creation dates blanked: BHT03 to 05, CLM01, REF*6R."""
    blanked = []
    for segment in segments:
        elements = segment.split("*")
        if elements[0] == "BHT":
            elements[3:6] = ["", "", ""]
        elif elements[0] == "CLM":
            elements[1] = ""
        elif elements[:2] == ["REF", "6R"]:
            elements[2] = ""
        blanked.append("*".join(elements))
    return blanked


def _miami(line1: str, postal_code: str = "33111") -> Address:
    return Address(line1=line1, city="MIAMI", state="FL", postal_code=postal_code)


_HOME = _miami("236 N MAIN ST")
JANE = Person(name=PersonName(last="SMITH", first="JANE"), birth_date=date(1943, 5, 1), sex=Sex.FEMALE, address=_HOME)
JACK = Person(name=PersonName(last="SMITH", first="JACK"), birth_date=date(1943, 10, 22), sex=Sex.MALE, address=_HOME)
TED = Person(
    name=PersonName(last="SMITH", first="TED"),
    birth_date=date(1973, 5, 1),
    sex=Sex.MALE,
    address=_miami("236 N MAIN ST", "33413"),
)
BEN_KILDARE = PersonName(last="KILDARE", first="BEN")
BILLED_BY = BilledBy(
    name=BEN_KILDARE,
    npi=NPI,
    tax_id="123456789",
    address=_miami("1234 SEAWAY ST", "331110001"),
    contact=Contact(name="CONNIE", phone="3055551234"),
    pay_to_address=_miami("2345 OCEAN BLVD"),
)
RENDERING = NamedProvider(name=BEN_KILDARE, npi=NPI, taxonomy_code="204C00000X", payer_assigned_id="KA6663")
FACILITY = NamedProvider(name="KILDARE ASSOCIATES", npi=FACILITY_NPI, address=_miami("2345 OCEAN BLVD"))
DIAGNOSES = ("J309", "E785", "E669", "K219")
SUBMITTER = Submitter(name="PREMIER BILLING SERVICE", id="TGJ23", contact=Contact(name="JERRY", phone="3055552222"))


def _line(number: int, procedure_code: str, charge: str, pointers: tuple[int, ...] = (1, 2)) -> BilledLine:
    return BilledLine(
        control_number=f"LINE{number}",
        procedure_code=procedure_code,
        charge=Decimal(charge),
        units=Decimal(1),
        diagnosis_pointers=pointers,
        first_date=SERVICE_DATE,
    )


LINES = (_line(1, "99213", "43.00", (1, 2, 3, 4)), _line(2, "90782", "15.00"), _line(3, "J3301", "21.04"))


def person_named(insured: Insured) -> Person:
    """Whom the examples mean: an insured has no birth date in a claim."""
    return next(person for person in (JANE, JACK) if person.name == insured.name)


def _policy(responsibility: PayerResponsibility, person: Person, member_id: str, *, at_home: bool = True) -> Policy:
    return Policy(
        responsibility=responsibility,
        relationship=Relationship.CHILD,
        insured=Insured(name=person.name, address=person.address if at_home else None),
        member_id=member_id,
        claim_filing_code="CI",
        benefits_assigned=BenefitsAssigned.YES,
    )


def _prior_line(number: int, paid: str) -> PriorLine:
    return PriorLine(
        line_number=number,
        paid=Decimal(paid),
        procedure_code=LINES[number - 1].procedure_code,
        units=Decimal(1),
        adjustments=(co("3.00", "42"),) if number == 1 else (),
        adjudication_date=DECISION_DATE,
    )


_CLAIM_3A = ProfessionalClaim(
    patient_control_number="26407789",
    frequency=ClaimFrequency.ORIGINAL,
    billed_by=BILLED_BY,
    policy=_policy(PayerResponsibility.PRIMARY, JANE, "111223333", at_home=False),
    payer=BilledPayer(
        name="KEY INSURANCE COMPANY",
        payer_id="999996666",
        address=Address(line1="3333 OCEAN ST", city="SOUTH MIAMI", state="FL", postal_code="33000"),
        provider_id_there="PBS3334",
    ),
    patient=TED,
    patient_is_subscriber=False,
    place_of_service="11",
    accepts_assignment=AcceptsAssignment.ASSIGNED,
    release_of_information=ReleaseOfInformation.INFORMED_CONSENT,
    signature_generated=True,
    diagnoses=DIAGNOSES,
    rendering=RENDERING,
    service_facility=FACILITY,
    other_payers=(
        OtherPayer(
            policy=_policy(PayerResponsibility.SECONDARY, JACK, "T55TY666"),
            name="KEY INSURANCE COMPANY",
            payer_id="999996666",
        ),
    ),
    lines=LINES,
)
_CLAIM_3B = replace(
    _CLAIM_3A,
    billed_by=replace(BILLED_BY, address=_miami("1234SEAWAY ST", "331110001")),
    policy=_policy(PayerResponsibility.SECONDARY, JACK, "222334444", at_home=False),
    payer=BilledPayer(
        name="GREAT PRAIRIES HEALTH",
        payer_id="567890",
        address=Address(line1="4456 SOUTH SHORE BLVD", city="CHICAGO", state="IL", postal_code="44444"),
        provider_id_there="567890",
    ),
    signature_generated=False,
    rendering=replace(RENDERING, payer_assigned_id="88877"),
    other_payers=(
        OtherPayer(
            policy=_policy(PayerResponsibility.PRIMARY, JANE, "JS00111223333"),
            name="KEY INSURANCE COMPANY",
            payer_id="999996666",
            decision=PriorDecision(
                paid=Decimal("39.15"),
                adjustments=(pr("21.89", "1"), pr("15.00", "2")),
                remaining_liability=Decimal("36.89"),
                lines=(_prior_line(1, "40.00"), _prior_line(2, "15.00"), _prior_line(3, "21.04")),
            ),
        ),
    ),
)
_HI = "HI*ABK:J309*ABF:E785*ABF:E669*ABF:K219"
_DTP = "DTP*472*D8*20051003"


def _differences(*rows: tuple[int, str, tuple[str, ...], str]) -> tuple[Difference, ...]:
    return tuple(Difference(at=at, theirs=theirs, ours=ours, reason=reason) for at, theirs, ours, reason in rows)


_COMMON = (
    (7, "NM1", (f"NM1*85*1*KILDARE*BEN****XX*{NPI}",), _NPI),
    (9, "N4", ("N4*MIAMI*FL*331110001",), _POSTAL_CODE),
    (18, "DMG", (), _NO_DMG),
    (30, "HI", (_HI,), _ICD_10),
    (31, "NM1", (f"NM1*82*1*KILDARE*BEN****XX*{NPI}",), _NPI),
    (34, "NM1", (f"NM1*77*2*KILDARE ASSOCIATES*****XX*{FACILITY_NPI}",), _NPI),
)
EXAMPLE_3A = PublishedExample(
    file_name="cob-1-primary-with-other-payer-known.edi",
    claim=_CLAIM_3A,
    submitter=SUBMITTER,
    receiver_name="XYZ REPRICER",
    receiver_id="66783JJT",
    reference="0123",
    differences=_differences(
        *_COMMON,
        (37, "SBR", ("SBR*S*19*******CI",), _CHILD),
        (38, "OI", ("OI***Y*P**I",), _CONSENT),
        (45, "DTP", (_DTP, "REF*6R*LINE1"), _LINE_NUMBER),
        (48, "DTP", (_DTP, "REF*6R*LINE2"), _LINE_NUMBER),
        (51, "DTP", (_DTP, "REF*6R*LINE3"), _LINE_NUMBER),
    ),
)
EXAMPLE_3B = PublishedExample(
    file_name="cob-2-secondary-claim-and-line-cas.edi",
    claim=_CLAIM_3B,
    submitter=replace(SUBMITTER, id="12EEER 000TY"),
    receiver_name="GREAT PRAIRIES HEALTH",
    receiver_id="567890",
    reference="0123",
    differences=_differences(
        *_COMMON,
        (13, "N3", ("N3*2345 OCEAN BLVD",), _TAKEN_APART),
        (14, "N4", ("N4*MIAMI*FL*33111",), _TAKEN_APART),
        (37, "SBR", ("SBR*P*19*******CI",), _CHILD),
        (41, "OI", ("OI***Y***I",), _CONSENT),
        (48, "DTP", (_DTP, "REF*6R*LINE1"), _LINE_NUMBER),
        (54, "DTP", (_DTP, "REF*6R*LINE2"), _LINE_NUMBER),
        (59, "DTP", (_DTP, "REF*6R*LINE3"), _LINE_NUMBER),
    ),
)

INSTALLATION_ID = EXAMPLE_3A.submitter.id
CLEARINGHOUSE_ID = EXAMPLE_3A.receiver_id


def entered(example: PublishedExample) -> PublishedExample:
    """The example as it comes out of the service when it was entered there: what stands in it of the installation, and of
    records that claims share, is written as they say it.
    """
    submitter = f"NM1*41*2*{SUBMITTER.name}*****46*{INSTALLATION_ID}"
    more = _differences(
        *([(3, "NM1", (submitter,), _SUBMITTER)] if example.submitter.id != INSTALLATION_ID else []),
        (5, "NM1", (f"NM1*40*2*{CLEARINGHOUSE_ID}*****46*{CLEARINGHOUSE_ID}",), _RECEIVER),
        (6, "HL", ("HL*1**20*1", "PRV*BI*PXC*204C00000X"), _TAXONOMY),
    )
    return replace(example, differences=(*example.differences, *more))

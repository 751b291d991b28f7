"""Professional claims for tests: valid by default, everyone in them invented."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.claims import ClaimFrequency
from app.domain.codes import (
    AcceptsAssignment,
    BenefitsAssigned,
    PayerResponsibility,
    Relationship,
    ReleaseOfInformation,
)
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
from app.x12.professional_claim_837 import write
from tests.factories import an_npi
from tests.x12.inquiries import INTERCHANGE

SERVICE_DATE = date(2026, 8, 20)
DECISION_DATE = date(2026, 9, 10)
SUBMITTER = Submitter(
    name="Quiet Rooms Therapy", id="QUIETROOMS", contact=Contact(name="Billing Desk", phone="3035550100")
)
OFFICE = Address(line1="12 Invented Way", city="Sampleton", state="CO", postal_code="802110001")
HOME = Address(line1="7 Made Up Lane", line2="Apt 2", city="Sampleton", state="CO", postal_code="80211")
ADA = Person(name=PersonName(last="Fernwood", first="Ada"), birth_date=date(1984, 2, 29), sex=Sex.FEMALE, address=HOME)
CAL = Person(name=PersonName(last="Fernwood", first="Cal"), birth_date=date(1982, 7, 4), sex=Sex.MALE, address=HOME)
BEN = Person(name=PersonName(last="Fernwood", first="Ben"), birth_date=date(2012, 6, 15), sex=Sex.MALE, address=HOME)
BILLED_BY = BilledBy(
    name="Quiet Rooms Therapy", npi=an_npi(), taxonomy_code="101YM0800X", tax_id="123456789", address=OFFICE
)
THERAPIST = NamedProvider(name=PersonName(last="Madeup", first="Thea"), npi=an_npi(2), taxonomy_code="103TC0700X")
PRIMARY_PAYER_ID = "PAYERID"


def co(amount: str, reason: str = "45") -> Adjustment:
    return Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code=reason, amount=Decimal(amount))


def pr(amount: str, reason: str = "3") -> Adjustment:
    return Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=reason, amount=Decimal(amount))


def oa(amount: str, reason: str = "23") -> Adjustment:
    return Adjustment(group=AdjustmentGroup.OTHER, reason_code=reason, amount=Decimal(amount))


def a_line(number: int = 1, **changes: Any) -> BilledLine:
    line = BilledLine(
        control_number=f"LINE{number}",
        procedure_code="90837",
        charge=Decimal("150.00"),
        units=Decimal(1),
        first_date=SERVICE_DATE,
    )
    return replace(line, **changes)


def named(person: Person, *, at_home: bool = False) -> Insured:
    """Somebody as the insured of a policy. An address stands with another payer's insured only."""
    return Insured(name=person.name, address=person.address if at_home else None)


def a_policy(**changes: Any) -> Policy:
    policy = Policy(
        responsibility=PayerResponsibility.PRIMARY,
        relationship=Relationship.SELF,
        insured=named(ADA),
        member_id="QRX100200300",
        claim_filing_code="CI",
        benefits_assigned=BenefitsAssigned.YES,
    )
    return replace(policy, **changes)


def a_claim(**changes: Any) -> ProfessionalClaim:
    """A primary claim: one session, the patient is the subscriber."""
    claim = ProfessionalClaim(
        patient_control_number="A1B2C3D4E5F6G7H8J",
        frequency=ClaimFrequency.ORIGINAL,
        billed_by=BILLED_BY,
        policy=a_policy(),
        payer=BilledPayer(name="Invented Health Plan", payer_id="INV01"),
        patient=ADA,
        patient_is_subscriber=True,
        place_of_service="10",
        accepts_assignment=AcceptsAssignment.ASSIGNED,
        release_of_information=ReleaseOfInformation.SIGNED,
        diagnoses=("F411",),
        rendering=THERAPIST,
        lines=(a_line(),),
    )
    return replace(claim, **changes)


def a_prior_line(**changes: Any) -> PriorLine:
    """A session of 150.00: 80.00 paid, 45.00 off by contract, 25.00 copay."""
    line = PriorLine(
        line_number=1,
        paid=Decimal("80.00"),
        procedure_code="90837",
        units=Decimal(1),
        adjustments=(co("45.00"), pr("25.00")),
        adjudication_date=DECISION_DATE,
        remaining_liability=Decimal("25.00"),
    )
    return replace(line, **changes)


def a_decision(**changes: Any) -> PriorDecision:
    return replace(PriorDecision(paid=Decimal("80.00"), lines=(a_prior_line(),)), **changes)


def an_other_payer(**changes: Any) -> OtherPayer:
    """The primary payer, which decided on the one line."""
    payer = OtherPayer(
        policy=a_policy(insured=named(ADA, at_home=True), member_id="PRM900800700", claim_filing_code="BL"),
        name="First Invented Mutual",
        payer_id=PRIMARY_PAYER_ID,
        decision=a_decision(),
    )
    return replace(payer, **changes)


def a_secondary(**changes: Any) -> ProfessionalClaim:
    """The claim to the second payer, after the first one paid 80.00 of 150.00."""
    claim = a_claim(
        policy=a_policy(responsibility=PayerResponsibility.SECONDARY),
        other_payers=(an_other_payer(),),
    )
    return replace(claim, **changes)


def a_tertiary(**changes: Any) -> ProfessionalClaim:
    """The claim to the third payer: the second one paid 15.00 of the 25.00 that the first one left."""
    second_line = a_prior_line(
        paid=Decimal("15.00"), adjustments=(oa("125.00"), pr("10.00")), remaining_liability=Decimal("10.00")
    )
    second = an_other_payer(
        policy=a_policy(
            responsibility=PayerResponsibility.SECONDARY,
            insured=named(ADA, at_home=True),
            member_id="SEC500600700",
        ),
        name="Second Invented Fund",
        payer_id="SECOND",
        decision=PriorDecision(paid=Decimal("15.00"), lines=(second_line,)),
    )
    claim = a_claim(
        policy=a_policy(responsibility=PayerResponsibility.TERTIARY), other_payers=(an_other_payer(), second)
    )
    return replace(claim, **changes)


def decided(decision: PriorDecision, **changes: Any) -> tuple[OtherPayer, ...]:
    return (an_other_payer(decision=decision, **changes),)


def written(claim: ProfessionalClaim, **changes: Any) -> str:
    arguments: dict[str, Any] = {
        "reference": "REF-1",
        "submitter": SUBMITTER,
        "receiver_name": "Invented Clearinghouse",
        **changes,
    }
    interchange = arguments.pop("interchange", INTERCHANGE)
    text, findings = write(claim, interchange, **arguments)
    assert findings == ()
    assert text is not None
    return text


def body(text: str) -> list[str]:
    """The segments between ST and SE of a text in the usual delimiters."""
    segments = text.removesuffix("~").split("~")
    start = next(number for number, segment in enumerate(segments) if segment.startswith("ST*"))
    end = next(number for number, segment in enumerate(segments) if segment.startswith("SE*"))
    return segments[start + 1 : end]

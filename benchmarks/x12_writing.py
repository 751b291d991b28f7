"""How many secondary claims of three lines a second go from values to text, characters and balance checked; and, apart
from it, how many of that text are checked for structure and coordination.

People, numbers, amounts, dates and procedures differ from claim to claim, so that nothing is measured that remembers the
last value. What a batch shares is what a practice's batch shares: who sends, who bills, which payers. Everyone in it is
invented; the same size is always the same claims.
"""

import random
import statistics
import string
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from app.domain.adjudications import Adjustment, AdjustmentGroup
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
from app.x12.coordination_check_837 import ClaimChecker
from app.x12.envelope import TransactionSet, read_transactions
from app.x12.findings import Report
from app.x12.guide_837 import GUIDE
from app.x12.professional_claim_837 import write, write_many
from app.x12.structure import read_units

CLAIMS: Final = 2_000
LINES: Final = 3
GOAL: Final = 5_000
"""Claims a second."""
_ROUNDS: Final = 5
_FIRST_DAY: Final = date(2026, 1, 5)
_PROCEDURES: Final = "90791 90832 90834 90837 90846 90847 90853 99213 99214".split()
_DIAGNOSES: Final = "F411 F329 F4310 F4323 F900 F3181 F209 Z634".split()
_INTERCHANGE: Final = Interchange(
    sender_id="QUIETROOMS",
    receiver_id="CLEARING",
    control_number=42,
    created_at=datetime(2026, 4, 30, 12, 0, tzinfo=UTC),
    is_test=True,
)
_SUBMITTER: Final = Submitter(
    name="Quiet Rooms Therapy", id="QUIETROOMS", contact=Contact(name="Billing Desk", phone="3035550100")
)
_RECEIVER: Final = "Invented Clearinghouse"
_BILLED_BY: Final = BilledBy(
    name="Quiet Rooms Therapy",
    npi="123456789" + npi_check_digit("123456789"),
    taxonomy_code="101YM0800X",
    tax_id="123456789",
    address=Address(line1="12 Invented Way", city="Sampleton", state="CO", postal_code="802110001"),
)
_THERAPISTS: Final = tuple(
    NamedProvider(
        name=PersonName(last="Madeup", first=first),
        npi=nine + npi_check_digit(nine),
        taxonomy_code="103TC0700X",
    )
    for first, nine in (("Thea", "198765432"), ("Ira", "187654321"), ("Noor", "176543210"))
)


class Row(NamedTuple):
    """What was measured, in claims a second of processor time: the median of the rounds, the slowest and the fastest."""

    label: str
    median: float
    least: float
    most: float
    goal: float | None

    @property
    def is_reached(self) -> bool:
        return self.goal is None or self.median >= self.goal


def rows() -> list[Row]:
    """The goal is the batch's; one claim in an interchange of its own is what the service sends."""
    claims = a_batch(CLAIMS)
    text = _write_many(claims)
    return [
        _measured(f"837P, {CLAIMS:,} in one interchange", lambda: _write_many(claims), GOAL),
        _measured("837P, each in an interchange of its own", lambda: _write_each(claims), None),
        _measured("check of that text", lambda: _check(text), None),
    ]


def main() -> int:
    reached = report(rows())
    print(flush=True)
    return 0 if reached else 1


def report(found: list[Row]) -> bool:
    """Prints them; True when the goals are reached."""
    for row in found:
        goal = "" if row.goal is None else f"   goal {row.goal:,} {'reached' if row.is_reached else 'MISSED'}"
        print(f"{row.label:<42} {row.median:8,.0f} claims/s ({row.least:,.0f} to {row.most:,.0f}){goal}")
    return all(row.is_reached for row in found)


def a_text(claims: int) -> str:
    """The batch as it is written."""
    return _write_many(a_batch(claims))


def a_batch(claims: int) -> list[tuple[ProfessionalClaim, str]]:
    """Claims to a second payer after the first one decided on each line, balanced to the cent, with their references."""
    draw = random.Random(claims)
    return [(_claim(draw, number), f"BATCH{number:07}") for number in range(claims)]


def _measured(label: str, run: Callable[[], object], goal: float | None) -> Row:
    run()  # warms up
    speeds = []
    for _ in range(_ROUNDS):
        begin = time.process_time()  # what else the machine does is not counted
        run()
        speeds.append(CLAIMS / (time.process_time() - begin))
    return Row(label, statistics.median(speeds), min(speeds), max(speeds), goal)


def _write_many(claims: list[tuple[ProfessionalClaim, str]]) -> str:
    text, findings = write_many(claims, _INTERCHANGE, submitter=_SUBMITTER, receiver_name=_RECEIVER)
    assert text is not None, findings
    return text


def _write_each(claims: list[tuple[ProfessionalClaim, str]]) -> None:
    for claim, reference in claims:
        text, findings = write(claim, _INTERCHANGE, reference=reference, submitter=_SUBMITTER, receiver_name=_RECEIVER)
        assert text is not None, findings


def _check(text: str) -> None:
    found = Report()
    checker = ClaimChecker(found)
    for transaction in read_transactions(text, found):
        assert isinstance(transaction, TransactionSet)
        for claim in read_units(transaction, GUIDE, found):
            checker.check(claim)
    assert found.findings == ()


def _claim(draw: random.Random, number: int) -> ProfessionalClaim:
    patient = _patient(draw)
    day = _FIRST_DAY + timedelta(days=draw.randrange(60))
    lines, decided = zip(*(_line(draw, number, line, day) for line in range(1, LINES + 1)), strict=True)
    decision = PriorDecision(paid=sum((line.paid for line in decided), Decimal(0)), lines=decided)
    primary = Insured(name=patient.name, address=patient.address)
    return ProfessionalClaim(
        patient_control_number=f"QUIET{number:012}",
        frequency=ClaimFrequency.ORIGINAL,
        billed_by=_BILLED_BY,
        policy=_policy(
            PayerResponsibility.SECONDARY, Insured(name=patient.name), f"QRX{draw.randrange(10**9):09}", "CI"
        ),
        payer=BilledPayer(name="Invented Health Plan", payer_id="INV01"),
        patient=patient,
        patient_is_subscriber=True,
        place_of_service="10",
        accepts_assignment=AcceptsAssignment.ASSIGNED,
        release_of_information=ReleaseOfInformation.SIGNED,
        diagnoses=tuple(draw.sample(_DIAGNOSES, 2)),
        rendering=draw.choice(_THERAPISTS),
        other_payers=(
            OtherPayer(
                policy=_policy(PayerResponsibility.PRIMARY, primary, f"PRM{draw.randrange(10**9):09}", "BL"),
                name="First Invented Mutual",
                payer_id="PAYERID",
                payer_claim_number=f"PAYER{number:09}",
                decision=decision,
            ),
        ),
        lines=lines,
    )


def _patient(draw: random.Random) -> Person:
    last, first = ("".join(draw.choices(string.ascii_lowercase, k=7)).title() for _ in range(2))
    return Person(
        name=PersonName(last=last, first=first),
        birth_date=date(1950, 1, 1) + timedelta(days=draw.randrange(20_000)),
        sex=draw.choice((Sex.FEMALE, Sex.MALE)),
        address=Address(
            line1=f"{draw.randrange(1, 9999)} Made Up Lane",
            city="Sampleton",
            state="CO",
            postal_code=f"80{draw.randrange(1000):03}",
        ),
    )


def _policy(rank: PayerResponsibility, insured: Insured, member_id: str, filing_code: str) -> Policy:
    return Policy(
        responsibility=rank,
        relationship=Relationship.SELF,
        insured=insured,
        member_id=member_id,
        claim_filing_code=filing_code,
        benefits_assigned=BenefitsAssigned.YES,
    )


def _line(draw: random.Random, claim: int, number: int, day: date) -> tuple[BilledLine, PriorLine]:
    """What was done and what the first payer decided on it: paid, off by contract, left to the patient."""
    charge = draw.randrange(9_000, 40_000)
    paid = draw.randrange(1_000, charge - 2_000)
    patient = draw.randrange(100, 2_000)
    procedure_code = draw.choice(_PROCEDURES)
    line = BilledLine(
        control_number=f"{claim:07}L{number}",
        procedure_code=procedure_code,
        modifiers=("95",),
        charge=_dollars(charge),
        units=Decimal(1),
        first_date=day,
    )
    decided = PriorLine(
        line_number=number,
        paid=_dollars(paid),
        procedure_code=procedure_code,
        modifiers=("95",),
        units=Decimal(1),
        adjustments=(
            Adjustment(group=AdjustmentGroup.CONTRACTUAL, reason_code="45", amount=_dollars(charge - paid - patient)),
            Adjustment(
                group=AdjustmentGroup.PATIENT_RESPONSIBILITY,
                reason_code=draw.choice(("1", "2", "3")),
                amount=_dollars(patient),
            ),
        ),
        adjudication_date=day + timedelta(days=draw.randrange(10, 30)),
        remaining_liability=_dollars(patient),
    )
    return line, decided


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


if __name__ == "__main__":
    sys.exit(main())

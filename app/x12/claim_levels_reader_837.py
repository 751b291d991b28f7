"""What stands above the claims that are read: the transaction set's header, 2000A, 2000B and 2000C.

Each level is read once, with its first claim, however many claims are below it. One segment may be read twice: the
NM1*IL of 2010BA is the insured of all claims below it and the patient of some.
"""

from typing import Generic, NamedTuple, TypeVar

from app.domain.codes import BenefitsAssigned, Relationship
from app.domain.parties import Person
from app.domain.professional_claims import BilledBy, BilledPayer, ClaimTransaction, Policy
from app.x12.claim_fields_reader_837 import Reading
from app.x12.claim_parties_reader_837 import (
    read_billing_provider,
    read_destination,
    read_patient,
    read_policy,
    read_relationship,
    read_transaction_header,
)
from app.x12.findings import Report
from app.x12.loops import Loop

_T = TypeVar("_T")


class Level(NamedTuple, Generic[_T]):
    """One level that claims stand below, and what it says."""

    loop: Loop
    reading: Reading
    value: _T


class LevelsReader:
    """The levels above the claims of one transaction set, as they come."""

    def __init__(self, report: Report, control_number: str) -> None:
        self._report = report
        self._control_number = control_number
        self._header: Level[ClaimTransaction] | None = None
        self._billing: Level[BilledBy] | None = None
        self._subscriber: Level[tuple[Policy, BilledPayer]] | None = None
        self._patient: Level[tuple[Relationship, Person]] | None = None

    def header(self, unit: Loop) -> Level[ClaimTransaction]:
        loop = unit.above("ST") or Loop("ST")
        if self._header is None or self._header.loop is not loop:
            reading = Reading()
            value = read_transaction_header(reading, loop, self._control_number)
            self._header = self._opened(loop, reading, value)
        return self._header

    def billing(self, unit: Loop) -> Level[BilledBy]:
        loop = unit.above("2000A") or Loop("2000A")
        if self._billing is None or self._billing.loop is not loop:
            reading = Reading()
            self._billing = self._opened(loop, reading, read_billing_provider(reading, loop))
        return self._billing

    def subscriber(self, unit: Loop) -> Level[tuple[Policy, BilledPayer]]:
        """The policy as if for the insured: whose it is to the patient, and CLM08, are said further down."""
        loop = unit.above("2000B") or Loop("2000B")
        if self._subscriber is None or self._subscriber.loop is not loop:
            reading = Reading()
            policy = read_policy(
                reading,
                reading.need(loop, "SBR"),
                loop.one("2010BA") or Loop("2010BA", loop),
                relationship=Relationship.SELF,
                benefits_assigned=BenefitsAssigned.NOT_APPLICABLE,
                has_address=False,
            )
            self._subscriber = self._opened(loop, reading, (policy, read_destination(reading, loop)))
        return self._subscriber

    def patient(self, unit: Loop) -> Level[tuple[Relationship, Person]]:
        """2000C, or once more 2000B."""
        loop = unit.above("2000C") or unit.above("2000B") or Loop("2000B")
        if self._patient is None or self._patient.loop is not loop:
            reading = Reading()
            names = "2010CA" if loop.id == "2000C" else "2010BA"
            relationship = read_relationship(reading, loop)
            patient = read_patient(reading, loop.one(names) or Loop(names, loop))
            self._patient = self._opened(loop, reading, (relationship, patient))
        return self._patient

    def _opened(self, loop: Loop, reading: Reading, value: _T) -> Level[_T]:
        reading.report_to(self._report)
        return Level(loop, reading, value)

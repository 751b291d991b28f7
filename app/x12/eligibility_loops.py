"""The loops of a 271 while they are being read: a person (2100C/D), a benefit (2110C/D), a related entity (2120C/D).

Each takes the segments that belong to it and becomes a domain value in the end. They judge single elements only;
where a segment may stand is `eligibility_271`'s matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.domain.eligibility import Benefit, BenefitEntity, BenefitKind, PayerRejection, ReturnedMember
from app.domain.parties import Address, Sex
from app.x12.codes import BENEFIT_KINDS, SEXES
from app.x12.elements import read_date, read_decimal
from app.x12.findings import ELEMENT_MISSING, ELEMENT_NOT_USED, NUMBER_INVALID, Fault
from app.x12.kept import Held, elements, surplus
from app.x12.segments import Segment

_HELD: Final[Held] = {
    "AAA": elements(3, 4),
    "DMG": elements(1, 2, 3),
    "DTP": elements(1, 2, 3),
    "EB": elements(*range(1, 13)) | {13: 2},
    "HL": elements(1, 2, 3, 4),
    "HSD": elements(*range(1, 9)),
    "III": elements(*range(1, 10)),
    "LE": elements(1),
    "LS": elements(1),
    "MSG": elements(1),
    "N3": elements(1, 2),
    "N4": elements(1, 2, 3),
    "NM1": elements(1, 2, 3, 4, 8, 9),
    "PER": elements(*range(1, 9)),
    "REF": elements(1, 2),
    "TRN": elements(1, 2),
}
"""Elements that a field holds, or that say which field it is; HSD and III stand whole among the messages."""
Period = tuple[str, date, date | None]


def has_surplus(segment: Segment) -> bool:
    """Whether a segment holds elements that have no field."""
    return any(True for _ in surplus(segment, _HELD))


@dataclass
class AddressLines:
    """N3 and N4; either may be missing in what payers send."""

    lines: tuple[str, str] = field(default=("", ""), repr=False)
    city: tuple[str, str, str] = field(default=("", "", ""), repr=False)

    def address(self) -> Address | None:
        if not any((*self.lines, *self.city)):
            return None
        line1, line2 = self.lines
        city, state, postal_code = self.city
        return Address(line1=line1, line2=line2 or None, city=city, state=state, postal_code=postal_code)


@dataclass
class EntityLoop:
    """A related entity, or the payer itself (2100A), which has the same NM1."""

    role_code: str = ""
    name: str | None = None
    id_qualifier: str | None = None
    identifier: str | None = field(default=None, repr=False)
    address: AddressLines = field(default_factory=AddressLines)
    contacts: list[str] = field(default_factory=list)

    def read_name(self, nm1: Segment) -> None:
        """NM1. A person is written as last name, first name."""
        self.role_code = nm1.get(1)
        self.name = ", ".join(part for part in (nm1.get(3), nm1.get(4)) if part) or None
        self.id_qualifier = nm1.get(8) or None
        self.identifier = nm1.get(9) or None

    def read_contact(self, per: Segment) -> None:
        """PER: a name and up to three numbers, each with its kind (TE, UR, EM ...)."""
        numbers = (f"{per.get(at)} {per.get(at + 1)}" for at in (3, 5, 7) if per.get(at + 1))
        self.contacts += [text for text in (per.get(2), *numbers) if text]

    def entity(self) -> BenefitEntity:
        return BenefitEntity(
            role_code=self.role_code,
            name=self.name,
            id_qualifier=self.id_qualifier,
            identifier=self.identifier,
            address=self.address.address(),
            contacts=tuple(self.contacts),
        )


@dataclass
class PersonLoop:
    """A subscriber or dependent with everything said of them."""

    last_name: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    member_id: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = None
    address: AddressLines = field(default_factory=AddressLines)
    trace_numbers: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list, repr=False)
    dates: list[Period] = field(default_factory=list)
    rejections: list[PayerRejection] = field(default_factory=list)
    benefits: list["BenefitLoop"] = field(default_factory=list, repr=False)
    kept: list[str] = field(default_factory=list, repr=False)

    def read_name(self, nm1: Segment) -> None:
        self.last_name = nm1.get(3) or None
        self.first_name = nm1.get(4) or None
        self.member_id = nm1.get(9) or None

    def read_demographics(self, dmg: Segment) -> bool:
        """DMG; false when there is a birth date that cannot be read."""
        self.sex = SEXES.get(dmg.get(3))
        self.birth_date = read_date(dmg.get(2)) if dmg.get(1) == "D8" else None
        return self.birth_date is not None or not dmg.get(2)

    def member(self) -> ReturnedMember:
        return ReturnedMember(
            last_name=self.last_name,
            first_name=self.first_name,
            member_id=self.member_id,
            birth_date=self.birth_date,
            sex=self.sex,
            address=self.address.address(),
        )


@dataclass
class BenefitLoop:
    """One EB and what follows it."""

    eb: Segment = field(repr=False)
    references: list[tuple[str, str]] = field(default_factory=list, repr=False)
    dates: list[Period] = field(default_factory=list)
    messages: list[str] = field(default_factory=list, repr=False)
    entities: list[EntityLoop] = field(default_factory=list)

    def faults(self) -> Iterator[tuple[Fault, int]]:
        """What is wrong with the EB's own elements, or has no field in a benefit."""
        if not self.eb.get(1):
            yield ELEMENT_MISSING, 1
        for element in (7, 8, 10):
            if self.eb.get(element) and read_decimal(self.eb.get(element)) is None:
                yield NUMBER_INVALID, element
        if len(self.eb.components(13)) > 2:  # modifiers and a description follow qualifier and code
            yield ELEMENT_NOT_USED, 13
        for element in range(14, len(self.eb.elements)):
            yield ELEMENT_NOT_USED, element

    def benefit(self) -> Benefit:
        eb = self.eb
        procedure = eb.components(13)
        return Benefit(
            kind=BENEFIT_KINDS.get(eb.get(1), BenefitKind.OTHER),
            code=eb.get(1),
            coverage_level_code=eb.get(2) or None,
            service_type_codes=eb.repeats(3),
            insurance_type_code=eb.get(4) or None,
            plan_name=eb.get(5) or None,
            period_code=eb.get(6) or None,
            amount=read_decimal(eb.get(7)),
            percent=read_decimal(eb.get(8)),
            quantity_qualifier=eb.get(9) or None,
            quantity=read_decimal(eb.get(10)),
            authorization_code=eb.get(11) or None,
            in_network_code=eb.get(12) or None,
            procedure_code=procedure[1] if len(procedure) > 1 else None,
            references=tuple(self.references),
            dates=tuple(self.dates),
            messages=tuple(self.messages),
            entities=tuple(entity.entity() for entity in self.entities),
        )

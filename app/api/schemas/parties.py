"""Names, addresses and persons on the wire."""

from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Date, Format, Patch, Schema, Text, absent
from app.domain.codes import US_STATES
from app.domain.parties import Address, Contact, Person, PersonName, Sex

LastName = Annotated[str, Text(1, 60), Field(description="NM103.")]
FirstName = Annotated[str, Text(1, 35), Field(description="NM104.")]
MiddleName = Annotated[str, Text(1, 25), Field(description="NM105.")]
NameSuffix = Annotated[str, Text(1, 10), Field(description="NM107, such as JR or III; no titles.")]
AddressLine = Annotated[str, Text(1, 55), Field(description="N301, N302.")]
City = Annotated[str, Text(2, 30), Field(description="N401.")]
State = Annotated[
    str,
    Format(
        code="state_format",
        message="A state is one of the two letters of the postal service.",
        pattern=f"^({'|'.join(sorted(US_STATES))})$",
        examples=("CO",),
    ),
    Field(description="N402: two letters."),
]
PostalCode = Annotated[
    str,
    Format(
        code="postal_code_format",
        message="A postal code has five or nine digits.",
        pattern="^[0-9]{5}([0-9]{4})?$",
        examples=("802110001",),
    ),
    Field(description="N403: five or nine digits, no dash."),
]


class NameFields(Schema):
    last: LastName
    first: FirstName
    middle: MiddleName | None = None
    suffix: NameSuffix | None = None

    def to_domain(self) -> PersonName:
        return PersonName(last=self.last, first=self.first, middle=self.middle, suffix=self.suffix)

    @classmethod
    def from_domain(cls, name: PersonName) -> "NameFields":
        return cls(last=name.last, first=name.first, middle=name.middle, suffix=name.suffix)


class NamePatch(Patch):
    last: LastName = absent()
    first: FirstName = absent()
    middle: MiddleName | None = absent()
    suffix: NameSuffix | None = absent()


class AddressFields(Schema):
    """A US postal address."""

    line1: AddressLine
    line2: AddressLine | None = None
    city: City
    state: State
    postal_code: PostalCode

    def to_domain(self) -> Address:
        return Address(
            line1=self.line1, line2=self.line2, city=self.city, state=self.state, postal_code=self.postal_code
        )

    @classmethod
    def from_domain(cls, address: Address | None) -> "AddressFields | None":
        if address is None:
            return None
        return cls(
            line1=address.line1,
            line2=address.line2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
        )


class AddressPatch(Patch):
    line1: AddressLine = absent()
    line2: AddressLine | None = absent()
    city: City = absent()
    state: State = absent()
    postal_code: PostalCode = absent()


ContactName = Annotated[str, Text(1, 60), Field(description="PER02.")]
Phone = Annotated[
    str,
    Format(
        code="phone_format",
        message="A phone number has ten digits.",
        pattern="^[2-9][0-9]{9}$",
        examples=("3035550100",),
    ),
    Field(description="PER04: ten digits, no dashes."),
]


class ContactFields(Schema):
    """Whom the clearinghouse and payers ask about a bill."""

    name: ContactName
    phone: Phone

    def to_domain(self) -> Contact:
        return Contact(name=self.name, phone=self.phone)

    @classmethod
    def from_domain(cls, contact: Contact | None) -> "ContactFields | None":
        return None if contact is None else cls(name=contact.name, phone=contact.phone)


class ContactPatch(Patch):
    name: ContactName = absent()
    phone: Phone = absent()


class PersonFields(Schema):
    """A policy's subscriber when it is not the patient."""

    name: NameFields
    birth_date: Date = Field(description="DMG02.")
    sex: Sex = Field(description="DMG03.")
    address: AddressFields | None = Field(default=None, description="N3, N4; required for a subscriber.")

    def to_domain(self) -> Person:
        return Person(
            name=self.name.to_domain(),
            birth_date=self.birth_date,
            sex=self.sex,
            address=None if self.address is None else self.address.to_domain(),
        )

    @classmethod
    def from_domain(cls, person: Person | None) -> "PersonFields | None":
        if person is None:
            return None
        return cls(
            name=NameFields.from_domain(person.name),
            birth_date=person.birth_date,
            sex=person.sex,
            address=AddressFields.from_domain(person.address),
        )


class PersonPatch(Patch):
    name: NamePatch = absent()
    birth_date: Date = absent()
    sex: Sex = absent()
    address: AddressPatch | None = absent()

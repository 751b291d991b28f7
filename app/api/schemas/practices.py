"""The practice on the wire."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Format, Identifier, Patch, Schema, Text, Timestamp, absent
from app.api.schemas.npi import Npi
from app.api.schemas.parties import AddressFields, AddressPatch, ContactFields, ContactPatch
from app.domain.practices import Practice

TIME_ZONES = (
    "America/New_York",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Kentucky/Louisville",
    "America/Chicago",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)

PracticeName = Annotated[str, Text(1, 60), Field(description="2010AA NM103.")]
TaxId = Annotated[
    str,
    Format(code="tax_id_format", message="A tax id has nine digits.", pattern="^[0-9]{9}$", examples=("123456789",)),
    Field(description="2010AA REF*EI, or REF*SY when it is a social security number: nine digits, no dash."),
]
IsSsn = Annotated[bool, Field(description="Whether the tax id is a social security number (REF*SY).")]
Taxonomy = Annotated[
    str,
    Format(
        code="taxonomy_format",
        message="A taxonomy code has ten characters, the last one X.",
        pattern="^[0-9A-Z]{9}X$",
        examples=("101YM0800X",),
    ),
    Field(description="2000A PRV03: a code of the NUCC provider taxonomy."),
]
TimeZone = Annotated[
    str,
    Format(
        code="time_zone_unknown",
        message="The time zone is none of the United States and territories.",
        pattern=f"^({'|'.join(TIME_ZONES)})$",
        examples=("America/Denver",),
    ),
    Field(description="The IANA name of a US time zone: a practice's today is a date there."),
]


class PracticeFields(Schema):
    """The billing identity."""

    name: PracticeName
    npi: Npi
    tax_id: TaxId | None = None
    tax_id_is_ssn: IsSsn = False
    billing_contact: ContactFields | None = Field(default=None, description="1000A and 2010AA PER.")
    taxonomy_code: Taxonomy | None = None
    address: AddressFields | None = None
    time_zone: TimeZone

    def revise(self, current: Practice) -> Practice:
        return replace(
            current,
            name=self.name,
            npi=self.npi,
            tax_id=self.tax_id,
            tax_id_is_ssn=self.tax_id_is_ssn,
            billing_contact=None if self.billing_contact is None else self.billing_contact.to_domain(),
            taxonomy_code=self.taxonomy_code,
            address=None if self.address is None else self.address.to_domain(),
            time_zone=self.time_zone,
        )

    @classmethod
    def from_domain(cls, practice: Practice) -> "PracticeFields":
        return cls(
            name=practice.name,
            npi=practice.npi,
            tax_id=practice.tax_id,
            tax_id_is_ssn=practice.tax_id_is_ssn,
            billing_contact=ContactFields.from_domain(practice.billing_contact),
            taxonomy_code=practice.taxonomy_code,
            address=AddressFields.from_domain(practice.address),
            time_zone=practice.time_zone,
        )


class PracticePatch(Patch):
    name: PracticeName = absent()
    npi: Npi = absent()
    tax_id: TaxId | None = absent()
    tax_id_is_ssn: IsSsn = absent()
    billing_contact: ContactPatch | None = absent()
    taxonomy_code: Taxonomy | None = absent()
    address: AddressPatch | None = absent()
    time_zone: TimeZone = absent()


class PracticeAnswer(PracticeFields):
    id: Identifier
    is_test: bool = Field(description="ISA15 of everything sent: test or production; set by the operator.")
    created_at: Timestamp
    updated_at: Timestamp
    version: int = Field(ge=1, description="The ETag's number.")

    @classmethod
    def from_domain(cls, practice: Practice) -> "PracticeAnswer":
        return cls(
            **dict(PracticeFields.from_domain(practice)),
            id=practice.id,
            is_test=practice.is_test,
            created_at=practice.created_at,
            updated_at=practice.updated_at,
            version=practice.version,
        )

"""Patients on the wire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.base import Date, FindingSchema, Format, Identifier, Patch, Schema, Timestamp, absent
from app.api.schemas.parties import AddressFields, AddressPatch, LastName, NameFields, NamePatch
from app.domain.codes import ReleaseOfInformation
from app.domain.parties import Person, Sex
from app.domain.patients import Patient, patient_findings

ExternalId = Annotated[
    str,
    Format(
        code="external_id_format",
        message="An external id has 1 to 64 letters, digits, dots, dashes and underscores.",
        pattern="^[A-Za-z0-9._-]{1,64}$",
    ),
    Field(
        description=(
            "The record system's id of the patient: opaque, never a name, a birth date or a social security number."
        )
    ),
]


_WHOLE_RELEASE: JsonDict = {
    "anyOf": [
        {
            "properties": {"release_of_information": {"type": "string"}, "release_on_file": {"type": "string"}},
            "required": ["release_of_information", "release_on_file"],
        },
        {"properties": {"release_of_information": {"type": "null"}, "release_on_file": {"type": "null"}}},
    ]
}
"""A release has both its kind and its date, or neither."""


class PatientFields(Schema):
    model_config = ConfigDict(json_schema_extra=_WHOLE_RELEASE)

    external_id: ExternalId
    name: NameFields
    birth_date: Date = Field(description="2010BA or 2010CA DMG02.")
    sex: Sex = Field(description="DMG03.")
    address: AddressFields | None = Field(default=None, description="N3, N4; a claim needs it.")
    signature_on_file: Date | None = Field(default=None, description="The day the patient signed; CLM10, OI04.")
    release_of_information: ReleaseOfInformation | None = Field(default=None, description="CLM09 = OI06.")
    release_on_file: Date | None = Field(default=None, description="The day of the release.")

    def compose(self) -> Callable[[UUID, datetime], Patient]:
        return lambda new_id, now: Patient(
            id=new_id,
            external_id=self.external_id,
            person=Person(
                name=self.name.to_domain(),
                birth_date=self.birth_date,
                sex=self.sex,
                address=None if self.address is None else self.address.to_domain(),
            ),
            signature_on_file=self.signature_on_file,
            release_of_information=self.release_of_information,
            release_on_file=self.release_on_file,
            created_at=now,
            updated_at=now,
        )

    def revise(self, current: Patient) -> Patient:
        return replace(
            self.compose()(current.id, current.created_at),
            coverage_order_version=current.coverage_order_version,
            version=current.version,
        )

    @classmethod
    def from_domain(cls, patient: Patient) -> "PatientFields":
        person = patient.person
        return cls(
            external_id=patient.external_id,
            name=NameFields.from_domain(person.name),
            birth_date=person.birth_date,
            sex=person.sex,
            address=AddressFields.from_domain(person.address),
            signature_on_file=patient.signature_on_file,
            release_of_information=patient.release_of_information,
            release_on_file=patient.release_on_file,
        )


class PatientPatch(Patch):
    external_id: ExternalId = absent()
    name: NamePatch = absent()
    birth_date: Date = absent()
    sex: Sex = absent()
    address: AddressPatch | None = absent()
    signature_on_file: Date | None = absent()
    release_of_information: ReleaseOfInformation | None = absent()
    release_on_file: Date | None = absent()


class PatientSearch(Schema):
    """Equality on the last name (without case, accents and punctuation), and on the birth date when given."""

    last_name: LastName
    birth_date: Date | None = None


class PatientAnswer(PatientFields):
    id: Identifier
    findings: list[FindingSchema] = Field(description="What a claim for this patient would lack.")
    created_at: Timestamp
    updated_at: Timestamp
    version: int = Field(ge=1, description="The ETag's number.")

    @classmethod
    def from_domain(cls, patient: Patient) -> "PatientAnswer":
        return cls(
            **dict(PatientFields.from_domain(patient)),
            id=patient.id,
            findings=[FindingSchema.from_domain(finding) for finding in patient_findings(patient)],
            created_at=patient.created_at,
            updated_at=patient.updated_at,
            version=patient.version,
        )

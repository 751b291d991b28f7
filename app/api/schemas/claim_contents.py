"""What a person says about a claim, on the wire: providers, diagnoses, lines and what goes with them."""

from typing import Annotated, Any, Self

from pydantic import Field

from app.api.schemas.base import Format, Identifier, Money, Patch, Schema, Text, absent
from app.api.schemas.npi import Npi
from app.api.schemas.parties import AddressFields, AddressPatch, ContactFields, ContactPatch
from app.api.schemas.service_lines import ChangedLine, LineFields, PlaceOfService
from app.domain.claims import ClaimContent, PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.service_lines import MOST_DIAGNOSES, MOST_LINES, ServiceLine
from app.use_cases.claim_numbers import NewIdentity, line_control_number

Diagnosis = Annotated[
    str,
    Format(
        code="diagnosis_format",
        message="A diagnosis is an ICD-10-CM code without its point.",
        pattern="^[A-Z][0-9][0-9A-Z]{1,5}$",
        examples=("F411",),
    ),
]
Diagnoses = Annotated[
    list[Diagnosis],
    Field(
        min_length=1,
        max_length=MOST_DIAGNOSES,
        description="HI: ICD-10-CM without the point, the principal one (ABK) first; each once.",
    ),
]
Reference = Annotated[
    str,
    Format(
        code="reference_format",
        message="A number has 1 to 50 characters: A-Z, 0-9, space and punctuation, without * : ~ ^ | > .",
        pattern=r"^[A-Z0-9]([A-Z0-9 !\"&'()+,\-./;?=]{0,48}[A-Z0-9])?$",
    ),
]


class FacilityFields(Schema):
    """2310C: where the service was, when it is not the billing address."""

    name: Annotated[str, Text(1, 60), Field(description="NM103.")]
    npi: Npi | None = None
    address: AddressFields

    def to_domain(self) -> ServiceFacility:
        return ServiceFacility(name=self.name, npi=self.npi, address=self.address.to_domain())

    @classmethod
    def from_domain(cls, facility: ServiceFacility | None) -> "FacilityFields | None":
        if facility is None:
            return None
        return cls.of(name=facility.name, npi=facility.npi, address=AddressFields.from_domain(facility.address))


class FacilityPatch(Patch):
    name: Annotated[str, Text(1, 60)] = absent()
    npi: Npi | None = absent()
    address: AddressPatch = absent()


class PayerAssignedIdFields(Schema):
    """REF*G2: a number that the billed payer has given one of the claim's providers."""

    role: ProviderRole = Field(description="Whose number it is: 2010BB for the billing provider, else 2310A to D.")
    number: Reference


class ContentFields(Schema):
    """A claim without its lines."""

    billing_provider_id: Identifier | None = Field(
        default=None, description="2010AA: one of the practice's providers; null when the practice itself bills."
    )
    rendering_provider_id: Identifier | None = Field(
        default=None, description="2310B: one of the practice's providers."
    )
    referring_provider_id: Identifier | None = Field(
        default=None, description="2310A: one of the practice's providers."
    )
    supervising_provider_id: Identifier | None = Field(
        default=None, description="2310D: one of the practice's providers."
    )
    service_facility: FacilityFields | None = Field(
        default=None, description="2310C: where the service was, when it is not the billing address."
    )
    pay_to_address: AddressFields | None = Field(default=None, description="2010AB, when it is not the billing one.")
    billing_contact: ContactFields | None = Field(default=None, description="2010AA PER, when not the practice's.")
    payer_assigned_ids: list[PayerAssignedIdFields] = Field(
        default=[], max_length=len(ProviderRole), description="REF*G2: one for each role that the claim fills."
    )
    place_of_service: PlaceOfService
    diagnoses: Diagnoses
    prior_authorization: Reference | None = Field(default=None, description="REF*G1 of the billed payer.")
    referral_number: Reference | None = Field(default=None, description="REF*9F of the billed payer.")
    patient_paid: Money | None = Field(
        default=None,
        description="AMT*F5: what the patient has paid, at most the charges; never what a payer paid. US dollars and cents.",
    )
    signature_generated_by_provider: bool = Field(
        default=False, description="CLM10 and OI04 P: the patient was not there to sign."
    )

    def content(self, lines: tuple[ServiceLine, ...]) -> ClaimContent:
        return ClaimContent(
            billing_provider_id=self.billing_provider_id,
            rendering_provider_id=self.rendering_provider_id,
            referring_provider_id=self.referring_provider_id,
            supervising_provider_id=self.supervising_provider_id,
            service_facility=None if self.service_facility is None else self.service_facility.to_domain(),
            pay_to_address=None if self.pay_to_address is None else self.pay_to_address.to_domain(),
            billing_contact=None if self.billing_contact is None else self.billing_contact.to_domain(),
            payer_assigned_ids=tuple(
                PayerAssignedId(role=entry.role, number=entry.number) for entry in self.payer_assigned_ids
            ),
            place_of_service=self.place_of_service,
            diagnoses=tuple(self.diagnoses),
            lines=lines,
            prior_authorization=self.prior_authorization,
            referral_number=self.referral_number,
            patient_paid=self.patient_paid,
            signature_generated_by_provider=self.signature_generated_by_provider,
        )


class NewContent(ContentFields):
    lines: list[LineFields] = Field(min_length=1, max_length=MOST_LINES)

    def compose(self, identity: NewIdentity) -> ClaimContent:
        return self.content(tuple(line.to_line(*identity()) for line in self.lines))


class ChangedContent(ContentFields):
    """The content a claim has after a change."""

    lines: list[ChangedLine] = Field(min_length=1, max_length=MOST_LINES)

    @classmethod
    def from_domain(cls, content: ClaimContent) -> Self:
        return cls.of(**content_members(content), lines=[ChangedLine.from_domain(line) for line in content.lines])

    def revise(self, current: ClaimContent, identity: NewIdentity) -> ClaimContent:
        """A line with an id that the claim does not have stays as it is said: the use case refuses it."""
        kept = {line.id: line.control_number for line in current.lines}
        return self.content(
            tuple(
                line.to_line(*identity())
                if line.id is None
                else line.to_line(line.id, kept.get(line.id) or line_control_number(line.id))
                for line in self.lines
            )
        )


class ContentPatch(Patch):
    """`lines`, `diagnoses` and `payer_assigned_ids` replace the whole array; a line keeps its identity by its `id`."""

    billing_provider_id: Identifier | None = absent()
    rendering_provider_id: Identifier | None = absent()
    referring_provider_id: Identifier | None = absent()
    supervising_provider_id: Identifier | None = absent()
    service_facility: FacilityPatch | None = absent()
    pay_to_address: AddressPatch | None = absent()
    billing_contact: ContactPatch | None = absent()
    payer_assigned_ids: Annotated[list[PayerAssignedIdFields], Field(max_length=len(ProviderRole))] = absent()
    place_of_service: PlaceOfService = absent()
    diagnoses: Diagnoses = absent()
    prior_authorization: Reference | None = absent()
    referral_number: Reference | None = absent()
    patient_paid: Money | None = absent()
    signature_generated_by_provider: bool = absent()
    lines: Annotated[list[ChangedLine], Field(min_length=1, max_length=MOST_LINES)] = absent()


def content_members(content: ClaimContent) -> dict[str, Any]:
    """All members but the lines, as an answer gives them."""
    return {
        "billing_provider_id": content.billing_provider_id,
        "rendering_provider_id": content.rendering_provider_id,
        "referring_provider_id": content.referring_provider_id,
        "supervising_provider_id": content.supervising_provider_id,
        "service_facility": FacilityFields.from_domain(content.service_facility),
        "pay_to_address": AddressFields.from_domain(content.pay_to_address),
        "billing_contact": ContactFields.from_domain(content.billing_contact),
        "payer_assigned_ids": [
            PayerAssignedIdFields.of(role=entry.role, number=entry.number) for entry in content.payer_assigned_ids
        ],
        "place_of_service": content.place_of_service,
        "diagnoses": list(content.diagnoses),
        "prior_authorization": content.prior_authorization,
        "referral_number": content.referral_number,
        "patient_paid": content.patient_paid,
        "signature_generated_by_provider": content.signature_generated_by_provider,
    }

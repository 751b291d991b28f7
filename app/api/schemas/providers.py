"""Providers on the wire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.base import Identifier, Patch, Schema, Text, Timestamp, absent
from app.api.schemas.npi import Npi
from app.api.schemas.parties import NameFields, NamePatch
from app.api.schemas.practices import Taxonomy
from app.domain.codes import AcceptsAssignment
from app.domain.providers import PayerParticipation, Provider, ProviderKind

OrganizationName = Annotated[str, Text(1, 60), Field(description="NM103 with NM102 = 2.")]


class ParticipationFields(Schema):
    """On what terms the provider takes part with a payer."""

    payer_id: Identifier
    accepts_assignment: AcceptsAssignment = Field(description="CLM07.")
    in_network: bool = Field(description="Whether the contract's discount applies.")


_NAMED_AS_ITS_KIND: JsonDict = {
    "anyOf": [
        {
            "properties": {
                "kind": {"const": "person"},
                "name": {"type": "object"},
                "organization_name": {"type": "null"},
            },
            "required": ["name"],
        },
        {
            "properties": {
                "kind": {"const": "organization"},
                "name": {"type": "null"},
                "organization_name": {"type": "string"},
            },
            "required": ["organization_name"],
        },
    ]
}
"""A person has a name, an organization its organization name, and not the other one's."""


class ProviderFields(Schema):
    model_config = ConfigDict(json_schema_extra=_NAMED_AS_ITS_KIND)

    kind: ProviderKind
    npi: Npi
    name: NameFields | None = Field(default=None, description="For a person.")
    organization_name: OrganizationName | None = None
    taxonomy_code: Taxonomy | None = None
    participations: list[ParticipationFields] = Field(default=[], max_length=200)
    is_active: bool = True

    def compose(self) -> Callable[[UUID, datetime], Provider]:
        return lambda new_id, now: Provider(
            id=new_id,
            kind=self.kind,
            npi=self.npi,
            name=None if self.name is None else self.name.to_domain(),
            organization_name=self.organization_name,
            taxonomy_code=self.taxonomy_code,
            participations=tuple(
                PayerParticipation(
                    payer_id=entry.payer_id,
                    accepts_assignment=entry.accepts_assignment,
                    in_network=entry.in_network,
                )
                for entry in self.participations
            ),
            is_active=self.is_active,
            created_at=now,
            updated_at=now,
        )

    def revise(self, current: Provider) -> Provider:
        return replace(self.compose()(current.id, current.created_at), version=current.version)

    @classmethod
    def from_domain(cls, provider: Provider) -> "ProviderFields":
        return cls(
            kind=provider.kind,
            npi=provider.npi,
            name=None if provider.name is None else NameFields.from_domain(provider.name),
            organization_name=provider.organization_name,
            taxonomy_code=provider.taxonomy_code,
            participations=[
                ParticipationFields(
                    payer_id=entry.payer_id,
                    accepts_assignment=entry.accepts_assignment,
                    in_network=entry.in_network,
                )
                for entry in provider.participations
            ],
            is_active=provider.is_active,
        )


class ProviderPatch(Patch):
    kind: ProviderKind = absent()
    npi: Npi = absent()
    name: NamePatch | None = absent()
    organization_name: OrganizationName | None = absent()
    taxonomy_code: Taxonomy | None = absent()
    participations: Annotated[list[ParticipationFields], Field(max_length=200)] = absent()
    is_active: bool = absent()


class ProviderAnswer(ProviderFields):
    id: Identifier
    created_at: Timestamp
    updated_at: Timestamp
    version: int = Field(ge=1, description="The ETag's number.")

    @classmethod
    def from_domain(cls, provider: Provider) -> "ProviderAnswer":
        return cls(
            **dict(ProviderFields.from_domain(provider)),
            id=provider.id,
            created_at=provider.created_at,
            updated_at=provider.updated_at,
            version=provider.version,
        )

"""Providers of a practice, and on what terms each takes part with each payer (domain rule A2)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.codes import AcceptsAssignment
from app.domain.findings import Finding
from app.domain.parties import PersonName


class ProviderKind(StrEnum):
    """NM102."""

    PERSON = "person"
    ORGANIZATION = "organization"


@dataclass(frozen=True, kw_only=True)
class PayerParticipation:
    """Provider x payer: CLM07, and whether the contract's discount applies (CO-45 or not)."""

    payer_id: UUID
    accepts_assignment: AcceptsAssignment
    in_network: bool


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A rendering or billing provider. Either `name` (a person) or `organization_name` is set, as `kind` says."""

    id: UUID
    kind: ProviderKind
    npi: str
    name: PersonName | None = field(default=None, repr=False)
    organization_name: str | None = field(default=None, repr=False)
    taxonomy_code: str | None = None
    participations: tuple[PayerParticipation, ...] = ()
    is_active: bool = True
    created_at: datetime
    updated_at: datetime
    version: int = 1


def check_provider(provider: Provider) -> tuple[Finding, ...]:
    """The rules that one field alone cannot say."""
    findings: list[Finding] = []
    is_person = provider.kind is ProviderKind.PERSON
    if is_person and (provider.name is None or provider.organization_name is not None):
        findings.append(Finding(code="provider_name", message="A person has `name` only.", pointer="/name"))
    if not is_person and (provider.organization_name is None or provider.name is not None):
        findings.append(
            Finding(
                code="provider_name",
                message="An organization has `organization_name` only.",
                pointer="/organization_name",
            )
        )
    seen: set[UUID] = set()
    for position, participation in enumerate(provider.participations):
        if participation.payer_id in seen:
            findings.append(
                Finding(
                    code="payer_repeated",
                    message="One entry for each payer.",
                    pointer=f"/participations/{position}/payer_id",
                )
            )
        seen.add(participation.payer_id)
    return tuple(findings)

"""Providers on a claim: who bills (2010AA, 2010AB), who did what (2310A to D), and on what terms (CLM07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.domain.claims import ClaimContent, ProviderRole
from app.domain.codes import AcceptsAssignment
from app.domain.findings import Finding, Severity
from app.domain.parties import Address, PersonName
from app.domain.practices import Practice
from app.domain.professional_claims import BilledBy, NamedProvider
from app.domain.providers import Provider, ProviderKind

_BILLING = "/claim/billing_provider_id"
_LOOPS = {
    ProviderRole.BILLING: "2010AA",
    ProviderRole.REFERRING: "2310A",
    ProviderRole.RENDERING: "2310B",
    ProviderRole.SERVICE_FACILITY: "2310C",
    ProviderRole.SUPERVISING: "2310D",
}
_PEOPLE_ONLY = frozenset({ProviderRole.REFERRING, ProviderRole.SUPERVISING})
"""NM102 of 2310A and 2310D is 1 and nothing else."""


@dataclass(frozen=True, kw_only=True)
class ClaimProviders:
    """Who stands on the claim. `billed_by` and `accepts_assignment` are None when what they need is not recorded."""

    billed_by: BilledBy | None
    accepts_assignment: AcceptsAssignment | None
    referring: NamedProvider | None
    rendering: NamedProvider | None
    service_facility: NamedProvider | None
    supervising: NamedProvider | None


def providers_of(
    content: ClaimContent, *, practice: Practice, providers: Mapping[UUID, Provider], payer_id: UUID
) -> tuple[ClaimProviders, tuple[Finding, ...]]:
    """The claim's providers by their ids, towards the payer that is asked, and all that is missing."""
    findings: list[Finding] = []
    named = {role: _find(role, content, providers, findings) for role in _LOOPS}
    billing, rendering = named[ProviderRole.BILLING], named[ProviderRole.RENDERING]
    if rendering is None and content.rendering_provider_id is None and billing is None:
        findings.append(
            Finding(
                code="rendering_provider_missing",
                message="The practice bills and nobody is named who rendered the service.",
                severity=Severity.WARNING,
                pointer="/claim/rendering_provider_id",
                location="2310B NM1",
            )
        )
    found = ClaimProviders(
        billed_by=_billed_by(content, practice, billing, findings),
        accepts_assignment=_accepts_assignment((rendering, billing), payer_id, findings),
        referring=_named(ProviderRole.REFERRING, named, content),
        rendering=_named(ProviderRole.RENDERING, named, content),
        service_facility=_service_facility(content, findings),
        supervising=_named(ProviderRole.SUPERVISING, named, content),
    )
    return found, tuple(findings)


def payer_assigned_id(content: ClaimContent, role: ProviderRole) -> str | None:
    """REF*G2."""
    return next((one.number for one in content.payer_assigned_ids if one.role is role), None)


def _provider_id(content: ClaimContent, role: ProviderRole) -> UUID | None:
    return {
        ProviderRole.BILLING: content.billing_provider_id,
        ProviderRole.REFERRING: content.referring_provider_id,
        ProviderRole.RENDERING: content.rendering_provider_id,
        ProviderRole.SUPERVISING: content.supervising_provider_id,
    }.get(role)


def _find(
    role: ProviderRole, content: ClaimContent, providers: Mapping[UUID, Provider], findings: list[Finding]
) -> Provider | None:
    provider_id = _provider_id(content, role)
    if provider_id is None:
        return None
    pointer, location = f"/claim/{role}_provider_id", f"{_LOOPS[role]} NM1"
    provider = providers.get(provider_id)
    if provider is None:
        message = "There is no such provider."
        findings.append(Finding(code="provider_unknown", message=message, pointer=pointer, location=location))
        return None
    if not provider.is_active:
        message = "The provider is not active any more; the service may be of the time before."
        findings.append(
            Finding(
                code="provider_inactive",
                message=message,
                severity=Severity.WARNING,
                pointer=pointer,
                location=location,
            )
        )
    if role in _PEOPLE_ONLY and provider.kind is not ProviderKind.PERSON:
        message = "Only a person stands here."
        findings.append(
            Finding(code="provider_not_person", message=message, pointer=pointer, location=f"{_LOOPS[role]} NM102")
        )
    return provider


def _billed_by(
    content: ClaimContent, practice: Practice, provider: Provider | None, findings: list[Finding]
) -> BilledBy | None:
    """The practice's tax id and address, under its own name or that of the provider who bills."""
    is_unknown = content.billing_provider_id is not None and provider is None
    taxonomy_code = practice.taxonomy_code if provider is None else provider.taxonomy_code
    if taxonomy_code is None:
        findings.append(
            Finding(
                code="billing_taxonomy_missing",
                message="Many payers want the taxonomy of who bills.",
                severity=Severity.WARNING,
                pointer=_BILLING,
                location="2000A PRV03",
            )
        )
    address = _billing_address(practice.address, findings)
    if practice.tax_id is None:
        message = "The practice's tax id is not recorded."
        findings.append(
            Finding(code="practice_tax_id_missing", message=message, pointer=_BILLING, location="2010AA REF02")
        )
    if content.billing_contact is None and practice.billing_contact is None:
        message = "Neither claim nor practice says whom to ask about the bill."
        findings.append(
            Finding(
                code="billing_contact_missing",
                message=message,
                pointer="/claim/billing_contact",
                location="1000A PER",
            )
        )
    if address is None or practice.tax_id is None or is_unknown:
        return None
    return BilledBy(
        name=practice.name if provider is None else _name(provider),
        npi=practice.npi if provider is None else provider.npi,
        taxonomy_code=taxonomy_code,
        tax_id=practice.tax_id,
        tax_id_is_ssn=practice.tax_id_is_ssn,
        address=address,
        # 2010AA PER is for a contact that 1000A does not name already, 2010AB for an address that 2010AA does not.
        contact=None if practice.billing_contact in {None, content.billing_contact} else content.billing_contact,
        pay_to_address=None if content.pay_to_address == address else content.pay_to_address,
    )


def _billing_address(address: Address | None, findings: list[Finding]) -> Address | None:
    if address is None:
        message = "The practice's address is not recorded."
        findings.append(
            Finding(code="practice_address_missing", message=message, pointer=_BILLING, location="2010AA N301")
        )
    elif len(address.postal_code) != 9:
        message = "The practice's address needs its postal code of nine digits."
        findings.append(Finding(code="zip_nine_digits", message=message, pointer=_BILLING, location="2010AA N403"))
    return address


def _accepts_assignment(
    providers: tuple[Provider | None, ...], payer_id: UUID, findings: list[Finding]
) -> AcceptsAssignment | None:
    """The terms of who rendered the service; of who bills, when those are not recorded."""
    for provider in providers:
        for participation in provider.participations if provider is not None else ():
            if participation.payer_id == payer_id:
                return participation.accepts_assignment
    message = "Whether the provider accepts assignment from this payer is not recorded."
    findings.append(
        Finding(
            code="accepts_assignment_unknown",
            message=message,
            pointer="/claim/rendering_provider_id",
            location="2300 CLM07",
        )
    )
    return None


def _named(
    role: ProviderRole, found: Mapping[ProviderRole, Provider | None], content: ClaimContent
) -> NamedProvider | None:
    provider = found[role]
    if provider is None:
        return None
    return NamedProvider(
        name=_name(provider),
        npi=provider.npi,
        # PRV stands in 2310B and nowhere else in 2310.
        taxonomy_code=provider.taxonomy_code if role is ProviderRole.RENDERING else None,
        payer_assigned_id=payer_assigned_id(content, role),
    )


def _service_facility(content: ClaimContent, findings: list[Finding]) -> NamedProvider | None:
    facility = content.service_facility
    if facility is None:
        return None
    if len(facility.address.postal_code) != 9:
        message = "Some payers want nine digits in the postal code of where the service was."
        findings.append(
            Finding(
                code="zip_nine_digits",
                message=message,
                severity=Severity.WARNING,
                pointer="/claim/service_facility/address/postal_code",
                location="2310C N403",
            )
        )
    return NamedProvider(
        name=facility.name,
        npi=facility.npi,
        payer_assigned_id=payer_assigned_id(content, ProviderRole.SERVICE_FACILITY),
        address=facility.address,
    )


def _name(provider: Provider) -> PersonName | str:
    return provider.name or provider.organization_name or ""

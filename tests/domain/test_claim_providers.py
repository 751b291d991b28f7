"""Who bills and who did what on a claim, and on what terms (domain rule A2)."""

from dataclasses import replace
from uuid import uuid4

from app.domain.claim_assembly import assemble
from app.domain.claims import PayerAssignedId, ProviderRole, ServiceFacility
from app.domain.codes import AcceptsAssignment
from app.domain.findings import Severity, has_error
from app.domain.parties import Contact
from app.domain.providers import PayerParticipation, ProviderKind
from tests.domain.assembling import FIRST, PRIMARY_PARTS, assembled, errors, with_content, with_practice, with_provider
from tests.factories import a_provider, an_address, an_npi


def test_the_practice_bills_under_its_own_name() -> None:
    billed_by = assembled(PRIMARY_PARTS).billed_by
    practice = PRIMARY_PARTS.practice
    assert (billed_by.name, billed_by.npi, billed_by.tax_id) == (practice.name, practice.npi, practice.tax_id)
    assert (billed_by.taxonomy_code, billed_by.address) == (practice.taxonomy_code, practice.address)
    assert (billed_by.tax_id_is_ssn, billed_by.contact, billed_by.pay_to_address) == (False, None, None)


def test_a_provider_bills_with_the_practices_tax_id_and_address() -> None:
    billing = a_provider(
        kind=ProviderKind.ORGANIZATION,
        name=None,
        organization_name="INVENTED GROUP",
        npi=an_npi(9),
        taxonomy_code="261QM0801X",
    )
    pay_to = an_address(line1="PO BOX 1")
    contact = Contact(name="GROUP DESK", phone="3035550199")
    parts = replace(PRIMARY_PARTS, providers={**PRIMARY_PARTS.providers, billing.id: billing})
    parts = with_content(
        with_practice(parts, tax_id_is_ssn=True),
        billing_provider_id=billing.id,
        pay_to_address=pay_to,
        billing_contact=contact,
    )
    billed_by = assembled(parts).billed_by
    assert (billed_by.name, billed_by.npi, billed_by.taxonomy_code) == ("INVENTED GROUP", an_npi(9), "261QM0801X")
    assert (billed_by.tax_id, billed_by.tax_id_is_ssn) == ("123456789", True)
    assert (billed_by.contact, billed_by.pay_to_address) == (contact, pay_to)


def test_a_claims_own_contact_stands_with_who_bills_unless_1000a_names_it() -> None:
    """1000A names the practice's contact, and the claim's where the practice has none."""
    contact = Contact(name="GROUP DESK", phone="3035550199")
    own = with_content(PRIMARY_PARTS, billing_contact=contact)
    assert assembled(own).billed_by.contact == contact
    for named in (contact, None):
        assert assembled(with_practice(own, billing_contact=named)).billed_by.contact is None


def test_what_the_practice_has_not_recorded_is_named() -> None:
    empty = with_practice(PRIMARY_PARTS, tax_id=None, address=None, taxonomy_code=None, billing_contact=None)
    claim, findings = assemble(empty)
    assert claim is None
    assert [(one.code, one.severity) for one in findings] == [
        ("billing_taxonomy_missing", Severity.WARNING),
        ("practice_address_missing", Severity.ERROR),
        ("practice_tax_id_missing", Severity.ERROR),
        ("billing_contact_missing", Severity.ERROR),
    ]
    short = with_practice(PRIMARY_PARTS, address=an_address(postal_code="80211"))
    assert errors(short) == [("zip_nine_digits", "/claim/billing_provider_id")]


def test_assignment_is_the_renderers_terms_with_the_payer_else_the_billers() -> None:
    terms = PayerParticipation(payer_id=FIRST.id, accepts_assignment=AcceptsAssignment.NOT_ASSIGNED, in_network=False)
    biller = a_provider(npi=an_npi(8), participations=(terms,))
    parts = replace(PRIMARY_PARTS, providers={**PRIMARY_PARTS.providers, biller.id: biller})
    parts = with_content(parts, billing_provider_id=biller.id)
    assert assembled(parts).accepts_assignment is AcceptsAssignment.ASSIGNED
    [renderer] = PRIMARY_PARTS.providers.values()
    silent = replace(parts, providers={biller.id: biller, renderer.id: replace(renderer, participations=())})
    assert assembled(silent).accepts_assignment is AcceptsAssignment.NOT_ASSIGNED


def test_assignment_that_nobody_recorded_is_not_assumed() -> None:
    claim, findings = assemble(with_provider(PRIMARY_PARTS, participations=()))
    assert claim is None
    assert [(one.code, one.pointer, one.location) for one in findings] == [
        ("accepts_assignment_unknown", "/claim/rendering_provider_id", "2300 CLM07")
    ]


def test_every_provider_stands_in_its_role_with_the_payers_number() -> None:
    roles = (ProviderRole.REFERRING, ProviderRole.SUPERVISING, ProviderRole.RENDERING, ProviderRole.BILLING)
    referring, supervising = a_provider(npi=an_npi(5)), a_provider(npi=an_npi(6))
    parts = replace(
        PRIMARY_PARTS,
        providers={**PRIMARY_PARTS.providers, referring.id: referring, supervising.id: supervising},
    )
    facility = ServiceFacility(name="INVENTED CLINIC", npi=an_npi(7), address=an_address())
    parts = with_content(
        parts,
        referring_provider_id=referring.id,
        supervising_provider_id=supervising.id,
        service_facility=facility,
        payer_assigned_ids=tuple(PayerAssignedId(role=role, number=f"G2{role}".upper()) for role in roles),
    )
    claim = assembled(parts)
    assert claim.referring is not None
    assert claim.supervising is not None
    assert claim.rendering is not None
    assert claim.service_facility is not None
    assert (claim.referring.npi, claim.referring.payer_assigned_id) == (an_npi(5), "G2REFERRING")
    assert (claim.supervising.npi, claim.supervising.payer_assigned_id) == (an_npi(6), "G2SUPERVISING")
    assert (claim.rendering.taxonomy_code, claim.rendering.payer_assigned_id) == ("101YM0800X", "G2RENDERING")
    assert (claim.referring.taxonomy_code, claim.supervising.taxonomy_code) == (None, None)  # only 2310B has a PRV
    assert claim.payer.provider_id_there == "G2BILLING"
    assert (claim.service_facility.name, claim.service_facility.address) == ("INVENTED CLINIC", an_address())


def test_providers_that_do_not_fit_are_named_with_their_place() -> None:
    group = a_provider(kind=ProviderKind.ORGANIZATION, name=None, organization_name="GROUP", npi=an_npi(9))
    parts = replace(PRIMARY_PARTS, providers={**PRIMARY_PARTS.providers, group.id: group})
    parts = with_content(parts, referring_provider_id=group.id, supervising_provider_id=uuid4())
    assert errors(parts) == [
        ("provider_not_person", "/claim/referring_provider_id"),
        ("provider_unknown", "/claim/supervising_provider_id"),
    ]
    unknown_biller = with_content(PRIMARY_PARTS, billing_provider_id=uuid4())
    claim, _ = assemble(unknown_biller)
    assert claim is None
    assert errors(unknown_biller) == [("provider_unknown", "/claim/billing_provider_id")]


def test_a_provider_who_has_left_and_a_session_nobody_rendered_are_warnings() -> None:
    left = assemble(with_provider(PRIMARY_PARTS, is_active=False))[1]
    assert [(one.code, one.severity) for one in left] == [("provider_inactive", Severity.WARNING)]
    found = assemble(with_content(PRIMARY_PARTS, rendering_provider_id=None))[1]
    assert ("rendering_provider_missing", Severity.WARNING) in [(one.code, one.severity) for one in found]


def test_a_facility_with_a_short_postal_code_is_a_warning() -> None:
    facility = ServiceFacility(name="INVENTED CLINIC", address=an_address(postal_code="80211"))
    _, findings = assemble(with_content(PRIMARY_PARTS, service_facility=facility))
    assert [(one.code, one.pointer) for one in findings] == [
        ("zip_nine_digits", "/claim/service_facility/address/postal_code")
    ]
    assert not has_error(findings)

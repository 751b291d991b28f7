"""The providers of a claim beside the one who bills: loops 2310A to D."""

from typing import Final

from app.domain.parties import PersonName
from app.domain.professional_claims import NamedProvider, ProfessionalClaim
from app.x12.claim_elements_837 import npi, reference_number
from app.x12.claim_parties_837 import add_address, add_reference, add_taxonomy, names
from app.x12.claim_segments_837 import ClaimDraft
from app.x12.drafts import basic_code
from app.x12.findings import VALUE_INVALID, VALUE_MISSING

_NPI: Final = npi(required=False)
_PAYER_ASSIGNED_ID: Final = reference_number("payer_assigned_id")


def add_providers(draft: ClaimDraft, claim: ProfessionalClaim) -> None:
    if claim.referring is not None:
        _check_person(draft, "2310A", claim.referring, "/referring")
        _add_provider(draft, "2310A", "DN", claim.referring, "/referring")
    if claim.rendering is not None and _is_news(claim.rendering, claim):
        _add_provider(draft, "2310B", "82", claim.rendering, "/rendering")
    if claim.service_facility is not None:
        _add_facility(draft, claim.service_facility)
    if claim.supervising is not None:
        _check_person(draft, "2310D", claim.supervising, "/supervising")
        _add_provider(draft, "2310D", "DQ", claim.supervising, "/supervising")


def _is_news(rendering: NamedProvider, claim: ProfessionalClaim) -> bool:
    """2310B is written when it says what 2000A, 2010AA and 2010BB do not: another name, number or taxonomy."""
    billed_by = claim.billed_by
    return (
        rendering.npi != billed_by.npi
        or rendering.name != billed_by.name
        or rendering.taxonomy_code not in {None, billed_by.taxonomy_code}
        or rendering.payer_assigned_id not in {None, claim.payer.provider_id_there}
        or rendering.address is not None
    )


def _add_provider(draft: ClaimDraft, loop: str, role_code: str, provider: NamedProvider, pointer: str) -> None:
    """NM1, PRV of who rendered the service, and the destination's own number."""
    _add_name(draft, loop, role_code, provider, pointer)
    if loop == "2310B":
        add_taxonomy(draft, loop, "PE", provider.taxonomy_code, pointer)
    else:
        draft.refuse_unplaced(provider.taxonomy_code, f"{pointer}/taxonomy_code", f"{loop} PRV03")
    draft.refuse_unplaced(provider.address, f"{pointer}/address", f"{loop} N301")
    add_reference(draft, loop, "G2", provider.payer_assigned_id, pointer, _PAYER_ASSIGNED_ID)


def _add_facility(draft: ClaimDraft, facility: NamedProvider) -> None:
    loop, pointer = "2310C", "/service_facility"
    if not isinstance(facility.name, str):
        draft.refuse(VALUE_INVALID, f"{pointer}/name", f"{loop} NM102", "An organization stands here.")
    draft.refuse_unplaced(facility.taxonomy_code, f"{pointer}/taxonomy_code", f"{loop} PRV03")
    _add_name(draft, loop, "77", facility, pointer)
    if facility.address is None:
        draft.refuse(VALUE_MISSING, f"{pointer}/address", f"{loop} N301")
    else:
        add_address(draft, loop, facility.address, f"{pointer}/address")
    add_reference(draft, loop, "G2", facility.payer_assigned_id, pointer, _PAYER_ASSIGNED_ID)


def _add_name(draft: ClaimDraft, loop: str, role_code: str, provider: NamedProvider, pointer: str) -> None:
    qualifier = "XX" if provider.npi and basic_code(provider.npi) else ""
    draft.put(loop, "NM1", pointer, role_code, *names(provider.name), qualifier, (provider.npi, _NPI))


def _check_person(draft: ClaimDraft, loop: str, provider: NamedProvider, pointer: str) -> None:
    if not isinstance(provider.name, PersonName):
        draft.refuse(VALUE_INVALID, f"{pointer}/name", f"{loop} NM102", "A person stands here.")

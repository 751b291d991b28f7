"""What a claim refers to, read in the caller's transaction."""

from uuid import UUID

from app.domain.claim_parts import ClaimParts
from app.domain.claims import Claim, ClaimContent
from app.domain.coverages import Coverage
from app.domain.payers import Payer, ProfileEntry, ProfileSetting, effective_profile
from app.domain.providers import Provider
from app.repositories.unit_of_work import UnitOfWork
from app.use_cases.claim_records import chain_of
from app.use_cases.context import found


async def read_parts(uow: UnitOfWork, claim: Claim) -> ClaimParts:
    coverages = await uow.coverages.of_patient(claim.patient_id)
    return ClaimParts(
        claim=claim,
        practice=found(await uow.practices.get()),
        patient=found(await uow.patients.get(claim.patient_id)),
        coverages=tuple(coverages),
        payers=await payers_of(uow, coverages),
        providers=await providers_of(uow, claim.content),
        chain=tuple(one for one in await chain_of(uow, claim) if one.claim.id != claim.id),
        profile=await profile_of(uow, claim.payer_id, claim.content),
    )


async def profile_of(uow: UnitOfWork, payer_id: UUID, content: ClaimContent) -> dict[ProfileSetting, ProfileEntry]:
    """What the payer wants, on the first day of service."""
    return effective_profile(await uow.payer_profiles.entries(payer_id), content.first_service_date)


async def payers_of(uow: UnitOfWork, coverages: list[Coverage] | tuple[Coverage, ...]) -> dict[UUID, Payer]:
    ids = {coverage.payer_id for coverage in coverages}
    return {payer_id: found(await uow.payers.get(payer_id)) for payer_id in ids}


async def providers_of(uow: UnitOfWork, content: ClaimContent) -> dict[UUID, Provider]:
    """Those that exist; one that does not is a finding where it is named."""
    ids = {
        content.billing_provider_id,
        content.rendering_provider_id,
        content.referring_provider_id,
        content.supervising_provider_id,
    } - {None}
    known = {provider_id: await uow.providers.get(provider_id) for provider_id in ids if provider_id is not None}
    return {provider_id: provider for provider_id, provider in known.items() if provider is not None}

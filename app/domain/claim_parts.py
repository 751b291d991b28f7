"""What a claim refers to, gathered for its assembly: practice, patient, coverages, payers, providers, earlier claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.claims import Claim
from app.domain.codes import BenefitClass
from app.domain.coordination import BILLED_BENEFITS, ChainClaim, RankedCoverage, order_on
from app.domain.coverages import Coverage
from app.domain.patients import Patient
from app.domain.payers import Payer, ProfileEntry, ProfileSetting
from app.domain.practices import Practice
from app.domain.providers import Provider


@dataclass(frozen=True, kw_only=True)
class ClaimParts:
    """All that a claim refers to, as it is recorded now.

    `coverages` are all of the patient's, in any status; `payers` those of the coverages. `chain` are the chain's
    claims with their current adjudications. `profile` is the asked payer's, in force on the first day of service.
    """

    claim: Claim
    practice: Practice
    patient: Patient
    coverages: tuple[Coverage, ...]
    payers: Mapping[UUID, Payer]
    providers: Mapping[UUID, Provider]
    chain: tuple[ChainClaim, ...] = ()
    profile: Mapping[ProfileSetting, ProfileEntry] = field(default_factory=dict)
    benefits: BenefitClass = BILLED_BENEFITS

    @property
    def order(self) -> tuple[RankedCoverage, ...]:
        """The payers of the service date; nobody while the claim has no service."""
        if not self.claim.content.lines:
            return ()
        return order_on(self.coverages, self.claim.content.first_service_date, self.benefits)

    @property
    def coverage(self) -> Coverage:
        """The coverage that is asked."""
        return next(one for one in self.coverages if one.id == self.claim.coverage_id)

    @property
    def place_in_order(self) -> RankedCoverage | None:
        """Where it stands on the service date; None when it holds no rank then."""
        return next((ranked for ranked in self.order if ranked.coverage.id == self.claim.coverage_id), None)


@dataclass(frozen=True, kw_only=True)
class PriorPayer:
    """A payer ahead of the one that is asked, with its claim, if there is one."""

    ranked: RankedCoverage
    payer: Payer
    billed: ChainClaim | None


def prior_payers(parts: ClaimParts) -> tuple[PriorPayer, ...]:
    """The payers ahead in their order: the `prior_payers` of the review."""
    live = {one.claim.coverage_id: one for one in parts.chain if one.claim.status.is_live}
    return tuple(
        PriorPayer(ranked=ranked, payer=parts.payers[ranked.coverage.payer_id], billed=live.get(ranked.coverage.id))
        for ranked in parts.order
        if ranked.rank.number < parts.claim.rank.number and ranked.coverage.id != parts.claim.coverage_id
    )

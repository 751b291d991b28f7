"""Coordination: which payer comes after which on a day of service, and what the claim to the next one starts from.

No payer is asked before every payer ahead of it has decided, and none is skipped (domain rules C1 and C3). A payer is in
the order by a verified coverage that holds a rank on the day and pays for what is billed: a coverage for medical care is
none for therapy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.domain.adjudications import Adjudication
from app.domain.claim_states import ClaimStatus
from app.domain.claims import Claim, ClaimContent
from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.coverage_ranks import CoverageRank
from app.domain.coverages import Coverage, CoverageStatus
from app.domain.errors import Conflict, NotFound
from app.domain.findings import Finding

BILLED_BENEFITS: Final = BenefitClass.BEHAVIORAL
"""What outpatient behavioural health bills, unless it is said otherwise."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class RankedCoverage:
    """A coverage with the rank it holds on a day."""

    coverage: Coverage
    row: CoverageRank

    @property
    def rank(self) -> PayerResponsibility:
        return self.row.rank


@dataclass(frozen=True, kw_only=True)
class ChainClaim:
    """A claim of a chain with its current adjudication, if its payer has any."""

    claim: Claim
    adjudication: Adjudication | None = None

    @property
    def is_decided(self) -> bool:
        return self.adjudication is not None and self.adjudication.outcome.is_decided


@dataclass(frozen=True, kw_only=True)
class NextPayer:
    """Whom to bill, at which rank, after which decided claims: one for each payer ahead, in their order."""

    coverage: Coverage
    rank: PayerResponsibility
    priors: tuple[ChainClaim, ...] = ()


def order_on(
    coverages: Iterable[Coverage], day: date, benefits: BenefitClass = BILLED_BENEFITS
) -> tuple[RankedCoverage, ...]:
    """The payers of a day in the order of benefits: verified coverages, by the ranks they hold then."""
    order = (
        RankedCoverage(coverage=coverage, row=row)
        for coverage in coverages
        if coverage.status is CoverageStatus.VERIFIED
        for row in coverage.ranks
        if row.first_day <= day <= row.last_day and row.benefit_class.collides_with(benefits)
    )
    return tuple(sorted(order, key=lambda ranked: (ranked.rank.number, ranked.coverage.id)))


def has_gap(order: Iterable[RankedCoverage]) -> bool:
    """SBR01 begins with the primary, and skips and repeats nobody."""
    return any(ranked.rank.number != number for number, ranked in enumerate(order, start=1))


def next_coverage(
    chain: Iterable[ChainClaim],
    coverages: Sequence[Coverage],
    *,
    day: date,
    after: UUID | None = None,
    wished: UUID | None = None,
    benefits: BenefitClass = BILLED_BENEFITS,
) -> NextPayer:
    """Whom the next claim of a chain asks: the coverage that is `wished`, or else the one that follows `after`, the
    coverage of the claim it comes from (the first, when there is none). A conflict says what to do instead.

    `coverages` are all of the patient's; one that is not among them does not exist. `day` is the first day of service.
    """
    order = order_on(coverages, day, benefits)
    if wished is not None:
        target = _wished(wished, coverages, order, day)
    else:
        target = _following(after, coverages, order, day, benefits)
    live = {one.claim.coverage_id: one for one in chain if one.claim.status.is_live}
    if target.coverage.id in live:
        raise Conflict(
            "The encounter has a claim to this payer. Correct and submit that one, or go on from it to the payer after.",
            code="claim_exists",
        )
    _require_same_order(live.values(), order)
    ahead = order[: order.index(target)]
    if has_gap((*ahead, target)):
        raise Conflict(
            "A rank before this payer's is empty on the service date. Put the patient's coverages in order.",
            code="order_has_gap",
        )
    return NextPayer(
        coverage=target.coverage,
        rank=target.rank,
        priors=tuple(_decided(ranked, live) for ranked in ahead),
    )


def check_one_order(
    content: ClaimContent, coverages: Sequence[Coverage], benefits: BenefitClass = BILLED_BENEFITS
) -> tuple[Finding, ...]:
    """Lines on whose days other payers come first, or in another order, belong on a claim of their own (rule A4)."""
    if not content.lines:
        return ()
    first = _places(order_on(coverages, content.first_service_date, benefits))
    return tuple(
        Finding(
            code="split_claim",
            message="Other payers are in force on this line's days than on the claim's first: bill it on its own claim.",
            pointer=f"/lines/{position}/first_date",
            location="2400 DTP03",
        )
        for position, line in enumerate(content.lines)
        if any(
            _places(order_on(coverages, day, benefits)) != first
            for day in _turning_days(coverages, line.first_date, line.end_date)
        )
    )


def next_content(previous: ClaimContent) -> ClaimContent:
    """What a claim to the next payer says: all that the claim before it said, but for the numbers that its payer gave
    out. Those go to that payer's 2330B; the next payer's own are not known yet (domain rule C2).
    """
    return replace(previous, prior_authorization=None, referral_number=None, payer_assigned_ids=())


def _wished(
    coverage_id: UUID, coverages: Sequence[Coverage], order: Sequence[RankedCoverage], day: date
) -> RankedCoverage:
    coverage = next((one for one in coverages if one.id == coverage_id), None)
    if coverage is None:
        raise NotFound
    found = next((ranked for ranked in order if ranked.coverage.id == coverage_id), None)
    if found is not None:
        return found
    if coverage.status is CoverageStatus.UNVERIFIED:
        raise _unverified()
    if coverage.status is not CoverageStatus.VERIFIED:
        raise Conflict("The coverage was rejected or withdrawn.", code="coverage_closed")
    if any(row.first_day <= day <= row.last_day for row in coverage.ranks):
        raise Conflict("The coverage does not pay for what is billed.", code="coverage_benefits_differ")
    raise Conflict(
        "The coverage is not in force on the service date, or holds no rank then. Check its period and the order.",
        code="coverage_not_active",
    )


def _following(
    after: UUID | None,
    coverages: Sequence[Coverage],
    order: Sequence[RankedCoverage],
    day: date,
    benefits: BenefitClass,
) -> RankedCoverage:
    places = {ranked.coverage.id: place for place, ranked in enumerate(order, start=1)}
    if after is not None and after not in places:
        raise _order_changed()
    place = 0 if after is None else places[after]
    if place < len(order):
        return order[place]
    waiting = (
        coverage.status is CoverageStatus.UNVERIFIED
        and coverage.is_active_on(day)
        and coverage.benefit_class.collides_with(benefits)
        for coverage in coverages
    )
    if any(waiting):
        raise _unverified()
    raise Conflict(
        "No verified coverage of the patient follows on the service date: no payer is left to bill.",
        code="no_next_payer",
    )


def _require_same_order(live: Iterable[ChainClaim], order: Sequence[RankedCoverage]) -> None:
    """A claim that went out at another rank than its coverage holds now would leave two payers at one rank."""
    ranks = {ranked.coverage.id: ranked.rank for ranked in order}
    if any(ranks.get(one.claim.coverage_id) is not one.claim.rank for one in live):
        raise _order_changed()


def _decided(ranked: RankedCoverage, live: Mapping[UUID, ChainClaim]) -> ChainClaim:
    """The claim to a payer ahead, with its decision."""
    rank = ranked.rank.value
    found = live.get(ranked.coverage.id)
    if found is None:
        raise Conflict(
            f"The {rank} payer was not billed for this encounter. Bill it first; no payer is skipped.",
            code="payer_skipped",
        )
    if not found.is_decided:
        raise Conflict(_what_is_missing(rank, found), code="prior_payer_undecided")
    return found


def _what_is_missing(rank: str, undecided: ChainClaim) -> str:
    status = undecided.claim.status
    if undecided.adjudication is not None:
        return f"The {rank} payer has decided on some lines only. Wait for the rest, or enter its decision in full."
    if status is ClaimStatus.REJECTED:
        return f"The {rank} payer's claim was rejected and never decided. Correct it and submit it again."
    if status in {ClaimStatus.DRAFT, ClaimStatus.HELD}:
        return f"The {rank} payer's claim was not sent. Submit it, or enter the decision if it was billed elsewhere."
    return f"The {rank} payer has not decided. Wait for its remittance, or enter its decision."


def _unverified() -> Conflict:
    return Conflict(
        "The coverage is unverified. Confirm it by an eligibility check or by staff, then bill it.",
        code="coverage_unverified",
    )


def _order_changed() -> Conflict:
    return Conflict(
        "The encounter was billed in another order of payers than holds on the service date now.",
        code="order_changed",
    )


def _places(order: Iterable[RankedCoverage]) -> tuple[tuple[UUID, PayerResponsibility], ...]:
    return tuple((ranked.coverage.id, ranked.rank) for ranked in order)


def _turning_days(coverages: Iterable[Coverage], first: date, last: date) -> set[date]:
    """The first day of a period, and each day in it on which a rank begins or has ended."""
    rows = [row for coverage in coverages for row in coverage.ranks]
    edges = {row.first_day for row in rows} | {row.last_day + _DAY for row in rows if row.to_date is not None}
    return {first, *(day for day in edges if first < day <= last)}

"""Ranks: the place of a verified coverage in the order of benefits, held for a period (domain rules A3 and A4).

Pure functions over frozen rows; the database holds the same rule as an exclusion constraint.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from app.domain.codes import BenefitClass, PayerResponsibility
from app.domain.findings import Finding, Severity

EARLIEST_ORDER = date(1990, 1, 1)
"""No service that could still be billed lies before it."""
_SINGLE = (BenefitClass.MEDICAL, BenefitClass.BEHAVIORAL)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CoverageRank:
    """One coverage at one rank over inclusive dates; None is open."""

    coverage_id: UUID
    benefit_class: BenefitClass
    rank: PayerResponsibility
    insurance_type_code: str | None = None
    from_date: date | None = None
    to_date: date | None = None

    @property
    def first_day(self) -> date:
        return self.from_date or date.min

    @property
    def last_day(self) -> date:
        return self.to_date or date.max

    def overlaps(self, other: "CoverageRank") -> bool:
        return self.first_day <= other.last_day and other.first_day <= self.last_day

    def takes_place_of(self, other: "CoverageRank") -> bool:
        """True when both cannot stand: same rank, colliding benefit classes, a common day."""
        return (
            self.rank is other.rank and self.benefit_class.collides_with(other.benefit_class) and self.overlaps(other)
        )


@dataclass(frozen=True, kw_only=True)
class RankedPeriod:
    """A verified coverage as the order sees it: its class and its own period."""

    coverage_id: UUID
    benefit_class: BenefitClass
    from_date: date | None
    to_date: date | None


@dataclass(frozen=True, kw_only=True)
class WantedRank:
    coverage_id: UUID
    rank: PayerResponsibility
    insurance_type_code: str | None = None


def rank_conflicts(existing: Iterable[CoverageRank], wanted: CoverageRank) -> tuple[CoverageRank, ...]:
    """The rows of other coverages that stand where `wanted` would."""
    return tuple(row for row in existing if row.coverage_id != wanted.coverage_id and row.takes_place_of(wanted))


def refit(
    rows: Sequence[CoverageRank], *, old: tuple[date | None, date | None], new: tuple[date | None, date | None]
) -> tuple[CoverageRank, ...]:
    """One coverage's rows after its own period changed: rows at an old edge follow it, the rest is cut to the new."""
    refitted: list[CoverageRank] = []
    new_first, new_last = new[0] or date.min, new[1] or date.max
    for row in rows:
        first = new_first if row.from_date == old[0] else max(row.first_day, new_first)
        last = new_last if row.to_date == old[1] else min(row.last_day, new_last)
        if first <= last:
            refitted.append(replace(row, from_date=_open(first), to_date=_open(last)))
    return tuple(refitted)


def reorder(
    rows: Sequence[CoverageRank],
    coverages: Sequence[RankedPeriod],
    wanted: Sequence[WantedRank],
    *,
    effective_from: date,
) -> tuple[tuple[CoverageRank, ...], tuple[Finding, ...]]:
    """The patient's rows with `wanted` in force from a day on; what was before that day is kept as it was.

    `coverages` are the patient's verified ones. Returns the new rows and all findings; with an error finding the
    rows must not be stored.
    """
    by_id = {coverage.coverage_id: coverage for coverage in coverages if _last(coverage) >= effective_from}
    findings = [*_check_day(effective_from), *_check_wanted(wanted, by_id)]
    past = [
        replace(row, to_date=min(row.last_day, effective_from - _DAY)) for row in rows if row.first_day < effective_from
    ]
    future: list[CoverageRank] = []
    for position, entry in enumerate(wanted):
        coverage = by_id.get(entry.coverage_id)
        if coverage is None:
            continue
        row = CoverageRank(
            coverage_id=entry.coverage_id,
            benefit_class=coverage.benefit_class,
            rank=entry.rank,
            insurance_type_code=entry.insurance_type_code,
            from_date=_open(max(coverage.from_date or date.min, effective_from)),
            to_date=coverage.to_date,
        )
        if any(row.takes_place_of(other) for other in future):
            findings.append(
                Finding(
                    code="coverage_rank_taken",
                    message="Two coverages stand at the same rank on the same day.",
                    pointer=f"/ranks/{position}/rank",
                    location="2000B SBR01",
                )
            )
        future.append(row)
    findings.extend(_check_gaps(future))
    return _joined((*past, *future)), tuple(findings)


def _joined(rows: Iterable[CoverageRank]) -> tuple[CoverageRank, ...]:
    """A coverage that stays where it was keeps one row, however often the others change places."""
    joined: list[CoverageRank] = []
    for row in sorted(rows, key=lambda row: (row.coverage_id, row.first_day)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.to_date
            and replace(last, from_date=last.to_date + _DAY, to_date=row.to_date) == row
        ):
            joined[-1] = replace(last, to_date=row.to_date)
        else:
            joined.append(row)
    return tuple(joined)


def loses_primary(before: Sequence[CoverageRank], after: Sequence[CoverageRank]) -> bool:
    """Whether a later payer stays, on some day, without the primary it had or, new to that day, finds none."""
    rows = (*before, *after)
    days = {row.first_day for row in rows} | {row.last_day + _DAY for row in rows if row.to_date is not None}
    return any(_without_primary(after, day) - _without_primary(before, day) for day in days)


def _without_primary(rows: Sequence[CoverageRank], day: date) -> set[BenefitClass]:
    """The benefits for which there is a payer on the day, but no primary."""
    on_day = [row for row in rows if row.first_day <= day <= row.last_day]
    ranks = {
        benefits: {row.rank for row in on_day if row.benefit_class.collides_with(benefits)} for benefits in _SINGLE
    }
    return {benefits for benefits, held in ranks.items() if held and PayerResponsibility.PRIMARY not in held}


def _check_day(effective_from: date) -> Iterable[Finding]:
    if effective_from < EARLIEST_ORDER:
        yield Finding(code="date_range", message="An order is in force from 1990 on.", pointer="/effective_from")


def _check_wanted(wanted: Sequence[WantedRank], by_id: dict[UUID, RankedPeriod]) -> Iterable[Finding]:
    seen: set[UUID] = set()
    for position, entry in enumerate(wanted):
        if entry.coverage_id in seen:
            yield Finding(
                code="coverage_repeated",
                message="A coverage is listed once.",
                pointer=f"/ranks/{position}/coverage_id",
            )
        seen.add(entry.coverage_id)
        if entry.coverage_id not in by_id:
            yield Finding(
                code="coverage_not_rankable",
                message="Only this patient's verified coverages that have not ended by then hold a rank.",
                pointer=f"/ranks/{position}/coverage_id",
            )
    if by_id.keys() - seen:
        yield Finding(
            code="order_incomplete",
            message="Every verified coverage that is in force on or after the date must be in the order.",
            pointer="/ranks",
        )


def _check_gaps(rows: Sequence[CoverageRank]) -> Iterable[Finding]:
    """A secondary without a primary may be stored, not billed (domain rule A3): a warning. Benefits have each their own
    order: the primary for medical care says nothing of therapy.
    """
    orders = [
        {row.rank.number for row in rows if row.benefit_class.collides_with(benefit_class)} for benefit_class in _SINGLE
    ]
    if any(numbers and numbers != set(range(1, max(numbers) + 1)) for numbers in orders):
        yield Finding(
            code="order_has_gap",
            message="A rank is skipped: the payers after the gap cannot be billed.",
            severity=Severity.WARNING,
            pointer="/ranks",
            location="2000B SBR01",
        )


def _last(coverage: RankedPeriod) -> date:
    return coverage.to_date or date.max


def _open(day: date) -> date | None:
    return None if day in {date.min, date.max} else day

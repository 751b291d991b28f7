"""Repairs: the ways a decision that does not add up can be put right, each with its cents before and after.

A repair is offered, never applied unasked; accepting it makes a new version of the adjudication. It is a pure function of
decision and lines, and its id is a hash of finding and effect, so that one that was offered for another state of things is
not found any more. What is offered settles its finding and makes no other place worse. Where an amount could belong to
more than one place nothing is offered: a person enters it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.adjudications import Adjustment, AdjustmentGroup, Decision
from app.domain.balance import BalanceTable, LineBalance, balance_findings, balance_of
from app.domain.decision_changes import (
    CLAIM,
    Level,
    adjustments_at,
    level_of,
    paid_at,
    with_added,
    with_claim_amounts_on_line,
    with_claim_totals_on_line,
    with_merged,
    with_paid,
    with_reason,
    without_adjustment,
)
from app.domain.denial_reasons import COINSURANCE, CONTRACTUAL_REDUCTION, COPAYMENT, DEDUCTIBLE, FROM_PAPER
from app.domain.findings import Finding
from app.domain.money import ZERO, total
from app.domain.service_lines import ServiceLine


class RepairKind(StrEnum):
    REMAINDER_TO_CO_45 = "remainder_to_co_45"
    REMAINDER_TO_PR_1 = "remainder_to_pr_1"
    REMAINDER_TO_PR_2 = "remainder_to_pr_2"
    REMAINDER_TO_PR_3 = "remainder_to_pr_3"
    REMAINDER_TO_PR_192 = "remainder_to_pr_192"
    RESPONSIBILITY_TO_PR_1 = "responsibility_to_pr_1"
    RESPONSIBILITY_TO_PR_2 = "responsibility_to_pr_2"
    RESPONSIBILITY_TO_PR_3 = "responsibility_to_pr_3"
    RESPONSIBILITY_TO_PR_192 = "responsibility_to_pr_192"
    PAID_CORRECTED = "paid_corrected"
    CLAIM_PAID_TO_LINES = "claim_paid_to_lines"
    CLAIM_AMOUNT_TO_LINE = "claim_amount_to_line"
    CLAIM_TOTALS_TO_LINE = "claim_totals_to_line"
    CLAIM_COPY_DROPPED = "claim_copy_dropped"
    LINE_COPY_DROPPED = "line_copy_dropped"
    DUPLICATES_MERGED = "duplicates_merged"
    DUPLICATE_DROPPED = "duplicate_dropped"
    ZERO_DROPPED = "zero_dropped"


@dataclass(frozen=True, kw_only=True)
class RepairAmounts:
    """Paid, adjustments and what is left unexplained, at the place that is repaired: a line, or the claim level."""

    paid: Decimal
    adjustments: Decimal
    difference: Decimal


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One way out. `pointer` is the finding's, relative to the decision; `line_number` the line's LX, None for the
    claim. `decision` is the whole result.
    """

    id: str
    kind: RepairKind
    title: str
    finding_code: str
    pointer: str
    line_number: int | None
    before: RepairAmounts
    after: RepairAmounts
    decision: Decision = field(repr=False)


_PATIENT: Final = AdjustmentGroup.PATIENT_RESPONSIBILITY
_TARGETS: Final = (
    (RepairKind.REMAINDER_TO_CO_45, AdjustmentGroup.CONTRACTUAL, CONTRACTUAL_REDUCTION),
    (RepairKind.REMAINDER_TO_PR_1, _PATIENT, DEDUCTIBLE),
    (RepairKind.REMAINDER_TO_PR_2, _PATIENT, COINSURANCE),
    (RepairKind.REMAINDER_TO_PR_3, _PATIENT, COPAYMENT),
    (RepairKind.REMAINDER_TO_PR_192, _PATIENT, FROM_PAPER),
)
_SPLITS: Final = (
    (RepairKind.RESPONSIBILITY_TO_PR_1, DEDUCTIBLE),
    (RepairKind.RESPONSIBILITY_TO_PR_2, COINSURANCE),
    (RepairKind.RESPONSIBILITY_TO_PR_3, COPAYMENT),
    (RepairKind.RESPONSIBILITY_TO_PR_192, FROM_PAPER),
)
_PAPER_ONLY: Final = frozenset({RepairKind.REMAINDER_TO_PR_192, RepairKind.RESPONSIBILITY_TO_PR_192})
"""X12 has reason 192 for paper remittances alone (RFI 1517); an 835 always gives a standard reason."""

_MOST_WAYS: Final = 30
"""Out of one finding."""
_MOST_WORK: Final = 100_000
"""Amounts that are looked at, over all that is tried: well under a second. Of hundreds of faults the first ones are offered
a way out, and the next ones after those.
"""

_OUT_OF_BALANCE: Final = dict.fromkeys(("claim_out_of_balance", "line_out_of_balance"), "out_of_balance")

_TITLES: Final = {
    RepairKind.REMAINDER_TO_CO_45: "Take the remainder as the contractual reduction (CO-45).",
    RepairKind.REMAINDER_TO_PR_1: "Take the remainder as deductible (PR-1).",
    RepairKind.REMAINDER_TO_PR_2: "Take the remainder as coinsurance (PR-2).",
    RepairKind.REMAINDER_TO_PR_3: "Take the remainder as copayment (PR-3).",
    RepairKind.REMAINDER_TO_PR_192: "Take the remainder as patient responsibility that the paper does not name (PR-192).",
    RepairKind.RESPONSIBILITY_TO_PR_1: "All of the patient's responsibility is deductible (PR-1).",
    RepairKind.RESPONSIBILITY_TO_PR_2: "All of the patient's responsibility is coinsurance (PR-2).",
    RepairKind.RESPONSIBILITY_TO_PR_3: "All of the patient's responsibility is copayment (PR-3).",
    RepairKind.RESPONSIBILITY_TO_PR_192: "The paper does not say what the patient's responsibility is (PR-192).",
    RepairKind.PAID_CORRECTED: "Correct the paid amount to the charge less the adjustments.",
    RepairKind.CLAIM_PAID_TO_LINES: "Correct the claim's paid amount to what its lines say.",
    RepairKind.CLAIM_AMOUNT_TO_LINE: "Move the amount at claim level to the only line it can belong to.",
    RepairKind.CLAIM_TOTALS_TO_LINE: "Move the totals at claim level to the claim's only line.",
    RepairKind.CLAIM_COPY_DROPPED: "Drop the amount at claim level that the lines carry as well.",
    RepairKind.LINE_COPY_DROPPED: "Drop the amount on the line that the claim level carries as well.",
    RepairKind.DUPLICATES_MERGED: "Merge the two adjustments of one group and reason.",
    RepairKind.DUPLICATE_DROPPED: "Drop the second of two equal adjustments.",
    RepairKind.ZERO_DROPPED: "Drop the adjustment of zero.",
}


def repairs_for(
    decision: Decision,
    lines: Sequence[ServiceLine],
    *,
    claim_id: UUID | None = None,
    lines_needed: bool = False,
    from_paper: bool = True,
) -> tuple[Repair, ...]:
    """What can be offered for the decision as it is; `lines_needed` as for `balance_findings`. `claim_id` is the decided
    claim's: two payers may decide alike, and a repair is of one of them.
    """
    table = balance_of(decision, lines)
    findings = balance_findings(table, decision, lines_needed=lines_needed)
    case = _Case(decision, lines, table, claim_id)
    places = {CLAIM, *(line.id for line in lines)}  # a service on a line that was not billed has no charge to reach
    repairs: dict[str, Repair] = {}
    size = 1 + len(decision.adjustments) + sum(1 + len(one.adjustments) for one in decision.lines)
    work = 0
    for position, finding in enumerate(findings):
        changes = tuple(islice(_changes(finding, case), _MOST_WAYS))
        work += size * len(changes)
        if position and work > _MOST_WORK:
            break
        for change in changes:
            if (change.kind in _PAPER_ONLY and not from_paper) or change.line_id not in places:
                continue
            after = balance_of(change.decision, lines)
            left = balance_findings(after, change.decision, lines_needed=lines_needed)
            if _settles(finding, findings, left) and _no_worse(table, after):
                repair = _repair(finding, change, case, after)
                repairs.setdefault(repair.id, repair)
    return tuple(repairs.values())


def with_repairs(
    findings: Iterable[Finding], repairs: Sequence[Repair], *, pointer_prefix: str = ""
) -> tuple[Finding, ...]:
    """The findings with the ids of what is offered for them; `pointer_prefix` is where the decision stands."""
    ids: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for repair in repairs:
        place = (repair.finding_code, f"{pointer_prefix}{repair.pointer}")
        ids[place] = (*ids.get(place, ()), repair.id)
    return tuple(replace(one, repair_ids=(*one.repair_ids, *ids.get((one.code, one.pointer), ()))) for one in findings)


class _Change(NamedTuple):
    """`line_id` is the line whose amounts change, None for the claim level."""

    kind: RepairKind
    line_id: UUID | None
    decision: Decision


@dataclass(frozen=True)
class _Case:
    """One decision under repair, with its lines and its balance."""

    decision: Decision
    lines: Sequence[ServiceLine]
    table: BalanceTable
    claim_id: UUID | None

    @cached_property
    def fingerprint(self) -> str:
        charges = tuple((line.id, line.charge) for line in self.lines)
        return _fingerprint((self.claim_id, self.decision, charges))

    def row(self, line_id: UUID) -> LineBalance:
        return next(row for row in self.table.lines if row.line_id == line_id)

    def only_service(self, line_id: UUID) -> int | None:
        """The service an amount of the line must belong to; None when the line was unbundled."""
        services = [index for index, one in enumerate(self.decision.lines) if one.line_id == line_id]
        return services[0] if len(services) == 1 else None

    def line_at(self, level: Level) -> UUID | None:
        return None if level is None else self.decision.lines[level].line_id


def _changes(finding: Finding, case: _Case) -> Iterator[_Change]:
    """Every change that could settle the finding; the caller keeps those that do."""
    level, index = level_of(finding.pointer or "")
    decision, line_id = case.decision, case.line_at(level)
    match finding.code, index:
        case "line_out_of_balance", _ if level is not None and line_id is not None:
            yield from _for_line(case, line_id)
        case "claim_out_of_balance", _ if not decision.lines:
            yield from _for_difference(case, CLAIM, case.table.claim.difference)
        case "paid_differs_from_lines", _:
            yield from _for_paid(case)
        case "lines_required", _ if len(case.lines) == 1:
            only = case.lines[0].id
            yield _Change(RepairKind.CLAIM_TOTALS_TO_LINE, only, with_claim_totals_on_line(decision, only))
        case "amount_at_both_levels", int():
            yield from _for_both_levels(case, index)
        case "adjustment_reason_missing", int():
            for kind, reason in _SPLITS:
                yield _Change(kind, line_id, with_reason(decision, level, index, reason))
        case "adjustment_duplicate", int():
            yield _Change(RepairKind.DUPLICATES_MERGED, line_id, with_merged(decision, level, index))
        case "adjustment_zero", int():
            yield _Change(RepairKind.ZERO_DROPPED, line_id, without_adjustment(decision, level, index))


def _for_line(case: _Case, line_id: UUID) -> Iterator[_Change]:
    level = case.only_service(line_id)
    if level is not None:
        yield from _for_difference(case, level, case.row(line_id).difference)
        yield from _moves_to(case, line_id, level)


def _for_difference(case: _Case, level: Level, difference: Decimal) -> Iterator[_Change]:
    """The remainder under a reason, the paid amount corrected, or an adjustment that stands twice dropped."""
    decision, line_id = case.decision, case.line_at(level)
    if difference > 0:
        for kind, group, reason in _TARGETS:
            rest = Adjustment(group=group, reason_code=reason, amount=difference)
            yield _Change(kind, line_id, with_added(decision, level, rest))
    adjustments = adjustments_at(decision, level)
    for index, one in enumerate(adjustments):
        if one.amount == -difference and one in adjustments[:index]:
            yield _Change(RepairKind.DUPLICATE_DROPPED, line_id, without_adjustment(decision, level, index))
    corrected = with_paid(decision, level, paid_at(decision, level) + difference)
    if level is not None:
        if decision.lines[level].bundled_into_line_id is not None:
            return
        gap = case.table.claim.paid_difference
        if abs(gap + difference) > abs(gap):
            # AMT*D agreed with the line and follows it; otherwise it is the line that was mistyped
            corrected = with_paid(corrected, CLAIM, decision.paid + difference)
    if paid_at(corrected, level) >= 0 and corrected.paid >= 0:
        yield _Change(RepairKind.PAID_CORRECTED, line_id, corrected)


def _for_paid(case: _Case) -> Iterator[_Change]:
    """AMT*D by the lines, or an amount at claim level moved to the line that misses it."""
    claim = case.table.claim
    paid = claim.lines_paid - claim.adjustments
    if paid >= 0 and all(row.is_decided for row in case.table.lines):
        yield _Change(RepairKind.CLAIM_PAID_TO_LINES, None, with_paid(case.decision, CLAIM, paid))
    for row in case.table.lines:
        level = case.only_service(row.line_id)
        if level is not None and row.difference:
            yield from _moves_to(case, row.line_id, level)


def _moves_to(case: _Case, line_id: UUID, level: int) -> Iterator[_Change]:
    """Claim-level amounts, one or all of them, that are what this line misses and no other line does."""
    decision, missing = case.decision, case.row(line_id).difference
    if [row.difference for row in case.table.lines].count(missing) > 1:
        return
    everything = tuple(range(len(decision.adjustments)))
    for indexes in dict.fromkeys((*((index,) for index in everything), everything)):
        if indexes and total(decision.adjustments[index].amount for index in indexes) == missing:
            changed = with_claim_amounts_on_line(decision, level, indexes)
            yield _Change(RepairKind.CLAIM_AMOUNT_TO_LINE, line_id, changed)


def _for_both_levels(case: _Case, index: int) -> Iterator[_Change]:
    """The copy that is too much dropped; where both are real, the claim's moved out of what its only line was paid."""
    decision, one = case.decision, case.decision.adjustments[index]
    yield _Change(RepairKind.CLAIM_COPY_DROPPED, None, without_adjustment(decision, CLAIM, index))
    for level, line in enumerate(decision.lines):
        copies = [at for at, other in enumerate(line.adjustments) if other == one]
        if len(copies) == 1:
            changed = without_adjustment(decision, level, copies[0])
            yield _Change(RepairKind.LINE_COPY_DROPPED, line.line_id, changed)
    if len(case.lines) == 1 and len(decision.lines) == 1 and decision.lines[0].paid >= one.amount:
        changed = with_claim_amounts_on_line(decision, 0, (index,), out_of_paid=True)
        yield _Change(RepairKind.CLAIM_AMOUNT_TO_LINE, case.lines[0].id, changed)


def _settles(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    """The finding is gone, and no other came in its place."""
    old, new = _counts(before), _counts(after)
    kind = _OUT_OF_BALANCE.get(finding.code, finding.code)
    return new[kind] < old[kind] and new <= old


def _counts(findings: Iterable[Finding]) -> Counter[str]:
    """By code. A decision that is off by some cents at claim level is off by the same when its line carries it."""
    return Counter(_OUT_OF_BALANCE.get(one.code, one.code) for one in findings)


def _no_worse(before: BalanceTable, after: BalanceTable) -> bool:
    if not after.lines:
        return abs(after.claim.difference) <= abs(before.claim.difference)
    old = {row.line_id: row.difference for row in before.lines}
    return abs(after.claim.paid_difference) <= abs(before.claim.paid_difference) and all(
        abs(row.difference) <= abs(old.get(row.line_id, before.claim.difference)) for row in after.lines
    )


def _repair(finding: Finding, change: _Change, case: _Case, after: BalanceTable) -> Repair:
    pointer, changed = finding.pointer or "", change.decision
    place = tuple(one for one in changed.lines if one.line_id == change.line_id)
    effect = _fingerprint((change.kind, finding.code, pointer, changed.paid, changed.adjustments, place))
    number = next((at for at, line in enumerate(case.lines, start=1) if line.id == change.line_id), None)
    return Repair(
        id=sha256(f"{case.fingerprint}{effect}".encode()).hexdigest()[:32],
        kind=change.kind,
        title=_TITLES[change.kind],
        finding_code=finding.code,
        pointer=pointer,
        line_number=number,
        before=_amounts(case.table, change.line_id, case.lines),
        after=_amounts(after, change.line_id, case.lines),
        decision=changed,
    )


def _amounts(table: BalanceTable, line_id: UUID | None, lines: Sequence[ServiceLine]) -> RepairAmounts:
    claim = table.claim
    if line_id is None:
        difference = claim.paid_difference if table.lines else claim.difference
        return RepairAmounts(paid=claim.paid, adjustments=claim.adjustments, difference=difference)
    row = next((row for row in table.lines if row.line_id == line_id), None)
    if row is None:
        charge = next(line.charge for line in lines if line.id == line_id)
        return RepairAmounts(paid=ZERO, adjustments=ZERO, difference=charge)
    return RepairAmounts(paid=row.paid, adjustments=row.adjustments, difference=row.difference)


def _fingerprint(value: object) -> str:
    """The same text for the same decision, whatever the exponents of its amounts. Assumptions are words, not money."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, tuple):
        return "[" + ",".join(map(_fingerprint, value)) + "]"
    if is_dataclass(value):
        parts = (getattr(value, one.name) for one in fields(value) if one.name != "assumptions")
        return "(" + ",".join(map(_fingerprint, parts)) + ")"
    return repr(value)

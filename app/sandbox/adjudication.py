"""What a payer decides on a claim, line by line. Pure: the claim, the policy, the fees and what was met before go in.

A payer that comes later in order pays at most what its own benefits would have paid, and at most what the payer before
it left to the patient. The rest of the charge is the effect of the payers before it, one reduction: OA-23.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from app.sandbox.claims import Claim, Line, OtherPayer, PriorLine, Reduction
from app.sandbox.endings import Outcome
from app.sandbox.fees import allowed_amount, to_cents
from app.sandbox.front_end import earlier_payers
from app.sandbox.members import Member

_ZERO: Final = Decimal(0)
_FORWARDED: Final = {"1": "19", "2": "20", "3": "21"}
# CLP06, by the plan's insurance type (EB04 of a 271): CLP06 has fewer codes than SBR09.
_FILING_CODES: Final = {"PR": "12", "C1": "15", "HM": "HM", "MC": "MC", "MB": "MB"}


@dataclass(frozen=True)
class _Denial:
    group: str
    reason: str
    remark_codes: tuple[str, ...] = ()


# CARC 96 not covered (it asks for a remark code; N130: see the plan's documents), 197 not authorized, 31 not our member.
_DENIALS: Final = {
    Outcome.DENY: _Denial("PR", "96", ("N130",)),
    Outcome.DENYFIX: _Denial("CO", "197"),
    Outcome.NOTKNOWN: _Denial("PR", "31"),
}


@dataclass(frozen=True, kw_only=True)
class Met:
    """What a member has met so far: of the deductible by calendar year, and the days whose copay is taken."""

    deductible: Mapping[int, Decimal] = field(default_factory=dict)
    copay_days: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DecidedLine:
    """One line with what becomes of its charge: `paid`, and the reductions (CAS) that make up the rest."""

    line: Line
    allowed: Decimal
    paid: Decimal
    reductions: tuple[Reduction, ...]
    remark_codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A payer's decision. `status_code` is CLP02, `filing_code` CLP06; `newly_met` is what it adds to the member's."""

    status_code: str
    filing_code: str
    lines: tuple[DecidedLine, ...]
    newly_met: Met

    @property
    def charge(self) -> Decimal:
        return sum((one.line.charge for one in self.lines), _ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((one.paid for one in self.lines), _ZERO)

    @property
    def allowed(self) -> Decimal:
        return sum((one.allowed for one in self.lines), _ZERO)

    @property
    def patient_responsibility(self) -> Decimal:
        return patient_part(reduction for one in self.lines for reduction in one.reductions)


def patient_part(reductions: Iterable[Reduction]) -> Decimal:
    return sum((one.amount for one in reductions if one.group == "PR"), _ZERO)


@dataclass(frozen=True, kw_only=True)
class _Share:
    """One line by the payer's own benefits alone: what it allows, and the patient's part of that."""

    allowed: Decimal
    deductible: Decimal
    copay: Decimal = _ZERO
    coinsurance: Decimal = _ZERO

    @property
    def paid(self) -> Decimal:
        return self.allowed - self.deductible - self.copay - self.coinsurance

    def patient_reductions(self, amount: Decimal) -> tuple[Reduction, ...]:
        """`amount`, which stays with the patient, by its reasons; PR-45 is what goes beyond this payer's allowed."""
        reductions = []
        for reason, part in (("1", self.deductible), ("3", self.copay), ("2", self.coinsurance), ("45", amount)):
            reductions.append(Reduction(group="PR", reason=reason, amount=min(part, amount)))
            amount -= min(part, amount)
        return tuple(reductions)


def adjudicate(
    claim: Claim, member: Member, fees: Mapping[str, Decimal], met: Met, outcome: Outcome | None = None
) -> Decided:
    """The decision. Every line balances, charge = paid + reductions, unless `outcome` is `UNBAL`.

    `met` is what earlier decisions of this payer added; what `members.json` says comes on top of it in every year.
    """
    left = _left_to_patient(claim)
    running = _Running(member, met)
    lines = []
    for number, line in enumerate(claim.lines):
        denial = _denial(claim, line, member, outcome)
        if denial is not None:
            lines.append(_denied(line, denial))
            continue
        allowed = allowed_amount(fees, line.procedure, line.charge, line.units)
        whole = outcome is Outcome.DEDUCT
        share = _Share(allowed=allowed, deductible=allowed) if whole else running.share(allowed, line.first_day)
        lines.append(_decided(line, share, None if left is None else left[number]))
    if outcome is Outcome.UNBAL:
        lines[0] = _out_of_balance(lines[0])
    return Decided(
        status_code=_status_code(claim.rank, outcome),
        filing_code=_FILING_CODES.get(member.plan.insurance_type, "ZZ"),
        lines=tuple(lines),
        newly_met=running.newly_met(),
    )


class _Running:
    """The deductible and the copays while one claim's lines are taken in their order."""

    def __init__(self, member: Member, met: Met) -> None:
        self._plan = member.plan
        self._deductible = self._plan.deductible["individual"] - member.deductible_met
        self._before = met
        self._taken: dict[int, Decimal] = {}
        self._copay_days: set[date] = set()

    def share(self, allowed: Decimal, day: date) -> _Share:
        """Deductible first, then the copay once a day, then coinsurance on the rest."""
        met = self._before.deductible.get(day.year, _ZERO) + self._taken.get(day.year, _ZERO)
        deductible = min(allowed, max(self._deductible - met, _ZERO))
        self._taken[day.year] = self._taken.get(day.year, _ZERO) + deductible
        rest, copay = allowed - deductible, _ZERO
        if day not in self._before.copay_days | self._copay_days:
            copay = min(rest, self._plan.mental_health_copay)
        if copay:
            self._copay_days.add(day)
        coinsurance = to_cents((rest - copay) * self._plan.coinsurance)
        return _Share(allowed=allowed, deductible=deductible, copay=copay, coinsurance=coinsurance)

    def newly_met(self) -> Met:
        taken = {year: amount for year, amount in self._taken.items() if amount}
        return Met(deductible=taken, copay_days=frozenset(self._copay_days))


def _decided(line: Line, share: _Share, left: Decimal | None) -> DecidedLine:
    if left is None:
        before = Reduction(group="CO", reason="45", amount=line.charge - share.allowed)
        paid, for_patient = share.paid, share.allowed - share.paid
    else:
        left = min(left, line.charge)
        before = Reduction(group="OA", reason="23", amount=line.charge - left)
        paid = min(share.paid, left)
        for_patient = left - paid
    reductions = (before, *share.patient_reductions(for_patient))
    kept = tuple(one for one in reductions if one.amount)
    return DecidedLine(line=line, allowed=share.allowed, paid=paid, reductions=kept)


def _left_to_patient(claim: Claim) -> tuple[Decimal, ...] | None:
    """By line, what the payer before this one left to the patient; None when this one is first.

    What that payer said of the claim as a whole is shared among the lines in proportion to their charges.
    """
    earlier = earlier_payers(claim)
    if not earlier:
        return None
    latest = earlier[-1]
    of_claim = _spread(patient_part(latest.reductions), claim)
    return tuple(
        max(share + patient_part(reduction for one in _prior(line, latest) for reduction in one.reductions), _ZERO)
        for share, line in zip(of_claim, claim.lines, strict=True)
    )


def _prior(line: Line, payer: OtherPayer) -> tuple[PriorLine, ...]:
    return tuple(one for one in line.prior if one.payer_id == payer.payer_id)


def _spread(amount: Decimal, claim: Claim) -> list[Decimal]:
    """Cents that rounding leaves over go where the running total says, so that the shares add up to the amount."""
    total = sum((line.charge for line in claim.lines), _ZERO)
    shares, charged, given = [], _ZERO, _ZERO
    for line in claim.lines:
        charged += line.charge
        until_here = to_cents(amount * charged / total) if total else _ZERO
        shares.append(until_here - given)
        given = until_here
    return shares


def _denial(claim: Claim, line: Line, member: Member, outcome: Outcome | None) -> _Denial | None:
    """Why nothing of the line is covered: CARC 26 and 27 before and after the coverage, 22 while another payer is first."""
    if outcome in _DENIALS:
        return _DENIALS[outcome]
    if line.first_day < member.begins:
        return _Denial("PR", "26")
    if not member.is_active_on(line.first_day):
        return _Denial("PR", "27")
    if any(one.paid is None and not any(_prior(each, one) for each in claim.lines) for one in earlier_payers(claim)):
        return _Denial("CO", "22")
    return None


def _denied(line: Line, denial: _Denial) -> DecidedLine:
    reduction = Reduction(group=denial.group, reason=denial.reason, amount=line.charge)
    kept = (reduction,) if line.charge else ()
    return DecidedLine(line=line, allowed=_ZERO, paid=_ZERO, reductions=kept, remark_codes=denial.remark_codes)


def _status_code(rank: str, outcome: Outcome | None) -> str:
    if outcome is Outcome.NOTKNOWN:
        return "4"
    status = {"P": "1", "U": "1", "S": "2"}.get(rank, "3")
    return _FORWARDED[status] if outcome is Outcome.FORWARD else status


def _out_of_balance(line: DecidedLine) -> DecidedLine:
    """A dollar of reduction that is not in the charge."""
    return replace(line, reductions=(*line.reductions, Reduction(group="CO", reason="253", amount=Decimal(1))))

"""Slips in what earlier payers were billed for and decided: lost, on other charges, out of balance, or no decision at all."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from app.domain.adjudications import Adjustment, AdjustmentGroup, Decision, LineDecision
from app.domain.claim_parts import ClaimParts
from app.domain.claim_states import ClaimOutcome, ClaimStatus
from app.domain.coordination import ChainClaim
from tests.domain.decisions import decisions
from tests.properties.claim_parts import decided_claims
from tests.properties.record_slips import Slip
from tests.properties.wild_values import DECISION, LINE, SERVICE, changed, one_changed


def _for_one_prior(draw: st.DrawFn, parts: ClaimParts, change: Callable[[ChainClaim], ChainClaim | None]) -> ClaimParts:
    if not parts.chain:
        return parts
    at = draw(st.integers(0, len(parts.chain) - 1))
    one = change(parts.chain[at])
    return replace(parts, chain=(*parts.chain[:at], *(() if one is None else (one,)), *parts.chain[at + 1 :]))


def _prior_lost(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """No claim, no decision, a part of one, or a claim that does not count any more."""

    def lost(one: ChainClaim) -> ChainClaim | None:
        if one.adjudication is None:
            return None
        partial = replace(one.adjudication, outcome=ClaimOutcome.PARTIALLY_ADJUDICATED)
        return draw(
            st.sampled_from(
                [
                    None,
                    replace(one, adjudication=None),
                    replace(one, adjudication=partial),
                    replace(one, claim=replace(one.claim, status=ClaimStatus.REPLACED)),
                ]
            )
        )

    return _for_one_prior(draw, parts, lost)


def _prior_billed_otherwise(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """What the payer was billed for, and decided to the cent, is not what this claim says."""

    def otherwise(one: ChainClaim) -> ChainClaim:
        content = one.claim.content
        content = replace(content, lines=one_changed(draw, content.lines, LINE))
        return replace(one, claim=replace(one.claim, content=content))

    return _for_one_prior(draw, parts, otherwise)


def _prior_decided_otherwise(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """As an honest payer would have decided on other charges."""

    def otherwise(one: ChainClaim) -> ChainClaim:
        lines = one.claim.content.lines
        if not lines or not lines[0].charge.is_finite():
            return one
        line = replace(lines[0], charge=abs(lines[0].charge) % 1000 + 1)
        content = replace(one.claim.content, lines=(line, *lines[1:]))
        return draw(decided_claims(replace(one.claim, content=content)))

    return _for_one_prior(draw, parts, otherwise)


def _with_decision(draw: st.DrawFn, parts: ClaimParts, change: Callable[[Decision], Decision]) -> ClaimParts:
    def otherwise(one: ChainClaim) -> ChainClaim:
        if one.adjudication is None:
            return one
        return replace(one, adjudication=replace(one.adjudication, decision=change(one.adjudication.decision)))

    return _for_one_prior(draw, parts, otherwise)


def _out_of_balance(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """The slips of people who type remittances in."""
    lines = parts.claim.content.lines
    if not lines or not all(line.charge.is_finite() and 0 < line.charge < 10**8 for line in lines):
        return parts
    return _with_decision(draw, parts, lambda _: draw(decisions(lines)))


def _in_decision(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return _with_decision(draw, parts, lambda decision: changed(draw, decision, DECISION))


def _in_service(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    return _with_decision(
        draw, parts, lambda decision: replace(decision, lines=one_changed(draw, decision.lines, SERVICE))
    )


def _split_up(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """A service in many parts, or an adjustment in two, which add up to the same."""

    def split(decision: Decision) -> Decision:
        if not decision.lines:
            return replace(decision, adjustments=_halved(decision.adjustments))
        first, *others = decision.lines
        if draw(st.booleans()):
            nothing = LineDecision(line_id=first.line_id, paid=Decimal(0))
            count = draw(st.integers(1, 16))
            return replace(decision, lines=(first, *[nothing] * count, *others))
        return replace(decision, lines=(replace(first, adjustments=_halved(first.adjustments)), *others))

    return _with_decision(draw, parts, split)


def _in_many_reasons(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """What was taken off in as many reasons as fit, or more; or in all groups there are."""
    count = draw(st.integers(5, 8))
    groups = draw(st.sampled_from((tuple(AdjustmentGroup), (AdjustmentGroup.CONTRACTUAL,))))

    def spread(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        if not adjustments or not adjustments[0].amount.is_finite() or adjustments[0].amount < count:
            return adjustments
        ones = [
            Adjustment(group=groups[number % len(groups)], reason_code=f"{number + 2}", amount=Decimal(1))
            for number in range(count)
        ]
        return (*ones, replace(adjustments[0], amount=adjustments[0].amount - count), *adjustments[1:])

    def everywhere(decision: Decision) -> Decision:
        lines = tuple(replace(one, adjustments=spread(one.adjustments)) for one in decision.lines)
        return replace(decision, adjustments=spread(decision.adjustments), lines=lines)

    return _with_decision(draw, parts, everywhere)


def _halved(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    if not adjustments or not adjustments[0].amount.is_finite():
        return adjustments
    first = adjustments[0]
    part = (first.amount / 3).quantize(Decimal("0.01")) if abs(first.amount) < 10**8 else first.amount
    return (replace(first, amount=part), replace(first, amount=first.amount - part), *adjustments[1:])


def _both_levels(draw: st.DrawFn, parts: ClaimParts) -> ClaimParts:
    """A line's adjustment again at claim level, whole or in two parts, with the paid amounts made to fit."""

    def doubled(decision: Decision) -> Decision:
        with_some = [one for line in decision.lines for one in line.adjustments]
        if not with_some:
            return decision
        one = draw(st.sampled_from(with_some))
        again = (one,) if draw(st.booleans()) else _halved((one,))
        paid = decision.paid - one.amount if one.amount.is_finite() else decision.paid
        return replace(decision, paid=paid, adjustments=(*decision.adjustments, *again))

    return _with_decision(draw, parts, doubled)


PRIOR_SLIPS: Final[tuple[Slip, ...]] = (
    _prior_lost,
    _prior_billed_otherwise,
    _prior_decided_otherwise,
    _out_of_balance,
    _in_decision,
    _in_service,
    _split_up,
    _in_many_reasons,
    _both_levels,
)
AMOUNT_SLIPS: Final[tuple[Slip, ...]] = (_out_of_balance, _out_of_balance, _split_up, _both_levels, _in_many_reasons)
"""Those that leave all as it was but for amounts and where they stand."""

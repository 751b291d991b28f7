"""What a clearinghouse refuses where payers are coordinated: their order, and what the earlier ones are said to have decided.

The law of balance holds for each payer by itself: a line's charge is what the payer paid on it and what it took off in
CAS, over all 2430 loops of that payer; what it paid on the claim (AMT*D) is what it paid on the lines less the claim's
own CAS, or without lines the claim's charge less that CAS. Each dollar stands at one level only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.sandbox.claim_edits import ORIGINAL_MEDICARE, Rule
from app.sandbox.claims import Claim, Line, OtherPayer, PriorLine, Reduction

_ORDER: Final = "PSTABCDEFGH"
"""SBR01: primary, secondary, tertiary, fourth to eleventh. U, unknown, has no place in it."""

_ZERO: Final = Decimal(0)


@dataclass(frozen=True)
class _Decision:
    """One 2320 with the 2430 loops of the same payer, each with the line it stands in."""

    place: str
    payer: OtherPayer
    lines: tuple[tuple[Line, PriorLine], ...]

    @property
    def exists(self) -> bool:
        said = (self.payer.paid, self.payer.decided_on, self.payer.liability)
        return bool(self.lines or self.payer.reductions) or any(one is not None for one in said)


def _decisions(claim: Claim) -> Iterator[_Decision]:
    for number, other in enumerate(claim.others, start=1):
        lines = ((line, one) for line in claim.lines for one in line.prior if one.payer_id == other.payer_id)
        yield _Decision(f"2320[{number}]", other, tuple(lines))


def _primaries(claim: Claim) -> Iterator[str]:
    if _ranks(claim).count("P") == 0:
        yield "2320 SBR01"


def _repeated_ranks(claim: Claim) -> Iterator[str]:
    ranks = [rank for rank in _ranks(claim) if rank != "U"]
    yield from (
        f"2320[{number}] SBR01" for number, one in enumerate(claim.others, start=1) if ranks.count(one.rank) > 1
    )


def _gaps(claim: Claim) -> Iterator[str]:
    places = {_ORDER.index(rank) for rank in _ranks(claim) if rank != "U"}
    if 0 in places and places != set(range(len(places))):
        yield "2320 SBR01"


def _ranks(claim: Claim) -> list[str]:
    return [claim.rank, *(one.rank for one in claim.others)]


def _no_medicare_type(claim: Claim) -> Iterator[str]:
    for place, rank, filing, kind in _policies(claim):
        if filing in ORIGINAL_MEDICARE and rank != "P" and not kind:
            yield f"{place} SBR05"


def _needless_medicare_type(claim: Claim) -> Iterator[str]:
    for place, rank, filing, kind in _policies(claim):
        if kind and (filing not in ORIGINAL_MEDICARE or rank == "P"):
            yield f"{place} SBR05"


def _policies(claim: Claim) -> Iterator[tuple[str, str, str, str]]:
    """Place, rank, filing code and insurance type code of every SBR."""
    yield "2000B", claim.rank, claim.filing_code, claim.insurance_type
    for number, one in enumerate(claim.others, start=1):
        yield f"2320[{number}]", one.rank, one.filing_code, one.insurance_type


def _unknown_payers(claim: Claim) -> Iterator[str]:
    known = {one.payer_id for one in claim.others}
    yield from (f"{_at(line)} SVD01" for line in claim.lines for one in line.prior if one.payer_id not in known)


def _ambiguous_payers(claim: Claim) -> Iterator[str]:
    ids = [one.payer_id for one in claim.others]
    for decision in _decisions(claim):
        if decision.lines and ids.count(decision.payer.payer_id) > 1:
            yield f"{decision.place}/2330B NM109"


def _no_paid_amount(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        if one.exists and one.payer.paid is None and one.payer.not_covered is None:
            yield f"{one.place} AMT02"


def _negative_paid(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        if one.payer.paid is not None and one.payer.paid < 0:
            yield f"{one.place} AMT02"
    yield from (f"{_at(line)} SVD02" for line in claim.lines for one in line.prior if one.paid < 0)


def _never_billed(claim: Claim) -> Iterator[str]:
    """AMT*A8: that payer was not billed, so all of the charge stands there and nothing of a decision."""
    for one in _decisions(claim):
        if one.payer.not_covered is not None and (one.exists or one.payer.not_covered != claim.charge):
            yield f"{one.place} AMT02"


def _unbalanced_claim(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        if one.payer.paid is None:
            continue
        whole = sum((prior.paid for _, prior in one.lines), _ZERO) if one.lines else claim.charge
        if one.payer.paid != whole - _sum(one.payer.reductions):
            yield f"{one.place} AMT02"


def _unbalanced_lines(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        for line in claim.lines if one.lines else ():
            of_line = [prior for where, prior in one.lines if where is line]
            if line.charge != sum((prior.paid + _sum(prior.reductions) for prior in of_line), _ZERO):
                yield f"{_at(line)} SVD02"


def _amounts_at_both_levels(claim: Claim) -> Iterator[str]:
    """The same group, reason and money on the claim and on its lines."""
    for one in _decisions(claim):
        on_lines = tuple(reduction for _, prior in one.lines for reduction in prior.reductions)
        for group, reason in {(reduction.group, reduction.reason) for reduction in one.payer.reductions}:
            amounts = [_sum(_of(group, reason, these)) for these in (one.payer.reductions, on_lines)]
            if amounts[0] == amounts[1] != 0:
                yield f"{one.place} CAS"


def _no_date(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        yield from (f"{_at(line)} DTP03" for line, prior in one.lines if prior.decided_on is None)
        without_lines = one.exists and not one.lines and one.payer.not_covered is None
        if without_lines and one.payer.decided_on is None:
            yield f"{one.place}/2330B DTP03"


def _dates_at_both_levels(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        if one.payer.decided_on is not None and any(prior.decided_on is not None for _, prior in one.lines):
            yield f"{one.place}/2330B DTP03"


def _liability_at_both_levels(claim: Claim) -> Iterator[str]:
    for one in _decisions(claim):
        if one.payer.liability is not None and any(prior.liability is not None for _, prior in one.lines):
            yield f"{one.place} AMT02"


def _reasons_without_amount(claim: Claim) -> Iterator[str]:
    yield from (f"{place} CAS" for place, one in _all_reductions(claim) if one.reason and not one.amount_given)


def _amounts_without_reason(claim: Claim) -> Iterator[str]:
    yield from (f"{place} CAS" for place, one in _all_reductions(claim) if not one.reason)


def _zero_reductions(claim: Claim) -> Iterator[str]:
    yield from (f"{place} CAS" for place, one in _all_reductions(claim) if one.amount_given and one.amount == 0)


def _bundled_into_nothing(claim: Claim) -> Iterator[str]:
    numbers = {str(line.number) for line in claim.lines}
    for line in claim.lines:
        for one in line.prior:
            if one.bundled_into and one.bundled_into not in numbers - {str(line.number)}:
                yield f"{_at(line)} SVD06"


def _all_reductions(claim: Claim) -> Iterator[tuple[str, Reduction]]:
    for number, other in enumerate(claim.others, start=1):
        yield from ((f"2320[{number}]", one) for one in other.reductions)
    for line in claim.lines:
        yield from ((_at(line), one) for prior in line.prior for one in prior.reductions)


def _of(group: str, reason: str, reductions: Sequence[Reduction]) -> list[Reduction]:
    return [one for one in reductions if (one.group, one.reason) == (group, reason)]


def _sum(reductions: Sequence[Reduction]) -> Decimal:
    return sum((one.amount for one in reductions), _ZERO)


def _at(line: Line) -> str:
    return f"2400[{line.number}]/2430"


# Statuses (508): 21 missing or invalid, 171 other insurance coverage, 286 other payer's payment information, 400 balance.
COORDINATION_RULES: Final = (
    Rule("missing-primary-payer", "A6", "171", "Exactly one payer must be the primary one.", _primaries),
    Rule(
        *("duplicate-payer-responsibility-level-codes", "A8", "171"),
        "Two payers have the same responsibility level.",
        _repeated_ranks,
    ),
    Rule(
        *("payer-responsibility-level-codes-must-be-in-order", "A8", "171"),
        "A responsibility level is left out.",
        _gaps,
    ),
    Rule(
        *("insurance-type-code-required", "A6", "171"),
        "Medicare that is not primary needs an insurance type code.",
        _no_medicare_type,
    ),
    Rule(
        *("insurance-type-code-not-allowed", "A8", "171"),
        "An insurance type code belongs to Medicare that is not primary only.",
        _needless_medicare_type,
    ),
    Rule(
        *("line-payer-must-be-an-other-payer", "A8", "286"),
        "A line's decision names a payer that the claim does not list as other payer.",
        _unknown_payers,
    ),
    Rule(
        *("other-payer-identifier-must-be-unique", "A8", "286"),
        "Two other payers have one identifier, so that a line's decision cannot be told apart.",
        _ambiguous_payers,
    ),
    Rule(
        *("missing-payer-paid-amount", "A6", "286"),
        "An other payer that decided needs the amount it paid, zero if it paid nothing.",
        _no_paid_amount,
    ),
    Rule("invalid-paid-amount", "A7", "286", "The other payer paid amount must not be below zero.", _negative_paid),
    Rule(
        *("non-covered-amount-must-stand-alone", "A8", "286"),
        "The amount of a payer that was not billed is the claim's charge, without any decision beside it.",
        _never_billed,
    ),
    Rule(
        *("cob-claim-must-be-balanced", "A8", "400"),
        "The other payer's paid amount must be what it paid on the lines, or the charge, less the claim's adjustments.",
        _unbalanced_claim,
    ),
    Rule(
        *("cob-service-lines-must-be-balanced", "A8", "400"),
        "The line's charge must be what the other payer paid on it plus its adjustments there.",
        _unbalanced_lines,
    ),
    Rule(
        *("cob-amounts-at-both-levels", "A8", "400"),
        "The same adjustment stands on the claim and on its lines.",
        _amounts_at_both_levels,
    ),
    Rule(
        *("missing-adjudication-date", "A6", "286"),
        "An other payer that decided needs the date of its decision.",
        _no_date,
    ),
    Rule(
        *("adjudication-date-at-both-levels", "A8", "286"),
        "The date of an other payer's decision stands on the claim and on its lines.",
        _dates_at_both_levels,
    ),
    Rule(
        *("duplicate-remaining-patient-liability", "A8", "286"),
        "The remaining patient liability stands on the claim and on its lines.",
        _liability_at_both_levels,
    ),
    Rule("missing-adjustment-amount", "A6", "286", "An adjustment reason has no amount.", _reasons_without_amount),
    Rule("missing-adjustment-reason-code", "A6", "286", "An adjustment has no reason.", _amounts_without_reason),
    Rule("invalid-adjustment-amount", "A7", "286", "An adjustment of zero must be left out.", _zero_reductions),
    Rule(
        *("invalid-bundled-line-number", "A8", "286"),
        "The line that this one was bundled into must be another line of the claim.",
        _bundled_into_nothing,
    ),
)

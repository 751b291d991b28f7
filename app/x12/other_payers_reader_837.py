"""The other payers of a claim that is read: loops 2320, 2330A and 2330B, with the lines that each of them decided.

A payer has decided when it says what it paid or adjusted, when, or what is left to pay. Without AMT*D nobody knows what
it paid, and no claim is made: it is not taken for zero. A 2430 belongs to the one payer whose id it names.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from app.domain.codes import BenefitsAssigned
from app.domain.professional_claims import OtherPayer, PriorDecision, PriorLine
from app.x12.claim_fields_reader_837 import Reading
from app.x12.claim_lines_reader_837 import ReadDecision, read_adjustments, read_amount
from app.x12.claim_parties_reader_837 import RELATIONSHIPS, need_payer, read_policy, read_reference
from app.x12.loops import Loop

ASSIGNMENTS: Final = {one.code: one for one in BenefitsAssigned}
_REMARKS: Final = range(3, 8)
"""MOA03 to MOA07."""


class Consent(NamedTuple):
    """CLM09 and CLM10: a claim has one consent, and every OI repeats it (RFI 1786)."""

    release_code: str
    signature_generated: bool


def read_other_payers(
    reading: Reading, unit: Loop, consent: Consent, decisions: Sequence[ReadDecision]
) -> tuple[OtherPayer, ...]:
    """In the order of their responsibility."""
    loops = [(loop, loop.one("2330B") or Loop("2330B", loop)) for loop in unit.below("2320")]
    names = [need_payer(reading, named) for _, named in loops]
    lines = _lines_by_payer([payer_id for _, payer_id in names], decisions)
    payers = [
        _read_other_payer(reading, loop, named, name, consent, lines.get(name[1], ()))
        for (loop, named), name in zip(loops, names, strict=True)
    ]
    return tuple(sorted(payers, key=lambda payer: payer.policy.responsibility.number))


def _lines_by_payer(payer_ids: Sequence[str], decisions: Sequence[ReadDecision]) -> dict[str, list[PriorLine]]:
    """SVD01 is a 2330B NM109 of this claim, and of one payer only."""
    payers_of = Counter(payer_ids)
    by_payer: dict[str, list[PriorLine]] = defaultdict(list)
    for payer_id, line, svd in decisions:
        if payers_of[payer_id] == 1:
            by_payer[payer_id].append(line)
        elif payer_id:
            svd.fail(1, "SVD01 is the id of none of the claim's other payers, or of two: the claim was not used.")
    return by_payer


def _read_other_payer(
    reading: Reading,
    loop: Loop,
    named: Loop,
    name: tuple[str, str],
    consent: Consent,
    lines: Sequence[PriorLine],
) -> OtherPayer:
    sbr = reading.need(loop, "SBR")
    policy = read_policy(
        reading,
        sbr,
        loop.one("2330A") or Loop("2330A", loop),
        relationship=sbr.need_code(2, RELATIONSHIPS),
        benefits_assigned=_read_assignment(reading, loop, consent),
        has_address=True,
    )
    return OtherPayer(
        policy=policy,
        name=name[0],
        payer_id=name[1],
        prior_authorization=read_reference(reading, named, "G1"),
        referral_number=read_reference(reading, named, "9F"),
        payer_claim_number=read_reference(reading, named, "F8"),
        decision=_read_decision(reading, loop, named, tuple(lines)),
    )


def _read_assignment(reading: Reading, loop: Loop, consent: Consent) -> BenefitsAssigned:
    """OI. Where it states another consent than the claim it has no field."""
    oi = reading.need(loop, "OI")
    if not oi.is_one_of(4, "P" if consent.signature_generated else ""):
        oi.keep(4)
    if not oi.is_one_of(6, consent.release_code):
        oi.keep(6)
    return oi.need_code(3, ASSIGNMENTS)


def _read_decision(reading: Reading, loop: Loop, named: Loop, lines: tuple[PriorLine, ...]) -> PriorDecision | None:
    paid = read_amount(reading, loop, "D")
    adjustments = read_adjustments(reading, loop)
    liability = read_amount(reading, loop, "EAF").money(2)
    decided = reading.find(named, "DTP", "573")
    adjudication_date = decided.day(3)
    if adjudication_date is not None:
        decided.take(1)
    remarks = reading.find(loop, "MOA")
    remark_codes = tuple(code for position in _REMARKS if (code := remarks.text(position)) is not None)
    if not paid:
        if adjustments or liability is not None or adjudication_date is not None or remark_codes or lines:
            message = "A payer decided, and AMT*D does not say what it paid: the claim was not used."
            reading.lacks(loop, "AMT*D", message)
        return None
    return PriorDecision(
        paid=paid.need_money(2),
        adjustments=adjustments,
        remaining_liability=liability,
        adjudication_date=adjudication_date,
        remark_codes=remark_codes,
        lines=lines,
    )

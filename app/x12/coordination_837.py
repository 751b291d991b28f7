"""What a claim's text says about its payers, gathered once from its loops for all checks (2300 with 2000B and BHT).

Only what coordination of benefits is checked on: ranks, decisions at claim and line level, charges. An amount that is
missing or cannot be read is None, and so is every sum it is part of: the structural check reports it, and no equation is
judged without it. A 2430 belongs to the payer whose 2330B NM109 its SVD01 repeats; where two payers have that id, to
the one of them that decided, and to nobody when both did.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from app.x12.elements import read_date, read_money, read_period, read_whole
from app.x12.loops import Loop
from app.x12.segments import Segment

_OF_DECISIONS: Final = frozenset({"CAS", "LX", "OI", "SBR", "SV1", "SVD"})
_QUALIFIED: Final = frozenset({("AMT", "D"), ("AMT", "A8"), ("AMT", "EAF"), ("DTP", "573"), ("NM1", "PR")})
"""The same with their element 1."""
RANKS: Final = {code: number for number, code in enumerate("PSTABCDEFGH", start=1)}
"""SBR01: primary, secondary, tertiary, fourth to eleventh. U, unknown, is no rank."""
ORIGINAL_MEDICARE: Final = frozenset({"MA", "MB"})
"""SBR09."""
_NOTHING: Final = Decimal(0)


class Triplet(NamedTuple):
    """A reason and its amount in a CAS. `position` is the reason's element."""

    cas: Segment
    position: int
    group: str
    reason: str
    amount: Decimal | None


class Adjustments(NamedTuple):
    """The CAS of one level. `total` is None when an amount cannot be read."""

    segments: tuple[Segment, ...]
    triplets: tuple[Triplet, ...]
    total: Decimal | None


NO_ADJUSTMENTS: Final = Adjustments((), (), _NOTHING)


@dataclass(slots=True, kw_only=True)
class LineDecision:
    """One 2430. `line` is the position of its 2400 in the claim, from 0."""

    svd: Segment
    line: int
    payer_id: str
    paid: Decimal | None
    adjustments: Adjustments
    date: Segment | None
    liability: Segment | None
    is_torn: bool
    """Segments of another decision seem to stand in it, whose SVD is missing."""

    @property
    def explained(self) -> Decimal | None:
        if self.paid is None or self.adjustments.total is None:
            return None
        return self.paid + self.adjustments.total


@dataclass(slots=True, kw_only=True)
class StatedLine:
    """One 2400. `number` is LX01, `last_day` the last one of DTP*472."""

    lx: Segment | None
    number: int | None
    sv1: Segment | None = None
    charge: Decimal | None = None
    last_day: date | None = None
    control_number: Segment | None = None
    decisions: list[LineDecision] = field(default_factory=list)
    strangers: list[LineDecision] = field(default_factory=list)
    """Those of its decisions that belong to none of the payers."""


@dataclass(slots=True, kw_only=True)
class StatedPayer:
    """One 2320 with its 2330B and the 2430 that are its own. The fields of a segment's type are None where it has none."""

    sbr: Segment | None = None
    paid: Segment | None = None
    paid_amount: Decimal | None = None
    non_covered: Segment | None = None
    liability: Segment | None = None
    oi: Segment | None = None
    moa: Segment | None = None
    adjustments: Adjustments = NO_ADJUSTMENTS
    name: Segment | None = None
    payer_id: str = ""
    date: Segment | None = None
    readjudication: Segment | None = None
    lines: dict[int, list[LineDecision]] = field(default_factory=dict)
    is_torn: bool = False
    """Segments of another payer seem to stand in it, whose SBR is missing."""
    shares_id: bool = False
    """Another payer with this id decided as well: whose a 2430 is cannot be told."""

    @property
    def rank(self) -> int | None:
        return None if self.sbr is None else RANKS.get(self.sbr.get(1))

    @property
    def has_amounts(self) -> bool:
        """It says at claim level what it paid or took off."""
        return self.paid is not None or bool(self.adjustments.segments)

    @property
    def has_decided(self) -> bool:
        return (
            self.has_amounts
            or bool(self.lines)
            or self.date is not None
            or self.liability is not None
            or self.moa is not None
        )


@dataclass(slots=True, kw_only=True)
class StatedClaim:
    unit: Loop
    clm: Segment | None = None
    charge: Decimal | None = None
    bht: Segment | None = None
    sbr: Segment | None = None
    """Of 2000B: the payer that is asked."""
    payers: list[StatedPayer] = field(default_factory=list)
    lines: list[StatedLine] = field(default_factory=list)
    has_strangers: bool = False
    """A 2430 belongs to none of the payers, or part of a decision to no loop."""
    is_torn: bool = False
    """Part of what the payers are said to be and to have decided stands in no loop, or in that of another: the segment
    that begins it is missing, which is reported. What follows from all of the decisions cannot be said.
    """

    @property
    def rank(self) -> int | None:
        return None if self.sbr is None else RANKS.get(self.sbr.get(1))

    @property
    def frequency(self) -> str:
        """CLM05-3."""
        place = () if self.clm is None else self.clm.components(5)
        return place[2].strip() if len(place) > 2 else ""

    @property
    def is_for_medicare(self) -> bool:
        return self.sbr is not None and self.sbr.get(9) in ORIGINAL_MEDICARE

    @property
    def created(self) -> date | None:
        """BHT04."""
        return None if self.bht is None else read_date(self.bht.get(4))


def state_claim(unit: Loop) -> StatedClaim:
    """`unit` is a 2300 of anybody's, with whatever ancestors it has."""
    claim = StatedClaim(unit=unit)
    for segment in unit.segments:
        if segment.elements[0] == "CLM":
            claim.clm = segment
            claim.charge = read_money(segment.get(2))
            break
    subscriber, root = unit.above("2000B"), unit.above("ST")
    claim.sbr = None if subscriber is None else subscriber.first("SBR")
    claim.bht = None if root is None else root.first("BHT")
    for loop in unit.loops:
        if loop.id == "2320" and not is_bare(loop):
            claim.payers.append(_payer(loop))
        elif loop.id == "2400":
            claim.lines.append(_line(loop, len(claim.lines)))
    claim.is_torn = claim.has_strangers = (
        any(payer.is_torn for payer in claim.payers)
        or any(decision.is_torn for line in claim.lines for decision in line.decisions)
        or _is_torn(unit)
    )
    _attribute(claim)
    return claim


def is_bare(loop: Loop) -> bool:
    """Nothing but the segment that begins it is there, which is reported as such: that one may stand twice."""
    return len(loop.segments) == 1 and not loop.loops


def _is_torn(loop: Loop) -> bool:
    for segment in loop.unplaced:
        name = segment.elements[0]
        if name in _OF_DECISIONS or (name, segment.get(1)) in _QUALIFIED:
            return True
    return any(_is_torn(below) for below in loop.loops)


def _payer(loop: Loop) -> StatedPayer:
    payer = StatedPayer()
    adjustments: list[Segment] = []
    for segment in loop.segments:
        match segment.elements[0]:
            case "SBR":
                payer.sbr = segment
            case "CAS":
                adjustments.append(segment)
            case "AMT":
                _take_amount(payer, segment)
            case "OI":
                payer.is_torn = payer.oi is not None
                payer.oi = payer.oi or segment
            case "MOA":
                payer.moa = segment
    payer.adjustments = _adjustments(adjustments)
    name = loop.one("2330B")
    if name is not None:
        _take_name(payer, name)
    return payer


def _take_name(payer: StatedPayer, loop: Loop) -> None:
    """2330B."""
    for segment in loop.segments:
        match segment.elements[0]:
            case "NM1":
                payer.name, payer.payer_id = segment, segment.get(9).rstrip()
            case "DTP" if segment.get(1) == "573":
                payer.date = segment
            case "REF" if segment.get(1) == "T4":
                payer.readjudication = segment


def _take_amount(payer: StatedPayer, amount: Segment) -> None:
    """Of two of one kind the first counts: the second is one too many, which is reported."""
    match amount.get(1):
        case "D" if payer.paid is None:
            payer.paid, payer.paid_amount = amount, read_money(amount.get(2))
        case "A8" if payer.non_covered is None:
            payer.non_covered = amount
        case "EAF" if payer.liability is None:
            payer.liability = amount


def _line(loop: Loop, position: int) -> StatedLine:
    lx = loop.segments[0] if loop.segments else None
    line = StatedLine(lx=lx, number=None if lx is None else read_whole(lx.get(1)))
    for segment in loop.segments:
        match segment.elements[0]:
            case "SV1":
                line.sv1, line.charge = segment, read_money(segment.get(2))
            case "DTP" if segment.get(1) == "472":
                period = read_period(segment.get(2), segment.get(3))
                line.last_day = None if period is None else period[1] or period[0]
            case "REF" if segment.get(1) == "6R":
                line.control_number = segment
    for below in loop.loops:
        if below.id == "2430" and below.segments:
            line.decisions.append(_decision(below, position))
    return line


def _decision(loop: Loop, position: int) -> LineDecision:
    svd = loop.segments[0]
    adjustments: list[Segment] = []
    day = liability = None
    is_torn = False
    for segment in loop.segments:
        match segment.elements[0]:
            case "CAS":
                is_torn = is_torn or day is not None
                adjustments.append(segment)
            case "DTP" if segment.get(1) == "573":
                is_torn = is_torn or day is not None
                day = day or segment
            case "AMT" if segment.get(1) == "EAF":
                liability = segment
    return LineDecision(
        svd=svd,
        line=position,
        payer_id=svd.get(1).rstrip(),
        paid=read_money(svd.get(2)),
        adjustments=_adjustments(adjustments),
        date=day,
        liability=liability,
        is_torn=is_torn,
    )


def _adjustments(segments: list[Segment]) -> Adjustments:
    if not segments:
        return NO_ADJUSTMENTS
    triplets: list[Triplet] = []
    total: Decimal | None = _NOTHING
    for cas in segments:
        group = cas.get(1)
        for position in range(2, len(cas.elements), 3):
            reason, text = cas.get(position), cas.get(position + 1)
            if not (reason or text or cas.get(position + 2)):
                continue
            amount = read_money(text)
            triplets.append(Triplet(cas, position, group, reason, amount))
            total = None if total is None or amount is None else total + amount
    return Adjustments(tuple(segments), tuple(triplets), total)


def _attribute(claim: StatedClaim) -> None:
    """Gives each 2430 to its payer."""
    by_id: dict[str, list[StatedPayer]] = {}
    for payer in claim.payers:
        if payer.payer_id:
            by_id.setdefault(payer.payer_id, []).append(payer)
    for line in claim.lines:
        for decision in line.decisions:
            candidates = by_id.get(decision.payer_id, [])
            if len(candidates) > 1:
                candidates = [payer for payer in candidates if payer.has_amounts] or candidates
            if not candidates:
                claim.has_strangers = True
                line.strangers.append(decision)
            for payer in candidates:
                payer.shares_id = len(candidates) > 1
                payer.lines.setdefault(decision.line, []).append(decision)

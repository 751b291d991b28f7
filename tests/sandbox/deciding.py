"""Claims as values, for the payers to decide on: a plain one to change, and any that Hypothesis can build."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from app.sandbox.claims import Claim, Line, OtherPayer, Party, PriorLine, Reduction
from app.sandbox.fees import load_fees
from app.sandbox.members import load_book

BOOK = load_book()
FEES = load_fees()
DAY = date(2026, 3, 2)
BILLING = Party(entity="85", kind="2", last="SOMEWHERE COUNSELING", id_qualifier="XX", id="1999999984")


def holder(member_id: str = "MLK100010") -> Party:
    return Party(entity="IL", kind="1", last="PLAINLY", first="COPAYA", id_qualifier="MI", id=member_id)


def a_line(number: int = 1, **changes: Any) -> Line:
    line = Line(
        number=number,
        procedure="HC:90837",
        charge=Decimal(150),
        unit="UN",
        units=Decimal(1),
        pointers=(1,),
        first_day=DAY,
        control_number=f"LINE{number}",
    )
    return replace(line, **changes)


def a_claim(*lines: Line, member_id: str = "MLK100010", **changes: Any) -> Claim:
    """A primary claim to XOVR1 for somebody with a copay of 25 and nothing else to pay."""
    lines = lines or (a_line(),)
    claim = Claim(
        reference="BATCH1",
        submitter_id="CROSSOVERTEST",
        billing=BILLING,
        billing_tax_id="123456789",
        payer_id="XOVR1",
        payer_name="MEADOWLARK HEALTH PLAN",
        rank="P",
        insurance_type="",
        filing_code="12",
        group_number="",
        subscriber=holder(member_id),
        patient=holder(member_id),
        subscriber_is_patient=True,
        control_number="CLAIM1",
        charge=sum((line.charge for line in lines), Decimal(0)),
        place_of_service="11",
        frequency="1",
        diagnoses=("F411",),
        lines=lines,
    )
    return replace(claim, **changes)


def another_payer(rank: str = "P", payer_id: str = "XOVR1", **changes: Any) -> OtherPayer:
    other = OtherPayer(
        rank=rank,
        relationship="18",
        insurance_type="",
        filing_code="12",
        payer_id=payer_id,
        payer_name="MEADOWLARK HEALTH PLAN",
        member_id="MLK100010",
    )
    return replace(other, **changes)


def decided_before(line: Line, paid: str, *reductions: tuple[str, str, str], payer_id: str = "XOVR1") -> Line:
    """The line with another payer's decision on it (2430)."""
    prior = PriorLine(
        payer_id=payer_id,
        paid=Decimal(paid),
        procedure=line.procedure,
        units=line.units,
        reductions=as_reductions(*reductions),
        decided_on=DAY,
    )
    return replace(line, prior=(*line.prior, prior))


def as_reductions(*triplets: tuple[str, str, str]) -> tuple[Reduction, ...]:
    return tuple(Reduction(group=group, reason=reason, amount=Decimal(amount)) for group, reason, amount in triplets)


def a_secondary_claim(*lines: Line, member_id: str = "BHM200010", **changes: Any) -> Claim:
    """The same claim at XOVR2, after XOVR1. By default XOVR1 paid 80 of 150 and left a copay of 25."""
    if not lines:
        lines = (decided_before(a_line(), "80", ("CO", "45", "45"), ("PR", "3", "25")),)
    paid = sum((one.paid for line in lines for one in line.prior if one.payer_id == "XOVR1"), Decimal(0))
    settings: dict[str, Any] = {"rank": "S", "payer_id": "XOVR2", "others": (another_payer(paid=paid),), **changes}
    return a_claim(*lines, member_id=member_id, **settings)


cents = st.integers(0, 100_000).map(lambda amount: Decimal(amount) / 100)


@st.composite
def lines(draw: st.DrawFn, number: int) -> Line:
    return a_line(
        number,
        procedure=draw(
            st.sampled_from(["HC:90837", "HC:90834:95", "HC:90853", "HC:H0001", "HC:99214:25:95", "HC:90791"])
        ),
        charge=draw(cents),
        units=draw(st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5"), Decimal(15)])),
        first_day=DAY + timedelta(days=draw(st.integers(-400, 300))),
    )


@st.composite
def cuts(draw: st.DrawFn, whole: Decimal, parts: int) -> list[Decimal]:
    """So many amounts that add up to the whole."""
    places = sorted(draw(st.lists(st.integers(0, int(whole * 100)), min_size=parts - 1, max_size=parts - 1)))
    edges = [Decimal(0), *(Decimal(place) / 100 for place in places), whole]
    return [upper - lower for lower, upper in pairwise(edges)]


_REASONS = (("CO", "45"), ("OA", "23"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("PR", "96"))


@st.composite
def decisions(draw: st.DrawFn, whole: Decimal) -> tuple[Decimal, tuple[Reduction, ...]]:
    """What was paid of an amount, and the reductions that make up the rest."""
    paid, *rest = draw(cuts(whole, 1 + len(_REASONS)))
    pairs = zip(_REASONS, rest, strict=True)
    return paid, tuple(
        Reduction(group=group, reason=reason, amount=amount) for (group, reason), amount in pairs if amount
    )


@st.composite
def claims(draw: st.DrawFn, *, rank: str | None = None) -> Claim:
    """Any claim of a known member, after any balanced decisions of the payers before it."""
    count = draw(st.integers(1, 5))
    claim_lines = [draw(lines(number)) for number in range(1, count + 1)]
    rank = rank or draw(st.sampled_from("PST"))
    others = []
    for earlier, payer_id in {"P": (), "S": (("P", "XOVR3"),), "T": (("P", "XOVR3"), ("S", "XOVR4"))}[rank]:
        if draw(st.booleans()):
            decided = [draw(decisions(line.charge)) for line in claim_lines]
            claim_lines = [
                replace(line, prior=(*line.prior, _prior(line, payer_id, *one)))
                for line, one in zip(claim_lines, decided, strict=True)
            ]
            others.append(another_payer(earlier, payer_id, paid=sum((paid for paid, _ in decided), Decimal(0))))
        else:
            paid, reductions = draw(decisions(sum((line.charge for line in claim_lines), Decimal(0))))
            others.append(another_payer(earlier, payer_id, paid=paid, reductions=reductions))
    payer_id, member_id = draw(st.sampled_from(sorted(BOOK.members)))
    return a_claim(*claim_lines, member_id=member_id, payer_id=payer_id, rank=rank, others=tuple(others))


def _prior(line: Line, payer_id: str, paid: Decimal, reductions: tuple[Reduction, ...]) -> PriorLine:
    return PriorLine(
        payer_id=payer_id, paid=paid, procedure=line.procedure, units=line.units, reductions=reductions, decided_on=DAY
    )

"""The balance of any claim: every cent is missed, and the verdict is that of an independent recomputation."""

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.findings import Severity
from app.domain.professional_claims import ProfessionalClaim
from tests.x12.balance_837 import imbalances
from tests.x12.claim_strategies import claims
from tests.x12.claim_units_837 import checked
from tests.x12.claims import written
from tests.x12.coordination_texts_837 import valid

_KINDS = {
    "charge_differs_from_lines": "(a)",
    "line_out_of_balance": "(b)",
    "line_undecided": "(b)",
    "paid_differs_from_lines": "(c) with",
    "claim_out_of_balance": "(c) without",
}


def _amounts(segments: list[list[str]]) -> list[tuple[int, int]]:
    """Segment and element of each amount that an equation holds, from CLM on."""
    start = next(number for number, elements in enumerate(segments) if elements[0] == "CLM")
    found: list[tuple[int, int]] = []
    for number, elements in enumerate(segments[start:], start=start):
        match elements:
            case ["CLM" | "SV1" | "SVD", *_] | ["AMT", "D", _]:
                found.append((number, 2))
            case ["CAS", *_]:
                found += [(number, position) for position in range(3, len(elements), 3)]
    return found


@st.composite
def _changes(draw: st.DrawFn, text: str, most: int) -> tuple[str, str, Decimal]:
    """The text with some amounts changed, and of the last of them the segment's id and the cents it grew by."""
    segments = [segment.split("*") for segment in text.split("~")]
    name, difference = "", Decimal(0)
    for number, position in draw(st.lists(st.sampled_from(_amounts(segments)), min_size=1, max_size=most, unique=True)):
        difference = Decimal(draw(st.integers(-99_999, 99_999).filter(bool))) / 100
        elements = segments[number]
        elements[position] = str(Decimal(elements[position]) + difference)
        name = elements[0]
    return "~".join("*".join(elements) for elements in segments), name, difference


def _with_decision(claim: ProfessionalClaim) -> bool:
    return any(payer.decision is not None for payer in claim.other_payers)


@given(claims(most_lines=4).filter(_with_decision), st.data())
@settings(max_examples=150, deadline=None)
def test_any_amount_that_is_changed_by_any_cents_is_missed_to_the_cent(
    claim: ProfessionalClaim, data: st.DataObject
) -> None:
    text, name, difference = data.draw(_changes(written(claim), most=1))
    missed = {one.difference for one in checked(text) if one.severity is Severity.ERROR}
    assert (difference if name in {"CLM", "SV1"} else -difference) in missed or (
        name == "SV1" and -difference in missed
    )


@given(claims(most_lines=4), st.data())
@settings(max_examples=150, deadline=None)
def test_the_verdict_is_that_of_an_independent_recomputation(claim: ProfessionalClaim, data: st.DataObject) -> None:
    text, _, _ = data.draw(_changes(written(claim), most=5))
    ours = Counter(_KINDS[one.code] for one in checked(text) if one.code in _KINDS)
    theirs = Counter(
        next(kind for kind in set(_KINDS.values()) if one.startswith(f"{kind} ")) for one in imbalances(text)
    )
    assert ours == theirs


@given(claims(most_lines=4))
@settings(max_examples=50, deadline=None)
def test_what_balances_has_no_difference(claim: ProfessionalClaim) -> None:
    text = written(claim)
    assert imbalances(text) == []
    assert [one.code for one in checked(text) if one.difference is not None] == []


def test_what_is_left_to_pay_takes_no_part() -> None:
    """The provider's judgement, not the payer's responsibility (RFI 985)."""
    assert checked(valid("secondary").replace("AMT*EAF*25~", "AMT*EAF*99.95~")) == ()


def test_an_amount_that_cannot_be_read_makes_its_equations_silent() -> None:
    for before, after in (
        ("*80*HC:90837", "*8O*HC:90837"),
        ("CAS*CO*45*45~", "CAS*CO*45*4 5~"),
        ("AMT*D*80~", "AMT*D*x~"),
    ):
        assert checked(valid("secondary").replace(before, after)) == ()
    text = valid("secondary at claim level")
    assert checked(text.replace("CLM*A1B2C3D4E5F6G7H8J*300*", "CLM*A1B2C3D4E5F6G7H8J*3E2*")) == ()
    assert checked(text.replace("*150*UN", "*150.001*UN")) == ()


def test_each_payer_accounts_for_the_whole_charge_by_itself() -> None:
    """Two payers out by different cents are two findings (RFI 2143)."""
    text = valid("tertiary").replace("CAS*CO*45*45~", "CAS*CO*45*44~").replace("CAS*PR*3*10~", "CAS*PR*3*8.5~")
    assert [one.difference for one in checked(text)] == [Decimal("1.00"), Decimal("1.50")]
    assert [one.segment_number for one in checked(text)] == [
        number
        for number, segment in enumerate(text.split("~"), start=1)
        if segment.startswith(("SVD*PAYERID", "SVD*SECOND"))
    ]


def test_a_line_of_no_charge_needs_no_decision() -> None:
    text = valid("secondary with two lines")
    start, end = text.index("SVD*PAYERID*80*HC:90837**1~CAS*CO*45*40~"), text.index("~SE*") + 1
    text = text[:start] + text[end:]
    text = text.replace("AMT*D*160~", "AMT*D*80~").replace("J*300*", "J*150*")
    assert checked(text[: text.index("LX*2~")] + text[text.index("LX*2~") :].replace("*150*UN", "*0*UN")) == ()


def test_where_one_of_two_payers_with_one_id_decided_the_lines_are_its_own() -> None:
    text = valid("tertiary")
    start, end = text.index("SVD*SECOND*15*"), text.index("~SE*") + 1
    undecided = (text[:start] + text[end:]).replace("AMT*D*15~", "AMT*A8*150~").replace("PI*SECOND~", "PI*PAYERID~")
    assert checked(undecided) == ()
    assert [one.difference for one in checked(undecided.replace("AMT*D*80~", "AMT*D*81~"))] == [Decimal("-1.00")]

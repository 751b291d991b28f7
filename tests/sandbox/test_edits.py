"""What the sandbox's clearinghouse refuses in a claim that can be read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.claim_837 import read_claims
from app.sandbox.claims import Claim, Line, OtherPayer, PriorLine, Reduction
from app.sandbox.edits import edit, edit_all
from app.sandbox.interchange import Interchange, read_interchange
from tests.sandbox.claims_837 import Billed, Decided, Other, Served, secondary

DAY = date(2026, 3, 2)
CLAIM_LEVEL = Other(cas=("CO*45*90", "PR*2*50"), paid="160", liability="50", decided_on="20260310")
TWO_LINES = (Served(charge="200"), Served(charge="100"))
BY_CLAIM = secondary(charge="300", others=(CLAIM_LEVEL,), lines=TWO_LINES)
"""300 = 160 + 90 + 50, with nothing said of the lines."""
TERTIARY = secondary(
    payer_id="XOVR5",
    member_id="CKM500009",
    rank="T",
    filing_code="MC",
    others=(Other(), Other(rank="S", payer_id="XOVR2", filing_code="CI", member_id="BHM200009", paid="20")),
    lines=(
        Served(
            decided=(
                Decided(),
                Decided(payer_id="XOVR2", paid="20", cas=("OA*23*125", "PR*3*5"), liability="5"),
            )
        ),
    ),
)


def claims_of(billed: Billed) -> list[Claim]:
    envelope = read_interchange(billed.text())
    assert isinstance(envelope, Interchange)
    claims = [one for one in read_claims(envelope) if isinstance(one, Claim)]
    assert claims, read_claims(envelope)
    return claims


def found(billed: Billed) -> list[tuple[str, str]]:
    (claim,) = claims_of(billed)
    return [(one.id, one.location) for one in edit(claim)]


def by_line(**changes: object) -> Billed:
    """A secondary claim whose one decision on its line is changed."""
    return secondary(lines=(Served(decided=(Decided(**changes),)),))  # type: ignore[arg-type]


def of_payer(**changes: object) -> Billed:
    """A secondary claim whose other payer is changed."""
    return secondary(others=(Other(**changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "billed",
    [
        Billed(),
        secondary(),
        BY_CLAIM,
        TERTIARY,
        Billed(others=(Other(rank="S", payer_id="XOVR2", paid=""),)),
        Billed(frequency="7", payer_claim_number="PAYERSNUMBER1"),
        Billed(dependent=True, relationship=""),
        secondary(others=(Other(paid="0"),), lines=(Served(decided=(Decided(paid="0", cas=("PR*96*150",)),)),)),
        secondary(lines=(Served(decided=(Decided(paid="50", cas=()), Decided(paid="30", cas=("CO*45*70",)))),)),
        secondary(
            others=(Other(cas=("PR*1*20",), paid="60"),),
            lines=(Served(decided=(Decided(cas=("CO*45*70",), liability=""),)),),
        ),
        secondary(others=(Other(not_covered="150", paid=""),), lines=(Served(),)),
        secondary(others=(Other(filing_code="MB"),), filing_code="12"),
        secondary(filing_code="MB", insurance_type="12"),
        secondary(others=(Other(), Other(rank="T", payer_id="XOVR5", filing_code="MB", insurance_type="47", paid=""))),
        secondary(
            charge="200",
            lines=(
                Served(decided=(Decided(),)),
                Served(charge="50", decided=(Decided(paid="0", cas=("CO*97*50",), bundled_into="1"),)),
            ),
        ),
        secondary(lines=(Served(decided=(Decided(cas=("CO*45*80", "OA*94*-9", "PR*3*-1")),)),)),
        by_line(liability="0"),
        Billed(rank="U", others=(Other(rank="P", paid=""),)),
    ],
    ids=[
        *("primary", "secondary", "claim level only", "tertiary", "later payer listed", "replacement", "dependent"),
        *("denied", "unbundled", "reductions at both levels", "never billed", "medicare first", "medicare second"),
        *("medicare later", "bundled", "negative reductions", "no liability left", "unknown rank"),
    ],
)
def test_a_claim_that_is_in_order_breaks_no_rule(billed: Billed) -> None:
    assert found(billed) == []


@pytest.mark.parametrize(
    ("billed", "expected"),
    [
        (Billed(charge="151"), ("claim-charge-must-equal-line-charges", "2300 CLM02")),
        (Billed(charge="0", lines=(Served(charge="0"),)), ("claim-charge-must-be-positive", "2300 CLM02")),
        (
            Billed(charge="50", lines=(Served(charge="100"), Served(charge="-50"))),
            ("amounts-must-not-be-negative", "2400[2] SV102"),
        ),
        (Billed(patient_paid="-1"), ("amounts-must-not-be-negative", "2300 AMT02")),
        (Billed(control_number="C" * 21), ("invalid-patient-control-number", "2300 CLM01")),
        (Billed(frequency="6"), ("invalid-claim-frequency-code", "2300 CLM05")),
        (Billed(frequency="7"), ("missing-payer-claim-control-number", "2300 REF02")),
        (Billed(frequency="8"), ("missing-payer-claim-control-number", "2300 REF02")),
        (Billed(payer_claim_number="P1"), ("payer-claim-control-number-not-allowed", "2300 REF02")),
        (Billed(relationship=""), ("invalid-subscriber-individual-relationship-code", "2000B SBR02")),
        (
            Billed(dependent=True, relationship="", filing_code="MB"),
            ("medicare-patient-must-be-the-subscriber", "2000C"),
        ),
        (Billed(diagnoses=("F411", "F411")), ("duplicate-diagnosis-codes", "2300 HI")),
        (Billed(lines=(Served(pointers="1:3"),)), ("invalid-diagnosis-code-pointer", "2400[1] SV107")),
        (Billed(lines=(Served(pointers="1:1"),)), ("invalid-diagnosis-code-pointer", "2400[1] SV107")),
        (Billed(lines=(Served(control_number="L" * 31),)), ("invalid-line-item-control-number", "2400[1] REF02")),
        (Billed(lines=(Served(days="20260302-20260301"),)), ("invalid-service-dates", "2400[1] DTP03")),
        (Billed(npi="1999999983"), ("invalid-npi", "2010AA NM109")),
        (Billed(npi="199999998"), ("invalid-npi", "2010AA NM109")),
        (Billed(providers=("NM1*82*1*MADEUP*THERA****XX*1234567890",)), ("invalid-npi", "2310B NM109")),
        (
            Billed(lines=(Served(providers=("NM1*DQ*1*MADEUP*SUPER****XX*1234567890",)),)),
            ("invalid-npi", "2400[1]/2420D NM109"),
        ),
        (secondary(rank="T"), ("payer-responsibility-level-codes-must-be-in-order", "2320 SBR01")),
        (
            Billed(rank="S", others=(Other(rank="T", paid=""),)),
            ("missing-primary-payer", "2320 SBR01"),
        ),
        (Billed(rank="S"), ("missing-primary-payer", "2320 SBR01")),
        (secondary(rank="P"), ("duplicate-payer-responsibility-level-codes", "2320[1] SBR01")),
        (secondary(filing_code="MB"), ("insurance-type-code-required", "2000B SBR05")),
        (secondary(insurance_type="12"), ("insurance-type-code-not-allowed", "2000B SBR05")),
        (Billed(filing_code="MB", insurance_type="12"), ("insurance-type-code-not-allowed", "2000B SBR05")),
        (of_payer(filing_code="MA", insurance_type="12"), ("insurance-type-code-not-allowed", "2320[1] SBR05")),
        (
            secondary(others=(Other(), Other(rank="T", payer_id="XOVR5", filing_code="MB", paid=""))),
            ("insurance-type-code-required", "2320[2] SBR05"),
        ),
        (of_payer(paid=""), ("missing-payer-paid-amount", "2320[1] AMT02")),
        (of_payer(paid="79"), ("cob-claim-must-be-balanced", "2320[1] AMT02")),
        (by_line(cas=("CO*45*45",)), ("cob-service-lines-must-be-balanced", "2400[1]/2430 SVD02")),
        (by_line(decided_on=""), ("missing-adjudication-date", "2400[1]/2430 DTP03")),
        (of_payer(decided_on="20260310"), ("adjudication-date-at-both-levels", "2320[1]/2330B DTP03")),
        (of_payer(liability="25"), ("duplicate-remaining-patient-liability", "2320[1] AMT02")),
        (by_line(cas=("CO*45*45", "PR*3*25", "OA*23")), ("missing-adjustment-amount", "2400[1]/2430 CAS")),
        (by_line(cas=("CO*45*45**2", "PR*3*25")), ("missing-adjustment-amount", "2400[1]/2430 CAS")),
        (by_line(cas=("CO*45*45", "PR**25")), ("missing-adjustment-reason-code", "2400[1]/2430 CAS")),
        (by_line(cas=("CO*45*45", "PR*3*25", "OA***2")), ("missing-adjustment-reason-code", "2400[1]/2430 CAS")),
        (by_line(cas=("CO*45*45", "PR*3*25", "OA*23*0.00")), ("invalid-adjustment-amount", "2400[1]/2430 CAS")),
        (by_line(bundled_into="1"), ("invalid-bundled-line-number", "2400[1]/2430 SVD06")),
        (by_line(bundled_into="2"), ("invalid-bundled-line-number", "2400[1]/2430 SVD06")),
        (
            replace(BY_CLAIM, others=(replace(CLAIM_LEVEL, decided_on=""),)),
            ("missing-adjudication-date", "2320[1]/2330B DTP03"),
        ),
        (
            replace(BY_CLAIM, others=(replace(CLAIM_LEVEL, paid="161"),)),
            ("cob-claim-must-be-balanced", "2320[1] AMT02"),
        ),
        (
            secondary(others=(Other(not_covered="150", paid="", decided_on="20260310"),), lines=(Served(),)),
            ("non-covered-amount-must-stand-alone", "2320[1] AMT02"),
        ),
        (
            secondary(others=(Other(not_covered="149", paid=""),), lines=(Served(),)),
            ("non-covered-amount-must-stand-alone", "2320[1] AMT02"),
        ),
    ],
)
def test_a_claim_that_breaks_one_rule_is_told_which_and_where(billed: Billed, expected: tuple[str, str]) -> None:
    assert found(billed) == [expected]


def test_line_control_numbers_that_repeat_are_told_at_each_line() -> None:
    lines = (Served(control_number="SAME"), Served(), Served(control_number="SAME"))
    assert found(Billed(charge="450", lines=lines)) == [
        ("duplicate-line-item-control-numbers", "2400[1] REF02"),
        ("duplicate-line-item-control-numbers", "2400[3] REF02"),
    ]


def test_a_negative_payment_is_told_on_the_claim_and_on_the_line() -> None:
    decided = Decided(paid="-5", cas=("CO*45*155",))
    assert found(secondary(others=(Other(paid="-5"),), lines=(Served(decided=(decided,)),))) == [
        ("invalid-paid-amount", "2320[1] AMT02"),
        ("invalid-paid-amount", "2400[1]/2430 SVD02"),
    ]


def test_a_line_that_names_a_payer_nobody_listed_is_refused() -> None:
    expected = ("line-payer-must-be-an-other-payer", "2400[1]/2430 SVD01")
    assert expected in found(by_line(payer_id="XOVR9"))


def test_a_line_that_names_one_of_two_payers_with_one_identifier_is_refused() -> None:
    others = (Other(), Other(rank="T", paid=""))
    assert ("other-payer-identifier-must-be-unique", "2320[1]/2330B NM109") in found(secondary(others=others))


def test_the_same_reduction_on_the_claim_and_on_its_lines_is_refused() -> None:
    assert ("cob-amounts-at-both-levels", "2320[1] CAS") in found(of_payer(cas=("PR*3*25",), paid="55"))
    assert ("cob-claim-must-be-balanced", "2320[1] AMT02") in found(of_payer(cas=("PR*3*25",)))


def test_a_line_that_a_payer_left_out_while_it_decided_on_others_is_out_of_balance() -> None:
    billed = secondary(charge="200", lines=(Served(decided=(Decided(),)), Served(charge="50")))
    assert found(billed) == [("cob-service-lines-must-be-balanced", "2400[2]/2430 SVD02")]


def test_each_payer_is_balanced_by_itself() -> None:
    first, second = TERTIARY.lines[0].decided
    billed = replace(TERTIARY, lines=(Served(decided=(first, replace(second, cas=("OA*23*124", "PR*3*5")))),))
    assert found(billed) == [("cob-service-lines-must-be-balanced", "2400[1]/2430 SVD02")]
    billed = replace(TERTIARY, others=(TERTIARY.others[0], replace(TERTIARY.others[1], paid="21")))
    assert found(billed) == [("cob-claim-must-be-balanced", "2320[2] AMT02")]


def test_a_claim_is_told_everything_at_once() -> None:
    billed = secondary(charge="149", npi="1999999983", frequency="7", others=(Other(paid="79", liability="25"),))
    assert {one for one, _ in found(billed)} == {
        "claim-charge-must-equal-line-charges",
        "invalid-npi",
        "missing-payer-claim-control-number",
        "cob-claim-must-be-balanced",
        "duplicate-remaining-patient-liability",
    }


def test_a_payer_out_of_reach_and_a_repeated_number_are_refused_per_claim() -> None:
    claims = claims_of(Billed(more=(Billed(control_number="CLAIM0002"), Billed())))
    by_claim = [{one.id for one in edits} for edits in edit_all(claims, {"XOVR2"})]
    repeated, unreached = "duplicate-patient-control-number", "payer-not-reached"
    assert by_claim == [{repeated, unreached}, {unreached}, {repeated, unreached}]
    assert edit_all(claims[:2], {"XOVR1"}) == [(), ()]


def test_an_edit_has_the_clearinghouses_code_and_quotes_no_data() -> None:
    (claim,) = claims_of(secondary(member_id="CANARY1", control_number="CANARY2" * 3, rank="P"))
    edits = edit(claim)
    assert {one.code for one in edits} == {"33"}
    assert {one.category for one in edits} <= {"A3", "A6", "A7", "A8"}
    assert "CANARY" not in repr(edits)


CENTS = st.integers(0, 50_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def _balanced(draw: st.DrawFn) -> Claim:
    """A claim of any lines, on which up to two payers decided, each with a balance of its own."""
    (base,) = claims_of(Billed())
    paid_lines = draw(st.lists(st.lists(CENTS, min_size=1, max_size=3), min_size=1, max_size=4))
    charges = [sum(parts, Decimal(0)) + Decimal("0.01") for parts in paid_lines]
    lines = [replace(base.lines[0], number=number, charge=one) for number, one in enumerate(charges, start=1)]
    others = []
    for rank, payer_id in draw(st.sampled_from([(("P", "A"),), (("P", "A"), ("S", "B"))])):
        of_claim = tuple(Reduction(group="PR", reason="1", amount=one) for one in draw(st.lists(CENTS, max_size=2)))
        taken = sum((one.amount for one in of_claim), Decimal(0))
        if draw(st.booleans()):
            lines = [_decided(draw, line, payer_id) for line in lines]
            whole = sum((one.paid for line in lines for one in line.prior if one.payer_id == payer_id), Decimal(0))
            others.append(_other(rank, payer_id, whole - taken, of_claim, None))
        else:
            others.append(_other(rank, payer_id, sum(charges, Decimal(0)) - taken, of_claim, DAY))
    rank = "T" if len(others) == 2 else "S"
    return replace(base, rank=rank, charge=sum(charges, Decimal(0)), lines=tuple(lines), others=tuple(others))


def _decided(draw: st.DrawFn, line: Line, payer_id: str) -> Line:
    """One or two decisions on a line, which share its charge."""
    share = draw(st.integers(0, 100)) * line.charge / 100
    parts = [share.quantize(Decimal("0.01")), line.charge - share.quantize(Decimal("0.01"))]
    prior = []
    for part in parts if draw(st.booleans()) else [line.charge]:
        paid = (part * draw(st.integers(0, 100)) / 100).quantize(Decimal("0.01"))
        rest = (Reduction(group="CO", reason="45", amount=part - paid),) if part != paid else ()
        prior.append(
            PriorLine(
                payer_id=payer_id,
                paid=paid,
                procedure=line.procedure,
                units=Decimal(1),
                reductions=rest,
                decided_on=DAY,
            )
        )
    return replace(line, prior=(*line.prior, *prior))


def _other(
    rank: str, payer_id: str, paid: Decimal, reductions: tuple[Reduction, ...], decided_on: date | None
) -> OtherPayer:
    return OtherPayer(
        rank=rank,
        relationship="18",
        insurance_type="",
        filing_code="12",
        payer_id=payer_id,
        payer_name="SOME PAYER",
        member_id="M1",
        paid=paid,
        reductions=reductions,
        decided_on=decided_on,
    )


def _balance_edits(claim: Claim) -> set[str]:
    return {one.id for one in edit(claim) if one.id.endswith("-balanced") or one.id.endswith("-line-charges")}


@given(_balanced())
def test_any_decision_that_balances_is_found_in_balance(claim: Claim) -> None:
    assert _balance_edits(claim) == set()


def _charge_off(claim: Claim) -> Claim:
    return replace(claim, charge=claim.charge + Decimal("0.01"))


def _payer_off(claim: Claim) -> Claim:
    first, *others = claim.others
    return replace(claim, others=(replace(first, paid=(first.paid or Decimal(0)) + Decimal("0.01")), *others))


def _line_off(claim: Claim) -> Claim:
    first, *lines = claim.lines
    return replace(claim, lines=(replace(first, charge=first.charge - Decimal("0.01")), *lines))


@pytest.mark.parametrize("change", [_charge_off, _payer_off, _line_off])
@given(claim=_balanced())
def test_a_cent_anywhere_puts_a_claim_out_of_balance(change: Callable[[Claim], Claim], claim: Claim) -> None:
    assert _balance_edits(change(claim))

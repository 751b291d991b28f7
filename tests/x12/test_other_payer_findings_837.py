"""What keeps another payer and its decision from being written: each fault with its code, its pointer and its place."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.adjudications import Adjustment, AdjustmentGroup
from app.domain.codes import PayerResponsibility
from app.domain.findings import Finding, Severity
from app.domain.professional_claims import ProfessionalClaim
from app.x12.professional_claim_837 import write
from tests.x12.claims import (
    DECISION_DATE,
    SUBMITTER,
    a_claim,
    a_decision,
    a_policy,
    a_prior_line,
    a_secondary,
    an_other_payer,
    co,
    decided,
    oa,
    pr,
    written,
)
from tests.x12.inquiries import INTERCHANGE


def _refusals(claim: ProfessionalClaim) -> tuple[Finding, ...]:
    text, findings = write(claim, INTERCHANGE, reference="R", submitter=SUBMITTER, receiver_name="Clearing")
    assert text is None
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return findings


_DECISION = "/other_payers/0/decision"
_UNSPLIT = Adjustment(group=AdjustmentGroup.PATIENT_RESPONSIBILITY, reason_code=None, amount=Decimal("25.00"))


def _prior_line(**changes: Any) -> dict[str, Any]:
    return {"lines": (a_prior_line(**changes),)}


def _at_claim(*adjustments: Adjustment, **changes: Any) -> dict[str, Any]:
    """A decision of 150.00 at claim level."""
    return {
        "paid": Decimal("150.00") - sum(one.amount for one in adjustments),
        "adjustments": adjustments,
        "remaining_liability": Decimal(0),
        "adjudication_date": DECISION_DATE,
        "lines": (),
        **changes,
    }


_HALVES = (
    a_prior_line(paid=Decimal("80.00"), adjustments=()),
    a_prior_line(paid=Decimal("0.00"), adjustments=(co("70.00"),), remaining_liability=None),
)


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "location"),
    [
        ({"paid": Decimal("-1.00")}, "money_range", "/paid", "2320 AMT02"),
        (_at_claim(_UNSPLIT), "adjustment_reason_missing", "/adjustments/0/reason_code", "2320 CAS02"),
        ({"adjustments": (co("1.005"),)}, "money_format", "/adjustments/0/amount", "2320 CAS03"),
        (
            _at_claim(co("1.00"), pr("1.00", "4-5")),
            "value_invalid",
            "/adjustments/1/reason_code",
            "2320 CAS02",
        ),
        (
            _at_claim(replace(co("1.00"), quantity=Decimal("0.0001"))),
            "quantity_range",
            "/adjustments/0/quantity",
            "2320 CAS04",
        ),
        (
            _at_claim(co("99999999.99"), co("0.01"), oa("-99999900.00", "94")),
            "money_range",
            "/adjustments/0/amount",
            "2320 CAS03",
        ),
        (
            _at_claim(*(co("1.00", str(number)) for number in range(31))),
            "repeat_exceeded",
            "/adjustments",
            "2320 CAS",
        ),
        ({"remaining_liability": Decimal("25.00")}, "liability_at_two_levels", "/remaining_liability", "2320 AMT01"),
        (
            {"adjudication_date": DECISION_DATE},
            "adjudication_date_at_both_levels",
            "/adjudication_date",
            "2330B DTP03",
        ),
        (_at_claim(remaining_liability=None), "value_missing", "/remaining_liability", "2320 AMT02"),
        (_at_claim(adjudication_date=None), "value_missing", "/adjudication_date", "2330B DTP03"),
        (_prior_line(remaining_liability=None), "value_missing", "/remaining_liability", "2320 AMT02"),
        ({"lines": _HALVES}, "value_missing", "/lines/1/remaining_liability", "2430 AMT02"),
        ({"remark_codes": ("MA18", "18")}, "value_invalid", "/remark_codes/1", "2320 MOA04"),
        ({"remark_codes": ("MA18",) * 6}, "repeat_exceeded", "/remark_codes", "2320 MOA03"),
        (_prior_line(paid=Decimal("-0.01")), "money_range", "/lines/0/paid", "2430 SVD02"),
        (_prior_line(units=Decimal(-1)), "quantity_range", "/lines/0/units", "2430 SVD05"),
        (_prior_line(procedure_qualifier="AD"), "value_invalid", "/lines/0/procedure_qualifier", "2430 SVD03-1"),
        (_prior_line(procedure_code=""), "value_missing", "/lines/0/procedure_code", "2430 SVD03-2"),
        (_prior_line(modifiers=("95", "9")), "value_invalid", "/lines/0/modifiers/1", "2430 SVD03-4"),
        (_prior_line(bundled_into=1), "value_invalid", "/lines/0/bundled_into", "2430 SVD06"),
        (_prior_line(bundled_into=2), "value_invalid", "/lines/0/bundled_into", "2430 SVD06"),
        (
            _prior_line(adjustments=(co("45.00"), _UNSPLIT)),
            "adjustment_reason_missing",
            "/lines/0/adjustments/1/reason_code",
            "2430 CAS02",
        ),
        (
            _prior_line(remaining_liability=Decimal("-25.00")),
            "money_range",
            "/lines/0/remaining_liability",
            "2430 AMT02",
        ),
    ],
)
def test_a_fault_of_an_earlier_decision(changes: dict[str, Any], code: str, pointer: str, location: str) -> None:
    (finding,) = _refusals(a_secondary(other_payers=decided(a_decision(**changes))))
    assert (finding.code, finding.pointer, finding.location) == (code, _DECISION + pointer, location)


def test_a_decision_is_about_a_line_of_the_claim() -> None:
    findings = _refusals(a_secondary(other_payers=decided(a_decision(**_prior_line(line_number=2)))))
    assert [(finding.code, finding.pointer, finding.location) for finding in findings] == [
        ("value_invalid", f"{_DECISION}/lines/0/line_number", "2430 SVD"),
        ("line_undecided", f"{_DECISION}/lines", "2430"),
    ]


def test_sixteen_decisions_do_not_fit_under_a_line() -> None:
    parts = (a_prior_line(paid=Decimal("5.00"), adjustments=()),) * 16
    whole = replace(parts[0], adjustments=(co("70.00"),))
    decision = a_decision(lines=(whole, *parts[1:]))
    (finding,) = _refusals(a_secondary(other_payers=decided(decision)))
    assert (finding.code, finding.pointer, finding.location) == ("repeat_exceeded", "/lines/0", "2430 SVD")


def test_a_rank_stands_once() -> None:
    others = (an_other_payer(), an_other_payer(payer_id="OTHER"))
    (finding,) = _refusals(a_secondary(other_payers=others))
    assert finding.code == "value_repeated"
    assert (finding.pointer, finding.location) == ("/other_payers/1/policy/responsibility", "2320 SBR01")


@pytest.mark.parametrize(
    "claim",
    [
        a_secondary(other_payers=()),
        a_claim(
            other_payers=(an_other_payer(decision=None, policy=a_policy(responsibility=PayerResponsibility.TERTIARY)),)
        ),
    ],
)
def test_a_rank_is_not_skipped(claim: ProfessionalClaim) -> None:
    (finding,) = _refusals(claim)
    assert (finding.code, finding.pointer, finding.location) == ("order_has_gap", "/other_payers", "2320 SBR01")


def test_two_payers_that_decided_are_told_apart_by_their_ids() -> None:
    second = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.SECONDARY))
    claim = a_secondary(
        policy=a_policy(responsibility=PayerResponsibility.TERTIARY), other_payers=(an_other_payer(), second)
    )
    (finding,) = _refusals(claim)
    assert (finding.code, finding.pointer) == ("value_repeated", "/other_payers/1/payer_id")


def test_a_payer_that_decided_on_lines_is_told_apart_from_one_that_has_not_decided() -> None:
    """SVD01 is all that says whose decision a 2430 is."""
    later = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.TERTIARY), decision=None)
    (finding,) = _refusals(a_secondary(other_payers=(an_other_payer(), later)))
    assert (finding.code, finding.pointer) == ("value_repeated", "/other_payers/1/payer_id")
    at_claim_level = a_decision(
        lines=(), adjustments=(co("70.00"),), adjudication_date=DECISION_DATE, remaining_liability=Decimal(0)
    )
    assert written(a_secondary(other_payers=(an_other_payer(decision=at_claim_level), later)))


def test_a_payer_after_the_one_that_is_asked_has_decided_nothing() -> None:
    later = an_other_payer(policy=a_policy(responsibility=PayerResponsibility.SECONDARY))
    (finding,) = _refusals(a_claim(other_payers=(later,)))
    assert (finding.code, finding.pointer) == ("value_invalid", _DECISION)


def test_eleven_other_payers_do_not_fit() -> None:
    ranks = [*(PayerResponsibility.from_number(number) for number in range(2, 12)), PayerResponsibility.ELEVENTH]
    others = tuple(
        an_other_payer(decision=None, policy=a_policy(responsibility=rank), payer_id=f"P{number}")
        for number, rank in enumerate(ranks)
    )
    assert "repeat_exceeded" in {finding.code for finding in _refusals(a_claim(other_payers=others))}

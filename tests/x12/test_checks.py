"""Checks of any text: each kind by what judges it, and what is not read is not checked."""

from decimal import Decimal

import pytest

from app.domain.findings import Severity
from app.x12 import professional_claim_reader_837
from app.x12.checks import Checked, check
from app.x12.findings import Report, X12Finding
from tests.x12.claims import a_claim, written
from tests.x12.editable_835 import VALID, Mutant
from tests.x12.mixed_texts import TA1, TEXTS, of_guide
from tests.x12.mutants_835 import OF_RULES
from tests.x12.remittances import a_claim as a_payment
from tests.x12.remittances import a_remittance
from tests.x12.texts_835 import a_835


def checked(text: str, **severities: Severity) -> tuple[Checked, tuple[X12Finding, ...]]:
    report = Report(severities)
    result = check(text, report)
    return result, tuple(one for one in report.findings if one.severity is not Severity.INFORMATION)


@pytest.mark.parametrize("kind", TEXTS)
def test_a_valid_text_of_each_kind_is_clean(kind: str) -> None:
    assert checked(TEXTS[kind]) == (Checked(transactions=1, checked=1, items=1), ())


def test_a_mixed_text_is_checked_throughout() -> None:
    result, findings = checked("\n".join([TA1, *TEXTS.values()]))
    assert result == Checked(transactions=6, checked=6, items=6)
    assert findings == ()


def test_what_is_not_read_is_counted_and_not_checked() -> None:
    result, (finding,) = checked(of_guide("837", "005010X223A3") + TEXTS["835"])
    assert result == Checked(transactions=2, checked=1, items=1)
    assert finding.code == "unexpected_guide"


def test_a_claim_is_checked_beyond_its_structure() -> None:
    _, findings = checked(TEXTS["837P"].replace("SVD*PAYERID*80*", "SVD*PAYERID*79.99*"))
    (finding,) = (one for one in findings if one.code == "line_out_of_balance")
    assert finding.difference is not None
    assert abs(finding.difference) == Decimal("0.01")


def test_the_structure_of_a_claim_is_checked() -> None:
    text = TEXTS["837P"].replace("~OI***Y***Y~", "~").replace("~SE*39*", "~SE*38*")
    (finding,) = checked(text)[1]
    assert finding.code == "segment_missing"
    assert "OI" in finding.message


def test_a_control_number_is_repeated_over_transaction_sets() -> None:
    _, findings = checked(written(a_claim()) + written(a_claim()))
    assert [one.code for one in findings] == ["patient_control_number_repeated"]


def test_a_claim_need_not_be_readable_as_a_value() -> None:
    text = TEXTS["837P"].replace("DMG*D8*19840229*F", "DMG*D8*19840230*F").replace("*80*HC", "*79.99*HC")
    (claim,) = professional_claim_reader_837.read(text)[0]
    assert claim.claim is None
    result, findings = checked(text)
    assert result.items == 1
    assert "line_out_of_balance" in {one.code for one in findings}


def test_the_groups_code_of_a_claim_is_checked() -> None:
    _, (finding,) = checked(TEXTS["837P"].replace("GS*HC*", "GS*HP*"))
    assert (finding.code, finding.severity) == ("group_code", Severity.WARNING)


def test_a_remittance_is_checked_on_every_level() -> None:
    payment = a_payment(paid=Decimal("80.01"))
    _, findings = checked(a_835(a_remittance(payment, total_paid=Decimal("90.00"))))
    codes = {one.code for one in findings}
    assert {"claim_unbalanced", "payment_unbalanced"} <= codes
    assert Decimal("9.99") in {abs(one.difference) for one in findings if one.difference is not None}


def test_a_partner_weighs_rules_otherwise() -> None:
    text = written(a_claim()) + written(a_claim())
    ((finding,), (as_error,)) = (
        checked(text)[1],
        checked(text, patient_control_number_repeated=Severity.ERROR)[1],
    )
    assert (finding.severity, as_error.severity) == (Severity.WARNING, Severity.ERROR)


def test_what_a_reader_reports_of_the_others_is_reported_here() -> None:
    _, findings = checked(TEXTS["999"].replace("IK5*A", "IK5*Q"))
    assert "verdict_unknown" in {one.code for one in findings}


@pytest.mark.parametrize("mutant", OF_RULES, ids=str)
def test_the_whole_check_asks_every_rule_of_a_remittance(mutant: Mutant) -> None:
    report = Report()
    check(mutant.text, report)
    assert set(mutant.codes) <= {finding.code for finding in report.findings}


def test_a_valid_remittance_with_every_kind_of_claim_is_clean() -> None:
    report = Report()
    check(VALID, report)
    assert report.findings == ()

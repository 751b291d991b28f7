"""What single reasons mean to the rules (domain rules B1, C1)."""

import pytest

from app.domain.adjustments import is_reason_code
from app.domain.denial_reasons import (
    FORWARDED,
    PATIENT_UNKNOWN,
    REASONS,
    is_contractual,
    is_correctable,
    is_denial,
    is_non_covered,
    is_patient_share,
)
from tests.domain.decisions import adjustment


@pytest.mark.parametrize("code", ["CO-45", "PR-45", "CO-253", "OA-23", "OA-94", "PR-100", "CO-A2"])
def test_price_earlier_payers_and_payment_to_the_patient_are_contractual(code: str) -> None:
    assert is_contractual(adjustment(code, 10))
    assert not is_denial(adjustment(code, 10))


@pytest.mark.parametrize("code", ["PR-1", "PR-2", "PR-3", "PR-192", "PR"])
def test_the_patients_share_is_no_denial(code: str) -> None:
    assert is_patient_share(adjustment(code, 10))
    assert not is_denial(adjustment(code, 10))


@pytest.mark.parametrize("code", ["CO-1", "OA-192", "CO-16", "PR-96", "CO-97", "OA-18", "CO-29", "PI-B7", "CO-XYZ"])
def test_everything_else_is_a_denial_of_its_amount(code: str) -> None:
    assert is_denial(adjustment(code, 10))
    assert not is_denial(adjustment(code, -10))


@pytest.mark.parametrize("reason", ["16", "22", "29", "197", "252"])
def test_what_is_put_right_at_the_payer_is_so_under_any_group(reason: str) -> None:
    assert all(is_correctable(adjustment(f"{group}-{reason}", 10)) for group in ("CO", "OA", "PI", "PR"))


@pytest.mark.parametrize("reason", ["26", "27", "31", "96", "119", "204"])
def test_what_is_not_covered_is_so_under_patient_responsibility(reason: str) -> None:
    assert is_non_covered(adjustment(f"PR-{reason}", 10))
    assert not is_non_covered(adjustment(f"CO-{reason}", 10))


def test_the_tables_hold_codes_in_their_shape_and_words_of_our_own() -> None:
    assert all(is_reason_code(code) for code in (*REASONS, *PATIENT_UNKNOWN))
    assert all(reason.meaning.endswith(".") and len(reason.meaning) < 90 for reason in REASONS.values())
    assert {"MA07", "MA18", "N89"} == FORWARDED

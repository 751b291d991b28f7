"""Rejections as outcomes and next steps."""

import pytest

from app.domain.eligibility import CheckOutcome, PayerRejection
from app.domain.eligibility_rejections import FOLLOW_UPS, REASONS, UNKNOWN_REASON, reason_for

_CODES = (
    "04 15 33 35 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 "
    "76 77 78 79 80 97 98 T4"
)


def _rejection(code: str, follow_up: str | None = None) -> PayerRejection:
    return PayerRejection(loop="2100C", reason_code=code, follow_up_code=follow_up)


def test_every_code_of_the_271_has_an_outcome_and_a_sentence() -> None:
    assert sorted(REASONS) == sorted(_CODES.split())
    assert all(reason.what_to_do.endswith(".") for reason in REASONS.values())


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("42", CheckOutcome.PAYER_UNAVAILABLE),
        ("80", CheckOutcome.PAYER_UNAVAILABLE),
        ("71", CheckOutcome.BIRTH_DATE_MISMATCH),
        ("58", CheckOutcome.BIRTH_DATE_MISMATCH),
        ("73", CheckOutcome.NAME_MISMATCH),
        ("65", CheckOutcome.NAME_MISMATCH),
        ("72", CheckOutcome.MEMBER_ID_INVALID),
        ("64", CheckOutcome.MEMBER_ID_INVALID),
        ("67", CheckOutcome.MEMBER_NOT_FOUND),
        ("75", CheckOutcome.MEMBER_NOT_FOUND),
        ("76", CheckOutcome.MEMBER_NOT_FOUND),
        ("77", CheckOutcome.MEMBER_NOT_FOUND),
        ("74", CheckOutcome.PAYER_REJECTED),
        ("43", CheckOutcome.PROVIDER_NOT_RECOGNISED),
        ("51", CheckOutcome.PROVIDER_NOT_RECOGNISED),
        ("57", CheckOutcome.DATE_NOT_ACCEPTED),
        ("62", CheckOutcome.DATE_NOT_ACCEPTED),
        ("T4", CheckOutcome.PAYER_REJECTED),
        ("ZZ", CheckOutcome.PAYER_REJECTED),
    ],
)
def test_a_code_has_its_outcome(code: str, outcome: CheckOutcome) -> None:
    assert reason_for([_rejection(code)]).outcome is outcome


def test_the_most_specific_of_several_rejections_decides() -> None:
    rejections = [_rejection("42"), _rejection("75"), _rejection("71")]
    assert reason_for(rejections).outcome is CheckOutcome.BIRTH_DATE_MISMATCH


def test_the_payers_follow_up_stands_behind_the_sentence() -> None:
    assert reason_for([_rejection("72", "W")]).what_to_do == f"{REASONS['72'].what_to_do} {FOLLOW_UPS['W']}"


def test_without_a_known_code_the_payer_is_to_be_called() -> None:
    assert reason_for([]) == UNKNOWN_REASON
    assert reason_for([_rejection("", "?")]) == UNKNOWN_REASON

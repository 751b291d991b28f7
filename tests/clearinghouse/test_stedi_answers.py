"""What Stedi's answers have in common: the wait they ask for, and what kind of X12 they hold."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearinghouse.stedi_answers import kind_of, retry_after
from tests.clearinghouse.answers import A271, A277, A999, ATA1, ISA, answer


def test_a_wait_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    assert retry_after(answer(503, {}, **{"retry-after": soon})) in range(117, 122)


@given(st.text(max_size=40) | st.from_regex(r"\A-?[0-9]{1,400}\Z"))
def test_any_wait_is_none_or_between_a_second_and_an_hour(text: str) -> None:
    seconds = retry_after(answer(503, {}, **{"retry-after": text}))
    assert seconds is None or 1 <= seconds <= 3600


@pytest.mark.parametrize(
    ("x12", "kind"),
    [
        (A271, "HB"),
        (A277, "HN"),
        (A999, "FA"),
        (ATA1, "TA1"),
        ("\n" + A277.replace("~", "~\r\n"), "HN"),
        (A277.replace("*", "|").replace("~", "\n"), "HN"),
        (ISA, ""),
        ("", ""),
        (None, ""),
        ({"x12": A277}, ""),
        (A277 + "\ud800", ""),
    ],
)
def test_the_kind_of_an_interchange_is_told_by_the_segment_after_its_isa(x12: object, kind: str) -> None:
    assert kind_of(x12) == kind

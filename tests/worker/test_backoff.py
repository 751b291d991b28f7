from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.worker.backoff import delay

attempts = st.integers(1, 10_000)
jitters = st.floats(0, 1, exclude_max=True)


@given(attempts, jitters)
def test_a_pause_is_never_shorter_than_a_second_nor_longer_than_seven_and_a_half_minutes(
    attempt: int, jitter: float
) -> None:
    assert timedelta(seconds=1) <= delay(attempt, jitter=jitter) <= timedelta(seconds=450)


@given(attempts, jitters)
def test_a_later_attempt_waits_no_shorter(attempt: int, jitter: float) -> None:
    assert delay(attempt + 1, jitter=jitter) >= delay(attempt, jitter=jitter)


def test_pauses_double_and_spread_by_half_each_way() -> None:
    assert [delay(attempt, jitter=0.5).total_seconds() for attempt in (1, 2, 3, 8, 9, 20)] == [2, 4, 8, 256, 300, 300]
    assert (delay(3, jitter=0).total_seconds(), delay(3, jitter=0.999).total_seconds()) == (4, 11.992)

"""When to try again after a failed attempt; pure."""

from datetime import timedelta

_LONGEST = 300.0
_FIRST = 2.0


def delay(attempt: int, *, jitter: float) -> timedelta:
    """Doubling from 2 s to 5 min, times 0.5 to 1.5 as `jitter` in [0, 1) says, so that failures do not march in step."""
    seconds: float = min(_LONGEST, _FIRST ** max(1, min(attempt, 20)))
    return timedelta(seconds=seconds * (0.5 + jitter))

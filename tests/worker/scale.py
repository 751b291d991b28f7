"""How often the crash tests repeat: a few times in `make test`, and as often as was promised with the full scale."""

import os


def is_full_scale() -> bool:
    """CROSSOVER_TEST_SCALE=full asks for the long run."""
    return os.environ.get("CROSSOVER_TEST_SCALE") == "full"


def times(usual: int, full: int) -> int:
    return full if is_full_scale() else usual

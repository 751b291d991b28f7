"""How often the crash tests repeat: a few times in `make test`, and as often as was promised with the full scale."""

import os


def times(usual: int, full: int) -> int:
    """CROSSOVER_TEST_SCALE=full asks for the long run."""
    return full if os.environ.get("CROSSOVER_TEST_SCALE") == "full" else usual

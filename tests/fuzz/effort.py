"""How much is tried: a little in the suite, and as much as one likes by hand.

`FUZZ=50 pytest tests/fuzz` tries fifty times as many requests, and `FUZZ_SEED=7` other ones. The same seed tries the
same requests again.
"""

import os

EFFORT = int(os.environ.get("FUZZ", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))


def seeds(count: int) -> list[int]:
    """The seeds of this many runs at the usual effort; each stands for a sequence of requests."""
    return [SEED * 1_000_000 + n for n in range(count * EFFORT)]

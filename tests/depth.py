"""How often tests of wild inputs try: a run of everything is short, a search for faults is deep.

`TEST_DEPTH=20 pytest tests/loading/test_pollution.py` tries twenty times as many.
"""

from __future__ import annotations

import os


def tries(usual: int) -> int:
    """Return how many examples to try, where a usual run tries so many."""
    return usual * int(os.environ.get("TEST_DEPTH", "1"))

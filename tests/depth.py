"""How often tests of wild inputs try: a run of everything is short, a search for faults is deep.

`TEST_DEPTH=20 pytest tests/loading/test_pollution.py` tries twenty times as many, and
`TEST_DEPTH=2 pytest -m spark tests` compares all combinations, of which a usual run takes some.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def tries(usual: int) -> int:
    """Return how many examples to try, where a usual run tries so many."""
    return usual * int(os.environ.get("TEST_DEPTH", "1"))


def some(every_one: Sequence[_T], one_of: int, start: int = 0) -> list[_T]:
    """Return those that a usual run takes: one of so many, from a place on; a deep run takes all."""
    return list(every_one) if tries(1) > 1 else list(every_one)[start % one_of :: one_of]

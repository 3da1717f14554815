"""A bound on the processor's time that a slow machine, or a busy one, does not break.

A bound is said for a usual machine: far above what the work takes, far below what its square would.
Where it is passed, the machine is asked how slow it is at that moment, and the bound grows with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

YARDSTICK_S = 0.1
"""What the yardstick takes on a usual machine."""


@contextmanager
def quick(seconds: float, what: object = "") -> Iterator[None]:
    """Fail if the block takes more of the processor than it would on a machine as slow as this."""
    began = time.process_time()
    yield
    took = time.process_time() - began
    assert is_quick(took, seconds), (what, took)


def is_quick(took: float, seconds: float) -> bool:
    """Tell whether what took so much of the processor is below its bound, here and now."""
    return took < seconds or took < seconds * _slowness()


def _slowness() -> float:
    """Return how many times as long as on a usual machine work takes here and now, at least 1."""
    return max(1.0, *(_yardstick() / YARDSTICK_S for _ in range(3)))


def _yardstick() -> float:
    """Return the seconds that a fixed piece of work takes: texts, objects and signs, as in reading."""
    began = time.process_time()
    text = json.dumps([{"a": [n, str(n)]} for n in range(40_000)])
    signs = 0
    for sign in text:
        signs += sign in "{}"
    assert signs == 2 * len(json.loads(text))
    return time.process_time() - began

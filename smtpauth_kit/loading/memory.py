"""How often Python looks for what nobody needs any more, while facts are made by the million."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_seldom() -> None:
    """Have Python look seldom for objects that point at one another in a circle: facts never do."""
    gc.set_threshold(100_000, 20, 20)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Do so inside a block: looking as often as usual takes a fifth of the time of staging a trace.

    Examples
    --------
    >>> before = gc.get_threshold()
    >>> with collecting_seldom():
    ...     inside = gc.get_threshold()
    >>> inside, gc.get_threshold() == before
    ((100000, 20, 20), True)
    """
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)

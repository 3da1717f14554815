"""Who hears how far slow work is, without being handed through all that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

Tell = Callable[[float], None]
"""Hears what share is done, 0 to 1; what it raises ends the work."""


def _nobody(share: float) -> None:
    """Hear nothing."""


_HEARER: Final[ContextVar[Tell]] = ContextVar("hearer", default=_nobody)


def hearer() -> Tell:
    """Return who is to hear of slow work that is begun here."""
    return _HEARER.get()


@contextmanager
def heard_by(tell: Tell) -> Iterator[None]:
    """Let `tell` hear how far slow work is that the block, on this thread, has to wait for.

    Examples
    --------
    >>> heard = []
    >>> with heard_by(heard.append):
    ...     hearer()(0.5)
    >>> heard
    [0.5]
    """
    token = _HEARER.set(tell)
    try:
        yield
    finally:
        _HEARER.reset(token)

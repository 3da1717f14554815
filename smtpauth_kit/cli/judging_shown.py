"""On a terminal, how far the work is that a command has to wait for: judging, and any other."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from smtpauth_kit.base.hearing import heard_by

SHOWN_AFTER_S: Final = 1.0
"""Seconds of judging that need no bar."""


@contextmanager
def judging_shown() -> Iterator[None]:
    """Show a bar where a command judges for more than a second, as a load shows one.

    Only on a terminal: a script reads what a command prints, and nobody waits for it. Ctrl-C stops
    the command, which changes nothing.
    """
    with work_shown("looking for unusual activity (Ctrl-C stops)") as tell, heard_by(tell):
        yield


@contextmanager
def work_shown(what: str) -> Iterator[Callable[[float], None]]:
    """Yield what is told the share done of some work; a bar shows it after a second of it."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    with ExitStack() as stack:
        yield _bar(stack, what)


def _bar(stack: ExitStack, what: str) -> Callable[[float], None]:
    """Return what shows a share; the bar, made when it is wanted first, goes as it is complete."""
    began: float | None = None
    move: Callable[[float], None] | None = None

    def tell(share: float) -> None:
        nonlocal began, move
        now = time.monotonic()
        began = now if began is None else began
        if share >= 1.0:
            began = move = None
            stack.close()
            return
        if move is None and now - began > SHOWN_AFTER_S:
            move = _shown(stack, what)
        if move is not None:
            move(share)

    return tell


def _shown(stack: ExitStack, what: str) -> Callable[[float], None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    stack.enter_context(bar)
    task = bar.add_task(what, total=1.0)
    return lambda share: bar.update(task, completed=share)

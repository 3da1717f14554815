"""On a terminal, how far the judging is that a command has to wait for."""

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
    if not sys.stderr.isatty():
        yield
        return
    with ExitStack() as stack, heard_by(_bar(stack)):
        yield


def _bar(stack: ExitStack) -> Callable[[float], None]:
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
            move = _shown(stack)
        if move is not None:
            move(share)

    return tell


def _shown(stack: ExitStack) -> Callable[[float], None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    stack.enter_context(bar)
    task = bar.add_task("looking for unusual activity (Ctrl-C stops)", total=1.0)
    return lambda share: bar.update(task, completed=share)

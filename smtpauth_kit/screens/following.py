"""A screen follows its store: after a load, by whomever, it asks again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import ipywidgets as W

from smtpauth_kit.screens.asking import in_turn
from smtpauth_kit.store.engine import Engine

EVERY_S: Final = 1.0
"""Seconds between two looks at the store's file: looking takes some microseconds."""


class Following:
    """Looks now and then whether the store holds other facts than before, while a screen is open.

    It looks only where an event loop runs, as in a notebook; `look` does so at once.

    Examples
    --------
    >>> screen, heard = W.VBox(), []
    >>> following = Following(store, screen, lambda: heard.append("another"))
    >>> following.look()
    >>> heard
    []
    """

    def __init__(self, store: Engine, screen: W.Widget, changed: Callable[[], None]) -> None:
        self._store, self._screen, self._changed = store, screen, changed
        self._edition = store.edition_now()
        self._again()

    @in_turn
    def look(self) -> None:
        """Look at the store, and say so if it is another one than at the last look."""
        if (edition := self._store.edition_now()) not in ("", self._edition):
            self._edition = edition
            self._changed()

    def _again(self) -> None:
        try:
            asyncio.get_running_loop().call_later(EVERY_S, self._look_and_go_on)
        except RuntimeError:
            return  # A script: each question asks the store as it is then.

    def _look_and_go_on(self) -> None:
        if self._screen.comm is None:  # It was closed.
            return
        try:
            self.look()
        finally:
            self._again()

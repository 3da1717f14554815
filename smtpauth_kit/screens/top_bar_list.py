"""A list in a screen's top bar: it follows what an answer offers, and tells what is picked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import ipywidgets as W

from smtpauth_kit.screens.asking import in_turn


class TopBarList(W.Dropdown):  # type: ignore[misc]
    """A list with a label, hidden while there is nothing to choose; `pick` hears what is picked.

    Examples
    --------
    >>> heard = []
    >>> days = TopBarList("Days", "smtpauth-days", heard.append)
    >>> days.offer([("All", 0), ("7", 7)], 0)
    >>> days.value = 7
    >>> heard
    [7]
    """

    def __init__(self, label: str, css_class: str, pick: Callable[[Any], None]) -> None:
        self._following = True
        self._offered: list[tuple[str, Hashable]] = []
        super().__init__(description=label, style={"description_width": "initial"}, options=[])
        self.add_class(css_class)
        self.layout.display = "none"
        self._following = False
        self.observe(in_turn(lambda change: self._picked(change, pick)), "value")

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._offered)

    def offer(self, choices: Sequence[tuple[str, Hashable]], chosen: Hashable) -> None:
        """Offer choices, each a title and its value, and show the one that is chosen."""
        self._following = True
        try:
            if [*choices] != self._offered:
                self._offered = self.options = [*choices]
            self.value = chosen if choices else None
            self.layout.display = None if choices else "none"
        finally:
            self._following = False

    def _picked(self, change: Any, pick: Callable[[Any], None]) -> None:
        if not self._following and change["new"] is not None:
            pick(change["new"])

"""The switch in a screen's top bar that chooses the source of its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as W

from smtpauth_kit.words.words import Words


class SourceSwitch(W.Dropdown):  # type: ignore[misc]
    """A list of sources; hidden while there is nothing to choose.

    `pick` hears what is chosen, "auto" or the name of a source.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> heard = []
    >>> switch = SourceSwitch(speak("en"), heard.append)
    >>> switch.follow([("Automatic", "auto"), ("report", "report")], "auto")
    >>> switch.value = "report"
    >>> heard
    ['report']
    """

    def __init__(self, words: Words, pick: Callable[[str], None]) -> None:
        self._following = True
        self._offered: list[tuple[str, str]] = []
        super().__init__(
            description=words("Source"), style={"description_width": "initial"}, options=[]
        )
        self.add_class("smtpauth-source")
        self.layout.display = "none"
        self._following = False
        self.observe(lambda change: self._picked(change, pick), "value")

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._offered)

    def follow(self, choices: Sequence[Sequence[str]], chosen: str) -> None:
        """Offer the choices of an answer, and show the one that is chosen."""
        self._following = True
        try:
            offered = [(text, source) for text, source in choices]
            if offered != self._offered:
                self._offered = self.options = offered
            self.value = chosen if offered else None
            self.layout.display = None if offered else "none"
        finally:
            self._following = False

    def _picked(self, change: Any, pick: Callable[[str], None]) -> None:
        if not self._following and change["new"] is not None:
            pick(change["new"])

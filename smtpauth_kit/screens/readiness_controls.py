"""The controls above the list of senders at stake: they set its filters, and show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as W

from smtpauth_kit.base.conditions import Clause, parse_clause
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.list_controls import ListControls, dropdown
from smtpauth_kit.screens.source_switch import SourceSwitch
from smtpauth_kit.views import readiness
from smtpauth_kit.views.readiness import NOTHING_CHOSEN
from smtpauth_kit.words.words import Words

_MOVED: Final = "moved = 1"


class ReadinessControls(ListControls):
    """Source, what it stops with, state, domain, first and last day; `pick` hears what is chosen.

    What it stops with and the state are conditions, as `smtpauth show readiness --where` has them:
    others, which only a cell can set, stay as they are.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> heard = []
    >>> controls = ReadinessControls(speak("en"), lambda chosen: heard.append(chosen))
    >>> controls.breaks.value = "breaks = basic_off"
    >>> [str(clause) for clause in heard[0]["where"]]
    ['breaks = basic_off']
    """

    def __init__(self, words: Words, pick: Callable[[dict[str, Any]], None]) -> None:
        self._where = tuple[Clause, ...]()
        marks = readiness.MARKS
        breaks = [
            (f"{marks[code]} {words(title)}", f"breaks = {code}")
            for code, title in readiness.BREAK_TITLES.items()
        ]
        breaks = [(words("Anything"), ""), *breaks, (f"\u2713 {words('Moved')}", _MOVED)]
        states = [
            (words(title), f"state = {name}") for name, title in readiness.STATE_TITLES.items()
        ]
        self.breaks = dropdown(words("Stops with"), breaks)
        self.state = dropdown(words("State"), [(words("All states"), ""), *states])
        self.source = SourceSwitch(words, lambda source: pick({"source": source}))
        own = {"source": self.source, "breaks": self.breaks, "state": self.state}
        super().__init__(words, pick, NOTHING_CHOSEN, own)
        self.on(self.breaks, lambda text: self._with(self.breaks, text))
        self.on(self.state, lambda text: self._with(self.state, text))

    def offer(self, sources: Sequence[Sequence[str]], chosen: str) -> None:
        """Offer the sources of an answer, and show the one that is chosen."""
        self.source.follow(sources, chosen)

    def _with(self, control: W.Dropdown, text: str) -> dict[str, Any]:
        """Return the conditions with that of a control instead of the one that it had."""
        own = {choice for _, choice in control.options}
        others = tuple(each for each in self._where if str(each) not in own)
        self._where = (*others, parse_clause(text)) if text else others
        return {"where": self._where}

    def _show_own(self, filters: Filters) -> None:
        self._where = filters.where
        for control in (self.breaks, self.state):
            own = {choice for _, choice in control.options}
            control.value = next((str(c) for c in filters.where if str(c) in own), "")

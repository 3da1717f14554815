"""The controls above the list of senders at stake: they set its filters, and show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as W

from smtpauth_kit.base.conditions import Clause, parse_clause
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.views import readiness
from smtpauth_kit.views.readiness import NOTHING_CHOSEN
from smtpauth_kit.words.words import Words

_WHOLE_LABEL: Final = {"style": {"description_width": "initial"}}

_MOVED: Final = "moved = 1"


class ReadinessControls:
    """What it stops with, state, sender domain, first and last day; `pick` hears what is chosen.

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
        self._pick, self._following, self._where = pick, False, tuple[Clause, ...]()
        marks = readiness.MARKS
        breaks = [
            (f"{marks[code]} {words(title)}", f"breaks = {code}")
            for code, title in readiness.BREAK_TITLES.items()
        ]
        breaks = [(words("Anything"), ""), *breaks, (f"\u2713 {words('Moved')}", _MOVED)]
        states = [
            (words(title), f"state = {name}") for name, title in readiness.STATE_TITLES.items()
        ]
        states = [(words("All states"), ""), *states]
        self.breaks = W.Dropdown(options=breaks, description=words("Stops with"), **_WHOLE_LABEL)
        self.state = W.Dropdown(options=states, description=words("State"), **_WHOLE_LABEL)
        self.domain = W.Combobox(
            description=words("Sender domain"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_WHOLE_LABEL,
        )  # fmt: skip
        self.start = W.DatePicker(description=words("Start date"), **_WHOLE_LABEL)
        self.end = W.DatePicker(description=words("End date"), **_WHOLE_LABEL)
        self.all = W.Button(description=words("Take all off"))
        shown = ("breaks", "state", "domain", "start", "end", "all")
        for name in shown:
            getattr(self, name).add_class(f"smtpauth-{name}")
        self.bar = W.HBox([getattr(self, name) for name in shown])
        self.bar.add_class("smtpauth-bar")
        self._listen()

    def _listen(self) -> None:
        def on(control: W.Widget, fields: Callable[[Any], dict[str, Any]]) -> None:
            def react(change: Any) -> None:
                if not self._following:
                    self._pick(fields(change["new"]))

            control.observe(react, "value")

        on(self.breaks, lambda text: self._with(self.breaks, text))
        on(self.state, lambda text: self._with(self.state, text))
        on(self.domain, lambda name: {"domains": (name,) if name else ()})
        on(self.start, lambda day: {"start": day})
        on(self.end, lambda day: {"end": day, "as_of": None})
        self.all.on_click(lambda _: self._pick(NOTHING_CHOSEN))

    def _with(self, control: W.Dropdown, text: str) -> dict[str, Any]:
        """Return the conditions with that of a control instead of the one that it had."""
        own = {choice for _, choice in control.options}
        others = tuple(each for each in self._where if str(each) not in own)
        self._where = (*others, parse_clause(text)) if text else others
        return {"where": self._where}

    def follow(self, filters: Filters, domains: Sequence[str]) -> None:
        """Show filters, whoever set them; `domains` are all that are loaded."""
        self._following, self._where = True, filters.where
        try:
            for control in (self.breaks, self.state):
                own = {choice for _, choice in control.options}
                control.value = next((str(c) for c in filters.where if str(c) in own), "")
            listed = (*domains, *(name for name in filters.domains if name not in domains))
            if self.domain.options != listed:
                self.domain.options = listed
            self.domain.value = filters.domains[0] if len(filters.domains) == 1 else ""
            self.start.value, self.end.value = filters.start, filters.end or filters.as_of
            is_narrowed = any(getattr(filters, name) != no for name, no in NOTHING_CHOSEN.items())
            self.all.layout.display = None if is_narrowed else "none"
        finally:
            self._following = False

"""The controls above the list of incidents: they set its filters, and show what these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as W

from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES
from smtpauth_kit.answers.findings.states import STATES
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.list_controls import ListControls, dropdown
from smtpauth_kit.views import findings
from smtpauth_kit.views.findings import NOTHING_CHOSEN
from smtpauth_kit.words.words import Words


class FindingsControls(ListControls):
    """Severity, state, rule, sender domain, first and last day; `pick` hears what is chosen.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> heard = []
    >>> controls = FindingsControls(speak("en"), heard.append)
    >>> controls.severity.value = "high"
    >>> heard
    [{'severities': ('high',)}]
    """

    def __init__(self, words: Words, pick: Callable[[dict[str, Any]], None]) -> None:
        severities = [(findings.severity_text(name, words), name) for name in SEVERITIES]
        states = [(words(findings.STATE_TITLES[name]), name) for name in STATES]
        rules = sorted((findings.title(name, words), name) for name in RULES)
        self.severity = dropdown(words("Severity"), [(words("All severities"), ""), *severities])
        self.state = dropdown(words("State"), [(words("All states"), "all"), *states])
        self.rule = dropdown(words("Rule"), [(words("All rules"), ""), *rules])
        own = {"severity": self.severity, "state": self.state, "rule": self.rule}
        super().__init__(words, pick, NOTHING_CHOSEN, own)
        self.on(self.severity, lambda name: {"severities": (name,) if name else ()})
        self.on(self.state, lambda name: {"state": name})
        self.on(self.rule, lambda name: {"rules": (name,) if name else ()})

    def _show_own(self, filters: Filters) -> None:
        _show(self.severity, filters.severities, self._words)
        _show(self.rule, filters.rules, self._words)
        self.state.value = filters.state if filters.state in STATES else "all"


def _show(control: W.Dropdown, chosen: tuple[str, ...], words: Words) -> None:
    """Show what is chosen; several, which only a cell can choose, as an entry of their own."""
    known = [(text, name) for text, name in control.options if "\n" not in name]
    value = "\n".join(chosen)
    if len(chosen) > 1:
        known.append((words("{n} chosen", n=len(chosen)), value))
    if control.options != tuple(known):
        control.options = known
    control.value = value if value in {name for _, name in known} else ""

"""The controls above the list of incidents: they set its filters, and show what these are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets as W

from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES
from smtpauth_kit.answers.findings.states import STATES
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.views import findings
from smtpauth_kit.views.findings import NOTHING_CHOSEN
from smtpauth_kit.words.words import Words

_WHOLE_LABEL: Final = {"style": {"description_width": "initial"}}


class FindingsControls:
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
        self._words, self._pick, self._following = words, pick, False
        severities = [(findings.severity_text(name, words), name) for name in SEVERITIES]
        states = [(words(findings.STATE_TITLES[name]), name) for name in STATES]
        rules = sorted((findings.title(name, words), name) for name in RULES)
        self.severity = _list(words("Severity"), [(words("All severities"), ""), *severities])
        self.state = _list(words("State"), [(words("All states"), "all"), *states])
        self.rule = _list(words("Rule"), [(words("All rules"), ""), *rules])
        self.domain = W.Combobox(
            description=words("Sender domain"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_WHOLE_LABEL,
        )  # fmt: skip
        self.start = W.DatePicker(description=words("Start date"), **_WHOLE_LABEL)
        self.end = W.DatePicker(description=words("End date"), **_WHOLE_LABEL)
        self.all = W.Button(description=words("Take all off"))
        for name in ("severity", "state", "rule", "domain", "start", "end", "all"):
            getattr(self, name).add_class(f"smtpauth-{name}")
        self.bar = W.HBox(
            [self.severity, self.state, self.rule, self.domain, self.start, self.end, self.all]
        )
        self.bar.add_class("smtpauth-bar")
        self._listen()

    def _listen(self) -> None:
        def on(control: W.Widget, fields: Callable[[Any], dict[str, Any]]) -> None:
            def react(change: Any) -> None:
                if not self._following:
                    self._pick(fields(change["new"]))

            control.observe(react, "value")

        on(self.severity, lambda name: {"severities": (name,) if name else ()})
        on(self.state, lambda name: {"state": name})
        on(self.rule, lambda name: {"rules": (name,) if name else ()})
        on(self.domain, lambda name: {"domains": (name,) if name else ()})
        on(self.start, lambda day: {"start": day})
        on(self.end, lambda day: {"end": day, "as_of": None})
        self.all.on_click(lambda _: self._pick(NOTHING_CHOSEN))

    def follow(self, filters: Filters, domains: Sequence[str]) -> None:
        """Show filters, whoever set them; `domains` are all that are loaded."""
        self._following = True
        try:
            _show(self.severity, filters.severities, self._words)
            _show(self.rule, filters.rules, self._words)
            self.state.value = filters.state if filters.state in STATES else "all"
            listed = (*domains, *(name for name in filters.domains if name not in domains))
            if self.domain.options != listed:
                self.domain.options = listed
            self.domain.value = filters.domains[0] if len(filters.domains) == 1 else ""
            self.start.value, self.end.value = filters.start, filters.end or filters.as_of
            is_narrowed = any(getattr(filters, name) != no for name, no in NOTHING_CHOSEN.items())
            self.all.layout.display = None if is_narrowed else "none"
        finally:
            self._following = False


def _list(description: str, options: list[tuple[str, str]]) -> W.Dropdown:
    return W.Dropdown(options=options, description=description, **_WHOLE_LABEL)


def _show(control: W.Dropdown, chosen: tuple[str, ...], words: Words) -> None:
    """Show what is chosen; several, which only a cell can choose, as an entry of their own."""
    known = [(text, name) for text, name in control.options if "\n" not in name]
    value = "\n".join(chosen)
    if len(chosen) > 1:
        known.append((words("{n} chosen", n=len(chosen)), value))
    if control.options != tuple(known):
        control.options = known
    control.value = value if value in {name for _, name in known} else ""

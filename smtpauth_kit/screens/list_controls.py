"""The controls above a list of what was found: they set its filters, and show what these are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import ipywidgets as W

from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.asking import in_turn
from smtpauth_kit.words.words import Words

_WHOLE_LABEL: Final = {"style": {"description_width": "initial"}}


def dropdown(description: str, options: Sequence[tuple[str, str]]) -> W.Dropdown:
    """Return a list to choose one from, with its whole label."""
    return W.Dropdown(options=options, description=description, **_WHOLE_LABEL)


class ListControls:
    """A list's own controls, then sender domain, first and last day, and what takes all off.

    `pick` hears what is chosen, by the names of `Filters`; `nothing` are the values of the fields
    that choose nothing.
    """

    def __init__(
        self,
        words: Words,
        pick: Callable[[dict[str, Any]], None],
        nothing: Mapping[str, Any],
        own: Mapping[str, W.Dropdown],
    ) -> None:
        self._words, self._pick, self._nothing = words, pick, nothing
        self._following = False
        self.domain = W.Combobox(
            description=words("Sender domain"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_WHOLE_LABEL,
        )  # fmt: skip
        self.start = W.DatePicker(description=words("Start date"), **_WHOLE_LABEL)
        self.end = W.DatePicker(description=words("End date"), **_WHOLE_LABEL)
        self.all = W.Button(description=words("Take all off"))
        usual = {"domain": self.domain, "start": self.start, "end": self.end, "all": self.all}
        shown = {**own, **usual}
        for name, control in shown.items():
            control.add_class(f"smtpauth-{name}")
        self.bar = W.HBox(list(shown.values()))
        self.bar.add_class("smtpauth-bar")
        self.on(self.domain, lambda name: {"domains": (name,) if name else ()})
        self.on(self.start, lambda day: {"start": day})
        self.on(self.end, lambda day: {"end": day, "as_of": None})
        self.all.on_click(in_turn(lambda _: self._pick(dict(self._nothing))))

    def on(self, control: W.Widget, fields: Callable[[Any], dict[str, Any]]) -> None:
        """Let `pick` hear the fields that a control's new value means, when a person sets it."""

        def react(change: Any) -> None:
            if not self._following:
                self._pick(fields(change["new"]))

        control.observe(in_turn(react), "value")

    def follow(self, filters: Filters, domains: Sequence[str]) -> None:
        """Show filters, whoever set them; `domains` are all that are loaded."""
        self._following = True
        try:
            self._show_own(filters)
            listed = (*domains, *(name for name in filters.domains if name not in domains))
            if self.domain.options != listed:
                self.domain.options = listed
            self.domain.value = filters.domains[0] if len(filters.domains) == 1 else ""
            self.start.value, self.end.value = filters.start, filters.end or filters.as_of
            is_narrowed = any(getattr(filters, name) != no for name, no in self._nothing.items())
            self.all.layout.display = None if is_narrowed else "none"
        finally:
            self._following = False

    def _show_own(self, filters: Filters) -> None:
        """Show filters in the controls that are the list's own."""

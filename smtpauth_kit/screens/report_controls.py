"""The controls above a report: they set its traits, and show what these are set to."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Protocol

import ipywidgets as W

from smtpauth_kit.answers import Scope
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import DEFAULT_DAYS
from smtpauth_kit.screens.asking import in_turn
from smtpauth_kit.screens.presets import OWN, PRESETS, TITLES, preset_of
from smtpauth_kit.screens.report_answer import ReportAnswer
from smtpauth_kit.screens.report_question import ReportQuestion
from smtpauth_kit.screens.source_switch import SourceSwitch
from smtpauth_kit.screens.tenant_switch import TenantSwitch
from smtpauth_kit.views.registry import CHOICES, NAMED
from smtpauth_kit.views.source_choice import source_choices
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words, languages, speak

PERIODS: Final = (DEFAULT_DAYS, 30, 90, "all", "own")
_LISTED: Final = 30
"""Of more sender domains than these one is found by typing, not chosen from a list."""
_WHOLE_LABEL: Final = {"style": {"description_width": "initial"}}


class Screen(Protocol):
    """What the controls set and read of a report screen."""

    filters: Filters
    view: str
    as_table: bool
    language: str

    @property
    def scope(self) -> Scope | None:
        """What the figures on screen hold for."""

    def say(self, text: str) -> None:
        """Show nothing but a sentence."""

    def open_filters(self) -> None:
        """Open the filter panel."""

    def open_request(self) -> None:
        """Open the request panel."""

    def download(self, form: str) -> None:
        """Hand a file of what is on screen to the browser."""


class Controls:
    """The dropdowns, dates and buttons above a report."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.domains: tuple[str, ...] = ()
        self._following = False
        everyone = [(words("All sender domains"), "")]
        views = [(words(NAMED[name].title), name) for name in CHOICES]
        periods = [(_period_name(period, words), period) for period in PERIODS]
        self.domain = W.Dropdown(
            options=everyone, description=words("Show data for"), **_WHOLE_LABEL
        )
        self.domain_search = W.Combobox(
            description=words("Show data for"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_WHOLE_LABEL,
        )  # fmt: skip
        self.view = W.Dropdown(options=views, description=words("View data by"), **_WHOLE_LABEL)
        self.preset = W.Dropdown(
            options=_presets(words), description=words("Senders"), **_WHOLE_LABEL
        )
        self.period = W.Dropdown(options=periods, description=words("Period"), **_WHOLE_LABEL)
        self.start = W.DatePicker(description=words("Start date"), **_WHOLE_LABEL)
        self.end = W.DatePicker(description=words("End date"), **_WHOLE_LABEL)
        self.filters = W.Button(description=words("Filters"))
        self.details = W.Button(description=words("View details table"))
        self.request = W.Button(description=words("Request report"))
        self.csv = W.Button(description=words("Download CSV"))
        self.xlsx = W.Button(description=words("Download Excel"))
        named = [(speak(language).texts["(language)"], language) for language in languages()]
        self.language = W.Dropdown(
            options=named, value=words.language, description=words("Language"), **_WHOLE_LABEL
        )
        self.source = SourceSwitch(words, self._pick_source)
        self.tenant = TenantSwitch(words, self._pick_tenant)
        self._screen: Screen | None = None
        for name in (
            "domain", "view", "preset", "period", "start", "end", "filters", "details", "request",
            "csv", "xlsx", "language",
        ):  # fmt: skip
            getattr(self, name).add_class(f"smtpauth-{name}")
        self.domain_search.add_class("smtpauth-domain")
        self.buttons = W.HBox([self.request, self.csv, self.xlsx, self.filters, self.details])
        self.buttons.add_class("smtpauth-bar-buttons")
        self.bar = W.HBox([])
        self.bar.add_class("smtpauth-bar")
        self._arrange(self.domain)

    def _arrange(self, domain: W.Widget) -> None:
        rest = (
            self.view, self.preset, self.period, self.start, self.end, self.language, self.source,
        )  # fmt: skip
        self.bar.children = (domain, *rest, self.tenant, self.buttons)

    def listen(self, screen: Screen) -> None:
        """Let the controls change the screen's traits."""
        self._screen = screen

        def on(control: W.Widget, react: Any) -> None:
            heard = in_turn(lambda change: None if self._following else react(change["new"]))
            control.observe(heard, "value")

        def on_click(button: W.Button, do: Any) -> None:
            button.on_click(in_turn(lambda _: do()))

        def pick(**chosen: Any) -> None:
            screen.filters = screen.filters.changed(**chosen)

        on(self.domain, lambda name: pick(domains=tuple(filter(None, name.split("\n")))))
        on(self.domain_search, lambda name: pick(domains=(name,) if name else ()))
        on(self.view, lambda view: setattr(screen, "view", view))
        on(self.preset, lambda preset: self._pick_preset(screen, preset))
        on(self.period, lambda period: self._pick_period(screen, period))
        on(self.start, lambda _: self._pick_days(screen))
        on(self.end, lambda _: self._pick_days(screen))
        on_click(self.details, lambda: setattr(screen, "as_table", not screen.as_table))
        on(self.language, lambda language: setattr(screen, "language", language))
        on_click(self.filters, screen.open_filters)
        on_click(self.request, screen.open_request)
        on_click(self.csv, lambda: screen.download("csv"))
        on_click(self.xlsx, lambda: screen.download("xlsx"))

    def _pick_preset(self, screen: Screen, preset: str) -> None:
        if preset in PRESETS:
            screen.filters = screen.filters.changed(senders=PRESETS[preset])

    def _pick_source(self, source: str) -> None:
        if self._screen is not None and not self._following:
            self._screen.filters = self._screen.filters.changed(source=source)

    def _pick_tenant(self, chosen: dict[str, Any]) -> None:
        if self._screen is not None and not self._following:
            self._screen.filters = self._screen.filters.changed(**chosen)

    def _pick_period(self, screen: Screen, period: int | str) -> None:
        scope = screen.scope
        if scope is None or scope.newest is None or period == "own":
            return
        days: dict[str, dt.date | None] = {"start": None, "end": None}
        if period == "all":
            days = {"start": scope.oldest, "end": scope.newest}
        elif period != DEFAULT_DAYS:
            first = scope.newest - dt.timedelta(days=int(period) - 1)
            days = {"start": first, "end": scope.newest}
        screen.filters = screen.filters.changed(as_of=None, **days)

    def _pick_days(self, screen: Screen) -> None:
        """Filter by the days once both are chosen; days in the wrong order are only said to be."""
        start, end = self.start.value, self.end.value
        if start and end and start > end:
            screen.say(self._words("The end date is before the start date."))
        elif start and end:
            screen.filters = screen.filters.changed(start=start, end=end)

    def follow(self, question: ReportQuestion, answer: ReportAnswer | None) -> None:
        """Show the screen's question, whoever asked it; `answer` is the one shown last."""
        self._following = True
        try:
            if answer is not None and answer.domains:
                self.domains = answer.domains
            if answer is not None:
                self.tenant.follow(answer.tenants, question.filters.tenants)
            self._follow_domain(question.filters.domains)
            self.view.value = question.view
            self.preset.value = preset_of(question.filters.senders)
            # The days of an answer to other filters are not those asked for.
            is_same = answer is not None and answer.question.filters == question.filters
            if answer is not None and is_same and (scope := answer.scope) is not None:
                self.start.value, self.end.value = scope.start, scope.end
                self.period.value = _period_of(scope)
                self.source.follow(source_choices(scope, self._words), question.filters.source)
            title = "View report" if question.as_table else "View details table"
            self.details.description = self._words(title)
        finally:
            self._following = False

    def _follow_domain(self, chosen: tuple[str, ...]) -> None:
        searched = len(self.domains) > _LISTED
        control = self.domain_search if searched else self.domain
        if self.bar.children[0] is not control:
            self._arrange(control)
        listed = [*self.domains, *(name for name in chosen if name not in self.domains)]
        if searched:
            if self.domain_search.options != tuple(listed):
                self.domain_search.options = listed
            self.domain_search.value = chosen[0] if len(chosen) == 1 else ""
            return
        options = [(self._words("All sender domains"), "")]
        options += [(show_invisible(name), name) for name in listed]
        if len(chosen) > 1:
            options.append((", ".join(map(show_invisible, chosen)), "\n".join(chosen)))
        if self.domain.options != tuple(options):
            self.domain.options = options
        self.domain.value = "\n".join(chosen)


def _presets(words: Words) -> list[tuple[str, str]]:
    return [
        *((words(title), name) for name, title in TITLES.items()),
        (words("Own conditions"), OWN),
    ]


def _period_name(period: int | str, words: Words) -> str:
    if isinstance(period, int):
        return words("Last {n} days", n=period)
    return words("All days") if period == "all" else words("Own dates")


def _period_of(scope: Scope) -> int | str:
    """Return which entry of the period dropdown a range is."""
    if scope.start is None or scope.end is None or scope.end != scope.newest:
        return "own"
    days = (scope.end - scope.start).days + 1
    if days in PERIODS:
        return days
    return "all" if scope.start == scope.oldest else "own"

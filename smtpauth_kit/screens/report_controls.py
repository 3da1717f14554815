"""The controls above a report; they only write and follow its traits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as W

from smtpauth_kit.answers import Scope
from smtpauth_kit.base.names import DEFAULT_DAYS
from smtpauth_kit.screens.report_question import Asked, Told
from smtpauth_kit.views.registry import CHOICES, NAMED
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words, languages, speak

if TYPE_CHECKING:
    from smtpauth_kit.screens.report_screen import ReportScreen

PERIODS: Final = (DEFAULT_DAYS, 30, 90, "all", "own")
_LISTED: Final = 30
"""Of more domains than these one is found by typing, not in a list."""
_OWN: Final = {"style": {"description_width": "initial"}}


class Controls:
    """The dropdowns, dates and buttons above a report."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.domains: tuple[str, ...] = ()
        self._following = False
        everyone = [(words("All sender domains"), "")]
        views = [(words(NAMED[name].title), name) for name in CHOICES]
        periods = [(_period_name(period, words), period) for period in PERIODS]
        self.domain = W.Dropdown(options=everyone, description=words("Show data for"), **_OWN)
        self.domain_search = W.Combobox(
            description=words("Show data for"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_OWN,
        )  # fmt: skip
        self.view = W.Dropdown(options=views, description=words("View data by"), **_OWN)
        self.period = W.Dropdown(options=periods, description=words("Period"), **_OWN)
        self.start = W.DatePicker(description=words("Start date"), **_OWN)
        self.end = W.DatePicker(description=words("End date"), **_OWN)
        self.filters = W.Button(description=words("Filters"))
        self.details = W.Button(description=words("View details table"))
        self.request = W.Button(description=words("Request report"))
        named = [(speak(language).texts["(language)"], language) for language in languages()]
        self.language = W.Dropdown(
            options=named, value=words.language, description=words("Language"), **_OWN
        )
        for name in (
            "domain", "view", "period", "start", "end", "filters", "details", "request", "language"
        ):  # fmt: skip
            getattr(self, name).add_class(f"smtpauth-{name}")
        self.domain_search.add_class("smtpauth-domain")
        self.bar = W.HBox([])
        self.bar.add_class("smtpauth-bar")
        self._arrange(self.domain)

    def _arrange(self, domain: W.Widget) -> None:
        rest = (
            self.view, self.period, self.start, self.end, self.language,
            self.request, self.filters, self.details,
        )  # fmt: skip
        self.bar.children = (domain, *rest)

    def listen(self, screen: ReportScreen) -> None:
        """Let the controls change the screen's traits."""

        def on(control: W.Widget, react: Any) -> None:
            control.observe(
                lambda change: None if self._following else react(change["new"]), "value"
            )

        def pick(**chosen: Any) -> None:
            screen.filters = screen.filters.changed(**chosen)

        on(self.domain, lambda name: pick(domains=tuple(filter(None, name.split("\n")))))
        on(self.domain_search, lambda name: pick(domains=(name,) if name else ()))
        on(self.view, lambda view: setattr(screen, "view", view))
        on(self.period, lambda period: self._pick_period(screen, period))
        on(self.start, lambda _: self._pick_days(screen))
        on(self.end, lambda _: self._pick_days(screen))
        self.details.on_click(lambda _: setattr(screen, "as_table", not screen.as_table))
        on(self.language, lambda language: setattr(screen, "language", language))
        self.filters.on_click(lambda _: screen.open_filters())
        self.request.on_click(lambda _: screen.open_request())

    def _pick_period(self, screen: ReportScreen, period: int | str) -> None:
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

    def _pick_days(self, screen: ReportScreen) -> None:
        """Ask for the days once both are there; a wrong order is said, and nothing is asked."""
        start, end = self.start.value, self.end.value
        if start and end and start > end:
            screen.say(self._words("The end date is before the start date."))
        elif start and end:
            screen.filters = screen.filters.changed(start=start, end=end)

    def follow(self, asked: Asked, told: Told | None) -> None:
        """Show what the screen is asked, whoever asked it; `told` is what it showed last."""
        self._following = True
        try:
            if told is not None and told.domains:
                self.domains = told.domains
            self._follow_domain(asked.filters.domains)
            self.view.value = asked.view
            scope = told.scope if told is not None and told.asked.filters == asked.filters else None
            if scope is not None:
                self.start.value, self.end.value = scope.start, scope.end
                self.period.value = _period_of(scope)
            title = "View report" if asked.as_table else "View details table"
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

"""The report screen: dropdowns and dates above, chart or details table below."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import ipywidgets as W
import pandas as pd
import traitlets as T

from smtpauth_kit import answers, charts, reports, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.errors import KitError, UsageError
from smtpauth_kit.schema import DEFAULT_DAYS, Filters
from smtpauth_kit.screens.views import View
from smtpauth_kit.store import Engine
from smtpauth_kit.tables import VIEWS
from smtpauth_kit.words import Words, show_invisible, speak

PERIODS: Final = (DEFAULT_DAYS, 30, 90, "all", "own")
_TREND: Final = "trend"


class ReportScreen(W.VBox):  # type: ignore[misc]
    """Microsoft's SMTP AUTH clients report, alive.

    `filters` is the whole question: set it from a cell, or let the controls set it. `view` and
    `as_table` say what is on screen; `scope` and `answer` hold what the chart shows, `senders` the
    rows of the details table once it is open.

    Examples
    --------
    >>> screen = ReportScreen(store)
    >>> screen.status
    '3 messages from 2 accounts, 2026-11-16 to 2026-11-22, source: submission log'
    >>> screen.filters = screen.filters.changed(domains=("fabrikam.com",))
    >>> screen.answer[["sender_domain", "message_count"]].values.tolist()
    [['fabrikam.com', 1]]
    """

    filters = T.Instance(Filters)
    view = T.Enum(VIEWS, default_value=VIEWS[0])
    as_table = T.Bool(False)

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self._store, self._language = store, language
        self._words = speak(language)
        self.scope: Scope | None = None
        self.senders = self.answer = pd.DataFrame()
        self._view = _report_view(self._words)
        self._controls = _Controls(self._words)
        title = W.HTML(f"<h2>{self._words('SMTP Auth clients report')}</h2>")
        super().__init__([title, self._controls.bar, self._view])
        for name in ("smtpauth", "smtpauth-screen", "smtpauth-card", "smtpauth-report"):
            self.add_class(name)
        self.set_trait("filters", filters or Filters())
        self._controls.listen(self)
        self._view.on_msg(self._hear)
        self.observe(lambda _: self._show(), ["filters", "view", "as_table"])
        self._show()

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._view.shown.get("status", ""))

    def _repr_html_(self) -> str:
        """Return the report for where no kernel runs: an exported page brings it to life."""
        try:
            report = reports.build_report(self._store, self.filters, self._language)
        except KitError as error:
            return str(reports.visible(str(error)))
        return str(report.fragment())

    def _show(self) -> None:
        try:
            self.scope = answers.scope(self._store, self.filters)
            self._controls.follow(self, answers.domains(self._store)["sender_domain"].tolist())
            shown = self._shown(self.scope)
        except KitError as error:
            shown = _only_words(str(error), self.view, self._words)
        self._view.shown = shown

    def _shown(self, scope: Scope) -> dict[str, Any]:
        words = self._words
        insight = answers.insight(self._store, scope).iloc[0]
        shown = {
            "view": self.view,
            "title": tables.view_title(self.view, words),
            "status": tables.status(
                scope, int(insight["message_count"]), int(insight["account_count"]), words
            ),
            "notes": tables.notes(scope, words),
            "empty": "",
            "finding": "",
        }
        if not insight["message_count"]:
            self.senders = self.answer = pd.DataFrame()
            return {**shown, "empty": self._why_empty(scope)}
        shown.update(self._volume(scope) if self.view == VIEWS[0] else self._usage(scope))
        if self.as_table:
            self.senders = answers.senders(self._store, scope)
            columns = tables.details_columns(self.view, self.senders, words)
            shown["table"] = tables.table_data(self.senders, columns)
            del shown["chart"]
        return shown

    def _volume(self, scope: Scope) -> dict[str, Any]:
        self.answer = volume = answers.sending_volume(self._store, scope)
        columns, values = charts.volume_data(
            volume, self._words, scope, known=self._controls.domains, covered=self._covered(scope)
        )
        finding = tables.volume_finding(volume, self._words)
        return {"chart": {"columns": columns, "values": values}, "finding": finding}

    def _covered(self, scope: Scope) -> list[dt.date]:
        """Return the days the source has any message on: a domain without one sent none."""
        everyone = scope.filters.of_everyone()
        if everyone != scope.filters:
            scope = answers.scope(self._store, everyone)
        volume = answers.sending_volume(self._store, scope)
        return [day for day in volume["report_date"] if day is not None]

    def _usage(self, scope: Scope) -> dict[str, Any]:
        ask, say = {
            "tls-usage": (answers.tls_usage, tables.tls_finding),
            "auth-protocol": (answers.auth_usage, tables.auth_finding),
        }[self.view]
        self.answer = usage = ask(self._store, scope)
        finding = say(usage, self._words)
        return {"chart": {"columns": charts.columns(usage), "values": {}}, "finding": finding}

    def _why_empty(self, scope: Scope) -> str:
        """Say which choice leaves nothing."""
        words = self._words
        if scope.newest is None:
            return words("Nothing is loaded yet.")
        everyone = scope.filters.of_everyone()
        others = answers.insight(self._store, answers.scope(self._store, everyone)).iloc[0]
        if others["message_count"]:
            return words("No messages match: other senders have some. Show all sender domains.")
        return words(
            "No messages on these days. Loaded are {start} to {end}.",
            start=words.date(scope.oldest),
            end=words.date(scope.newest),
        )

    def _hear(self, _view: View, message: dict[str, Any], _buffers: object) -> None:
        if isinstance(address := message.get("select"), str):
            told = sender_details(self._store, self.filters, address, self._words)
            self._view.send({"flyout": told})


def _report_view(words: Words) -> View:
    drawn = {
        "sending-volume": charts.empty_vega(charts.sending_volume_chart, words),
        "tls-usage": charts.empty_vega(charts.tls_usage_chart, words),
        "auth-protocol": charts.empty_vega(charts.auth_usage_chart, words),
        _TREND: charts.empty_vega(charts.trend_chart, words),
    }
    return View("report.js", words, charts=drawn)


def _only_words(text: str, view: str, words: Words) -> dict[str, Any]:
    title = tables.view_title(view, words)
    return {"view": view, "title": title, "status": text, "notes": [], "empty": "", "finding": ""}


def sender_details(store: Engine, filters: Filters, address: str, words: Words) -> dict[str, Any]:
    """Return what a flyout or card shows of one sender in the range of `filters`."""
    scope = answers.scope(store, filters.changed(sender=address, domains=(), where=()))
    rows = answers.sender(store, scope)
    if rows.empty:
        text = words("No messages match.")
        return {"title": address, "empty": text, "status": text}
    row = rows.iloc[0].to_dict()
    row |= {f"sign_in_{name}": count for name, count in row.pop("sign_ins").items()}
    days = pd.DataFrame(row.pop("days"))
    fields = (
        *(field for field in tables.sender_fields(words) if field.name != "client_ip_count"),
        tables.Column("client_ips", words("Client IP addresses"), "list"),
        tables.Column("sign_in_success", words("Successful sign-ins"), "count"),
        tables.Column("sign_in_failure", words("Failed sign-ins"), "count"),
    )
    return {
        "title": row["sender_address"],
        "fields": [field.as_dict() for field in fields],
        "row": {name: _json_ready(value) for name, value in row.items()},
        "heading": words("Messages per day"),
        "days": charts.columns(days),
        "values": charts.trend_values(days, scope),
        "finding": words("{n} messages", n=int(row["message_count"])),
        "notes": tables.notes(scope, words),
        "empty": "",
    }


def _json_ready(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


class _Controls:
    """The dropdowns, dates and button above a report; they only write and follow its traits."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.domains: list[str] = []
        self._following = False
        own = {"style": {"description_width": "initial"}}
        everyone = [(words("All sender domains"), "")]
        views = [(tables.view_title(view, words), view) for view in VIEWS]
        periods = [(_period_name(period, words), period) for period in PERIODS]
        self.domain = W.Dropdown(options=everyone, description=words("Show data for"), **own)
        self.view = W.Dropdown(options=views, description=words("View data by"), **own)
        self.period = W.Dropdown(options=periods, description=words("Period"), **own)
        self.start = W.DatePicker(description=words("Start date"), **own)
        self.end = W.DatePicker(description=words("End date"), **own)
        self.details = W.Button(description=words("View details table"))
        for name in ("domain", "view", "period", "start", "end", "details"):
            getattr(self, name).add_class(f"smtpauth-{name}")
        self.bar = W.HBox([self.domain, self.view, self.period, self.start, self.end, self.details])
        self.bar.add_class("smtpauth-bar")

    def listen(self, screen: ReportScreen) -> None:
        """Let the controls change the screen's traits."""

        def on(control: W.Widget, react: Any) -> None:
            control.observe(
                lambda change: None if self._following else react(change["new"]), "value"
            )

        def pick(**chosen: Any) -> None:
            screen.filters = screen.filters.changed(**chosen)

        on(self.domain, lambda name: pick(domains=(name,) if name else ()))
        on(self.view, lambda view: setattr(screen, "view", view))
        on(self.period, lambda period: self._pick_period(screen, period))
        on(self.start, lambda _: self._pick_days(screen))
        on(self.end, lambda _: self._pick_days(screen))
        self.details.on_click(lambda _: setattr(screen, "as_table", not screen.as_table))

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
        if start and end:
            try:
                if start > end:
                    raise UsageError(self._words("The end date is before the start date."))
                screen.filters = screen.filters.changed(start=start, end=end)
            except UsageError as error:
                screen._view.shown = _only_words(str(error), screen.view, self._words)

    def follow(self, screen: ReportScreen, domains: list[str]) -> None:
        """Show what the screen's traits are, whoever set them."""
        self._following = True
        try:
            chosen = screen.filters.domains
            self.domains = domains
            listed = [*domains, *(name for name in chosen if name not in domains)]
            options = [(self._words("All sender domains"), "")]
            options += [(show_invisible(name), name) for name in listed]
            if len(chosen) > 1:
                options.append((", ".join(map(show_invisible, chosen)), "\n".join(chosen)))
            if self.domain.options != tuple(options):
                self.domain.options = options
            self.domain.value = "\n".join(chosen)
            self.view.value = screen.view
            scope = screen.scope
            if scope is not None:
                self.start.value, self.end.value = scope.start, scope.end
                self.period.value = _period_of(scope)
            table = screen.as_table
            self.details.description = self._words("View report" if table else "View details table")
        finally:
            self._following = False


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

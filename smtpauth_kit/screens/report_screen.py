"""The report screen: dropdowns, dates and filters above; chart, details table or both below."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Final, TypeVar

import ipywidgets as W
import pandas as pd
import traitlets as T

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.senders_page import client_ip_counts, senders_page
from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.errors import Cancelled, KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.reports import reports
from smtpauth_kit.screens import ahead
from smtpauth_kit.screens.asking import Asker
from smtpauth_kit.screens.browser_view import BrowserView, close_all
from smtpauth_kit.screens.charts_below import charts_below
from smtpauth_kit.screens.last_choice import Memory
from smtpauth_kit.screens.report_controls import Controls
from smtpauth_kit.screens.report_question import (
    SORTS,
    Asked,
    Rows,
    Told,
    answer,
    only_words,
    without,
)
from smtpauth_kit.screens.report_tools import Tools
from smtpauth_kit.screens.screen_filters import screen_filters
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts
from smtpauth_kit.views.over_time import auth_trend_chart, trend_chart
from smtpauth_kit.views.registry import CHOICES, NAMED, VIEWS
from smtpauth_kit.words.words import Words, languages, speak

_ALL_IN_HTML: Final = 2_000
"""Senders; of more a live notebook keeps a picture, and so many rows."""
_STILL_ROWS: Final = 25

_Found = TypeVar("_Found")


class ReportScreen(W.VBox):  # type: ignore[misc]
    """Microsoft's SMTP AUTH clients report, alive.

    `filters` is the whole question: set it from a cell, or let the controls set it. `view`,
    `as_table` and `days` (brushed over in the chart) say what is on screen; `scope` and `answer`
    hold what the chart shows, `senders` the page of the details table that is open.

    A change is answered on another thread, and of several quick ones only the newest. Reading
    `scope`, `answer`, `senders` or `status` waits for it, so a cell that sets `filters` and then
    reads `answer` has the new one.

    Examples
    --------
    >>> screen = ReportScreen(store)
    >>> screen.status
    '3 messages from 2 accounts, 2026-11-16 to 2026-11-22, source: submission log'
    >>> screen.filters = screen.filters.changed(domains=("fabrikam.com",))
    >>> screen.answer[["sender_domain", "message_count"]].values.tolist()
    [['fabrikam.com', 1]]
    """

    filters = screen_filters()
    view = T.Enum(CHOICES, default_value=CHOICES[0])
    as_table = T.Bool(False)
    days = T.Tuple(default_value=None, allow_none=True)
    """First and last day brushed over in the chart; the table is of these. None: all days."""

    language = T.Enum(languages(), default_value="en")
    """The language of everything on screen."""

    def __init__(
        self,
        store: Engine,
        filters: Filters | None = None,
        language: str | None = None,
        *,
        remember: bool = True,
    ) -> None:
        self._store = store
        self._memory = Memory(store) if remember else None
        self._words = speak(language)
        self._asker, self._sender_asker = Asker(store), Asker(store)
        self._rows = Rows()
        self._told: Told | None = None
        self._times_shown = 0
        self._ahead: ahead.Ahead | None = None
        self._restoring = False
        super().__init__([])
        for name in ("smtpauth", "smtpauth-screen", "smtpauth-card", "smtpauth-report"):
            self.add_class(name)
        self.set_trait("language", self._words.language)
        self.set_trait("filters", filters or Filters())
        if self._memory is not None:
            self._memory.restore(self, only_language=filters is not None, language=language)
        self._build()
        self.observe(self._changed, ["filters", "view", "as_table", "days"])
        self.observe(self._change_language, "language")
        self._ask()

    def _build(self) -> None:
        """Make everything on screen in the screen's language."""
        self._words = words = speak(self.language)
        self._view = _report_view(words)
        self._controls = Controls(words)
        self._tools = Tools(self, self._store, words)
        self._controls.listen(self)
        self._view.on_msg(self._hear)
        title = W.HTML(f"<h2>{words('SMTP Auth clients report')}</h2>")
        self.children = [title, self._controls.bar, self._view, *self._tools.widgets]

    def _change_language(self, _change: object) -> None:
        before = [*self.children, self._controls.domain, self._controls.domain_search]
        self._build()
        self._told = self._ahead = None
        self._ask()
        self._remember()
        close_all(*before)

    def open_filters(self) -> None:
        """Open the filter panel."""
        self._tools.open_filters()

    def open_request(self) -> None:
        """Open the panel that mails this report, or keeps it in the outbox."""
        self._tools.open_request()

    def _remember(self) -> None:
        if self._memory is not None:
            self._memory.keep(self)

    # --- what is on screen, once the newest question is answered ---------------------------

    @property
    def scope(self) -> Scope | None:
        """What the figures hold for; None where nothing could be asked."""
        return self._now().scope

    @property
    def answer(self) -> pd.DataFrame:
        """The rows the chart shows."""
        return self._now().answer

    @property
    def senders(self) -> pd.DataFrame:
        """The rows of the details table's page; empty while it is closed."""
        self._asker.wait()  # Also for the addresses counted a moment later.
        page = self._now().page
        return pd.DataFrame() if page is None else page.rows

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._now().shown["status"])

    def _now(self) -> Told:
        if self._told is None or self._told.asked != self._asked:
            self._asker.wait()
        if self._told is None:  # Cancelled before there was any answer.
            return Told(self._asked, only_words("", self._asked, self._words))
        return self._told

    def _repr_html_(self) -> str:
        """Return the report for where no kernel runs: an exported page brings it to life.

        Of many senders that takes seconds, which nobody at a live screen wants to wait: there it
        is a picture.
        """
        told = self._now()
        try:
            if told.scope is not None and not os.environ.get(reports.EXPORTING):
                page = senders_page(self._store, told.scope, limit=_STILL_ROWS)
                if page.row_count > _ALL_IN_HTML:
                    return str(reports.still_fragment(told.shown, page, self._words))
            report = reports.build_report(self._store, self.filters, self.language)
        except KitError as error:
            return str(reports.visible(self._words.sentence(error)))
        return str(report.fragment())

    # --- asking ----------------------------------------------------------------------------

    @property
    def _asked(self) -> Asked:
        return Asked(self.filters, self.view, self.as_table, self.days, self._rows)

    def _changed(self, change: Any) -> None:
        if self._restoring:
            return
        if change["name"] in ("filters", "days"):
            self._rows = replace(self._rows, offset=0)
        if change["name"] == "filters" and self.days is not None:
            self.days = None  # Asks.
            return
        self._ask()
        self._asker.later(self._remember)

    def _ask(self) -> None:
        asked, words = self._asked, self._words
        self._controls.follow(asked, self._told)
        self._asker.ask(
            lambda engine: answer(engine, asked, words), self._tell, self._say_that_it_works
        )

    def _say_that_it_works(self) -> None:
        self._view.working = True

    def _tell(self, done: Future[Told]) -> None:
        if (told := self._result(done)) is not None:
            self._show(told)
            self._asker.later(lambda: self._follow_up(told))

    def _result(self, done: Future[_Found]) -> _Found | None:
        """Return what came of a question; None: why nothing came is said in its place."""
        try:
            return done.result()
        except Cancelled:
            return None
        except KitError as error:
            self.say(self._words.sentence(error))
            return None
        except Exception as error:
            self.say(self._words("This could not be answered: {why}", why=str(error)))
            raise

    def _show(self, told: Told) -> None:
        self._told = told
        if told.scope is not None:
            self._controls.follow(told.asked, told)
        self._view.working = False
        self._times_shown += 1  # The browser hears of an answer also when it is the same again.
        self._view.shown = {**told.shown, "number": self._times_shown}

    def _follow_up(self, told: Told) -> None:
        self._tools.follow(told)
        if told.scope is not None and not told.shown["empty"]:
            self._ask_more(told, told.scope)

    def _ask_more(self, told: Told, scope: Scope) -> None:
        """Ask what may come a moment later: charts below the first, the addresses of a page."""
        words, page = self._words, told.page
        keys = [] if page is None or "client_ip_count" in page.rows else [*page.rows["sender_key"]]

        def ask(engine: Engine) -> tuple[list[int], list[dict[str, Any]]]:
            counts = client_ip_counts(engine, told.table_scope or scope, keys) if keys else []
            below = (
                [] if told.asked.as_table else charts_below(engine, told.asked.view, scope, words)
            )
            return counts, below

        def show(done: Future[tuple[list[int], list[dict[str, Any]]]]) -> None:
            if (found := self._result(done)) is None:
                return
            counts, below = found
            if page is not None and counts:
                page.rows["client_ip_count"] = counts
                fill = {"client_ip_count": counts}
                # Also for who draws this answer later: a page opened again, a second view.
                told.shown["table"]["rows"].update(fill)
                self._view.send({"fill": fill, "about": told.shown["about"]})
            if below:
                rows = pd.DataFrame(told.shown["chart"]["columns"])
                numbers = NAMED[told.asked.view].numbers(rows, words)
                self._view.more = {
                    "view": told.asked.view,
                    "about": told.shown["about"],
                    "charts": below,
                    "table": numbers,
                }
            self._ask_ahead(told)

        self._asker.ask(ask, show)

    def _begin_ahead(self) -> None:
        """Make answers for a browser that has just drawn the screen, and holds none yet."""
        self._ahead, told = ahead.Ahead(), self._told
        if told is not None and told.asked == self._asked:  # Else its answer is under way.
            self._asker.later(lambda: self._follow_up(told))

    def _ask_ahead(self, told: Told) -> None:
        """Make some of the answers to the domains that may be chosen next, then more of them."""
        if self._ahead is None:  # No browser shows it.
            return
        words, held = self._words, self._ahead
        if not (wanted := held.wanted(told, self._controls.domains)):
            return

        def hand_over(done: Future[ahead.Made]) -> None:
            if done.exception() is not None:
                return  # Nobody asked for it: what is wrong is said to who does.
            made = done.result()
            self._view.send({"ahead": {"base": made.base, "answers": made.answers}})
            self._asker.later(lambda: self._ask_ahead(told), held.hold(made))

        self._asker.ask(lambda engine: ahead.make(engine, told.asked, wanted, words), hand_over)

    def say(self, text: str) -> None:
        """Show nothing but a sentence: an old chart under a new choice would be a lie."""
        self._asker.cancel()
        self._show(told := Told(self._asked, only_words(text, self._asked, self._words)))
        self._tools.follow(told)

    def cancel(self) -> None:
        """Stop the question under way; the screen stays as it was before."""
        self._asker.cancel()
        self._view.working = False
        if (told := self._told) is not None:
            self._restore(told.asked)
            self._show(told)  # The browser may show the choice already.
            self._asker.later(lambda: self._follow_up(told))  # What was cancelled came before it.

    def _restore(self, asked: Asked) -> None:
        self._restoring = True
        try:
            self._take(asked)
        finally:
            self._restoring = False
        self._controls.follow(asked, self._told)

    def _take(self, asked: Asked) -> None:
        self._rows = asked.rows
        with self.hold_trait_notifications():
            self.filters, self.view = asked.filters, asked.view
            self.as_table, self.days = asked.as_table, asked.days

    # --- hearing ---------------------------------------------------------------------------

    def _hear(self, _view: BrowserView, message: dict[str, Any], _buffers: object) -> None:
        match message:
            case {"select": str(address)}:
                self._ask_sender(address)
            case {"cancel": True}:
                self.cancel()
            case {"drawn": True}:
                self._begin_ahead()
            case {"drop": str(key)}:
                self._restore(without(self._asked, key))
                self._ask()
                self._remember()
            case {
                "rows": {
                    "sort": str(sort),
                    "descending": bool(down),
                    "search": str(search),
                    "offset": int(offset),
                }
            }:
                if sort in SORTS:
                    self._rows = Rows(sort, down, search, max(0, offset))
                    self._ask()
            case {"brush": [str(first), str(last)]}:
                self.days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
            case {"brush": None}:
                self.days = None
            case {"pick": {"sender_domain": str(domain)}}:
                self._pick_domain(domain)
            case {"pick": {"tls_version": str(version)}} if version in TLS_VERSIONS:
                self._pick_senders(f"tls_{version.replace('.', '_')}_count")
            case {"pick": {"auth_protocol": str(protocol)}} if protocol in AUTH_PROTOCOLS:
                name = "unknown_auth" if protocol == "unknown" else protocol
                self._pick_senders(f"{name}_count")
            case {"pick": {"sender_address": str(address)}}:
                self._ask_sender(address)

    def _pick_domain(self, domain: str) -> None:
        """Show only the domain that was clicked; clicked again, all."""
        if domain in self._controls.domains:
            domains = () if self.filters.domains == (domain,) else (domain,)
            self.filters = self.filters.changed(domains=domains)

    def _pick_senders(self, figure: str) -> None:
        """Show only senders with such messages; clicked again, all."""
        chosen = ((Clause(figure, ">", "0"),),)
        senders = () if self.filters.senders == chosen else chosen
        self.filters = self.filters.changed(senders=senders)

    def _ask_sender(self, address: str) -> None:
        told, words = self._now(), self._words
        filters = self.filters
        if told.table_scope is not None:
            scope = told.table_scope
            filters = scope.filters

        def tell(done: Future[dict[str, Any]]) -> None:
            try:
                found = done.result()
            except KitError as error:
                found = {"title": address, "empty": words.sentence(error)}
            self._view.send({"flyout": found})

        self._sender_asker.ask(lambda e: sender_details(e, filters, address, words), tell)


def _report_view(words: Words) -> BrowserView:
    drawn = {
        "trend": charts.empty_vega(trend_chart, words),
        "auth-trend": charts.empty_vega(auth_trend_chart, words),
        **{view.name: charts.empty_vega(view.draw, words) for view in VIEWS},
    }
    return BrowserView("report_screen.js", words, charts=drawn)

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
from smtpauth_kit.answers.senders_page import senders_page
from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.errors import Cancelled, KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, SUBMISSION_SOURCES, TLS_VERSIONS
from smtpauth_kit.reports import fragments, rendering, report_page
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.screens.asking import Asker, in_turn
from smtpauth_kit.screens.browser_view import BrowserView, close_all
from smtpauth_kit.screens.downloads import Download, as_shown, download
from smtpauth_kit.screens.follow_up import FollowUp
from smtpauth_kit.screens.following import Following
from smtpauth_kit.screens.last_choice import Choice, keep_choice, last_choice, last_language
from smtpauth_kit.screens.report_answer import SORTS, ReportAnswer, answer, only_words
from smtpauth_kit.screens.report_controls import Controls
from smtpauth_kit.screens.report_question import ReportQuestion, Rows, without
from smtpauth_kit.screens.report_tools import Tools
from smtpauth_kit.screens.report_view import report_view
from smtpauth_kit.screens.screen_filters import screen_filters
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.registry import CHOICES
from smtpauth_kit.words.words import languages, speak

_ALL_IN_HTML: Final = 2_000
"""Senders that a live notebook saves as a whole report; of more it saves a picture of it."""
_STILL_ROWS: Final = 25
"""Senders listed below that picture."""

_T = TypeVar("_T")


class ReportScreen(W.VBox):  # type: ignore[misc]
    """Microsoft's SMTP AUTH clients report, with controls that change it.

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
    '3 messages from 2 sender addresses, 2026-11-16 to 2026-11-22, source: submission log'
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
        self._remembers = remember
        self._words = speak(language)
        self._asker, self._sender_asker, self._file_asker = (Asker(store) for _ in range(3))
        self._rows = Rows()
        self._answer: ReportAnswer | None = None
        """The answer on screen; None: there is none yet."""
        self._times_shown = 0
        self._is_fresh = False
        """Whether the next answer is to say that it is of data loaded meanwhile."""
        self._restoring = False
        """Whether traits are being set to what is on screen already: nothing is asked then."""
        super().__init__([])
        for name in ("smtpauth", "smtpauth-screen", "smtpauth-card", "smtpauth-report"):
            self.add_class(name)
        self.set_trait("language", self._words.language)
        self.set_trait("filters", filters or Filters())
        if remember:
            self._recall(only_language=filters is not None, language=language)
        self._build()
        self.observe(in_turn(self._changed), ["filters", "view", "as_table", "days"])
        self.observe(in_turn(self._change_language), "language")
        self._ask()
        self._following = Following(store, self, self.refresh)

    def _build(self) -> None:
        """Make everything on screen in the screen's language."""
        self._words = words = speak(self.language)
        self._view = report_view(words)
        self._controls = Controls(words)
        self._tools = Tools(self._store, words, lambda filters: setattr(self, "filters", filters))
        self._follow_up = FollowUp(self._asker, self._view, words, self._result)
        self._controls.listen(self)
        self._view.on_msg(in_turn(self._hear))
        title = W.HTML(f"<h2>{words('SMTP Auth clients report')}</h2>")
        self.children = [title, self._controls.bar, self._view, *self._tools.widgets]

    def _change_language(self, _change: object) -> None:
        before = [*self.children, self._controls.domain, self._controls.domain_search]
        self._build()
        self._answer = None
        self._ask()
        self._remember()
        close_all(*before)

    def refresh(self) -> None:
        """Ask again, because the store holds other data now, and say so."""
        self._is_fresh = True
        self._ask()

    def open_filters(self) -> None:
        """Open the filter panel."""
        self._tools.open_filters(self.filters)

    def open_request(self) -> None:
        """Open the panel that mails this report, or keeps it in the outbox."""
        self._tools.open_request(self.filters)

    def download(self, form: str) -> None:
        """Hand what is on screen to the browser as a file: its filters, days and search."""
        answered, words = self._now(), self._words
        scope = answered.table_scope or answered.scope
        if scope is None or scope.start is None:
            return
        filters, chosen = as_shown(scope, answered.question.rows.search), answered.question.filters

        def tell(done: Future[Download]) -> None:
            self._view.rests()
            try:
                made = done.result()
            except KitError as error:
                self._view.send({"said": words.sentence(error)})
                return
            about = {"name": made.name, "type": made.media_type}
            said = words("{name} is in your browser's downloads.", name=made.name)
            self._view.send({"download": about, "said": said}, [made.content])

        self._view.send({"said": words("Making the file …")})
        self._file_asker.ask(
            lambda e: download(e, filters, form, self.language, chosen),
            tell, self._view.works, self._view.works_on,
        )  # fmt: skip

    def _recall(self, *, only_language: bool, language: str | None) -> None:
        """Open as the report of this store was last left; a language that is given stands."""
        if language is None:
            self.language = last_language(self._store)
        if not only_language and (kept := last_choice(self._store)) is not None:
            self.filters, self.view, self.as_table = kept.filters, kept.view, kept.as_table

    def _remember(self) -> None:
        if self._remembers:
            keep_choice(self._store, Choice(self.filters, self.view, self.as_table, self.language))

    # --- what is on screen, once the newest question is answered ---------------------------

    @property
    def scope(self) -> Scope | None:
        """What the figures hold for; None where nothing could be asked."""
        return self._now().scope

    @property
    def answer(self) -> pd.DataFrame:
        """The rows the chart shows."""
        return self._now().chart_rows

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

    def _now(self) -> ReportAnswer:
        """Return the answer to what the traits ask, after waiting for it if it is under way."""
        if self._answer is None or self._is_fresh or self._answer.question != self._question:
            self._asker.wait()
        if self._answer is None:  # Cancelled before there was any answer.
            return ReportAnswer(self._question, only_words("", self._question, self._words))
        return self._answer

    def _repr_html_(self) -> str:
        """Return the report as HTML, for a notebook that is exported or opened without a kernel.

        The whole report of many senders takes seconds to make. Nobody at a live screen wants to
        wait for that: it saves a picture instead.
        """
        answered = self._now()
        try:
            if answered.scope is not None and not os.environ.get(fragments.EXPORTING):
                page = senders_page(self._store, answered.scope, limit=_STILL_ROWS)
                if page.row_count > _ALL_IN_HTML:
                    return str(fragments.still_fragment(answered.shown, page, self._words))
            report = build_report(self._store, self.filters, self.language)
        except KitError as error:
            return str(rendering.visible(self._words.sentence(error)))
        return str(report_page.screen(report))

    # --- asking ----------------------------------------------------------------------------

    @property
    def _question(self) -> ReportQuestion:
        return ReportQuestion(self.filters, self.view, self.as_table, self.days, self._rows)

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
        question, words = self._question, self._words
        self._controls.follow(question, self._answer)
        self._asker.ask(
            lambda engine: answer(engine, question, words), self._tell, self._view.works
        )

    def _tell(self, done: Future[ReportAnswer]) -> None:
        if (answered := self._result(done)) is not None:
            self._show(answered)
            self._ask_more_later(answered)

    def _result(self, done: Future[_T]) -> _T | None:
        """Return the result of a question; None where it failed, and the screen says why."""
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

    def _show(self, answered: ReportAnswer) -> None:
        self._answer = answered
        if self._is_fresh:
            self._is_fresh = False
            fresh = self._words("New data loaded, shown now.")
            answered.shown["status"] = f"{answered.shown['status'].rstrip('.')}. {fresh}"
        if answered.scope is not None:
            self._controls.follow(answered.question, answered)
        self._view.rests()
        self._times_shown += 1  # The browser hears of an answer also when it is the same again.
        self._view.shown = {**answered.shown, "number": self._times_shown}

    def _ask_more_later(self, answered: ReportAnswer) -> None:
        """Ask for the rest of the screen once the browser has drawn the answer."""
        self._asker.later(lambda: self._ask_more(answered))

    def _ask_more(self, answered: ReportAnswer) -> None:
        self._tools.reproduce(answered)
        self._follow_up.ask(answered)

    def _browser_has_drawn(self) -> None:
        self._follow_up.browser_is_new()
        # Where another question is under way, its own answer asks for more.
        if self._answer is not None and self._answer.question == self._question:
            self._ask_more_later(self._answer)

    def say(self, text: str) -> None:
        """Show nothing but a sentence: an old chart under a new choice would be a lie."""
        self._asker.cancel()
        question = self._question
        self._show(answered := ReportAnswer(question, only_words(text, question, self._words)))
        self._tools.reproduce(answered)

    def cancel(self) -> None:
        """Stop the question and the file under way; the screen stays as it was before."""
        self._asker.cancel()
        self._file_asker.cancel()
        self._view.rests()
        if (answered := self._answer) is not None:
            self._restore(answered.question)
            self._show(answered)  # The browser may show the cancelled choice already.
            self._ask_more_later(answered)  # Asking for the cancelled one had stopped this.

    def _restore(self, question: ReportQuestion) -> None:
        """Set the traits and controls to a question without asking it."""
        self._restoring = True
        try:
            self._rows = question.rows
            with self.hold_trait_notifications():
                self.filters, self.view = question.filters, question.view
                self.as_table, self.days = question.as_table, question.days
        finally:
            self._restoring = False
        self._controls.follow(question, self._answer)

    # --- hearing ---------------------------------------------------------------------------

    def _hear(self, _view: BrowserView, message: dict[str, Any], _buffers: object) -> None:
        match message:
            case {"select": str(address)}:
                self._ask_sender(address)
            case {"cancel": True}:
                self.cancel()
            case {"source": str(source)} if source in SUBMISSION_SOURCES:
                self.filters = self.filters.changed(source=source)
            case {"drawn": True}:
                self._browser_has_drawn()
            case {"drop": str(key)}:
                self._restore(without(self._question, key))
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
                sender = None if self.filters.sender == address else address
                self.filters = self.filters.changed(sender=sender)

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
        """Show what is known of a sender, in the days of the table where one is open."""
        scope, words = self._now().table_scope, self._words
        filters = self.filters if scope is None else scope.filters

        def tell(done: Future[dict[str, Any]]) -> None:
            try:
                details = done.result()
            except KitError as error:
                details = {"title": address, "empty": words.sentence(error)}
            self._view.send({"flyout": details})

        self._sender_asker.ask(lambda e: sender_details(e, filters, address, words), tell)

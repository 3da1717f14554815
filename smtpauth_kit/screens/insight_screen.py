"""The insight card: how many accounts used SMTP AUTH, with a flyout that leads to the report."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import ipywidgets as W

from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import SUBMISSION_SOURCES
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.at_a_glance import Glance, glance, of_card
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.findings_screen import FindingsScreen
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.screens.report_answer import why_empty
from smtpauth_kit.screens.report_question import ReportQuestion, without
from smtpauth_kit.screens.report_screen import ReportScreen
from smtpauth_kit.screens.source_switch import SourceSwitch
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import insight_figures
from smtpauth_kit.views.insight_figures import Insight
from smtpauth_kit.views.source_choice import source_choices
from smtpauth_kit.words.words import speak


class InsightScreen(OneAnswer):
    """Microsoft's SMTP Auth clients insight; the number opens a flyout, its link the report.

    `filters` is the whole question: read it, hand it over, or set it from a cell; the card, and
    the report once it is opened below it, follow. `html` is the card on screen.

    Examples
    --------
    >>> screen = InsightScreen(store)
    >>> "2 accounts" in screen.html
    True
    >>> screen.filters = screen.filters.changed(domains=("fabrikam.com",))
    >>> "1 account" in screen.html
    True
    """

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self._language = language
        self._report: ReportScreen | None = None
        self._findings: FindingsScreen | None = None
        self._card: Insight | None = None
        self._glance: Glance | None = None
        words = speak(language)
        self._switch = SourceSwitch(words, self._pick_source)
        self._bar = W.HBox([self._switch])
        for name in ("smtpauth", "smtpauth-bar"):
            self._bar.add_class(name)
        super().__init__(store, filters, words, BrowserView("insight_screen.js", words))
        self._bar.children = [self._tenants, self._switch]

    @property
    def html(self) -> str:
        """The card as HTML, every value in it escaped."""
        return str(self._shown["html"])

    def _repr_html_(self) -> str:
        """Return the card as HTML, for a notebook that is opened without a kernel."""
        html, seen = self.html, self._glance
        if self._card is None or seen is None:
            return html
        return str(fragments.insight_card(self._card, self._words, seen.text, seen.level))

    def _pick_source(self, source: str) -> None:
        self.filters = self.filters.changed(source=source)

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._card, self._glance = shown.pop("card", None), None
        self._view.more = {}
        super()._show(filters, shown)
        if self._card is not None:
            self._asker.later(lambda: self._look_for_unusual(filters))
        self._switch.follow(shown.get("sources", []), filters.source)
        self._arrange()

    def _look_for_unusual(self, filters: Filters) -> None:
        """Say on the card what is unusual, once the card itself is drawn."""

        def tell(done: Future[Glance]) -> None:
            if done.exception() is not None:
                return  # The card says nothing of it; the findings screen says what is wrong.
            self._glance = seen = done.result()
            self._view.more = {"unusual": seen.text, "level": seen.level}

        words = self._words
        self._asker.ask(lambda engine: glance(engine, filters, words), tell)

    def _arrange(self) -> None:
        """Put the switch above the card where there is a choice, and what was opened below it."""
        above = [self._bar] if self._switch.has_choice or self._tenants.has_choice else []
        below = [each for each in (self._findings, self._report) if each is not None]
        self.children = (*above, self._view, *below)

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        scope = answers.settle_scope(engine, filters)
        sources = source_choices(scope, self._words)
        card = insight_figures.ask(engine, scope)
        if card.account_count or card.message_count:
            html = str(fragments.insight_card(card, self._words))
            return {"html": html, "sources": sources, "card": card}
        empty = why_empty(engine, ReportQuestion(filters), scope, self._words)
        return {**empty, **self._sentence(empty["text"]), "sources": sources}

    def _sentence(self, text: str) -> dict[str, Any]:
        title = self._words("SMTP Auth clients")
        return {"html": str(fragments.empty_card("smtpauth-insight", title, text, self._words))}

    def _changed(self, change: object) -> None:
        super()._changed(change)
        if self._report is not None:
            self._report.filters = self.filters
        if self._findings is not None:
            self._findings.filters = of_card(self.filters)

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Open the report or the findings below the card, with the same filters."""
        super()._hear(view, message, buffers)
        match message:
            case {"drop": str(key)}:
                self.filters = without(ReportQuestion(self.filters), key).filters
            case {"source": str(source)} if source in SUBMISSION_SOURCES:
                self._pick_source(source)
            case {"report": True}:
                if self._report is None:
                    self._report = ReportScreen(self._store, self.filters, self._language)
                    self._arrange()
                self._report.filters = self.filters
            case {"findings": True}:
                if self._findings is None:
                    asked = of_card(self.filters)
                    self._findings = FindingsScreen(self._store, asked, self._language)
                    self._arrange()

"""The insight card: how many accounts used SMTP AUTH, with a flyout that leads to the report."""

from __future__ import annotations

from typing import Any

import ipywidgets as W

from smtpauth_kit import reports
from smtpauth_kit.errors import KitError
from smtpauth_kit.schema import Filters
from smtpauth_kit.screens.report_screen import ReportScreen
from smtpauth_kit.screens.views import View
from smtpauth_kit.store import Engine
from smtpauth_kit.words import speak


class InsightScreen(W.VBox):  # type: ignore[misc]
    """Microsoft's SMTP Auth clients insight; the number opens a flyout, its link the report.

    Examples
    --------
    >>> screen = InsightScreen(store)
    >>> "2 accounts" in screen.html
    True
    """

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self._store, self._filters, self._language = store, filters or Filters(), language
        self._view = View("insight.js", speak(language), shown={"html": self.html})
        self._view.on_msg(self._hear)
        self._report: ReportScreen | None = None
        super().__init__([self._view])
        self.add_class("smtpauth-screen")

    @property
    def html(self) -> str:
        """The card as HTML, every value in it escaped."""
        try:
            return str(reports.insight_fragment(self._store, self._filters, self._language))
        except KitError as error:
            text = reports.visible(str(error))
            look = "smtpauth smtpauth-card smtpauth-insight"
            return f'<section class="{look}"><p>{text}</p></section>'

    def _repr_html_(self) -> str:
        """Return the card for where no kernel runs."""
        return self.html

    def _hear(self, _view: View, message: dict[str, Any], _buffers: object) -> None:
        """Open the report below the card, with the same filters; an open one gets them again."""
        if not message.get("report"):
            return
        if self._report is None:
            self._report = ReportScreen(self._store, self._filters, self._language)
            self.children = (self._view, self._report)
        self._report.filters = self._filters

"""One sender: everything known, as a card."""

from __future__ import annotations

import ipywidgets as W

from smtpauth_kit import charts, reports
from smtpauth_kit.errors import KitError
from smtpauth_kit.schema import Filters
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.screens.views import View
from smtpauth_kit.store import Engine
from smtpauth_kit.words import speak


class SenderScreen(W.VBox):  # type: ignore[misc]
    """What one sender sent, how and from where.

    Examples
    --------
    >>> SenderScreen(store, "scanner@contoso.com").details["row"]["client_ips"]
    ['192.0.2.25']
    """

    def __init__(
        self, store: Engine, address: str, filters: Filters | None = None, language: str = "en"
    ) -> None:
        self._store, self._address = store, address
        self._filters, self._words = filters or Filters(), speak(language)
        try:
            self.details = sender_details(store, self._filters, address, self._words)
        except KitError as error:
            self.details = {"title": address, "empty": str(error)}
        drawn = {
            "trend": charts.empty_vega(charts.trend_chart, self._words),
            "auth-trend": charts.empty_vega(charts.auth_trend_chart, self._words),
        }
        view = View("sender.js", self._words, charts=drawn, shown=self.details)
        super().__init__([view])
        self.add_class("smtpauth-screen")

    def _repr_html_(self) -> str:
        """Return the sender's figures for where no kernel runs."""
        try:
            return str(
                reports.sender_fragment(
                    self._store, self._address, self._filters, self._words.language
                )
            )
        except KitError as error:
            return str(reports.visible(str(error)))

"""One sender: everything known, as a card."""

from __future__ import annotations

from typing import Any

import traitlets as T

from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.screens.sender_details import sender_details
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts
from smtpauth_kit.views.over_time import auth_trend_chart, trend_chart
from smtpauth_kit.words.words import speak


class SenderScreen(OneAnswer):
    """What one sender sent, how and from where.

    `address` and `filters` are the whole question: read them, hand them over, or set them from a
    cell, and the card follows. `details` is what it shows.

    Examples
    --------
    >>> screen = SenderScreen(store, "scanner@contoso.com")
    >>> screen.details["row"]["client_ips"]
    ['192.0.2.25']
    >>> screen.address = "app@fabrikam.com"
    >>> screen.details["row"]["message_count"]
    1
    >>> import datetime as dt
    >>> screen.filters = screen.filters.changed(end=dt.date(2026, 11, 16))
    >>> screen.details["empty"]
    'No messages of this sender on these days; 1 message on others: Nov 22, 2026.'
    """

    address = T.Unicode()

    def __init__(
        self, store: Engine, address: str, filters: Filters | None = None, language: str = "en"
    ) -> None:
        self.set_trait("address", address)
        words = speak(language)
        drawn = {
            "trend": charts.empty_vega(trend_chart, words),
            "auth-trend": charts.empty_vega(auth_trend_chart, words),
        }
        super().__init__(
            store, filters, words, BrowserView("sender_screen.js", words, charts=drawn)
        )
        self.observe(lambda _: self._ask(), "address")

    @property
    def details(self) -> dict[str, Any]:
        """What the card shows."""
        return self._shown

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        return sender_details(engine, filters, self.address, self._words)

    def _sentence(self, text: str) -> dict[str, Any]:
        return {"title": self.address, "empty": text}

    def _repr_html_(self) -> str:
        """Return the sender's figures as HTML, for a notebook that is opened without a kernel."""
        shown, words = self.details, self._words
        if shown["empty"]:
            return str(
                fragments.empty_card("smtpauth-sender", shown["title"], shown["empty"], words)
            )
        return str(
            fragments.sender_fragment(self._store, self.address, self.filters, words.language)
        )

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Show the days that the sender did send on."""
        super()._hear(view, message, buffers)
        if message.get("elsewhere") and (elsewhere := self.details.get("elsewhere")):
            self.filters = Filters.from_json(elsewhere)

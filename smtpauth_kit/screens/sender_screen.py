"""One sender: everything known, over all days loaded, on one page."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import ipywidgets as W
import traitlets as T

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import Cancelled, KitError, StoreError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens import sender_details
from smtpauth_kit.screens.asking import Asker, in_turn
from smtpauth_kit.screens.browser_view import WITH_INCIDENTS, BrowserView
from smtpauth_kit.screens.incident_flyout import IncidentFlyout
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.screens.readiness_answer import written
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts, finding_days
from smtpauth_kit.views.over_time import auth_trend_chart, trend_chart
from smtpauth_kit.words.words import speak


class SenderScreen(OneAnswer):
    """What one sender sent, how and from where, what is unusual of it, and what stops it.

    `address` and `filters` are the whole question: read them, hand them over, or set them from a
    cell, and the page follows. `details` is what its card shows, `parts` what stands below it.

    Examples
    --------
    >>> screen = SenderScreen(store, "scanner@contoso.com")
    >>> screen.details["row"]["client_ips"]
    ['192.0.2.25']
    >>> screen.parts["unusual"]["said"]
    'Nothing unusual was found about this sender.'
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
            **{name: charts.empty_vega(draw, words) for name, draw in finding_days.CHARTS.items()},
        }
        view = BrowserView("sender_screen.js", words, beside=WITH_INCIDENTS, charts=drawn)
        self._below_asker, self._unusual_asker = Asker(store), Asker(store)
        self._flyout = IncidentFlyout(store, view, words, self._ask_unusual)
        super().__init__(store, filters, words, view)
        self._bar = W.HBox([self._tenants])
        for name in ("smtpauth", "smtpauth-bar"):
            self._bar.add_class(name)
        self.observe(in_turn(lambda _: self._ask()), "address")

    @property
    def details(self) -> dict[str, Any]:
        """What the card shows."""
        return self._shown

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """What stands below the card, by name: title, said, and a table or fields."""
        self._asker.wait()
        self._below_asker.wait()
        self._unusual_asker.wait()
        return {part["name"]: part for part in self._view.more.get("parts", ())}

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        return sender_details.sender_details(engine, filters, self.address, self._words)

    def _sentence(self, text: str) -> dict[str, Any]:
        return {"title": self.address, "empty": text}

    def _repr_html_(self) -> str:
        """Return the sender's page as HTML, for a notebook that is opened without a kernel."""
        shown, words = self.details, self._words
        if shown["empty"]:
            return str(
                fragments.empty_card("smtpauth-sender", shown["title"], shown["empty"], words)
            )
        return str(
            fragments.sender_fragment(self._store, self.address, self.filters, words.language)
        )

    # --- what stands below ---------------------------------------------------------------------

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._below_asker.cancel()
        self._unusual_asker.cancel()
        self._view.more = {}
        super()._show(filters, shown)
        self.children = [*([self._bar] if self._tenants.has_choice else []), self._view]
        if "fields" in shown:
            self._asker.later(self._ask_below)

    def _ask_below(self) -> None:
        """Ask for the parts below the card, once it is drawn; what is unusual comes last."""
        address, filters, words = self.address, self.filters, self._words
        can_save = self._store.settings_place is not None

        def tell(done: Future[list[dict[str, Any]]]) -> None:
            self._add(done)
            self._ask_unusual()

        self._below_asker.ask(
            lambda engine: sender_details.below(engine, address, filters, can_save, words), tell
        )

    def _ask_unusual(self) -> None:
        address, filters, words = self.address, self.filters, self._words

        def tell(done: Future[sender_details.Unusual]) -> None:
            try:
                unusual = done.result()
            except (Cancelled, KitError):
                self._add(done)
                return
            self._flyout.follow(unusual.found, unusual.filters)
            self._put([unusual.part])

        self._unusual_asker.ask(
            lambda engine: sender_details.unusual(engine, address, filters, words), tell
        )

    def _add(self, done: Future[Any]) -> None:
        try:
            self._put(done.result())
        except Cancelled:
            return
        except KitError as error:
            self._view.more = {**self._view.more, "failed": self._words.sentence(error)}

    def _put(self, parts: list[dict[str, Any]]) -> None:
        """Show parts in the place of those of the same names; what is unusual stands first."""
        named = {part["name"]: part for part in (*self._view.more.get("parts", ()), *parts)}
        first = sorted(named.values(), key=lambda part: part["name"] != "unusual")
        self._view.more = {"parts": first}

    # --- hearing -------------------------------------------------------------------------------

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Do what the browser asks; whatever else arrives does no harm."""
        super()._hear(view, message, buffers)
        match message:
            case {"elsewhere": True}:
                # The days that the sender did send on.
                if elsewhere := self.details.get("elsewhere"):
                    self.filters = Filters.from_json(elsewhere)
            case {"sender": str(address)}:
                self.address = address
            case {"write": dict(typed)}:
                self._write(typed)
            case _:
                self._flyout.hear(message)

    def _write(self, typed: dict[str, Any]) -> None:
        """Keep what was written of the sender at once, and say so; else what is wrong with it."""
        _, name, text = written(typed)
        if name not in kept.FIELDS:
            return
        try:
            if self._store.settings_place is None:
                raise StoreError("There is no file of settings where this could be kept.")
            fields = {name: kept.checked(name, text)}
            kept.keep(self._store.settings_place, {kept.sender_key(self.address): fields})
        except KitError as error:
            self._view.send(
                {"wrong": {"column": typed["field"], "text": self._words.sentence(error)}}
            )
            return
        self._view.send({"kept": self._words("Kept: {sender}.", sender=self.address)})
        self._ask_below()

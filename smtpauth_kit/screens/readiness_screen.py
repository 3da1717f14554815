"""Readiness: who stops sending when Basic auth or old TLS goes, whose it is, and until when."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import ipywidgets as W

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.answers.readiness.switch_off import OFF
from smtpauth_kit.base.errors import Cancelled, KitError, StoreError, UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments, readiness_part
from smtpauth_kit.screens.asking import Asker
from smtpauth_kit.screens.browser_view import WITH_FORMS, BrowserView
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.screens.readiness_answer import (
    ReadinessAnswer,
    answer,
    below,
    only_words,
    sender_told,
    written,
)
from smtpauth_kit.screens.readiness_controls import ReadinessControls
from smtpauth_kit.screens.screen_filters import screen_filters
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.views import burn_down, charts
from smtpauth_kit.views.readiness import NOTHING_CHOSEN, Ready
from smtpauth_kit.views.sender_page import of_every_day
from smtpauth_kit.words.words import speak

if TYPE_CHECKING:
    import pandas as pd


class ReadinessScreen(OneAnswer):
    """Who stops sending, the hardest first; what is said of a sender is written in the list.

    `filters` is the whole question: read it, hand it over, or set it from a cell, and the screen
    follows; `filters.off` and `filters.on` say what goes off in the simulation, and when. `rows`
    are its senders, as `smtpauth show readiness` has them, `stopping` those of `switch-off`.

    Examples
    --------
    >>> screen = ReadinessScreen(store)
    >>> screen.rows["sender_address"].tolist()
    ['scanner@contoso.com']
    >>> screen.keep("scanner@contoso.com", owner="Facilities", state="contacted")
    >>> screen.rows[["owner", "state"]].values.tolist()
    [['Facilities', 'contacted']]
    >>> screen.filters = screen.filters.changed(off=("no_tls",))
    >>> len(screen.stopping)
    0
    """

    filters = screen_filters(of_rows=True)

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self._language = language
        self._found: ReadinessAnswer | None = None
        self._order: list[str] = []
        """Senders as they stand on screen while somebody writes: a row does not run away."""
        self._sender: SenderScreen | None = None
        words = speak(language)
        self._below_asker = Asker(store)
        self._controls = ReadinessControls(words, self._pick)
        drawn = {name: charts.empty_vega(draw, words) for name, draw in burn_down.CHARTS.items()}
        view = BrowserView("readiness_screen.js", words, beside=WITH_FORMS, charts=drawn)
        super().__init__(store, filters, words, view)
        for name in ("smtpauth", "smtpauth-card", "smtpauth-readiness"):
            self.add_class(name)
        self._controls.follow(self.filters, ())
        title = W.HTML(f"<h2>{words('Readiness')}</h2>")
        self._controls.bar.children = (self._tenants, *self._controls.bar.children)
        self.children = [title, self._controls.bar, view]

    # --- what is on screen, once the newest question is answered -------------------------------

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._shown["status"])

    @property
    def rows(self) -> pd.DataFrame:
        """One row per sender at stake, as `smtpauth show readiness` has them."""
        return self._ready.rows

    @property
    def stopping(self) -> pd.DataFrame:
        """One row per sender that the switch-off stops, as `smtpauth show switch-off`."""
        return self._ready.switch_off.rows

    @property
    def weeks(self) -> pd.DataFrame:
        """One row per week, as `smtpauth show burn-down`."""
        return self._ready.burn_down.rows

    @property
    def below(self) -> dict[str, Any]:
        """What stands below: who went quiet, and mailboxes never seen."""
        self._asker.wait()
        self._below_asker.wait()
        shown: dict[str, Any] = self._view.more
        return shown

    @property
    def _ready(self) -> Ready:
        self._asker.wait()
        if self._found is None:
            raise UsageError("{text}", text=self.status)
        return self._found.ready

    def keep(
        self,
        sender: str,
        *,
        owner: str | None = None,
        state: str | None = None,
        due_date: dt.date | str | None = None,
        note: str | None = None,
    ) -> None:
        """Keep what is said of a sender; an empty text takes it back, None leaves it as it is.

        Raises
        ------
        UsageError
            It is no address, state or day, or too long.
        StoreError
            It cannot be kept.
        """
        given = {"owner": owner, "state": state, "due_date": due_date, "note": note}
        fields = {name: kept.checked(name, str(v)) for name, v in given.items() if v is not None}
        kept.keep(self._place, {kept.sender_key(sender): fields})
        self._ask()

    @property
    def _place(self) -> SettingsPlace:
        if self._store.settings_place is None:
            raise StoreError("There is no file of settings where this could be kept.")
        return self._store.settings_place

    def _repr_html_(self) -> str:
        """Return the screen as HTML, for a notebook that is opened without a kernel."""
        words = self._words
        try:
            return str(readiness_part.readiness_fragment(self._store, self.filters, words.language))
        except KitError as error:
            title, text = words("Readiness"), words.sentence(error)
            return str(fragments.empty_card("smtpauth-readiness", title, text, words))

    # --- asking --------------------------------------------------------------------------------

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        answered = answer(engine, filters, self._words, self._order)
        return {**answered.shown, "answered": answered}

    def _sentence(self, text: str) -> dict[str, Any]:
        return only_words(text, self._words)

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._found = shown.pop("answered", None)
        super()._show(filters, shown)
        self._controls.follow(filters, tuple(shown["domains"]))
        self._controls.offer(shown["sources"], filters.source)
        if self._found is not None and self._found.ready.is_anything_loaded:
            self._asker.later(lambda: self._ask_below(filters))
        else:
            self._view.more = {}

    def _ask_below(self, filters: Filters) -> None:
        words = self._words

        def tell(done: Future[dict[str, Any]]) -> None:
            self._view.rests()
            try:
                self._view.more = done.result()
            except Cancelled:
                return
            except KitError as error:
                self._view.more = {"failed": words.sentence(error)}

        view = self._view
        self._below_asker.ask(
            lambda engine: below(engine, filters, words), tell, view.works, view.works_on
        )

    def cancel(self) -> None:
        """Stop the questions under way; the screen stays as it was before."""
        self._below_asker.cancel()
        super().cancel()

    def _changed(self, change: object) -> None:
        self._order = []
        super()._changed(change)
        self._controls.follow(self.filters, self._controls.domain.options)

    def refresh(self) -> None:
        """Ask again, because the store holds other data now, and say so."""
        self._order = []
        super().refresh()

    def _pick(self, chosen: dict[str, Any]) -> None:
        self.filters = self.filters.changed(**chosen)

    # --- hearing -------------------------------------------------------------------------------

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Do what the browser asks; whatever else arrives does no harm."""
        super()._hear(view, message, buffers)
        match message:
            case {"drop": "all"}:
                self._pick(NOTHING_CHOSEN)
            case {"off": list(off), "on": str(day)}:
                self._switch_off(off, day)
            case {"open": str(address)}:
                self._open(address)
            case {"sender": str(address)}:
                self._open_sender(address)
            case {"write": dict(typed)}:
                self._write(typed)

    def _switch_off(self, off: list[Any], day: str) -> None:
        try:
            on = as_day(day) if day else None
        except UsageError:
            self._view.send({"failed": self._words("Choose a day.")})
            return
        self._pick({"off": tuple(each for each in OFF if each in off), "on": on})

    def _open(self, address: str) -> None:
        if self._found and (told := sender_told(self._found.ready, address, self._words)):
            self._view.send({"flyout": told})

    def _open_sender(self, address: str) -> None:
        """Show everything about a sender below the list."""
        filters = of_every_day(self.filters)
        if self._sender is None:
            self._sender = SenderScreen(self._store, address, filters, self._language)
            self.children = [*self.children, self._sender]
        else:
            self._sender.filters = filters
            self._sender.address = address

    def _write(self, typed: dict[str, Any]) -> None:
        """Keep what was written into a cell at once, and say so; else what is wrong with it."""
        sender, field, text = written(typed)
        if field not in kept.FIELDS:
            return
        try:
            key = kept.sender_key(sender)
            kept.keep(self._place, {key: {field: kept.checked(field, text)}})
        except KitError as error:
            wrong = {"sender": sender, "column": typed["field"]}
            self._view.send({"wrong": {**wrong, "text": self._words.sentence(error)}})
            return
        shown = self._view.shown.get("table", {}).get("rows", {})
        self._order = list(shown.get("sender_address", ()))
        self._view.send({"kept": self._words("Kept: {sender}.", sender=sender)})
        self._ask()

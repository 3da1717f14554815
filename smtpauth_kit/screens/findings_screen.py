"""Unusual activity: incidents to look at, the first one first, each with its proof in a flyout."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ipywidgets as W

from smtpauth_kit.answers.findings import answer as answers_of
from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.evidence import Evidence, evidence, find
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.browser_view import WITH_INCIDENTS, BrowserView
from smtpauth_kit.screens.findings_answer import FindingsAnswer, answer, only_words
from smtpauth_kit.screens.findings_controls import FindingsControls
from smtpauth_kit.screens.incident_flyout import IncidentFlyout
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts, finding_days
from smtpauth_kit.views.findings import NOTHING_CHOSEN
from smtpauth_kit.views.sender_page import of_every_day
from smtpauth_kit.words.words import speak

if TYPE_CHECKING:
    import pandas as pd


class FindingsScreen(OneAnswer):
    """What is unusual in all days loaded, as incidents; a row opens the proof of one.

    `filters` is the whole question: read it, hand it over, or set it from a cell, and the list
    follows. `rows` are its findings, as `smtpauth show findings` has them; `incidents` and
    `not_checked` what the screen lists.

    Examples
    --------
    >>> screen = FindingsScreen(store)
    >>> screen.status
    'Nothing unusual was found.'
    >>> len(screen.rows), len(screen.incidents), screen.not_checked[0]["rule"]
    (0, 0, 'volume_spike')
    """

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self._language = language
        self._found: FindingsAnswer | None = None
        self._sender: SenderScreen | None = None
        words = speak(language)
        self._controls = FindingsControls(words, self._pick)
        drawn = {name: charts.empty_vega(draw, words) for name, draw in finding_days.CHARTS.items()}
        view = BrowserView("findings_screen.js", words, beside=WITH_INCIDENTS, charts=drawn)
        self._flyout = IncidentFlyout(store, view, words, lambda: self._ask())
        super().__init__(store, filters, words, view)
        for name in ("smtpauth", "smtpauth-card", "smtpauth-findings"):
            self.add_class(name)
        self._controls.follow(self.filters, ())
        title = W.HTML(f"<h2>{words('Unusual activity')}</h2>")
        self._controls.bar.children = (self._tenants, *self._controls.bar.children)
        self.children = [title, self._controls.bar, view]

    # --- what is on screen, once the newest question is answered -------------------------------

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._shown["status"])

    @property
    def rows(self) -> pd.DataFrame:
        """One row per finding that the filters choose, as `smtpauth show findings` has them."""
        import pandas as pd

        chosen = answers_of.listed(self._store, self.filters)
        rows = [answers_of.row_of(f, state, sentence(f, self._words)) for f, state in chosen]
        return pd.DataFrame(rows, columns=list(answers_of.COLUMNS), dtype=object)

    @property
    def incidents(self) -> list[Incident]:
        """Findings about one account, close in time, as one, the one to look at first, first."""
        self._asker.wait()
        return [] if self._found is None else list(self._found.found.incidents)

    @property
    def not_checked(self) -> list[dict[str, Any]]:
        """Rules that could not be asked: rule, needs, and why in words."""
        return answers_of.not_checked(self._store, self.filters, self._words.language)

    def evidence(self, finding_id: str) -> Evidence:
        """Return the rows that prove a finding; errors as for `answers.findings.evidence`."""
        return evidence(self._store, finding_id, self.filters)

    def acknowledge(self, finding_id: str, note: str) -> None:
        """Keep that somebody looked at a finding, with a note; an empty one takes it back."""
        found = find(self._store, finding_id, self.filters)
        states.acknowledge(self._flyout.place, found.finding_id, note)
        self._ask()

    def allow(self, rule: str, subject: str, note: str, until: dt.date | None = None) -> None:
        """Keep that what a rule finds about a subject is meant to be; empty note: take it back."""
        states.allow(self._flyout.place, rule, subject, note, until)
        self._ask()

    def _repr_html_(self) -> str:
        """Return the incidents as HTML, for a notebook that is opened without a kernel."""
        words = self._words
        try:
            return str(fragments.findings_fragment(self._store, self.filters, words.language))
        except KitError as error:
            title = words("Unusual activity")
            text = words.sentence(error)
            return str(fragments.empty_card("smtpauth-findings", title, text, words))

    # --- asking --------------------------------------------------------------------------------

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        answered = answer(engine, filters, self._words)
        return {**answered.shown, "answered": answered}

    def _sentence(self, text: str) -> dict[str, Any]:
        return only_words(text, self._words)

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._found = shown.pop("answered", None)
        self._flyout.follow(None if self._found is None else self._found.found, filters)
        super()._show(filters, shown)
        self._controls.follow(filters, tuple(shown["domains"]))

    def _changed(self, change: object) -> None:
        super()._changed(change)
        self._controls.follow(self.filters, self._controls.domain.options)

    def _pick(self, chosen: dict[str, Any]) -> None:
        self.filters = self.filters.changed(**chosen)

    # --- hearing -------------------------------------------------------------------------------

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Do what the browser asks; whatever else arrives does no harm."""
        super()._hear(view, message, buffers)
        match message:
            case {"drop": "all"}:
                self._pick(NOTHING_CHOSEN)
            case {"drop": "source"}:
                self._pick({"source": "auto"})
            case {"sender": str(address)}:
                self._open_sender(address)
            case _:
                self._flyout.hear(message)

    def cancel(self) -> None:
        """Stop the questions under way; the screen stays as it was before."""
        self._flyout.cancel()
        super().cancel()

    def _open_sender(self, address: str) -> None:
        """Show everything about a sender below the list."""
        filters = of_every_day(self.filters)
        if self._sender is None:
            self._sender = SenderScreen(self._store, address, filters, self._language)
            self.children = [*self.children, self._sender]
        else:
            self._sender.filters = filters
            self._sender.address = address

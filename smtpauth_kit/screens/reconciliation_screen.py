"""Why sources disagree: senders and periods, what each source counts of them, and the reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as W
import traitlets as T

from smtpauth_kit import answers
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.reconciliation.periods import reconciled_scope, spans
from smtpauth_kit.answers.stored import domains
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens.asking import in_turn
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.one_answer import OneAnswer
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import reconciliation as view_of
from smtpauth_kit.words.words import Words, speak

if TYPE_CHECKING:
    import pandas as pd

_WHOLE_LABEL: Final = {"style": {"description_width": "initial"}}

_ALL: Final = ()
"""All periods; None would be no choice at all."""

_ROWS: Final = {"all": (), "differing": (view_of.DIFFERING,), "left": (view_of.UNEXPLAINED,)}
"""Which rows can be chosen, and the conditions that choose them."""


class ReconciliationScreen(OneAnswer):
    """What each source counts of each sender and period, and why they differ.

    `filters` is the whole question: read it, hand it over, or set it from a cell, and the table
    follows. `rows` are its rows, as `smtpauth show reconciliation` has them.

    Examples
    --------
    >>> screen = ReconciliationScreen(store)
    >>> len(screen.rows), screen.status.split(".")[0]
    (0, 'No two sources tell of messages on the same days')
    """

    filters = T.Instance(Filters)

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        words = speak(language)
        self._is_following = False
        self._all_rows: pd.DataFrame | None = None
        """Those of the answer on screen, of which one page is shown."""
        self._controls(words)
        view = BrowserView("reconciliation_screen.js", words)
        super().__init__(store, filters, words, view)
        for name in ("smtpauth", "smtpauth-card", "smtpauth-reconciliation"):
            self.add_class(name)
        self._bar.children = (self._tenants, *self._bar.children)
        title = W.HTML(f"<h2>{words('What the sources count, and why they differ')}</h2>")
        self.children = [title, self._bar, view]

    def _controls(self, words: Words) -> None:
        self._period = W.Dropdown(
            options=[(words("All periods"), _ALL)], description=words("Period"), **_WHOLE_LABEL
        )
        texts = (words("All rows"), words("With a difference"), words("Not explained"))
        self._which = W.Dropdown(
            options=list(zip(texts, _ROWS, strict=True)), description=words("Rows"), **_WHOLE_LABEL
        )
        self._domain = W.Combobox(
            description=words("Sender domain"), placeholder=words("All sender domains"),
            ensure_option=True, continuous_update=False, **_WHOLE_LABEL,
        )  # fmt: skip
        self._bar = W.HBox([self._period, self._which, self._domain])
        self._bar.add_class("smtpauth-bar")
        named = {"period": self._period, "rows": self._which, "domain": self._domain}
        for name, control in named.items():
            control.add_class(f"smtpauth-{name}")
            control.observe(in_turn(self._picked), "value")

    # --- what is on screen, once the newest question is answered -------------------------------

    @property
    def status(self) -> str:
        """What the status line says."""
        return str(self._shown["status"])

    @property
    def rows(self) -> pd.DataFrame:
        """One row per sender and period that the filters choose, sentences in English."""
        return answers.ask(self._store, "reconciliation", self.filters).rows

    def _repr_html_(self) -> str:
        """Return the table as HTML, for a notebook that is opened without a kernel."""
        words = self._words
        try:
            return str(fragments.reconciliation_fragment(self._store, self.filters, words.language))
        except KitError as error:
            title, text = words(view_of.TITLE), words.sentence(error)
            return str(fragments.empty_card("smtpauth-reconciliation", title, text, words))

    # --- asking --------------------------------------------------------------------------------

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        return _answered(engine, filters, self._words)

    def _sentence(self, text: str) -> dict[str, Any]:
        return {"status": text, "html": "", "notes": [], "rows": None, "periods": [], "domains": ()}

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._all_rows = shown.pop("rows")
        periods, names = shown.pop("periods"), shown.pop("domains")
        super()._show(filters, shown)
        self._follow(filters, periods, names)

    def _hear(self, view: BrowserView, message: dict[str, Any], buffers: object) -> None:
        """Show another page of the rows; whatever else arrives does no harm."""
        super()._hear(view, message, buffers)
        match message:
            case {"offset": int(offset)} if self._all_rows is not None:
                last = max(0, len(self._all_rows) - 1)
                html = fragments.reconciliation_rows(
                    self._all_rows, min(max(0, offset), last), self._words
                )
                view.shown = {**view.shown, "html": str(html)}

    # --- the controls --------------------------------------------------------------------------

    def _follow(
        self,
        filters: Filters,
        periods: Sequence[tuple[str, tuple[dt.date, dt.date]]],
        names: Sequence[str],
    ) -> None:
        """Show filters in the controls, whoever set them."""
        self._is_following = True
        try:
            every = [(self._words("All periods"), _ALL), *periods]
            if list(self._period.options) != every:
                self._period.options = every
            days = (filters.start, filters.end)
            self._period.value = days if days in [value for _, value in every] else _ALL
            which = [name for name, clauses in _ROWS.items() if clauses == filters.where]
            self._which.value = which[0] if which else "all"
            listed = (*names, *(name for name in filters.domains if name not in names))
            if self._domain.options != listed:
                self._domain.options = listed
            self._domain.value = filters.domains[0] if len(filters.domains) == 1 else ""
        finally:
            self._is_following = False

    def _picked(self, change: Any) -> None:
        """Change the one field that a control is about."""
        if self._is_following:
            return
        match change["owner"]:
            case self._period:
                start, end = change["new"] or (None, None)
                self.filters = self.filters.changed(start=start, end=end, as_of=None)
            case self._which:
                self.filters = self.filters.changed(where=_ROWS[change["new"]])
            case _:
                chosen = (change["new"],) if change["new"] else ()
                self.filters = self.filters.changed(domains=chosen)


@of_tenants
def _answered(engine: Engine, filters: Filters, words: Words) -> dict[str, Any]:
    """Return all that is on screen: the status, the table, the notes, and what can be chosen."""
    answered = answers.ask(engine, "reconciliation", filters)
    every = reconciled_scope(engine, Filters(source=filters.source))
    periods = [(start, end) for _, start, end in spans(engine, every)]
    choices = {
        "periods": view_of.period_titles(periods, words),
        "domains": tuple(domains(engine)["sender_domain"]),
    }
    scope, rows = answered.scope, answered.rows
    told = {"notes": view_of.notes(scope, words), **choices}
    if rows.empty:
        status = view_of.why_empty(scope, words)
        return {"status": status, "html": "", "rows": None, **told}
    html = str(fragments.reconciliation_rows(rows, 0, words))
    return {"status": view_of.finding(rows, words), "html": html, "rows": rows, **told}

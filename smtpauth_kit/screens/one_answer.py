"""A screen that shows one answer to its filters: the insight card, a sender's card."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import ipywidgets as W

from smtpauth_kit.answers.of_tenants import loaded_tenants, only
from smtpauth_kit.base.errors import Cancelled, KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.asking import Asker, in_turn
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.following import Following
from smtpauth_kit.screens.screen_filters import screen_filters
from smtpauth_kit.screens.tenant_switch import TenantSwitch
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.words.words import Words


class OneAnswer(W.VBox):  # type: ignore[misc]
    """A screen that asks one question, on another thread, whenever `filters` change.

    Reading what is shown waits for the answer. A subclass asks in `_answer`, and lays out in
    `_sentence` an error or another sentence that is all there is to show.
    """

    filters = screen_filters()

    def __init__(
        self, store: Engine, filters: Filters | None, words: Words, view: BrowserView
    ) -> None:
        self._store, self._words, self._view = store, words, view
        self._asker = Asker(store)
        self._tenants = TenantSwitch(words, self._choose)
        self._answered: Filters | None = None
        super().__init__([view])
        self.add_class("smtpauth-screen")
        self.set_trait("filters", filters or Filters())
        self._view.on_msg(in_turn(self._hear))
        self.observe(in_turn(self._changed), "filters")
        self._is_fresh = False
        self._ask()
        self._following = Following(store, self, self.refresh)

    def _answer(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        """Return all that is shown; runs on the thread that asks."""
        raise NotImplementedError

    def _sentence(self, text: str) -> dict[str, Any]:
        """Return a screen that shows nothing but a sentence."""
        raise NotImplementedError

    def _choose(self, chosen: dict[str, Any]) -> None:
        """Change the filters by what was chosen, by their names."""
        self.filters = self.filters.changed(**chosen)

    def _asked(self, engine: Engine, filters: Filters) -> dict[str, Any]:
        """Return all that is shown of the tenants that are chosen, with those there are."""
        known = loaded_tenants(engine)
        shown = self._answer(only(engine, filters.tenants), filters)
        return {**shown, "tenants": known}

    def refresh(self) -> None:
        """Ask again, because the store holds other data now, and say so."""
        self._is_fresh = True
        self._ask()

    @property
    def _shown(self) -> dict[str, Any]:
        self._asker.wait()
        shown: dict[str, Any] = self._view.shown
        return shown

    def _changed(self, _change: object) -> None:
        if self.filters != self._answered:  # After a cancel they are those of the answer on screen.
            self._ask()

    def _ask(self) -> None:
        filters = self.filters

        def tell(done: Future[dict[str, Any]]) -> None:
            try:
                shown = done.result()
            except Cancelled:
                return
            except KitError as error:
                shown = self._sentence(self._words.sentence(error))
            except Exception as error:
                why = self._words("This could not be answered: {why}", why=str(error))
                self._show(filters, self._sentence(why))
                raise
            self._show(filters, shown)

        view = self._view
        self._asker.ask(
            lambda engine: self._asked(engine, filters), tell, view.works, view.works_on
        )

    def _show(self, filters: Filters, shown: dict[str, Any]) -> None:
        self._answered = filters
        self._view.rests()
        self._tenants.follow(shown.pop("tenants", ()), filters.tenants)
        if self._is_fresh:
            self._is_fresh = False
            shown = {**shown, "fresh": self._words("New data loaded, shown now.")}
        self._view.shown = shown

    def cancel(self) -> None:
        """Stop the question under way; the screen stays as it was before."""
        self._asker.cancel()
        self._view.rests()
        if self._answered is not None:
            self.filters = self._answered

    def _hear(self, _view: BrowserView, message: dict[str, Any], _buffers: object) -> None:
        if message.get("cancel"):
            self.cancel()

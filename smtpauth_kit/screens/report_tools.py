"""What stands beside a report: filter panel, request panel, how to get its answer again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as W

from smtpauth_kit.screens.filter_panel import FilterPanel
from smtpauth_kit.screens.report_question import Told
from smtpauth_kit.screens.reproduce_panel import ReproducePanel
from smtpauth_kit.screens.request_panel import RequestPanel
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.registry import NAMED
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    from smtpauth_kit.screens.report_screen import ReportScreen


class Tools:
    """The panels of one report; without a store file there is nothing to request or reproduce."""

    def __init__(self, screen: ReportScreen, store: Engine, words: Words) -> None:
        self._screen = screen
        self._filters = FilterPanel(
            store, words, on_apply=lambda filters: setattr(screen, "filters", filters)
        )
        self.widgets: list[W.Widget] = [self._filters]
        self._request = self._reproduce = None
        if (place := store.settings_place) is not None:
            self._request = RequestPanel(store, words)
            self._reproduce = ReproducePanel(place.path, words)
            self.widgets = [self._reproduce, self._filters, self._request]

    def open_filters(self) -> None:
        """Open the filter panel on what the screen shows."""
        self._filters.filters = self._screen.filters
        self._filters.show()

    def open_request(self) -> None:
        """Open the panel that mails the report of what the screen shows."""
        if self._request is not None:
            self._request.show(self._screen.filters)

    def follow(self, told: Told) -> None:
        """Be about the answer on screen."""
        if self._reproduce is not None:
            name = "senders" if told.asked.has_table else NAMED[told.asked.view].answer
            self._reproduce.follow(name, told.table_scope or told.scope)

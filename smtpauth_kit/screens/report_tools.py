"""The panels beside a report: filters, request, and how to reproduce what is on screen."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as W

from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.filter_panel import FilterPanel
from smtpauth_kit.screens.report_answer import ReportAnswer
from smtpauth_kit.screens.reproduce_panel import ReproducePanel
from smtpauth_kit.screens.request_panel import RequestPanel
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.registry import NAMED
from smtpauth_kit.words.words import Words


class Tools:
    """The panels of one report; without a store file there is nothing to request or reproduce.

    `on_apply` hears of filters that were applied in the filter panel.
    """

    def __init__(self, store: Engine, words: Words, on_apply: Callable[[Filters], None]) -> None:
        self._filters = FilterPanel(store, words, on_apply=on_apply)
        self.widgets: list[W.Widget] = [self._filters]
        self._request = self._reproduce = None
        if (place := store.settings_place) is not None:
            self._request = RequestPanel(store, words)
            self._reproduce = ReproducePanel(place.path, words)
            self.widgets = [self._reproduce, self._filters, self._request]

    def open_filters(self, filters: Filters) -> None:
        """Open the filter panel on these filters."""
        self._filters.filters = filters
        self._filters.show()

    def open_request(self, filters: Filters) -> None:
        """Open the panel that mails the report of these filters."""
        if self._request is not None:
            self._request.show(filters)

    def reproduce(self, answer: ReportAnswer) -> None:
        """Say from now on how to reproduce this answer."""
        if self._reproduce is not None:
            question = answer.question
            name = "senders" if question.has_table else NAMED[question.view].answer
            self._reproduce.reproduce(name, answer.table_scope or answer.scope)

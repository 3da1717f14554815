"""What is asked once a report's answer is drawn: charts below, client IP counts, answers ahead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.senders_page import later_columns
from smtpauth_kit.screens import ahead
from smtpauth_kit.screens.asking import Asker
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.charts_below import charts_below
from smtpauth_kit.screens.report_answer import ReportAnswer
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import json_rows
from smtpauth_kit.views.over_days import parts_of
from smtpauth_kit.views.registry import NAMED
from smtpauth_kit.words.words import Words

_T = TypeVar("_T")
Result = Callable[[Future[_T]], _T | None]
"""Gives the result of a question; None where there is none, and the screen has said why."""


class FollowUp:
    """Asks for what may come a moment after an answer, and sends it to the browser.

    It asks with the report's own `asker`, so that a newer question stops it.
    """

    def __init__(self, asker: Asker, view: BrowserView, words: Words, result: Result[Any]) -> None:
        self._asker, self._view, self._words, self._result = asker, view, words, result
        self._ahead: ahead.Ahead | None = None
        """What the browser holds; None: no browser has drawn the screen yet."""

    def browser_is_new(self) -> None:
        """Note that a browser has just drawn the screen, and holds no answers made ahead."""
        self._ahead = ahead.Ahead()

    def ask(self, answer: ReportAnswer) -> None:
        """Ask for the charts below an answer and for the columns that its table still lacks."""
        if answer.scope is None or answer.shown["empty"]:
            return
        scope = answer.scope

        def show(done: Future[tuple[dict[str, list[Any]], list[dict[str, Any]]]]) -> None:
            if (result := self._result(done)) is None:
                return
            columns, below = result
            self._fill(answer, columns)
            self._show_below(answer, below)
            self._ask_ahead(answer)

        self._asker.ask(lambda engine: self._later_parts(engine, answer, scope), show)

    def _later_parts(
        self, engine: Engine, answer: ReportAnswer, scope: Scope
    ) -> tuple[dict[str, list[Any]], list[dict[str, Any]]]:
        """Return the columns the table's page still lacks, and the charts below the first."""
        page, question = answer.page, answer.question
        keys = [] if page is None or "client_ip_count" in page.rows else [*page.rows["sender_key"]]
        columns = later_columns(engine, answer.table_scope or scope, keys) if keys else {}
        if question.as_table:
            return columns, []
        return columns, charts_below(engine, question.view, scope, self._words)

    def _fill(self, answer: ReportAnswer, columns: dict[str, list[Any]]) -> None:
        if answer.page is None or not columns:
            return
        for name, values in columns.items():
            answer.page.rows[name] = values
        fill = json_rows.columns(pd.DataFrame(columns, dtype=object))
        # Also for who draws this answer later: a page opened again, a second view.
        answer.shown["table"]["rows"].update(fill)
        self._view.send({"fill": fill, "about": answer.shown["about"]})

    def _show_below(self, answer: ReportAnswer, below: list[dict[str, Any]]) -> None:
        if not below:
            return
        view = answer.question.view
        rows = pd.DataFrame(answer.shown["chart"]["columns"])
        self._view.more = {
            "view": view,
            "about": answer.shown["about"],
            "charts": below,
            "table": NAMED[view].numbers(rows, self._words, parts_of(answer.scope)),
        }

    def _ask_ahead(self, answer: ReportAnswer) -> None:
        """Ask for a batch of answers ahead; when the browser has taken it in, for the next one."""
        if self._ahead is None:
            return
        words, held = self._words, self._ahead
        if not (wanted := held.wanted(answer, answer.domains)):
            return

        def hand_over(done: Future[ahead.Made]) -> None:
            if done.exception() is not None:
                return  # Nobody asked for it: an error is said to who chooses that domain.
            made = done.result()
            self._view.send({"ahead": {"base": made.base, "answers": made.answers}})
            self._asker.later(lambda: self._ask_ahead(answer), held.hold(made))

        self._asker.ask(
            lambda engine: ahead.make(engine, answer.question, wanted, words), hand_over
        )

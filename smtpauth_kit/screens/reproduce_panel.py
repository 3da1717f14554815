"""“Reproduce this view”: a disclosure with the Python, the shell lines and the SQL to copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as T

from smtpauth_kit.answers import Scope
from smtpauth_kit.screens.browser_view import WITH_FORMS, BrowserView
from smtpauth_kit.views.reproduce import as_dict, reproduce
from smtpauth_kit.words.words import Words


class ReproducePanel(BrowserView):
    """Says how to get the answer on screen again; the texts are made only while it is open.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> panel = ReproducePanel(store.path, speak("en"))
    >>> panel.reproduce("tls-usage", settle_scope(store))
    >>> panel.is_open = True
    >>> [text["title"] for text in panel.shown["texts"]]
    ['Python', 'Shell', 'Windows PowerShell', 'SQL']
    """

    is_open = T.Bool(False).tag(sync=True)

    def __init__(self, store: Path, words: Words) -> None:
        self._store, self._words = store, words
        self._answer: tuple[str, Scope] | None = None
        super().__init__("reproduce_panel.js", words, beside=WITH_FORMS)
        self.observe(lambda _: self._show(), "is_open")

    def reproduce(self, name: str, scope: Scope | None) -> None:
        """Show the texts for the answer `name` in this scope; None: there is no answer."""
        self._answer = None if scope is None or scope.start is None else (name, scope)
        self._show()

    def _show(self) -> None:
        if self.is_open:
            self.shown = {"texts": self._texts()}

    def _texts(self) -> list[dict[str, Any]]:
        if self._answer is None:
            return []
        titles = {
            "python": self._words("Python"),
            "shell": self._words("Shell"),
            "powershell": self._words("Windows PowerShell"),
            "sql": self._words("SQL"),
        }
        texts = as_dict(reproduce(*self._answer, self._store))
        return [{"title": titles[name], "code": code} for name, code in texts.items()]

"""What a person chose last in a screen, for the next time; kept for each store and no other."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store import settings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.registry import CHOICES
from smtpauth_kit.words.words import languages

if TYPE_CHECKING:
    from smtpauth_kit.screens.report_screen import ReportScreen


def last_language(store: Engine) -> str:
    """Return the language chosen last for a store, else English.

    >>> last_language(store)
    'en'
    """
    found = _recalled(store).get("language")
    return found if found in languages() else "en"


class Memory:
    """The last choice in the report of one store."""

    def __init__(self, store: Engine) -> None:
        self._store = store

    def keep(self, screen: ReportScreen) -> None:
        """Keep what the screen shows now."""
        if (place := self._store.settings_place) is not None:
            choice = {
                "filters": screen.filters.to_json(),
                "view": screen.view,
                "as_table": screen.as_table,
                "language": screen.language,
            }
            settings.remember(place, choice)

    def restore(self, screen: ReportScreen, *, only_language: bool, language: str | None) -> None:
        """Show what was kept, but for what was asked for in so many words."""
        kept = _recalled(self._store)
        if language is None:
            screen.language = last_language(self._store)
        if only_language or "filters" not in kept:
            return
        with suppress(UsageError, TypeError):
            screen.filters = Filters.from_json(kept["filters"])
            screen.view = kept["view"] if kept.get("view") in CHOICES else CHOICES[0]
            screen.as_table = kept.get("as_table") is True


def _recalled(store: Engine) -> dict[str, Any]:
    place = store.settings_place
    return settings.recall(place) if place is not None else {}

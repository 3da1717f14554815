"""What was last chosen in the report of a store: kept beside the store, for the next opening."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store import settings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.registry import CHOICES
from smtpauth_kit.words.words import languages


@dataclass(frozen=True)
class Choice:
    """What a person chose in the report screen, named as the traits of `ReportScreen`."""

    filters: Filters
    view: str
    as_table: bool
    language: str


def keep_choice(store: Engine, choice: Choice) -> None:
    """Keep a choice; a store without a settings file keeps nothing."""
    if (place := store.settings_place) is not None:
        settings.remember(place, {**asdict(choice), "filters": choice.filters.to_json()})


def last_choice(store: Engine) -> Choice | None:
    """Return what was kept last; None where nothing was, or the kept filters cannot be read.

    >>> last_choice(store) is None
    True
    """
    kept = _kept(store)
    try:
        filters = Filters.from_json(kept["filters"])
    except (KeyError, UsageError, TypeError):
        return None
    view = kept["view"] if kept.get("view") in CHOICES else CHOICES[0]
    return Choice(filters, view, kept.get("as_table") is True, last_language(store))


def last_language(store: Engine) -> str:
    """Return the language chosen last for a store, else English.

    >>> last_language(store)
    'en'
    """
    language = _kept(store).get("language")
    return language if language in languages() else "en"


def _kept(store: Engine) -> dict[str, Any]:
    place = store.settings_place
    return settings.recall(place) if place is not None else {}

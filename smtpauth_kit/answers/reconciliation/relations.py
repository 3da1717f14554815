"""The relations that reconciling reads: each a whole SELECT in a file of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from smtpauth_kit.answers.composing import complete, parted, relations
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import sql_text

FOLDER: Final = "answers/reconciliation"


@cache
def _texts() -> Mapping[str, str]:
    folder = files("smtpauth_kit").joinpath(*FOLDER.split("/"))
    names = [each.name.removesuffix(".sql") for each in folder.iterdir() if ".sql" in each.name]
    return {name: parted(sql_text(name, FOLDER))[1] for name in sorted(names)}


def completed(text: str, filters: Filters = ALL) -> str:
    """Return a statement with the relations it reads in front of it, under these filters."""
    return complete(text, {**relations(filters), **_texts(), "asked_for": _asked_for(filters)})


def reconciliation_sql(filters: Filters) -> str:
    """Return the complete statement of the answer."""
    return completed(sql_text("reconciliation", FOLDER), filters)


def _asked_for(filters: Filters) -> str:
    """Return the SELECT of the senders that filters ask for; others are looked at all the same.

    Who sends as another is found among all senders.
    """
    conditions = ["largest >= $min_messages", *_conditions(filters)]
    return "select *\nfrom compared\nwhere " + "\n    and ".join(conditions)


def _conditions(filters: Filters) -> list[str]:
    asked: list[tuple[Any, Any]] = [*filters.asked()]
    return [field.of_messages for field, _ in asked if field.of_messages]

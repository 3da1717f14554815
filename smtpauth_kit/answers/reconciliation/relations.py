"""The relations that reconciling reads: each a whole SELECT in a file of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

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
    return complete(text, {**relations(filters), **_texts(), **_of_senders(filters)})


def reconciliation_sql(filters: Filters) -> str:
    """Return the complete statement of the answer."""
    return completed(sql_text("reconciliation", FOLDER), filters)


def _of_senders(filters: Filters) -> dict[str, str]:
    """Return the SELECT of the rows that filters ask for, and of the counts that these need.

    Who sends as another is known by the other's counts, whoever is asked for.
    """
    asked = [field.of_messages for field, _ in filters.asked() if field.of_messages]
    counts = "select *\nfrom daily_by_sender"
    if asked:
        counts += (
            f"\nwhere ({' and '.join(asked)})"
            "\n    or sender_key in (select sender_key from named_accounts)"
            "\n    or sender_key in (select account_key from named_accounts)"
        )
    rows = " and ".join(["largest >= $min_messages", *asked])
    return {"looked_at": counts, "asked_for": f"select *\nfrom compared\nwhere {rows}"}

"""What a simulated switch-off stops, and what each way out would carry, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.readiness import WAY_TITLES, Ready, rhythm_text
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

OFF_TITLES: Final = {
    "basic": "Basic auth", "legacy_tls": "TLS 1.0 and 1.1", "no_tls": "Mail without TLS",
    "switch": "The tenant's switch for SMTP AUTH",
}  # fmt: skip
"""Keys of the words."""


def choices(ready: Ready, words: Words) -> list[dict[str, Any]]:
    """Return what can go off: name, text, and whether it does."""
    off = ready.switch_off.beside["off"]
    return [
        {"name": name, "text": words(title), "is_off": name in off}
        for name, title in OFF_TITLES.items()
    ]


def way_columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of what each way out would carry."""
    return (
        Column("way", words("Way out")),
        Column("sender_count", words("Senders"), "count"),
        Column("per_week", words("Messages a week"), "rate"),
    )


def ways(ready: Ready, words: Words) -> list[dict[str, Any]]:
    """Return what each way out would carry of those that stop, or may."""
    return [
        {
            "way": words(WAY_TITLES[way["way_out"]]),
            "sender_count": way["sender_count"],
            "per_week": way["messages_per_week"],
        }
        for way in ready.switch_off.beside["ways_out"]
    ]


def rows(ready: Ready, words: Words) -> pd.DataFrame:
    """Return who stops, or may, the hardest first, with the texts that their columns show."""
    answer = ready.switch_off.rows
    told = answer.to_dict("records")
    return answer.assign(
        stops=[_stops_text(row, words) for row in told],
        rhythm_text=[rhythm_text(row["rhythm"], words) for row in told],
        per_week=answer["messages_per_week"],
        way=[words(WAY_TITLES[row["way_out"]]) for row in told],
        due_text=[_due_text(row, words) for row in told],
    )


def columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of who stops."""
    return (
        Column("sender_address", words("Sender address")),
        Column("stops", words("Stops with")),
        Column("per_week", words("Messages a week"), "rate"),
        Column("rhythm_text", words("Rhythm")),
        Column("first_missed", words("First missed"), "date",
               help=words("The first day from the switch-off on which it is due")),
        Column("way", words("Way out")),
        Column("owner", words("Owner")),
        Column("due_text", words("Due date")),
    )  # fmt: skip


def _stops_text(row: Mapping[Any, Any], words: Words) -> str:
    text = ", ".join(words(OFF_TITLES[each]) for each in row["stops_by"])
    return text if row["is_certain"] else words("perhaps: {what}", what=text)


def _due_text(row: Mapping[Any, Any], words: Words) -> str:
    if row["due_date"] is None:
        return ""
    day = words.date(row["due_date"])
    return words("{day}, behind that day", day=day) if row["is_due_later"] else day

"""The numbers of a chart as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smtpauth_kit.splits import AUTH, TLS
from smtpauth_kit.tables import Column, table_data
from smtpauth_kit.views.ranking import ranking_data
from smtpauth_kit.words import Words


def chart_table(rows: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return the data table of any chart, as `table_data` does: the same numbers as its answer's.

    Examples
    --------
    >>> from smtpauth_kit.words import speak
    >>> rows = pd.DataFrame({"tls_version": ["1.0"], "message_count": [3], "share": [1.0]})
    >>> table = chart_table(rows, speak("en"))
    >>> [column["title"] for column in table["columns"]], table["rows"]["tls_version"]
    (['TLS version', 'Messages', 'Share'], ['TLS 1.0'])
    """
    named = {split.column: split for split in (TLS, AUTH) if split.column in rows}
    shown = rows.assign(
        **{name: rows[name].map(split.titles(words)) for name, split in named.items()}
    )
    if set(shown.columns[:1]) <= {"sender_address", "sender_domain"} and "share" in shown:
        shown[shown.columns[0]] = ranking_data(rows, words)["label"]
    one_day = "period_end" in rows and bool((rows["period_start"] == rows["period_end"]).all())
    counted = "sender_count" if "message_count" not in rows else "message_count"
    columns = (
        Column("period_start", words("Day") if one_day else words("First day"), "date"),
        *([] if one_day else [Column("period_end", words("Last day"), "date")]),
        Column("sender_address", words("Sender address")),
        Column("sender_domain", words("Sender domain")),
        *(Column(name, words(split.heading)) for name, split in named.items()),
        Column(counted, words("Messages" if counted == "message_count" else "Senders"), "count"),
        Column("share", words("Share"), "tls", ("share", counted)),
    )
    return table_data(shown, tuple(column for column in columns if column.name in shown))

"""How the facts of a file become rows of the store: where each kind is staged, and what moves it.

A fact of one kind is one row of its staging table, and one of its table in the store.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_type_hints

from smtpauth_kit.base.facts import (
    Columns,
    ConnectorVolume,
    MailboxSetting,
    MailContext,
    OpenLine,
    Session,
    SignIn,
    Submission,
)
from smtpauth_kit.store.database import sql_text

if TYPE_CHECKING:
    import pandas as pd


class Place(NamedTuple):
    """Where facts of one kind are staged, their table in the store, and its column of days."""

    staged: str
    rows: str
    day: str = ""


PLACES: Final[dict[type, Place]] = {
    Submission: Place("staged_submissions", "submission_rows", "period_end"),
    Session: Place("staged_smtp_sessions", "smtp_sessions"),
    OpenLine: Place("staged_open_lines", "open_lines"),
    SignIn: Place("staged_sign_ins", "sign_in_rows", "signed_in_at"),
    MailContext: Place("staged_mail_context", "mail_context_rows", "received_at"),
    MailboxSetting: Place("staged_mailbox_settings", "mailbox_setting_rows", "day"),
    ConnectorVolume: Place("staged_connector_volume", "connector_volume_rows", "day"),
}
CAN_BE_AHEAD: Final = (Submission, SignIn, MailContext)
DAYS_AHEAD: Final = 3
"""From this many days after today on, a row is ahead of the clock (LOADING: more than two days)."""


def days_ahead_from() -> dt.date:
    """Return the first day that is ahead of this machine's clock (LOADING, point 7)."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=DAYS_AHEAD)


def filled(name: str, kind: type) -> str:
    """Return the text of a SQL file for one kind of fact, with its tables and column filled in."""
    place = PLACES[kind]
    names = {"facts": place.staged, "rows": place.rows, "day": place.day}
    return _GAP.sub(lambda gap: names[gap[1]], sql_text(name))


_GAP = re.compile(r"/\* (facts|rows|day) \*/")


FEW: Final = 2_000
"""Rows up to which lists are handed over; of more, arrays are twice as fast."""


def lists_of(columns: Columns) -> dict[str, tuple[str, list[Any]]]:
    """Return few rows as lists: each with the type that SQL has for it, and its cells."""
    kind, types = columns.kind, get_type_hints(columns.kind)
    lists = {
        name: (_SQL_TYPES[types[name]], _cells(types[name], cells))
        for name, cells in columns.cells.items()
    }
    if kind in CAN_BE_AHEAD:
        kind_of_day, days = lists[PLACES[kind].day]
        first: Any = days_ahead_from()
        if kind_of_day == "TIMESTAMP":
            first = dt.datetime.combine(first, dt.time())
        lists["ahead_of_clock"] = "BOOLEAN", [d is not None and d >= first for d in days]
    return lists


def sql_columns(kind: type) -> str:
    """Return the columns of a table that keeps rows of one kind, as SQL has them.

    Examples
    --------
    >>> sql_columns(Session)
    'line BIGINT, session VARCHAR, tls_version VARCHAR, auth_protocol VARCHAR, account VARCHAR'
    """
    names = {name: _SQL_TYPES[wanted] for name, wanted in get_type_hints(kind).items()}
    if kind in CAN_BE_AHEAD:
        names["ahead_of_clock"] = "BOOLEAN"
    return ", ".join(f"{name} {sql_type}" for name, sql_type in names.items())


_SQL_TYPES: Final[dict[Any, str]] = {
    str: "VARCHAR",
    tuple[str, ...]: "VARCHAR",
    dt.date: "DATE",
    dt.datetime: "TIMESTAMP",
    dt.datetime | None: "TIMESTAMP",
    int: "BIGINT",
    bool: "BOOLEAN",
    bool | None: "BOOLEAN",
}


def _cells(wanted: Any, cells: Sequence[Any]) -> list[Any]:
    if wanted != tuple[str, ...]:
        return list(cells)
    # What separates them must not stand in one: a quoted name may hold anything.
    joined = {cell: ";".join(text.replace(";", "%3B") for text in cell) for cell in set(cells)}
    return [joined[cell] for cell in cells]


def frame_of(kind: type, facts: Sequence[Any]) -> pd.DataFrame:
    """Return rows as columns of plain types: DuckDB must never guess one from a sample."""
    import pandas as pd

    return pd.DataFrame(arrays_of(Columns.of(kind, facts)))


def arrays_of(columns: Columns) -> dict[str, Any]:
    """Return rows as arrays of plain types by the names of columns, which DuckDB reads as a table.

    A yes or no that may be missing is a text: no array has such a type.
    """
    import numpy as np

    kind, types = columns.kind, get_type_hints(columns.kind)
    arrays = {name: _array(types[name], cells) for name, cells in columns.cells.items()}
    if kind in CAN_BE_AHEAD:
        # What has no day is not ahead.
        arrays["ahead_of_clock"] = arrays[PLACES[kind].day] >= np.datetime64(days_ahead_from())
    return arrays


_EPOCH: Final = dt.datetime(1970, 1, 1)
_TICK: Final = dt.timedelta(microseconds=1)


def _array(wanted: Any, cells: Sequence[Any]) -> Any:
    import numpy as np

    if wanted is dt.date:
        days = np.fromiter(map(dt.date.toordinal, cells), "int64", len(cells)) - _EPOCH.toordinal()
        return days.astype("datetime64[D]").astype("datetime64[us]")
    if wanted in (dt.datetime, dt.datetime | None):
        if None in cells:
            return np.array(cells, dtype="datetime64[us]")
        # As numbers: numpy itself takes five times as long for each.
        return np.array([(at - _EPOCH) // _TICK for at in cells], "int64").view("datetime64[us]")
    if wanted in (int, bool):
        return np.array(cells, dtype={int: "int64", bool: "bool"}[wanted])
    if wanted == bool | None:
        cells = [None if cell is None else str(cell) for cell in cells]
    return np.array(_cells(wanted, cells), dtype=object)

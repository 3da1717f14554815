"""Queries of a person's own: what they read, what comes back, and what is said of a wrong one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.database import quoted
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.promised import promised

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_REASONS: Final = "smtpauth_kit.answers.counting:reasons"
"""Finds which rows count. That is an answer, which is a later room: named here, not imported."""

_NEAR: Final = 0.5
"""A name less like the one written than this is not offered for it."""

_EXACT: Final = 2**53
"""Whole numbers below it are the same as floats."""

_WHOLE: Final = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")

_NO_COLUMN: Final = re.compile(
    r'Referenced column "(?P<name>.+?)" not found|does not have a column named "(?P<other>.+?)"'
)
_NO_TABLE: Final = re.compile(r"Table with name (?P<name>.+?) does not exist")


def counting_tables(engine: Engine, place: Callable[[str], str]) -> dict[str, str]:
    """Return the SELECT of each table that shows what may be added up.

    Each of `submissions`, `sign_ins` and the rollups holds the rows that count; with `all_` before
    its name, every row with `counts` and `why_not`.

    Parameters
    ----------
    place
        Where a store's own table is, by its name.
    """
    reasons: Mapping[str, str] = resolve_name(_REASONS)(engine)
    every = {
        f"all_{table}": f"select *, ({why_not}) is null as counts, {why_not} as why_not "
        f"from {place(table)}"
        for table, why_not in reasons.items()
    }
    counting = {
        table: f"select * from {place(table)} where ({why_not}) is null"
        for table, why_not in reasons.items()
    }
    return every | counting


def views(engine: Engine, database: str) -> list[str]:
    """Return the statements that make a connection's tables show what may be added up.

    They are temporary: of one connection.
    """
    shown = counting_tables(engine, lambda table: f"{quoted(database)}.main.{table}")
    return [f"create temp view {name} as {text}" for name, text in shown.items()]


def check_can_be_written(query: str) -> None:
    """Refuse what is no text that can be written.

    Raises
    ------
    StoreError
        It holds half of a character.
    """
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise StoreError(
            "The query was not answered: character {n} of it is half of a character "
            "({character}), which no text can hold. Write it again.",
            n=error.start + 1,
            character=ascii(query[error.start]),
        ) from None


def is_empty() -> StoreError:
    """Return what is said of a query without a statement."""
    return StoreError("The query is empty. store.tables() shows what can be asked about.")


def check_one_statement(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse what is not one statement.

    Raises
    ------
    StoreError
        It is none, or several, or not text that can be written.
    """
    check_can_be_written(query)
    found = len(con.extract_statements(query))
    if not found:
        raise is_empty()
    if found > 1:
        raise StoreError(
            "The query was not answered: it holds {n} statements, and one is answered at a time. "
            "Ask each with a store.sql of its own.",
            n=found,
        )


def with_integers(
    rows: pd.DataFrame, types: Sequence[str], exact: Callable[[], list[tuple[Any, ...]]]
) -> pd.DataFrame:
    """Return an answer in which whole numbers are int64, or int where one is missing or larger.

    DuckDB adds integers up to 128-bit ones, which it hands to pandas as floats. Where those may
    have lost something, `exact` has to return the rows as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> sums = pd.DataFrame({"n": [3.0, 4.0]})
    >>> with_integers(sums, ["HUGEINT"], list)["n"].tolist()
    [3, 4]
    """
    import pandas as pd

    floats = [
        place
        for place, (kind, dtype) in enumerate(zip(types, rows.dtypes, strict=True))
        if _WHOLE.fullmatch(kind) and pd.api.types.is_float_dtype(dtype)
    ]
    if any((rows.iloc[:, place].abs() >= _EXACT).any() for place in floats):
        return pd.DataFrame(exact(), columns=rows.columns, dtype=object).infer_objects()
    columns = [
        promised(cells.to_frame(), ["BIGINT"]).iloc[:, 0] if place in floats else cells
        for place, (_, cells) in enumerate(rows.items())
    ]
    return pd.concat(columns, axis=1) if floats else rows


def refusal(error: Exception, query: str, columns: pd.DataFrame) -> StoreError:
    """Return what is said of a query that DuckDB did not answer.

    Parameters
    ----------
    columns
        table_name and column_name of all there is.
    """
    text = str(error)
    if found := _NO_COLUMN.search(text):
        wrong = found["name"] or found["other"]
        return _no_column(wrong, _nearest(wrong, _columns_of(query, columns)))
    if found := _NO_TABLE.search(text):
        wrong = found["name"].strip('"')
        return _no_table(wrong, _nearest(wrong, columns["table_name"].unique()))
    return StoreError(
        "The query was not answered. DuckDB says: {system}. The store is read-only; "
        "store.tables() shows every table and column.",
        system=" ".join(text.split("\n\n")[0].split()).rstrip("."),
    )


def _no_column(wrong: str, near: str | None) -> StoreError:
    if near is None:
        return StoreError(
            "There is no column {column} in what the query reads. store.tables() shows every table "
            "and column.",
            column=wrong,
        )
    return StoreError(
        "There is no column {column}. Did you mean {nearest}? store.tables() shows every table and "
        "column.",
        column=wrong,
        nearest=near,
    )


def _no_table(wrong: str, near: str | None) -> StoreError:
    if near is None:
        return StoreError(
            "There is no table {table}. store.tables() shows every table and column.", table=wrong
        )
    return StoreError(
        "There is no table {table}. Did you mean {nearest}? store.tables() shows every table and "
        "column.",
        table=wrong,
        nearest=near,
    )


def _columns_of(query: str, columns: pd.DataFrame) -> Iterable[str]:
    """Return the columns of the tables that a query names; of all, if it names none."""
    named = columns["table_name"].isin(re.findall(r"\w+", query.lower()))
    return list(columns["column_name"][named if named.any() else named | True])


def _nearest(wrong: str, names: Iterable[str]) -> str | None:
    """Return the name most like one: an address rather than what else goes on where it ends.

    >>> _nearest("sender", ["sender_key", "sender_domain", "sender_address", "source"])
    'sender_address'
    >>> _nearest("mesage_count", ["message_id", "message_count"])
    'message_count'
    >>> _nearest("xyz", ["message_id"]) is None
    True
    """

    def likeness(name: str) -> tuple[bool, float]:
        ratio = SequenceMatcher(None, wrong.lower(), name).ratio()
        return name == f"{wrong.lower()}_address", ratio

    best = max(names, key=likeness, default="")
    is_its_address, ratio = likeness(best)
    return best if is_its_address or ratio >= _NEAR else None

"""The seam to what holds the facts: run one complete SQL text, get rows of promised types.

DuckDB's store is one engine, Spark can be another. Everything the kit asks of either stands in
:class:`Engine`; how Spark SQL spells what it names differently from DuckDB stands in `SPARK`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from smtpauth_kit.store.rows import Rows, of_frame

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T")
_Ask = TypeVar("_Ask", bound=Callable[..., Any])


class SettingsPlace(Protocol):
    """Where settings can be kept: a store with a file of its own."""

    path: Path

    @property
    def settings_path(self) -> Path:
        """Where the file of settings is."""

    def rights(self) -> int | None:
        """Return who may do what with the store's file, as `chmod` has it; None: there is none."""

    def exists(self) -> bool:
        """Tell whether anything was loaded yet."""

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement and return its rows."""

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there, which not every store has."""


class Engine(ABC):
    """What an answer needs. Only `run` must be written; the rest has a default that is true.

    Examples
    --------
    >>> from smtpauth_kit import answers
    >>> class Wrapped(Engine):
    ...     def run(self, sql, params=None):
    ...         return store.run(sql, params)
    >>> int(answers.ask(Wrapped(), "insight").rows["message_count"].iloc[0])
    3
    """

    edition: str = ""
    """Names the state of the facts: after a load it is another. Empty: they are not told apart."""

    keeps_tables: bool = False
    """What a statement makes with `create temp table` is there for the next ones of a session."""

    tenants: tuple[str, ...] | None = None
    """The tenants whose facts it knows alone; None: it knows every one's."""

    settings_place: SettingsPlace | None = None
    """Where saved filters and the last choice are kept; None: nowhere."""

    @abstractmethod
    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one complete statement, in DuckDB's spelling, with `$name` parameters.

        Returns
        -------
        DataFrame
            Its rows in their order. Whatever the engine, a column of

            ========== ================================================================
            dates      holds `datetime.date` (dtype object)
            timestamps is datetime64[us], UTC, without a zone
            integers   is int64; where some are missing, holds int and None (object)
            floats     is float64, NaN where missing
            text       holds str (object)
            booleans   is bool; where some are missing, holds True, False, None (object)
            lists      holds lists (object)
            ========== ================================================================

            What is missing is None in a column of objects, NaT among timestamps.
        """

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement as :meth:`run` does, and return its rows as plain values."""
        return of_frame(self.run(sql, params))

    @property
    def whole(self) -> Engine:
        """The engine that knows every tenant."""
        return self

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there, which not every store has."""
        return False

    def asking(self, check: Callable[[], None] = lambda: None) -> AbstractContextManager[Engine]:
        """Ask several things of the facts as they are now, while a load may replace them.

        `check` is called while the engine has to be waited for; what it raises ends that.
        """
        return nullcontext(self)

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds out about all facts; where they cannot change, look once."""
        return find()

    def edition_now(self) -> str:
        """Return what names the state of the facts now: another text after a load."""
        return self.edition

    def interrupt(self) -> None:
        """Stop the statement under way, from any thread; an engine that cannot goes on."""
        return None


def at_one_moment(ask: _Ask) -> _Ask:
    """Let a function's questions to an engine be answered from one and the same state of it.

    Its figures would else be partly of the store before a load and partly of the one after.
    """

    @wraps(ask)
    def asked(engine: Engine, *args: Any, **named: Any) -> Any:
        with engine.asking() as same:
            return ask(same, *args, **named)

    return cast(_Ask, asked)


# --- how another engine spells the SQL -------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """What an engine writes differently from DuckDB: a pattern in the kit's SQL, and its own."""

    spellings: tuple[tuple[str, str], ...]
    literal: Callable[[str], str]
    """Writes a text as a value in its SQL."""

    def spell(self, sql: str, days: Iterable[str] = ()) -> str:
        r"""Return a statement of the kit as this engine reads it.

        Only the kit's own text may be given: values travel beside it, as parameters.

        Parameters
        ----------
        days
            Parameters whose values are days, written as text.

        Examples
        --------
        >>> SPARK.spell("select 1 where starts_with($text, 'a') and $key in (select unnest($keys))")
        "select 1 where startswith(:text, 'a') and :key in (select explode(:keys))"
        >>> print(SPARK.spell(r"select 'unnest($x) is it''s \name' as n"))
        select 'unnest($x) is it\'s \\name' as n
        >>> SPARK.spell("select * from days where day >= $start and name = '$start'", ["start"])
        "select * from days where day >= cast(:start as date) and name = '$start'"
        """
        values: list[str] = []

        def put_away(found: re.Match[str]) -> str:
            is_plain = re.fullmatch(r"'\w*'", found[0]) and _AWAY not in found[0]
            if found[0].startswith("--") or is_plain:
                return found[0]
            values.append(self.literal(found[0][1:-1].replace("''", "'")))
            return f"'{_AWAY}{len(values) - 1}'"

        sql = _VALUES.sub(put_away, sql)
        for name in days:
            sql = re.sub(rf"\${name}\b", f"cast(${name} as date)", sql)
        for pattern, own in self.spellings:
            sql = re.sub(pattern, own, sql)
        return re.sub(f"'{_AWAY}(\\d+)'", lambda found: values[int(found[1])], sql)


_VALUES: Final = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_AWAY: Final = "_value_"


def _spark_literal(text: str) -> str:
    return "'" + text.replace("\\", r"\\").replace("'", r"\'") + "'"


SPARK: Final = Dialect(
    (
        (r"(\w+) at time zone 'UTC' at time zone (\$\w+)", r"from_utc_timestamp(\1, \2)"),
        (r"\bstarts_with\(", "startswith("),
        (r"\bunnest\(", "explode("),
        (r"\bdate_diff\('day', ", "datediff(day, "),
        (r"\bepoch\(", "unix_timestamp("),
        (r"\$(\w+)", r":\1"),
    ),
    _spark_literal,
)
"""Spark SQL, 3.4 or newer, in a session whose time zone is UTC."""

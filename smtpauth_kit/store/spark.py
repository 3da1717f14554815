"""A store on Apache Spark: the same answers over the canonical tables on a cluster.

The tables are a folder that `smtpauth export-store` wrote (`spark:FOLDER`), or those of a database
of a catalog (`spark:NAME`). Each question is Spark SQL text with named values, and its answer is
the few rows that a screen shows; nothing is cached, and no session is reached into, so that Spark
Connect and serverless clusters do. Nothing is written on the cluster.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_kit.base.errors import Cancelled, StoreError
from smtpauth_kit.store import ad_hoc
from smtpauth_kit.store.engine import SPARK, Engine, SettingsPlace
from smtpauth_kit.store.facts_name import facts_name
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.store.spark_session import (
    as_spark_takes,
    days_among,
    in_utc,
    own_session,
    plain,
    said_by_spark,
)
from smtpauth_kit.store.spark_tables import Tables, check_place, named_in, only_read, tables_of
from smtpauth_kit.store.store import SQL_S, Store

if TYPE_CHECKING:
    import pandas as pd

    from smtpauth_kit.store.tables import Tables as ShownTables
    from smtpauth_kit.store.writer import Writer

_T = TypeVar("_T")

PREFIX: Final = "spark:"

MOST_ROWS: Final = 1_000
"""Rows of an answer that is kept in this process: while the facts are the same, it is."""


def open_on_spark(place: str, session: Any = None, database: str | None = None) -> SparkStore:
    """Return a store whose tables are on a cluster; see :func:`smtpauth_kit.open_store`."""
    named = place.removeprefix(PREFIX[:-1]).removeprefix(":")
    if named and database:
        raise StoreError(
            "Both {store} and database={database} say where the tables are. Give one of them.",
            store=place,
            database=repr(database),
        )
    check_place(database or named)
    return SparkStore(in_utc(session or own_session()), database or named)


class SparkStore(Store):
    """A store whose facts are on a cluster: it answers as any other, and nothing is loaded into it.

    Owners, saved filters and what was said of findings are kept on this machine: beside a folder,
    in `FOLDER.settings`; of a catalog's tables, in the user's data folder.
    """

    def __init__(self, session: Any, named: str) -> None:
        self._session = session
        self._tables: Tables = tables_of(session, named)
        self._known: dict[Any, Any] = {}
        self._edition = ""
        # What `--store` names it by.
        self.path = Path(f"{PREFIX}{self._tables.name}")
        self.settings_place = self

    def __repr__(self) -> str:
        return f"SparkStore({self._tables.name!r})"

    def exists(self) -> bool:
        """Tell whether there are tables: they were there when it was opened."""
        return True

    @property
    def settings_path(self) -> Path:
        """Where its settings are, on this machine."""
        if (folder := self._tables.folder) is not None:
            return folder.with_name(f"{folder.name}.settings")
        import platformdirs

        named = re.sub(r"\W+", "-", self._tables.name)[:40]
        digest = hashlib.sha256(self._tables.name.encode()).hexdigest()[:12]
        kept = Path(platformdirs.user_data_dir("smtpauth_kit", appauthor=False))
        return kept / f"spark-{named}-{digest}.settings"

    def rights(self) -> int | None:
        """Return who may do what with its settings: as new files are."""
        return None

    def edition_now(self) -> str:
        """Return what names the facts: of a folder as they are now, else at the last question."""
        return self._tables.edition_now() or self._edition

    def asking(self, check: Callable[[], None] = lambda: None) -> AbstractContextManager[Engine]:
        """Ask several things of the tables; see :meth:`Store.asking`.

        Raises
        ------
        StoreError
            They are not there any more, or not those of a store.
        """
        return self._asking(check)

    @contextmanager
    def _asking(self, check: Callable[[], None]) -> Iterator[SparkQuestion]:
        self._tables.refresh()
        question = SparkQuestion(self._session, self._tables, check, self)
        question.edition = self._tables.edition_now() or facts_name(question)
        if question.edition != self._edition:
            self._edition, self._known = question.edition, {}
        question.known = self._known
        yield question

    def sql(self, query: str, *, limit_s: float | None = SQL_S) -> pd.DataFrame:
        """Answer an ad-hoc query in Spark SQL; the tables are those of :meth:`Store.sql`.

        The cluster's own limits hold instead of `limit_s`.

        Raises
        ------
        StoreError
            The query is not one valid statement, or does more than read.
        """
        with self._asking(lambda: None) as question:
            return question.ad_hoc(query)

    def tables(self) -> ShownTables:
        """Return every table and column with its type, as Spark has it, and its meaning."""
        from smtpauth_kit.store.meanings import TABLES, meaning_of
        from smtpauth_kit.store.tables import Tables as ShownTables

        rows = []
        with self._asking(lambda: None) as question:
            for table, columns in question.columns():
                rows.append([table, "", "", TABLES.get(table, "")])
                rows += [[table, name, kind, meaning_of(table, name)] for name, kind in columns]
        return ShownTables(rows, columns=["table_name", "column_name", "type", "meaning"])

    @contextmanager
    def writing(
        self,
        check: Callable[[], None] = lambda: None,
        may_read: Sequence[str] = (),
        waits: Callable[[], None] = lambda: None,
    ) -> Iterator[Writer]:
        """Refuse: what is on a cluster is read only.

        Raises
        ------
        StoreError
            Always.
        """
        raise only_read(str(self.path))
        yield

    def migrate(self, check: Callable[[], None] = lambda: None) -> None:
        """Refuse, as :meth:`writing` does."""
        raise only_read(str(self.path))


class SparkQuestion(Engine):
    """One question to a cluster's tables; it can be interrupted where the session can."""

    def __init__(
        self,
        session: Any,
        tables: Tables,
        check: Callable[[], None],
        settings_place: SettingsPlace | None,
    ) -> None:
        self._session, self._tables, self._check = session, tables, check
        self.settings_place = settings_place
        self.known: dict[Any, Any] = {}
        self._tag = f"smtpauth-{secrets.token_hex(8)}"
        self._over = False

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement and return its rows, with the types that an engine promises.

        Errors as for :meth:`rows`.
        """
        return self.rows(sql, params).frame()

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement and return its rows as plain values.

        Raises
        ------
        Cancelled
            It was interrupted, now or before.
        StoreError
            The cluster does not answer it.
        """
        values = {name: as_spark_takes(value) for name, value in (params or {}).items()}
        text = named_in(SPARK.spell(sql, days_among(params or {})), self._tables.places)
        asked = ("rows", text, repr(sorted(values.items())))
        if asked in self.known:
            return self.known[asked]  # type: ignore[no-any-return]
        found = self._found(text, values)
        if len(found) <= MOST_ROWS:
            self.known[asked] = found
        return found

    def _found(self, text: str, values: Mapping[str, Any]) -> Rows:
        try:
            return self._answered(text, values)
        except Cancelled:
            raise
        except Exception as error:
            raise StoreError(
                "The cluster did not answer. Spark says: {system}.", system=said_by_spark(error)
            ) from error

    def _answered(self, text: str, values: Mapping[str, Any]) -> Rows:
        self._check()
        if self._over:
            raise _cancelled()
        try:
            with self._tagged():
                found = self._session.sql(text, args=dict(values))
                fields = [(each.name, each.dataType.simpleString()) for each in found.schema]
                return plain(fields, found.collect())
        except Exception:
            if self._over:
                raise _cancelled() from None
            raise

    @contextmanager
    def _tagged(self) -> Iterator[None]:
        """Give what is run now a tag by which it can be interrupted, where the session has tags."""
        has_tags = hasattr(self._session, "interruptTag")
        if has_tags:
            self._session.addTag(self._tag)
        try:
            yield
        finally:
            if has_tags:
                self._session.removeTag(self._tag)

    def interrupt(self) -> None:
        """Stop the statement under way, where the session can, and let no other begin."""
        self._over = True
        with suppress(Exception):  # It may have ended just now.
            self._session.interruptTag(self._tag)

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there."""
        return set(names) <= set(self._tables.places)

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds; while the facts are the same, it is looked for once."""
        if key not in self.known:
            self.known[key] = find()
        found: _T = self.known[key]
        return found

    def ad_hoc(self, query: str) -> pd.DataFrame:
        """Answer a person's own query; errors as for :meth:`SparkStore.sql`."""
        ad_hoc.check_can_be_written(query)
        if not query.strip(" \n\t;"):
            raise ad_hoc.is_empty()
        try:
            return self._answered(self._only_reading(query), {}).frame()
        except Cancelled:
            raise
        except Exception as error:
            raise StoreError(
                "The query was not answered. Spark says: {system}. The store is read-only; "
                "store.tables() shows every table and column.",
                system=said_by_spark(error),
            ) from None

    def _only_reading(self, query: str) -> str:
        """Return a query over what counts. Within brackets, nothing but reading is a statement."""
        shown = ", ".join(f"{name} as ({text})" for name, text in self._shown().items())
        return f"with {shown}\nselect * from (\n{query.strip().rstrip(';')}\n) as asked"

    def _shown(self) -> dict[str, str]:
        """Return the SELECT of each table that a person can ask about."""
        places = self._tables.places
        counting = ad_hoc.counting_tables(self, places.__getitem__)
        others = {t: f"select * from {at}" for t, at in places.items() if t not in counting}
        spelled = {name: SPARK.spell(text) for name, text in counting.items()}
        return spelled | others

    def columns(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield each table that a person can ask about, with its columns and their types."""
        for name, text in self._shown().items():
            fields = self._session.sql(text).schema
            yield name, [(field.name, field.dataType.simpleString()) for field in fields]


def _cancelled() -> Cancelled:
    return Cancelled("The question was cancelled; the screen is as it was before.")

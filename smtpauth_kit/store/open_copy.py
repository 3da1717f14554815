"""The working copy of a store while it is written to: statements, staging tables, transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtpauth_kit import __version__
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.facts import (
    Submission,
)
from smtpauth_kit.base.names import SCHEMA_VERSION, SOURCES
from smtpauth_kit.store.database import (
    LOADING_S,
    QUESTION_S,
    USUAL_ORDER,
    connect_to_write,
    literal,
    open_again,
    run_within,
    sql_text,
    use_cores,
)
from smtpauth_kit.store.empty_store import make_empty_store, make_views
from smtpauth_kit.store.staged_facts import filled
from smtpauth_kit.store.staged_rows import insert
from smtpauth_kit.store.working_copy import check_whole, figures
from smtpauth_kit.values import addresses
from smtpauth_kit.words.inert import printable

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


class OpenCopy:
    """A working copy of the store, open to be written to."""

    def __init__(
        self,
        work: Path,
        existing: bool,
        check: Callable[[], None],
        may_read: Sequence[str] = (),
    ) -> None:
        self.path = work
        self.changed = False
        self._check = check
        if not existing:
            make_empty_store(work)
        self._con: duckdb.DuckDBPyConnection | None = connect_to_write(
            work, may_read=may_read, folders=[str(work.parent)]
        )
        self._size = work.stat().st_size if existing else 0
        use_cores(self._con, self._size)
        ranks = ", ".join(f"({literal(name)}, {rank})" for rank, name in enumerate(SOURCES))
        self._con.execute(
            f"create temp table ranks as from (values {ranks}) as ranks(source, rank)"
        )
        try:
            if existing:
                self._con.execute(sql_text("findings"))  # An older store lacks these tables.
            else:
                self._write_when_made()
        except BaseException:
            self.close()
            raise

    def make_views(self) -> None:
        """Make the views anew, and write into the store what its tables and columns mean."""
        make_views(self.con)

    def _write_when_made(self) -> None:
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self.con.execute(
            "insert into store_info values (?, ?, ?)", [SCHEMA_VERSION, __version__, now]
        )

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection to the working copy."""
        assert self._con is not None
        return self._con

    def expect(self, size: int) -> None:
        """Work on all cores once there are enough bytes, of the store and of files, for them."""
        self._size += size
        use_cores(self.con, self._size)

    def finish(self) -> None:
        """Move all that was written into the copy's file, make sure that it is there, and close it.

        Nobody stops it here: what was done is kept also when somebody wants to stop.

        Raises
        ------
        StoreError
            Not all of it is there.
        """
        counted = run_within(self.con, lambda: figures(self.con), QUESTION_S)
        run_within(self.con, lambda: self.con.execute("checkpoint"), LOADING_S)
        run_within(self.con, lambda: open_again(self.con, self.path), QUESTION_S)
        check_whole(self.con, self.path, counted)
        self.close()

    def close(self) -> None:
        """Close the working copy; only :meth:`finish` makes sure of what is in its file."""
        if self._con is not None:
            self._con.close()
            self._con = None

    def forget_staged(self) -> None:
        """Make the staging tables anew, empty."""
        self.con.execute(sql_text("staged"))

    def insert(self, table: str, frame: pd.DataFrame, same: Mapping[str, Any]) -> None:
        """Insert rows into a table by the names of their columns; `same` are equal for all."""
        insert(self.con, table, frame, same)

    def settle_messages(self) -> None:
        """Let each message have all that is known of it, of those noted as not yet settled."""
        if self.has_rows("unsettled"):
            self.execute(sql_text("settle_messages"))

    def run_each(self, name: str, file_id: int, kind: type = Submission) -> None:
        """Run the statements of a SQL file one by one: each takes the parameter or none."""
        for statement in self.con.extract_statements(filled(name, kind)):
            takes = statement.named_parameters
            self.execute(statement, {"file_id": file_id} if takes else None)

    @contextmanager
    def transaction(self, path: str) -> Iterator[None]:
        """Do all or nothing of what the block does.

        Raises
        ------
        FileRefused
            The counts of the file at `path` are too large to add up.
        """
        import duckdb

        self.con.execute("begin")
        try:
            yield
            self.con.execute("commit")
        except BaseException as error:
            with suppress(Exception):
                self.con.execute("rollback")
                self.con.execute(USUAL_ORDER)
            if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
                raise FileRefused(
                    "The counts of {file} add up to more than 9,223,372,036,854,775,807, more than "
                    "any number of messages. Look for a count that is no count, mend it, and load "
                    "it again.",
                    file=printable(path),
                ) from None
            raise
        self.changed = True

    def has_rows(self, table: str, where: str = "true") -> bool:
        """Tell whether a table has a row that meets a condition."""
        return bool(self.rows(f"select 1 from {table} where {where} limit 1"))

    def learn_addresses(self, texts: Iterable[str]) -> None:
        """Add every new form of an address, with the form it is compared in."""
        forms = [(text, *addresses.account(text)[1:]) for text in texts]
        if not forms:
            return
        self.show_as_batch(
            address=[f[0] for f in forms],
            address_key=[f[1] for f in forms],
            domain=[f[2] for f in forms],
        )
        self.execute(sql_text("new_addresses"))
        self.con.execute("drop table batch")

    def show_as_batch(self, **columns: list[str]) -> None:
        """Let SQL see columns of text as the table `batch`."""
        lists = ", ".join(f"unnest(${name}::varchar[]) as {name}" for name in columns)
        self.con.execute(f"create or replace temp table batch as select {lists}", dict(columns))

    def execute(
        self,
        sql: str | duckdb.Statement,
        params: Mapping[str, Any] | None = None,
        tell: Callable[[float], None] = lambda share: None,
    ) -> duckdb.DuckDBPyConnection:
        """Run statements; a wish to stop is heard in the middle of them.

        `tell` hears what share is done, 0 to 1, where DuckDB knows it.
        """

        def watch() -> None:
            self._check()
            tell(max(self.con.query_progress(), 0.0) / 100)

        job = partial(self.con.execute, sql, dict(params) if params else None)
        result = run_within(self.con, job, LOADING_S, watch)
        self._check()
        tell(1.0)
        return result

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Answer a small question of the copy; a wish to stop and the limit of time are heard."""
        ask = partial(self.con.execute, sql, dict(params) if params else None)
        return run_within(self.con, lambda: ask().fetchall(), QUESTION_S, self._check)

"""The reading side of a store: one read database a process; it follows the file when swapped.

Readers never wait for a load. They let go of the file half a minute after their last question (on
Windows after each, because an open file cannot be replaced there).
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_kit.base.errors import Cancelled, StoreError
from smtpauth_kit.base.replacing import is_full, why
from smtpauth_kit.store import ad_hoc
from smtpauth_kit.store.database import (
    QUESTION_S,
    connect,
    run_within,
    sql_text,
)
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.store.promised import promised
from smtpauth_kit.store.rows import Rows, described, fetched
from smtpauth_kit.store.unopenable import check_version, is_held, why_unopenable

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_T = TypeVar("_T")

LOCK_WAIT_S: Final = 15.0
"""Seconds that a reader waits for a program that keeps the file to itself."""
IDLE_S: Final = 30.0
"""Seconds that a reader keeps the file open after its last question.

The next question is then 25 ms faster (50 million messages), and a person looks at an answer for
seconds. Only a program that is not the kit and wants to write in the store waits for it.
"""


class Question(Engine):
    """One question to a store: all its statements see the same store, and it can be interrupted."""

    keeps_tables = True

    def __init__(self, con: duckdb.DuckDBPyConnection, edition: str, known: dict[Any, Any]) -> None:
        self._con, self.edition, self._known = con, edition, known
        self._over = False

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement and return its rows, with the types that an engine promises.

        Raises
        ------
        Cancelled
            It was interrupted, now or before.
        StoreError
            It was stopped at a limit (of time: `QUESTION_S` seconds).
        """
        rows, types = self._fetched(sql, params or {}, QUESTION_S)
        return promised(rows, types)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement and return its rows as plain values; errors as for :meth:`run`."""

        def answer() -> Rows:
            result = self._con.execute(sql, dict(params or {}))
            return fetched(*described(result), result.fetchall())

        return self._within(QUESTION_S, answer)

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there, which not every store has."""
        found = self.found_once(
            ("base_tables",), lambda: frozenset(self.rows(sql_text("base_tables"))["table_name"])
        )
        return found.issuperset(names)

    def ad_hoc(self, sql: str, *, limit_s: float | None) -> pd.DataFrame:
        """Answer a person's own query, with the types DuckDB gives pandas but whole numbers whole.

        It is stopped after `limit_s` seconds; errors as for :meth:`run`.

        Raises
        ------
        StoreError
            It is not one statement, or not one that can be answered.
        """
        import duckdb

        def fetched() -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = self._con.execute(sql).fetchall()
            return rows

        self.show_what_counts()
        try:
            ad_hoc.check_one_statement(self._con, sql)
            rows, types = self._fetched(sql, {}, limit_s)
            return ad_hoc.with_integers(rows, types, lambda: self._within(limit_s, fetched))
        except duckdb.Error as error:
            from smtpauth_kit.store.meanings import SHOWN

            raise ad_hoc.refusal(error, sql, self.run(sql_text("tables"), SHOWN)) from None

    def show_what_counts(self) -> None:
        """Let the tables of this question, from now on, be those that may be added up."""
        ((database,),) = self.rows("select current_database() as name")
        for view in ad_hoc.views(self, database):
            self._con.execute(view)

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds; until a load replaces the store, it is looked for once."""
        if key not in self._known:
            self._known[key] = find()
        found: _T = self._known[key]
        return found

    def _fetched(
        self, sql: str, params: Mapping[str, Any], limit_s: float | None
    ) -> tuple[pd.DataFrame, list[str]]:
        def answer() -> tuple[pd.DataFrame, list[str]]:
            result = self._con.execute(sql, dict(params))
            types = [str(kind) for _, kind, *_ in result.description]
            return result.df(), types

        return self._within(limit_s, answer)

    def _within(self, limit_s: float | None, job: Callable[[], _T]) -> _T:
        import duckdb

        try:
            if not self._over:
                return run_within(self._con, job, limit_s, self._check)
        except duckdb.InterruptException:
            if not self._over:
                raise
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            if isinstance(error, duckdb.IOException) and not is_full(error):
                raise
            raise StoreError(
                "The question was stopped: it takes more room than it may. DuckDB says: {system}. "
                "Ask for fewer days or senders, or make room on the disk of the store.",
                system=why(error),
            ) from None
        raise self._cancelled()

    def _check(self) -> None:
        if self._over:
            raise self._cancelled()

    def _cancelled(self) -> Cancelled:
        return Cancelled("The question was cancelled; the screen is as it was before.")

    def interrupt(self) -> None:
        """Stop the statement under way, and let no other begin; from any thread."""
        import duckdb

        self._over = True
        with suppress(duckdb.ConnectionException):  # It may have ended just now.
            self._con.interrupt()

    def close(self) -> None:
        """End it."""
        self._con.close()


class Reader:
    """The one read database of this process on a file; it follows the file when it is swapped.

    DuckDB hands out one database per path and process: two readers of one path would both stay
    on the old file as long as either holds it. So they share this, each with its own cursor, and
    a new file is opened when the last question to the old one has ended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._con: duckdb.DuckDBPyConnection | None = None
        self._identity: tuple[int, int, int] | None = None
        self._edition: tuple[int, int, int] | None = None  # Stays when the file is let go of.
        self._timer: threading.Timer | None = None
        self._free = threading.Condition(threading.RLock())
        self._asking: Counter[int] = Counter()
        self._kept: dict[Any, Any] = {}

    @contextmanager
    def asking(
        self, check: Callable[[], None], settings_place: SettingsPlace | None = None
    ) -> Iterator[Question]:
        """Ask several things of the file as it is now; see :meth:`Store.asking`."""
        me = threading.get_ident()
        with self._free:
            cursor = self._connection(check).cursor()
            question = Question(cursor, str(self._edition), self._kept)
            question.settings_place = settings_place
            self._asking[me] += 1
        try:
            yield question
        finally:
            question.close()
            with self._free:
                self._asking = +(self._asking - Counter([me]))
                self._free.notify_all()
                if self._identity is None:
                    self.close()
                elif not self._asking:
                    self._close_when_idle()

    def _close_when_idle(self) -> None:
        """Let go of the file soon: another program may want it, and opening it costs 15 ms."""
        if self._timer is not None:
            self._timer.cancel()
        if os.name == "nt":
            self.close()
            return
        self._timer = threading.Timer(IDLE_S, self._close_if_idle)
        self._timer.daemon = True
        self._timer.start()

    def _close_if_idle(self) -> None:
        with self._free:
            if not self._asking:
                self.close()

    def close(self) -> None:
        """Let go of the file, when the questions under way have ended: they need it."""
        with self._free:
            if self._timer is not None:
                self._timer.cancel()
            self._identity = None
            if self._con is not None and not self._asking:
                self._con.close()
                self._con = None

    def _connection(self, check: Callable[[], None]) -> duckdb.DuckDBPyConnection:
        while True:
            identity = self._identity_now()
            mine = threading.get_ident() in self._asking
            if self._con is not None and (mine or identity == self._identity):
                return self._con
            if mine or not self._asking:
                self.close()
                self._con = self._open(check, size=identity[-1])
                if self._identity_now() != identity:
                    continue  # A load swapped it meanwhile: which of the two was opened?
                self._identity = identity
                if identity != self._edition:
                    self._edition, self._kept = identity, {}
                return self._con
            self._free.wait()

    def edition_now(self) -> str:
        """Return what names the file as it is now; empty while there is none to be seen."""
        try:
            return str(_identity(self._path))
        except OSError:
            return ""

    def _identity_now(self) -> tuple[int, int, int]:
        try:
            return _identity(self._path)
        except FileNotFoundError:
            self.close()
            raise StoreError(
                "There is no store at {file} yet. Load an export into it: "
                'smtpauth load PATH, or sk.load(store, "data/exports") in a notebook.',
                file=str(self._path),
            ) from None

    def _open(self, check: Callable[[], None], size: int) -> duckdb.DuckDBPyConnection:
        import duckdb

        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                con = connect(self._path, read_only=True, size=size)
            except duckdb.IOException as error:
                if is_held(str(error)) and time.monotonic() < deadline:
                    check()
                    time.sleep(0.1)
                    continue
                raise why_unopenable(self._path, error) from None
            except duckdb.Error as error:
                raise why_unopenable(self._path, error) from None
            try:
                check_version(con, self._path)
            except BaseException:
                con.close()
                raise
            return con


def _identity(path: Path) -> tuple[int, int, int]:
    """Return what tells a file from the one that a load puts in its place."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


_OF_PATHS: dict[Path, Reader] = {}


@atexit.register
def _close_readers() -> None:
    """Close before Python ends: a timer that closes DuckDB in a dying interpreter kills it."""
    for reader in _OF_PATHS.values():
        reader.close()


def reader_of(path: Path) -> Reader:
    """Return the reader of a file: the same for all who ask in this process."""
    return _OF_PATHS.setdefault(path, Reader(path))

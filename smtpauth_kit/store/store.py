"""The store: one DuckDB file with the facts. Readers never wait for a load.

A load works on a copy beside the store and swaps it in when it is done, so that a reader has the
store as it was before or as it is after, and a process that dies leaves it as it was. Readers let
go of the file half a minute after their last question (on Windows after each, because an open file
cannot be replaced there). What is written to the copy is :mod:`smtpauth_kit.store.writer`'s.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.errors import KitError, OtherVersion, StoreError
from smtpauth_kit.base.replacing import keep_rights, place_of, swap_in, why
from smtpauth_kit.store.database import (
    sql_text,
)
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.reader import LOCK_WAIT_S, Question, Reader, reader_of
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.store.working_copy import check_name, check_no_log, copy_store, working_copy

if TYPE_CHECKING:
    import pandas as pd

    from smtpauth_kit.store.tables import Tables
    from smtpauth_kit.store.writer import Writer

STORE_NAME: Final = "smtpauth.duckdb"
SQL_S: Final = 600.0
"""Seconds that a query of a person's own may take, when nobody says otherwise."""
_LOCK_FLAGS: Final = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)


def default_path() -> Path:
    """Return where the store is when nobody says: SMTPAUTH_STORE, the project, the user's data.

    The project is the nearest folder upwards that holds `notebooks/` and `data/`.
    """
    if named := os.environ.get("SMTPAUTH_STORE"):
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "data").is_dir():
            return folder / "data" / STORE_NAME
    import platformdirs

    return Path(platformdirs.user_data_dir("smtpauth_kit", appauthor=False)) / STORE_NAME


def open_store(path: str | os.PathLike[str] | None = None) -> Store:
    """Return the store at `path`, else the one :func:`default_path` names. It need not exist yet.

    Raises
    ------
    StoreError
        There is a file, but it is damaged, no store of the kit, or of a schema version that this
        kit does not know.

    Notes
    -----
    A store of an older schema is brought up to this one; the old file stays beside it, under its
    name with `.schema-N.backup` behind it.
    """
    store = Store(Path(path).expanduser() if path else default_path())
    if store.exists():
        try:
            store.rows("select 1")
        except OtherVersion as older:
            from smtpauth_kit.store import migrating

            if not migrating.can_be_brought_up(older.schema):
                raise
            store.migrate()
            store.rows("select 1")
    return store


class Store(Engine):
    """A store file: questions are answered from it, loads go into it.

    Examples
    --------
    >>> store = open_store("nothing-here.duckdb")
    >>> store.exists()
    False
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.settings_place = self

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @property
    def _reader(self) -> Reader:
        """Return what reads the file: one for all the names and links that lead to it."""
        return reader_of(Path(os.path.realpath(self.path)))

    def exists(self) -> bool:
        """Tell whether anything was loaded yet."""
        return self.path.exists()

    @property
    def settings_path(self) -> Path:
        """Where its settings are: the file beside it that `settings` reads and writes."""
        with _plain_os_errors(self.path):
            place = place_of(self.path)
        return place.with_name(f"{place.name}.settings")

    def edition_now(self) -> str:
        """Return what names its file as it is now; empty while there is none."""
        return self._reader.edition_now()

    def rights(self) -> int | None:
        """Return who may do what with its file, as `chmod` has it; None: there is none yet."""
        return stat.S_IMODE(self.path.stat().st_mode) if self.exists() else None

    def has_tables(self, *names: str) -> bool:
        """Tell whether all these tables are there; errors as of `run`."""
        with self.asking() as question:
            return question.has_tables(*names)

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement read-only and return its rows.

        Raises
        ------
        StoreError
            There is no store here yet, or it cannot be read.
        """
        with self.asking() as question:
            return question.run(sql, params)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement read-only and return its rows as plain values; errors as of `run`."""
        with self.asking() as question:
            return question.rows(sql, params)

    def asking(self, check: Callable[[], None] = lambda: None) -> AbstractContextManager[Engine]:
        """Ask several things of the store as it is now, while a load may replace it.

        `check` is called while another program keeps the store to itself; what it raises ends that.

        Examples
        --------
        >>> with store.asking() as question:
        ...     question.run("select 6 * 7 as answer")
           answer
        0      42

        Raises
        ------
        StoreError
            There is no store here yet, or it cannot be read.
        """
        return self._question(check)

    def _question(
        self, check: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[Question]:
        return self._reader.asking(check, self)

    def sql(self, query: str, *, limit_s: float | None = SQL_S) -> pd.DataFrame:
        """Answer an ad-hoc query: read-only SQL on the tables that :meth:`tables` explains.

        A store holds what several sources say of the same mail. `submissions`, `sign_ins`,
        `daily_by_sender` and `daily_by_domain` hold the rows that count under source auto for all
        days loaded together, so that a sum over one of them is what `show insight` says of those
        days; `all_submissions` and so on hold every row, with `counts` and `why_not`.

        Whole numbers come back as int64, or as int where one is missing or does not fit.

        It may take `limit_s` seconds (ten minutes; None is no limit), a twelfth of the machine's
        memory (1 to 2 GB) to work in, on disk 16 GiB or half of what is free, and 4 GiB of memory
        with its answer. A notebook's Stop button and Ctrl-C end it within a second.

        Examples
        --------
        >>> store.sql("select source, sum(message_count) as n from submissions group by 1")
                   source  n
        0  submission_log  3

        Raises
        ------
        StoreError
            The query is not one valid statement, does more than read, or was stopped at a limit.
        """
        with self._question() as question:
            return question.ad_hoc(query, limit_s=limit_s)

    def tables(self) -> Tables:
        """Return every table and column with its type and meaning; it shows itself table by table.

        Examples
        --------
        >>> tables = store.tables()
        >>> tables[tables.column_name == "tls_version"].meaning.iloc[0]
        'none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)'
        """
        from smtpauth_kit.store.meanings import SHOWN
        from smtpauth_kit.store.tables import Tables

        with self._question() as question:
            question.show_what_counts()
            return Tables(question.run(sql_text("tables"), SHOWN))

    @contextmanager
    def writing(
        self,
        check: Callable[[], None] = lambda: None,
        may_read: Sequence[str] = (),
        waits: Callable[[], None] = lambda: None,
    ) -> Iterator[Writer]:
        """Open a copy to write to; it becomes the store at the end if anything was appended.

        Waits for another load to end first, and calls `waits` meanwhile. `check` is called all the
        while; what either raises ends the work, and each file that was done stays. DuckDB itself
        can open the files in `may_read`, and no others.

        Raises
        ------
        StoreError
            The folder cannot be written, the disk is full, or the store cannot be read.
        """
        from smtpauth_kit.store.writer import Writer  # Who only asks needs no format.

        with _plain_os_errors(self.path):
            place = place_of(self.path)
            with (
                self._lock(place, check, waits),
                working_copy(place) as work,
                closing(Writer(work, self._copy_to(work), check, may_read)) as writer,
            ):
                try:
                    yield writer
                except (KitError, KeyboardInterrupt):
                    # Each file was a transaction of its own: those that were done stay.
                    self._publish(writer)
                    raise
                self._publish(writer)

    def migrate(self, check: Callable[[], None] = lambda: None) -> None:
        """Bring a store of an older schema up to this one, on a copy that is swapped in when whole.

        Raises
        ------
        StoreError
            The folder cannot be written, or the disk is full: the store is as it was before.
        """
        from smtpauth_kit.store import migrating
        from smtpauth_kit.store.writer import Writer

        with _plain_os_errors(self.path):
            place = place_of(self.path)
            with self._lock(place, check), working_copy(place) as work:
                check_no_log(place)
                copy_store(place, work)
                with closing(Writer(work, True, check)) as writer:
                    older = migrating.bring_up(writer)
                    if older:  # Else another process did it, while this one waited.
                        migrating.keep_backup(place, older)
                        self._swap_in(writer)

    @contextmanager
    def _lock(
        self, place: Path, check: Callable[[], None], waits: Callable[[], None] = lambda: None
    ) -> Iterator[None]:
        from filelock import FileLock, Timeout

        check_name(place)
        lock = FileLock(f"{place}.lock")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Where it cannot be made the lock itself would try without end.
            os.close(os.open(lock.lock_file, _LOCK_FLAGS, 0o666))
            while not lock.is_locked:
                check()
                try:
                    lock.acquire(timeout=0.3)
                except Timeout:
                    waits()
        except OSError as error:
            raise StoreError(
                "The store's folder {folder} cannot be written to ({system}). "
                "Give another place with --store or SMTPAUTH_STORE.",
                folder=str(place.parent),
                system=error.strerror or str(error),
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _copy_to(self, work: Path) -> bool:
        """Copy the store, if there is one."""
        place = place_of(self.path)
        check_no_log(place)
        if not place.exists():
            return False
        if self.has_tables("pulled_from"):
            raise StoreError(
                "The store {file} was pulled from another one and holds counts instead of "
                "messages: nothing is loaded into it or taken out of it. Load into another "
                "store (--store), or pull it anew.",
                file=str(self.path),
            )
        copy_store(place, work)
        return True

    def _publish(self, writer: Writer) -> None:
        if writer.changed:
            self._swap_in(writer)

    def _swap_in(self, writer: Writer) -> None:
        """Put the copy in the store's place; it holds all that was written, or this fails."""
        writer.finish()
        place = place_of(self.path)
        check_no_log(place)
        with writer.path.open("rb+") as stream:
            keep_rights(stream.fileno(), place)
            self._reader.close()
            swap_in(stream, writer.path, place, LOCK_WAIT_S)


@contextmanager
def _plain_os_errors(path: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (
        OSError, duckdb.OperationalError, duckdb.FatalException, duckdb.InternalException
    ) as error:  # fmt: skip
        raise StoreError(
            "The store {file} could not be written: {system}. It is as it was before. "
            "Make room, or give another place with --store, and load again.",
            file=str(path),
            system=why(error),
        ) from None

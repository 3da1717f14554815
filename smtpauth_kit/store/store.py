"""The store: one DuckDB file with the facts. Readers never wait for a load.

A load works on a copy beside the store and swaps it in when it is done, so that a reader has the
store as it was before or as it is after, and a process that dies leaves it as it was. Readers let
go of the file half a minute after their last question (on Windows after each, because an open file
cannot be replaced there). What is written to the copy is :mod:`smtpauth_kit.store.writer`'s.
"""

from __future__ import annotations

import atexit
import os
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_kit import __version__
from smtpauth_kit.base.errors import Cancelled, KitError, OtherVersion, StoreError
from smtpauth_kit.base.names import SCHEMA_VERSION
from smtpauth_kit.base.replacing import is_full, keep_rights, place_of, swap_in, why
from smtpauth_kit.store.database import (
    OPENING_S,
    QUESTION_S,
    connect,
    first_row,
    run_within,
    sql_text,
)
from smtpauth_kit.store.engine import Engine, promised
from smtpauth_kit.store.working_copy import check_no_log, check_whole, copy_store, working_copy
from smtpauth_kit.store.writer import Writer

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_T = TypeVar("_T")

STORE_NAME: Final = "smtpauth.duckdb"
LOCK_WAIT_S: Final = 15.0
SQL_S: Final = 600.0
"""Seconds that a query of a person's own may take, when nobody says otherwise."""
_LOCK_FLAGS: Final = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
IDLE_S: Final = 30.0
"""A reader keeps the file open this long after its last question.

The next question is then 25 ms faster (50 million messages), and a person looks at an answer for
seconds. Only a program that is not the kit and wants to write in the store waits for it.
"""


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
        There is a file, but it is damaged, no store of the kit, or of another schema version.
    """
    store = Store(Path(path).expanduser() if path else default_path())
    if store.exists():
        store.run("select 1")
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
    def _reader(self) -> _Reader:
        """Return what reads the file: one for all the names and links that lead to it."""
        return _reader_of(Path(os.path.realpath(self.path)))

    def exists(self) -> bool:
        """Tell whether anything was loaded yet."""
        return self.path.exists()

    @property
    def settings_path(self) -> Path:
        """Where its settings are: the file beside it that `settings` reads and writes."""
        with _plain_os_errors(self.path):
            place = place_of(self.path)
        return place.with_name(f"{place.name}.settings")

    def rights(self) -> int | None:
        """Return who may do what with its file, as `chmod` has it; None: there is none yet."""
        return stat.S_IMODE(self.path.stat().st_mode) if self.exists() else None

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement read-only and return its rows.

        Raises
        ------
        StoreError
            There is no store here yet, or it cannot be read.
        """
        with self.asking() as question:
            return question.run(sql, params)

    def asking(self, check: Callable[[], None] = lambda: None) -> AbstractContextManager[Question]:
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
        return self._reader.asking(check)

    def sql(self, query: str, *, limit_s: float | None = SQL_S) -> pd.DataFrame:
        """Answer an ad-hoc query: read-only SQL on the tables that :meth:`tables` explains.

        It may take `limit_s` seconds (ten minutes; None is no limit), 1 GB of memory to work in, on
        disk 16 GiB or half of what is free, and 4 GiB of memory with its answer. A notebook's Stop
        button and Ctrl-C end it within a second.

        Examples
        --------
        >>> store.sql("select source, sum(message_count)::bigint as n from submissions group by 1")
                   source  n
        0  submission_log  3

        Raises
        ------
        StoreError
            The query is not valid, does more than read, or was stopped at a limit.
        """
        import duckdb

        try:
            with self.asking() as question:
                return question.as_pandas(query, limit_s=limit_s)
        except duckdb.Error as error:
            words = str(error).split("\n\n")[0].strip()
            raise StoreError(
                "The query was not answered. DuckDB says: {system}. The store is read-only; "
                "store.tables() shows every table and column.",
                system=words,
            ) from None

    def tables(self) -> pd.DataFrame:
        """Return every table and column with its type and meaning."""
        return self.run(sql_text("tables"))

    @contextmanager
    def writing(
        self, check: Callable[[], None] = lambda: None, may_read: Sequence[str] = ()
    ) -> Iterator[Writer]:
        """Open a copy to write to; it becomes the store at the end if anything was appended.

        Waits for another load to end first. `check` is called all the while; what it raises ends
        the work, and each file that was done stays. DuckDB itself can open the files in
        `may_read`, and no others.

        Raises
        ------
        StoreError
            The folder cannot be written, the disk is full, or the store cannot be read.
        """
        with _plain_os_errors(self.path):
            place = place_of(self.path)
            with (
                self._lock(place, check),
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

    @contextmanager
    def _lock(self, place: Path, check: Callable[[], None]) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(f"{place}.lock")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Where it cannot be made the lock itself would try without end.
            os.close(os.open(lock.lock_file, _LOCK_FLAGS, 0o666))
            while not lock.is_locked:
                check()
                with suppress(Timeout):
                    lock.acquire(timeout=0.3)
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
        self.run("select 1")
        copy_store(place, work)
        return True

    def _publish(self, writer: Writer) -> None:
        if writer.changed:
            self._swap_in(writer)

    def _swap_in(self, writer: Writer) -> None:
        """Put the copy in the store's place; it holds all that was written, or this fails."""
        counted = writer.finish()
        check_whole(writer.path, counted)
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


# --- reading -----------------------------------------------------------------------------


class Question(Engine):
    """One question to a store: all its statements see the same store, and it can be interrupted."""

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

    def as_pandas(self, sql: str, *, limit_s: float | None) -> pd.DataFrame:
        """Run one statement and return its rows with the types DuckDB gives pandas.

        It is stopped after `limit_s` seconds; errors as for :meth:`run`.
        """
        return self._fetched(sql, {}, limit_s)[0]

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds; until a load replaces the store, it is looked for once."""
        if key not in self._known:
            self._known[key] = find()
        found: _T = self._known[key]
        return found

    def _fetched(
        self, sql: str, params: Mapping[str, Any], limit_s: float | None
    ) -> tuple[pd.DataFrame, list[str]]:
        import duckdb

        def answer() -> tuple[pd.DataFrame, list[str]]:
            result = self._con.execute(sql, dict(params))
            types = [str(kind) for _, kind, *_ in result.description]
            return result.df(), types

        try:
            if not self._over:
                return run_within(self._con, answer, limit_s, self._check)
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


class _Reader:
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
    def asking(self, check: Callable[[], None]) -> Iterator[Question]:
        me = threading.get_ident()
        with self._free:
            cursor = self._connection(check).cursor()
            question = Question(cursor, str(self._edition), self._kept)
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
                self._con = self._open(check)
                if self._identity_now() != identity:
                    continue  # A load swapped it meanwhile: which of the two was opened?
                self._identity = identity
                if identity != self._edition:
                    self._edition, self._kept = identity, {}
                return self._con
            self._free.wait()

    def _identity_now(self) -> tuple[int, int, int]:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self.close()
            raise StoreError(
                "There is no store at {file} yet. Load an export into it: "
                'smtpauth load PATH, or sk.load(store, "data/exports") in a notebook.',
                file=str(self._path),
            ) from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _open(self, check: Callable[[], None]) -> duckdb.DuckDBPyConnection:
        import duckdb

        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                con = connect(self._path, read_only=True)
            except duckdb.IOException as error:
                if "lock" in str(error).lower() and time.monotonic() < deadline:
                    check()
                    time.sleep(0.1)
                    continue
                raise _unopenable(self._path, error) from None
            except duckdb.Error as error:
                raise _unopenable(self._path, error) from None
            try:
                _check_version(con, self._path)
            except BaseException:
                con.close()
                raise
            return con


_READERS: dict[Path, _Reader] = {}


@atexit.register
def _close_readers() -> None:
    """Close before Python ends: a timer that closes DuckDB in a dying interpreter kills it."""
    for reader in _READERS.values():
        reader.close()


def _reader_of(path: Path) -> _Reader:
    return _READERS.setdefault(path, _Reader(path))


def _unopenable(path: Path, error: Exception) -> StoreError:
    text = str(error)
    if "lock" in text.lower():
        return StoreError(
            "The store {file} is in use by another program that writes to it. "
            "Close that program (a DuckDB shell, for example) and try again.",
            file=str(path),
        )
    if "newer version of DuckDB" in text or "version number" in text:
        return StoreError(
            "The store {file} was written by a version of DuckDB that this one cannot read. "
            "Use the kit that made it, or load the exports into a new store with --store.",
            file=str(path),
        )
    return StoreError(
        "The file {file} is not a store of the kit, or it is damaged: {system}. It was not "
        "changed. Name another store with --store, or restore this one from a backup.",
        file=str(path),
        system=text.splitlines()[0][:200],
    )


def _check_version(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    import duckdb

    try:
        ask = "select schema_version, kit_version from store_info"
        row = run_within(con, lambda: first_row(con.execute(ask)), OPENING_S)
    except duckdb.Error:
        row = None
    if row is None:
        raise StoreError(
            "The file {file} is a DuckDB database, but not a store of smtpauth_kit. "
            "It was not changed. Name another store with --store.",
            file=str(path),
        )
    if row[0] != SCHEMA_VERSION:
        raise OtherVersion(
            "The store {file} was made by smtpauth_kit {made} with schema {schema}; this is "
            "smtpauth_kit {version}, which reads schema {reads}. It was not changed. "
            "Use that version, or load the exports into a new store with --store.",
            file=str(path),
            made=str(row[1]),
            schema=str(row[0]),
            version=__version__,
            reads=str(SCHEMA_VERSION),
        )

"""The store: one DuckDB file with the facts. Readers never wait for a load.

A load works on a copy beside the store and swaps it in when it is done, so that a reader has the
store as it was before or as it is after, and a process that dies leaves it as it was. Readers let
go of the file two seconds after their last question (on Windows after each, because an open file
cannot be replaced there). Connections are hardened: no extension is fetched, no other file
is reached, whatever a query says.
"""

from __future__ import annotations

import atexit
import datetime as dt
import os
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import cache, wraps
from importlib import resources
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    NamedTuple,
    Protocol,
    TypeVar,
    cast,
    get_type_hints,
)

from smtpauth_kit import __version__, values
from smtpauth_kit.errors import Cancelled, FileRefused, KitError, OtherVersion, StoreError
from smtpauth_kit.reading import printable
from smtpauth_kit.schema import (
    SCHEMA_VERSION,
    ConnectorVolume,
    Fact,
    MailboxSetting,
    MailContext,
    Rejected,
    Session,
    SignIn,
    Submission,
)

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_Ask = TypeVar("_Ask", bound=Callable[..., Any])

STORE_NAME: Final = "smtpauth.duckdb"
LOCK_WAIT_S: Final = 15.0
IDLE_S: Final = 30.0
"""A reader keeps the file open this long after its last question.

The next question is then 25 ms faster (50 million messages), and a person looks at an answer for
seconds. Only a program that is not the kit and wants to write in the store waits for it.
"""


USUAL_ORDER: Final = "set preserve_insertion_order = false; set disabled_optimizers = ''"
"""Rows in any order are written faster; set again where a step that wanted another was stopped."""


class Engine(Protocol):
    """What an answer needs: something that runs its SQL and returns the rows."""

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement with `$name` parameters."""


@cache
def sql_text(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    path = resources.files("smtpauth_kit").joinpath("sql").joinpath(f"{name}.sql")
    return path.read_text("utf-8")


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


class Store:
    """A store file: questions are answered from it, loads go into it.

    Examples
    --------
    >>> store = open_store("nothing-here.duckdb")
    >>> store.exists()
    False
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._reader = _reader_of(self.path)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def exists(self) -> bool:
        """Tell whether anything was loaded yet."""
        return self.path.exists()

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement read-only and return its rows.

        Raises
        ------
        StoreError
            There is no store here yet, or it cannot be read.
        """
        with self.asking() as question:
            return question.run(sql, params)

    def asking(self) -> AbstractContextManager[Question]:
        """Ask several things of the store as it is now, while a load may replace it.

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
        return self._reader.asking()

    def sql(self, query: str) -> pd.DataFrame:
        """Answer an ad-hoc query: read-only SQL on the tables that :meth:`tables` explains.

        Examples
        --------
        >>> store.sql("select source, sum(message_count)::bigint as n from submissions group by 1")
                   source  n
        0  submission_log  3

        Raises
        ------
        StoreError
            The query is not valid, or does more than read.
        """
        import duckdb

        try:
            return self.run(query)
        except duckdb.Error as error:
            words = str(error).split("\n\n")[0].strip()
            raise StoreError(
                f"The query was not answered. DuckDB says: {words}. The store is read-only; "
                "store.tables() shows every table and column."
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
        with self._lock(check), _plain_os_errors(self.path):
            self._remove_leftovers("loading")
            work = self.path.with_name(f"{self.path.name}.{os.getpid()}.loading")
            writer = Writer(work, self._copy_to(work), check, may_read)
            try:
                try:
                    yield writer
                except (KitError, KeyboardInterrupt):
                    # Each file was a transaction of its own: those that were done stay.
                    self._publish(writer, work)
                    raise
                self._publish(writer, work)
            finally:
                writer.close()
                _remove(work)

    def put_setting(self, name: str, value: str | None) -> None:
        """Keep a setting as JSON text, in the store itself; None takes it out.

        Swapped in like a load, and as little in anybody's way: a load under way takes over what
        was put meanwhile. (Written in place it would wait for every notebook that reads.)

        Raises
        ------
        StoreError
            The store cannot be written.
        """
        if not self.exists():
            with self.writing() as writer:
                writer.changed = True  # An empty store, to keep the setting in.
        with self._lock(lambda: None, "settings.lock"), _plain_os_errors(self.path):
            work = self.path.with_name(f"{self.path.name}.{os.getpid()}.setting")
            self._remove_leftovers("setting")
            try:
                self.run("select 1")
                _copy_file(self.path, work)
                writer = Writer(work, True, lambda: None)
                with closing(writer):
                    writer.put_setting(name, value)
                self._swap_in(work)
            finally:
                _remove(work)

    @contextmanager
    def _lock(self, check: Callable[[], None], ending: str = "lock") -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(f"{self.path}.{ending}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            while not lock.is_locked:
                check()
                with suppress(Timeout):
                    lock.acquire(timeout=0.3)
        except OSError as error:
            raise StoreError(
                f"The store's folder {self.path.parent} cannot be written to "
                f"({error.strerror or error}). Give another place with --store or SMTPAUTH_STORE."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _remove_leftovers(self, ending: str) -> None:
        """Remove what work left that was killed; no other of its kind runs: we hold its lock."""
        for left in self.path.parent.glob(f"{self.path.name}.*.{ending}*"):
            _remove(left)

    def _copy_to(self, work: Path) -> bool:
        if not self.path.exists():
            return False
        with self._lock(lambda: None, "settings.lock"):
            self.run("select 1")
            _copy_file(self.path, work)
        return True

    def _publish(self, writer: Writer, work: Path) -> None:
        if not writer.changed:
            return
        with self._lock(lambda: None, "settings.lock"):
            if self.path.exists():
                writer.take_settings(self.run("from settings"))
            writer.close()
            self._swap_in(work)

    def _swap_in(self, work: Path) -> None:
        with work.open("rb+") as stream:
            os.fsync(stream.fileno())
        self._reader.close()
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                os.replace(work, self.path)
                return
            except PermissionError:
                # Windows: a reader has the file open; it closes it after its question.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _copy_file(path: Path, copy: Path) -> None:
    """Copy a file; where the file system can (Btrfs, XFS, ZFS), it shares the blocks at once."""
    with suppress(OSError, AttributeError), path.open("rb") as old, copy.open("wb") as new:
        left = os.fstat(old.fileno()).st_size
        while left and (copied := os.copy_file_range(old.fileno(), new.fileno(), left)):
            left -= copied
        if not left:
            return
    # Not on Linux, or on a drive that cannot (some network drives).
    shutil.copyfile(path, copy)


def _remove(path: Path) -> None:
    for name in (path, path.with_name(path.name + ".wal")):
        with suppress(OSError):
            name.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(path.name + ".tmp"), ignore_errors=True)


@contextmanager
def _plain_os_errors(path: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except OSError as error:
        raise StoreError(_not_written(path, error.strerror or str(error))) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
        raise StoreError(_not_written(path, str(error).split("\n")[0])) from None


def _not_written(path: Path, why: str) -> str:
    return (
        f"The store {path} could not be written: {why}. It is as it was before. "
        "Make room, or give another place with --store, and load again."
    )


# --- connections ---------------------------------------------------------------------------


def _connect(
    path: Path, *, read_only: bool = False, may_read: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(str(path), read_only=read_only)
    try:
        _harden(con, path, may_read)
        if read_only:
            con.execute("set lock_configuration = true")
    except BaseException:
        con.close()
        raise
    return con


def _harden(con: duckdb.DuckDBPyConnection, path: Path, may_read: Sequence[str]) -> None:
    """Close every way out of the database; the order matters."""
    con.execute("set global TimeZone = 'UTC'")  # of the cursors
    con.execute("set TimeZone = 'UTC'")
    con.execute("set memory_limit = '1GB'")
    con.execute(f"set temp_directory = {literal(str(path) + '.tmp')}")
    con.execute("set enable_progress_bar = false")
    con.execute(USUAL_ORDER)
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set allow_community_extensions = false")
    con.execute(f"set allowed_paths = [{', '.join(literal(name) for name in may_read)}]")
    con.execute("set enable_external_access = false")


def _first(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """Return the first row. Fetched whole: since DuckDB 2 a half-read result blocks its owner."""
    rows: list[tuple[Any, ...]] = result.fetchall()
    return rows[0] if rows else None


def literal(text: str) -> str:
    """Return a text as SQL has it, where no parameter can stand."""
    return "'" + text.replace("'", "''") + "'"


class Question:
    """One question to a store: all its statements see the same store, and it can be interrupted.

    `edition` names the state of the store: after a load it is another. `kept` holds what was found
    out about this edition before.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, edition: str, kept: dict[Any, Any]) -> None:
        self._con, self.edition, self.kept = con, edition, kept
        self._over = False

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement and return its rows.

        Raises
        ------
        Cancelled
            It was interrupted, now or before.
        """
        import duckdb

        try:
            if not self._over:
                rows: pd.DataFrame = self._con.execute(sql, dict(params or {})).df()
                return rows
        except duckdb.InterruptException:
            if not self._over:
                raise
        raise Cancelled("The question was cancelled; the screen is as it was before.")

    def interrupt(self) -> None:
        """Stop the statement under way, and let no other begin; from any thread."""
        import duckdb

        self._over = True
        with suppress(duckdb.ConnectionException):  # It may have ended just now.
            self._con.interrupt()

    def close(self) -> None:
        """End it."""
        self._con.close()


def one_moment(engine: Engine) -> AbstractContextManager[Engine]:
    """Return the store as it is now, while a load may replace it; another engine as it is."""
    return engine.asking() if isinstance(engine, Store) else nullcontext(engine)


def at_one_moment(ask: _Ask) -> _Ask:
    """Let a function's questions to an engine be answered from one and the same store.

    Its figures would else be partly of the store before a load and partly of the one after.
    """

    @wraps(ask)
    def asked(engine: Engine, *args: Any, **named: Any) -> Any:
        with one_moment(engine) as same:
            return ask(same, *args, **named)

    return cast(_Ask, asked)


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
    def asking(self) -> Iterator[Question]:
        me = threading.get_ident()
        with self._free:
            cursor = self._connection().cursor()
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

    def _connection(self) -> duckdb.DuckDBPyConnection:
        while True:
            try:
                stat = self._path.stat()
            except FileNotFoundError:
                self.close()
                raise StoreError(
                    f"There is no store at {self._path} yet. Load an export into it: "
                    'smtpauth load PATH, or sk.load(store, "data/exports") in a notebook.'
                ) from None
            identity = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            mine = threading.get_ident() in self._asking
            if self._con is not None and (mine or identity == self._identity):
                return self._con
            if mine or not self._asking:
                self.close()
                self._con, self._identity = self._open(), identity
                if identity != self._edition:
                    self._edition, self._kept = identity, {}
                return self._con
            self._free.wait()

    def _open(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                con = _connect(self._path, read_only=True)
            except duckdb.IOException as error:
                if "lock" in str(error).lower() and time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise StoreError(_unopenable(self._path, error)) from None
            except duckdb.Error as error:
                raise StoreError(_unopenable(self._path, error)) from None
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


def _unopenable(path: Path, error: Exception) -> str:
    text = str(error)
    if "lock" in text.lower():
        return (
            f"The store {path} is in use by another program that writes to it. "
            "Close that program (a DuckDB shell, for example) and try again."
        )
    if "newer version of DuckDB" in text or "version number" in text:
        return (
            f"The store {path} was written by a version of DuckDB that this one cannot read. "
            "Use the kit that made it, or load the exports into a new store with --store."
        )
    return (
        f"The file {path} is not a store of the kit, or it is damaged: "
        f"{text.splitlines()[0][:200]}. It was not changed. "
        "Name another store with --store, or restore this one from a backup."
    )


def _check_version(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    import duckdb

    try:
        row = _first(con.execute("select schema_version, kit_version from store_info"))
    except duckdb.Error:
        row = None
    if row is None:
        raise StoreError(
            f"The file {path} is a DuckDB database, but not a store of smtpauth_kit. "
            "It was not changed. Name another store with --store."
        )
    if row[0] != SCHEMA_VERSION:
        raise OtherVersion(
            f"The store {path} was made by smtpauth_kit {row[1]} with schema {row[0]}; this is "
            f"smtpauth_kit {__version__}, which reads schema {SCHEMA_VERSION}. It was not changed. "
            "Use that version, or load the exports into a new store with --store."
        )


# --- writing -------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where facts of one kind wait, where they go, and the column that dates them."""

    staged: str
    rows: str
    day: str = ""


_PLACES: Final[dict[type, _Place]] = {
    Submission: _Place("staged_submissions", "submission_rows", "period_end"),
    Session: _Place("staged_smtp_sessions", "smtp_sessions"),
    SignIn: _Place("staged_sign_ins", "sign_in_rows", "signed_in_at"),
    MailContext: _Place("staged_mail_context", "mail_context_rows", "received_at"),
    MailboxSetting: _Place("staged_mailbox_settings", "mailbox_setting_rows", "day"),
    ConnectorVolume: _Place("staged_connector_volume", "connector_volume_rows", "day"),
}
_CAN_BE_AHEAD: Final = (Submission, SignIn, MailContext)
_DAYS_AHEAD: Final = 3
"""From this many days after today on, a row is ahead of the clock (LOADING: more than two days)."""


def days_ahead_from() -> dt.date:
    """Return the first day that is ahead of this machine's clock (LOADING, point 7)."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS_AHEAD)


class Writer:
    """A working copy of the store: stages a file's rows and appends them in one transaction."""

    def __init__(
        self,
        work: Path,
        existing: bool,
        check: Callable[[], None],
        may_read: Sequence[str] = (),
    ) -> None:
        self.changed = False
        self._check = check
        self._con: duckdb.DuckDBPyConnection | None = _connect(work, may_read=may_read)
        if not existing:
            self._con.execute(sql_text("schema"))
            self._con.execute(
                "insert into store_info values (?, ?, ?)",
                [SCHEMA_VERSION, __version__, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
            )

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection to the working copy."""
        assert self._con is not None
        return self._con

    def close(self) -> None:
        """Close the working copy; what was appended is in its file."""
        if self._con is not None:
            self._con.close()
            self._con = None

    def put_setting(self, name: str, value: str | None) -> None:
        """Replace a setting; None takes it out."""
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self.con.execute("delete from settings where name = ?", [name])
        if value is not None:
            self.con.execute("insert into settings values (?, ?, ?)", [name, value, now])

    def take_settings(self, settings: pd.DataFrame) -> None:
        """Take over the settings as they are in the store now: some were put since the copy."""
        self.con.register("batch", settings)
        self.con.execute("delete from settings")
        self.con.execute("insert into settings from batch")
        self.con.unregister("batch")

    def file_with_key(self, load_key: str) -> tuple[int, str] | None:
        """Return id and path of the file that was loaded under this key."""
        found = _first(
            self.con.execute(
                "select file_id, path from source_files where load_key = ?", [load_key]
            )
        )
        return (found[0], found[1]) if found else None

    def forget_staged(self) -> None:
        """Begin with nothing staged."""
        self.con.execute(sql_text("staged"))

    def begin_file(self) -> int:
        """Forget what was staged before, and return the id of the next file."""
        self.forget_staged()
        row = _first(self.con.execute("select nextval('file_ids')"))
        assert row is not None
        return int(row[0])

    def stage(self, facts: Sequence[Fact], rejected: Sequence[Rejected], **same: Any) -> None:
        """Add converted rows to what is staged; `same` are columns equal for the whole file."""
        by_kind: dict[type, list[Fact]] = {}
        for fact in facts:
            by_kind.setdefault(type(fact), []).append(fact)
        for kind, group in by_kind.items():
            self._insert(_PLACES[kind].staged, _frame(kind, group), same)
        if rejected:
            raws = [reject._replace(raw=reject.raw.replace("\0", "\ufffd")) for reject in rejected]
            self._insert("staged_rejects", _frame(Rejected, raws), {})

    def _insert(self, table: str, frame: pd.DataFrame, same: Mapping[str, Any]) -> None:
        constants = "".join(f", ${name} as {name}" for name in same)
        self.con.register("batch", frame)
        self.con.execute(
            f"insert into {table} by name select *{constants} from batch", dict(same) or None
        )
        self.con.unregister("batch")

    def append(self, file: Mapping[str, Any], other: int) -> dict[str, Any]:
        """Move what is staged into the store; return how the rows ended.

        `file` has the columns of `source_files` that the caller knows.
        """
        self.learn_staged_addresses()
        staged = [kind for kind in _PLACES if self._any(_PLACES[kind].staged)]
        for kind in staged:
            self.execute(_append_sql(kind))
        if Session in staged or self._any("staged_submissions", "session <> ''"):
            self.execute(sql_text("settle_sessions"))
        self.execute(sql_text("roll_up"))
        figures = self._endings(other)
        superseded = self._superseded() if Submission in staged else ()
        warnings = [*file["warnings"], *superseded]
        self._add_file({**file, **figures, "warnings": warnings})
        self.con.execute(
            "insert into rejected_rows select ?, line, reason, raw from staged_rejects "
            "order by line",
            [file["file_id"]],
        )
        return {**figures, "warnings": tuple(warnings)}

    def unload(self, file_id: int) -> None:
        """Take a file out again: the store is as if it had never been loaded.

        Rows of other files that it had a part in (the same messages, other figures for the same
        senders and period) are taken out too and appended again in the order of loading.
        """
        with self.transaction("this store"):
            for kind in (kind for kind in _PLACES if kind is not Session):
                self.con.execute(sql_text("staged"))
                self._take_out(kind, file_id)
                self.execute(sql_text("roll_up"))
                self._append_again(kind)
            self._run_each("take_out_file", file_id)
            self.con.execute(sql_text("staged"))
            self.execute(sql_text("settle_sessions"))
            self.execute(sql_text("roll_up"))
            self.execute(sql_text("unused_addresses"))

    def _take_out(self, kind: type, file_id: int) -> None:
        name = "take_out_submissions" if kind is Submission else "take_out_rows"
        self._run_each(name, file_id, kind)

    def _append_again(self, kind: type) -> None:
        """Append what was taken out of other files, each as if it were loaded now."""
        self.con.execute("create or replace temp table kept_before as from ends_before")
        self.con.execute("create or replace temp table waiting as from again")
        files = self.con.execute("select distinct file_id from waiting order by 1").fetchall()
        staged = _PLACES[kind].staged
        for (file_id,) in files:
            self.con.execute(sql_text("staged"))
            self.con.execute("insert into ends_before from kept_before")
            columns = ", ".join(
                name for name, *_ in self.con.execute(f"describe {staged}").fetchall()
            )
            self.con.execute(
                f"insert into {staged} by name select {columns} from waiting where file_id = ?",
                [file_id],
            )
            self.execute(_append_sql(kind))
            self.execute(sql_text("roll_up"))
            self._run_each("ends_changed", file_id)

    def _run_each(self, name: str, file_id: int, kind: type = Submission) -> None:
        """Run the statements of a file one by one: only so can each have its parameter."""
        for statement in self.con.extract_statements(_filled(name, kind)):
            takes = statement.named_parameters
            self.con.execute(statement, {"file_id": file_id} if takes else None)

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
                raise FileRefused(_too_large(path)) from None
            raise
        self.changed = True

    def _any(self, table: str, where: str = "true") -> bool:
        found = self.con.execute(f"select 1 from {table} where {where} limit 1")
        return _first(found) is not None

    def learn_staged_addresses(self) -> None:
        """Add every new form of an address that is staged."""
        staged = self.con.execute(sql_text("staged_addresses")).fetchall()
        self.learn_addresses(text for (text,) in staged)

    def learn_addresses(self, texts: Iterable[str]) -> None:
        """Add every new form of an address, with the form it is compared in."""
        forms = [(text, *values.account(text)[1:]) for text in texts]
        if not forms:
            return
        self.register(
            address=[f[0] for f in forms],
            address_key=[f[1] for f in forms],
            domain=[f[2] for f in forms],
        )
        self.con.execute(sql_text("new_addresses"))
        self.con.unregister("batch")

    def register(self, **columns: list[str]) -> None:
        """Let SQL see columns of text as the table `batch`."""
        import pandas as pd

        self.con.register(
            "batch", pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in columns.items()})
        )

    def execute(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        tell: Callable[[float], None] = lambda share: None,
    ) -> duckdb.DuckDBPyConnection:
        """Run statements in a thread, so that a wish to stop is heard in the middle of them.

        `tell` hears what share is done, 0 to 1, where DuckDB knows it.
        """
        with ThreadPoolExecutor(1) as worker:
            running = worker.submit(self.con.execute, sql, dict(params) if params else None)
            try:
                while not wait([running], timeout=0.1).done:
                    self._check()
                    tell(max(self.con.query_progress(), 0.0) / 100)
            except BaseException:
                self.con.interrupt()
                wait([running])
                raise
            result = running.result()
        self._check()
        tell(1.0)
        return result

    def _superseded(self) -> Iterator[str]:
        row = _first(self.con.execute(sql_text("superseded_now")))
        if row and row[0]:
            yield (
                f"{row[0]:,} sender(s) had other figures for the same period in {row[1]}; "
                "the figures of this file, loaded later, count now"
            )

    def _endings(self, other: int) -> dict[str, Any]:
        counted = _first(self.con.execute(sql_text("row_endings")))
        assert counted is not None
        names = ("loaded", "duplicate", "other", "rejected")
        figures = {f"rows_{name}": counted[n] for n, name in enumerate(names)}
        figures["rows_other"] += other
        figures["message_count"], figures["period_start"], figures["period_end"] = counted[4:]
        return figures

    def _add_file(self, file: Mapping[str, Any]) -> None:
        names = ", ".join(file)
        values = ", ".join(f"${name}" for name in file)
        self.con.execute(f"insert into source_files ({names}) values ({values})", dict(file))

    def spans(self, start: dt.date, end: dt.date) -> None:
        """Say which days the file speaks of, whatever its rows do."""
        self.con.execute("insert into spans values (?, ?)", [start, end])

    def is_broken(self, line: int) -> bool:
        """Tell whether the staged row of this line could not be taken apart."""
        return self._any("staged_rejects", f"line = {int(line)} and reason like 'the row has%'")

    def ahead_of_clock(self) -> tuple[int, int, str] | None:
        """Return how many staged rows lie ahead of the clock, with the first one's line and day."""
        rows = " union all ".join(
            f"select line, {_PLACES[kind].day}::date as day from {_PLACES[kind].staged} "
            "where ahead_of_clock"
            for kind in _CAN_BE_AHEAD
        )
        row = _first(
            self.con.execute(
                f"select count(distinct line), min(line), max(day)::text from ({rows})"
            )
        )
        return (row[0], row[1], row[2]) if row and row[0] else None


def _append_sql(kind: type) -> str:
    """Return the statements that append the staged facts of one kind."""
    place = _PLACES[kind]
    if kind is Submission:
        return sql_text("append_submissions")
    if kind is Session:
        return f"insert into {place.rows} by name select * exclude (line) from {place.staged}"
    return _filled("append_rows", kind)


def _filled(name: str, kind: type) -> str:
    """Return statements that are the same for every kind of fact, for one of them."""
    place = _PLACES[kind]
    names = {"facts": place.staged, "rows": place.rows, "day": place.day}
    return _GAP.sub(lambda gap: names[gap[1]], sql_text(name))


_GAP = re.compile(r"/\* (facts|rows|day) \*/")


def _too_large(path: str) -> str:
    return (
        f"The counts of {printable(path)} add up to more than 9,223,372,036,854,775,807, more than "
        "any number of messages. Look for a count that is no count, mend it, and load it again."
    )


def _frame(kind: type, facts: Sequence[Any]) -> pd.DataFrame:
    """Return rows as columns of plain types: DuckDB must never guess one from a sample."""
    import pandas as pd

    types = get_type_hints(kind)
    columns = zip(types.items(), zip(*facts, strict=True), strict=True)
    frame = {name: _column(wanted, cells) for (name, wanted), cells in columns}
    if kind in _CAN_BE_AHEAD:
        frame["ahead_of_clock"] = frame[_PLACES[kind].day] >= pd.Timestamp(days_ahead_from())
    return pd.DataFrame(frame)


def _column(wanted: Any, cells: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if wanted is str:
        return pd.Series(cells, dtype=object)
    if wanted == tuple[str, ...]:
        # What separates them must not stand in one: a quoted name may hold anything.
        joined = [";".join(text.replace(";", "%3B") for text in cell) for cell in cells]
        return pd.Series(joined, dtype=object)
    if wanted in (dt.date, dt.datetime, dt.datetime | None):
        return pd.Series(cells, dtype="datetime64[us]")
    return pd.Series(cells, dtype={int: "int64", bool: "bool"}.get(wanted, "boolean"))

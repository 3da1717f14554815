"""The file of settings beside a store: SQLite, so that a save is one write and nobody waits.

A setting is a name and a JSON value. Every change of one is a row that stays, with who made it and
when; the newest row of a name is its value. Saving in the store itself would copy all of its facts
(ten seconds at 500 MB). On a disk that needs 4 ms to make a write safe, a save takes 4 ms here and
62 ms in a second DuckDB file, which also keeps readers out while it is written.

The file is in SQLite's write-ahead mode: a process that dies leaves it as it was before or after a
save, and readers go on while two processes write. Its `-wal` and `-shm` are gone when the last
program lets go of it.
"""

from __future__ import annotations

import atexit
import datetime as dt
import getpass
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from smtpauth_kit.base.errors import StoreError

VERSION: Final = 1
"""Version of the tables in a settings file; a newer one is refused, never altered."""

WAIT_S: Final = 15.0
"""Seconds that a save waits for another one, which takes milliseconds."""

IDLE_S: Final = 30.0
"""Seconds after its last use that the file stays open: opening it for each save costs 20 ms."""

_TABLES: Final = (
    # value is JSON, null where the setting was taken out; changed_at is UTC in ISO 8601.
    "create table changes (change_id integer primary key, name text not null, value text, "
    "changed_at text not null, changed_by text not null)",
    "create index changes_by_name on changes (name, change_id)",
    "create view settings as select * from changes where value is not null "
    "and change_id in (select max(change_id) from changes group by name)",
)


class Change(NamedTuple):
    """One change of a setting."""

    name: str
    value: str | None
    """JSON; None: it was taken out."""
    changed_at: dt.datetime
    """UTC, with its zone."""
    changed_by: str
    """Who was logged in; empty for what was kept before the file was made."""


class SettingsFile:
    """The settings of one store, shared by all threads of this process.

    Examples
    --------
    >>> file = SettingsFile(folder / "some.settings")
    >>> file.put("note:a", '"hello"')
    >>> [(change.name, change.value) for change in file.starting_with("note:")]
    [('note:a', '"hello"')]
    """

    def __init__(
        self,
        path: Path,
        rights: Callable[[], int | None] = lambda: None,
        before: Callable[[], Sequence[Change]] = lambda: (),
    ) -> None:
        self.path = path
        self._rights, self._before = rights, before
        self._con: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._timer: threading.Timer | None = None
        self._alone = threading.RLock()
        _OPEN.append(self)

    def put(self, name: str, value: str | None) -> None:
        """Keep a value; None takes the setting out. Errors as for :meth:`put_all`."""
        self.put_all({name: value})

    def put_all(self, values: Mapping[str, str | None]) -> None:
        """Keep several values, all or none of them; None takes a setting out.

        Raises
        ------
        StoreError
            The file cannot be written.
        """
        with self._alone, _plain_errors(self.path):
            con = self._connection()
            with _transaction(con):
                for name, value in values.items():
                    _add(con, Change(name, value, dt.datetime.now(dt.UTC), who()))
            self._close_when_idle()

    def starting_with(self, prefix: str) -> list[Change]:
        """Return every setting whose name starts with `prefix`, by name.

        Raises
        ------
        StoreError
            The file is damaged, or of a newer kit.
        """
        where = "settings where substr(name, 1, ?) = ? order by name"
        return self._changes(where, len(prefix), prefix)

    def history(self, name: str) -> list[Change]:
        """Return every change of a setting, oldest first; errors as for :meth:`starting_with`."""
        return self._changes("changes where name = ? order by change_id", name)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._alone:
            if self._timer is not None:
                self._timer.cancel()
            if self._con is not None:
                self._con.close()
                self._con = None

    def _changes(self, where: str, *values: object) -> list[Change]:
        query = f"select name, value, changed_at, changed_by from {where}"
        with self._alone, _plain_errors(self.path):
            if not self.path.exists() and not self._before():
                return []
            try:
                rows = self._connection().execute(query, values).fetchall()
                self._close_when_idle()
            except (OSError, sqlite3.OperationalError) as error:
                if not _only_to_read(error):
                    raise
                with closing(_opened_to_read(self.path, self._before)) as con:
                    rows = con.execute(query, values).fetchall()
        return [Change(n, v, dt.datetime.fromisoformat(at), by) for n, v, at, by in rows]

    def _connection(self) -> sqlite3.Connection:
        """Return the connection to the file that lies there now."""
        if self._con is None or _identity(self.path) != self._identity:
            self.close()
            self._con = _opened(self.path, self._rights(), self._before)
            self._identity = _identity(self.path)
        return self._con

    def _close_when_idle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_S, self.close)
        self._timer.daemon = True
        self._timer.start()


_OPEN: Final[list[SettingsFile]] = []


@atexit.register
def _close_all() -> None:
    """Close before Python ends, so that no write-ahead file stays beside the settings."""
    for file in _OPEN:
        file.close()


def who() -> str:
    """Return who makes a change: the user of JupyterHub, else of this machine."""
    if hub := os.environ.get("JUPYTERHUB_USER"):
        return hub
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


def _identity(path: Path) -> tuple[int, int]:
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return 0, 0


def _opened(
    path: Path, rights: int | None, before: Callable[[], Sequence[Change]]
) -> sqlite3.Connection:
    """Open the file to read and write; a new one gets the store's rights and what was `before`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make(path, rights)
    # Threads take turns (SettingsFile._alone).
    con = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        _ahead_of_writing(con)
        con.execute("pragma synchronous = full")
        if _version(con, path) < VERSION:
            with _transaction(con):
                _fill(con, path, before)
    except BaseException:
        con.close()
        raise
    return con


def _make(path: Path, rights: int | None) -> None:
    """Make an empty file: never through a link that lies in its place."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    except FileExistsError:
        if path.exists():  # Another process made it just now.
            return
        raise
    if rights is not None:
        os.chmod(path, rights)


def _ahead_of_writing(con: sqlite3.Connection) -> None:
    """Choose write-ahead mode; SQLite does not wait for others to let it. Some drives have none."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            con.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _version(con: sqlite3.Connection, path: Path) -> int:
    version = int(con.execute("pragma user_version").fetchone()[0])
    if version > VERSION:
        raise StoreError(
            "The settings {file} were written by a newer smtpauth_kit, which has version "
            "{version} of them; this one reads version {known}. They were not changed. "
            "Use the newer kit, or name another store with --store.",
            file=str(path),
            version=str(version),
            known=str(VERSION),
        )
    return version


def _fill(con: sqlite3.Connection, path: Path, before: Callable[[], Sequence[Change]]) -> None:
    """Make the tables, unless another process just did, and move in what was kept before."""
    if _version(con, path) == VERSION:
        return
    for statement in _TABLES:
        con.execute(statement)
    for change in before():
        _add(con, change)
    con.execute(f"pragma user_version = {VERSION}")


def _only_to_read(error: OSError | sqlite3.OperationalError) -> bool:
    """Tell whether the place cannot be written: the settings may be readable all the same."""
    if isinstance(error, OSError):
        return True
    kind = error.sqlite_errorcode & 0xFF
    return kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def _opened_to_read(path: Path, before: Callable[[], Sequence[Change]]) -> sqlite3.Connection:
    """Open a file that cannot be written; where there is none, what was kept before."""
    if path.exists():
        return sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, isolation_level=None)
    con = sqlite3.connect(":memory:", isolation_level=None)
    _fill(con, path, before)
    return con


def _add(con: sqlite3.Connection, change: Change) -> None:
    when = change.changed_at.isoformat(timespec="milliseconds")
    con.execute(
        "insert into changes (name, value, changed_at, changed_by) values (?, ?, ?, ?)",
        (change.name, change.value, when, change.changed_by),
    )


@contextmanager
def _transaction(con: sqlite3.Connection) -> Iterator[None]:
    con.execute("begin immediate")
    try:
        yield
        con.execute("commit")
    except BaseException:
        if con.in_transaction:
            con.execute("rollback")
        raise


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _not_kept(path, error.strerror or str(error)) from None
    except sqlite3.OperationalError as error:
        raise _not_kept(path, str(error)) from None
    except sqlite3.DatabaseError as error:
        raise StoreError(
            "The settings {file} are damaged, or no settings of the kit: {system}. They were not "
            "changed. Move that file away to begin with none, or restore it from a backup.",
            file=str(path),
            system=str(error),
        ) from None


def _not_kept(path: Path, why: str) -> StoreError:
    return StoreError(
        "The settings {file} could not be written or read: {system}. They are as they were before. "
        "Make room, or see that you may write to that folder, and try again.",
        file=str(path),
        system=why,
    )

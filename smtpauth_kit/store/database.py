"""DuckDB: connections with every way out closed, and the statements kept in `sql/`.

No extension is fetched and no other file is reached, whatever a query says. It ends: at a limit of
time, memory or room for what does not fit in memory, or when somebody wants it to.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from smtpauth_kit.base.errors import StoreError

if TYPE_CHECKING:
    import duckdb

_T = TypeVar("_T")

QUESTION_S: Final = 300.0
"""The kit's own questions take up to 2 seconds of 50 million messages; a slow drive may want more.

Only a store that was made to do harm has one that takes five minutes.
"""
OPENING_S: Final = 60.0
"""Opening a store reads one row of one table."""
LOADING_S: Final = 4 * 3600.0
"""A step of a load of 50 million messages takes minutes."""
ROOM: Final = 16 * 1024**3
"""Bytes on disk that a question may use beyond its memory; at most half of what is free."""
LEAST_MEMORY, MOST_MEMORY, SHARE_OF_MEMORY = 10**9, 2 * 10**9, 12
"""Bytes that DuckDB may work in: a question may take a twelfth of the machine's, within these."""
MEMORY: Final = 4 * 1024**3
"""Bytes by which a question may let this process grow: DuckDB's own, and its answer's rows."""
MEMORY_APART: Final = "256MB"
"""What DuckDB may use in one of several processes that stage files."""
SIZE_OF_A_CORE: Final = 8 * 1024**2
"""Bytes of exports or stores. DuckDB gives a core 122,880 rows or more of a table."""
_STATEMENTS: Final = ThreadPoolExecutor(64, thread_name_prefix="smtpauth-statement")

USUAL_ORDER: Final = "set preserve_insertion_order = false; set disabled_optimizers = ''"
"""Rows in any order are written faster; set again where a step that wanted another was stopped."""


@cache
def sql_text(name: str, folder: str = "store/sql") -> str:
    """Return the text of `<name>.sql` in a folder of the package."""
    path = resources.files("smtpauth_kit").joinpath(*folder.split("/"), f"{name}.sql")
    return path.read_text("utf-8")


def connect(
    path: Path,
    *,
    read_only: bool = False,
    size: int = 0,
    may_read: Sequence[str] = (),
    folders: Sequence[str] = (),
) -> duckdb.DuckDBPyConnection:
    """Open a database; DuckDB can open the files in `may_read` and `folders`, and no others.

    One to be read is asked on as many cores as its `size` in bytes is worth.
    """
    import duckdb

    con = duckdb.connect(str(path), read_only=read_only)
    try:
        _harden(con, path, may_read, read_only, folders)
        if read_only:
            use_cores(con, size)
            con.execute("set lock_configuration = true")
    except BaseException:
        con.close()
        raise
    return con


def connect_to_write(
    path: Path, may_read: Sequence[str], folders: Sequence[str]
) -> duckdb.DuckDBPyConnection:
    """Open a database in memory whose statements mean a database in a file, to be written to.

    As :meth:`connect` does; beside it, the file can be closed and opened again
    (:meth:`open_again`).
    """
    import duckdb

    con = duckdb.connect()
    try:
        con.execute(f"attach {literal(str(path))} as store")
        _harden(con, path, may_read, read_only=False, folders=folders)
        con.execute("use store")
    except BaseException:
        con.close()
        raise
    return con


def open_again(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Close the file of :meth:`connect_to_write`, and open it to read what has arrived in it."""
    con.execute("use memory; detach store")
    con.execute(f"attach {literal(str(path))} as store (read_only); use store")


def use_cores(con: duckdb.DuckDBPyConnection, size: int) -> None:
    """Work on all cores where there is enough for them: with `size` bytes of files at least.

    Small statements take up to a fifth more of the processor, and up to a tenth longer, where
    DuckDB wakes the other cores for nothing.
    """
    con.execute("set threads = 1" if size < SIZE_OF_A_CORE else "reset threads")


def connect_to_export(store: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that reads a store, and writes files into a folder and no other.

    Its statements mean the store's tables; what it makes itself is in `memory.main`.
    """
    import duckdb

    con = duckdb.connect()
    try:
        con.execute(f"attach {literal(str(store))} as store (read_only)")
        _harden(con, folder / "export", [], read_only=True, folders=[str(folder)])
        con.execute("use store")
        con.execute("set lock_configuration = true")
    except BaseException:
        con.close()
        raise
    return con


def connect_apart(folder: Path, name: str) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that writes files into a folder, on one core and with less memory.

    For one of several processes that work side by side. What does not fit into its memory is in
    that folder, too, under names that begin with `name`.
    """
    import duckdb

    con = duckdb.connect()
    try:
        _harden(con, folder / f"{name}-{os.getpid()}", [], read_only=False, folders=[str(folder)])
        con.execute(f"set threads = 1; set memory_limit = '{MEMORY_APART}'")
        con.execute("set preserve_insertion_order = true; set lock_configuration = true")
    except BaseException:
        con.close()
        raise
    return con


def _harden(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    may_read: Sequence[str],
    read_only: bool,
    folders: Sequence[str] = (),
) -> None:
    """Close every way out of the database; the order matters."""
    con.execute("set global TimeZone = 'UTC'")  # of the cursors
    con.execute("set TimeZone = 'UTC'")
    memory = _memory() if read_only else LEAST_MEMORY
    con.execute(f"set memory_limit = '{memory}B'")
    con.execute(f"set temp_directory = {literal(str(path) + '.tmp')}")
    if read_only:
        con.execute(f"set max_temp_directory_size = '{_room(path.parent)}B'")
    con.execute("set enable_progress_bar = false")
    con.execute(USUAL_ORDER)
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set allow_community_extensions = false")
    con.execute(f"set allowed_paths = [{', '.join(literal(name) for name in may_read)}]")
    if folders:
        con.execute(f"set allowed_directories = [{', '.join(map(literal, folders))}]")
    con.execute("set enable_external_access = false")


@cache
def _memory() -> int:
    """Return the bytes that DuckDB may work in to answer a question."""
    try:
        of_machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no such call.
        return LEAST_MEMORY
    return min(MOST_MEMORY, max(LEAST_MEMORY, of_machine // SHARE_OF_MEMORY))


def _room(folder: Path) -> int:
    try:
        return min(ROOM, shutil.disk_usage(folder).free // 2)
    except OSError:
        return ROOM


def run_within(
    con: duckdb.DuckDBPyConnection,
    job: Callable[[], _T],
    limit_s: float | None,
    check: Callable[[], None] = lambda: None,
) -> _T:
    """Do what a connection has to do in another thread, so that a wish to stop is heard meanwhile.

    On the thread that asks, Ctrl-C and a notebook's Stop button would wait for DuckDB to end. What
    `check` raises ends it, too; it is called ten times a second. What DuckDB makes in one go (a
    single value of gigabytes) is the one thing that ends only by itself.

    Raises
    ------
    StoreError
        It was not done within `limit_s` seconds (None is no limit), or took too much memory.
    """
    began, memory, running = time.monotonic(), _most_memory(), Future[_T]()
    try:
        # Ctrl-C can come while this starts a thread: the future is known to us before.
        _STATEMENTS.submit(_run, job, running)
        while not wait([running], timeout=0.1).done:
            check()
            if limit_s is not None and time.monotonic() > began + limit_s:
                raise _too_long(limit_s)
            if _most_memory() > memory + MEMORY:
                raise StoreError(
                    "The answer took more than 4 GiB of memory, and the question was stopped. Let "
                    "the store count or pick the rows, with group by, where or limit; or ask for "
                    "fewer days or senders."
                )
    except BaseException:
        if not running.cancel():
            # Again and again: before a statement has begun it is not heard.
            con.interrupt()
            while not wait([running], timeout=0.05).done:
                con.interrupt()
        raise
    return running.result()


def _run(job: Callable[[], _T], running: Future[_T]) -> None:
    """Do a job, unless it was called off before it began."""
    if running.set_running_or_notify_cancel():
        try:
            running.set_result(job())
        except BaseException as error:
            running.set_exception(error)


def _too_long(limit_s: float) -> StoreError:
    return StoreError(
        "The store did not answer within {n} seconds, and the question was stopped. Ask "
        "for fewer days or senders; store.sql(query, limit_s=3600) gives a query of your own more "
        "time. Where a simple question takes that long, something is wrong with the store: load "
        "the exports into a new one.",
        n=f"{limit_s:g}",
    )


def _most_memory() -> int:
    """Return the most bytes of memory this process has had; 0 where nobody tells (Windows)."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def first_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """Return the first row. Fetched whole: since DuckDB 2 a half-read result blocks its owner."""
    rows: list[tuple[Any, ...]] = result.fetchall()
    return rows[0] if rows else None


def quoted(name: str) -> str:
    """Return a name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL has it, where no parameter can stand."""
    return "'" + text.replace("'", "''") + "'"

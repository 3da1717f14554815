"""A Parquet file as the CSV text it would be, so that it is read like any other export.

DuckDB's reader is no boundary against a file that was made to do harm. So the file is looked at
first, and read by a process of its own, with little memory and no way to any other file: whatever
happens there ends as a refusal.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.bounds import MAX_COLUMNS, MAX_RATIO, most_unpacked
from smtpauth_kit.reading.workbook import Text

MAGIC: Final = b"PAR1"
MAX_FOOTER: Final = 16 * 1024 * 1024
MEMORY: Final = 256 * 1024 * 1024
"""What the reading process may use; beside it, DuckDB itself takes about as much."""
_REFUSED: Final = 3
"""How the reading process ends when DuckDB refuses the file; it says why."""
_NO_MEMORY: Final = 4
_TOO_WIDE: Final = 5
"""It says how many columns there are."""
_FULL: Final = 6
_TOO_MUCH: Final = 7


def text_of(file: Path, shown: str) -> Text:
    """Return the text of a Parquet file; it is made when it is first opened.

    Raises
    ------
    FileRefused
        On opening: it is damaged, encrypted, beyond a bound, or made to do harm.
    """
    return Text(lambda target: _convert(file, shown, target))


def _convert(file: Path, shown: str, target: Path) -> None:
    _check(file, shown)
    source = file.absolute()
    if re.search(r"[*?\[\]{}]", str(source)):
        # DuckDB would take the name for a pattern.
        source = Path(shutil.copyfile(source, target.with_name("file.parquet")))
    # Without its own folder on the path: a file there must not stand in for a module.
    most = most_unpacked(file.stat().st_size)
    command = [sys.executable, "-P", "-m", __name__, str(source), str(target), str(most)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as child:
        while child.poll() is None:
            _wait(child)
            # Where the process has no limit of its own (Windows).
            if target.exists() and target.stat().st_size > most:
                child.kill()
                raise _too_much(shown)
        said = child.stderr.read(1000).decode("utf-8", "replace") if child.stderr else ""
    if child.returncode == _TOO_MUCH:
        raise _too_much(shown)
    if child.returncode == _FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if child.returncode:
        raise FileRefused(
            "{file} cannot be read as Parquet: {why}. Write it again, or load it as CSV.",
            file=shown,
            why=_why(child.returncode, said.strip()),
        )


def _why(ended: int, said: str) -> str:
    """Return why the reading process gave up, from how it ended and what it said."""
    if ended == _REFUSED:
        return said
    if ended == _NO_MEMORY:
        return Sentence("it needs more memory than a real export does")
    if ended == _TOO_WIDE and re.fullmatch("[0-9]{1,9}", said):
        return Sentence(
            "it has {n} columns; an export may have {most}", n=int(said), most=MAX_COLUMNS
        )
    return Sentence("its reader gave up")


def _too_much(shown: str) -> FileRefused:
    return FileRefused(
        "{file} unpacks to more than {n} times its size, which no real export does; "
        "it may be made to fill the disk. It is not read.",
        file=shown,
        n=MAX_RATIO,
    )


def _wait(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=0.05)
    except subprocess.TimeoutExpired:
        return


def _check(file: Path, shown: str) -> None:
    """Look at the last bytes of the file, where its footer is, before any reader does."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 8, 0))
        tail = stream.read(8)
    if tail[4:] == b"PARE":
        raise FileRefused("{file} is encrypted. Write it again without encryption.", file=shown)
    length = int.from_bytes(tail[:4], "little")
    if size < 12 or tail[4:] != MAGIC or length > size - 12:
        raise FileRefused(
            "{file} is a damaged or incomplete Parquet file. Write it again.", file=shown
        )
    if length > MAX_FOOTER:
        raise FileRefused(
            "{file} has a footer of more than 16 MiB, the most a Parquet file may have. "
            "Write it again with fewer row groups.",
            file=shown,
        )


# --- in the reading process ----------------------------------------------------------------


def _limit(most_written: int) -> bool:
    """Limit the memory and the output of this process.

    Returns whether the limit on output is this one's own, and no smaller one that was there.
    """
    try:
        import resource
    except ImportError:  # Windows
        return False
    resource.setrlimit(resource.RLIMIT_DATA, (3 * MEMORY, 3 * MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    was, most_of_all = resource.getrlimit(resource.RLIMIT_FSIZE)
    if was != resource.RLIM_INFINITY and was < most_written:
        return False
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_written, most_of_all))
    return True


def _write_csv(source: str, target: str) -> None:
    import duckdb

    def literal(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"set memory_limit = '{MEMORY}B'")
    con.execute("set threads = 1")
    con.execute("set temp_directory = ''")
    con.execute("set enable_progress_bar = false")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute(f"set allowed_paths = [{literal(source)}, {literal(target)}]")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    rows = f"read_parquet([{literal(source)}], hive_partitioning = false, union_by_name = false)"
    columns = con.execute(f"describe select * from {rows}").fetchall()
    if len(columns) > MAX_COLUMNS:
        raise _TooWide(len(columns))
    cells = ", ".join(_cell(name, kind) for name, kind, *_ in columns)
    con.execute(
        f"copy (select {cells} from {rows}) to {literal(target)} "
        "(format csv, header, delimiter ',', quote '\"', escape '\"', nullstr '')"
    )


def _cell(name: str, kind: str) -> str:
    """Return the SQL of one column's text.

    Examples
    --------
    >>> _cell("message_count", "BIGINT")
    '"message_count"::varchar as "message_count"'
    """
    column = '"' + name.replace('"', '""') + '"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({column} at time zone 'UTC')::varchar as {column}"
    if kind.endswith("[]") and "(" not in kind:
        parts = f"list_transform({column}, lambda x: replace(x::varchar, ';', '%3B'))"
        text = f"array_to_string({parts}, ';')"
    else:
        text = f"{column}::varchar"
    if kind in ("BIGINT", "INTEGER", "DATE", "TIMESTAMP", "BOOLEAN", "DOUBLE"):
        return f"{text} as {column}"
    # A row stays a line of the text.
    return f"replace(replace({text}, chr(13), ' '), chr(10), ' ') as {column}"


class _TooWide(Exception):
    """It has more columns than an export may have; says how many."""


def main(arguments: list[str], said: IO[str]) -> int:
    """Write one Parquet file as CSV; how it ends, and what it says, tell why not."""
    import duckdb

    source, target, most = arguments
    is_own_limit = _limit(int(most))
    try:
        _write_csv(source, target)
    except _TooWide as error:
        said.write(str(error))
        return _TOO_WIDE
    except (duckdb.Error, ValueError, UnicodeError) as error:
        if is_own_limit and os.strerror(errno.EFBIG) in str(error):
            return _TOO_MUCH
        if replacing.is_full(error):
            return _FULL
        said.write(str(error).splitlines()[0][:300].rstrip("."))
        return _REFUSED
    except MemoryError:
        return _NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stderr))

"""The exports that paths name: files, what folders hold, and what is packed."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading import parquet
from smtpauth_kit.reading.archives import zip_members
from smtpauth_kit.reading.exports import Export, refused, storable
from smtpauth_kit.reading.streams import bounded, gzip_stream, open_file, why_not
from smtpauth_kit.words.inert import printable

_SKIPPED_SUFFIXES: Final = (
    ".duckdb", ".wal", ".lock", ".tmp", ".settings", ".settings-wal", ".settings-shm", ".backup",
)  # fmt: skip


def find_exports(paths: Sequence[str | Path]) -> list[Export]:
    """Return every export that the paths name: files, folders, globs, gzip and zip archives.

    A path that exists is that path, whatever signs are in its name; only one that does not exist
    is read as a pattern. Folders are walked in name order; hidden files and stores are passed over,
    and so is what is no file. A link that leads out of the folder it was found in is refused: who
    sends a folder does not choose which other files of this machine are read.

    `archive!member` is one member of an archive, or one sheet of a workbook, as a result names it.

    A path that names nothing is an export that is refused when it is opened.
    """
    exports: list[Export] = []
    for path in (Path(path).expanduser() for path in paths):
        try:
            files = _files_of(path)
        except (OSError, ValueError, NotImplementedError) as error:
            why = FileRefused(
                "{file} cannot be looked up: {system}",
                file=printable(str(path)),
                system=why_not(error),
            )
            exports.append(refused(path, why))
            continue
        if not files and (member := _member(str(path))):
            exports.append(member)
            continue
        if not files and not path.is_dir():
            why = FileRefused(
                "{file} does not exist. Check the spelling, or give the full path.",
                file=printable(str(path)),
            )
            exports.append(refused(path, why))
        for file, within in files:
            exports.extend(_open_container(file, within))
    return exports


def _member(path: str) -> Export | None:
    """Return the member of an archive, or the sheet, that `archive!member` names."""
    for at in (found.start() for found in re.finditer("!", path)):
        container = Path(path[:at]).expanduser()
        if container.is_file():
            wanted = f"{container}{path[at:]}"
            return next((e for e in _open_container(container, None) if e.path == wanted), None)
    return None


def _files_of(path: Path) -> list[tuple[Path, Path | None]]:
    """Return the files that a path names, each with the folder that was searched for it.

    None in place of the folder: the path is the file's own.
    """
    if path.is_dir():
        return [(file, path) for file in sorted(path.rglob("*")) if _is_candidate(file, path)]
    if path.exists():
        return [(path, None)]
    anchor = Path(path.anchor or ".")
    pattern = str(path.relative_to(path.anchor)) if path.anchor else str(path)
    if not re.search(r"[*?\[]", pattern):
        return []
    return [(file, file.parent) for file in sorted(anchor.glob(pattern)) if file.is_file()]


def _is_candidate(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.is_file() and not hidden and not file.name.endswith(_SKIPPED_SUFFIXES)


def _open_container(file: Path, within: Path | None) -> list[Export]:
    if within and file.is_symlink() and within.resolve() not in file.resolve().parents:
        why = FileRefused(
            "{file} is a link to a file outside its folder. "
            "If you trust it, name that file itself.",
            file=printable(str(file)),
        )
        return [refused(file, why)]
    try:
        with open_file(file) as stream:
            info = os.fstat(stream.fileno())
            start = stream.read(4)
    except FileRefused as error:
        return [refused(file, error)]
    path = storable(str(file))
    export = Export(
        path,
        partial(_plain_stream, file, path),
        dt.datetime.fromtimestamp(info.st_mtime, dt.UTC),
        info.st_size,
        # DuckDB would look for the name as it is shown.
        is_file=path == str(file),
        file=file,
        was=_identity(info),
    )
    if start[:2] == b"\x1f\x8b":
        return [replace(export, open=partial(gzip_stream, file, path), is_file=False)]
    if start == b"PK\x03\x04":
        return zip_members(replace(export, is_file=False))
    if start == parquet.MAGIC:
        text = parquet.text_of(file, printable(path))
        return [replace(export, open=lambda: bounded(text.open(), path), is_file=False)]
    return [export]


def _plain_stream(file: Path, path: str) -> IO[bytes]:
    return bounded(open_file(file), path)


def _identity(info: os.stat_result) -> tuple[int, ...]:
    return (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def written_at(export: Export) -> dt.datetime | None:
    """Return when an export was written at the latest, in UTC; None where it is no file.

    A member of an archive was written before the archive was. Its own time has no zone: the clocks
    furthest behind are `_FURTHEST_BEHIND`, so that it was no later than that after it.
    """
    if not export.was:
        return None
    seconds = export.was[_WRITTEN_NS] / 1e9
    try:
        on_disk = dt.datetime.fromtimestamp(seconds, dt.UTC)
        return min(on_disk, export.modified + _FURTHEST_BEHIND).replace(tzinfo=None)
    except (OverflowError, OSError, ValueError):
        return None


_FURTHEST_BEHIND: Final = dt.timedelta(hours=12)
_WRITTEN_NS: Final = 3
"""Where `_identity` has the time at which a file was written."""


def check_unchanged(export: Export) -> None:
    """See that a file is still the one that was found: what was looked at is what was read.

    Raises
    ------
    FileRefused
        It was written to, replaced or removed meanwhile.
    """
    if export.file is None:
        return
    try:
        now = _identity(export.file.stat())
    except OSError:
        now = ()
    if now != export.was:
        raise FileRefused(
            "{file} was changed while it was being loaded, so it cannot be known which of its rows "
            "are whole. Load it again when nothing writes to it, or load a copy.",
            file=printable(export.path),
        )

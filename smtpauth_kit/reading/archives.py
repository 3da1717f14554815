"""The members of a zip archive, and the sheets of a workbook, as exports of their own."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import IO, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading import workbook
from smtpauth_kit.reading.bounds import MAX_MEMBERS, MIB
from smtpauth_kit.reading.exports import Export, empty, refused, storable
from smtpauth_kit.reading.streams import bounded, open_file, too_much
from smtpauth_kit.words.inert import printable

MAX_LIST: Final = 4 * MIB
"""Bytes of an archive's list of its members."""


def zip_members(archive: Export) -> list[Export]:
    """Return what an archive holds, or the sheets of the workbook that it is."""
    file = archive.file
    assert file is not None
    try:
        with _OfZip(open_file(file), str(file)) as stream, zipfile.ZipFile(stream) as opened:
            members = [info for info in opened.infolist() if not info.is_dir()]
    except FileRefused as error:
        return [refused(file, error)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        damaged = FileRefused(
            "{file} is a damaged zip archive ({system}). Download it again.",
            file=printable(str(file)),
            system=str(error),
        )
        return [refused(file, damaged)]
    if workbook.is_workbook([info.filename for info in members]):
        return _sheets(archive)
    if len(members) > MAX_MEMBERS:
        many = FileRefused(
            "{file} holds {n} files; an archive may hold {most}. Unpack it first.",
            file=printable(str(file)),
            n=str(len(members)),
            most=str(MAX_MEMBERS),
        )
        return [refused(file, many)]
    # The sizes are what the archive says; no member gives more than it said (zipfile).
    unpacked = sum(info.file_size for info in members)
    if why := too_much(str(file), unpacked, archive.size):
        return [refused(file, why)]
    if any(info.filename == "[Content_Types].xml" for info in members):
        other = FileRefused(
            "{file} is an Office document, but no workbook. It is not read.",
            file=printable(str(file)),
        )
        return [refused(file, other)]
    return [_zip_member(archive, info) for info in members]


class _OfZip(io.BufferedReader):
    """An archive that is not read when its list of members, which is read at once, is too long."""

    def __init__(self, file: IO[bytes], path: str) -> None:
        assert isinstance(file, io.BufferedReader)
        super().__init__(file.detach())
        self._path = path

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_LIST:
            raise FileRefused(
                "{file} has a list of its files that is longer than {n} MiB; an archive may hold "
                "{most} files. Unpack it first.",
                file=printable(self._path),
                n=MAX_LIST // MIB,
                most=MAX_MEMBERS,
            )
        return super().read(size)


def _sheets(archive: Export) -> list[Export]:
    file = archive.file
    assert file is not None
    try:
        texts = workbook.sheets(file)
    except FileRefused as error:
        return [refused(file, error)]
    if not texts:
        return [refused(file, empty(str(file)))]
    return [_sheet(archive, name, text, len(texts)) for name, text in texts.items()]


def _sheet(archive: Export, name: str, text: Callable[[], IO[bytes]], of: int) -> Export:
    path = storable(f"{archive.path}!{name}") if of > 1 else archive.path
    return replace(archive, path=path, open=lambda: bounded(text(), path))


def _zip_member(archive: Export, info: zipfile.ZipInfo) -> Export:
    path = storable(f"{archive.path}!{info.filename}")
    parts = re.split(r"[/\\]", info.filename)
    if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        leaves = FileRefused(
            "{file} has a name that leaves its archive; it is not read.", file=printable(path)
        )
        return refused(path, leaves)
    if info.flag_bits & 1:
        encrypted = FileRefused(
            "{file} is encrypted. Unpack the archive with its password first.",
            file=printable(path),
        )
        return refused(path, encrypted)
    return replace(
        archive,
        path=path,
        open=partial(_zip_stream, archive, info, path),
        modified=_modified(info) or archive.modified,
        size=info.compress_size,
    )


def _modified(info: zipfile.ZipInfo) -> dt.datetime | None:
    """Return when a member was written; an archive can say any numbers, and its first day: none."""
    year, month, day, hour, minute, second = info.date_time
    if (year, month, day) == (1980, 1, 1):
        return None
    try:
        return dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC)
    except ValueError:
        return None


def _zip_stream(archive: Export, info: zipfile.ZipInfo, path: str) -> IO[bytes]:
    assert archive.file is not None
    packed = open_file(archive.file)
    try:
        stream = zipfile.ZipFile(packed).open(info)  # noqa: SIM115
    except Exception as error:
        packed.close()
        raise FileRefused(
            "{file} cannot be unpacked ({system}). Unpack it and load its files.",
            file=printable(path),
            system=str(error),
        ) from error
    size = max(info.compress_size, 1)
    return bounded(stream, path, lambda: size, also_close=packed)

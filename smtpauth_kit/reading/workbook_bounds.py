"""What a workbook may be made of: looked at before the library that reads it sees any of it.

That library holds a row, a text and a list of styles in memory as objects of many times their
size. So the parts are counted first, by a parser that keeps nothing.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final
from xml.parsers import expat

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.reading.bounds import MAX_COLUMNS, MAX_MEMBERS, MAX_RATIO, MIB, most_unpacked
from smtpauth_kit.words.inert import printable

MAX_MEMBER: Final = 64 * MIB
"""Unpacked bytes that one part of a workbook may have."""
MAX_WHOLE: Final = 8 * MIB
"""The same of a part that is held in memory at once: styles, the list of sheets."""
MAX_TOTAL: Final = 512 * MIB
MAX_ROWS: Final = 1_048_576
MAX_CELLS: Final = 4_000_000
"""Cells of a sheet: 64 MiB hold no more of real ones."""
MAX_TEXTS: Final = 2_000_000
"""Texts that cells share."""
MAX_TEXT: Final = 16 * MIB
"""Characters of one of them, or of a row."""
MAX_PIECES: Final = 500_000
"""Elements and pieces of text in one row, in one shared text, or outside of both."""
MAX_PIECES_OF_WHOLE: Final = 200_000
"""The same of a part that is held in memory at once."""
FREE: Final = 300_000
"""Rows, cells or texts that any file may have; beyond it, one for each byte of the file."""
_FREE_ATTRIBUTES: Final = 8
_CHUNK: Final = 64 * 1024
_CONTENT_TYPES: Final = "[Content_Types].xml"

_TAG, _CELLS, _CELLS_OF_ROW, _ROWS, _TEXTS, _PIECES, _SIGNS = phrases(
    "bytes in one tag",
    "cells in a sheet",
    "cells in a row",
    "rows in a sheet",
    "texts that cells share",
    "elements in a row or beside the rows",
    "characters in a row or a text",
)


def check(file: Path) -> None:
    """Refuse what a workbook never holds.

    Raises
    ------
    FileRefused
        It is beyond a bound, or holds what is made to do harm.
    """
    with zipfile.ZipFile(file) as archive:
        _check_sizes(file, archive.infolist())
        for member in archive.infolist():
            if _declares(archive, member):
                raise FileRefused(
                    "{file} declares entities of its own, which no workbook does; it may be made "
                    "to do harm. It is not read.",
                    file=printable(str(file)),
                )
        row_by_row, whole = _parts(archive)
        for member in archive.infolist():
            if member.filename in row_by_row:
                _Census(file, MAX_PIECES).count(archive, member)
            elif member.filename in whole:
                _check_whole(file, archive, member)


def _check_sizes(file: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS or any(m.file_size > MAX_MEMBER for m in members):
        raise FileRefused(
            "{file} has a part that unpacks to more than 64 MiB, or more than {n} parts. "
            "Save its sheet as CSV UTF-8 and load that.",
            file=printable(str(file)),
            n=MAX_MEMBERS,
        )
    total = sum(m.file_size for m in members)
    if total > MAX_TOTAL:
        raise FileRefused(
            "{file} unpacks to more than 512 MiB. Save its sheets as CSV UTF-8 and load those.",
            file=printable(str(file)),
        )
    if total > most_unpacked(file.stat().st_size):
        raise FileRefused(
            "{file} unpacks to more than {n} times its size, which no real export does; "
            "it may be made to fill the disk. It is not read.",
            file=printable(str(file)),
            n=MAX_RATIO,
        )


def _check_whole(file: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.file_size > MAX_WHOLE:
        raise FileRefused(
            "{file} has a part beside its sheets that unpacks to more than 8 MiB. "
            "Save its sheets as CSV UTF-8 and load those.",
            file=printable(str(file)),
        )
    if member.filename.endswith((".xml", ".rels")):
        _Census(file, MAX_PIECES_OF_WHOLE).count(archive, member)


def _parts(archive: zipfile.ZipFile) -> tuple[set[str], set[str]]:
    """Return the parts that are read row by row, and those that are held in memory at once."""
    from defusedxml.ElementTree import fromstring

    names = {name for name in archive.namelist() if not name.startswith("xl/media/")}
    if archive.getinfo(_CONTENT_TYPES).file_size > MAX_WHOLE:
        return set(), {_CONTENT_TYPES}
    types = list(fromstring(archive.read(_CONTENT_TYPES)))
    row_by_row = {
        part.get("PartName", "").lstrip("/")
        for part in types
        if part.get("ContentType", "").endswith((".worksheet+xml", ".sharedStrings+xml"))
    }
    named = {part.get("PartName", "").lstrip("/") for part in types}
    return row_by_row, (names | named) - row_by_row


def _declares(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Tell whether a part has a document type, or hides one in another encoding."""
    with archive.open(member) as stream:
        end = b""
        while chunk := stream.read(MIB):
            text = end + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or (not end and b"\0" in text[:200]):
                return True
            end = text[-16:]
    return False


class _Census:
    """Counts the rows, cells, texts and elements of one part, and refuses too many."""

    def __init__(self, file: Path, most_pieces: int) -> None:
        self._file, self._most = file, most_pieces
        free = max(FREE, file.stat().st_size)
        self._most_rows, self._most_cells = min(MAX_ROWS, free), min(MAX_CELLS, free)
        self._most_texts = min(MAX_TEXTS, free)
        self._rows = self._cells = self._texts = 0
        self._pieces = self._signs = self._cells_of_row = 0

    def count(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        """Read the part once, and stop where it has too much of anything."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text
        fed = 0
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                self._check(fed - parser.CurrentByteIndex, MIB, _TAG)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "c":
            self._cells += 1
            self._cells_of_row += 1
            self._check(self._cells, self._most_cells, _CELLS)
            self._check(self._cells_of_row, MAX_COLUMNS, _CELLS_OF_ROW)
        elif kind == "row":
            self._rows += 1
            self._pieces = self._signs = self._cells_of_row = 0
            self._check(self._rows, self._most_rows, _ROWS)
        elif kind == "si":
            self._texts += 1
            self._pieces = self._signs = 0
            self._check(self._texts, self._most_texts, _TEXTS)
        self._pieces += 1 + len(attributes) // _FREE_ATTRIBUTES
        self._check(self._pieces, self._most, _PIECES)

    def _text(self, text: str) -> None:
        self._pieces += 1
        self._signs += len(text)
        self._check(self._pieces, self._most, _PIECES)
        self._check(self._signs, MAX_TEXT, _SIGNS)

    def _check(self, found: int, most: int, what: Sentence) -> None:
        if found > most:
            raise FileRefused(
                "{file} has more than {n} {what}. Save its sheets as CSV UTF-8 and load those.",
                file=printable(str(self._file)),
                n=most,
                what=what,
            )

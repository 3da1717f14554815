"""From an export file's bytes to its records: containers, encodings, delimiters, quotes, bounds.

Nothing here knows what a column means. A record keeps the physical line it starts on and the
text it came from, so that whatever happens to it later can be shown to the person who loaded it.
"""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import hashlib
import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from smtpauth_kit import parquet, workbook
from smtpauth_kit.bounds import (
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_LINE,
    MAX_MEMBERS,
    MAX_RATIO,
    MIB,
    most_unpacked,
)
from smtpauth_kit.errors import FileRefused
from smtpauth_kit.inert import printable as printable
from smtpauth_kit.json_scanner import CHUNK, MAX_JSON_DEPTH, EndUnknown, JsonScanner
from smtpauth_kit.quotes import Lines, QuotedRecords, strip_end
from smtpauth_kit.sentences import NOTHING, Sentence

UNIVERSAL: Final = ""
"""Lines end with LF, CRLF or CR, also mixed; a quoted cell keeps those in it."""
DELIMITERS: Final = (",", ";", "\t", "|")
_SKIPPED_SUFFIXES: Final = (
    ".duckdb", ".wal", ".lock", ".tmp", ".settings", ".settings-wal", ".settings-shm",
)  # fmt: skip


class Record(NamedTuple):
    """One record as it stands in the file."""

    line: int
    """The physical line it starts on (1-based); in a JSON document, its position."""
    cells: Sequence[str] | Mapping[str, str]
    """Cells by position (text table) or by dotted name (JSON); empty when `problem` is set."""
    raw: str
    problem: Sentence = NOTHING
    """Why the record could not be taken apart; empty when it could."""


@dataclass(frozen=True)
class Export:
    """A file, or a member of an archive, that may be an export."""

    path: str
    """As the user can find it: a path, with `!member` behind an archive's."""
    open: Callable[[], IO[bytes]]
    """Opens the content from its start, decompressed, within the bounds."""
    modified: dt.datetime
    size: int
    """Bytes on disk; progress is measured against it."""
    is_file: bool = False
    """`path` is a file with just this content: no archive, nothing packed."""
    file: Path | None = None
    """The file on disk that it is, or stands in."""
    was: tuple[int, ...] = ()
    """What told that file from any other when it was found (see `check_unchanged`)."""


@dataclass(frozen=True)
class Content:
    """What one pass over the bytes tells."""

    sha256: str
    encoding: str
    is_json: bool
    ends_with_newline: bool
    bytes: int
    lines: int = 0
    """Physical lines, blank ones at the end not counted; known of plain content only."""
    is_plain: bool = False
    """UTF-8 without quotes, blank lines, mixed line ends or signs that steer a reader."""
    is_bare: bool = False
    """Visible ASCII signs and line ends; spaces only inside cells, one at a time."""
    only: Sequence[tuple[int, str]] | None = None
    """The lines of it to read, with their numbers; None: all."""


# --- finding files -------------------------------------------------------------------------


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
                system=_why_not(error),
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
    """Return the files that a path names; those that were found, with the folder of the search."""
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
        with _open_file(file) as stream:
            info = os.fstat(stream.fileno())
            start = stream.read(4)
    except FileRefused as error:
        return [refused(file, error)]
    path = _storable(str(file))
    export = Export(
        path,
        lambda: _Bounded(_open_file(file), path, None),
        dt.datetime.fromtimestamp(info.st_mtime, dt.UTC),
        info.st_size,
        # DuckDB would look for the name as it is shown.
        is_file=path == str(file),
        file=file,
        was=_identity(info),
    )
    if start[:2] == b"\x1f\x8b":
        return [replace(export, open=lambda: _gzip_stream(file, path), is_file=False)]
    if start == b"PK\x03\x04":
        return _zip_members(replace(export, is_file=False))
    if start == parquet.MAGIC:
        text = parquet.text_of(file, printable(path))
        return [replace(export, open=lambda: _Bounded(text.open(), path, None), is_file=False)]
    return [export]


def _open_file(file: Path) -> IO[bytes]:
    """Open a regular file, and nothing else: a pipe would be waited for, a device never ends."""
    try:
        # Without waiting: a pipe may have come in the place of the file that was found.
        number = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except OSError as error:
        raise FileRefused(
            "{file} cannot be opened: {system}.",
            file=printable(str(file)),
            system=_why_not(error),
        ) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise FileRefused(
            "{file} is no regular file, but a pipe, a device or the like. "
            "Save what it gives as a file, and load that.",
            file=printable(str(file)),
        )
    return os.fdopen(number, "rb")


_BINARY: Final = getattr(os, "O_BINARY", 0)


def _why_not(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _identity(info: os.stat_result) -> tuple[int, ...]:
    return (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


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


def _storable(path: str) -> str:
    r"""Return a path as a store can hold it: bytes that are no text are shown as escapes.

    Examples
    --------
    >>> print(_storable(os.fsdecode(b"log\xff.csv")))
    log\xff.csv
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def refused(file: Path | str, why: FileRefused) -> Export:
    """Return an export that is refused when it is opened."""

    def refuse() -> IO[bytes]:
        raise why.with_traceback(None)

    return Export(_storable(str(file)), refuse, dt.datetime(1970, 1, 1, tzinfo=dt.UTC), 0)


def _zip_members(archive: Export) -> list[Export]:
    file = archive.file
    assert file is not None
    try:
        with _OfZip(_open_file(file), str(file)) as stream, zipfile.ZipFile(stream) as opened:
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
    if too_much := _too_much(str(file), unpacked, archive.size):
        return [refused(file, too_much)]
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


MAX_LIST: Final = 4 * MIB


def _too_much(path: str, unpacked: int, packed: int) -> FileRefused | None:
    """Return why so many unpacked bytes are too many; None: they are not."""
    if unpacked > MAX_BYTES:
        return FileRefused(
            "{file} holds more than 20 GiB, the most a file may hold. Export a shorter range.",
            file=printable(path),
        )
    if unpacked > most_unpacked(packed):
        return FileRefused(
            "{file} unpacks to more than {n} times its size, which no real export does; "
            "it may be made to fill the disk. It is not read.",
            file=printable(path),
            n=MAX_RATIO,
        )
    return None


def _sheets(archive: Export) -> list[Export]:
    file = archive.file
    assert file is not None
    try:
        found = workbook.sheets(file)
    except FileRefused as error:
        return [refused(file, error)]
    if not found:
        return [refused(file, _empty(str(file)))]
    return [_sheet(archive, name, text, len(found)) for name, text in found.items()]


def _empty(path: str) -> FileRefused:
    return FileRefused(
        "{file} is empty. Export it again, and load that file.", file=printable(path)
    )


def _sheet(archive: Export, name: str, text: Callable[[], IO[bytes]], of: int) -> Export:
    path = _storable(f"{archive.path}!{name}") if of > 1 else archive.path
    return replace(archive, path=path, open=lambda: _Bounded(text(), path, None))


def _zip_member(archive: Export, info: zipfile.ZipInfo) -> Export:
    path = _storable(f"{archive.path}!{info.filename}")
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
        open=lambda: _zip_stream(archive, info, path),
        modified=_modified(info) or archive.modified,
        size=info.compress_size,
    )


def _modified(info: zipfile.ZipInfo) -> dt.datetime | None:
    """Return when a member was written; an archive can say any numbers."""
    year, month, day, hour, minute, second = info.date_time
    try:
        return dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC)
    except ValueError:
        return None


def _gzip_stream(file: Path, path: str) -> IO[bytes]:
    packed = _open_file(file)
    return _Bounded(gzip.GzipFile(fileobj=packed), path, packed.tell, also_close=packed)


def _zip_stream(archive: Export, info: zipfile.ZipInfo, path: str) -> IO[bytes]:
    assert archive.file is not None
    packed = _open_file(archive.file)
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
    return _Bounded(stream, path, lambda: size, also_close=packed)


def bounded(stream: IO[bytes], path: str) -> IO[bytes]:
    """Return a stream that stops at the bounds, and says in plain words why."""
    return _Bounded(stream, path, None)


class _Bounded(io.RawIOBase, IO[bytes]):
    """A readable stream that stops at the bounds, and says in plain words why."""

    def __init__(
        self,
        stream: IO[bytes] | gzip.GzipFile,
        path: str,
        packed_bytes: Callable[[], int] | None,
        also_close: Any = None,
    ) -> None:
        self._stream, self._path, self._packed = stream, path, packed_bytes
        self._also_close = also_close
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes: at once, where the base class copies them twice."""
        return super().read() if size < 0 else self._read(size)

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(min(size, CHUNK))
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise FileRefused(
                "{file} is damaged or incomplete: {system}. Download it again.",
                file=printable(self._path),
                system=str(error),
            ) from error
        except (OSError, NotImplementedError, RuntimeError) as error:
            raise FileRefused(
                "{file} cannot be read: {system}.", file=printable(self._path), system=str(error)
            ) from error
        self.bytes_read += len(data)
        self._check()
        return data

    def _check(self) -> None:
        packed = self.bytes_read if self._packed is None else self._packed()
        if too_much := _too_much(self._path, self.bytes_read, packed):
            raise too_much

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._also_close is not None:
                self._also_close.close()
        super().close()


# --- what the bytes are --------------------------------------------------------------------


class _Utf8Check:
    """Counts what is and what is not UTF-8, so one bad byte does not change a whole file."""

    def __init__(self) -> None:
        self.bad = self.beyond_ascii = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="smtpauth-count")
        self._decoder_errors = _BadBytes

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if chunk.isascii() and not final and not self._decoder.getstate()[0]:
            return
        _BadBytes.seen = 0
        text = self._decoder.decode(chunk, final)
        self.bad += _BadBytes.seen
        self.beyond_ascii += len(text.encode("utf-8", "surrogatepass")) - len(text)

    @property
    def encoding(self) -> str:
        return "utf-8" if self.bad == 0 or self.beyond_ascii > 2 * self.bad else "cp1252"


class _BadBytes:
    seen = 0

    @staticmethod
    def count(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        _BadBytes.seen += error.end - error.start
        return "", error.end


codecs.register_error("smtpauth-count", _BadBytes.count)


class _LineCheck:
    """Counts lines, and sees what keeps a text from being taken apart by its separators alone.

    Once it has seen such a sign, all it still looks for is the end of a line.
    """

    def __init__(self) -> None:
        self.line_feeds = self.returns = self.pairs = self.blank = 0
        self.has_signs = False
        self._is_bare = True
        self.last = b""

    def feed(self, chunk: bytes) -> None:
        import numpy as np

        last, self.last = self.last, (self.last + chunk[-64:])[-64:]
        if self.has_signs:
            self.line_feeds = self.line_feeds or chunk.count(b"\n")
            return
        # Two bytes of what came before, so that an end of line is seen whole.
        text = np.frombuffer((b"\n\n" + last)[-2:] + chunk, dtype=np.uint8)
        feeds = np.flatnonzero(text[2:] == _LF) + 2
        returns = int(np.count_nonzero(text[2:] == _CR))
        has_return = text[feeds - 1] == _CR
        # What stands before the end of a line that is blank: the end of another.
        self.blank += int(np.count_nonzero(text[feeds - 1 - has_return] == _LF))
        self.pairs += int(np.count_nonzero(has_return))
        self.line_feeds += len(feeds)
        self.returns += returns
        self.has_signs = any(sign in chunk for sign in _STEERING)
        self._is_bare = self._is_bare and _is_bare(text, len(feeds) + returns)

    @property
    def _blank_at_end(self) -> int:
        bare = self.last.replace(b"\r\n", b"\n")
        return max(len(bare) - len(bare.rstrip(b"\n")) - 1, 0)

    @property
    def count(self) -> int:
        """Lines up to the last one that is not blank."""
        return self.line_feeds - self._blank_at_end + (not self.last.endswith(b"\n"))

    @property
    def are_plain(self) -> bool:
        one_end = self.returns in (0, self.line_feeds) and self.pairs == self.returns
        return one_end and not self.has_signs and self.blank <= self._blank_at_end

    @property
    def are_bare(self) -> bool:
        return self._is_bare and not self.has_signs and not self.last.endswith(b" ")


def _is_bare(text: Any, ends: int) -> bool:
    """Tell whether a piece is visible ASCII, with no space at either end of a cell.

    Its first two signs are of the piece before; `ends` of the others end a line.
    """
    import numpy as np

    new = text[2:]
    if np.count_nonzero(new < _SPACE) != ends or new.max(initial=0) > _LAST_VISIBLE:
        return False
    spaces = np.flatnonzero(text[1:-1] == _SPACE) + 1
    if not len(spaces):
        return True
    is_edge = np.bincount(_EDGES, minlength=256) > 0
    return not (is_edge[text[spaces - 1]] | is_edge[text[spaces + 1]]).any()


_LF: Final = 10
_CR: Final = 13
_SPACE: Final = 32
_LAST_VISIBLE: Final = 126
_EDGES: Final = tuple(b" \r\n,;|")
"""Beside one of these a space is not inside a cell; nor is one of two spaces surely."""
_STEERING: Final = (b'"', b"\0", b"\x01", b"\x02")
"""A quote; and what stands for “no separator” and “no value” when DuckDB reads the lines."""


def examine(export: Export, tick: Callable[[int], None] = lambda _: None) -> Content:
    """Read the whole content once: its hash, encoding, line ends, and whether it is JSON.

    `tick` is called with the bytes read so far.

    Raises
    ------
    FileRefused
        The file is empty, damaged, not text, or beyond a bound.
    """
    digest, utf8, lines, total = hashlib.sha256(), _Utf8Check(), _LineCheck(), 0
    head, encoding = b"", ""
    with export.open() as stream, ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(digest.update, b"")
        while chunk := stream.read(CHUNK):
            if not head:
                head = chunk[:8192]
                encoding = _encoding_of_start(export.path, head)
            hashed.result()
            hashed = beside.submit(digest.update, chunk)
            total += len(chunk)
            if not encoding:
                utf8.feed(chunk)
            lines.feed(chunk)
            tick(total)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _empty(export.path)
    utf8.feed(b"", final=True)
    encoding = encoding or utf8.encoding
    start = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    ends = lines.last[-4:].decode(encoding.removesuffix("-sig"), "ignore")[-1:] in ("\n", "\r")
    return Content(
        sha256=digest.hexdigest(),
        encoding=encoding,
        is_json=start[:1] in "[{",
        ends_with_newline=ends,
        bytes=total,
        lines=lines.count,
        is_plain=encoding == "utf-8" and utf8.bad == 0 and lines.are_plain,
        is_bare=lines.are_bare,
    )


def sha256_of(export: Export, tick: Callable[[int], None] = lambda _: None) -> str:
    """Return the hash of the content, as :func:`examine` does, and look at nothing else."""
    digest, total = hashlib.sha256(), 0
    with export.open() as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            total += len(chunk)
            tick(total)
    return digest.hexdigest()


def _encoding_of_start(path: str, head: bytes) -> str:
    """Return the encoding that the first bytes settle; empty: the whole content decides."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # Before UTF-16, whose mark is the beginning of this one.
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if encoding := _utf_32(head):
        return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    few = max(len(head) // 100, 1)
    if odd > len(head) // 8 and even <= few:
        return "utf-16-le"
    if even > len(head) // 8 and odd <= few:
        return "utf-16-be"
    if head.startswith(_PACKED):
        raise FileRefused(
            "{file} is packed in a way that is not read, or packed twice. "
            "Unpack it, and load the files in it.",
            file=printable(path),
        )
    if head[:4] in (b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF") or even + odd > len(head) // 4:
        raise FileRefused(
            "{file} is not a text file. Expected a CSV or JSON export; "
            "open it in the program that made it and save it as CSV UTF-8.",
            file=printable(path),
        )
    return ""


def _utf_32(head: bytes) -> str:
    """Return the UTF-32 that a text without a mark is in; empty: it is in none.

    One of four bytes is always zero, and the one beside it the number of one of 17 planes.
    """
    first, second, third, fourth = (head[place : len(head) // 4 * 4 : 4] for place in range(4))
    if any(first) and not any(fourth) and max(third) <= _LAST_PLANE:
        return "utf-32-le"
    return "utf-32-be" if any(fourth) and not any(first) and max(second) <= _LAST_PLANE else ""


_LAST_PLANE: Final = 16


_PACKED: Final = (
    b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
"""How gzip, zip, bzip2, 7z, rar, xz and Zstandard begin."""


# --- text tables ---------------------------------------------------------------------------


def text_records(
    export: Export,
    content: Content,
    delimiter: str | None,
    *,
    width: int | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> Iterator[Record]:
    """Yield the records of a text file, blank lines left out; with no delimiter, its lines.

    With `width`, a record of another number of cells has a `problem`; more cells are fine while
    the extra ones are empty. A quote that is never closed properly spoils its own line only.
    """
    if content.only is not None:
        assert delimiter is not None
        for number, text in content.only:
            if not text.strip():
                continue
            yield _fit(Record(number, text.split(delimiter), text), width)
        return
    source = export.open()
    with source, _decoded(source, content, UNIVERSAL) as stream:
        lines = Lines(stream, lambda: tick(getattr(source, "bytes_read", 0)))
        most = MAX_COLUMNS if width is None else width + 8
        quoted = QuotedRecords(lines, delimiter or "", most)
        while (line := lines.take()) is not None:
            number, text = lines.number, strip_end(line)
            if not text or text.isspace():
                continue
            if delimiter and '"' not in text and len(text) <= MAX_CELL:
                cells = text.split(delimiter)
                whole = Record(number, cells, text)
                yield whole if len(cells) == width else _fit(whole, width)
            elif len(line) >= MAX_LINE:
                lines.skip_rest()
                yield Record(number, (), text[:1000], Sentence("is longer than 8 MiB"))
            elif delimiter is None:
                yield Record(number, (text,), text)
            elif '"' in text:
                cells, text, problem = quoted.take(number, line)
                yield _fit(Record(number, cells, text, problem), width)
            else:
                yield _fit(Record(number, text.split(delimiter, MAX_COLUMNS), text), width)


def _decoded(source: IO[bytes], content: Content, newline: str | None = None) -> io.TextIOWrapper:
    buffered = io.BufferedReader(source, CHUNK)  # type: ignore[type-var]
    return io.TextIOWrapper(buffered, encoding=content.encoding, errors="replace", newline=newline)


def _fit(record: Record, width: int | None) -> Record:
    if record.problem:
        return record
    cells = record.cells
    assert isinstance(cells, Sequence)
    if len(cells) > MAX_COLUMNS:
        problem = Sentence("has more than {n} cells", n=MAX_COLUMNS)
        return record._replace(cells=(), problem=problem)
    if len(record.raw) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        return record._replace(
            cells=(), problem=Sentence("has a cell of more than 1 MiB"), raw=record.raw[:1000]
        )
    if width is None or len(cells) == width:
        return record
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return record._replace(cells=cells[:width])
    problem = Sentence(
        "has {n} cells where the header has {width}", n=str(len(cells)), width=str(width)
    )
    return record._replace(problem=problem)


# --- JSON ----------------------------------------------------------------------------------


def json_records(
    export: Export, content: Content, tick: Callable[[int], None] = lambda _: None
) -> Iterator[Record]:
    """Yield the records of a JSON export: an object with `value`, an array, or one per line.

    Nested objects become dotted names (`status.errorCode`), lists stay JSON text, null is empty.
    What cannot be read has a `problem`, and spoils no other record.

    Raises
    ------
    FileRefused
        A record is broken, and where those behind it begin cannot be told.
    """
    source = export.open()
    with source, _decoded(source, content) as stream:
        scanner = JsonScanner(stream, lambda: tick(getattr(source, "bytes_read", 0)))
        position = 0
        try:
            for position, (value, raw, problem) in enumerate(scanner.records(), start=1):
                yield _json_record(position, value, raw, problem)
        except EndUnknown as unknown:
            raise FileRefused(
                "{file} has a record that cannot be read: record {line} {why}. Others follow it "
                "on the same line, and where they begin cannot be known, so nothing was loaded. "
                "Export it again, or write each record on a line of its own.",
                file=printable(export.path),
                line=str(position + 1),
                why=unknown.sentence,
            ) from None


def _json_record(position: int, value: Any, raw: str, problem: Sentence) -> Record:
    if problem:
        return Record(position, (), raw, problem)
    if not isinstance(value, dict):
        return Record(position, (), raw[:MAX_CELL], Sentence("is not an object with named values"))
    cells: dict[str, str] = {}
    try:
        _flatten(value, "", cells, 1)
    except FileRefused as error:
        return Record(position, (), raw[:1000], error.sentence)
    return Record(position, cells, raw)


def _flatten(value: Mapping[str, Any], prefix: str, cells: dict[str, str], depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise FileRefused("is nested deeper than {n} levels", n=MAX_JSON_DEPTH)
    for key, item in value.items():
        name = prefix + (key if key.isascii() else _whole(key))
        if len(name) > MAX_NAME:
            raise FileRefused("has a name of more than {n} characters", n=MAX_NAME)
        if isinstance(item, dict):
            _flatten(item, name + ".", cells, depth + 1)
            continue
        if isinstance(item, list) and _is_deeper(item, MAX_JSON_DEPTH - depth):
            raise FileRefused("is nested deeper than {n} levels", n=MAX_JSON_DEPTH)
        text = item if isinstance(item, str) else _JSON_WORDS.get(type(item), json.dumps)(item)
        if len(text) > MAX_CELL:
            raise FileRefused("has a text of more than 1 MiB")
        if len(cells) >= MAX_COLUMNS:
            raise FileRefused("has more than {n} values", n=MAX_COLUMNS)
        cells[name] = text if text.isascii() else _whole(text)


MAX_NAME: Final = 1_000
"""Characters of a dotted name: a long one in front of many would fill the memory."""


def _is_deeper(value: list[Any], levels: int) -> bool:
    """Tell whether lists and objects stand in one another more than so many levels deep."""
    level: list[Any] = [value]
    for _ in range(levels):
        inner = (v.values() if isinstance(v, dict) else v for v in level)
        level = [each for some in inner for each in some if isinstance(each, dict | list)]
        if not level:
            return False
    return True


_JSON_WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "",
    bool: lambda item: "true" if item else "false",
    int: str,
}
"""What `json.dumps` gives for these, or nothing for null, at a tenth of its cost."""


def _whole(text: str) -> str:
    """Return text without halves of characters, which JSON can escape and no store can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

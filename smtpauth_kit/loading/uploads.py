"""Files that a browser sends in pieces: kept in the exports folder, never over another file."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.reading.bounds import MAX_BYTES
from smtpauth_kit.words.inert import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_NAME: Final = 120
_PART: Final = ".upload-"
"""Begins the name of a file that is not all there yet; loads pass hidden files over."""
_KEEP_PARTS_S: Final = 24 * 3600
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*!]')


def safe_name(name: str) -> str:
    r"""Return a file name that means one file in one folder on every system.

    Examples
    --------
    >>> [safe_name(name) for name in ("../../etc/passwd", "C:\\x\\report[1].csv", "a\x00b?.csv")]
    ['passwd', 'report[1].csv', 'a_b_.csv']
    >>> [safe_name(name) for name in ("..", "NUL.csv", ".hidden")]
    ['export', '_NUL.csv', 'hidden']
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(char if char.isprintable() else "_" for char in last)
    plain = _FORBIDDEN.sub("_", plain).strip(" .")
    if len(plain.encode("utf-8", "replace")) > MAX_NAME:
        stem, dot, ending = plain.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 10 else ""
        room = MAX_NAME - len(ending.encode("utf-8", "replace"))
        plain = (
            (stem if ending else plain).encode("utf-8", "ignore")[:room].decode("utf-8", "ignore")
        )
        plain += ending
    if not plain:
        return "export"
    return f"_{plain}" if _RESERVED.match(plain) else plain


class Upload:
    """One file on its way into a folder, piece by piece.

    Examples
    --------
    >>> upload = Upload(folder / "exports", "log.csv", 3)
    >>> upload.add(0, b"abc")
    >>> upload.finish().read_bytes()
    b'abc'
    """

    def __init__(self, folder: Path, name: str, size: int) -> None:
        self.name, self.size, self.received = safe_name(name), size, 0
        self._folder = folder
        self._digest = hashlib.sha256()
        if size > MAX_BYTES:
            raise KitError(
                "{file} holds more than 20 GiB, the most a file may hold. Export a shorter range.",
                file=printable(self.name),
            )
        with _plain_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _remove_old_parts(folder)
            self._part = folder / f"{_PART}{secrets.token_hex(8)}"
            self._stream: IO[bytes] = self._part.open("xb")

    def add(self, offset: int, piece: bytes | memoryview) -> None:
        """Add the next piece; one that does not follow the last one ends the upload."""
        if offset != self.received or offset + len(piece) > self.size:
            self.cancel()
            raise KitError(
                "{file} came in the wrong order. Choose it again.", file=printable(self.name)
            )
        with _plain_errors(self._folder, self.cancel):
            self._stream.write(piece)
        self._digest.update(piece)
        self.received += len(piece)

    @property
    def is_whole(self) -> bool:
        """Tell whether every byte has come."""
        return self.received == self.size

    def finish(self) -> Path:
        """Give the file its name; where another file has it, a number is added.

        A file that is there already with the same name and content is that file.
        """
        with _plain_errors(self._folder, self.cancel):
            self._stream.close()
            path = self._free_path()
            if path.stat().st_size == 0 and self.size:
                self._part.replace(path)
            else:
                self._part.unlink()
        return path

    def cancel(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self._stream.close()
            self._part.unlink(missing_ok=True)

    def _free_path(self) -> Path:
        """Take a name that no file has, by making an empty file of it; or find the same file."""
        stem, suffix = Path(self.name).stem, Path(self.name).suffix
        number = 1
        while True:
            path = self._folder / (self.name if number == 1 else f"{stem} ({number}){suffix}")
            try:
                path.open("xb").close()
                return path
            except FileExistsError:
                if self._is_same(path):
                    return path
                number += 1

    def _is_same(self, path: Path) -> bool:
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest() == self._digest.digest()


@contextmanager
def _plain_errors(folder: Path, undo: Callable[[], None] = lambda: None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        undo()
        raise KitError(
            "The file could not be kept in {folder} ({system}). Make room there, "
            "or copy it into a folder yourself and load that.",
            folder=str(folder),
            system=error.strerror or str(error),
        ) from None


def _remove_old_parts(folder: Path) -> None:
    for part in folder.glob(f"{_PART}*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _KEEP_PARTS_S:
                part.unlink()

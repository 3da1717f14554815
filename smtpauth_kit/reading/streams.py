"""A file's bytes as a stream that stops at the bounds, and says in plain words why."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading.bounds import MAX_BYTES, MAX_RATIO, most_unpacked
from smtpauth_kit.reading.json_text import CHUNK
from smtpauth_kit.words.inert import printable


def open_file(file: Path) -> IO[bytes]:
    """Open a regular file, and nothing else: a pipe would be waited for, a device never ends."""
    try:
        # Without waiting: a pipe may have come in the place of the file that was found.
        number = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except OSError as error:
        raise FileRefused(
            "{file} cannot be opened: {system}.",
            file=printable(str(file)),
            system=why_not(error),
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


def why_not(error: Exception) -> str:
    """Return the words of the system, without the path that it puts behind them."""
    return getattr(error, "strerror", None) or str(error)


def bounded(
    stream: IO[bytes],
    path: str,
    packed_bytes: Callable[[], int] | None = None,
    also_close: IO[bytes] | None = None,
) -> IO[bytes]:
    """Return a stream that stops at the bounds, and says in plain words why.

    `packed_bytes` tells how many packed bytes it has come from so far; without, nothing is packed.
    """
    return _Bounded(stream, path, packed_bytes, also_close)


def gzip_stream(file: Path, path: str) -> IO[bytes]:
    """Open what a gzip file holds."""
    packed = open_file(file)
    return _Bounded(gzip.GzipFile(fileobj=packed), path, packed.tell, also_close=packed)


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
        if why := too_much(self._path, self.bytes_read, packed):
            raise why

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._also_close is not None:
                self._also_close.close()
        super().close()


def too_much(path: str, unpacked: int, packed: int) -> FileRefused | None:
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

"""The encoding of a text: what its first bytes settle, and whether all of it is UTF-8."""

from __future__ import annotations

import codecs
from typing import Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.words.inert import printable


class Utf8Check:
    """Counts the bytes that are UTF-8 beyond ASCII, and those that cannot be UTF-8.

    So a few damaged bytes do not make a whole file Windows-1252.
    """

    def __init__(self) -> None:
        self.bad = self.beyond_ascii = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="smtpauth-count")
        self._decoder_errors = _BadBytes

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """Look at the next bytes; `final`: there are no more."""
        if chunk.isascii() and not final and not self._decoder.getstate()[0]:
            return
        _BadBytes.seen = 0
        text = self._decoder.decode(chunk, final)
        self.bad += _BadBytes.seen
        self.beyond_ascii += len(text.encode("utf-8", "surrogatepass")) - len(text)

    @property
    def encoding(self) -> str:
        """The encoding that all bytes so far speak for: UTF-8, or else Windows-1252."""
        return "utf-8" if self.bad == 0 or self.beyond_ascii > 2 * self.bad else "cp1252"


class _BadBytes:
    """The error handler that counts, as codecs takes it: one for the process."""

    seen = 0

    @staticmethod
    def count(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        _BadBytes.seen += error.end - error.start
        return "", error.end


codecs.register_error("smtpauth-count", _BadBytes.count)


def encoding_of_start(path: str, head: bytes) -> str:
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
"""Number of the last of the 17 planes of Unicode."""


_PACKED: Final = (
    b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
"""How gzip, zip, bzip2, 7z, rar, xz and Zstandard begin."""

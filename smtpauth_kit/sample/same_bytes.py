"""CSV, zip and gzip that are the same bytes on every machine and Python."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Literal


def csv_text(rows: Iterable[Sequence[object]], *, quoted: bool = False) -> str:
    """Return rows as CSV, with every cell `quoted` or only those that need it."""
    text = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def zipped(name: str, data: bytes, at: dt.datetime) -> bytes:
    """Return data as the one member of an archive, written at a time, which has no zone there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        info = zipfile.ZipInfo(name, at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        # Else it names the system that packed it, and the bytes differ on Windows.
        info.create_system = 3
        archive.writestr(info, data, compresslevel=9)
    return packed.getvalue()


def gzipped(data: bytes) -> bytes:
    """Return data as gzip, without the time and the system it was packed on."""
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    # Byte 9 names the system that packed it, and Python 3.11 and 3.12 write theirs: say "unknown".
    return packed[:9] + b"\xff" + packed[10:]

"""CSV and gzip that are the same bytes on every machine and Python."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from typing import Literal


def csv_text(rows: Iterable[Sequence[object]], *, quoted: bool = False) -> str:
    """Return rows as CSV, with every cell `quoted` or only those that need it."""
    text = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def gzipped(data: bytes) -> bytes:
    """Return data as gzip, without the time and the system it was packed on."""
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    # Byte 9 names the system that packed it, and Python 3.11 and 3.12 write theirs: say "unknown".
    return packed[:9] + b"\xff" + packed[10:]

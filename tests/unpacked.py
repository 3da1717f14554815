"""What a page holds packed, as `static/unpack_page.js` and `static/cube.js` read it; a PDF's text."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pypdf import PdfReader

from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS

PACKED = re.compile(
    r'<script type="application/octet-stream" class="smtpauth-(\w+)"[^>]*>(.*?)</script>', re.DOTALL
)


def unpack(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))


def packed(html: str) -> dict[str, bytes]:
    return {name: unpack(text) for name, text in PACKED.findall(html)}


def everything_in(html: str) -> str:
    """Return a page's text and all that is packed in it but the scripts, unpacked.

    A page in another language is packed with what is packed in it.
    """
    inside = [unpack(text) for name, text in PACKED.findall(html) if name != "scripts"]
    bare = PACKED.sub("", html)  # As it is packed it may spell anything, by chance.
    return bare + "".join(everything_in(each.decode("utf-8", "replace")) for each in inside)


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    """Return the cube's rows: period_start, period_end, address, domain, tls, auth, count."""
    size = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + size])
    numbers = _numbers(content[4 + size :])
    n = head["series"]
    steps, codes, lengths = (list(islice(numbers, n)) for _ in range(3))
    gaps, counts = (iter(list(islice(numbers, head["rows"]))) for _ in range(2))
    domains = [
        d for d, n in zip(head["domains"], head["domain_sizes"], strict=True) for _ in range(n)
    ]
    rows, who = [], 0
    for step, code, length in zip(steps, codes, lengths, strict=True):
        who, period = who + step, -1
        name = head["senders"][who]
        address = name[:-1] if name.endswith("\n") else name + domains[who]
        tls, auth = divmod(code, len(AUTH_PROTOCOLS))
        for _ in range(length):
            period += next(gaps) + 1
            where = (address, domains[who], TLS_VERSIONS[tls], AUTH_PROTOCOLS[auth])
            rows.append((*head["periods"][period][:2], *where, next(counts)))
    return rows


def _numbers(content: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in content:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0


def text_of(pdf: bytes) -> str:
    """Return all text of a PDF and its title, without the spaces and line ends between words."""
    reader = PdfReader(io.BytesIO(pdf))
    pages = [page.extract_text() for page in reader.pages]
    return re.sub(r"\s+", "", "".join([str(reader.metadata), *pages]))


def objects_of(pdf: bytes) -> Iterator[Any]:
    """Yield every object of a PDF, those in packed streams too."""
    reader = PdfReader(io.BytesIO(pdf))
    numbers = {number for table in reader.xref.values() for number in table}
    for number in sorted(numbers | set(reader.xref_objStm)):
        yield reader.get_object(number)

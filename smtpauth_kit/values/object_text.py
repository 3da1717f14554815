"""Cells that hold an object as text: JSON, or what PowerShell prints where a value should stand."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final

TYPE_NAME: Final = re.compile(
    r"(?:System|Microsoft|Deserialized|Selected|Newtonsoft)\.[\w.+`]{1,300}(?:\[[^\]]{0,300}\]){0,3}"
    r"|\[object Object\]"
)
_MEMBER: Final = re.compile(r"(?:^@\{|;\s*)([A-Za-z_]\w{0,100})=")


def is_printed(text: str) -> bool:
    """Tell whether a cell is no value: an object as PowerShell prints it, or a type's name.

    Examples
    --------
    >>> [is_printed(t) for t in ("@{city=Utrecht}", "System.Object[]", "Utrecht")]
    [True, True, False]
    """
    bare = text.strip()
    return bare.startswith("@{") or TYPE_NAME.fullmatch(bare) is not None


def plain(text: str) -> str:
    """Return a cell's value without space around it; a printed object is none.

    Examples
    --------
    >>> plain(" NL "), plain("Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInLocation")
    ('NL', '')
    """
    bare = text.strip()
    return "" if bare and is_printed(bare) else bare


def member(text: str, name: str) -> str:
    """Return what an object in a cell plainly says of one of its members; empty: nothing.

    Examples
    --------
    >>> member('{"city":"Lagos","countryOrRegion":"NG"}', "countryOrRegion")
    'NG'
    >>> member("@{city=Utrecht; countryOrRegion=NL; geoCoordinates=}", "countryOrRegion")
    'NL'
    """
    bare = text.strip()
    if bare.startswith("@{"):
        return plain(_printed_member(bare, name))
    match = json_member(name).search(bare) if bare[:1] in ("{", "[") else None
    if match is None or match[1] == "null":
        return ""
    try:
        return str(json.loads(match[1])).strip() if match[1][0] == '"' else match[1]
    except ValueError:
        return ""


@lru_cache(maxsize=100)
def json_member(name: str) -> re.Pattern[str]:
    """Return what finds a member of a JSON object, and its plain value.

    Examples
    --------
    >>> json_member("errorCode").search('{"errorCode": 50126}')[1]
    '50126'
    """
    value = r'("(?:[^"\\]|\\.)*+"|-?\d{1,30}|true|false|null)'
    return re.compile(rf'"{re.escape(name)}"\s*+:\s*+{value}', re.IGNORECASE)


def _printed_member(text: str, name: str) -> str:
    starts = list(_MEMBER.finditer(text))
    for n, start in enumerate(starts):
        if start[1].casefold() == name.casefold():
            end = starts[n + 1].start() if n + 1 < len(starts) else len(text.removesuffix("}"))
            return text[start.end() : end]
    return ""

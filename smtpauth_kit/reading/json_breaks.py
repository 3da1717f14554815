"""Where a broken piece of JSON ends, by its strings and brackets; each is looked at once."""

from __future__ import annotations

import re
from typing import Any, Final

BOUNDARY: Final = re.compile(r"\n|\}[ \t\r]*+\{")
"""The end of a line, or where one record beside any list may end and another begin."""
BOUNDARY_IN_LIST: Final = re.compile(r"\n|\}[ \t\r]*+(?:,[ \t\r]*+)?\{")
"""The same in a list, where a comma stands between records.

A list of objects inside a record looks the same."""
MAX_OPEN: Final = 100_000
"""Brackets that may be open at once; beyond it nobody follows where they close."""

# A string ends with its line at the latest, closed or not: so each sign is looked at once.
_TOKEN: Final = re.compile(r'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+("?)|[\[\]{}]')
_LIST_OF_RECORDS: Final = re.compile(
    r'"value"[ \t\r\n]*+:[ \t\r\n]*+\['
    # Names that a record could have, too: only where what they hold looks like records.
    r'|"(?:records|results)"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+\{',
    re.IGNORECASE,
)
_CLOSING: Final = {"{": "}", "[": "]"}


def open_brackets(text: str) -> list[int]:
    """Return the positions of the brackets that a text opens and does not close, outermost first.

    Examples
    --------
    >>> open_brackets('{"a]": [1, {}, [2')
    [0, 7, 15]
    """
    open_at: list[int] = []
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in "{[":
            open_at.append(match.start())
        elif sign in "}]" and open_at:
            open_at.pop()
    return open_at


class Brackets:
    """Follows the brackets of a text that comes in pieces, each of whole lines or the last one.

    Examples
    --------
    >>> Brackets().end_in('{"a": x, "}": [1]} {}')
    18
    >>> brackets = Brackets()
    >>> brackets.end_in('{"a": TLS"}'), brackets.are_broken
    (0, True)
    """

    def __init__(self) -> None:
        self._awaited: list[str] = []
        self.are_broken = False
        """They closed out of order, or a string did not."""

    def end_in(self, text: str) -> int:
        """Return where in this piece the first bracket of all closes; 0: not here."""
        for match in _TOKEN.finditer(text):
            sign = match[0]
            if sign in _CLOSING:
                self._awaited.append(_CLOSING[sign])
            elif sign in ("}", "]"):
                in_order = bool(self._awaited) and self._awaited.pop() == sign
                self.are_broken = self.are_broken or not in_order
                if not self._awaited:
                    return match.end()
            elif not match[1]:
                self.are_broken = True
            if len(self._awaited) > MAX_OPEN:
                return 0
        return 0


def holds_list_of_records(text: str) -> bool:
    """Tell whether an object's own `value` is a list: its records, with other members around them.

    Azure's diagnostic settings call it `records`, advanced hunting `results`.

    Examples
    --------
    >>> holds_list_of_records('{"@odata.count": 2, "value": [{"a"')
    True
    >>> holds_list_of_records('{"details": [{"value": []}], "value": 1}')
    False
    """
    if not _LIST_OF_RECORDS.search(text):
        return False
    depth = 0
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if not depth:
                return False
        elif depth == 1 and _LIST_OF_RECORDS.match(text, match.start()):
            return True
    return False


def is_list_of_records(name: Any, value: Any) -> bool:
    """Tell whether a member of an object is the list of records that the object is around.

    Examples
    --------
    >>> is_list_of_records("Results", [{"a": 1}]), is_list_of_records("results", ["a"])
    (True, False)
    """
    word = name.casefold() if isinstance(name, str) else ""
    if not isinstance(value, list) or word not in ("value", "records", "results"):
        return False
    return word == "value" or (bool(value) and isinstance(value[0], dict))


def goes_on_below(line: str) -> bool:
    """Tell whether a record that begins on this line is written over several lines.

    Examples
    --------
    >>> [goes_on_below(line) for line in ('{', '{"a": 1,', '{"a": 1},', '{"a": x')]
    [True, True, False, False]
    """
    bare = line.rstrip()
    return bare.endswith(("{", "[", ":", ",")) and not bare.rstrip(", \t").endswith(("}", "]"))

r"""Text of an export, made harmless for whatever it goes into: a screen, a cell, a picture.

What an export names is evidence, and some of it was written to hide, to reorder what is beside it,
to become a formula, or to end the program that draws it. Here is what is done about each.
"""

from __future__ import annotations

import re
from typing import Any, Final

HIDDEN: Final = (
    "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164"
    "\\ud800-\\udfff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffc\\ufffe\\uffff"
    "\\U00013430-\\U0001343f\\U00013441\\U00013442\\U00016fe4\\U0001bca0-\\U0001bca3"
    "\\U0001d159\\U0001d173-\\U0001d17a"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "\\U000e0000-\\U000e0fff"
)
"""Characters that show nothing or reorder what is beside them, as the inside of a `[…]` pattern.

Of Unicode 17 (https://www.unicode.org/Public/UCD/latest/ucd/): the categories Cc, Cs, Zl, Zp, and
Cf but for the signs that stand before a number and are seen (Prepended_Concatenation_Mark); every
Default_Ignorable_Code_Point (DerivedCoreProperties.txt) and Noncharacter_Code_Point; and what is
drawn as nothing by its definition: braille without a dot, a note without a head, a blank or filler
of Egyptian and Khitan, a place for an object.
"""

SPACES: Final = "\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
"""Spaces that are not the one of the keyboard (category Zs): two names may differ by one alone."""

INVISIBLE: Final = HIDDEN + SPACES
"""All that is shown by its code where a person reads text of an export."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def show_invisible(text: str) -> str:
    r"""Write characters that hide or reorder text as their code point.

    >>> show_invisible("moc.\u202eevil@contoso.example")
    'moc.[U+202E]evil@contoso.example'
    """
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


# --- screens --------------------------------------------------------------------------------

_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)|\\[(?=U\\+[0-9A-F]{4,6}\\])")
_NAMED = re.compile(r"\[U\+([0-9A-F]{4})\]")


def show_steering(text: str) -> str:
    r"""Write what steers a terminal as its code point; tabs and whole line ends stay.

    What looks like such a code already has its bracket written as one, so that
    :func:`steering_again` gives every text back.

    >>> show_steering("\x1b[2J"), show_steering("[U+001B]")
    ('[U+001B][2J', '[U+005B]U+001B]')
    """
    return _STEERING.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def steering_again(text: str) -> str:
    r"""Return what :func:`show_steering` was given.

    >>> steering_again(show_steering("\x1b[2J [U+001B] [U+00AD]"))
    '\x1b[2J [U+001B] [U+00AD]'
    """
    named = _NAMED.sub(lambda match: chr(int(match[1], 16)), text)
    return named if show_steering(named) == text else text


def printable(text: str) -> str:
    r"""Return text that is safe to print: signs that hide or steer are shown as escapes.

    Examples
    --------
    >>> print(printable("report\x1b[2J.c\u3164sv"))
    report\x1b[2J.c\u3164sv
    """
    if text.isprintable() and (text.isascii() or not _INVISIBLE.search(text)):
        return text
    return "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    is_seen = char.isprintable() and not _INVISIBLE.match(char)
    return char if is_seen else char.encode("unicode_escape").decode()


# --- cells ----------------------------------------------------------------------------------

_FORMULA = "=+\\-@＝＋－＠"  # noqa: RUF001
_STARTS = re.compile(rf"\s*[{_FORMULA}]|[\t\r\n]")
_STARTS_INSIDE = re.compile(rf"([,;|\t\r\n\"']\s*)(?=[{_FORMULA}])|([,;|\"'])(?=[\t\r\n])")

_QUOTED_INSIDE = re.compile(rf"([,;|\t\r\n\"']\s*)'(?=[{_FORMULA}])|([,;|\"'])'(?=[\t\r\n])")


def inert_cell(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula (OWASP, CSV injection).

    Also what would be one after a separator or quote, should a program split the text there.

    >>> inert_cell("=cmd|' /C calc'!A0"), inert_cell("scanner@contoso.com"), inert_cell("a;+1")
    ("'=cmd|' /C calc'!A0", 'scanner@contoso.com', "a;'+1")
    """
    inside = _STARTS_INSIDE.sub(r"\g<0>'", text)
    return "'" + inside if _STARTS.match(text) else inside


def uninert_cell(text: str) -> str:
    """Return what :func:`inert_cell` was given.

    >>> uninert_cell(inert_cell("=1;-2,@x"))
    '=1;-2,@x'
    """
    bare = text[1:] if text.startswith("'") and _STARTS.match(text[1:]) else text
    return _QUOTED_INSIDE.sub(r"\1\2", bare)


def cut(text: str, most: int) -> str:
    r"""Return the beginning of a text: no more than `most` units as Excel and JavaScript count.

    To them a character beyond U+FFFF is two; it is never cut in half.

    >>> cut("ab\U0001f600", 3), cut("ab\U0001f600", 4) == "ab\U0001f600"
    ('ab', True)
    """
    if 2 * len(text) <= most:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")


# --- pictures -------------------------------------------------------------------------------

_AWKWARD: Final = re.compile("[^\t\n\r -~\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd]")
_OWN_USE: Final = range(0xE000, 0xF900)


class StandIns:
    r"""Lets a renderer draw any text: what it cannot take is another character meanwhile.

    vl-convert ends the whole process at a character that XML has not, and cuts a name that is too
    long between the two halves of a character beyond U+FFFF, which ends the drawing. So each such
    character is one for private use while it is drawn, and two names that differ go on to differ.

    >>> stand_ins = StandIns()
    >>> drawn = stand_ins.put_in({"name": "a\uffff\U0001f600"})
    >>> len(drawn["name"]), stand_ins.taken_out(f"<svg>{drawn['name']}</svg>")
    (3, '<svg>a\ufffd\U0001f600</svg>')
    """

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def put_in(self, value: Any) -> Any:
        """Return what JSON can hold with every text, keys too, made of what can be drawn."""
        if isinstance(value, str):
            return _AWKWARD.sub(self._stand_in, value)
        if isinstance(value, dict):
            return {self.put_in(key): self.put_in(each) for key, each in value.items()}
        return [self.put_in(each) for each in value] if isinstance(value, list | tuple) else value

    def taken_out(self, text: str) -> str:
        """Return a picture's text with its own characters; what shows nothing is U+FFFD."""
        if not self._of:
            return text
        own = {
            ord(stand_in): "\ufffd" if _INVISIBLE.match(char) else char
            for char, stand_in in self._of.items()
        }
        return text.translate(own)

    def _stand_in(self, match: re.Match[str]) -> str:
        char = match[0]
        if char not in self._of and len(self._of) < len(_OWN_USE):
            self._of[char] = chr(_OWN_USE[len(self._of)])
        return self._of.get(char, "\ufffd")

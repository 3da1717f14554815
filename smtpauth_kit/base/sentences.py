"""What the kit says to a person: an English text that still knows its template and its values.

A refusal, a warning, the reason of a rejected row is made once, from a template with names in
braces and a value for each. It *is* its English text, so it prints, compares and is stored as one;
another language fills the same values into its own template (see :mod:`smtpauth_kit.words.words`).

A word that follows a number stands in the template in both forms, after the number's name:
`{n} {n:message|messages}`.

Values came with the data and are written as they are: a template is filled by its names alone, and
nothing in a value is ever read as one.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Self

Value = str | int | dt.date | Sequence[str]
"""What a template is filled with.

A text is data and written as it is, but for a `Sentence`, which each language says in its way. A
whole number is a count, written with its thousands apart; one that only names something (a line, a
port) is given as text. A day is written as 2026-11-16. The items of a list stand after commas.
"""

_NAME: Final = re.compile(r"\{(\w+)(?::([^{}]*\|[^{}]*))?\}")
"""A name, and the forms of a word that it settles."""
_TEMPLATE: Final = ""
"""Key of the template in a sentence that is kept as JSON; no value has an empty name."""


class Sentence(str):
    """A text in English, with the template and the values that it was made of.

    Examples
    --------
    >>> said = Sentence("the count {text} {why}", text="'-5'", why=Sentence("is negative"))
    >>> said, said.template
    ("the count '-5' is negative", 'the count {text} {why}')
    >>> Sentence("{n} rows of {file}", n=5280, file="{n}.csv")
    '5,280 rows of {n}.csv'
    >>> Sentence("{n} {n:row|rows} {n:was|were} read", n=1)
    '1 row was read'
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str = "", /, **values: Value) -> Self:
        """Fill the template, a plain literal in the code, with its values; none says nothing."""
        made = super().__new__(cls, filled(template, values, in_english) if values else template)
        made.template, made.values = template, values
        return made

    def refilled(self, values: Mapping[str, Value]) -> Self:
        """Return the same template with other values.

        >>> Sentence("{n} rows of {file}", n=2, file="a.csv").refilled({"n": 2, "file": "b.csv"})
        '2 rows of b.csv'
        """
        return type(self)(self.template, **values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made."""
        return _restored, (self.template, self.values)


NOTHING: Final = Sentence()
"""Where there is nothing to say."""


def one_or_more(number: object) -> int:
    """Return which form of a word a number takes in English: 0 of one, else 1.

    >>> one_or_more(1), one_or_more(0), one_or_more(None)
    (0, 1, 1)
    """
    return 0 if number == 1 else 1


def filled(
    template: str,
    values: Mapping[str, Value],
    write: Callable[[Value], str],
    form: Callable[[object], int] = one_or_more,
) -> str:
    """Return a template with its values in the place of their names, each as `write` has it.

    `form` settles which form of a word a number takes, counted from 0.
    """
    parts: list[Any] = list(_parts(template))
    for at in range(1, len(parts), 2):
        name, forms, as_it_stands = parts[at]
        if name not in values:
            parts[at] = as_it_stands
        elif forms:
            parts[at] = forms[min(form(values[name]), len(forms) - 1)]
        else:
            parts[at] = write(values[name])
    return "".join(parts)


@lru_cache(maxsize=1000)
def _parts(template: str) -> tuple[str | tuple[str, tuple[str, ...], str], ...]:
    """Return the texts of a template and, between them, each name with the forms it settles.

    Kept: a million rows ask for one template.
    """
    parts: list[str | tuple[str, tuple[str, ...], str]] = []
    end = 0
    for found in _NAME.finditer(template):
        forms = tuple(found[2].split("|")) if found[2] else ()
        parts += [template[end : found.start()], (found[1], forms, found[0])]
        end = found.end()
    return (*parts, template[end:])


def in_english(value: Value) -> str:
    """Write a value as English does."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, dt.date) else ", ".join(value)


def phrases(*templates: str) -> tuple[Sentence, ...]:
    """Return several sentences without values, each a plain literal in the code."""
    return tuple(map(Sentence, templates))


def column(label: str) -> Sentence:
    """Return the name of a field: a language has its own, or none, and then it stays as it is."""
    return Sentence(label)


def listed(items: Sequence[str], between: str) -> str:
    """Return items with a word between them, "and" or "or"; empty: there are none.

    Examples
    --------
    >>> listed(["PLAIN", "LOGIN", "XOAUTH2"], "or")
    'PLAIN or LOGIN or XOAUTH2'
    """
    if len(items) < 2:
        return items[0] if items else ""
    first, others = items[0], listed(items[1:], between)
    if between == "and":
        return Sentence("{first} and {others}", first=first, others=others)
    return Sentence("{first} or {others}", first=first, others=others)


# --- keeping them --------------------------------------------------------------------------


def to_json(*sentences: Sentence) -> str:
    """Return sentences as a store keeps them beside their English.

    Examples
    --------
    >>> print(to_json(Sentence("the date {text} cannot be read", text="x")))
    [{"":"the date {text} cannot be read","text":"x"}]
    """
    return _json(sentences)


_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode


def _json(value: Value) -> str:
    # Written out: the encoder of the standard library takes four times as long for so little, and
    # each of a million rejected rows has a sentence.
    if isinstance(value, Sentence):
        values = [f",{_quoted(name)}:{_json(each)}" for name, each in value.values.items()]
        return f"{{{_quoted(_TEMPLATE)}:{_quoted(value.template)}{''.join(values)}}}"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.date):
        return _quoted(value.isoformat())
    return f"[{','.join(map(_json, value))}]"


def sentences_from(kept: str) -> list[Sentence]:
    """Return what :func:`to_json` kept.

    Examples
    --------
    >>> (said,) = sentences_from(to_json(Sentence("{n} rows", n=5280)))
    >>> said, said.values
    ('5,280 rows', {'n': 5280})
    """
    return [_value(plain) for plain in json.loads(kept)]


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        return _restored(plain[_TEMPLATE], {n: _value(v) for n, v in plain.items() if n})
    return [_value(item) for item in plain] if isinstance(plain, list) else plain


def _restored(template: str, values: Mapping[str, Value]) -> Sentence:
    return Sentence(template, **values)


def kept(sentence: Sentence) -> str:
    """Return a sentence as a store keeps it; empty where its text is its own template."""
    return to_json(sentence) if sentence.values else ""


def restored(text: str, kept: str) -> Sentence:
    """Return the sentence of a text, from what :func:`kept` gave of it."""
    return sentences_from(kept)[0] if kept else Sentence(text)

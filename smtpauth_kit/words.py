"""The words a person reads, and numbers and dates as their language writes them.

A text in the code is the English one and the key of its translation. Another language is one more
file in `languages/`, with the keys of `en.json`, and one in `languages/said/`, with what the kit
says of files and questions; nothing else has to change.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from smtpauth_kit.errors import UsageError

_LANGUAGES: Final = files("smtpauth_kit") / "languages"

_HUNDREDTH = Decimal("0.01")


_OF_THE_KIT: Final = ("advice", "doing", "title", "why")
"""Names of values that are themselves texts of the kit; all others came with the data."""

_COUNTS: Final = ("line", "months", "most", "n", "total", "width")
"""Names of values that the kit counted: written anew, while a column called 1,000 stays it."""

_LISTS: Final = ("phrases", "choices")
"""Names of values that list what is said on its own elsewhere, or stays as it is."""

_OF_OTHERS: Final = "said"
"""Name of a value that is whole sentences of others: a mail server's, a browser's."""

_NESTED: Final = 3
"""So deep such texts stand in one another."""

_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3}){1,6}")
"""A count as English has it: 64 bits, and no text however long that looks like one."""

_BETWEEN: Final = re.compile(", | and | or ")
_MOST_LISTED: Final = 40
_LONGEST_LIST: Final = 2000
_VALUE: Final = re.compile(r"\{(\w+)\}")


class Said:
    """A text the kit says in English, and its translation; both have their values in braces.

    >>> one = Said("line {line} {why}", "regel {line} {why}")
    >>> one.values_of("line 5 has a stray quote")
    {'line': '5', 'why': 'has a stray quote'}
    """

    def __init__(self, english: str, translation: str) -> None:
        self.names = _VALUE.findall(english)
        self.literals = _VALUE.split(english)[::2]
        self._translation = translation

    def values_of(self, text: str) -> dict[str, str] | None:
        """Return the values in a text of this form; None: it is of another.

        Each value ends where what follows it is first found, what others said where it is last: no
        text, however made, takes long.
        """
        first, *others = self.literals
        if not text.startswith(first):
            return None
        values, at = [], len(first)
        for name, literal in zip(self.names, others[:-1], strict=False):
            find = text.rfind if name == _OF_OTHERS else text.find
            end = find(literal, at + 1)
            if end < 0:
                return None
            values.append(text[at:end])
            at = end + len(literal)
        if others:
            end = len(text) - len(others[-1])
            if end <= at or not text.endswith(others[-1]):
                return None
            values.append(text[at:end])
        elif text != first:
            return None
        return dict(zip(self.names, values, strict=True))

    def vagueness(self) -> tuple[int, bool]:
        """Return what sorts the text first that says most of its own, values included."""
        return -len("".join(self.literals)), not set(self.names) & set(_OF_THE_KIT)

    def filled(self, values: dict[str, str]) -> str:
        """Return the translation with these values."""
        return _VALUE.sub(lambda found: values[found[1]], self._translation)


class Words:
    """One language: call it for a text; its methods write numbers and dates.

    Examples
    --------
    >>> speak("nl")("All sender domains")
    'Alle afzenderdomeinen'
    >>> speak("en")("{n} messages", n=1), speak("nl")("{n} messages", n=5280)
    ('1 message', '5.280 berichten')
    """

    def __init__(
        self, language: str, texts: dict[str, Any], said: dict[str, str] | None = None
    ) -> None:
        self.language = language
        self.texts = texts
        every = [Said(english, translation) for english, translation in (said or {}).items()]
        # The one that says most of its own fits best.
        self._said = sorted(every, key=Said.vagueness)
        self._locale = Locale.parse(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text for `key`; `n` settles singular or plural, integers are formatted."""
        text = self.texts[key]
        if isinstance(text, dict):
            n = values.get("n", 0)
            text = text.get(self._locale.plural_form(n if isinstance(n, int) else 0), text["other"])
        shown = {k: self.count(v) if isinstance(v, int) else str(v) for k, v in values.items()}
        return re.sub(r"\{(\w+)\}", lambda found: shown[found[1]], text)

    def said(self, text: object) -> str:
        """Return what the kit said in English, a refusal, a warning or a reason, in this language.

        Such texts are raised, printed and stored in English, and worded anew where a person reads
        them: `languages/said/` has the English ones, with a name for each value in them, as keys.
        What no key fits stays as it is.

        >>> speak("nl").said("the count '-5' is negative"), speak("en").said("as it is")
        ("het aantal '-5' is negatief", 'as it is')
        """
        return self._worded(str(text), _NESTED) or str(text)

    def _worded(self, english: str, depth: int) -> str | None:
        """Return a text in this language; None where any of it would stay in English."""
        if isinstance(text := self.texts.get(english), str):
            return text
        for each in self._said:
            if depth and (values := each.values_of(english)) is not None:
                worded = {name: self._value(name, text, depth) for name, text in values.items()}
                known = {name: text for name, text in worded.items() if text is not None}
                if len(known) == len(worded):
                    return each.filled(known)
        return None

    def _value(self, name: str, value: str, depth: int) -> str | None:
        """Return a value of a sentence as it is, but for what the kit itself says in it."""
        if name in _OF_THE_KIT:
            return self._worded(value, depth - 1)
        if name in _LISTS:
            return self._listed(value)
        is_count = name in _COUNTS and _THOUSANDS.fullmatch(value)
        return self.count(int(value.replace(",", ""))) if is_count else value

    def _listed(self, value: str) -> str:
        """Return a list in this language; an item may have a comma or an "or" of its own.

        The longest beginning that is an item is taken first; what is none stays as it is.
        """
        ends = [found.span() for found in _BETWEEN.finditer(value)]
        if len(ends) > _MOST_LISTED or len(value) > _LONGEST_LIST:  # None of the kit's.
            return value
        ends.append((len(value), len(value)))
        known = ((self._worded(value[:end], 1), (end, after)) for end, after in reversed(ends))
        first = (value[: ends[0][0]], ends[0])
        item, (end, after) = next((each for each in known if each[0]), first)
        if end == len(value):
            return str(item)
        between = value[end:after]
        between = between if between == ", " else f" {self(between.strip())} "
        return f"{item}{between}{self._listed(value[after:])}"

    @property
    def name(self) -> str:
        """What the language calls itself.

        >>> speak("nl").name
        'Nederlands'
        """
        return str(self._locale.display_name)

    def count(self, number: int) -> str:
        """Write a whole number with its thousands apart.

        >>> speak("en").count(5280)
        '5,280'
        """
        return format_decimal(number, format="#,##0", locale=self._locale)

    def percent(self, share: float, digits: int | None = None) -> str:
        """Write a share, with exactly `digits` decimals, else with up to two and no space.

        What is not quite nothing or not quite all is never rounded to it.

        >>> speak("en").percent(0.5308, 2), speak("nl").percent(1 / 3), speak("en").percent(1.0)
        ('53.08 %', '33,33%', '100%')
        >>> speak("en").percent(0.00001), speak("en").percent(0.99999)
        ('<0.01%', '>99.99%')
        """
        mark, hundredths = _mark(share)
        pattern = "0.##" if digits is None else "0." + "0" * digits
        number = format_decimal(hundredths, format=pattern.rstrip("."), locale=self._locale)
        return f"{mark}{number}{'%' if digits is None else ' %'}"

    def date(self, day: dt.date | None) -> str:
        """Write a day.

        >>> speak("en").date(dt.date(2026, 11, 16)), speak("nl").date(dt.date(2026, 11, 16))
        ('Nov 16, 2026', '16 nov 2026')
        """
        return "" if day is None else format_date(day, "medium", locale=self._locale)

    def vega_locale(self) -> dict[str, Any]:
        """Return how Vega is to write numbers and days in this language."""
        return {"number": self._number_locale(), "time": self._time_locale()}

    def _number_locale(self) -> dict[str, Any]:
        symbols = self._locale.number_symbols["latn"]
        return {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["", ""],
        }

    def _time_locale(self) -> dict[str, Any]:
        days, months = self._locale.days["format"], self._locale.months["format"]
        sunday_first = [6, 0, 1, 2, 3, 4, 5]
        return {
            "dateTime": "%x %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": [days["wide"][day] for day in sunday_first],
            "shortDays": [days["abbreviated"][day] for day in sunday_first],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        }

    def for_script(self) -> dict[str, Any]:
        """Return what `static/table.js` needs to speak this language too."""
        return {"language": self.language, "texts": self.texts}


def languages() -> list[str]:
    """Return the languages there is a file for.

    >>> languages()
    ['en', 'nl']
    """
    return sorted(file.name[:-5] for file in _LANGUAGES.iterdir() if file.name.endswith(".json"))


@cache
def speak(language: str | None = None) -> Words:
    """Return the words of a language; of English where none is named.

    Raises
    ------
    UsageError
        There is no file for it.
    """
    language = language or "en"
    if language not in languages():
        known = ", ".join(languages())
        raise UsageError(f'No words for language "{language}"; there are: {known}.')
    texts = json.loads((_LANGUAGES / f"{language}.json").read_text(encoding="utf-8"))
    return Words(language, texts, _said(language))


def _said(language: str) -> dict[str, str]:
    file = _LANGUAGES / "said" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found


def _mark(share: float) -> tuple[str, Decimal]:
    """Return "<" or ">" where rounding would say none or all, and the percentage to write."""
    # The exact value of the float, half up: what the browser's Intl.NumberFormat does as well.
    hundredths = (Decimal(share) * 100).quantize(_HUNDREDTH, ROUND_HALF_UP)
    if share > 0 and hundredths == 0:
        return "<", _HUNDREDTH
    if share < 1 and hundredths == 100:
        return ">", 100 - _HUNDREDTH
    return "", hundredths

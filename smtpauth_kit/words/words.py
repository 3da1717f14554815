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
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.errors import SentenceError, UsageError
from smtpauth_kit.base.sentences import Sentence, Value, filled, one_or_more

if TYPE_CHECKING:
    from babel import Locale

_LANGUAGES: Final = files("smtpauth_kit.words") / "languages"

UNTOLD: Final = "\u2013"
"""What stands where a source cannot tell a figure: a 0 would be one."""

_HUNDREDTH = Decimal("0.01")

_PLURALS: Final = ("zero", "one", "two", "few", "many")
"""What languages tell apart of numbers, in their order; the rest is "other"."""

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


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
        self.said = said or {}

    @cached_property
    def _locale(self) -> Locale:
        """What Babel knows of the language; whole numbers and days in English need none of it."""
        from babel import Locale

        return Locale.parse(self.language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text for `key`; `n` settles singular or plural, integers are formatted."""
        text = self.texts[key]
        if isinstance(text, dict):
            n = values.get("n", 0)
            text = text.get(self._plural_form(n if isinstance(n, int) else 0), text["other"])
        shown = {k: self._shown(value) for k, value in values.items()}
        return re.sub(r"\{(\w+)\}", lambda match: shown[match[1]], text)

    def _plural_form(self, n: int) -> str:
        if self.language == "en":
            return "one" if abs(n) == 1 else "other"
        return str(self._locale.plural_form(n))

    def _shown(self, value: object) -> str:
        return self.count(value) if isinstance(value, int | None) else str(value)

    def sentence(self, said: Sentence | SentenceError) -> str:
        """Return what an error, a warning or a reason says, in this language.

        `languages/said/` has the templates of a language by the English ones. One that it has no
        translation of (a store may be of a newer kit) stays in English.

        >>> speak("nl").sentence(Sentence("the count {text} is negative", text="'-5'"))
        "het aantal '-5' is negatief"
        """
        text = said.sentence if isinstance(said, SentenceError) else said
        template = self._template(text.template)
        if template is None:
            return text
        return filled(template, text.values, self._written, self.form)

    def told(self, said: Sentence) -> str:
        """Return what :meth:`sentence` does, with days as this language writes them.

        For what stands beside other days; an option that is to be typed keeps 2026-11-16.

        >>> speak("nl").told(Sentence("Exported {day}", day=dt.date(2026, 11, 16)))
        'Exported 16 nov 2026'
        """
        days = {k: self.date(v) if isinstance(v, dt.date) else v for k, v in said.values.items()}
        return self.sentence(said.refilled(days)) if days else self.sentence(said)

    def form(self, number: object) -> int:
        """Return which form of a word a number takes here, of those in the order of its language.

        >>> speak("nl").form(1), speak("nl").form(2), speak("nl").form(None)
        (0, 1, 1)
        """
        if self.language == "en":
            return one_or_more(number)
        known = self._locale.plural_form.tags
        forms = [tag for tag in _PLURALS if tag in known]
        if not isinstance(number, int | float):
            return len(forms)
        tag = self._locale.plural_form(number)
        return forms.index(tag) if tag in forms else len(forms)

    def written(self, english: str) -> str:
        """Return a text of the kit's own notebooks in this language; any other as it is.

        >>> speak("nl").written("**The insight**: accounts of the period.")
        '**Het inzicht**: accounts van de periode.'
        """
        return self.said.get(english, english)

    def _template(self, english: str) -> str | None:
        text = self.said.get(english, self.texts.get(english))
        return text if isinstance(text, str) else None

    def _written(self, value: Value) -> str:
        """Write a value of a sentence as this language does."""
        if isinstance(value, str):
            return self.sentence(value) if isinstance(value, Sentence) else value
        if isinstance(value, int):
            return self.count(value)
        if isinstance(value, dt.date):
            return value.isoformat()
        return ", ".join(map(self._written, value))

    @property
    def name(self) -> str:
        """What the language calls itself.

        >>> speak("nl").name
        'Nederlands'
        """
        return str(self._locale.display_name)

    def count(self, number: int | None) -> str:
        """Write a whole number with its thousands apart; None: no source tells it.

        >>> speak("en").count(5280), speak("en").count(None)
        ('5,280', '\u2013')
        """
        if number is None:
            return UNTOLD
        return f"{number:,}" if self.language == "en" else self._decimal(number, "#,##0")

    def decimal(self, number: float) -> str:
        """Write a number with one decimal at most.

        >>> speak("en").decimal(1.25), speak("nl").decimal(2.5)
        ('1.2', '2,5')
        """
        return self._decimal(number, "#,##0.#")

    def _decimal(self, number: float | Decimal, pattern: str) -> str:
        from babel.numbers import format_decimal

        return format_decimal(number, format=pattern, locale=self._locale)

    def percent(self, share: float | None, digits: int | None = None) -> str:
        """Write a share, with exactly `digits` decimals, else with up to two and never a space.

        What is not quite nothing or not quite all is never rounded to it. None: no source tells it.

        >>> speak("en").percent(0.5308, 2), speak("nl").percent(1 / 3), speak("en").percent(1.0)
        ('53.08 %', '33,33%', '100%')
        >>> speak("nl").percent(0.5308, 2)  # Dutch writes no space before it
        '53,08%'
        >>> speak("en").percent(0.00001), speak("en").percent(0.99999)
        ('<0.01%', '>99.99%')
        """
        if share is None:
            return UNTOLD
        mark, hundredths = _mark(share)
        pattern = "0.##" if digits is None else "0." + "0" * digits
        number = self._decimal(hundredths, pattern.rstrip("."))
        return f"{mark}{number}%" if digits is None else self("{number} %", number=mark + number)

    def date(self, day: dt.date | None) -> str:
        """Write a day.

        >>> speak("en").date(dt.date(2026, 11, 16)), speak("nl").date(dt.date(2026, 11, 16))
        ('Nov 16, 2026', '16 nov 2026')
        """
        if day is None:
            return ""
        if self.language == "en":
            return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
        from babel.dates import format_date

        return format_date(day, "medium", locale=self._locale)

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
            "percent": self("{number} %", number=""),
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
        raise UsageError(
            'No words for language "{language}"; there are: {names}.',
            language=language,
            names=languages(),
        )
    texts = json.loads((_LANGUAGES / f"{language}.json").read_text(encoding="utf-8"))
    return Words(language, texts, _said(language))


def _said(language: str) -> dict[str, str]:
    file = _LANGUAGES / "said" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found


def _mark(share: float) -> tuple[str, Decimal]:
    """Return "<" or ">" where rounding would say none or all, and the percentage to write."""
    # Half up of the percentage as it is written: what the browser's Intl.NumberFormat does as well.
    hundredths = Decimal(repr(float(share) * 100)).quantize(_HUNDREDTH, ROUND_HALF_UP)
    if share > 0 and hundredths == 0:
        return "<", _HUNDREDTH
    if share < 1 and hundredths == 100:
        return ">", 100 - _HUNDREDTH
    return "", hundredths

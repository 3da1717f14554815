from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit.base import filters, names
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.loading.results import ALREADY, LOADED, REFUSED
from smtpauth_kit.views.registry import VIEWS
from smtpauth_kit.words import words
from smtpauth_kit.words.inert import INVISIBLE
from smtpauth_kit.words.words import languages, speak

PACKAGE = Path(words.__file__).parents[1]


def python_keys(source: str) -> set[str]:
    """Return every text a module asks of `words(…)` or `self.words(…)`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        text = node.args[0]
        if name in ("words", "_words") and isinstance(text, ast.Constant):
            found.add(str(text.value))
    return found


def keys_in_use() -> set[str]:
    python = [python_keys(file.read_text("utf-8")) for file in PACKAGE.rglob("*.py")]
    pages = [*PACKAGE.rglob("*.js"), *PACKAGE.rglob("templates/*.html")]
    call = re.compile(r'\b(?:words|say)\(\s*(?:[^"()]* \? "([^"]+)" : )?"([^"]+)"')
    other = [
        set(filter(None, found)) for f in pages for found in call.findall(f.read_text("utf-8"))
    ]
    sources = {source.replace("_", " ") for source in names.SOURCES}
    endings = {ending.replace("_", " ").capitalize() for ending in (LOADED, ALREADY, REFUSED)}
    entries = {
        key
        for field in filters.FIELDS
        for key in (field.said, field.chip, field.unit, field.label, field.unchosen)
        if key
    }
    titles = {key for view in VIEWS for key in (view.title, view.heading)}
    return set().union(*python, *other, sources, endings, entries, titles)


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def names_in(entry: str | dict[str, str]) -> set[str]:
    return {name for form in forms(entry) for name in re.findall(r"\{(\w+)\}", form)}


@given(st.integers(-(2**63), 2**63 - 1), st.dates())
def test_english_counts_and_days_are_babels(number, day):
    words = speak("en")
    assert words.count(number) == format_decimal(number, format="#,##0", locale="en")
    assert words.date(day) == format_date(day, "medium", locale="en")
    assert words._plural_form(number) == Locale.parse("en").plural_form(number)


@pytest.mark.parametrize("language", languages())
def test_every_text_the_kit_uses_has_words_in_every_language(language: str) -> None:
    assert keys_in_use() - set(speak(language).texts) == set()


def test_every_language_has_the_same_texts() -> None:
    assert len({frozenset(speak(language).texts) for language in languages()}) == 1


@pytest.mark.parametrize("language", languages())
def test_no_language_keeps_words_nobody_uses(language: str) -> None:
    constants = {
        str(node.value)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert set(speak(language).texts) - keys_in_use() - constants == set()


@pytest.mark.parametrize("language", languages())
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    different = {
        key: entry
        for key, entry in speak(language).texts.items()
        if names_in(entry) != {name for name in re.findall(r"\{(\w+)\}", key)}
    }
    assert different == {}


def test_a_language_without_a_file_is_refused_with_those_there_are() -> None:
    with pytest.raises(KitError, match=r'No words for language "fr"; there are: en, nl\.'):
        speak("fr")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (1.0, "100%"), (0.5308, "53.08%"), (0.375, "37.5%"), (1 / 3, "33.33%")],
)
def test_a_percentage_has_up_to_two_decimals(share: float, shown: str) -> None:
    assert speak("en").percent(share) == shown


def test_a_percentage_never_rounds_something_to_nothing_nor_nearly_all_to_all() -> None:
    en = speak("en")
    assert [en.percent(1e-6, 2), en.percent(1 - 1e-6, 2)] == ["<0.01 %", ">99.99 %"]


def test_dutch_writes_numbers_and_days_the_dutch_way() -> None:
    nl = speak("nl")
    shown = [nl.count(1234567), nl.percent(0.5308, 2), nl.date(dt.date(2026, 3, 1))]
    assert shown == ["1.234.567", "53,08%", "1 mrt 2026"]


def test_a_value_is_never_read_as_a_template() -> None:
    assert speak("en")("Source: {source}.", source="{messages}{0}") == "Source: {messages}{0}."


def test_python_and_the_scripts_box_in_the_same_characters() -> None:
    signs = re.sub(r"\\U(\w{8})", lambda found: f"\\u{{{int(found[1], 16):x}}}", INVISIBLE)
    code = (PACKAGE / "views" / "static" / "table.js").read_text("utf-8")
    assert re.search(r"const INVISIBLE =\s", code) and f"/[{signs}]/gu;" in code


def test_vega_writes_days_in_the_language_starting_on_sunday() -> None:
    time: dict[str, Any] = speak("nl").vega_locale()["time"]
    assert (time["shortDays"][0], time["months"][2]) == ("zo", "maart")

"""HTML from the kit's templates: hidden characters shown, data for scripts, charts as SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from smtpauth_kit.views import charts, details_table
from smtpauth_kit.words.inert import INVISIBLE
from smtpauth_kit.words.words import Words


def render(template: str, words: Words, **values: Any) -> Markup:
    """Return a template filled in; `values` are escaped where they stand in it."""
    return Markup(_templates().get_template(template).render(words=words, **values))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("smtpauth_kit.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["whole"] = whole
    environment.filters["titled"] = titled
    environment.filters["file_name"] = file_name
    environment.filters["embed"] = embed
    environment.globals["cell"] = details_table.cell
    environment.globals["look"] = details_table.look
    return environment


def visible(text: object) -> Markup:
    """Return text for HTML; a character that hides or reorders others is boxed in and named.

    >>> visible("<b>\u202e")
    Markup('&lt;b&gt;<bdi class="smtpauth-invisible" data-code="U+202E">\u202e</bdi>')
    """
    return _boxed(str(text), escape)


def whole(text: object) -> Markup:
    """Return a cell's text as `visible` does, a name, an address or a day in one line.

    >>> whole("svc-app@x.example, e-mail")
    Markup('<span class="smtpauth-whole">svc-app@x.example,</span> e-mail')
    """
    return _boxed(str(text), _unbroken)


def _boxed(text: str, shown: Callable[[str], Markup]) -> Markup:
    box = Markup('<bdi class="smtpauth-invisible" data-code="U+{}">{}</bdi>')
    return Markup("").join(
        box.format(f"{ord(part):04X}", part) if odd % 2 else shown(part)
        for odd, part in enumerate(re.split(f"([{INVISIBLE}])", text))
    )


_NAMED: Final = re.compile(
    r"(?<!\S)(?=\S*\w-\w)(?=\S*(?:[\d@._/]|-[A-Z]))(\S{1,48}(?: \d\d:\d\d)?)(?!\S)"
)
"""What would be broken at a hyphen, and is a name, an address or a day rather than a word."""


_WORD: Final = re.compile(r"(?<!\S)(\S*\w-\w\S*)")


def titled(text: str) -> Markup:
    """Return the title of a column for HTML: a word with a hyphen is no two lines.

    >>> titled("TLS-versie nu")
    Markup('<span class="smtpauth-whole">TLS-versie</span> nu')
    """
    return _unbroken(text, _WORD)


_LONG: Final = 30


def file_name(text: str) -> Markup:
    """Return the name of a file for HTML: too long for its place it goes on after an underscore.

    >>> print(file_name("sign_ins_of_a_week_2026-11-16.csv"))
    sign_<wbr>ins_<wbr>of_<wbr>a_<wbr>week_<wbr><span class="smtpauth-whole">2026-11-16.csv</span>
    """
    parts = re.split(r"(?<=_)(?!$)", text) if len(text) > _LONG else [text]
    return Markup("<wbr>").join(map(whole, parts))


def _unbroken(text: str, what: re.Pattern[str] = _NAMED) -> Markup:
    if "-" not in text:
        return escape(text)
    span = Markup('<span class="smtpauth-whole">{}</span>')
    return Markup("").join(
        span.format(part) if odd % 2 else escape(part) for odd, part in enumerate(what.split(text))
    )


def embed(data: object) -> Markup:
    r"""Return data as JSON that may stand in a `<script>`, whatever is in it.

    >>> embed({"sender": "</script><!-- & \u2028"})
    Markup('{"sender":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028"}')
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def picture(
    draw: Callable[[pd.DataFrame, Words], Any],
    rows: dict[str, list[Any]],
    values: dict[str, Any],
    words: Words,
    width: int | None = None,
) -> Markup:
    """Return a chart of these rows as SVG, `width` pixels wide or as wide as it is drawn."""
    return Markup(charts.to_svg(charts.empty_vega(draw, words), rows, values, width))

"""HTML from the kit's templates: hidden characters shown, data for scripts, charts as SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

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
    environment.filters["embed"] = embed
    environment.globals["cell"] = details_table.cell
    environment.globals["look"] = details_table.look
    return environment


def visible(text: object) -> Markup:
    """Return text for HTML; a character that hides or reorders others is boxed in and named.

    >>> visible("<b>\u202e")
    Markup('&lt;b&gt;<bdi class="smtpauth-invisible" data-code="U+202E">\u202e</bdi>')
    """
    box = Markup('<bdi class="smtpauth-invisible" data-code="U+{}">{}</bdi>')
    parts = re.split(f"([{INVISIBLE}])", str(text))
    return Markup("").join(
        box.format(f"{ord(part):04X}", part) if odd % 2 else escape(part)
        for odd, part in enumerate(parts)
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

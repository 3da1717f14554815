"""A whole HTML page that works offline: its style, its packed scripts, and its policy."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from markupsafe import Markup

from smtpauth_kit.reports import cube
from smtpauth_kit.reports.rendering import render
from smtpauth_kit.views import charts
from smtpauth_kit.words.words import Words


def page(
    *,
    words: Words,
    title: str,
    template: str,
    foreign: bool = False,
    alive: bool = True,
    **values: Any,
) -> str:
    """Return a whole page with look and scripts inside, and a policy that lets nothing else run.

    The scripts are packed; a loader of a few lines unpacks them and the policy knows their hash.
    With `foreign`, content that is not the kit's may bring styles and pictures of its own. Not
    `alive`: nothing runs at all.
    """
    style, loader = charts.static("style.css"), inside_script(charts.static("unpack_page.js"))
    looks = "'unsafe-inline'; img-src data:" if foreign else _hashes([style])
    scripts = _hashes([loader, page_script()]) if alive else "'none'"
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {scripts}; style-src {looks}"
    )
    return str(
        render(
            template,
            words,
            title=title,
            policy=policy,
            style=Markup(style),
            packed=_packed_script() if alive else None,
            paper=not alive,
            loader=Markup(loader),
            **values,
        )
    )


@cache
def page_script() -> str:
    """Return all scripts of a page: they bring every screen on it to life."""
    names = (
        "chart.js", "table.js", "cube.js", "chart_table.js", "insight.js", "figures.js", "csv.js",
        "findings.js", "page_charts.js", "page_report.js",
        "page_findings.js", "page.js",
    )  # fmt: skip
    return "\n".join([charts.bundle(), *map(charts.static, names)])


@cache
def _packed_script() -> str:
    return cube.pack(page_script().encode())


def inside_script(code: str) -> str:
    r"""Return code that may stand in a `<script>`: nothing in it ends or hides the element.

    >>> inside_script("'</script><!--'")
    "'<\\/script><\\!--'"
    """
    return re.sub(r"<(/script|!--)", r"<\\\1", code, flags=re.IGNORECASE)


def _hashes(codes: list[str]) -> str:
    digests = (hashlib.sha256(code.encode()).digest() for code in codes)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)

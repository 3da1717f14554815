"""The cell that counts SMTP AUTH where the kit cannot be installed, as one text to paste.

Its frame is `parts/cell.txt`, its statements are `sql/`; words, names and the few functions of
Python that it needs are taken out of the kit's own modules, so that a rule has one home.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

import smtpauth_kit
from smtpauth_kit.formats import entra_sign_ins, extended_trace, message_trace
from smtpauth_kit.lake.places import Place
from smtpauth_kit.lake.words import FORMATS, Word, columns, required, words
from smtpauth_kit.values import addresses

_HERE: Final = files("smtpauth_kit.lake")
_GAP: Final = re.compile(r"<<(\w+)>>")
_WIDTH: Final = 100


def lake_cell(place: Place) -> str:
    """Return the cell for a place: Python 3.10 and Spark SQL 3.4, of plain ASCII.

    It reads the tables of `words.FORMATS` and writes `daily_by_sender` and `daily_by_domain` with
    the columns of a store, and sign-ins by day and account; days are UTC.

    Examples
    --------
    >>> cell = lake_cell(Place.SENTINEL)
    >>> cell.splitlines()[0]
    "# Who still submits mail over SMTP AUTH: counted in Microsoft Sentinel's data lake."
    >>> "MicrosoftSentinelProvider" in lake_cell(Place.DATABRICKS)
    False
    """
    text = _part("cell")
    gaps = _gaps(place)
    while _GAP.search(text):
        text = _GAP.sub(lambda gap: gaps[gap[1]].rstrip("\n"), text)
    return text


def _gaps(place: Place) -> dict[str, str]:
    statements = {
        path.name.removesuffix(".sql"): path.read_text("utf-8")
        for path in (_HERE / "sql").iterdir()
        if path.name.endswith(".sql")
    }
    return {
        **statements,
        "head": _part(f"{place}_head"),
        "settings": _part(f"{place}_settings"),
        "table_functions": _part(f"{place}_tables"),
        "home": _part(f"{place}_home"),
        "version": smtpauth_kit.__version__,
        "tables": "\n".join(f'    "{table}",' for table in FORMATS),
        "words": "\n".join(_word_lines(words())),
        "sign_in_columns": _lines_of(columns(entra_sign_ins.FORMAT)),
        "trace_columns": _lines_of(columns(extended_trace.FORMAT)),
        "mail_columns": _lines_of(columns(message_trace.EMAIL_EVENTS)),
        "must_have": _lines_of({table: required(fmt) for table, fmt in FORMATS.items()}),
        "address_functions": "\n\n\n".join(map(_source, (addresses.account, addresses.domain_key))),
    }


def _part(name: str) -> str:
    return (_HERE / "parts" / f"{name}.txt").read_text("utf-8")


def _word_lines(known: Iterable[Word]) -> Iterable[str]:
    for word in known:
        yield f"    # {word.meaning}"
        value = str(word.value) if isinstance(word.value, str) else word.value
        yield _entry(word.name, value)


def _lines_of(entries: Mapping[str, Any]) -> str:
    return "\n".join(_entry(name, value) for name, value in entries.items())


def _entry(name: str, value: Any) -> str:
    """Return a line of a dictionary, or several where a list is too long for one.

    >>> _entry("smtp", "smtp"), _entry("no_tls", ["geen", "none"])
    ("    'smtp': 'smtp',", "    'no_tls': ['geen', 'none'],")
    """
    line = f"    {name!r}: {value!a},"
    if not isinstance(value, list) or len(line) <= _WIDTH:
        return line
    inside = textwrap.fill(
        ", ".join(map(ascii, value)), _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return f"    {name!r}: [\n{inside},\n    ],"


def _source(function: Callable[..., Any]) -> str:
    """Return a function as it stands in the kit, without what decorates and explains it."""
    text = textwrap.dedent(inspect.getsource(function))
    (tree,) = ast.parse(text).body
    assert isinstance(tree, ast.FunctionDef)
    lines = text.splitlines()
    if ast.get_docstring(tree) is not None:
        told = tree.body[0]
        del lines[told.lineno - 1 : told.end_lineno]
    return "\n".join(lines[tree.lineno - 1 :])

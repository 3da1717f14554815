"""“Reproduce this view”: the same answer from Python, from a shell, and in SQL.

Every value may be hostile: each is quoted for the place it goes, and a control character (which
in a terminal is a key that is pressed) is never written as itself.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.composing import TEXTS, parted
from smtpauth_kit.answers.of_tenants import narrowed, of_tenants
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.answers.scope import sql_of
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PARAMETER: Final = re.compile(r"\$(\w+)\b")
_CHOSEN_ROWS: Final = re.compile(
    r"\b(from|join) (submissions|sign_ins|daily_by_sender|daily_by_domain)\b"
)


@dataclass(frozen=True)
class Reproduced:
    """Four texts that give the same answer."""

    python: str
    shell: str
    """For a POSIX shell."""
    powershell: str
    """For Windows PowerShell."""
    sql: str
    """For `store.sql`, or DuckDB's own shell on the store's file."""


def reproduce(name: str, scope: Scope, store: Path) -> Reproduced:
    """Return how to get an answer again that was given in a scope.

    The days and the source are the ones of the scope: new data does not move them.

    Examples
    --------
    >>> scope = settle_scope(store, Filters(domains=("contoso.com",)))
    >>> told = reproduce("tls-usage", scope, Path("s.db"))
    >>> print(told.python)
    import smtpauth_kit as sk
    sk.ask(sk.open_store('s.db'), 'tls-usage', sk.filters(start='2026-11-16',
        end='2026-11-22', domain=['contoso.com'], source='submission_log')).rows
    >>> print(told.shell)
    smtpauth show tls-usage --store=s.db --start=2026-11-16 --end=2026-11-22 \
--domain=contoso.com --source=submission_log --json
    """
    asked = _pinned(name, scope)
    options = [f"--store={store}", *(f"{option}={text}" for option, text in asked.options())]
    return Reproduced(
        python=_python(name, asked, store),
        shell=_line(name, options, posix_quoted),
        powershell=_line(name, options, powershell_quoted),
        sql=_sql(name, scope),
    )


def _pinned(name: str, scope: Scope) -> Filters:
    """Return the filters with the days and the source that were settled for them."""
    source = scope.filters.source
    if name != "sign-ins":
        source = scope.messages_source or source
    return scope.filters.changed(start=scope.start, end=scope.end, as_of=None, source=source)


def _python(name: str, asked: Filters, store: Path) -> str:
    values = ((field.parameter, field.kind.plain(value)) for field, value in asked.asked())
    given = ", ".join(f"{parameter}={value!r}" for parameter, value in values)
    return (
        "import smtpauth_kit as sk\n"
        f"sk.ask(sk.open_store({str(store)!r}), {name!r}, sk.filters({given})).rows"
    )


def _line(name: str, options: list[str], quoted: Callable[[str], str]) -> str:
    if any("\x00" in option for option in options):
        return ""  # No shell can hand this over.
    return " ".join(["smtpauth", "show", name, *map(quoted, options), "--json"])


def posix_quoted(text: str) -> str:
    r"""Return text as one word of a POSIX shell.

    >>> print(posix_quoted("it's $(id); \x03"))
    "$(printf '%b' 'it\0047s $(id); \0003')"
    >>> print(posix_quoted("it's $(id)"))
    'it'"'"'s $(id)'
    """
    if not _CONTROL.search(text):
        return shlex.quote(text)
    # Octal of the bytes: what %b reads, in every shell and locale.
    escaped = re.sub(
        r"[\\'\x00-\x1f\x7f-\x9f\u2028\u2029]",
        lambda match: "".join(f"\\0{byte:03o}" for byte in match[0].encode()),
        text,
    )
    return f"\"$(printf '%b' '{escaped}')\""


def powershell_quoted(text: str) -> str:
    r"""Return text as one argument of a program in Windows PowerShell.

    Its typographic quotes end a text too, and it hands a double quote to a program unescaped.

    >>> print(powershell_quoted("it's $(id)"), powershell_quoted('a "b"'))
    'it''s $(id)' 'a \"b\"'
    >>> print(powershell_quoted("a\x03b"))
    ('a' + [char]3 + 'b')
    """
    if re.fullmatch(r"[\w./:=+-]+", text, re.ASCII):
        return text
    # How Windows programs read their command line: a backslash counts only before a quote.
    text = re.sub(r'(\\*)"', r'\1\1\\"', text)
    text = re.sub(r"(\\+)\Z", r"\1\1", text) if re.search(r"\s", text) else text
    text = re.sub("['\u2018\u2019\u201a\u201b]", r"\g<0>\g<0>", text)
    if not _CONTROL.search(text):
        return f"'{text}'"
    parts = _CONTROL.sub(lambda match: f"' + [char]{ord(match[0])} + '", text)
    return f"('{parts}')"


@of_tenants
def complete_sql(engine: Engine, name: str, scope: Scope) -> str:
    """Return all the SQL that gives an answer's figures: most often one statement.

    Examples
    --------
    >>> rows = store.sql(complete_sql(store, "auth-usage", settle_scope(store)))
    >>> sorted(rows["message_count"].tolist())
    [1, 2]
    """
    made = QUESTIONS[name].made_sql
    if made is None:
        return _sql(name, scope)
    tenants = scope.filters.tenants
    return ";\n\n".join(filled_sql(*each, tenants) for each in made(engine, scope))


def _sql(name: str, scope: Scope) -> str:
    """Return an answer's SQL with its parameters written into it."""
    question = QUESTIONS[name]
    if question.made_sql is not None:
        return f"-- Its SQL is made of what is loaded: smtpauth show {name} --format sql"
    text, params = question.sql(scope) if question.sql else sql_of(name, scope)
    filled = filled_sql(text, params, scope.filters.tenants)
    if not scope.filters.where:
        return filled
    rest = ascii(" and ".join(map(str, scope.filters.where)))
    return f"-- Of these rows the answer keeps those with {rest}\n{filled}"


def filled_sql(text: str, params: Mapping[str, Any], tenants: Sequence[str] = ()) -> str:
    """Return a statement of the kit with its values written into it, for `store.sql`.

    Of tenants that are named it reads the rows alone.
    """
    # Its own conditions choose the rows: `store.sql` shows others under the plain names.
    text = _outside_texts(text, lambda sql: _CHOSEN_ROWS.sub(r"\1 all_\2", sql))
    if tenants:
        text, params = narrowed(text, params, tenants)
    header, body = parted(text)
    told = "".join(line for line in header.splitlines(keepends=True) if "$" not in line)
    return told + _outside_texts(
        body, lambda sql: _PARAMETER.sub(lambda match: sql_literal(params[match[1]]), sql)
    )


def _outside_texts(sql: str, rewrite: Callable[[str], str]) -> str:
    """Return a statement rewritten but for its comments and texts; those are written safely."""
    made, end = [], 0
    for found in TEXTS.finditer(sql):
        kept = found[0]
        made += [rewrite(sql[end : found.start()]), kept if kept[0] == "-" else _safe(kept)]
        end = found.end()
    return "".join([*made, rewrite(sql[end:])])


def _safe(text: str) -> str:
    return sql_literal(text[1:-1].replace("''", "'"))


def sql_literal(value: Any) -> str:
    r"""Return a value as SQL has it.

    >>> sql_literal("it's"), sql_literal("a\nb"), sql_literal([]), sql_literal(None)
    ("'it''s'", "('a' || chr(10) || 'b')", '[]', 'null')
    """
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(sql_literal, value)) + "]"
    if isinstance(value, str):
        text = "'" + value.replace("'", "''") + "'"
        if not _CONTROL.search(text):
            return text
        return "(" + _CONTROL.sub(lambda match: f"' || chr({ord(match[0])}) || '", text) + ")"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    return "null" if value is None else repr(value)


def as_dict(told: Reproduced) -> Mapping[str, str]:
    """Return the texts by name; an empty one is left out."""
    return {name: text for name, text in vars(told).items() if text}

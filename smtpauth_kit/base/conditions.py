"""Conditions as a person writes them: `FIELD OPERATOR VALUE`, joined by `and`, groups by `or`.

A condition is parsed and compared here; it is never SQL.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from smtpauth_kit.base.errors import UsageError

Operator = Literal["=", "!=", ">", ">=", "<", "<=", "starts-with", "contains"]

OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)


@dataclass(frozen=True)
class Clause:
    """One condition on a column of an answer: `field operator value`."""

    field: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {_written(self.value)}"


Groups = tuple[tuple[Clause, ...], ...]
"""Groups of conditions: all of one group must hold, and one group is enough."""

_QUOTED = r'"(?:[^"]|"")*"|' + r"'(?:[^']|'')*'"
_START: Final = r"\s*(\w+)\s*(!=|>=|<=|=|>|<|\bstarts-with\b|\bcontains\b)\s*"
_CLAUSE: Final = re.compile(rf"{_START}(.*?)\s*", re.DOTALL)
_NEXT: Final = re.compile(
    rf"{_START}(?:({_QUOTED})|(.*?))(?:\s+(and|or)(?=\s)|\s*\Z)", re.DOTALL | re.IGNORECASE
)


def parse_clause(text: str) -> Clause:
    """Return the one condition that a text states; quotes around its value are no part of it.

    Examples
    --------
    >>> parse_clause("message_count >= 100")
    Clause(field='message_count', operator='>=', value='100')
    """
    match = _CLAUSE.fullmatch(text)
    if not match:
        raise _no_condition(text)
    return Clause(match[1], match[2], _bare(match[3]))  # type: ignore[arg-type]


def parse_groups(text: str) -> Groups:
    """Return the groups a text states: `and` binds closer than `or`.

    A value that holds one of these words stands in quotes; a quote inside is written twice.

    Raises
    ------
    UsageError
        A part of the text is no condition.

    Examples
    --------
    >>> groups = parse_groups("tls_1_0_count > 0 and sender_domain = x.example or basic_count = 0")
    >>> [[str(clause) for clause in group] for group in groups]
    [['tls_1_0_count > 0', 'sender_domain = x.example'], ['basic_count = 0']]
    """
    if not text.strip():
        return ()
    groups: list[list[Clause]] = [[]]
    at, joint = 0, "first"
    while joint:
        match = _NEXT.match(text, at)
        if not match:
            raise _no_condition(text[at:].strip())
        value = _bare(match[3]) if match[3] is not None else match[4]
        operator = match[2].lower()
        groups[-1].append(Clause(match[1], operator, value))  # type: ignore[arg-type]
        at, joint = match.end(), (match[5] or "").lower()
        if joint == "or":
            groups.append([])
    return tuple(tuple(group) for group in groups)


def write_groups(groups: Groups) -> str:
    """Return the text that :func:`parse_groups` reads as these groups.

    Examples
    --------
    >>> write_groups(((Clause("sender_address", "contains", 'a "b" or c'),),))
    'sender_address contains "a ""b"" or c"'
    """
    return " or ".join(" and ".join(map(str, group)) for group in groups)


def both(groups: Groups, clauses: Iterable[Clause]) -> Groups:
    """Return groups that hold where `groups` and all of `clauses` do.

    Examples
    --------
    >>> write_groups(both(parse_groups("a = 1 or b = 2"), [Clause("c", "=", "3")]))
    'a = 1 and c = 3 or b = 2 and c = 3'
    """
    more = tuple(clauses)
    if not more:
        return groups
    return tuple((*group, *more) for group in groups or ((),))


def number(clause: Clause) -> int | float:
    """Return the number a condition compares with; `50%` is a half.

    Raises
    ------
    UsageError
        It is none.
    """
    text = clause.value.strip()
    try:
        found = float(text[:-1]) / 100 if text.endswith("%") else _int_or_float(text)
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise UsageError(
            "The column {column} holds numbers, and {text} is none.",
            column=repr(clause.field),
            text=repr(clause.value),
        )
    return found


def holds(clause: Clause, value: Any) -> bool:
    """Tell whether a value of an answer meets a condition; text is compared without case.

    Raises
    ------
    UsageError
        A number is compared with something that is none.

    Examples
    --------
    >>> holds(Clause("sender_address", "starts-with", "SCAN"), "scanner@contoso.com")
    True
    """
    if isinstance(value, list):
        return any(holds(clause, item) for item in value)
    if clause.operator in ("starts-with", "contains"):
        text, wanted = str(value).casefold(), clause.value.casefold()
        return text.startswith(wanted) if clause.operator == "starts-with" else wanted in text
    left, right = _comparable(value, clause)
    if value is None or value != value:
        return clause.operator == "!="
    return bool(_COMPARE[clause.operator](left, right))


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def _comparable(value: Any, clause: Clause) -> tuple[Any, Any]:
    if isinstance(value, bool) and clause.value.strip().casefold() in ("true", "false"):
        return value, clause.value.strip().casefold() == "true"
    is_number = not isinstance(value, str | dt.date | None) and not hasattr(value, "isoformat")
    if is_number:
        return value, number(clause)
    shown = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return shown.casefold(), clause.value.casefold()


def _int_or_float(text: str) -> int | float:
    try:
        whole = int(text)
    except ValueError:
        return float(text)
    return whole if abs(whole) < 2**63 else float(whole)


def _bare(value: str) -> str:
    """Return what stands between quotes; a quote inside is written twice."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace(value[0] * 2, value[0])
    return value


def _written(value: str) -> str:
    """Return a value as it is read again: in quotes where it would be taken for something else."""
    if re.fullmatch(r"[^\s\"']+", value):
        return value
    return '"' + value.replace('"', '""') + '"'


def _no_condition(text: str) -> UsageError:
    return UsageError(
        "{text} is not a condition. Expected FIELD OPERATOR VALUE, for example "
        '"message_count >= 100"; operators: {operators}.',
        text=repr(text),
        operators=" ".join(OPERATORS),
    )

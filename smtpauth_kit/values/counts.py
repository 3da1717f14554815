"""How many messages: counts with thousands and decimal marks, percentages, their split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from smtpauth_kit.values.cells import UNDECIDED, Decisions, NeedsDecision, Unfit, quoted

MAX_COUNT: Final = 2**63 - 1
"""The largest count the store can hold."""

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019")
_PLAIN_COUNT = re.compile(r"\+?([0-9]+)")
_MARKED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)+")


def count(text: str, decisions: Decisions = UNDECIDED) -> int:
    """Return a whole number of messages, exact to 64 bits.

    Examples
    --------
    >>> count("5,280", Decisions(decimal_mark=".")), count("5.280", Decisions(decimal_mark=","))
    (5280, 5280)
    >>> count("12.5", Decisions(decimal_mark="."))
    Traceback (most recent call last):
    smtpauth_kit.values.cells.Unfit: the count '12.5' is not a whole number
    """
    bare = text.translate(_SPACES)
    if match := _PLAIN_COUNT.fullmatch(bare):
        number = int(match[1]) if len(match[1]) <= 40 else MAX_COUNT + 1
    elif _MARKED.fullmatch(bare):
        number = _marked_count(bare, text, decisions)
    else:
        is_negative = re.fullmatch(r"[-\u2212][0-9.,]+", bare)
        raise Unfit(
            "the count {text} is negative"
            if is_negative
            else "the count {text} is not a whole number",
            text=quoted(text),
        )
    if number > MAX_COUNT:
        raise Unfit("the count {text} is larger than any number of messages", text=quoted(text))
    return number


def _marked_count(bare: str, text: str, decisions: Decisions) -> int:
    if decisions.decimal_mark is None:
        raise NeedsDecision
    decimal = decisions.decimal_mark
    thousands = "," if decimal == "." else "."
    whole, _, fraction = bare.lstrip("+").partition(decimal)
    grouped = re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})*|[0-9]+", whole)
    if not grouped or fraction.strip("0"):
        raise Unfit("the count {text} is not a whole number", text=quoted(text))
    return int(whole.replace(thousands, "")[:40])


def decide_decimal_mark(cells: Sequence[str], language_mark: str) -> str:
    """Return the decimal mark of a column of counts, from all its cells.

    A sign that stands twice in one number, or before another sign, separates thousands. When no
    cell tells, the file's language does.

    Examples
    --------
    >>> decide_decimal_mark(["1.234", "12.500,0"], "."), decide_decimal_mark(["5,280"], ".")
    (',', '.')
    """
    votes = {".": 0, ",": 0}
    for cell in cells:
        bare = cell.translate(_SPACES)
        marks = re.sub("[^.,]", "", bare)
        if len(marks) > 1 and (marks[0] != marks[-1] or len(set(marks)) == 1):
            votes["," if marks[0] == "." else "."] += 1
        elif marks and not re.fullmatch(r"\+?[0-9]{1,3}[.,][0-9]{3}", bare):
            votes[marks[0]] += 1
    if votes["."] == votes[","]:
        return language_mark
    return max(votes, key=lambda mark: votes[mark])


_SHARE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)%?(?:\(([0-9.,]+)\))?")


class Share(NamedTuple):
    """What a TLS cell says."""

    percent: Fraction
    """0 to 100."""
    stated: int | None
    """The message count in its brackets; None: it has none."""
    step: Fraction
    """The last digit's worth: 0.1 for a percentage with one decimal."""


def share(text: str, decisions: Decisions = UNDECIDED) -> Share:
    """Return what a TLS cell says: `12.5`, `12,5 %`, `100%(472)`; an empty cell is 0.

    Examples
    --------
    >>> share("100%(472)").stated, float(share("12,5 %").percent)
    (472, 12.5)
    """
    bare = text.translate(_SPACES) or "0"
    match = _SHARE.fullmatch(bare)
    if not match or len(match[1]) > 30:
        raise Unfit("the TLS share {text} is not a percentage", text=quoted(text))
    number = match[1].replace(",", ".")
    places = len(number.partition(".")[2])
    inside = None if match[2] is None else count(match[2], decisions)
    return Share(Fraction(number), inside, Fraction(1, 10**places))


def split_by_share(total: int, percents: Sequence[Fraction]) -> list[int]:
    """Split `total` by percentages with the largest remainder; the last part is what is missing.

    Examples
    --------
    >>> split_by_share(4000, [Fraction(0), Fraction("12.5"), Fraction("87.5")])
    [0, 500, 3500, 0]
    >>> split_by_share(3, [Fraction("33.33")] * 3)
    [1, 1, 1, 0]
    """
    missing = max(Fraction(100) - sum(percents), Fraction(0))
    parts = [*percents, missing]
    whole = sum(parts)
    quotas = [total * part / whole for part in parts]
    counts = [int(quota) for quota in quotas]
    order = sorted(range(len(parts)), key=lambda i: (counts[i] - quotas[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts

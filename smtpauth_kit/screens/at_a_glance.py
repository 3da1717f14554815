"""What the insight card says of unusual activity, where that is known or soon found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading.judging import is_judged_quickly
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import findings
from smtpauth_kit.words.words import Words


@dataclass(frozen=True)
class Glance:
    """A line of the card."""

    text: str
    level: Literal["warn", "good", "unknown"]
    """warn: something is to be looked at today; unknown: nothing was judged."""


@of_tenants
def glance(engine: Engine, filters: Filters, words: Words) -> Glance:
    """Return what the card says of unusual activity in all days loaded.

    Of the filters, those that findings have not are left out. A store that keeps no findings and is
    too large to be judged at once is not judged: the line then says that this can be asked for.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> glance(store, Filters(), speak("en"))
    Glance(text='Nothing unusual was found.', level='good')
    """
    asked = of_card(filters)
    if not is_judged_quickly(engine, asked.source):
        return Glance(words("Look for unusual activity"), "unknown")
    found = findings.find(engine, asked)
    if found.rule_count == 0:
        return Glance(words("Unusual activity: nothing can be judged yet"), "unknown")
    is_urgent = "high" in map(found.urgency, found.incidents)
    return Glance(findings.summary(found, words), "warn" if is_urgent else "good")


def of_card(filters: Filters) -> Filters:
    """Return those filters of a card that findings have: its tenants, domains and source.

    >>> of_card(Filters(domains=("contoso.com",), min_messages=5)) == Filters(
    ...     domains=("contoso.com",))
    True
    """
    return Filters(tenants=filters.tenants, domains=filters.domains, source=filters.source)

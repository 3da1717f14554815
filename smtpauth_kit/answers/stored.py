"""What the whole store holds: its sender domains and senders, and how many messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.coverage import loaded_periods
from smtpauth_kit.answers.settling import choose
from smtpauth_kit.base.filters import ALL
from smtpauth_kit.base.names import SOURCES
from smtpauth_kit.store.engine import Engine, at_one_moment

if TYPE_CHECKING:
    import pandas as pd


def domains(engine: Engine) -> pd.DataFrame:
    """Every sender domain loaded, busiest first: sender_domain, message_count."""
    return engine.found_once(("domains",), lambda: engine.run(*statement("domains")))


def unknown_senders(engine: Engine, keys: Sequence[str]) -> list[str]:
    """Return those of some senders, as addresses are compared, that no export loaded has.

    Examples
    --------
    >>> unknown_senders(store, ["scanner@contoso.com", "scaner@contoso.com"])
    ['scaner@contoso.com']
    """
    if not keys:
        return []
    known = engine.rows(*statement("known_senders", params={"keys": list(keys)}))["sender_key"]
    return sorted(set(keys) - set(known))


@at_one_moment
def stored_messages(engine: Engine) -> int:
    """Return how many messages the whole store holds, each once, from its fullest source."""
    periods, _ = loaded_periods(engine, ALL)
    chosen = choose(engine, periods, SOURCES)
    counted = frozenset(chosen.sources)
    return sum(p.message_count for p in chosen.inside if (p.tenant, p.source) in counted)

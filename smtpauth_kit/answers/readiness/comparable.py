"""Comparable senders: those that are like one sender, and by what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.counting import of_sources
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.readiness.judging import Sender, senders_of
from smtpauth_kit.answers.readiness.relations import FOLDER
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd

LIKENESSES: Final = ("family", "rhythm", "volume", "network")
"""By what senders are comparable: the family of devices or applications that their names say; their
rhythm; messages a week, from half to twice as many; a network that both send from."""

LEAST: Final = 2
"""Of so many of these at least: alike by one alone are very many."""

MOST: Final = 10

COLUMNS: Final = (
    "sender_address", "alike_by", "networks", "messages_per_week", "rhythm", "breaks", "moved",
    "way_out",
)  # fmt: skip


def comparable_senders(engine: Engine, scope: Scope, key: str) -> pd.DataFrame:
    """Return the senders that are most like the one of `key`, in the scope of readiness.

    Returns
    -------
    DataFrame
        At most `MOST` rows, those alike by most first, then those whose volume is nearest:
        sender_address, alike_by (list of `LIKENESSES`), networks (sorted list of those that both
        send from), messages_per_week (float), rhythm (None where the source counts no days),
        breaks, moved, way_out (as in readiness). Empty where the sender is not in the scope.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> found = comparable_senders(store, readiness_scope(store), "scanner@contoso.com")
    >>> found[["sender_address", "alike_by"]].values.tolist()
    [['app@fabrikam.com', ['rhythm', 'volume', 'network']]]
    """
    import pandas as pd

    senders = senders_of(engine, scope)
    one = next((each for each in senders if each.key == key), None)
    found: list[tuple[Any, ...]] = []
    if one is not None:
        shared = _shared_networks(engine, scope, key)
        for other in senders:
            alike = _alike(one, other, bool(shared.get(other.key)))
            if other is not one and len(alike) >= LEAST:
                apart = abs(math.log(_volume(other) / _volume(one)))
                found.append((-len(alike), apart, other.key, alike, other))
    rows = [
        _row(other, alike, shared.get(other.key, []))
        for *_, alike, other in sorted(found, key=lambda each: each[:3])[:MOST]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _volume(sender: Sender) -> float:
    return max(sender.messages_per_week, 0.01)


def _alike(one: Sender, other: Sender, share_network: bool) -> list[str]:
    told = {
        "family": one.family is not None
        and other.family is not None
        and one.family.name == other.family.name,
        "rhythm": one.rhythm is not None and one.rhythm == other.rhythm,
        "volume": 0.5 <= _volume(other) / _volume(one) <= 2,
        "network": share_network,
    }
    return [name for name in LIKENESSES if told[name]]


def _shared_networks(engine: Engine, scope: Scope, key: str) -> dict[str, list[str]]:
    """Return the networks that each sender has in common with the one of `key`."""
    source = scope.filters.source
    counts = of_sources(engine, source) if source != "auto" else None
    text = Inputs(engine, counts).complete(sql_text("networks_of_senders", FOLDER))
    shared: dict[str, list[str]] = {}
    for sender, network in engine.rows(text, {"key": key}):
        shared.setdefault(sender, []).append(network)
    return shared


def _row(sender: Sender, alike: list[str], networks: list[str]) -> dict[str, Any]:
    return {
        "sender_address": sender.figures["sender_address"],
        "alike_by": alike,
        "networks": networks,
        "messages_per_week": round(sender.messages_per_week, 1),
        "rhythm": sender.rhythm,
        "breaks": list(sender.breaks),
        "moved": sender.moved,
        "way_out": sender.way_out.way,
    }

"""What a store that was pulled from a cluster does not hold, said where it is asked for."""

from __future__ import annotations

from typing import Any, Final

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.values import addresses

PULLED: Final = "pulled_from"
"""The table that a pulled store has, and no other."""


def check_held(engine: Engine, asked: str, sender: str | None = None) -> None:
    """Refuse what only messages tell, where a store holds counts by day instead of them.

    Parameters
    ----------
    asked
        What is asked for.
    sender
        The sender whose messages are enough for it; the store may hold those.

    Raises
    ------
    StoreError
        The store was pulled from another one, without those messages.

    Examples
    --------
    >>> check_held(store, "devices")
    """
    pulled = engine.found_once((PULLED,), lambda: _pulled(engine))
    if pulled is None or (sender and addresses.account(sender)[1] in pulled["senders"]):
        return
    raise StoreError(
        "{asked} cannot be told from this store: it was pulled from {origin} and holds counts by "
        "day, not each message with its time, recipients and id. Ask {origin} with --store, or "
        "pull the messages of a sender, too: smtpauth pull FILE --sender ADDRESS.",
        asked=asked,
        origin=pulled["origin"],
    )


def _pulled(engine: Engine) -> dict[str, Any] | None:
    if not engine.has_tables(PULLED):
        return None
    return engine.rows(f"select origin, senders from {PULLED}").first()

"""A world in which a password was guessed and used: two incidents to look at, one that can wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from findings_worlds import HOTEL, STRANGER, World, at

from smtpauth_kit.store.store import Store

DAYS = 60
GUESSED, SENT = 50, 53
"""Days: 2026-10-27 and 2026-10-30."""
VICTIM = "carol@contoso.com"
SPRAYER = STRANGER[0]
AGENT = "BAV2ROPC"


def break_in(
    store: Store, load: Callable[..., Any], victim: str = VICTIM, agent: str = AGENT, **loading: Any
) -> None:
    """Load sixty days of ten accounts, and what was done to one of them.

    An address tries ten passwords, one fits, and three days later the account sends 240 messages
    at noon. A salesman of another domain signs in from abroad once.
    """
    world = World(store, lambda text: load(text, **loading))
    days = [day for day in range(DAYS) if day % 7 < 5]
    clerks = [f"clerk{n}@contoso.com" for n in range(9)]
    for account in (*clerks, victim, "sales@fabrikam.com"):
        world.live(account, days)
    for n, account in enumerate([*clerks, victim]):
        world.fail(account, at(GUESSED, 1 + n / 20), 4, 2, place=STRANGER, agent=agent)
    world.sign_in(at(GUESSED, 3), victim, place=STRANGER, agent=agent)
    for n in range(240):
        world.message(at(SENT, 12 + n / 400), victim, place=STRANGER)
    world.sign_in(at(SENT, 20), "sales@fabrikam.com", place=HOTEL)
    world.found("new_sender")

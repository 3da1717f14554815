"""A world in which a password was guessed and used: two incidents to look at, one that can wait."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from findings_worlds import HOTEL, STRANGER, World, at

from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.store.store import Store, open_store

DAYS = 60
GUESSED, SENT = 50, 53
"""Days: 2026-10-27 and 2026-10-30."""
VICTIM = "carol@contoso.com"
SPRAYER = STRANGER[0]
AGENT = "BAV2ROPC"


CLERKS = tuple(f"clerk{n}@contoso.com" for n in range(9))


def break_in(
    folder: Path,
    victim: str = VICTIM,
    clerks: Sequence[str] = CLERKS,
    agent: str = AGENT,
    tenant: str = "",
) -> Store:
    """Return a store of sixty days of eleven accounts, and of what was done to one of them.

    An address tries ten passwords, one fits, and three days later the account sends 240 messages
    at noon. A salesman of another domain signs in from abroad once.
    """
    store, numbers = open_store(folder / "store.duckdb"), count()

    def load(text: str) -> LoadResult:
        path = folder / f"export{next(numbers)}.csv"
        head, *rows = csv.reader(io.StringIO(text))
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[*head, "tenant"], *([*row, tenant] for row in rows)])
        return loading.load(store, path, tenant=tenant)

    world = World(store, load)
    days = [day for day in range(DAYS) if day % 7 < 5]
    for account in (*clerks, victim, "sales@fabrikam.com"):
        world.live(account, days)
    for n, account in enumerate([*clerks, victim]):
        world.fail(account, at(GUESSED, 1 + n / 20), 4, 2, place=STRANGER, agent=agent)
    world.sign_in(at(GUESSED, 3), victim, place=STRANGER, agent=agent)
    for n in range(240):
        world.message(at(SENT, 12 + n / 400), victim, place=STRANGER)
    world.sign_in(at(SENT, 20), "sales@fabrikam.com", place=HOTEL)
    world.found("new_sender")
    return store

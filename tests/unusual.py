"""A small store with something unusual in it: a spray, who fell for it, and a burst of messages."""

from __future__ import annotations

from pathlib import Path

from findings_worlds import STRANGER, World, at

from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.store.store import Store, open_store

EVIL = "<img/src=x onerror=document.title='owned'>@contoso.com"


def unusual_store(path: Path) -> Store:
    """Make the store: eight accounts and a hostile one live forty days, and then it happens.

    The spray is from one address; "u3@contoso.com" gets in from there a day later, and sends two
    hundred messages the day after that. The hostile account sends sixty of its own.
    """
    store = open_store(path)
    files = iter(range(9))

    def load(text: str) -> LoadResult:
        file = path.with_name(f"unusual{next(files)}.csv")
        file.write_text(text, "utf-8")
        return loading.load(store, file)

    world = World(store, load)
    for n in range(8):
        world.live(f"u{n}@contoso.com", range(46))
        world.fail(f"u{n}@contoso.com", at(40, 1), 2, 5, place=STRANGER)
    world.live(EVIL, range(46))
    world.sign_in(at(41, 2), "u3@contoso.com", place=STRANGER)
    for n in range(200):
        world.message(at(42, 2 + n / 100), "u3@contoso.com", place=STRANGER)
    for n in range(60):
        world.message(at(44, 10 + n / 60), EVIL)
    world.found("volume_spike")
    return store

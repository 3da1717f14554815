"""How long the answers about readiness and about one sender take on the store of `screen.py`.

    python tests/benchmarks/answers.py FOLDER                     # makes the store there, once
    python tests/benchmarks/answers.py FOLDER --messages 5000000

Prints a row of README.md for each answer: the clock and the processor time of its first asking and
the median of the next ones, of a store that is open. What an answer keeps for the next one while the
facts stay as they are is kept: the first asking is the one without it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
from screen_store import make_store  # noqa: E402

from smtpauth_kit import answers  # noqa: E402
from smtpauth_kit.answers.recipients import sender_recipients  # noqa: E402
from smtpauth_kit.answers.sender import ever, every_day, sender_clients  # noqa: E402
from smtpauth_kit.base.filters import Filters  # noqa: E402
from smtpauth_kit.base.names import SCHEMA_VERSION  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402

SENDER, CLIENT_IP = "sender1@dept1.example", "192.0.2.115"
"""The busiest sender, and an address that several use."""


def questions(store: Store) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is asked, and how."""
    one = Filters(sender=SENDER)
    whole = every_day(store, answers.settle_scope(store, one))
    yield "sender", lambda: answers.ask(store, "sender", one)
    yield "sender: client IPs", lambda: sender_clients(store, ever(whole))
    yield "sender: devices", lambda: answers.ask(store, "devices", one)
    yield "sender: recipients' domains", lambda: sender_recipients(store, whole)
    yield "sender: readiness", lambda: answers.ask(store, "readiness", one)
    yield "sender: reconciliation", lambda: answers.ask(store, "reconciliation", one)
    for name in ("readiness", "switch-off", "burn-down", "never-seen", "new-senders"):
        yield name, lambda name=name: answers.ask(store, name)
    yield "reconciliation", lambda: answers.ask(store, "reconciliation")
    yield (
        "who-else, an address",
        lambda: answers.ask(store, "who-else", Filters(client_ips=(CLIENT_IP,))),
    )
    yield (
        "who-else, an account",
        lambda: answers.ask(store, "who-else", Filters(accounts=(SENDER,))),
    )
    yield "went-quiet", lambda: answers.ask(store, "went-quiet")


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds of one asking: by the clock, and of the processor."""
    at, used = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - at) * 1000, (time.process_time() - used) * 1000


def main() -> None:
    """Make the store if it is not there, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=50_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    path = asked.folder / f"screen-{SCHEMA_VERSION}-{asked.messages}.duckdb"
    if not path.exists():
        make_store(path, asked.messages)
    store = open_store(path)
    answers.ask(store, "insight")  # What is found out of a store once is found out here.
    print("| answer | first | of the processor | again | of the processor |")
    print("|---|---:|---:|---:|---:|")
    for name, ask in questions(store):
        if asked.only and name not in asked.only:
            continue
        first, *others = [timed(ask) for _ in range(asked.times)]
        clock, used = (statistics.median(each) for each in zip(*others, strict=True))
        figures = " | ".join(f"{ms:.0f} ms" for ms in (*first, clock, used))
        print(f"| {name} | {figures} |", flush=True)


if __name__ == "__main__":
    main()

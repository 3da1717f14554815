"""How long the answers about readiness and about one sender take on the store of `screen.py`.

    python tests/benchmarks/answers.py FOLDER                     # makes the store there, once
    python tests/benchmarks/answers.py FOLDER --messages 5000000

Measures the table "Answers" of README.md: the clock and the processor time of each answer's first
asking and the median of the next ones, of a store that is open. What an answer keeps for the next one while the
facts stay as they are is kept: the first asking is the one without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import Column, Picture, arguments, measuring, ratio, repeated  # noqa: E402
from screen_store import BY_HAND, by_hand, screen_store  # noqa: E402

from smtpauth_kit import answers  # noqa: E402
from smtpauth_kit.answers.recipients import sender_recipients  # noqa: E402
from smtpauth_kit.answers.sender import ever, every_day, sender_clients  # noqa: E402
from smtpauth_kit.base.filters import Filters  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402

SENDER, CLIENT_IP = "sender1@dept1.example", "192.0.2.115"
"""The busiest sender, and an address that several use."""


def questions(store: Store) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is asked, and how."""
    one = Filters(sender=SENDER)
    whole = every_day(store, answers.settle_scope(store, one))
    yield "sender", lambda: answers.ask(store, "sender", one)
    yield "sender: client IPs", lambda: sender_clients(store, ever(store, whole))
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


def main() -> None:
    """Make the store if it is not there, ask."""
    parser = arguments(__doc__)
    parser.add_argument("--messages", type=int, default=50_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    asked = parser.parse_args()
    with measuring("answers", asked) as result:
        path = screen_store(asked.folder, asked.messages)
        table = result.table(
            "answers",
            [
                Column("answer"), Column("first, ms", "ms"), Column("of the processor, ms", "ms"),
                Column("again, ms", "ms"), Column("again, of the processor, ms", "ms"),
                Column("x by hand", "x"),
            ],
            Picture("again, ms", "answer"), BY_HAND, ["by hand"],
        )  # fmt: skip
        store = open_store(path)
        answers.ask(store, "insight")  # What is found out of a store once is found out here.
        base = None
        for name, ask in [("by hand", by_hand(path)), *questions(store)]:
            if asked.only and name not in ("by hand", *asked.only):
                continue
            first, again, _ = repeated(ask, asked.times)
            base = base or again.seconds
            figures = [1000 * each for each in (*first, *again)]
            table.add(name, *figures, ratio(again.seconds, base))


if __name__ == "__main__":
    main()

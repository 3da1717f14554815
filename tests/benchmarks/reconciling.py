"""How long the comparison of sources takes to answer: the store of `screen.py`, and reports beside it.

    python tests/benchmarks/reconciling.py FOLDER                     # 50 M messages; made once
    python tests/benchmarks/reconciling.py FOLDER --messages 1000000

A report of each of the last weeks is loaded beside the log: counted from it, one message short of
every tenth sender. Measures the table "Comparing sources" of README.md: the first asking of each
question, in a program that has just opened the store, and the next one; by the clock and of the
processor.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import Column, Picture, arguments, measuring, ratio, repeated  # noqa: E402
from screen_store import LAST_DAY, made_once, make_store  # noqa: E402

from smtpauth_kit import answers  # noqa: E402
from smtpauth_kit.base.filters import ALL, Filters  # noqa: E402
from smtpauth_kit.base.names import SCHEMA_VERSION  # noqa: E402
from smtpauth_kit.loading import loading  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402

WEEKS = 4
ASKED = {
    "every sender": ALL,
    "one domain": Filters(domains=("dept7.example",)),
    "one sender": Filters(sender="sender7@dept7.example"),
}
_WEEK = """
select sender_address, greatest(sum(message_count) - (hash(sender_address) % 10 = 0)::int, 0)::bigint
from daily_by_sender
where source = 'submission_log' and period_start between $start and $end
group by sender_address order by sender_address
"""


def make(path: Path, messages: int) -> None:
    """Write the store, and load a report of each of its last weeks into it."""
    make_store(path, messages)
    store = open_store(path)
    for n in range(WEEKS):
        end = dt.date.fromisoformat(LAST_DAY) - dt.timedelta(days=7 * n)
        start = end - dt.timedelta(days=6)
        rows = store.run(_WEEK, {"start": start, "end": end})
        export = path.with_name(f"report_{start}.csv")
        rows.to_csv(export, index=False, header=["Sender address", "Message count"])
        (file,) = loading.load(store, export, period=(start, end)).files
        assert file.status == "loaded", file


def by_hand(store: Store) -> int:
    """Put the sums of both sources side by side, and nothing more."""
    return len(store.run(_BY_HAND))


_BY_HAND = """
select sender_key, sum(message_count) filter (source = 'report') as of_reports,
    sum(message_count) filter (source = 'submission_log') as of_log
from daily_by_sender
where period_start >= (select min(period_start) from daily_by_sender where source = 'report')
group by sender_key
"""


def main() -> None:
    """Make the store if it is not there, ask."""
    parser = arguments(__doc__)
    parser.add_argument("--messages", type=int, default=50_000_000)
    given = parser.parse_args()
    with measuring("reconciling", given) as result:
        path = given.folder / f"reconciling-{SCHEMA_VERSION}-{given.messages}.duckdb"
        made_once(path, lambda work: make(work, given.messages))
        table = result.table(
            "reconciling",
            [
                Column("reconciliation of"), Column("rows", "n"), Column("first, ms", "ms"),
                Column("of the processor, ms", "ms"), Column("again, ms", "ms"),
                Column("again, of the processor, ms", "ms"), Column("x by hand", "x"),
            ],
            Picture("again, ms", "reconciliation of"),
            "By hand: the sums of both sources for each sender side by side, in SQL, over the same "
            "weeks of the rollup, with no reason for any difference: the baseline.",
            ["by hand"],
        )  # fmt: skip
        base = None
        for name, filters in [("by hand", None), *ASKED.items()]:
            store = open_store(path)

            def ask(store: Store = store, filters: Filters | None = filters) -> int:
                if filters is None:
                    return by_hand(store)
                return len(answers.ask(store, "reconciliation", filters).rows)

            first, again, count = repeated(ask, 2)
            base = base or again.seconds
            figures = [1000 * each for each in (*first, *again)]
            table.add(name, count, *figures, ratio(again.seconds, base))


if __name__ == "__main__":
    main()

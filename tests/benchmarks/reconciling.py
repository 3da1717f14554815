"""How long the comparison of sources takes to answer: the store of `screen.py`, and reports beside it.

    python tests/benchmarks/reconciling.py FOLDER                     # 50 M messages; made once
    python tests/benchmarks/reconciling.py FOLDER --messages 1000000

A report of each of the last weeks is loaded beside the log: counted from it, one message short of
every tenth sender. Prints a row of README.md for each question: its first asking, in a program
that has just opened the store, and the next one; by the clock and of the processor.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
from screen_store import LAST_DAY, make_store  # noqa: E402

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


def asked(store: Store, filters: Filters) -> tuple[float, float, int]:
    """Return the milliseconds of one asking, by the clock and of the processor, and the rows."""
    at, used = time.perf_counter(), time.process_time()
    count = len(answers.ask(store, "reconciliation", filters).rows)
    return (time.perf_counter() - at) * 1000, (time.process_time() - used) * 1000, count


def main() -> None:
    """Make the store if it is not there, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=50_000_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"reconciling-{SCHEMA_VERSION}-{given.messages}.duckdb"
    if not path.exists():
        make(path, given.messages)
    print("| reconciliation of | rows | first | of the processor | again | of the processor |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, filters in ASKED.items():
        store = open_store(path)
        first, again = asked(store, filters), asked(store, filters)
        figures = " | ".join(f"{ms:,.0f} ms" for ms in (*first[:2], *again[:2]))
        print(f"| {name} | {first[2]:,} | {figures} |", flush=True)


if __name__ == "__main__":
    main()

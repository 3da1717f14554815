"""Many tenants in one store: how long a lake takes to load, and answers about all and about one.

python tests/benchmarks/tenants.py FOLDER [--tenants 300] [--days 28] [--senders 5]
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import (  # noqa: E402
    Column,
    Picture,
    Result,
    arguments,
    measuring,
    ratio,
    timed,
)

from smtpauth_kit.answers import ask_plain  # noqa: E402
from smtpauth_kit.base.filters import Filters  # noqa: E402
from smtpauth_kit.loading import loading  # noqa: E402
from smtpauth_kit.screens.report_screen import ReportScreen  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402

HEADER = "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,Authentication protocol\n"


def write(lake: Path, tenants: int, days: int, senders: int) -> None:
    """Write a log of each tenant: its senders send twice a day, every third one by OAuth."""
    first = dt.date(2026, 11, 22) - dt.timedelta(days=days - 1)
    for t in range(tenants):
        folder = lake / f"tenant-{t:03}.onmicrosoft.example"
        folder.mkdir(parents=True)
        rows = [
            f"{first + dt.timedelta(days=day)}T{8 + n:02}:00:00Z,s{s}@t{t}.example,"
            f"bob@fabrikam.example,<{t}-{day}-{s}-{n}@x>,TLS1.{s % 3},192.0.2.{s + 1},"
            f"{'OAuth' if s % 3 == 2 else 'Basic'}\n"
            for day in range(days)
            for s in range(senders)
            for n in range(2)
        ]
        (folder / "log.csv").write_text(HEADER + "".join(rows))


def plain_load(lake: Path, out: Path) -> None:
    """Read all of it with plain DuckDB into a table, the folder's name in a column."""
    import duckdb

    with duckdb.connect(str(out)) as con:
        con.execute(
            "create table t as select * from"
            f" read_csv('{lake}/*/log.csv', header = true, all_varchar = true, filename = true)"
        )


def measure_load(result: Result, lake: Path, store: Store) -> None:
    """Load the lake, beside plain DuckDB."""
    table = result.table(
        "load",
        [Column("load by"), Column("messages", "n"), Column("s", "s"), Column("x (a)", "x"),
         Column("CPU s", "s"), Column("CPU x (a)", "x")],
        Picture("CPU s", "load by"), "(a) reads all files into one table of text.", [PLAIN],
    )  # fmt: skip
    plain, _ = timed(lambda: plain_load(lake, lake.with_name("plain.duckdb")))
    cost, loaded = timed(lambda: loading.load(store, lake, tenant_from_folder=True))
    for who, took in ((PLAIN, plain), ("the kit", cost)):
        ratios = (ratio(took.seconds, plain.seconds), ratio(took.cpu, plain.cpu))
        table.add(who, loaded.message_count, took.seconds, ratios[0], took.cpu, ratios[1])


PLAIN = "(a) DuckDB, CREATE TABLE AS"


def measure_answers(result: Result, store: Store, tenant: str) -> None:
    """Ask about all tenants and about one."""
    table = result.table(
        "answers",
        [
            Column("asked"), Column("all: first, ms", "ms"), Column("again, ms", "ms"),
            Column("one: first, ms", "ms"), Column("one: again, ms", "ms"),
            Column("one x all", "x"), Column("all x by hand", "x"),
        ],
        Picture("again, ms", "asked"), "By hand: DuckDB counts the messages of each tenant and "
        "sender by TLS version over the same rows; of one tenant, with its name as a condition.",
        ["by hand"],
    )  # fmt: skip
    one = Filters(tenants=(tenant,))
    hand = None
    asked: list[tuple[str, Callable[[Filters], Any]]] = [
        ("by hand", partial(by_hand, store)),
        *((name, partial(ask_plain, store, name)) for name in ANSWERS),
        ("report screen", partial(_status, store)),
    ]
    for name, ask in asked:
        of_all = twice(partial(ask, Filters()))
        # Tenants side by side are always of all that are loaded.
        of_one = (None, None) if name == "tenants" else twice(partial(ask, one))
        hand = hand or of_all[1]
        table.add(name, *of_all, *of_one, ratio(of_one[1], of_all[1]), ratio(of_all[1], hand))


ANSWERS = ("insight", "senders", "readiness", "findings", "tenants")


def by_hand(store: Store, filters: Filters) -> Any:
    """Count as a person would."""
    return store.rows(
        "select tenant, sender_id, tls_version, sum(message_count)::bigint as message_count "
        "from submission_rows where $tenant = '' or tenant = $tenant group by all",
        {"tenant": "".join(filters.tenants)},
    )


def twice(do: Callable[[], Any]) -> tuple[float, float]:
    """Return the milliseconds of a first and a second time."""
    first, again = (timed(do)[0].seconds * 1000 for _ in range(2))
    return first, again


def _status(store: Store, filters: Filters) -> str:
    return ReportScreen(store, filters, remember=False).status


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--tenants", type=int, default=300)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--senders", type=int, default=5)
    asked = parser.parse_args()
    with (
        measuring("tenants", asked) as result,
        tempfile.TemporaryDirectory(dir=asked.folder) as folder,
    ):
        lake, store = Path(folder, "lake"), open_store(Path(folder, "lake.duckdb"))
        write(lake, asked.tenants, asked.days, asked.senders)
        measure_load(result, lake, store)
        measure_answers(result, store, f"tenant-{asked.tenants // 2:03}.onmicrosoft.example")


if __name__ == "__main__":
    main()

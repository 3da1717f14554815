"""Many tenants in one store: how long a lake takes to load, and answers about all and about one.

python tests/benchmarks/tenants.py [--tenants 300] [--days 28] [--senders 5]
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from smtpauth_kit.answers import ask_plain
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.screens.report_screen import ReportScreen
from smtpauth_kit.store.store import Store, open_store

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


def took(do: Callable[[], Any]) -> str:
    """Return the seconds of a first and a second time, as text."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        do()
        seconds.append(f"{time.perf_counter() - began:.2f}")
    return f"{seconds[0]} s, again {seconds[1]} s"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenants", type=int, default=300)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--senders", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake, store = Path(folder, "lake"), open_store(Path(folder, "lake.duckdb"))
        write(lake, asked.tenants, asked.days, asked.senders)
        began = time.perf_counter()
        result = loading.load(store, lake, tenant_from_folder=True)
        print(f"load: {time.perf_counter() - began:.1f} s, {result.message_count:,} messages")
        tell(store)


def tell(store: Store) -> None:
    """Print how long answers and a screen take, about all tenants and about one."""
    one = Filters(tenants=("tenant-150.onmicrosoft.example",))
    for name in ("insight", "senders", "readiness", "findings", "tenants"):
        print(f"{name}, all: {took(partial(ask_plain, store, name))}")
        if name != "tenants":
            print(f"{name}, one: {took(partial(ask_plain, store, name, one))}")
    for label, filters in (("all", Filters()), ("one", one)):
        print(f"report screen, {label}: {took(partial(_status, store, filters))}")


def _status(store: Store, filters: Filters) -> str:
    return ReportScreen(store, filters, remember=False).status


if __name__ == "__main__":
    main()

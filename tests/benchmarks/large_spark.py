"""DuckDB beside Apache Spark on the same machine: the same answers at several sizes."""

from __future__ import annotations

import itertools
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from large_asked import EVERY_DAY, OF_ALL_DAYS, WEEK, Asked, answered, counted
from large_asked import step as ask_step
from large_stores import Large, Told
from measuring import Column, Failed, Picture, Result, Table, in_own_process, ratio, tell_cost

HERE = Path(__file__)
SAME_PARQUET = "by hand, both of the same Parquet"
_OF_ALL_DAYS = ("devices of a sender", "who-else, an address", "readiness", "findings")


def export(store: str, folder: str) -> Told:
    """Write the tables as Parquet, as `smtpauth export-store` does."""
    from smtpauth_kit.reports.store_export import export_store
    from smtpauth_kit.store.opening import open_store

    export_store(open_store(store), Path(folder))
    files = [each for each in Path(folder).rglob("*") if each.is_file()]
    return {"mb": sum(each.stat().st_size for each in files) / 2**20, "files": len(files)}


def questions(large: Large) -> list[tuple[str, Asked]]:
    """Return what both are asked."""
    first = large.first_day
    asked = [
        (f"{name}, {days}, from {'rows' if from_rows else 'rollups'}",
         counted(name, days, from_rows, first))
        for name, days, from_rows in (
            ("insight", WEEK, False), ("senders", EVERY_DAY, False), ("senders", EVERY_DAY, True),
            ("tls-by-day", EVERY_DAY, False), ("tls-by-day", EVERY_DAY, True),
            ("changed-senders", WEEK, False),
        )
    ]  # fmt: skip
    return asked + [(each.title, each) for each in OF_ALL_DAYS if each.title in _OF_ALL_DAYS]


def sizes(large: Large) -> list[Large]:
    """Return a hundredth, a tenth, and all: of the same senders and days."""
    return [replace(large, messages=large.messages // 100, files=1), large.tenth(), large]


def measure(result: Result, large: Large, limit_s: float) -> None:
    """Export each size, and ask both engines."""
    exported = result.table(
        "export",
        [
            Column("messages", "n"), Column("what"), Column("s", "s"), Column("CPU s", "s"),
            Column("MB", "MB"), Column("MB x the store", "x"), Column("peak MB", "MB"),
        ],
        Picture("s", "what", along="messages"),
        "Writing the tables for Spark; beside it the store that they are written from.",
    )  # fmt: skip
    asked = result.table(
        "beside",
        [
            Column("answer", once=True), Column("messages", "n"), Column("DuckDB, ms", "ms"),
            Column("Spark, ms", "ms"), Column("Spark: first, ms", "ms"), Column("x DuckDB", "x"),
        ],
        Picture("x DuckDB", "answer", along="messages"),
        "DuckDB is the baseline; below 1 Spark is the faster. A second asking of each, the tables "
        "open and Spark started.",
    )  # fmt: skip
    found: dict[str, list[tuple[int, Any, Any]]] = {}
    for each in sizes(large):
        each.loaded()
        if not _export(exported, each):
            continue
        for title, question in questions(each):
            duckdb = answered(each.store, question, limit_s)
            spark = answered(f"spark:{each.tables}", question, limit_s)
            found.setdefault(title, []).append((each.messages, duckdb, spark))
        found.setdefault(SAME_PARQUET, []).append((each.messages, *_same_parquet(each, limit_s)))
    for title, rows in found.items():
        for messages, duckdb, spark in rows:
            times = (duckdb["again"], spark["again"], spark["first"])
            asked.add(title, messages, *times, ratio(spark["again"], duckdb["again"]))
    _tell_crossovers(result, found)


def _export(table: Table, large: Large) -> bool:
    """Write the tables, and tell what that took; return whether they are there."""
    mb = large.store.stat().st_size / 2**20
    table.add(large.messages, "the store", None, None, mb, 1.0, None)
    of = {"store": str(large.store), "folder": str(large.tables)}
    try:
        told = in_own_process(HERE, "export", json.dumps(of))
    except Failed as error:
        print(error, file=sys.stderr)
        table.add(large.messages, "export-store", *["failed"] * 5)
        return False
    assert told is not None
    table.add(
        large.messages, "export-store", told["seconds"], told["cpu"], told["mb"],
        ratio(told["mb"], mb), told["peak_mb"],
    )  # fmt: skip
    return True


def _same_parquet(large: Large, limit_s: float) -> tuple[Told, Told]:
    rows = str(large.tables / "submissions")
    return (
        ask_step("by_hand", limit_s, database="", days=EVERY_DAY, parquet=rows),
        ask_step("by_hand_on_spark", limit_s, folder=rows, days=EVERY_DAY),
    )


# --- where they cross -------------------------------------------------------------------------


def _tell_crossovers(result: Result, found: dict[str, list[tuple[int, Any, Any]]]) -> None:
    table = result.table(
        "crossover",
        [
            Column("answer"), Column("x DuckDB, the fewest messages", "x"),
            Column("x DuckDB, the most", "x"), Column("Spark is the faster from"),
        ],
        Picture("x DuckDB, the most", "answer"),
        "“Reckoned” is arithmetic, no measurement: where the ratio would be 1 if it went on falling "
        "as between the last two sizes.",
    )  # fmt: skip
    for title, rows in found.items():
        ratios = [(n, ratio(spark["again"], duckdb["again"])) for n, duckdb, spark in rows]
        known = [(n, x) for n, x in ratios if x is not None]
        edges = (ratios[0][1], ratios[-1][1])
        alone = [n for n, duckdb, spark in rows if _is_late(duckdb) and not _is_late(spark)]
        table.add(title, *edges, only_spark(alone) if alone else crossover(known))


def _is_late(told: Told) -> bool:
    return isinstance(told["again"], str)


def only_spark(sizes: Sequence[int]) -> str:
    """Tell from how many messages on DuckDB gives no answer and Spark does.

    >>> only_spark([100_000, 10_000])
    '10,000 messages: there DuckDB does not answer within the limit'
    """
    return f"{min(sizes):,} messages: there DuckDB does not answer within the limit"


def crossover(ratios: Sequence[tuple[int, float]]) -> str:
    """Tell from how many messages on Spark is the faster.

    >>> crossover([(1_000, 10.0), (100_000, 0.1)])
    '10,000 messages, between two sizes'
    >>> crossover([(1_000, 10.0), (10_000, 8.0), (100_000, 4.0)])
    'none up to 100,000; reckoned 10,000,000'
    >>> crossover([(1_000, 4.0), (10_000, 4.5)]), crossover([(1_000, 0.5)]), crossover([])
    ('none up to 10,000; it does not fall', '1,000 messages, the fewest', 'not known')
    """
    if not ratios:
        return "not known"
    if ratios[0][1] < 1:
        return f"{ratios[0][0]:,} messages, the fewest"
    for before, after in itertools.pairwise(ratios):
        if after[1] < 1:
            return f"{int(_meets(before, after)):,} messages, between two sizes"
    most = f"none up to {ratios[-1][0]:,}"
    if len(ratios) < 2 or ratios[-1][1] >= ratios[-2][1]:
        return f"{most}; it does not fall"
    reckoned = _meets(*ratios[-2:])
    if reckoned > BEYOND * ratios[-1][0]:
        return f"{most}; it hardly falls"
    return f"{most}; reckoned {int(reckoned):,}"


BEYOND = 1000
"""So many times what was measured is no reckoning any more."""


def _meets(before: tuple[int, float], after: tuple[int, float]) -> float:
    """Return where the ratio is 1, on a line through both, both axes by factors: two digits."""
    falls = math.log(before[1] / after[1]) / math.log(after[0] / before[0])
    power = math.log(after[0]) + math.log(after[1]) / falls
    return float(f"{math.exp(power):.1e}") if power < 100 else math.inf


STEPS = {"export": export}

if __name__ == "__main__":
    tell_cost(lambda: STEPS[sys.argv[1]](**json.loads(sys.argv[2])))

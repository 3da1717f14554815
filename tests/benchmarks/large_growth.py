"""What a store and its answers grow with: messages, senders, days and tenants, one at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from large_asked import COUNTED, EVERY_DAY, OF_ALL_DAYS, Asked, counted, step
from large_stores import Large
from measuring import Column, Picture, Result, Table, shown

FACTORS: Mapping[str, tuple[int, int, int]] = {
    "messages": (1, 3, 10), "senders": (1, 3, 10), "days": (1, 3, 10), "tenants": (1, 10, 100),
}  # fmt: skip
"""By how much each grows while the others stay as they are."""

BASE_DAYS, BASE_SENDERS = 40, 2_000
ASKED_OF_ROWS = ("insight", "tls-by-day", "senders")


@dataclass(frozen=True)
class Figure:
    """A figure of a store, in its unit."""

    title: str
    value: Any
    unit: str


def base(folder: Path, messages: int) -> Large:
    """Return the smallest store; the largest stays below what a load judges at its end."""
    few = max(4_000, messages // 250)
    return Large(folder / "growth", few, min(BASE_SENDERS, few // 20), BASE_DAYS, files=1)


def grown(smallest: Large, what: str, factor: int) -> Large:
    """Return a store that is larger in one way."""
    return replace(smallest, **{what: getattr(smallest, what) * factor})


def measure(result: Result, folder: Path, messages: int, limit_s: float) -> None:
    """Make each store, ask it, remove it."""
    smallest = base(folder, messages)
    table = result.table(
        "slopes",
        [
            Column("what grows, the rest as it is", once=True), Column("figure"),
            Column("small"), Column("middle"), Column("large"), Column("x for ten times", "x"),
        ],
        Picture("x for ten times", "figure", "what grows, the rest as it is", is_grid=True),
        f"The small store is the baseline of each: {smallest.messages:,} messages of "
        f"{smallest.senders:,} senders on {smallest.days} days, one tenant. The last column is the "
        "large beside the small, as a power brought to ten times as much: 1 does not grow, 10 grows "
        "in step. Of answers it is the processor time of a second asking.",
    )  # fmt: skip
    smallest.load_of_tenants()  # What the first load of all pays for is no growth.
    known: dict[Large, list[Figure]] = {}
    for what, factors in FACTORS.items():
        stores = [grown(smallest, what, factor) for factor in factors]
        for each in stores:
            if each not in known:
                known[each] = figures_of(each, limit_s)
        amounts = ", ".join(f"{getattr(each, what):,}" for each in stores)
        _add(table, f"{what}: {amounts}", factors, [known[each] for each in stores])


def _add(table: Table, title: str, factors: tuple[int, ...], found: list[list[Figure]]) -> None:
    for figures in zip(*found, strict=True):
        grows = for_ten_times(figures[0].value, figures[-1].value, factors[-1] / factors[0])
        cells = [_cell(figure) for figure in figures]
        table.add(title, figures[0].title, *cells, grows)


def _cell(figure: Figure) -> str:
    text = shown(figure.value, figure.unit)
    return text if isinstance(figure.value, str) or figure.unit == "n" else f"{text} {figure.unit}"


def for_ten_times(small: Any, large: Any, factor: float) -> float | None:
    """Return how many times as much a figure is for ten times as much.

    >>> round(for_ten_times(2.0, 200.0, 100), 6), for_ten_times(5.0, 5.0, 10)
    (10.0, 1.0)
    """
    if isinstance(small, str) or isinstance(large, str) or not small or not large:
        return None
    return float(10 ** (math.log10(large / small) / math.log10(factor)))


def figures_of(store: Large, limit_s: float) -> list[Figure]:
    """Load it, ask it and remove it."""
    store.forget()
    loaded = store.load_of_tenants()
    found = [
        Figure("load", loaded["seconds"], "s"),
        Figure("load, processor", loaded["cpu"], "s"),
        Figure("load, peak memory", loaded["peak_mb"], "MB"),
        Figure("store", loaded["mb"], "MB"),
        Figure("rows of daily_by_sender", _rollup_rows(store), "n"),
    ]
    questions = [(title, asked.name, dict(asked.filters)) for title, asked in _questions(store)]
    again = step("ask_each", limit_s, store=str(store.store), questions=questions)
    found += [Figure(title, again.get(title) or again["again"], "ms") for title, *_ in questions]
    store.remove()
    return found


def _rollup_rows(store: Large) -> int:
    import duckdb

    with duckdb.connect(str(store.store), read_only=True) as con:
        found = con.execute("select count(*) from daily_by_sender").fetchone()
    assert found
    return int(found[0])


def _questions(store: Large) -> list[tuple[str, Asked]]:
    """Return what is asked; of several tenants, answers that are of all of them."""
    first = store.first_day
    asked = [(f"{n}, rollups", counted(n, EVERY_DAY, False, first)) for n in COUNTED]
    asked += [(f"{n}, rows", counted(n, EVERY_DAY, True, first)) for n in ASKED_OF_ROWS]
    return asked + [(each.title, each) for each in OF_ALL_DAYS]

"""The large made-up store of the benchmarks is a store as this kit makes it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from smtpauth_kit import answers
from smtpauth_kit.base.filters import filters
from smtpauth_kit.store.store import open_store

FILE = Path(__file__).parents[1] / "benchmarks" / "screen_store.py"


def test_a_store_that_benchmarks_make_counts_every_message_once(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("screen_store", FILE)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    made.make_store(tmp_path / "s.duckdb", 4000)
    store = open_store(tmp_path / "s.duckdb")
    whole = filters(start="2025-10-18", end=made.LAST_DAY)
    assert answers.ask(store, "insight", whole).rows["message_count"].tolist() == [4000]
    days = answers.ask(store, "sending-volume", whole).rows.groupby("period_start")["message_count"]
    assert days.sum().tolist() == [4000 // made.DAYS] * made.DAYS
    assert store.sql("select sum(message_count) as n from daily_by_sender")["n"].tolist() == [4000]

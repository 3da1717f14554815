"""What is asked of the stores of `large.py`: one answer, in a process of its own, with a limit."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from large_stores import LAST_DAY, Large, Told
from measuring import (
    Column,
    Failed,
    Picture,
    Result,
    in_own_process,
    ratio,
    repeated,
    tell_cost,
    timed,
)

HERE = Path(__file__)
WEEK, EVERY_DAY = "7 days", "every day"
WEEK_DAYS = (LAST_DAY - dt.timedelta(days=7), LAST_DAY - dt.timedelta(days=1))
"""Of another zone the last day ends in the middle: what compares days is not told of it."""
ZONE = "Europe/Amsterdam"
"""Days of another zone than UTC are counted from the rollups and the rows near midnight, or, of each
sender, from all rows: the rollups are of UTC."""
SENDER, CLIENT_IP = "sender000000@dept000.contoso.com", "192.0.2.1"
"""The busiest sender, and an address that several use."""

COUNTED = (
    "insight", "sending-volume", "tls-usage", "auth-usage", "tls-by-day", "auth-by-day",
    "volume-by-sender", "volume-by-domain", "senders-by-tls", "senders",
)  # fmt: skip
"""Answers that are given from rollups, and from rows where days of another zone are asked for."""


@dataclass(frozen=True)
class Asked:
    """One question: an answer's name and its filters, as JSON has them."""

    title: str
    name: str
    filters: Mapping[str, Any]


OF_ALL_DAYS = (
    Asked("sender", "sender", {"sender": SENDER}),
    Asked("devices of a sender", "devices", {"sender": SENDER}),
    Asked("who-else, an address", "who-else", {"client_ips": [CLIENT_IP]}),
    Asked("who-else, an account", "who-else", {"accounts": [SENDER]}),
    Asked("readiness", "readiness", {}),
    Asked("switch-off", "switch-off", {}),
    Asked("burn-down", "burn-down", {}),
    Asked("went-quiet", "went-quiet", {}),
    Asked("never-seen", "never-seen", {}),
    Asked("reconciliation", "reconciliation", {}),
    Asked("findings", "findings", {}),
    Asked("tenants", "tenants", {}),
    Asked("files", "files", {}),
)
"""Answers that look at every day, each in one way."""


COMPARED = ("new-senders", "gone-senders", "changed-senders")
"""The same with the days before; before all days there are none."""


def counted(name: str, days: str, from_rows: bool, first_day: dt.date) -> Asked:
    """Return the question for one of COUNTED or COMPARED."""
    start, end = (first_day, LAST_DAY) if days == EVERY_DAY else WEEK_DAYS
    filters: dict[str, Any] = {"start": start.isoformat(), "end": end.isoformat()}
    return Asked(name, name, filters | ({"timezone": ZONE} if from_rows else {}))


# --- asking: each in a process of its own -----------------------------------------------------


def ask(store: str, name: str, filters: dict[str, Any]) -> Told:
    """Ask of a file, or of tables on Spark; what a store's opening costs is paid before."""
    from smtpauth_kit import answers
    from smtpauth_kit.base.filters import Filters
    from smtpauth_kit.store.opening import open_store

    days = {n: dt.date.fromisoformat(filters[n]) for n in ("start", "end") if n in filters}
    places = {n: tuple(filters[n]) for n in ("client_ips", "accounts") if n in filters}
    chosen = Filters(**{**filters, **days, **places})
    opened = open_store(store)
    opening, _ = timed(lambda: answers.ask(opened, "files"))
    told = _asked_again(lambda: _rows(answers.ask(opened, name, chosen)), _forgetting(opened))
    return {"opening_s": opening.seconds, **told}


def ask_each(store: str, questions: list[tuple[str, str, dict[str, Any]]]) -> Told:
    """Ask several things of a small store; return the processor's milliseconds of a second asking."""
    return {title: ask(store, name, filters)["again_cpu"] for title, name, filters in questions}


def _rows(answer: Any) -> int | str:
    """Return how many rows there are; an answer that cannot be given has no columns."""
    return len(answer.rows) if len(answer.rows.columns) else "not told"


def _forgetting(store: Any) -> Callable[[], None]:
    """Return what lets a store on Spark forget rows it keeps: an answer again is one of Spark's."""
    if not hasattr(store, "_session"):
        return lambda: None

    def forget() -> None:
        for key in [key for key in store._known if key[0] == "rows"]:
            del store._known[key]

    return forget


def by_hand(database: str, days: str, parquet: str = "") -> Told:
    """Ask plain DuckDB what a person would: messages of each sender by TLS version."""
    import duckdb

    con = duckdb.connect(database, read_only=bool(database))
    con.execute("set memory_limit = '1200MB'")
    query = _by_hand(f"read_parquet('{parquet}/**/*.parquet')" if parquet else "t", days)
    return _asked_again(lambda: len(con.execute(query).fetchall()))


def by_hand_on_spark(folder: str, days: str) -> Told:
    """Ask Spark the same of the same Parquet."""
    from smtpauth_kit.store.spark_session import own_session

    session = own_session()
    query = _by_hand(f"parquet.`{folder}`", days)
    return _asked_again(lambda: len(session.sql(query).collect()))


def _by_hand(table: str, days: str) -> str:
    """Return the query, over the export's columns or over those of the kit's tables."""
    plain = table == "t"
    sender, tls, at = (
        ("sender", "tls", "date") if plain else ("sender_address", "tls_version", "sent_at")
    )
    first, last = WEEK_DAYS
    where = f"where {at} >= date '{first}' and {at} < date '{last}' + interval 1 day"
    where = where if days == WEEK else ""
    return f"select {sender}, {tls}, count(*) from {table} {where} group by {sender}, {tls}"


def _asked_again(ask: Callable[[], int | str], forget: Callable[[], None] = lambda: None) -> Told:
    """Return milliseconds of a first asking and the median of the next, of clock and processor."""
    first, again, rows = repeated(ask, 4, forget)
    return {
        "rows": rows,
        "first": first.seconds * 1000,
        "again": again.seconds * 1000,
        "again_cpu": again.cpu * 1000,
    }


STEPS = {each.__name__: each for each in (ask, ask_each, by_hand, by_hand_on_spark)}


def step(name: str, limit_s: float, /, **of: Any) -> Told:
    """Ask in a process of its own; where it comes to nothing, that is said in place of figures."""
    try:
        if told := in_own_process(HERE, name, json.dumps(of), limit_s=limit_s):
            return told
        instead = f"not in {limit_s:g} s"
    except Failed as error:
        print(error, file=sys.stderr)
        instead = "failed"
    for spilled in Path(of.get("store", "")).parent.glob("*.tmp"):
        shutil.rmtree(spilled, ignore_errors=True)  # What DuckDB spilled before it was ended.
    return dict.fromkeys(("rows", "first", "again", "again_cpu", "peak_mb"), instead)


def answered(store: Path | str, asked: Asked, limit_s: float) -> Told:
    """Ask a question of a store."""
    return step("ask", limit_s, store=str(store), name=asked.name, filters=dict(asked.filters))


# --- the part `answers` -----------------------------------------------------------------------

BY_HAND = "by hand, plain DuckDB"
MILLIARD = 1_000_000_000


def measure(result: Result, large: Large, limit_s: float) -> None:
    """Ask each answer of what was loaded, and of a tenth of it."""
    tenth = large.tenth().loaded()
    large.loaded()
    _measure_counted(result, large, tenth, limit_s)
    _measure_of_all_days(result, large, tenth, limit_s)


def _columns(large: Large, tenth: Large, *words: Column) -> list[Column]:
    return [
        *words,
        Column(f"{tenth.messages:,} messages: again, ms", "ms"),
        Column(f"{large.messages:,} messages: first, ms", "ms"),
        Column("again, ms", "ms"),
        Column("x by hand", "x"),
        Column("x the tenth", "x"),
        Column("1,000,000,000 reckoned, ms", "ms"),
        Column("peak MB", "MB"),
        Column("rows", "n"),
    ]


def _figures(large: Large, few: Told, many: Told, hand: Told) -> list[Any]:
    return [
        few["again"], many["first"], many["again"], ratio(many["again"], hand["again"]),
        ratio(many["again"], few["again"]),
        reckoned(large.messages, few["again"], many["again"]), many["peak_mb"], many["rows"],
    ]  # fmt: skip


def reckoned(messages: int, few: Any, many: Any) -> float | None:
    """Return what a thousand million take, if it goes on as from a tenth of so many to these.

    >>> round(reckoned(100_000_000, 1.0, 10.0), 6), reckoned(100_000_000, 3.0, 2.9)
    (100.0, 2.9)
    """
    if not isinstance(few, float) or not isinstance(many, float):
        return None
    slope = (many - few) / (messages - messages // 10)
    return float(many + max(0.0, slope) * (MILLIARD - messages))


_BASELINE = (
    "x by hand: beside plain DuckDB, which counts the messages of each sender by TLS version over a "
    "table of the same rows with the export's columns. The last but two is arithmetic, no "
    "measurement: what the step from a tenth to all takes more, gone on with in a straight line."
)


def _measure_counted(result: Result, large: Large, tenth: Large, limit_s: float) -> None:
    table = result.table(
        "counted", _columns(large, tenth, Column("asked", once=True), Column("answer")),
        Picture("again, ms", "answer", "asked"), _BASELINE, [BY_HAND],
    )  # fmt: skip
    for days in (WEEK, EVERY_DAY):
        few, hand = _by_hand_of(tenth, days, limit_s), _by_hand_of(large, days, limit_s)
        for source in ("rollups", "rows"):
            title = f"{days}, from {source}"
            table.add(title, BY_HAND, *_figures(large, few, hand, hand))
            for name in COUNTED + (COMPARED if days == WEEK else ()):
                asked = counted(name, days, source == "rows", large.first_day)
                both = [answered(each.store, asked, limit_s) for each in (tenth, large)]
                table.add(title, name, *_figures(large, *both, hand))


def _by_hand_of(large: Large, days: str, limit_s: float) -> Told:
    return step("by_hand", limit_s, database=str(large.plain), days=days)


def _measure_of_all_days(result: Result, large: Large, tenth: Large, limit_s: float) -> None:
    table = result.table(
        "every-day", _columns(large, tenth, Column("answer")), Picture("again, ms", "answer"),
        _BASELINE, [BY_HAND],
    )  # fmt: skip
    few, hand = (_by_hand_of(each, EVERY_DAY, limit_s) for each in (tenth, large))
    table.add(BY_HAND, *_figures(large, few, hand, hand))
    for asked in OF_ALL_DAYS:
        both = [answered(each.store, asked, limit_s) for each in (tenth, large)]
        table.add(asked.title, *_figures(large, *both, hand))


if __name__ == "__main__":
    tell_cost(lambda: STEPS[sys.argv[1]](**json.loads(sys.argv[2])))

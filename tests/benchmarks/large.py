"""A hundred million messages on one machine: loading, answers, what each grows with, and Spark.

    python tests/benchmarks/large.py FOLDER --part load                     # 19 GB of exports, and the store
    python tests/benchmarks/large.py FOLDER --part answers                  # of what was loaded
    python tests/benchmarks/large.py FOLDER --part growth
    python tests/benchmarks/large.py FOLDER --part spark                    # wants the extra, Java 17
    python tests/benchmarks/large.py FOLDER --part exports                  # makes them, measures nothing
    python tests/benchmarks/large.py FOLDER --part load --messages 1000000  # a hundredth of it

The exports are plain submission logs that follow each other, as they are loaded month by month: ten
files of 40 days each, 20,000 senders in 200 domains. Each is loaded by the loader that `smtpauth
load` has. A thousand million messages are reckoned from the measured slopes.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]
import large_asked  # noqa: E402
import large_growth  # noqa: E402
import large_spark  # noqa: E402
from large_asked import MILLIARD  # noqa: E402
from large_stores import Large, Told, at_scale  # noqa: E402
from measuring import Column, Picture, Result, arguments, measuring, ratio  # noqa: E402

PLAIN, KIT = "(a) DuckDB, INSERT", "the kit"
Loads = list[tuple[int, Told]]
"""Messages that a load leaves in the store, and what it took."""


def measure_loads(result: Result, large: Large) -> None:
    """Load file after file into one store, and into a table of plain DuckDB."""
    table = result.table(
        "files",
        [
            Column("messages then", "n"), Column("at its end"), Column("what"), Column("s", "s"),
            Column("x (a)", "x"), Column("CPU s", "s"), Column("CPU x (a)", "x"),
            Column("peak MB", "MB"), Column("MB in all", "MB"), Column("MB x the exports", "x"),
        ],
        Picture("s", "what", along="messages then"),
        "(a) inserts the same file into a table of plain DuckDB: all text but the time, no "
        "validation, no rejects, no keys, no rollups; a process of its own for each.",
        [PLAIN],
    )  # fmt: skip
    large.forget()
    plain: Loads = []
    kit: Loads = []
    exported = 0.0
    for export, of_plain, of_kit in large.loads():
        messages = int(of_kit["messages"])
        exported += export.stat().st_size / 2**20
        for what, told, loads in ((PLAIN, of_plain, plain), (KIT, of_kit, kit)):
            loads.append((messages, told))
            table.add(
                messages, at_its_end(messages) if what == KIT else "", what, told["seconds"],
                ratio(told["seconds"], of_plain["seconds"]), told["cpu"],
                ratio(told["cpu"], of_plain["cpu"]), told["peak_mb"], told["mb"],
                ratio(told["mb"], exported),
            )  # fmt: skip
    _reckon(result, plain, kit)


def at_its_end(messages: int) -> str:
    """Return what a load that leaves so many messages does at its end."""
    from smtpauth_kit.loading.judging import MOST_COUNTED, MOST_KEPT, MOST_UNKEPT

    if not MOST_UNKEPT < messages <= MOST_COUNTED:
        return "neither counts nor judges"
    return "judges all days" if messages <= MOST_KEPT else "counts its days"


def _reckon(result: Result, plain: Loads, kit: Loads) -> None:
    """Add what a thousand million would take, beside what was measured."""
    most = kit[-1][0]
    table = result.table(
        "reckoned",
        [
            Column("what"), Column("messages", "n"), Column("how it is known"),
            Column("s of loading", "s"), Column("x (a)", "x"), Column("MB in all", "MB"),
            Column("MB x (a)", "x"), Column("most memory, MB", "MB"),
        ],
        Picture("s of loading", "what", "messages"),
        "What is reckoned is arithmetic, no measurement: loads go on taking longer with what the "
        "store holds already, as a straight line through the measured ones (of those that do the "
        "same at their end as the last); the room grows in step with the messages.",
        [PLAIN],
    )  # fmt: skip
    for messages, known in ((most, "measured"), (MILLIARD, "reckoned, not measured")):
        base = seconds_up_to(plain, messages), room_at(plain, messages)
        for what, loads in ((PLAIN, plain), (KIT, kit)):
            seconds, room = seconds_up_to(loads, messages), room_at(loads, messages)
            memory = max(told["peak_mb"] for _, told in loads) if known == "measured" else None
            table.add(
                what, messages, known, seconds, ratio(seconds, base[0]), room,
                ratio(room, base[1]), memory,
            )  # fmt: skip


def seconds_up_to(loads: Loads, messages: int) -> float:
    """Return the seconds of all loads up to so many messages, those not measured by a line.

    >>> loads = [(10, {"seconds": 1.0}), (20, {"seconds": 2.0}), (30, {"seconds": 3.0})]
    >>> seconds_up_to(loads, 30), seconds_up_to(loads, 50)
    (6.0, 15.0)
    """
    measured = sum(told["seconds"] for _, told in loads)
    most, size = loads[-1][0], loads[-1][0] // len(loads)
    alike = [each for each in loads if at_its_end(each[0]) == at_its_end(most)]
    points = alike if len(alike) > 1 else loads
    slope, start = line([n for n, _ in points], [told["seconds"] for _, told in points])
    more = range(most + size, messages + 1, size)
    return float(measured + sum(start + slope * after for after in more))


def line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """Return slope and start of the straight line through points; of one point, a level one."""
    if len(xs) < 2:
        return 0.0, ys[0]
    slope, start = statistics.linear_regression(xs, ys)
    # What gets faster as it grows is chance.
    return (slope, start) if slope > 0 else (0.0, statistics.mean(ys))


def room_at(loads: Loads, messages: int) -> float:
    """Return the MB of a store of so many messages."""
    most, told = loads[-1]
    return float(told["mb"]) * messages / most


def main() -> None:
    """Measure one part."""
    parser = arguments(__doc__)
    parts = ("exports", "load", "answers", "growth", "spark")
    parser.add_argument("--part", choices=parts, required=True)
    parser.add_argument("--messages", type=int, default=100_000_000)
    parser.add_argument(
        "--limit", type=float, default=300.0, help="seconds that an answer may take"
    )
    given = parser.parse_args()
    large = at_scale(given.folder, given.messages)
    if given.part == "exports":
        large.exports()
        return
    with measuring(f"large-{given.part}", given) as result:
        if given.part == "load":
            measure_loads(result, large)
        elif given.part == "answers":
            large_asked.measure(result, large, given.limit)
        elif given.part == "growth":
            large_growth.measure(result, given.folder, given.messages, given.limit)
        else:
            large_spark.measure(result, large, given.limit)


if __name__ == "__main__":
    main()

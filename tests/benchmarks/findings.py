"""How well, and how fast, findings tell what was planted in tenants that they were not tuned on.

python tests/benchmarks/findings.py FOLDER                # what they are worth, some minutes
python tests/benchmarks/findings.py FOLDER --tuning       # the seeds to tune on, with examples
python tests/benchmarks/findings.py FOLDER --large        # 50 M messages: wants 6 GB in FOLDER
"""

from __future__ import annotations

import itertools
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import (  # noqa: E402
    Cell,
    Column,
    Cost,
    Picture,
    Result,
    Table,
    arguments,
    measuring,
    middle,
    ratio,
    timed,
)

from smtpauth_kit.sample.tenants import Labels, TenantShape, read_labels  # noqa: E402
from smtpauth_kit.sample.tenants.baselines import BASELINES, volumes_of  # noqa: E402
from smtpauth_kit.sample.tenants.into_store import write_store  # noqa: E402
from smtpauth_kit.sample.tenants.scoring import Score, score  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402

TUNING_SEEDS = (1, 2, 3, 4, 5)
REPORT_SEEDS = (311, 312, 313, 314)
"""Nothing may be tuned on these: who looks at their misses chooses others."""
LARGE = TenantShape(seed=900, senders=20_000, days=400, busyness=1.12)
Row = dict[str, Any]


def shape_of(seed: int, senders: int) -> TenantShape:
    """Return a tenant; one of few senders has no room for every event twice."""
    usual = TenantShape(seed=seed, senders=senders)
    return usual if senders >= TenantShape().senders else replace(usual, events=1)


def made_store(folder: Path, shape: TenantShape) -> tuple[Store, Labels]:
    """Return the store of a tenant and its labels, made once."""
    path = folder / f"tenant-{shape.seed}-{shape.senders}x{shape.days}.duckdb"
    beside = path.with_suffix(".labels.json")
    if not beside.exists():
        path.unlink(missing_ok=True)
        told = write_store(path, shape)
        count_its_days(path)
        told.write(beside)
    return open_store(path), read_labels(beside)


def count_its_days(path: Path) -> None:
    """Count the days of a store as a load does at its end, and print what the processor did."""
    from smtpauth_kit.loading.counting_days import count_days
    from smtpauth_kit.loading.judging import keep_figures
    from smtpauth_kit.store.writer import Writer

    began = time.process_time()
    with closing(Writer(path, True, lambda: None)) as writer:
        count_days(writer)
        counted = time.process_time() - began
        keep_figures(writer)
        writer.finish()
    print(f"{path.name}: its days are counted (processor {counted:.1f} s).")


def judged(store: Store) -> list[Row]:
    """Return the rows of the answer `findings`, of every severity and state, in their order."""
    asked = [str(Path(sys.executable).with_name("smtpauth")), "--store", str(store.path)]
    done = subprocess.run(
        [*asked, "show", "findings", "--state", "all", "--json"], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return list(json.loads(done.stdout)["rows"])


def judging(store: Store) -> Cost:
    """Return what a first reckoning of all days takes."""
    from smtpauth_kit.answers.findings.judging import judge

    return timed(lambda: judge(store))[0]


def by_hand(store: Store) -> Cost:
    """Return what the messages of each sender and day by TLS version, address and hour take."""
    return timed(lambda: store.run(_BY_HAND))[0]


_BY_HAND = """
select count(*) from (
    select sender_id, period_start, tls_version, auth_protocol, client_ip,
        extract(hour from sent_at) as hour, sum(message_count) as message_count
    from submission_rows group by all
) as counted
"""


def add_times(result: Result, stores: Sequence[Store], folder: Path) -> None:
    """Add what a first reckoning and one more day take."""
    table = result.table(
        "times",
        [
            Column("work"), Column("s", "s"), Column("CPU s", "s"), Column("CPU x by hand", "x"),
        ],
        Picture("CPU s", "work"),
        "By hand: DuckDB groups all messages by sender, day, TLS version, authentication, address "
        "and hour, once; of several tenants the middle is told.",
        ["by hand"],
    )  # fmt: skip
    hand = middle([by_hand(store) for store in stores])
    judged_in = middle([judging(store) for store in stores])
    whole, of_judging = one_more_day(stores[-1], folder)
    for work, cost in (
        ("by hand", hand),
        ("judging all days for the first time", judged_in),
        ("loading one more day", whole),
        ("of which counting and judging", of_judging),
    ):
        table.add(work, *cost, ratio(cost.cpu, hand.cpu))


def one_more_day(store: Store, folder: Path) -> tuple[Cost, Cost]:
    """Return what a load of the day after the last takes, and how much of it is judging."""
    from smtpauth_kit.loading import loading

    copy, logs = folder / "one-more-day.duckdb", []
    shutil.copyfile(store.path, copy)
    for ahead in (7, 8):
        logs.append(folder / f"in-{ahead}-days.csv")
        store.sql(_NEXT_DAY.format(ahead=ahead), limit_s=600).to_csv(logs[-1], index=False)
    spent = Cost(0.0, 0.0)
    keep = loading.keep_what_can_be_found

    def noted(*args: Any, **named: Any) -> None:
        nonlocal spent
        spent = timed(lambda: keep(*args, **named))[0]

    opened = open_store(copy)
    loading.load(opened, logs[0])  # with it all days are judged for the first time
    loading.keep_what_can_be_found = noted
    try:
        whole, _ = timed(lambda: loading.load(opened, logs[1]))
    finally:
        loading.keep_what_can_be_found = keep
    copy.unlink()
    return whole, spent


_NEXT_DAY = """
select strftime(sent_at + interval {ahead} day, '%Y-%m-%dT%H:%M:%SZ') as "Date",
    sender_address as "Sender address", recipients as "Recipient address",
    'again-{ahead}-' || message_id as "Message ID", tls_version as "TLS version",
    client_ip as "Client IP", auth_protocol as "Authentication protocol", account as "Account"
from submissions
where period_start = (select max(period_start) - 6 from submissions) order by sent_at
"""


def added(scores: Sequence[Score]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return planted, told, told by its own rule, by rule and strength over all tenants."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for one in itertools.chain.from_iterable(s.recalls for s in scores):
        before = sums.get((one.rule, one.strength), (0, 0, 0))
        new = (one.planted, one.told, one.told_by_own)
        sums[one.rule, one.strength] = tuple(map(sum, zip(before, new, strict=True)))  # type: ignore[assignment]
    return sums


def add_rules(result: Result, scores: Sequence[Score]) -> None:
    """Add recall by rule and strength, and the alarms of each rule."""
    sums, alarms = added(scores), Counter[tuple[str, str]]()
    for one in scores:
        for rule, (true, false) in one.by_rule.items():
            alarms[rule, "true"] += true
            alarms[rule, "false"] += false
    table = result.table(
        "rules",
        [
            Column("rule"), Column("weak"), Column("medium"), Column("strong"),
            Column("by the rule itself"), Column("told by any", "share"),
            Column("alarms: true", "n"), Column("false", "n"),
        ],
        Picture("told by any", "rule"), "Beside each what was planted: the baseline is all of it.",
    )  # fmt: skip
    for rule in sorted({rule for rule, _ in sums} | {rule for rule, _ in alarms}):
        cells: list[Cell] = [rule]
        for strength in ("weak", "medium", "strong"):
            planted, told, _ = sums.get((rule, strength), (0, 0, 0))
            cells.append(f"{told} of {planted}")
        planted, told, own = (sum(v[i] for k, v in sums.items() if k[0] == rule) for i in range(3))
        true, false = alarms[rule, "true"], alarms[rule, "false"]
        table.add(*cells, f"{own} of {planted}", ratio(told, planted), true, false)


def add_line(
    table: Table, name: str, scores: Sequence[Score], rules: set[str] | None = None
) -> None:
    """Add what one way of finding is worth; with `rules`, recall is of their events only."""
    sums = added(scores)
    of = [v for (rule, _), v in sums.items() if rules is None or rule in rules]
    planted, told = (sum(v[i] for v in of) for i in (0, 1))
    precise = [s.precision for s in scores if s.precision is not None]
    firsts = [sum(s.first_rows_true) / len(s.first_rows_true) for s in scores if s.first_rows_true]
    table.add(
        name, ratio(told, planted), _mean(precise),
        statistics.mean(s.false_per_1000 for s in scores), _mean(firsts),
        _middle(s.findings_per_event for s in scores), _middle(s.delay_days for s in scores),
    )  # fmt: skip


def add_kinds(result: Result, scores: Sequence[Score]) -> None:
    """Add false alarms by kind of sender."""
    table = result.table(
        "kinds",
        [Column("kind of sender"), Column("false alarms", "n"), Column("per 1,000 sender-days", "share")],
        Picture("false alarms", "kind of sender"), "None at all is what there should be.",
    )  # fmt: skip
    for kind in sorted({kind for s in scores for kind in s.false_by_kind}):
        held = [s.false_by_kind[kind] for s in scores if kind in s.false_by_kind]
        rates = [rate for _, rate in held if rate is not None]
        table.add(kind, sum(n for n, _ in held), _mean(rates))


def examples(scores: Sequence[Score], most: int = 8) -> None:
    """Print what was missed, and the first false alarms of each rule: for tuning only."""
    for seed, one in zip(TUNING_SEEDS, scores, strict=True):
        for event in one.missed:
            print(f"missed, seed {seed}:", json.dumps(event.as_row()))
    seen = Counter[str]()
    false = [(n, t) for n, one in zip(TUNING_SEEDS, scores, strict=True) for t in one.false_alarms]
    for seed, told in false:
        seen[told.row["rule"]] += 1
        if seen[told.row["rule"]] <= most:
            names = ("rule", "severity", "subject", "first_seen", "last_seen", "sentence")
            beside = f" (near {told.beside}, of another rule)" if told.beside else ""
            print(f"false, seed {seed}:", json.dumps({n: str(told.row[n]) for n in names}) + beside)


def _mean(values: Sequence[float]) -> float | None:
    return statistics.mean(values) if values else None


def _middle(values: Iterable[float | None]) -> float | None:
    held = [v for v in values if v is not None]
    return float(statistics.median(held)) if held else None


def report(result: Result, folder: Path, seeds: Sequence[int], senders: int) -> list[Score]:
    """Measure what findings are worth in the tenants of these seeds; return the kit's scores."""
    own: list[Score] = []
    others: dict[str, list[Score]] = {name: [] for name in BASELINES}
    stores = []
    for seed in seeds:
        store, labels = made_store(folder, shape_of(seed, senders))
        stores.append(store)
        own.append(score(judged(store), labels))
        volumes = volumes_of(store.sql(_VOLUMES), labels)
        for name, find in BASELINES.items():
            others[name].append(score(find(volumes), labels))
    baselines = {f"{name}; recall of volume_spike only": found for name, found in others.items()}
    table = result.table(
        "worth",
        [
            Column("found by"), Column("recall", "share"), Column("precision", "share"),
            Column("false alarms per 1,000 sender-days", "share"),
            Column("first 20 rows true", "share"), Column("alarms per event", "share"),
            Column("delay, days", "share"),
        ],
        Picture("precision", "found by"), "The baselines are what everybody tries first.",
        [*baselines],
    )  # fmt: skip
    add_line(table, "the kit, all rules", own)
    for name, scores in baselines.items():
        add_line(table, name, scores, {"volume_spike"})
    add_rules(result, own)
    add_kinds(result, own)
    add_times(result, stores, folder)
    return own


_VOLUMES = """
select sender_address, period_start, sum(message_count)::bigint as message_count
from daily_by_sender group by all
"""


def main() -> None:
    """Measure what the arguments ask for."""
    parser = arguments(__doc__)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--senders", type=int, help="2,000; of --large 20,000")
    given = parser.parse_args()
    with measuring("findings-large" if given.large else "findings", given) as result:
        if given.large:
            senders = given.senders or LARGE.senders
            large = replace(LARGE, senders=senders, events=shape_of(1, senders).events)
            store, labels = made_store(given.folder, large)
            result.note(f"{len(labels.sender_kinds):,} senders, {labels.days} days.")
            add_times(result, [store], given.folder)
            return
        seeds = TUNING_SEEDS if given.tuning else REPORT_SEEDS
        scores = report(result, given.folder, seeds, given.senders or TenantShape().senders)
    if given.tuning:
        examples(scores)


if __name__ == "__main__":
    main()

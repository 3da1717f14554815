"""How well, and how fast, findings tell what was planted in tenants that they were not tuned on.

python tests/benchmarks/findings.py FOLDER                # tables of README.md, some minutes
python tests/benchmarks/findings.py FOLDER --tuning       # the seeds to tune on, with examples
python tests/benchmarks/findings.py FOLDER --large        # 50 M messages: wants 6 GB in FOLDER
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from smtpauth_kit.sample.tenants import Labels, TenantShape, read_labels
from smtpauth_kit.sample.tenants.baselines import BASELINES, volumes_of
from smtpauth_kit.sample.tenants.into_store import write_store
from smtpauth_kit.sample.tenants.scoring import Score, score
from smtpauth_kit.store.store import Store, open_store

TUNING_SEEDS = (1, 2, 3, 4, 5)
REPORT_SEEDS = (311, 312, 313, 314)
"""Nothing may be tuned on these: who looks at their misses chooses others."""
LARGE = TenantShape(seed=900, senders=20_000, days=400, busyness=1.12)
Row = dict[str, Any]


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
    from smtpauth_kit.store.writer import Writer

    began = time.process_time()
    with closing(Writer(path, True, lambda: None)) as writer:
        count_days(writer)
        writer.finish()
    print(f"{path.name}: its days are counted (processor {time.process_time() - began:.1f} s).")


def judged(store: Store) -> list[Row]:
    """Return the rows of the answer `findings`, of every severity and state, in their order."""
    asked = [str(Path(sys.executable).with_name("smtpauth")), "--store", str(store.path)]
    done = subprocess.run(
        [*asked, "show", "findings", "--state", "all", "--json"], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return list(json.loads(done.stdout)["rows"])


def seconds_to_judge(store: Store) -> tuple[float, float]:
    """Return how long a first reckoning of all days takes, by the clock and on all cores."""
    from smtpauth_kit.answers.findings.judging import judge

    start, cpu = time.perf_counter(), time.process_time()
    judge(store)
    return time.perf_counter() - start, time.process_time() - cpu


def say_times(times: Sequence[tuple[float, float]]) -> None:
    """Print the best and the worst first reckoning."""
    clock, cpu = ([t[i] for t in times] for i in (0, 1))
    print(
        f"A first reckoning of all days: {min(clock):.1f} to {max(clock):.1f} s"
        f" (processor {min(cpu):.1f} to {max(cpu):.1f} s)."
    )


def seconds_for_one_more_day(store: Store, folder: Path) -> tuple[float, float, float]:
    """Return how long a load of the day after the last takes, and how much of it is judging.

    The last figure is of judging on all cores.
    """
    from smtpauth_kit.loading import loading

    copy, logs = folder / "one-more-day.duckdb", []
    shutil.copyfile(store.path, copy)
    for ahead in (7, 8):
        logs.append(folder / f"in-{ahead}-days.csv")
        store.sql(_NEXT_DAY.format(ahead=ahead), limit_s=600).to_csv(logs[-1], index=False)
    spent = cpu = 0.0
    keep = loading.keep_what_can_be_found

    def timed(*args: Any, **named: Any) -> None:
        nonlocal spent, cpu
        start, began = time.perf_counter(), time.process_time()
        keep(*args, **named)
        spent += time.perf_counter() - start
        cpu += time.process_time() - began

    opened = open_store(copy)
    loading.load(opened, logs[0])  # with it all days are judged for the first time
    loading.keep_what_can_be_found = timed
    start = time.perf_counter()
    loading.load(opened, logs[1])
    whole = time.perf_counter() - start
    loading.keep_what_can_be_found = keep
    copy.unlink()
    return whole, spent, cpu


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


def rules_table(scores: Sequence[Score]) -> None:
    """Print recall by rule and strength, and the alarms of each rule."""
    sums, alarms = added(scores), Counter[tuple[str, str]]()
    for one in scores:
        for rule, (true, false) in one.by_rule.items():
            alarms[rule, "true"] += true
            alarms[rule, "false"] += false
    print("| rule | weak | medium | strong | by the rule itself | alarms: true | false |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for rule in sorted({rule for rule, _ in sums} | {rule for rule, _ in alarms}):
        cells = []
        for strength in ("weak", "medium", "strong"):
            planted, told, _ = sums.get((rule, strength), (0, 0, 0))
            cells.append(f"{told} of {planted}")
        planted, own = (sum(v[i] for k, v in sums.items() if k[0] == rule) for i in (0, 2))
        true, false = alarms[rule, "true"], alarms[rule, "false"]
        print(f"| {rule} | {' | '.join(cells)} | {own} of {planted} | {true} | {false} |")


def line(name: str, scores: Sequence[Score], rules: set[str] | None = None) -> None:
    """Print what one way of finding is worth; with `rules`, recall is of their events only."""
    sums = added(scores)
    of = [v for (rule, _), v in sums.items() if rules is None or rule in rules]
    planted, told = (sum(v[i] for v in of) for i in (0, 1))
    precise = [s.precision for s in scores if s.precision is not None]
    firsts = [sum(s.first_rows_true) / len(s.first_rows_true) for s in scores if s.first_rows_true]
    print(
        f"| {name} | {told / planted:.2f} | {_mean(precise)} |"
        f" {statistics.mean(s.false_per_1000 for s in scores):.2f} | {_mean(firsts)} |"
        f" {_middle(s.findings_per_event for s in scores)} |"
        f" {_middle(s.delay_days for s in scores)} |"
    )


def kinds_table(scores: Sequence[Score]) -> None:
    """Print false alarms by kind of sender."""
    print("| kind of sender | false alarms | per 1,000 sender-days |\n|---|---:|---:|")
    for kind in sorted({kind for s in scores for kind in s.false_by_kind}):
        held = [s.false_by_kind[kind] for s in scores if kind in s.false_by_kind]
        rates = [rate for _, rate in held if rate is not None]
        print(f"| {kind} | {sum(n for n, _ in held)} | {_mean(rates)} |")


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


def _mean(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.2f}" if values else "none"


def _middle(values: Any) -> str:
    held = [v for v in values if v is not None]
    return f"{statistics.median(held):g}" if held else "none"


HEAD = (
    "| | recall | precision | false alarms per 1,000 sender-days | first 20 rows true |"
    " alarms per event | delay, days |\n|---|---:|---:|---:|---:|---:|---:|"
)


def report(folder: Path, seeds: Sequence[int], judge: Callable[[Store], list[Row]]) -> list[Score]:
    """Print the tables of these seeds, and return the kit's scores."""
    own: list[Score] = []
    others: dict[str, list[Score]] = {name: [] for name in BASELINES}
    times = []
    for seed in seeds:
        store, labels = made_store(folder, TenantShape(seed=seed))
        own.append(score(judge(store), labels))
        times.append(seconds_to_judge(store))
        volumes = volumes_of(store.sql(_VOLUMES), labels)
        for name, find in BASELINES.items():
            others[name].append(score(find(volumes), labels))
    print(HEAD)
    line("the kit, all rules", own)
    for name, scores in others.items():
        line(f"{name}; recall of volume_spike only", scores, {"volume_spike"})
    print()
    rules_table(own)
    print()
    kinds_table(own)
    print()
    say_times(times)
    say_one_more_day(store, folder)
    return own


def say_one_more_day(store: Store, folder: Path) -> None:
    """Print how long one more day takes."""
    whole, judging, cpu = seconds_for_one_more_day(store, folder)
    print(
        f"Loading one more day: {whole:.1f} s, of which judging {judging:.1f} s"
        f" (processor {cpu:.1f} s)."
    )


_VOLUMES = """
select sender_address, period_start, sum(message_count)::bigint as message_count
from daily_by_sender group by all
"""


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.large:
        store, labels = made_store(given.folder, LARGE)
        print(f"{len(labels.sender_kinds):,} senders, {labels.days} days")
        say_times([seconds_to_judge(store)])
        say_one_more_day(store, given.folder)
        return
    scores = report(given.folder, TUNING_SEEDS if given.tuning else REPORT_SEEDS, judged)
    if given.tuning:
        examples(scores)


if __name__ == "__main__":
    main()

"""Files read by processes side by side: the same store and words, however many processes there are.

The processes are real ones, killed and stopped as they are in life.
"""

from __future__ import annotations

import os
import random
import signal
import time
from itertools import groupby
from pathlib import Path

import psutil
import pytest
from command import smtpauth
from conftest import LOG, LOG_HEADER, SAMPLE, WEEK, until
from depth import some, tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pollution import POLLUTIONS, clean
from test_crashes import ended, limited_to, start, state, work_files
from test_folder import fifty
from test_pollution_formats import CHANGES, EXPORTS

from smtpauth_kit.base.errors import Cancelled, KitError
from smtpauth_kit.loading import loading, reading_beside, workers
from smtpauth_kit.store.database import quoted, sql_text
from smtpauth_kit.store.store import Store, open_store

AS_MADE = {
    "store_info": "select * exclude (created_at) from store_info",
    "source_files": "select * exclude (loaded_at) from source_files",
}
"""What of a table does not depend on when it was written."""


ROWS = 25_000
"""Of each large log: read for some tenths of a second."""


def whole(store: Store) -> dict[str, list[str]]:
    """Return every row of every table of a store."""
    with store.asking() as question:
        tables = [name for (name,) in question.rows(sql_text("base_tables"))]
        asked = {name: AS_MADE.get(name, f"from {quoted(name)}") for name in tables}
        return {name: sorted(map(str, question.rows(sql))) for name, sql in asked.items()}


def loaded(place: Path, exports: Path, jobs: int | None, **options):
    """Load a folder into a new store; return all of the store, and how each file ended."""
    store = open_store(place)
    result = loading.load(store, exports, jobs=jobs, **options)
    assert list(place.parent.glob(f"{place.name}.*.loading")) == []
    return whole(store), result


def check_any_number_is_the_same(tmp_path: Path, exports: Path, **options) -> None:
    tables, result = loaded(tmp_path / "1.duckdb", exports, 1, **options)
    assert sum(map(len, tables.values())) > len(result.files) > 1
    for jobs in some((3, 2), 2):
        # A name that is a pattern, and one that DuckDB would take a column from.
        folder = tmp_path / "tenant=x"
        folder.mkdir(exist_ok=True)
        others, again = loaded(folder / f"[{jobs}]*'.duckdb", exports, jobs, **options)
        assert again == result
        for name, rows in tables.items():
            assert others[name] == rows, name
        assert others.keys() == tables.keys()


def test_the_sample_exports_give_the_same_store_by_any_number_of_processes(tmp_path):
    check_any_number_is_the_same(tmp_path, SAMPLE, period=WEEK)


def test_fifty_mixed_files_some_broken_give_the_same_store_and_words(tmp_path):
    exports = tmp_path / "exports"
    exports.mkdir()
    fifty(exports)
    check_any_number_is_the_same(tmp_path, exports)


def test_polluted_exports_give_the_same_store_and_words(tmp_path):
    """All of them together: rows of one file are duplicates of another's, in the files' order."""
    exports = tmp_path / "exports"
    exports.mkdir()
    dice = random.Random(20261129)
    for number, pollute in enumerate(some(POLLUTIONS, 2)):
        polluted = pollute(clean(dice.randint(1, 12), dice), dice)
        (exports / f"{number:03} log.csv").write_bytes(polluted.content)
    for kind, export in EXPORTS.items():
        for number, change in enumerate(some([*CHANGES.values()], 2)):
            lines = [export.header, *export.rows]
            at = dice.randrange(len(lines))
            lines[at] = change(lines[at], dice)
            (exports / f"{kind} {number:03}.csv").write_text("\n".join(lines), newline="")
    check_any_number_is_the_same(tmp_path, exports, period=WEEK)


def log_of(path: Path, numbers: range) -> None:
    """Write a log that goes row by row: not every cell of it is plain."""
    path.write_text(
        LOG_HEADER
        + "".join(
            f'2026-11-{n % 9 + 10}T08:15:30Z,s{n % 97}@contoso.com,b@fabrikam.com,<{n}@a>,TLS1.2,"",\n'
            for n in numbers
        )
    )


@settings(max_examples=tries(3), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sizes=st.lists(st.sampled_from((1, 2, 50, 3000)), min_size=2, max_size=9),
    jobs=st.integers(2, 5),
    dice=st.randoms(use_true_random=False),
)
def test_files_end_in_their_order_and_the_first_of_equal_rows_counts(
    tmp_path_factory, sizes, jobs, dice
):
    folder = tmp_path_factory.mktemp("order")
    (folder / "exports").mkdir()
    for number, size in enumerate(sizes):
        begin = dice.randrange(100)
        log_of(folder / "exports" / f"{number}.csv", range(begin, begin + size))
    one, result = loaded(folder / "one.duckdb", folder / "exports", 1)
    seen, told = [], []
    others, again = loaded(
        folder / "many.duckdb", folder / "exports", jobs, ended=told.append, progress=seen.append
    )
    assert (others, again, told) == (one, result, list(result.files))
    assert [number for number, _ in groupby(each.file for each in seen)] == [
        *range(1, len(sizes) + 1)
    ]


@pytest.fixture
def big(tmp_path) -> Path:
    """A folder of four large logs."""
    folder = tmp_path / "big"
    folder.mkdir()
    for number in range(4):
        log_of(folder / f"{number}.csv", range(number * ROWS, (number + 1) * ROWS))
    return folder


def children() -> list[psutil.Process]:
    """Return the processes that read files for this one; other tests have others."""
    return [
        each for each in psutil.Process().children() if workers._ARGUMENTS[-1] in each.cmdline()
    ]


def test_a_killed_process_costs_its_file_alone_and_is_said(tmp_path, big):
    killed: list[psutil.Process] = []

    def kill(progress):
        if progress.share > 0.2 and not killed:
            killed.extend(children())
            for child in killed:
                child.kill()

    store = open_store(tmp_path / "s.duckdb")
    result = loading.load(store, big, jobs=2, progress=kill)
    refused = result.refused
    assert killed and 1 <= len(refused) <= 2
    for file in refused:
        assert file.error.startswith(f"The process that read {file.path} ended before it was done")
        assert "--jobs 1" in file.error and file.rows_read == 0
    assert sum(file.rows_loaded for file in result.files) == ROWS * (4 - len(refused))
    again = loading.load(store, big, jobs=2)
    ends = {file.path: file.status for file in again.files}
    assert {path for path, status in ends.items() if status == "loaded"} == {
        file.path for file in refused
    }
    assert store.run("select count(distinct message_id) as n from submissions")["n"][0] == 4 * ROWS


def test_where_no_process_can_begin_this_one_reads_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_ARGUMENTS", ("-c", "raise SystemExit(3)"))
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(4):
        log_of(exports / f"{number}.csv", range(number * 10, number * 10 + 15))
    check_any_number_is_the_same(tmp_path, exports)


def test_cancel_ends_all_processes_within_a_second(tmp_path, big, monkeypatch):
    asked, done, closed = [], [], []

    def end(file):
        done.append(file)
        asked.append(time.monotonic())

    def close(self):
        workers_close(self)
        closed.append(time.monotonic())

    workers_close = workers.Workers.close
    monkeypatch.setattr(workers.Workers, "close", close)
    store = open_store(tmp_path / "s.duckdb")
    with pytest.raises(Cancelled, match="Files that were done stay loaded"):
        loading.load(store, big, jobs=2, cancelled=lambda: bool(asked), ended=end)
    # Of a machine with nothing else to do; of a busy one, in proportion.
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    assert closed[0] - asked[0] < max(1, busy / (os.cpu_count() or 1))
    assert children() == []
    assert [file.rows_loaded for file in done] == [ROWS]
    assert store.run("select count(*) as n from submissions")["n"][0] == ROWS
    assert work_files(store.path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process in one way only")
@pytest.mark.parametrize("to_all", [True, False], ids=["as a terminal does", "to it alone"])
def test_ctrl_c_ends_all_processes_and_leaves_nothing(tmp_path, big, to_all):
    path = tmp_path / "s.duckdb"
    child = start("load", big, "--store", path, "--jobs", 2, start_new_session=True)
    until(lambda: psutil.Process(child.pid).children())
    begun = psutil.Process(child.pid).children()
    until(lambda: work_files(path))
    (os.killpg if to_all else os.kill)(child.pid, signal.SIGINT)
    status, said = ended(child)
    assert status != 0 and "Stopped. Files that were done stay loaded" in said
    assert not any(each.is_running() for each in begun)
    assert work_files(path) == []


def test_processes_end_when_the_load_is_killed_and_what_they_left_is_removed(tmp_path, big):
    path = tmp_path / "s.duckdb"
    loading.load(open_store(path), next(iter(big.iterdir())))
    before = state(path)
    child = start("load", big, "--store", path, "--jobs", 2)
    until(lambda: any(list(folder.glob("*.part*")) for folder in work_files(path)))
    begun = psutil.Process(child.pid).children()
    child.kill()
    child.communicate()
    until(lambda: not any(each.is_running() for each in begun))
    assert len(begun) == 2 and state(path) == before and work_files(path) != []
    assert ended(start("load", big, "--store", path, "--jobs", 2))[0] == 0
    assert work_files(path) == []
    assert open_store(path).run("select count(*) as n from submissions")["n"][0] == 4 * ROWS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_no_room_for_rows_that_wait_is_said_and_changes_nothing(tmp_path, big):
    path = tmp_path / "s.duckdb"
    loading.load(open_store(path), next(iter(big.iterdir())))
    before = state(path)
    limit = limited_to(path.stat().st_size + 4096)
    status, said = ended(start("load", big, "--store", path, "--jobs", 2, preexec_fn=limit))
    assert (status, state(path)) == (1, before)
    assert str(path) in said and "Make room" in said
    assert work_files(path) == []


def test_files_that_are_loaded_already_are_not_staged_again(tmp_path, monkeypatch):
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(3):
        log_of(exports / f"{number}.csv", range(number * 10, number * 10 + 10))
    store = open_store(tmp_path / "s.duckdb")
    loading.load(store, exports)
    found = []
    monkeypatch.setattr(workers.Workers, "staged", seeing(workers.Workers.staged, found))
    again = loading.load(store, exports, jobs=2)
    assert [file.status for file in again.files] == ["already_loaded"] * 3
    assert [each.is_staged for each in found] == [False] * 3


def seeing(function, found: list):
    """Return the function, with what it returns kept."""

    def seen(*args):
        found.append(function(*args))
        return found[-1]

    return seen


def test_equal_files_of_one_load_count_once_and_leave_nothing(tmp_path):
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(4):
        (exports / f"{number}.csv").write_text(LOG)
    _, result = loaded(tmp_path / "s.duckdb", exports, 2)
    assert [file.status for file in result.files] == ["loaded", *["already_loaded"] * 3]


def test_without_a_number_processes_are_begun_where_they_are_worth_it(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_beside, "_cores", lambda: 2)
    counts = []
    monkeypatch.setattr(reading_beside, "Workers", seeing(workers.Workers, counts))
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(3):
        log_of(exports / f"{number}.csv", range(number * 10, number * 10 + 10))
    loading.load(open_store(tmp_path / "few.duckdb"), exports)
    assert counts == []
    monkeypatch.setattr(reading_beside, "WORTH_BYTES", 1000)
    loading.load(open_store(tmp_path / "many.duckdb"), exports)
    assert [len(each._threads) for each in counts] == [2]


def test_no_process_is_refused(tmp_path):
    with pytest.raises(KitError, match="cannot be read by 0 processes"):
        loading.load(open_store(tmp_path / "s.duckdb"), SAMPLE, jobs=0)
    done = smtpauth("load", SAMPLE, "--jobs", "0")
    assert done.returncode == 2 and "--jobs" in done.stderr

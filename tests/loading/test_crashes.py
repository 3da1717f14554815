"""Loads that are killed, starved or disturbed, as real processes: the store is as before or after.

After each the same load can be done again, and gives what it would have given at once.
"""

from __future__ import annotations

import ctypes
import functools
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from command import COMMAND
from conftest import LOG, LOG_HEADER
from depth import tries

from smtpauth_kit import answers
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import Store, open_store

KILLS = tries(8)
WITHIN_A_LOAD = tries(4)
"""Of the kills, at least so many must fall between a load's first write and its commit."""
ROWS = 60_000


def big_log(path: Path, *, plain: bool, start: int = 0) -> Path:
    """Write a log that DuckDB's reader takes (plain), or one that goes the usual way."""
    quoted = "" if plain else '""'
    count = ROWS if plain else ROWS // 3
    rows = "".join(
        f"2026-11-{n % 9 + 10}T08:15:30Z,s{n % 97}@contoso.com,b@fabrikam.com,<{n}@a>,TLS1.2,{quoted},\n"
        for n in range(start, start + count)
    )
    path.write_text(LOG_HEADER + rows)
    return path


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )  # type: ignore[call-overload, no-any-return]


def ended(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Return a process's exit status and what it said."""
    out, err = child.communicate(timeout=120)
    assert "Traceback" not in err, err
    return child.returncode, out + err


def state(path: Path) -> tuple[object, ...]:
    """Return what a store says, read as another program would: anew."""
    store = Store(path)
    frames = (
        store.run(
            "select count(*), sum(message_count), count(distinct message_id) from submissions"
        ),
        store.run("select sum(message_count) from daily_by_sender"),
        store.run("select path, rows_read, rows_loaded from source_files order by file_id"),
    )
    return tuple(str(frame.values.tolist()) for frame in frames)


def work_files(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.name}.*.loading*"))


class Known(NamedTuple):
    """A store, an export, and what the store says before and after it is loaded."""

    store: Path
    export: Path
    before: tuple[object, ...]
    after: tuple[object, ...]
    lasts: float


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Callable[[bool], Known]:
    @functools.cache
    def make(plain: bool) -> Known:
        home = tmp_path_factory.mktemp("known")
        path, export = home / "s.duckdb", big_log(home / "big.csv", plain=plain)
        (home / "small.csv").write_text(LOG)
        loading.load(open_store(path), home / "small.csv")
        after = home / "after.duckdb"
        shutil.copyfile(path, after)
        began = time.monotonic()
        assert ended(start("load", export, "--store", after))[0] == 0
        return Known(path, export, state(path), state(after), time.monotonic() - began)

    return make


@pytest.fixture
def two_states(tmp_path, known):
    """Return a copy of a store, an export, its two states, and how long the load lasts."""

    def make(plain: bool) -> tuple[Path, Path, list[tuple[object, ...]], float]:
        one = known(plain)
        shutil.copyfile(one.store, tmp_path / "s.duckdb")
        return tmp_path / "s.duckdb", one.export, [one.before, one.after], one.lasts

    return make


@pytest.mark.parametrize("plain", [True, False])
def test_a_load_killed_at_any_moment_leaves_the_store_as_before_or_as_after(
    two_states, plain, tmp_path, record_property
):
    path, export, (before, after), lasts = two_states(plain)
    clean = tmp_path / "clean.duckdb"
    shutil.copyfile(path, clean)
    dice, within, finished, number = random.Random(20261116), 0, 0, 0
    while number < KILLS // 2 or within < WITHIN_A_LOAD // 2:
        assert number < 4 * KILLS, "hardly a load is killed between its first write and its commit"
        shutil.copyfile(clean, path)
        child = start("load", export, "--store", path)
        if number % 4:
            deadline = time.monotonic() + 30
            while not work_files(path) and time.monotonic() < deadline and child.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.uniform(0, lasts * 0.8))
        else:
            time.sleep(dice.uniform(0, lasts))
        child.kill()
        child.communicate()
        found = state(path)
        assert found in (before, after)
        number += 1
        if found == after:
            finished += 1
            lasts *= 0.8  # The machine is less busy now than when the load was measured.
        # What it wrote so far is still there, so it was killed before its commit.
        within += found == before and bool(work_files(path))
    record_property(
        "counted",
        f"{number} kills of a {'plain' if plain else 'usual'} load: {within} between its first "
        f"write and its commit, {finished} behind it, {number - within - finished} before",
    )
    assert ended(start("load", export, "--store", path))[0] == 0
    assert state(path) == after
    assert work_files(path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process in one way only")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_sigterm_and_ctrl_c_leave_the_store_as_it_was(two_states, sign):
    path, export, (before, after), _ = two_states(False)
    child = start("load", export, "--store", path)
    while not work_files(path):
        time.sleep(0.001)
    child.send_signal(sign)
    _, said = child.communicate()
    assert (child.returncode != 0, state(path)) == (True, before)
    assert sign == signal.SIGTERM or "Stopped. Files that were done stay loaded" in said
    assert ended(start("load", export, "--store", path))[0] == 0
    assert state(path) == after


def limited_to(size: int) -> Callable[[], None]:
    """Return what makes a process fail to write more than `size` bytes into a file."""

    def limit() -> None:
        # Python would keep half of a module that it compiles, and break on it ever after.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("plain", [True, False])
def test_a_limit_on_file_sizes_is_said_and_changes_nothing(two_states, plain):
    path, export, (before, after), _ = two_states(plain)
    # Reached while rows are written, or already by the copy that they are written to.
    limit = limited_to(path.stat().st_size + (100_000 if plain else -4096))
    status, said = ended(start("load", export, "--store", path, preexec_fn=limit))
    assert (status, state(path)) == (1, before)
    assert str(path) in said or str(export) in said
    assert ended(start("load", export, "--store", path))[0] == 0
    assert state(path) == after


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_said_and_changes_nothing(small_disk, two_states):
    home, export, (before, after), _ = two_states(False)
    path = small_disk / "s.duckdb"
    shutil.copyfile(home, path)
    status, said = ended(start("load", export, "--store", path))
    assert (status, state(path)) == (1, before)
    assert "full" in said or "space" in said, said
    subprocess.run(["mount", "-o", "remount,size=99m", str(small_disk)], check=True)
    assert ended(start("load", export, "--store", path))[0] == 0
    assert state(path) == after and work_files(path) == []


def without_root_powers() -> None:
    """Drop what lets root write where nobody may (CAP_DAC_OVERRIDE); others do not have it."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_folder_that_cannot_be_written_is_said(two_states):
    home, export, (before, after), _ = two_states(True)
    folder = Path(tempfile.mkdtemp(prefix="readonly"))
    try:
        path = folder / "s.duckdb"
        shutil.copyfile(home, path)
        shutil.copyfile(export, folder / "big.csv")
        folder.chmod(0o555)
        child = start("load", folder / "big.csv", "--store", path, preexec_fn=without_root_powers)
        status, said = ended(child)
        assert (status, state(path)) == (1, before)
        assert f"The store's folder {folder} cannot be written to" in said
        folder.chmod(0o755)
        assert ended(start("load", folder / "big.csv", "--store", path))[0] == 0
        # Only the path of the file differs.
        assert state(path)[:2] == after[:2]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_two_loaders_and_a_reader_at_once(tmp_path):
    path = tmp_path / "s.duckdb"
    (tmp_path / "small.csv").write_text(LOG)
    loading.load(open_store(path), tmp_path / "small.csv")
    one = big_log(tmp_path / "one.csv", plain=False)
    other = big_log(tmp_path / "other.csv", plain=False, start=ROWS // 3)
    children = [start("load", export, "--store", path) for export in (one, other)]
    store, seen = open_store(path), []
    while any(child.poll() is None for child in children):
        seen.append(stored_messages(store))
        time.sleep(0.02)
    assert [ended(child)[0] for child in children] == [0, 0]
    whole, half = 3 + 2 * (ROWS // 3), 3 + ROWS // 3
    assert stored_messages(store) == whole
    assert seen == sorted(seen) and set(seen) <= {3, half, whole}
    assert len(seen) > 5


@pytest.mark.parametrize("harm", ["cut", "zeros", "text"])
def test_a_damaged_store_is_said_and_never_replaced(two_states, harm):
    path, export, _, _ = two_states(True)
    whole = path.read_bytes()
    harmed = {
        "cut": whole[: len(whole) // 2],
        "zeros": bytes(4096) + whole[4096:],
        "text": b"this was a store",
    }[harm]
    path.write_bytes(harmed)
    status, said = ended(start("load", export, "--store", path))
    assert (status, path.read_bytes()) == (1, harmed), said
    assert str(path) in said
    with pytest.raises(StoreError):
        answers.ask(Store(path), "insight")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_machines_time_zone_changes_no_figure(two_states, zone):
    path, export, (_, after), _ = two_states(False)
    assert ended(start("load", export, "--store", path, env={**os.environ, "TZ": zone}))[0] == 0
    assert state(path) == after


def test_a_clock_that_is_years_behind_changes_no_figure_and_is_said(two_states):
    path, export, (_, after), _ = two_states(False)
    behind = (
        "import datetime as dt, smtpauth_kit.store.staged_facts as w; "
        "w.days_ahead_from = lambda: dt.date(2001, 1, 1); "
        "from smtpauth_kit.cli import main; main()"
    )
    command = [sys.executable, "-c", behind, "load", str(export), "--store", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and state(path) == after
    assert "ahead of this machine's clock" in done.stdout + done.stderr
    assert answers.settle_scope(Store(path)).end is not None

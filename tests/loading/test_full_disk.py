"""Disks of every size between too small and enough: what is said to be loaded is loaded.

Small disks are mounted where that goes (Linux, as root); the limit on the size of a process's files
does the same everywhere but on Windows.
"""

from __future__ import annotations

import datetime as dt
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from conftest import LOG
from test_crashes import big_log, state

from smtpauth_kit.base.errors import KitError, StoreError
from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.loading.results import ALREADY, LOADED, REFUSED
from smtpauth_kit.mail import outbox
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports import spreadsheets
from smtpauth_kit.screens.load_screen import LoadScreen
from smtpauth_kit.store import settings
from smtpauth_kit.store.store import Store, open_store

KIB = 1024
STEPS = 8
"""Sizes tried in each way; the first is too small and the last enough."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three rows, an export of many rows that DuckDB reads itself, one it does not."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "small.csv").write_text(LOG)
    loading.load(open_store(folder / "s.duckdb"), folder / "small.csv")
    big_log(folder / "plain.csv", plain=True)
    big_log(folder / "usual.csv", plain=False)
    return folder


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let this process write no more than so many bytes into one file.

    Python would keep half of a module that is imported meanwhile, and break on it ever after.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    keeps_modules, sys.dont_write_bytecode = not sys.dont_write_bytecode, True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = not keeps_modules


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk, which :func:`resized` gives its size."""
    at = tmp_path / "disk"
    at.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=99m", "tmpfs", str(at)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here; the limit on file sizes is tested")
    yield at
    subprocess.run(["umount", "-l", str(at)], check=True)


def resized(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def sizes(low: int, high: int) -> list[int]:
    """Return sizes in bytes from low to high KiB."""
    return [(low + (high - low) * step // (STEPS - 1)) * KIB for step in range(STEPS)]


def left_beside(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir() if not each.name.endswith(".lock")}


def said_and_done(path: Path, work: Callable[[Store], object]) -> bool:
    """Do work on a store and tell whether it is said to be done; if not, all is as before."""
    before, done = path.read_bytes(), True
    try:
        work(Store(path))
    except StoreError as error:
        done = False
        assert f"The store {path} could not be written: " in str(error)
    Store(path)._reader.close()
    assert left_beside(path) == {path.name}
    assert done or path.read_bytes() == before
    return done


def loads(path: Path, export: Path, rows: int) -> bool:
    """Load, and tell whether it is said to be loaded; then its rows are there."""

    def load(store: Store) -> None:
        assert [file.status for file in loading.load(store, export).files] == [LOADED]

    done = said_and_done(path, load)
    held, count = state(path), rows if done else 3
    Store(path)._reader.close()
    assert held[0] == f"[[{count}.0, {count}.0, {count}.0]]"
    assert (str(export) in held[2]) == done
    return done


@pytest.mark.parametrize(
    ("name", "rows", "low", "high"),
    [("plain.csv", 60_003, 3100, 17_000), ("usual.csv", 20_003, 3100, 11_000)],
)
def test_on_a_disk_of_every_size_what_is_said_to_be_loaded_is_loaded(
    home, disk, name, rows, low, high, record_property
):
    path, seen = disk / "s.duckdb", []
    for size in sizes(low, high):
        resized(disk, 99 * KIB * KIB)
        shutil.copyfile(home / "s.duckdb", path)
        resized(disk, size)
        seen.append(loads(path, home / name, rows))
    record_property("counted", f"{seen.count(True)} loaded, {seen.count(False)} refused")
    assert (seen[0], seen[-1]) == (False, True)


@pytest.mark.parametrize(
    ("name", "rows", "low", "high"),
    [("plain.csv", 60_003, 2300, 11_000), ("usual.csv", 20_003, 2300, 7_000)],
)
def test_with_a_limit_of_every_size_on_files_what_is_said_to_be_loaded_is_loaded(
    home, tmp_path, name, rows, low, high, record_property
):
    path, seen = tmp_path / "s.duckdb", []
    for size in sizes(low, high):
        shutil.copyfile(home / "s.duckdb", path)
        with files_of_at_most(size):
            seen.append(loads(path, home / name, rows))
    record_property("counted", f"{seen.count(True)} loaded, {seen.count(False)} refused")
    assert (seen[0], seen[-1]) == (False, True)


def test_a_filter_that_is_said_to_be_kept_is_kept(home, tmp_path, record_property):
    path, seen, large = tmp_path / "s.duckdb", [], "y" * 1_000_000
    shutil.copyfile(home / "s.duckdb", path)
    store = Store(path)
    settings.put(store, "filter:x", {"min_messages": 5})
    for size in sizes(20, 3_000):
        try:
            with files_of_at_most(size):
                settings.put(store, "filter:x", large)
            seen.append(True)
        except StoreError as error:
            seen.append(False)
            assert f"The settings {store.settings_path} could not be written" in str(error)
        settings.close(store)
        kept = large if seen[-1] else {"min_messages": 5}
        assert settings.named(store, "filter:") == {"x": kept}
        settings.put(store, "filter:x", {"min_messages": 5})
    settings.close(store)
    record_property("counted", f"{seen.count(True)} kept, {seen.count(False)} not")
    assert (seen[0], seen[-1]) == (False, True)


def test_a_file_that_is_unloaded_on_a_full_disk_is_unloaded_or_there(home, tmp_path):
    path, seen = tmp_path / "s.duckdb", []
    loading.load(Store(home / "s2.duckdb"), home / "small.csv", home / "usual.csv")
    Store(home / "s2.duckdb")._reader.close()
    for size in sizes(2300, 9_000):
        shutil.copyfile(home / "s2.duckdb", path)
        with files_of_at_most(size):
            done = said_and_done(path, lambda store: loaded_files.unload(store, 2))
        assert len(loaded_files.stored_files(Store(path))) == 2 - done
        Store(path)._reader.close()
        seen.append(done)
    assert (seen[0], seen[-1]) == (False, True)


def test_a_mail_that_does_not_fit_leaves_nothing_in_the_outbox(tmp_path):
    with files_of_at_most(5000), pytest.raises(KitError, match=r"cannot be written: File too lar"):
        outbox.keep(b"x" * 100_000, tmp_path / "outbox", "mail")
    assert list((tmp_path / "outbox").iterdir()) == []


def test_a_report_that_does_not_fit_leaves_the_old_one(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(b"the old one")
    with files_of_at_most(5000), pytest.raises(KitError, match=r"cannot be written: File too lar"):
        output_forms.write_file(path, b"x" * 100_000)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        "report.html": b"the old one"
    }


def test_a_full_folder_for_temporary_files_is_said_and_is_no_fault_of_the_file(
    store, tmp_path, monkeypatch
):
    from openpyxl import Workbook

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    book = Workbook()
    sheet = book.active
    for line in big_log(tmp_path / "log.csv", plain=False).read_text().splitlines()[:5000]:
        sheet.append(line.split(","))
    book.save(tmp_path / "log.xlsx")
    with files_of_at_most(20_000):
        (file,) = loading.load(store, tmp_path / "log.xlsx").files
        rows = [(f"s{n}@contoso.com", n) for n in range(5000)]
        fields = (spreadsheets.Field("Sender"), spreadsheets.Field("Messages", "count"))
        made_at = dt.datetime(2026, 11, 16)
        with pytest.raises(KitError, match="has no room"):
            spreadsheets.workbook(
                [spreadsheets.Sheet("x", fields, rows)], title="x", creator="x", made_at=made_at
            )
    assert file.error == (
        f"The folder for temporary files, {tmp_path}, has no room: File too large. "
        "Make room there, or name another folder in the environment variable TMPDIR."
    )


def test_a_full_folder_for_temporary_files_is_said_of_mended_rows_too(store, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    log = tmp_path / "log.csv"
    log.write_text("Date,Sender address\nnever,a@contoso.com\n")
    loading.load(store, log)
    rows = "".join(f"1,{n},,2026-11-16;a{n}@contoso.com\n" for n in range(2000))
    mended = tmp_path / "rejected.csv"
    mended.write_text("file_id,line,reason,raw\n" + rows)
    before = sorted(tmp_path.iterdir())
    with files_of_at_most(20_000):
        (file,) = loading.load(store, mended).files
    assert file.error == (
        f"The folder for temporary files, {tmp_path}, has no room: File too large. "
        "Make room there, or name another folder in the environment variable TMPDIR."
    )
    assert sorted(tmp_path.iterdir()) == before


def test_a_limit_on_files_is_no_fault_of_a_parquet_file(store, tmp_path):
    rows = "select range as n, uuid()::varchar as id from range(5000)"
    duckdb.sql(f"copy ({rows}) to '{tmp_path / 'log.parquet'}' (format parquet)")
    with files_of_at_most(20_000):
        (file,) = loading.load(store, tmp_path / "log.parquet").files
    assert f"{tempfile.gettempdir()}, has no room: " in file.error


def test_the_load_screen_shows_nothing_as_loaded_that_is_not_in_the_store(home, tmp_path):
    path = tmp_path / "s.duckdb"
    shutil.copyfile(home / "s.duckdb", path)
    screen = LoadScreen(Store(path))
    with files_of_at_most(3000 * KIB), pytest.raises(StoreError, match="could not be written"):
        screen.load(home / "small.csv", home / "usual.csv")
    already, refused = screen.result.files
    assert (already.status, refused.status, refused.rows_loaded) == (ALREADY, REFUSED, 0)
    assert refused.error == screen.status
    assert len(loaded_files.stored_files(Store(path))) == 1

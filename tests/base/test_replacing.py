"""Files are written anew: whole, beside the old one under a name nobody knows, with its rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import LOG, LOG_HEADER

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import KitError, StoreError
from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.mail import outbox
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.store.store import Store, open_store

MORE = LOG_HEADER + "2026-11-16T08:15:30Z,new@contoso.com,,<9@x>,TLS1.2,,OAuth\n"
NOBODY = 65534

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights and links")
as_root = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root gives a file to somebody else"
)


def rights(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mode & 0o777, found.st_uid, found.st_gid


def count(store: Store) -> int:
    return int(store.run("select count(*)::int as n from submissions")["n"][0])


Change = Callable[[Store], object]
CHANGES: dict[str, Change] = {
    "a load": lambda store: loading.load(store, store.path.parent / "more.csv"),
    "an unload": lambda store: loaded_files.unload(store, 1),
}


@pytest.fixture
def change(request: pytest.FixtureRequest, store: Store, load: Callable[..., object]) -> Change:
    load(LOG)
    store._reader.close()
    (store.path.parent / "more.csv").write_text(MORE)
    return CHANGES[request.param]


@posix
@pytest.mark.parametrize("change", CHANGES, indirect=True)
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_store_keeps_its_permissions(store, change, mode):
    store.path.chmod(mode)
    change(store)
    assert rights(store.path)[0] == mode


@as_root
@pytest.mark.parametrize("change", CHANGES, indirect=True)
def test_a_store_keeps_its_owner_and_group(store, change):
    os.chown(store.path, NOBODY, NOBODY - 1)
    store.path.chmod(0o640)
    change(store)
    assert rights(store.path) == (0o640, NOBODY, NOBODY - 1)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that everybody can write to."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_where_the_group_cannot_be_kept_another_group_gets_no_more_than_everybody(open_folder):
    path = open_folder / "report.html"
    path.write_bytes(b"old")
    path.chmod(0o664)
    code = (
        "import os, sys; from pathlib import Path; from smtpauth_kit.base import replacing\n"
        f"os.setgroups([]); os.setgid({NOBODY - 1}); os.setuid({NOBODY})\n"
        "replacing.write(Path(sys.argv[1]), b'new')"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert path.read_bytes() == b"new"
    assert rights(path) == (0o644, NOBODY, NOBODY - 1)


@posix
@pytest.mark.parametrize("change", CHANGES, indirect=True)
def test_a_store_that_is_a_link_stays_a_link(store, change, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "s.duckdb"
    link.symlink_to(Path("..", store.path.name))
    (tmp_path / "links" / "more.csv").write_text(MORE)
    before = store.path.read_bytes()
    change(Store(link))
    assert link.is_symlink() and os.readlink(link) == f"../{store.path.name}"
    assert store.path.read_bytes() != before
    Store(link)._reader.close()
    assert {each.name for each in (tmp_path / "links").iterdir()} == {"s.duckdb", "more.csv"}
    count(store)


@posix
def test_a_link_to_a_store_that_is_not_there_yet_is_loaded_through(tmp_path, write):
    link, real = tmp_path / "link.duckdb", tmp_path / "real.duckdb"
    link.symlink_to(real)
    loading.load(Store(link), write("log.csv", LOG))
    assert link.is_symlink() and count(Store(real)) == 3


@posix
def test_links_in_a_circle_are_said(tmp_path, write):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(StoreError, match="could not be written: Too many levels"):
        loading.load(Store(tmp_path / "a"), write("log.csv", LOG))
    with pytest.raises(KitError, match="cannot be written: Too many levels"):
        output_forms.write_file(tmp_path / "a", b"x")


@as_root
def test_a_link_that_somebody_else_planted_in_a_shared_folder_is_not_followed(tmp_path):
    shared, mine = tmp_path / "shared", tmp_path / "mine"
    shared.mkdir()
    shared.chmod(0o1777)
    mine.write_bytes(b"mine")
    link = shared / "report.html"
    link.symlink_to(mine)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(KitError, match="a link that somebody else put there"):
        output_forms.write_file(link, b"x")
    assert mine.read_bytes() == b"mine"
    os.chown(link, 0, 0, follow_symlinks=False)
    output_forms.write_file(link, b"x")
    assert link.is_symlink() and mine.read_bytes() == b"x"


@posix
@pytest.mark.parametrize("name", ["report.html.part", "store.duckdb.lock"])
def test_a_link_planted_where_a_file_is_made_is_not_followed(tmp_path, store, write, name):
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    (tmp_path / name).symlink_to(mine)
    output_forms.write_file(tmp_path / "report.html", b"<html>")
    if name.startswith("store"):
        with pytest.raises(StoreError, match="cannot be written to"):
            loading.load(store, write("log.csv", LOG))
    assert mine.read_bytes() == b"mine"
    assert (tmp_path / "report.html").read_bytes() == b"<html>"


def test_what_is_being_written_has_another_name_each_time_and_is_for_nobody_else(
    tmp_path, monkeypatch
):
    seen: list[tuple[str, int]] = []
    whole = os.replace

    def replace(part: Path, place: Path) -> None:
        seen.append((part.name, part.stat().st_mode & 0o777))
        whole(part, place)

    monkeypatch.setattr(os, "replace", replace)
    path = tmp_path / "report.html"
    output_forms.write_file(path, b"1")
    path.chmod(0o600)
    output_forms.write_file(path, b"2")
    assert len({name for name, _ in seen}) == 2
    assert os.name == "nt" or seen[1][1] == 0o600


def test_a_folder_or_a_device_is_never_replaced(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(KitError, match="cannot be written: there is something that is no file"):
        output_forms.write_file(tmp_path / "report.html", b"x")
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe.html")
        with pytest.raises(KitError, match="there is something that is no file"):
            output_forms.write_file(tmp_path / "pipe.html", b"x")


# --- what is left behind ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s.duckdb", "st[o]re.duckdb", "st*re.duckdb", "a (1)+.duckdb"])
def test_what_a_killed_load_left_is_removed_and_no_other_file(tmp_path, write, name):
    if os.name == "nt" and "*" in name:
        pytest.skip("no file has such a name on Windows")
    folder = tmp_path / "stores"
    folder.mkdir()
    path = folder / name
    left = folder / f"{name}.0123456789abcdef.loading"
    left.mkdir()
    for inside in ("copy.duckdb", "copy.duckdb.wal"):
        (left / inside).write_bytes(b"x")
    for kept in (f"{name}.mine.loading", f"{name}.2026.loading.csv", "store.1.loading"):
        (folder / kept).write_bytes(b"of a user")
    of_user = folder / f"{name}.fedcba9876543210.loading"
    of_user.mkdir()
    (of_user / "notes.txt").write_text("of a user")
    before = {each.name for each in folder.iterdir()}
    store = open_store(path)
    loading.load(store, write("log.csv", LOG))
    after = {each.name for each in folder.iterdir() if not each.name.endswith(".lock")}
    assert after == (before - {left.name}) | {name}
    assert (of_user / "notes.txt").read_text() == "of a user"


def test_a_log_that_another_program_left_beside_a_store_is_not_lost(store, load):
    load(LOG)
    store._reader.close()
    code = (
        "import duckdb, os, sys; con = duckdb.connect(sys.argv[1])\n"
        "con.execute('create table theirs as select 1 as n')\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True)
    log = store.path.with_name(f"{store.path.name}.wal")
    before = store.path.read_bytes(), log.read_bytes()
    with pytest.raises(StoreError, match=r"store\.duckdb\.wal beside it holds what it wrote"):
        load(MORE)
    assert (store.path.read_bytes(), log.read_bytes()) == before
    assert store.run("select n from theirs")["n"].tolist() == [1]


# --- mails --------------------------------------------------------------------------------


def test_a_mail_never_takes_the_name_of_another_and_is_its_owners_alone(tmp_path):
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "same.eml").write_bytes(b"there before")
    if os.name != "nt":
        (folder / "same-2.eml").symlink_to(tmp_path / "nowhere")
    kept = [outbox.keep(b"%d" % n, folder, "same") for n in range(2)]
    assert [path.read_bytes() for path in kept] == [b"0", b"1"]
    assert (folder / "same.eml").read_bytes() == b"there before"
    assert not (tmp_path / "nowhere").exists()
    assert os.name == "nt" or {rights(path)[0] for path in kept} == {0o600}
    assert {path.suffix for path in folder.iterdir()} == {".eml"}


def test_writing_ends_with_the_old_file_when_it_is_stopped_in_the_middle(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        replacing.write(path, b"new")
    with pytest.raises(KeyboardInterrupt):
        replacing.write_new([tmp_path / "b.txt"], b"new", 0o600)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.txt", b"old")]

"""What every test may use: exports written as text, and stores they are loaded into."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from filelock import FileLock
from hypothesis import settings
from lab import NOTEBOOKS, PATIENCE_MS, browsing, find_chromium, lab_log, running_lab
from loaded_once import ASKING, Key, LoadedOnce

from smtpauth_kit.answers import settle_scope
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.store.store import Store, open_store

if TYPE_CHECKING:
    from mail_servers import Certificates, Cloud
    from offline import Offline
    from playwright.sync_api import Browser, BrowserContext

_T = TypeVar("_T")

# Containers often forbid it: each process that a test starts would compile all it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A busy machine is no failure: what takes long is found in tests/benchmarks.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")


def pytest_xdist_auto_num_workers() -> int:
    """Return what `-n auto` means: tests wait for browsers and servers, while others can work."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put a file that waits for a browser beside one that does not: the processor is never idle.

    Of either kind those with many tests come first: none is late alone.
    """
    counts = Counter(item.path for item in items)
    waiting = {item.path for item in items if _waits(item)}
    places: dict[Path, tuple[int, bool]] = {}
    for path in sorted(counts, key=lambda path: (-counts[path], path)):
        is_waiting = path in waiting
        before = sum(1 for each in places if (each in waiting) == is_waiting)
        places[path] = (before, not is_waiting)
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """Look no more for garbage in what was imported and collected: it stays to the end."""
    gc.collect()
    gc.freeze()


def _waits(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None or item.path.name == "test_notebooks.py"


LOG_HEADER = (
    "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
    "Authentication protocol\n"
)
LOG = LOG_HEADER + (
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<1@scan>,TLS1.0,192.0.2.25,Basic\n"
    "2026-11-16T09:00:00Z,scanner@contoso.com,eve@fabrikam.com,<2@scan>,TLS1.0,192.0.2.25,Basic\n"
    "2026-11-22T10:00:00Z,app@fabrikam.com,bob@fabrikam.com,<3@app>,TLS1.2,192.0.2.30,OAuth\n"
)
TESTS = Path(__file__).parent
SAMPLE = TESTS.parent / "data" / "sample"
WEEK = (dt.date(2026, 11, 16), dt.date(2026, 11, 22))


PATIENCE_S = 120
"""How long a test waits for what must come: long enough for a machine that is busy with others."""


def until(happened: Callable[[], _T], every_s: float = 0.01) -> _T:
    """Wait until something has happened, and return it, however busy the machine; it must happen."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := happened()):
        assert time.monotonic() < deadline, "what was waited for has not happened"
        time.sleep(every_s)
    return found


async def turned_until(happened: Callable[[], object]) -> None:
    """Let the event loop turn until something has happened; it must happen."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "what was waited for has not happened"
        await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _no_store_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMTPAUTH_STORE", str(tmp_path / "default.duckdb"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    # Nor his mail: no test sends with a user's settings, or leaves letters in his outbox.
    monkeypatch.setenv("SMTPAUTH_CONFIG", str(tmp_path / "smtpauth.toml"))
    monkeypatch.setenv("SMTPAUTH_MAIL_OUTBOX", str(tmp_path / "outbox"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return open_store(tmp_path / "store.duckdb")


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Store:
    """Every sample export in one store, loaded in an order of no meaning; nobody writes to it."""
    own = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    # All processes of a run have their folders in one: the first loads for all.
    together = tmp_path_factory.getbasetemp().parent if worker_id != "master" else own.parent
    loaded = together / "sample-exports.duckdb"
    with FileLock(f"{loaded}.once"):
        if not loaded.exists():
            _load_sample(own)
            shutil.copyfile(own, loaded)
    if not own.exists():
        shutil.copyfile(loaded, own)
    return open_store(own)


def _load_sample(path: Path) -> None:
    from smtpauth_kit.sample import manifest

    entries = manifest()
    random.Random(7).shuffle(entries)
    # But of two reports of one week the later one is loaded later: it counts.
    entries.sort(key=lambda entry: entry.until is None)
    exports = [(SAMPLE / entry.name, entry.period) for entry in entries]
    for file in loading.load_with_periods(open_store(path), exports).files:
        assert (file.status, file.rows_rejected) == ("loaded", 0), file
        assert file.rows_read == file.rows_loaded + file.rows_duplicate + file.rows_other


@pytest.fixture(scope="session")
def tenant_stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, Store]]:
    """A store of three tenants, and for each of them a store that holds it alone."""
    import tenant_worlds

    folder = tmp_path_factory.mktemp("tenants")
    exports = tenant_worlds.write(folder)
    alone = {
        tenant: tenant_worlds.load(folder / f"alone{n}.duckdb", {tenant: exports[tenant]})
        for n, tenant in enumerate(tenant_worlds.TENANTS)
    }
    return tenant_worlds.load(folder / "all.duckdb", exports), alone


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write an export: `write("log.csv", text)`, or bytes as they are."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / "exports" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture(scope="session")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> LoadedOnce:
    return LoadedOnce(tmp_path_factory.mktemp("loaded"))


@pytest.fixture
def load(
    store: Store,
    write: Callable[..., Path],
    loaded_once: LoadedOnce,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., LoadResult]:
    """Load an export given as text into `store`: `load(text, period=WEEK)`."""
    names = iter(range(1000))
    held: Key | None = () if request.path.relative_to(TESTS).parts[0] in ASKING else None
    left: tuple[int, ...] = ()

    def load(content: str | bytes, *, name: str = "", **options: Any) -> LoadResult:
        nonlocal held, left
        path = write(name or f"export{next(names)}.csv", content)
        # What a test has replaced of the kit is told by no public name of pytest's.
        if _stamp(store) != left or monkeypatch._setattr:
            held = None
        held, result = loaded_once.load(store, held, path, **options)
        left = _stamp(store)
        return result

    return load


def _stamp(store: Store) -> tuple[int, ...]:
    """Return what tells whether somebody else has written to a store."""
    if not store.path.exists():
        return ()
    stat = store.path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


@pytest.fixture
def hold_open() -> Iterator[Callable[[Store], None]]:
    """Let another program open a store to write in it, until the test ends."""
    holders = []
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"

    def hold_open(store: Store) -> None:
        store._reader.close()
        command = [sys.executable, "-c", code, str(store.path)]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"

    yield hold_open
    for holder in holders:
        holder.kill()
        holder.communicate()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority, for servers that stand in the place of a mail provider."""
    from mail_servers import Certificates

    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mail server's password be known."""
    from mail_servers import PASSWORD

    monkeypatch.setenv("SMTPAUTH_MAIL_PASSWORD", PASSWORD)


@pytest.fixture
def cloud(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Entra and Graph on this machine, and the secret that they know."""
    from mail_servers import Cloud

    monkeypatch.setenv("SMTPAUTH_MAIL_CLIENT_SECRET", Cloud.SECRET)
    cloud = Cloud(certificates.context())
    yield cloud
    cloud.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser that tests drive; where there is none they say so, except in CI."""
    found = find_chromium()
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here: install Debian's chromium, or name yours in CHROMIUM")
    assert found, "CI needs Debian's chromium"
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE_MS)
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for the tests of a module: longer, it would be in the way of others."""
    with browsing(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab of its own on loopback, with throw-away settings, and a store to show."""
    home = tmp_path_factory.mktemp("lab")
    (home / "log.csv").write_text(lab_log(LOG_HEADER))
    loading.load(open_store(home / "lab.duckdb"), home / "log.csv")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    with running_lab(home, home / "notebooks", home / "lab.duckdb") as address:
        yield address, home


@pytest.fixture(scope="module")
def contexts(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., BrowserContext]]:
    """Return a place for pages with some options, west of Greenwich: the same for the same options.

    An empty page stays open in it: the browser goes on with the process that it has, and with what
    it knows of the kit's scripts, where another page is opened.
    """
    empty = tmp_path_factory.mktemp("pages") / "empty.html"
    empty.write_text("<!doctype html><title>empty</title>")
    made: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = browser.new_context(timezone_id="America/Los_Angeles", **options)
            made[key].new_page().goto(empty.as_uri())
        return made[key]

    yield context
    for each in made.values():
        each.close()


@pytest.fixture
def opened(
    contexts: Callable[..., BrowserContext], tmp_path: Path
) -> Iterator[Callable[..., Offline]]:
    """Open a page, or a file of one, in a browser that asks nobody for anything."""
    from offline import Offline, watch

    pages = []

    def opened(html: str | Path, **options: Any) -> Offline:
        path = html if isinstance(html, Path) else tmp_path / "page.html"
        if isinstance(html, str):
            path.write_text(html, "utf-8", newline="\n")
        offline = Offline(contexts(**options).new_page())
        pages.append(offline.page)
        watch(offline, path.as_uri())
        offline.page.goto(path.as_uri())
        return offline

    yield opened
    for page in pages:
        page.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests counted (`record_property("counted", …)`), whichever process ran them."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    if name == "counted":
                        terminalreporter.write_line(value)


class DoctestNames:
    """Names that docstring examples of the package use; global, so no conftest of the package."""

    _loaded: Path | None = None

    def loaded(self, folders: pytest.TempPathFactory) -> Path:
        """Return the folder of a log and the store that it is loaded into: examples get copies."""
        if self._loaded is None:
            self._loaded = folders.mktemp("examples")
            (self._loaded / "log.csv").write_text(LOG)
            store = open_store(self._loaded / "doctest.duckdb")
            loading.load(store, self._loaded / "log.csv")
            store._reader.close()
        return self._loaded

    @pytest.fixture(autouse=True)
    def _names(
        self,
        request: pytest.FixtureRequest,
        tmp_path: Path,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        if not isinstance(request.node, pytest.DoctestItem):
            return
        test = request.node.dtest
        names = {"folder": tmp_path, "settle_scope": settle_scope, "Filters": Filters}
        asked = "".join(example.source for example in test.examples)  # type: ignore[union-attr]
        # Opening a store is most of the work of most examples, and many speak of none.
        if "store" in asked or "folder" in asked:
            loaded = self.loaded(tmp_path_factory)
            for name in ("log.csv", "doctest.duckdb"):
                shutil.copyfile(loaded / name, tmp_path / name)
            names["store"] = open_store(tmp_path / "doctest.duckdb")
        test.globs.update(names)  # type: ignore[union-attr]


def pytest_configure(config: pytest.Config) -> None:
    # Several workers take files in the order that they have here, not in xdist's own.
    config.option.loadscopereorder = False
    config.pluginmanager.register(DoctestNames(), "doctest-names")

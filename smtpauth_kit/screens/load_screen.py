"""Loading in a notebook: choose files, see each one end, open what was rejected, unload it again.

Work that a button started runs in a thread, so that the kernel and Cancel stay alive. A call with
paths loads before it returns, so that the next cell finds all of it. Meanwhile the kernel hears no
widget (JupyterLab's subshells do not help: ipykernel sends a widget's messages to the thread that
spoke last for it), so its Cancel asks the server for what the Stop button does.
"""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ipywidgets as W
import traitlets as T
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from smtpauth_kit.answers.files import files, rejected_page
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import Cancelled, KitError, StoreError
from smtpauth_kit.base.sentences import NOTHING, Sentence, restored
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.loading import loading, mappings
from smtpauth_kit.loading.loading import (
    ALREADY,
    LOADED,
    REFUSED,
    UNLOADED,
    FileResult,
    LoadResult,
    Progress,
)
from smtpauth_kit.loading.uploads import Upload
from smtpauth_kit.reading.reading import printable
from smtpauth_kit.reports import reports
from smtpauth_kit.screens import file_questions, workplace
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import Words, speak

_SHOW_AFTER_S: Final = 0.8
_TELL_EVERY_S: Final = 0.1
PAGE_ROWS: Final = 20
"""Rejected rows, and files of the store, on one page."""
MAX_RAW: Final = 600
"""Characters of a rejected row that are shown; `smtpauth show rejected` has all of them."""
_ENDINGS: Final = ("read", "loaded", "duplicate", "rejected", "other")


class _LoadView(BrowserView):
    """The screen in the browser."""

    progress = T.Dict().tag(sync=True)
    """Where the work is; empty when there is none."""


class LoadScreen(W.VBox):  # type: ignore[misc]
    """Load exports and see how each file ended.

    Files are dropped, chosen, or taken from `data/exports`; :meth:`load` does the same from a cell.

    Examples
    --------
    >>> screen = LoadScreen(store)
    >>> screen.load(folder / "log.csv")
    >>> screen.status
    '1 file: 1 already loaded. 0 rows read = 0 loaded + 0 duplicate + 0 rejected + 0 other. The
    store holds 3 messages.'
    """

    def __init__(self, store: Store, language: str | None = None, **options: Any) -> None:
        self._store, self._options, self._words = store, options, speak(language)
        self._files: list[tuple[FileResult, dict[str, Any]]] = []
        self._message_count = 0
        self._counted: dict[int, int] | None = None
        self._uploads: dict[int, Upload] = {}
        self._arrived: dict[int, Path] = {}
        self._stop, self._work = threading.Event(), threading.Lock()
        self._is_busy = False
        self._told_at = 0.0
        self.status = ""
        self._view = _LoadView("load_screen.js", self._words)
        self._view.on_msg(self._hear)
        super().__init__([self._view])
        for name in ("smtpauth", "smtpauth-screen", "smtpauth-card"):
            self.add_class(name)
        _SCREENS.add(self)
        self._show(self._words("Nothing is loaded yet.") if not store.exists() else "")

    # --- what is on screen ---

    @property
    def result(self) -> LoadResult:
        """How every file ended that this screen loaded."""
        return LoadResult(tuple(file for file, _ in self._files), self._message_count)

    def _repr_html_(self) -> str:
        """Return the same tables for where no kernel runs."""
        files = [file for file, _ in self._files] or self._stored()
        told = [self._told(file, str(n)) for n, file in enumerate(files)]
        return str(reports.load_fragment(told, self.status, self._words))

    def _show(self, status: str | None = None) -> None:
        """Send all of it, with a new status line if there is one."""
        if status is not None:
            self.status = status
        self._counted = None
        self._view.shown = {
            "table": str(reports.load_fragment([], "", self._words)),
            "files": [self._drawn(n) for n in range(len(self._files))],
            "status": self.status,
            "stored": self._stored_count(),
            "folder": str(folder := workplace.exports_folder(self._store)),
            "short": "/".join(folder.parts[-2:]),
            "busy": self._is_busy,
            "kernel": _kernel_id() if self._is_busy and _is_main() else "",
        }

    def _drawn(self, number: int) -> dict[str, str]:
        told = self._told(self._files[number][0], str(number))
        return {"key": str(number), "html": str(reports.load_rows([told], self._words))}

    def _stored(self) -> list[FileResult]:
        with suppress(KitError):
            return loading.stored_files(self._store)
        return []

    def _stored_count(self) -> int:
        with suppress(KitError):
            return len(files(self._store))
        return 0

    def _told(self, file: FileResult, key: str) -> dict[str, Any]:
        # What was just loaded is in the store when all of it is done.
        has_rejected = file.rows_rejected and file.file_id and file.status == LOADED
        rejected = (
            self._rejected(file.file_id or 0, 0) if has_rejected and not self._is_busy else None
        )
        told = {**_told(file, self._words), "key": key, "rejected": rejected}
        if file.status == ALREADY and not self._is_busy:
            # It counted nothing this time; unloaded, it takes away what it counted before.
            told["messages"] = self._counts_in_store().get(file.file_id or 0, 0)
        return told

    def _counts_in_store(self) -> dict[int, int]:
        """Return the messages of each file of the store; asked once for all that is drawn."""
        if self._counted is None:
            self._counted = {file.file_id or 0: file.message_count for file in self._stored()}
        return self._counted

    def _rejected(self, file_id: int, offset: int) -> dict[str, Any]:
        rows = rejected_page(self._store, file_id, PAGE_ROWS, offset)
        kept = zip(rows["reason"], rows.pop("sentence"), strict=True)
        reasons = [self._words.sentence(restored(*each)) for each in kept]
        raws = [raw if len(raw) <= MAX_RAW else f"{raw[:MAX_RAW]} …" for raw in rows["raw"]]
        return {
            "rows": rows.assign(raw=raws, reason=reasons).to_dict("records"),
            "offset": offset,
            "page": PAGE_ROWS,
        }

    # --- working ---

    def load(self, *paths: str | Path, **options: Any) -> None:
        """Load files and wait for the end; the options are those of `sk.load`.

        Raises
        ------
        KitError
            The store cannot be used, or the work was cancelled; files that were done stay.
        """
        with self._working(self._words("Loading …")):
            self._load(paths, {**self._options, **options})

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the work in the background is over; tell whether it is."""
        if is_free := self._work.acquire(timeout=-1 if timeout is None else timeout):
            self._work.release()
        return is_free

    def cancel(self) -> None:
        """End the work: files that were done stay, the one under way leaves nothing."""
        self._stop.set()

    def _start(self, saying: str, work: Callable[[], None], can_stop: bool = True) -> None:
        """Do the work in a thread; what goes wrong becomes the status."""

        def run() -> None:
            try:
                with self._working(saying, can_stop):
                    work()
            except KitError:
                pass  # `_working` has said it.
            except Exception as error:
                self._show(f"{type(error).__name__}: {error}")
                raise

        threading.Thread(target=run, name="smtpauth-load", daemon=True).start()

    @contextmanager
    def _working(self, saying: str, can_stop: bool = True) -> Iterator[None]:
        if not self._work.acquire(blocking=False):
            busy = self._words("This screen is still at work. Wait, or cancel it.")
            raise KitError("{said}", said=busy)
        self._stop.clear()
        self._is_busy = True
        said: str | None = None
        try:
            self._view.progress = {"share": 0.0, "of_all": 0.0, "text": "", "can_stop": can_stop}
            self._show(saying)
            yield
        except KitError as error:
            said = self._stopped() if isinstance(error, Cancelled) else self._words.sentence(error)
            raise
        finally:
            self._is_busy = False
            self._view.progress = {}
            self._show(said)
            self._work.release()

    def _load(self, paths: Sequence[str | Path], options: dict[str, Any], at: int = -1) -> None:
        """Load; the files go below those on screen, or one in the place of the one `at`."""

        def ended(file: FileResult) -> None:
            if at < 0:
                self._files.append((file, options))
            else:
                self._files[at] = (file, options)
            self._view.send({"ended": self._drawn(at if at >= 0 else len(self._files) - 1)})

        before = len(self._files)
        try:
            result = loading.load(
                self._store, *paths, **options,
                progress=self.tell, cancelled=self._stop.is_set, ended=ended,
            )  # fmt: skip
        except StoreError as error:
            self._take_back(before if at < 0 else at, error.sentence)
            raise
        self._message_count = result.message_count
        files = result.files if at >= 0 else [file for file, _ in self._files[before:]]
        self.status = _summary(LoadResult(tuple(files), result.message_count), self._words)

    def _take_back(self, first: int, why: Sentence) -> None:
        """Show as refused what ended well, but is not in the store: that could not be written."""
        there = {(file.file_id, file.path) for file in self._stored()}
        for number, (file, options) in enumerate(self._files[first:], first):
            if file.status == LOADED and (file.file_id, file.path) not in there:
                self._files[number] = (FileResult(path=file.path, why=file.why, error=why), options)

    def tell(self, progress: Progress) -> None:
        """Show where a load is; raises Cancelled when somebody pressed Cancel."""
        if self._stop.is_set():
            raise Cancelled("Stopped. Files that were done stay; the one under way left nothing.")
        now = time.monotonic()
        if now - self._told_at < _TELL_EVERY_S and progress.share < 1:
            return
        self._told_at = now
        place = {"n": progress.file, "files": progress.files, "name": Path(progress.path).name}
        self._view.progress = {
            "share": progress.share,
            "of_all": (progress.file - 1 + progress.share) / max(progress.files, 1),
            "text": self._words("File {n} of {files}: {name}", **place),
        }

    def _stopped(self) -> str:
        return self._words("Stopped. Files that were done stay; the one under way left nothing.")

    # --- what the user does ---

    def _hear(self, _view: BrowserView, message: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what a message of the browser asks for: it has one key, which names it."""
        ((wish, value),) = message.items()
        if wish not in _WISHES:
            return
        try:
            _WISHES[wish](self, value, buffers)
        except KitError as error:
            self._show(self._words.sentence(error))

    def _hear_cancel(self, _value: object, _buffers: object) -> None:
        self.cancel()

    def _hear_folder(self, _value: object, _buffers: object) -> None:
        folder = workplace.exports_folder(self._store)
        if not folder.is_dir() or not any(folder.iterdir()):
            raise KitError("There is nothing in {folder} yet.", folder=str(folder))
        self._start(self._words("Loading …"), lambda: self._load([folder], self._options))

    def _hear_piece(self, piece: dict[str, Any], buffers: list[memoryview]) -> None:
        """Keep a piece of a file; the browser sends the next one when it hears of this one."""
        number, folder = int(piece["id"]), workplace.exports_folder(self._store)
        try:
            if piece["offset"] == 0:
                self._uploads[number] = Upload(folder, str(piece["name"]), int(piece["size"]))
            upload = self._uploads[number]
            upload.add(int(piece["offset"]), buffers[0] if buffers else b"")
            if upload.is_whole:
                self._arrived[number] = self._uploads.pop(number).finish()
            self._view.send({"piece": {"id": number, "received": upload.received}})
        except KitError as error:
            self._uploads.pop(number, None)
            self._view.send({"piece": {"id": number, "error": self._words.sentence(error)}})

    def _hear_give_up(self, number: int, _buffers: object) -> None:
        if upload := self._uploads.pop(number, None):
            upload.cancel()

    def _hear_arrived(self, numbers: list[int], _buffers: object) -> None:
        """Load the files that came whole."""
        paths = list(dict.fromkeys(self._arrived.pop(n) for n in numbers if n in self._arrived))
        if paths:
            self._start(self._words("Loading …"), lambda: self._load(paths, self._options))

    def _hear_unload(self, asked: dict[str, Any], _buffers: object) -> None:
        file_id = int(asked["file_id"])
        self._start(self._words("Unloading …"), lambda: self._unload(file_id), can_stop=False)

    def _unload(self, file_id: int) -> None:
        gone = loading.unload(self._store, file_id)
        self._message_count = stored_messages(self._store)
        for n, (file, options) in enumerate(self._files):
            if file.file_id == file_id:
                shown = replace(gone, path=file.path, why=file.why, warnings=())
                self._files[n] = (shown, options)
        self.status = self._words(
            "{name} is unloaded. The store holds {digits} {messages}.",
            name=Path(gone.path).name, **_held(self._message_count, self._words),
        )  # fmt: skip

    def _hear_rejected(self, asked: dict[str, Any], _buffers: object) -> None:
        """Send a page of rejected rows."""
        file_id, offset = int(asked["file_id"]), max(int(asked["offset"]), 0)
        file = next((f for f in self._stored() if f.file_id == file_id), None)
        if file is None:
            raise KitError("This file is no longer in the store.")
        told = {**_told(file, self._words), "rejected": self._rejected(file_id, offset)}
        html = reports.load_rejected(told, self._words)
        self._view.send({"page": {"id": asked["id"], "html": str(html)}})

    def _hear_stored(self, asked: dict[str, Any], _buffers: object) -> None:
        """Send a page of the files that the store holds."""
        files, offset = self._stored(), max(int(asked["offset"]), 0)
        told = [self._told(f, f"s{f.file_id}") for f in files[offset : offset + PAGE_ROWS]]
        pages = {"offset": offset, "page": PAGE_ROWS, "total": len(files)}
        html = reports.load_stored(told, pages, self._words)
        self._view.send({"page": {"id": asked["id"], "html": str(html)}})

    def _hear_ask(self, number: int, _buffers: object) -> None:
        file, _ = self._files[number]
        asked = file_questions.question(file, self._words)
        self._view.send({"ask": {**asked, "number": number}})

    def _hear_answer(self, answer: dict[str, Any], _buffers: object) -> None:
        """Load a file again with what a person said of it."""
        number = int(answer["number"])
        file, before = self._files[number]
        options = {**before, **file_questions.options_of(file, answer)}
        again = lambda: self._load([file.path], options, at=number)  # noqa: E731
        self._start(self._words("Loading …"), again)

    def _hear_forget(self, number: int, _buffers: object) -> None:
        file, options = self._files[number]
        mappings.forget(self._store, file.header_key)
        self._files[number] = (replace(file, layout=None), options)
        self._show(self._words("Forgotten. The file stays as it was loaded."))


_WISHES: Final[dict[str, Callable[[LoadScreen, Any, Any], None]]] = {
    name.removeprefix("_hear_"): wish
    for name, wish in vars(LoadScreen).items()
    if name.startswith("_hear_")
}
_SCREENS: Final[weakref.WeakSet[LoadScreen]] = weakref.WeakSet()


@atexit.register
def _end_work() -> None:
    """Stop what still runs when the kernel ends: DuckDB must not outlive Python."""
    for screen in list(_SCREENS):
        screen.cancel()
    for screen in list(_SCREENS):
        screen.wait(3.0)


def _is_main() -> bool:
    """Tell whether a cell waits for this: it runs in the thread that runs cells."""
    return threading.current_thread() is threading.main_thread()


def _kernel_id() -> str:
    """Return the id the Jupyter server knows this kernel by; empty where there is none."""
    from ipykernel.connect import get_connection_file

    with suppress(RuntimeError):
        return Path(get_connection_file()).stem.removeprefix("kernel-")
    return ""


def _told(file: FileResult, words: Words) -> dict[str, Any]:
    """Return what a row of the table says of a file, in words and plain values."""
    return {
        "name": Path(file.path).name,
        "path": file.path,
        "status": file.status,
        "status_text": _status(file.status, words),
        "format": next((words.sentence(f.title) for f in FORMATS if f.name == file.format), ""),
        "days": [words.date(day) for day in dict.fromkeys(file.period or ())],
        "counts": [*(getattr(file, f"rows_{name}") for name in _ENDINGS), file.message_count],
        "counted": file.status == LOADED,
        "messages": file.message_count,
        "why": words.sentence(file.why),
        "warnings": [words.sentence(warning) for warning in file.warnings],
        # An exported page says what was loaded, never where it was.
        "error": words.sentence(file.error or NOTHING).replace(
            printable(file.path), Path(file.path).name
        ),
        "file_id": file.file_id if file.status in (LOADED, ALREADY) else None,
        "rows_rejected": file.rows_rejected,
        "asks": isinstance(file.refusal, file_questions.ANSWERED),
        "is_mapped": bool(file.layout and file.layout.mapped) and file.status != REFUSED,
    }


def _status(status: str, words: Words) -> str:
    texts = {
        LOADED: words("Loaded"),
        ALREADY: words("Already loaded"),
        REFUSED: words("Refused"),
        UNLOADED: words("Unloaded"),
    }
    return texts[status]


def _held(count: int, words: Words) -> dict[str, str]:
    return {"digits": str(count), "messages": words("messages", n=count)}


def _summary(result: LoadResult, words: Words) -> str:
    """Return a load in one plain line."""
    counts = [
        (s, sum(file.status == s for file in result.files)) for s in (LOADED, ALREADY, REFUSED)
    ]
    endings = ", ".join(f"{words.count(n)} {_status(s, words).lower()}" for s, n in counts if n)
    rows: dict[str, Any] = {name: result.rows(name) for name in _ENDINGS[1:]}
    return words(
        "{files}: {endings}. {read} = {loaded} loaded + {duplicate} duplicate + "
        "{rejected} rejected + {other} other. The store holds {digits} {messages}.",
        files=words("{n} files", n=len(result.files)),
        endings=endings or words("none"),
        read=words("{n} rows read", n=result.rows("read")),
        **rows, **_held(result.message_count, words),
    )  # fmt: skip


def load(
    store: Store, *paths: str | Path, language: str | None = None, **options: Any
) -> LoadScreen:
    """Show the load screen; with paths, load them first, with progress and Cancel on screen.

    Without paths the screen lets you drop or choose files, or take the folder `data/exports`. A
    path that is not here is looked for in the project's folder, so that `data/exports` means the
    same in every notebook. Options are those of :func:`~smtpauth_kit.loading.loading.load`: what is
    said of the paths (period, columns …) holds for them alone, the tenant for all that is loaded.

    Raises
    ------
    KitError
        The store cannot be used, or the work was stopped; files that were done stay.

    Examples
    --------
    >>> load(store, folder / "log.csv").result.files[0].status
    'already_loaded'
    """
    if not paths:
        return LoadScreen(store, language, **options)
    lasting = {name: value for name, value in options.items() if name == "tenant"}
    screen = LoadScreen(store, language, **lasting)
    with _on_screen(screen):
        screen.load(*map(_in_project, paths), **options)
    return screen


@contextmanager
def _on_screen(screen: LoadScreen) -> Iterator[None]:
    """Show a screen when the work takes longer than a moment, and take it away at the end.

    The caller returns it, and a notebook shows that. What was stopped returns nothing: it stays.
    A script has no screen.
    """
    if get_ipython() is None:
        yield
        return
    place: list[DisplayHandle] = []
    began = time.monotonic()

    def show(_: object) -> None:
        if not place and time.monotonic() - began > _SHOW_AFTER_S and screen._view.progress:
            place.append(display(screen, display_id=True))

    screen._view.observe(show, "progress")
    try:
        yield
    except Cancelled:
        if not place:
            display(screen)
        raise
    finally:
        screen._view.unobserve(show, "progress")
    for handle in place:
        # A saved notebook must not keep two of it.
        handle.update({"text/html": ""}, raw=True)


def _in_project(path: str | Path) -> Path:
    named = Path(path).expanduser()
    project = workplace.project_folder()
    if named.is_absolute() or named.exists() or project is None:
        return named
    return project / named if (project / named).exists() else named


def demo(language: str | None = None) -> Store:
    """Return the demo store with the sample exports in it; they never meet your own."""
    screen = LoadScreen(Store(workplace.demo_path()), language)
    with _on_screen(screen), screen._working(screen._words("Loading …")):
        store, result = workplace.load_samples(screen.tell)
    if result.refused:
        said = " ".join(screen._words.sentence(f.error or NOTHING) for f in result.refused)
        raise KitError("{said}", said=said)
    return store

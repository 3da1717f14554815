"""The load screen: choose files, see how each one ended, open its rejected rows, unload it again.

Work that a button starts runs in a thread of its own, so that the kernel goes on and hears Cancel.
:meth:`LoadScreen.load` returns when all is loaded, so that the next cell finds it. Until then the
kernel hears no widget, so Cancel asks the Jupyter server to interrupt the kernel, as the notebook's
Stop button does. (JupyterLab's subshells do not help: ipykernel gives a widget's messages to the
thread that spoke last for it.)
"""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ipywidgets as W
import traitlets as T
from IPython.display import DisplayHandle, display

from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import Cancelled, KitError, StoreError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.loading import loaded_files, loading, mappings
from smtpauth_kit.loading.progress import Progress
from smtpauth_kit.loading.results import LOADED, FileResult, LoadResult
from smtpauth_kit.loading.uploads import Upload
from smtpauth_kit.screens import file_questions, workplace
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.kernel import is_kernel, kernel_id, runs_cells
from smtpauth_kit.screens.load_tables import FileTables, held, summary
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import speak

_SHOW_AFTER_S: Final = 0.8
"""Seconds that work may take before a cell shows the screen."""
_TELL_EVERY_S: Final = 0.1
"""Seconds between two updates of the progress bar."""


class _LoadView(BrowserView):
    """The screen in the browser."""

    progress = T.Dict().tag(sync=True)
    """How far the work is: shares of this file and of all, and a text; empty when there is none."""


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
        self._tables = FileTables(store, self._words)
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

    def __repr__(self) -> str:
        """Return what a script prints: how the load ended, and why files were refused."""
        return "\n".join([self.status, *self._refusals()])

    def _refusals(self) -> list[str]:
        return [
            f"{file.path}: {self._words.sentence(file.error)}"
            for file, _ in self._files
            if file.error
        ]

    def _repr_html_(self) -> str:
        """Return the tables as HTML, for a notebook that is opened without a kernel."""
        files = [file for file, _ in self._files] or self._tables.stored()
        return self._tables.whole(files, self.status)

    def _show(self, status: str | None = None) -> None:
        """Send all that is on screen to the browser, with a new status line if one is given."""
        if status is not None:
            self.status = status
        self._tables.forget_counts()
        self._view.shown = {
            "table": self._tables.whole([], ""),
            "files": [self._drawn(n) for n in range(len(self._files))],
            "status": self.status,
            "stored": self._stored_count(),
            "folder": str(folder := workplace.exports_folder(self._store)),
            "short": "/".join(folder.parts[-2:]),
            "busy": self._is_busy,
            "kernel": kernel_id() if self._is_busy and runs_cells() else "",
        }

    def _drawn(self, number: int) -> dict[str, str]:
        return self._tables.row(self._files[number][0], str(number), is_busy=self._is_busy)

    def _stored_count(self) -> int:
        with suppress(KitError):
            return len(files(self._store))
        return 0

    # --- working ---

    def load(self, *paths: str | Path, **options: Any) -> None:
        """Load files and wait for the end; the options are those of `sk.load`.

        Raises
        ------
        KitError
            The store cannot be used, or the work was cancelled; files that were done stay.
        """
        with self.working(self._words("Loading …")):
            self._load(paths, {**self._options, **options})

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the work in the background is over; tell whether it is."""
        if is_free := self._work.acquire(timeout=-1 if timeout is None else timeout):
            self._work.release()
        return is_free

    @contextmanager
    def shown_if_slow(self) -> Iterator[None]:
        """Show the screen in the cell while work takes long, and remove it at the end.

        The cell returns the screen, and the notebook shows that. Work that was stopped returns
        nothing: then the screen stays. A script shows no screen.
        """
        if not is_kernel():
            yield
            return
        place: list[DisplayHandle] = []
        began = time.monotonic()

        def show(_: object) -> None:
            if not place and time.monotonic() - began > _SHOW_AFTER_S and self._view.progress:
                place.append(display(self, display_id=True))

        self._view.observe(show, "progress")
        try:
            yield
        except Cancelled:
            if not place:
                display(self)
            raise
        finally:
            self._view.unobserve(show, "progress")
        for handle in place:
            # A saved notebook must not keep two of it.
            handle.update({"text/html": ""}, raw=True)

    def cancel(self) -> None:
        """End the work: files that were done stay, the one under way leaves nothing."""
        self._stop.set()

    def _start(self, saying: str, work: Callable[[], None], can_stop: bool = True) -> None:
        """Do the work in a thread of its own; an error becomes the status line."""

        def run() -> None:
            try:
                with self.working(saying, can_stop):
                    work()
            except KitError:
                pass  # `working` has said it.
            except Exception as error:
                self._show(f"{type(error).__name__}: {error}")
                raise

        threading.Thread(target=run, name="smtpauth-load", daemon=True).start()

    @contextmanager
    def working(self, saying: str, can_stop: bool = True) -> Iterator[None]:
        """Show that work is under way, and at its end how it ended; one piece of work at a time.

        Raises
        ------
        KitError
            The screen is at work already; or the work raised it.
        """
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
        """Load, and add the files to those on screen; with `at`, replace the file that is there."""

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
        self.status = summary(LoadResult(tuple(files), result.message_count), self._words)

    def _take_back(self, first: int, why: Sentence) -> None:
        """Show as refused the loaded files that are not in the store: it could not be written."""
        there = {(file.file_id, file.path) for file in self._tables.stored()}
        for number, (file, options) in enumerate(self._files[first:], first):
            if file.status == LOADED and (file.file_id, file.path) not in there:
                self._files[number] = (FileResult(path=file.path, why=file.why, error=why), options)

    def tell(self, progress: Progress) -> None:
        """Show how far a load is; raises Cancelled when somebody pressed Cancel."""
        if self._stop.is_set():
            raise Cancelled("Stopped. Files that were done stay; the one under way left nothing.")
        now = time.monotonic()
        if now - self._told_at < _TELL_EVERY_S and progress.share < 1:
            return
        self._told_at = now
        place = {"n": progress.file, "files": progress.files, "name": Path(progress.path).name}
        of_file = self._words("File {n} of {files}: {name}", **place)
        self._view.progress = {
            "share": progress.share,
            "of_all": (progress.file - 1 + progress.share) / max(progress.files, 1),
            "text": self._words.sentence(progress.work) if progress.work else of_file,
        }

    def _stopped(self) -> str:
        return self._words("Stopped. Files that were done stay; the one under way left nothing.")

    # --- what the user does ---

    def _hear(self, _view: BrowserView, message: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what a message of the browser asks: its one key is the name of a `_hear_…` method."""
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
        """Write a piece of an uploaded file, and confirm it: the browser then sends the next."""
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
        """Load the uploaded files that arrived whole."""
        paths = list(dict.fromkeys(self._arrived.pop(n) for n in numbers if n in self._arrived))
        if paths:
            self._start(self._words("Loading …"), lambda: self._load(paths, self._options))

    def _hear_unload(self, asked: dict[str, Any], _buffers: object) -> None:
        file_id = int(asked["file_id"])
        self._start(self._words("Unloading …"), lambda: self._unload(file_id), can_stop=False)

    def _unload(self, file_id: int) -> None:
        gone = loaded_files.unload(self._store, file_id)
        self._message_count = stored_messages(self._store)
        for n, (file, options) in enumerate(self._files):
            if file.file_id == file_id:
                shown = replace(gone, path=file.path, why=file.why, warnings=())
                self._files[n] = (shown, options)
        self.status = self._words(
            "{name} is unloaded. The store holds {digits} {messages}.",
            name=Path(gone.path).name, **held(self._message_count, self._words),
        )  # fmt: skip

    def _hear_rejected(self, asked: dict[str, Any], _buffers: object) -> None:
        """Send a page of rejected rows."""
        html = self._tables.rejected(int(asked["file_id"]), max(int(asked["offset"]), 0))
        self._view.send({"page": {"id": asked["id"], "html": html}})

    def _hear_stored(self, asked: dict[str, Any], _buffers: object) -> None:
        """Send a page of the files that the store holds."""
        html = self._tables.stored_page(max(int(asked["offset"]), 0), is_busy=self._is_busy)
        self._view.send({"page": {"id": asked["id"], "html": html}})

    def _hear_ask(self, number: int, _buffers: object) -> None:
        file, _ = self._files[number]
        asked = file_questions.question(file, self._words)
        reports = file_questions.reports_without_days([each for each, _ in self._files])
        others = reports if any(each["number"] == number for each in reports) else []
        self._view.send({"ask": {**asked, "number": number, "reports": others}})

    def _hear_answer(self, answer: dict[str, Any], _buffers: object) -> None:
        """Load files again with what a person answered: about one, or the days of several."""
        answers = answer.get("reports") or [answer]
        wanted: dict[int, dict[str, Any]] = {}
        for each in answers:
            number = int(each["number"])
            file, before = self._files[number]
            wanted[number] = {**before, **file_questions.options_of(file, each)}
        self._start(self._words("Loading …"), lambda: self._load_again(wanted))

    def _load_again(self, wanted: Mapping[int, dict[str, Any]]) -> None:
        """Load files of the screen again, each with options of its own."""
        for number, options in wanted.items():
            self._load([self._files[number][0].path], options, at=number)
        ended = tuple(self._files[number][0] for number in wanted)
        self.status = summary(LoadResult(ended, self._message_count), self._words)

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

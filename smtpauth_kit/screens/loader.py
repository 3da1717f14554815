"""Loading in a notebook: progress with Cancel, then a table of how each file ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as W
from IPython.display import DisplayHandle, display

from smtpauth_kit import loading, reports, workplace
from smtpauth_kit.errors import KitError
from smtpauth_kit.loading import FileResult, LoadResult, Progress
from smtpauth_kit.screens.views import send_runtime
from smtpauth_kit.store import Store
from smtpauth_kit.words import Words, show_invisible, speak

_SHOW_AFTER_S = 0.8


class LoadScreen(W.VBox):  # type: ignore[misc]
    """How a load ended: each file, what it was recognised as, how its rows ended.

    A report that was refused only for want of its days gets two date pickers and a button.
    """

    def __init__(
        self, store: Store, result: LoadResult, options: dict[str, Any], language: str | None = None
    ) -> None:
        send_runtime()
        self.result = result
        self._store, self._options, self._words = store, options, speak(language)
        super().__init__()
        for name in ("smtpauth", "smtpauth-screen", "smtpauth-card"):
            self.add_class(name)
        self._show()

    def _repr_html_(self) -> str:
        """Return the same table for where no kernel runs."""
        return self._table() + str(reports.visible(self.result.summary()))

    def _show(self) -> None:
        summary = W.HTML(f"<p role='status'>{reports.visible(self.result.summary())}</p>")
        self.children = [W.HTML(self._table()), summary, *map(self._ask_period, self._undated())]

    def _undated(self) -> list[FileResult]:
        return [file for file in self.result.files if file.needs_period]

    def _table(self) -> str:
        told = [_told(file, self._words) for file in self.result.files]
        return str(reports.load_fragment(told, self._words))

    def _ask_period(self, file: FileResult) -> W.HBox:
        words, own = self._words, {"style": {"description_width": "initial"}}
        name = W.Label(show_invisible(Path(file.path).name))
        start = W.DatePicker(description=words("Start date"), **own)
        end = W.DatePicker(description=words("End date"), **own)
        button = W.Button(description=words("Load"), disabled=True)

        def check(_: object) -> None:
            button.disabled = not (start.value and end.value and start.value <= end.value)

        start.observe(check, "value")
        end.observe(check, "value")
        button.on_click(lambda _: self._load_again(file, (start.value, end.value)))
        bar = W.HBox([name, start, end, button])
        bar.add_class("smtpauth-bar")
        return bar

    def _load_again(self, file: FileResult, period: tuple[Any, Any]) -> None:
        again = loading.load(self._store, file.path, **{**self._options, "period": period})
        files = tuple(again.files[0] if each is file else each for each in self.result.files)
        self.result = LoadResult(files, again.message_count)
        self._show()


def _told(file: FileResult, words: Words) -> dict[str, Any]:
    """Return what the table says of a file: counts, and a line for each remark."""
    days = [words.date(day) for day in file.period or ()]
    endings = ("read", "loaded", "duplicate", "rejected", "other")
    remarks = [file.why, *file.warnings, file.error or ""]
    return {
        "path": Path(file.path).name,
        "status": words(file.status.replace("_", " ").capitalize()),
        "days": " \u2013 ".join(dict.fromkeys(days)),
        "counts": [*(getattr(file, f"rows_{name}") for name in endings), file.message_count],
        "counted": file.status == "loaded",
        "remarks": [remark for remark in remarks if remark],
    }


class _Watch:
    """A progress bar that comes when the work takes longer than a moment, with Cancel."""

    def __init__(self, words: Words) -> None:
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._label = W.Label()
        self._bar = W.FloatProgress(min=0.0, max=1.0)
        self._cancel = W.Button(description=words("Cancel"))
        self._cancel.on_click(lambda _: self._stop.set())
        self._box = W.HBox([self._bar, self._cancel, self._label])
        self._place: DisplayHandle | None = None

    def tell(self, progress: Progress) -> None:
        if self._place is None and time.monotonic() - self._began > _SHOW_AFTER_S:
            self._place = display(self._box, display_id=True)
        if self._place is not None:
            self._bar.value = (progress.file - 1 + progress.share) / max(progress.files, 1)
            self._label.value = f"{progress.file}/{progress.files} {Path(progress.path).name}"

    @property
    def is_cancelled(self) -> Callable[[], bool]:
        return self._stop.is_set

    def close(self) -> None:
        """Take the bar away; a saved notebook must not keep a dead control."""
        if self._place is not None:
            self._place.update({"text/html": ""}, raw=True)
        self._box.close()


def load(
    store: Store, *paths: str | Path, language: str | None = None, **options: Any
) -> LoadScreen:
    """Load exports with progress on screen; see :func:`smtpauth_kit.loading.load` for options.

    A path that is not here is looked for in the project's folder, so that `data/exports` means the
    same in every notebook.
    """
    watch = _Watch(speak(language))
    try:
        result = loading.load(
            store, *map(_in_project, paths), progress=watch.tell, cancelled=watch.is_cancelled,
            **options,
        )  # fmt: skip
    finally:
        watch.close()
    return LoadScreen(store, result, options, language)


def _in_project(path: str | Path) -> Path:
    named = Path(path).expanduser()
    project = workplace.project_folder()
    if named.is_absolute() or named.exists() or project is None:
        return named
    return project / named if (project / named).exists() else named


def demo(language: str | None = None) -> Store:
    """Return the demo store with the sample exports in it; they never meet your own."""
    watch = _Watch(speak(language))
    try:
        store, result = workplace.load_samples(watch.tell)
    finally:
        watch.close()
    if result.refused:
        raise KitError(" ".join(str(file.error) for file in result.refused))
    return store

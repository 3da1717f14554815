"""Loading from a cell of a notebook: `load` and `demo`, which return when all is loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import NOTHING
from smtpauth_kit.screens import samples, workplace
from smtpauth_kit.screens.kernel import is_kernel
from smtpauth_kit.screens.load_screen import LoadScreen
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import speak

_LASTING: Final = ("tenant", "jobs")


def load(
    store: Store, *paths: str | Path, language: str | None = None, **options: Any
) -> LoadScreen:
    """Show the load screen; with paths, load them first, with progress and Cancel on screen.

    Without paths the screen lets you drop or choose files, or take the folder `data/exports`. A
    path that is not here is looked for in the project's folder, so that `data/exports` means the
    same in every notebook. Options are those of :func:`~smtpauth_kit.loading.loading.load`: what is
    said of the paths (period, columns …) holds for them alone, the tenant and the number of
    processes (jobs) for all that is loaded.

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
    lasting = {name: value for name, value in options.items() if name in _LASTING}
    screen = LoadScreen(store, language, **lasting)
    with screen.shown_if_slow():
        screen.load(*map(_in_project, paths), **options)
    if screen.result.refused and not is_kernel():
        print(printable(repr(screen)), file=sys.stderr)  # A script shows no screen.
    return screen


def _in_project(path: str | Path) -> Path:
    """Return a path as it is; one that is not here, from the project's folder if it is there."""
    named = Path(path).expanduser()
    project = workplace.project_folder()
    if named.is_absolute() or named.exists() or project is None:
        return named
    return project / named if (project / named).exists() else named


def demo(language: str | None = None) -> Store:
    """Return the demo store with the sample exports in it; they never meet your own."""
    screen = LoadScreen(Store(workplace.demo_path()), language)
    words = speak(language)
    with screen.shown_if_slow(), screen.working(words("Loading …")):
        store, result = samples.load_samples(screen.tell)
    if result.refused:
        said = " ".join(words.sentence(f.error or NOTHING) for f in result.refused)
        raise KitError("{said}", said=said)
    return store

"""The sample exports in a store of their own: they never meet evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from smtpauth_kit import sample
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import OtherVersion
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LOADED, LoadResult
from smtpauth_kit.screens import workplace
from smtpauth_kit.store.store import Store, open_store


def load_samples(tell: Callable[[Any], None]) -> tuple[Store, LoadResult]:
    """Load every sample export into a store of its own: sample data never meets evidence.

    Returns
    -------
    (Store, LoadResult)
        `data/demo.duckdb` of the project, else of the user's data folder; and how it went.
    """
    path = workplace.demo_path()
    samples = path.with_name("sample")
    if not samples.is_dir():
        sample.write_samples(samples)
    _remove_other_version(path)
    existed = path.exists()
    store, result = load_samples_into(path, samples, tell)
    if existed and any(file.status == LOADED for file in result.files):
        # The samples of another version: beside the old ones, their rows would be duplicates.
        path.unlink()
        store, result = load_samples_into(path, samples, tell)
    return store, result


def _remove_other_version(path: Path) -> None:
    """Remove a store of samples that another version made: it holds nothing of anyone's."""
    try:
        open_store(path)
    except OtherVersion:
        path.unlink()


def load_samples_into(
    path: Path, samples: Path, tell: Callable[[Any], None]
) -> tuple[Store, LoadResult]:
    """Load the sample exports of a folder, each with the days it was exported for.

    What the story's people said of senders is kept, too, where nobody said anything yet.
    """
    store = open_store(path)
    exports = [(samples / entry.name, entry.period) for entry in sample.manifest()]
    result = loading.load_with_periods(store, exports, tell)
    if not kept.said_of(store):
        kept.keep(store, {sender: vars(note) for sender, note in sample.NOTES.items()})
    return store, result

"""Which files of a load are read by processes beside it, and by how many."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Final

from smtpauth_kit.loading.one_file import files_of_its_size
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.tasks import Task
from smtpauth_kit.loading.workers import Workers
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.pieces import PIECE_BYTES
from smtpauth_kit.store.store import Store
from smtpauth_kit.store.writer import Writer

MOST: Final = 8
"""Processes where nobody says how many; the one that appends would not keep up with many more."""
WORTH_BYTES: Final = 32 * MIB
"""Bytes of exports from which on processes are worth their start (half a second each)."""
_PACKED: Final = 8
"""Bytes that a byte of a packed file stands for."""


@contextmanager
def reading_beside(
    store: Store,
    files: Sequence[tuple[Export, Options]],
    jobs: int | None,
    open_writer: Callable[[], Writer],
) -> Iterator[Workers | None]:
    """Let processes read the files of a load side by side; None: this one reads them all.

    The working copy is opened for it: what they read waits beside it.
    """
    handed = {
        number: file
        for number, file in enumerate(files, start=1)
        if jobs != 1 and _can_be_handed_over(*file, store)
    }
    count = how_many([export for export, _ in handed.values()], jobs)
    if not count:
        yield None
        return
    writer = open_writer()
    name = f"{writer.path.name}.part"
    task = Task(writer.path.parent, name, writer.load_keys(), PIECE_BYTES)
    with closing(Workers(count, task, handed)) as workers:
        yield workers


def how_many(exports: Sequence[Export], jobs: int | None) -> int:
    """Return how many processes are to read exports; 0: none but this one.

    As many as somebody wants; else as many as there are cores, and none where the exports are read
    sooner than a process begins.

    Examples
    --------
    >>> from smtpauth_kit.reading.containers import find_exports
    >>> exports = find_exports([folder / "log.csv"]) * 3
    >>> [how_many(exports, jobs) for jobs in (None, 1, 2, 5)]
    [0, 0, 2, 3]
    """
    if jobs is None:
        size = sum(each.size * (1 if each.is_file else _PACKED) for each in exports)
        jobs = min(_cores(), MOST) if size >= WORTH_BYTES else 1
    count = min(jobs, sum(map(_parts, exports)))
    return count if count > 1 and sys.executable else 0


def _parts(export: Export) -> int:
    """Return into how many pieces an export may be cut."""
    return max(export.size // PIECE_BYTES, 1) if export.is_file else 1


def _cores() -> int:
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # Not on Linux.


def _can_be_handed_over(export: Export, options: Options, store: Store) -> bool:
    """Tell whether another process can open an export: not what was made into text here.

    One that is probably loaded already is known by its hash alone, here.
    """
    try:
        pickle.dumps(export.open)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return not files_of_its_size(store, export, options)

"""Load exports into a store: files, folders and archives, one after the other.

A refused file stops no other. Rows end as loaded, duplicate, rejected or other, and a file's
figures always add up: read = loaded + duplicate + rejected + other.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final

from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import Cancelled, FileRefused, StoreError, UsageError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.loading import bulk, mappings, mending, zones
from smtpauth_kit.loading.judging import keep_what_can_be_found
from smtpauth_kit.loading.memory import collecting_seldom
from smtpauth_kit.loading.one_file import load_one, loaded_before
from smtpauth_kit.loading.options import (
    Options,
    check_date_order,
    check_format,
    check_jobs,
    checked_period,
)
from smtpauth_kit.loading.progress import Progress, Watch
from smtpauth_kit.loading.reading_beside import reading_beside
from smtpauth_kit.loading.results import FileResult, LoadResult
from smtpauth_kit.loading.tenant_folders import exports_of_tenants
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.exports import Export, refused
from smtpauth_kit.store.store import Store


def load(
    store: Store,
    *paths: str | Path,
    period: tuple[dt.date | str, dt.date | str] | str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    date_order: str | None = None,
    tenant: str = "",
    tenant_from_folder: bool = False,
    source_timezone: str = "",
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    ended: Callable[[FileResult], None] | None = None,
    forget_mappings: bool = False,
    jobs: int | None = None,
) -> LoadResult:
    """Load files, folders, patterns and archives into a store.

    Parameters
    ----------
    store
        Where the facts go.
    paths
        What to load. A path that exists is that path; else it is a pattern.
    period
        First and last day, both included, of reports (which do not say) and settings exports; as
        one text `2026-11-16:2026-11-22`.
    format
        Name of a format, where recognising is not wanted.
    columns
        Field to column name, for headers the kit does not know. The store remembers it for the
        next files with such a header.
    date_order
        "dmy", "mdy" or "ymd" where a file's dates could be read in two ways.
    tenant
        Name of the tenant the files come from; empty when there is one.
    tenant_from_folder
        The paths are folders with a folder for each tenant, whose name is the tenant's.
    source_timezone
        Time zone of times that say none themselves, where the header of their column does not
        either, or not one that can be known: "Europe/Amsterdam", "UTC+01:00".
    progress, cancelled
        Called as the work goes on; `cancelled` returning True ends it cleanly.
    ended
        Called with each file as it ends, also with those that were done before a wish to stop.
    forget_mappings
        Forget, and do not use, what the store remembers of the headers of these files.
    jobs
        Processes that read files beside each other; what is loaded does not depend on it. Without,
        one for each core of this machine, and none beside this one for what is read in a moment.

    Returns
    -------
    LoadResult
        One :class:`FileResult` per file, in the order they were named.

    Raises
    ------
    KitError
        The store cannot be used, or the work was cancelled.

    Examples
    --------
    >>> result = load(Store(folder / "new.duckdb"), folder / "log.csv")
    >>> print(result.summary())
    1 file: 1 loaded. 3 rows read = 3 loaded + 0 duplicate + 0 rejected + 0 other. The store
    holds 3 messages.
    """
    check_date_order(date_order)
    check_format(format)
    check_jobs(jobs)
    if tenant and tenant_from_folder:
        raise UsageError("Say the tenant, or take it from the folders: not both.")
    if source_timezone:
        zones.zone_named(source_timezone)
    options = Options(
        period=checked_period(period),
        format=format,
        columns=dict(columns or {}),
        date_order=date_order,
        tenant=tenant,
        source_timezone=source_timezone,
        remembered={} if forget_mappings else mappings.remembered(store),
    )
    found = (
        [(export, replace(options, tenant=own)) for export, own in exports_of_tenants(paths)]
        if tenant_from_folder
        else [(export, options) for export in find_exports(paths)]
    )
    return _load_found(store, found, progress, cancelled, ended, forget_mappings, jobs)


def load_with_periods(
    store: Store,
    exports: Iterable[tuple[Path, tuple[dt.date, dt.date] | None]],
    progress: Callable[[Progress], None] | None = None,
) -> LoadResult:
    """Load exports in one go, each with the days it was exported for (None: it says them itself).

    Examples
    --------
    >>> week = (dt.date(2026, 11, 16), dt.date(2026, 11, 22))
    >>> result = load_with_periods(Store(folder / "new.duckdb"), [(folder / "log.csv", week)])
    >>> result.files[0].status, result.files[0].rows_loaded
    ('loaded', 3)
    """
    found = [
        (export, Options(period=checked_period(period)))
        for path, period in exports
        for export in find_exports([path])
    ]
    return _load_found(store, found, progress)


_JUDGING: Final = Sentence("looking for unusual activity")
_WAITING: Final = Sentence("waiting until another load into this store has ended")


def _load_found(
    store: Store,
    found: Sequence[tuple[Export, Options]],
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    ended: Callable[[FileResult], None] | None = None,
    forget_mappings: bool = False,
    jobs: int | None = None,
) -> LoadResult:
    files = [file for each in found for file in _files(store, *each)]
    watch = Watch(len(files), progress, cancelled)
    results: list[FileResult] = []
    remembering = _remembering(store, results, forget_mappings)
    with remembering, watch.listening(), collecting_seldom(), ExitStack() as stack:
        may_read = [os.path.abspath(export.path) for export, _ in found if bulk.may_suit(export)]
        waits = partial(watch.tell_of(_WAITING, 1), 0.0)
        open_writer = cache(
            lambda: stack.enter_context(store.writing(watch.check, may_read, waits))
        )
        with reading_beside(store, files, jobs, open_writer) as workers:
            for number, (export, own) in enumerate(files, start=1):
                is_new = workers is not None and number in workers
                before = None if is_new else loaded_before(store, export, own, watch, number)
                results.append(before or load_one(open_writer, export, own, watch, number, workers))
                if ended:
                    ended(results[-1])
        if open_writer.cache_info().currsize and open_writer().changed:
            keep_what_can_be_found(open_writer(), watch.tell_of(_JUDGING, len(files)))
    return LoadResult(tuple(results), stored_messages(store) if store.exists() else 0)


def _files(store: Store, export: Export, options: Options) -> list[tuple[Export, Options]]:
    """Return an export with its options; mended rows are one export for each file they are of."""
    if not mending.is_of_rejected_rows(export):
        return [(export, options)]
    try:
        return list(mending.exports_in(export, store, options))
    except FileRefused as why:
        return [(refused(export.path, why), options)]


@contextmanager
def _remembering(store: Store, results: list[FileResult], forget: bool) -> Iterator[None]:
    """Keep in the settings, after the load, which columns a person mapped.

    A load that was stopped keeps what was said of the files it had done.
    """
    try:
        yield
    except Cancelled:
        _remember(store, results, forget)
        raise
    _remember(store, results, forget)


def _remember(store: Store, results: list[FileResult], forget: bool) -> None:
    try:
        if forget:
            mappings.forget_unreadable(store)
            for key in {file.header_key for file in results} & {*mappings.remembered(store)}:
                mappings.forget(store, key)
        for file in {file.header_key: file for file in results if file.mapped_now}.values():
            mappings.keep(store, file.header, file.format, file.mapped_now)
    except StoreError:
        raise StoreError(
            "The files are loaded, but the store could not be written once more for what was said "
            "of their columns. Make room on its disk, and say it again with the next such file."
        ) from None

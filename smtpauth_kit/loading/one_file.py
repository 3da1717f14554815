"""One file from its path to its result: loaded, loaded before, or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from smtpauth_kit.base.errors import Cancelled, FileRefused
from smtpauth_kit.base.sentences import Sentence, sentences_from
from smtpauth_kit.formats import FORMATS, Layout
from smtpauth_kit.loading import bulk, known, mending
from smtpauth_kit.loading.appending import FileJob, mapped_on
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.loading.recognising import recognise
from smtpauth_kit.loading.results import ALREADY, LOADED, FileResult
from smtpauth_kit.loading.workers import Workers
from smtpauth_kit.reading.containers import written_at
from smtpauth_kit.reading.contents import examine, sha256_of
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import Store
from smtpauth_kit.store.writer import Writer
from smtpauth_kit.words.inert import printable


def load_one(
    open_writer: Callable[[], Writer],
    export: Export,
    options: Options,
    watch: Watch,
    number: int,
    workers: Workers | None = None,
) -> FileResult:
    """Load one file, the `number`-th of this load; a refusal is a result like any other.

    `open_writer` is called when the file's format is known and not before: making the working copy
    of a large store takes long, and a refused file needs none. What `workers` staged ahead is not
    read again.
    """
    result, ahead = FileResult(path=export.path), None
    try:
        watch.start(export, number)
        ahead = workers.staged(number, watch) if workers else None
        if ahead:
            content, layout = ahead.content, ahead.layout
        else:
            content = examine(export, watch.tick_from(0.0, 0.1, export.size))
            layout = recognise(export, content, options)
        result = replace(result, format=layout.format.name, why=_why(layout), layout=layout)
        job = FileJob(
            open_writer(), export, content, layout, options,
            tick=watch.tick_from(0.1, 1.0, export.size), ahead=ahead,
        )  # fmt: skip
        return _append(job, result)
    except Cancelled:
        raise
    except FileRefused as refused:
        return replace(result, error=refused.sentence, refusal=refused)
    finally:
        if ahead:
            ahead.remove()


def loaded_before(
    store: Store, export: Export, options: Options, watch: Watch, number: int
) -> FileResult | None:
    """Return the result of a big file whose content the store already holds; None: it is new.

    Its hash is enough to know it again, and takes half the time that reading its text takes.
    """
    files = files_of_its_size(store, export, options)
    if not files:
        return None
    watch.start(export, number)
    sha256 = sha256_of(export, watch.tick_from(0.0, 1.0, export.size))
    formats = {each.name: each for each in FORMATS}
    for file in files:
        if file["load_key"] == known.load_key(sha256, formats[file["format"]], options):
            why, *_ = sentences_from(file["sentences"])
            result = FileResult(path=export.path, format=file["format"], why=why)
            return _already(result, file["file_id"], file["path"])
    return None


def files_of_its_size(store: Store, export: Export, options: Options) -> list[dict[str, Any]]:
    """Return the files in the store that a big file may be the same as."""
    if not bulk.may_suit(export) or not store.exists():
        return []
    same = {"bytes": export.size, "tenant": options.tenant}
    return store.rows(sql_text("files_of_size"), same).records()


def _already(result: FileResult, file_id: int, path: str) -> FileResult:
    told = Sentence("the same content was loaded before, from {file}", file=printable(path))
    return replace(result, status=ALREADY, warnings=(told,), file_id=int(file_id))


def _append(job: FileJob, result: FileResult) -> FileResult:
    writer, content, layout, options = job.writer, job.content, job.layout, job.options
    load_key = known.load_key(content.sha256, layout.format, options)
    before = writer.file_with_key(load_key)
    if before is None and options.period is None:
        before = known.loaded_with_days(writer, layout.format, content.sha256, options.tenant)
    if before:
        return _already(result, *before)
    same = {"tenant": options.tenant, "source": layout.format.source}
    job.file = {
        **same,
        "path": job.export.path,
        "format": layout.format.name,
        "loaded_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "written_at": written_at(job.export),
        "why": result.why,
        "cannot_tell": list(layout.cannot_tell),
        "header": mending.header_text(layout),
        "content_sha256": content.sha256,
        "content_bytes": content.bytes,
        "load_key": load_key,
    }
    counts, figures = job.run()
    start, end = figures.pop("period_start"), figures.pop("period_end")
    return replace(
        result,
        status=LOADED,
        rows_read=counts.read,
        period=(start, end) if start else None,
        **figures,
    )


def _why(layout: Layout) -> Sentence:
    why = Sentence(
        "{title}, by its columns {columns}",
        title=layout.format.title,
        columns=[printable(label) for label in layout.labels.values()],
    )
    if layout.mapped:
        why = Sentence("{why}, columns as you mapped them on {day}", why=why, day=mapped_on(layout))
    if phrases := layout.cannot_tell:
        why = Sentence("{why}; it cannot tell {phrases}", why=why, phrases=phrases)
    return why

"""`smtpauth load` and `unload`: exports into the store, and out of it again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.cli.options import AsJson, StoreOption, opened_to_load
from smtpauth_kit.cli.printing import print_columns, print_json, said

if TYPE_CHECKING:
    from smtpauth_kit.loading.results import FileResult, LoadResult

_ENDINGS: Final = ("read", "loaded", "duplicate", "rejected", "other")


def load(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(help="Files, folders, patterns, archives.")],
    period: Annotated[
        str | None,
        typer.Option(help="START:END, both days included: the days a report was exported for."),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="A format's name, where it is not recognised.")
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD=COLUMN for an unknown header; remembered for it."),
    ] = None,
    forget_map: Annotated[
        bool, typer.Option("--forget-map", help="Forget what was mapped for these headers.")
    ] = False,
    date_order: Annotated[
        str | None, typer.Option(help="dmy, mdy or ymd, where dates can be read in two ways.")
    ] = None,
    source_timezone: Annotated[
        str,
        typer.Option(help="Time zone of times that say none: Europe/Amsterdam, UTC+01:00."),
    ] = "",
    tenant: Annotated[str, typer.Option(help="Name of the tenant, when you load several.")] = "",
    tenant_from_folder: Annotated[
        bool,
        typer.Option("--tenant-from-folder", help="Each folder in PATH is a tenant, by its name."),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Files read side by side; else, as many as there are cores."),
    ] = None,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Load exports into the store.

    Each file whole or not at all, each message once.
    """
    from smtpauth_kit.loading import loading

    with progress(as_json) as tell, _told_when_stopped(as_json) as ended:
        result = loading.load(
            opened_to_load(context, store),
            *paths,
            period=period,
            format=format,
            columns=_columns(map or []),
            date_order=date_order,
            tenant=tenant,
            tenant_from_folder=tenant_from_folder,
            source_timezone=source_timezone,
            progress=tell,
            ended=ended,
            forget_mappings=forget_map,
            jobs=jobs,
        )
    if as_json:
        print_json(result.to_dict())
    else:
        _print_files(result.files)
    say_refused(result)
    if not as_json:
        print(result.summary())
    raise typer.Exit(bool(result.refused))


def _columns(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise UsageError(
                '{text} is not FIELD=COLUMN. Example: "Sender address=Afzender".', text=repr(pair)
            )
        columns[field.strip()] = column.strip()
    return columns


@contextmanager
def progress(quiet: bool = False) -> Iterator[Callable[[Any], None]]:
    """Show where a load is: a bar on a terminal, a line per file elsewhere."""
    if quiet:
        yield lambda progress: None
    elif sys.stderr.isatty():
        with _bars() as move:
            yield move
    else:
        yield _lines()


def _lines() -> Callable[[Any], None]:
    seen: set[tuple[int, str]] = set()

    def line(progress: Any) -> None:
        if (progress.file, progress.path) not in seen:
            seen.add((progress.file, progress.path))
            print(f"[{progress.file}/{progress.files}] {progress.path}", file=sys.stderr)

    return line


@contextmanager
def _bars() -> Iterator[Callable[[Any], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        all_files, this = bar.add_task("all files", total=1.0), bar.add_task("", total=1.0)

        def move(p: Any) -> None:
            bar.update(all_files, completed=(p.file - 1 + p.share) / max(p.files, 1))
            bar.update(this, description=f"[{p.file}/{p.files}] {p.path[-60:]}", completed=p.share)

        yield move


@contextmanager
def _told_when_stopped(quiet: bool) -> Iterator[Callable[[FileResult], None]]:
    """Show the files that were done when the work is stopped; they stay loaded."""
    from smtpauth_kit.base.errors import Cancelled

    done: list[FileResult] = []
    try:
        yield done.append
    except Cancelled:
        if not quiet and done:
            _print_files(done)
        raise


def _print_files(files: Sequence[FileResult]) -> None:
    """Print how each file ended as a table, and what has to be said of each below it."""
    from smtpauth_kit.words.inert import printable

    def counts(name: str) -> list[str]:
        return [f"{getattr(f, name):,}" if f.status == "loaded" else "" for f in files]

    table = {
        "file": [printable(file.path) for file in files],
        "result": [file.status.replace("_", " ") for file in files],
        "recognised as": [_short(file.why) for file in files],
        "days": [" to ".join(dict.fromkeys(map(str, file.period or ()))) for file in files],
        **{end: counts(f"rows_{end}") for end in _ENDINGS},
        "messages": counts("message_count"),
    }
    notes = [f"{table['file'][n]}: {text}" for n, f in enumerate(files) for text in f.warnings]
    if any(file.rows_rejected for file in files):
        notes.append("Rejected rows and their reasons: smtpauth show rejected")
    print_columns(table, notes)


def _short(why: str) -> str:
    """Return what a file was recognised as and by what, as long as there is room for it."""
    import shutil

    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < 150
    text, most = why.split(";")[0].replace(", by its columns ", ": "), 34 if is_narrow else 60
    return text if len(text) <= most else f"{text[: most - 1]}…"


def say_refused(result: LoadResult) -> None:
    """Say of each file that was refused why: a line each, on stderr."""
    from smtpauth_kit.words.inert import printable

    if result.refused:
        texts = [printable(f"Refused: {file.error}") for file in result.refused]
        print("\n".join(texts), file=sys.stderr)


def unload(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A file's path as it was loaded, or its file_id.")],
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Take a loaded file out of the store again.

    The store is then as if it had never been loaded.
    """
    from smtpauth_kit.answers.stored import stored_messages
    from smtpauth_kit.loading import loaded_files
    from smtpauth_kit.loading.results import LoadResult
    from smtpauth_kit.words.inert import printable

    opened_store = opened_to_load(context, store)
    result = loaded_files.unload(opened_store, file)
    left = stored_messages(opened_store)
    if as_json:
        files = LoadResult((result,), left).to_dict()["files"]
        print_json({"files": files, "message_count": left})
    else:
        gone = said("{n} {n:message|messages}", n=result.message_count)
        held = said("The store holds {n} {n:message|messages}.", n=left)
        print(f"{printable(result.path)}: unloaded, with its {gone}. {held}")

"""The command line: parse, call, print. Names and JSON are promises; scripts rely on them."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from smtpauth_kit.conditions import parse_clause, parse_groups
from smtpauth_kit.errors import KitError, UsageError
from smtpauth_kit.schema import ANSWERS, DEFAULT_DAYS, SOURCES, Filters, as_day

if TYPE_CHECKING:
    from smtpauth_kit.answers import Answer
    from smtpauth_kit.loading import FileResult, LoadResult
    from smtpauth_kit.pseudonyms import Pseudonyms
    from smtpauth_kit.store import Store

app = typer.Typer(
    name="smtpauth",
    help="Who still submits mail over SMTP AUTH: load exports, ask, and write the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FORMATS: Final = ("table", "csv", "json")

_StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store file. Else SMTPAUTH_STORE, else data/.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def main() -> None:
    """Run the command line; every error a user can meet ends as a plain paragraph."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a sign shows its escape instead of failing.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        app(_joined_pairs(sys.argv[1:]))
    except UsageError as error:
        _fail(str(error), 2)
    except KitError as error:
        _fail(str(error), 1, error.details)
    except KeyboardInterrupt:
        _fail("Stopped.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("SMTPAUTH_DEBUG"):
            raise
        _fail(
            f"Something went wrong that the kit does not know ({type(error).__name__}: {error}). "
            "Nothing was changed by the step that failed. Set SMTPAUTH_DEBUG=1 to see where.",
            1,
        )


def _joined_pairs(arguments: list[str]) -> list[str]:
    """Join `-p NAME VALUE` to one value: typer has no option that repeats and takes two.

    Examples
    --------
    >>> _joined_pairs(["export-notebook", "x.ipynb", "-p", "domain", "contoso.com"])
    ['export-notebook', 'x.ipynb', '-p', 'domain=contoso.com']
    """
    joined: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        joined.append(argument)
        if argument == "-p":
            joined.append("=".join([next(rest, ""), next(rest, "")]))
    return joined


def _fail(text: str, code: int, details: Mapping[str, Any] = MappingProxyType({})) -> NoReturn:
    from smtpauth_kit.reading import printable

    if "--json" in sys.argv:
        print(json.dumps({"error": text, **details}))
    print(printable(text.replace("\n", " ")), file=sys.stderr)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        from smtpauth_kit import __version__

        print(f"smtpauth_kit {__version__}")
        raise typer.Exit


@app.callback()
def _everywhere(
    context: typer.Context,
    store: _StoreOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = store


def _open(context: typer.Context, store: Path | None) -> Store:
    from smtpauth_kit.store import open_store

    return open_store(store or context.obj)


# --- load ----------------------------------------------------------------------------------


@app.command()
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
    tenant: Annotated[str, typer.Option(help="Name of the tenant, when you load several.")] = "",
    store: _StoreOption = None,
    as_json: _Json = False,
) -> None:
    """Load exports into the store: each file whole or not at all, each message once."""
    from smtpauth_kit import loading

    with _progress(as_json) as tell, _told_when_stopped(as_json) as ended:
        result = loading.load(
            _open(context, store),
            *paths,
            period=_period(period),
            format=format,
            columns=_columns(map or []),
            date_order=date_order,
            tenant=tenant,
            progress=tell,
            ended=ended,
            forget_mappings=forget_map,
        )
    if as_json:
        print(json.dumps(result.to_dict(), default=_plain))
    else:
        _print_files(result.files)
    _say_refused(result)
    if not as_json:
        print(result.summary())
    if result.refused:
        raise typer.Exit(1)


def _period(text: str | None) -> tuple[dt.date | str, dt.date | str] | None:
    if text is None:
        return None
    start, colon, end = text.partition(":")
    if not colon:
        raise UsageError(f"{text!r} is not a period. Write it as 2026-11-16:2026-11-22.")
    days = as_day(start.strip()), as_day(end.strip())
    if days[0] is None or days[1] is None:
        raise UsageError(f"{text!r} is not a period. Write it as 2026-11-16:2026-11-22.")
    if days[0] > days[1]:
        raise UsageError(f"The period {text} ends before it starts. Give the first day first.")
    return days[0], days[1]


def _columns(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise UsageError(f'{pair!r} is not FIELD=COLUMN. Example: "Sender address=Afzender".')
        columns[field.strip()] = column.strip()
    return columns


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Any], None]]:
    """Show where a load is: a bar on a terminal, a line per file elsewhere."""
    if quiet:
        yield lambda progress: None
        return
    if not sys.stderr.isatty():
        seen: set[int] = set()

        def line(progress: Any) -> None:
            if progress.file not in seen:
                seen.add(progress.file)
                print(f"[{progress.file}/{progress.files}] {progress.path}", file=sys.stderr)

        yield line
        return
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
    from smtpauth_kit.errors import Cancelled

    done: list[FileResult] = []
    try:
        yield done.append
    except Cancelled:
        if not quiet and done:
            _print_files(done)
        raise


def _print_files(files: Sequence[FileResult]) -> None:
    """Print how each file ended as a table, and what has to be said of each below it."""
    from smtpauth_kit.reading import printable

    endings = ("read", "loaded", "duplicate", "rejected", "other")
    table: dict[str, list[str]] = {
        "file": [printable(file.path) for file in files],
        "result": [file.status.replace("_", " ") for file in files],
        "recognised as": [_short(file.why) for file in files],
        "days": [" to ".join(dict.fromkeys(map(str, file.period or ()))) for file in files],
    }
    for name in endings:
        counts = [getattr(file, f"rows_{name}") for file in files]
        table[name] = [
            f"{n:,}" if f.status == "loaded" else "" for f, n in zip(files, counts, strict=True)
        ]
    table["messages"] = [f"{f.message_count:,}" if f.status == "loaded" else "" for f in files]
    notes = [f"{table['file'][n]}: {text}" for n, f in enumerate(files) for text in f.warnings]
    if any(file.rows_rejected for file in files):
        notes.append("Rejected rows and their reasons: smtpauth show rejected")
    _print_columns(table, notes)


def _short(why: str) -> str:
    """Return what a file was recognised as and by what, as long as there is room for it."""
    import shutil

    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < 150
    text, most = why.split(";")[0].replace(", by its columns ", ": "), 34 if is_narrow else 60
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _say_refused(result: LoadResult) -> None:
    from smtpauth_kit.reading import printable

    if result.refused:
        texts = [f"Refused: {file.error}" for file in result.refused]
        print(printable(" ".join(texts)), file=sys.stderr)


@app.command()
def unload(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A file's path as it was loaded, or its file_id.")],
    store: _StoreOption = None,
    as_json: _Json = False,
) -> None:
    """Take a loaded file out of the store again, as if it had never been loaded."""
    from smtpauth_kit import answers, loading
    from smtpauth_kit.reading import printable

    opened = _open(context, store)
    result = loading.unload(opened, file)
    left = answers.stored_messages(opened)
    if as_json:
        files = loading.LoadResult((result,), left).to_dict()["files"]
        print(json.dumps({"files": files, "message_count": left}, default=_plain))
    else:
        print(
            f"{printable(result.path)}: unloaded, with its {result.message_count:,} messages. "
            f"The store holds {left:,} messages."
        )


# --- show and report -----------------------------------------------------------------------

_Start = Annotated[str | None, typer.Option("--start", help="First day, included.")]
_End = Annotated[str | None, typer.Option("--end", help="Last day, included.")]
_AsOf = Annotated[str | None, typer.Option("--as-of", help="The day “last 7 days” ends on.")]
_Domains = Annotated[list[str] | None, typer.Option("--domain", help="A sender domain; repeat it.")]
_Sender = Annotated[str | None, typer.Option("--sender", help="One sender address.")]
_Source = Annotated[str, typer.Option("--source", help=f"auto, {', '.join(SOURCES)}.")]
_Timezone = Annotated[str, typer.Option("--timezone", help="Whose days count; UTC if not said.")]
_Least = Annotated[int, typer.Option("--min-messages", help="Leave out senders with fewer.")]
_Where = Annotated[
    list[str] | None, typer.Option("--where", help='"FIELD OP VALUE" on a column; repeat it.')
]
_Senders = Annotated[
    str | None,
    typer.Option("--senders", help='Which senders: "FIELD OP VALUE and … or …" on their columns.'),
]

_Pseudonymise = Annotated[
    bool, typer.Option("--pseudonymise", help="Persons, files and tenants get other names.")
]
_PseudonymiseDomains = Annotated[
    bool, typer.Option("--pseudonymise-domains", help="So do domains.")
]


_PageScope = Annotated[
    str,
    typer.Option("--scope", help="What a page holds: everything, or the selection of --domain."),
]


def _everything(scope: str) -> bool:
    from smtpauth_kit.reports import SCOPES

    if scope not in SCOPES:
        raise UsageError(f"There is no scope {scope!r}. Expected {' or '.join(SCOPES)}.")
    return scope == "everything"


def _pseudonyms(persons: bool, domains: bool) -> Pseudonyms | None:
    from smtpauth_kit import pseudonyms

    return pseudonyms.from_settings(domains=domains) if persons or domains else None


def _filters(
    start: str | None,
    end: str | None,
    as_of: str | None,
    domains: list[str] | None,
    sender: str | None,
    source: str,
    timezone: str,
    min_messages: int,
    where: list[str] | None,
    senders: str | None,
) -> Filters:
    return Filters(
        start=as_day(start),
        end=as_day(end),
        as_of=as_day(as_of),
        domains=tuple(domains or ()),
        sender=sender,
        source=source,
        timezone=timezone,
        min_messages=min_messages,
        where=tuple(parse_clause(text) for text in where or ()),
        senders=parse_groups(senders or ""),
    )


@app.command()
def show(
    context: typer.Context,
    answer: Annotated[str, typer.Argument(help=f"One of: {', '.join(ANSWERS)}.")],
    start: _Start = None,
    end: _End = None,
    as_of: _AsOf = None,
    domain: _Domains = None,
    sender: _Sender = None,
    source: _Source = "auto",
    timezone: _Timezone = "UTC",
    min_messages: _Least = 0,
    where: _Where = None,
    senders: _Senders = None,
    format: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    store: _StoreOption = None,
    as_json: _Json = False,
) -> None:
    """Answer a question: as a table, CSV or JSON. Without a range: the last 7 days loaded."""
    from smtpauth_kit import answers

    if format not in FORMATS:
        raise UsageError(f"There is no format {format!r}. Expected {', '.join(FORMATS)}.")
    if answer not in ANSWERS:
        raise UsageError(f"There is no answer {answer!r}. The answers: {', '.join(ANSWERS)}.")
    filters = _filters(
        start, end, as_of, domain, sender, source, timezone, min_messages, where, senders
    )
    found = answers.ask(_open(context, store), answer, filters)
    if as_json or format == "json":
        print(json.dumps(_answer_dict(found), default=_plain))
    elif format == "csv":
        _print_csv(found)
    else:
        _print_table(found)


def _answer_dict(answer: Answer) -> dict[str, Any]:
    found = answer.scope
    filters = {
        **found.filters.as_dict(),
        "start": found.start,
        "end": found.end,
        "where": list(map(str, found.filters.where)),
        "senders": [list(map(str, group)) for group in found.filters.senders],
    }
    return {
        "answer": answer.name,
        "filters": filters,
        "source": found.source,
        "cannot_tell": list(found.cannot_tell),
        "not_shown": dict(found.not_shown),
        "outside_window": [period.as_dict() for period in found.outside_window],
        "overlapped": [period.as_dict() for period in found.overlapped],
        "rows": [
            {str(name): _whole(value) for name, value in row.items()}
            for row in answer.rows.to_dict("records")
        ],
    }


def _whole(value: Any) -> Any:
    """Return a value as JSON has it: what is missing is null."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    return None if type(value).__name__ in ("NaTType", "NAType") else value


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return text + "Z" if "T" in text else text
    return value.item() if hasattr(value, "item") else list(value)


def _text(value: Any) -> str:
    value = _whole(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, list | dict):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(_plain(value)) if hasattr(value, "isoformat") else str(value)


def _print_csv(answer: Answer) -> None:
    import csv

    from smtpauth_kit.words import inert_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.rows.columns)
    for row in answer.rows.itertuples(index=False):
        writer.writerow([inert_cell(_text(value)) for value in row])


def _print_table(answer: Answer) -> None:
    _print_columns(_for_people(answer), _notes(answer))


def _print_columns(columns: Mapping[str, list[str]], notes: Iterable[str]) -> None:
    """Print columns of text as a table, and notes below it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, cells in columns.items():
        is_number = all(not cell or (cell[0].isdigit() and "-" not in cell) for cell in cells)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, row))
    # Into a file or pipe a row is one line, however long: a terminal folds, `less -S` need not.
    console = Console(width=None if sys.stdout.isatty() else 10_000, markup=False, highlight=False)
    if table.row_count:
        console.print(table)
    for line in notes:
        console.print(Text(line), style="dim")


def _for_people(answer: Answer) -> dict[str, list[str]]:
    """Return columns of text: count and share in one, what is zero throughout left out."""
    rows, columns = answer.rows, {}
    for name in rows.columns:
        share = name.replace("_count", "_share")
        if name.endswith("_share") and name.replace("_share", "_count") in rows.columns:
            continue
        is_part = name.startswith("tls_") or name.endswith(
            ("basic_count", "oauth_count", "auth_count")
        )
        if is_part and len(rows) and str(rows[name].dtype) == "int64" and not rows[name].any():
            continue
        if share != name and share in rows.columns:
            pairs = zip(rows[name], rows[share], strict=True)
            columns[name] = [f"{count:,} ({part:.2%})" for count, part in pairs]
        else:
            columns[name] = [_shown(value) for value in rows[name]]
    return columns


def _shown(value: Any) -> str:
    from smtpauth_kit.reading import printable

    if isinstance(value, list):
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return "  ".join(_shown(item) for item in value.values())
    if isinstance(value, float) and 0 <= value <= 1:
        return f"{value:.2%}"
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else printable(_text(value))


def _notes(answer: Answer) -> Iterator[str]:
    found = answer.scope
    if answer.name in ("files", "rejected"):
        yield f"{len(answer.rows):,} row(s)."
        return
    if found.start is None:
        yield "Nothing is loaded yet. Load an export: smtpauth load PATH"
        return
    yield f"{found.start} to {found.end}, days of {found.filters.timezone}; source: {found.source}."
    if not len(answer.rows):
        yield "No rows match. Widen the dates (--start, --end), or load more exports."
    if found.accounts_from == "sign_ins":
        yield "Accounts are those with a successful sign-in: no submissions are loaded."
    if found.cannot_tell:
        yield f"The source cannot tell: {', '.join(found.cannot_tell)}."
    for source, count in found.not_shown.items():
        if count:
            yield f"Not shown: {count:,} messages of the source {source} (--source {source})."
    for period in found.outside_window:
        if period.overlaps(found.start, found.end or found.start):
            yield (
                f"Outside the window, in no total: report of {period.start} to {period.end}, "
                f"{period.message_count:,} messages."
            )
    for period in found.overlapped:
        yield (
            f"Overlaps reports that count, in no total: report of {period.start} to {period.end}, "
            f"{period.message_count:,} messages."
        )


@app.command()
def report(
    context: typer.Context,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file: .html, .xlsx, .csv, .md or .pdf")
    ],
    start: _Start = None,
    end: _End = None,
    as_of: _AsOf = None,
    domain: _Domains = None,
    sender: _Sender = None,
    source: _Source = "auto",
    timezone: _Timezone = "UTC",
    min_messages: _Least = 0,
    where: _Where = None,
    senders: _Senders = None,
    lang: Annotated[str, typer.Option("--lang", help="en or nl.")] = "en",
    scope: _PageScope = "everything",
    pseudonymise: _Pseudonymise = False,
    pseudonymise_domains: _PseudonymiseDomains = False,
    store: _StoreOption = None,
) -> None:
    """Write the report: an .html page that works offline, .xlsx, .csv (senders), .md or .pdf."""
    from smtpauth_kit import reports

    filters = _filters(
        start, end, as_of, domain, sender, source, timezone, min_messages, where, senders
    )
    names = _pseudonyms(pseudonymise, pseudonymise_domains)
    everything = _everything(scope)
    found = reports.build_report(
        _open(context, store), filters, lang, pseudonyms=names, everything=everything
    )
    found.save(output)
    print(f"Report: {output.resolve()}")


@app.command("request-report")
def request_report(
    context: typer.Context,
    to: Annotated[list[str], typer.Option("--to", help="A mail address; repeat it.")],
    start: _Start = None,
    end: _End = None,
    as_of: _AsOf = None,
    domain: _Domains = None,
    sender: _Sender = None,
    source: _Source = "auto",
    timezone: _Timezone = "UTC",
    min_messages: _Least = 0,
    where: _Where = None,
    senders: _Senders = None,
    days: Annotated[
        int,
        typer.Option(
            "--days", min=1, max=36_500, help="So many last days loaded, without --start."
        ),
    ] = DEFAULT_DAYS,
    via: Annotated[
        str | None, typer.Option("--via", help="smtp, graph or outbox; else what is set up.")
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help="daily, weekly or monthly: print how to have it sent, and send nothing."),
    ] = None,
    format: Annotated[
        list[str] | None, typer.Option("--format", help="html, xlsx, csv, md or pdf; repeat it.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="en or nl.")] = "en",
    scope: _PageScope = "selection",
    pseudonymise: _Pseudonymise = False,
    pseudonymise_domains: _PseudonymiseDomains = False,
    store: _StoreOption = None,
    as_json: _Json = False,
) -> None:
    """Mail the report, with the selection only; without mail settings, write it as a .eml file."""
    from smtpauth_kit import mail

    filters = _filters(
        start, end, as_of, domain, sender, source, timezone, min_messages, where, senders
    )
    opened, everything = _open(context, store), _everything(scope)
    formats = tuple(format or ("html", "xlsx"))
    if schedule is not None:
        via = mail.check(to, via, formats)
        _print_schedule(schedule, _again(context, store=opened.path, via=via), as_json)
        return
    filters = _last_days(opened, filters, days)
    names = _pseudonyms(pseudonymise, pseudonymise_domains)
    here = (lambda text: print(text, file=sys.stderr)) if sys.stderr.isatty() else None
    done = mail.request_report(
        opened, to, filters, via=via, formats=formats, language=lang, everything=everything,
        pseudonyms=names, tell=here,
    )  # fmt: skip
    print(json.dumps(done.as_dict()) if as_json else done.text)


def _last_days(store: Store, filters: Filters, days: int) -> Filters:
    from smtpauth_kit import answers

    end = answers.scope(store, filters).end
    if filters.start or end is None:
        return filters
    return filters.changed(start=end - dt.timedelta(days - 1), end=end)


def _again(context: typer.Context, **instead: object) -> list[str]:
    """Return the arguments of this very call for a schedule, some of them with other values."""
    given = {**context.params, **instead, "schedule": None, "as_json": None}
    arguments = [f"--store={given.pop('store')}", str(context.info_name)]
    for option in context.command.params:
        value = given.get(option.name or "")
        for each in value if isinstance(value, list | tuple) else [value]:
            if each is True:
                arguments.append(option.opts[0])
            elif each is not None and each != option.default:
                arguments.append(f"{option.opts[0]}={each}")
    return arguments


def _print_schedule(when: str, arguments: list[str], as_json: bool) -> None:
    from smtpauth_kit import schedule

    crontab, notes = schedule.crontab_line(when, arguments), _schedule_notes(arguments)
    try:
        windows = schedule.task_scheduler_command(when, arguments)
    except UsageError as error:
        windows, notes = "", [*notes, str(error)]
    if as_json:
        print(
            json.dumps({"schedule": when, "crontab": crontab, "windows": windows, "notes": notes})
        )
        return
    print(f"Linux and macOS: add this line with crontab -e\n\n{crontab}\n")
    if windows:
        print(f"Windows: run this in PowerShell\n\n{windows}\n")
    for note in notes:
        print(f"note: {note}")


def _schedule_notes(arguments: list[str]) -> list[str]:
    from smtpauth_kit.mail_settings import config_file

    notes = [
        f"A schedule does not see this terminal's {name}: write it into {config_file()}, "
        "a secret into the keyring."
        for name in sorted(os.environ)
        if name.startswith(("SMTPAUTH_MAIL_", "SMTPAUTH_CONFIG", "SMTPAUTH_PSEUDONYM_KEY"))
    ]
    fixed = [each for each in arguments if each.startswith(("--start", "--end", "--as-of"))]
    if fixed:
        return [*notes, f"Each run is about the same days, for {', '.join(fixed)}."]
    days = next((e[7:] for e in arguments if e.startswith("--days=")), DEFAULT_DAYS)
    return [*notes, f"Each run is about the last {days} days loaded then (--days)."]


@app.command("export-notebook")
def export_notebook(
    context: typer.Context,
    notebook: Annotated[Path, typer.Argument(help="The notebook to run and export.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .html file to write.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME VALUE", help="Set a parameter.")
    ] = None,
    store: _StoreOption = None,
) -> None:
    """Run a notebook and write it into one HTML file that works without a network."""
    from smtpauth_kit import notebook_export

    opened = _open(context, store)
    given = dict(pair.split("=", 1) for pair in parameter or [])
    path = notebook_export.export_notebook(notebook, output, given, opened.path)
    print(f"Notebook: {Path(path).resolve()}")


# --- lab and demo --------------------------------------------------------------------------


@app.command()
def lab(context: typer.Context, store: _StoreOption = None) -> None:
    """Open the notebooks in JupyterLab, on this machine only, with the store that was found."""
    from smtpauth_kit import workplace

    workplace.open_lab(store or context.obj)


@app.command()
def demo(context: typer.Context) -> None:
    """Load the sample exports into data/demo.duckdb, show the insight, write the HTML report."""
    from smtpauth_kit import answers, reports, workplace

    with _progress(False) as tell:
        store, result = workplace.load_samples(tell)
    print(result.summary())
    _print_table(answers.ask(store, "insight"))
    output = store.path.with_name("demo-report.html")
    reports.build_report(store).save(output)
    print(f"\nReport: {output}\n    Open it in any browser; it needs no network.")
    print(f'Notebooks: smtpauth lab --store "{store.path}"')
    _say_refused(result)
    if result.refused:
        raise typer.Exit(1)

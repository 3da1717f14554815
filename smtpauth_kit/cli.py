"""The command line: parse, call, print. Names and JSON are promises; scripts rely on them."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from smtpauth_kit.conditions import parse_clause, parse_groups
from smtpauth_kit.errors import KitError, UsageError
from smtpauth_kit.schema import ANSWERS, SOURCES, Filters, as_day

if TYPE_CHECKING:
    from smtpauth_kit.answers import Answer
    from smtpauth_kit.loading import LoadResult
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
        _fail(str(error), 1)
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


def _fail(text: str, code: int) -> NoReturn:
    from smtpauth_kit.reading import printable

    if "--json" in sys.argv:
        print(json.dumps({"error": text}))
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
        typer.Option("--map", help="FIELD=COLUMN for a header the kit does not know."),
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(help="dmy, mdy or ymd, where dates can be read in two ways.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Name of the tenant, when you load several.")] = "",
    store: _StoreOption = None,
    as_json: _Json = False,
) -> None:
    """Load exports into the store: each file whole or not at all, each message once."""
    from smtpauth_kit import loading

    with _progress(as_json) as tell:
        result = loading.load(
            _open(context, store),
            *paths,
            period=_period(period),
            format=format,
            columns=_columns(map or []),
            date_order=date_order,
            tenant=tenant,
            progress=tell,
        )
    if as_json:
        print(json.dumps(result.to_dict(), default=_plain))
    else:
        _print_load(result)
    _end_of_load(result)


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
        task = bar.add_task("", total=1.0)
        yield lambda p: bar.update(
            task, description=f"[{p.file}/{p.files}] {p.path[-60:]}", completed=p.share
        )


def _print_load(result: LoadResult) -> None:
    from smtpauth_kit.reading import printable

    for file in result.files:
        print(f"{printable(file.path)}: {file.status.replace('_', ' ')}", end="")
        print(f" as {file.why.split(';')[0]}" if file.why else "")
        if file.status == "loaded":
            days = f"{file.period[0]} to {file.period[1]}" if file.period else "no days"
            print(
                f"    {days}; {file.rows_read:,} rows read = {file.rows_loaded:,} loaded + "
                f"{file.rows_duplicate:,} duplicate + {file.rows_rejected:,} rejected + "
                f"{file.rows_other:,} other; {file.message_count:,} messages"
            )
        for warning in file.warnings:
            print(f"    note: {printable(warning)}")
    if result.rows("rejected"):
        print("Rejected rows and their reasons: smtpauth show rejected")
    print(result.summary())


def _end_of_load(result: LoadResult) -> None:
    from smtpauth_kit.reading import printable

    if not result.refused:
        return
    texts = [f"Refused: {file.error}" for file in result.refused]
    print(printable(" ".join(texts)), file=sys.stderr)
    raise typer.Exit(1)


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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = _for_people(answer)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, cells in columns.items():
        is_number = all(cell[:1].isdigit() and "-" not in cell for cell in cells)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, row))
    # Into a file or pipe a row is one line, however long: a terminal folds, `less -S` need not.
    console = Console(width=None if sys.stdout.isatty() else 10_000, markup=False, highlight=False)
    if len(answer.rows):
        console.print(table)
    for line in _notes(answer):
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
    scope: Annotated[
        str, typer.Option(help="What a page holds: everything, or the selection of --domain only.")
    ] = "everything",
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
    if scope not in reports.SCOPES:
        raise UsageError(f"There is no scope {scope!r}. Expected {' or '.join(reports.SCOPES)}.")
    found = reports.build_report(
        _open(context, store), filters, lang, pseudonyms=names, everything=scope == "everything"
    )
    found.save(output)
    print(f"Report: {output.resolve()}")


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
    _end_of_load(result)

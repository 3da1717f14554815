"""`smtpauth report` and `request-report`: the report as a file, or by mail."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import DEFAULT_DAYS
from smtpauth_kit.cli.options import (
    AsJson,
    Language,
    PageScope,
    Pseudonymise,
    PseudonymiseDomains,
    StoreOption,
    is_everything,
    opened,
    pseudonyms,
    say_unknown_domains,
    with_filters,
)
from smtpauth_kit.cli.printing import print_json
from smtpauth_kit.reports.forms import USUAL, listed

if TYPE_CHECKING:
    from smtpauth_kit.store.store import Store


@with_filters
def report(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help=f"The file: {listed('.')}")],
    filters: Filters,
    lang: Language = "en",
    scope: PageScope = "everything",
    pseudonymise: Pseudonymise = False,
    pseudonymise_domains: PseudonymiseDomains = False,
    store: StoreOption = None,
) -> None:
    """Write the report as a file.

    The ending of its name says the form. An .html page works offline, a .csv has the senders.
    """
    from smtpauth_kit.reports import forms as output_forms
    from smtpauth_kit.reports.report import build_report

    names = pseudonyms(pseudonymise, pseudonymise_domains)
    everything = is_everything(scope)
    opened_store = opened(context, store)
    form = output_forms.form_of(output)
    made = build_report(
        opened_store, filters, lang, pseudonyms=names, everything=everything,
        findings=filters if form.tells_findings else None, proved=form.proves_findings,
    )  # fmt: skip
    output_forms.save(made, output)
    say_unknown_domains(opened_store, filters)
    print(f"Report: {output.resolve()}")


@with_filters
def request_report(
    context: typer.Context,
    to: Annotated[list[str], typer.Option("--to", help="A mail address; repeat it.")],
    filters: Filters,
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
        list[str] | None, typer.Option("--format", help=f"{listed()}; repeat it.")
    ] = None,
    lang: Language = "en",
    scope: PageScope = "selection",
    pseudonymise: Pseudonymise = False,
    pseudonymise_domains: PseudonymiseDomains = False,
    only_when_new: Annotated[
        bool,
        typer.Option(
            "--only-when-new", help="Send nothing unless something new of high severity is there."
        ),
    ] = False,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Mail the report, with the selection only.

    Without mail settings, write it as an .eml file. What is unusual is told of all days loaded,
    with --start, --end or --days of those.
    """
    from smtpauth_kit.mail import request

    opened_store, everything = opened(context, store), is_everything(scope)
    formats = tuple(format or USUAL)
    if schedule is not None:
        via = request.check(to, via, formats)
        _print_schedule(schedule, _again(context, store=opened_store.path, via=via), as_json)
        return
    say_unknown_domains(opened_store, filters)
    names = pseudonyms(pseudonymise, pseudonymise_domains)
    # Where nobody says how many days, they are those of every answer: the last 7, or a report's.
    said = _is_given(context, "days")
    of_days = _last_days(opened_store, filters, days) if said else filters
    here = (lambda text: print(text, file=sys.stderr)) if sys.stderr.isatty() else None
    done = request.request_report(
        opened_store, to, of_days, via=via, formats=formats,
        language=lang, everything=everything, pseudonyms=names, tell=here,
        findings=None if said else filters, only_when_new=only_when_new,
    )  # fmt: skip
    if as_json:
        print_json(done.as_dict())
    else:
        print(done.text)


def _is_given(context: typer.Context, name: str) -> bool:
    """Tell whether an option was given, be it with its own default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _last_days(store: Store, filters: Filters, days: int) -> Filters:
    from smtpauth_kit import answers

    end = answers.settle_scope(store, filters).end
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
            elif each is not None and (
                each != option.default or _is_given(context, str(option.name))
            ):
                arguments.append(f"{option.opts[0]}={each}")
    return arguments


def _print_schedule(when: str, arguments: list[str], as_json: bool) -> None:
    from smtpauth_kit.mail import schedule

    crontab, notes = schedule.crontab_line(when, arguments), _schedule_notes(arguments)
    try:
        windows = schedule.task_scheduler_command(when, arguments)
    except UsageError as error:
        windows, notes = "", [*notes, str(error)]
    if as_json:
        print_json({"schedule": when, "crontab": crontab, "windows": windows, "notes": notes})
        return
    print(f"Linux and macOS: add this line with crontab -e\n\n{crontab}\n")
    if windows:
        print(f"Windows: run this in PowerShell\n\n{windows}\n")
    for note in notes:
        print(f"note: {note}")


def _schedule_notes(arguments: list[str]) -> list[str]:
    from smtpauth_kit.base.config_place import config_file

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

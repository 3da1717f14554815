"""The options that several commands share, each declared once."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smtpauth_kit.conditions import parse_clause, parse_groups
from smtpauth_kit.errors import UsageError
from smtpauth_kit.schema import SOURCES, Filters, as_day
from smtpauth_kit.sentences import listed

if TYPE_CHECKING:
    from smtpauth_kit.pseudonyms import Pseudonyms
    from smtpauth_kit.store import Store

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store file. Else SMTPAUTH_STORE, else data/.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Language = Annotated[str, typer.Option("--lang", help="en or nl.")]
PageScope = Annotated[
    str,
    typer.Option("--scope", help="What a page holds: everything, or the selection of --domain."),
]
Pseudonymise = Annotated[
    bool, typer.Option("--pseudonymise", help="Persons, files and tenants get other names.")
]
PseudonymiseDomains = Annotated[bool, typer.Option("--pseudonymise-domains", help="So do domains.")]


def opened(context: typer.Context, store: Path | None) -> Store:
    """Return the store a command is about: its own `--store`, else the one before the command."""
    from smtpauth_kit.store import open_store

    return open_store(store or context.obj)


def say_unknown_domains(store: Store, filters: Filters) -> None:
    """Say on stderr which of the domains asked for no export has: a slip would look like none."""
    from smtpauth_kit import reading, values
    from smtpauth_kit.answers.stored import domains

    known = list(domains(store)["sender_domain"]) if filters.domains else []
    missing = [name for name in filters.domains if values.domain_key(name) not in known]
    if known and missing:
        text = f"No export has the sender domain {', '.join(missing)}. The busiest it has: "
        print(reading.printable(f"{text}{', '.join(known[:5])}."), file=sys.stderr)


def is_everything(scope: str) -> bool:
    """Return whether a page holds everything."""
    from smtpauth_kit.reports import SCOPES

    if scope not in SCOPES:
        raise UsageError(
            "There is no scope {scope}. Expected {known}.",
            scope=repr(scope),
            known=listed(SCOPES, "or"),
        )
    return scope == "everything"


def pseudonyms(persons: bool, domains: bool) -> Pseudonyms | None:
    """Return the other names a report is written with, if it is."""
    from smtpauth_kit.pseudonyms import from_settings

    return from_settings(domains=domains) if persons or domains else None


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the filter options in the place of its parameter `filters`.

    Examples
    --------
    >>> @with_filters
    ... def tell(filters: Filters) -> None:
    ...     print(filters.sender)
    >>> list(inspect.signature(tell).parameters)[:3]
    ['start', 'end', 'as_of']
    """
    options = inspect.signature(_filters, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters
    parameters = [
        parameter
        for name, one in own.items()
        for parameter in (options.values() if name == "filters" else [one])
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        filters = _filters(**{name: given.pop(name) for name in options})
        command(filters=filters, **given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _filters(
    start: Annotated[str | None, typer.Option("--start", help="First day, included.")] = None,
    end: Annotated[str | None, typer.Option("--end", help="Last day, included.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The day “last 7 days” ends on.")
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option("--domain", help="A sender domain; repeat it.")
    ] = None,
    sender: Annotated[str | None, typer.Option("--sender", help="One sender address.")] = None,
    source: Annotated[str, typer.Option("--source", help=f"auto, {', '.join(SOURCES)}.")] = "auto",
    timezone: Annotated[
        str, typer.Option("--timezone", help="Whose days count; UTC if not said.")
    ] = "UTC",
    min_messages: Annotated[
        int, typer.Option("--min-messages", help="Leave out senders with fewer.")
    ] = 0,
    where: Annotated[
        list[str] | None, typer.Option("--where", help='"FIELD OP VALUE" on a column; repeat it.')
    ] = None,
    senders: Annotated[
        str | None,
        typer.Option(
            "--senders", help='Which senders: "FIELD OP VALUE and … or …" on their columns.'
        ),
    ] = None,
) -> Filters:
    return Filters(
        start=as_day(start),
        end=as_day(end),
        as_of=as_day(as_of),
        domains=tuple(domain or ()),
        sender=sender,
        source=source,
        timezone=timezone,
        min_messages=min_messages,
        where=tuple(parse_clause(text) for text in where or ()),
        senders=parse_groups(senders or ""),
    )

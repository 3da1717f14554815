"""The options that several commands share, each declared once."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import NUMBER, FilterField
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.sentences import listed

if TYPE_CHECKING:
    from smtpauth_kit.reports.pseudonyms import Pseudonyms
    from smtpauth_kit.store.store import Store

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        help="The store: a file, spark:FOLDER or spark:NAME. Else SMTPAUTH_STORE, else data/.",
    ),
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
    from smtpauth_kit.store.opening import open_store

    return open_store(store or context.obj)


def opened_to_load(context: typer.Context, store: Path | None) -> Store:
    """Return the store that a command writes into.

    Raises
    ------
    StoreError
        It is on Spark, which is not started to say so.
    """
    from smtpauth_kit.store.opening import is_on_spark
    from smtpauth_kit.store.spark_tables import only_read

    if is_on_spark(named := str(store or context.obj or "")):
        raise only_read(named)
    return opened(context, store)


def say_unknown_domains(store: Store, filters: Filters) -> None:
    """Say on stderr which of the domains asked for no export has: a slip would look like none."""
    from smtpauth_kit.answers.of_tenants import only
    from smtpauth_kit.answers.stored import domains
    from smtpauth_kit.values import addresses
    from smtpauth_kit.words.inert import printable

    known = list(domains(only(store, filters.tenants))["sender_domain"]) if filters.domains else []
    missing = [name for name in filters.domains if addresses.domain_key(name) not in known]
    if known and missing:
        text = f"No export has the sender domain {', '.join(missing)}. The busiest it has: "
        print(printable(f"{text}{', '.join(known[:5])}."), file=sys.stderr)


def is_everything(scope: str) -> bool:
    """Return whether a page holds everything."""
    from smtpauth_kit.reports.forms import SCOPES

    if scope not in SCOPES:
        raise UsageError(
            "There is no scope {scope}. Expected {known}.",
            scope=repr(scope),
            known=listed(SCOPES, "or"),
        )
    return scope == "everything"


def pseudonyms(persons: bool, domains: bool) -> Pseudonyms | None:
    """Return the other names a report is written with, if it is."""
    from smtpauth_kit.reports.pseudonyms import from_settings

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
    options = [_option(field) for field in FIELDS]
    own = inspect.signature(command, eval_str=True).parameters
    parameters = [
        parameter
        for name, one in own.items()
        for parameter in (options if name == "filters" else [one])
    ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        texts = {field: given.pop(field.parameter) for field in FIELDS}
        asked = {f.name: f.kind.read(text) for f, text in texts.items() if text is not None}
        command(filters=Filters(**asked), **given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _option(field: FilterField) -> inspect.Parameter:
    """Return the parameter by which typer knows a filter."""
    taken: Any = list[str] | None if field.kind.repeats else str | None
    default = None if field.kind.repeats else field.default or None
    if field.kind is NUMBER:
        taken, default = int, field.default
    return inspect.Parameter(
        field.parameter,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=default,
        annotation=Annotated[taken, typer.Option(field.option, help=field.help)],
    )

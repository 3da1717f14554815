"""`smtpauth note`: whose a sender is, what is done about it, until when, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.cli.options import AsJson, StoreOption, opened
from smtpauth_kit.cli.printing import print_json, said

if TYPE_CHECKING:
    from smtpauth_kit.store.store import Store


def note(
    context: typer.Context,
    sender: Annotated[
        str | None, typer.Argument(help="A sender, as smtpauth show readiness has it.")
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Whose it is; empty clears.")] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", help="open, contacted, in_progress, done or accepted."),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option("--due", help="The day; with accepted: until when it may stay. Empty clears."),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="Why; empty clears.")] = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", help="The CSV of smtpauth show readiness, edited: all or nothing."),
    ] = None,
    retirement: Annotated[
        str | None,
        typer.Option("--retirement", help="The day on which Basic goes for you; empty: the usual."),
    ] = None,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Keep whose a sender is and what is done about it."""
    given = {"owner": owner, "state": state, "due_date": due, "note": note}
    fields = {name: text for name, text in given.items() if text is not None}
    _check(sender, fields, from_file, retirement)
    opened_store = opened(context, store)
    if retirement is not None:
        _keep_retirement(opened_store, retirement, as_json)
    elif from_file is not None:
        _keep_file(opened_store, from_file, as_json)
    else:
        assert sender is not None
        _keep_one(opened_store, sender, fields, as_json)


def _check(
    sender: str | None, fields: dict[str, str], file: Path | None, retirement: str | None
) -> None:
    ways = [sender is not None, file is not None, retirement is not None]
    if sum(ways) != 1 or (fields and sender is None):
        raise UsageError(
            "Name one sender and what is to be kept of it (--owner, --state, --due, --note), or "
            "give a file (--from FILE.csv), or the day on which Basic goes (--retirement DAY)."
        )


def _keep_one(store: Store, sender: str, fields: dict[str, str], as_json: bool) -> None:
    from smtpauth_kit.answers.readiness import kept
    from smtpauth_kit.words.inert import printable

    key = kept.sender_key(sender)
    kept.keep(store, {key: {name: kept.checked(name, text) for name, text in fields.items()}})
    _say_strangers(store, [key])
    said = kept.said_of(store).get(key, kept.NOTHING_SAID)
    row = {"sender_address": key, **vars(said)}
    if as_json:
        print_json(row)
        return
    told = (f"{name}: {value}" for name, value in row.items() if value is not None)
    print(printable("; ".join(told)))


def _keep_file(store: Store, file: Path, as_json: bool) -> None:
    from smtpauth_kit.answers.readiness import kept
    from smtpauth_kit.answers.readiness.table_of_notes import notes_in

    changes = notes_in(file)
    changed = kept.keep(store, changes)
    strangers = _say_strangers(store, list(changes))
    if as_json:
        told = {"sender_count": len(changes), "changed_count": changed}
        print_json({**told, "unknown_senders": strangers})
    else:
        read = said("{n} {n:sender|senders} read", n=len(changes))
        print(said("{read}, {n} {n:field|fields} changed.", read=read, n=changed))


def _keep_retirement(store: Store, day: str, as_json: bool) -> None:
    from smtpauth_kit.answers.readiness import kept

    kept.keep_retirement_date(store, kept.day_of(day) if day.strip() else None)
    found: dict[str, Any] = {"retirement_date": kept.retirement_date(store)}
    if as_json:
        print_json(found)
    else:
        print(f"Basic auth goes on {found['retirement_date']}.")


def _say_strangers(store: Store, keys: list[str]) -> list[str]:
    """Say on stderr, and return, which senders no export that is loaded has: perhaps a slip."""
    from smtpauth_kit.answers.stored import unknown_senders
    from smtpauth_kit.words.inert import printable

    strangers = unknown_senders(store, keys)
    if strangers:
        text = f"Kept, but no export that is loaded has {', '.join(strangers[:5])}"
        more = f" and {len(strangers) - 5:,} others" if len(strangers) > 5 else ""
        print(printable(f"{text}{more}."), file=sys.stderr)
    return strangers

"""`smtpauth findings`, `acknowledge`, `allow`: what is unusual, and what was done about it."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated, Final

import typer

from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.cli.options import AsJson, StoreOption, opened, with_filters
from smtpauth_kit.cli.printing import print_json
from smtpauth_kit.cli.show import as_json_of, print_answer, print_rows

NEW_HIGH: Final = 3
"""Exit code of `findings --new` when something new of high severity is there."""

Note = Annotated[str, typer.Option("--note", help="What was found out; empty takes it back.")]


@with_filters
def findings(
    context: typer.Context,
    filters: Filters,
    new: Annotated[
        bool,
        typer.Option("--new", help="Only new ones; exit 3 if one of them is of high severity."),
    ] = False,
    evidence: Annotated[
        str | None, typer.Option("--evidence", help="The rows that prove a finding, by its id.")
    ] = None,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """List unusual activity, most urgent first."""
    from smtpauth_kit import answers
    from smtpauth_kit.answers.findings.evidence import evidence as rows_of
    from smtpauth_kit.store.rows import of_frame

    opened_store = opened(context, store)
    if evidence is not None:
        proof = rows_of(opened_store, evidence, filters)
        print_rows(of_frame(proof.rows), as_json=as_json, beside={"finding_id": evidence})
        return
    answered = answers.ask_plain(
        opened_store, "findings", filters.changed(state="new") if new else filters
    )
    if as_json:
        print_json(as_json_of(answered))
    else:
        print_answer(answered)
    if new and "high" in set(answered.rows["severity"]):
        raise typer.Exit(NEW_HIGH)


def acknowledge(
    context: typer.Context,
    finding_id: Annotated[str, typer.Argument(help="As smtpauth findings lists it.")],
    note: Note,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Acknowledge a finding: it is no longer new."""
    from smtpauth_kit.answers.findings import states
    from smtpauth_kit.answers.findings.evidence import find

    opened_store = opened(context, store)
    finding = find(opened_store, finding_id)
    states.acknowledge(opened_store, finding.finding_id, note)
    state = "acknowledged" if note else "new"
    if as_json:
        print_json({"finding_id": finding_id, "state": state, "note": note})
    else:
        print(f"{finding_id} ({finding.rule}): {state}.")


def allow(
    context: typer.Context,
    rule: Annotated[str, typer.Option("--rule", help="A rule's name.")],
    subject: Annotated[str, typer.Option("--subject", help="Whom it is allowed to.")],
    note: Note,
    until: Annotated[str | None, typer.Option("--until", help="Last day; else for good.")] = None,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Allow what a rule finds about a subject, with a note."""
    from smtpauth_kit.answers.findings import states
    from smtpauth_kit.words.inert import printable

    opened_store = opened(context, store)
    last = as_day(until)
    states.allow(opened_store, rule, subject, note, last)
    key = states.subject_key(subject)
    if as_json:
        print_json({"rule": rule, "subject": key, "until": last, "note": note})
    elif note:
        if last and last < dt.date.today():
            print(f"{last} is past: it is allowed no longer.", file=sys.stderr)
        print(f"{rule} is allowed for {printable(key)}{f' until {last}' if last else ''}.")
    else:
        print(f"{rule} is no longer allowed for {printable(key)}.")

"""`smtpauth pull`: what a store on a cluster counts, as a store on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smtpauth_kit.cli.judging_shown import work_shown
from smtpauth_kit.cli.options import AsJson, StoreOption, opened
from smtpauth_kit.cli.printing import print_json, said


def pull(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; one pulled before is replaced.")],
    sender: Annotated[
        list[str] | None, typer.Option("--sender", help="Bring each message of it; repeat it.")
    ] = None,
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Bring a cluster's counts into a file on this machine.

    Of --store spark:NAME: counts by day, sign-ins, settings and findings; each message of a sender
    that is named.
    """
    from smtpauth_kit.answers.stored import stored_messages
    from smtpauth_kit.loading import pulling

    with work_shown("pulling (Ctrl-C stops)") as tell:
        pulled = pulling.pull(opened(context, store), file, sender or (), tell)
    count = stored_messages(pulled)
    if as_json:
        print_json({"store": str(pulled.path), "message_count": count, "senders": sender or []})
        return
    print(said("{n} {n:message|messages}, counted by day.", n=count))
    print(f'Store: {pulled.path}\nAsk it with: smtpauth show insight --store "{pulled.path}"')

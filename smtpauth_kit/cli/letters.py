"""`smtpauth letters`: one draft for each owner of senders that stop, for a person to send."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smtpauth_kit.cli.options import AsJson, Language, StoreOption, opened
from smtpauth_kit.cli.printing import print_json


def letters(
    context: typer.Context,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="Whose letter; repeat it. Else everyone's.")
    ] = None,
    sender: Annotated[
        list[str] | None,
        typer.Option("--sender", help="About which sender; repeat it. Else all that stop."),
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="A text file to fill in instead of the kit's.")
    ] = None,
    show_template: Annotated[
        bool, typer.Option("--show-template", help="Print the kit's own template, to begin with.")
    ] = False,
    lang: Language = "en",
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Write a draft to each owner of senders that stop.

    Nothing is sent: open the .eml files, read them, and send them yourself.
    """
    from smtpauth_kit.mail.letters.letters import write_letters
    from smtpauth_kit.mail.letters.template import read_file, usual_text
    from smtpauth_kit.words.inert import printable
    from smtpauth_kit.words.words import speak

    words = speak(lang)
    if show_template:
        print(usual_text(words.language), end="")
        return
    text = read_file(template) if template else None
    written = write_letters(
        opened(context, store), owner or (), sender or (), language=lang, template=text
    )
    if as_json:
        print_json({"letters": [letter.as_dict() for letter in written]})
        return
    for letter in written:
        print(printable(words("For {owner}: {path}", owner=letter.owner, path=letter.path)))
    if not written:
        said = (
            "No sender that stops and is not accepted or done has an owner: smtpauth note SENDER "
            "--owner NAME says who. --sender names one all the same."
        )
        print(words(said), file=sys.stderr)

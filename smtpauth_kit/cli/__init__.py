"""The command line: parse, call, print. Names and JSON are promises; scripts rely on them."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, NoReturn

import typer

from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.cli import (
    export_store,
    findings,
    how_to,
    lake_cell,
    letters,
    load,
    note,
    notebooks,
    pull,
    report,
    show,
)
from smtpauth_kit.cli.judging_shown import judging_shown
from smtpauth_kit.cli.options import StoreOption

app = typer.Typer(
    name="smtpauth",
    help="Who still submits mail over SMTP AUTH: load exports, ask, and write the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; every error a user can meet ends as a plain paragraph."""
    _prepare_output()
    try:
        with judging_shown():
            code = app(_joined_pairs(sys.argv[1:]), standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except UsageError as error:
        _fail(str(error), 2)
    except KitError as error:
        _fail(str(error), 1, error.details)
    except (KeyboardInterrupt, typer.Abort):
        _fail("Stopped.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if error.filename is None and error.errno == errno.ENOSPC:
            _fail("The output could not be written: no space is left where it goes.", 1)
        _unknown(error)
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
            sys.exit(2)
        if _is_of_parser(error):
            _fail(error.format_message(), error.exit_code)  # type: ignore[attr-defined]
        _unknown(error)


def _prepare_output() -> None:
    """Let a console that cannot show a sign show its escape; without one, say it to nobody."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        else:
            stream.reconfigure(errors="backslashreplace")


def _is_of_parser(error: Exception) -> bool:
    """Tell whether the parser of options raised it, which is one of several by typer's version."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def _unknown(error: Exception) -> NoReturn:
    if os.environ.get("SMTPAUTH_DEBUG"):
        raise error
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
    from smtpauth_kit.words.inert import printable

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
    store: StoreOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = store


for _command in (
    load.load, load.unload, show.show, report.report, report.request_report,
    findings.findings, findings.acknowledge, findings.allow, note.note,
    letters.letters,
    export_store.export_store, pull.pull,
    how_to.how_to, lake_cell.lake_cell, notebooks.export_notebook, notebooks.lab, notebooks.demo,
):  # fmt: skip
    app.command(_command.__name__.replace("_", "-"))(_command)

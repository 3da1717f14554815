"""`smtpauth export-notebook`, `lab` and `demo`: run, open and try the notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smtpauth_kit.cli import load
from smtpauth_kit.cli.options import StoreOption, opened
from smtpauth_kit.cli.show import print_answer


def export_notebook(
    context: typer.Context,
    notebook: Annotated[Path, typer.Argument(help="The notebook to run and export.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .html file to write.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME VALUE", help="Set a parameter.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Run a notebook and write it as one HTML file.

    The file works without a network.
    """
    from smtpauth_kit.reports import notebook_export

    given = dict(pair.split("=", 1) for pair in parameter or [])
    path = notebook_export.export_notebook(notebook, output, given, opened(context, store).path)
    print(f"Notebook: {Path(path).resolve()}")


def lab(context: typer.Context, store: StoreOption = None) -> None:
    """Open the notebooks in JupyterLab.

    On this machine only, with the store that was found.
    """
    from smtpauth_kit.screens import workplace

    workplace.open_lab(store or context.obj)


def demo(context: typer.Context) -> None:
    """Load the sample exports and write their report.

    Into data/demo.duckdb and data/demo-report.html; the insight is shown.
    """
    from smtpauth_kit import answers
    from smtpauth_kit.base.filters import ALL
    from smtpauth_kit.reports import forms as output_forms
    from smtpauth_kit.reports.report import build_report
    from smtpauth_kit.screens import samples

    with load.progress() as tell:
        store, result = samples.load_samples(tell)
    print(result.summary())
    print_answer(answers.ask_plain(store, "insight"))
    output = store.path.with_name("demo-report.html")
    output_forms.save(build_report(store, findings=ALL, proved=True), output)
    print(f"\nReport: {output}\n    Open it in any browser; it needs no network.")
    print(f'Notebooks: smtpauth lab --store "{store.path}"')
    load.say_refused(result)
    raise typer.Exit(bool(result.refused))

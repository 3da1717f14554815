"""`smtpauth lake-cell`: the cell to paste where the kit cannot be installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smtpauth_kit.lake.places import Place


def lake_cell(
    place: Annotated[Place, typer.Option("--for", help="Where the cell is to run.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write. Else it is printed.")
    ] = None,
) -> None:
    """Print a cell that counts SMTP AUTH in a data lake.

    For notebooks of Microsoft Sentinel or Databricks, where nothing has to be installed.
    """
    from smtpauth_kit.lake import cell
    from smtpauth_kit.reports.forms import write_file

    text = cell.lake_cell(place)
    if output is None:
        print(text, end="")
        return
    write_file(output, text.encode())
    print(f"Cell: {output.resolve()}")

"""`smtpauth export-store`: the tables of a store as Parquet, for a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smtpauth_kit.cli.judging_shown import work_shown
from smtpauth_kit.cli.options import AsJson, StoreOption, opened
from smtpauth_kit.cli.printing import print_json, said


def export_store(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(help="The folder to write; an older export is replaced.")
    ],
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Write the store's tables as Parquet.

    By tenant and month, for Apache Spark (smtpauth show … --store spark:FOLDER) and any other
    reader.
    """
    from smtpauth_kit.reports.store_export import export_store as write

    with work_shown("writing the tables (Ctrl-C stops)") as tell:
        manifest = write(opened(context, store), folder, tell)
    place = folder.expanduser().absolute()
    tables = {name: table.row_count for name, table in manifest.tables.items()}
    if as_json:
        print_json({"folder": str(place), "export_id": manifest.export_id, "tables": tables})
        return
    rows = sum(tables.values())
    print(said("{n} {n:row|rows} of {tables} tables.", n=rows, tables=len(tables)))
    print(f"Tables: {place}")
    print(f'Ask them with: smtpauth show insight --store "spark:{place}"')

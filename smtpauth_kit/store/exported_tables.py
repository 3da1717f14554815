"""The canonical tables as a folder of Parquet files: what is in it, and where.

    FOLDER/store.json                              which tables there are; written last
    FOLDER/source_files/data_0.parquet             a table that has no days
    FOLDER/submissions/tenant_folder=…/month=2026-11/data_0.parquet

`reports/store_export.py` writes it, `store/spark.py` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from smtpauth_kit import __version__
from smtpauth_kit.base.errors import OtherVersion, StoreError
from smtpauth_kit.base.names import SCHEMA_VERSION

MANIFEST: Final = "store.json"

NEEDED: Final = (
    "submissions", "sign_ins", "mailbox_settings", "source_files", "rejected_rows",
    "daily_by_sender", "daily_by_domain",
)  # fmt: skip
"""The tables that answers read: a store on a cluster has all of them."""

CONTEXT: Final = ("duplicate_rows", "mail_context", "connector_volume")
"""Tables for queries of a person's own."""

JUDGED: Final = (
    "findings", "findings_judged", "daily_by_place", "daily_by_hour", "daily_by_recipient_domain",
    "changed_periods",
)  # fmt: skip
"""Tables that spare the rules work; without them they are judged from the facts."""

TABLES: Final = (*NEEDED, *CONTEXT, *JUDGED)

DAYS: Final = {
    "submissions": "period_start",
    "sign_ins": "signed_in_at",
    "duplicate_rows": "period_start",
    "mail_context": "received_at",
    "connector_volume": "day",
    "daily_by_sender": "period_start",
    "daily_by_domain": "period_start",
    "daily_by_place": "period_start",
    "daily_by_hour": "period_start",
    "daily_by_recipient_domain": "period_start",
}
"""The column that says of which month a row is, of the tables that are parted by it."""

_SPARK_TYPES: Final = {
    "INTEGER": "int", "BIGINT": "bigint", "DOUBLE": "double", "VARCHAR": "string",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp_ntz",
    "VARCHAR[]": "array<string>",
}  # fmt: skip


@dataclass(frozen=True)
class ExportedTable:
    """One table of a folder."""

    columns: Mapping[str, str]
    """Its columns in order, and their types as DuckDB names them."""
    row_count: int

    def spark_schema(self) -> str:
        """Return the columns as Spark has them.

        Examples
        --------
        >>> ExportedTable({"sent_at": "TIMESTAMP", "recipients": "VARCHAR[]"}, 0).spark_schema()
        '`sent_at` timestamp_ntz, `recipients` array<string>'
        """
        columns = ((name.replace("`", "``"), _SPARK_TYPES[k]) for name, k in self.columns.items())
        return ", ".join(f"`{name}` {kind}" for name, kind in columns)


@dataclass(frozen=True)
class Manifest:
    """What a folder holds."""

    export_id: str
    """Names this export: another one has another id."""
    exported_at: str
    """UTC, ISO 8601."""
    tables: Mapping[str, ExportedTable]
    schema_version: int = SCHEMA_VERSION
    kit_version: str = __version__

    def to_json(self) -> str:
        """Return it as the text of its file."""
        return json.dumps(asdict(self), indent=1)


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder holds.

    Raises
    ------
    StoreError
        It was not written by `smtpauth export-store`, or by one of another schema version.

    Examples
    --------
    >>> read_manifest(folder)
    Traceback (most recent call last):
    ...
    smtpauth_kit.base.errors.StoreError: There is no exported store in the folder ...
    """
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        tables = {
            name: ExportedTable(dict(table["columns"]), int(table["row_count"]))
            for name, table in told.pop("tables").items()
            if name in TABLES
        }
        found = Manifest(tables=tables, **told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(
            "There is no exported store in the folder {folder}: it has no {file} that can be read. "
            "Write one with: smtpauth export-store FOLDER.",
            folder=str(folder),
            file=MANIFEST,
        ) from None
    if found.schema_version != SCHEMA_VERSION:
        raise OtherVersion(
            "The folder {folder} was written by smtpauth_kit {made} with schema {schema}; this is "
            "smtpauth_kit {version}, which reads schema {reads}. Write it anew with: smtpauth "
            "export-store FOLDER.",
            folder=str(folder),
            made=str(found.kit_version),
            schema=str(found.schema_version),
            version=__version__,
            reads=str(SCHEMA_VERSION),
        )
    return found

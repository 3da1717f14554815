"""A store is written as Parquet: every row once, in safe folders, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from conftest import LOG

from smtpauth_kit.base.errors import Cancelled, OtherVersion, StoreError
from smtpauth_kit.base.names import SCHEMA_VERSION
from smtpauth_kit.loading import loading
from smtpauth_kit.reports.store_export import export_store
from smtpauth_kit.store.exported_tables import MANIFEST, NEEDED, read_manifest
from smtpauth_kit.store.store import Store, open_store

HOSTILE = ("", "unnamed", "../../up", "a/b='c'; drop table x --", "A/B", "büro\n%2e%2e", "month=1")
LINE = (
    "2026-12-01T00:00:00Z,scanner@contoso.com,bob@fabrikam.com,<9@scan>,TLS1.2,192.0.2.25,Basic\n"
)


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of tenants whose names are no names of folders."""
    folder = tmp_path_factory.mktemp("tenants")
    store = open_store(folder / "tenants.duckdb")
    for name in HOSTILE:
        (folder / "log.csv").write_text(LOG + LINE)
        loading.load(store, folder / "log.csv", tenant=name)
    return store


def rows_of(folder: Path, table: str, columns: str, end: str = "") -> list[tuple[object, ...]]:
    files = f"'{folder / table}/**/*.parquet'"
    asked = (
        f"select {columns} from read_parquet({files}, hive_partitioning = false) {end} order by all"
    )
    return duckdb.connect().execute(asked).fetchall()


def test_each_row_is_there_once_whatever_the_tenant_is_called(tenants, tmp_path):
    manifest = export_store(tenants, tmp_path / "out")
    columns = "tenant, sent_at, sender_address, tls_version, recipients, message_count"
    assert rows_of(tmp_path / "out", "submissions", columns) == list(
        tenants.rows(f"select {columns} from submissions order by all")
    )
    assert manifest.tables["submissions"].row_count == 4 * len(HOSTILE)
    # What the rules read of each day, counted for the export: the store is too small to keep it.
    counted = {"daily_by_place": (3, 4), "daily_by_hour": (4, 4)}
    for table, (row_count, message_count) in counted.items():
        rows = rows_of(
            tmp_path / "out", table, "tenant, count(*), sum(message_count)", "group by 1"
        )
        assert rows == sorted((name, row_count, message_count) for name in HOSTILE)


def test_every_folder_of_a_tenant_has_a_harmless_name_of_its_own(tenants, tmp_path):
    export_store(tenants, tmp_path / "out")
    parts = sorted((tmp_path / "out" / "submissions").iterdir())
    names = [part.name.removeprefix("tenant_folder=") for part in parts]
    assert len(set(names)) == len(HOSTILE)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    months = sorted(path.name for path in parts[0].iterdir())
    assert months == ["month=2026-11", "month=2026-12"]
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_table_without_rows_says_its_columns(tenants, tmp_path):
    manifest = export_store(tenants, tmp_path / "out")
    assert set(NEEDED) <= set(manifest.tables)
    assert rows_of(tmp_path / "out", "sign_ins", "account, signed_in_at") == []
    assert manifest.tables["sign_ins"].row_count == 0
    assert "`signed_in_at` timestamp_ntz" in manifest.tables["sign_ins"].spark_schema()


def test_an_export_that_is_stopped_leaves_the_older_one(tenants, tmp_path):
    older = export_store(tenants, tmp_path / "out")

    def stop(share: float) -> None:
        if share > 0.5:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        export_store(tenants, tmp_path / "out", stop)
    assert read_manifest(tmp_path / "out") == older
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    assert export_store(tenants, tmp_path / "out").export_id != older.export_id


def test_what_is_no_export_is_never_replaced(tenants, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="holds something else than an exported store"):
        export_store(tenants, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_export_of_another_schema_is_refused(tenants, tmp_path):
    export_store(tenants, tmp_path / "out")
    place = tmp_path / "out" / MANIFEST
    place.write_text(
        place.read_text().replace(f'"schema_version": {SCHEMA_VERSION}', '"schema_version": 4')
    )
    with pytest.raises(OtherVersion, match="with schema 4; this is"):
        read_manifest(tmp_path / "out")

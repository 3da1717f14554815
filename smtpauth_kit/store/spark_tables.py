"""Where a store's tables are on a cluster: in a folder that was exported, or in a catalog."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.exported_tables import MANIFEST, NEEDED, TABLES, read_manifest
from smtpauth_kit.store.spark_session import said_by_spark

_NAMED: Final = re.compile(rf"\b(from|join) ({'|'.join(TABLES)})\b")


class Tables(Protocol):
    """The tables of one store on a cluster."""

    name: str
    """What names them: the folder, or the database."""
    places: Mapping[str, str]
    """Where each table is that is there, as SQL has it."""

    @property
    def folder(self) -> Path | None:
        """The folder they are in; None: they are in a catalog."""

    def edition_now(self) -> str:
        """Return what names the facts as they are now; empty where only the cluster knows."""

    def refresh(self) -> None:
        """See to it that the next statements read the tables as they are now."""


def named_in(sql: str, places: Mapping[str, str]) -> str:
    """Return a statement of the kit that names each table of a store by its place.

    Two stores of one session, and a person's own tables, keep apart that way.

    Examples
    --------
    >>> named_in("select * from sign_ins", {"sign_ins": "`mail`.`sign_ins`"})
    'select * from `mail`.`sign_ins`'
    """
    return _NAMED.sub(lambda m: f"{m[1]} {places.get(m[2], m[2])}", sql)


def tables_of(session: Any, named: str) -> Tables:
    """Return the tables in a folder or a database; of no name, those that the session has.

    Raises
    ------
    StoreError
        They are not there, or not all of them.
    """
    folder = _folder_of(named)
    return CatalogTables(session, named) if folder is None else FolderTables(session, folder)


def check_place(named: str) -> None:
    """Refuse a folder that holds no export, before Spark is started for it.

    Raises
    ------
    StoreError
        It is not there, is half written, or of another schema version.
    """
    if (folder := _folder_of(named)) is not None:
        read_manifest(folder)


def only_read(store: str) -> StoreError:
    """Return what is said where somebody would write into a store on Spark."""
    return StoreError(
        "The store {store} is on Spark and only read: nothing is loaded into it or taken out "
        "of it. Load the exports into a store on this machine (--store FILE), and write that "
        "as tables with: smtpauth export-store FOLDER.",
        store=store,
    )


def _folder_of(named: str) -> Path | None:
    folder = Path(named).expanduser()
    is_folder = named and (folder.is_dir() or "/" in named or "\\" in named)
    return folder.absolute() if is_folder else None


class FolderTables:
    """The tables of a folder of Parquet files; the cluster has to reach it under the same name."""

    def __init__(self, session: Any, folder: Path) -> None:
        self._session = session
        self.name, self._folder = str(folder), folder
        self._prefix = f"smtpauth_{secrets.token_hex(6)}"
        self._edition = ""
        self.places: Mapping[str, str] = {}
        self.refresh()

    @property
    def folder(self) -> Path | None:
        """The folder they are in."""
        return self._folder

    def edition_now(self) -> str:
        """Return what names the export that is in the folder now."""
        try:
            found = (self._folder / MANIFEST).stat()
        except OSError:
            return ""
        return str((found.st_ino, found.st_mtime_ns, found.st_size))

    def refresh(self) -> None:
        """Read another export that was written into the folder meanwhile."""
        edition = self.edition_now()
        if self._edition and edition == self._edition:
            return
        manifest, places = read_manifest(self._folder), {}
        for name, table in manifest.tables.items():
            view = f"{self._prefix}_{name}"
            try:
                rows = self._session.read.schema(table.spark_schema()).parquet(
                    _without_patterns(self._folder / name)
                )
                rows.select(*table.columns).createOrReplaceTempView(view)
            except Exception as error:
                raise StoreError(
                    "Spark cannot read {folder}: {system}. The cluster has to reach the folder "
                    "under the same name as this machine.",
                    folder=str(self._folder / name),
                    system=said_by_spark(error),
                ) from None
            places[name] = view
        _check_all_there(places, self.name)
        self._edition, self.places = edition, places


class CatalogTables:
    """The tables of a database of a catalog; of none named, those that the session sees."""

    folder: Path | None = None

    def __init__(self, session: Any, database: str) -> None:
        self.name = database
        parts = [f"`{part.replace('`', '``')}`." for part in database.split(".") if part]
        places = {name: f"{''.join(parts)}`{name}`" for name in TABLES}
        self.places: Mapping[str, str] = {
            name: place for name, place in places.items() if _is_there(session, place)
        }
        _check_all_there(self.places, database)
        _check_filled(session, self.places, database)

    def edition_now(self) -> str:
        """Return nothing: looking at a catalog each second is a job of the cluster each second."""
        return ""

    def refresh(self) -> None:
        """Do nothing: the catalog knows."""


def _is_there(session: Any, place: str) -> bool:
    try:
        return bool(session.catalog.tableExists(place))
    except Exception as error:
        raise StoreError(
            "The cluster did not answer. Spark says: {system}.", system=said_by_spark(error)
        ) from None


def _check_all_there(places: Mapping[str, str], name: str) -> None:
    if missing := [table for table in NEEDED if table not in places]:
        raise StoreError(
            "There is no store at {store}: of its tables {missing} are not there. Name a folder "
            "that smtpauth export-store wrote (spark:FOLDER), or the database of a catalog that "
            "has its tables (spark:NAME).",
            store=f"spark:{name}",
            missing=missing,
        )


def _check_filled(session: Any, places: Mapping[str, str], name: str) -> None:
    """Refuse tables over folders of which the catalog does not know the parts: they look empty."""
    for table in ("submissions", "daily_by_sender", "daily_by_domain"):
        asked = (
            f"select 1 as n from {places['source_files']} where message_count > 0 "
            f"and not exists (select 1 from {places[table]}) limit 1"
        )
        try:
            looks_empty = bool(session.sql(asked).collect())
        except Exception as error:
            raise StoreError(
                "The cluster did not answer. Spark says: {system}.", system=said_by_spark(error)
            ) from None
        if looks_empty:
            raise StoreError(
                "The table {table} of {store} is empty, and its exports have messages: the catalog "
                "does not know the parts of its folder. Tell it with: msck repair table {table}; "
                "or make it a view: create view … as select * from parquet.`FOLDER/{table}`.",
                table=table,
                store=f"spark:{name}",
            )


def _without_patterns(folder: Path) -> str:
    r"""Return the name of a folder in which Spark sees no pattern.

    >>> print(_without_patterns(Path("/exports/a[1]*")))
    /exports/a\[1\]\*
    """
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", folder.as_posix())

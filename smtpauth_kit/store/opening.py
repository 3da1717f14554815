"""Any store by its name: a file on this machine, or tables on Apache Spark."""

from __future__ import annotations

import os
from typing import Any

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.store import store
from smtpauth_kit.store.store import Store, default_path


def is_on_spark(named: str) -> bool:
    """Tell whether a store's name says that its tables are on Apache Spark.

    >>> [is_on_spark(name) for name in ("spark", "spark:main.mail", "spark.duckdb")]
    [True, True, False]
    """
    return named == "spark" or named.startswith("spark:")


def open_store(
    path: str | os.PathLike[str] | None = None,
    *,
    session: Any = None,
    database: str | None = None,
) -> Store:
    """Return the store at `path`, else the one `default_path` names. A file need not exist yet.

    Parameters
    ----------
    path
        A file; or "spark:FOLDER", a folder that `smtpauth export-store` wrote; or "spark:NAME", a
        database of a catalog of Apache Spark that has those tables; or "spark" with `database`
        (None: the tables that the session sees).
    session
        A session of Spark (of Spark Connect and Databricks, too), whose time zone becomes UTC;
        None: the one of this process, else a new one.

    Raises
    ------
    StoreError
        There is a file, but it is damaged, no store of the kit, or of a schema version that this
        kit does not know. Spark does not answer, or has not all the tables.
    UsageError
        A session or a database is given with a file.

    Examples
    --------
    >>> open_store("nothing-here.duckdb").exists()
    False
    """
    named = os.fspath(path) if path else str(default_path())
    if is_on_spark(named):
        from smtpauth_kit.store.spark import open_on_spark

        return open_on_spark(named, session, database)
    if session is not None or database is not None:
        raise UsageError(
            "{store} is a file on this machine: it needs no session and no database. A store on "
            'Spark is opened with sk.open_store("spark", session=spark, database="NAME").',
            store=named,
        )
    return store.open_store(named)

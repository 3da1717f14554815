"""Sessions of Spark: the one that is there, else a new one; and what Spark says of an error."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.rows import Rows

_SAID_ELSEWHERE: Final = ("SPARK_REMOTE", "MASTER", "PYSPARK_SUBMIT_ARGS")
"""Environment variables by which pyspark itself knows where the cluster is."""

_LOCAL: Final = {
    "spark.master": "local[*]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "4",
}
"""Spark on this machine alone: nobody else reaches it."""

_LONGEST: Final = 400


def own_session() -> Any:
    """Return the session of this process, else a new one.

    Where it runs is what SPARK_REMOTE, MASTER or PYSPARK_SUBMIT_ARGS say; else on this machine.

    Raises
    ------
    StoreError
        pyspark is not installed, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise StoreError(
            "A store on Spark needs pyspark, which is not installed. Install it with: "
            'pip install "smtpauth-kit[spark]" for Spark on this machine (Java 17), or '
            '"smtpauth-kit[spark-client]" for a remote cluster; or hand over the session that is '
            'there: sk.open_store("spark", session=spark).'
        ) from None
    try:
        builder = SparkSession.builder.appName("smtpauth-kit")
        if SparkSession.getActiveSession() is None and not _is_said_elsewhere():
            for name, value in _LOCAL.items():
                builder = builder.config(name, value)
        return builder.getOrCreate()
    except Exception as error:
        raise StoreError(
            "Spark did not start: {system}. On this machine it needs Java 17; for a remote cluster "
            "set SPARK_REMOTE=sc://HOST.",
            system=said_by_spark(error),
        ) from None


def _is_said_elsewhere() -> bool:
    return any(os.environ.get(name) for name in _SAID_ELSEWHERE)


def in_utc(session: Any) -> Any:
    """Return a session after its time zone was set to UTC: days of the kit are of UTC."""
    if session.conf.get("spark.sql.session.timeZone") != "UTC":
        session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def as_spark_takes(value: Any) -> Any:
    """Return a value as a parameter of Spark.

    A time without a zone would be one of this machine; a day before the year 1000, with which the
    kit asks from the first day on, is refused by pyspark: a day is its text.

    >>> as_spark_takes(dt.date(1, 1, 1))
    '0001-01-01'
    >>> as_spark_takes(dt.datetime(2026, 11, 16, 9))
    datetime.datetime(2026, 11, 16, 9, 0, tzinfo=datetime.timezone.utc)
    >>> as_spark_takes(("a", "b"))
    ['a', 'b']
    """
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    if _is_day(value):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def days_among(params: Mapping[str, Any]) -> list[str]:
    """Return the names of the parameters whose values are days.

    >>> days_among({"start": dt.date(2026, 11, 16), "at": dt.datetime(2026, 11, 16), "n": 1})
    ['start']
    """
    return [name for name, value in params.items() if _is_day(value)]


def _is_day(value: Any) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def plain(fields: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> Rows:
    """Return rows as Spark hands them to Python, with the types that plain rows have.

    Parameters
    ----------
    fields
        Name and type of each column, as Spark has them.

    Examples
    --------
    >>> list(plain([("share", "double"), ("n", "decimal(3,1)")], [(float("nan"), Decimal("1.5"))]))
    [(None, 1.5)]
    """
    makers = [_maker(kind) for _, kind in fields]
    types = ["double" if kind.startswith("decimal") else kind for _, kind in fields]
    made = (
        [None if v is None else make(v) for v, make in zip(row, makers, strict=True)]
        for row in rows
    )
    return Rows([name for name, _ in fields], made, types)


def _maker(kind: str) -> Callable[[Any], Any]:
    if kind == "timestamp":
        return _utc
    if kind.startswith("array<"):
        return list
    return _float if kind in ("float", "double") or kind.startswith("decimal") else _as_it_is


def _utc(at: dt.datetime) -> dt.datetime:
    """Return an instant in UTC; Spark hands it over in this machine's zone, without naming it."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def _float(number: float | Decimal) -> float | None:
    return None if number != number else float(number)


def _as_it_is(value: Any) -> Any:
    return value


def said_by_spark(error: BaseException) -> str:
    r"""Return the first line of what Spark says, without the trace of its own code.

    >>> said_by_spark(ValueError("[TABLE_NOT_FOUND] There is no t.\n\tat org.apache.spark"))
    '[TABLE_NOT_FOUND] There is no t'
    """
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:_LONGEST].rstrip(".: ")

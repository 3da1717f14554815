"""What an engine promises of its rows' types, whatever DuckDB or another library makes of them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from smtpauth_kit.store.engine import SPARK
from smtpauth_kit.store.promised import promised

LARGE = 2**63 - 1
DAY, MOMENT = dt.date(2026, 11, 16), dt.datetime(2026, 11, 16, 8, 15, 30, 123456)

KINDS = {
    "date": ("date '2026-11-16'", "object", [DAY]),
    "first date": ("date '0001-01-01'", "object", [dt.date.min]),
    "last date": ("date '9999-12-31'", "object", [dt.date.max]),
    "no date": ("null::date", "object", [None]),
    "moment": ("timestamp '2026-11-16 08:15:30.123456'", "datetime64[us]", [pd.Timestamp(MOMENT)]),
    "moment with a zone": (
        "timestamptz '2026-11-16 09:15:30.123456+01'", "datetime64[us]", [pd.Timestamp(MOMENT)],
    ),
    "no moment": ("null::timestamp", "datetime64[us]", [pd.NaT]),
    "small number": ("7::smallint", "int64", [7]),
    "large number": (f"{LARGE}::bigint", "int64", [LARGE]),
    "no number": ("null::bigint", "object", [None]),
    "share": ("0.5::float", "float64", [0.5]),
    "text": ("'büro'", "object", ["büro"]),
    "no text": ("null::text", "object", [None]),
    "yes": ("true", "bool", [True]),
    "unknown": ("null::boolean", "object", [None]),
    "list": ("['a', 'b']", "object", [["a", "b"]]),
    "no list": ("null::text[]", "object", [None]),
    "word of a type": ("'1.0'::tls_version", "object", ["1.0"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_has_the_promised_type_and_values(kind, store, load):
    load("Date,Sender address\n2026-11-16,a@contoso.com\n")
    expression, dtype, values = KINDS[kind]
    column = store.run(f"select {expression} as cell")["cell"]
    assert str(column.dtype) == dtype
    assert [type(cell) for cell in column.tolist()] == [type(cell) for cell in values]
    assert list(map(repr, column)) == list(map(repr, values))


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_without_rows_has_a_promised_type_too(kind, store, load):
    load("Date,Sender address\n2026-11-16,a@contoso.com\n")
    expression, dtype, _ = KINDS[kind]
    empty = store.run(f"select {expression} as cell where false")["cell"]
    full = {"no number": "int64", "unknown": "bool"}
    assert str(empty.dtype) == full.get(kind, dtype)


def test_a_number_beside_a_missing_one_stays_exact(store, load):
    load("Date,Sender address\n2026-11-16,a@contoso.com\n")
    rows = store.run(f"select unnest([{LARGE}, null]) as n")
    assert rows["n"].tolist() == [LARGE, None]


def test_what_another_engine_gives_is_made_the_same():
    rows = pd.DataFrame(
        {
            "day": [DAY, None], "moment": pd.to_datetime([MOMENT, None]).astype("datetime64[ns]"),
            "n": [3.0, None], "words": [("a",), None], "text": ["x", float("nan")],
        }
    )  # fmt: skip
    found = promised(rows, ["date", "timestamp_ntz", "bigint", "array<string>", "string"])
    assert found.values.tolist() == [
        [DAY, pd.Timestamp(MOMENT), 3, ["a"], "x"],
        [None, pd.NaT, None, None, None],
    ]
    assert [str(kind) for kind in found.dtypes] == ["object", "datetime64[us]", *["object"] * 3]


def test_ad_hoc_sql_keeps_the_types_that_pandas_reckons_with(store, load):
    load("Date,Sender address\n2026-11-16,a@contoso.com\n")
    assert store.sql("select period_start as day from submissions")["day"].dt.year[0] == 2026


def test_spark_is_spelled_by_a_handful_of_names():
    assert SPARK.spell("cast(sent_at at time zone 'UTC' at time zone $timezone as date)") == (
        "cast(from_utc_timestamp(sent_at, :timezone) as date)"
    )
    assert len(SPARK.spellings) <= 6

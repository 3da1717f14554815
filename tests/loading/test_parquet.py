"""Parquet in the kit's own columns: the same facts, each once; what is made to do harm is refused."""

from __future__ import annotations

import datetime as dt
import random

import duckdb
from conftest import LOG, WEEK
from formats_util import DATA
from quick import quick

from smtpauth_kit import answers
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store

SIGN_INS = DATA / "03a_entra_InteractiveSignIns.csv"
ONE = {
    "sent_at": "timestamp '2026-11-16 08:15:30.123456'", "period_start": "date '2026-11-16'",
    "period_end": "date '2026-11-16'", "sender_address": "'a@contoso.com'", "tls_version": "'1.2'",
    "auth_protocol": "'basic'", "message_count": "1::bigint", "message_id": "'1@a'",
}  # fmt: skip


def parquet(path, query, *frames):
    """Write the rows of a query; `frames` are its `f0`, `f1`, …"""
    with duckdb.connect() as con:
        for n, frame in enumerate(frames):
            con.register(f"f{n}", frame)
        con.execute(f"copy ({query}) to '{path!s}' (format parquet)")
    return path


def rows(path, *changes, more=""):
    """Write submissions, one for each change of the columns of ONE."""
    selects = [
        "select " + ", ".join(f"{v} as {k}" for k, v in {**ONE, **change}.items())
        for change in changes
    ]
    return parquet(path, " union all ".join(selects) + more)


def exported(store, folder):
    """Write a store's facts as any analyst would."""
    return [
        parquet(
            folder / f"{name}.parquet",
            "from f0",
            store.sql(f"select * exclude (counts, why_not) from all_{name}"),
        )
        for name in ("submissions", "sign_ins")
    ]


def same(one, other):
    for name in ("submissions", "sign_ins"):
        query = f"select * exclude (file_id) from {name} order by all"
        assert one.sql(query).equals(other.sql(query))


def test_a_stores_facts_as_parquet_are_the_same_facts_in_another_store(store, load, tmp_path):
    load(LOG)
    loading.load(store, SIGN_INS)
    other = open_store(tmp_path / "other.duckdb")
    first = loading.load(other, *exported(store, tmp_path))
    assert [(f.format, f.rows_read, f.rows_loaded) for f in first.files] == [
        ("submissions", 3, 3),
        ("sign-ins", 3, 3),
    ]
    same(store, other)


def test_the_parquet_and_the_export_it_came_from_count_once_in_either_order(store, load, tmp_path):
    load(LOG)
    loading.load(store, SIGN_INS)
    files = exported(store, tmp_path)
    again = loading.load(store, *files)
    assert (again.rows("duplicate"), again.rows("loaded"), again.message_count) == (6, 0, 3)
    other = open_store(tmp_path / "other.duckdb")
    loading.load(other, *files)
    (tmp_path / "log.csv").write_text(LOG)
    back = loading.load(other, tmp_path / "log.csv", SIGN_INS)
    assert (back.rows("duplicate"), back.rows("loaded"), back.message_count) == (6, 0, 3)


def test_every_type_is_read_and_what_does_not_fit_is_rejected_with_its_reason(store, tmp_path):
    path = rows(
        tmp_path / "t.parquet",
        {"sent_at": "timestamptz '2026-11-16 23:30:00-01:00'", "period_start": "date '2026-11-17'",
         "period_end": "date '2026-11-17'", "message_id": "'tz@a'"},
        {"message_id": "'2@a'", "tls_version": "'TLS1.2'"},
        {"message_id": "'3@a'", "period_end": "date '2026-11-15'"},
        {"message_id": "'4@a'", "sender_address": "'nobody'"},
        {"message_id": "'5@a'", "message_count": "-1::bigint"},
        {"message_id": "'6@a'", "sent_at": "timestamptz 'infinity'"},
        {"message_id": "'7@a'", "sent_at": "timestamptz '1999-12-31 00:00:00Z'"},
        {"message_id": "'8@a'", "period_start": "date '2026-11-15'"},
    )  # fmt: skip
    (file,) = loading.load(store, path).files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (8, 1, 7)
    sent = store.sql("select sent_at from submissions").sent_at[0]
    assert sent == dt.datetime(2026, 11, 17, 0, 30)
    rejected = answers.ask(store, "rejected").rows
    assert rejected[["line", "reason"]].values.tolist() == [
        [3, "the TLS version 'TLS1.2' is none of none, 1.0, 1.1, 1.2, 1.3, unknown"],
        [4, "the period 2026-11-16 to 2026-11-15 ends before it starts"],
        [5, "the sender address has no name before or no domain after an @"],
        [6, "the count '-1' is negative"],
        [7, "the date 'infinity' cannot be read"],
        [8, "the date '1999-12-31 00:00:00' lies before 2000 or after 2099"],
        [9, "the day of sent_at is not the one of its period"],
    ]


def test_recipients_are_a_list_and_a_row_stays_a_row(store, tmp_path):
    path = rows(
        tmp_path / "r.parquet",
        {"recipients": "['b@x.example', 'c,d@x.example', 'two\nlines@x.example']"},
    )
    loading.load(store, path)
    (row,) = store.sql("select recipients, recipient_count from submissions").to_dict("records")
    assert list(row["recipients"]) == ["b@x.example", "c,d@x.example", "two lines@x.example"]
    assert row["recipient_count"] == 3


def test_a_file_of_two_sources_or_of_another_tenant_is_refused(store, tmp_path):
    two = rows(tmp_path / "two.parquet", {"source": "'server_log'"}, {"source": "'report'"})
    (file,) = loading.load(store, two).files
    assert file.status == "refused" and "rows of the sources server_log and 'report'" in file.error
    other = rows(tmp_path / "tenant.parquet", {"tenant": "'fabrikam'"})
    (file,) = loading.load(store, other).files
    assert file.status == "refused" and "--tenant" in file.error and str(other) in file.error
    assert not store.exists()
    (file,) = loading.load(store, other, tenant="fabrikam").files
    assert file.rows_loaded == 1


def test_a_source_that_the_rows_say_is_theirs(store, tmp_path):
    path = rows(tmp_path / "s.parquet", {"source": "'server_log'"})
    loading.load(store, path)
    assert store.sql("select source from submissions").source.tolist() == ["server_log"]


def test_what_was_superseded_where_it_comes_from_does_not_count(store, load, tmp_path):
    head = "Sender address,Messages sent\n"
    load(head + "a@contoso.com,10\n", period=WEEK)
    load(head + "a@contoso.com,12\n", period=WEEK)
    other = open_store(tmp_path / "other.duckdb")
    result = loading.load(other, exported(store, tmp_path)[0])
    assert (result.message_count, result.rows("loaded"), result.rows("other")) == (12, 1, 1)
    again = loading.load(store, tmp_path / "submissions.parquet")
    assert again.message_count == 12


def test_the_days_by_sender_of_a_lake_come_home_as_they_are(store, load, tmp_path):
    load(LOG)
    rollup = "select * exclude (counts, why_not) from all_daily_by_sender"
    days = store.sql(rollup)
    parquet(tmp_path / "days.parquet", "from f0", days)
    days.to_csv(tmp_path / "days.csv", index=False)
    for name in ("days.parquet", "days.csv"):
        other = open_store(tmp_path / f"{name}.duckdb")
        (file,) = loading.load(other, tmp_path / name).files
        assert (file.format, file.rows_rejected, file.message_count) == ("submissions", 0, 3)
        assert other.sql(f"{rollup} order by all").equals(store.sql(f"{rollup} order by all"))


def test_a_name_that_looks_like_a_pattern_is_that_file(store, tmp_path):
    rows(tmp_path / "part1.parquet", {"message_id": "'wrong@a'"})
    path = rows(tmp_path / "part[1].parquet", {})
    loading.load(store, path)
    assert store.sql("select message_id from submissions").message_id.tolist() == ["1@a"]


def refusal(store, path):
    with quick(10):
        (file,) = loading.load(store, path).files
    assert file.status == "refused" and str(path) in file.error, file
    return file.error


def test_what_frames_a_parquet_file_is_looked_at_before_it_is_read(store, tmp_path):
    whole = rows(tmp_path / "w.parquet", {}).read_bytes()
    path = tmp_path / "x.parquet"
    for content, why in (
        (whole[:-1], "damaged or incomplete"),
        (b"PAR1", "damaged or incomplete"),
        (whole[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1", "damaged or incomplete"),
        (whole[:-4] + b"PARE", "is encrypted"),
        (b"PAR1" + bytes(17 * 2**20) + (17 * 2**20 - 9).to_bytes(4, "little") + b"PAR1", "16 MiB"),
    ):
        path.write_bytes(content)
        assert why in refusal(store, path)


def test_columns_and_text_beyond_the_bounds_are_refused(store, tmp_path):
    wide = parquet(
        tmp_path / "w.parquet", "select " + ", ".join(f"{n} as c{n}" for n in range(1025))
    )
    assert "1,025 columns" in refusal(store, wide)
    bomb = rows(
        tmp_path / "b.parquet", {"account": "repeat('x', 1000)"}, more=" from range(200000)"
    )
    assert bomb.stat().st_size < 1_000_000
    assert "more than 200 times its size" in refusal(store, bomb)


def test_a_damaged_file_ends_as_a_refusal_or_as_rows_with_an_end(store, tmp_path):
    changes = [{"message_id": f"'{n}@a'"} for n in range(50)]
    whole = rows(tmp_path / "w.parquet", *changes).read_bytes()
    dice, path = random.Random(20261116), tmp_path / "x.parquet"
    for _ in range(12):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            content[dice.randrange(4, len(content) - 8)] = dice.randrange(256)
        path.write_bytes(content)
        (file,) = loading.load(store, path).files
        ends = file.rows_loaded + file.rows_duplicate + file.rows_rejected + file.rows_other
        assert file.rows_read == ends
        assert file.status != "refused" or str(path) in file.error


def test_other_tables_as_parquet_are_named_by_their_columns(store, tmp_path):
    path = parquet(tmp_path / "x.parquet", "select 1 as colour, 2 as shape")
    assert "Its columns: colour, shape" in refusal(store, path)

"""Rejected rows given back as they came, mended, and loaded again under their header."""

from __future__ import annotations

import csv
import io

import pytest
from command import rejected_csv
from conftest import LOG_HEADER, WEEK
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.loading import loading, mending
from smtpauth_kit.words.inert import inert_cell, uninert_cell


def mended(text, delimiter=",", **changes):
    """Return the same CSV with texts in its raw cells replaced, as a spreadsheet would write it."""
    header, *rows = list(csv.reader(io.StringIO(text)))
    at = header.index("raw")
    for row in rows:
        for old, new in changes.items():
            row[at] = row[at].replace(old, new)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


@given(st.text(st.sampled_from(list("=+-@,;|\t\r\n\"' a")) | st.characters(), max_size=40))
def test_what_is_made_inert_can_be_had_back(text):
    assert uninert_cell(inert_cell(text)) == text


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_rejected_rows_come_back_as_they_came_and_load_when_they_are_mended(store, load, delimiter):
    log = LOG_HEADER.strip() + ",Colour\n"
    rows = (
        '2026-02-30T08:15:30Z,"a@contoso.com",b@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic,"r, ""e"""\n'
        "2026-02-30T08:15:31Z,=cmd()@contoso.com,b@fabrikam.com,<2@x>,TLS1.2,192.0.2.1,Basic,\n"
        "2026-02-30T08:15:32Z,c@contoso.com\n"
        "2026-11-16T08:15:33Z,d@contoso.com,b@fabrikam.com,<4@x>,TLS1.2,192.0.2.1,Basic,\n"
    )
    assert load(log + rows).rows("rejected") == 3
    load("Sender address;Message count\na@contoso.com;x1.234\n", period=WEEK, tenant="one")
    text = rejected_csv(store)
    raws = [uninert_cell(row["raw"]) for row in csv.DictReader(io.StringIO(text))]
    assert "\n".join(raws[:3]) + "\n" == "".join(rows.splitlines(keepends=True)[:3])
    result = load(mended(text, delimiter, **{"2026-02-30": "2026-11-16", "x1": "1"}), name="r.csv")
    assert [(f.format, f.status, f.rows_read, f.rows_loaded, f.rows_rejected, f.message_count)
            for f in result.files] == [
        ("submission-log", "loaded", 3, 2, 1, 2), ("report", "loaded", 1, 1, 0, 1234),
    ]  # fmt: skip
    assert result.files[0].path.endswith("r.csv!" + str(store.path.parent / "exports/export0.csv"))
    assert store.sql("select tenant, period_end::text d from submissions where source = 'report'"
                     ).values.tolist() == [["one", "2026-11-22"]]  # fmt: skip


def test_json_records_and_lines_of_a_log_come_back_too(store, load):
    load('[{"Date": "x", "Sender address": "a@contoso.com", "Message ID": "1@a"}]', name="a.json")
    bad = "Nov 16 08:00:01 mx postfix/smtpd[1]: AAAAAA1: client=x[192.0.2.1], sasl_method=, sasl_username=a"
    load(bad.replace("A1:", "A2:").replace("sasl_method=", "sasl_method=LOGIN").replace("=a", "=s@contoso.com") + f"\n{bad}\n",
         period=WEEK, name="mail.log")  # fmt: skip
    text = mended(rejected_csv(store), **{'"x"': '"2026-11-16T10:00:00Z"', "sasl_method=,": "sasl_method=LOGIN,",
                                   "sasl_username=a": "sasl_username=t@contoso.com"})  # fmt: skip
    result = load(text, name="r.csv", period=WEEK)
    assert [(f.format, f.rows_loaded, f.rows_rejected) for f in result.files] == [
        ("submission-log", 1, 0), ("mail-log", 1, 0),
    ]  # fmt: skip


def test_a_row_that_would_be_a_formula_is_inert_in_between_and_comes_back_as_it_was(store, load):
    load("Sender address,Date,Message ID\n=cmd()@contoso.com,x,<1@a>\n")
    text = rejected_csv(store)
    assert "'=cmd()@contoso.com" in text
    assert load(mended(text, **{",x,": ",2026-11-16,"})).rows("loaded") == 1
    assert store.sql("select sender_address from submissions").values.tolist() == [
        ["=cmd()@contoso.com"]
    ]


def test_rejected_rows_of_another_store_are_refused_in_plain_words(store, load):
    (file,) = load("file_id,path,line,reason,raw\n7,x.csv,2,why,text\n").files
    assert file.status == "refused" and "files that are not in this store (7)" in file.error
    assert not store.exists()


def test_mended_rows_again_load_nothing(store, load):
    load(LOG_HEADER + "2026-02-30T08:15:30Z,a@contoso.com,,<1@x>,,,\n")
    text = mended(rejected_csv(store), **{"2026-02-30": "2026-11-16"})
    assert load(text).rows("loaded") == 1
    assert load(text).files[0].status == "already_loaded"
    assert stored_messages(store) == 1


def test_rows_of_many_files_are_read_a_few_times_whatever_their_number(
    store, load, tmp_path, monkeypatch
):
    for n in range(12):
        load(LOG_HEADER + f"never,a{n}@contoso.com,,<{n}@x>,,,\n")
    path = tmp_path / "rejected.csv"
    path.write_text(mended(rejected_csv(store), never="2026-11-16"))
    read, rows = [0], mending._Table.rows

    def counted(table):
        read[0] += 1
        return rows(table)

    monkeypatch.setattr(mending._Table, "rows", counted)
    result = loading.load(store, path)
    assert (result.rows("loaded"), len(result.files), read[0]) == (12, 12, 2)

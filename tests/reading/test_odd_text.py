"""Text that no sensible program writes: it is kept as it came, counted, and spoils nothing."""

from __future__ import annotations

import json

import openpyxl
import pytest
from conftest import LOG_HEADER

from smtpauth_kit.loading import loading

ODD = {
    "NUL": "a\0b",
    "U+FFFE": "a\ufffeb",
    "U+FFFF": "a\uffffb",
    "U+1FFFE": "a\U0001fffeb",
    "a private character": "a\ue000b",
    "an emoji": "a🙂b",
    "a soft hyphen": "a\u00adb",
    "a line separator": "a\u2028b",
    "next line": "a\x85b",
    "a tag": "a\U000e0041b",
    "a mark of order": "a\u202eb",
}
FIELDS = [name.strip() for name in LOG_HEADER.split(",")]
KEPT = "select message_id, account, recipients[1] as recipient, client_ip from submissions order by all"


def row(odd: str, n: int = 0) -> dict[str, str]:
    return {
        "Date": "2026-11-16T08:15:30Z", "Sender address": f"x{n}@contoso.com", "Account": odd,
        "Recipient address": odd, "Message ID": odd, "Client IP": odd, "TLS version": odd,
        "Authentication protocol": odd, "Unknown column": odd,
    }  # fmt: skip


def loaded(store, path) -> list[dict[str, object]]:
    (file,) = loading.load(store, path).files
    assert (file.rows_read, file.rows_loaded + file.rows_rejected) == (1, 1), file
    return store.sql(KEPT).to_dict("records")


def kept(store, path, odd: str) -> None:
    if odd.isprintable() or not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in odd):
        same = {"message_id": odd, "account": odd, "recipient": odd, "client_ip": odd}
        assert loaded(store, path) == [same]
    else:
        # An account with control characters is rejected (LOADING, point 8), with its text.
        assert loaded(store, path) == []
        (rejected,) = store.sql("select reason, raw from rejected_rows").to_dict("records")
        assert rejected["reason"] == "the address holds control characters"
        # In the text of a rejected row NUL is shown as a sign that is missing.
        shown = odd.replace("\0", "\ufffd")
        assert shown in rejected["raw"] or json.dumps(odd)[1:-1] in rejected["raw"]


@pytest.mark.parametrize("name", ODD)
def test_odd_text_in_a_csv_is_kept_and_counted(store, write, name):
    cells = row(ODD[name])
    kept(store, write("x.csv", f"{','.join(cells)}\n{','.join(cells.values())}\n"), ODD[name])


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("is_escaped", [True, False])
def test_odd_text_in_json_is_kept_and_counted(store, write, name, is_escaped):
    if name == "NUL" and not is_escaped:
        is_escaped = True
    text = json.dumps([row(ODD[name])], ensure_ascii=is_escaped)
    kept(store, write("x.json", text), ODD[name])


@pytest.mark.parametrize(
    "name", ["U+1FFFE", "an emoji", "a soft hyphen", "a line separator", "a tag"]
)
def test_odd_text_in_a_workbook_is_kept_and_counted(store, tmp_path, name):
    book = openpyxl.Workbook()
    book.active.append(list(row("")))
    book.active.append(list(row(ODD[name]).values()))
    book.save(tmp_path / "x.xlsx")
    kept(store, tmp_path / "x.xlsx", ODD[name])


@pytest.mark.parametrize("field", ["Message ID", "Recipient address", "Client IP", "Account"])
def test_nul_in_one_field_keeps_the_others(store, write, field):
    cells = {**row("plain"), field: "a\0b"}
    (file,) = loading.load(store, write("x.json", json.dumps([cells]))).files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (
        (1, 0, 1) if field == "Account" else (1, 1, 0)
    )
    if field != "Account":
        text = json.dumps(store.sql(KEPT).to_dict("records"), default=list)
        assert text.count("a\\u0000b") == 1


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "x\\ud83d"])
def test_half_a_character_is_shown_as_missing_in_values_and_in_names(store, write, half):
    cells = json.dumps(row("HALF")).replace("HALF", half).replace("Unknown column", half)
    (file,) = loading.load(store, write("x.json", f"[{cells}]")).files
    assert file.rows_loaded == 1 and "\ufffd" in file.warnings[0]
    (found,) = store.sql("select message_id from submissions").message_id
    assert found == half.replace("\\ud800", "\ufffd").replace("\\udfff", "\ufffd").replace(
        "\\ud83d", "\ufffd"
    )


def test_a_rejected_row_keeps_odd_text(store, write):
    cells = {**row("a\ufffe\uffff\0b🙂"), "Date": "never", "Account": ""}
    lines = f"{','.join(cells)}\n{','.join(cells.values())}\n"
    loading.load(store, write("x.csv", lines))
    (raw,) = store.sql("select raw from rejected_rows").raw
    assert raw == ",".join(cells.values()).replace("\0", "\ufffd")


@pytest.mark.parametrize(
    "sender", ["a\ufffe@contoso.com", "a@conto\uffffso.com", "\U000e0041a@x.example"]
)
def test_an_odd_sender_is_a_sender(store, write, sender):
    cells = {**row(""), "Sender address": sender}
    (file,) = loading.load(store, write("x.json", json.dumps([cells]))).files
    assert file.rows_loaded == 1
    assert store.sql("select sender_address from submissions").sender_address.tolist() == [sender]

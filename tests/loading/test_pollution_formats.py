"""Pollutions of the vendors' formats: a report, an extended trace, a sign-in CSV, a JSON document.

One place of a clean export is spoiled at a time. Whatever it was: rows add up, the rows that were
not touched say what they said, and no total is wrong in silence: what is missing from it is
rejected, said in a warning, or the file is refused.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest
from conftest import WEEK
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pollution import at_cell

from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store


class Export(NamedTuple):
    """A clean export: its header, its rows, and what asks the store for what each row said."""

    header: str
    rows: tuple[str, ...]
    names: tuple[str, ...]
    """What names each row in the store."""
    said: str
    """A query of name and everything else a row said."""


SENDERS = tuple(f"s{n}@contoso.com" for n in range(6))
EXPORTS = {
    "report": Export(
        "Sender address,Domain,TLS 1.0,TLS 1.1,TLS 1.2,Messages sent",
        tuple(f"{s},contoso.com,0%(0),0%(0),100%({100 + n}),{100 + n}" for n, s in enumerate(SENDERS)),
        SENDERS,
        "select sender_key, tls_version, message_count::int from submissions order by all",
    ),
    "extended trace": Export(
        "date_time_utc,connector_id,source,event_id,message_id,network_message_id,"
        "recipient_address,sender_address,custom_data",
        tuple(
            f"2026-11-16T08:15:{n:02}Z,X\\\\Client Proxy X,SMTP,RECEIVE,<{n}@a>,net{n},b@x.example,{s},"
            "S:tlsversion=SP_PROT_TLS1_2_SERVER"
            for n, s in enumerate(SENDERS)
        ),
        SENDERS,
        "select sender_key, tls_version, message_count::int, sent_at::text, recipients, message_id "
        "from submissions order by all",
    ),
    "sign-ins": Export(
        "Date (UTC),Request ID,User agent,Username,Authentication Protocol,IP address,Location,"
        "Status,Sign-in error code,Client app",
        tuple(
            f'2026-11-16T08:15:{n:02}Z,id{n},BAV2ROPC,{s},ROPC,192.0.2.{n},"Oslo, Oslo, NO",'
            f"Success,0,Authenticated SMTP"
            for n, s in enumerate(SENDERS)
        ),
        SENDERS,
        "select account_key, result, signed_in_at::text, country, city, client_ip from sign_ins "
        "order by all",
    ),
}  # fmt: skip


def load(folder, text: str | bytes, query: str):
    path = folder / "export.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    store = open_store(folder / "s.duckdb")
    (file,) = loading.load(store, path, period=WEEK).files
    ends = file.rows_loaded + file.rows_duplicate + file.rows_rejected + file.rows_other
    assert file.rows_read == ends
    said = [tuple(map(str, row)) for row in store.sql(query).values] if store.exists() else []
    return file, said


def check(folder, kind: str, lines: list[str], touched: set[int], *, may_refuse: bool) -> None:
    """Hold the rows that were not touched to what the clean export says of them."""
    export = EXPORTS[kind]
    (folder / "clean").mkdir()
    _, clean = load(folder / "clean", "\n".join([export.header, *export.rows]) + "\n", export.said)
    assert len(clean) == len(export.rows)
    file, said = load(folder, "\n".join(lines) + "\n", export.said)
    if file.status == "refused":
        assert may_refuse and str(folder) in file.error, file.error
        assert said == []
        return
    untouched = {name for n, name in enumerate(export.names) if n not in touched}
    if lines[0] == export.header:
        assert [r for r in said if r[0] in untouched] == [r for r in clean if r[0] in untouched]
    else:
        # A spoiled header may cost every row a column, or the row; never silently.
        lost = untouched - {row[0] for row in said}
        assert len(lost) <= file.rows_rejected + file.rows_other
    # A total that lacks a row says so; a line without any text is no row.
    blank = sum(not line.strip(",; ") for line in lines)
    missing = len(export.rows) - file.rows_loaded - blank
    if missing > 0:
        assert file.rows_rejected + file.rows_other + file.rows_duplicate + len(file.warnings) > 0


Change = Callable[[str, random.Random], str]


CHANGES: dict[str, Change] = {
    "an extra separator": at_cell(lambda cell: cell + ","),
    "a missing separator": lambda line, dice: line.replace(",", "", 1),
    "an extra quote in front": at_cell(lambda cell: '"' + cell),
    "an extra quote behind": at_cell(lambda cell: cell + '"'),
    "another delimiter": lambda line, dice: line.replace(",", ";"),
    "other quotes": at_cell(lambda cell: f"'{cell}'"),
    "an escaped quote": at_cell(lambda cell: f'"\\"{cell}"'),
    "a cell that is missing": lambda line, dice: line.rpartition(",")[0],
    "another type": at_cell(lambda cell: "n/a"),
    "a number of another kind": at_cell(lambda cell: "1e309"),
    "nothing": at_cell(lambda cell: ""),
    "separators only": lambda line, dice: "," * line.count(","),
    "a formula": at_cell(lambda cell: "=cmd|' /C calc'!A0"),
    "a NUL": at_cell(lambda cell: cell + "\0"),
    "text the other way round": at_cell(lambda cell: "\u202e" + cell),
    "half of the line": lambda line, dice: line[: dice.randrange(len(line))],
    "twice the line": lambda line, dice: line + "\n" + line,
    "a return in the line": lambda line, dice: line + "\r",
}


@pytest.mark.parametrize("kind", EXPORTS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_spoiled_line_of_a_vendors_export_touches_no_other(tmp_path, kind, change):
    dice = random.Random(f"{kind} {change}")
    lines = [EXPORTS[kind].header, *EXPORTS[kind].rows]
    at = dice.randrange(1, len(lines))
    lines[at] = CHANGES[change](lines[at], dice)
    check(tmp_path, kind, lines, {at - 1}, may_refuse=change == "a NUL")


@settings(max_examples=tries(5), suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(sorted(EXPORTS)), change=st.sampled_from(sorted(CHANGES)),
    seed=st.integers(0, 10**9), header=st.booleans(),
)  # fmt: skip
def test_any_lines_spoiled_in_any_way(tmp_path_factory, kind, change, seed, header):
    dice = random.Random(seed)
    lines = [EXPORTS[kind].header, *EXPORTS[kind].rows]
    touched = set(dice.sample(range(1, len(lines)), dice.randint(1, 3)))
    for at in touched | ({0} if header else set()):
        lines[at] = CHANGES[change](lines[at], dice)
    folder = tmp_path_factory.mktemp("v")
    check(folder, kind, lines, {at - 1 for at in touched}, may_refuse=header or change == "a NUL")


RECORDS = [
    {"id": f"id{n}", "createdDateTime": f"2026-11-16T08:15:{n:02}Z", "userPrincipalName": sender,
     "clientAppUsed": "Authenticated SMTP", "ipAddress": f"192.0.2.{n}",
     "status": {"errorCode": 0}, "location": {"city": "Oslo", "countryOrRegion": "NO"}}
    for n, sender in enumerate(SENDERS)
]  # fmt: skip


@settings(max_examples=tries(8), suppress_health_check=list(HealthCheck))
@given(
    place=st.integers(0, 10**6), kind=st.sampled_from(["del", "ins", "cut"]), shape=st.sampled_from(["list", "lines", "value"]),
    char=st.sampled_from(list('"\\{}[],:\n\0e9\u202e')),
)  # fmt: skip
def test_json_spoiled_anywhere_is_read_as_far_as_it_is_whole_and_the_rest_is_said(
    tmp_path_factory, place, kind, shape, char
):
    text = {
        "list": json.dumps(RECORDS), "value": json.dumps({"value": RECORDS}),
        "lines": "".join(json.dumps(record) + "\n" for record in RECORDS),
    }[shape]  # fmt: skip
    at = place % len(text)
    spoiled = {
        "del": text[:at] + text[at + 1 :],
        "ins": text[:at] + char + text[at:],
        "cut": text[:at],
    }[kind]
    file, said = load(
        tmp_path_factory.mktemp("j"), spoiled,
        "select account_key, result, signed_in_at::text, country, city from sign_ins order by all",
    )  # fmt: skip
    if file.status == "refused":
        assert file.error
        return
    whole = [
        (s, "success", f"2026-11-16 08:15:{n:02}", "NO", "Oslo") for n, s in enumerate(SENDERS)
    ]
    # Every record in front of the spoiled place is as it was.
    before = sum(spoiled[:at].count(f'"{s}"') and text.find(json.dumps(RECORDS[n])) + len(json.dumps(RECORDS[n])) <= at for n, s in enumerate(SENDERS))  # fmt: skip
    assert set(whole[:before]) <= set(said)
    assert (
        len(said) == len(SENDERS) or file.rows_rejected + file.rows_other + file.rows_duplicate > 0
    )

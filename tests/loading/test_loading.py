"""What loading promises, for every format the kit knows: whole answers, counted by hand."""

from __future__ import annotations

import datetime as dt
import gzip
import signal
import subprocess

import psutil
import pytest
from command import COMMAND
from conftest import LOG, LOG_HEADER, WEEK, until
from depth import tries
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import appending, loading, one_file
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.store.store import open_store
from smtpauth_kit.words.words import speak

REPORT = (
    "\ufeffSender address,Domain,TLS 1.0,TLS 1.1,TLS 1.2,Messages sent\r\n"
    "scanner@contoso.com,contoso.com,0,0,100,1520\r\n"
    "hr_app@contoso.org,contoso.org,100,0,0,938\r\n"
    "alice@contoso.com,contoso.com,0,12.5,87.5,4000\r\n"
)


def ends(result, number=0):
    f = result.files[number]
    return (
        f.status, f.rows_read, f.rows_loaded, f.rows_duplicate, f.rows_rejected, f.rows_other,
        f.message_count,
    )  # fmt: skip


def senders(store, **filters):
    rows = answers.ask(store, "senders", Filters(**filters)).rows
    return dict(zip(rows["sender_address"], (int(n) for n in rows["message_count"]), strict=True))


def tls(store, **filters):
    rows = answers.ask(store, "tls-usage", Filters(**filters)).rows
    return {v: int(n) for v, n in zip(rows["tls_version"], rows["message_count"], strict=True) if n}


def reasons(store):
    rows = answers.ask(store, "rejected").rows
    return list(zip(rows["line"], rows["reason"], strict=True))


# --- the plain submission log --------------------------------------------------------------


def test_a_submission_log_is_one_message_a_row(store, load):
    assert ends(load(LOG)) == ("loaded", 3, 3, 0, 0, 0, 3)
    assert senders(store) == {"scanner@contoso.com": 2, "app@fabrikam.com": 1}
    assert tls(store) == {"1.0": 2, "1.2": 1}


def test_dutch_names_semicolons_and_any_column_order_are_the_same_log(store, load):
    load(LOG)
    dutch = (
        "sep=;\r\nBericht-id;TLS-versie;Adres afzender;Datum/tijd*;Adres ontvanger;Client-IP\r\n"
        "1@scan;TLS 1.0;SCANNER@contoso.com;16-11-2026 08:15:30;bob@fabrikam.com;192.0.2.25\r\n"
    )
    assert ends(load(dutch)) == ("loaded", 1, 0, 1, 0, 0, 0)


def test_rows_that_share_message_id_and_sender_are_one_message(store, load):
    result = load(
        LOG_HEADER
        + "2026-11-16T08:15:30Z,a@contoso.com,bob@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic\n" * 2
        + "2026-11-16T08:15:30Z,a@contoso.com,eve@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic\n"
        + "2026-11-16T08:15:30Z,b@contoso.com,eve@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic\n"
    )
    assert ends(result) == ("loaded", 4, 2, 1, 0, 1, 2)
    (recipients,) = store.sql(
        "select recipients from submissions where sender_key = 'a@contoso.com'"
    )["recipients"]
    assert sorted(recipients) == ["bob@fabrikam.com", "eve@fabrikam.com"]


def test_equal_rows_without_an_id_are_as_many_messages_as_they_stand_in_a_file(store, load):
    row = "2026-11-16T08:15:30Z,a@contoso.com,bob@fabrikam.com,,TLS1.2,192.0.2.1,Basic\n"
    assert ends(load(LOG_HEADER + row * 2)) == ("loaded", 2, 2, 0, 0, 0, 2)
    more = row.replace("Z,", "+00:00,").replace("TLS1.2", "TLSv1.2") * 3
    assert ends(load(LOG_HEADER + more)) == ("loaded", 3, 1, 2, 0, 0, 1)
    assert senders(store) == {"a@contoso.com": 3}


def test_a_message_count_is_a_count_for_its_day(store, load):
    load(
        "Date,Sender address,Message count\n2026-11-16,a@contoso.com,40\n2026-11-17,a@contoso.com,2\n"
    )
    rows = answers.ask(store, "sending-volume").rows
    assert rows[["report_date", "message_count"]].values.tolist() == [
        [dt.date(2026, 11, 16), 40],
        [dt.date(2026, 11, 17), 2],
    ]
    assert store.sql("select count(*) as n from submissions where sent_at is not null")["n"][0] == 0


def test_every_bad_row_is_kept_with_its_line_and_reason_and_changes_no_neighbour(store, load):
    result = load(
        LOG_HEADER
        + "2026-11-16T08:15:30Z,a@contoso.com,b@fabrikam.com,<1@x>,TLS1.2,192.0.2.1,Basic\n"
        + "2026-02-30T08:15:30Z,a@contoso.com,b@fabrikam.com,<2@x>,TLS1.2,192.0.2.1,Basic\n"
        + "\n"
        + "2026-11-16T08:15:30Z,,b@fabrikam.com,<3@x>,TLS1.2,192.0.2.1,Basic\n"
        + "2026-11-16T08:15:30Z,a@contoso.com,b@fabrikam.com\n"
        + LOG_HEADER
        + "2026-11-16T08:15:31Z,a@contoso.com,b@fabrikam.com,<4@x>,TLS1.2,192.0.2.1,Basic\n"
    )
    assert ends(result) == ("loaded", 5, 2, 0, 3, 0, 2)
    assert reasons(store) == [
        (3, "there is no such date as '2026-02-30T08:15:30Z'"),
        (5, "the sender address is empty"),
        (6, "the row has 3 cells where the header has 7"),
    ]
    raw = answers.ask(store, "rejected").rows["raw"].iloc[2]
    assert raw == "2026-11-16T08:15:30Z,a@contoso.com,b@fabrikam.com"


def test_preamble_totals_and_footnotes_are_no_data(store, load):
    result = load(
        "SMTP AUTH clients report\nExported by an admin\n\n"
        "Sender address;Message count\na@contoso.com;5.280\nb@contoso.com;472\n"
        "Total;5.752\nGenerated on a Monday\n",
        period=WEEK,
    )
    assert ends(result) == ("loaded", 2, 2, 0, 0, 0, 5752)
    assert result.files[0].warnings == (
        "left out 1 line of text under the table (line 8): Generated on a Monday",
    )


def test_day_and_month_are_decided_over_the_whole_file(store, load):
    late = "".join(f"11/05/2026 8:15:{n:02d} AM,a@contoso.com\n" for n in range(60))
    result = load("Date,Sender address\n" + late + "11/16/2026 8:15:30 AM,a@contoso.com\n")
    assert result.files[0].period == (dt.date(2026, 11, 5), dt.date(2026, 11, 16))


def test_dates_that_nothing_decides_refuse_the_file_with_the_option_that_does(store, load):
    text = "Date,Sender address\n11/05/2026 8:15 AM,a@contoso.com\n"
    refused = load(text).files[0]
    assert refused.status == "refused"
    assert "--date-order dmy" in refused.error
    assert not store.exists()
    assert load(text, date_order="dmy").files[0].period == (dt.date(2026, 5, 11),) * 2


def test_a_report_that_is_loaded_for_other_days_than_its_name_holds_says_so(store, tmp_path):
    text = "Sender address,Messages sent\na@contoso.com,7\n"
    path = tmp_path / "report_2026-11-09_2026-11-15.csv"
    path.write_text(text)
    (file,) = loading.load(store, path, period=WEEK).files
    assert file.warnings[-1].startswith(
        "its name holds the days 2026-11-09 to 2026-11-15, and it was loaded for 2026-11-16 to "
        "2026-11-22"
    )
    path.write_text(text.replace("7", "8"))
    (file,) = loading.load(store, path, period=("2026-11-09", "2026-11-15")).files
    assert not any("its name holds" in said for said in file.warnings)


def test_dates_that_contradict_each_other_refuse_the_file(load):
    refused = load(
        "Date,Sender address\n13/05/2026,a@contoso.com\n5/13/2026,a@contoso.com\n"
    ).files[0]
    assert refused.status == "refused" and "1 date that must be day first" in refused.error


def test_the_zone_of_the_header_makes_utc_days(load):
    result = load("Date (UTC-07:00),Sender address\n2026-11-16 18:00:00,a@contoso.com\n")
    assert result.files[0].period == (dt.date(2026, 11, 17),) * 2


def test_rows_ahead_of_the_clock_are_loaded_said_and_do_not_move_the_last_7_days(store, load):
    future = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    past = (dt.datetime.now(dt.UTC) - dt.timedelta(days=3)).date()
    result = load(f"Date,Sender address\n{past}T10:00:00Z,a@contoso.com\n{future},b@contoso.com\n")
    (warning,) = result.files[0].warnings or ("",)
    assert "1 row is dated more than two days ahead" in warning
    assert answers.settle_scope(store).newest == past
    assert result.message_count == 2


def test_a_file_cut_in_the_middle_of_a_row_or_at_a_portals_limit_is_said(load):
    assert (
        "ends in the middle of a row (line 5)" in load(LOG + "2026-11-16T08:1").files[0].warnings[0]
    )
    rows = "".join(f"2026-11-16T08:15:30Z,a@contoso.com,,<{n}>,,,\n" for n in range(1000))
    assert "exactly 1,000 rows" in load(LOG_HEADER + rows).files[0].warnings[0]


@pytest.mark.parametrize("rows", [1_000, 5_000, 50_000, 100_000, 250_000])
def test_exactly_the_rows_of_a_portals_limit_are_said(rows):
    # That a load says it is seen with 1,000; to load so many of each takes a minute.
    found = list(appending.cut_warning(Counts(read=rows), ends_inside=False))
    assert len(found) == 1 and f"exactly {rows:,} rows" in found[0]
    for near in (rows - 1, rows + 1):
        assert list(appending.cut_warning(Counts(read=near), ends_inside=False)) == []


# --- the report ----------------------------------------------------------------------------


def test_a_report_without_a_period_is_refused_with_the_words_that_settle_it(store, load):
    refused = load(REPORT).files[0]
    assert refused.status == "refused"
    assert refused.needs_period
    assert "--period 2026-11-16:2026-11-22" in refused.error
    assert not store.exists()


def test_percentages_become_counts_by_largest_remainder_marked_derived(store, load):
    assert ends(load(REPORT, period=WEEK)) == ("loaded", 3, 3, 0, 0, 0, 6458)
    assert tls(store) == {"1.0": 938, "1.1": 500, "1.2": 5020}
    assert store.sql("select distinct tls_derived from submissions")["tls_derived"].tolist() == [
        True
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sender Address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\na@contoso.com,100%(938),0%(0),0%(0),938\n",
         {"1.0": 938}),
        ('Sender address,TLS 1.0,TLS 1.2,Messages sent\na@contoso.com,0%,100%,"1,520"\n', {"1.2": 1520}),
        ("Adres afzender;TLS1,0%;TLS1.1%;TLS1.2%;Aantal berichten\na@contoso.com;0%(0);0%(0);100%(5280);5.280\n",
         {"1.2": 5280}),
        ("Sender address,TLS 1.0,TLS 1.2,Messages sent\na@contoso.com,3,7,10\nb@contoso.com,0,5,5\n",
         {"1.0": 3, "1.2": 12}),
        ("Sender address,TLS 1.0,TLS 1.2,Messages sent\na@contoso.com,30,60,10\n",
         {"1.0": 3, "1.2": 6, "unknown": 1}),
        ('{"value": [{"SenderAddress": "a@contoso.com", "Tls10Count": 938, "Tls12Count": 2}]}',
         {"1.0": 938, "1.2": 2}),
        ("Sender address,No TLS,TLS 1.3,Messages sent\na@contoso.com,10,90,10\n", {"none": 1, "1.3": 9}),
        ("Sender address,Message count\na@contoso.com,472\n", {"unknown": 472}),
        ("Indirizzo del mittente,TLS 1.2 (percentuale),Messaggi inviati\na@contoso.com,\"100,0 %\",7\n",
         {"1.2": 7}),
    ],
)  # fmt: skip
def test_the_report_is_read_in_every_spelling(store, load, text, expected):
    load(text, period=WEEK)
    assert tls(store) == expected


def test_a_report_row_whose_figures_contradict_each_other_is_rejected(store, load):
    result = load(
        "Sender address,TLS1.0%,TLS1.2%,Message count\n"
        "a@contoso.com,80%,80%,10\nb@contoso.com,50%(8),50%(8),10\nc@contoso.com,0%,100%,10\n",
        period=WEEK,
    )
    assert ends(result) == ("loaded", 3, 1, 0, 2, 0, 10)
    assert [reason for _, reason in reasons(store)] == [
        "the TLS shares add up to 160 %",
        "the TLS counts add up to 16, more than the count 10",
    ]


def test_an_equal_report_row_is_a_duplicate_and_other_figures_supersede(store, load):
    head = "Sender address,Authentication Protocol,Messages sent\n"
    load(head + "a@contoso.com,Basic auth,10\nb@contoso.com,OAuth,5\n", period=WEEK)
    again = load(head + "a@contoso.com,Basic auth,12\nb@contoso.com,OAuth,5\n", period=WEEK)
    assert ends(again) == ("loaded", 2, 1, 1, 0, 0, 12)
    assert again.message_count == 17
    assert "1 sender had other figures for the same period" in again.files[0].warnings[0]
    assert senders(store) == {"a@contoso.com": 12, "b@contoso.com": 5}


def test_a_sender_that_the_later_export_of_a_period_lacks_still_counts_and_is_said(store, load):
    head = "Sender address,Authentication Protocol,Messages sent\n"
    load(head + "a@contoso.com,Basic auth,10\nb@contoso.com,OAuth,5\n", period=WEEK)
    again = load(head + "a@contoso.com,Basic auth,12\n", period=WEEK)
    assert ends(again) == ("loaded", 1, 1, 0, 0, 0, 12)
    said, lacks = again.files[0].warnings
    assert said.startswith("1 sender had other figures for the same period in ")
    assert lacks.startswith("1 sender of the same period in ")
    assert lacks.endswith(" does not stand in this file; its earlier figures still count")
    assert senders(store) == {"a@contoso.com": 12, "b@contoso.com": 5}


def test_a_row_that_states_the_protocol_and_one_that_does_not_never_both_count(store, load):
    load("Sender address,Messages sent\na@contoso.com,15\n", period=WEEK)
    head = "Sender address,Authentication Protocol,Messages sent\n"
    load(head + "a@contoso.com,Basic auth,10\na@contoso.com,OAuth,5\n", period=WEEK)
    assert senders(store) == {"a@contoso.com": 15}


def test_two_weeks_with_equal_reports_are_two_weeks(store, load):
    load(REPORT, period=WEEK)
    second = load(REPORT, period=("2026-11-09", "2026-11-15"))
    assert ends(second)[0] == "loaded"
    assert second.message_count == 2 * 6458


# --- the extended message trace ------------------------------------------------------------

TRACE_HEADER = (
    "date_time_utc,connector_id,source,event_id,message_id,network_message_id,recipient_address,"
    "message_subject,sender_address,directionality,original_client_ip,custom_data\n"
)


def trace(*rows: str) -> str:
    return TRACE_HEADER + "".join(row + "\n" for row in rows)


RECEIVE = (
    r"2026-11-16T08:15:30.123Z,AM01\Client Proxy AM01,SMTP,RECEIVE,<1@x>,1341ac7b-0001,"
    "bob@fabrikam.com;eve@fabrikam.com,Scan,scanner@contoso.com,Originating,192.0.2.25,"
    "S:tlsversion=SP_PROT_TLS1_2_SERVER;S:ProxiedClientIPAddress=192.0.2.99"
)
EVENT = (
    "2026-11-16T08:15:31Z,,AGENT,AGENTINFO,<1@x>,1341ac7b-0001,bob@fabrikam.com,Scan,"
    "scanner@contoso.com,Originating,192.0.2.25,"
)
INBOUND = (
    r"2026-11-16T08:16:00Z,AM01\Default AM01,SMTP,RECEIVE,<2@x>,1341ac7b-0002,bob@contoso.com,Hi,"
    "someone@fabrikam.com,Incoming,198.51.100.1,S:tlsversion=SP_PROT_TLS1_3_SERVER"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_trace_counts_one_submission_out_of_its_many_rows(store, load, encoding):
    result = load(trace(RECEIVE, EVENT, INBOUND).encode(encoding))
    assert ends(result) == ("loaded", 3, 1, 0, 0, 2, 1)
    row = store.sql("select tls_version, client_ip, recipient_count, source from submissions").iloc[
        0
    ]
    assert row.tolist() == ["1.2", "192.0.2.99", 2, "extended_trace"]
    assert result.files[0].warnings == (
        "1 row received by a rule that is no client submission, and not counted",
        "1 row recognised as SMTP AUTH by the rule “connector Client Proxy”",
    )


def test_of_a_messages_receive_rows_the_earliest_counts_once(store, load):
    later = RECEIVE.replace("08:15:30.123", "08:15:32")
    assert ends(load(trace(later, RECEIVE, RECEIVE))) == ("loaded", 3, 1, 1, 0, 1, 1)
    sent = store.sql("select sent_at::text as t from submissions")["t"][0]
    assert sent == "2026-11-16 08:15:30.123"


def test_network_message_ids_are_equal_with_and_without_dashes(load):
    load(trace(RECEIVE))
    assert ends(load(trace(RECEIVE.replace("1341ac7b-0001", "1341AC7B0001")))) == (
        "loaded", 1, 0, 1, 0, 0, 0,
    )  # fmt: skip


# --- sign-ins and settings -----------------------------------------------------------------

SIGN_INS = (
    "Date (UTC),Request ID,User agent,Username,Authentication Protocol,IP address,Location,Status,"
    "Sign-in error code,Client app,Autonomous system  number\n"
    '2026-11-16T08:15:29Z,id1,BAV2ROPC,scanner@contoso.com,ROPC,192.0.2.25,"Amsterdam, NH, NL",'
    "Success,0,Authenticated SMTP,64500\n"
    '2026-11-16T01:59:01Z,id2,BAV2ROPC,alice@contoso.com,ROPC,203.0.113.66,"Lagos, Lagos, NG",'
    "Failure,50126,SMTP,64501\n"
    "2026-11-16T02:00:00Z,id3,Mozilla,alice@contoso.com,none,203.0.113.66,,Success,0,Browser,\n"
    "2026-11-16T02:00:00Z,id4,BAV2ROPC,bob@contoso.com,none,203.0.113.66,,Success,0,Other clients,\n"
)


def test_only_smtp_sign_ins_count_and_a_possible_one_is_said(store, load):
    result = load(SIGN_INS)
    assert ends(result) == ("loaded", 4, 2, 0, 0, 2, 0)
    assert "1 row may be SMTP AUTH" in result.files[0].warnings[0]
    rows = answers.ask(store, "sign-ins").rows.set_index("account")
    assert rows.loc["alice@contoso.com", ["success_count", "failure_count"]].tolist() == [0, 1]
    assert rows.loc["scanner@contoso.com", "countries"] == ["NL"]


def test_the_same_sign_in_from_graph_is_a_duplicate(store, load):
    load(SIGN_INS)
    graph = (
        '{"value": [{"id": "ID1", "createdDateTime": "2026-11-16T08:15:29Z", "userPrincipalName": '
        '"scanner@contoso.com", "clientAppUsed": "Authenticated SMTP", "ipAddress": "192.0.2.25", '
        '"status": {"errorCode": 0}, "location": {"city": "Amsterdam", "countryOrRegion": "NL"}}]}'
    )
    assert ends(load(graph)) == ("loaded", 1, 0, 1, 0, 0, 0)


def test_where_only_sign_ins_are_loaded_accounts_are_those_that_got_in(store, load):
    load(SIGN_INS)
    found = answers.ask(store, "insight")
    assert found.scope.accounts_from == "sign_ins"
    assert found.rows[["account_count", "message_count"]].values.tolist() == [[1, None]]


def test_mailbox_settings_are_tri_state_and_take_the_files_day_when_nobody_says(store, load):
    text = 'PrimarySmtpAddress,SmtpClientAuthenticationDisabled\na@contoso.com,""\nb@contoso.com,True\nc@contoso.com,maybe\n'
    undated = load(text)
    assert ends(undated) == ("loaded", 3, 2, 0, 1, 0, 0)
    assert "2 rows have no day: the file's own" in undated.files[0].warnings[0]
    tenant = '"SmtpClientAuthenticationDisabled","AllowLegacyTLSClients"\n"False","True"\n'
    load(tenant, period=("2026-11-20", "2026-11-20"))
    rows = store.sql(
        "select address, coalesce(smtp_auth_disabled::text, 'inherits') as disabled, day_derived "
        "from mailbox_settings order by address"
    )
    assert rows.values.tolist() == [
        ["", "false", False],
        ["a@contoso.com", "inherits", True],
        ["b@contoso.com", "true", True],
    ]


# --- files ---------------------------------------------------------------------------------


def test_a_big_file_is_known_again_by_its_hash_alone_and_one_of_its_size_is_not(
    store, write, monkeypatch
):
    rows = "".join(f"2026-11-16T08:15:30Z,s{n}@contoso.com,,<{n}@x>,,,\n" for n in range(30_000))
    big = write("big.csv", LOG_HEADER + rows)
    assert loading.load(store, big).files[0].rows_loaded == 30_000
    with monkeypatch.context() as patch:
        patch.setattr(one_file, "examine", None)
        again = loading.load(store, big).files[0]
    assert (again.status, again.rows_read, again.message_count) == ("already_loaded", 0, 0)
    assert (again.format, again.file_id) == ("submission-log", 1)
    other = write("other.csv", LOG_HEADER + rows.replace("<7@x>", "<7@y>"))
    assert ends(loading.load(store, other))[:4] == ("loaded", 30_000, 1, 29_999)
    assert loading.load(store, big, tenant="another").files[0].status == "loaded"


def test_the_same_content_in_another_compression_is_already_loaded(store, load):
    load(LOG)
    again = load(gzip.compress(LOG.encode()), name="log.csv.gz")
    assert ends(again) == ("already_loaded", 0, 0, 0, 0, 0, 0)
    assert again.message_count == 3


def test_overlapping_exports_count_once_in_either_order(tmp_path, write):
    lines = LOG.removeprefix(LOG_HEADER).splitlines(keepends=True)
    first = write("first.csv", LOG_HEADER + "".join(lines[:2]))
    second = write("second.csv", LOG_HEADER + "".join(lines[1:]))
    for name, order in (("ab", (first, second)), ("ba", (second, first))):
        result = loading.load(open_store(tmp_path / f"{name}.duckdb"), *order)
        assert result.message_count == 3
        assert ends(result, 1) == ("loaded", 2, 1, 1, 0, 0, 1)


def test_one_refused_file_stops_no_other_and_leaves_nothing(store, write):
    bad, good = write("a.csv", "x,y\n1,2\n"), write("b.csv", LOG)
    result = loading.load(store, bad, good)
    assert [f.status for f in result.files] == ["refused", "loaded"]
    assert "not an export the kit recognises. Its columns: x, y" in result.files[0].error
    assert len(answers.ask(store, "files").rows) == 1


def test_a_missing_required_column_is_named_and_can_be_mapped(store, load):
    text = "Datum,Afzender,TLS\n2026-11-16T10:00:00Z,a@contoso.com,TLS1.2\n"
    refused = load(text).files[0]
    assert refused.status == "refused" and "Sender address" in refused.error
    mapped = load(
        text, columns={"Sender address": "Afzender", "Date": "Datum", "TLS version": "TLS"}
    )
    assert ends(mapped) == ("loaded", 1, 1, 0, 0, 0, 1)
    assert tls(store) == {"1.2": 1}
    with pytest.raises(KitError, match="No export has a field called 'Sendr'"):
        load(text, columns={"Sendr": "Afzender"})


def test_a_doubled_required_column_refuses_the_file(load):
    refused = load(
        "Date,Sender address,Sender Address\n2026-11-16,a@contoso.com,b@contoso.com\n"
    ).files[0]
    assert refused.status == "refused"
    assert "has the column “Sender address” twice" in refused.error


def test_unknown_columns_are_named(load):
    result = load("Date,Sender address,Colour\n2026-11-16,a@contoso.com,red\n")
    assert result.files[0].warnings == ("columns the kit does not know, not loaded: “Colour”",)


def test_a_type_line_costs_no_row(load):
    text = "#TYPE Selected.System.Object\r\n" + LOG
    assert ends(load(text)) == ("loaded", 3, 3, 0, 0, 0, 3)


def test_tenants_are_kept_apart(store, load):
    load(LOG, tenant="one")
    assert ends(load(LOG, tenant="two"))[0:4] == ("loaded", 3, 3, 0)


def test_counts_beyond_64_bits_in_sum_refuse_the_file_in_plain_words(store, load):
    huge = f"{2**63 - 1}"
    refused = load(
        f"Sender address,Message count\na@contoso.com,{huge}\nb@contoso.com,{huge}\n", period=WEEK
    ).files[0]
    assert refused.status == "refused" and "add up to more" in refused.error
    assert load(LOG).message_count == 3


def test_a_cancelled_load_keeps_the_files_that_were_done(store, write):
    paths = [write("a.csv", LOG), write("b.csv", LOG.replace("2026-11-16", "2026-11-17"))]
    seen = []
    with pytest.raises(KitError, match="Stopped"):
        loading.load(
            store, *paths, progress=lambda p: seen.append(p.file), cancelled=lambda: 2 in seen
        )
    assert len(answers.ask(store, "files").rows) == 1


cells = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=tries(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(cells, min_size=1, max_size=9), max_size=8), junk=st.text(max_size=60)
)
def test_whatever_stands_in_a_file_read_rows_always_add_up(tmp_path_factory, rows, junk):
    folder = tmp_path_factory.mktemp("wild")
    body = "".join(",".join(row) + "\n" for row in rows) + junk
    (folder / "log.csv").write_bytes((LOG + body).encode("utf-8", "replace"))
    result = loading.load(open_store(folder / "s.duckdb"), folder / "log.csv")
    f = result.files[0]
    assert (
        f.status == "loaded" or "only dates whose day and month" in f.error or "must be" in f.error
    )
    assert f.rows_read == f.rows_loaded + f.rows_duplicate + f.rows_rejected + f.rows_other
    assert f.status == "refused" or result.message_count >= 3


def test_ctrl_c_keeps_the_files_that_were_done_and_the_one_under_way_leaves_nothing(store, write):
    # The quotes keep it from the quick way (bulk).
    rows = "".join(f'2026-11-16T08:15:30Z,s@contoso.com,"",<{n}>,,,\n' for n in range(400_000))
    small, big = write("small.csv", LOG), write("big.csv", LOG_HEADER + rows)
    child = subprocess.Popen(
        [*COMMAND, "load", str(small), str(big), "--store", str(store.path)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    while "big.csv" not in child.stderr.readline():
        pass
    # In its own processor time: another program may have the machine.
    work = psutil.Process(child.pid)
    before = sum(work.cpu_times()[:2])
    until(lambda: sum(work.cpu_times()[:2]) > before + 2)
    child.send_signal(signal.SIGINT)
    said = child.stderr.read()
    assert child.wait() == 1
    assert "Stopped. Files that were done stay loaded" in said and "Traceback" not in said
    assert answers.ask(store, "files").rows["message_count"].tolist() == [3]
    assert not list(store.path.parent.glob("*.loading*"))


@pytest.mark.parametrize(
    ("content", "bound"),
    [
        (
            ",".join(f"c{n}" for n in range(2000)) + ",Date,Sender address\n",
            "more than 1,024 cells",
        ),
        ("x" * 30_000_000, "longer than 8 MiB"),
        ("[" + '{"a":' * 1000 + "1" + "}" * 1000 + "]", "nested deeper than 64 levels"),
        ('[{"Date": NaN}]', "holds NaN"),
    ],
)
def test_a_file_beyond_a_bound_is_refused_with_the_bound(load, content, bound):
    (refused,) = load(content).files
    assert bound in (refused.error or ""), f"no word of the bound in {refused.error!r}"
    assert refused.status == "refused"


def test_a_mapped_column_that_is_not_there_is_named(load):
    (refused,) = load("When,Who\n2026-11-16,a@contoso.com\n", columns={"Date": "Nope"}).files
    assert "The file has no column “Nope”, which --map names." in refused.error


LOG_ANALYTICS = (
    "TimeGenerated [UTC],ResultType,Location,ClientAppUsed,CreatedDateTime [UTC],Id,IPAddress,"
    "LocationDetails,Status,UserAgent,UserPrincipalName,AutonomousSystemNumber,AuthenticationProtocol\n"
    '"11/16/2026, 1:59:01.287 AM",50126,NG,Authenticated SMTP,"11/16/2026, 1:59:01.287 AM",id2,'
    '203.0.113.66,"{""city"":""Lagos""}","{""errorCode"":50126}",BAV2ROPC,alice@contoso.com,64501,ropc\n'
    '"11/16/2026, 8:15:29.001 AM",0,NL,Authenticated SMTP,"11/16/2026, 8:15:29.001 AM",id9,'
    '192.0.2.25,"{""city"":""Amsterdam""}","{""errorCode"":0}",,erp@contoso.com,64500,oAuth2\n'
)


def test_log_analytics_is_the_same_log_and_the_same_sign_in_counts_once(store, load):
    load(SIGN_INS)
    assert ends(load(LOG_ANALYTICS)) == ("loaded", 2, 1, 1, 0, 0, 0)
    row = store.sql("select * from sign_ins where account = 'erp@contoso.com'").iloc[0]
    assert (row.country, row.city, row.network, row.auth_protocol, row.result) == (
        "NL", "Amsterdam", "64500", "oauth", "success",
    )  # fmt: skip
    assert str(row.signed_in_at) == "2026-11-16 08:15:29.001000"


def test_advanced_hunting_is_read_by_its_own_columns(store, load):
    text = (
        "Timestamp,ErrorCode,AccountUpn,UserAgent,ClientAppUsed,IPAddress,Country,City,ReportId\n"
        "2026-11-16T01:59:40Z,0,alice@contoso.com,BAV2ROPC,Authenticated SMTP,203.0.113.66,NG,Lagos,dddd\n"
        "2026-11-16T02:10:00Z,50126,bob@contoso.com,BAV2ROPC,SMTP,203.0.113.66,NG,Lagos,eeee\n"
    )
    result = load(text)
    assert ends(result) == ("loaded", 2, 2, 0, 0, 0, 0) and result.files[0].warnings == ()
    rows = answers.ask(store, "sign-ins").rows.set_index("account")
    assert rows.loc["bob@contoso.com", ["success_count", "failure_count"]].tolist() == [0, 1]
    assert rows.loc["alice@contoso.com", "countries"] == ["NG"]


def test_a_sender_with_two_figures_in_one_report_counts_with_both_and_is_said(store, load):
    result = load(
        "Sender address,Message count\na@contoso.com,5\nA@contoso.com,7\na@contoso.com,5\n",
        period=WEEK,
    )
    assert ends(result) == ("loaded", 3, 2, 1, 0, 0, 12)
    assert result.files[0].warnings == (
        "1 row gives another figure for a sender that stands above; both count",
    )


def test_a_load_that_waits_for_another_says_so(store, write):
    told = []
    lock = FileLock(f"{store.path}.lock")
    lock.acquire()

    def tell(progress):
        told.append((progress.path, progress.work))
        if progress.work is not None:
            lock.release()

    result = loading.load(store, write("log.csv", LOG), progress=tell)
    assert result.files[0].rows_loaded == 3
    ((path, work),) = [each for each in told if each[1] is not None]
    assert path == "waiting until another load into this store has ended"
    assert speak("nl").sentence(work) == "wacht tot een ander laden in deze opslag klaar is"

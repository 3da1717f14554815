"""The requested report (SmtpCSReport): one row a message, with all that an admin wants to know."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest
from formats_util import DATA, staged
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_kit import answers
from smtpauth_kit.answers.busiest_day import busiest_day
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.formats.historical_search import searches
from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.values import protocols, spellings
from smtpauth_kit.words.words import speak

HEADER = (
    "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,"
    "message_count,message_id\n"
)
ROW = (
    "2026-11-16T08:15:30Z,scanner@contoso.com,contoso.com,Basic,192.0.2.25,TLS1.2,AES,1,<1@scan>\n"
)
TOLD = "sender_address, tls_version, tls_cipher, auth_protocol, client_ip, message_count, sent_at"


def row(**cells: str) -> str:
    usual = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True))
    return ",".join({**usual, **cells}.values()) + "\n"


def told(store) -> list[list]:
    return store.sql(f"select {TOLD} from submissions order by all").values.tolist()


def test_a_message_is_told_with_authentication_address_tls_and_cipher():
    facts, rejected, _, _ = staged(next(DATA.glob("01g_*")))
    assert rejected == []
    assert [
        (f.sender_address, f.tls_version, f.tls_cipher, f.auth_protocol, f.client_ip) for f in facts
    ] == [
        ("scanner@contoso.com", "1.2", "TLS_AES_256_GCM_SHA384", "basic", "192.0.2.25"),
        ("erp@contoso.com", "1.3", "TLS_AES_256_GCM_SHA384", "oauth", "192.0.2.40"),
        ("hr_app@contoso.org", "1.0", "", "basic", "198.51.100.7"),
        ("alice@contoso.com", "unknown", "", "basic", "203.0.113.66"),
    ]
    assert facts[0].sent_at == dt.datetime(2026, 11, 16, 8, 15, 30, 123000)
    assert {f.message_id for f in facts} >= {"0001.scan@scanner01.contoso.com", "a1@alice"}


def test_two_readings_of_the_same_messages_count_them_once(store):
    for reading in ("01g_*", "01h_*"):
        loading.load(store, next(DATA.glob(reading)))
    assert store.sql("select source, count(*) n from submissions group by 1").values.tolist() == [
        ["requested_report", 4]
    ]
    found = answers.ask(store, "insight")
    assert (found.scope.source, found.rows["message_count"].tolist()) == ("requested_report", [4])
    assert found.scope.filters.source == "auto"


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "date",
    ["2026-11-16T08:15:30.0000000Z", "11/16/2026 8:15:30 AM", "16.11.2026 08:15:30",
     "11/16/2026 9:15:30 AM +01:00"],
)  # fmt: skip
def test_any_encoding_and_culture_tells_the_same(store, write, encoding, date):
    content = (HEADER + row(date=date)).encode(encoding)
    result = loading.load(store, write("SmtpCSReport_Q4_8c1f.csv", content))
    assert (result.message_count, result.files[0].warnings) == (1, ())
    at = "2026-11-16 08:15:30"
    assert [[*cells[:-1], str(cells[-1])] for cells in told(store)] == [
        ["scanner@contoso.com", "1.2", "AES", "basic", "192.0.2.25", 1, at]
    ]


def test_columns_in_any_order_and_without_those_that_are_not_needed(store, load):
    load("message_id,authMethod,sendername,Date\n<1@a>,XOAUTH2,app@contoso.com,2026-11-16T08:00Z\n")
    ((address, tls, cipher, auth, ip, count, _),) = told(store)
    assert (address, tls, cipher, auth, ip, count) == (
        "app@contoso.com", "unknown", "", "oauth", "", 1,
    )  # fmt: skip


def test_a_sender_is_an_address_or_a_local_part_and_a_display_name_is_rejected(store, load):
    result = load(
        HEADER
        + row(senderName="scanner", message_id="<1@a>")
        + row(senderName="erp@contoso.org", message_id="<2@a>")
        + row(senderName="Desk Scanner", message_id="<3@a>")
        + row(senderName='"Payroll <pay@contoso.com>"', message_id="<4@a>")
        + row(senderName="lost", senderDomain="", message_id="<5@a>")
    )
    assert [cells[0] for cells in told(store)] == [
        "erp@contoso.org", "pay@contoso.com", "scanner@contoso.com",
    ]  # fmt: skip
    assert result.files[0].warnings == (
        "1 row names the sender by a display name, which tells no address; it is rejected",
        "1 row names the sender without its domain: the column senderDomain was put behind it",
    )
    reasons = answers.ask(store, "rejected").rows["reason"].tolist()
    assert reasons == [
        "the sender is the display name 'Desk Scanner', and its address is not told",
        "the sender address has no name before or no domain after an @",
    ]
    dutch = [speak("nl").sentence(warning) for warning in result.files[0].warnings]
    assert dutch[0].startswith("1 rij: noemt de afzender met een weergavenaam")


def test_where_most_senders_are_display_names_a_single_word_is_one_too(store, load):
    names = ["Desk Scanner", "Erin Ward", "Payroll (HR)", "Scanner"]
    result = load(
        HEADER + "".join(row(senderName=n, message_id=f"<{i}@a>") for i, n in enumerate(names))
    )
    assert (result.message_count, result.rows("rejected")) == (0, 4)


def test_rows_of_one_id_are_one_message_with_its_largest_count(store, load):
    result = load(HEADER + ROW + ROW + row(message_count="3") + row(message_count="2"))
    ends = [result.rows(end) for end in ("read", "loaded", "duplicate", "other", "rejected")]
    assert (result.message_count, ends) == (3, [4, 1, 1, 2, 0])
    assert result.files[0].warnings == (
        "1 message id stands in several rows with different counts (first on line 2): each is "
        "one message, and its largest count was kept",
    )


def test_an_equal_row_is_a_duplicate(store, load):
    result = load(HEADER + ROW + ROW)
    assert (result.message_count, result.rows("duplicate"), result.files[0].warnings) == (1, 1, ())


def test_a_count_of_none_is_rejected_and_more_than_one_counts(store, load):
    result = load(
        HEADER + row(message_count="0") + row(message_count="12", message_id="<2@a>")
        + row(message_count="-1", message_id="<3@a>")
    )  # fmt: skip
    assert (result.message_count, result.rows("rejected")) == (12, 2)


@pytest.mark.parametrize(
    ("text", "protocol"),
    [
        *((t, "basic") for t in ("Basic", "basic_auth", "BasicAuthentication", "LOGIN", "AUTH PLAIN",
                                 "Auth-Login", "SMTP AUTH LOGIN", "ROPC")),
        *((t, "oauth") for t in ("OAuth", "OAUTH 2.0", "OAuth2.0", "XOAUTH2", "AUTH XOAUTH2",
                                 "OAUTHBEARER", "Modern authentication")),
        *((t, "unknown") for t in ("", "None", "NTLM", "CRAM-MD5", "certificate")),
    ],
)  # fmt: skip
def test_an_authentication_method_is_read_in_any_spelling(text, protocol):
    assert protocols.auth_protocol(text) == protocol


@pytest.mark.parametrize(
    ("text", "version"),
    [("Tls12", "1.2"), ("TLS_1_0", "1.0"), ("SP_PROT_TLS1_3_SERVER", "1.3"), ("tlsv1.1", "1.1"),
     ("", "unknown"), ("No TLS", "none"), ("None", "none"), ("Kein TLS", "none"),
     ("SSL 3.0", "unknown"), ("Tls", "unknown"), ("TLS 12.1", "unknown")],
)  # fmt: skip
def test_a_tls_version_is_read_in_any_spelling_and_never_guessed(text, version):
    assert protocols.tls_version(text) == version


@given(st.text())
def test_no_text_is_more_than_one_of_the_words(text):
    assert protocols.auth_protocol(text) in ("basic", "oauth", "unknown")
    assert spellings.is_yes(text) in (True, False, None)


def test_exactly_a_hundred_thousand_rows_are_said_to_be_probably_cut(store, load):
    rows = "".join(ROW.replace("<1@scan>", f"<{n}@scan>") for n in range(100_000))
    result = load(HEADER + rows)
    assert result.message_count == 100_000
    assert "has exactly 100000 rows" in result.files[0].warnings[0].replace(",", "")


def test_an_id_that_a_device_gives_to_mails_of_hours_apart_is_warned_of(store, load):
    log = "Date,Sender address,Message ID\n" + "".join(
        f"2026-11-16T{hour:02d}:00:00Z,scanner@contoso.com,<same@scan>\n" for hour in (8, 11, 15)
    )
    result = load(log + "2026-11-16T08:00:00Z,erp@contoso.com,<2@erp>\n")
    assert result.message_count == 2
    assert result.files[0].warnings == (
        "1 message id stands in rows that are more than an hour apart (first on line 2). Each "
        "counts as one message; a device that gives several mails the same id sent more than is "
        "counted",
    )
    assert load(log.replace("T11", "T08").replace("T15", "T08")).files[0].warnings == ()


def test_an_id_that_a_device_repeats_is_warned_of_over_files_too(store, load):
    def log(hour: int, minute: int = 0) -> str:
        return (
            "Date,Sender address,Message ID,Client IP\n"
            f"2026-11-16T{hour:02d}:{minute:02d}:00Z,scanner@contoso.com,<same@scan>,192.0.2.9\n"
        )

    load(log(8))
    assert load(log(8, 30)).files[0].warnings == ()
    (file,) = load(log(11)).files
    assert (file.rows_duplicate, file.warnings) == (1, (
        "1 message id stands more than an hour before or after in a file loaded before (first on "
        "line 2). Each counts as one message; a device that gives several mails the same id sent "
        "more than is counted",
    ))  # fmt: skip
    # Another sender, or another source of the same message, is another matter.
    assert load(log(15).replace("scanner@", "copier@")).files[0].warnings == ()
    assert not any("message id" in w for w in load(HEADER + row(message_id="<same@scan>"))
                   .files[0].warnings)  # fmt: skip


def test_it_is_taken_out_again_exactly(store, load):
    load(HEADER + ROW)
    before = told(store)
    load(HEADER + row(tls_cipher="OTHER") + row(message_id="<2@a>"), name="second.csv")
    loaded_files.unload(store, 2)
    assert told(store) == before


def test_the_extended_trace_keeps_its_cipher_too(store, load):
    load(
        "date_time_utc,source,event_id,sender_address,message_id,connector_id,custom_data\n"
        "2026-11-16T08:00:00Z,SMTP,RECEIVE,a@contoso.com,<1@a>,X\\Client Proxy X,"
        "S:tlsversion=SP_PROT_TLS1_2_SERVER;S:tlscipher=CALG_AES_256\n"
    )
    assert store.sql("select tls_version, tls_cipher from submissions").values.tolist() == [
        ["1.2", "CALG_AES_256"]
    ]
    assert answers.ask(store, "insight", Filters(source="extended_trace")).scope.source


# --- how to get it -------------------------------------------------------------------------

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize("days", [1, 7, 30, 89, 90])
@pytest.mark.parametrize("messages_per_day", [None, 1, 900, 30_000, 79_999, 80_001, 950_000])
def test_searches_cover_each_day_once_and_stay_below_the_limit(days, messages_per_day):
    found = searches(days, TODAY, messages_per_day)
    whole = min(days, 89)
    assert found[0].start == dt.datetime(2026, 11, 23) - dt.timedelta(days=whole)
    assert found[-1].end == dt.datetime(2026, 11, 23)
    assert [a.end for a in found[:-1]] == [b.start for b in found[1:]]
    longest = max(search.end - search.start for search in found)
    expected = (messages_per_day or 0) * longest / dt.timedelta(days=1)
    assert expected <= 80_000 or longest == dt.timedelta(hours=1)


def test_a_busy_day_is_the_fullest_of_any_source(store, load):
    assert busiest_day(store) is None if store.exists() else True
    load("Sender address,Messages sent\na@contoso.com,700\n", period=("2026-11-16", "2026-11-22"))
    assert busiest_day(store) == 100.0
    load(HEADER + row(message_count="250"))
    assert busiest_day(store) == 250.0


def how_to(*words: str) -> str:
    command = [sys.executable, "-m", "smtpauth_kit", "how-to", "requested-report", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_command_prints_the_powershell_and_what_it_assumes(store, load):
    told = how_to("--days", "14", "--to", 'jane@contoso.com"; evil', "--store", str(store.path))
    assert told.count("Start-HistoricalSearch -ReportType SmtpCSReport") == 2
    assert "nothing is loaded that tells how many messages a day has" in told
    assert '-NotifyAddress "jane@contoso.com; evil"' in told
    load(HEADER + row(message_count="40000"))
    told = json.loads(how_to("--days", "14", "--store", str(store.path), "--json"))
    assert len(told["searches"]) == 7
    assert told["assumed"] == "40,000 messages on a busy day, from what is loaded in this store"
    said = how_to("--days", "1", "--messages-per-day", "200000", "--store", str(store.path))
    assert said.count("Start-HistoricalSearch") == 3
    assert "Assumed: 200,000 messages on a busy day, as you said." in said

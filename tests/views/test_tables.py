from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.views import details_table
from smtpauth_kit.views.breakdowns import TLS
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.over_time import over_time_finding
from smtpauth_kit.views.ranking import ranking_finding
from smtpauth_kit.views.registry import NAMED
from smtpauth_kit.views.usage import senders_by_tls_finding, tls_finding
from smtpauth_kit.views.volume import volume_finding
from smtpauth_kit.words.words import speak

EN, NL = speak("en"), speak("nl")


def senders(**counts: int) -> pd.DataFrame:
    """One sender with so many messages per version: `senders(tls_1_0=472)`."""
    names = [f"tls_{version.replace('.', '_')}" for version in TLS_VERSIONS]
    total = sum(counts.values())
    row: dict[str, Any] = {"sender_address": "scanner@contoso.com", "message_count": total}
    for name in names:
        row |= {f"{name}_count": counts.get(name, 0), f"{name}_share": counts.get(name, 0) / total}
    return pd.DataFrame([row])


def scope(**changed: Any) -> Scope:
    week = dt.date(2026, 11, 16), dt.date(2026, 11, 22)
    given = {"source": "report", "not_shown": {}, **changed}
    return Scope(Filters(), *week, *week, **given)


def report(first: int, last: int, count: int) -> Period:
    return Period("report", "", dt.date(2026, 11, first), dt.date(2026, 11, last), count)


def shown(view: str, rows: pd.DataFrame) -> list[list[str]]:
    """Titles and cells of the original's columns: they stand first, up to the message count."""
    columns = NAMED[view].columns(rows, EN)
    columns = columns[: 1 + [column.name for column in columns].index("message_count")]
    cells = [
        [details_table.cell(column, row, EN) for column in columns]
        for row in rows.to_dict("records")
    ]
    return [[column.title for column in columns], *cells]


def test_the_details_table_after_sending_volume_is_microsofts() -> None:
    assert shown("sending-volume", senders(tls_1_0=5280)) == [
        ["Sender address", "Message count"],
        ["scanner@contoso.com", "5,280"],
    ]


def test_the_details_table_after_tls_usage_is_microsofts() -> None:
    assert shown("tls-usage", senders(tls_1_0=472)) == [
        ["Sender address", "TLS1.0%", "TLS1.1%", "TLS1.2%", "Message count"],
        ["scanner@contoso.com", "100%(472)", "0%(0)", "0%(0)", "472"],
    ]


def test_the_details_table_after_authentication_has_every_protocol_with_its_count() -> None:
    rows = senders(tls_1_0=4).assign(basic_count=1, oauth_count=3, unknown_auth_count=0)
    assert shown("auth-protocol", rows) == [
        ["Sender address", "Basic auth", "OAuth", "Authentication unknown", "Message count"],
        ["scanner@contoso.com", "25%(1)", "75%(3)", "0%(0)", "4"],
    ]


def test_every_view_goes_on_with_domain_protocols_first_and_last_day_and_client_ips() -> None:
    day = dt.date(2026, 11, 16)
    row = {
        "sender_address": "a@contoso.com", "sender_domain": "contoso.com", "message_count": 4,
        "basic_count": 1, "oauth_count": 3, "unknown_auth_count": 0, "first_seen_ever": day,
        "last_seen_ever": day, "client_ip_count": 2,
    }  # fmt: skip
    columns = NAMED["sending-volume"].columns(pd.DataFrame([row]), EN)[2:]
    assert [(column.title, details_table.cell(column, row, EN)) for column in columns] == [
        ("Sender domain", "contoso.com"),
        ("Authentication protocol", "OAuth, Basic auth"),
        ("First seen", "Nov 16, 2026"),
        ("Last seen", "Nov 16, 2026"),
        ("Client IPs", "2"),
    ]
    assert all(column.help for column in columns)


def test_other_tls_versions_get_a_column_only_when_used() -> None:
    titles = shown("tls-usage", senders(tls_none=1, tls_1_3=1, tls_unknown=1))[0][1:-1]
    assert titles == ["No TLS%", "TLS1.0%", "TLS1.1%", "TLS1.2%", "TLS1.3%", "TLS unknown%"]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("count", 1234, "1.234"),
        ("count", 0, "0"),
        ("date", dt.date(2026, 11, 16), "16 nov 2026"),
        ("list", ["NL", "BE"], "NL, BE"),
        ("text", "<b>", "<b>"),
        ("text", None, ""),
        ("text", float("nan"), ""),
        ("count", None, "\u2013"),
        ("count", float("nan"), "\u2013"),
        ("tls", None, "\u2013"),
        ("part", None, "\u2013"),
    ],
)
def test_a_cell_is_written_by_its_kind(kind: details_table.Kind, value: Any, text: str) -> None:
    assert details_table.cell(Column("x", "X", kind), {"x": value}, NL) == text


def test_a_figure_that_a_row_does_not_have_is_left_out() -> None:
    assert details_table.cell(Column("x", "X", "count"), {}, NL) == ""


def test_table_data_carries_only_what_its_columns_show() -> None:
    rows = senders(tls_1_0=1)
    data = details_table.table_data(rows, NAMED["sending-volume"].columns(rows, EN))
    assert data["rows"] == {"sender_address": ["scanner@contoso.com"], "message_count": [1]}


def test_the_tls_list_has_microsofts_order_and_all_six() -> None:
    usage = pd.DataFrame(
        {"tls_version": ["1.0", "1.2"], "message_count": [5973, 5280], "share": [0.5308, 0.4692]}
    )
    listed = [(each["title"], each["message_count"]) for each in details_table.tls_list(usage, EN)]
    assert listed == [
        ("No TLS", 0),
        ("TLS 1.0", 5973),
        ("TLS 1.1", 0),
        ("TLS 1.2", 5280),
        ("(Most secure) TLS 1.3", 0),
        ("TLS unknown", 0),
    ]


def usage_by_day() -> pd.DataFrame:
    days = [dt.date(2026, 11, n) for n in (16, 16, 17)]
    return pd.DataFrame(
        {"period_start": days, "period_end": days, "tls_version": ["1.0", "1.2", "1.2"],
         "message_count": [1, 3, 8]}
    )  # fmt: skip


def test_every_chart_has_a_sentence_with_its_counts() -> None:
    assert over_time_finding(usage_by_day(), TLS, EN) == (
        "From Nov 16, 2026 to Nov 17, 2026: TLS 1.0 from 25.00 % (1) to 0.00 % (0), "
        "TLS 1.2 from 75.00 % (3) to 100.00 % (8)."
    )
    used = pd.DataFrame(
        {"tls_version": ["1.0", "1.1", "1.2"], "sender_count": [1, 0, 2], "share": [0.5, 0.0, 1.0]}
    )
    assert senders_by_tls_finding(used, EN) == (
        "TLS 1.0: 1 sender (50.00 %), TLS 1.2: 2 senders (100.00 %). "
        "One that used several counts for each."
    )
    ranking = pd.DataFrame(
        {
            "sender_address": ["a@b.example"],
            "sender_count": [1],
            "message_count": [3],
            "share": [1.0],
        }
    )
    assert ranking_finding(ranking, NL) == "De meeste van a@b.example: 100,00% (3)."
    for finding in (ranking_finding, senders_by_tls_finding):
        assert finding(ranking.head(0), EN) == "No messages match."
    assert over_time_finding(usage_by_day().head(0), TLS, EN) == "No messages match."


def test_a_data_table_has_the_numbers_of_its_chart() -> None:
    table = NAMED["tls-by-day"].numbers(usage_by_day(), EN)
    assert [column["title"] for column in table["columns"]] == ["Day", "TLS version", "Messages"]
    assert table["rows"] == {
        "period_start": ["2026-11-16", "2026-11-16", "2026-11-17"],
        "tls_version": ["TLS 1.0", "TLS 1.2", "TLS 1.2"],
        "message_count": [1, 3, 8],
    }
    ranking = pd.DataFrame(
        {"sender_address": ["a@b.example", None], "sender_count": [1, 2], "message_count": [3, 1],
         "share": [0.75, 0.25]}
    )  # fmt: skip
    table = NAMED["volume-by-sender"].numbers(ranking, EN)
    assert table["rows"]["sender_address"] == ["a@b.example", "2 other senders"]
    weeks = usage_by_day().assign(period_end=dt.date(2026, 11, 22))
    titles = [column["title"] for column in NAMED["tls-by-day"].numbers(weeks, NL)["columns"]]
    assert titles == ["Eerste dag", "Laatste dag", "TLS-versie", "Berichten"]


def test_the_status_holds_the_count_in_plain_digits() -> None:
    assert details_table.status(scope(), 11253, 9, EN) == (
        "11253 messages from 9 sender addresses, 2026-11-16 to 2026-11-22, source: report"
    )


def test_the_status_of_an_empty_store_says_so() -> None:
    empty = Scope(Filters(), None, None, None, None, None, {})
    assert details_table.status(empty, 0, 0, EN).startswith("0 messages")


def test_what_is_in_no_total_is_said() -> None:
    said = notes(
        scope(
            not_shown={"submission_log": 12},
            outside_window=(report(1, 30, 5000), report(1, 8, 9)),
            overlapped=(report(17, 18, 7),),
            counted=(report(16, 22, 70),),
            sources=(("", "report"),),
        ),
        EN,
    )
    assert said == [
        "Source: report.",
        "Not added, because they may be the same messages: 12 messages more in the submission log.",
        "Only partly inside these dates, so in no total: "
        "Nov 1, 2026 to Nov 30, 2026 (5,000 messages).",
        "Overlaps a report that counts, so in no total: Nov 17, 2026 to Nov 18, 2026 (7 messages).",
        "A report counts several days at once: drawn at its mean per day.",
    ]


def test_a_chart_has_a_sentence_of_its_finding() -> None:
    volume = pd.DataFrame({"sender_domain": ["a.example", "b.example"], "message_count": [3000, 1]})
    assert volume_finding(volume, EN) == ("2 sender domains; most messages from a.example: 3,000.")
    usage = pd.DataFrame({"tls_version": ["none"], "message_count": [1], "share": [1.0]})
    assert tls_finding(usage, NL) == "Geen TLS: 100,00% (1)."
    assert volume_finding(volume.head(0), EN) == "No messages match."

"""The devices behind one address, told apart by where they are and what they speak."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG, WEEK
from reconciled import REQUESTED, SIGN_INS

from smtpauth_kit.answers import ask
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters

SENDER = "scanner@contoso.com"
NEW, OLD = "TLS_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA"


def row(at: str, ip: str, tls: str, cipher: str, number: int, auth: str = "Basic") -> str:
    return f"2026-11-{at}Z,scanner,contoso.com,{auth},{ip},{tls},{cipher},1,<{number}@x>\n"


HANDED_IN = REQUESTED + "".join(
    row(*told, number=n)
    for n, told in enumerate((
        ("16T08:00:00", "192.0.2.1", "TLS1.2", NEW),
        ("17T08:30:00", "192.0.2.1", "TLS1.2", NEW),
        ("17T23:30:00", "192.0.2.1", "", ""),  # Two devices are here: whose it is, nobody knows.
        ("16T09:00:00", "192.0.2.1", "TLS1.0", OLD),
        ("18T10:00:00", "192.0.2.2", "TLS1.2", NEW),
        ("20T11:00:00", "192.0.2.2", "", ""),  # Only one is here, so it is that one's.
        ("20T12:00:00", "192.0.2.2", "TLS1.2", ""),
        ("21T12:00:00", "", "TLS1.2", NEW),
    ))
)  # fmt: skip


def sign_in(at: str, ip: str, agent: str, account: str = SENDER) -> str:
    return f"2026-11-{at}Z,{account},success,0,basic,{at}{ip},{ip},NL,64496,{agent}\n"


def told(store, **asked):
    rows = ask(store, "devices", Filters(sender=SENDER, **asked)).rows
    return rows.to_dict("records")


def test_each_device_is_told_with_what_it_speaks_and_when(store, load):
    load(HANDED_IN)
    load(
        SIGN_INS.strip() + ",client_ip,country,network,user_agent\n"
        + sign_in("16T08:00:00", "192.0.2.2", "MFP/2") + sign_in("17T08:00:00", "192.0.2.2", "MFP/1")
        + sign_in("17T08:00:01", "192.0.2.1", "other", "app@contoso.com")
    )  # fmt: skip
    usual = {"auth_protocols": ["basic"], "user_agents": [], "countries": [], "networks": []}
    day = dt.date(2026, 11, 16)
    at_2 = {"user_agents": ["MFP/1", "MFP/2"], "countries": ["NL"], "networks": ["64496"]}
    expected = [
        ("192.0.2.2", "1.2", NEW, at_2, [10, 11, 12], 3, 2, 18, 20),
        ("192.0.2.1", "1.2", NEW, {}, [8], 2, 2, 16, 17),
        ("", "1.2", NEW, {}, [12], 1, 1, 21, 21),
        ("192.0.2.1", "1.0", OLD, {}, [9], 1, 1, 16, 16),
        ("192.0.2.1", "unknown", "", {}, [23], 1, 1, 17, 17),
    ]
    assert told(store) == [
        {
            "client_ip": ip, "tls_version": tls, "tls_cipher": cipher, **usual, **more,
            "hours": hours, "message_count": count, "day_count": days,
            "first_seen": day.replace(day=first), "last_seen": day.replace(day=last),
        }
        for ip, tls, cipher, more, hours, count, days, first, last in expected
    ]  # fmt: skip
    # In Tokyo the evening of the 17th is the morning of the 18th.
    tokyo = told(store, timezone="Asia/Tokyo")[-1]
    assert (tokyo["hours"], tokyo["first_seen"]) == ([8], dt.date(2026, 11, 18))
    assert [r["message_count"] for r in told(store, end=dt.date(2026, 11, 17))] == [2, 1, 1]


def test_a_source_that_tells_clients_is_taken_and_days_may_be_long_ago(store, load):
    load("Sender address,Message count\nscanner@contoso.com,500\n", period=WEEK)
    load(LOG)
    answer = ask(store, "devices", Filters(sender=SENDER))
    assert answer.scope.source == "submission_log"
    assert answer.rows["client_ip"].tolist() == ["192.0.2.25"]
    of_report = ask(store, "devices", Filters(sender=SENDER, source="report")).rows
    assert of_report[["client_ip", "message_count", "hours"]].values.tolist() == [["", 500, []]]


def test_devices_are_of_one_sender(store, load):
    load(LOG)
    with pytest.raises(UsageError, match="--sender"):
        ask(store, "devices")
    assert told(store, source="server_log") == []


def test_devices_are_of_the_source_that_counts_most_over_all_days_not_over_the_last_seven(
    store, load
):
    # In the last week a report counts most; over all days the requested report does.
    every = REQUESTED + "".join(
        f"2026-11-{day:02}T08:0{n}:00Z,scanner,contoso.com,Basic,192.0.2.1,TLS1.2,,1,<{day}{n}@x>\n"
        for day in range(1, 15) for n in range(3)
    )  # fmt: skip
    load(every)
    load(f"Sender address,Messages sent\n{SENDER},9\n", period=WEEK)
    (device,) = ask(store, "devices", Filters(sender=SENDER)).rows.to_dict("records")
    assert (device["client_ip"], device["message_count"], device["day_count"]) == (
        "192.0.2.1",
        42,
        14,
    )


def test_a_report_of_several_days_counts_no_days(store, load):
    report = "Sender address,Messages sent\nscanner@contoso.com,70\n"
    load(report, period=(WEEK[0], WEEK[0]))
    assert [each["day_count"] for each in told(store)] == [1]
    load(report.replace("70", "80"), period=(dt.date(2026, 11, 1), dt.date(2026, 11, 7)))
    assert [(each["message_count"], each["day_count"]) for each in told(store)] == [(150, None)]

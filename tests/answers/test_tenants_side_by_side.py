"""The answer `tenants`: a row for each, each figure that of the tenant alone; no sum of sources."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from command import smtpauth
from exports import log, report
from tenant_worlds import BETA, TENANTS

from smtpauth_kit.answers import ask_plain
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import TLS_VERSIONS

DAY = dt.date
WEEK = (DAY(2026, 11, 16), DAY(2026, 11, 22))
COUNTS = ("account_count", "message_count", "basic_count", "oauth_count", "legacy_tls_count")


def rows_of(store, filters=None):
    answered = ask_plain(store, "tenants", filters or Filters())
    return answered.rows.records(), answered.beside


def more(sender, *days, **how):
    """Return messages of several days as one log."""
    head, *logs = (log(sender, 2, f"2026-11-{day}", **how) for day in days)
    return head + "".join(each.split("\n", 1)[1] for each in logs)


def test_each_tenant_has_a_row_and_nothing_is_added_where_sources_differ(load, store):
    """Alpha has a log of a week, beta a report that tells neither TLS nor Basic, gamma settings."""
    load(more("a@alpha.example", *range(16, 23), tls="TLS1.1"), tenant="alpha")
    load(more("b@alpha.example", 16, 17, auth="OAuth"), tenant="alpha")
    load(report(("a@alpha.example", 70), ("x@beta.example", 30)), period=WEEK, tenant="beta")
    settings = "PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
    load(settings + "g@gamma.example,G,True\n", period=WEEK, tenant="gamma")
    rows, beside = rows_of(store)
    nothing = {"high_finding_count": 0, "medium_finding_count": 0, "low_finding_count": 0}
    assert rows == [
        {
            "tenant": "alpha", "source": "submission_log", "first_day": WEEK[0],
            "last_day": WEEK[1], "account_count": 2, "message_count": 18, "message_share": None,
            "message_count_before": None, "basic_count": 14, "oauth_count": 4,
            "unknown_auth_count": 0, "legacy_tls_count": 14, "none_tls_count": 0,
            "basic_senders_left": 1, "projected_senders_left": 1, **nothing,
        },
        {
            "tenant": "beta", "source": "report", "first_day": WEEK[0], "last_day": WEEK[1],
            "account_count": 2, "message_count": 100, "message_share": None,
            "message_count_before": None, "basic_count": None, "oauth_count": None,
            "unknown_auth_count": 100, "legacy_tls_count": None, "none_tls_count": None,
            "basic_senders_left": None, "projected_senders_left": None, **nothing,
        },
        {
            "tenant": "gamma", "source": None, "first_day": None, "last_day": None,
            **dict.fromkeys(("account_count", "message_count", "message_share")),
            "message_count_before": None,
            **dict.fromkeys(("basic_count", "oauth_count", "unknown_auth_count")),
            **dict.fromkeys(("legacy_tls_count", "none_tls_count")),
            "basic_senders_left": None, "projected_senders_left": None, **nothing,
        },
    ]  # fmt: skip
    assert beside["total"] is None and "nothing is added up" in beside["statement"]


def test_of_one_source_there_are_shares_a_total_and_the_days_before(load, store):
    load(more("a@alpha.example", 16, 17, 18, 19), tenant="alpha")
    load(more("a@beta.example", 18, 19), tenant="beta")
    rows, beside = rows_of(store, Filters(start=DAY(2026, 11, 18), end=DAY(2026, 11, 19)))
    told = [
        (row["tenant"], row["message_count"], row["message_share"], row["message_count_before"])
        for row in rows
    ]
    assert told == [("alpha", 4, 0.5, 4), ("beta", 4, 0.5, None)]
    assert beside["total"] == {
        "account_count": 2, "message_count": 8, "basic_count": 8, "oauth_count": 0,
        "unknown_auth_count": 0, "legacy_tls_count": 0, "none_tls_count": 0,
    }  # fmt: skip


def test_a_tenant_of_sign_ins_alone_has_accounts_and_no_messages(load, store):
    header = "signed_in_at,account,result,error_code,auth_protocol,sign_in_id\n"
    load(header + "2026-11-16T08:00:00Z,a@one.example,success,0,basic,1\n"
         "2026-11-16T09:00:00Z,b@one.example,failure,50126,basic,2\n", tenant="one")  # fmt: skip
    load(log("a@two.example", 1), tenant="two")
    told = {row["tenant"]: row for row in rows_of(store)[0]}
    assert (told["one"]["source"], told["one"]["account_count"]) == ("sign_in_log", 1)
    assert told["one"]["message_count"] is None and told["two"]["message_count"] == 1


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_row_is_what_the_answers_about_that_tenant_say(tenant_stores, tenant):
    every, _ = tenant_stores
    scope = ask_plain(every, "tenants").scope
    (row,) = [each for each in rows_of(every)[0] if each["tenant"] == tenant]
    one = Filters(tenants=(tenant,), start=scope.start, end=scope.end)
    (card,) = ask_plain(every, "insight", one).rows.records()
    auth = dict(
        ask_plain(every, "auth-usage", one).rows.in_order(["auth_protocol", "message_count"])
    )
    tls = {each["tls_version"]: each["message_count"] for each in card["tls_usage"]}
    left = ask_plain(every, "burn-down", Filters(tenants=(tenant,), end=scope.end)).beside
    found = ask_plain(every, "findings", one.changed(state="new")).rows["severity"]
    assert set(tls) == set(TLS_VERSIONS)
    assert row["source"] == ask_plain(every, "insight", one).scope.source
    assert {name: row[name] for name in COUNTS} == {
        "account_count": card["account_count"],
        "message_count": card["message_count"],
        "basic_count": auth["basic"],
        "oauth_count": auth["oauth"],
        "legacy_tls_count": None if tls["1.0"] is None else tls["1.0"] + tls["1.1"],
    }
    assert row["none_tls_count"] == tls["none"]
    assert row["projected_senders_left"] == left["projected_senders_left"]
    for severity in ("high", "medium", "low"):
        assert row[f"{severity}_finding_count"] == found.count(severity)


def test_it_is_asked_about_some_tenants_and_from_the_command_line(tenant_stores):
    every, _ = tenant_stores
    rows, _ = rows_of(every, Filters(tenants=("", BETA)))
    assert sorted(row["tenant"] for row in rows) == ["", BETA]
    told = json.loads(smtpauth("--store", every.path, "show", "tenants", "--json").stdout)
    assert sorted(row["tenant"] for row in told["rows"]) == sorted(TENANTS)
    assert told["total"] is None and told["retirement_date"] == "2026-12-31"
    # Nothing is added up, so no share of all is told; the counts are.
    shown = smtpauth("--store", every.path, "show", "tenants")
    counts = {row["tenant"]: row["message_count"] for row in told["rows"]}
    assert shown.returncode == 0 and f"{counts['alpha']:,}  " in shown.stdout
    assert "%" not in shown.stdout.partition("message_count")[2].splitlines()[1]
    with pytest.raises(UsageError, match="days of UTC"):
        ask_plain(every, "tenants", Filters(timezone="Europe/Amsterdam"))

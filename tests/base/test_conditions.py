"""Which senders: conditions narrow every figure of every answer, and are never SQL."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest
from conftest import LOG, LOG_HEADER, WEEK
from depth import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from smtpauth_kit import answers
from smtpauth_kit.answers.scope import sql_of
from smtpauth_kit.answers.sender_conditions import FIGURES
from smtpauth_kit.base.conditions import (
    Clause,
    both,
    holds,
    parse_clause,
    parse_groups,
    write_groups,
)
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.cli import app
from smtpauth_kit.loading import loading
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import open_store

# scanner@contoso.com: 2 over TLS 1.0 with Basic; app@fabrikam.com: 1 over 1.2 with OAuth;
# erp@contoso.com: 3, one of them Basic over 1.0, two OAuth over 1.2.
MORE = LOG + (
    "2026-11-17T08:00:00Z,erp@contoso.com,bob@fabrikam.com,<4@erp>,TLS1.0,192.0.2.40,Basic\n"
    "2026-11-18T08:00:00Z,erp@contoso.com,bob@fabrikam.com,<5@erp>,TLS1.2,192.0.2.41,OAuth\n"
    "2026-11-19T08:00:00Z,ERP@contoso.com,bob@fabrikam.com,<6@erp>,TLS1.2,192.0.2.41,OAuth\n"
)


def asked(text: str, **more) -> Filters:
    return filters(senders=text, **more)


def addresses(store, text: str, **more) -> list[str]:
    rows = answers.ask(store, "senders", asked(text, **more)).rows
    return sorted(address.lower() for address in rows["sender_address"])


def stored(folder, log):
    (folder / "log.csv").write_text(log)
    store = open_store(folder / "store.duckdb")
    loading.load(store, folder / "log.csv")
    return store


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A store that no test changes."""
    return stored(tmp_path_factory.mktemp("three"), MORE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("message_count > 1", ["erp", "scanner"]),
        ("message_count = 3", ["erp"]),
        ("tls_1_0_count > 0", ["erp", "scanner"]),
        ("tls_1_0_share = 100%", ["scanner"]),
        ("tls_1_0_share > 0.3 and tls_1_0_share < 0.34", ["erp"]),
        ("tls_none_count > 0", []),
        ("oauth_count > 0", ["app", "erp"]),
        ("oauth_count > 0 and basic_count > 0", ["erp"]),
        ("basic_count = 2 or sender_domain = fabrikam.com", ["app", "scanner"]),
        ("sender_domain = CONTOSO.com and oauth_count = 0 or last_seen > 2026-11-20", ["app", "scanner"]),
        ("sender_address starts-with SCAN", ["scanner"]),
        ("sender_address = Erp@Contoso.COM", ["erp"]),
        ("sender_address != erp@contoso.com", ["app", "scanner"]),
        ("sender_address contains 'p@'", ["app", "erp"]),
        ("first_seen <= 2026-11-16", ["scanner"]),
        ("last_seen starts-with 2026-11-1", ["erp", "scanner"]),
        ("client_ip_count = 2", ["erp"]),
        ("client_ip_count < 2 and message_count >= 1", ["app", "scanner"]),
        ("unknown_auth_count = 0", ["app", "erp", "scanner"]),
    ],
)  # fmt: skip
def test_senders_are_those_that_meet_the_conditions(three, text, found):
    hosts = {"app": "app@fabrikam.com"}
    assert addresses(three, text) == [hosts.get(name, f"{name}@contoso.com") for name in found]


def test_every_figure_of_every_answer_is_of_these_senders(three):
    only = asked("oauth_count > 0 and basic_count > 0")
    insight = answers.ask(three, "insight", only).rows.iloc[0]
    assert (insight.account_count, insight.message_count) == (1, 3)
    volume = answers.ask(three, "sending-volume", only).rows
    assert volume[["report_date", "sender_domain", "message_count"]].values.tolist() == [
        [dt.date(2026, 11, n), "contoso.com", 1] for n in (17, 18, 19)
    ]
    usage = answers.ask(three, "tls-usage", only).rows
    assert dict(zip(usage.tls_version, usage.message_count, strict=True)) == {
        "none": 0, "1.0": 1, "1.1": 0, "1.2": 2, "1.3": 0, "unknown": 0,
    }  # fmt: skip
    of_scanner = only.changed(sender="scanner@contoso.com")
    assert answers.ask(three, "sender", of_scanner).rows.empty
    of_erp = only.changed(sender="erp@contoso.com")
    assert answers.ask(three, "sender", of_erp).rows.iloc[0].client_ips == [
        "192.0.2.40", "192.0.2.41",
    ]  # fmt: skip


def test_conditions_hold_in_the_range_and_with_the_other_filters(three):
    days = {"start": "2026-11-18", "end": "2026-11-22"}
    assert addresses(three, "basic_count > 0", **days) == []
    assert addresses(three, "message_count = 2", **days) == ["erp@contoso.com"]
    assert addresses(three, "oauth_count > 0", min_messages=2) == ["erp@contoso.com"]
    assert addresses(three, "oauth_count > 0", domain="fabrikam.com") == ["app@fabrikam.com"]
    zone = {"timezone": "Pacific/Honolulu", "start": "2026-11-15"}
    in_zone = addresses(three, "first_seen = 2026-11-15", **zone)
    assert in_zone == ["scanner@contoso.com"]


def test_what_other_sources_hold_is_counted_under_the_same_conditions(store, load):
    load(MORE)
    report = "Sender address,Messages sent\nscanner@contoso.com,70\nerp@contoso.com,5\n"
    load(report, period=WEEK)
    found = answers.settle_scope(store, asked("message_count < 10"))
    assert (found.source, dict(found.not_shown)) == ("report", {"submission_log": 3})
    found = answers.settle_scope(store, asked("message_count < 3"))
    assert dict(found.not_shown) == {"submission_log": 3}


SIGN_INS = (
    "Date (UTC),User,Username,Client app,IP address,Location,Status,Sign-in error code\n"
    "2026-11-16T08:00:00Z,x,{0},Authenticated SMTP,192.0.2.25,NL,Success,0\n"
    "2026-11-16T09:00:00Z,x,{1},Authenticated SMTP,192.0.2.25,NL,Failure,50126\n"
)


def test_sign_ins_are_those_of_the_senders_asked_for(store, load):
    load(MORE)
    load(SIGN_INS.format("scanner@contoso.com", "nobody@contoso.com"))
    everyone = answers.ask(store, "sign-ins", Filters()).rows["account"].tolist()
    assert sorted(everyone) == ["nobody@contoso.com", "scanner@contoso.com"]
    rows = answers.ask(store, "sign-ins", asked("basic_count > 0")).rows
    assert rows["account"].tolist() == ["scanner@contoso.com"]
    assert answers.ask(store, "sign-ins", asked("oauth_count > 9")).rows.empty


def test_a_report_with_conditions_is_of_their_senders_throughout(three):
    where = Filters(where=(Clause("oauth_count", ">", "0"),))
    for found in (where, asked("oauth_count > 0")):
        report = build_report(three, found)
        assert report.message_count == 4
        assert report.insight["message_count"].iloc[0] == 4
        assert report.senders["message_count"].tolist() == [3, 1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing > 1", "no column 'nothing'. Their columns: sender_address, sender_domain, mess"),
        ("message_count > many", "holds whole numbers, and 'many' is none"),
        ("message_count = nan", "whole numbers"), ("message_count > 1.000", "whole numbers"),
        ("tls_1_0_share = 1e999", "holds numbers"), ("tls_1_0_share > nan", "holds numbers"),
        ("message_count starts-with 1", "holds numbers: starts-with is for text"),
        ("first_seen > yesterday", "'yesterday' is not a day"),
        ("message_count > 1 and", "is none"), ("message_count > 1 or x", "is not a condition"),
        ("; drop table submissions", "is not a condition"),
    ],
)  # fmt: skip
def test_a_condition_that_fits_nothing_is_said_in_plain_words(three, text, says):
    with pytest.raises(UsageError, match=says.replace(".", r"\.")):
        answers.ask(three, "insight", asked(text))


EVIL = ("x' or 1=1; drop table submissions; --", "a\nb@c", "$evil", '";$(id)"', "\x00", "%_")


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("operator", ["=", "starts-with", "contains", "<"])
@pytest.mark.parametrize("field", ["sender_address", "sender_domain"])
def test_values_are_bound_and_never_sql(three, value, operator, field):
    found = Filters(senders=((Clause(field, operator, value),),))
    sql, params = sql_of("senders", answers.settle_scope(three, found))
    assert value not in sql and "$senders_1_1" in sql and len(params["senders_1_1"]) > 0
    rows = answers.ask(three, "senders", found).rows
    assert set(rows["message_count"]) <= {1, 2, 3}
    assert len(answers.ask(three, "senders").rows) == 3


def test_the_command_line_takes_them_and_tells_them(three):
    line = ["--store", str(three.path), "show", "senders", "--json", "--senders"]
    text = "tls_1_0_count > 0 and sender_domain = contoso.com or message_count >= 100"
    told = json.loads(CliRunner().invoke(app, [*line, text]).stdout)
    assert sorted(row["message_count"] for row in told["rows"]) == [2, 3]
    assert told["filters"]["senders"] == [
        ["tls_1_0_count > 0", "sender_domain = contoso.com"], ["message_count >= 100"],
    ]  # fmt: skip


# --- against a plain evaluation --------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Forty senders with messages of every kind."""
    seeded = random.Random(7)
    lines = [
        f"2026-11-{seeded.randint(16, 22)}T12:00:00Z,S{n % 40}@{'abc'[n % 3]}.example,x@y.example,"
        f"<{n}@x>,{seeded.choice(['TLS1.0', 'TLS1.1', 'TLS1.2', 'TLS1.3', 'No TLS', ''])},"
        f"192.0.2.{seeded.randint(1, 4)},{seeded.choice(['Basic', 'OAuth', ''])}\n"
        for n in (seeded.randint(0, 39) for _ in range(300))
    ]
    # The number makes each message its own.
    lines = [line.replace("<", f"<{k}.") for k, line in enumerate(lines)]
    return stored(tmp_path_factory.mktemp("many"), LOG_HEADER + "".join(lines))


def clauses() -> st.SearchStrategy[Clause]:
    def clause(field: str) -> st.SearchStrategy[Clause]:
        kind = FIGURES[field].kind
        compare, text = ["=", "!=", ">", ">=", "<", "<="], ["starts-with", "contains"]
        values = {
            "count": st.integers(0, 12).map(str),
            "share": st.sampled_from(["0", "0.25", "0.5", "1", "50%"]),
            "date": st.integers(15, 23).map(lambda day: f"2026-11-{day}"),
            "text": st.sampled_from(["s1@a.example", "S3@B.example", "a.example", "s1", "EXAMPLE"]),
        }[kind]
        operators = compare if kind in ("count", "share") else [*compare, *text]
        return st.builds(Clause, st.just(field), st.sampled_from(operators), values)

    return st.sampled_from(list(FIGURES)).flatmap(clause)


@settings(max_examples=tries(60))
@given(st.lists(st.lists(clauses(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3))
def test_sql_and_a_plain_evaluation_name_the_same_senders(many, groups):
    everyone = answers.ask(many, "senders").rows
    kept = [
        any(all(holds(clause, row[clause.field]) for clause in group) for group in groups)
        for row in everyone.to_dict("records")
    ]
    expected = everyone[kept].reset_index(drop=True)
    asked_for = Filters(senders=tuple(groups))
    rows = answers.ask(many, "senders", asked_for).rows
    assert rows.to_dict("records") == expected.to_dict("records")
    insight = answers.ask(many, "insight", asked_for).rows.iloc[0]
    assert insight.message_count == expected["message_count"].sum()
    assert insight.account_count == len(expected)
    volume = answers.ask(many, "sending-volume", asked_for).rows
    assert volume["message_count"].sum() == expected["message_count"].sum()


@given(st.text(), st.sampled_from(["=", "!=", "<", "contains", "starts-with"]), st.text())
def test_what_is_written_is_read_as_the_same(first, operator, second):
    groups = ((Clause("a", operator, first), Clause("b", "=", second)), (Clause("c", ">", first),))
    assert parse_groups(write_groups(groups)) == groups
    assert parse_clause(str(groups[0][0])) == groups[0][0]


def test_and_binds_closer_than_or_in_any_case_and_values_may_hold_these_words():
    groups = parse_groups('a = 1 AND b = \'x and y\' or c contains "z""" Or d=band or e = or')
    assert [[clause.value for clause in group] for group in groups] == [
        ["1", "x and y"], ['z"'], ["band"], ["or"],
    ]  # fmt: skip
    assert parse_groups(" ") == ()
    assert both((), ()) == ()

"""What an answer is given from where nobody says it: the days, and the sources of each tenant."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import LOG, LOG_HEADER, WEEK
from exports import log, report, trace
from reconciled import SIGN_INS, sign_ins

from smtpauth_kit import answers
from smtpauth_kit.answers.choosing import Candidate, choose_sources, default_range
from smtpauth_kit.answers.coverage import Told
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import filters
from smtpauth_kit.base.names import SOURCES, SUBMISSION_SOURCES
from smtpauth_kit.views.notes import elsewhere, notes_of
from smtpauth_kit.words.words import speak


def day(number: int, month: int = 11) -> dt.date:
    return dt.date(2026, month, number)


def shown(store, **asked):
    scope = answers.settle_scope(store, filters(**asked))
    rows = answers.ask(store, "senders", filters(**asked)).rows
    return scope, dict(zip(rows["sender_address"], rows["message_count"], strict=True))


def test_of_sources_that_count_nearly_the_same_the_one_that_tells_the_authentication_wins(
    store, load
):
    load(trace("a@contoso.com", 100))
    load(log("a@contoso.com", 99))
    assert shown(store)[0].source == "submission_log"


def test_a_source_that_counts_clearly_more_wins_whatever_it_tells(store, load):
    load(log("a@contoso.com", 18))
    load(report(("a@contoso.com", 429), ("b@contoso.com", 7)), period=WEEK)
    scope, counts = shown(store)
    assert (scope.source, counts) == ("report", {"a@contoso.com": 429, "b@contoso.com": 7})
    assert scope.auth_told_by == ("submission_log",)


def test_sources_without_a_sender_or_message_in_common_are_added_and_can_be_parted(store, load):
    load(log("printer@contoso.com", 14))
    load(trace("app@contoso.com", 20))
    scope, counts = shown(store)
    assert scope.source == "extended_trace+submission_log"
    assert counts == {"app@contoso.com": 20, "printer@contoso.com": 14}
    assert (dict(scope.not_shown), len(scope.offers)) == ({}, 2)
    assert shown(store, source="submission_log")[1] == {"printer@contoso.com": 14}
    assert shown(store, source="submission_log+extended_trace")[1] == counts


def test_a_sender_in_both_on_another_day_keeps_two_sources_apart(store, load):
    load(log("printer@contoso.com", 14))
    load(log("app@contoso.com", 1, "2026-11-10"))
    load(trace("app@contoso.com", 20))
    scope, counts = shown(store)
    assert (scope.source, counts) == ("extended_trace", {"app@contoso.com": 20})
    assert dict(scope.not_shown) == {"submission_log": 14}  # Its other day is not asked about.


def test_each_tenant_has_a_source_of_its_own(store, load):
    load(report(("a@alpha.example", 70)), period=WEEK, tenant="alpha")
    load(log("b@beta.example", 3), tenant="beta")
    scope, counts = shown(store)
    assert counts == {"a@alpha.example": 70, "b@beta.example": 3}
    assert scope.sources == (("alpha", "report"), ("beta", "submission_log"))


def test_a_line_of_the_next_day_does_not_push_the_week_of_a_report_out(store, load):
    load(report(("a@contoso.com", 5_900)), period=WEEK)
    load(log("a@contoso.com", 1, "2026-11-23"))
    scope, counts = shown(store)
    assert ((scope.start, scope.end), counts) == (WEEK, {"a@contoso.com": 5_900})
    assert (scope.reason, dict(scope.later)) == ("fuller_source", {"submission_log": 1})


def test_a_report_of_ninety_days_alone_is_shown_for_its_period(store, load):
    load(report(("a@contoso.com", 900)), period=(day(25, 8), day(22)))
    scope, counts = shown(store)
    assert (scope.start, scope.end, scope.reason) == (day(25, 8), day(22), "report_period")
    assert counts == {"a@contoso.com": 900}


def test_a_log_that_is_loaded_daily_keeps_the_last_seven_days():
    days = [Period("server_log", "", day(n), day(n), 100) for n in range(1, 24)]
    quarter = Period("report", "", day(25, 8), day(22), 9_000)
    assert default_range([*days, quarter], day(23)).start == day(17)


def test_a_source_that_is_asked_for_tells_the_sign_ins_too_or_is_refused(store, load):
    load(LOG)
    with pytest.raises(UsageError, match="The source report tells of no sign-ins"):
        answers.ask(store, "sign-ins", filters(source="report"))
    assert answers.ask(store, "sign-ins", filters(source="server_log")).rows.empty
    load(SIGN_INS + sign_ins("scanner@contoso.com", [("18T08:00:00", "success")]))
    told = {
        source: answers.ask(store, "sender", filters(sender="scanner@contoso.com", source=source))
        for source in ("auto", "submission_log")
    }
    assert [each.rows["sign_ins"][0] for each in told.values()] == [
        {"success": 1, "failure": 0}, {"success": None, "failure": None},
    ]  # fmt: skip


def test_what_a_source_cannot_tell_is_never_zero(store, load):
    load(trace("a@contoso.com", 2))
    (row,) = answers.ask(store, "senders").rows.to_dict("records")
    blank = [name for name, value in row.items() if value is None]
    assert blank == [
        "tls_none_count", "tls_none_share", "tls_1_0_count", "tls_1_0_share", "tls_1_1_count",
        "tls_1_1_share", "tls_1_2_count", "tls_1_2_share", "tls_1_3_count", "tls_1_3_share",
        "basic_count", "oauth_count", "client_ip_count",
    ]  # fmt: skip
    assert (row["tls_unknown_count"], row["unknown_auth_count"]) == (2, 2)
    usage = answers.ask(store, "auth-usage").rows
    assert usage["message_count"].tolist() == [None, None, 2]


REPORT = "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,{}Messages sent\n{}@contoso.com,40%(4),0%(0),60%(6),{}10\n"


def newest(store, **asked):
    """Return the TLS 1.3 count of each sender, of all messages, and of senders by version."""
    rows = answers.ask(store, "senders", filters(**asked)).rows
    usage, by_tls = (
        answers.ask(store, name, filters(**asked)).rows.set_index("tls_version").iloc[:, 0]["1.3"]
        for name in ("tls-usage", "senders-by-tls")
    )
    return (
        dict(zip(rows["sender_address"].str[0], rows["tls_1_3_count"], strict=True)),
        usage,
        by_tls,
    )


def a_log(sender: str, tls: str) -> str:
    row = f"2026-11-16T08:00:00Z,{sender}@contoso.com,x@x.example,<1@{sender}>,{tls},192.0.2.1,Basic\n"
    return LOG_HEADER + row


def test_a_report_without_a_column_of_tls_1_3_does_not_say_that_there_was_none(store, load):
    load(REPORT.format("", "a", ""), period=WEEK)
    assert newest(store) == ({"a": None}, None, None)
    usage = answers.ask(store, "tls-usage").rows["message_count"].tolist()
    assert usage == [0, 4, 0, 6, None, 0]
    # A log beside it does say so of its own senders; of all, nobody knows.
    load(a_log("b", "TLS1.2"))
    assert shown(store)[1] == {"a@contoso.com": 10, "b@contoso.com": 1}
    assert newest(store) == ({"a": None, "b": 0}, None, None)
    assert newest(store, source="submission_log") == ({"b": 0}, 0, 0)
    load(a_log("c", "TLS1.3"))
    assert newest(store) == ({"a": None, "b": 0, "c": 1}, 1, 1)


def test_a_report_with_a_column_of_tls_1_3_says_how_much(store, load):
    load(REPORT.format("TLS1.3%,", "a", "0%(0),"), period=WEEK)
    assert newest(store) == ({"a": 0}, 0, 0)
    assert "TLS 1.3 as such" not in answers.settle_scope(store).cannot_tell


def test_no_tls_is_no_zero_of_two_sources_where_one_of_them_never_says_it(store, load):
    load(a_log("b", "No TLS") + a_log("b", "TLS1.2").splitlines()[1].replace("<1@", "<2@") + "\n")
    load(trace("a@contoso.com", 2))
    rows = answers.ask(store, "senders").rows.set_index("sender_address")["tls_none_count"]
    assert rows.to_dict() == {"a@contoso.com": None, "b@contoso.com": 1}
    one = filters(sender="a@contoso.com")
    assert answers.ask(store, "tls-usage", one).rows["message_count"].tolist() == [*[None] * 5, 2]


SIGN_IN = (
    "Date (UTC),Username,Application,Client app,Status,Sign-in error code,IP address,Location\n"
    "2026-11-16T10:00:00Z,a@contoso.com,Office 365 Exchange Online,Authenticated SMTP,Failure,"
    "50126,198.51.100.7,\n"
)


def test_what_cannot_be_told_is_what_no_figure_shown_tells(store, load):
    load(trace("a@contoso.com", 2))
    of_trace = ["the authentication protocol", "the account that signed in"]
    assert list(answers.settle_scope(store).cannot_tell) == [*of_trace, "failed sign-ins"]
    load(
        a_log("b", "TLS1.2")
        .replace("protocol\n", "protocol,Account\n")
        .replace("Basic\n", "Basic,b\n")
    )
    both = answers.settle_scope(store)
    assert both.source == "extended_trace+submission_log"
    assert list(both.cannot_tell) == ["failed sign-ins"]
    said = {lang: [note.text for note in notes_of(both, speak(lang))] for lang in ("en", "nl")}
    assert "They cannot tell: failed sign-ins." in said["en"]
    assert "Deze bronnen zeggen niets over: mislukte aanmeldingen." in said["nl"]
    load(SIGN_IN)
    scope = answers.settle_scope(store)
    assert scope.cannot_tell == ()
    assert (
        "The extended message trace cannot tell: the authentication protocol, the account that "
        "signed in."
    ) in [note.text for note in notes_of(scope, speak("en"))]
    assert [list(each.cannot_tell) for each in scope.offers] == [of_trace, []]


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "submission_log"])
def test_no_source_is_offered_for_nothing_and_none_that_is_asked_for(store, load, source):
    load(LOG)
    load(SIGN_IN)
    asked = filters(source=source, start=WEEK[0], end=WEEK[1])
    for question in ("insight", "sending-volume", "readiness"):
        scope = answers.ask(store, question, asked).scope
        held = elsewhere(scope, speak("en"))
        counts = source in SUBMISSION_SOURCES
        assert held.text.startswith("0 messages in the ") == counts
        assert held.text.startswith("The ") != counts
        assert held.text.endswith("; 3 messages in the submission log.")
        offered = [name for note in (held, *notes_of(scope, speak("en"))) for name in note.sources]
        assert offered == ["submission_log"]
    # Nothing of another source stands in for what was asked for.
    accounts = answers.ask(store, "insight", asked).rows["account_count"].tolist()
    assert accounts == [0 if source == "sign_in_log" else None]


def test_what_a_report_told_of_a_trace_s_messages_can_be_told(store, load):
    load(trace("a@contoso.com", 2))
    row = "2026-11-16T08:00:0{0}Z,a@contoso.com,,<t{0}>,TLS1.2,192.0.2.1,Basic\n"
    load(LOG_HEADER + row.format(0) + row.format(1))
    scope = answers.settle_scope(store, filters(source="extended_trace"))
    assert list(scope.cannot_tell) == ["the account that signed in", "failed sign-ins"]


def test_an_account_that_sends_as_several_addresses_is_one_that_signed_in(store, load):
    header = LOG_HEADER.strip() + ",Account\n"
    load(header + "".join(
        f"2026-11-16T08:15:3{n}Z,{a}@contoso.com,,<{n}>,TLS1.2,192.0.2.1,Basic,svc@contoso.com\n"
        for n, a in enumerate("abcd")
    ))  # fmt: skip
    row = answers.ask(store, "insight").rows.iloc[0]
    assert (row["account_count"], row["signed_in_account_count"]) == (4, 1)


def test_a_day_that_a_source_has_only_a_part_of_is_marked(store, load):
    load(log("a@contoso.com", 1, "2026-11-20") + log("a@contoso.com", 1).split("\n", 1)[1])
    (first, last) = answers.settle_scope(store).parts
    assert (first.day, first.since, first.until) == (day(16), dt.time(8), None)
    assert (last.day, last.since, last.until) == (day(20), None, dt.time(8))


@pytest.mark.parametrize(
    ("one", "other", "best"),
    [
        ((100, 0), (98, 1), "other"),
        ((100, 0), (97, 2), "one"),
        ((100, 1), (99, 2), "other"),
        ((100, 1), (99, 1), "one"),
    ],
)
def test_what_is_known_decides_only_among_those_within_two_percent(one, other, best):
    from smtpauth_kit.answers.choosing import _best_first

    names = {"one": "server_log", "other": "submission_log"}
    group = [
        Candidate("", names[name], count, auth, True)
        for name, (count, auth) in {"one": one, "other": other}.items()
    ]
    assert _best_first(group, lambda: {("", "server_log"): Told()})[0].source == names[best]
    chosen = choose_sources({"": group}, lambda *pair: False)
    assert len(chosen) == 1

"""An address that two tenants have is a sender of each, with figures of its own source."""

from __future__ import annotations

from exports import log, report

from smtpauth_kit.answers import ask_plain
from smtpauth_kit.base.filters import Filters

WEEK = ("2026-11-16", "2026-11-22")
SHARED = "noreply@shared.example"


def test_no_figure_adds_two_tenants(load, store):
    """One has a log with Basic auth, the other a report that tells no authentication."""
    load(log(SHARED, 3, "2026-11-17") + log("a@alpha.example", 2, "2026-11-22").split("\n", 1)[1],
         tenant="alpha")  # fmt: skip
    load(report((SHARED, 700)), period=WEEK, tenant="beta")
    settings = "PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
    load(settings + f"{SHARED},Shared,True\n", period=(WEEK[1], WEEK[1]), tenant="beta")
    found = ask_plain(store, "readiness").rows.records()
    told = [
        (row["tenant"], row["message_count"], row["basic_count"], row["allowed"], row["source"])
        for row in found
        if row["sender_address"] == SHARED
    ]
    assert sorted(told) == [
        ("alpha", 3, 3, "unknown", "submission_log"), ("beta", 700, None, "blocked", "report"),
    ]  # fmt: skip
    (week,) = ask_plain(store, "burn-down").rows.records()
    assert (week["basic_sender_count"], week["sender_count"], week["message_count"]) == (2, 3, 705)
    narrow = Filters(min_messages=700)  # Of a tenant's own messages, not of both.
    (row,) = ask_plain(store, "readiness", narrow).rows.records()
    assert (row["tenant"], row["message_count"]) == ("beta", 700)


def test_a_mailbox_that_sends_in_another_tenant_alone_was_never_seen(load, store):
    load(log(SHARED, 3), tenant="alpha")
    settings = "PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
    load(settings + f"{SHARED},Shared,False\n", period=(WEEK[1], WEEK[1]), tenant="beta")
    found = ask_plain(store, "never-seen").rows.records()
    assert [(row["tenant"], row["address"]) for row in found] == [("beta", SHARED)]

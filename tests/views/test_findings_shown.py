"""Findings as people read them: summaries, stories, proofs, and what was not checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from worlds import World, office

from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.incidents import incidents
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import proof
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views import charts, finding_days, finding_proof, findings
from smtpauth_kit.views.findings import Found
from smtpauth_kit.words.words import speak

EN, NL = speak("en"), speak("nl")
EVIL = "<img src=x onerror=alert(1)>{measured}\u202e@contoso.com"


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sixty days of an office, with a burst of one sender; tests only read."""
    home = tmp_path_factory.mktemp("burst")
    world = World(60)
    office(world, 10)
    world.usually(EVIL)
    world.send(EVIL, 50, 300, recipients=3, hours=(9, 16), ip="203.0.113.9")
    store = open_store(home / "store.duckdb")
    loading.load(store, *world.write(home / "logs"))
    yield store


def made(rule: str, day: int, subject: str, severity: str = "high", **more: Any) -> Finding:
    at = dt.datetime(2026, 11, day, 3)
    known = {"kind": "account", "accounts": (subject,), "values": {}, **more}
    return Finding(
        f"f{rule}{day}{subject}", rule, severity, "", known["kind"], subject, at, at, False, 36.0,
        None, 1, 1.0, known["accounts"], (), known["values"],
    )  # fmt: skip


SPRAY = made(
    "password_spray", 12, "203.0.113.9", kind="client_ip", accounts=("a@x.example",),
    values={"account_count": 36, "failure_count": 108, "place": "NG", "user_count": 1},
)  # fmt: skip
USED = {"use_count": 1, "known_days": 5, "known_networks": 1, "where_from": "192.0.2.1"}
MOVED = made("new_client_ip", 14, "a@x.example", "medium", values=USED)
PROGRAMS = made(
    "legacy_user_agent", 2, "the tenant", "low", kind="tenant",
    values={"sign_in_count": 9, "user_agent": "BAV2ROPC", "other_count": 0, "account_count": 2},
)  # fmt: skip


def found_of(*each: Finding, **said: states.State) -> Found:
    known = {f.finding_id: said.get(f.rule, states.State()) for f in each}
    ids = frozenset(known)
    return Found(tuple(incidents(each)), known, ids, (), 21, True)


def test_the_summary_counts_what_is_new_by_severity() -> None:
    everything = found_of(SPRAY, MOVED, PROGRAMS)
    assert (
        findings.summary(everything, EN) == "1 incident to look at today, 1 this week, 1 to know."
    )
    assert findings.summary(everything, NL) == (
        "1 incident om vandaag naar te kijken, 1 deze week, 1 om te weten."
    )
    done = states.State("acknowledged", "our own test")
    seen = found_of(SPRAY, MOVED, PROGRAMS, password_spray=done)
    assert findings.summary(seen, EN) == (
        "0 incidents to look at today, 1 this week, 1 to know, 1 done."
    )
    assert findings.summary(found_of(), EN) == "Nothing unusual was found."


def test_a_row_is_an_incident_and_its_story_is_in_order_of_time() -> None:
    said = states.State("allowed", "the fair")
    found = found_of(MOVED, SPRAY, PROGRAMS, new_client_ip=said)
    rows = {row["subject"]: row for row in findings.rows(found, EN)}
    assert list(rows) == ["203.0.113.9", "a@x.example", "The tenant"]
    assert findings.rows(found, NL)[2]["subject"] == "De tenant"
    row = rows["a@x.example"]
    assert (row["severity"], row["state"], row["first_day"], row["finding_count"]) == (
        "\u25c6 Medium", "Allowed: the fair", dt.date(2026, 11, 14), 1,
    )  # fmt: skip
    assert row["happened"].startswith("Used from a new network: was used 1 time from 192.0.2.1")
    (account,) = [each for each in found.incidents if each.subject == "a@x.example"]
    story = findings.story(account, found, NL)
    assert [(step["when"], step["subject"], step["severity"]) for step in story] == [
        ("12 nov 2026, 03:00", "203.0.113.9", "\u25b2 Hoog"),
        ("14 nov 2026, 03:00", "", "\u25c6 Middel"),
    ]
    assert [step["state_text"] for step in story] == ["Nieuw", "Toegestaan: the fair"]


def test_an_incident_is_new_while_one_of_its_findings_is() -> None:
    later = made("send_as", 15, "a@x.example", "medium", values={})
    said = states.State("acknowledged", "asked her")
    half, whole = found_of(MOVED, later, send_as=said), found_of(
        MOVED, later, send_as=said, new_client_ip=states.State("allowed", "moved")
    )  # fmt: skip
    assert half.state(half.incidents[0]).state == "new"
    assert whole.state(whole.incidents[0]) == said


def test_an_incident_has_the_severity_of_what_is_still_open() -> None:
    got_in = made("success_after_failures", 13, "a@x.example", values={})
    seen, done = states.State("acknowledged", "reset"), states.State("allowed", "moved")
    half = found_of(got_in, MOVED, SPRAY, success_after_failures=seen)
    (account,) = [each for each in half.incidents if each.subject == "a@x.example"]
    told = finding_proof.told(account, half, [], EN)
    assert account.severity == "high"
    assert (told["level"], told["severity"]) == ("medium", "\u25c6 Medium")
    assert told["shown"] == MOVED.finding_id
    rows = {row["subject"]: row for row in findings.rows(half, NL)}
    row = rows["a@x.example"]
    assert (row["level"], row["severity"], row["rule"]) == (
        "medium", "\u25c6 Middel", "new_client_ip",
    )  # fmt: skip
    whole = found_of(got_in, MOVED, success_after_failures=seen, new_client_ip=done)
    assert findings.rows(whole, EN)[0]["level"] == "high"  # All is done: what it was.


def test_what_was_not_checked_stands_by_its_reason(burst: Store) -> None:
    found = findings.find(burst, Filters(rules=("password_spray", "brute_force", "volume_spike")))
    assert found.rule_count == 1
    ((why, titles),) = findings.by_why(findings.unchecked(found, EN))
    assert set(titles) == {"Password spray", "Guessing one password"} and "sign-in" in why
    assert findings.checked(found, (dt.date(2026, 9, 24), dt.date(2026, 11, 22)), EN) == (
        "Judged: all days loaded, Sep 24, 2026 to Nov 22, 2026, by 1 of 3 rules."
    )


def test_those_that_nobody_has_looked_at_stand_first(burst: Store) -> None:
    before = findings.find(burst, Filters())
    top = before.incidents[0]
    try:
        for each in top.findings:
            states.acknowledge(burst, each.finding_id, "ours")
        after = findings.find(burst, Filters())
        assert after.incidents[-1] == top and after.state(top).note == "ours"
        assert not findings.find(
            burst, Filters(state="acknowledged", severities=("low",))
        ).incidents
    finally:
        for each in top.findings:
            states.acknowledge(burst, each.finding_id, "")


@pytest.mark.parametrize("words", [EN, NL], ids=["en", "nl"])
def test_a_proof_is_ready_for_json_its_chart_can_be_drawn_and_hostile_text_is_text(
    burst: Store, words: Any
) -> None:
    found = findings.find(burst, Filters())
    top = found.incidents[0]
    proved = proof(burst, found.strongest(top))
    told = finding_proof.told(top, found, [proved], words)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    shown = told["proofs"][told["shown"]]
    chart = shown["chart"]
    assert chart["values"]["asked"] == ["2026-11-13", "2026-11-13"]
    # A Friday: three hundred beside its usual two to five.
    day = chart["columns"]["period_start"].index("2026-11-13")
    columns = {name: chart["columns"][name] for name in ("message_count", "low", "high")}
    count, low, high = (columns[name][day] for name in columns)
    assert 302 <= count <= 305 and 2 <= low < high <= 5
    assert chart["label"] == (
        f"{count} messages on Nov 13, 2026; usual on this weekday: {low}\u2013{high}."
        if words is EN
        else f"{count} berichten op 13 nov 2026; gewoon op deze weekdag: {low}\u2013{high}."
    )
    labels = [text for text in chart["columns"]["label"] if text]
    assert labels == [str(count)]
    drawn = charts.to_svg(
        charts.empty_vega(finding_days.CHARTS[chart["name"]], words),
        chart["columns"],
        chart["values"],
    )
    assert drawn.startswith("<svg") and labels[0] in drawn and "<img" not in drawn
    titles = [table["title"] for table in shown["tables"]]
    assert len(titles) == 2  # no sign-in log is loaded
    rows = shown["tables"][-1]
    assert rows["row_count"] > 300 and len(rows["rows"]["at"]) == finding_proof.MOST_ROWS
    assert str(rows["row_count"]) in rows["more"]
    assert rows["rows"]["sender_address"][0] == EVIL, "a browser writes it as text"


def test_a_day_that_no_other_tells_of_has_no_band(store: Store, load: Any) -> None:
    load("Date,Sender address,Message ID\n2026-11-16T08:00:00Z,a@contoso.com,<1>\n")
    alone = proof(store, made("volume_spike", 16, "a@contoso.com", kind="sender"))
    assert finding_days.days_finding(alone, EN) == (
        "1 message on Nov 16, 2026; no other day tells what is usual."
    )
    columns, values = finding_days.days_data(alone, EN)
    assert columns["high"] == [None] and values["first_day"] == "2026-11-16"
    elsewhere = proof(store, made("volume_spike", 3, "b@contoso.com", kind="sender"))
    assert finding_days.days_finding(elsewhere, NL) == (
        "Geen berichten op de dagen van de bevinding: 3 nov 2026."
    )


def test_a_cell_shows_the_beginning_of_a_long_list_and_a_table_its_first_rows(
    store: Store, load: Any
) -> None:
    to = ";".join(f"reader{n}@fabrikam.com" for n in range(400))
    lines = [f"2026-11-16T08:{n:02}:00Z,a@contoso.com,<{n}@x>,{to}" for n in range(3)]
    load("\n".join(["Date,Sender address,Message ID,Recipient address", *lines]))
    shown = proof(store, made("recipient_burst", 16, "a@contoso.com", kind="sender"))
    whole = dataclasses.replace(shown.finding, last_seen=dt.datetime(2026, 11, 16, 23))
    (rows,) = finding_proof.tables(proof(store, whole), EN, 2)
    assert rows["more"] == "The first 2 of 3 rows." and rows["row_count"] == 3
    first = rows["rows"]["recipients"][0]
    assert first.startswith("reader0@fabrikam.com, reader") and len(first) == 301
    assert first.endswith("\u2026") and rows["rows"]["recipient_count"] == [400, 400]


def test_among_several_tenants_a_subject_is_told_with_its_own(tenant_stores) -> None:
    together, alone = tenant_stores
    found = findings.find(together, Filters())
    shown = [row["subject"] for row in findings.rows(found, EN)]
    assert "usual1@contoso.com (alpha)" in shown
    of_alpha = findings.find(together, Filters(tenants=("alpha",)))
    for found in (of_alpha, findings.find(alone["alpha"], Filters())):
        assert "usual1@contoso.com" in [row["subject"] for row in findings.rows(found, EN)]

"""What stands beside a finding, worked out by hand: its subject's days, places and sign-ins."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import LOG
from findings_worlds import HOME, OFFICE, STRANGER, World, at
from hostile import IN_OTHER_FIELDS

import smtpauth_kit
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import proof, who_was_there
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import SPARK

FOLDER = Path(smtpauth_kit.__file__).parent / "answers" / "findings" / "proof"
NAMES = sorted(path.stem for path in FOLDER.glob("*.sql"))


def finding(rule: str, kind: str, subject: str, first: Any, last: Any = None) -> Finding:
    return Finding(
        "f1", rule, "high", "", kind, subject, first, last or first, False, 1.0, None, 1, 1.0,
        (subject,), (), {},
    )  # fmt: skip


def send(world: World, sender: str, day: int, count: int, **how: Any) -> None:
    for n in range(count):
        world.message(at(day, 9 + n / 60), sender, **how)


def loaded(world: World) -> World:
    world.found("volume_spike")  # Loads what was written down.
    return world


def test_days_stand_beside_what_is_usual_on_their_weekday(store, load) -> None:
    world = World(store, load)
    for week in range(12):
        send(world, "a@contoso.com", 7 * week, {2: 5, 3: 9, 8: 40}.get(week, 2))  # Mondays
        send(world, "a@contoso.com", 7 * week + 4, 3)  # Fridays
    send(world, "b@contoso.com", 83, 1)
    loaded(world)
    found = proof(store, finding("volume_spike", "sender", "a@contoso.com", at(56, 9), at(56, 10)))
    days = {
        (row["day"] - dt.date(2026, 9, 7)).days: (row["message_count"], row["low"], row["high"])
        for row in found.days.to_dict("records")
    }
    assert list(days) == list(range(71)), "eight weeks before it and two after it"
    # Eleven other Mondays: 2, 2, 2, 2, 2, 2, 2, 2, 2, 5, 9, without the first and the last.
    assert days[56] == (40, 2, 5) and days[21] == (9, 2, 5)
    # Twelve Fridays; the one four days after it is no neighbour.
    assert days[60] == (3, 3, 3) and days[58] == (0, 0, 0)
    assert found.counts == "messages" and found.days["failure_count"].sum() == 0


def test_networks_before_and_on_the_day_and_sign_ins_of_the_week(store, load) -> None:
    world = World(store, load)
    world.live("a@contoso.com", range(0, 30, 2))  # Fifteen days, one message and sign-in on each.
    world.fail("a@contoso.com", at(31, 3), 4, 1, place=STRANGER, code="50053")
    world.sign_in(at(32, 1), "a@contoso.com", place=STRANGER, agent="tool")
    for n in range(6):
        world.message(
            at(32, 1 + n / 60), "alias@contoso.com", account="a@contoso.com", place=STRANGER
        )
    world.fail("other@contoso.com", at(20), 2, 1, place=STRANGER)
    loaded(world)
    of_account = proof(
        store, finding("success_after_failures", "account", "a@contoso.com", at(32, 1), at(32, 2))
    )
    shown = [
        "network", "country", "days_before", "messages_before", "successes_before",
        "failures_before", "messages_during", "successes_during", "failures_during",
    ]  # fmt: skip
    networks = [
        ["AS64501", "NG", 0, 0, 0, 4, 6, 1, 0],
        ["AS64496", "NL", 15, 15, 15, 0, 0, 0, 0],
    ]
    assert of_account.places[shown].values.tolist() == networks
    assert of_account.places["client_ips"].tolist() == [[STRANGER[0]], [OFFICE[0]]]
    of_alias = proof(store, finding("volume_spike", "sender", "alias@contoso.com", at(32, 1)))
    assert of_alias.places["network"].tolist() == ["AS64501", "AS64496"], "who signs in for it"
    tried = ["result", "client_ip", "error_code", "user_agent", "attempt_count"]
    assert of_account.sign_ins[tried].values.tolist() == [
        ["success", STRANGER[0], "0", "tool", 1],
        ["success", OFFICE[0], "0", "", 2],
        ["failure", STRANGER[0], "50053", "", 4],
    ]
    days = of_account.days.set_index("day")[["success_count", "failure_count"]]
    assert days.loc[at(31).date()].tolist() == [0, 4] and days.loc[at(32).date()].tolist() == [1, 0]
    assert len(of_alias.evidence.messages) == 1 and of_alias.finding.subject == "alias@contoso.com"


def test_who_was_at_an_address_or_on_a_network(store, load) -> None:
    world = World(store, load)
    next_door = ("203.0.113.70", *STRANGER[1:])
    world.live("a@contoso.com", [0, 1])
    world.fail("b@contoso.com", at(3), 2, 1, place=STRANGER)
    world.sign_in(at(4), "a@contoso.com", place=STRANGER)
    world.message(at(5), "c@contoso.com", place=next_door)
    world.live("d@contoso.com", [0], place=HOME)
    loaded(world)
    shown = ["account", "client_ip", "used_days", "message_count", "success_count", "failure_count"]
    at_address = [
        ["a@contoso.com", STRANGER[0], 1, 0, 1, 0],
        ["b@contoso.com", STRANGER[0], 0, 0, 0, 2],
    ]
    there = who_was_there(store, client_ip=STRANGER[0])
    assert there[shown].values.tolist() == at_address
    assert there["first_at"].tolist() == [at(4), at(3)] and there["last_at"].iloc[1] == at(
        3, 9 + 1 / 60
    )
    on_network = who_was_there(store, network="AS64501")
    assert on_network[shown].values.tolist() == [
        ["c@contoso.com", next_door[0], 1, 1, 0, 0],
        *at_address,
    ]
    assert not len(who_was_there(store)) and not len(who_was_there(store, client_ip="' or 1=1 --"))
    of_address = proof(store, finding("password_spray", "client_ip", STRANGER[0], at(3), at(4)))
    assert of_address.places[shown].values.tolist() == at_address
    of_tenant = proof(store, finding("legacy_user_agent", "tenant", "", at(0), at(4)))
    assert not len(of_tenant.places) and of_tenant.sign_ins["attempt_count"].sum() == 6


def test_a_subject_is_compared_and_never_read_as_sql(store, load) -> None:
    world = World(store, load)
    hostile = [f"{text}@evil.example" for text in IN_OTHER_FIELDS if text.isprintable()]
    for account in hostile:
        world.live(account, range(3), place=STRANGER)
    loaded(world)
    for account in hostile:
        shown = proof(store, finding("send_as", "account", account.lower(), at(2, 9), at(2, 10)))
        assert shown.places["days_before"].tolist() == [2], account
        assert shown.days["message_count"].sum() == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_says_what_it_asks_and_is_in_words_that_engines_share(
    name, store, load
) -> None:
    text = sql_text(name, "answers/findings/proof")
    lines = [line for line in text.splitlines() if line.startswith("--")]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert lines[0].startswith("-- Question: ") and "?" in "".join(lines)
    assert lines[1].startswith("-- Grain:    ")
    named = set(re.findall(r"\$(\w+)", "".join(x for x in lines if x.startswith("-- Params:"))))
    assert named == set(re.findall(r"\$(\w+)", body))
    assert not re.search(r"::|\bselect \*|\b(?:len|list\w*)\(|\* exclude", body)
    sqlglot = pytest.importorskip("sqlglot", reason="install the extra: .[test,spark]")
    known = {"happened": "select 1 as day_number", "proof_sources": "select '' as tenant"}
    load(LOG)
    inputs = Inputs(store)
    inputs.relations.update(known)
    whole = inputs.complete(text)
    for dialect, spelled in (("duckdb", whole), ("spark", SPARK.spell(whole))):
        assert len(sqlglot.parse(spelled, read=dialect)) == 1

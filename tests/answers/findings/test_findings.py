"""Findings as a user meets them: listed, proved, acknowledged, allowed, kept with the store."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command import COMMAND
from worlds import World, office

import smtpauth_kit as sk
from smtpauth_kit.answers import ask
from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.answer import COLUMNS, judged, listed
from smtpauth_kit.answers.findings.evidence import evidence
from smtpauth_kit.answers.findings.incidents import incidents
from smtpauth_kit.answers.findings.inputs import texts
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.judging import judge
from smtpauth_kit.answers.findings.kept import kept
from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES, needs_texts
from smtpauth_kit.base.errors import Cancelled, KitError, UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import judging, loaded_files, loading
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import languages

HOSTILE = "<img src=x onerror=alert(1)>{measured}\u202e@contoso.com"


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A world with a burst and a newcomer, as three files."""
    world = World(60)
    office(world, 10)
    world.usually("burst@contoso.com")
    world.send("burst@contoso.com", 50, 300, recipients=3, hours=(9, 16))
    world.usually("new@fabrikam.com", range(40, 60))
    return world.write(tmp_path_factory.mktemp("logs"), 3)


@pytest.fixture
def burst(store: Store, logs: list[Path]) -> Store:
    loading.load(store, *logs)
    return store


def command(store: Store, *arguments: str) -> tuple[int, Any]:
    done = subprocess.run(
        [*COMMAND, *arguments, "--store", str(store.path), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


# --- the rules as they are written -------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_all_that_there_is_to_say_in_each_language(name: str) -> None:
    rule = RULES[name]
    assert rule.severity in SEVERITIES and set(rule.needs) <= set(needs_texts())
    for language in languages():
        assert set(rule.texts[language]) >= {
            "title", "meaning", "why", "innocent", "next", "sentence",
        }  # fmt: skip
        for setting in rule.settings.values():
            assert setting.reason[language]
    stated = complete(rule.sql, texts())
    assert all(f"${setting}" in stated for setting in rule.settings)


# --- as an answer ------------------------------------------------------------------------------


def test_the_command_prints_what_is_promised(burst: Store) -> None:
    code, printed = command(burst, "show", "findings")
    assert code == 0 and printed["answer"] == "findings"
    assert set(printed) >= {"filters", "source", "rows", "not_checked"}
    row = printed["rows"][0]
    assert set(row) >= {
        "finding_id", "rule", "severity", "subject_kind", "subject", "first_seen", "last_seen",
        "measured", "expected", "evidence_count", "sentence", "sources", "state", "note",
    }  # fmt: skip
    assert (row["severity"], row["subject"]) == ("high", "burst@contoso.com")
    assert row["first_seen"].startswith("2026-11-13T") and row["sources"] == ["submission_log"]
    lacking = {each["rule"]: each for each in printed["not_checked"]}
    assert all(each["needs"] and each["why"] for each in lacking.values())


def test_filters_choose_what_is_listed_and_never_what_is_usual(burst: Store) -> None:
    def found(**asked: Any) -> list[str]:
        return [f.finding_id for f, _ in listed(burst, Filters(**asked))]

    everything = found()
    assert found(rules=("volume_spike",)) and set(found(rules=("volume_spike",))) < {*everything}
    assert set(found(severities=("high",))) < set(everything)
    day = dt.date(2026, 11, 13)
    assert set(found(start=day, end=day, severities=("high",))) == set(found(severities=("high",)))
    assert not found(start=dt.date(2026, 11, 20), severities=("high",))
    assert found(domains=("fabrikam.com",)) == found(sender="New@Fabrikam.com") != []
    assert found(source="submission_log") == everything


@pytest.mark.parametrize(
    "asked",
    [
        {"rules": ("nothing",)},
        {"severities": ("awful",)},
        {"state": "old"},
        {"timezone": "Europe/Amsterdam"},
        {"min_messages": 5},
    ],
)
def test_what_cannot_be_asked_of_findings_is_refused(burst: Store, asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ask(burst, "findings", Filters(**asked))


def test_an_empty_store_has_no_findings(store: Store, load: Any) -> None:
    load("Date,Sender address\n2026-11-16T08:00:00Z,a@contoso.com\n")
    answered = ask(store, "findings")
    assert list(answered.rows.columns) == list(COLUMNS) and not len(answered.rows)


def test_the_sql_of_a_rule_gives_what_it_finds(burst: Store) -> None:
    done = subprocess.run(
        [*COMMAND, "show", "findings", "--rule", "volume_spike", "--format", "sql", "--store",
         str(burst.path)], capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = burst.sql(done.stdout.strip().rstrip(";"))
    assert list(rows["subject"]) == ["burst@contoso.com"]


# --- what people say of them -------------------------------------------------------------------


def test_a_new_finding_of_high_severity_is_an_alert_until_it_is_acknowledged(
    burst: Store,
) -> None:
    code, printed = command(burst, "findings", "--new")
    assert code == 3
    high = [row for row in printed["rows"] if row["severity"] == "high"]
    for row in high[1:]:
        states.acknowledge(burst, row["finding_id"], "a test of ours")
    said, answer = command(burst, "acknowledge", high[0]["finding_id"], "--note", "a test of ours")
    assert (said, answer["state"]) == (0, "acknowledged")
    code, printed = command(burst, "findings", "--new")
    assert code == 0 and not [row for row in printed["rows"] if row["severity"] == "high"]
    _, printed = command(burst, "show", "findings", "--state", "acknowledged")
    assert {row["note"] for row in printed["rows"]} == {"a test of ours"}


def test_what_is_allowed_is_no_longer_new_until_its_last_day(burst: Store) -> None:
    asked = ("allow", "--rule", "volume_spike", "--subject", "Burst@contoso.com", "--note", "news")
    assert command(burst, *asked, "--until", "2026-11-12")[0] == 0
    of_burst = Filters(rules=("volume_spike",), sender="burst@contoso.com")
    assert [state.state for _, state in listed(burst, of_burst)] == ["new"]
    assert command(burst, *asked, "--until", "2026-11-13")[0] == 0
    assert [state.state for _, state in listed(burst, of_burst)] == ["allowed"]
    states.allow(burst, "volume_spike", "burst@contoso.com", "")
    assert [state.state for _, state in listed(burst, of_burst)] == ["new"]


def test_what_was_acknowledged_stays_so_when_later_days_are_loaded(
    store: Store, logs: list[Path]
) -> None:
    loading.load(store, logs[0], logs[2])
    first = {f.finding_id for f, _ in listed(store, Filters(severities=("high",)))}
    for finding_id in first:
        states.acknowledge(store, finding_id, "known")
    loading.load(store, logs[1])
    after = {f.finding_id: state for f, state in listed(store, Filters(severities=("high",)))}
    assert first and {after[finding_id].state for finding_id in first} == {"acknowledged"}


def test_a_finding_goes_when_its_evidence_went(burst: Store, logs: list[Path]) -> None:
    (spike,) = [f for f, _ in listed(burst, Filters(rules=("volume_spike",)))]
    proof = evidence(burst, spike.finding_id)
    assert len(proof.rows) == spike.evidence_count == spike.measured
    assert set(proof.rows["sender_address"]) == {"burst@contoso.com"}
    loaded_files.unload(burst, logs[2])
    with pytest.raises(KitError, match="no finding"):
        evidence(burst, spike.finding_id)


def test_no_such_finding_or_rule_is_said(burst: Store) -> None:
    code, printed = command(burst, "acknowledge", "f00000000000", "--note", "x")
    assert code == 1 and "no finding" in printed["error"]
    code, printed = command(burst, "allow", "--rule", "x", "--subject", "a", "--note", "n")
    assert code == 2 and "volume_spike" in printed["error"]


# --- kept with the store -----------------------------------------------------------------------


def test_a_large_store_keeps_its_findings_and_they_are_those_judged(
    store: Store, logs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    loading.load(store, *logs[:2])
    loading.load(store, logs[2])
    with store.asking() as session:
        assert kept(session) == judge(session)
    assert store.sql("select count(*) as n from findings")["n"].iloc[0] > 0
    loaded_files.unload(store, logs[2])
    with store.asking() as session:
        assert kept(session) == judge(session)
    monkeypatch.setattr(judging, "MOST_UNKEPT", 10**9)
    loading.load(store, logs[2])  # Not judged: what is kept is of other facts.
    with store.asking() as session:
        assert kept(session) is None
    assert listed(store, Filters(severities=("high",)))


def test_days_counted_load_by_load_give_what_all_rows_at_once_give(
    store: Store, logs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, *lines = logs[1].read_text("utf-8").splitlines(keepends=True)
    halves = [tmp_path / f"half-{n}.csv" for n in range(2)]
    for n, half in enumerate(halves):  # Two files tell of each of these days.
        half.write_text(head + "".join(lines[n::2]), "utf-8")
    loading.load(store, *logs)
    with store.asking() as session:
        assert kept(session) is None
        whole = judge(session)
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    daily = open_store(tmp_path / "daily.duckdb")
    for file in (logs[2], halves[1], logs[0], halves[0], logs[1]):
        loading.load(daily, file)
    loaded_files.unload(daily, halves[0])  # The days of a third file are counted again.
    monkeypatch.setattr(judging, "MOST_UNKEPT", 10**9)
    loaded_files.unload(daily, halves[1])
    with daily.asking() as session:
        assert not session.run(sql_text("uncounted_days", "answers/findings")).empty
        assert judge(session) == whole  # Days that are not counted are read row by row.
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    monkeypatch.setattr(judging, "MOST_KEPT", 0)
    loading.load(daily, halves[0])  # A store too large to be judged at each load has its days.
    with daily.asking() as session:
        assert session.run(sql_text("uncounted_days", "answers/findings")).empty
        assert kept(session) is None and judge(session) == whole
    monkeypatch.setattr(judging, "MOST_KEPT", 10**9)
    loading.load(daily, halves[1])
    with daily.asking() as session:
        assert session.run(sql_text("uncounted_days", "answers/findings")).empty
        assert kept(session) == judge(session) == whole


@pytest.mark.parametrize(
    "why",
    [Cancelled("Stopped."), KitError("A table is broken."), duckdb.OutOfMemoryException("full")],
    ids=["stopped", "a broken table", "no memory"],
)
def test_what_ends_the_judging_costs_nobody_a_load(
    store: Store, logs: list[Path], monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise why

    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    with monkeypatch.context() as patch:
        patch.setattr(judging, "judge", stopped)
        result = loading.load(store, *logs)
        loaded_files.unload(store, logs[2])
        loading.load(store, logs[2])
    assert [file.status for file in result.files] == ["loaded"] * 3
    assert judged(store, Filters()).findings


# --- hostile text ------------------------------------------------------------------------------


def test_hostile_text_is_data_in_every_place(store: Store, tmp_path: Path) -> None:
    world = World(40)
    office(world, 10)
    world.usually(HOSTILE)
    world.send(HOSTILE, 30, 200)
    loading.load(store, *world.write(tmp_path / "logs"))
    shown = sk.findings(store, Filters(rules=("volume_spike",)))
    (row,) = shown.rows.to_dict("records")
    assert "{" not in row["sentence"]
    html = shown._repr_html_()
    assert "<img" not in html and "&lt;img" in html
    boxed = 'data-code="U+202E">\u202e</bdi>'
    assert html.count("\u202e") == html.count(boxed) > 0
    done = subprocess.run(
        [*COMMAND, "findings", "--store", str(store.path)], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "\u202e" not in done.stdout and "volume_spike" in done.stdout


# --- incidents ---------------------------------------------------------------------------------


def _finding(rule: str, day: int, subject: str, **more: Any) -> Finding:
    at = dt.datetime(2026, 11, day, 3)
    kind = more.pop("kind", "account")
    named = {"accounts": (subject,), **more}
    return Finding(
        f"f{rule}{day}{subject}", rule, more.get("severity", "high"), "", kind, subject, at, at,
        False, 1.0, None, 1, 1.0, named["accounts"], (), {},
    )  # fmt: skip


def test_an_account_and_its_address_are_one_story_in_order_of_time() -> None:
    spray = _finding("near_limits", 12, "203.0.113.9", kind="client_ip", accounts=("a", "b"))
    burst = _finding("volume_spike", 19, "a", kind="sender")
    domains = _finding("new_recipient_domains", 19, "a", kind="sender")
    other = _finding("volume_spike", 2, "c", severity="medium")
    first, second, third = incidents([burst, other, spray, domains])
    assert (first.subject, second.subject, third.subject) == ("a", "203.0.113.9", "c")
    assert [f.rule for f in first.story] == [
        "near_limits", "new_recipient_domains", "volume_spike",
    ]  # fmt: skip
    assert first.related == (spray,)


def test_addresses_that_try_the_same_accounts_are_one_incident() -> None:
    first, second = (
        _finding("password_spray", day, f"203.0.113.{day}", kind="client_ip", accounts=tuple(tried))
        for day, tried in ((3, "abcd"), (5, "cdef"))
    )
    other = _finding("password_spray", 4, "203.0.113.4", kind="client_ip", accounts=("x", "y"))
    later = _finding("password_spray", 25, "203.0.113.25", kind="client_ip", accounts=("a", "b"))
    told = [{f.subject for f in incident.findings} for incident in incidents(
        [later, second, other, first]
    )]  # fmt: skip
    assert {"203.0.113.3", "203.0.113.5"} in told and len(told) == 3


def test_events_far_apart_are_two_incidents() -> None:
    early, late = _finding("volume_spike", 2, "a"), _finding("volume_spike", 25, "a")
    assert len(incidents([early, late])) == 2


# --- the sample story --------------------------------------------------------------------------


def test_the_sample_story_is_told(sample_store: Store) -> None:
    found = judge(sample_store).findings
    about = {(f.rule, f.subject) for f in found}
    assert ("volume_spike", "carol@contoso.com") in about
    assert ("unusual_hours", "carol@contoso.com") in about
    assert ("dormant_sender", "intern-old@contoso.com") in about
    assert found[0].subject == "carol@contoso.com"
    assert ("new_country", "frank@fabrikam.com") in about
    assert [f.subject for f in found if f.rule == "success_after_failures"] == ["carol@contoso.com"]
    (spray,) = (f for f in found if f.rule == "password_spray")
    assert (spray.subject, spray.measured) == ("203.0.113.166", 36)
    assert spray.accounts[0] == "carol@contoso.com" and len(spray.accounts) == 36
    # The compromise and the spray, and nothing else; frank's journey takes nine hours.
    high = {f.subject for f in found if f.severity == "high"}
    assert high == {"carol@contoso.com", "203.0.113.166"}
    burst = next(f for f in found if f.rule == "unusual_hours")
    assert burst.measured == 640

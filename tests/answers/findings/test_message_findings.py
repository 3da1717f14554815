"""Each rule about messages finds its event, and leaves what only looks like it alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import World, office

from smtpauth_kit.answers.findings.judging import Judged, judge
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import speak

EVENTS = {
    "volume_spike": ("burst", "campaigner", "payroll", "everyone"),
    "slow_ramp": ("ramp", "step", "noisy"),
    "recipient_burst": ("mailer", "busy", "newsletter"),
    "new_recipient_domains": ("stranger", "prospects", "crm"),
    "near_limits": ("fast", "batch"),
    "unusual_hours": ("night", "nightwatch", "late"),
    "new_sender": ("newcomer", "usual0"),
    "dormant_sender": ("sleeper", "quarterly", "holiday"),
    "silent_sender": ("stopped", "monthly", "person"),
}
"""The sender with the event, then those that look like it."""


def _volumes(world: World) -> None:
    world.usually("burst@contoso.com")
    world.send("burst@contoso.com", 80, 300)
    world.usually("campaigner@contoso.com")
    for day in (20, 48, 76):  # Its own record, each time about the same.
        world.send("campaigner@contoso.com", day, 200 + day)
    for day in (13, 41, 42, 74):  # About once a month, and once somewhat more.
        world.send("payroll@contoso.com", day, 100 + day)
    world.usually("everyone@contoso.com", low=8, high=10)
    for n in range(12):  # The day after an outage: everyone sends what was stuck.
        world.send(f"usual{n}@contoso.com", 64, 12)
    world.send("everyone@contoso.com", 64, 12)


def _ramps(world: World) -> None:
    for day in range(world.days):
        if world.is_weekend(day):
            continue
        weeks = max(0, day // 7 - 6)
        world.send("ramp@contoso.com", day, 10 + 5 * weeks)
        world.send("step@contoso.com", day, 10 if day < 60 else 30)
        world.send("noisy@contoso.com", day, world.dice.choice((2, 9, 15, 24)))


def _recipients(world: World) -> None:
    world.usually("mailer@contoso.com", recipients=2)
    world.send("mailer@contoso.com", 80, 5, recipients=40)
    world.usually("busy@contoso.com", recipients=2)
    world.send("busy@contoso.com", 80, 60, recipients=2)  # Many messages, each as usual.
    for day in range(1, world.days, 7):
        world.send("newsletter@contoso.com", day, 2, recipients=60 + day % 5)
    world.usually("stranger@contoso.com", to=lambda n: f"a@known{n % 4}.example")
    world.send("stranger@contoso.com", 80, 30, to=lambda n: f"a@strange{n}.example")
    world.usually("prospects@contoso.com", to=lambda n: f"a@known{n % 4}.example")
    world.send("prospects@contoso.com", 80, 4, to=lambda n: f"a@prospect{n}.example")
    for day in range(world.days):  # An application that meets new customers every day.
        world.send("crm@contoso.com", day, 20, to=lambda n, day=day: f"a@c{day}-{n % 10}.example")
    world.send("crm@contoso.com", 81, 40, to=lambda n: f"a@c81x{n % 20}.example")


def _limits(world: World) -> None:
    world.usually("fast@contoso.com", account="svc-fast@contoso.com")
    for minute in range(3):
        world.send("fast@contoso.com", 80, 29, hours=(10 + minute / 60, 24), seconds=2)
    world.usually("batch@contoso.com", low=1, high=1)
    for day in (70, 80):  # As many, but over an hour.
        world.send("batch@contoso.com", day, 87, hours=(10, 24), seconds=40)


def _hours(world: World) -> None:
    world.usually("night@contoso.com")
    world.send("night@contoso.com", 80, 9, hours=(1, 4))
    for day in range(world.days):
        world.send("nightwatch@contoso.com", day, 3, hours=(0, 24))
    world.usually("late@contoso.com")
    world.send("late@contoso.com", 80, 3, hours=(1, 4))  # Too few to say anything.


def _silences(world: World) -> None:
    world.usually("newcomer@contoso.com", range(70, world.days))
    world.usually("sleeper@contoso.com", [*range(30), *range(85, 90)])
    for day in (0, 1, 2, 91, 92):
        world.send("quarterly@contoso.com", day, 3)
    world.usually("holiday@contoso.com", [*range(40), *range(61, world.days)])
    world.usually("stopped@contoso.com", range(60), weekends=True)
    for day in (11, 41, 72):
        world.send("monthly@contoso.com", day, 20)
    world.usually("person@contoso.com", range(world.days - 12), low=0, high=2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("world")
    world = World()
    office(world)
    for part in (_volumes, _ramps, _recipients, _limits, _hours, _silences):
        part(world)
    made = open_store(folder / "world.duckdb")
    loading.load(made, *world.write(folder / "logs", 2))
    return made


@pytest.fixture(scope="module")
def judged(store: Store) -> Judged:
    return judge(store)


@pytest.mark.parametrize("rule", EVENTS)
def test_a_rule_finds_its_event_and_not_what_looks_like_it(judged: Judged, rule: str) -> None:
    event, *twins = EVENTS[rule]
    found = {
        f.subject.split("@")[0].removeprefix("svc-") for f in judged.findings if f.rule == rule
    }
    assert event in found
    assert not found & set(twins)


def test_usual_senders_are_in_no_finding(judged: Judged) -> None:
    assert not [f for f in judged.findings if f.subject.startswith("usual")]


def test_a_finding_tells_its_numbers_in_each_language(judged: Judged) -> None:
    (burst,) = [
        f for f in judged.findings if (f.rule, f.subject) == ("volume_spike", "burst@contoso.com")
    ]
    assert burst.measured >= 300 and burst.severity == "high"
    assert str(burst.first_seen.date()) == "2026-11-05"
    english, dutch = sentence(burst, speak("en")), sentence(burst, speak("nl"))
    assert f"sent {int(burst.measured)} messages" in english and "Nov 5, 2026" in english
    assert f"verzond {int(burst.measured)} berichten" in dutch and "{" not in english + dutch


def test_every_sentence_is_filled(judged: Judged) -> None:
    texts = [sentence(f, speak(language)) for f in judged.findings for language in ("en", "nl")]
    assert texts and not [text for text in texts if "{" in text or "}" in text]


def test_what_is_found_is_proved_by_its_rows(store: Store, judged: Judged) -> None:
    from smtpauth_kit.answers.findings.evidence import evidence

    for rule in ("volume_spike", "unusual_hours", "near_limits", "new_sender"):
        finding = next(f for f in judged.findings if f.rule == rule)
        rows = evidence(store, finding.finding_id).rows
        assert rows["message_count"].sum() >= finding.evidence_count > 0


def test_files_in_any_order_and_later_days_keep_findings_and_their_ids(tmp_path: Path) -> None:
    world = World(70)
    office(world)
    for name, day in (("burst", 30), ("again", 50)):
        world.usually(f"{name}@contoso.com")
        world.send(f"{name}@contoso.com", day, 200, hours=(2, 4))
    paths = world.write(tmp_path / "logs", 4)
    found = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        store = open_store(tmp_path / f"{order}.duckdb")
        loading.load(store, *(paths[n] for n in order))
        found.append(judge(store))
    assert found[0] == found[1] == found[2]
    early = open_store(tmp_path / "early.duckdb")
    loading.load(early, *paths[:3])
    before = judge(early).findings
    loading.load(early, paths[3])
    after = {f.finding_id: f for f in judge(early).findings}
    assert before and {f.finding_id for f in before} <= set(after)


def test_few_days_are_said_and_not_judged(store: Store, tmp_path: Path) -> None:
    world = World(10)
    office(world, 2)
    few = open_store(tmp_path / "few.duckdb")
    loading.load(few, *world.write(tmp_path / "logs"))
    lacking = dict(judge(few).not_checked)
    assert lacking["volume_spike"] == ("days_of_messages",)
    assert "near_limits" not in lacking

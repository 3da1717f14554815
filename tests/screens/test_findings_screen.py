"""The findings screen without a browser: what it lists, proves and keeps, and what it says else."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import LOG, turned_until
from findings_worlds import STRANGER, at
from findings_worlds import World as Sees
from live import control_of, hear, parts_of, view_of
from worlds import World, office

import smtpauth_kit as sk
from smtpauth_kit.answers.findings import states
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.screens.at_a_glance import glance
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import speak

EVIL = "<img src=x onerror=alert(1)>{measured}\u202e@contoso.com"
CAMPAIGN = {"how": "allow", "note": " the announced campaign ", "until": "", "all": True}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An office of sixty days: one sender bursts, a hostile one too; tests leave no state behind."""
    home = tmp_path_factory.mktemp("logs")
    world = World(60)
    office(world, 10)
    world.usually("burst@contoso.com", ip="192.0.2.50")
    world.send("burst@contoso.com", 50, 300, hours=(9, 16), ip="192.0.2.50")
    world.usually(EVIL, ip="192.0.2.50")
    world.send(EVIL, 40, 60, hours=(9, 16), ip="203.0.113.9")
    world.usually("new@fabrikam.com", range(40, 60))
    store = open_store(home / "store.duckdb")
    loading.load(store, *world.write(home / "logs"))
    yield store


class Seen:
    """A screen, and what its browser was sent."""

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self.screen = sk.findings(store, filters, language)
        self.sent: list[dict[str, Any]] = []
        view_of(self.screen).send = lambda content, buffers=None: self.sent.append(content)

    def hear(self, **message: Any) -> None:
        hear(view_of(self.screen), message)
        self.screen._flyout._asker.wait()

    def last(self, name: str) -> Any:
        return next(each[name] for each in reversed(self.sent) if name in each)

    def open(self, subject: str) -> dict[str, Any]:
        table = self.shown["table"]["rows"]
        self.hear(open=table["incident_id"][table["subject"].index(subject)])
        told: dict[str, Any] = self.last("flyout")
        return told

    @property
    def shown(self) -> dict[str, Any]:
        self.screen._asker.wait()
        shown: dict[str, Any] = view_of(self.screen).shown
        return shown


def test_the_list_has_the_one_to_look_at_first_and_what_was_not_checked(logs: Store) -> None:
    seen = Seen(logs)
    rows = seen.shown["table"]["rows"]
    assert rows["subject"][:2] == ["burst@contoso.com", EVIL]
    assert rows["severity"][0] == "\u25b2 High" and rows["first_day"][0] == "2026-11-13"
    assert seen.screen.status.startswith("1 incident to look at today, ")
    assert seen.shown["checked"].startswith("Judged: all days loaded, Sep 24, 2026 to Nov 20, 2026")
    assert any("sign-in" in each["why"] for each in seen.shown["not_checked"])
    assert len(seen.screen.incidents) == len(rows["subject"])
    assert set(seen.screen.rows["incident_id"]) == set(rows["incident_id"])
    assert json.loads(json.dumps(seen.shown, allow_nan=False)) == seen.shown
    dutch = Seen(logs, language="nl")
    assert dutch.screen.status.startswith("1 incident om vandaag naar te kijken, ")
    assert dutch.shown["table"]["columns"][1]["title"] == "Wat er gebeurde"


def test_controls_choose_and_show_what_is_chosen(logs: Store) -> None:
    seen = Seen(logs)
    assert "fabrikam.com" in seen.shown["domains"]
    control_of(seen.screen, "severity").value = "high"
    assert seen.shown["table"]["rows"]["subject"] == ["burst@contoso.com"]
    assert seen.screen.filters == Filters(severities=("high",))
    control_of(seen.screen, "severity").value = ""
    control_of(seen.screen, "domain").value = "fabrikam.com"
    assert seen.shown["table"]["rows"]["subject"] == ["new@fabrikam.com"]
    control_of(seen.screen, "start").value = dt.date(2026, 11, 20)
    assert "table" not in seen.shown
    nothing = "No incident matches these choices."
    assert (seen.shown["empty"]["text"], seen.screen.status) == (nothing, nothing)
    assert control_of(seen.screen, "all").layout.display is None
    seen.hear(drop="all")
    assert seen.screen.filters == Filters() and len(seen.shown["table"]["rows"]["subject"]) > 2
    assert (
        control_of(seen.screen, "domain").value == ""
        and control_of(seen.screen, "start").value is None
    )
    seen.screen.filters = Filters(rules=("volume_spike", "new_sender"), state="new")
    assert control_of(seen.screen, "rule").label == "2 chosen"
    assert control_of(seen.screen, "state").value == "new"
    seen.screen.filters = Filters(rules=("nothing",))
    assert seen.screen.status.startswith("There is no rule 'nothing'.")


def test_a_row_opens_its_story_and_its_proof(logs: Store) -> None:
    seen = Seen(logs)
    told = seen.open("burst@contoso.com")
    assert told["title"] == "burst@contoso.com" and told["can_save"] and told["level"] == "high"
    assert told["own"] == [step["finding_id"] for step in told["story"]]
    (proof,) = told["proofs"].values()
    assert proof["chart"]["values"]["asked"] == ["2026-11-13", "2026-11-13"]
    assert proof["chart"]["name"] in view_of(seen.screen).charts
    asks = [each["ask"] for each in proof["actions"]]
    assert asks[0] == {"sender": "burst@contoso.com"}
    assert asks[1] == {"who": {"client_ip": "192.0.2.50", "network": ""}}
    assert asks[2] == {"who": {"client_ip": "", "network": "192.0.0.0/16"}}
    seen.hear(**asks[1])
    who = seen.last("there")
    assert (
        who["title"] == "Who used 192.0.2.50" and who["text"] == "2 used it, 0 only failed there."
    )
    assert set(who["table"]["rows"]["account"]) == {"burst@contoso.com", EVIL.lower()}
    seen.hear(**asks[0])
    (card,) = [part for part in parts_of(seen.screen) if isinstance(part, SenderScreen)]
    assert card.details["row"]["message_count"] > 0
    seen.hear(sender="new@fabrikam.com")
    assert card.address == "new@fabrikam.com"


def test_hostile_text_stays_text_in_every_new_place(logs: Store) -> None:
    seen = Seen(logs)
    told = seen.open(EVIL)
    assert told["title"] == EVIL, "a browser writes it as text, and boxes what hides"
    assert all("\u202e" not in step["sentence"] for step in told["story"])
    html = seen.screen._repr_html_()
    assert "<img" not in html
    assert html.count("\u202e") == html.count('data-code="U+202E">\u202e</bdi>') > 0
    (proof,) = told["proofs"].values()
    seen.hear(**proof["actions"][1]["ask"])
    assert seen.last("there")["table"]["rows"]["account"] == [EVIL.lower()]


def test_an_incident_is_allowed_with_a_note_and_taken_back(logs: Store) -> None:
    seen = Seen(logs)
    before = seen.open("burst@contoso.com")
    seen.hear(say={**CAMPAIGN, "note": " ", "finding": before["shown"]})
    assert seen.last("errors") == {"note": "Write what you found out: who looks next needs it."}
    seen.hear(say={**CAMPAIGN, "until": "soon", "finding": before["shown"]})
    assert seen.last("errors") == {"until": "Choose a day."}
    try:
        seen.hear(say={**CAMPAIGN, "finding": before["shown"]})
        told = seen.last("flyout")
        assert told["state_text"] == "Allowed: the announced campaign" and told["proofs"] == {}
        assert told["said"] == "1 finding allowed."
        assert {step["state"] for step in told["story"]} == {"allowed"}
        assert seen.shown["table"]["rows"]["subject"][-1] == "burst@contoso.com", "done: last"
        assert seen.screen.status.startswith("0 incidents to look at today")
        assert set(seen.screen.rows.query("subject == 'burst@contoso.com'")["state"]) == {"allowed"}
        # An incident stays in its flyout when the filters no longer choose it.
        seen.screen.filters = Filters(state="new")
        assert "burst@contoso.com" not in seen.shown["table"]["rows"]["subject"]
        one = before["own"][0]
        seen.hear(say={"how": "undo", "finding": one, "all": False})
        assert seen.last("flyout")["said"] == "1 finding new again."
        assert "burst@contoso.com" in seen.shown["table"]["rows"]["subject"]
        seen.hear(say={"how": "acknowledge", "note": "looked", "finding": one, "all": False})
        state = next(s for s in seen.last("flyout")["story"] if s["finding_id"] == one)
        assert state["state_text"] == "Acknowledged: looked"
    finally:
        seen.hear(say={"how": "undo", "finding": before["shown"], "all": True})
    seen.screen.filters = Filters()
    assert set(seen.screen.rows["state"]) == {"new"}


def test_what_a_browser_may_not_send_does_no_harm(logs: Store) -> None:
    seen = Seen(logs)
    before = seen.shown
    for message in (
        {"open": "i0"}, {"open": None}, {"prove": "f0"}, {"say": {"how": "drop"}}, {"say": 3},
        {"who": {}}, {"who": {"client_ip": ["x"]}}, {"sender": 5}, {"drop": "everything"}, {"x": 1},
    ):  # fmt: skip
        seen.hear(**message)
    assert seen.shown == before and set(seen.screen.rows["state"]) == {"new"}
    seen.open("burst@contoso.com")
    seen.hear(say={"how": ["allow"], "note": {"a": 1}, "finding": 7, "all": "yes"})
    seen.hear(say={"how": "undo", "finding": None, "all": True})
    assert set(seen.screen.rows["state"]) == {"new"}


def test_a_story_of_an_account_proves_each_step(store: Store, load: Any) -> None:
    world = Sees(store, load)
    for n in range(8):
        world.live(f"u{n}@contoso.com", range(40))
        world.fail(f"u{n}@contoso.com", at(40, 1), 2, 5, place=STRANGER)
    world.sign_in(at(41, 2), "u3@contoso.com", place=STRANGER)
    world.found("password_spray")
    seen = Seen(store)
    told = seen.open("u3@contoso.com")
    rules = [step["rule"] for step in told["story"]]
    assert rules[0] == "password_spray" and "success_after_failures" in rules
    spray = told["story"][0]
    assert spray["subject"] == STRANGER[0] and spray["finding_id"] not in told["own"]
    seen.hear(prove=spray["finding_id"])
    proof = seen.last("proof")
    assert proof["finding_id"] == spray["finding_id"] and proof["chart"]["name"] == "sign_ins"
    assert proof["tables"][0]["title"] == "Who used this address"
    assert proof["tables"][0]["rows"]["account"][0] == "u3@contoso.com", "who got in, first"
    assert {"who": {"client_ip": STRANGER[0], "network": ""}} in [
        a["ask"] for a in proof["actions"]
    ]
    html = seen.screen._repr_html_()
    assert html.count('class="smtpauth-incident"') == 2 and html.count("<svg") == 2


def test_a_screen_with_nothing_to_show_says_why(store: Store, load: Any) -> None:
    assert Seen(store).screen.status.startswith("There is no store at ")
    assert "There is no store at " in Seen(store).screen._repr_html_()
    load(LOG)
    few = Seen(store)
    assert few.screen.status == "Nothing unusual was found."
    assert few.shown["empty"] == {"text": "Nothing unusual was found."}
    assert "by 1 of 21 rules." in few.shown["checked"] and len(few.shown["not_checked"]) > 1
    assert "Nothing unusual was found." in few.screen._repr_html_()
    missing = Seen(store, Filters(source="server_log"))
    assert missing.shown["empty"]["drop"] == "source"
    missing.hear(drop="source")
    assert missing.screen.filters == Filters()
    zone = Seen(store, Filters(timezone="Europe/Amsterdam"))
    assert zone.screen.status.startswith("Findings are judged of all senders, in days of UTC")
    assert "Findings are judged of all senders" in zone.screen._repr_html_()


def test_an_engine_without_settings_shows_findings_and_keeps_nothing(logs: Store) -> None:
    class Elsewhere(Engine):
        def run(self, sql: str, params: Any = None) -> Any:
            return logs.run(sql, params)

    seen = Seen(Elsewhere())
    told = seen.open("burst@contoso.com")
    assert told["can_save"] is False
    seen.hear(say={**CAMPAIGN, "finding": told["shown"]})
    assert seen.last("failed") == "There is no file of settings where this could be kept."


def test_judging_that_takes_long_tells_its_share_and_can_be_cancelled(logs: Store) -> None:
    async def watch() -> None:
        screen = sk.findings(logs, Filters(source="submission_log"))
        view = view_of(screen)
        heard: list[float] = []
        view.observe(lambda change: heard.append(change["new"]), "share")
        view.working = True  # As after half a second.
        await turned_until(lambda: view.shown.get("status"))
        told = [share for share in heard if share is not None]
        assert told == sorted(told) and told[-1] == 1.0 and view.share is None
        assert view.working is False
        before = view.shown
        screen.filters = Filters(severities=("high",))
        screen.cancel()
        assert screen.filters == Filters(source="submission_log") and view.shown == before

    # Another source is another judging: what the other tests found does not answer this.
    asyncio.run(watch())


def test_the_insight_says_what_to_look_at_and_leads_there(logs: Store) -> None:
    card = sk.insight(logs)
    assert "1 incident to look at today" in card._repr_html_()
    more = view_of(card).more
    assert more["level"] == "warn" and more["unusual"].startswith("1 incident to look at today, ")
    hear(view_of(card), {"findings": True})
    below = [part for part in card.children if "smtpauth-findings" in part._dom_classes]
    assert len(below) == 1 and below[0].status.startswith("1 incident to look at today")
    card.filters = card.filters.changed(domains=("fabrikam.com",))
    assert "1 to know" in card._repr_html_() and below[0].filters.domains == ("fabrikam.com",)
    for incident in sk.findings(logs).incidents:
        assert incident.findings


def test_a_store_too_large_to_be_judged_at_once_is_judged_when_asked(
    logs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtpauth_kit.loading.judging.MOST_UNKEPT", 10)
    seen = glance(logs, Filters(), speak("en"))
    assert (seen.text, seen.level) == ("Look for unusual activity", "unknown")
    sender = str(logs.run("select min(sender_key) as key from daily_by_sender")["key"].iloc[0])
    assert sk.sender(logs, sender).parts["unusual"]["said"].startswith("Not judged yet")


def test_a_cell_may_acknowledge_and_allow(logs: Store) -> None:
    screen = sk.findings(logs)
    finding = screen.incidents[0].findings[0]
    try:
        screen.acknowledge(finding.finding_id, "seen")
        assert set(screen.rows.set_index("finding_id").loc[[finding.finding_id]]["state"]) == {
            "acknowledged"
        }
        screen.acknowledge(finding.finding_id, "")
        screen.allow(finding.rule, finding.subject, "fine", dt.date(2026, 12, 31))
        assert "allowed" in set(screen.rows["state"])
        assert len(screen.evidence(finding.finding_id).rows)
    finally:
        states.allow(logs, finding.rule, finding.subject, "")
        states.acknowledge(logs, finding.finding_id, "")

"""The readiness screen without a browser: what it lists, what is written in it, and what it says."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import turned_until
from hostile import HOSTILE, hostile_log
from live import control_of, hear, parts_of, view_of
from readiness_worlds import END, HEADER, Sent, day, every_day, working_days

import smtpauth_kit as sk
from smtpauth_kit import answers
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.words.words import UNTOLD, speak

EN = speak("en")

MAILBOXES = "Identity,PrimarySmtpAddress,SmtpClientAuthenticationDisabled\n"


def sent(store: Store, load: Any) -> Sent:
    """Eleven weeks: an alarm, scanners, a monthly job, one that moved, one that fell silent."""
    world = Sent(store, load)
    world.sent("alarm", [day("09-14"), day("11-16")], tls="TLS1.0", ip="192.0.2.7")
    world.sent("payroll", [day("09-30"), day("10-30")], count=20)
    world.sent("scanner", working_days(day("09-07")), tls="TLS1.1")
    world.sent("app", every_day(day("09-07"), day("10-04")), count=3)
    world.sent("app", every_day(day("10-05")), auth="OAuth", count=3)
    world.sent("backup", every_day(day("09-07"), day("11-08")), tls="None")
    world.sent("modern", every_day(day("09-07")), auth="OAuth")
    return world.loaded()


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that tests only read."""
    home = tmp_path_factory.mktemp("weeks")
    store = open_store(home / "store.duckdb")
    names = iter(range(9))

    def load(text: str, **options: Any) -> Any:
        path = home / f"{next(names)}.csv"
        path.write_text(text)
        return loading.load(store, path, **options)

    sent(store, load)
    load(
        "Identity,PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
        "spare,spare@contoso.com,Spare,False\nscanner,scanner@contoso.com,Scanner,True\n",
        period=(END, END),
    )
    yield store


class Seen:
    """A screen, and what its browser was sent."""

    def __init__(self, store: Engine, filters: Filters | None = None, language: str = "en") -> None:
        self.screen = sk.readiness(store, filters, language)
        self.messages: list[dict[str, Any]] = []
        view_of(self.screen).send = lambda content, buffers=None: self.messages.append(content)

    def hear(self, **message: Any) -> None:
        hear(view_of(self.screen), message)

    def write(self, sender: str, field: str, text: str) -> dict[str, Any]:
        self.hear(write={"sender": sender, "field": field, "text": text})
        return self.messages[-1]

    @property
    def shown(self) -> dict[str, Any]:
        assert self.screen.status
        shown: dict[str, Any] = view_of(self.screen).shown
        return shown

    @property
    def senders(self) -> list[str]:
        names: list[str] = self.shown["table"]["rows"]["sender_address"]
        return [name.partition("@")[0] for name in names]

    def cell(self, sender: str, column: str) -> Any:
        rows = self.shown["table"]["rows"]
        return rows[column][self.senders.index(sender)]


def test_the_list_is_the_answer_the_hardest_first_in_words_with_marks(weeks):
    seen = Seen(weeks)
    asked = answers.ask(weeks, "readiness").rows
    assert seen.screen.rows.equals(asked)
    assert seen.senders == ["payroll", "alarm", "backup", "scanner", "app"]
    told = {name: seen.cell("alarm", name) for name in ("breaks_text", "rhythm_text", "tls_text")}
    assert told == {
        "breaks_text": "▲ Basic auth, ◆ TLS 1.0/1.1",
        "rhythm_text": "Irregular",
        "tls_text": "TLS 1.0/1.1 100%",
    }
    assert seen.cell("app", "breaks_text") == "✓ Moved"
    assert seen.cell("backup", "tls_text") == "No TLS 100%"
    assert seen.cell("scanner", "breaks_text") == "▲ Basic auth, ◆ TLS 1.0/1.1, ✕ SMTP AUTH blocked"
    assert seen.cell("payroll", "rhythm_text") == "Monthly"
    assert seen.cell("payroll", "next_expected") == "2026-11-30"
    assert seen.cell("alarm", "way_text").startswith("Connector or relay: By its name it is of")
    total = int(asked["message_count"].sum())
    assert seen.screen.status.startswith(f"5 senders at stake, with {total} messages: Sep 7, 2026")
    assert seen.screen.status.endswith("1 have moved.")
    edits = {c["name"]: c["edit"] for c in seen.shown["table"]["columns"] if "edit" in c}
    assert edits == {"owner": "text", "state_text": "choice", "due_date": "day", "note": "text"}
    dutch = Seen(weeks, language="nl")
    assert dutch.cell("app", "breaks_text") == "✓ Overgestapt"
    assert dutch.screen.status.startswith("5 afzenders op het spel") and " als Basic auth" in dutch.screen.status  # fmt: skip


def test_a_switch_off_is_chosen_with_the_numbers_of_readiness(weeks):
    seen = Seen(weeks)
    off = seen.shown["off"]
    assert [each["name"] for each in off["choices"] if each["is_off"]] == ["basic"]
    assert off["on"] == "2026-12-31"
    seen.hear(off=["legacy_tls", "no_tls", "nonsense", 7], on="2026-12-01")
    assert seen.screen.filters.off == ("legacy_tls", "no_tls")
    assert seen.screen.filters.on == dt.date(2026, 12, 1)
    filters = Filters(off=("legacy_tls", "no_tls"), on=dt.date(2026, 12, 1))
    asked = answers.ask(weeks, "switch-off", filters)
    assert seen.screen.stopping.equals(asked.rows)
    assert seen.shown["off"]["statement"] == EN.told(asked.beside["statement"])
    stopping = seen.shown["off"]["senders"]["rows"]
    assert stopping["per_week"] == asked.rows["messages_per_week"].tolist()
    breaks = dict(zip(seen.screen.rows["sender_address"], seen.screen.rows["breaks"], strict=True))
    assert stopping["sender_address"] == [
        name
        for name, codes in breaks.items()
        if {"legacy_tls_refused", "cleartext_refused"} & set(codes)
    ]
    assert sum(seen.shown["off"]["ways"]["rows"]["sender_count"]) == len(asked.rows)
    # Nothing chosen is Basic auth, as for the command; a day that is none changes nothing.
    seen.hear(off=[], on="")
    assert [each["is_off"] for each in seen.shown["off"]["choices"]] == [True, False, False, False]
    seen.hear(off=["basic"], on="soon")
    assert seen.messages[-1] == {"failed": "Choose a day."}


def test_the_burn_down_is_the_answer_with_what_is_ahead_and_the_day_basic_goes(weeks):
    seen = Seen(weeks)
    asked = answers.ask(weeks, "burn-down")
    told = seen.shown["weeks"]
    assert told["statement"] == EN.told(asked.beside["statement"])
    senders, messages = told["charts"]
    rows = [dict(zip(senders["columns"], row, strict=True)) for row in zip(*senders["columns"].values(), strict=True)]  # fmt: skip
    basic = [r["count"] for r in rows if r["part"] == "week" and r["series"] == "basic"]
    assert basic == asked.rows["basic_sender_count"].tolist()
    (left,) = [row for row in rows if row["part"] == "left"]
    (end,) = [row for row in rows if row["part"] == "end"]
    assert (left["period_start"], left["count"]) == ("2026-11-22", 4)
    assert (end["period_start"], end["count"]) == (
        "2026-12-31",
        asked.beside["projected_senders_left"],
    )
    (gone,) = [row for row in rows if row["part"] == "date"]
    assert gone["text"] == "Basic auth goes: Dec 31, 2026"
    assert senders["values"] == {
        "first_day": "2026-09-07", "last_day": "2026-12-31", "shown": ["basic", "legacy_tls"],
    }  # fmt: skip
    counts = messages["columns"]
    legacy = [c for p, s, c in zip(counts["part"], counts["series"], counts["count"], strict=True)
              if p == "week" and s == "legacy_tls"]  # fmt: skip
    assert legacy == asked.rows["legacy_tls_message_count"].tolist()
    assert "left" not in counts["part"] and told["help"] == ""
    assert told["table"]["rows"]["week_start"][0] == "2026-11-16"  # The newest first.
    part = Seen(weeks, Filters(end=dt.date(2026, 11, 18)))
    assert part.shown["weeks"]["help"].startswith("Hollow:")


def test_who_went_quiet_and_who_was_never_seen_stand_below(weeks):
    silent, never = Seen(weeks).screen.below["parts"]
    assert silent["title"] == "Went quiet"
    assert silent["table"]["rows"]["sender_address"] == ["backup@contoso.com"]
    assert silent["table"]["rows"]["quiet_days"] == [14]
    assert silent["table"]["rows"]["last_used"] == ["No TLS, Basic auth"]
    assert never["table"]["rows"]["address"] == ["spare@contoso.com"]
    assert never["table"]["rows"]["allowed_text"] == ["Allowed"]


def test_what_is_written_is_kept_at_once_and_rows_stay_where_they_are(store, load):
    sent(store, load)
    seen = Seen(store)
    before = seen.senders
    assert seen.write("scanner@contoso.com", "owner", " Facilities ") == {
        "kept": "Kept: scanner@contoso.com."
    }
    assert kept.said_of(store)["scanner@contoso.com"].owner == "Facilities"
    assert seen.cell("scanner", "owner") == "Facilities"
    seen.write("alarm@contoso.com", "state_text", "accepted")
    seen.write("alarm@contoso.com", "due_date", "2026-12-15")
    seen.write("alarm@contoso.com", "note", "until the panel is replaced")
    # An accepted sender is no longer the first one, but does not run away from who writes.
    assert seen.senders == before
    assert seen.cell("alarm", "state_text") == "Accepted"
    (said,) = seen.shown["exceptions"]
    assert said.startswith("alarm@contoso.com may stay as it is: Dec 15, 2026, said ")
    assert said.endswith("until the panel is replaced")
    assert [each for each in Seen(store).senders if each != "app"][-1] == "alarm"
    seen.screen.refresh()
    assert seen.senders == Seen(store).senders
    seen.write("scanner@contoso.com", "owner", "")
    assert seen.cell("scanner", "owner") is None
    seen.screen.keep("scanner@contoso.com", state="done", due_date=dt.date(2026, 12, 1))
    assert seen.screen.rows.set_index("sender_address").loc[
        "scanner@contoso.com", ["state", "due_date"]
    ].tolist() == ["done", dt.date(2026, 12, 1)]


def test_what_cannot_be_kept_is_said_at_its_cell_and_changes_nothing(store, load):
    sent(store, load)
    seen = Seen(store, language="nl")
    for field, text, why in (
        ("due_date", "2026-02-31", "2026-02-31"),
        ("state_text", "lost", "Er is geen toestand 'lost'."),
        ("note", "x" * 10_001, "langer dan 10.000 tekens"),
        ("owner", "\ud800", "een half teken"),
    ):
        wrong = seen.write("alarm@contoso.com", field, text)["wrong"]
        assert (wrong["sender"], wrong["column"]) == ("alarm@contoso.com", field)
        assert why in wrong["text"]
    wrong = seen.write("no address", "owner", "x")["wrong"]
    assert "geen afzenderadres" in wrong["text"]
    sent_so_far = len(seen.messages)
    for junk in ({"write": 7}, {"write": {}}, {"write": {"sender": "a@b.example", "field": "way"}},
                 {"off": "basic"}, {"open": "nobody@contoso.com"}, {"open": 3}, {}):  # fmt: skip
        seen.hear(**junk)
    assert len(seen.messages) == sent_so_far and kept.said_of(store) == {}
    with pytest.raises(UsageError, match="There is no state"):
        seen.screen.keep("alarm@contoso.com", state="lost")


def test_controls_are_conditions_and_show_what_a_cell_sets(weeks):
    seen = Seen(weeks)
    assert seen.senders
    control_of(seen.screen, "breaks").value = "breaks = cleartext_refused"
    assert seen.senders == ["backup"]
    assert len(seen.screen.stopping) > 1  # The switch-off is of all senders.
    control_of(seen.screen, "breaks").value = "moved = 1"
    assert seen.senders == ["app"]
    control_of(seen.screen, "state").value = "state = done"
    assert [str(each) for each in seen.screen.filters.where] == ["moved = 1", "state = done"]
    assert seen.shown["empty"]["text"] == "No sender at stake matches these choices."
    assert seen.screen.status.startswith("0 senders at stake, with 0 messages")
    seen.hear(drop="all")
    assert seen.screen.filters.where == () and len(seen.senders) == 5
    assert control_of(seen.screen, "breaks").value == ""
    control_of(seen.screen, "domain").value = "contoso.com"
    control_of(seen.screen, "end").value = dt.date(2026, 10, 1)
    assert seen.screen.filters.domains == ("contoso.com",)
    assert seen.senders[:2] == Seen(weeks, seen.screen.filters).senders[:2]
    seen.screen.filters = sk.filters(where="breaks = switch_blocked")
    assert seen.senders == ["scanner"]
    assert control_of(seen.screen, "breaks").value == "breaks = switch_blocked"
    seen.screen.filters = sk.filters(where="colour = red")
    assert "'colour'" in seen.screen.status and "table" not in seen.shown
    seen.screen.filters = sk.filters(timezone="Europe/Amsterdam")
    assert "days of UTC" in seen.screen.status
    with pytest.raises(UsageError, match="days of UTC"):
        _ = seen.screen.rows


def test_a_row_opens_what_is_known_and_leads_to_the_sender(weeks):
    seen = Seen(weeks)
    assert seen.senders
    seen.hear(open="scanner@contoso.com")
    told = seen.messages[-1]["flyout"]
    titles = {field["name"]: field["title"] for field in told["fields"]}
    assert titles["allowed_text"] == "Mailbox setting"
    assert told["row"]["allowed_text"] == "Blocked" and told["row"]["active_days"] == 55
    seen.hear(sender="scanner@contoso.com")
    seen.hear(sender="alarm@contoso.com")
    (card,) = [part for part in parts_of(seen.screen) if isinstance(part, SenderScreen)]
    assert card.details["title"] == "alarm@contoso.com"


def test_a_store_with_nothing_or_too_little_says_what_it_lacks(tmp_path, store, load):
    none = Seen(open_store(tmp_path / "none.duckdb"))
    assert none.screen.status.startswith("There is no store at") and "off" not in none.shown
    assert "There is no store at" in none.screen._repr_html_()
    load(MAILBOXES + "spare,spare@contoso.com,False\n", period=(END, END))
    settings = Seen(store)
    assert settings.shown["empty"]["text"].startswith("No source of messages is loaded.")
    assert "No source of messages is loaded." in settings.screen._repr_html_()
    load(HEADER + f"{END}T08:00:00Z,new@contoso.com,b@contoso.com,<1@x>,TLS1.2,,OAuth,\n")
    modern = Seen(store)
    assert modern.shown["empty"]["text"].startswith("Nobody used Basic auth")
    load(HEADER + f"{END}T09:00:00Z,dark@contoso.com,b@contoso.com,<2@x>,,,,\n")
    untold = Seen(store, language="nl")
    assert untold.cell("dark", "breaks_text") == "? Verificatie onbekend"
    assert untold.cell("dark", "tls_text") == UNTOLD


def test_hostile_senders_stay_text_on_the_screen_and_on_a_page_without_a_kernel(store, load):
    load(hostile_log())
    said = {"owner": "<script>alert(1)</script>", "note": "\u202e<img src=x onerror=alert(2)>"}
    kept.keep(store, {kept.sender_key(HOSTILE[0]): said})
    seen = Seen(store)
    # As data they stay what they are: the browser writes them as text.
    assert set(HOSTILE) <= set(seen.shown["table"]["rows"]["sender_address"])
    json.dumps(seen.shown)
    html = seen.screen._repr_html_()
    assert "<script>" not in html and "<img" not in html and "\u202e" in html
    assert 'data-code="U+202E"' in html and "onerror=alert(2)&gt;" in html


def test_without_a_kernel_it_is_a_page_of_the_same_with_its_chart(weeks):
    seen = Seen(weeks, Filters(off=("basic", "switch")), "nl")
    html = seen.screen._repr_html_()
    assert html.count("<svg") == 2 and "smtpauth-readiness" in html
    assert seen.screen.status in html
    assert (
        "Uitschakelen op proef</h3>" not in html and "Uitschakelen op proef: Basic auth, De" in html
    )
    assert "Stilgevallen" in html and "backup@contoso.com" in html and "spare@contoso.com" in html
    at_stake = html.partition("De moeilijkste eerst")[2].partition("</table>")[0]
    # Nobody said anything: columns for it would be empty.
    assert (
        "<input" not in html and "Eigenaar" not in at_stake and "Uitweg: <bdi>Connector" in at_stake
    )


def test_in_a_notebook_it_asks_on_another_thread_and_shows_what_is_below_after(weeks):
    async def turning() -> tuple[str, list[str]]:
        screen = sk.readiness(weeks)
        view = view_of(screen)
        await turned_until(lambda: "status" in view.shown)
        await turned_until(lambda: "parts" in view.more)
        return view.shown["status"], [part["name"] for part in view.more["parts"]]

    status, below = asyncio.run(turning())
    assert status.startswith("5 senders at stake") and below == ["went-quiet", "never-seen"]

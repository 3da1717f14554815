"""The Request report panel without a browser: it makes real mail, and says where it is."""

from __future__ import annotations

import datetime as dt
import email
from email import policy

import pytest
from conftest import LOG
from hypothesis import given
from hypothesis import strategies as st
from live import hear

from smtpauth_kit.base.conditions import parse_groups
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.request_panel import RequestPanel, read_request
from smtpauth_kit.words.words import speak

EN = speak("en")
ASKED = Filters(senders=parse_groups("sender_domain = contoso.com"))


@pytest.fixture
def panel(store, load, monkeypatch, tmp_path):
    monkeypatch.setenv("SMTPAUTH_CONFIG", str(tmp_path / "smtpauth.toml"))
    load(LOG)
    made = RequestPanel(store, EN)
    made.told = []
    made.send = made.told.append
    made.show(ASKED)
    return made


def request(panel, **changed):
    hear(panel, {"request": {**panel.shown["draft"], **changed}})
    if panel.making:
        panel.making.result()
    return panel.told[-1]


def test_it_opens_on_the_view_it_is_asked_from(panel):
    shown = panel.shown
    assert (shown["draft"]["start"], shown["draft"]["end"]) == ("2026-11-16", "2026-11-22")
    assert shown["narrowed"] == "senders of whom Sender domain is contoso.com"
    assert shown["can_send"] is False and shown["draft"]["send"] is False


def test_where_nothing_is_set_up_the_mail_is_kept_and_it_is_said_where(panel, store):
    told = request(
        panel, to="jane@contoso.com, Joe Doe <joe@fabrikam.com>", formats=["html", "csv"]
    )
    (kept,) = (store.path.parent / "outbox").glob("*.eml")
    assert told == {
        "done": f"Written for jane@contoso.com, joe@fabrikam.com, not sent: {kept}",
    }  # fmt: skip
    message = email.message_from_bytes(kept.read_bytes(), policy=policy.default)
    attached = {part.get_filename() for part in message.iter_attachments()}
    assert {name.rpartition(".")[2] for name in attached} == {"html", "csv"}
    table = next(p for p in message.iter_attachments() if p.get_filename().endswith(".csv"))
    assert "scanner@contoso.com" in table.get_content()
    assert "app@fabrikam.com" not in table.get_content()


def test_all_senders_of_other_days_can_be_asked_for(panel, store):
    request(panel, to="jane@contoso.com", everything=True, start="2026-11-20", formats=["csv"])
    (kept,) = (store.path.parent / "outbox").glob("*.eml")
    message = email.message_from_bytes(kept.read_bytes(), policy=policy.default)
    (table,) = (part for part in message.iter_attachments())
    assert "app@fabrikam.com" in table.get_content() and "scanner" not in table.get_content()


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"to": ""}, {"to": "Write at least one mail address."}),
        ({"to": "joe"}, {"to": "joe is no mail address. Write it as jane@contoso.com."}),
        ({"to": "a@x.example\r\nBcc: b"}, {"to": "Bcc: b is no mail address. Write it as jane@contoso.com."}),
        ({"to": "a@x.example " * 2}, {"to": "a@x.example a@x.example is no mail address. Write it as jane@contoso.com."}),
        ({"to": "a@x.example," * 51}, {"to": "Write at most 50 mail addresses."}),
        ({"to": "a@x.example", "formats": ["exe"]}, {"formats": "Choose at least one format."}),
        ({"to": "a@x.example", "end": "2026-01-01"}, {"end": "The end date is before the start date."}),
        ({"to": "a@x.example", "start": "soon"}, {"start": "Choose a day."}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_control_and_nothing_is_made(panel, store, changed, errors):
    assert request(panel, **changed) == {"errors": errors, "refused": True}
    assert not (store.path.parent / "outbox").exists()


def test_what_fails_is_said_in_the_panel(panel, store):
    store.path.unlink()
    told = request(panel, to="jane@contoso.com")
    assert "no store at" in told["failed"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["start", "end", "to", "formats", "everything", "send"]), inner),
    )
)  # fmt: skip
def test_whatever_a_browser_sends_is_read_or_refused_in_words(junk):
    asked = read_request(junk, ASKED, EN)
    assert asked.errors or asked.to
    assert all(asked.errors.values())


def test_closing_makes_nothing(panel, store):
    hear(panel, {"close": True})
    assert panel.shown == {} and not (store.path.parent / "outbox").exists()
    assert read_request(None, Filters(start=dt.date(2026, 1, 1)), EN).filters.start is None

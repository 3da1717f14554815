"""Nothing found is an answer: every view, with every choice that may leave nothing."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import pytest
from conftest import LOG
from live import hear, view_of

import smtpauth_kit as sk
from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.views.registry import CHOICES

TRACE = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id\n"
    "2026-11-16T08:00:00Z,SMTP,RECEIVE,EX\\Client Proxy EX,scanner@contoso.com,<1>,1\n"
)
DAYS = (None, (dt.date(2026, 11, 18), dt.date(2026, 11, 18)))
NOBODY = (Clause("message_count", ">", "1000"),)


@pytest.mark.parametrize("view", CHOICES)
def test_a_view_with_nothing_in_it_says_so_and_can_be_asked_on(store, load, view: str) -> None:
    load(LOG)
    load(TRACE)
    screen = sk.report(store, remember=False)
    screen.view = view
    every = itertools.product(
        ((), (NOBODY,)), ("auto", "extended_trace", "server_log"), (True, False), DAYS, ("", "zzz")
    )
    # The views together meet every choice, and each of them every choice but for the source.
    own = itertools.islice(every, CHOICES.index(view), None, len(CHOICES))
    for senders, source, as_table, days, search in own:
        screen.filters, screen.as_table = Filters(senders=senders, source=source), as_table
        screen.days = days
        rows = {"sort": "client_ip_count", "descending": True, "search": search, "offset": 0}
        hear(view_of(screen), {"rows": rows})
        hear(view_of(screen), {"drawn": True})
        screen.senders  # noqa: B018  Waits, also for what comes later.
        told = view_of(screen).shown
        assert "NaN" not in json.dumps(told)
        if not as_table and days is None and not search:
            assert "smtpauth-report" in screen._repr_html_()
        is_nobody = bool(senders) or source == "server_log"
        assert told["empty"] is not None if is_nobody else told["empty"] is None, screen.filters
        if search and told.get("table"):
            assert (told["table"]["total"], told["table"]["rows"]["sender_address"]) == (0, [])
    screen.filters = Filters()
    assert screen.status.startswith("3 messages from 2 accounts")

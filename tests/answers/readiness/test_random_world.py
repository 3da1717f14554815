"""Readiness and burn-down over a world made by chance, counted again message by message."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from typing import Any, NamedTuple

import pytest
from readiness_worlds import DAY, END, HEADER

from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import Store, open_store

START = END - 99 * DAY
TLS = {"none": "None", "1.0": "TLS1.0", "1.1": "TLS1.1", "1.2": "TLS1.2", "unknown": ""}
AUTH = {"basic": "Basic", "oauth": "OAuth", "unknown": ""}


class Message(NamedTuple):
    sender: str
    day: dt.date
    tls: str
    auth: str
    client_ip: str


def messages_by_chance(seed: int) -> list[Message]:
    dice = random.Random(seed)
    found = []
    for number in range(40):
        sender, share = f"s{number:02}@contoso.com", dice.choice([0.02, 0.1, 0.5, 0.9])
        first, last = sorted(dice.choices(range(100), k=2))
        for n in range(first, last + 1):
            if dice.random() < share:
                for _ in range(dice.randint(1, 3)):
                    # What a sender uses changes with its days; every other one moves whole.
                    auth = dice.choices(list(AUTH), [9 if n < 60 else 1, 3 if n < 60 else 9, 1])[0]
                    auth = "oauth" if number % 2 and n >= 60 else auth
                    tls = dice.choices(list(TLS), [1, 4 if n < 50 else 0, 1, 9, 2])[0]
                    tls = "1.2" if number % 2 and n >= 60 else tls
                    ip = f"192.0.2.{dice.randint(1, 5)}"
                    found.append(Message(sender, START + n * DAY, tls, auth, ip))
    return found


@pytest.fixture(scope="module", params=[1, 2])
def world(request, tmp_path_factory) -> tuple[Store, list[Message]]:
    """A store, and the messages in it: in three files, in any order."""
    messages = messages_by_chance(request.param)
    folder = tmp_path_factory.mktemp("world")
    store = open_store(folder / "world.duckdb")
    lines = [
        f"{m.day}T09:00:00Z,{m.sender},,<{n}@w>,{TLS[m.tls]},{m.client_ip},{AUTH[m.auth]},\n"
        for n, m in enumerate(messages)
    ]
    random.Random(request.param).shuffle(lines)
    third = len(lines) // 3
    for part in (lines[2 * third :], lines[:third], lines[third : 2 * third]):
        path = folder / f"{len(part)}{part[0][:10]}.csv"
        path.write_text(HEADER + "".join(part))
        assert loading.load(store, path).files[0].rows_rejected == 0
    return store, messages


def expected(messages: list[Message], start: dt.date, end: dt.date) -> dict[str, dict[str, Any]]:
    by_sender = defaultdict(list)
    for each in messages:
        if start <= each.day <= end:
            by_sender[each.sender].append(each)
    rows = {}
    for sender, own in by_sender.items():

        def count(**fields: str) -> int:
            return sum(all(getattr(m, k) == v for k, v in fields.items()) for m in own)  # noqa: B023

        legacy = count(tls="1.0") + count(tls="1.1")
        if not (count(auth="basic") + count(auth="unknown") + legacy + count(tls="none")):
            continue
        last = max(m.day for m in own)
        to = end if last > end - 30 * DAY else last
        # The 30 days may begin before the range.
        every = [m for m in messages if m.sender == sender and m.day <= end]
        recent = [m for m in every if m.day > to - 30 * DAY]
        legacy_days = [m.day for m in (*own, *recent) if m.tls in ("1.0", "1.1")]
        breaks = [
            code
            for code, is_so in (
                ("basic_off", any(m.auth == "basic" for m in recent)),
                ("legacy_tls_refused", any(m.tls in ("1.0", "1.1") for m in recent)),
                ("cleartext_refused", any(m.tls == "none" for m in recent)),
                ("auth_unknown", any(m.auth == "unknown" for m in recent)),
            )
            if is_so
        ]
        tells_auth, tells_tls = count(auth="unknown") < len(own), count(tls="unknown") < len(own)
        rows[sender] = {
            "message_count": len(own),
            "basic_count": count(auth="basic") if tells_auth else None,
            "oauth_count": count(auth="oauth") if tells_auth else None,
            "unknown_auth_count": count(auth="unknown"),
            "legacy_tls_count": legacy if tells_tls else None,
            "none_tls_count": count(tls="none") if tells_tls else None,
            "first_seen": min(m.day for m in own), "last_seen": last,
            "last_basic": max((m.day for m in (*own, *recent) if m.auth == "basic"), default=None),
            "last_legacy_tls": max(legacy_days, default=None),
            "active_days": len({m.day for m in own}),
            "client_ip_count": len({m.client_ip for m in own}),
            "breaks": breaks, "moved": not breaks,
        }  # fmt: skip
    return rows


@pytest.mark.parametrize("days", [(START, END), (START + 20 * DAY, END - 25 * DAY)])
def test_every_figure_is_the_one_that_counting_gives(world, days):
    store, messages = world
    start, end = days
    told = answers.ask(store, "readiness", Filters(start=start, end=end)).rows.to_dict("records")
    counted = expected(messages, start, end)
    assert {row["sender_address"] for row in told} == set(counted) and len(told) > 20
    for row in told:
        wanted = counted[row["sender_address"]]
        assert {name: row[name] for name in wanted} == wanted, row["sender_address"]
    moved = [row["moved"] for row in told]
    assert any(moved) and moved == sorted(moved)  # Those that moved come last.


def test_every_week_is_the_one_that_counting_gives(world):
    store, messages = world
    weeks = defaultdict(list)
    for each in messages:
        weeks[each.day - each.day.weekday() * DAY].append(each)
    first, last = min(m.day for m in messages), max(m.day for m in messages)
    rows = answers.ask(store, "burn-down").rows.to_dict("records")
    assert [row["week_start"] for row in rows] == sorted(weeks)
    for row in rows:
        own, monday = weeks[row["week_start"]], row["week_start"]
        basic = [m for m in own if m.auth == "basic"]
        legacy = [m for m in own if m.tls in ("1.0", "1.1")]
        assert row == {
            "week_start": monday, "week_end": monday + 6 * DAY,
            "is_complete": first <= monday and monday + 6 * DAY <= last,
            "basic_sender_count": len({m.sender for m in basic}),
            "basic_message_count": len(basic),
            "legacy_tls_sender_count": len({m.sender for m in legacy}),
            "legacy_tls_message_count": len(legacy),
            "sender_count": len({m.sender for m in own}), "message_count": len(own),
        }  # fmt: skip


def test_the_switch_off_adds_up_what_readiness_says(world):
    store, _ = world
    readiness = answers.ask(store, "readiness").rows
    off = answers.ask(store, "switch-off")
    stopping = {
        row["sender_address"]
        for row in readiness.to_dict("records")
        if "basic_off" in row["breaks"]
    }
    certain = off.rows[off.rows["is_certain"]]
    assert set(certain["sender_address"]) == stopping and off.beside["sender_count"] == len(
        stopping
    )
    messages = readiness[readiness["sender_address"].isin(stopping)]["message_count"].sum()
    days = (readiness["last_seen"].max() - readiness["first_seen"].min()).days + 1
    assert off.beside["messages_per_week"] == pytest.approx(7 * messages / days, abs=0.1)
    assert sum(way["sender_count"] for way in off.beside["ways_out"]) == len(off.rows)

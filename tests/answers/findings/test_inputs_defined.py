"""What the rules read, over random small worlds, is what its definition says, reckoned day by day."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.findings.inputs import texts

START = 20_000
"""A Wednesday."""
DAYS = 140

IPS = ("1.1", "1.2", "2.1")
"""Client addresses; the first digit is their network."""

Counts = dict[tuple[str, int], tuple[int, int | None, int | None]]
"""By sender and day: messages, recipients, recipients of the largest message."""

some_days = st.integers(0, DAYS - 1).map(lambda n: START + n)
few = st.integers(1, 9)
counts = st.dictionaries(
    st.tuples(st.sampled_from("abc"), some_days),
    st.tuples(
        st.one_of(few, st.integers(1, 400)),
        st.one_of(st.none(), few, st.integers(1, 400)),
        st.one_of(st.none(), few),
    ),
    min_size=1,
    max_size=90,
)
uncovered = st.sets(some_days, max_size=20)


def rows_of(relation: str, **tables: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return a relation's rows over tables: each its rows, with its columns' names first."""
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        for name, rows in tables.items():
            columns, *values = rows
            kinds = ", ".join(str(each) for each in columns)
            con.execute(f"create table {name} ({kinds})")
            if values:
                row = f"({', '.join('?' * len(columns))})"
                con.execute(
                    f"insert into {name} values {', '.join([row] * len(values))}",
                    [cell for each in values for cell in each],
                )
        known = {name: text for name, text in texts().items() if name not in tables}
        found = con.execute(complete(texts()[relation], known))
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def weekday(day: int) -> int:
    return (day + 3) % 7


def sender_days(told: Counts) -> list[tuple[Any, ...]]:
    columns = (
        "tenant text", "sender_key text", "day date", "day_number int", "weekday int",
        "message_count bigint", "recipient_count bigint", "largest_recipient_count int",
        "first_at timestamp", "last_at timestamp", "is_day boolean",
    )  # fmt: skip
    return [
        columns,
        *(("", s, None, d, weekday(d), *n, None, None, True) for (s, d), n in told.items()),
    ]


def spans(told: Counts) -> dict[str, tuple[int, int]]:
    days = defaultdict(list)
    for sender, day in told:
        days[sender].append(day)
    return {sender: (min(own), max(own)) for sender, own in days.items()}


def senders(told: Counts) -> list[tuple[Any, ...]]:
    columns = ("tenant text", "sender_key text", "first_day int", "last_day int")
    return [columns, *(("", s, *ends) for s, ends in spans(told).items())]


def covered_days(days: Iterable[int]) -> list[tuple[Any, ...]]:
    columns = ("tenant text", "day_number int", "weekday int")
    return [columns, *(("", day, weekday(day)) for day in sorted(days))]


def covered(told: Counts, missing: set[int]) -> set[int]:
    """Return all days but some, of those on which nobody sent."""
    return ({START + n for n in range(DAYS)} - missing) | {day for _, day in told}


def usual(told: Counts, days: set[int]) -> dict[tuple[str, int], tuple[int, int, float]]:
    """Return of each sender and weekday: covered and active days, the mean without the top tenth."""
    found = {}
    for sender, (first, last) in spans(told).items():
        for of in range(7):
            own = [d for d in days if first <= d <= last and weekday(d) == of]
            active = sorted(
                (n[0] for (s, d), n in told.items() if s == sender and weekday(d) == of),
                reverse=True,
            )
            if own:
                dropped = math.ceil(len(own) / 10)
                left = len(own) - dropped
                mean = sum(active[dropped:]) / left if left > 0 else 0.0
                found[sender, of] = (len(own), len(active), mean)
    return found


@settings(max_examples=25, deadline=None)
@given(counts, uncovered)
def test_what_is_usual_on_a_weekday_leaves_out_the_top_tenth(told: Counts, missing: set[int]):
    days = covered(told, missing)
    rows = rows_of(
        "sender_weekdays", sender_days=sender_days(told), senders=senders(told),
        covered_days=covered_days(days),
    )  # fmt: skip
    found = {
        (r["sender_key"], r["weekday"]): (r["covered"], r["active_days"], r["mean_count"])
        for r in rows
    }
    assert found == usual(told, days)


@settings(max_examples=25, deadline=None)
@given(counts)
def test_every_day_beyond_the_senders_other_days_is_judged_by_them(told: Counts):
    names = {sender for sender, _ in told}
    kinds = ("tenant text", "sender_key text", "active_share double", "has_weekends boolean")
    means = ("tenant text", "sender_key text", "weekday int", "mean_count double")
    rows = rows_of(
        "judged_days", sender_days=sender_days(told),
        sender_kinds=[kinds, *(("", name, 0.5, True) for name in names)],
        sender_weekdays=[means, *(("", name, n, 1.0) for name in names for n in range(7))],
        tenant_days=[("tenant text", "day_number int", "has_weekends boolean", "factor double")],
    )  # fmt: skip
    found = {
        (r["sender_key"], r["day_number"]): (
            r["message_record"], r["recipient_record"], r["largest_recipient_record"],
            r["other_days"],
        )
        for r in rows
    }  # fmt: skip
    for (sender, day), (messages, recipients, _) in told.items():
        far = [n for (s, d), n in told.items() if s == sender and abs(d - day) > 3]
        records = tuple(max((n[place] or 0 for n in far), default=0) for place in range(3))
        if (sender, day) in found:
            assert found.pop((sender, day)) == (*records, len(far))
        else:
            assert messages <= 1.5 * records[0] and (recipients or 0) <= 1.5 * records[1]
    assert not found


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 11), some_days, st.integers(1, 30)), min_size=150, max_size=250,
        unique_by=lambda each: each[:2],
    ),
    uncovered,
)  # fmt: skip
def test_the_factor_of_a_day_is_what_everyone_sent_by_what_is_usual(
    sent: list[tuple[int, int, int]], missing: set[int]
):
    told: Counts = {(f"s{n:02}", day): (count, None, None) for n, day, count in sent}
    days, ends = covered(told, missing), spans(told)
    means = usual(told, days)
    regular = {sender: sender < "s06" for sender in ends}  # Half of them work at weekends.
    kinds = (
        "tenant text", "sender_key text", "has_weekends boolean", "active_share double",
        "active_days bigint",
    )  # fmt: skip
    rows = rows_of(
        "tenant_days", sender_days=sender_days(told), senders=senders(told),
        covered_days=covered_days(days),
        sender_kinds=[kinds, *(("", s, works, 0.5, 20) for s, works in regular.items())],
    )  # fmt: skip
    expected = {}
    for day in days:
        for works in (True, False):
            own = [
                (means[s, weekday(day)][2], told.get((s, day), (0,))[0])
                for s, (first, last) in ends.items()
                if regular[s] == works and first <= day <= last
            ]
            own = [(mean, n) for mean, n in own if mean >= 0.5]
            factor = 1.0
            if len(own) >= 10:
                weight = sum(math.sqrt(mean) for mean, _ in own)
                factor = sum(math.sqrt(mean) * min(n / mean, 3) for mean, n in own) / weight
            expected[day, works] = pytest.approx(max(factor, 0.05))
    assert {(r["day_number"], r["has_weekends"]): r["factor"] for r in rows} == expected


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), some_days, st.sampled_from(IPS),
            st.sampled_from(["message", "success", "failure"]),
        ),
        min_size=1,
        max_size=60,
        unique=True,
    )
)  # fmt: skip
def test_a_day_on_two_addresses_of_a_network_is_one_day_of_use(
    places: list[tuple[str, int, str, str]],
):
    at = "2026-11-16 09:00:00"
    tried = [
        ("log", "", False, *(dt.date(1970, 1, 1) + dt.timedelta(days=day),) * 2, account, ip, "",
         "", "", how, "", 1, at, at)
        for account, day, ip, how in places if how != "message"
    ]  # fmt: skip
    sent = [
        ("log", "", False, *(dt.date(1970, 1, 1) + dt.timedelta(days=day),) * 2, "from", account,
         ip, 1, 0, 0, 0, 0, None, None, at, at)
        for account, day, ip, how in places if how == "message"
    ]  # fmt: skip
    rows = rows_of(
        "account_networks", attempt_days=[ATTEMPTS, *tried], place_days=[PLACES, *sent],
        networks=[("client_ip text", "network text"), *((ip, ip[0]) for ip in IPS)],
        address_countries=[("client_ip text", "country text")],
        known_sign_in_errors=[("code text", "kind text")],
    )  # fmt: skip
    days = defaultdict(set)
    for account, day, ip, how in places:
        days[account, ip[0]] |= {day} if how != "failure" else set()
    assert {(r["account_key"], r["network"]): r["used_days"] for r in rows} == {
        key: len(own) for key, own in days.items()
    }
    for row in rows:
        others = [len(own) for (a, n), own in days.items()
                  if n == row["network"] and a != row["account_key"]]  # fmt: skip
        assert row["other_users"] == sum(n >= 1 for n in others)
        assert row["other_residents"] == sum(n >= 3 for n in others)
        own = days[row["account_key"], row["network"]]
        assert (row["first_day"], row["last_day"]) == (
            min(own, default=None),
            max(own, default=None),
        )


ATTEMPTS = (
    "source text", "tenant text", "ahead_of_clock boolean", "period_start date",
    "period_end date", "account_key text", "client_ip text", "country text", "network text",
    "user_agent text", "result text", "error_code text", "attempt_count bigint",
    "first_at timestamp", "last_at timestamp",
)  # fmt: skip
PLACES = (
    "source text", "tenant text", "ahead_of_clock boolean", "period_start date",
    "period_end date", "sender_key text", "account_key text", "client_ip text",
    "message_count bigint", "weak_tls_count bigint", "strong_tls_count bigint",
    "basic_count bigint", "oauth_count bigint", "recipient_count bigint",
    "largest_recipient_count int", "first_sent_at timestamp", "last_sent_at timestamp",
)  # fmt: skip

"""The charts below a view's own: their SQL comes to what every count of a scope adds up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from hostile import hostile_log

from smtpauth_kit.answers import settle_scope
from smtpauth_kit.answers.daily import daily
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.answers.volume import TOP
from smtpauth_kit.conditions import parse_groups
from smtpauth_kit.loading import LoadResult
from smtpauth_kit.schema import Filters
from smtpauth_kit.store import Store

Load = Callable[..., LoadResult]

SELECTIONS = (
    Filters(),
    Filters(domains=("evil.example",)),
    Filters(domains=("contoso.com", "fabrikam.example"), start=dt.date(2026, 11, 18)),
    Filters(senders=parse_groups("tls_1_2_count > 2")),
    Filters(domains=("nobody.example",)),
)
ASKED = {
    "volume-by-sender": ("sender_address", TOP),
    "volume-by-domain": ("sender_domain", TOP),
    "tls-by-day": (["period_start", "period_end", "tls_version"], None),
    "auth-by-day": (["period_start", "period_end", "auth_protocol"], None),
}


def added_up(counts: pd.DataFrame, name: str) -> list[list[object]]:
    """Add up every count of a scope in plain pandas: what the SQL of a chart must come to."""
    keys, top = ASKED[name]
    sums = counts.groupby(keys, sort=True)["message_count"].sum().reset_index()
    if top is None:
        return sums.values.tolist()
    ranked = sums.sort_values("message_count", ascending=False, kind="stable").values.tolist()
    rest = [count for _, count in ranked[top:]]
    return ranked[:top] + ([[None, sum(rest)]] if rest else [])


@pytest.mark.parametrize("filters", SELECTIONS)
@pytest.mark.parametrize("name", ASKED)
def test_a_chart_is_the_sum_of_every_count(
    store: Store, load: Load, name: str, filters: Filters
) -> None:
    load(hostile_log())
    scope = settle_scope(store, filters)
    rows = QUESTIONS[name](store, scope).drop(
        columns=["sender_count", "domain_count", "share"], errors="ignore"
    )
    assert rows.values.tolist() == added_up(daily(store, scope), name)


@pytest.mark.parametrize("filters", SELECTIONS)
def test_each_sender_counts_for_every_tls_version_that_it_used(
    store: Store, load: Load, filters: Filters
) -> None:
    load(hostile_log())
    scope = settle_scope(store, filters)
    rows = QUESTIONS["senders-by-tls"](store, scope)
    used = daily(store, scope).groupby("tls_version")["sender_address"].nunique().to_dict()
    assert {v: n for v, n, _ in rows.values.tolist() if n} == used


def test_periods_and_more_senders_than_have_a_name(store: Store, load: Load) -> None:
    head = "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\n"
    rows = "".join(f"s{n:02}@d{n % 13}.example,{n % 2 * 50},0,50,{n % 4 + 2}\n" for n in range(40))
    load(head + rows, period=(dt.date(2026, 11, 16), dt.date(2026, 11, 22)))
    scope = settle_scope(store, Filters())
    counts = daily(store, scope)
    for name in ASKED:
        rows = QUESTIONS[name](store, scope)
        plain = rows.drop(columns=["sender_count", "domain_count", "share"], errors="ignore")
        assert plain.values.tolist() == added_up(counts, name), name
    ranked = QUESTIONS["volume-by-sender"](store, scope)
    assert ranked["sender_count"].tolist() == [1] * 10 + [30]

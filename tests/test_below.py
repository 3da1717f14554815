"""The charts below a view's own: added up from a report's counts, they are the store's answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hostile import hostile_log
from pandas.testing import assert_frame_equal

from smtpauth_kit import answers, below
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
    "volume-by-sender": answers.volume_by_sender,
    "volume-by-domain": answers.volume_by_domain,
    "senders-by-tls": answers.senders_by_tls,
    "tls-by-day": answers.tls_by_day,
    "auth-by-day": answers.auth_by_day,
}


@pytest.mark.parametrize("filters", SELECTIONS)
@pytest.mark.parametrize("name", below.DRAWN_BY)
def test_added_up_is_what_the_store_answers(
    store: Store, load: Load, name: str, filters: Filters
) -> None:
    load(hostile_log())
    scope = answers.scope(store, filters)
    asked = ASKED[name](store, scope)
    found = below.added_up(name, answers.daily(store, scope), answers.senders(store, scope))
    assert_frame_equal(found, asked, check_dtype=False)


def test_periods_and_more_senders_than_have_a_name(store: Store, load: Load) -> None:
    head = "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\n"
    rows = "".join(f"s{n:02}@d{n % 13}.example,{n % 2 * 50},0,50,{n % 4 + 2}\n" for n in range(40))
    load(head + rows, period=(dt.date(2026, 11, 16), dt.date(2026, 11, 22)))
    scope = answers.scope(store, Filters())
    daily, senders = answers.daily(store, scope), answers.senders(store, scope)
    for name, ask in ASKED.items():
        found = below.added_up(name, daily, senders)
        assert_frame_equal(found, ask(store, scope), check_dtype=False, obj=name)
        assert len(found)
    assert below.added_up("volume-by-sender", daily, senders)["sender_count"].tolist() == [
        1
    ] * 10 + [30]

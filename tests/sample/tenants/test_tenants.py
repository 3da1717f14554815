"""Made-up tenants: the same for a seed, loaded whole, and every label stands in the data."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import duckdb
import numpy as np
import pytest

from smtpauth_kit.loading import loading
from smtpauth_kit.sample.tenants import TenantShape, make_tenant, read_labels, write_tenant
from smtpauth_kit.sample.tenants.into_store import write_store
from smtpauth_kit.sample.tenants.shape import KINDS, STRENGTHS
from smtpauth_kit.sample.tenants.tables import MESSAGES, SIGN_INS, frames
from smtpauth_kit.store.store import open_store

SHAPE = TenantShape(seed=5, senders=600, days=120, events=1)
RULES = {
    "volume_spike", "slow_ramp", "recipient_burst", "new_recipient_domains", "near_limits",
    "unusual_hours", "new_sender", "dormant_sender", "silent_sender", "failing_sender",
    "tls_downgrade", "basic_after_oauth", "new_client_ip", "send_as", "blocked_but_sending",
    "new_country", "far_countries", "password_spray", "brute_force", "success_after_failures",
    "legacy_user_agent",
}  # fmt: skip


@pytest.fixture(scope="module")
def tenant():
    return make_tenant(SHAPE)


@pytest.fixture(scope="module")
def facts(tenant):
    """A connection with `messages` and `sign_ins` of the tenant, addresses in lower case."""
    with duckdb.connect() as con:
        with frames(tenant, con):
            con.execute(
                "create table messages as select * replace (lower(sender_address) as"
                f" sender_address), sent_at::date as day from ({MESSAGES})"
            )
            con.execute(f"create table sign_ins as select * from ({SIGN_INS})")
        yield con


def events(tenant, rule):
    found = [e for e in tenant.labels.events if e.rule == rule and e.demanded]
    assert found
    return found


def one(facts, sql, **values):
    return facts.execute(sql, values).fetchone()[0]


def test_a_seed_makes_the_same_tenant_again_and_another_seed_another(tenant):
    again, other = make_tenant(SHAPE), make_tenant(TenantShape(seed=6, senders=600, events=1))
    assert all(np.array_equal(v, again.mail.__dict__[n]) for n, v in tenant.mail.__dict__.items())
    for name, values in tenant.attempts.__dict__.items():
        assert np.array_equal(values, again.attempts.__dict__[name])
    assert tenant.texts == again.texts and tenant.labels == again.labels
    assert not np.array_equal(tenant.mail.at, other.mail.at)


def test_every_rule_has_events_of_each_strength(tenant):
    planted = {(e.rule, e.strength) for e in tenant.labels.events if e.demanded}
    assert planted == {(rule, strength) for rule in RULES for strength in STRENGTHS}
    assert all(e.rule == e.rules[0] and set(e.rules) <= RULES for e in tenant.labels.events)


def test_every_kind_of_sender_is_there_and_most_kinds_have_events():
    large = make_tenant(TenantShape(seed=2, senders=2_000))
    assert set(large.labels.sender_kinds.values()) == set(KINDS)
    kinds = Counter(e.kind for e in large.labels.events if e.demanded)
    assert set(KINDS) - {"seldom", "job", "broadcaster"} < set(kinds)
    assert 1_000_000 < large.mail.size < 1_700_000 and 150_000 < large.attempts.size < 300_000


def test_no_event_lies_outside_the_days(tenant):
    first = dt.datetime.combine(SHAPE.first_day, dt.time())
    after = dt.datetime.combine(SHAPE.last_day, dt.time()) + dt.timedelta(days=1)
    for event in tenant.labels.events:
        assert first <= event.first_seen <= event.last_seen < after, event
    for rows in (tenant.mail, tenant.attempts):
        assert rows.at.min() >= 0 and rows.at.max() < SHAPE.days * 86_400
        assert (np.diff(rows.at) >= 0).all()


def test_subjects_of_events_stand_in_the_data(tenant, facts):
    known = {
        row[0] for row in facts.execute("select distinct sender_address from messages").fetchall()
    }
    known |= {row[0] for row in facts.execute("select distinct account from sign_ins").fetchall()}
    known |= {row[0] for row in facts.execute("select distinct client_ip from sign_ins").fetchall()}
    for event in tenant.labels.events:
        assert set(event.subjects) <= known, event


def test_a_spike_is_more_than_twice_any_other_day(tenant, facts):
    for event in events(tenant, "volume_spike"):
        per_day = dict(
            facts.execute(
                "select day, count(*) from messages where account = $who group by all",
                {"who": event.subjects[0]},
            ).fetchall()
        )
        own = sum(per_day.pop(day, 0) for day in {event.first_seen.date(), event.last_seen.date()})
        assert own > 2 * max(per_day.values()), event


def test_a_silence_has_no_message_and_there_was_one_before(tenant, facts):
    for event in tenant.labels.events:
        if event.rule == "silent_sender":
            who, span = event.subjects[0], (event.first_seen, event.last_seen)
            sent = "select count(*) from messages where sender_address = $who and sent_at"
            hours = dt.timedelta(hours=9)  # a local day begins earlier or later than one of UTC
            assert one(facts, f"{sent} between $first and $last", who=who, first=span[0] + hours,
                       last=span[1] - hours) == 0, event  # fmt: skip
            assert one(facts, f"{sent} < $first", who=who, first=span[0] + hours) > 0, event


def test_a_dormant_sender_wakes_after_weeks(tenant, facts):
    for event in events(tenant, "dormant_sender"):
        before = one(
            facts, "select max(sent_at) from messages where sender_address = $who and sent_at < $at",
            who=event.subjects[0], at=event.first_seen,
        )  # fmt: skip
        assert event.first_seen - before >= dt.timedelta(days=35), event


def test_a_new_sender_was_never_seen_before(tenant, facts):
    for event in events(tenant, "new_sender"):
        first = "select min(sent_at) from messages where sender_address = $who"
        # Signing in comes some seconds before.
        late = one(facts, first, who=event.subjects[0]) - event.first_seen
        assert dt.timedelta(0) <= late < dt.timedelta(minutes=1)


def test_a_burst_has_more_than_twice_the_recipients_of_any_other_day(tenant, facts):
    for event in events(tenant, "recipient_burst"):
        days = facts.execute(
            "select day, sum(recipient_count), max(recipient_count) from messages"
            " where sender_address = $who group by all", {"who": event.subjects[0]}
        ).fetchall()  # fmt: skip
        own = [d for d in days if d[0] == event.first_seen.date()]
        others = [d for d in days if d[0] != event.first_seen.date()]
        assert own[0][1] > 2 * max(d[1] for d in others), event
        assert own[0][2] > 1.5 * max(d[2] for d in others), event


def test_limits_are_neared_by_events_only(tenant, facts):
    about = {(e.subjects[0], e.first_seen.date()) for e in tenant.labels.events
             if {"near_limits", "volume_spike"} & set(e.rules)}  # fmt: skip
    reached = facts.execute(
        "select account, day from messages group by account, day, date_trunc('minute', sent_at)"
        " having count(*) >= 28 union"
        " select account, day from messages group by all having sum(recipient_count) >= 9000"
    ).fetchall()
    assert set(reached) <= about
    for event in events(tenant, "near_limits"):
        assert (event.subjects[0], event.first_seen.date()) in reached, event


def test_unusual_hours_are_hours_that_the_sender_hardly_knows(tenant, facts):
    for event in events(tenant, "unusual_hours"):
        spread = "select count(*) from messages where sender_address = $who and hour(sent_at) between $low and $high"
        low, high = event.first_seen.hour, event.last_seen.hour
        within = f"{spread} and not sent_at between $first and $last"
        if low <= high:
            assert one(facts, within, who=event.subjects[0], low=low, high=high,
                       first=event.first_seen, last=event.last_seen) <= 2, event  # fmt: skip


def test_an_older_version_comes_after_newer_ones_only(tenant, facts):
    old = "tls_version in ('none', '1.0', '1.1')"
    for rule, bad in (("tls_downgrade", old), ("basic_after_oauth", "auth_protocol = 'basic'")):
        for event in events(tenant, rule):
            count = (
                f"select count(*) from messages where sender_address = $who and {bad} and sent_at"
            )
            assert one(facts, f"{count} >= $at", who=event.subjects[0], at=event.first_seen) >= 3
            assert one(facts, f"{count} < $at", who=event.subjects[0], at=event.first_seen) == 0


def test_a_new_network_is_nobody_elses(tenant, facts):
    for event in events(tenant, "new_client_ip"):
        addresses = facts.execute(
            "select distinct client_ip, asn, country from sign_ins where account = $who"
            " and signed_in_at between $first - interval 1 minute and $last",
            {"who": event.subjects[0], "first": event.first_seen, "last": event.last_seen},
        ).fetchall()
        alone = [
            asn
            for _, asn, _ in addresses
            if one(facts, "select count(distinct account) from sign_ins where asn = $asn", asn=asn)
            == 1
        ]
        assert alone, event


def test_a_borrowed_name_is_used_by_its_borrower_only(tenant, facts):
    for event in events(tenant, "send_as"):
        account, name = event.subjects
        borrowed = (
            "select count(*) from messages where account = $account and sender_address = $name"
        )
        assert one(facts, borrowed, account=account, name=name) > 0
        assert (
            one(
                facts,
                "select count(distinct account) from messages where sender_address = $name",
                name=name,
            )
            == 1
        )


def test_blocked_accounts_that_send_after_the_settings_are_the_planted_ones(tenant, facts):
    blocked = {
        a for a, off in tenant.settings.items() if off or (off is None and tenant.tenant_blocks)
    }
    after = SHAPE.settings_day + dt.timedelta(days=1)
    senders = facts.execute(
        "select distinct account from messages where sent_at >= $after", {"after": after}
    ).fetchall()
    planted = {event.subjects[0] for event in events(tenant, "blocked_but_sending")}
    assert {who for (who,) in senders} & blocked == planted


def test_no_journey_of_everyday_life_is_faster_than_a_plane(tenant, facts):
    planted = {s for e in tenant.labels.events for s in e.subjects}
    leaps = facts.execute(
        "with place as (select distinct client_ip, country from sign_ins),"
        " seen as (select account, country, signed_in_at from sign_ins where code = 0 union all"
        " select account, country, sent_at from messages join place using (client_ip)), moved as"
        " (select *, lag(country) over w as before, lag(signed_in_at) over w as left_at from seen"
        " window w as (partition by account order by signed_in_at)) select account, before, country,"
        " signed_in_at - left_at from moved where before <> country"
        " and signed_in_at - left_at < interval 6 hours"
    ).fetchall()
    near = {"NL", "DE", "BE", "LU", "CH", "FR"}
    tunnelled = {who for who, a, b, _ in leaps if "US" in (a, b)}  # a VPN they use all the time
    far = [
        row for row in leaps if not {row[1], row[2]} <= near and row[0] not in planted | tunnelled
    ]
    assert far == []
    assert {e.subjects[0] for e in events(tenant, "far_countries")} <= {row[0] for row in leaps}


def test_a_spray_fails_at_many_accounts_and_never_succeeds_but_where_it_is_told(tenant, facts):
    inside = {s for e in events(tenant, "success_after_failures") for s in e.subjects}
    for event in events(tenant, "password_spray"):
        for address in event.subjects:
            assert one(facts, "select count(distinct account) from sign_ins where client_ip = $ip"
                       " and code <> 0", ip=address) >= 5  # fmt: skip
            if address not in inside:
                assert one(facts, "select count(*) from sign_ins where client_ip = $ip and code = 0",
                           ip=address) == 0  # fmt: skip


def test_a_guessed_password_follows_failures_from_where_the_account_never_was(tenant, facts):
    for event in events(tenant, "success_after_failures"):
        if not event.incident:
            account, address = event.subjects
            tries = facts.execute(
                "select code from sign_ins where account = $who and client_ip = $ip order by n",
                {"who": account, "ip": address},
            ).fetchall()
            codes = [code for (code,) in tries]
            assert 0 not in codes[:6] and 0 in codes, event


def test_the_exports_load_whole_and_are_what_is_written_straight_into_a_store(tmp_path):
    shape = TenantShape(seed=4, senders=150, days=100, events=1)
    made = make_tenant(shape)
    loaded = open_store(tmp_path / "loaded.duckdb")
    for path, period in write_tenant(made, tmp_path / "exports"):
        (file,) = loading.load(loaded, path, period=period).files
        assert (file.status, file.rows_read) == ("loaded", file.rows_loaded), file
    labels = write_store(tmp_path / "straight.duckdb", shape)
    assert labels == made.labels == read_labels(tmp_path / "exports" / "labels.json")
    straight = open_store(tmp_path / "straight.duckdb")
    for query in (
        "select * exclude (file_id) from submissions order by all",
        "select * exclude (file_id) from sign_ins order by all",
        "select * exclude (file_id) from mailbox_settings order by all",
        "select * from daily_by_sender order by all",
        "select * from daily_by_domain order by all",
        "select file_id, format, source, rows_loaded, message_count, period_start, period_end from source_files order by all",
    ):
        one_way, other = loaded.sql(query), straight.sql(query)
        assert len(one_way) and one_way.equals(other), query


def test_a_parquet_log_is_the_same_log(tmp_path):
    made = make_tenant(TenantShape(seed=4, senders=60, days=70, events=0))
    first, *_ = write_tenant(made, tmp_path / "csv")
    second, *_ = write_tenant(made, tmp_path / "parquet", parquet=True)
    counts = [
        loading.load(open_store(tmp_path / f"{n}.duckdb"), file.path).message_count
        for n, file in enumerate((first, second))
    ]
    assert counts == [made.mail.size] * 2


def test_parts_of_a_large_tenant_share_no_sender_and_no_network():
    parts = [make_tenant(p) for p in TenantShape(seed=3, senders=300, days=70, events=0).parts(150)]
    kinds = [set(part.labels.sender_kinds) for part in parts]
    networks = [set((part.mail.client_ip >> 16).tolist()) for part in parts]
    assert not kinds[0] & kinds[1] and not networks[0] & networks[1]

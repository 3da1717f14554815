"""What findings are worth: small worlds worked out by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from smtpauth_kit.sample.tenants.baselines import (
    BASELINES,
    Volumes,
    fixed_threshold,
    volumes_of,
    z_score,
)
from smtpauth_kit.sample.tenants.labels import Event, Labels
from smtpauth_kit.sample.tenants.scoring import score

A, B, C = "a@contoso.com", "b@contoso.com", "c@contoso.com"
KINDS = {A: "device", B: "device", C: "person"}


def event(rule, subject, first, last=None, *, also=(), strength="weak", demanded=True):
    start = dt.datetime.fromisoformat(first)
    end = dt.datetime.fromisoformat(last or first)
    return Event(f"{rule} {subject}", rule, (rule, *also), (subject,), start, end, strength,
                 KINDS.get(subject, "address"), demanded)  # fmt: skip


def row(rule, subject, first, last=None, severity="medium", kind="sender"):
    return {"rule": rule, "subject": subject, "subject_kind": kind, "severity": severity,
            "first_seen": first, "last_seen": last or first}  # fmt: skip


def labels(*events, days=100):
    return Labels(events, KINDS, days, 1)


SPIKE = event("volume_spike", A, "2026-11-10T08:00", "2026-11-10T17:00", also=("near_limits",))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (row("volume_spike", A, "2026-11-10T08:00:00"), True),
        (row("near_limits", A.upper(), "2026-11-10T12:00:00Z"), True),
        (row("volume_spike", A, "2026-11-11T16:59:00"), True),
        (row("volume_spike", A, "2026-11-11T17:01:00"), False),
        (row("volume_spike", A, "2026-11-09"), True),
        (row("volume_spike", A, dt.date(2026, 11, 8)), False),
        (row("volume_spike", A, "2026-10-01", "2026-12-01"), True),
        (row("volume_spike", B, "2026-11-10T08:00:00"), False),
        (row("send_as", A, "2026-11-10T08:00:00"), False),
    ],
)
def test_a_finding_tells_an_event_of_its_rule_and_subject_within_a_day(found, told):
    worth = score([found], labels(SPIKE))
    assert (worth.recall, worth.precision) == ((1.0, 1.0) if told else (0.0, 0.0))
    assert len(worth.false_alarms) == (not told)


def test_recall_is_by_rule_and_strength_and_of_the_own_rule():
    strong = event("volume_spike", B, "2026-11-12T08:00", strength="strong")
    worth = score(
        [row("near_limits", A, "2026-11-10T09:00:00", severity="low")], labels(SPIKE, strong)
    )
    assert [(r.rule, r.strength, r.planted, r.told, r.told_by_own) for r in worth.recalls] == [
        ("volume_spike", "weak", 1, 1, 0),
        ("volume_spike", "strong", 1, 0, 0),
    ]
    assert worth.recall == 0.5 and worth.missed == (strong,)


def test_precision_counts_an_event_once_and_every_false_alarm():
    found = [
        row("volume_spike", A, "2026-11-10T08:00:00", severity="high"),
        row("near_limits", A, "2026-11-10T08:00:00", severity="high"),
        row("volume_spike", B, "2026-11-10T08:00:00"),
        row("send_as", C, "2026-11-10T08:00:00"),
        row("new_sender", C, "2026-11-10T08:00:00", severity="low"),
    ]
    worth = score(found, labels(SPIKE))
    assert worth.precision == 1 / 3
    assert worth.findings_per_event == 2
    assert worth.by_rule == {"near_limits": (1, 0), "send_as": (0, 1), "volume_spike": (1, 1)}
    assert worth.first_rows_true == (True, True, False, False, False)


def test_false_alarms_are_per_thousand_sender_days_of_their_kind():
    found = [
        row("volume_spike", B, "2026-11-10"),
        row("password_spray", "240.0.0.1", "2026-11-10", kind="client_ip"),
        row("brute_force", "info@contoso.com", "2026-11-10", kind="account"),
    ]
    worth = score(found, labels())
    assert worth.false_per_1000 == 1000 * 3 / 300
    assert worth.false_by_kind == {
        "client_ip": (1, None), "device": (1, 5.0), "no sender": (1, None), "person": (0, 0.0),
    }  # fmt: skip
    assert (worth.recall, worth.precision) == (None, 0.0)


def test_what_is_true_but_not_demanded_is_neither_right_nor_wrong():
    quiet = event("silent_sender", B, "2026-10-01T00:00", "2026-11-01T00:00", demanded=False)
    worth = score([row("silent_sender", B, "2026-10-05")], labels(SPIKE, quiet))
    assert (worth.recall, worth.precision, worth.false_alarms) == (0.0, None, ())
    assert worth.first_rows_true == (True,)


def test_an_alarm_beside_an_event_is_false_and_marked():
    worth = score([row("send_as", A, "2026-11-10"), row("send_as", B, "2026-11-10")], labels(SPIKE))
    assert [(told.row["subject"], told.beside) for told in worth.false_alarms] == [
        (A, SPIKE.event_id),
        (B, ""),
    ]


def test_the_delay_is_from_the_beginning_of_an_event_to_the_first_finding_of_it():
    ramp = event("slow_ramp", A, "2026-10-01T10:00", "2026-11-20T10:00")
    found = [row("slow_ramp", A, "2026-10-20", "2026-11-20"), row("slow_ramp", A, "2026-10-15")]
    assert score(found, labels(ramp)).delay_days == 14
    assert score([row("slow_ramp", A, "2026-09-30")], labels(ramp)).delay_days == 0


def test_an_address_is_a_subject_as_well():
    spray = Event("s", "password_spray", ("password_spray",), ("240.0.0.1", "240.0.0.2"),
                  SPIKE.first_seen, SPIKE.last_seen, "weak", "address")  # fmt: skip
    found = [row("password_spray", "240.0.0.2", "2026-11-10", severity="high", kind="client_ip")]
    assert score(found, labels(spray)).precision == 1.0


def test_nothing_found_and_nothing_planted_is_no_figure():
    worth = score([], labels())
    assert (worth.recall, worth.precision, worth.findings_per_event, worth.delay_days) == (
        None,
    ) * 4
    assert worth.false_per_1000 == 0


def volumes(counts):
    frame = pd.DataFrame(
        [(A, dt.date(2026, 11, 1) + dt.timedelta(days=n), c) for n, c in enumerate(counts)],
        columns=["sender_address", "period_start", "message_count"],
    )
    return volumes_of(frame, Labels((), {A: "device"}, len(counts), 1))


def spans(rows):
    return [(r["subject"], r["first_seen"], r["last_seen"], r["measured"]) for r in rows]


def test_the_fixed_threshold_joins_the_days_of_a_run():
    assert spans(fixed_threshold(volumes([201, 200, 300, 250, 1, 400]))) == [
        (A, "2026-11-06", "2026-11-06", 400),
        (A, "2026-11-03", "2026-11-04", 300),
        (A, "2026-11-01", "2026-11-01", 201),
    ]


def test_the_z_score_needs_two_weeks_before_and_a_spread():
    steady = [4, 6] * 10  # mean 5, deviation 1
    assert spans(z_score(volumes([*steady, 9]))) == [(A, "2026-11-21", "2026-11-21", 9)]
    assert z_score(volumes([*steady, 8])) == []
    assert z_score(volumes([4, 6] * 6 + [90])) == []
    assert z_score(volumes([5] * 20 + [90])) == []


def test_baselines_give_rows_that_can_be_scored():
    found = BASELINES["more than 200 a day"](volumes([1, 1, 1, 900]))
    worth = score(found, labels(event("volume_spike", A, "2026-11-04T10:00")))
    assert (worth.recall, worth.precision) == (1.0, 1.0)
    assert isinstance(volumes([1]), Volumes)

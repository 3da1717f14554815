"""What everybody would try first, to be beaten: a fixed threshold, and a z-score."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from smtpauth_kit.sample.tenants.labels import Labels
from smtpauth_kit.sample.tenants.shape import Bools, Ints

_FIXED: Final = 200
_DEVIATIONS: Final = 3
_WINDOW: Final = 56


@dataclass(frozen=True)
class Volumes:
    """Messages by sender and day, 0 where there were none."""

    senders: tuple[str, ...]
    first_day: dt.date
    counts: Ints


def volumes_of(daily: pd.DataFrame, labels: Labels) -> Volumes:
    """Return the counts of a table of sender_address, period_start and message_count.

    Examples
    --------
    >>> daily = pd.DataFrame([("A@x.example", dt.date(2026, 11, 2), 4)],
    ...     columns=["sender_address", "period_start", "message_count"])
    >>> volumes_of(daily, Labels((), {"a@x.example": "device"}, 3, 1)).counts.tolist()
    [[4, 0, 0]]
    """
    days = pd.to_datetime(daily["period_start"])
    first = days.min()
    senders = tuple(labels.sender_kinds)
    places = {sender: n for n, sender in enumerate(senders)}
    row = daily["sender_address"].str.lower().map(places)
    known = row.notna()
    counts = np.zeros((len(senders), labels.days), dtype=np.int64)
    np.add.at(
        counts,
        (row[known].to_numpy(dtype=np.int64), (days - first).dt.days.to_numpy()[known]),
        daily["message_count"].to_numpy(dtype=np.int64)[known],
    )
    return Volumes(senders, first.date(), counts)


def fixed_threshold(volumes: Volumes) -> list[dict[str, Any]]:
    """Return a finding for each run of days with more than 200 messages."""
    return _findings(volumes, volumes.counts > _FIXED)


def z_score(volumes: Volumes) -> list[dict[str, Any]]:
    """Return a finding for each run of days over three deviations above the 56 days before."""
    counts = volumes.counts
    over = np.zeros(counts.shape, dtype=bool)
    for day in range(14, counts.shape[1]):
        before = counts[:, max(0, day - _WINDOW) : day]
        spread = before.std(axis=1)
        over[:, day] = (spread > 0) & (counts[:, day] > before.mean(axis=1) + _DEVIATIONS * spread)
    return _findings(volumes, over)


def _findings(volumes: Volumes, over: Bools) -> list[dict[str, Any]]:
    """Return runs of days as rows of the answer `findings`, the largest counts first."""
    found = []
    begins = over.copy()
    begins[:, 1:] &= ~over[:, :-1]
    for sender, day in zip(*np.nonzero(begins), strict=True):
        length = int(np.argmin(np.append(over[sender, day:], False)))
        first = volumes.first_day + dt.timedelta(days=int(day))
        found.append(
            {
                "rule": "volume_spike",
                "severity": "high",
                "subject_kind": "sender",
                "subject": volumes.senders[sender],
                "first_seen": first.isoformat(),
                "last_seen": (first + dt.timedelta(days=length - 1)).isoformat(),
                "measured": int(volumes.counts[sender, day : day + length].max()),
            }
        )
    return sorted(found, key=lambda row: (-row["measured"], row["subject"], row["first_seen"]))


BASELINES: Final[Mapping[str, Callable[[Volumes], list[dict[str, Any]]]]] = {
    "more than 200 a day": fixed_threshold,
    "z > 3 over 56 days": z_score,
}

"""What was planted in a made-up tenant: the truth that findings are compared with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that an analyst should be told, or may be told."""

    event_id: str
    rule: str
    """The rule that it was planted for."""
    rules: tuple[str, ...]
    """Every rule that tells it truly."""
    subjects: tuple[str, ...]
    """Sender address, account, client address: a finding about any of them is about it."""
    first_seen: dt.datetime
    """UTC; of its first message or sign-in, or of the silence."""
    last_seen: dt.datetime
    strength: str
    """weak, medium or strong."""
    kind: str
    """Kind of sender; `address` for what has no single one."""
    demanded: bool = True
    """False: telling it is true and not telling it no miss, such as the silence before a return."""
    incident: str = ""
    """Events of one story share it."""

    def as_row(self) -> dict[str, Any]:
        """Return the event as JSON has it, its times in ISO 8601 without a zone (UTC).

        Examples
        --------
        >>> at = dt.datetime(2026, 11, 19, 23)
        >>> event = Event("e1", "near_limits", ("near_limits",), ("a@contoso.com",), at, at, "weak",
        ...     "device")
        >>> event.as_row()["first_seen"], event_of(event.as_row()) == event
        ('2026-11-19T23:00:00', True)
        """
        row = asdict(self) | {"rules": list(self.rules), "subjects": list(self.subjects)}
        return row | {n: getattr(self, n).isoformat() for n in ("first_seen", "last_seen")}


def event_of(row: dict[str, Any]) -> Event:
    """Return the event of a row as :meth:`Event.as_row` gives it."""
    times = {n: dt.datetime.fromisoformat(row[n]) for n in ("first_seen", "last_seen")}
    return Event(**row | times | {"rules": tuple(row["rules"]), "subjects": tuple(row["subjects"])})


@dataclass(frozen=True)
class Labels:
    """The events of a tenant, and what false alarms are counted by."""

    events: tuple[Event, ...]
    sender_kinds: dict[str, str]
    """Each sender address to its kind; an account that does not send is in none."""
    days: int
    seed: int

    def write(self, path: Path) -> None:
        """Write the labels as JSON."""
        whole = {
            "seed": self.seed,
            "days": self.days,
            "events": [event.as_row() for event in self.events],
            "sender_kinds": self.sender_kinds,
        }
        path.write_text(json.dumps(whole, indent=1), "utf-8")


def read_labels(path: Path) -> Labels:
    """Return the labels that :meth:`Labels.write` wrote."""
    whole = json.loads(path.read_text("utf-8"))
    return Labels(
        tuple(event_of(row) for row in whole["events"]),
        whole["sender_kinds"],
        whole["days"],
        whole["seed"],
    )


def together(parts: Iterable[Labels]) -> Labels:
    """Return the labels of all parts of a large tenant."""
    held = list(parts)
    kinds = {address: kind for part in held for address, kind in part.sender_kinds.items()}
    events = tuple(event for part in held for event in part.events)
    return Labels(events, kinds, held[0].days, held[0].seed)

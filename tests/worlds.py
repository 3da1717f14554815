"""Small worlds made by hand, for findings: a log of messages, day by day, sender by sender."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HEADER = (
    "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
    "Authentication protocol,Account"
)
LAST_DAY = dt.date(2026, 11, 22)


class World:
    """Messages of some days that end on `LAST_DAY`; day 0 is the first."""

    def __init__(self, days: int = 98, seed: int = 5) -> None:
        self.days = days
        self.rows: list[tuple[dt.datetime, str]] = []
        self.dice = random.Random(seed)

    def day(self, number: int) -> dt.date:
        return LAST_DAY - dt.timedelta(days=self.days - 1 - number)

    def is_weekend(self, number: int) -> bool:
        return self.day(number).weekday() >= 5

    def send(
        self,
        sender: str,
        day: int,
        count: int = 1,
        *,
        hours: tuple[float, float] = (8, 17),
        recipients: int = 1,
        to: Callable[[int], str] | None = None,
        ip: str = "192.0.2.25",
        account: str = "",
        seconds: float | None = None,
    ) -> None:
        """Send some messages on a day, evenly by chance between two hours."""
        start = dt.datetime.combine(self.day(day), dt.time())
        for n in range(count):
            at = (
                self.dice.uniform(*hours) * 3600
                if seconds is None
                else hours[0] * 3600 + n * seconds
            )
            names = [
                to(n * recipients + k) if to else f"r{k}@fabrikam.com" for k in range(recipients)
            ]
            when = start + dt.timedelta(seconds=int(at))
            self.rows.append((
                when,
                f"{when:%Y-%m-%dT%H:%M:%SZ},{sender},{';'.join(names)},<{len(self.rows)}@x>,"
                f"TLS1.2,{ip},Basic,{account}",
            ))  # fmt: skip

    def usually(
        self,
        sender: str,
        days: Iterable[int] | None = None,
        low: int = 2,
        high: int = 5,
        weekends: bool = False,
        **how: Any,
    ) -> None:
        """Send a few messages on each day, or each working day."""
        for day in range(self.days) if days is None else days:
            if weekends or not self.is_weekend(day):
                self.send(sender, day, self.dice.randint(low, high), **how)

    def write(self, folder: Path, parts: int = 1) -> list[Path]:
        """Write the log as so many files, each of its own days."""
        folder.mkdir(parents=True, exist_ok=True)
        cuts = [self.day(round(self.days * n / parts)) for n in range(1, parts)]
        paths = []
        for n in range(parts):
            own = [
                row for at, row in sorted(self.rows) if sum(at.date() >= cut for cut in cuts) == n
            ]
            path = folder / f"log{n}.csv"
            path.write_text("\n".join([HEADER, *own]) + "\n")
            paths.append(path)
        return paths


def office(world: World, senders: int = 12) -> None:
    """Let some usual senders send: what everyone does on a day is known by them."""
    for n in range(senders):
        world.usually(f"usual{n}@contoso.com", ip=f"192.0.2.{n + 1}")

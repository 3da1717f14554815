"""Small worlds for readiness: what each sender sent on which days, written down by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from smtpauth_kit import answers
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.store import Store

HEADER = (
    "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
    "Authentication protocol,Account\n"
)
END = dt.date(2026, 11, 22)
"""A Sunday: the last day of every world."""
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    """Return a day of 2026 from its month and number: "11-22"."""
    return dt.date.fromisoformat(f"2026-{text}")


def every_day(start: dt.date, end: dt.date = END) -> list[dt.date]:
    return [start + n * DAY for n in range((end - start).days + 1)]


def working_days(start: dt.date, end: dt.date = END) -> list[dt.date]:
    return [each for each in every_day(start, end) if each.weekday() < 5]


@dataclass
class Sent:
    """A world: `sent` writes messages down, `rows` loads them and asks."""

    store: Store
    load: Callable[..., Any]
    lines: list[str] = field(default_factory=list)
    _number: int = 0

    def sent(
        self,
        sender: str,
        days: Iterable[dt.date],
        *,
        auth: str = "Basic",
        tls: str = "TLS1.2",
        to: str = "reader@customer.example",
        ip: str = "192.0.2.25",
        account: str = "",
        count: int = 1,
    ) -> Sent:
        """Let a sender at contoso.com send so many messages on each of these days."""
        address = sender if "@" in sender else f"{sender}@contoso.com"
        for each in days:
            for _ in range(count):
                self._number += 1
                self.lines.append(
                    f"{each}T08:00:00Z,{address},{to},<{self._number}@w>,{tls},{ip},{auth},{account}\n"
                )
        return self

    def loaded(self, **options: Any) -> Sent:
        """Load what was written down."""
        (file,) = self.load(HEADER + "".join(self.lines), **options).files
        assert file.status == "loaded" and file.rows_rejected == 0, file
        self.lines.clear()
        return self

    def ask(self, name: str, filters: Filters = ALL) -> answers.Answer:
        if self.lines:
            self.loaded()
        return answers.ask(self.store, name, filters)

    def rows(self, name: str = "readiness", filters: Filters = ALL) -> list[dict[str, Any]]:
        return self.ask(name, filters).rows.to_dict("records")

    def by_sender(self, name: str = "readiness", filters: Filters = ALL) -> dict[str, Any]:
        """Return the rows by the part of the address before the @."""
        return {row["sender_address"].partition("@")[0]: row for row in self.rows(name, filters)}

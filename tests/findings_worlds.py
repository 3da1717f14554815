"""Small worlds for the rules: messages and sign-ins written down by hand, loaded, and judged."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.joining import Finding, join
from smtpauth_kit.answers.findings.judging import found_by
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.store.store import Store

FIRST = dt.datetime(2026, 9, 7)
"""A Monday: day 0 of a world."""

OFFICE = ("192.0.2.10", "NL", "64496")
"""An address with its country and network; the others are strangers to everybody."""
SPARE_LINE = ("192.0.2.77", "NL", "64497")
HOME = ("198.51.100.7", "NL", "64498")
HOTEL = ("198.51.100.99", "BR", "64499")
NEXT_DOOR = ("198.51.100.33", "BE", "64500")
STRANGER = ("203.0.113.66", "NG", "64501")

Place = tuple[str, str, str]


def at(day: float, hour: float = 9) -> dt.datetime:
    """Return an instant: day 0 is a Monday."""
    return FIRST + dt.timedelta(days=day, hours=hour)


@dataclass
class World:
    """What happened; `found(rule)` loads it and returns what that rule finds."""

    store: Store
    load: Callable[..., Any]
    messages: list[dict[str, Any]] = field(default_factory=list)
    sign_ins: list[dict[str, Any]] = field(default_factory=list)

    def message(
        self,
        when: dt.datetime,
        sender: str,
        *,
        account: str | None = None,
        place: Place = OFFICE,
        tls: str = "1.2",
        auth: str = "oauth",
    ) -> None:
        day = when.date().isoformat()
        self.messages.append(
            {
                "sent_at": f"{when.isoformat()}Z", "period_start": day, "period_end": day,
                "sender_address": sender, "account": sender if account is None else account,
                "message_count": 1, "tls_version": tls, "auth_protocol": auth,
                "client_ip": place[0], "message_id": f"<{len(self.messages)}@world>",
                "recipients": "reader@contoso.com", "recipient_count": 1,
            }
        )  # fmt: skip

    def sign_in(
        self,
        when: dt.datetime,
        account: str,
        result: str = "success",
        *,
        place: Place = OFFICE,
        code: str = "",
        agent: str = "",
        auth: str = "oauth",
    ) -> None:
        self.sign_ins.append(
            {
                "signed_in_at": f"{when.isoformat()}Z", "account": account, "result": result,
                "error_code": code or ("0" if result == "success" else "50126"),
                "auth_protocol": auth, "client_ip": place[0], "country": place[1],
                "network": place[2], "user_agent": agent,
                "sign_in_id": f"s{len(self.sign_ins)}",
            }
        )  # fmt: skip

    def live(self, account: str, days: Iterable[int], **usual: Any) -> None:
        """Sign in and send at nine on each of these days."""
        for day in days:
            self.sign_in(at(day), account, place=usual.get("place", OFFICE))
            self.message(at(day, 9.01), account, **usual)

    def fail(self, account: str, when: dt.datetime, times: int, minutes: float, **how: Any) -> None:
        """Fail so often, so many minutes apart."""
        for n in range(times):
            self.sign_in(when + dt.timedelta(minutes=n * minutes), account, "failure", **how)

    def load_all(self) -> None:
        """Load what was not loaded."""
        for rows in (self.messages, self.sign_ins):
            if rows:
                text = io.StringIO()
                writer = csv.DictWriter(text, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
                (file,) = self.load(text.getvalue()).files
                assert file.status == "loaded" and file.rows_rejected == 0, file
                rows.clear()

    def found(self, rule: str) -> list[Finding]:
        """Load what was not loaded, and judge by one rule."""
        self.load_all()
        with self.store.asking() as session:
            inputs = Inputs(session)
            return join(RULES[rule], found_by(RULES[rule], inputs, session), [], [])

    def subjects(self, rule: str) -> list[str]:
        """Return whom a rule finds, in order."""
        return sorted(finding.subject for finding in self.found(rule))

"""Who sends what in the sample: sixty-odd senders, and the unusual things planted among them.

Everything here is invented. `data/README.md` tells the same story to people.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

FIRST_DAY: Final = dt.date(2026, 8, 15)
LAST_DAY: Final = dt.date(2026, 11, 22)
REQUESTED_FROM: Final = LAST_DAY - dt.timedelta(days=29)
"""First day of the requested report."""
DOMAINS: Final = ("contoso.com", "contoso.org", "fabrikam.com")

WEEKDAYS: Final = (1.0, 1.1, 1.05, 1.0, 0.85, 0.0, 0.0)
EVERY_DAY: Final = (1.0,) * 7
OFFICE_AND_SOME_WEEKEND: Final = (1.0, 1.1, 1.05, 1.0, 0.9, 0.2, 0.1)
MONDAYS: Final = (1.0, 0, 0, 0, 0, 0, 0)
TUESDAYS: Final = (0, 1.0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Sender:
    """One sender and its habits."""

    address: str
    group: str
    per_day: float
    """Messages on a day of weight 1."""
    tls: str
    ip: str
    week: tuple[float, ...] = WEEKDAYS
    hours: tuple[int, int] = (7, 18)
    """Sends from the first hour up to the second, UTC."""
    oauth_from: dt.date | None = None
    """The day it moves from Basic authentication to OAuth; None: it has not."""
    overlap_days: int = 0
    """For so long after that day half of it still goes out with Basic authentication."""
    month_end: float = 1.0
    """Factor on the last three days of a month."""
    only_on: tuple[dt.date, ...] = ()
    """Sends on these days and no others: monthly and quarterly jobs."""
    until: dt.date | None = None
    recipients: int = 1
    tls_newer: str = ""
    """A fifth of its messages goes over this version instead."""
    account: str = ""
    """Who signs in to send it (send as); empty: the sender address itself."""
    listed_setting: bool | None = None
    """SmtpClientAuthenticationDisabled of its mailbox; None inherits the tenant's."""

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.address.partition("@")[2]


def _last_working_day(year: int, month: int) -> dt.date:
    day = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    return day


_MONTH_ENDS = tuple(_last_working_day(2026, month) for month in (8, 9, 10))


def _numbered(
    pattern: str, count: int, group: str, per_day: float, first_ip: str, **habits: Any
) -> list[Sender]:
    """Return `count` senders that differ in number, client address and perhaps TLS version."""
    net, _, host = first_ip.rpartition(".")
    tls = habits.pop("tls")
    versions = tls if isinstance(tls, tuple) else (tls,) * count
    return [
        Sender(
            pattern.format(n + 1), group, per_day, versions[n], f"{net}.{int(host) + n}", **habits
        )
        for n in range(count)
    ]


def senders() -> list[Sender]:
    """Return every sender that has habits, in a fixed order; the others are in `by_hand.py`.

    Examples
    --------
    >>> len(senders()) >= 60, sorted({s.domain for s in senders()}) == sorted(DOMAINS)
    (True, True)
    """
    return [*_contoso_com(), *_contoso_org(), *_fabrikam_com()]


def _contoso_com() -> list[Sender]:
    day = dt.date
    return [
        *_numbered("scanner-hq{}@contoso.com", 8, "scanners", 7, "192.0.2.10",
                   tls=("1.0", "1.0", "1.0", "1.1", "1.2", "1.2", "1.2", "1.2")),
        *_numbered("mfp-branch{}@contoso.com", 6, "scanners", 4, "192.0.2.210",
                   tls=("1.0", "1.2", "1.2", "1.0", "1.2", "1.2")),
        Sender("erp@contoso.com", "ERP", 38, "1.2", "192.0.2.30", OFFICE_AND_SOME_WEEKEND, (5, 20),
               oauth_from=day(2026, 10, 12), month_end=3.0, listed_setting=False),
        Sender("monitoring@contoso.com", "monitoring", 46, "1.2", "192.0.2.31", EVERY_DAY, (0, 24),
               oauth_from=day(2026, 9, 21), tls_newer="1.3", listed_setting=False),
        Sender("backup@contoso.com", "backup", 2, "1.2", "192.0.2.32", EVERY_DAY, (2, 5)),
        *_numbered("ups-{}@contoso.com", 4, "devices", 1, "192.0.2.40", tls="1.0", week=MONDAYS, hours=(6, 7)),
        *_numbered("cctv-{}@contoso.com", 3, "devices", 3, "192.0.2.50", tls=("1.1", "1.1", "none"),
                   week=EVERY_DAY, hours=(0, 24)),
        Sender("alice@contoso.com", "people", 1.2, "1.2", "192.0.2.60", oauth_from=day(2026, 9, 1)),
        Sender("bob@contoso.com", "people", 0.8, "1.3", "192.0.2.61", oauth_from=day(2026, 9, 1)),
        Sender("carol@contoso.com", "people", 1.0, "1.2", "192.0.2.62"),
        Sender("dave@contoso.com", "people", 0.6, "1.2", "192.0.2.63"),
        Sender("payroll@contoso.com", "monthly job", 220, "1.2", "192.0.2.64", only_on=_MONTH_ENDS,
               hours=(9, 11), listed_setting=False),
        Sender("intern-old@contoso.com", "people", 2.0, "1.2", "192.0.2.65", until=day(2026, 8, 28)),
    ]  # fmt: skip


def _contoso_org() -> list[Sender]:
    day = dt.date
    return [
        Sender("hr_app@contoso.org", "HR", 11, "1.0", "198.51.100.7", hours=(8, 17)),
        Sender("helpdesk@contoso.org", "ticketing", 19, "1.2", "198.51.100.8", OFFICE_AND_SOME_WEEKEND,
               oauth_from=FIRST_DAY, tls_newer="1.3", listed_setting=False),
        Sender("newsletter@contoso.org", "newsletter", 340, "1.2", "198.51.100.9", TUESDAYS, (9, 10)),
        Sender("website@contoso.org", "web forms", 14, "1.3", "198.51.100.10", EVERY_DAY, (0, 24),
               oauth_from=FIRST_DAY),
        *_numbered("sensor-{}@contoso.org", 6, "devices", 2, "198.51.100.210", tls="1.2", week=EVERY_DAY,
                   hours=(0, 24)),
        Sender("crm@contoso.org", "CRM", 23, "1.2", "198.51.100.30", oauth_from=day(2026, 10, 1),
               overlap_days=31, recipients=2, listed_setting=False),
        Sender("events@contoso.org", "newsletter", 60, "1.2", "198.51.100.31",
               (0, 0, 0, 1.0, 0, 0, 0), (13, 14), account="newsletter@contoso.org"),
        Sender("erin@contoso.org", "people", 0.7, "1.2", "198.51.100.32", oauth_from=day(2026, 9, 15)),
        Sender("access-control@contoso.org", "devices", 5, "1.1", "198.51.100.33", EVERY_DAY, (5, 22)),
        Sender("fax-gateway@contoso.org", "scanners", 6, "1.0", "198.51.100.34"),
    ]  # fmt: skip


def _fabrikam_com() -> list[Sender]:
    day = dt.date
    return [
        Sender("orders@fabrikam.com", "web shop", 32, "1.2", "203.0.113.10", OFFICE_AND_SOME_WEEKEND,
               (6, 22), oauth_from=day(2026, 11, 2), month_end=1.5, listed_setting=False),
        Sender("invoices@fabrikam.com", "ERP", 10, "1.2", "203.0.113.11", month_end=6.0,
               listed_setting=False),
        *_numbered("scanner-fab{}@fabrikam.com", 5, "scanners", 6, "203.0.113.210",
                   tls=("1.0", "1.2", "1.2", "1.1", "1.2")),
        *_numbered("alarm-{}@fabrikam.com", 3, "devices", 1.5, "203.0.113.30", tls="1.0", week=EVERY_DAY,
                   hours=(0, 24)),
        *_numbered("labelprinter-{}@fabrikam.com", 3, "devices", 2, "203.0.113.40", tls="1.2"),
        Sender("quality@fabrikam.com", "quality control", 9, "1.2", "203.0.113.50", recipients=2),
        Sender("frank@fabrikam.com", "people", 1.1, "1.2", "203.0.113.51", oauth_from=day(2026, 10, 5)),
        Sender("grace@fabrikam.com", "people", 0.9, "1.2", "203.0.113.52"),
        Sender("heidi@fabrikam.com", "people", 0.5, "1.3", "203.0.113.53", oauth_from=day(2026, 10, 5)),
        Sender("quarterly@fabrikam.com", "quarterly job", 60, "1.2", "203.0.113.54",
               only_on=(day(2026, 10, 1),), hours=(7, 8)),
        Sender("datalogger@fabrikam.com", "devices", 8, "unknown", "203.0.113.55", EVERY_DAY, (0, 24)),
    ]  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Something unusual that is in the sample on purpose, to be found."""

    name: str
    kind: str
    accounts: tuple[str, ...]
    start: dt.datetime
    end: dt.datetime
    """UTC."""
    shows: str


SPRAY_IP: Final = "203.0.113.166"
BURST_IP: Final = "203.0.113.177"
DORMANT_IP: Final = "198.51.100.200"
ABROAD_IP: Final = "198.51.100.144"
SPRAYED: Final = 36
BURST_MESSAGES: Final = 640
WOKEN_MESSAGES: Final = 35


def planted() -> tuple[Planted, ...]:
    """Return every planted event, in the order of time."""
    at = dt.datetime
    victims = tuple(s.address for s in senders() if s.group not in ("devices",))[:SPRAYED]
    return (
        Planted("password spray", "spray", victims, at(2026, 11, 12, 1), at(2026, 11, 12, 3),
                f"three failed sign-ins for each of {SPRAYED} accounts from one address ({SPRAY_IP}, "
                "NG) within two hours at night"),
        Planted("compromised account", "compromise", ("carol@contoso.com",), at(2026, 11, 13, 2, 11),
                at(2026, 11, 20, 3, 30), "a success from the spray's network on 13 November; in the "
                f"night of 19 to 20 November {BURST_MESSAGES} messages to strangers from {BURST_IP} "
                "(NG), where one a day from the office is usual"),
        Planted("dormant account wakes", "dormant", ("intern-old@contoso.com",), at(2026, 11, 17, 4),
                at(2026, 11, 17, 6), f"silent since 28 August, then {WOKEN_MESSAGES} messages in two "
                f"hours from {DORMANT_IP} (RO)"),
        Planted("new country", "new country", ("frank@fabrikam.com",), at(2026, 11, 18, 20, 5),
                at(2026, 11, 18, 20, 5), f"one successful sign-in from BR ({ABROAD_IP}), where only NL "
                "was ever seen; no message is sent from there"),
    )  # fmt: skip

"""What is in the sample for readiness and reconciliation: every message of it, without chance.

Senders that will break and are easily missed, one that fell silent, devices that share an address,
and messages that not every source tells, or not under the same name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from smtpauth_kit.sample.ledger import Attempt, Message
from smtpauth_kit.sample.story import Sender

_DAY: Final = dt.timedelta(days=1)
_TOLD_BY_MICROSOFT: Final = ("requested_report", "report", "extended_trace")

ALARM_DAYS: Final = (dt.date(2026, 9, 3), dt.date(2026, 10, 21))
PENSION_DAYS: Final = (dt.date(2026, 8, 17), dt.date(2026, 11, 16))
"""The third Monday of the middle month of a quarter."""
INTAKE_UNTIL: Final = dt.date(2026, 11, 6)
INTAKE_DAYS: Final = tuple(
    day
    for day in (dt.date(2026, 8, 17) + n * _DAY for n in range(82))
    if day.weekday() < 5 and day <= INTAKE_UNTIL
)
INTAKE_FAILS: Final = tuple(dt.date(2026, 11, day) for day in (9, 11, 13, 16, 18, 20))
"""Its mailbox was closed on 9 November: since then it is refused (Conditional Access)."""
SCAN_DAYS: Final = tuple(
    dt.date(2026, 10, 27) + week * 7 * _DAY + day * _DAY for week in range(4) for day in (0, 2)
)


@dataclass(frozen=True)
class Device:
    """One of the scanners that send under the same address."""

    client_ip: str
    tls_version: str
    tls_cipher: str
    auth_protocol: str
    user_agent: str
    hour: int
    """When it sends, UTC."""


_OLD: Final = "TLS_RSA_WITH_AES_128_CBC_SHA"
_USUAL: Final = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
_SMALL: Final = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
SCAN_DEVICES: Final = (
    Device("192.0.2.80", "1.0", _OLD, "basic", "BAV2ROPC", 8),
    Device("192.0.2.80", "1.2", _USUAL, "basic", "BAV2ROPC", 10),
    Device("192.0.2.81", "1.2", _SMALL, "basic", "BAV2ROPC", 13),
    Device("192.0.2.81", "1.2", _USUAL, "basic", "CBAInPROD", 16),
)


def senders() -> list[Sender]:
    """Return the senders that are made by hand, one entry each.

    Examples
    --------
    >>> [sender.address.partition("@")[0] for sender in senders()]
    ['firealarm', 'scan', 'pensionfund', 'intake', 'noreply']
    """
    return [
        Sender("firealarm@contoso.com", "devices", 1, "1.0", "192.0.2.70", only_on=ALARM_DAYS),
        Sender("scan@contoso.com", "scanners", 4, "1.2", "192.0.2.80", only_on=SCAN_DAYS),
        Sender("pensionfund@fabrikam.com", "quarterly job", 3, "1.2", "203.0.113.60",
               only_on=PENSION_DAYS, listed_setting=False),
        Sender("intake@fabrikam.com", "document intake", 1, "1.2", "203.0.113.61",
               only_on=INTAKE_DAYS, listed_setting=True),
        Sender("noreply@fabrikam.com", "web shop", 2, "1.2", "203.0.113.10",
               only_on=(dt.date(2026, 8, 18),), account="orders@fabrikam.com"),
    ]  # fmt: skip


def messages() -> list[Message]:
    """Return every message that is made by hand."""
    alarm, scan, pension, intake, alias = senders()
    return [
        *_each_day(alarm, 1, 3, ("security@contoso.com", "desk@alarmcentre.example")),
        *_of_devices(scan),
        *_each_day(pension, 3, 7, ("premiums@pension.example",)),
        *_each_day(intake, 1, 9, ("archive@fabrikam.com",)),
        *(replace(m, is_alias=True) for m in _each_day(alias, 2, 11, ("info@partner.example",))),
        *_only_in_the_log(),
    ]


def _each_day(sender: Sender, count: int, hour: int, to: tuple[str, ...]) -> Iterator[Message]:
    for day in sender.only_on:
        for n in range(count):
            yield _message(sender, day, dt.time(hour, 5 * n, 12), to)


def _message(sender: Sender, day: dt.date, at: dt.time, to: tuple[str, ...]) -> Message:
    return Message(
        dt.datetime.combine(day, at), sender.address, sender.tls, "basic", sender.ip, to, "", "",
        f"{sender.group} {day}", account=sender.account,
    )  # fmt: skip


def _of_devices(scan: Sender) -> Iterator[Message]:
    for day in scan.only_on:
        for device in SCAN_DEVICES:
            yield replace(
                _message(scan, day, dt.time(device.hour, 30), ("team@contoso.com",)),
                tls_version=device.tls_version,
                tls_cipher=device.tls_cipher,
                auth_protocol=device.auth_protocol,
                client_ip=device.client_ip,
            )


NAMELESS_DAY: Final = dt.date(2026, 9, 16)
RELAYED_DAY: Final = dt.date(2026, 11, 4)
RELAY_IP: Final = "192.0.2.33"


def _only_in_the_log() -> Iterator[Message]:
    """Yield what Microsoft tells otherwise: a message without an id, and one it never saw."""
    fax = Sender("fax-gateway@contoso.org", "scanners", 1, "1.0", "198.51.100.34")
    three = tuple(f"{name}@contoso.org" for name in ("info", "office", "team"))
    yield replace(_message(fax, NAMELESS_DAY, dt.time(12), three), has_id=False)
    backup = Sender("backup@contoso.com", "backup", 1, "1.2", RELAY_IP)
    relayed = _message(backup, RELAYED_DAY, dt.time(3, 30), ("info@contoso.com",))
    yield replace(relayed, not_told_by=_TOLD_BY_MICROSOFT)


UNEXPLAINED_DAY: Final = dt.date(2026, 10, 28)


def lacking(messages: Iterable[Message]) -> list[Message]:
    """Return the messages, two of `quality` on one day lacking in the requested report.

    Nothing says why: that, too, is what reconciliation has to tell.
    """
    found, left = list[Message](), 2
    for message in messages:
        is_one = message.sender_address == "quality@fabrikam.com" and message.day == UNEXPLAINED_DAY
        if left and is_one:
            left -= 1
            message = replace(message, not_told_by=("requested_report",))
        found.append(message)
    return found


def attempts(own: Iterable[Message]) -> Iterator[Attempt]:
    """Yield a sign-in for each of these messages, two seconds before; and what is refused."""
    of_device = {(d.client_ip, d.hour): d.user_agent for d in SCAN_DEVICES}
    for message in own:
        if message.not_told_by:
            continue  # It never came to Exchange Online.
        at = message.sent_at - dt.timedelta(seconds=2)
        agent = of_device.get((message.client_ip, message.sent_at.hour), "BAV2ROPC")
        yield _attempt(message.account or message.sender_address, at, message.client_ip, agent)
    for day in INTAKE_FAILS:
        at = dt.datetime.combine(day, dt.time(9, 0, 10))
        refused = _attempt("intake@fabrikam.com", at, "203.0.113.61", "BAV2ROPC")
        yield replace(refused, success=False, error_code=53003)


_PLACES: Final = {
    "contoso.com": ("NL", "Amsterdam", 64496),
    "contoso.org": ("NL", "Utrecht", 64497),
    "fabrikam.com": ("NL", "Eindhoven", 64498),
}


def _attempt(account: str, at: dt.datetime, client_ip: str, agent: str) -> Attempt:
    place = _PLACES[account.partition("@")[2]]
    return Attempt("", at, account, True, 0, "basic", client_ip, *place, agent,
                   "Authenticated SMTP")  # fmt: skip


# --- what people said ----------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """What is kept of a sender, in words of `smtpauth note`."""

    owner: str
    state: str
    due_date: str
    note: str


NOTES: Final = {
    "hr_app@contoso.org": Note(
        "Sanne de Boer, HR", "accepted", "2026-11-13",
        "Agreed with Sanne on 1 October: stays on Basic until its new release, on 13 November."),
    "fax-gateway@contoso.org": Note(
        "Piet Vos, Facilities", "accepted", "2026-12-18",
        "Agreed with Piet on 2 November: the gateway is taken down on 18 December."),
    "payroll@contoso.com": Note(
        "Finance <finance@contoso.com>", "contacted", "2026-11-27",
        "Must be on OAuth before its run of 30 November."),
    "firealarm@contoso.com": Note(
        "Piet Vos, Facilities", "in_progress", "2026-12-11", "Waits for the maker's answer."),
}  # fmt: skip
"""By sender: two exceptions, of which one is past its day, and two that somebody works on."""

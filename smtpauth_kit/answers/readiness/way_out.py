"""How a sender goes on after Basic: one way out each, with the reason from its own figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.readiness.families import Family
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.words.inert import printable

WAYS_OUT: Final = (
    "oauth", "high_volume_email", "azure_communication_services", "connector_relay", "graph",
    "upgrade_tls", "switch_off",
)  # fmt: skip

FEW_ADDRESSES: Final = 5
"""A connector knows its clients by their addresses; of more than these by a certificate."""
UNUSED_DAYS: Final = 60
"""Of who was quiet for so long, and for two of its own cycles, it is asked who needs it."""


class Known(NamedTuple):
    """What is known of one sender that decides its way out."""

    breaks: tuple[str, ...]
    moved: bool
    basic_count: int
    oauth_count: int
    message_count: int
    last_seen: dt.date
    last_oauth: dt.date | None
    quiet_days: int
    is_over: bool
    """It was quiet for longer than two of its own cycles."""
    recipients_told: bool
    """Every message that counts names all its recipients."""
    domain_count: int
    """Different domains of its recipients."""
    outside_count: int
    """Of them, those that are not the tenant's own."""
    outside_domain: str
    client_ip_count: int
    peak_messages: int | None
    """Most messages of one day; None: its source counts no days."""
    peak_recipients: int | None
    family: Family | None


class WayOut(NamedTuple):
    """A way out and why."""

    way: str
    reason: Sentence


def limits() -> Mapping[str, int]:
    """Return what each way carries, by the names in `knowledge/way_limits.csv`.

    Raises
    ------
    KitError
        The user's own table cannot be read.
    """
    return {str(row[0]): int(row[1]) for row in knowledge.rows("way_limits")}


def way_out(known: Known, limits: Mapping[str, int]) -> WayOut:
    """Return the way out of one sender: the first that its figures allow.

    High Volume Email is named only where every recipient is known, and is the tenant's own.
    """
    found = next(filter(None, (rule(known, limits) for rule in _RULES)))
    if "auth_unknown" not in known.breaks:
        return found
    if known.basic_count or known.oauth_count:
        untold = Sentence(
            "{reason} Of a part of its messages no source says whether they used Basic auth.",
            reason=found.reason,
        )
    else:
        untold = Sentence(
            "{reason} No source says whether it uses Basic auth: load a report that has the "
            "authentication protocol before anything is changed.",
            reason=found.reason,
        )
    return WayOut(found.way, untold)


_Rule = Callable[[Known, Mapping[str, int]], WayOut | None]


def _moved(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if not known.moved:
        return None
    if known.basic_count:
        return WayOut("oauth", Sentence("It has used OAuth alone in its last 30 days."))
    return WayOut(
        "upgrade_tls", Sentence("It has used TLS 1.2 or newer alone in its last 30 days.")
    )


def _unused(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if not known.is_over or known.quiet_days < UNUSED_DAYS:
        return None
    return WayOut(
        "switch_off",
        Sentence(
            "It has sent nothing for {n} days, longer than two of its own cycles: ask whether "
            "anybody needs it, else take SMTP AUTH from its mailbox.",
            n=known.quiet_days,
        ),
    )


def _only_tls(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if "basic_off" in known.breaks or "auth_unknown" in known.breaks:
        return None
    if not {"legacy_tls_refused", "cleartext_refused"} & set(known.breaks):
        return None
    return WayOut(
        "upgrade_tls",
        Sentence("It uses OAuth already; only its TLS has to become 1.2 or newer."),
    )


def _began_oauth(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if not known.oauth_count or known.last_oauth is None:
        return None
    return WayOut(
        "oauth",
        Sentence(
            "It uses OAuth already for {n} of its {count} messages, the last on {day}: move the "
            "rest.",
            n=known.oauth_count,
            count=known.message_count,
            day=known.last_oauth,
        ),
    )


def _too_large(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    """Return the way of who sends more than a mailbox may, with OAuth or without."""
    most = limits["mailbox_recipients_per_day"]
    peak = max(known.peak_recipients or 0, known.peak_messages or 0)
    if peak <= most:
        return None
    if _is_inside(known):
        return WayOut(
            "high_volume_email",
            Sentence(
                "It wrote to {n} recipients on one day, more than the {most} of a mailbox, and all "
                "of them are the tenant's own.",
                n=peak,
                most=most,
            ),
        )
    return WayOut(
        "azure_communication_services",
        Sentence(
            "It wrote to {n} recipients on one day, more than the {most} of a mailbox. {outside} "
            "More than {limit} messages an hour have to be asked for.",
            n=peak,
            most=most,
            outside=_outside(known),
            limit=limits["azure_communication_services_messages_per_hour"],
        ),
    )


def _script(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if known.family is None or known.family.name != "script":
        return None
    return WayOut(
        "graph",
        Sentence(
            "By its name it is a script: it can send with Microsoft Graph and needs no SMTP. Its "
            "mailbox carries {limit} messages a minute.",
            limit=limits["mailbox_messages_per_minute"],
        ),
    )


def _inside(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    can_oauth = known.family is not None and known.family.oauth == "yes"
    has_old_tls = {"legacy_tls_refused", "cleartext_refused"} & set(known.breaks)
    if not _is_inside(known) or can_oauth or has_old_tls:
        return None
    return WayOut(
        "high_volume_email",
        Sentence(
            "Every recipient of its {n} {n:message|messages} is the tenant's own, so that it may "
            "keep Basic auth with an account of High Volume Email (up to {limit} recipients a "
            "message). {looks}",
            n=known.message_count,
            limit=limits["high_volume_email_recipients_per_message"],
            looks=_looks(known.family),
        ),
    )


def _device(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    """Return the relay of what cannot use OAuth, or speaks old TLS: an own server takes it."""
    has_old_tls = {"legacy_tls_refused", "cleartext_refused"} & set(known.breaks)
    is_device = known.family is not None and known.family.oauth == "no"
    if not is_device and not (has_old_tls and known.family and known.family.oauth == "some"):
        return None
    return WayOut(
        "connector_relay",
        Sentence(
            "{looks} {outside} {addresses}",
            looks=_looks(known.family),
            outside=_outside(known),
            addresses=_addresses(known.client_ip_count),
        ),
    )


def _bulk(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    if known.family is None or known.family.name != "mailing" or _is_inside(known):
        return None
    return WayOut(
        "azure_communication_services",
        Sentence(
            "By its name it is a mailing, of up to {n} messages a day. {outside} More than {limit} "
            "messages an hour have to be asked for.",
            n=known.peak_messages or known.message_count,
            outside=_outside(known),
            limit=limits["azure_communication_services_messages_per_hour"],
        ),
    )


def _oauth(known: Known, limits: Mapping[str, int]) -> WayOut | None:
    return WayOut(
        "oauth", Sentence("{looks} {outside}", looks=_looks(known.family), outside=_outside(known))
    )


_RULES: Final[tuple[_Rule, ...]] = (
    _moved, _unused, _only_tls, _began_oauth, _too_large, _script, _inside, _device, _bulk, _oauth,
)  # fmt: skip


def _is_inside(known: Known) -> bool:
    return known.recipients_told and known.domain_count > 0 and not known.outside_count


@lru_cache(maxsize=1000)
def _looks(family: Family | None) -> Sentence:
    if family is None:
        return Sentence("What it is cannot be told from its name: ask its owner for OAuth first.")
    name = family.name
    if family.oauth == "yes":
        return Sentence(
            "By its name it is of the family {family}, which can use OAuth.", family=name
        )
    if family.oauth == "some":
        return Sentence(
            "By its name it is of the family {family}, of which newer ones can use OAuth.",
            family=name,
        )
    return Sentence(
        "By its name it is of the family {family}, of which none is known that can use OAuth.",
        family=name,
    )


def _outside(known: Known) -> Sentence:
    if not known.domain_count:
        return Sentence("Its recipients are not told.")
    if known.outside_count:
        return Sentence(
            "{n} of the {count} {count:domain|domains} it writes to {n:is|are} not the tenant's "
            "own ({domain}).",
            n=known.outside_count,
            count=known.domain_count,
            domain=printable(known.outside_domain),
        )
    if not known.recipients_told:
        return Sentence("Not every message names its recipients.")
    return Sentence("All its recipients are the tenant's own.")


@lru_cache(maxsize=1000)
def _addresses(count: int) -> Sentence:
    if not count:
        return Sentence("A connector knows it by address or certificate.")
    if count <= FEW_ADDRESSES:
        return Sentence(
            "Addresses it sends from: {n}. By these a connector, or a relay of your own, knows it.",
            n=count,
        )
    return Sentence(
        "Addresses it sends from: {n}, too many for a connector by address: by certificate, or "
        "through a relay of your own.",
        n=count,
    )

"""One draft for each owner of senders that stop: written into the outbox, and never sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.answers.of_tenants import only
from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.sender import ever, sender_clients
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.mail import outbox
from smtpauth_kit.mail.addresses import parse_address
from smtpauth_kit.mail.composing import as_draft
from smtpauth_kit.mail.letters.template import Template, read, usual_text
from smtpauth_kit.mail.mail_settings import MailSettings, mail_settings
from smtpauth_kit.store.engine import Engine, at_one_moment
from smtpauth_kit.views import readiness
from smtpauth_kit.views.breakdowns import auth_titles
from smtpauth_kit.views.filter_words import source_titles
from smtpauth_kit.views.readiness import Ready
from smtpauth_kit.words.words import UNTOLD, Words, speak

MOST_ADDRESSES: Final = 10
"""So many client IPs of a sender stand in a letter; of more it says how many."""

WAYS: Final = {
    "oauth": "OAuth: the device or program signs in with a token instead of a password.",
    "high_volume_email": "High Volume Email: for recipients of the tenant's own only; it may keep "
    "Basic auth there.",
    "azure_communication_services": "Azure Communication Services: for much mail to others, with "
    "a domain of its own.",
    "connector_relay": "Connector or relay: the server knows it by its address or certificate, or "
    "it sends by way of a relay of your own.",
    "graph": "Microsoft Graph: a program sends over HTTPS with a token, without SMTP.",
    "upgrade_tls": "Newer TLS: the device or program has to use TLS 1.2 or newer.",
    "switch_off": "Close it: nobody needs it, and SMTP AUTH is taken from its mailbox.",
}
"""What each way out is, as keys of the words."""

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class OwnerLetter:
    """A draft in the outbox."""

    owner: str
    to: str
    """The owner's address; empty where the owner is no mail address."""
    senders: tuple[str, ...]
    subject: str
    path: Path

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "owner": self.owner,
            "to": self.to or None,
            "senders": list(self.senders),
            "subject": self.subject,
            "path": str(self.path),
        }


@at_one_moment
def write_letters(
    store: Engine,
    owners: Sequence[str] = (),
    senders: Sequence[str] = (),
    filters: Filters = ALL,
    *,
    language: str = "en",
    template: Template | None = None,
    settings: MailSettings | None = None,
) -> list[OwnerLetter]:
    """Write one draft for each owner of senders that stop into the outbox; nothing is sent.

    Parameters
    ----------
    owners, senders
        Whose letters, and about which senders; none: of every owner, about every sender that stops
        and is neither done nor accepted.
    filters
        The days and domains that count, as for readiness.
    template
        Else the kit's own in that language.

    Returns
    -------
    list of OwnerLetter
        In the order of the hardest sender of each.

    Raises
    ------
    UsageError
        An owner has no sender that stops, or a sender does not stop or has no owner. Nothing is
        written then.
    KitError
        The outbox cannot be written.

    Examples
    --------
    >>> from smtpauth_kit.mail.mail_settings import MailSettings
    >>> kept.keep(store, {"scanner@contoso.com": {"owner": "Jane <jane@contoso.com>"}})
    1
    >>> settings = MailSettings(outbox=str(folder / "outbox"))
    >>> letter, = write_letters(store, settings=settings)
    >>> letter.to, letter.senders, letter.subject
    ('jane@contoso.com', ('scanner@contoso.com',),
     'Dec 31, 2026: mail of 1 sender of yours stops')
    """
    settings, words = settings or mail_settings(), speak(language)
    ready, known = readiness.find(store, filters), only(store, filters.tenants)
    chosen = _by_owner(ready.rows.to_dict("records"), owners, senders)
    template = template or read(usual_text(language))
    # All are composed before one is written: what fails leaves nothing behind.
    drafts = [(rows, *_composed(known, rows, ready, template, words, settings)) for rows in chosen]
    folder = outbox.folder_of(store, settings)
    return [_kept(rows, to, message, folder) for rows, to, message in drafts]


def _by_owner(
    rows: Sequence[Row], owners: Sequence[str], senders: Sequence[str]
) -> list[list[Row]]:
    """Return the rows that are chosen, those of one owner together."""
    stopping = [row for row in rows if row["breaks"] and not row["moved"]]
    if senders:
        stopping = _named(stopping, senders)
        without = [str(row["sender_address"]) for row in stopping if not row["owner"]]
        if without:
            raise UsageError(
                "Nobody owns {senders}. Say who does: smtpauth note SENDER --owner NAME.",
                senders=without,
            )
    else:
        stopping = [row for row in stopping if row["state"] not in ("done", "accepted")]
    grouped: dict[str, list[Row]] = {}
    for row in stopping:
        if row["owner"]:
            grouped.setdefault(_key(row["owner"]), []).append(row)
    if not owners:
        return list(grouped.values())
    missing = [owner for owner in owners if _key(owner) not in grouped]
    if missing:
        raise UsageError(
            "No sender that stops is noted as of {owners}. Owners of such senders: {known}.",
            owners=missing,
            known=[str(own[0]["owner"]) for own in grouped.values()][:20] or [UNTOLD],
        )
    wanted = {_key(owner) for owner in owners}
    return [own for key, own in grouped.items() if key in wanted]


def _key(owner: str) -> str:
    return " ".join(owner.split()).casefold()


def _named(rows: Sequence[Row], senders: Sequence[str]) -> list[Row]:
    wanted = [kept.sender_key(sender) for sender in senders]
    keys = {kept.sender_key(row["sender_address"]): row for row in rows}
    missing = [sender for sender, key in zip(senders, wanted, strict=True) if key not in keys]
    if missing:
        raise UsageError(
            "{senders}: no such sender stops. smtpauth show readiness has those that do.",
            senders=missing,
        )
    return [row for key, row in keys.items() if key in wanted]


# --- the mail -----------------------------------------------------------------------------------


def _composed(
    store: Engine, rows: Sequence[Row], ready: Ready, template: Template, words: Words,
    settings: MailSettings,
) -> tuple[str, EmailMessage]:  # fmt: skip
    owner = " ".join(str(rows[0]["owner"]).split())
    to = _address(owner)
    scope = ready.scope
    letter = {
        "owner": (to.display_name or to.addr_spec) if to else owner,
        "sender_count": words.count(len(rows)),
        "senders": words("{n} senders", n=len(rows)),
        "retirement_date": words.date(ready.retirement),
        "ways": "\n".join(f"  {text}" for text in _ways(rows, words)),
        "first_day": words.date(scope.start),
        "last_day": words.date(scope.end),
        "sources": source_titles(sorted({str(row["source"]) for row in rows}), words),
    }
    subject, text = template.filled(letter, [_sender(store, row, ready, words) for row in rows])
    sender = settings.from_ or (settings.user if "@" in settings.user else "")
    return to.addr_spec if to else "", _message(to, sender, subject, text, words.language)


def _message(
    to: Address | None, sender: str, subject: str, text: str, language: str
) -> EmailMessage:
    message = EmailMessage(policy.SMTP)
    own = parse_address(sender) if sender else None
    message["Message-ID"] = make_msgid(domain=own.domain if own else "localhost")
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    if own:
        message["From"] = own
    if to:
        message["To"] = to
    message["Subject"] = subject
    message.set_content(text, cte="quoted-printable")
    message["Content-Language"] = language
    return message


def _address(owner: str) -> Address | None:
    """Return the mail address that an owner is; None: a name, whose address a person fills in."""
    try:
        return parse_address(owner)
    except UsageError:
        return None


def _ways(rows: Sequence[Row], words: Words) -> list[str]:
    used = {row["way_out"] for row in rows}
    return [words(text) for way, text in WAYS.items() if way in used]


def _sender(store: Engine, row: Row, ready: Ready, words: Words) -> dict[str, str]:
    """Return what a letter says of one sender."""

    def text(value: Any) -> str:
        return UNTOLD if value is None else " ".join(str(value).split()) or UNTOLD

    def day(value: dt.date | None) -> str:
        return words.date(value) or UNTOLD

    return {
        "sender": text(row["sender_address"]),
        "breaks": readiness.breaks_text(row["breaks"], row["moved"], words),
        "message_count": words.count(row["message_count"]),
        "first_seen": day(row["first_seen"]),
        "last_seen": day(row["last_seen"]),
        "active_days": words.count(row["active_days"]),
        "days": words("{n} days", n=row["active_days"]),
        "rhythm": readiness.rhythm_text(row["rhythm"], words),
        "next_expected": day(row["next_expected"]),
        "authentication": ", ".join(_authentication(row, words)) or UNTOLD,
        "tls": readiness.tls_text(row, words),
        "client_ips": _client_ips(store, row, ready, words),
        "way_out": text(readiness.way_text(row, words)),
        "owner": text(row["owner"]),
        "state": words(readiness.STATE_TITLES[row["state"]]),
        "due_date": day(row["due_date"]),
        "note": text(row["note"]),
    }


def _authentication(row: Row, words: Words) -> Iterator[str]:
    titles = auth_titles(words)
    names = {"basic": "basic_count", "oauth": "oauth_count", "unknown": "unknown_auth_count"}
    for protocol, name in names.items():
        if count := row[name]:
            share = words.percent(count / row["message_count"])
            yield f"{titles[protocol]} {share} ({words.count(count)})"


def _client_ips(store: Engine, row: Row, ready: Ready, words: Words) -> str:
    own = ready.scope.filters.changed(sender=str(row["sender_address"]), where=())
    found = sender_clients(store, ever(store, readiness_scope(store, own)))
    used = found[found["message_count"].notna()]["client_ip"].tolist()
    shown, more = used[:MOST_ADDRESSES], len(used) - MOST_ADDRESSES
    if more > 0:
        return words("{names} and {n} more", names=", ".join(shown), n=more)
    return ", ".join(shown) or UNTOLD


def _kept(rows: Sequence[Row], to: str, message: EmailMessage, folder: Path) -> OwnerLetter:
    owner = str(rows[0]["owner"])
    now = dt.datetime.now(dt.UTC)
    path = outbox.keep(as_draft(message), folder, f"{now:%Y-%m-%d %H%M%S} letter {owner[:40]}")
    return OwnerLetter(
        owner=owner,
        to=to,
        senders=tuple(str(row["sender_address"]) for row in rows),
        subject=str(message["Subject"]),
        path=path,
    )

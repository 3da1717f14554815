"""A report asked for by mail: checked, written into the outbox, then sent from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.mail import outbox, sending
from smtpauth_kit.mail.addresses import parse_address, recipients
from smtpauth_kit.mail.composing import as_draft, compose, templates, wire
from smtpauth_kit.mail.mail_settings import MailSettings, mail_settings
from smtpauth_kit.mail.sending import WAYS, Letter, NotDelivered, Way
from smtpauth_kit.mail.tokens import Tell
from smtpauth_kit.reports import unusual
from smtpauth_kit.reports.forms import USUAL, form_named
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.words.words import Words, speak

NOBODY: Final = "smtpauth-kit@localhost"
"""Who a mail in the outbox is from, where nobody is set."""


@dataclass(frozen=True)
class Delivery:
    """What happened to a report that was asked for."""

    way: Way
    to: tuple[str, ...]
    subject: str
    message_id: str
    size: int
    """Bytes of the mail, pictures and attachments included."""
    server: str
    path: Path | None
    """Where the .eml is; None when the mail was sent, or there was none."""
    words: Words
    why_not: str = ""
    """Why nothing was sent; empty: it was, or is kept."""

    @property
    def text(self) -> str:
        """Return what happened, in one sentence."""
        to = ", ".join(self.to)
        if self.why_not:
            return self.why_not
        if self.path is None:
            return self.words("Sent to {to} through {server}.", to=to, server=self.server)
        return self.words("Written for {to}, not sent: {path}", to=to, path=self.path)

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints; where nothing was sent, why not too."""
        why = {"why_not": self.why_not} if self.why_not else {}
        return {
            "via": self.way,
            "to": list(self.to),
            "subject": self.subject,
            "message_id": self.message_id,
            "bytes": self.size,
            "path": None if self.path is None else str(self.path),
            **why,
        }

    def _repr_html_(self) -> str:
        template = (
            '<p lang="{{ language }}" class="smtpauth smtpauth-status" role="status">'
            "{{ text|shown }}</p>"
        )
        language = self.words.language
        return templates().from_string(template).render(text=self.text, language=language)


def request_report(
    store: Engine,
    to: str | Sequence[str],
    filters: Filters = ALL,
    *,
    via: str | None = None,
    formats: Sequence[str] = USUAL,
    language: str = "en",
    everything: bool = False,
    pseudonyms: Pseudonyms | None = None,
    settings: MailSettings | None = None,
    tell: Tell | None = None,
    findings: Filters | None = None,
    only_when_new: bool = False,
) -> Delivery:
    """Mail a report, or write it into the outbox where no way out is set up.

    Parameters
    ----------
    to
        An address or several, each `jane@contoso.com` or `Jane Doe <jane@contoso.com>`.
    via
        `smtp`, `graph` or `outbox`; None: the one that is set up.
    formats
        What to attach: names of `reports.forms.FORMS`.
    everything
        The attached page holds the domains that were not asked for too; else the selection only.
    pseudonyms
        Who stands for whom, in the mail and all it carries.
    settings
        Else those of the environment and the user's `smtpauth.toml`.
    tell
        Says to a person where to sign in, when somebody must; None: nobody is there.
    findings
        Which unusual activity it tells; None: what `filters` choose.
    only_when_new
        Send nothing unless an incident is to be looked at: with a finding of high severity of
        which nothing was said yet.

    Raises
    ------
    UsageError
        An address, way or format is none.
    NotDelivered
        Not everybody got it; its text says why, and where the report is kept.

    Examples
    --------
    >>> from smtpauth_kit.mail.mail_settings import MailSettings
    >>> settings = MailSettings(outbox=str(folder / "outbox"))
    >>> done = request_report(store, ["jane@contoso.com"], formats=["html"], settings=settings)
    >>> done.way, done.subject
    ('outbox', 'SMTP AUTH clients, Nov 16, 2026 to Nov 22, 2026: 2 sender addresses, 3 messages')
    """
    settings = settings or mail_settings()
    way, people = check(to, via, formats, settings), recipients(to)
    sender = _sender(settings, way)
    named = tuple(person.addr_spec for person in people)
    chosen = filters if findings is None else findings
    with store.asking() as engine:
        if only_when_new and (why := _nothing_new(engine, chosen, language, named)):
            return Delivery(way, named, "", "", 0, "", None, speak(language), why)
        proved = any(form_named(name).proves_findings for name in formats)
        report = build_report(
            engine, filters, language, pseudonyms=pseudonyms, everything=everything,
            findings=chosen, proved=proved,
        )  # fmt: skip
    message = compose(report, people, sender, formats)
    path = outbox.keep(
        as_draft(message), outbox.folder_of(store, settings), _file_name(report, message)
    )
    done = Delivery(
        way=way,
        to=named,
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        size=len(wire(message)),
        server=settings.server if way == "smtp" else "Microsoft Graph",
        path=path,
        words=report.words,
    )
    return done if way == "outbox" else _sent(done, path, message, sender, settings, tell)


def check(
    to: str | Sequence[str],
    via: str | None = None,
    formats: Sequence[str] = (),
    settings: MailSettings | None = None,
) -> Way:
    """Return the way a report would go out; refuse what no report can be requested with.

    Raises
    ------
    UsageError
        An address, way or format is none.

    Examples
    --------
    >>> check(["jane@contoso.com"], settings=MailSettings(host="smtp.contoso.com"))
    'smtp'
    """
    recipients(to)
    for name in formats:
        form_named(name)
    name = via or (settings or mail_settings()).way
    for way in WAYS:
        if way == name:
            return way
    raise UsageError("There is no way {way}. Expected {known}.", way=repr(name), known=WAYS)


def _nothing_new(engine: Engine, findings: Filters, language: str, to: Sequence[str]) -> str:
    """Return why a report need not be sent; empty: it is to be, or nothing is loaded to judge."""
    told, words = unusual.unusual(engine, findings), speak(language)
    if told.to_look_at or not told.found.is_anything_loaded:
        return ""
    why = words(
        "Nothing new of high severity was found; nothing was sent to {to}.", to=", ".join(to)
    )
    return f"{why} {unusual.unchecked_line(told, words)}".strip()


def _sent(
    kept: Delivery,
    path: Path,
    message: EmailMessage,
    sender: Address,
    settings: MailSettings,
    tell: Tell | None,
) -> Delivery:
    """Send what the outbox holds already: whatever happens on the way, the report is safe."""
    letter = Letter(sender.addr_spec, kept.to, wire(message))
    try:
        sending.deliver(letter, kept.way, settings, tell)
    except KitError as error:
        refused = error.refused if isinstance(error, NotDelivered) else {}
        raise NotDelivered(
            "{why} The report is kept in {file}",
            why=error.sentence,
            file=str(path),
            refused=refused,
            path=path,
        ) from None
    path.unlink(missing_ok=True)
    return replace(kept, path=None)


def _sender(settings: MailSettings, way: Way) -> Address:
    given = settings.from_ or (settings.user if "@" in settings.user else "")
    if given:
        return parse_address(given)
    if way != "outbox":
        raise KitError("Nobody to send as: name an address in SMTPAUTH_MAIL_FROM.")
    return parse_address(NOBODY)


def _file_name(report: Report, message: EmailMessage) -> str:
    unique = str(message["Message-ID"]).strip("<>").partition("@")[0].rpartition(".")[2]
    return f"{report.made_at:%Y-%m-%d %H%M%S} smtp-auth-clients {unique}"

"""The report as a mail: composed here, sent or kept by `delivery`."""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import cache
from pathlib import Path
from typing import Any, Final

import idna
from jinja2 import Environment, PackageLoader

from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.names import LEGACY_TLS, TLS_VERSIONS
from smtpauth_kit.mail import delivery
from smtpauth_kit.mail.delivery import WAYS, Letter, NotDelivered, Way
from smtpauth_kit.mail.mail_settings import MailSettings, mail_settings
from smtpauth_kit.mail.tokens import Tell
from smtpauth_kit.reports.forms import USUAL, form_named
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.store import default_path
from smtpauth_kit.views import breakdowns, renderer
from smtpauth_kit.words.inert import HIDDEN, show_invisible
from smtpauth_kit.words.words import Words

TOP: Final = 10
"""So many senders stand in the mail itself; the attachments have them all."""

NOBODY: Final = "smtpauth-kit@localhost"
"""Who a mail in the outbox is from, where nobody is set."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"

# Every line is short and ASCII: no server on the way has to change, or can break, anything.
_POLICY: Final = policy.SMTP.clone(cte_type="7bit")
_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_HIDDEN: Final = re.compile(f"[{HIDDEN}]")


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
    """Where the .eml is; None when the mail was sent."""
    words: Words

    @property
    def text(self) -> str:
        """Return what happened, in one sentence."""
        to = ", ".join(self.to)
        if self.path is None:
            return self.words("Sent to {to} through {server}.", to=to, server=self.server)
        return self.words("Written for {to}, not sent: {path}", to=to, path=self.path)

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "via": self.way,
            "to": list(self.to),
            "subject": self.subject,
            "message_id": self.message_id,
            "bytes": self.size,
            "path": None if self.path is None else str(self.path),
        }

    def _repr_html_(self) -> str:
        template = (
            '<p lang="{{ language }}" class="smtpauth smtpauth-status" role="status">'
            "{{ text|shown }}</p>"
        )
        language = self.words.language
        return _templates().from_string(template).render(text=self.text, language=language)


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
) -> Delivery:
    """Mail a report, or write it into the outbox where no way out is set up.

    Parameters
    ----------
    to
        An address or several, each `jane@contoso.com` or `Jane Doe <jane@contoso.com>`.
    via
        `smtp`, `graph` or `outbox`; None: the one that is set up.
    formats
        What to attach: names of `output_forms.FORMS`.
    everything
        The attached page holds the domains that were not asked for too; else the selection only.
    pseudonyms
        Who stands for whom, in the mail and all it carries.
    settings
        Else those of the environment and the user's `smtpauth.toml`.
    tell
        Says to a person where to sign in, when somebody must; None: nobody is there.

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
    ('outbox', 'SMTP AUTH clients, Nov 16, 2026 to Nov 22, 2026: 2 accounts, 3 messages')
    """
    found = settings or mail_settings()
    way, people = check(to, via, formats, found), _people(to)
    sender = _sender(found, way)
    report = build_report(store, filters, language, pseudonyms=pseudonyms, everything=everything)
    message = compose(report, people, sender, formats)
    path = delivery.keep(_as_draft(message), _outbox(store, found), _file_name(report, message))
    done = Delivery(
        way=way,
        to=tuple(person.addr_spec for person in people),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        size=len(_wire(message)),
        server=found.server if way == "smtp" else "Microsoft Graph",
        path=path,
        words=report.words,
    )
    return done if way == "outbox" else _sent(done, path, message, sender, found, tell)


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
    _people(to)
    for name in formats:
        form_named(name)
    name = via or (settings or mail_settings()).way
    for way in WAYS:
        if way == name:
            return way
    raise UsageError("There is no way {way}. Expected {known}.", way=repr(name), known=WAYS)


def _sent(
    kept: Delivery,
    path: Path,
    message: EmailMessage,
    sender: Address,
    settings: MailSettings,
    tell: Tell | None,
) -> Delivery:
    """Send what the outbox holds already: whatever happens on the way, the report is safe."""
    letter = Letter(sender.addr_spec, kept.to, _wire(message))
    try:
        delivery.deliver(letter, kept.way, settings, tell)
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


# --- addresses -----------------------------------------------------------------------------


def parse_address(text: str) -> Address:
    """Return one mail address, with or without a name, ready for a header and for a server.

    The domain becomes its ASCII form. Whatever could become a second address or header is refused.

    Examples
    --------
    >>> str(parse_address("Zoë <zoe@bücher.example>"))
    'Zoë <zoe@xn--bcher-kva.example>'
    >>> parse_address("a@contoso.com, b@contoso.com")
    Traceback (most recent call last):
    ...
    smtpauth_kit.base.errors.UsageError: 'a@contoso.com, b@contoso.com' is not one mail address. ...
    """
    wrong = UsageError(
        "{address} is not one mail address. Write it as jane@contoso.com or "
        '"Jane Doe <jane@contoso.com>"; repeat --to for more.',
        address=repr(text),
    )
    if len(text) > 500 or _HIDDEN.search(text):
        raise wrong
    try:
        header: Any = policy.SMTP.header_factory("To", text)
    except Exception:  # Python's parser has no one way to fail on what is malformed.
        raise wrong from None
    if header.defects or len(header.groups) != 1 or len(header.addresses) != 1:
        raise wrong
    (found,) = header.addresses
    # A name may have come in code, with anything inside.
    if header.groups[0].display_name is not None or _HIDDEN.search(found.display_name):
        raise wrong
    domain = _ascii_domain(found.domain)
    if not domain or not _LOCAL.fullmatch(found.username) or len(found.username) > 64:
        raise wrong
    if len(found.username) + 1 + len(domain) > 254:
        raise wrong
    return Address(found.display_name, found.username, domain)


def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def _people(to: str | Sequence[str]) -> list[Address]:
    given = [to] if isinstance(to, str) else to
    people = {person.addr_spec.lower(): person for person in map(parse_address, given)}
    if not people:
        raise UsageError("Nobody to send to: name at least one address with --to.")
    return list(people.values())


def _sender(settings: MailSettings, way: Way) -> Address:
    given = settings.from_ or (settings.user if "@" in settings.user else "")
    if given:
        return parse_address(given)
    if way != "outbox":
        raise KitError("Nobody to send as: name an address in SMTPAUTH_MAIL_FROM.")
    return parse_address(NOBODY)


# --- the message ---------------------------------------------------------------------------


def compose(
    report: Report, to: Sequence[Address], sender: Address, formats: Sequence[str]
) -> EmailMessage:
    """Return the mail: words, the same as a page with pictures, and the attachments."""
    message = EmailMessage(_POLICY)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Date"] = format_datetime(report.made_at)
    message["From"], message["To"] = sender, list(to)
    message["Subject"] = _subject(report)
    # No machine answers a machine (RFC 3834), and Exchange's are told in its own way.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    name = f"smtp-auth-clients-{report.scope.start}-{report.scope.end}"
    attached = [f"{name}.{form}" for form in formats]
    pictures = _pictures(report)
    # Short: where this header is folded, some programs do not find the picture.
    cids = {view: f"{view}.{secrets.token_hex(4)}@smtpauth-kit" for view in pictures}
    shown = _shown(report, attached)
    message.set_content(_render("mail.txt", **shown))
    message.add_alternative(_render("mail.html", **shown, cids=cids), subtype="html")
    page: Any = message.get_payload(1)
    for view, picture in pictures.items():
        page.add_related(picture, "image", "png", cid=f"<{cids[view]}>", filename=f"{view}.png")
    for form, file_name in zip(formats, attached, strict=True):
        _attach(message, report, form, file_name)
    message["Content-Language"] = report.words.language
    return message


def _attach(message: EmailMessage, report: Report, form: str, name: str) -> None:
    found = form_named(form)
    kind, content = found.media_type.split("/"), found.content(report)
    if kind[0] != "text":
        message.add_attachment(content, *kind, filename=name)
        return
    # A page is packed text already: quoted it grows by a tenth, in base64 by a third.
    how: dict[str, Any] = {"cte": "quoted-printable", "params": {"charset": "utf-8"}}
    message.add_attachment(content, *kind, filename=name, **how)


def _subject(report: Report) -> str:
    words, scope = report.words, report.scope
    if scope.start is None or scope.end is None:
        raise KitError("Nothing is loaded yet, so there is nothing to report.")
    return words(
        "SMTP AUTH clients, {start} to {end}: {accounts}, {messages}",
        start=words.date(scope.start),
        end=words.date(scope.end),
        accounts=words("{n} accounts", n=_account_count(report)),
        messages=words("{n} messages", n=report.message_count),
    )


def _account_count(report: Report) -> int:
    if report.scope.accounts_from == "sign_ins":
        return int(report.insight["account_count"].iloc[0])
    return len(report.senders)


def _shown(report: Report, attached: list[str]) -> dict[str, Any]:
    """Return what both forms of the mail say, in words already."""
    return {
        "words": report.words,
        "report": report,
        "subject": _subject(report),
        "figures": _figures(report),
        "top": [_row(row, report.words) for row in report.top_senders(TOP)],
        "attached": attached,
    }


def _row(sender: dict[Any, Any], words: Words) -> dict[str, str]:
    """Return what the mail says of a sender: only what it used, so that a row is short."""
    titles = breakdowns.tls_titles(words)
    names = {version: f"tls_{version.replace('.', '_')}" for version in TLS_VERSIONS}
    tls = [
        f"{titles[version]} {words.percent(sender[f'{name}_share'])}"
        for version, name in names.items()
        if sender[f"{name}_count"]
    ]
    auth = {"basic_count": words("Basic auth"), "oauth_count": words("OAuth")}
    used = [title for name, title in auth.items() if sender[name]]
    return {
        "address": show_invisible(str(sender["sender_address"])),
        "tls": ", ".join(tls),
        "auth": ", ".join(used),
        "count": words.count(int(sender["message_count"])),
    }


def _figures(report: Report) -> list[tuple[str, str, str]]:
    """Return the key figures: what, how many, and its share or what is not known."""
    words, total = report.words, report.message_count
    of_tls = {value: count for value, count, _ in report.parts(breakdowns.TLS)}
    of_auth = {value: count for value, count, _ in report.parts(breakdowns.AUTH)}

    def part(label: str, count: int, unknown: int) -> tuple[str, str, str]:
        not_known = words("{n} unknown", n=unknown)
        if unknown and unknown == total:
            # Nobody can tell: a nought would be a figure.
            return label, "\u2013", not_known
        share = words.percent(count / total) if total else ""
        return label, words.count(count), f"{share}; {not_known}" if unknown else share

    old = sum(of_tls[version] for version in ("none", *LEGACY_TLS))
    return [
        (words("Accounts"), words.count(_account_count(report)), ""),
        (words("Messages"), words.count(total), ""),
        part(words("Below TLS 1.2"), old, of_tls["unknown"]),
        part(words("Basic auth"), of_auth["basic"], of_auth["unknown"]),
    ]


def _pictures(report: Report) -> dict[str, bytes]:
    """Return the charts as PNG, for no mail program draws SVG; none where nothing is to draw."""
    drawings = report.drawings if report.message_count else []
    return {view: _png(svg) for view, _, _, svg in drawings}


def _png(svg: str) -> bytes:
    # White under it: in a dark mail program black letters would stand on black.
    head, end, rest = svg.partition(">")
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    png = renderer.svg_to_png(f'{head} color="#1b1d21"{end}{paper}{rest}', scale=1.5)
    return _repacked(png)


def _repacked(png: bytes) -> bytes:
    """Return the same picture packed as well as PNG can: less than half of what the maker takes."""
    chunks, at = [], len(_PNG)
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        chunks.append((kind, png[at + 8 : at + 8 + size]))
        at += size + 12
    pixels = b"".join(data for kind, data in chunks if kind == b"IDAT")
    packed = [c for c in chunks if c[0] not in (b"IDAT", b"IEND")]
    packed += [(b"IDAT", zlib.compress(zlib.decompress(pixels), 9)), (b"IEND", b"")]
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in packed
    )


def _file_name(report: Report, message: EmailMessage) -> str:
    unique = str(message["Message-ID"]).strip("<>").partition("@")[0].rpartition(".")[2]
    return f"{report.made_at:%Y-%m-%d %H%M%S} smtp-auth-clients {unique}"


def _wire(message: EmailMessage) -> bytes:
    """Return the mail as it is sent; a subject that is folded has its first word on its line."""
    return message.as_bytes(policy=_POLICY.clone(max_line_length=120))


def _as_draft(message: EmailMessage) -> bytes:
    """Return the mail as a file that Outlook opens ready to be sent."""
    return b"X-Unsent: 1\r\n" + _wire(message)


def _outbox(store: Engine, settings: MailSettings) -> Path:
    if settings.outbox:
        return Path(settings.outbox).expanduser().absolute()
    return Path(getattr(store, "path", None) or default_path()).absolute().parent / "outbox"


def _render(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(**values)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("smtpauth_kit.reports"),
        autoescape=lambda name: name is None or name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: show_invisible(str(text))
    return environment

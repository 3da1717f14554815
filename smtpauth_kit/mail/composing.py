"""The mail of a report: its text, the same as a page with pictures, and the attachments."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Sequence
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.names import LEGACY_TLS, TLS_VERSIONS
from smtpauth_kit.reports import readiness_told, unusual
from smtpauth_kit.reports.forms import OutputForm, form_named
from smtpauth_kit.reports.report import Report
from smtpauth_kit.views import breakdowns, details_table, findings, renderer, switch_off
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

TOP: Final = 10
"""So many senders stand in the mail itself; the attachments have them all."""

TOP_INCIDENTS: Final = 5
"""So many incidents stand in the mail itself, and so many senders that stop."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
"""What every PNG file begins with."""

# Every line is short and ASCII: no server on the way has to change, or can break, anything.
_POLICY: Final = policy.SMTP.clone(cte_type="7bit")


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
        _attach(message, report, form_named(form), file_name)
    message["Content-Language"] = report.words.language
    return message


def _attach(message: EmailMessage, report: Report, form: OutputForm, name: str) -> None:
    kind, content = form.media_type.split("/"), form.content(report)
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
        "SMTP AUTH clients, {start} to {end}: {senders}, {messages}",
        start=words.date(scope.start),
        end=words.date(scope.end),
        senders=details_table.senders_counted(scope, _account_count(report), words),
        messages=words("{n} messages", n=report.message_count),
    )


def _account_count(report: Report) -> int:
    if report.scope.accounts_from == "sign_ins":
        return int(report.insight["account_count"].iloc[0] or 0)
    return len(report.senders)


def _shown(report: Report, attached: list[str]) -> dict[str, Any]:
    """Return the values that both templates, text and page, are filled in with."""
    return {
        "words": report.words,
        "report": report,
        "subject": _subject(report),
        "figures": _figures(report),
        "unusual": _unusual(report),
        "readiness": _readiness(report),
        "top": [_row(row, report.words) for row in report.top_senders(TOP)],
        "attached": attached,
    }


def _unusual(report: Report) -> dict[str, Any]:
    """Return what the mail says of incidents; empty: nobody asked what is unusual."""
    told, words = report.unusual, report.words
    if told is None:
        return {}
    first = told.to_look_at[:TOP_INCIDENTS]
    left = len(told.to_look_at) - len(first)
    notes = [
        words("and {n} more incidents to look at", n=left) if left else "",
        *unusual.remarks(told, words),
        unusual.unchecked_line(told, words),
    ]
    return {
        "headline": findings.headline(told.found, told.filters, words),
        "incidents": [
            (
                findings.severity_text(told.strongest(each).severity, words),
                unusual.sentence_of(told, each, words),
                findings.when_text(each, words),
            )
            for each in first
        ],
        "notes": [note for note in notes if note],
    }


def _readiness(report: Report) -> dict[str, Any]:
    """Return what the mail says of who stops; empty: no attachment holds it."""
    told, words = report.readiness, report.words
    if told is None:
        return {}
    ready = told.ready
    answers = (ready.readiness, ready.switch_off, ready.burn_down)
    said = [words.told(answer.beside["statement"]) for answer in answers]
    rows = switch_off.rows(ready, words).to_dict("records")
    left = len(rows) - TOP_INCIDENTS
    off = [each["text"] for each in switch_off.choices(ready, words) if each["is_off"]]
    return {
        "headline": said[0],
        "statements": said[1:] if ready.scope.source else [],
        "off": ", ".join(off),
        "senders": [(row["sender_address"], _stopping(row, words)) for row in rows[:TOP_INCIDENTS]],
        "notes": [
            *([words("and {n} more senders", n=left)] if left > 0 else []),
            *readiness_told.remarks(told, words),
        ],
    }


def _stopping(row: dict[Any, Any], words: Words) -> str:
    """Return what the mail says of a sender that stops: what it stops with, when, what then."""
    missed, owner = row["first_missed"], row["owner"]
    told = {
        words("Stops with"): row["stops"],
        words("First missed"): words.date(missed) if missed else "",
        words("Way out"): row["way"],
        words("Owner"): show_invisible(owner) if owner else "",
    }
    return "; ".join(f"{title}: {text}" for title, text in told.items() if text)


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

    def part(label: str, count: int | None, unknown: int | None) -> tuple[str, str, str]:
        not_known = words("{n} unknown", n=unknown)
        if count is None:
            return label, words.count(count), not_known if unknown else ""
        share = words.percent(count / total) if total else ""
        return label, words.count(count), f"{share}; {not_known}" if unknown else share

    told = [n for version in ("none", *LEGACY_TLS) if (n := of_tls[version]) is not None]
    old = sum(told) if told else None
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
    """Return the same picture compressed as far as PNG goes: less than half of what was drawn."""
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


def wire(message: EmailMessage) -> bytes:
    """Return the mail as it is sent; a subject that is folded has its first word on its line."""
    return message.as_bytes(policy=_POLICY.clone(max_line_length=120))


def as_draft(message: EmailMessage) -> bytes:
    """Return the mail as a file that Outlook opens ready to be sent."""
    return b"X-Unsent: 1\r\n" + wire(message)


def _render(template: str, **values: Any) -> str:
    return templates().get_template(template).render(**values)


@cache
def templates() -> Environment:
    """Return the templates of the mail; what hides or reorders text is `shown` by its code."""
    environment = Environment(
        loader=PackageLoader("smtpauth_kit.reports"),
        autoescape=lambda name: name is None or name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: show_invisible(str(text))
    return environment

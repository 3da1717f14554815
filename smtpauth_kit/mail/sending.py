"""Sending a mail: through an SMTP server, or by Microsoft Graph.

Nothing is sent in clear: without TLS, or with a certificate that cannot be verified, nobody signs
in and no mail goes out.
"""

from __future__ import annotations

import base64
import json
import smtplib
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence, Value, listed
from smtpauth_kit.mail import tokens
from smtpauth_kit.mail.mail_settings import MailSettings, secret
from smtpauth_kit.mail.servers import (
    AnswerTooLong,
    BoundedSmtp,
    BoundedSmtpOverTls,
    answer_too_long,
    ask,
    connection_failed,
    shown,
    tls_context,
    tls_failed,
    within,
)
from smtpauth_kit.mail.tokens import Tell

Way = Literal["smtp", "graph", "outbox"]
WAYS: Final[tuple[Way, ...]] = ("smtp", "graph", "outbox")

GRAPH_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of one request that Graph takes, after base64."""


@dataclass(frozen=True)
class Letter:
    """A mail as it goes over the wire, and from whom to whom."""

    sender: str
    to: tuple[str, ...]
    content: bytes


class NotDelivered(KitError):
    """A mail reached nobody, or not all of its recipients."""

    def __init__(
        self,
        template: str,
        /,
        *,
        refused: dict[str, str],
        path: Path | None = None,
        **values: Value,
    ) -> None:
        super().__init__(template, **values)
        self.refused = refused
        """Who a server refused, and its words."""
        self.path = path
        """Where the mail is kept."""
        self.details = {"refused": refused, "path": None if path is None else str(path)}


def deliver(letter: Letter, way: Way, settings: MailSettings, tell: Tell | None = None) -> None:
    """Send a letter by `smtp` or `graph`.

    Raises
    ------
    KitError
        It did not go out; as `NotDelivered` also where only some recipients were refused.
    """
    send = _by_smtp if way == "smtp" else _by_graph
    send(letter, settings, tell)


# --- SMTP ----------------------------------------------------------------------------------


def _by_smtp(letter: Letter, settings: MailSettings, tell: Tell | None) -> None:
    if not settings.host:
        raise KitError("No mail server is set: name it in SMTPAUTH_MAIL_HOST.")
    # Before anything is opened: a person may have to sign in first.
    credential = _credential(settings, tell) if settings.user else ""
    within(settings, settings.server, lambda: _dialogue(letter, settings, credential))


def _credential(settings: MailSettings, tell: Tell | None) -> str:
    if settings.auth == "xoauth2":
        return tokens.access_token(settings, tokens.SMTP, tell)
    whose = Sentence("password for {user}", user=settings.user)
    return secret("password", settings.user, whose)


def _dialogue(letter: Letter, settings: MailSettings, credential: str) -> None:
    talk = _SmtpDialogue(settings, credential)
    smtp = talk.connect()
    try:
        if settings.security == "starttls":
            talk.start_tls(smtp)
        with talk.step(Sentence("saying hello")):
            smtp.ehlo_or_helo_if_needed()
        if credential:
            talk.sign_in(smtp)
        refused = talk.hand_over(smtp, letter)
        # The message is theirs now: how the goodbye goes changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()
    if refused:
        raise _not_all(letter, refused, settings.server)


def _not_all(letter: Letter, refused: dict[str, str], server: str) -> NotDelivered:
    got = [address for address in letter.to if address not in refused]
    return NotDelivered(
        "{server} refused {said}. The report went to {people}.",
        server=server,
        said="; ".join(f"{address} ({reply})" for address, reply in refused.items()),
        people=got or Sentence("nobody"),
        refused=refused,
    )


class _SmtpDialogue:
    """One dialogue with a mail server; each step ends well or in plain words."""

    def __init__(self, settings: MailSettings, credential: str) -> None:
        self._settings = settings
        self._credential = credential
        self._server = settings.server

    def connect(self) -> smtplib.SMTP:
        """Connect, over TLS from the first byte where that is asked for."""
        settings = self._settings
        port = int(self._server.rpartition(":")[2])
        # The name this machine gives itself is nobody's business.
        common: dict[str, Any] = {"timeout": settings.timeout, "local_hostname": "[127.0.0.1]"}
        with self.step(Sentence("greeting")):
            if settings.security == "tls":
                context = tls_context(settings)
                return BoundedSmtpOverTls(settings.host, port, context=context, **common)
            return BoundedSmtp(settings.host, port, **common)

    def start_tls(self, smtp: smtplib.SMTP) -> None:
        """Go over to TLS, or not go on at all."""
        with self.step(Sentence("saying hello")):
            smtp.ehlo()
        if not smtp.has_extn("starttls"):
            raise KitError(
                "{server} does not offer STARTTLS, so the report would travel in clear. "
                "If it expects TLS from the start, set SMTPAUTH_MAIL_SECURITY=tls (port 465); "
                "else somebody between may be taking the offer away.",
                server=self._server,
            )
        with self.step(Sentence("starting TLS")):
            smtp.starttls(context=tls_context(self._settings))

    def sign_in(self, smtp: smtplib.SMTP) -> None:
        """Authenticate with the strongest way that both know."""
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        user, credential = self._settings.user, self._credential
        known: dict[str, list[str]] = {
            "PLAIN": [f"\0{user}\0{credential}"],
            "LOGIN": [user, credential],
        }
        if self._settings.auth == "xoauth2":
            # The empty answer is what asks the server for its error, where it has one.
            known = {"XOAUTH2": [f"user={user}\x01auth=Bearer {credential}\x01\x01", ""]}
        mechanism = next((name for name in known if name in offered), None)
        if mechanism is None:
            raise KitError(
                "{server} offers {ways}; the kit could sign in with {known}. "
                "See SMTPAUTH_MAIL_AUTH.",
                server=self._server,
                ways=shown(", ".join(offered)) or Sentence("no sign-in at all"),
                known=listed(list(known), "or"),
            )
        with self.step(Sentence("signing in")):
            code, reply, details = _authenticate(smtp, mechanism, known[mechanism])
        if code != 235:
            raise self._not_signed_in(code, reply, details)

    def hand_over(self, smtp: smtplib.SMTP, letter: Letter) -> dict[str, str]:
        """Give the letter away; return who was refused."""
        with self.step(Sentence("taking the sender")):
            reply = smtp.mail(letter.sender, _size(smtp, letter))
        if reply[0] != 250:
            raise KitError(
                "{server} does not take mail from {address}: {said}.",
                server=self._server,
                address=letter.sender,
                said=self._said(*reply),
            )
        refused = {}
        for address in letter.to:
            with self.step(Sentence("taking the recipients")):
                code, text = smtp.rcpt(address)
            if code not in (250, 251):
                refused[address] = self._said(code, text)
        if len(refused) == len(letter.to):
            return refused
        with self.step(Sentence("taking the message, which may have arrived")):
            try:
                reply = smtp.data(letter.content)
            except smtplib.SMTPDataError as error:
                reply = error.smtp_code, _bytes(error.smtp_error)
        if reply[0] != 250:
            raise KitError(
                "{server} did not take the message: {said}.",
                server=self._server,
                said=self._said(*reply),
            )
        return refused

    @contextmanager
    def step(self, doing: Sentence) -> Iterator[None]:
        """Turn whatever goes wrong in this step into plain words."""
        try:
            yield
        except AnswerTooLong as error:
            raise answer_too_long(self._server, error, doing) from None
        except ssl.SSLError as error:
            raise tls_failed(self._server, error) from None
        except smtplib.SMTPResponseException as error:
            said = self._said(error.smtp_code, _bytes(error.smtp_error))
            raise KitError(
                "{server} said {said} while {doing}.", server=self._server, said=said, doing=doing
            ) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise connection_failed(self._settings, self._server, error, doing) from None

    def _said(self, code: int, text: bytes) -> str:
        return f"{code} {shown(text.decode('utf-8', 'replace'), self._secrets())}"

    def _secrets(self) -> list[str]:
        plain = [self._credential, f"\0{self._settings.user}\0{self._credential}"]
        return [self._credential, *map(_base64, plain)] if self._credential else []

    def _not_signed_in(self, code: int, reply: bytes, details: bytes) -> KitError:
        said = self._said(code, reply)
        more = f" ({shown(details.decode('utf-8', 'replace'), self._secrets())})" * bool(details)
        by_token = self._settings.auth == "xoauth2"
        advice = Sentence(
            "Check SMTPAUTH_MAIL_USER and the token."
            if by_token
            else "Check SMTPAUTH_MAIL_USER and the password."
        )
        if b"5.7.139" in reply and not by_token:
            # Exchange Online, where basic authentication is off: what this kit is about.
            advice = Sentence(
                "Sign in with OAuth (SMTPAUTH_MAIL_AUTH=xoauth2), or send with --via graph."
            )
        return KitError(
            "{server} refused the sign-in of {user}: {said}. {advice}",
            server=self._server,
            user=self._settings.user,
            said=said + more,
            advice=advice,
        )


def _authenticate(
    smtp: smtplib.SMTP, mechanism: str, answers: Sequence[str]
) -> tuple[int, bytes, bytes]:
    """Return the server's last code and words, and what it asked before: XOAUTH2's error.

    `SMTP.login` cannot send a password that is not ASCII, and shows no challenge.
    """
    first, *others = map(_base64, answers)
    code, reply = smtp.docmd("AUTH", f"{mechanism} {first}")
    details = b""
    for answer in others:
        if code != 334:
            break
        with suppress(ValueError):
            details = base64.b64decode(reply)
        code, reply = smtp.docmd(answer)
    return code, reply, details if mechanism == "XOAUTH2" else b""


def _size(smtp: smtplib.SMTP, letter: Letter) -> list[str]:
    return [f"size={len(letter.content)}"] if smtp.has_extn("size") else []


# --- Graph ---------------------------------------------------------------------------------


def _by_graph(letter: Letter, settings: MailSettings, tell: Tell | None) -> None:
    body = base64.b64encode(letter.content)
    if len(body) > GRAPH_LIMIT:
        raise KitError(
            "The mail has {size} MB; Microsoft Graph takes 4 MB at once. "
            "Ask for fewer days or domains, or one format (--format html), or send by SMTP.",
            size=f"{len(body) / 1024**2:.1f}",
        )
    token = tokens.access_token(settings, tokens.GRAPH, tell)
    sender = urllib.parse.quote(letter.sender)
    request = urllib.request.Request(
        f"{settings.graph_url.rstrip('/')}/v1.0/users/{sender}/sendMail",
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"},
    )
    answer = ask(request, settings, Sentence("taking the message"), unread=202)
    if answer.status != 202:
        host = urllib.parse.urlsplit(settings.graph_url).netloc
        raise _graph_words(answer.status, answer.body, host, letter.sender, token)


def _graph_words(status: int, said: bytes, host: str, sender: str, token: str) -> KitError:
    try:
        error = json.loads(said)["error"]
        text = f"{status} {error['code']}: {error['message']}"
    except (ValueError, LookupError, TypeError, RecursionError):
        text = f"{status} {said.decode('utf-8', 'replace')}"
    return KitError(
        "{server} did not take the message: {said}. {advice}",
        server=host,
        said=shown(text, [token]),
        advice=_advice(status, sender),
    )


def _advice(status: int, sender: str) -> Sentence:
    """Return what to do when Graph answers with this status."""
    other = Sentence("Try again later." if status >= 500 else "Check the mail settings.")
    return {
        401: Sentence(
            "The token is not for Graph: check SMTPAUTH_MAIL_TENANT and SMTPAUTH_MAIL_CLIENT_ID."
        ),
        403: Sentence(
            "Give the app the permission Mail.Send, and let it send as {address}.", address=sender
        ),
        404: Sentence(
            "Check SMTPAUTH_MAIL_FROM: {address} must be a mailbox of the tenant.", address=sender
        ),
        413: Sentence("Ask for fewer days or domains, or one format (--format html)."),
        429: Sentence("It is too busy with this mailbox: try again later."),
    }.get(status, other)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()

"""Connections to servers: verified TLS, a limit to each answer, and errors in plain words.

A server may be anybody. Its answer is read up to a bound in bytes, lines and time, no other address
it names is gone to, and its words are shown cut, inert and without a secret it was given.
"""

from __future__ import annotations

import http.client
import io
import smtplib
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.secrets import masked
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.words.inert import printable

REPLY_BYTES: Final = 64 * 1024
REPLY_LINES: Final = 200
"""A mail server's longest answer to one command; real ones have some twenty lines."""

ANSWER_BYTES: Final = 1024 * 1024
"""A web server's longest answer, head included; a token has some kilobytes."""

_HEADERS, _HEADER_BYTES = 100, 65_536
"""What http.client itself takes of a head."""

_WHOLE: Final = 10
"""A whole dialogue may last so many times as long as one answer."""

_SHOWN: Final = 300
"""Characters of a server's words that an error shows."""

_CERTIFICATE: Final = {
    9: Sentence("is not valid yet"),
    10: Sentence("has expired"),
    18: Sentence("is signed by itself, not by an authority"),
    19: Sentence("comes from an authority that this machine does not trust"),
    20: Sentence("comes from an authority that this machine does not trust"),
    62: Sentence("is for another host name"),
}
"""OpenSSL's verification errors in words."""

T = TypeVar("T")


class AnswerTooLong(Exception):
    """An answer went past its bound: so many seconds, bytes or lines."""

    def __init__(self, n: int, unit: str) -> None:
        super().__init__(f"{n} {unit}")
        self.n, self.unit = n, unit


class BoundedReader(io.RawIOBase):
    """What a server says, each answer up to `most` bytes and whole within the socket's timeout.

    A timeout of a socket alone starts anew with every byte, and a drip would never end.
    """

    def __init__(self, sock: socket.socket, most: int) -> None:
        self._sock, self._most = sock, most
        self._seconds = sock.gettimeout() or 0
        self._raw: Any = sock.makefile("rb", buffering=0)
        self.wait()

    def wait(self) -> None:
        """Begin to wait for another answer."""
        self._until, self._count = time.monotonic() + self._seconds, 0

    def readable(self) -> bool:
        """Tell what io asks."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, or raise at the bound; TimeoutError only where nothing was said."""
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            if not self._count:
                raise
            raise AnswerTooLong(int(self._seconds), "seconds") from None
        finally:
            self._sock.settimeout(self._seconds)
        self._count += count or 0
        if self._count > self._most:
            raise AnswerTooLong(self._most, "bytes")
        return count

    def close(self) -> None:
        """Let the socket go."""
        self._raw.close()
        super().close()


# --- mail servers --------------------------------------------------------------------------


class _Replies:
    """A mail server's replies, as smtplib reads them line by line."""

    def __init__(self, sock: socket.socket) -> None:
        self._heard = BoundedReader(sock, REPLY_BYTES)
        self._lines = io.BufferedReader(self._heard)
        self.wait()

    def wait(self) -> None:
        self._heard.wait()
        self._left = REPLY_LINES

    def readline(self, size: int) -> bytes:
        if not self._left:
            raise AnswerTooLong(REPLY_LINES, "lines")
        self._left -= 1
        line = self._lines.readline(size)
        if len(line) == size:
            raise AnswerTooLong(size - 1, "bytes")
        return line

    def close(self) -> None:
        self._lines.close()


class BoundedSmtp(smtplib.SMTP):
    """A dialogue with a mail server whose replies end."""

    def getreply(self) -> tuple[int, bytes]:
        """Return a reply; smtplib's own would collect lines as long as they come."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock)
        try:
            if self.file is not None:
                self.file.wait()
            return super().getreply()
        except AnswerTooLong:
            self.close()
            raise


class BoundedSmtpOverTls(BoundedSmtp, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


# --- web servers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a web server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp.close()
        self.fp = io.BufferedReader(BoundedReader(sock, ANSWER_BYTES))


class _Connection(http.client.HTTPSConnection):
    response_class = _Response


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        opened: Any = self
        return opened.do_open(_Connection, req, context=opened._context)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every status is an answer: another address must not be given a secret or the report."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


def ask(
    request: urllib.request.Request, settings: MailSettings, doing: Sentence, unread: int = 0
) -> Answer:
    """Return a web server's answer, whatever its status; of the status `unread` no body is read.

    Raises
    ------
    KitError
        There is none: no connection, no TLS, no HTTP, or no end.
    """
    host = urllib.parse.urlsplit(request.full_url).netloc
    if request.type != "https":
        raise KitError(
            "{server} is not asked while {doing}: its address does not start with https://, "
            "so a secret would travel in clear.",
            server=shown(host),
            doing=doing,
        )
    return within(settings, host, lambda: _asked(request, settings, host, doing, unread))


def _asked(
    request: urllib.request.Request, settings: MailSettings, host: str, doing: Sentence, unread: int
) -> Answer:
    opener = urllib.request.build_opener(_Https(context=tls_context(settings)), _AsItIs)
    try:
        with opener.open(request, timeout=settings.timeout) as response:
            body = b"" if response.status == unread else response.read(ANSWER_BYTES)
            return Answer(response.status, dict(response.headers.items()), body)
    except AnswerTooLong as error:
        raise answer_too_long(host, error, doing) from None
    except http.client.LineTooLong:
        raise answer_too_long(host, AnswerTooLong(_HEADER_BYTES, "bytes"), doing) from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLError):
            raise tls_failed(host, reason) from None
        if type(reason) is http.client.HTTPException:  # What http.client says of too many headers.
            raise answer_too_long(host, AnswerTooLong(_HEADERS, "lines"), doing) from None
        cause = reason if isinstance(reason, Exception) else OSError(reason)
        raise connection_failed(settings, host, cause, doing) from None


def tls_context(settings: MailSettings) -> ssl.SSLContext:
    """Return a context that takes TLS 1.2 or later from a server that proves its name."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
    except (OSError, ssl.SSLError):
        raise KitError(
            '"{file}" (SMTPAUTH_MAIL_CA_FILE) cannot be read as PEM certificates.',
            file=settings.ca_file,
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def within(settings: MailSettings, server: str, work: Callable[[], T]) -> T:
    """Do the work, or give it up: many answers, each in time, can be too long a talk."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(settings.timeout * _WHOLE)
    if failed:
        raise failed[0]
    if not done:
        raise KitError(
            "{server} was not done after {n} seconds; it was left. The message may have arrived.",
            server=server,
            n=str(settings.timeout * _WHOLE),
        )
    return done[0]


# --- plain words ---------------------------------------------------------------------------


def shown(text: str, secrets: Sequence[str] = ()) -> str:
    r"""Return foreign text for an error: one line, inert, cut, without any secret in it.

    >>> shown("535 no:\r\n hunter2\x1b[2J", ["hunter2"])
    '535 no: ***\\x1b[2J'
    """
    line = printable(masked(" ".join(text.split()), secrets))
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def tls_failed(server: str, error: ssl.SSLError) -> KitError:
    """Return why there is no TLS with a server."""
    if isinstance(error, ssl.SSLCertVerificationError):
        other = Sentence("does not hold: {system}", system=error.verify_message)
        return KitError(
            "The certificate of {server} {why}, so nothing was sent. If it is your own "
            "server's, name its authority's certificate in SMTPAUTH_MAIL_CA_FILE.",
            server=server,
            why=_CERTIFICATE.get(error.verify_code, other),
        )
    return KitError(
        "No secure connection with {server} ({system}). Expected is TLS 1.2 or later; "
        "set SMTPAUTH_MAIL_SECURITY to starttls (port 587) or tls (port 465) as the server has it.",
        server=server,
        system=(error.reason or str(error)).replace("_", " ").lower(),
    )


def connection_failed(
    settings: MailSettings, server: str, error: Exception, doing: Sentence
) -> KitError:
    """Return the error for a connection that failed; smtplib hides a timeout inside a lost one."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return KitError(
            "{server} said nothing for {n} seconds while {doing}.",
            server=server,
            n=str(settings.timeout),
            doing=doing,
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        return KitError(
            "There is no server {server}, or the network cannot say where it is.", server=server
        )
    if isinstance(error, ConnectionRefusedError):
        return KitError("Nothing answers at {server}. Check its name and port.", server=server)
    lost = smtplib.SMTPServerDisconnected | ConnectionError | http.client.HTTPException
    if isinstance(error, lost):
        return KitError("{server} broke the connection while {doing}.", server=server, doing=doing)
    why = getattr(error, "strerror", None) or type(error).__name__
    return KitError("{server} cannot be reached: {system}.", server=server, system=shown(str(why)))


def answer_too_long(server: str, error: AnswerTooLong, doing: Sentence) -> KitError:
    """Return the error for an answer that went past its limit."""
    if error.unit == "seconds":
        return KitError(
            "{server} did not end its answer within {n} seconds while {doing}.",
            server=server,
            n=str(error.n),
            doing=doing,
        )
    return KitError(
        "{server} answered with more than {n} lines while {doing}; it was left."
        if error.unit == "lines"
        else "{server} answered with more than {n} bytes while {doing}; it was left.",
        server=server,
        n=error.n,
        doing=doing,
    )

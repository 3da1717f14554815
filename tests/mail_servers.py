"""Servers that stand in the place of a mail provider, on this machine, over real TLS."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509

USER, PASSWORD, TOKEN = "reports@contoso.com", "pâss 'wörd'", "the-access-token"


@dataclass
class Certificates:
    """One authority, and what it signs."""

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)

    @property
    def ca_file(self) -> str:
        path = self.folder / "authority.pem"
        if not path.exists():
            self.authority.cert_pem.write_to_path(path)
        return str(path)

    def context(self, host: str = "localhost", days: int = 1) -> ssl.SSLContext:
        now = dt.datetime.now(dt.UTC)
        cert = self.authority.issue_cert(
            host, not_before=now - dt.timedelta(days=9), not_after=now + dt.timedelta(days=days)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        cert.configure_cert(context)
        return context


class Inbox:
    """Takes mail and sign-ins down; an address that starts with `no` is refused."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.sign_ins: list[tuple[str, Any]] = []
        self.after_challenge: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]
        if address.startswith("no"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        if b"toobig" in envelope.mail_from.encode():
            return "552 5.3.4 Message too big"
        self.mails.append((envelope, session.ssl))
        return "250 2.0.0 OK"

    def authenticate(self, server, session, envelope, mechanism, data):  # type: ignore[no-untyped-def]
        assert isinstance(data, LoginPassword)
        pair = data.login.decode(), data.password.decode()
        self.sign_ins.append((mechanism, pair))
        # Servers repeat what they were given more often than one would think.
        if pair == (USER, PASSWORD):
            return AuthResult(success=True)
        echo = f"535 5.7.8 bad password {pair[1]} {_b64(pair[1])}"
        return AuthResult(success=False, handled=False, message=echo)


class XOAuth2Inbox(Inbox):
    """Knows XOAUTH2 only, as Exchange Online does it: an error is a challenge first."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        self.sign_ins.append(("XOAUTH2", args[1]))
        if args[1] == _b64(f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01"):
            return AuthResult(success=True)
        error = {"status": "400", "schemes": "Bearer", "scope": "https://outlook.office.com/"}
        await server.push(f"334 {_b64(json.dumps(error))}")
        self.after_challenge.append(await server._reader.readline())
        return AuthResult(success=False, handled=False, message="535 5.7.3 Unsuccessful")


@contextlib.contextmanager
def smtp_server(
    inbox: Inbox, context: ssl.SSLContext, *, implicit: bool, **options: Any
) -> Iterator[int]:
    """Run aiosmtpd on a free port; it asks for TLS and a sign-in, and offers AUTH over TLS only."""
    ways = (
        {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
    )
    options = {"auth_required": True, "authenticator": inbox.authenticate, "auth_require_tls": not implicit,
               "auth_exclude_mechanism": ["PLAIN", "LOGIN"] if isinstance(inbox, XOAuth2Inbox) else None, **ways, **options}  # fmt: skip
    controller = Controller(inbox, hostname="localhost", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


STAGES = ("greeting", "EHLO", "STARTTLS", "hello again", "AUTH", "MAIL", "RCPT", "DATA", "message")


ENDLESS = {
    "endless line": b"250 " + b"x" * 65536,
    "endless lines": b"250-x\r\n" * 8192,
    "endless empty lines": b"250-\r\n" * 8192,
}
"""What an SMTP server says without ever ending."""


class Fickle(threading.Thread):
    """An SMTP server that stops at one stage: drops the line, is silent, drips, says a line, or
    says what has no end."""

    def __init__(
        self, context: ssl.SSLContext, stage: str, then: str | bytes, extensions: str = "STARTTLS"
    ) -> None:
        super().__init__(daemon=True)
        self._context, self._stage, self._then, self._extensions = context, stage, then, extensions
        self._listener = socket.create_server(("localhost", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard = b""
        self.said = 0
        self._end = threading.Event()
        self.start()

    def close(self) -> None:
        self._end.set()
        self._listener.close()
        self.join(5)

    def run(self) -> None:
        with contextlib.suppress(OSError, StopIteration):
            line, _ = self._listener.accept()
            try:
                self._talk(line)
            finally:
                line.close()

    def _talk(self, line: socket.socket) -> None:
        self._say(line, "greeting", "220 fickle")
        self._hear(line)
        self._say(line, "EHLO", f"250-fickle\r\n250 {self._extensions}")
        self._hear(line)
        self._say(line, "STARTTLS", "220 go on")
        line = self._context.wrap_socket(line, server_side=True)
        self._hear(line)
        self._say(line, "hello again", "250-fickle\r\n250 AUTH PLAIN")
        for stage, reply in (
            ("AUTH", "235 ok"),
            ("MAIL", "250 ok"),
            ("RCPT", "250 ok"),
            ("DATA", "354 ok"),
        ):
            self._hear(line)
            self._say(line, stage, reply)
        while not self.heard.endswith(b"\r\n.\r\n"):
            self._hear(line)
        self._say(line, "message", "250 ok")

    def _hear(self, line: socket.socket) -> None:
        data = line.recv(65536)
        if not data:
            raise StopIteration
        self.heard += data

    def _say(self, line: socket.socket, stage: str, reply: str) -> None:
        if stage != self._stage:
            line.sendall(f"{reply}\r\n".encode())
        elif isinstance(self._then, bytes):
            line.sendall(self._then + b"\r\n")
        elif self._then == "drop":
            raise StopIteration
        elif self._then == "silence":
            self._end.wait(30)
            raise StopIteration
        elif self._then in ENDLESS:
            line.settimeout(30)
            while not self._end.is_set():
                line.sendall(ENDLESS[self._then].removeprefix(b"250 " if self.said else b""))
                self.said += 1
        else:
            while not self._end.wait(0.3):
                line.sendall(b"2")


class Cloud:
    """Entra and Graph: gives a token for the right secret, certificate or code, and takes mail."""

    TENANT, CLIENT_ID, SECRET = "tenant-of-contoso", "app-of-contoso", "the-client-secret"

    def __init__(self, context: ssl.SSLContext) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, bytes] | None = None
        self.token_answer: tuple[int, bytes] | None = None
        self.location = ""
        self.raw: tuple[str, Callable[[Any], None]] | None = None
        """End of a path, and what writes the answer there, head and all."""
        self.certificate: x509.Certificate | None = None
        self.pending = 1
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, cloud.discovery())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                cloud.requests.append((self.path, dict(self.headers), body))
                if cloud.raw and self.path.endswith(cloud.raw[0]):
                    self.close_connection = True
                    with contextlib.suppress(OSError):
                        cloud.raw[1](self.wfile)
                else:
                    self._send(*cloud.reply(self.path, body))

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", cloud.location or f"{cloud.url}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("localhost", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def discovery(self) -> bytes:
        ends = {
            f"{name}_endpoint": f"{self.url}/{self.TENANT}/{name}"
            for name in ("authorization", "token", "device_authorization")
        }
        return json.dumps({**ends, "issuer": f"{self.url}/{self.TENANT}/v2.0"}).encode()

    def reply(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path.endswith("/sendMail"):
            return self.answer or (202, b"")
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode()).items()}
        if path.endswith("/device_authorization"):
            return 200, json.dumps({
                "device_code": "device", "user_code": "ABCD", "interval": 1, "expires_in": 60,
                "verification_uri": "https://login.example", "message": "Go there, enter ABCD",
            }).encode()  # fmt: skip
        return self._token(asked)

    def _token(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if self.token_answer:
            return self.token_answer
        grant = asked["grant_type"].rpartition(":")[2]
        if grant == "device_code" and self.pending:
            self.pending -= 1
            return 400, b'{"error": "authorization_pending"}'
        if grant == "client_credentials" and not self._is_known(asked):
            text = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
            return 401, json.dumps({"error": "invalid_client", "error_description": text}).encode()
        user = grant != "client_credentials"
        more = {
            "refresh_token": "the-refresh-token" * 200,
            "client_info": _b64(json.dumps({"uid": "u", "utid": "t"})).rstrip("="),
            "id_token": jwt.encode({"oid": "u", "preferred_username": USER}, "x" * 32, "HS256"),
            "scope": asked.get("scope", ""),
        }
        token = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 1 if user else 3600}
        return 200, json.dumps({**token, **(more if user else {})}).encode()

    def _is_known(self, asked: dict[str, str]) -> bool:
        if self.certificate is None:
            return asked.get("client_secret") == self.SECRET
        jwt.decode(
            asked["client_assertion"], self.certificate.public_key(), ["PS256"],
            audience=f"{self.url}/{self.TENANT}/token", issuer=self.CLIENT_ID,
        )  # fmt: skip
        return True


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as listener:
        return int(listener.getsockname()[1])


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

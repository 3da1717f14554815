"""Servers that never end, send on, speak nonsense or tell secrets, on this machine, over real TLS."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import http.server
import json
import threading
import time
import tracemalloc
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import ENDLESS, PASSWORD, TOKEN, Cloud, Fickle
from test_sending import (
    LETTER,
    SHORT,
    failure,
    in_cloud,
    settings,
)

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.secrets import masked
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.mail import sending, servers
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.words.words import speak

pytestmark = pytest.mark.usefixtures("password")

MOST_MEMORY = 16 * 1024 * 1024
"""Bytes that an answer may take while it is refused, the letter and the TLS of the test included."""


@contextlib.contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def in_dutch(text: str) -> str:
    dutch = speak("nl").sentence(text)
    assert dutch != text
    return dutch


# --- mail servers --------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "hello again", "AUTH", "message"])
@pytest.mark.parametrize(
    ("then", "limit"),
    [
        ("endless line", "8,192 bytes"),
        ("endless lines", "200 lines"),
        ("endless empty lines", "200 lines"),
    ],
)
def test_a_reply_without_end_is_left_before_and_after_tls(certificates, stage, then, limit):
    with contextlib.closing(Fickle(certificates.context(), stage, then)) as server, little_memory():
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert f"answered with more than {limit} while" in text and text.endswith("; it was left.")
    in_dutch(text)
    # What the machine's buffers took, and not what the server had to say.
    assert server.said * len(ENDLESS[then]) < 64 * 1024 * 1024


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "hello again", "RCPT", "message"])
def test_a_server_that_drips_is_left(certificates, stage):
    with contextlib.closing(Fickle(certificates.context(), stage, "drip")) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates, timeout=1))
    assert "did not end its answer within 1 seconds while" in text
    in_dutch(text)


def test_a_talk_of_many_answers_each_in_time_is_left(certificates, monkeypatch):
    monkeypatch.setattr(servers, "_WHOLE", 0.2)
    with contextlib.closing(Fickle(certificates.context(), "EHLO", "silence")) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates, timeout=5))
    assert "was not done after 1.0 seconds" in text


def test_signs_that_steer_a_terminal_are_inert_in_what_is_offered(certificates):
    offers = "STARTTLS\r\n250 AUTH \x1b[2J"
    with contextlib.closing(Fickle(certificates.context(), "hello again", b"250-x\r\n250 AUTH \x1b[2J", extensions=offers.split("\r")[0])) as server:  # fmt: skip
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "offers \\x1b[2J; the kit could sign in with PLAIN or LOGIN" in text


# --- web servers ---------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def forever(first: bytes, then: bytes, pause: float = 0) -> Callable[[Any], None]:
    def write(out: Any) -> None:
        out.write(first)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            out.write(then)
            time.sleep(pause)

    return write


BOMB = gzip.compress(bytes(256 * 1024 * 1024), 9)
WEB = {
    "body": (forever(HEAD + b"\r\n{", b" " * 65536), "1,048,576 bytes"),
    "chunks": (
        forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        "1,048,576 bytes",
    ),
    "long header": (forever(HEAD + b"X: ", b"x" * 65536), "more than 65,536 bytes"),
    "headers": (forever(HEAD, b"X: y\r\n" * 1000), "more than 100 lines"),
    "continue": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "1,048,576 bytes"),
    "dripping head": (forever(HEAD, b"x", 0.2), "did not end its answer within 1 seconds"),
    "dripping body": (forever(HEAD + b"\r\n", b"x", 0.2), "did not end its answer within 1 seconds"),
    "gzip bomb": (
        lambda out: out.write(
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB
        ),
        "A JSON object was expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WEB)
def test_a_token_server_without_end_is_left(certificates, cloud, kind):
    write, words = WEB[kind]
    cloud.raw = "/token", write
    with little_memory():
        text = failure(
            LETTER, "graph", in_cloud(cloud, certificates, timeout=1 if "drip" in kind else 20)
        )
    assert words in text
    in_dutch(text)


@pytest.mark.parametrize("kind", [kind for kind in WEB if kind != "gzip bomb"])
def test_graph_without_end_is_left(certificates, cloud, kind):
    write, words = WEB[kind]
    cloud.raw = "/sendMail", write
    with little_memory():
        text = failure(
            LETTER, "graph", in_cloud(cloud, certificates, timeout=1 if "drip" in kind else 20)
        )
    assert words in text
    in_dutch(text)


def test_a_message_that_graph_took_is_sent_whatever_comes_after(certificates, cloud):
    head = HEAD.replace(b"200 OK", b"202 Accepted")
    cloud.raw = "/sendMail", forever(head + b"\r\n", b"x", 0.2)
    assert sending.deliver(LETTER, "graph", in_cloud(cloud, certificates, timeout=1)) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_request_is_sent_on_to_nobody(certificates, cloud, status):
    heard: list[str] = []

    class Plain(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        do_POST = do_GET

    with http.server.HTTPServer(("localhost", 0), Plain) as plain:
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        cloud.location = f"http://localhost:{plain.server_port}/token"
        cloud.token_answer = status, b""
        text = failure(LETTER, "graph", in_cloud(cloud, certificates))
        plain.shutdown()
    assert (
        heard == []
        and f"answered {status} while giving a token: it sends the kit on to another address"
        in text
    )
    assert [path for path, _, _ in cloud.requests if "elsewhere" in path] == []
    in_dutch(text)


def test_an_authority_that_names_a_token_address_without_tls_is_not_given_a_secret(
    certificates, cloud
):
    url = cloud.url
    there = f'"token_endpoint": "{url}'.encode()
    found = cloud.discovery().replace(there, b'"token_endpoint": "http://localhost:1')
    cloud.discovery = lambda: found
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    # msal refuses it by itself, in this version.
    assert text.startswith((f"No token from {url}/", "localhost:1 is not asked"))
    assert cloud.requests == []
    in_dutch(text)


@pytest.mark.parametrize(
    "url", ["http://localhost:1/token", "file:///etc/hosts", "ftp://localhost:1/"]
)
def test_nothing_is_asked_that_is_not_over_tls(url):
    with pytest.raises(KitError) as caught:
        doing = Sentence("giving a token")
        servers.ask(urllib.request.Request(url), MailSettings(timeout=1), doing)
    host = urllib.parse.urlsplit(url).netloc
    assert str(caught.value) == (
        f"{host} is not asked while giving a token: its address does not start with https://, "
        "so a secret would travel in clear."
    )


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'["a", "list"]', '["a", "list"]'),
        (b'"a string"', '"a string"'),
        (b"5", "5"),
        (b"null", "null"),
        (b"<html>\x1b[2J proxy</html>", "<html>\\x1b[2J proxy</html>"),
        (b"", '""'),
        (b"\xff\xfe\x00", "\ufffd\ufffd\\x00"),
        (b"[" * 100_000, "[" * 299 + "…"),
        (b"1" * 5000, "1" * 299 + "…"),
    ],
)
def test_what_is_no_token_is_said_in_plain_words(certificates, cloud, status, body, said):
    cloud.token_answer = status, body
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    host = urllib.parse.urlsplit(cloud.url).netloc
    assert text == (
        f"{host} gave no token: it answered {status} {said}. A JSON object was expected. "
        "Check SMTPAUTH_MAIL_AUTHORITY and the network."
    )
    assert in_dutch(text) == (
        f"{host} gaf geen token: het antwoordde {status} {said}. Verwacht werd een JSON-object. "
        "Controleer SMTPAUTH_MAIL_AUTHORITY en het netwerk."
    )


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": "server_error"}', b"<h1>Oops</h1>"])
def test_a_token_server_in_trouble_is_to_be_tried_later(certificates, cloud, body):
    cloud.token_answer = 500, body
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    said = body.decode() or '""'
    host = urllib.parse.urlsplit(cloud.url).netloc
    assert text == f"{host} cannot give a token now: it answered 500 {said}. Try again later."
    assert in_dutch(text).startswith(f"{host} kan nu geen token geven: het antwoordde 500 {said}.")


ODD = [
    {}, {"access_token": None}, {"access_token": ["x"]}, {"access_token": "a\r\nX: y"},
    {"access_token": ""}, {"access_token": "x", "expires_in": []}, {"error": ["x"]},
    {"access_token": "x", "expires_in": "soon"}, {"error": {"a": 1}, "error_description": "\n"},
    {"access_token": "x", "id_token": "y"}, {"access_token": "x", "client_info": 5},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_token_answer_of_the_wrong_kinds_is_a_plain_error(certificates, cloud, odd):
    cloud.token_answer = 200, json.dumps(odd).encode()
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    assert text.startswith(("No token for the app app-of-contoso: ", f"No token from {cloud.url}/"))
    in_dutch(text)


# --- secrets -------------------------------------------------------------------------------

SECRET = "Tr0ub4dor&3 x"


def _hex(text: str) -> str:
    return text.encode().hex()


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "backwards": lambda s: s[::-1],
    "spaced": " ".join,
    "with points": ".".join,
    "capitals": str.swapcase,
    "address": urllib.parse.quote_plus,
    "address, all": lambda s: "".join(f"%{b:02x}" for b in s.encode()),
    "JSON": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "Python": lambda s: "".join(f"\\x{b:02X}" for b in s.encode()),
    "quoted-printable": lambda s: "".join(f"={b:02X}" for b in s.encode()),
    "HTML": html.escape,
    "HTML numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML hex": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "hex": _hex,
    "hex, spaced": lambda s: s.encode().hex(" "),
    "hex, 0x": lambda s: " ".join(f"0x{b:02x}" for b in s.encode()),
    "base64": _b64,
    "base64 of more": lambda s: _b64("user:" + s + "!"),
    "base64 for addresses": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 backwards": lambda s: _b64(s)[::-1],
    "base64 of backwards": lambda s: _b64(s[::-1]),
    "base64 of hex": lambda s: _b64(_hex(s)),
    "hex of base64": lambda s: _hex(_b64(s)),
    "address of base64": lambda s: urllib.parse.quote(_b64(s), safe=""),
    "a part": lambda s: s[: len(s) // 2] if len(s) > 50 else s,
}


@pytest.mark.parametrize("disguise", DISGUISES)
@given(
    secret=st.one_of(
        st.sampled_from([SECRET, PASSWORD, TOKEN, Cloud.SECRET, "abc~Q8" * 9]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40).filter(
            lambda s: sum(c.isalnum() for c in s) >= 6
        ),
    ),
    before=st.sampled_from(["", "5.7.8 bad password ", "A", '{"error": "', "<<"]),
)
def test_a_secret_is_not_shown_however_it_is_written(disguise, secret, before):
    text = DISGUISES[disguise](secret)
    assert text not in masked(f"{before}{text} or so", [secret])


@given(st.text(max_size=300))
def test_words_without_a_secret_are_left_as_they_are(text):
    assert masked(text, ["hunter2-and-more"]) == text


def test_an_innocent_reply_is_shown_although_there_are_secrets():
    said = (
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [AM0PR02CA01]"
    )
    assert masked(said, ["hunter2-and-more", "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." * 40]) == said


@pytest.mark.parametrize("disguise", ["backwards", "spaced", "base64 of backwards", "JSON", "hex"])
def test_a_mail_server_that_tells_the_password_is_not_repeated(certificates, disguise):
    echo = DISGUISES[disguise](PASSWORD)
    words = f"535 5.7.8 no {echo}".encode()
    with contextlib.closing(Fickle(certificates.context(), "AUTH", words)) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert echo not in text and ": 535 ***. Check SMTPAUTH_MAIL_USER and the password." in text


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    "disguise", ["as it is", "backwards", "spaced", "address, all", "JSON", "hex"]
)
def test_an_authority_that_tells_the_client_secret_is_not_repeated(
    certificates, cloud, disguise, status
):
    echo = DISGUISES[disguise](Cloud.SECRET)
    error = {"error": "invalid_client", "error_description": f"AADSTS7000215: no {echo}"}
    cloud.token_answer = status, json.dumps(error).encode()
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    assert echo not in text and "***" in text

"""Every way out against real servers over real TLS, and every way it can fail."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import stat
import threading
import time
from pathlib import Path

import keyring
import pytest
import trustme
from cryptography import x509
from keyring.backend import KeyringBackend
from mail_servers import (
    PASSWORD,
    STAGES,
    TOKEN,
    USER,
    Certificates,
    Cloud,
    Fickle,
    Inbox,
    XOAuth2Inbox,
    smtp_server,
)

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.mail import outbox, sending, tokens
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.mail.sending import Letter, NotDelivered
from smtpauth_kit.words.words import speak

pytestmark = pytest.mark.usefixtures("password")

LETTER = Letter(USER, ("jane@contoso.com", "bob@fabrikam.com"), b"Subject: x\r\n\r\n.\r\nbody\r\n")
SHORT = Letter(USER, ("jane@contoso.com",), LETTER.content)


class MemoryKeyring(KeyringBackend):
    """A keyring with the limit of Windows' own."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        assert 0 < len(password) <= 1280
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def memory_keyring():
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def settings(port: int, certificates: Certificates, **more) -> MailSettings:
    given = {
        "host": "localhost",
        "port": port,
        "user": USER,
        "ca_file": certificates.ca_file,
        "timeout": 10,
    }
    return MailSettings(**{**given, **more})


def failure(letter: Letter, way, found: MailSettings, tell=None) -> Sentence:
    with pytest.raises(KitError) as caught:
        sending.deliver(letter, way, found, tell)
    text = caught.value.sentence
    for secret in (PASSWORD, TOKEN, Cloud.SECRET):
        assert secret not in text and base64.b64encode(secret.encode()).decode() not in text
    assert "\n" not in text
    return text


# --- SMTP ----------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_letter_arrives_over_tls_and_after_a_sign_in(certificates, security, mechanism):
    inbox, other = Inbox(), {"PLAIN": "LOGIN", "LOGIN": "PLAIN"}[mechanism]
    server = smtp_server(
        inbox, certificates.context(), implicit=security == "tls", auth_exclude_mechanism=[other]
    )
    with server as port:
        sending.deliver(LETTER, "smtp", settings(port, certificates, security=security))
    ((envelope, session),) = inbox.mails
    assert (envelope.mail_from, tuple(envelope.rcpt_tos)) == (USER, LETTER.to)
    assert envelope.content == LETTER.content
    assert inbox.sign_ins == [(mechanism, (USER, PASSWORD))]
    assert session is not None or security == "tls"


def test_a_relay_that_knows_its_clients_needs_no_sign_in_but_tls(certificates):
    inbox = Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False, auth_required=False) as port:
        sending.deliver(LETTER, "smtp", settings(port, certificates, user=""))
    assert len(inbox.mails) == 1 and not inbox.sign_ins


def test_xoauth2_sends_exactly_what_the_protocol_says(certificates, cloud):
    inbox = XOAuth2Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        found = settings(
            port, certificates, auth="xoauth2", tenant=Cloud.TENANT, client_id=Cloud.CLIENT_ID,
            authority=cloud.url,
        )  # fmt: skip
        sending.deliver(LETTER, "smtp", found)
    wire = b"user=reports@contoso.com\x01auth=Bearer the-access-token\x01\x01"
    assert inbox.sign_ins == [("XOAUTH2", base64.b64encode(wire).decode())]
    assert len(inbox.mails) == 1
    assert b"scope=https%3A%2F%2Foutlook.office365.com%2F.default" in cloud.requests[0][2]


def test_xoauth2s_error_comes_as_a_challenge_and_is_said(certificates, cloud):
    inbox = XOAuth2Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        found = settings(
            port, certificates, user="other@contoso.com", auth="xoauth2", tenant=Cloud.TENANT,
            client_id=Cloud.CLIENT_ID, authority=cloud.url,
        )  # fmt: skip
        text = failure(LETTER, "smtp", found)
    assert inbox.after_challenge == [b"\r\n"] and not inbox.mails
    assert "535 5.7.3 Unsuccessful" in text and '"status": "400"' in text
    assert "refused the sign-in of other@contoso.com" in text


def test_a_refused_password_is_said_without_it(certificates, monkeypatch):
    monkeypatch.setenv("SMTPAUTH_MAIL_PASSWORD", "hunter2-and-more")
    inbox = Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        text = failure(LETTER, "smtp", settings(port, certificates))
    encoded = base64.b64encode(b"hunter2-and-more").decode()
    assert "refused the sign-in of reports@contoso.com: 535 5.7.8 bad password *** ***" in text
    assert "hunter2" not in text and encoded not in text and not inbox.mails


def test_exchange_onlines_refusal_of_basic_auth_names_the_way_on(certificates):
    words = b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"
    with contextlib.closing(Fickle(certificates.context(), "AUTH", words)) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "SMTPAUTH_MAIL_AUTH=xoauth2" in text and "5.7.139" in text


def test_no_sign_in_that_both_know(certificates):
    inbox = Inbox()
    options = {"auth_exclude_mechanism": ["PLAIN", "LOGIN"], "auth_required": False}
    with smtp_server(inbox, certificates.context(), implicit=False, **options) as port:
        text = failure(LETTER, "smtp", settings(port, certificates))
    assert "could sign in with PLAIN or LOGIN" in text and not inbox.mails


@pytest.mark.parametrize("extensions", ["AUTH PLAIN LOGIN", "8BITMIME", "XSTARTTLS AUTH PLAIN"])
def test_a_server_whose_starttls_was_taken_away_hears_no_secret_and_no_report(
    certificates, extensions
):
    server = Fickle(certificates.context(), "", "", extensions=extensions)
    with contextlib.closing(server):
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "does not offer STARTTLS" in text
    assert server.heard.split() in ([b"ehlo", b"[127.0.0.1]"], [b"ehlo", b"[127.0.0.1]", b"quit"])


def test_starttls_refused_after_it_was_offered_ends_the_dialogue(certificates):
    server = Fickle(certificates.context(), "STARTTLS", b"454 TLS not available")
    with contextlib.closing(server):
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "454 TLS not available while starting TLS" in text
    assert b"AUTH" not in server.heard and b"mail" not in server.heard.lower()


def test_words_slipped_in_before_tls_are_not_heard_after_it(certificates):
    # CVE-2011-0411: a second answer in the same packet must not count as one from inside TLS;
    # heard late, every answer after it would be the one before.
    server = Fickle(certificates.context(), "STARTTLS", b"220 go on\r\n535 refused")
    with contextlib.closing(server):
        sending.deliver(SHORT, "smtp", settings(server.port, certificates))
    assert b"body" in server.heard


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda c: c.context(days=-1), "has expired"),
        (lambda c: c.context("mail.contoso.com"), "is for another host name"),
        (lambda c: Certificates(c.folder).context(), "that this machine does not trust"),
    ],
)
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_does_not_hold_is_named_and_nothing_is_sent(
    certificates, make, words, security
):
    inbox = Inbox()
    with smtp_server(inbox, make(certificates), implicit=security == "tls") as port:
        text = failure(LETTER, "smtp", settings(port, certificates, security=security))
    assert words in text and "nothing was sent" in text
    assert not inbox.mails and not inbox.sign_ins


def test_a_certificate_signed_by_itself_is_named(certificates, tmp_path):
    import subprocess

    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key.pem",
         "-out", tmp_path / "cert.pem"],
        capture_output=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with smtp_server(Inbox(), context, implicit=True) as port:
        text = failure(LETTER, "smtp", settings(port, certificates, security="tls"))
    assert "is signed by itself" in text


def test_an_old_tls_version_is_not_spoken(certificates):
    context = certificates.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with contextlib.closing(Fickle(context, "", "")) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "Expected is TLS 1.2 or later" in text and b"AUTH" not in server.heard


def test_starttls_asked_for_where_tls_is_spoken_from_the_start_and_the_reverse(certificates):
    with smtp_server(Inbox(), certificates.context(), implicit=True) as port:
        found = settings(port, certificates, timeout=1)
        assert "said nothing for 1 seconds" in failure(LETTER, "smtp", found)
    with smtp_server(Inbox(), certificates.context(), implicit=False) as port:
        text = failure(LETTER, "smtp", settings(port, certificates, security="tls"))
    assert "SMTPAUTH_MAIL_SECURITY" in text


def test_who_was_refused_is_said_and_the_others_got_it(certificates):
    inbox = Inbox()
    letter = Letter(USER, ("jane@contoso.com", "nobody@contoso.com"), LETTER.content)
    with (
        smtp_server(inbox, certificates.context(), implicit=False) as port,
        pytest.raises(NotDelivered) as caught,
    ):
        sending.deliver(letter, "smtp", settings(port, certificates))
    assert list(caught.value.refused) == ["nobody@contoso.com"]
    assert "refused nobody@contoso.com (550 5.1.1 <nobody@contoso.com>: no such" in str(
        caught.value
    )
    assert "went to jane@contoso.com." in str(caught.value)
    assert [envelope.rcpt_tos for envelope, _ in inbox.mails] == [["jane@contoso.com"]]


def test_where_all_are_refused_nothing_is_handed_over(certificates):
    inbox, letter = Inbox(), Letter(USER, ("no@contoso.com", "none@contoso.com"), b"")
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        text = failure(letter, "smtp", settings(port, certificates))
    assert "went to nobody" in text and not inbox.mails
    dutch = speak("nl").sentence(text)
    assert " weigerde no@contoso.com (" in dutch
    assert dutch.endswith("). Het rapport is verzonden aan niemand.")


def test_a_message_that_is_too_big_is_refused_in_the_servers_words(certificates):
    letter = Letter("toobig@contoso.com", LETTER.to, LETTER.content)
    with smtp_server(Inbox(), certificates.context(), implicit=False) as port:
        text = failure(letter, "smtp", settings(port, certificates))
    assert "did not take the message: 552 5.3.4 Message too big" in text


@pytest.mark.parametrize("stage", STAGES)
def test_a_dropped_line_is_a_plain_error_at_every_stage(certificates, stage):
    with contextlib.closing(Fickle(certificates.context(), stage, "drop")) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert "broke the connection while" in text
    assert ("may have arrived" in text) == (stage in ("DATA", "message"))


@pytest.mark.parametrize("stage", STAGES)
def test_silence_ends_at_every_stage(certificates, stage):
    with contextlib.closing(Fickle(certificates.context(), stage, "silence")) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates, timeout=1))
    assert "said nothing for 1 seconds while" in text


def test_nobody_there_and_no_such_name(certificates):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # Taken, and nobody listens.
        told = failure(SHORT, "smtp", settings(deaf.getsockname()[1], certificates))
    assert "Nothing answers at localhost" in told
    found = settings(587, certificates, host="no-such-host.invalid")
    assert "There is no server no-such-host.invalid:587" in failure(SHORT, "smtp", found)


def test_a_hostile_greeting_reaches_no_terminal(certificates):
    hostile = b"554 \x1b[2J\x07" + b"x" * 5000 + "\u202e".encode()
    with contextlib.closing(Fickle(certificates.context(), "greeting", hostile)) as server:
        text = failure(SHORT, "smtp", settings(server.port, certificates))
    assert text.isprintable() and "\\x1b[2J" in text and len(text) < 500


def test_a_file_that_holds_no_certificates_is_named(certificates, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    with smtp_server(Inbox(), certificates.context(), implicit=False) as port:
        found = settings(port, certificates, ca_file=str(tmp_path / "ca.pem"))
        assert "SMTPAUTH_MAIL_CA_FILE" in failure(LETTER, "smtp", found)


def test_what_is_not_set_is_named():
    assert "SMTPAUTH_MAIL_HOST" in failure(LETTER, "smtp", MailSettings())
    assert "SMTPAUTH_MAIL_TENANT, SMTPAUTH_MAIL_CLIENT_ID" in failure(
        LETTER, "graph", MailSettings()
    )


def test_without_a_password_nothing_is_opened(certificates, monkeypatch, memory_keyring):
    monkeypatch.delenv("SMTPAUTH_MAIL_PASSWORD")
    text = failure(LETTER, "smtp", settings(1, certificates))
    assert "keyring set smtpauth_kit reports@contoso.com" in text
    assert "SMTPAUTH_MAIL_PASSWORD" in text


def test_the_keyrings_password_signs_in(certificates, monkeypatch, memory_keyring):
    monkeypatch.delenv("SMTPAUTH_MAIL_PASSWORD")
    keyring.set_password("smtpauth_kit", USER, PASSWORD)
    inbox = Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        sending.deliver(LETTER, "smtp", settings(port, certificates))
    assert len(inbox.mails) == 1


# --- Graph and tokens ----------------------------------------------------------------------


def in_cloud(cloud: Cloud, certificates: Certificates, **more) -> MailSettings:
    given = {
        "tenant": Cloud.TENANT, "client_id": Cloud.CLIENT_ID, "authority": cloud.url,
        "graph_url": cloud.url, "ca_file": certificates.ca_file, "user": USER, "timeout": 10,
    }  # fmt: skip
    return MailSettings(**{**given, **more})


def test_graph_gets_the_whole_mail_and_a_token_for_it(certificates, cloud):
    sending.deliver(LETTER, "graph", in_cloud(cloud, certificates))
    (_, _, asked), (path, headers, body) = cloud.requests
    assert f"scope={cloud.url.replace(':', '%3A').replace('/', '%2F')}%2F.default" in asked.decode()
    assert path == "/v1.0/users/reports%40contoso.com/sendMail"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "text/plain"
    assert base64.b64decode(body) == LETTER.content


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, b'{"error": {"code": "ErrorAccessDenied", "message": "Access is denied."}}',
         "403 ErrorAccessDenied: Access is denied.. Give the app the permission Mail.Send"),
        (404, b'{"error": {"code": "ErrorInvalidUser", "message": "x"}}', "SMTPAUTH_MAIL_FROM"),
        (401, b"", "SMTPAUTH_MAIL_TENANT"),
        (413, b"too big", "Ask for fewer days"),
        (429, b"{}", "try again later"),
        (503, b"<html>\x1b[2J" + b"x" * 9000, "Try again later"),
        (400, f'{{"error": {{"code": "x", "message": "Bearer {TOKEN}"}}}}'.encode(), "Bearer ***"),
        (302, b"", "did not take the message: 302"),
        (307, b"", "did not take the message: 307"),
        (200, b"", "did not take the message: 200"),
    ],
)  # fmt: skip
def test_graphs_errors_are_said_in_plain_words(certificates, cloud, status, body, words):
    cloud.answer = status, body
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    assert words in text and "\x1b" not in text and len(text) < 600
    assert [path for path, _, _ in cloud.requests if "elsewhere" in path] == []


def test_a_mail_too_big_for_graph_is_refused_before_anybody_is_asked(certificates, cloud):
    letter = Letter(USER, LETTER.to, b"x" * (3 * 1024 * 1024 + 1000))
    text = failure(letter, "graph", in_cloud(cloud, certificates))
    assert "4.0 MB" in text and "--format html" in text and not cloud.requests


def test_graph_that_is_not_there_or_not_it_is_a_plain_error(certificates, cloud):
    found = in_cloud(cloud, certificates)
    other = in_cloud(cloud, certificates, ca_file=Certificates(certificates.folder).ca_file)
    assert sending.deliver(LETTER, "graph", found) is None
    text = failure(LETTER, "graph", in_cloud(cloud, certificates, graph_url="https://localhost:1"))
    assert "Nothing answers at localhost:1" in text
    assert other.ca_file == found.ca_file
    stranger = Cloud(certificates.context("mail.contoso.com"))
    try:
        strange = in_cloud(cloud, certificates, graph_url=stranger.url)
        assert "is for another host name" in failure(LETTER, "graph", strange)
        assert not stranger.requests
        strange = in_cloud(stranger, certificates)
        assert "is for another host name" in failure(LETTER, "graph", strange)
        assert not stranger.requests
    finally:
        stranger.close()


@pytest.mark.parametrize("said", [b"220 fickle\r\n", b"HTTP/9 x\r\n\r\n", b""])
def test_a_server_that_does_not_speak_http_is_a_plain_error(certificates, cloud, said):
    listener = certificates.context().wrap_socket(
        socket.create_server(("localhost", 0)), server_side=True
    )

    def answer() -> None:
        with contextlib.suppress(OSError):
            line, _ = listener.accept()
            with line:
                line.recv(65536)
                line.sendall(said)

    threading.Thread(target=answer, daemon=True).start()
    graph = f"https://localhost:{listener.getsockname()[1]}"
    text = failure(LETTER, "graph", in_cloud(cloud, certificates, graph_url=graph))
    listener.close()
    assert "broke the connection while taking the message" in text


def test_a_wrong_client_secret_is_said_in_entras_first_line(certificates, cloud, monkeypatch):
    monkeypatch.setenv("SMTPAUTH_MAIL_CLIENT_SECRET", "wrong-one")
    text = failure(LETTER, "graph", in_cloud(cloud, certificates))
    assert "AADSTS7000215: Invalid client secret provided." in text
    assert "Trace ID" not in text and "wrong-one" not in text


def test_a_certificate_signs_in_in_place_of_a_secret(certificates, cloud, monkeypatch, tmp_path):
    monkeypatch.delenv("SMTPAUTH_MAIL_CLIENT_SECRET")
    own = certificates.authority.issue_cert("app.contoso.com", key_type=trustme.KeyType.RSA)
    cloud.certificate = x509.load_pem_x509_certificate(own.cert_chain_pems[0].bytes())
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "app.pem")
    found = in_cloud(cloud, certificates, certificate=str(tmp_path / "app.pem"))
    sending.deliver(LETTER, "graph", found)
    assert cloud.requests[-1][0].endswith("/sendMail")
    absent = in_cloud(cloud, certificates, certificate=str(tmp_path / "none.pem"))
    assert "cannot be read as PEM" in failure(LETTER, "graph", absent)


def test_a_person_signs_in_once_and_the_keyring_remembers(
    certificates, cloud, monkeypatch, memory_keyring
):
    monkeypatch.delenv("SMTPAUTH_MAIL_CLIENT_SECRET")
    found, told = in_cloud(cloud, certificates), []
    assert "Nobody has signed in yet" in failure(LETTER, "graph", found)
    sending.deliver(LETTER, "graph", found, told.append)
    assert told == ["Go there, enter ABCD"]
    assert len(memory_keyring.kept) > 3
    sending.deliver(LETTER, "graph", found)
    grants = [body for path, _, body in cloud.requests if path.endswith("/token")]
    assert b"grant_type=refresh_token" in grants[-1]
    assert [path.rpartition("/")[2] for path, _, _ in cloud.requests].count("sendMail") == 2


# --- the outbox ----------------------------------------------------------------------------


def test_a_mail_is_kept_for_its_owner_alone_and_over_no_other(tmp_path: Path):
    folder = tmp_path / "deep" / "outbox"
    names = [outbox.keep(b"%d" % n, folder, "../../a:b\n\0.eml").name for n in range(3)]
    assert names == ["a-b-eml.eml", "a-b-eml-2.eml", "a-b-eml-3.eml"]
    assert [(folder / name).read_bytes() for name in names] == [b"0", b"1", b"2"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    if os.name == "posix":
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in names} == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_outbox_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KitError, match="SMTPAUTH_MAIL_OUTBOX"):
        outbox.keep(b"", tmp_path / "file" / "outbox", "x")


def test_two_at_once_overwrite_nothing(tmp_path: Path):
    def write() -> None:
        for _ in range(20):
            outbox.keep(b"x", tmp_path / "outbox", "same")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list((tmp_path / "outbox").iterdir())) == 80


def test_tokens_of_a_long_cache_come_back_whole(memory_keyring):
    import msal

    kept = tokens._KeptTokens(msal.SerializableTokenCache(), "app")
    kept.tokens.add({
        "client_id": "app", "scope": ["s"], "token_endpoint": "https://login.example/t/token",
        "response": {"access_token": "x" * 5000, "expires_in": 3600}, "environment": "login.example",
    }, now=time.time())  # fmt: skip
    kept.keep()
    again = tokens._KeptTokens(msal.SerializableTokenCache(), "app")
    assert again.tokens.serialize() == kept.tokens.serialize()

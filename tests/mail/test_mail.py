"""The mail itself: what it says, how it is built, and that nothing of it can be turned against us."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest
from command import process, smtpauth
from conftest import LOG
from hostile import HOSTILE, hostile_log
from lab import browsing
from mail_servers import PASSWORD, USER, Certificates, Cloud, Inbox, smtp_server
from unpacked import everything_in

from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.mail import addresses, composing
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.mail.request import request_report
from smtpauth_kit.mail.sending import NotDelivered
from smtpauth_kit.reports import report_markdown, report_page, report_sheets
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import Store

TO = ["Zoë van den Berg <zoe@contoso.com>", "bob@fabrikam.com"]


@pytest.fixture
def settings(tmp_path: Path) -> MailSettings:
    return MailSettings(outbox=str(tmp_path / "outbox"))


@pytest.fixture
def filled(store: Store, load) -> Store:
    load(LOG)
    return store


def read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage) and not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    return message.get_body((kind,)).get_content()


# --- the message ---------------------------------------------------------------------------


def test_a_mail_has_the_headers_and_parts_that_it_must(filled, settings):
    done = request_report(filled, TO, settings=settings)
    message = read(done.path)
    assert message["Subject"] == (
        "SMTP AUTH clients, Nov 16, 2026 to Nov 22, 2026: 2 sender addresses, 3 messages"
    )
    assert [a.addr_spec for a in message["To"].addresses] == ["zoe@contoso.com", "bob@fabrikam.com"]
    assert message["To"].addresses[0].display_name == "Zoë van den Berg"
    assert message["From"] == "smtpauth-kit@localhost"
    assert re.fullmatch(r"<[\w.]+@localhost>", message["Message-ID"])
    assert message["Date"].datetime.utcoffset().total_seconds() == 0
    assert message["Auto-Submitted"] == "auto-generated" and message["X-Unsent"] == "1"
    shape = [(part.get_content_type(), part.get_filename()) for part in message.walk()]
    name = "smtp-auth-clients-2026-11-16-2026-11-22"
    assert shape == [
        ("multipart/mixed", None), ("multipart/alternative", None), ("text/plain", None),
        ("multipart/related", None), ("text/html", None), ("image/png", "sending-volume.png"),
        ("image/png", "tls-usage.png"), ("image/png", "auth-protocol.png"),
        ("text/html", f"{name}.html"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{name}.xlsx"),
    ]  # fmt: skip
    assert (done.way, done.to) == ("outbox", ("zoe@contoso.com", "bob@fabrikam.com"))
    assert str(done.path) in done.text and stat.S_IMODE(done.path.stat().st_mode) == 0o600


def test_every_picture_the_page_names_is_there_once_and_has_its_words(filled, settings):
    message = read(request_report(filled, TO, settings=settings).path)
    html = body(message, "html")
    named = re.findall(r'src="cid:([^"]+)"', html)
    parts = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert sorted(f"<{cid}>" for cid in named) == sorted(part["Content-ID"] for part in parts)
    assert len(named) == len(set(named)) == 3
    assert all(part.get_content().startswith(b"\x89PNG") for part in parts)
    assert re.findall(r'alt="([^"]+)"', html)[0] == (
        "2 sender domains; most messages from contoso.com: 2."
    )
    assert all(" " not in part["Content-ID"] for part in parts)


def test_both_forms_say_the_same_figures(filled, settings):
    message = read(request_report(filled, TO, settings=settings).path)
    text, html = body(message, "plain"), body(message, "html")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
    assert "Below TLS 1.2: 2 (66.67%)" in text and "Below TLS 1.2 2 66.67%" in plain
    assert "Basic auth: 2 (66.67%)" in text and "Basic auth 2 66.67%" in plain
    assert "- scanner@contoso.com: 2 (TLS 1.0 100%; Basic auth)" in text
    assert "scanner@contoso.com TLS 1.0 100% Basic auth 2" in plain
    for line in filter(None, text.splitlines()[2:]):
        for word in re.findall(r"\w+", line):
            assert word in plain


def test_what_no_source_tells_is_not_a_nought(store, load, settings):
    load("Date,Sender address,Message ID\n2026-11-16,a@contoso.com,<1@x>\n")
    text = body(read(request_report(store, TO, settings=settings).path), "plain")
    assert "Basic auth: \u2013 (1 unknown)" in text and "Below TLS 1.2: \u2013 (1 unknown)" in text


def test_a_mail_in_dutch_is_dutch_throughout(filled, settings):
    done = request_report(filled, TO, language="nl", settings=settings)
    message = read(done.path)
    assert done.text.startswith("Klaargezet voor zoe@contoso.com, bob@fabrikam.com")
    assert message["Subject"].startswith("SMTP AUTH-clients, 16 nov 2026 tot en met 22 nov 2026")
    assert message["Content-Language"] == "nl" and '<html lang="nl">' in body(message, "html")
    for english in ("Messages", "Senders", "Period", "Attached", "Below"):
        assert not re.search(rf"\b{english}\b", body(message, "plain") + body(message, "html"))


def carried(message: EmailMessage) -> list[str]:
    """Return the text of every part, what is packed in it too."""
    texts = []
    for part in message.walk():
        content = part.get_payload(decode=True) or b""
        if part.get_content_maintype() == "text":
            # A page has the words of every control, and one of them names an example.
            text = everything_in(content.decode("utf-8"))
            texts.append(text.replace("jane@contoso.com", ""))
        elif content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                texts.append("".join(book.read(name).decode("utf-8") for name in book.namelist()))
    return texts


def test_a_mail_holds_the_selection_and_nothing_else_unless_asked(filled, settings):
    only = Filters(domains=("fabrikam.com",))
    message = read(request_report(filled, TO, only, settings=settings).path)
    assert "1 sender address, 1 message" in message["Subject"]
    assert "Only: fabrikam.com" in body(message, "plain")
    texts = carried(message)
    assert len(texts) == 4 and all("app@fabrikam.com" in text for text in texts)
    assert not [
        text for text in texts if "scanner@" in text or "contoso" in text.replace("zoe@", "")
    ]
    whole = read(request_report(filled, TO, only, everything=True, settings=settings).path)
    assert ["scanner@" in text for text in carried(whole)] == [False, False, True, False]


def test_pseudonyms_reach_the_mail_and_all_it_carries(filled, settings):
    names = Pseudonyms(b"a key of sixteen or more", domains=True)
    done = request_report(
        filled, ["bob@fabrikam.com"], Filters(domains=("contoso.com",)), pseudonyms=names,
        formats=["html", "xlsx", "csv", "md"], settings=settings,
    )  # fmt: skip
    message = read(done.path)
    texts = carried(message)
    assert len(texts) == 6 and "pseudonyms" in texts[0]
    for text in texts:
        assert "scanner@" not in text and "contoso.com" not in text
        assert names.address("scanner@contoso.com") in text


def test_what_is_attached_arrives_byte_for_byte(filled):
    report = build_report(filled)
    people = [addresses.parse_address(text) for text in TO]
    message = composing.compose(report, people, people[0], ["html", "csv", "md"])
    arrived = message_from_bytes(message.as_bytes(), policy=policy.default)
    contents = [part.get_payload(decode=True).decode() for part in arrived.iter_attachments()]
    assert contents == [
        report_page.html(report),
        report_sheets.senders_csv(report),
        report_markdown.markdown(report),
    ]


def test_a_mail_stays_small(filled, settings):
    """The page is most of it, and grows by a tenth at most."""
    done = request_report(filled, TO, settings=settings)
    (page,) = [p for p in read(done.path).iter_attachments() if p.get_filename().endswith(".html")]
    html = page.get_payload(decode=True)
    assert len(page.get_payload()) < 1.1 * len(html)
    assert done.size == len(done.path.read_bytes()) - len("X-Unsent: 1\r\n") < 1_000_000


def test_hostile_senders_stay_text(store, load, settings, tmp_path):
    load(hostile_log())
    message = read(request_report(store, TO, settings=settings).path)
    html, text = body(message, "html"), body(message, "plain")
    assert "<script" not in html and "<img/src" not in html and "onerror=alert(2)&gt;" in html
    assert "\u202e" not in html + text and "[U+202E]moc.live" in text
    assert "{{7*7}}${7*7}" in text and "&lt;!--&lt;script&gt;" in html
    assert len(re.findall(r"<img ", html)) == 3
    shown = [name for name in HOSTILE[1:] if "\u202e" not in name]
    assert all(name in text for name in shown)
    assert not re.search(r"(?:src|href)=\"(?!cid:)", html)


def test_hostile_filters_stay_text(filled, settings):
    evil = "</title><script>alert(1)</script>\u202e\r\nBcc: eve@evil.example"
    asked = Filters(
        domains=(evil,),
        sender=f"{evil}@x.example",
        where=(Clause("sender_address", "contains", evil),),
    )
    message = read(request_report(filled, TO, asked, formats=[], settings=settings).path)
    html, text = body(message, "html"), body(message, "plain")
    assert (
        "<script" not in html and "&lt;script&gt;alert(1)" in html and "\u202e" not in html + text
    )
    assert "[U+202E]" in text and "Bcc" not in message
    assert not [line for line in text.splitlines() if line.startswith("Bcc")]


def test_more_days_than_the_usual_seven(filled, tmp_path):
    assert request(filled, "--days", "30", "--format", "md").returncode == 0
    assert request(filled, "--days", "2", "--format", "md").returncode == 0
    assert request(filled, "--days", "2", "--start", "2026-11-16", "--format", "md").returncode == 0
    kept = sorted((tmp_path / "outbox").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    subjects = [read(path)["Subject"].strip() for path in kept]
    assert [subject.partition(", ")[2] for subject in subjects] == [
        "Oct 24, 2026 to Nov 22, 2026: 2 sender addresses, 3 messages",
        "Nov 21, 2026 to Nov 22, 2026: 1 sender address, 1 message",
        "Nov 16, 2026 to Nov 22, 2026: 2 sender addresses, 3 messages",
    ]


def test_a_report_of_ninety_days_is_mailed_as_the_days_that_it_counts(store, load, tmp_path):
    report = "Sender address,TLS 1.0,TLS 1.2,Messages sent\nz@contoso.com,50%,50%,400\n"
    load(report, period=(dt.date(2026, 8, 25), dt.date(2026, 11, 22)))
    assert request(store, "--format", "md").returncode == 0
    (kept,) = (tmp_path / "outbox").iterdir()
    assert read(kept)["Subject"].strip() == (
        "SMTP AUTH clients, Aug 25, 2026 to Nov 22, 2026: 1 sender address, 400 messages"
    )


def test_a_question_without_a_match_is_still_answered(filled, settings):
    done = request_report(filled, TO, Filters(domains=("nobody.example",)), settings=settings)
    message = read(done.path)
    assert "0 sender addresses, 0 messages" in message["Subject"]
    assert "<img" not in body(message, "html")


def test_an_empty_store_has_nothing_to_report(store, settings, tmp_path):
    with pytest.raises(KitError):
        request_report(store, TO, settings=settings)
    assert not (tmp_path / "outbox").exists()


@pytest.mark.browser
def test_the_mail_is_a_whole_page_in_a_browser(filled, settings, chromium, tmp_path):
    import base64

    message = read(request_report(filled, TO, settings=settings).path)
    html = body(message, "html")
    for part in message.walk():
        if part["Content-ID"]:
            data = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'][1:-1]}", f"data:image/png;base64,{data}")
    (tmp_path / "mail.html").write_text(html, "utf-8")
    with browsing(chromium) as browser:
        page = browser.new_page(viewport={"width": 860, "height": 900})
        page.goto((tmp_path / "mail.html").as_uri())
        assert (
            page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 900)")
            == [True] * 3
        )
        narrow = browser.new_page(viewport={"width": 360, "height": 700})
        narrow.goto((tmp_path / "mail.html").as_uri())
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 380


# --- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jane@contoso.com", "jane@contoso.com"),
        ("  Jane <jane@contoso.com> ", "jane@contoso.com"),
        ('"Doe, Jane" <jane@contoso.com>', "jane@contoso.com"),
        ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
        ("o'neil+x@contoso.com", "o'neil+x@contoso.com"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_as_people_write_it(text, address):
    assert addresses.parse_address(text).addr_spec == address


@pytest.mark.parametrize(
    "text",
    [
        "", "jane", "@contoso.com", "jane@", "jane@contoso..com", ".jane@contoso.com", "a b@contoso.com",
        "jane@contoso.com\r\nBcc: eve@evil.example", "jane@contoso.com\nX: y", "jane\0@contoso.com",
        "Jane\r\nBcc: eve@evil.example <jane@contoso.com>", "jane@contoso.com, eve@evil.example",
        "jane@contoso.com;eve@evil.example", "jane@contoso.com eve@evil.example",
        "team: jane@contoso.com, eve@evil.example;", "team: jane@contoso.com;",
        "<jane@contoso.com> <eve@evil.example>", "jane@contoso.com <eve@evil.example", "<jane@contoso.com",
        "=?utf-8?q?Jane=0d=0aBcc:_eve=40evil.example?= <jane@contoso.com>", '"jane\r\n"@contoso.com',
        '"a,b"@contoso.com', "jane@[192.0.2.1]", "jané@contoso.com", "jane@" + "con_toso.com", "jane@-x.example",
        "\u202ejane@contoso.com", "Ja\u200bne <jane@contoso.com>", "Jane\x1b[2J <jane@contoso.com>",
        "j" * 65 + "@contoso.com", "jane@" + "x" * 64 + ".example", "jane@" + ".".join(["x" * 60] * 5),
        "x" * 501 + " <jane@contoso.com>", "jane@contoso.com> RCPT TO:<eve@evil.example",
        "jane@contoso.com\u2028Bcc: x", "jane(comment\r\n)@contoso.com",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(text):
    with pytest.raises(UsageError, match="is not one mail address"):
        addresses.parse_address(text)


@pytest.mark.parametrize(
    "name",
    ["Doe, Jane", 'Jane "J" Doe', "Zoë\\", "=?utf-8?q?x?=", "x" * 300, "Jane; Bcc: x", "(c)"],
)
def test_a_name_of_any_kind_comes_back_as_it_was_and_adds_no_header(filled, settings, name):
    given = str(Address(name, "jane", "contoso.com"))
    message = read(request_report(filled, [given], formats=[], settings=settings).path)
    (only,) = message["To"].addresses
    assert only.addr_spec == "jane@contoso.com"
    assert only.display_name == name or name.startswith("=?")
    assert "Bcc" not in message and "Cc" not in message
    head = mail_head(request_report(filled, [given], formats=[], settings=settings).path)
    assert all(len(line) <= 998 and line.isascii() for line in head)


def mail_head(path: Path) -> list[str]:
    return path.read_bytes().split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def test_the_same_person_twice_is_one(filled, settings):
    done = request_report(
        filled, ["Bob <bob@fabrikam.com>", "BOB@fabrikam.com"], formats=[], settings=settings
    )
    assert len(done.to) == 1


def test_a_from_that_is_none_is_refused_before_anything_is_made(filled, tmp_path):
    for sender in ("x\r\nBcc: eve@evil.example", "a@b.example, c@d.example"):
        settings = MailSettings(from_=sender, outbox=str(tmp_path / "outbox"))
        with pytest.raises(UsageError):
            request_report(filled, TO, settings=settings)
    with pytest.raises(KitError, match="SMTPAUTH_MAIL_FROM"):
        request_report(filled, TO, settings=MailSettings(host="localhost"))
    assert not (tmp_path / "outbox").exists()


# --- from the command line to a server -----------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def environment(certificates, monkeypatch):
    """Set the mail settings: `environment(HOST=…, PORT=…)`."""

    def put(**settings: object) -> None:
        given = {
            "HOST": "localhost",
            "USER": USER,
            "PASSWORD": PASSWORD,
            "CA_FILE": certificates.ca_file,
            "TIMEOUT": 10,
        }
        for name, value in {**given, **settings}.items():
            monkeypatch.setenv(f"SMTPAUTH_MAIL_{name}", str(value))

    return put


def request(store: Store, *arguments: object):
    return smtpauth("--store", store.path, "request-report", "--to", TO[0], *arguments)


def test_a_report_is_sent_and_leaves_no_copy(filled, certificates, environment, tmp_path):
    inbox = Inbox()
    with smtp_server(inbox, certificates.context(), implicit=False) as port:
        environment(PORT=port)
        done = request(filled, "--to", "bob@fabrikam.com", "--json", "--domain", "contoso.com")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    ((envelope, _),) = inbox.mails
    assert list(found) == ["via", "to", "subject", "message_id", "bytes", "path"]
    assert (found["via"], found["to"], found["path"]) == ("smtp", envelope.rcpt_tos, None)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Message-ID"] == found["message_id"] and message["Subject"] == found["subject"]
    assert message["From"] == USER and "X-Unsent" not in message
    assert [part.get_filename() for part in message.iter_attachments()] == [
        "smtp-auth-clients-2026-11-16-2026-11-22.html", "smtp-auth-clients-2026-11-16-2026-11-22.xlsx",
    ]  # fmt: skip
    assert envelope.content.isascii()
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998
    assert not list((tmp_path / "outbox").iterdir())


def test_a_report_that_cannot_be_sent_is_kept_and_the_error_says_where(
    filled, environment, tmp_path
):
    environment(PORT=1)
    done = request(filled, "--json")
    (kept,) = (tmp_path / "outbox").iterdir()
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["path"] == str(kept) and str(kept) in done.stderr
    assert "Nothing answers at localhost:1" in found["error"] and found["refused"] == {}
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
    assert read(kept)["X-Unsent"] == "1"
    assert PASSWORD not in done.stdout + done.stderr + kept.read_text("latin-1")


def test_who_did_not_get_it_is_named_and_it_exits_1(filled, certificates, environment):
    with smtp_server(Inbox(), certificates.context(), implicit=False) as port:
        environment(PORT=port)
        done = request(filled, "--to", "nobody@contoso.com", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and list(found["refused"]) == ["nobody@contoso.com"]
    assert "The report went to zoe@contoso.com." in done.stderr
    assert Path(found["path"]).exists()


def test_without_settings_a_report_goes_into_the_outbox(filled, tmp_path):
    done = request(filled, "--format", "xlsx", "--lang", "nl")
    (kept,) = (tmp_path / "outbox").iterdir()
    assert done.returncode == 0 and str(kept) in done.stdout and "niet verzonden" in done.stdout
    assert [part.get_filename() for part in read(kept).iter_attachments()] == [
        "smtp-auth-clients-2026-11-16-2026-11-22.xlsx"
    ]


def test_the_outbox_is_beside_the_store_where_nobody_says(filled, monkeypatch):
    monkeypatch.delenv("SMTPAUTH_MAIL_OUTBOX")
    assert request(filled).returncode == 0
    assert len(list((filled.path.parent / "outbox").glob("*.eml"))) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "nobody"), ("--via", "pigeon"), ("--format", "doc"), ("--start", "today"),
        ("--schedule", "hourly"), ("--password", "x"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_and_makes_nothing(filled, arguments, tmp_path):
    done = request(filled, *arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert not (tmp_path / "outbox").exists()


def test_the_outbox_way_needs_nothing_of_the_extra(filled, tmp_path):
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['keyring', 'msal', 'requests']));"
        "from smtpauth_kit.cli import main; main()"
    )
    arguments = ["--store", filled.path, "request-report", "--to", "a@contoso.com"]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *map(str, arguments), *more]
        return subprocess.run(command, capture_output=True, text=True)

    assert run().returncode == 0 and len(list((tmp_path / "outbox").iterdir())) == 1
    done = run("--via", "graph")
    assert done.returncode == 1 and "SMTPAUTH_MAIL_FROM" in done.stderr


def test_the_extra_is_named_where_it_is_missing(filled, monkeypatch):
    monkeypatch.setitem(sys.modules, "msal", None)
    settings = MailSettings(tenant="t", client_id="c", from_=USER)
    with pytest.raises(NotDelivered, match=r'pip install "smtpauth-kit\[mail\]"'):
        request_report(filled, TO, via="graph", formats=[], settings=settings)


def test_asking_for_a_mail_imports_nothing_heavy_before_it_is_asked():
    code = (
        "import sys, smtpauth_kit, smtpauth_kit.cli; "
        "print([m for m in ('msal', 'keyring', 'requests', 'smtplib', 'email', 'pandas') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_a_delivery_shows_itself_in_a_notebook(filled, tmp_path):
    settings = MailSettings(outbox=str(tmp_path / "<b>outbox"))
    done = request_report(filled, TO, formats=[], settings=settings)
    assert "&lt;b&gt;outbox" in done._repr_html_() and "<b>" not in done._repr_html_()


def test_the_command_runs_as_a_process_of_its_own(filled):
    env = {"SMTPAUTH_STORE": str(filled.path), "PYTHONIOENCODING": "ascii"}
    done = process("request-report", "--to", TO[0], "--lang", "nl", env=env)
    assert done.returncode == 0 and "Klaargezet voor zoe@contoso.com" in done.stdout


def test_a_failure_in_the_cloud_is_one_plain_paragraph_too(filled, certificates):
    env = {
        "SMTPAUTH_MAIL_TENANT": "t", "SMTPAUTH_MAIL_CLIENT_ID": "c", "SMTPAUTH_MAIL_FROM": USER,
        "SMTPAUTH_MAIL_CLIENT_SECRET": "hunter2", "SMTPAUTH_STORE": str(filled.path),
        "SMTPAUTH_MAIL_CA_FILE": certificates.ca_file,
    }  # fmt: skip
    cloud = Cloud(certificates.context("login.contoso.com"))
    for authority, words in (
        ("https://localhost:1", "Nothing answers at localhost:1."),
        (cloud.url, "is for another host name"),
    ):
        done = process(
            "request-report", "--to", TO[0], "--via", "graph", "--format", "md",
            env={**env, "SMTPAUTH_MAIL_AUTHORITY": authority},
        )  # fmt: skip
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
        assert words in done.stderr and "hunter2" not in done.stderr
    cloud.close()

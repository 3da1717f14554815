"""The mail of a report that holds readiness says in its own text who stops, the hardest first."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from hostile import HOSTILE
from readiness_worlds import Sent, day, every_day, working_days

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.mail.request import request_report
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.store.store import Store


def mailed(store: Store, folder: Path, **asked: object) -> tuple[str, str]:
    """Return the text and the page of a mail that carries a report's page."""
    settings = MailSettings(outbox=str(folder / "outbox"))
    done = request_report(store, "bob@fabrikam.com", formats=["html"], settings=settings, **asked)
    message = message_from_bytes(done.path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    text, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return text, page


def part(text: str, title: str) -> list[str]:
    return text.replace("\r\n", "\n").partition(f"\n{title}\n")[2].partition("\n\n")[0].splitlines()


def test_the_mail_says_who_stops_with_the_numbers_of_readiness(store, load, tmp_path):
    world = Sent(store, load)
    world.sent("alarm", [day("11-02"), day("11-16")], tls="TLS1.0", ip="192.0.2.7")
    world.sent(HOSTILE[0], working_days(day("11-02")), count=3)
    for sender in ("p1", "p2", "p3", "p4", "p5"):
        world.sent(sender, working_days(day("11-02")))
    world.sent("moved", every_day(day("09-01"), day("09-20")))
    world.sent("moved", every_day(day("10-20")), auth="OAuth")
    world.loaded()
    kept.keep(store, {"alarm@contoso.com": {"owner": "Facilities <b>"}})
    text, page = mailed(store, tmp_path)
    told = part(text, "Readiness")
    # 2 messages of the alarm, 45, and 5 x 15 of the others on 83 days are 10.3 a week.
    assert told[:4] == [
        "Senders that stop: 7 when Basic auth goes, 1 when TLS 1.0 and 1.1 go, 0 without TLS; of 0 "
        "no source tells the authentication. 1 have moved.",
        "Senders that stop on Dec 31, 2026: 7, with 10 messages a week; that may stop: 0. Due "
        "after that day: 0.",
        "Senders on Basic auth on Nov 22, 2026: 7; in the 56 days before, 0 stopped using it. At this "
        "pace 7 remain on Dec 31, 2026.",
        "Simulated switch-off: Basic auth. The hardest first:",
    ]
    assert told[4] == (
        "- alarm@contoso.com: Stops with: Basic auth; Way out: Connector or relay; "
        "Owner: Facilities <b>"
    )
    assert told[5] == (
        f"- {HOSTILE[0]}: Stops with: Basic auth; First missed: Dec 31, 2026; Way out: Microsoft Graph"
    )
    assert (len(told), told[9]) == (10, "and 2 more senders")
    assert told[0] in page and "Facilities &lt;b&gt;" in page and "<script>" not in page
    names = Pseudonyms(b"sixteen or more bytes")
    text, page = mailed(store, tmp_path, language="nl", pseudonyms=names)
    told = part(text, "Gereedheid")
    alarm = names.address("alarm@contoso.com")
    assert told[4].startswith(f"- {alarm}: Stopt bij: Basic auth; Uitweg:")
    assert told[9].startswith("en nog 2") and "en nog 2" in page
    assert not any("alarm" in line or "Facilities" in line for line in told)

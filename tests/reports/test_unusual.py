"""What reports tell of unusual activity, in every form: what there is, whose, and what is missing."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hostile import HOSTILE
from nbconvert.filters import markdown2html
from unpacked import everything_in, unpack
from unusual_world import SPRAYER, VICTIM, break_in

from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.base.conditions import parse_clause
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.reports import (
    report_markdown,
    report_page,
    report_sheets,
    unusual,
    unusual_page,
)
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views import findings
from smtpauth_kit.words.words import speak

KEY = b"sixteen or more bytes"
EN = speak("en")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The break-in; tests that write of it take it back."""
    return break_in(tmp_path_factory.mktemp("unusual"))


def told(store: Store, asked: Filters = ALL) -> list[tuple[str, str, str]]:
    return [
        (row["severity"], row["subject"], row["state"])
        for row in unusual.rows(unusual.unusual(store, asked), EN)
    ]


def cells(report: Report, sheet: str) -> list[dict[str, object]]:
    book = openpyxl.load_workbook(io.BytesIO(report_sheets.xlsx(report)))
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_incidents_stand_strongest_first_and_what_was_said_of_them_counts(store: Store) -> None:
    high = "\u25b2 High"
    assert told(store) == [
        (high, VICTIM, "New"),
        (high, SPRAYER, "New"),
        ("\u25cf Low", "sales@fabrikam.com", "New"),
    ]
    every = unusual.unusual(store, ALL)
    assert findings.summary(every.found, EN) == "2 incidents to look at today, 1 to know."
    spray = every.to_look_at[1].findings[0]
    states.acknowledge(store, spray.finding_id, "blocked at the firewall")
    try:
        assert told(store)[2] == (high, SPRAYER, "Acknowledged: blocked at the firewall")
        assert len(unusual.unusual(store, ALL).to_look_at) == 1
        # One finding of an incident is done with: the next new one stands for it.
        for finding in every.to_look_at[0].findings:
            if finding.severity == "high":
                states.acknowledge(store, finding.finding_id, "password changed")
        told_now = unusual.unusual(store, ALL)
        assert told_now.to_look_at == ()
        assert told(store)[0] == ("\u25c6 Medium", VICTIM, "New")
        assert findings.summary(told_now.found, EN) == (
            "0 incidents to look at today, 1 this week, 1 to know, 1 done."
        )
    finally:
        for finding in judged(store, ALL).findings:
            states.acknowledge(store, finding.finding_id, "")


def test_filters_narrow_findings_as_show_findings_does_and_the_rest_is_said(store: Store) -> None:
    of_days = filters(start="2026-10-28", end="2026-10-30")
    only = unusual.unusual(store, of_days)
    assert [each.subject for each in only.incidents] == [VICTIM, "sales@fabrikam.com"]
    assert unusual.remarks(only, EN) == [
        "Unusual activity of Oct 28, 2026 to Oct 30, 2026; days are UTC.",
        "1 incident to look at is left out by these filters.",
    ]
    assert [subject for _, subject, _ in told(store, filters(domain="fabrikam.com"))] == [
        "sales@fabrikam.com"
    ]
    narrowed = filters(
        domain="fabrikam.com", rule="new_country", timezone="Europe/Amsterdam", min_messages=9
    ).changed(where=(parse_clause("basic_count > 0"),))
    assert unusual.remarks(unusual.unusual(store, narrowed), EN) == [
        "Unusual activity of all days loaded; days are UTC.",
        "Only: Sender domain fabrikam.com; Used in a new country",
        "2 incidents to look at are left out by these filters.",
        "What is unusual is judged of all senders, in days of UTC: it is not narrowed by "
        "--timezone, --min-messages, --where.",
    ]
    with pytest.raises(UsageError, match="There is no rule 'spike'"):
        build_report(store, findings=filters(rule="spike"))


def test_evidence_is_of_the_senders_asked_for(store: Store) -> None:
    """A spray tried ten accounts; who asks for one of them gets the rows of that one."""
    spray = unusual.unusual(store, filters(sender=VICTIM, rule="password_spray"), proved=True)
    (proof,) = spray.proofs.values()
    assert set(proof.evidence.rows["account"]) == {VICTIM} == set(proof.places["account"])
    assert proof.evidence.row_count == len(proof.evidence.rows) == 4


def test_a_workbook_has_findings_and_their_evidence_with_real_times(store: Store) -> None:
    report = build_report(store, findings=ALL, proved=True)
    found = cells(report, "Findings")
    first = found[0]
    assert (first["Incident"], first["Severity"], first["Rule"]) == (1, "High", "Volume spike")
    assert (first["Subject"], first["State"], first["Measured"]) == (VICTIM, "New", 241)
    assert first["First seen"] == dt.datetime(2026, 10, 30, 9, 0, 36)
    assert [row["Subject"] for row in found].count(VICTIM) == 6
    assert [row["Incident"] for row in found] == sorted(row["Incident"] for row in found)
    rows = cells(report, "Evidence")
    of_spike = [row for row in rows if row["Finding"] == first["Finding"]]
    assert len(of_spike) == 241 == sum(row["Messages"] for row in of_spike)
    assert of_spike[-1]["Client IP"] == SPRAYER
    of_spray = [row for row in rows if row["Rule"] == "Password spray"]
    assert {row["Result"] for row in of_spray} == {"failure"} and len(of_spray) == 40
    said = [(row["Figure"], row["Value"]) for row in cells(report, "Insight")]
    headline = "2 incidents to look at today, 1 to know."
    assert ("Unusual activity", headline) in said
    assert (
        "Not checked",
        "Blocked, and sending all the same: No mailbox settings are loaded. Load Get-CASMailbox, "
        "and Get-TransportConfig for the tenant.",
    ) in said


def test_evidence_is_bounded_and_says_how_much_more_there_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unusual, "MOST_ROWS", 30)
    monkeypatch.setattr(unusual, "MOST_PROVED", 7)
    report = build_report(store, findings=ALL, proved=True)
    rows = cells(report, "Evidence")
    spike = [row for row in rows if row["Rule"] == "Volume spike"]
    assert len(spike) == 31 and spike[-1]["Subject"] == "211 more rows."
    assert len({row["Finding"] for row in rows}) == 7
    assert unusual.remarks(report.unusual, EN)[-1] == (
        "Of 7 of 8 findings there is evidence: of those to look at first."
    )
    html = everything_in(report_page.html(report))
    assert '"more":"The first 30 of 241 rows."' in html and '"row_count":241' in html


def test_markdown_and_page_say_the_same_and_what_was_not_checked(store: Store) -> None:
    report = build_report(store, findings=ALL, proved=True)
    text, page = report_markdown.markdown(report), report_page.html(report)
    for form in (text, page):
        assert "2 incidents to look at today, 1 to know." in form
        assert "Volume spike: sent 241 messages on 1 day from Oct 30, 2026" in form
        assert form.count("What to check next") >= 1 and "Not checked" in form
        assert "No mailbox settings are loaded." in form
    assert "no IP addresses" not in text and "client addresses, countries and programs" in text
    assert "To make it again: smtpauth report --as-of 2026-11-05 -o report.html" in page
    without = build_report(store)
    assert "Unusual activity" not in report_markdown.markdown(without)
    assert "no IP addresses" in report_markdown.markdown(without)


def test_what_says_what_is_unusual_has_no_recipient_subject_or_message_id(store: Store) -> None:
    report = build_report(store, findings=ALL, proved=True)
    for text in (everything_in(report_page.html(report)), *_sheets(report)):
        assert "reader@contoso.com" not in text and "@world>" not in text


def _sheets(report: Report) -> Iterator[str]:
    for sheet in ("Findings", "Evidence"):
        yield str(cells(report, sheet))


# --- hostile text, and names that are replaced -------------------------------------------------

EVIL = HOSTILE[0]
AGENT = "BAV2ROPC <img src=x onerror=alert(13)> =1+1 marked-agent"
NOTE = "=HYPERLINK(0) <script>alert(14)</script> marked-note \u202egpj"
NAMED = re.compile(
    r"evil|marked-|clerk|sales@|203\.0\.113\.66|192\.0\.2\.10|198\.51\.100\.|onerror|alert\(1"
)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The break-in, everything in it hostile; one finding with a note that is."""
    clerks = [name for name in HOSTILE[1:] if name.isprintable()]
    clerks += [f"clerk{n}@evil.example" for n in range(3)]
    folder = tmp_path_factory.mktemp("evil")
    store = break_in(folder, EVIL, clerks, AGENT, tenant="marked-tenant <b>")
    found = unusual.unusual(store, ALL)
    assert [each.subject for each in found.to_look_at] == [EVIL, SPRAYER]
    states.acknowledge(store, found.to_look_at[0].findings[0].finding_id, NOTE)
    return store


def test_hostile_text_is_inert_in_every_new_place(evil: Store) -> None:
    report = build_report(evil, findings=ALL, proved=True)
    section, paper = (unusual_page.section(report.unusual, EN, paper=on) for on in (False, True))
    for html in (section, paper, markdown2html(report_markdown.markdown(report))):
        assert "alert(1)" in html
        bare = re.sub(r'<script type="application/octet-stream" [^>]*>[^<]*</script>', "", html)
        assert not re.search(r"<(img|script|b|iframe)\b", bare)
    inside = unpack(re.search(r'smtpauth-proofs">([^<]+)<', section)[1]).decode()
    assert "alert(1)" in inside and not re.search("[<>&]", inside)
    for sheet in ("Findings", "Evidence"):
        for row in cells(report, sheet):
            for cell in row.values():
                assert not (isinstance(cell, str) and re.match(r"\s*[=+@-]", cell)), cell
    notes = [row["Note"] for row in cells(report, "Findings") if row["Note"]]
    assert notes == ["'=HYPERLINK(0) <script>alert(14)</script> marked-note [U+202E]gpj"]


def test_pseudonyms_hold_in_every_new_place(evil: Store) -> None:
    true = build_report(evil, findings=ALL, proved=True)
    names = Pseudonyms(KEY, domains=True)
    report = build_report(
        evil, filters(domain="evil.example"), pseudonyms=names, findings=ALL, proved=True
    )
    ids = {f.finding_id for f in judged(evil, ALL).findings}
    ids |= {f.incident_id for f in judged(evil, ALL).findings}
    forms = {
        "html": everything_in(report_page.html(report)),
        "paper": report_page.paper(report),
        "md": report_markdown.markdown(report),
        "xlsx": "".join(_sheets(report)),
    }
    for form, text in forms.items():
        # The script of a page has the words of every control, and one names an example.
        assert NAMED.findall(text) == [], form
        assert not [each for each in ids if each in text], form
        assert "AS64501" in text and "NG" in text, form
    assert "a note, left out: it may name somebody" in forms["xlsx"]
    assert names.address(EVIL) in forms["md"] and names.address(EVIL) in forms["html"]
    assert NAMED.search(report_markdown.markdown(true))
    # The figures stay, and so does the order of what is to be looked at first.
    assert [len(each.findings) for each in report.unusual.incidents] == [
        len(each.findings) for each in true.unusual.incidents
    ]


def test_a_rule_that_is_asked_for_keeps_its_name(evil: Store) -> None:
    asked = filters(rule="password_spray", severity="high", domain="evil.example")
    names = Pseudonyms(KEY, domains=True)
    report = build_report(evil, asked, pseudonyms=names, findings=asked)
    domain = names.domain("evil.example")
    assert unusual.remarks(report.unusual, EN)[1] == (
        f"Only: Sender domain {domain}; Password spray; High"
    )
    assert (
        f"smtpauth report --as-of 2026-11-05 --domain {domain} --rule password_spray "
        "--severity high --pseudonymise-domains -o report.html"
    ) in report.command


def test_the_order_of_renamed_rows_does_not_show_the_old_names(evil: Store) -> None:
    report = build_report(evil, pseudonyms=Pseudonyms(KEY), findings=ALL, proved=True)
    spray = report.unusual.to_look_at[1].findings[0]
    proof = report.unusual.proofs[spray.finding_id]
    got_in, *others = spray.accounts
    assert got_in == Pseudonyms(KEY).address(EVIL) and others == sorted(others)
    failed = proof.places[proof.places["used_days"] == 0]
    same = failed.groupby(["first_at", "last_at"])["account"].apply(list)
    assert all(names == sorted(names) for names in same)


def test_too_little_to_judge_is_no_all_clear(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("Date,Sender address,Message ID\n2026-11-16,a@contoso.com,<1@x>\n")
    few = open_store(tmp_path / "few.duckdb")
    loading.load(few, log)
    report = build_report(few, findings=ALL, proved=True)
    page = everything_in(report_page.html(report))
    assert findings.headline(report.unusual.found, ALL, EN) == "Nothing unusual was found."
    assert unusual.unchecked_line(report.unusual, EN).startswith("20 rules could not be checked")
    assert "Fewer than 15 days of messages are loaded: nothing can be unusual yet." in page
    assert cells(report, "Findings") == cells(report, "Evidence") == []

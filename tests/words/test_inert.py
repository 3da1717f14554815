"""Any text of Unicode in whatever the kit writes: nothing hides, steers, ends or empties it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from command import rejected_csv
from conftest import LOG_HEADER
from depth import tries
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from offline import Offline
from unpacked import packed, rows_of, text_of

from smtpauth_kit import answers
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.mail import addresses, composing
from smtpauth_kit.reports import report_markdown, report_page, report_sheets
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.reports.spreadsheets import Field, Sheet, csv_text, workbook
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views import charts, renderer
from smtpauth_kit.views.ranking import ranking_data, volume_by_domain_chart, volume_by_domain_ring
from smtpauth_kit.views.volume import sending_volume_chart, volume_data
from smtpauth_kit.words.inert import (
    HIDDEN,
    INVISIBLE,
    StandIns,
    cut,
    inert_cell,
    printable,
    show_invisible,
    show_steering,
    steering_again,
)
from smtpauth_kit.words.words import languages, speak

EN = speak("en")
DAY = dt.date(2026, 11, 16)
OF_EVERY_OBJECT = (
    "__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__", "valueOf",
    "prototype", "length",
)  # fmt: skip
"""What a key of JavaScript's objects finds though nobody put it there."""
AWKWARD = (
    *OF_EVERY_OBJECT,
    "\U0001f600" * 60,
    "a" * 21 + "\U0001f600" * 60,
    "bad\uffffdom\ufffe\ufdd0\U0010ffff.example",
    "\x00\x1b[2J\x07\x0b\x0c\x7f\x9b",
    "\u202e\u2066\u200f\u061c",
    "\u3164\u115f\u1160\uffa0\u2800\u00ad\u034f\u17b4\ufe0f\U000e0041",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f e\u0301\u0327",
    "\ue000\uf8ff",
)
HALVES = ("\ud83d", "\ude00\ud83d", "a\udfff" * 30)
ANY = st.sampled_from(AWKWARD) | st.text(
    st.sampled_from("\uffff\ufffe\ufeff\u202e\x1b\0'\"=@,;|<>&]\\\U0001f600\U000e0001\u3164")
    | st.characters(exclude_categories=["Cs"]),
    min_size=1,
    max_size=90,
)
"""Whatever a store can hold."""
ANY_AND_HALVES = ANY | st.sampled_from(HALVES) | st.text(st.characters(), max_size=60)
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SLOW = settings(
    max_examples=tries(2),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


# --- what is hidden -------------------------------------------------------------------------


def test_what_is_hidden_is_all_that_unicode_says_is_ignored_or_controls() -> None:
    """Derived anew from the properties that Python knows, and the list of those it does not.

    Other_Default_Ignorable_Code_Point: PropList.txt; it and variation selectors are no Cf.
    """
    other = "034F 115F-1160 17B4-17B5 180B-180F 2065 3164 FE00-FE0F FFA0 FFF0-FFF8 E0000-E0FFF"
    seen = set(
        map(chr, [0x6DD, 0x70F, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606), 0x890, 0x891])
    )
    hidden = {char for part in other.split() for char in characters(*part.split("-"))}
    hidden |= {chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)}
    hidden |= set(characters("FDD0", "FDEF"))
    every = map(chr, range(sys.maxunicode + 1))
    hidden |= {c for c in every if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - seen
    drawn_as_nothing = set("\u2800\ufffc\U00016fe4\U0001d159\U00013441\U00013442")
    found = {chr(n) for n in range(sys.maxunicode + 1) if re.match(f"[{HIDDEN}]", chr(n))}
    assert hidden <= found
    # Python may know an older Unicode: what is new is unassigned there.
    assert {
        c for c in found - hidden - drawn_as_nothing if unicodedata.category(c) != "Cn"
    } == set()


def characters(first: str, last: str = "") -> list[str]:
    return [chr(n) for n in range(int(first, 16), int(last or first, 16) + 1)]


def test_no_number_or_day_of_the_kit_is_written_with_a_space_that_is_marked() -> None:
    for language in languages():
        words = speak(language)
        written = words.count(1234567), words.percent(0.5, 2), words.date(DAY), words.percent(0.5)
        assert [show_invisible(text) for text in written] == list(written)


@given(ANY_AND_HALVES)
@example("".join(HALVES))
def test_nothing_hidden_is_left_in_what_is_shown(text: str) -> None:
    assert not re.search(f"[{INVISIBLE}]", show_invisible(text))
    assert all(char.isprintable() for char in printable(text))
    assert not re.search(f"[{INVISIBLE}]", printable(text))
    for shown_text in (printable(text), show_invisible(text)):
        shown_text.encode()


@given(st.text(st.sampled_from("\x1b\r\n\t\x9b[U+001B]5D0") | st.characters(), max_size=40))
def test_what_no_longer_steers_a_terminal_can_be_had_back(text: str) -> None:
    shown = show_steering(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", shown.replace("\r\n", ""))
    assert steering_again(shown) == text


@given(ANY, st.integers(0, 60))
def test_a_cut_text_has_no_half_of_a_character(text: str, most: int) -> None:
    short = cut(text, most)
    units = len(short.encode("utf-16-le")) // 2
    assert text.startswith(short) and units <= most
    assert short == text or units >= most - 1


# --- cells ----------------------------------------------------------------------------------


@given(ANY_AND_HALVES)
def test_a_workbook_is_well_formed_and_its_csv_has_the_same_texts(text: str) -> None:
    sheet = Sheet(text, (Field("Sender"), Field(text)), [(text, "x" * 31_990 + text)])
    book = workbook([sheet], title=text, creator=text, made_at=dt.datetime(2026, 11, 16))
    with zipfile.ZipFile(io.BytesIO(book)) as members:
        parts = {name: members.read(name) for name in members.namelist()}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            assert not NOT_XML.search("".join(ElementTree.fromstring(part).itertext())), name
    sheet_tree = ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"])
    written = [cell.text or "" for cell in sheet_tree.iter() if cell.tag.endswith("}t")]
    assert all(len(cell.encode("utf-16-le")) <= 2 * 32_000 for cell in written)
    (_, row) = csv.reader(io.StringIO(csv_text(sheet), newline=""))
    assert row[0] in [*written, ""]
    assert not re.search(f"[{HIDDEN}]", csv_text(sheet).replace("\r\n", ""))


# --- pictures -------------------------------------------------------------------------------


def picture(names: list[str]) -> str:
    """Return the charts that name domains and senders, drawn."""
    volume = pd.DataFrame(
        {"period_start": DAY, "period_end": DAY, "sender_domain": pd.Series(names, dtype=object),
         "message_count": range(len(names), 0, -1)}
    )  # fmt: skip
    drawn = [charts.to_svg(charts.empty_vega(sending_volume_chart, EN),
                           *volume_data(volume, EN, covered=[DAY]))]  # fmt: skip
    for draw in (volume_by_domain_chart, volume_by_domain_ring):
        ranking = ranking_data(ranked(names), EN)
        drawn.append(charts.to_svg(charts.empty_vega(draw, EN), ranking, {}))
    return "".join(drawn)


def ranked(names: list[str]) -> pd.DataFrame:
    share = [1 / len(names)] * len(names)
    return pd.DataFrame(
        {"sender_domain": pd.Series(names, dtype=object), "domain_count": 1, "message_count": 7,
         "share": share}
    )  # fmt: skip


@settings(max_examples=tries(8), suppress_health_check=list(HealthCheck))
@given(st.lists(ANY, min_size=1, max_size=7, unique=True))
@example([*OF_EVERY_OBJECT[:7]])
@example(["\U0001f600" * 60, "a" * 21 + "\U0001f600" * 60])
@example(["bad\uffffdom.example", "bad\ufffedom.example", "bad[U+FFFF]dom.example"])
def test_a_chart_has_a_line_a_bar_and_a_name_for_every_name(names: list[str]) -> None:
    # No store holds half a character, and pandas with pyarrow takes none.
    svg = picture(names)
    assert not NOT_XML.search(svg) and not re.search(f"[{HIDDEN}]", svg)
    root = ElementTree.fromstring(f"<svg>{svg}</svg>")
    groups = [element for element in root.iter() if "mark-" in element.get("class", "")]
    area = [g for g in groups if "mark-area" in g.get("class", "")]
    assert sum(len(list(g)) for g in area) == len(names)
    counts = [text for text in root.itertext() if text == "(7)"]
    assert len(counts) == len(names)


def test_every_character_of_the_first_plane_and_of_every_other_can_be_drawn() -> None:
    every = [chr(n) for n in (*range(0x10000), *range(0x10000, 0x110000, 251))]
    texts = ["".join(every[n : n + 500]) for n in range(0, len(every), 500)]
    marks = [{"type": "text", "encode": {"enter": {"text": {"value": text}}}} for text in texts]  # fmt: skip
    svg = renderer.vega_to_svg({"width": 9, "height": 9, "marks": marks})
    assert not NOT_XML.search(svg) and ElementTree.fromstring(svg).tag.endswith("svg")


def test_of_more_strange_characters_than_can_stand_in_the_rest_is_one() -> None:
    text = "".join(map(chr, range(0x20000, 0x20000 + 6401)))
    stand_ins = StandIns()
    assert stand_ins.taken_out(stand_ins.put_in(text)) == text[:-1] + "\ufffd"


# --- reports --------------------------------------------------------------------------------


def loaded(folders: pytest.TempPathFactory, names: list[str]) -> Report:
    """Return a report of senders that are called so, the domain too; those that the kit loads."""
    folder = folders.mktemp("any")
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [f"2026-11-16T08:00:{n:02d}Z", f"{name}@{name}", "u@x.example", f"<{n}@x>", "TLS1.2",
         "192.0.2.1", "Basic"] for n, name in enumerate([*names, "good.example"])
    )  # fmt: skip
    (folder / "log.csv").write_text(LOG_HEADER + rows.getvalue(), "utf-8", newline="")
    store = open_store(folder / "store.duckdb")
    loading.load(store, folder / "log.csv")
    return build_report(store)


def mailed(report: Report) -> Any:
    to, sender = (
        [addresses.parse_address("a@contoso.com")],
        addresses.parse_address("b@contoso.com"),
    )
    message = composing.compose(report, to, sender, ["csv", "xlsx"])
    return message_from_bytes(composing.wire(message), policy=policy.default)


@SLOW
@given(st.lists(ANY, min_size=3, max_size=8, unique=True))
@example(list(AWKWARD))
def test_every_form_of_a_report_takes_any_name(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    report = loaded(tmp_path_factory, names)
    senders, domains = report.senders["sender_address"], set(report.senders["sender_domain"])
    html = report_page.html(report)
    html.encode()
    assert html.count("<svg") > 5 and {row[3] for row in rows_of(packed(html)["facts"])} == domains
    told = [
        row[0] for row in csv.reader(io.StringIO(report_sheets.senders_csv(report), newline=""))
    ][1:]
    assert told == [inert_cell(show_invisible(name)) for name in senders]
    assert not re.search(f"[{HIDDEN}]", report_markdown.markdown(report).replace("\n", ""))
    message = mailed(report)
    assert not message.defects and str(message["Subject"]).isprintable()
    for part in message.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            assert not re.search(f"[{HIDDEN}]", re.sub(r"[\r\n\t]", "", part.get_content()))
    assert [p.get_content_type() for p in message.walk()].count("image/png") == len(report.drawings)
    with zipfile.ZipFile(io.BytesIO(report_sheets.xlsx(report))) as book:
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))


SENDERS = ("a@constructor", "b@__proto__", "c@tostring", "\U0001f600" * 60 + "@emoji.example",
           "evil@bad\uffffdom.example", "good@c.example")  # fmt: skip


@pytest.fixture
def attacked(store: Store, load: Callable[..., LoadResult]) -> Store:
    """A store of senders that each ended a report, or emptied it."""
    rows = (
        f"2026-11-{16 + day}T08:00:00Z,{sender},u@x.example,<{n}.{day}@x>,TLS1.2,192.0.2.1,Basic\n"
        for n, sender in enumerate(SENDERS)
        for day in range(n + 1)
    )
    assert load(LOG_HEADER + "".join(rows)).rows("loaded") == 21
    return store


@pytest.mark.browser
def test_a_page_draws_every_sender_live_and_a_click_on_its_name_chooses_it(
    attacked: Store,
    opened: Callable[..., Offline],
) -> None:
    offline = opened(report_page.html(build_report(attacked)))
    page = offline.page
    page.wait_for_selector(".smtpauth-drawing .smtpauth-chart > [role=img] svg")
    page.wait_for_selector('[data-chart="volume-by-sender"] [role=img] svg')
    legend = page.locator(".smtpauth-drawing .role-legend-label text").all_text_contents()
    assert sorted(legend) == sorted(
        [
            "constructor",
            "__proto__",
            "tostring",
            "emoji.example",
            "bad[U+FFFF]dom.example",
            "c.example",
        ]
    )
    assert page.locator(".smtpauth-drawing .mark-area path").count() == len(SENDERS)
    bars = page.locator('[data-chart="volume-by-sender"] .role-axis-label text').all_text_contents()
    assert (
        "b@__proto__" in bars and "\U0001f600" * 19 + "\u2026" in bars and len(bars) == len(SENDERS)
    )
    for text in (*legend, *bars):
        text.encode()
    page.locator(".smtpauth-drawing .role-legend-label text", has_text="__proto__").click()
    page.wait_for_function(
        "document.querySelector('.smtpauth-domain select').value === '@__proto__'"
    )
    assert "2 messages" in offline.status()
    assert page.locator(".smtpauth-drawing .role-legend-label text").all_text_contents() == [
        "__proto__"
    ]
    assert (offline.requests, offline.trouble) == ([], [])


@pytest.mark.browser
def test_paper_is_printed_of_every_sender(
    attacked: Store, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium)
    text = text_of(report_page.pdf_file(build_report(attacked)))
    assert [s for s in ("a@constructor", "b@__proto__", "good@c.example") if s not in text] == []
    assert "U+FFFF" in text


def test_csv_on_a_terminal_steers_nothing_and_its_rejected_rows_come_back_as_they_were(
    store: Store, load: Callable[..., LoadResult]
) -> None:
    row = "2026-02-30T08:15:30Z,a@contoso.com,b\x1b[2J\x9b [U+001B]@x,<1@x>,TLS1.2,192.0.2.1,Basic"
    assert load(f"{LOG_HEADER}{row}\n").rows("rejected") == 1
    text = rejected_csv(store)
    assert (
        "\x1b" not in text
        and "\x9b" not in text
        and "b[U+001B][2J[U+009B] [U+005B]U+001B]@x" in text
    )
    again = load(text.replace("2026-02-30", "2026-02-31"), name="mended.csv")
    assert again.rows("rejected") == 1
    raws = answers.ask(store, "rejected", Filters()).rows["raw"]
    assert row.replace("2026-02-30", "2026-02-31") in set(raws)

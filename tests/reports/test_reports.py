from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hostile import HOSTILE, hostile_log
from unpacked import everything_in, packed, rows_of

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Clause, Filters
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports import forms as output_forms
from smtpauth_kit.reports import (
    fragments,
    offline_page,
    rendering,
    report_markdown,
    report_page,
    report_sheets,
)
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import Store
from smtpauth_kit.views import charts
from smtpauth_kit.views.breakdowns import AUTH, TLS

Load = Callable[..., LoadResult]
SCRIPTS = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ISLANDS = re.compile(
    r'<script type="application/json" class="smtpauth-data">(.*?)</script>', re.DOTALL
)


@pytest.fixture
def hostile(store: Store, load: Load) -> Store:
    load(hostile_log())
    return store


def island(fragment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(packed(fragment)["data"])
    return found


def without_scripts(html: str) -> str:
    return ISLANDS.sub("", SCRIPTS.sub("", html))


def test_every_figure_of_a_report_is_of_the_same_messages(hostile: Store) -> None:
    for filters in (Filters(), Filters(domains=("evil.example",)), Filters(min_messages=5)):
        report = build_report(hostile, filters)
        summed = {
            name: int(rows["message_count"].sum())
            for name, rows in report.figures.items()
            if name != "senders-by-tls"
        }
        assert set(summed.values()) == {
            report.message_count,
            int(report.held.daily.message_count.sum()),
        }
        assert sum(count for _, count, _ in report.parts(TLS)) == report.message_count
        used = report.figures["senders-by-tls"].set_index("tls_version")["sender_count"]
        assert used["1.2"] == (report.senders["tls_1_2_count"] > 0).sum()


def test_a_report_of_nothing_has_every_value_at_nought(hostile: Store) -> None:
    parts = build_report(hostile, Filters(domains=("nobody.example",))).parts(AUTH)
    assert parts == [("basic", 0, 0.0), ("oauth", 0, 0.0), ("unknown", 0, 0.0)]


def test_a_condition_on_senders_holds_for_every_figure(hostile: Store) -> None:
    where = (Clause("sender_address", "=", "good@contoso.com"),)
    report = build_report(hostile, Filters(where=where))
    assert report.figures["sending-volume"]["sender_domain"].unique().tolist() == ["contoso.com"]
    assert report.message_count == report.senders["message_count"].sum() == 11
    assert "evil.example" not in report_page.screen(report)


def test_a_page_can_add_its_figures_up_again(hostile: Store) -> None:
    report = build_report(hostile)
    found = rows_of(packed(report_page.screen(report))["facts"])
    days = report.held.daily.drop(columns="report_of").astype(
        {"period_start": str, "period_end": str}
    )
    assert sorted(found) == sorted(days.itertuples(index=False, name=None))


def test_a_sender_written_in_two_ways_is_one_sender(store: Store, load: Load) -> None:
    load(
        "Date,Sender address,Message ID,TLS version\n"
        "2026-11-16T10:00:00Z,Scan@Contoso.com,<1@x>,1.0\n"
        "2026-11-17T10:00:00Z,scan@contoso.com,<2@x>,1.2\n"
    )
    found = rows_of(packed(report_page.screen(build_report(store)))["facts"])
    assert [(row[2], row[6]) for row in found] == [("scan@contoso.com", 1)] * 2


def test_only_the_pages_own_scripts_and_styles_may_run(hostile: Store) -> None:
    html = report_page.html(build_report(hostile))
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[0]
    assert policy.startswith("default-src &#39;none&#39;; base-uri &#39;none&#39;")
    assert "unsafe" not in policy
    scripts = [*SCRIPTS.findall(html), packed(html)["scripts"].decode()]
    assert len(scripts) == 2
    for code in [*scripts, *re.findall(r"<style>(.*?)</style>", html, re.DOTALL)]:
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"sha256-{digest}" in policy


def test_a_page_names_no_address_to_fetch(hostile: Store) -> None:
    html = without_scripts(report_page.html(build_report(hostile)))
    tags = re.sub(r'xmlns(:xlink)?="[^"]*"', "", "".join(re.findall(r"<[a-zA-Z][^>]*>", html)))
    assert not re.search(r"\s(src|srcset|href|action|background)\s*=|url\(|https?:", tags)


def test_hostile_senders_are_text_everywhere(hostile: Store) -> None:
    html = report_page.html(build_report(hostile))
    assert [text for text in HOSTILE if "<" in text and text in html] == []
    for data in ISLANDS.findall(html):
        assert not re.search(r"[<>&\u2028\u2029]", data)
    assert set(HOSTILE) < {row[2] for row in rows_of(packed(html)["facts"])}


def test_no_expression_of_a_chart_holds_data(hostile: Store) -> None:
    specs = json.dumps(island(report_page.screen(build_report(hostile)))["charts"])
    assert "evil" not in specs and "contoso" not in specs


def test_what_hides_or_reorders_text_is_named() -> None:
    assert rendering.visible("\u202e<b>") == (
        '<bdi class="smtpauth-invisible" data-code="U+202E">\u202e</bdi>&lt;b&gt;'
    )


def test_a_report_names_its_files_but_not_where_they_were(
    store: Store, write: Callable[..., Path], load: Load
) -> None:
    load(hostile_log(), name="log of printers.csv")
    html = report_page.html(build_report(store))
    assert "log of printers.csv" in html and "exports/log of" not in html


def test_a_report_of_an_empty_store_says_that_nothing_is_loaded(store: Store, load: Load) -> None:
    load("Date,Sender address,Message ID,TLS version\n2026-13-99,a@b.example,<1@x>,1.0\n")
    html = report_page.html(build_report(store))
    assert "Nothing is loaded yet." in html and "0 messages" in html


def test_a_report_without_a_match_has_no_old_chart(hostile: Store) -> None:
    report = build_report(hostile, Filters(domains=("nobody.example",)))
    assert "No messages match." in report_page.screen(report) and report.message_count == 0


def test_a_report_in_dutch_is_dutch_throughout(hostile: Store) -> None:
    html = without_scripts(report_page.html(build_report(hostile, language="nl")))
    assert '<html lang="nl">' in html and "16 nov 2026 tot en met 22 nov 2026" in html
    for english in ("Sender address", "Source:", "messages", "Start date"):
        assert english not in re.sub(r"<[^>]*>", "", html)


def test_a_report_of_several_days_says_so(store: Store, load: Load) -> None:
    load(
        "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\na@b.example,100,0,0,70\n",
        period=(dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
    )
    fragment = report_page.screen(build_report(store))
    assert "drawn at its mean per day" in fragment
    outside = report_page.screen(build_report(store, Filters(start=dt.date(2026, 11, 17))))
    assert "Only partly inside these dates" in outside and "No messages match." in outside


def test_the_static_form_is_there_without_scripts(hostile: Store) -> None:
    html = without_scripts(report_page.html(build_report(hostile)))
    assert html.count("<svg") > 2 and "other@fabrikam.example" in html and "33.33%(4)" in html


def test_a_fragment_leaves_look_and_scripts_to_its_page(hostile: Store) -> None:
    report = build_report(hostile)
    for fragment in (report_page.screen(report), fragments.insight_fragment(hostile)):
        assert "<script>" not in fragment and "<style" not in fragment
    assert "<html" not in report_page.screen(report)


def test_a_report_is_written_whole_or_refused_in_plain_words(
    hostile: Store, tmp_path: Path
) -> None:
    report = build_report(hostile)
    output_forms.save(report, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == report_page.html(report)
    with pytest.raises(KitError, match=r'\.pdf.*; "report\.doc" is none of these'):
        output_forms.save(report, tmp_path / "report.doc")
    with pytest.raises(KitError, match="cannot be written"):
        output_forms.save(report, tmp_path / "nowhere" / "report.html")
    assert [file.name for file in tmp_path.glob("report*")] == ["report.html"]


def test_a_script_cannot_end_or_hide_its_element() -> None:
    assert not re.search(
        r"</script|<!--", offline_page.inside_script(charts.bundle()), re.IGNORECASE
    )
    assert not re.search(
        r"</script|<!--", offline_page.inside_script(charts.static("unpack_page.js"))
    )
    # The policy's hash is of what stands in the file; a parser would turn \\r\\n into \\n.
    assert "\r" not in charts.static("unpack_page.js") + charts.static("style.css")


def test_an_answer_can_be_shown_as_a_plain_table() -> None:
    from smtpauth_kit.views.details_table import Column
    from smtpauth_kit.words.words import speak

    rows = pd.DataFrame({"path": ["<x>.csv"], "n": [1234]})
    columns = (Column("path", "File"), Column("n", "Rows", "count"))
    html = fragments.table_fragment(rows, columns, speak("en"), "Files")
    assert "&lt;x&gt;.csv" in html and "1,234" in html and "<caption>Files</caption>" in html


def test_one_sender_can_be_shown_with_all_that_is_known(store: Store, load: Load) -> None:
    from conftest import LOG

    load(LOG)
    html = fragments.sender_fragment(store, "Scanner@contoso.com")
    for text in ("scanner@contoso.com", "100%(2)", "Basic auth", "192.0.2.25", "<svg"):
        assert text in html
    assert "No messages match." in fragments.sender_fragment(store, "<b>@x.example")
    assert "<b>" not in fragments.sender_fragment(store, "<b>@x.example")


def test_a_page_with_a_choice_holds_the_rest_only_when_asked(hostile: Store) -> None:
    chosen = Filters(domains=("Contoso.com",))
    alone, whole = build_report(hostile, chosen), build_report(hostile, chosen, everything=True)
    assert {row[3] for row in rows_of(packed(report_page.html(alone))["facts"])} == {"contoso.com"}
    assert "evil.example" not in everything_in(report_page.html(alone))
    assert {row[3] for row in rows_of(packed(report_page.html(whole))["facts"])} == {
        "contoso.com", "evil.example", "fabrikam.example",
    }  # fmt: skip
    assert "holds this selection and nothing else" in report_page.html(alone)
    assert "holds all of these days: 11 sender addresses of 3 sender domains" in report_page.html(
        whole
    )
    assert "evil.example" not in report_sheets.senders_csv(whole) + report_markdown.markdown(whole)


def test_a_page_says_what_it_is_of_and_how_to_make_it_again(store: Store, load: Load) -> None:
    load(hostile_log(), tenant="Contoso & Co")
    filters = Filters(min_messages=3, where=(Clause("sender_address", "contains", "o"),))
    html = report_page.html(build_report(store, filters, "nl"))
    for text in (
        "Contoso &amp; Co", "16 nov 2026 tot en met 22 nov 2026", "Nieuwste geladen dag", "smtpauth_kit 0.1.0",
        "smtpauth report --start 2026-11-16 --end 2026-11-22 --source submission_log --min-messages 3",
        "--senders &#39;sender_address contains o&#39; --lang nl",
    ):  # fmt: skip
        assert text in html


def test_beyond_the_busiest_the_page_adds_the_rest_up(hostile: Store) -> None:
    report = build_report(hostile)
    *shown, rest = report.top_senders(3)
    assert [row["message_count"] for row in shown] == [12, 11, 10]
    assert rest["sender_address"] == "and 8 more senders"
    assert (rest["message_count"], rest["tls_1_0_count"]) == (44, 17)
    assert rest["tls_1_0_share"] == 17 / 44

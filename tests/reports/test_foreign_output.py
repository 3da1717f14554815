"""What notebooks' outputs may bring onto a page, and how long reading it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hostile import hostile_log
from hypothesis import example, given
from hypothesis import strategies as st
from quick import quick
from test_notebook_export import WIDGET, body, code, page, shown

from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.reports import foreign_output, fragments, report_page
from smtpauth_kit.reports.foreign_output import address_in, cleaned
from smtpauth_kit.reports.notebook_export import SmtpauthReportExporter, render
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.words import speak

HERE = "https://evil.example/x"

HARMFUL = [
    f'<meta http-equiv="refresh" content="0;url={HERE}">',
    f"<META\nHTTP-EQUIV=refresh CONTENT='0;URL={HERE}'>",
    f'<svg><meta http-equiv="refresh" content="0;url={HERE}"></svg>',
    f'<svg><style><meta http-equiv="refresh" content="0;url={HERE}"></style></svg>',
    f'<noscript><meta http-equiv="refresh" content="0;url={HERE}"></noscript>',
    f'<select><option><meta http-equiv="refresh" content="0;url={HERE}"></select>',
    f'<template shadowrootmode="open"><meta http-equiv="refresh" content="0;url={HERE}"></template>',
    f'<!--><meta http-equiv="refresh" content="0;url={HERE}">-->',
    f'<p title="-->"><meta http-equiv="refresh" content="0;url={HERE}">',
    f"<math><mtext><table><mglyph><style><meta http-equiv=refresh content='0;url={HERE}'>",
    f'<base href="{HERE}">', f'<link rel="stylesheet" href="{HERE}">',
    f'<link rel="preconnect" href="{HERE}">', f'<link rel="dns-prefetch" href="{HERE}">',
    f'<link rel="prefetch" href="{HERE}">', f'<link rel="modulepreload" href="{HERE}">',
    f'<iframe src="{HERE}"></iframe>', f"<iframe srcdoc=\"<img src='{HERE}'>\"></iframe>",
    f'<frameset><frame src="{HERE}"></frameset>', f'<object data="{HERE}"></object>',
    f'<embed src="{HERE}">', f'<applet code="{HERE}"></applet>', f'<portal src="{HERE}"></portal>',
    f'<fencedframe src="{HERE}"></fencedframe>', f'<form action="{HERE}"><button>go</button></form>',
    f'<button form="f" formaction="{HERE}">go</button>', f'<input type="image" src="{HERE}">',
    f'<img src="{HERE}">', f'<img srcset="{HERE} 1x">', f'<img src="data:image/png;base64,x" srcset="{HERE} 2x">',
    f'<picture><source srcset="{HERE}"><img></picture>', f'<video src="{HERE}" poster="{HERE}"></video>',
    f'<audio src="{HERE}" autoplay></audio>', f'<video><source src="{HERE}"><track src="{HERE}"></video>',
    f'<svg><image href="{HERE}"/></svg>', f'<svg><image xlink:href="{HERE}"/></svg>',
    f'<svg><use href="{HERE}#a"/></svg>', f'<svg><feImage href="{HERE}"/></svg>',
    f'<svg><image><set attributeName="href" to="{HERE}"/></image></svg>',
    f'<svg><image><animate attributeName="href" values="{HERE}"/></image></svg>',
    f'<svg><script href="{HERE}"/></svg>', f'<svg><rect fill="url({HERE})"/></svg>',
    f'<svg><a href="javascript:x"><text>t</text></a><g filter="url( \'{HERE}#a\')"/></svg>',
    f'<a href="#" ping="{HERE}">a</a>', f'<a href="javascript:location=\'{HERE}\'">a</a>',
    f'<a href="java&#10;script:location=\'{HERE}\'">a</a>', f'<body background="{HERE}">',
    f'<table background="{HERE}"><tr><td background="{HERE}">t</td></tr></table>',
    f'<p style="background:url({HERE})">p</p>', f'<p style="background:u\\72l({HERE})">p</p>',
    f'<p style="background:&#117;rl({HERE})">p</p>', f"<p style=\"background:image-set('{HERE}' 1x)\">p</p>",
    f'<style>@import "{HERE}";</style>', f"<style>@font-face{{font-family:f;src:url({HERE})}} p{{font-family:f}}</style><p>p</p>",
    f"<style>p{{background:\\75rl({HERE})}}</style><p>p</p>", f'<script src="{HERE}"></script>',
    f"<script>location='{HERE}'</script>", f"<img src=x onerror=\"location='{HERE}'\">",
    f'<script type="speculationrules">{{"prerender": [{{"urls": ["{HERE}"]}}]}}</script>',
    f'<script type="importmap">{{"imports": {{"a": "{HERE}"}}}}</script>',
    f'<script type="application/json" class="x">"</script><meta http-equiv=refresh content=\'0;url={HERE}\'>',
    f'<x-y is="{HERE}"></x-y>', f'<q cite="{HERE}">q</q>', f'<html manifest="{HERE}"><head profile="{HERE}">',
    f'<plaintext><meta http-equiv="refresh" content="0;url={HERE}">', f'<xmp><img src="{HERE}"></xmp>',
]  # fmt: skip
"""HTML that asks for an address, or leads to it, by itself or at a click that says something else."""

KNOWN = foreign_output._HTML | foreign_output._DRAWN | {"script"}


def elements(html: str) -> set[str]:
    return {found.lower() for found in re.findall(r"<(?!/)([^\s/>]*)", html)}


def leads(html: str) -> list[str]:
    """Return the attributes of cleaned HTML that hold an address."""
    attributes = re.findall(r'\s([\w:.-]+)="([^"]*)"', "".join(re.findall(r"<[^>]*>", html)))
    return [
        f"{name}={value}"
        for name, value in attributes
        if re.search(r"evil|\(|//", value) and not name.startswith(("data-", "aria-"))
    ]


@pytest.mark.parametrize("html", HARMFUL)
def test_what_asks_or_leads_away_is_left_out_and_what_it_says_stays(html: str) -> None:
    out = cleaned(f"<p>before</p>{html}", speak("en"))
    assert elements(out) <= KNOWN - {"script"} and leads(out) == []
    assert out.startswith("<p>before</p>")


def test_a_picture_that_lies_at_an_address_is_said_in_each_language() -> None:
    html = f'<p>a <img alt="b" src="{HERE}?a=<b>&amp;c"> c</p>'
    assert cleaned(html, speak("en")) == (
        f"<p>a A picture lies at {HERE}?a=&lt;b&gt;&amp;amp;c; it is not fetched. c</p>"
    )
    assert f"Een afbeelding staat op {HERE}" in cleaned(html, speak("nl"))


@given(st.text("<>/!-='\"& \n\\aimsbp\x00", max_size=200) | st.text(max_size=100))
def test_every_opening_bracket_begins_an_element_that_is_known(text: str) -> None:
    out = cleaned(f"{text}<meta x><b>.", speak("en"))
    assert elements(out) <= KNOWN
    for name in elements(out) - foreign_output._VOID:
        assert len(re.findall(rf"<{name}(?=[\s>])", out, re.I)) == out.lower().count(f"</{name}>")


@example(["<a ", f'<base href="{HERE}">'])
@example(["<a ", f'<link rel="stylesheet" href="{HERE}">'])
@given(st.lists(st.sampled_from([*HARMFUL, "<", ">", '"', "'", "<!--", "-->", "<style>", "</style>", "<svg>", "</p>", "<a ", "=", "x"]), max_size=6))  # fmt: skip
def test_pieces_of_harm_put_together_are_no_harm(pieces: list[str]) -> None:
    out = cleaned("".join(pieces) + "end", speak("en"))
    rest = re.sub(r"<style>[^<]*</style>", "", out)
    # "<a " before an element's own address is a link like any other: it leads where it says.
    rest = re.sub(rf'(<a\b[^>]*) href="{HERE}"', r"\1", rest)
    assert elements(out) <= KNOWN and leads(rest) == []


@pytest.mark.parametrize(
    "html",
    [
        '<table class="dataframe" border="1"><thead><tr style="text-align: right;"><th></th></tr></thead></table>',
        "<style>#T_1 td:hover { color: red; }</style><p>x &amp; y &nbsp; &lt;b&gt;</p>",
        '<svg viewBox="0 0 9 9"><lineargradient id="g"/><rect fill="url(#g)" clip-path="url(&quot;#c&quot;)"/></svg>',
        '<img alt="" src="data:image/png;base64,aGk="><br><input type="checkbox" checked disabled>',
        '<a href="https://learn.example/a?b=1&c=2" target="_blank" rel="noopener">docs</a> <a href="#here">here</a>',
        '<a href="other.html">o</a> <a href="mailto:jane@contoso.com">m</a> <a href="/a?b=c:d">p</a>',
        "<details open><summary>more</summary><pre>1 &gt; 0</pre></details>",
        '<p style="background:url(data:image/png;base64,aGk=)">p</p>',
    ],
)
def test_what_is_harmless_stays_as_it_is(html: str) -> None:
    assert cleaned(html, speak("en")) == html


def test_a_text_that_is_left_open_does_not_swallow_what_comes_after() -> None:
    shut = [
        cleaned(text, speak("en"))
        for text in ("<b><i>x</b>y</i></main></div>", "a<!-- b", "<p a='")
    ]
    assert shut == ["<b><i>x</i></b>y", "a", ""]


def test_the_kits_own_screens_stay_as_they_are(
    store: Store, load: Callable[..., LoadResult]
) -> None:
    load(hostile_log())
    for screen in (report_page.screen(build_report(store)), fragments.insight_fragment(store)):
        assert cleaned(str(screen), speak("en")) == str(screen)


# --- time ----------------------------------------------------------------------------------

REPEATED = [
    "a", "<", "<a", "<a ", "<!", "<!--", "</", "<p a=\"", "<p a='", "<p a", "<b>", "</b>", "<b><i></b>",
    "<script", "<script>", "<style>", "<iframe ", "<img src=x>", "&", "&#9", "<p style='\\", " ", "=", "/",
    "url(", "<p style='url( ",
]  # fmt: skip


@pytest.mark.parametrize("part", REPEATED)
@pytest.mark.parametrize("first", ["", "<a", "<p title='", "<style>"])
def test_no_output_takes_long_however_it_is_made(first: str, part: str) -> None:
    text = first + part * (256 * 1024 // len(part))
    output = shown({"text/html": text, "text/plain": "<x>", WIDGET: {"model_id": "y"}})
    notebook = nbformat.v4.new_notebook(cells=[code("x", output)])
    with quick(15):
        SmtpauthReportExporter().from_notebook_node(notebook)


@pytest.mark.parametrize(
    "part",
    ["[", "![", "*a **a ", "`", "<", "> ", "\\begin{a}", "\\\\[a", "\\\\(", "$a ", " ", "\n", "- ",
     "|a", "[a](", "<!--", "# ", "~~a ", "1. a\n", "a\n: "],
)  # fmt: skip
def test_no_markdown_takes_long_however_it_is_made(part: str) -> None:
    text = "# a" + part * (64 * 1024 // len(part)) + "b"
    with quick(15):
        render(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), "name")


# --- markdown and charts -------------------------------------------------------------------


def test_markdown_with_html_of_its_own_is_cleaned_as_outputs_are() -> None:
    text = f'# T\n\n<meta http-equiv="refresh" content="0;url={HERE}">\n\n*x* <b onclick="a">y</b> ![z]({HERE})'
    for cell in (
        nbformat.v4.new_markdown_cell(text),
        code("md", shown({"text/markdown": text})),
    ):
        html = body(page(cell))
        assert "<em>x</em> <b>y</b>" in html and f"A picture lies at {HERE}" in html
        assert "http-equiv" not in html and "onclick" not in html


def test_what_is_attached_to_a_cell_is_shown_and_what_is_not_is_named() -> None:
    cell = nbformat.v4.new_markdown_cell("![a](attachment:a.png) ![b](attachment:b.png)")
    cell.attachments = {"a.png": {"image/png": "aGk="}}
    html = body(page(cell))
    assert '<img src="data:image/png;base64,aGk=" alt="a"' in html
    assert "A picture lies at attachment:b.png; it is not fetched." in html


URL = "https://data.example/a.csv"
FETCHING: list[dict[str, Any]] = [
    {"data": {"url": URL}, "mark": "point"},
    {"data": {"url": URL, "format": {"type": "topojson", "feature": "x"}}, "mark": "geoshape"},
    {"layer": [{"mark": "point"}, {"data": {"url": URL}, "mark": "point"}]},
    {"hconcat": [{"vconcat": [{"data": {"url": URL}, "mark": "bar"}]}]},
    {"data": {"values": []}, "transform": [{"lookup": "a", "from": {"data": {"url": URL}, "key": "a"}}]},
    {"facet": {"field": "x"}, "spec": {"data": {"url": URL}, "mark": "bar"}},
    {"mark": {"type": "image", "url": URL}},
    {"mark": "image", "encoding": {"url": {"value": URL}}},
    {"mark": "image", "encoding": {"url": {"condition": [{"test": "x", "value": URL}]}}},
    {"mark": "image", "encoding": {"url": {"value": {"expr": URL}}}},
    {"data": {"values": [{"u": "data:image/png;base64,x"}, {"u": URL}]}, "mark": "image",
     "encoding": {"url": {"field": "u"}}},
    {"datasets": {"d": [{"u": URL}]}, "data": {"name": "d"}, "mark": "image", "encoding": {"url": {"field": "u"}}},
]  # fmt: skip


@pytest.mark.parametrize("spec", FETCHING, ids=str)
def test_a_chart_whose_data_lie_at_an_address_is_not_drawn_and_says_so(
    spec: dict[str, Any],
) -> None:
    assert address_in(spec) == URL
    cell = code("chart", shown({"application/vnd.vegalite.v6+json": spec}))
    html = body(page(cell))
    assert "<svg" not in html and (
        f"<pre>This chart is not drawn: its data or pictures lie at {URL}, and nothing is fetched.</pre>"
        in html
    )
    dutch = render(nbformat.v4.new_notebook(cells=[cell]), "name", speak("nl"))
    assert f"staan op {URL}, en er wordt niets opgehaald." in dutch


@pytest.mark.parametrize(
    "spec",
    [
        {"$schema": URL, "data": {"values": [{"url": URL}]}, "mark": "point", "encoding": {"href": {"field": "url"}}},
        {"data": {"values": [{"u": "data:image/png;base64,x"}]}, "mark": "image", "encoding": {"url": {"field": "u"}}},
        {"data": {"url": None}}, {}, [], "text", None, 5,
    ],
    ids=str,
)  # fmt: skip
def test_a_chart_that_holds_what_it_shows_is_drawn(spec: Any) -> None:
    assert address_in(spec) is None


def test_a_chart_that_is_no_object_is_not_drawn() -> None:
    text = f'{{"data": {{"url": "{URL}"}}, "mark": "point"}}'
    html = body(page(code("x", shown({"application/vnd.vegalite.v6+json": text}))))
    assert "This chart cannot be drawn here." in html and "<svg" not in html


def test_a_chart_nested_deeply_is_looked_through() -> None:
    spec: Any = {"data": {"url": URL}}
    for _ in range(20_000):
        spec = {"layer": [spec]}
    assert address_in(spec) == URL

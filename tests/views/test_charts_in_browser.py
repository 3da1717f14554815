"""Charts under a mouse, in a browser far west of Greenwich: whole UTC days, and what was clicked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from smtpauth_kit.reports.offline_page import inside_script
from smtpauth_kit.reports.rendering import embed
from smtpauth_kit.views import charts, json_rows
from smtpauth_kit.views.breakdowns import TLS
from smtpauth_kit.views.over_time import breakdown_values, tls_over_time_chart
from smtpauth_kit.words.words import speak

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

EN = speak("en")
DAYS = pd.DataFrame(
    [
        (dt.date(2026, 11, n), dt.date(2026, 11, n), version, count)
        for n in range(16, 23)
        for version, count in (("1.0", 40), ("1.2", 60))
    ],
    columns=["period_start", "period_end", "tls_version", "message_count"],
)
PAGE = """<!DOCTYPE html><meta charset="utf-8"><div id="chart" style="width: 900px"></div>
<script>{bundle}</script><script>{chart}</script>
<script type="application/json" id="data">{data}</script><script>
const {{ spec, columns, values }} = JSON.parse(document.getElementById("data").textContent);
const heard = {{ clicks: [], brushes: [] }};
let view;
smtpauth.drawChart(document.getElementById("chart"), spec, columns, {{ values, label: "Seven days",
  onSelect: (datum) => heard.clicks.push(datum.tls_version ?? datum.value ?? null) }}).then((handle) => {{
  view = handle.view;
  view.addSignalListener("brush", (_name, range) => heard.brushes.push(range));
  globalThis.drawn = true;
}});
</script>"""


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    data = {
        "spec": charts.empty_vega(tls_over_time_chart, EN),
        "columns": json_rows.columns(DAYS),
        "values": breakdown_values(TLS, DAYS),
    }
    path: Path = tmp_path_factory.mktemp("charts") / "chart.html"
    path.write_text(
        PAGE.format(
            bundle=inside_script(charts.bundle()),
            chart=inside_script(charts.static("chart.js")),
            data=embed(data),
        ),
        encoding="utf-8",
    )
    page = browser.new_page(
        viewport={"width": 1000, "height": 500}, timezone_id="America/Los_Angeles"
    )
    page.goto(path.as_uri())
    page.wait_for_function("globalThis.drawn === true")
    yield page


def at(page: Any, day: float) -> tuple[float, float]:
    """Return a place in the plot, `day` days from its left edge, above the bars."""
    box = page.locator("#chart svg").bounding_box()
    left, top, width = page.evaluate("[...view.origin(), view.width()]")
    padding = page.evaluate("view.padding()")
    return box["x"] + padding["left"] + left + width * day / 7, box["y"] + padding["top"] + top + 2


def drag(page: Any, start: float, end: float) -> Any:
    page.mouse.move(*at(page, start))
    page.mouse.down()
    page.mouse.move(*at(page, (start + end) / 2), steps=3)
    page.mouse.move(*at(page, end), steps=3)
    page.mouse.up()
    return brushed(page)


def brushed(page: Any) -> Any:
    return page.evaluate(
        "view.signal('brush')?.map((time) => new Date(time).toISOString()) ?? null"
    )


WEDNESDAY_TO_FRIDAY = ["2026-11-18T00:00:00.000Z", "2026-11-20T23:59:59.999Z"]


@pytest.mark.parametrize(("start", "end"), [(2.9, 4.1), (4.1, 2.9)])
def test_dragging_chooses_whole_utc_days_whichever_way(page: Any, start: float, end: float) -> None:
    page.evaluate("heard.brushes.length = 0")
    assert drag(page, start, end) == WEDNESDAY_TO_FRIDAY
    assert page.evaluate("heard.brushes.length") == 1, "heard once, when the mouse is let go"
    page.mouse.click(*at(page, 6.03))
    assert brushed(page) is None


def test_a_click_on_a_bar_or_a_legend_tells_the_version_and_keeps_the_days(page: Any) -> None:
    assert drag(page, 2.9, 4.1) == WEDNESDAY_TO_FRIDAY
    page.evaluate("heard.clicks.length = 0")
    bars = page.locator("#chart svg g.mark-rect.role-mark path[fill='#0078c8']:not([opacity])")
    bars.last.click(position={"x": 5, "y": 5})
    assert page.evaluate("heard.clicks") == ["1.2"]
    assert brushed(page) == WEDNESDAY_TO_FRIDAY


def test_a_screen_can_set_the_days_and_patching_keeps_them(page: Any) -> None:
    page.evaluate(
        "view.signal('brush', [Date.UTC(2026, 10, 17), Date.UTC(2026, 10, 18) - 1]).runAsync().then(() => null)"
    )
    assert page.evaluate("view.signal('brushing')") == page.evaluate("view.signal('brush')")
    page.evaluate("view.signal('measure', 'share').runAsync().then(() => null)")
    assert brushed(page) == ["2026-11-17T00:00:00.000Z", "2026-11-17T23:59:59.999Z"]
    assert "100 %" in page.locator("#chart").inner_text()


def test_days_are_labelled_as_utc_days(page: Any) -> None:
    labels = page.locator("#chart svg g.role-axis-label text").all_text_contents()
    assert [text for text in labels if text.startswith("Nov")] == [
        f"Nov {n}" for n in range(16, 23)
    ]


def test_a_tooltip_gives_the_days_numbers(page: Any) -> None:
    bars = page.locator("#chart svg g.mark-rect.role-mark path[fill='#0078c8']:not([opacity])")
    bars.first.hover(position={"x": 5, "y": 5})
    text = page.locator(".smtpauth-tooltip").inner_text().replace("\n", " ")
    for part in ("Mon Nov 16, 2026", "TLS 1.2", "60", "60.00 %"):
        assert part in text


def test_the_focus_stays_on_next_when_an_older_answer_comes_first(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<div id='table'></div>")
    page.add_script_tag(content=charts.static("table.js"))
    shown = page.evaluate(
        """(words) => {
          const column = { name: "x", title: "X", kind: "text", align: "text" };
          const rows = { x: Array.from({ length: 50 }, (_, n) => `row ${n}`) };
          const place = document.getElementById("table");
          const table = smtpauth.drawTable(place, { columns: [column], rows, words, total: 200, ask() {} });
          const state = { sort: null, descending: false, find: "", total: 200 };
          [...place.querySelectorAll("button")].find((each) => each.textContent === "Next").click();
          const focused = [];
          for (const offset of [0, 50]) {
            table.patch(rows, { ...state, offset });
            focused.push(document.activeElement.textContent);
          }
          return focused;
        }""",
        EN.for_script(),
    )
    page.close()
    assert shown == ["Next", "Next"]


def test_the_focus_goes_with_its_row_to_whatever_page_new_rows_put_it_on(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<div id='table'></div>")
    page.add_script_tag(content=charts.static("table.js"))
    seen = page.evaluate(
        """(words) => {
          const columns = [{ name: "x", title: "X", kind: "text", align: "text" }];
          const id = Array.from({ length: 30 }, (_, n) => n);
          const rows = (ids) => ({ id: ids, x: ids.map((n) => `row ${n}`) });
          const place = document.getElementById("table");
          const options = { columns, rows: rows(id), words, page: 25, key: "id", onSelect() {} };
          const table = smtpauth.drawTable(place, options);
          const seen = [];
          const see = () => seen.push(document.activeElement.textContent, place.querySelector("tbody").children.length);
          table.focus(0);
          see();
          table.patch(rows([...id.slice(1), 0]));
          see();
          table.patch(rows(id.slice(1)));
          see();
          table.focus(28);
          see();
          return seen;
        }""",
        EN.for_script(),
    )
    assert seen == ["row 0", 25, "row 0", 5, "row 1", 25, "row 29", 4]

"""How large a report is, how fast it is made, and how fast its page answers with no network.

    python tests/benchmarks/report.py FOLDER             # 90 days x 200 domains x 20,000 senders

Measures the table "Reports" of README.md. Needs playwright and a Chromium (CHROMIUM, or on PATH).
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent)]
from measuring import Column, Picture, Result, arguments, measuring, ratio, timed  # noqa: E402

from smtpauth_kit.base.filters import Filters  # noqa: E402
from smtpauth_kit.loading import loading  # noqa: E402
from smtpauth_kit.reports import offline_page, pdf, report_page, report_sheets  # noqa: E402
from smtpauth_kit.reports.report import build_report  # noqa: E402
from smtpauth_kit.sample import large  # noqa: E402
from smtpauth_kit.store.store import Store, open_store  # noqa: E402
from smtpauth_kit.views import charts  # noqa: E402

WATCH = """
() => {
  globalThis.seen = {};
  new MutationObserver(() => {
    const now = performance.now();
    globalThis.lastChange = now;
    if (document.querySelector(".smtpauth-drawing .smtpauth-chart > [role=img] svg")) seen.charts ??= now;
    if (document.querySelector(".smtpauth-rows [tabindex]")) seen.table ??= now;
  }).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
}
"""
CHANGE = """
async (value) => {
  const select = document.querySelector(".smtpauth-domain select");
  const start = performance.now();
  select.value = value;
  select.dispatchEvent(new Event("change"));
  const [chart, table] = [".smtpauth-drawing svg", ".smtpauth-rows tbody"].map((s) => document.querySelector(s));
  const last = { chart: start, table: start };
  const watch = (node, name) => {
    const observer = new MutationObserver(() => { last[name] = performance.now(); });
    observer.observe(node, { childList: true, subtree: true, attributes: true, characterData: true });
    return observer;
  };
  last.table = performance.now();   // the table is written before the event returns
  const observer = watch(chart, "chart");
  await new Promise((resolve) => setTimeout(resolve, 400));
  observer.disconnect();
  return { table: last.table - start, chart: last.chart - start };
}
"""


def made_store(folder: Path, rows: int) -> Store:
    """Return a store of 90 days, 200 domains and 20,000 senders, made once."""
    store = open_store(folder / f"report-{rows}.duckdb")
    if not store.exists():
        export = folder / "report.csv"
        large.write_log(export, large.Shape(rows=rows, senders=20_000, domains=200, days=90))
        loading.load(store, export)
        export.unlink()
    return store


def made(store: Store) -> dict[str, Any]:
    """Make the report thrice from a warm store; keep the best times, and its sizes."""
    newest = build_report(store).scope.newest
    assert newest is not None
    days = Filters(start=newest - dt.timedelta(89), end=newest)
    runs = [timed(lambda: report_page.html(build_report(store, days))) for _ in range(3)]
    report = build_report(store, days)
    domain = str(report.figures["volume-by-domain"]["sender_domain"].iloc[0])
    mail = report_page.html(build_report(store, days.changed(domains=(domain,))))
    html = runs[0][1]
    daily = report.held.daily
    csv = [timed(lambda: daily.to_csv(index=False)) for _ in range(3)]
    return {
        "rows": len(daily),
        "senders": len(report.senders),
        "domains": report.senders["sender_domain"].nunique(),
        "made_s": min(cost.seconds for cost, _ in runs),
        "made_cpu_s": min(cost.cpu for cost, _ in runs),
        "csv_s": min(cost.seconds for cost, _ in csv),
        "csv_cpu_s": min(cost.cpu for cost, _ in csv),
        "csv_mb": len(csv[0][1].encode()) / 1e6,
        "file_mb": len(html.encode()) / 1e6,
        "mail_mb": len(mail.encode()) / 1e6,
        "facts_mb": len(report_page.packed_counts(report)) / 1e6,
        "scripts_mb": len(offline_page._packed_script()) / 1e6,
        "html": html,
        "xlsx_s": timed(lambda: report_sheets.xlsx(report))[0].seconds,
    }


COLD_STARTS = 15
EMPTY = "<!doctype html><title>empty</title><p>hello"
PAINTED = "() => performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint')?.startTime"


def first_paints(pages: dict[str, Path]) -> dict[str, list[float]]:
    """Return when each page was first painted, each time in a browser of its own, by turns."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        for name, path in [*pages.items()] * COLD_STARTS:
            browser = playwright.chromium.launch(
                executable_path=pdf.browser(), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1300, "height": 1000})
            page.goto(path.as_uri())
            found[name].append(page.wait_for_function(PAINTED).json_value() / 1e3)
            browser.close()
    return found


def opened(page_file: Path) -> dict[str, Any]:
    """Open the page in Chromium with every request blocked; return what it took."""
    from playwright.sync_api import sync_playwright

    requests: list[str] = []

    def gate(route: Any) -> None:
        if route.request.url == page_file.as_uri():
            route.continue_()
        else:
            requests.append(route.request.url)
            route.abort()

    runs, changes = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pdf.browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1300, "height": 1000})
            page.route("**/*", gate)
            page.add_init_script(f"({WATCH})()")
            page.goto(page_file.as_uri())
            page.wait_for_function("() => seen.charts && seen.table", timeout=60_000)
            runs.append(page.evaluate("seen"))
            options = "[...document.querySelectorAll('.smtpauth-domain option')].map(o => o.value)"
            for value in page.evaluate(options)[1:12]:
                changes.append(page.evaluate(CHANGE, value))
            everyone = page.evaluate(CHANGE, "")
            page.close()
        browser.close()
    return {
        "charts_s": min(run["charts"] for run in runs) / 1e3,
        "change_table_ms": statistics.median(change["table"] for change in changes),
        "change_chart_ms": statistics.median(change["chart"] for change in changes),
        "everyone_ms": everyone["chart"],
        "requests": len(requests),
    }


def add_sizes(result: Result, found: dict[str, Any]) -> None:
    """Add how large a report is, and how long it takes to make one."""
    result.note(
        f"{found['rows']:,} counts of a day, sender, TLS version and protocol; "
        f"{found['senders']:,} senders, {found['domains']} domains."
    )
    sizes = result.table(
        "sizes",
        [Column("what"), Column("budget, MB", "MB"), Column("MB", "MB"), Column("x the CSV", "x")],
        Picture("MB", "what"), "The CSV is the same counts as pandas writes them.", [CSV],
    )  # fmt: skip
    for what, budget, mb in (
        (CSV, None, found["csv_mb"]),
        ("file", 2.5, found["file_mb"]),
        ("of it scripts", None, found["scripts_mb"]),
        ("of it the counts", None, found["facts_mb"]),
        ("its page for a mail: the busiest domain", 1.0, found["mail_mb"]),
    ):
        sizes.add(what, budget, mb, ratio(mb, found["csv_mb"]))


CSV = "the counts as CSV"


def add_times(result: Result, found: dict[str, Any]) -> None:
    """Add how long a report takes, beside its baselines."""
    first = {name: statistics.median(times) for name, times in found["paints"].items()}
    times = result.table(
        "times",
        [Column("what"), Column("budget, ms", "ms"), Column("ms", "ms"), Column("baseline, ms", "ms"),
         Column("x the baseline", "x")],
        Picture("ms", "what"),
        "The baseline of making it is pandas writing the same counts as CSV; of its first paint, an "
        "empty page in the same browser, by turns. Best of three; the first paint is the median.",
    )  # fmt: skip
    csv, empty = found["csv_s"] * 1000, first["empty"] * 1000
    for what, budget, ms, base in (
        ("made, warm store", 3_000, found["made_s"] * 1000, csv),
        ("of the processor", None, found["made_cpu_s"] * 1000, found["csv_cpu_s"] * 1000),
        ("its workbook", None, found["xlsx_s"] * 1000, csv),
        ("first paint", 200, first["report"] * 1000, empty),
        ("charts painted", 1_000, found["charts_s"] * 1000, empty),
        ("domain change → table", 30, found["change_table_ms"], None),
        ("domain change → chart", 30, found["change_chart_ms"], None),
        ("back to all domains", None, found["everyone_ms"], None),
    ):
        times.add(what, budget, ms, base, ratio(ms, base))
    result.note(f"Requests that its page made: {found['requests']}; the budget is none.")


def main() -> None:
    """Measure both tables."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    with measuring("report", asked) as result:
        charts.bundle()
        found = made(made_store(asked.folder, asked.rows))
        page = asked.folder / "report.html"
        page.write_text(found.pop("html"), "utf-8", newline="\n")
        empty = asked.folder / "empty.html"
        empty.write_text(EMPTY, "utf-8")
        found |= opened(page) | {"paints": first_paints({"report": page, "empty": empty})}
        add_sizes(result, found)
        add_times(result, found)


if __name__ == "__main__":
    main()

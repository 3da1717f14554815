"""How fast the report screen answers a change, beside a plain recipe, in a real JupyterLab.

    pip install itables
    python tests/benchmarks/screen.py FOLDER            # 1 GB there, made once; about ten minutes
    python tests/benchmarks/screen.py FOLDER --messages 1000000 --changes 30

Measures the tables "Screens" of README.md. The recipe is what a notebook would do without the kit: a dropdown,
`JupyterChart.chart =` and itables' `ITable.update`, on the same store, rollup and query. A change
counts from its event in the browser to the frame after the page shows the new answer. The kit is
measured twice: as it is, a person having looked at the first answer for three seconds, and with
answers ahead switched off, as for a choice that no answer was made for.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from lab import FLAGS, IDLE, running_lab  # noqa: E402
from measuring import Column, Picture, Result, arguments, measuring, ratio  # noqa: E402
from screen_store import DOMAINS, screen_store  # noqa: E402

LOOK_MS = 3000
"""So long a person looks at an answer before the next choice."""

OURS = """
import os
import smtpauth_kit as sk
report = sk.report(sk.open_store())
report
"""
NOTHING_AHEAD = """
from smtpauth_kit.screens import ahead
ahead._MOST_S = -1.0
"""
RECIPE = """
import os, duckdb, altair as alt, ipywidgets as W
from itables.widget import ITable
alt.JupyterChart.enable_offline()
con = duckdb.connect(os.environ["SMTPAUTH_STORE"], read_only=True)
days = "source = 'submission_log' and period_start between '2026-11-16' and '2026-11-22'"
def volume(domain):
    return con.execute(f"select period_start as report_date, sender_domain, sum(message_count)::bigint as message_count from daily_by_domain where {days} and ($d = '' or sender_domain = $d) group by all order by all", {"d": domain}).df()
tls = ", ".join(f"sum(case when tls_version = '{v}' then message_count else 0 end)::bigint as \\"TLS {v}\\"" for v in ("none", "1.0", "1.1", "1.2", "1.3", "unknown"))
def senders(domain):
    return con.execute(f"select sender_address, sum(message_count)::bigint as message_count, sender_domain, {tls}, min(period_start) as first_seen, max(period_end) as last_seen from daily_by_sender where {days} and ($d = '' or sender_domain = $d) group by sender_address, sender_domain order by message_count desc", {"d": domain}).df()
def draw(rows):
    return alt.Chart(rows, width=860, height=280).mark_area(point=True, opacity=0.5).encode(x="report_date:T", y=alt.Y("message_count:Q", stack=None), color="sender_domain:N", tooltip=["report_date:T", "sender_domain", "message_count"])
names = [d for (d,) in con.execute("select distinct sender_domain from daily_by_domain order by 1").fetchall()]
"""
RECIPE_CHART = """
pick = W.Dropdown(options=names)
chart = alt.JupyterChart(draw(volume(names[0])))
pick.observe(lambda change: setattr(chart, "chart", draw(volume(change.new))), "value")
W.VBox([pick, chart]).add_class("recipe-chart")
"""
RECIPE_TABLE = """
pick2 = W.Dropdown(options=names)
table = ITable(senders(names[0]))
pick2.observe(lambda change: table.update(senders(change.new)), "value")
W.VBox([pick2, table]).add_class("recipe-table")
"""
PROBE = """
window.change = async ({root, what, value}) => {
  const box = document.querySelector(root);
  const own = root === ".smtpauth-report";
  const read = what === "chart"
    ? () => [...box.querySelectorAll(own ? ":scope .smtpauth-chart:not([hidden]):not(.smtpauth-more *) svg path[d]" : "svg path[d], canvas")].map((p) => p.getAttribute("d") ?? p.toDataURL()).filter((d) => d.length > 20).join().slice(0, 20000)
    : () => [...box.querySelectorAll("tbody tr")].slice(0, 10).map((tr) => tr.textContent).join();
  const control = box.querySelector("select, .smtpauth-domain input") && (box.querySelector(".smtpauth-domain input") ?? box.querySelector("select"));
  const before = read();
  if (control.tagName === "SELECT") control.value = [...control.options].find((o) => o.textContent === value).value;
  else control.value = value;
  const start = performance.now();
  control.dispatchEvent(new Event("input", {bubbles: true}));
  control.dispatchEvent(new Event("change", {bubbles: true}));
  const frame = () => new Promise(requestAnimationFrame);
  while (performance.now() - start < 20000) {
    await frame();
    const now = read();
    if (now && now !== before) { await frame(); return performance.now() - start; }
  }
  return null;
};
"""


def notebook(folder: Path, name: str, cells: list[str]) -> None:
    """Write a notebook of these cells."""
    import nbformat

    made = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells],  # type: ignore[no-untyped-call]
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(made, folder / name)  # type: ignore[no-untyped-call]


def draw_all_cells(home: Path) -> None:
    """Let JupyterLab draw each cell of a notebook, also those below what is seen of it."""
    place = home / "settings" / "@jupyterlab" / "notebook-extension"
    place.mkdir(parents=True)
    (place / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))


@contextmanager
def browser(folder: Path, chromium: str) -> Iterator[Any]:
    """A page of a Chromium of its own, with no setting of the user."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "chromium", executable_path=chromium, headless=True, args=FLAGS,
            viewport={"width": 1300, "height": 1000},
        )  # fmt: skip
        yield context.pages[0]
        context.close()


def open_notebook(page: Any, address: str, name: str) -> None:
    """Open a notebook and wait for its kernel to be idle."""
    page.goto(address.format(name))
    page.wait_for_function(IDLE, timeout=180_000)
    page.wait_for_timeout(1000)
    page.evaluate(f"() => {{ {PROBE} }}")


def run_all(page: Any, until: str) -> float:
    """Run every cell; return the seconds until an element is there to be seen."""
    return float(
        page.evaluate(
            """async (until) => {
              const start = performance.now();
              jupyterapp.commands.execute('notebook:run-all-cells');
              const frame = () => new Promise(requestAnimationFrame);
              while (!document.querySelector(until)) {
                if (performance.now() - start > 120000) throw new Error("not there: " + until);
                await frame();
              }
              await frame();
              return performance.now() - start;
            }""",
            until,
        )
        / 1000
    )


def run_code(page: Any, code: str) -> str:
    """Run a line in the page's kernel; return what it printed."""
    return str(
        page.evaluate(
            """async (code) => {
              const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({code, store_history: false});
              let text = "";
              future.onIOPub = (m) => { if (m.header.msg_type === "stream") text += m.content.text; };
              await future.done;
              return text;
            }""",
            code,
        )
    )


def measure(page: Any, root: str, what: str, changes: int) -> list[float]:
    """Return the milliseconds of so many changes of the domain, after a few to warm up."""
    names = [f"dept{n}.example" for n in range(DOMAINS)]
    took = []
    for n in range(changes + 5):
        value = names[(n * 37 + 11) % DOMAINS]
        ms = page.evaluate(
            "(asked) => window.change(asked)", {"root": root, "what": what, "value": value}
        )
        assert ms is not None, f"{what} of {root} did not change for {value}"
        took.append(ms)
        page.wait_for_timeout(500)  # As a person; what comes a moment later has come.
    return took[5:]


def footprint(page: Any) -> dict[str, float]:
    """Return what the browser and the kernel hold now."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    rss = run_code(
        page,
        "print(int(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS'))))",
    )
    return {
        "heap_mb": found["JSHeapUsedSize"] / 1e6,
        "handlers": found["JSEventListeners"],
        "nodes": found["Nodes"],
        "kernel_mb": int(rss) / 1000,
    }


def endurance(page: Any, changes: int) -> tuple[dict[str, float], dict[str, float], bool]:
    """Return the footprint before and after many changes, and whether the chart's SVG stayed."""
    chart = "document.querySelector('.smtpauth-report .smtpauth-chart:not([hidden]) svg')"
    measure(page, ".smtpauth-report", "chart", 50)
    page.evaluate(f"{chart}.kept = true")
    page.wait_for_timeout(1500)
    before = footprint(page)
    for n in range(changes):
        domain = f"dept{(n * 37) % DOMAINS}.example"
        page.evaluate("(asked) => window.change(asked)",
                      {"root": ".smtpauth-report", "what": "chart", "value": domain})  # fmt: skip
    page.wait_for_timeout(1500)
    return before, footprint(page), bool(page.evaluate(f"{chart}.kept === true"))


def quantiles(took: list[float]) -> tuple[float, float]:
    """Return p50 and p95."""
    return statistics.median(took), statistics.quantiles(took, n=20)[18]


def everything(store: Path, changes: int, endure: int, chromium: str) -> dict[str, Any]:
    """Run all measurements in one browser, ours and the recipe by turns."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        (home / "notebooks").mkdir()
        os.environ["SMTPAUTH_REMEMBER"] = "0"
        os.environ["XDG_CACHE_HOME"] = str(home / "cache")  # The first time is a first time.
        draw_all_cells(home)
        notebook(home / "notebooks", "ours.ipynb", [OURS])
        notebook(home / "notebooks", "recipe.ipynb", [RECIPE, RECIPE_CHART, RECIPE_TABLE])
        with (
            running_lab(home, home / "notebooks", store) as address,
            browser(home, chromium) as page,
        ):
            ours = ".smtpauth-report .smtpauth-chart:not([hidden]) svg path"
            open_notebook(page, address, "ours.ipynb")
            found["open, first ever"] = run_all(page, ours)
            for what in ("chart", "table"):
                found[f"{what} ours"] = measure_ours(page, what, changes)
            run_code(page, "report.as_table = False; report.status")
            page.wait_for_timeout(LOOK_MS)
            found["endurance"] = endurance(page, endure)
            open_notebook(page, address, "recipe.ipynb")
            found["open recipe"] = run_all(page, ".recipe-table tbody tr td + td")
            page.wait_for_timeout(LOOK_MS)
            found["chart recipe"] = measure(page, ".recipe-chart", "chart", changes)
            found["table recipe"] = measure(page, ".recipe-table", "table", changes)
            notebook(home / "notebooks", "again.ipynb", [OURS])
            open_notebook(page, address, "again.ipynb")
            found["open"] = run_all(page, ours)
            notebook(home / "notebooks", "plain.ipynb", [NOTHING_AHEAD, OURS])
            open_notebook(page, address, "plain.ipynb")
            run_all(page, ours)
            for what in ("chart", "table"):
                found[f"{what} not ahead"] = measure_ours(page, what, changes)
    return found


def measure_ours(page: Any, what: str, changes: int) -> list[float]:
    """Measure our chart or table."""
    run_code(page, f"report.as_table = {what == 'table'}; report.status")
    page.wait_for_timeout(LOOK_MS)
    return measure(page, ".smtpauth-report", what, changes)


def add_tables(result: Result, found: dict[str, Any]) -> None:
    """Add the figures, beside those of the recipe."""
    changes = result.table(
        "changes",
        [
            Column("change to", once=True), Column("by"), Column("p50, ms", "ms"),
            Column("p95, ms", "ms"), Column("the recipe's p50 is so many times it", "x"),
        ],
        Picture("p50, ms", "by", "change to"), "The recipe is the baseline.", ["recipe"],
    )  # fmt: skip
    for what in ("chart", "table"):
        recipe, _ = quantiles(found[f"{what} recipe"])
        for whose in ("recipe", "ours", "not ahead"):
            middle, most = quantiles(found[f"{what} {whose}"])
            name = {"ours": "the kit", "not ahead": "the kit, nothing ahead"}.get(whose, whose)
            changes.add(what, name, middle, most, ratio(recipe, middle))
    _add_opening(result, found)
    _add_endurance(result, found)


def _add_opening(result: Result, found: dict[str, Any]) -> None:
    opening = result.table(
        "opening",
        [Column("kernel idle to report on screen"), Column("s", "s"), Column("x the recipe", "x")],
        Picture("s", "kernel idle to report on screen"), "The recipe is the baseline.", ["recipe"],
    )  # fmt: skip
    for name, what in (
        ("recipe", "open recipe"),
        ("the kit", "open"),
        ("the kit, first time on a machine", "open, first ever"),
    ):
        opening.add(name, found[what], ratio(found[what], found["open recipe"]))


def _add_endurance(result: Result, found: dict[str, Any]) -> None:
    before, after, kept = found["endurance"]
    held = result.table(
        "endurance",
        [
            Column("held"), Column("before many changes", "MB"), Column("after them", "MB"),
            Column("x before", "x"),
        ],
        Picture("x before", "held"), "What was held before the changes is the baseline.",
    )  # fmt: skip
    for name in before:
        held.add(
            name.replace("_mb", ", MB"), before[name], after[name], ratio(after[name], before[name])
        )
    result.note(f"Same SVG element after all changes: {'yes' if kept else 'no'}.")


def main() -> None:
    """Make the store if it is not there, measure."""
    parser = arguments(__doc__)
    parser.add_argument("--messages", type=int, default=50_000_000)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--endure", type=int, default=1000)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    asked = parser.parse_args()
    with measuring("screen", asked) as result:
        store = screen_store(asked.folder, asked.messages)
        found = everything(store, asked.changes, asked.endure, asked.chromium)
        add_tables(result, found)


if __name__ == "__main__":
    main()

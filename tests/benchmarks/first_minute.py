"""What the first minute is spent on: a command from a cold start, and the way to a report on screen.

    python tests/benchmarks/first_minute.py FOLDER             # some minutes
    python tests/benchmarks/first_minute.py FOLDER --times 1   # each once

Measures the tables "The first minute" of README.md. Commands are processes of their own. The way to
the screen is `smtpauth lab` in a folder that was never opened before, a notebook, `sk.demo()` and
`sk.report()` in a real JupyterLab in Chromium; beside it, plain JupyterLab with a recipe that reads
the same exports with pandas and draws one chart.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from lab import IDLE, find_chromium  # noqa: E402
from measuring import (  # noqa: E402
    Column,
    Cost,
    Picture,
    Result,
    arguments,
    measuring,
    middle,
    ratio,
    timed,
)
from screen import browser, notebook  # noqa: E402

ROOT = Path(__file__).parents[2]
KIT = "from smtpauth_kit.cli import main; main()"
LOG = (
    "Date,Sender address,Message ID\n2026-11-16T08:15:30Z,scanner@contoso.com,<1@scan>\n"
    "2026-11-16T09:00:00Z,scanner@contoso.com,<2@scan>\n"
)
PATIENCE_S = 180

OURS = {
    "import smtpauth_kit": "import smtpauth_kit as sk",
    "sk.demo(): the sample exports loaded": "store = sk.demo()",
    "sk.report(): on screen": "sk.report(store)",
}
RECIPE = {
    "import pandas, altair, ipywidgets": (
        "import altair as alt, ipywidgets as W, pandas as pd, pathlib\n"
        "alt.JupyterChart.enable_offline()"
    ),
    "read the sample exports": (
        "logs = sorted(pathlib.Path('../data/sample').glob('submission_log*'))\n"
        "log = pd.concat([pd.read_csv(each, dtype=str) for each in logs])\n"
        "days = log.groupby(log['Date'].str[:10]).size().rename('n').reset_index()"
    ),
    "one chart on screen": "alt.JupyterChart(alt.Chart(days).mark_area().encode(x='Date:T', y='n:Q'))",
}
DRAWN = {
    "ours": ".smtpauth-report .smtpauth-chart:not([hidden]) svg path",
    "recipe": "canvas, svg.marks path",
}
"""What is on the page when the last cell shows its chart."""


# --- commands -------------------------------------------------------------------------------


def cold(times: int, command: Sequence[object], env: dict[str, str], **options: Any) -> Cost:
    """Return the median of what a process costs, from its start to its end."""

    def run() -> None:
        done = subprocess.run(
            [sys.executable, *map(str, command)], env=env, capture_output=True, text=True, **options
        )
        assert done.returncode == 0, done.stderr

    return middle([timed(run)[0] for _ in range(times)])


def add_commands(result: Result, folder: Path, times: int) -> None:
    """Measure commands from a cold start, beside what the libraries cost that they may need."""
    commands = result.table(
        "commands",
        [Column("process"), Column("s", "s"), Column("CPU s", "s"), Column("CPU x (a)", "x")],
        Picture("CPU s", "process"), "(a) is the baseline.", ["(a) python, import duckdb"],
    )  # fmt: skip
    home = fresh(folder / "commands")
    (home / "log.csv").write_text(LOG)
    env = {**os.environ, "SMTPAUTH_STORE": str(home / "store.duckdb")}
    show = ["-c", KIT, "show"]
    asked: dict[str, Sequence[object]] = {
        "(a) python, import duckdb": ["-c", "import duckdb"],
        "(b) python, import pandas and altair": ["-c", "import pandas, altair"],
        "smtpauth load, 2 messages, a new store": ["-c", KIT, "load", home / "log.csv"],
        "smtpauth load, the same file again": ["-c", KIT, "load", home / "log.csv"],
        "smtpauth show insight": [*show, "insight"],
        "smtpauth show senders --format csv": [*show, "senders", "--format", "csv"],
        "smtpauth show sending-volume --format json": [*show, "sending-volume", "--format", "json"],
    }
    baseline: Cost | None = None
    for name, command in asked.items():
        cost = cold(1 if "a new store" in name else times, command, env)
        baseline = baseline or cost
        commands.add(name, *cost, ratio(cost.cpu, baseline.cpu))
    assert baseline is not None
    project = fresh(folder / "demo")
    shutil.copytree(ROOT / "data" / "sample", project / "data" / "sample")
    (project / "notebooks").mkdir()
    cost = cold(1, ["-c", KIT, "demo"], env, cwd=project)
    commands.add("smtpauth demo", *cost, ratio(cost.cpu, baseline.cpu))


def fresh(place: Path) -> Path:
    """Return a folder that is empty."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


# --- the way to a screen --------------------------------------------------------------------


@contextmanager
def lab(home: Path, command: Sequence[object]) -> Iterator[tuple[str, float]]:
    """Start a JupyterLab as a person does; yield the address of a notebook, and the seconds."""
    for name in ("config", "run", "settings"):
        (home / name).mkdir()
    told = {"LabApp": {"expose_app_in_browser": True}, "ServerApp": {"open_browser": False}}
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(told))
    env = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(home / "config"), "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "spaces"), "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"), "SMTPAUTH_STORE": str(home / "store.duckdb"),
    }  # fmt: skip
    began = time.perf_counter()
    with (home / "said.txt").open("wb") as said:
        server = subprocess.Popen(
            [sys.executable, *map(str, command)], env=env, cwd=home, stdout=said, stderr=said
        )
    try:
        told = _server(home / "run", server)
        yield f"{told['url']}lab/tree/{{}}?token={told['token']}&reset", time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(60)


def _server(place: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for file in place.glob("jpserver-*.json"):
            try:
                return dict(json.loads(file.read_text()))
            except ValueError:
                continue  # It is being written.
        assert process.poll() is None, "JupyterLab ended"
        time.sleep(0.01)
    raise AssertionError("JupyterLab has not started")


RUN_CELL = """async ([n, until]) => {
    const start = performance.now();
    const book = jupyterapp.shell.currentWidget.content;
    book.activeCellIndex = n;
    await jupyterapp.commands.execute('notebook:run-cell');
    const frame = () => new Promise(requestAnimationFrame);
    while (until && !document.querySelector(until)) {
        if (performance.now() - start > 120000) throw new Error('not there: ' + until);
        await frame();
    }
    await frame();
    return (performance.now() - start) / 1000;
}"""
OPENED = "window.jupyterapp?.shell.currentWidget?.context?.isReady"


def steps(
    folder: Path, chromium: str, command: Sequence[object], cells: dict[str, str], drawn: str
) -> dict[str, float]:
    """Return the seconds of each step, from the command to a chart on screen."""
    home = fresh(folder)
    (home / "notebooks").mkdir()
    shutil.copytree(ROOT / "data" / "sample", home / "data" / "sample")
    notebook(home / "notebooks", "first.ipynb", list(cells.values()))
    found: dict[str, float] = {}
    with lab(home, command) as (address, seconds), browser(home, chromium) as page:
        found["JupyterLab answers"] = seconds
        found["the notebook is open"] = _clocked(
            lambda: (page.goto(address.format("first.ipynb")), _wait(page, OPENED))
        )
        found["its kernel is idle"] = _clocked(lambda: _wait(page, IDLE))
        for n, name in enumerate(cells):
            until = drawn if n == len(cells) - 1 else ""
            found[name] = float(page.evaluate(RUN_CELL, [n, until]))
    return found


def _wait(page: Any, happened: str) -> None:
    page.wait_for_function(happened, timeout=PATIENCE_S * 1000)


def _clocked(work: Any) -> float:
    return timed(work)[0].seconds


def add_screen(result: Result, folder: Path, chromium: str, times: int) -> None:
    """Measure the way to a report on screen, by turns with the recipe."""
    way = result.table(
        "screen",
        [Column("by", once=True), Column("step"), Column("s", "s"), Column("x the recipe's step", "x")],
        Picture("s", "step", "by"), "The recipe's step of the same place is the baseline.",
    )  # fmt: skip
    found: dict[str, list[dict[str, float]]] = {"recipe": [], "ours": []}
    plain = [
        "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root",
        "--ServerApp.root_dir=notebooks",
    ]  # fmt: skip
    for _ in range(times):
        found["recipe"].append(steps(folder / "recipe", chromium, plain, RECIPE, DRAWN["recipe"]))
        ours = ["-c", KIT, "lab"]
        found["ours"].append(steps(folder / "ours", chromium, ours, OURS, DRAWN["ours"]))
    medians = {
        whose: {name: sorted(each[name] for each in runs)[len(runs) // 2] for name in runs[0]}
        for whose, runs in found.items()
    }
    of_recipe = [*medians["recipe"].values()]
    for whose, said in (("recipe", "plain JupyterLab, the recipe"), ("ours", "the kit")):
        for (step, seconds), baseline in zip(medians[whose].items(), of_recipe, strict=True):
            way.add(said, step, seconds, ratio(seconds, baseline))
        total = sum(medians[whose].values())
        way.add(said, "all of it", total, ratio(total, sum(of_recipe)))


def run(given: Namespace, chromium: str) -> None:
    """Measure all, and keep it."""
    with measuring("first-minute", given) as result:
        add_commands(result, given.folder / "first-minute", given.times)
        add_screen(result, given.folder / "first-minute", chromium, given.times)


def main() -> None:
    """Measure both."""
    parser = arguments(__doc__)
    parser.add_argument("--times", type=int, default=5)
    chromium = find_chromium()
    if chromium is None:
        sys.exit("This benchmark wants Debian's chromium; or name yours in CHROMIUM.")
    run(parser.parse_args(), chromium)


if __name__ == "__main__":
    main()

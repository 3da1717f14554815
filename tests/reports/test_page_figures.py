"""What a page adds up offline is what the store answers, over random facts and choices.

The page's own scripts run in Node, on the facts and words that a page holds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import LOG_HEADER
from depth import tries

from smtpauth_kit.answers import Scope, settle_scope
from smtpauth_kit.answers.senders import senders as senders_of
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.loading import loading
from smtpauth_kit.reports import report_page
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.store.store import Store, open_store
from smtpauth_kit.views import charts, details_table, json_rows
from smtpauth_kit.views.registry import ON_PAGES
from smtpauth_kit.words.words import Words, speak

STATIC = Path(charts.__file__).parent / "static"
SCRIPTS = [str(STATIC / name) for name in ("table.js", "cube.js", "figures.js")]
FIRST = dt.date(2026, 11, 2)
DAYS = 20
NAMES = ("a", "B", "é", "scan.ner", "x+y", "constructor")
TLS = {
    "none": "None",
    "1.0": "TLS1.0",
    "1.1": "TLS1.1",
    "1.2": "TLS1.2",
    "1.3": "TLS1.3",
    "unknown": "",
}
AUTH = {"basic": "Basic", "oauth": "OAuth", "unknown": ""}


def a_day(chance: random.Random) -> dt.date:
    return FIRST + dt.timedelta(chance.randrange(DAYS))


def a_log(chance: random.Random, domains: list[str]) -> str:
    # A log may never say one of them, or nothing of them at all.
    tls = chance.choice((list(TLS.values()), ["TLS1.0", "TLS1.2", ""], [""]))
    auth = chance.choice((list(AUTH.values()), ["Basic", ""], [""]))
    ips = chance.choice(([f"192.0.2.{n}" for n in range(4)], [*map(str, ("192.0.2.1", ""))], [""]))
    rows = [
        f"{a_day(chance)}T08:00:00Z,{chance.choice(NAMES)}@{chance.choice(domains)},b@x.example,<{n}@x>,"
        f"{chance.choice(tls)},{chance.choice(ips)},{chance.choice(auth)}\n"
        for n in range(chance.randrange(1, 120))
    ]
    return LOG_HEADER + "".join(rows)


def a_report(chance: random.Random, domains: list[str]) -> str:
    senders = {
        f"{chance.choice(NAMES)}@{chance.choice(domains)}" for _ in range(chance.randrange(1, 40))
    }
    rows = [
        f"{sender},{chance.choice((0, 50))},{chance.choice((0, 50))},{chance.randrange(1, 90)}\n"
        for sender in sorted(senders)
    ]
    return "Sender address,TLS1.0%,TLS1.2%,Message count\n" + "".join(rows)


def a_store(chance: random.Random, folder: Path) -> Store:
    """Return a store of one log, or of reports: some for a day, some for several."""
    folder.mkdir()
    store = open_store(folder / "store.duckdb")
    domains = [f"d{n:02}.example" for n in range(chance.choice((1, 3, 14)))]
    if chance.random() < 0.5:
        (folder / "log.csv").write_text(a_log(chance, domains))
        loading.load(store, folder / "log.csv")
        return store
    if chance.random() < 0.5:  # Reports of any days: many overlap.
        for n in range(8):
            start, end = sorted((a_day(chance), a_day(chance)))
            (folder / f"{n}.csv").write_text(a_report(chance, domains))
            for tenant in chance.choice((("one",), ("two",), ("one", "two"))):
                loading.load(store, folder / f"{n}.csv", period=(start, end), tenant=tenant)
        return store
    start = FIRST
    while start < FIRST + dt.timedelta(DAYS):
        end = start + dt.timedelta(chance.choice((0, 0, 1, 6)))
        (folder / f"{start}.csv").write_text(a_report(chance, domains))
        if chance.random() < 0.8:
            loading.load(store, folder / f"{start}.csv", period=(start, end))
        start = end + dt.timedelta(1)
    return store


def a_choice(chance: random.Random, report: Report) -> dict[str, Any]:
    """Return what a reader of the page may choose."""
    known = sorted(report.senders["sender_domain"].unique())
    start, end = sorted((a_day(chance), a_day(chance)))
    return {
        "domains": chance.choice((None, None, chance.sample(known, 1), chance.sample(known, min(2, len(known))))),
        **chance.choice(({"start": "2026-11-02", "end": "2026-11-21"}, {"start": str(start), "end": str(end)})),
        "uses": chance.choice(
            (None, ("tls_version", chance.choice(TLS_VERSIONS)), ("auth_protocol", chance.choice(AUTH_PROTOCOLS)))
        ),
    }  # fmt: skip


def asked(choice: dict[str, Any], source: str) -> Filters:
    """Return the same choice as filters of the store."""
    senders = ""
    if choice["uses"]:
        column, value = choice["uses"]
        name = f"tls_{value.replace('.', '_')}" if column == "tls_version" else value
        name = "unknown_auth" if (column, value) == ("auth_protocol", "unknown") else name
        senders = f"{name}_count > 0"
    return filters(
        domain=choice["domains"], start=choice["start"], end=choice["end"], source=source, senders=senders
    )  # fmt: skip


def in_node(pages: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("no Node here: install Debian's nodejs")
    assert node, "CI needs Debian's nodejs"
    script = Path(__file__).with_name("figures.mjs")
    given = json.dumps({"scripts": SCRIPTS, "pages": pages})
    done = subprocess.run([node, script], input=given, capture_output=True, text=True, check=True)
    found: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return found


def in_sql(store: Store, scope: Scope, known: list[str], words: Words) -> dict[str, Any]:
    """Return what live screens show of a scope."""
    shown = {}
    for view in ON_PAGES:
        rows = view.ask(store, scope)
        columns, values = view.data(rows, scope, words, known)
        shown[view.name] = {
            "columns": columns, "values": values, "finding": view.finding(rows, words)
        }  # fmt: skip
    return shown


def lines(columns: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    """Return columns as rows."""
    return list(zip(*(columns[name] for name in sorted(columns)), strict=True))


def is_the_same(name: str, page: dict[str, Any], live: dict[str, Any]) -> None:
    shown, told = lines(page["columns"]), lines(live["columns"])
    if name == "sending-volume":  # Its lines stand in any order: a chart groups them.
        shown, told = sorted(shown), sorted(told)
    assert shown == told
    assert page["finding"] == live["finding"]
    if told:
        assert page.get("values", {}) == live["values"]


def test_a_page_shows_what_the_store_answers_whatever_is_chosen(tmp_path: Path) -> None:
    chance, languages = random.Random(20261201), [speak("en"), speak("nl")]
    whole = Filters(start=FIRST, end=FIRST + dt.timedelta(DAYS - 1))
    stores = [a_store(chance, tmp_path / str(n)) for n in range(tries(3))]
    reports = [build_report(store, whole) for store in stores]
    choices = [[a_choice(chance, report) for _ in range(8)] for report in reports]
    pages = [
        {
            "packed": report_page.packed_counts(report),
            "data": report_page.page_data(replace(report, words=words)),
            "choices": of,
        }
        for report, of in zip(reports, choices, strict=True)
        for words in languages
    ]
    found = iter(in_node(pages))
    counted = untold = 0
    for store, report, of in zip(stores, reports, choices, strict=True):
        told = [next(found) for _ in languages]
        for n, choice in enumerate(of):
            scope = settle_scope(store, asked(choice, str(report.scope.source)))
            found_senders = senders_of(store, scope)
            senders = json_rows.columns(found_senders.drop(columns="client_ip_count"))
            for words, pages_ in zip(languages, told, strict=True):
                page = pages_[n]
                live = in_sql(store, scope, page["known"], words)
                assert {name: page["senders"][name] for name in senders} == senders
                fields = details_table.sender_fields(words)
                told_ip = page["senders"]["client_ip_count"]  # Of all days only: no day has them.
                rows = found_senders.assign(client_ip_count=told_ip).to_dict("records")
                assert page["cells"] == [
                    [details_table.cell(f, row, words) for f in fields] for row in rows
                ]
                for name in live:
                    is_the_same(name, page["views"][name], live[name])
            counted += len(senders["sender_address"]) > 0
            untold += None in senders["basic_count"] + senders["tls_none_count"]
    assert counted > 9 and untold > 3, "most choices must find something, many cannot tell all"

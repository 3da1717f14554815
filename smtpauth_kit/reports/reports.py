"""The report as one HTML page that works offline, and its screens as parts of a notebook."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from smtpauth_kit import __version__, answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.daily import daily
from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.insight import insight
from smtpauth_kit.answers.scope import TOP
from smtpauth_kit.answers.sender import sender
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.senders_page import SendersPage
from smtpauth_kit.answers.volume import messages_by_day, volume_of_busiest
from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.reports import cube, pdf, report_forms, spreadsheets
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.store.engine import Engine, at_one_moment
from smtpauth_kit.values import values
from smtpauth_kit.views import (
    charts,
    details_table,
    filter_words,
    insight_figures,
    json_rows,
    registry,
)
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.insight_figures import Insight
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.over_time import trend_chart, trend_values
from smtpauth_kit.views.view import View
from smtpauth_kit.words.inert import INVISIBLE
from smtpauth_kit.words.words import Words, languages, speak

STATIC_ROWS: Final = 200
"""So many senders stand in the page itself, for a reader without scripts."""

SCOPES: Final = ("everything", "selection")
"""What a page may hold of the days asked for: every domain, or those of the filters."""

PAPER_ROWS: Final = 2_000
"""So many senders are printed: some forty sheets; a workbook holds them all."""

EXPORTING: Final = "SMTPAUTH_EXPORTING"
"""Set in the environment of a kernel whose notebook becomes a page: screens put all into it."""

_HALF_WIDTH: Final = 460
"""Pixels of a picture that shares its line with another."""


@dataclass(frozen=True)
class Report:
    """What one report holds: enough to answer its own filters again without the store."""

    filters: Filters
    scope: Scope
    words: Words
    insight: pd.DataFrame
    """As `answers.insight.insight`."""
    card: Insight
    senders: pd.DataFrame
    """As `answers.senders.senders`, after the filters."""
    daily: pd.DataFrame
    """As `answers.daily.daily`, of these senders only."""
    figures: Mapping[str, pd.DataFrame]
    """The answer of each of `views.registry.ON_PAGES`, by its name."""
    periods: pd.DataFrame
    """As `answers.volume.messages_by_day`."""
    volume: pd.DataFrame
    """As `answers.volume.volume_of_busiest`, of `report_forms.MOST_DOMAINS`."""
    files: pd.DataFrame
    """As `answers.files.files`."""
    made_at: dt.datetime
    pseudonyms: Pseudonyms | None = None
    """Who stands for whom, where names were replaced."""
    everything: Report | None = None
    """The same without a choice of domains, where a page is to hold that too."""

    @property
    def message_count(self) -> int:
        """All messages in it."""
        return int(self.insight["message_count"].iloc[0])

    @cached_property
    def file_list(self) -> list[dict[str, Any]]:
        """The files behind it: their names, never where they were."""
        rows: list[dict[Any, Any]] = self.files.to_dict("records")
        return [{**row, "name": re.split(r"[\\/]", str(row["path"]))[-1]} for row in rows]

    @property
    def status(self) -> str:
        """The message count and what it is of, in one line."""
        return details_table.status(self.scope, self.message_count, len(self.senders), self.words)

    @property
    def notes(self) -> list[str]:
        """What must stand under every figure."""
        return notes(self.scope, self.words)

    def parts(self, breakdown: Breakdown) -> list[tuple[str, int, float]]:
        """Return each value of a breakdown, its messages and share; 0 where nobody used it."""
        rows = self.figures["tls-usage" if breakdown is TLS else "auth-protocol"]
        found = {value: (int(n), float(share)) for value, n, share in rows.itertuples(index=False)}
        return [(value, *found.get(value, (0, 0.0))) for value in breakdown.values]

    def finding(self, name: str) -> str:
        """Return what one of its views shows, in a sentence."""
        return registry.NAMED[name].finding(self.figures[name], self.words)

    @cached_property
    def about(self) -> list[tuple[str, str]]:
        """What stands above a report: each label and its text."""
        words, scope, asked = self.words, self.scope, self.filters
        if scope.start is None:
            return []
        period = words("{start} to {end}", start=words.date(scope.start), end=words.date(scope.end))
        zone = "days are UTC" if asked.timezone == "UTC" else "days are {timezone}"
        tenants = sorted({str(tenant) for tenant in self.files["tenant"] if tenant})
        pairs = [
            (words("Tenant"), ", ".join(tenants)),
            (words("Period"), f"{period} ({words(zone, timezone=asked.timezone)})"),
            (words("Newest day loaded"), words.date(scope.newest)),
            (words("Source"), source_title(scope.source, words)),
            (words("Only"), "; ".join(filter_words.limits(asked, words))),
            (words("Files loaded"), words.count(len(self.files))),
        ]
        return [(label, text) for label, text in pairs if text]

    @cached_property
    def closing(self) -> list[str]:
        """What stands below a report: what it holds and does not, who made it, how to again."""
        words = self.words
        accounts = words("{n} accounts", n=len(self.senders))
        made_at = self.made_at.strftime("%Y-%m-%d %H:%M UTC")
        return [
            words("Made {made_at} with smtpauth_kit {version} from {accounts}.", made_at=made_at,
                  version=__version__, accounts=accounts),
            words("It holds the sender addresses and counts behind these figures; no subjects, no "
                  "recipients, no message ids and no IP addresses."),
            *([words(self.pseudonyms.sentence)] if self.pseudonyms else []),
            words("To make it again: {command}", command=self.command),
        ]  # fmt: skip

    @cached_property
    def closing_of_page(self) -> list[str]:
        """What stands below its page: what that holds beside what it opens with."""
        words, others = self.words, self.everything
        held = words("This one file holds every figure it shows and asks nothing of any network.")
        if others is None and not filter_words.limits(self.filters, words):
            scope = words("It holds everything of these days: all senders of all domains.")
        elif others is None:
            scope = words("It holds this selection and nothing else.")
        else:
            scope = words(
                "It opens with a selection and holds all of these days: {accounts} of {domains}.",
                accounts=words("{n} accounts", n=len(others.senders)),
                domains=words("{n} sender domains", n=others.senders["sender_domain"].nunique()),
            )
        return [held, scope, *self.closing]

    @property
    def command(self) -> str:
        """The shell line that makes it again from the same store."""
        asked, scope = self.filters, self.scope
        days = {"start": scope.start, "end": scope.end, "as_of": None}
        settled = asked.changed(**days, source=scope.source or "auto")
        given = [text for pair in settled.options() for text in pair]
        given += [] if self.words.language == "en" else ["--lang", self.words.language]
        given += [self.pseudonyms.option] if self.pseudonyms else []
        join = subprocess.list2cmdline if os.name == "nt" else shlex.join
        return join(["smtpauth", "report", *given, "-o", "report.html"])

    def top_senders(self, most: int) -> list[dict[str, Any]]:
        """Return the busiest senders as rows, and the sum of the rest as the last one."""
        rows: list[dict[str, Any]] = self.senders.head(most).to_dict("records")  # type: ignore[assignment]
        rest = self.senders.iloc[most:]
        return [*rows, _sum_of(rest, self.words)] if len(rest) else rows

    def to_html(self) -> str:
        """Return the whole report: one page that asks nothing of any network, in every language."""
        others = [self._in(name) for name in languages() if name != self.words.language]
        return page(
            words=self.words,
            title=self.words("SMTP Auth clients report"),
            template="report.html",
            report=self,
            screens=[self.insight_fragment(), self.fragment()],
            others=[each._as_other() for each in others],
        )

    def _in(self, language: str) -> Report:
        """Return it in another language."""
        return replace(self, words=speak(language))

    def _as_other(self) -> dict[str, str]:
        """Return what a page in another language holds of this one: its words and data.

        A page that can be asked for another language draws its charts and table itself.
        """
        screen = self._screen(data=self.for_script(), most=0, pictured=False)
        screens = [self.insight_fragment(), screen]
        title = self.words("SMTP Auth clients report")
        main = _render(
            "report.html", self.words, report=self, screens=screens, title=title, bare=True
        )
        return {
            "language": self.words.language,
            "name": self.words.name,
            "main": cube.pack(main.encode()),
        }

    def to_paper(self) -> str:
        """Return the page to print: no scripts, no controls, more senders."""
        return page(
            words=self.words,
            title=self.words("SMTP Auth clients report"),
            template="report.html",
            report=self,
            screens=[self.insight_fragment(), self._screen(most=PAPER_ROWS)],
            alive=False,
        )

    def to_xlsx(self) -> bytes:
        """Return the report as a workbook: insight, volume, TLS, protocols, senders, sources."""
        return spreadsheets.workbook(
            report_forms.sheets(self),
            title=self.words("SMTP Auth clients report"),
            creator=f"smtpauth_kit {__version__}",
            made_at=self.made_at,
        )

    def to_csv(self) -> str:
        """Return the senders as CSV."""
        return spreadsheets.csv_text(report_forms.senders(self))

    def to_markdown(self) -> str:
        """Return the figures and the busiest senders as Markdown."""
        return report_forms.markdown(self, STATIC_ROWS)

    def to_pdf(self) -> bytes:
        """Return the report on A4, printed by the Chromium, Chrome or Edge of this machine.

        Raises
        ------
        KitError
            There is none, or it did not print.
        """
        return pdf.printed(self.to_paper())

    def fragment(self) -> Markup:
        """Return the report's screen alone, for a page that has the scripts and the look."""
        return self._screen(facts=self.facts, data=self.for_script())

    def _screen(
        self,
        *,
        facts: str | None = None,
        data: dict[str, Any] | None = None,
        most: int = STATIC_ROWS,
        pictured: bool = True,
    ) -> Markup:
        return _render(
            "report_screen.html",
            self.words,
            report=self,
            drawings=self.drawings if pictured else self._drawings(False),
            more=[self._drawing(view, pictured) for view in registry.ON_PAGES if view.below],
            columns=details_table.tls_columns(self.senders, self.words),
            rows=self.top_senders(most) if most else [],
            facts=facts,
            data=data and cube.pack(embed(data).encode()),
        )

    @cached_property
    def drawings(self) -> list[tuple[str, str, str, Markup]]:
        """Each view a reader chooses from, with its title, its finding and its picture."""
        return self._drawings(True)

    def _drawings(self, pictured: bool) -> list[tuple[str, str, str, Markup]]:
        return [self._drawing(view, pictured) for view in registry.ON_PAGES if not view.below]

    def _drawing(self, view: View, pictured: bool) -> tuple[str, str, str, Markup]:
        """Return the name of a view, its title, its finding and its picture."""
        words, rows = self.words, self.figures[view.name]
        picture = Markup()
        if pictured:
            width = _HALF_WIDTH if view.is_half else None
            picture = _picture(view.draw, *view.data(rows, self.scope, words), words, width)
        return view.name, words(view.title), view.finding(rows, words), picture

    def insight_fragment(self) -> Markup:
        """Return the insight card, with what its flyout shows."""
        return insight_card(replace(self.card, scope=self.scope), self.words)

    @property
    def facts(self) -> str:
        """The counts behind a page, packed: its script adds them up for each choice."""
        held = self.everything or self
        return cube.packed(held.daily, held.senders, _key)

    def for_script(self) -> dict[str, Any]:
        """Return what the script of a page needs beside the facts, ready for JSON."""
        always = self.filters.changed(domains=()) if self.everything else self.filters
        conditions = Filters(min_messages=always.min_messages, senders=always.senders)
        return {
            "words": self.words.for_script(),
            "charts": {
                "trend": charts.empty_vega(trend_chart, self.words),
                **{
                    view.name: charts.empty_vega(view.draw, self.words)
                    for view in registry.ON_PAGES
                },
            },
            "start": _iso(self.scope.start),
            "end": _iso(self.scope.end),
            "covered": [day.isoformat() for day in self.scope.covered],
            # Days of a report are covered only where a choice holds all of it.
            "periods": [
                [each.start.isoformat(), each.end.isoformat()]
                for each in (self.scope.counted if self.scope.source == "report" else ())
            ],
            "source": source_title(self.scope.source, self.words),
            "columns": {
                name: _dicts(registry.NAMED[name].columns(self.senders, self.words))
                for name in registry.CHOICES
            },
            "numbers": {
                name: registry.NAMED[name].numbers(rows, self.words)["columns"]
                for name, rows in self.figures.items()
            },
            "views": {
                view.name: {"figure": view.figure, "field": view.field}
                for view in registry.ON_PAGES
            },
            "below": {
                name: [view.name for view in registry.below(name) if view.figure]
                for name in registry.CHOICES
            },
            "top": TOP,
            "csv": [
                {"name": name, **vars(field)}
                for name, field in report_forms.sender_columns(self.words)
            ],
            "filters": filter_words.active(always.changed(min_messages=0, senders=()), self.words),
            # Of these days as a whole: a page cannot ask again who they are of fewer.
            "conditions": filter_words.active(conditions, self.words),
            "not_shown": any(self.scope.not_shown.values()),
            "filtered": bool(filter_words.active(self.filters, self.words)),
            "domains": [values.domain_key(name) for name in self.filters.domains]
            if self.everything
            else [],
            "fields": _dicts(details_table.sender_fields(self.words)),
            "tls_versions": TLS_VERSIONS,
            "titles": {each.column: each.titles(self.words) for each in (TLS, AUTH)},
            "headings": {each.column: self.words(each.heading) for each in (TLS, AUTH)},
            "auth_protocols": AUTH_PROTOCOLS,
        }


@at_one_moment
def build_report(
    engine: Engine,
    filters: Filters = ALL,
    language: str = "en",
    *,
    pseudonyms: Pseudonyms | None = None,
    everything: bool = False,
) -> Report:
    """Ask everything a report shows.

    Conditions and the least number of messages settle which senders are in it; all its figures are
    of those senders. With `pseudonyms` nothing in it names a person, whatever it is written as.
    With `everything` its page opens with the domains of `filters`, and holds the others too.

    Examples
    --------
    >>> build_report(store).message_count
    3
    >>> key = Pseudonyms(b"a key of sixteen or more")
    >>> build_report(store, pseudonyms=key).senders.sender_domain.tolist()
    ['contoso.com', 'fabrikam.com']
    """
    filters = filters.on_senders()
    scope = answers.settle_scope(engine, filters)
    report = Report(
        filters=filters,
        scope=scope,
        words=speak(language),
        insight=insight(engine, scope),
        card=insight_figures.ask(engine, scope),
        senders=senders(engine, scope),
        daily=daily(engine, scope),
        figures={view.name: view.ask(engine, scope) for view in registry.ON_PAGES},
        periods=messages_by_day(engine, scope),
        volume=volume_of_busiest(engine, scope, report_forms.MOST_DOMAINS),
        files=files(engine),
        made_at=dt.datetime.now(dt.UTC),
    )
    if everything and filters.domains:
        others = build_report(engine, filters.changed(domains=()), language, pseudonyms=pseudonyms)
        report = replace(report, everything=others)
    return _pseudonymised(report, pseudonyms) if pseudonyms else report


def _pseudonymised(report: Report, pseudonyms: Pseudonyms) -> Report:
    """Return a report in which every name stands for another: all its forms are made of this."""
    filters = pseudonyms.filters(report.filters)
    return replace(
        report,
        filters=filters,
        scope=replace(report.scope, filters=filters, **pseudonyms.periods(report.scope)),
        senders=pseudonyms.senders(report.senders),
        daily=pseudonyms.senders(report.daily),
        figures={name: pseudonyms.figure(rows) for name, rows in report.figures.items()},
        volume=pseudonyms.figure(report.volume),
        files=pseudonyms.files(report.files),
        pseudonyms=pseudonyms,
    )


def still_fragment(shown: dict[str, Any], page: SendersPage, words: Words) -> Markup:
    """Return what a report screen shows now, as a picture and some rows: nothing in it answers."""
    chart, view = shown.get("chart"), registry.NAMED[shown["view"]]
    svg = chart and _picture(view.draw, chart["columns"], chart["values"], words)
    return _render(
        "report_still.html",
        words,
        shown=shown,
        svg=svg,
        columns=view.columns(pd.DataFrame([page.totals]), words),
        rows=page.rows.to_dict("records"),
        more=page.row_count - len(page.rows),
    )


@at_one_moment
def insight_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return the insight card alone, to stand in a page that has the scripts and the look."""
    found = insight_figures.ask(engine, answers.settle_scope(engine, filters))
    return insight_card(found, speak(language))


def insight_card(found: Insight, words: Words) -> Markup:
    """Draw the card of an insight, with what its flyout shows."""
    return _render("insight.html", words, **insight_figures.shown(found, words))


@at_one_moment
def sender_fragment(
    engine: Engine, address: str, filters: Filters = ALL, language: str = "en"
) -> Markup:
    """Return everything known of one sender, to stand in a page that has the look."""
    words, found = speak(language), answers.settle_scope(engine, filters.changed(sender=address))
    rows = sender(engine, found).to_dict("records")
    row: dict[Any, Any] = rows[0] if rows else {"days": []}
    days = pd.DataFrame(row["days"])
    values = trend_values(days, found)
    return _render(
        "sender.html",
        words,
        title=row.get("sender_address", address),
        row=row,
        fields=details_table.sender_fields(words),
        trend=_picture(trend_chart, json_rows.columns(days), values, words)
        if row["days"]
        else None,
        notes=notes(found, words),
    )


def empty_card(kind: str, title: str, text: str, words: Words) -> Markup:
    """Return a card that says nothing but why there is nothing to show."""
    return _render("empty.html", words, kind=kind, title=title, text=text)


def table_fragment(
    rows: pd.DataFrame, columns: tuple[Column, ...], words: Words, label: str = ""
) -> Markup:
    """Return any answer as a plain HTML table with the kit's look."""
    return _render("table.html", words, rows=rows.to_dict("records"), columns=columns, label=label)


def load_fragment(files: list[dict[str, Any]], status: str, words: Words) -> Markup:
    """Return how files ended as a table, with the line that sums it up."""
    return _render("load.html", words, files=files, status=status, live=False)


def load_rows(files: list[dict[str, Any]], words: Words) -> Markup:
    """Return the same rows for a screen, where buttons work."""
    return _render("load_rows.html", words, files=files, live=True)


def load_rejected(file: dict[str, Any], words: Words) -> Markup:
    """Return a page of the rejected rows of a file."""
    return _render("load_rejected.html", words, file=file, live=True)


def load_stored(files: list[dict[str, Any]], pages: dict[str, int], words: Words) -> Markup:
    """Return a page of the files of a store: `pages` has offset, page and total."""
    return _render("load_stored.html", words, files=files, pages=pages, live=True)


def page(
    *,
    words: Words,
    title: str,
    template: str,
    foreign: bool = False,
    alive: bool = True,
    **values: Any,
) -> str:
    """Return a whole page with look and scripts inside, and a policy that lets nothing else run.

    The scripts are packed; a loader of a few lines unpacks them and the policy knows their hash.
    With `foreign`, content that is not the kit's may bring styles and pictures of its own. Not
    `alive`: nothing runs at all.
    """
    style, loader = charts.static("style.css"), inside_script(charts.static("unpack_page.js"))
    looks = "'unsafe-inline'; img-src data:" if foreign else _hashes([style])
    scripts = _hashes([loader, page_script()]) if alive else "'none'"
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {scripts}; style-src {looks}"
    )
    return str(
        _render(
            template,
            words,
            title=title,
            policy=policy,
            style=Markup(style),
            packed=_packed_script() if alive else None,
            paper=not alive,
            loader=Markup(loader),
            **values,
        )
    )


@cache
def page_script() -> str:
    """Return all scripts of a page: they bring every screen on it to life."""
    names = (
        "chart.js", "table.js", "cube.js", "chart_table.js", "insight.js", "figures.js", "csv.js",
        "page_charts.js", "page_report.js", "page.js",
    )  # fmt: skip
    return "\n".join([charts.bundle(), *map(charts.static, names)])


@cache
def _packed_script() -> str:
    return cube.pack(page_script().encode())


def inside_script(code: str) -> str:
    r"""Return code that may stand in a `<script>`: nothing in it ends or hides the element.

    >>> inside_script("'</script><!--'")
    "'<\\/script><\\!--'"
    """
    return re.sub(r"<(/script|!--)", r"<\\\1", code, flags=re.IGNORECASE)


def embed(data: object) -> Markup:
    r"""Return data as JSON that may stand in a `<script>`, whatever is in it.

    >>> embed({"sender": "</script><!-- & \u2028"})
    Markup('{"sender":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028"}')
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        replacing.write(path, content)
    except OSError as error:
        raise KitError(
            '"{file}" cannot be written: {system}.', file=str(path), system=str(error.strerror)
        ) from error


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("smtpauth_kit.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["embed"] = embed
    environment.globals["cell"] = details_table.cell
    return environment


def visible(text: object) -> Markup:
    """Return text for HTML; a character that hides or reorders others is boxed in and named.

    >>> visible("<b>\u202e")
    Markup('&lt;b&gt;<bdi class="smtpauth-invisible" data-code="U+202E">\u202e</bdi>')
    """
    box = Markup('<bdi class="smtpauth-invisible" data-code="U+{}">{}</bdi>')
    parts = re.split(f"([{INVISIBLE}])", str(text))
    return Markup("").join(
        box.format(f"{ord(part):04X}", part) if odd % 2 else escape(part)
        for odd, part in enumerate(parts)
    )


def _render(template: str, words: Words, **values: Any) -> Markup:
    return Markup(_templates().get_template(template).render(words=words, **values))


def _picture(
    draw: Callable[[pd.DataFrame, Words], Any],
    rows: dict[str, list[Any]],
    values: dict[str, Any],
    words: Words,
    width: int | None = None,
) -> Markup:
    return Markup(charts.to_svg(charts.empty_vega(draw, words), rows, values, width))


def _hashes(codes: list[str]) -> str:
    digests = (hashlib.sha256(code.encode()).digest() for code in codes)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _key(address: str) -> str:
    """Return the form addresses are compared in: days may show one sender in several ways."""
    return values.account(address).key


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _dicts(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    return [column.as_dict() for column in columns]


def _sum_of(senders: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return many senders as one row: counts added up, shares of the sum."""
    counts = [name for name in senders if str(name).endswith("_count")]
    row: dict[str, Any] = {str(name): int(senders[name].sum()) for name in counts}
    del row["client_ip_count"]  # Two senders may share an address.
    for version in TLS_VERSIONS:
        name = f"tls_{version.replace('.', '_')}"
        row[f"{name}_share"] = row[f"{name}_count"] / max(1, row["message_count"])
    return {**row, "sender_address": words("and {n} more senders", n=len(senders))}

"""The report as one HTML page that works offline, and its screens as parts of a notebook."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from smtpauth_kit import answers, charts, tables, values
from smtpauth_kit.answers import ALL, Scope
from smtpauth_kit.errors import KitError
from smtpauth_kit.schema import AUTH_PROTOCOLS, TLS_VERSIONS, Filters
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.store import Engine
from smtpauth_kit.tables import VIEWS, Column
from smtpauth_kit.words import INVISIBLE, Words, speak

STATIC_ROWS: Final = 25
"""So many senders stand in the page itself, for a reader without scripts."""

_DRAWN_BY: Final = {
    "sending-volume": charts.sending_volume_chart,
    "tls-usage": charts.tls_usage_chart,
    "auth-protocol": charts.auth_usage_chart,
    "trend": charts.trend_chart,
}


@dataclass(frozen=True)
class Report:
    """What one report holds: enough to answer its own filters again without the store."""

    filters: Filters
    scope: Scope
    words: Words
    insight: pd.DataFrame
    """As `answers.insight`."""
    senders: pd.DataFrame
    """As `answers.senders`, after the filters."""
    daily: pd.DataFrame
    """As `answers.daily`, of these senders only."""
    files: pd.DataFrame
    """As `answers.files`."""
    made_at: dt.datetime

    @cached_property
    def volume(self) -> pd.DataFrame:
        """Messages per period and sender domain."""
        keys = ["period_start", "period_end", "sender_domain"]
        return self.daily.groupby(keys, sort=True)["message_count"].sum().reset_index()

    @cached_property
    def usage(self) -> pd.DataFrame:
        """Messages and share per TLS version."""
        return self._usage(TLS)

    @cached_property
    def auth(self) -> pd.DataFrame:
        """Messages and share per authentication protocol."""
        return self._usage(AUTH)

    def _usage(self, split: Split) -> pd.DataFrame:
        counts = self.daily.groupby(split.column)["message_count"].sum()
        usage = pd.DataFrame({split.column: split.values})
        usage["message_count"] = [int(counts.get(value, 0)) for value in split.values]
        usage["share"] = usage["message_count"] / max(1, self.message_count)
        return usage

    @cached_property
    def message_count(self) -> int:
        """All messages in it."""
        return int(self.daily["message_count"].sum())

    def to_html(self) -> str:
        """Return the whole report: one page that asks nothing of any network."""
        return page(
            words=self.words,
            title=self.words("SMTP Auth clients report"),
            template="report.html",
            report=self,
            made_at=self.made_at.strftime("%Y-%m-%d %H:%M UTC"),
            screens=[self.insight_fragment(), self.fragment()],
            files=_files(self.files, self.words),
        )

    def fragment(self) -> Markup:
        """Return the report's screen alone, for a page that has the scripts and the look."""
        return _render(
            "report_screen.html",
            self.words,
            scope=self.scope,
            status=tables.status(self.scope, self.message_count, len(self.senders), self.words),
            notes=tables.notes(self.scope, self.words),
            drawings=self._drawings(),
            columns=tables.details_columns("tls-usage", self.senders, self.words),
            rows=self.senders.head(STATIC_ROWS).to_dict("records"),
            more=max(0, len(self.senders) - STATIC_ROWS),
            data=self._for_script(),
        )

    def _drawings(self) -> list[tuple[str, str, str, Markup]]:
        """Return each view with its title, its finding and its picture."""
        days = self.daily["period_start"] == self.daily["period_end"]
        volume = charts.volume_data(
            self.volume, self.words, self.scope, covered=self.daily.loc[days, "period_start"]
        )
        shown: tuple[tuple[str, tuple[dict[str, list[Any]], dict[str, Any]]], ...] = (
            (tables.volume_finding(self.volume, self.words), volume),
            (tables.tls_finding(self.usage, self.words), (charts.columns(self.usage), {})),
            (tables.auth_finding(self.auth, self.words), (charts.columns(self.auth), {})),
        )
        return [
            (view, tables.view_title(view, self.words), finding, _picture(view, *data, self.words))
            for view, (finding, data) in zip(VIEWS, shown, strict=True)
        ]

    def insight_fragment(self) -> Markup:
        """Return the insight card, with what its flyout shows."""
        return insight_card(self.insight, self.scope, self.words)

    def save(self, path: Path) -> None:
        """Write the report to a file; what was there stays until the new one is whole."""
        if path.suffix.lower() not in (".html", ".htm"):
            raise KitError(f'A report is written as .html; "{path.name}" is not.')
        write_page(path, self.to_html())

    def _for_script(self) -> dict[str, Any]:
        views = {view: tables.details_columns(view, self.senders, self.words) for view in VIEWS}
        return {
            "words": self.words.for_script(),
            "charts": {
                name: charts.empty_vega(draw, self.words) for name, draw in _DRAWN_BY.items()
            },
            "start": _iso(self.scope.start),
            "end": _iso(self.scope.end),
            "source": tables.source_title(self.scope.source, self.words),
            "columns": {view: _dicts(columns) for view, columns in views.items()},
            "fields": _dicts(tables.sender_fields(self.words)),
            "tls_versions": TLS_VERSIONS,
            "titles": {split.column: split.titles(self.words) for split in (TLS, AUTH)},
            "auth_protocols": AUTH_PROTOCOLS,
            "facts": _facts(self.daily, self.senders),
        }


def build_report(engine: Engine, filters: Filters = ALL, language: str = "en") -> Report:
    """Ask everything a report shows.

    Conditions and the least number of messages settle which senders are in it; all its figures are
    of those senders.
    """
    scope = answers.scope(engine, filters.on_senders())
    return Report(
        filters=filters,
        scope=scope,
        words=speak(language),
        insight=answers.insight(engine, scope),
        senders=answers.senders(engine, scope),
        daily=answers.daily(engine, scope),
        files=answers.files(engine),
        made_at=dt.datetime.now(dt.UTC),
    )


def insight_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return the insight card alone, to stand in a page that has the scripts and the look."""
    scope = answers.scope(engine, filters)
    return insight_card(answers.insight(engine, scope), scope, speak(language))


def insight_card(insight: pd.DataFrame, scope: Scope, words: Words) -> Markup:
    """Draw the card for an answer of `answers.insight`."""
    row = insight.iloc[0].to_dict() if len(insight) else {}
    usage = pd.DataFrame(
        row.get("tls_usage") or [], columns=["tls_version", "message_count", "share"]
    )
    pie = charts.empty_vega(charts.tls_pie_chart, words)
    plain = charts.columns(usage)
    return _render(
        "insight.html",
        words,
        scope=scope,
        insight=row,
        tls=tables.tls_list(usage, words),
        colors=dict(zip(TLS.values, TLS.colors, strict=True)),
        notes=tables.notes(scope, words),
        finding=tables.tls_finding(usage, words),
        pie=Markup(charts.to_svg(pie, plain, {})),
        data={"words": words.for_script(), "pie": pie, "usage": plain},
    )


def sender_fragment(
    engine: Engine, address: str, filters: Filters = ALL, language: str = "en"
) -> Markup:
    """Return everything known of one sender, to stand in a page that has the look."""
    words, found = speak(language), answers.scope(engine, filters.changed(sender=address))
    rows = answers.sender(engine, found).to_dict("records")
    row: dict[Any, Any] = rows[0] if rows else {"days": []}
    days = pd.DataFrame(row["days"])
    values = charts.trend_values(days, found)
    return _render(
        "sender.html",
        words,
        title=row.get("sender_address", address),
        row=row,
        fields=tables.sender_fields(words),
        trend=_picture("trend", charts.columns(days), values, words) if row["days"] else None,
        notes=tables.notes(found, words),
    )


def table_fragment(
    rows: pd.DataFrame, columns: tuple[Column, ...], words: Words, label: str = ""
) -> Markup:
    """Return any answer as a plain HTML table with the kit's look."""
    return _render("table.html", words, rows=rows.to_dict("records"), columns=columns, label=label)


def load_fragment(files: list[dict[str, Any]], words: Words) -> Markup:
    """Return how files ended as a table: path, status, days, counts, counted, remarks of each."""
    return _render("load.html", words, files=files)


def page(*, words: Words, title: str, template: str, foreign: bool = False, **values: Any) -> str:
    """Return a whole page with look and scripts inside, and a policy that lets nothing else run.

    With `foreign`, content that is not the kit's may bring styles and pictures of its own.
    """
    styles, scripts = [charts.static("style.css")], [inside_script(charts.bundle()), page_script()]
    looks = "'unsafe-inline'; img-src data:" if foreign else _hashes(styles)
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {_hashes(scripts)}; style-src {looks}"
    )
    return str(
        _render(
            template,
            words,
            title=title,
            policy=policy,
            styles=[Markup(style) for style in styles],
            scripts=[Markup(script) for script in scripts],
            **values,
        )
    )


@cache
def page_script() -> str:
    """Return the kit's own scripts: they bring every screen on a page to life."""
    names = ("chart.js", "table.js", "page.js")
    return inside_script("\n".join(charts.static(name) for name in names))


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


def write_page(path: Path, html: str) -> None:
    """Write a page whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(html, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise KitError(f'"{path}" cannot be written: {error.strerror}.') from error


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("smtpauth_kit"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    environment.filters["embed"] = embed
    environment.globals["cell"] = tables.cell
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


def _picture(name: str, rows: dict[str, list[Any]], values: dict[str, Any], words: Words) -> Markup:
    spec = charts.empty_vega(_DRAWN_BY[name], words)
    return Markup(charts.to_svg(spec, rows, values))


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


def _facts(daily: pd.DataFrame, senders: pd.DataFrame) -> dict[str, Any]:
    """Return the counts a page adds up again: each text once, each row as places in those lists."""
    periods = list(dict.fromkeys(zip(daily["period_start"], daily["period_end"], strict=True)))
    period = {key: number for number, key in enumerate(periods)}
    keys = {_key(name): number for number, name in enumerate(senders["sender_address"])}
    place = {name: keys[_key(name)] for name in daily["sender_address"].unique()}
    return {
        "senders": senders["sender_address"].tolist(),
        "domains": senders["sender_domain"].tolist(),
        "client_ip_counts": charts.columns(senders[["client_ip_count"]])["client_ip_count"],
        "periods": [[start.isoformat(), end.isoformat()] for start, end in periods],
        "sender": [place[name] for name in daily["sender_address"]],
        "period": [
            period[key] for key in zip(daily["period_start"], daily["period_end"], strict=True)
        ],
        "tls": [TLS_VERSIONS.index(version) for version in daily["tls_version"]],
        "auth": [AUTH_PROTOCOLS.index(protocol) for protocol in daily["auth_protocol"]],
        "count": daily["message_count"].tolist(),
    }


def _files(files: pd.DataFrame, words: Words) -> list[dict[str, str]]:
    """Return what a report says of the files behind it: their names, never where they were."""
    return [
        {
            "name": re.split(r"[\\/]", str(row["path"]))[-1],
            "format": str(row.get("format", "")),
            "messages": words("{n} messages", n=int(row.get("message_count") or 0)),
        }
        for row in files.to_dict("records")
    ]

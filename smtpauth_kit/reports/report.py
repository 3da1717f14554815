"""One report: the answers it holds, asked of the store, and the sentences around them.

What it looks like as a page, a workbook or a text is made of this by the modules beside it.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from smtpauth_kit import __version__, answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.covered_days import covered_days
from smtpauth_kit.answers.daily import daily
from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.insight import insight
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.untold import NEWEST, tls_columns, with_untold
from smtpauth_kit.answers.volume import messages_by_day, volume_of_busiest
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.formats import title_of
from smtpauth_kit.reports import readiness_told, reconciliation_told, tenants_told
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.rendering import picture
from smtpauth_kit.reports.unusual import Unusual, renamed, unusual
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.values import addresses
from smtpauth_kit.views import details_table, filter_words, insight_figures, registry
from smtpauth_kit.views.breakdowns import TLS, Breakdown
from smtpauth_kit.views.filter_words import source_title, tenant_title
from smtpauth_kit.views.insight_figures import Insight
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.source_choice import offers_on_a_page
from smtpauth_kit.views.view import View
from smtpauth_kit.words.words import Words, speak

MOST_DOMAINS: Final = 250
"""The volume by domain names so many, busiest first: a sheet holds 16,384 columns."""

_HALF_WIDTH: Final = 460
"""Pixels of a chart that shares its line with another."""


@dataclass(frozen=True)
class Held:
    """What a page holds to answer for fewer days, too."""

    daily: pd.DataFrame
    """As `answers.daily.daily`, with every report's period among the days: of fewer days, one may
    count that overlaps another in all of them."""
    senders: pd.DataFrame
    """As `answers.senders.senders`, of all these."""
    covered: tuple[dt.date, ...]
    """Days that logs and traces say something about; reports cover those of their periods."""


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
    held: Held
    figures: Mapping[str, pd.DataFrame]
    """The answer of each of `views.registry.ON_PAGES`, by its name."""
    periods: pd.DataFrame
    """As `answers.volume.messages_by_day`."""
    volume: pd.DataFrame
    """As `answers.volume.volume_of_busiest`, of `MOST_DOMAINS` domains."""
    files: pd.DataFrame
    """As `answers.files.files`."""
    made_at: dt.datetime
    unusual: Unusual | None = None
    """What is unusual; None: nobody asked."""
    reconciled: reconciliation_told.Told | None = None
    """How the sources compare; None: nobody asked, or no two tell of the same senders."""
    tenants: Answer | None = None
    """As the answer `tenants`; None: nobody asked, or there is one tenant."""
    readiness: readiness_told.Told | None = None
    """Who stops when Basic auth or old TLS goes; None: nobody asked."""
    pseudonyms: Pseudonyms | None = None
    """Who stands for whom, where names were replaced."""
    everything: Report | None = None
    """The same without a choice of domains, where a page is to hold that too."""

    @property
    def message_count(self) -> int:
        """All messages in it."""
        return int(self.insight["message_count"].iloc[0] or 0)

    @cached_property
    def file_list(self) -> list[dict[str, Any]]:
        """The files behind it: their names, never where they were, and what each is called.

        Among several tenants, each with its own.
        """
        rows: list[dict[Any, Any]] = self.files.to_dict("records")
        are_of_several = len({row["tenant"] for row in rows}) > 1

        def name(row: dict[Any, Any]) -> str:
            file = re.split(r"[\\/]", str(row["path"]))[-1]
            return f"{file} ({tenant_title(row['tenant'], self.words)})" if are_of_several else file

        return [
            {
                **row,
                "name": name(row),
                "format": self.words.sentence(title_of(str(row["format"]))),
            }
            for row in rows
        ]

    @property
    def status(self) -> str:
        """The message count and what it is of, in one line."""
        return details_table.status(self.scope, self.message_count, len(self.senders), self.words)

    @property
    def line(self) -> str:
        """The same as a person reads it."""
        return details_table.line(self.scope, self.message_count, len(self.senders), self.words)

    @property
    def notes(self) -> list[str]:
        """What must stand under every figure."""
        return [*notes(self.scope, self.words), *offers_on_a_page(self.scope, self.words)]

    def parts(self, breakdown: Breakdown) -> list[tuple[str, int | None, float | None]]:
        """Return each value of a breakdown, its messages and share.

        They are 0 where nobody used it, None where no source can tell.
        """
        rows = self.figures["tls-usage" if breakdown is TLS else "auth-protocol"]
        told = {value: (n, share) for value, n, share in rows.itertuples(index=False)}
        none = (0, 0.0) if self.scope.sources else (None, None)
        return [(value, *told.get(value, none)) for value in breakdown.values]

    def finding(self, name: str) -> str:
        """Return what one of its views shows, in a sentence."""
        return registry.NAMED[name].finding(self.figures[name], self.words)

    @cached_property
    def about(self) -> list[tuple[str, str]]:
        """The lines above a report, each a label and its text: period, source, filters."""
        words, scope, asked = self.words, self.scope, self.filters
        if scope.start is None:
            return []
        period = words("{start} to {end}", start=words.date(scope.start), end=words.date(scope.end))
        zone = "days are UTC" if asked.timezone == "UTC" else "days are {timezone}"
        loaded = sorted(set(map(str, self.files["tenant"])))
        named = loaded if any(loaded) or asked.tenants else []
        pairs = [
            (words("Tenant"), ", ".join(each or words("no tenant") for each in named)),
            (words("Period"), f"{period} ({words(zone, timezone=asked.timezone)})"),
            (words("Newest day loaded"), words.date(scope.newest)),
            (words("Source"), source_title(scope.source, words)),
            (words("Only"), "; ".join(filter_words.limits(asked, words))),
            (words("Files loaded"), words.count(len(self.files))),
        ]
        return [(label, text) for label, text in pairs if text]

    @cached_property
    def closing(self) -> list[str]:
        """The lines below a report: when it was made, what is not in it, how to repeat it."""
        words = self.words
        senders = words("{n} sender addresses", n=len(self.senders))
        made_at = f"{words.date(self.made_at.date())}, {self.made_at:%H:%M} UTC"
        held = (
            "It holds the sender addresses and counts behind these figures; no subjects, no "
            "recipients, no message ids and no IP addresses."
        )
        if self.unusual:
            held = (
                "It holds the sender addresses and counts behind these figures, and of what is "
                "unusual the accounts, sign-ins, client addresses, countries and programs; no "
                "subjects, no recipients and no message ids."
            )
        return [
            words("Made {made_at} with smtpauth_kit {version} from {senders}.", made_at=made_at,
                  version=__version__, senders=senders),
            words(held),
            *([words("Of senders at stake it holds owner, state, due date and note.")]
              if self.readiness else []),
            *([words(self.pseudonyms.sentence)] if self.pseudonyms else []),
            words("To make it again: {command}", command=self.command),
        ]  # fmt: skip

    @cached_property
    def closing_of_page(self) -> list[str]:
        """The lines below its page: those of `closing`, and which senders the page holds."""
        words, others = self.words, self.everything
        held = words("This one file holds every figure it shows and asks nothing of any network.")
        if others is None and not filter_words.limits(self.filters, words):
            scope = words("It holds everything of these days: all senders of all domains.")
        elif others is None:
            scope = words("It holds this selection and nothing else.")
        else:
            scope = words(
                "It opens with a selection and holds all of these days: {senders} of {domains}.",
                senders=words("{n} sender addresses", n=len(others.senders)),
                domains=words("{n} sender domains", n=others.senders["sender_domain"].nunique()),
            )
        return [held, scope, *self.closing]

    @property
    def command(self) -> str:
        """The shell line that makes it again from the same store."""
        asked, scope = self.filters, self.scope
        days: dict[str, Any] = {"start": scope.start, "end": scope.end, "as_of": None}
        source = scope.source or "auto"
        if self.unusual:
            # Findings are of every day and source unless some are chosen: it chooses none anew.
            source = asked.source
            if asked.start is None:
                until = None if asked.end else asked.as_of or scope.newest
                days = {"as_of": until}
        settled = asked.changed(**days, source=source)
        given = [text for pair in settled.options() for text in pair]
        given += [] if self.words.language == "en" else ["--lang", self.words.language]
        given += [self.pseudonyms.option] if self.pseudonyms else []
        join = subprocess.list2cmdline if os.name == "nt" else shlex.join
        return join(["smtpauth", "report", *given, "-o", "report.html"])

    def top_senders(self, most: int) -> list[dict[str, Any]]:
        """Return the busiest senders as rows, and the sum of the rest as the last one."""
        rows: list[dict[str, Any]] = self.senders.head(most).to_dict("records")  # type: ignore[assignment]
        rest = self.senders.iloc[most:]
        return [*rows, _sum_of(rest, self.scope, self.words)] if len(rest) else rows

    @cached_property
    def drawings(self) -> list[tuple[str, str, str, Markup]]:
        """Each view that a reader can choose: its name, title, finding and chart as SVG."""
        return [self._drawing(view) for view in registry.ON_PAGES if not view.below]

    @property
    def drawings_below(self) -> list[tuple[str, str, str, Markup]]:
        """The same of the views that stand below the chosen one."""
        return [self._drawing(view) for view in registry.ON_PAGES if view.below]

    def _drawing(self, view: View) -> tuple[str, str, str, Markup]:
        """Return the name of a view, its title, its finding and its chart as SVG."""
        width = _HALF_WIDTH if view.is_half else None
        drawn = view.data(self.figures[view.name], self.scope, self.words)
        svg = picture(view.draw, *drawn, self.words, width)
        return view.name, self.words(view.title), self.finding(view.name), svg


def _sum_of(senders: pd.DataFrame, scope: Scope, words: Words) -> dict[str, Any]:
    """Return many senders as one row: counts added up, shares of the sum, as for one of them."""
    counts = [name for name in senders if str(name).endswith("_count")]
    row: dict[str, Any] = {str(name): int(pd.to_numeric(senders[name]).sum()) for name in counts}
    del row["client_ip_count"]  # Two senders may share an address.
    for count, share in map(tls_columns, TLS_VERSIONS):
        row[share] = row[count] / max(1, row["message_count"])
    lacks_newest = senders[tls_columns(NEWEST)[0]].isna()
    row["report_count"] = int(senders["message_count"][lacks_newest].sum())
    told = with_untold(pd.DataFrame([row]), scope).iloc[0]
    row = {str(name): told[name] for name in told.index}
    return {**row, "sender_address": words("and {n} more senders", n=len(senders))}


@of_tenants
def build_report(
    engine: Engine,
    filters: Filters = ALL,
    language: str = "en",
    *,
    pseudonyms: Pseudonyms | None = None,
    everything: bool = False,
    findings: Filters | None = None,
    proved: bool = False,
) -> Report:
    """Ask everything a report shows.

    Conditions and the least number of messages settle which senders are in it; all its figures are
    of those senders. With `pseudonyms` nothing in it names a person, whatever it is written as.
    With `everything` its page opens with the domains of `filters`, and holds the others too.
    With `findings` it tells what is unusual that these filters choose: of all days loaded, where
    they choose no days; and how the sources compare. `proved`: with the rows that prove the first
    ones, and with readiness.

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
        held=_held(engine, scope),
        figures={view.name: view.ask(engine, scope) for view in registry.ON_PAGES},
        periods=messages_by_day(engine, scope),
        volume=volume_of_busiest(engine, scope, MOST_DOMAINS),
        files=files(engine),
        made_at=dt.datetime.now(dt.UTC),
        unusual=None if findings is None else unusual(engine, findings, proved=proved),
        reconciled=None if findings is None else reconciliation_told.told(engine, findings),
        tenants=None if findings is None else tenants_told.told(engine, findings),
        readiness=readiness_told.told(engine, findings)
        if findings is not None and proved
        else None,
    )
    if everything and filters.domains:
        others = build_report(engine, filters.changed(domains=()), language, pseudonyms=pseudonyms)
        report = replace(report, everything=others)
    return _pseudonymised(report, pseudonyms) if pseudonyms else report


def _held(engine: Engine, scope: Scope) -> Held:
    """Ask what a page holds; conditions on senders are of the whole range, as it first shows."""
    logs = tuple(pair for pair in scope.sources if pair[1] != "report")
    covered = covered_days(engine, replace(scope, sources=logs))
    chosen = senders(engine, scope)
    if not scope.overlapped:
        return Held(daily(engine, scope), chosen, covered)
    anyone = scope.filters.changed(min_messages=0, senders=())
    every = replace(scope, filters=anyone, counted=scope.counted + scope.overlapped)
    held, all_senders = daily(engine, every), senders(engine, every)
    if anyone != scope.filters:
        keys = set(map(_key, chosen["sender_address"]))
        held, all_senders = (
            rows[[_key(name) in keys for name in rows["sender_address"]]]
            for rows in (held, all_senders)
        )
    # How many addresses a sender used is known of all days, and shown of these alone.
    ips = dict(zip(map(_key, chosen["sender_address"]), chosen["client_ip_count"], strict=True))
    told = all_senders["sender_address"].map(_key).map(ips)
    return Held(held, all_senders.assign(client_ip_count=told), tuple(covered))


def _key(address: str) -> str:
    """Return the form addresses are compared in: days may show one sender in several ways."""
    return addresses.account(address).key


def _pseudonymised(report: Report, pseudonyms: Pseudonyms) -> Report:
    """Return a report in which every name stands for another: all its forms are made of this."""
    filters = pseudonyms.filters(report.filters)
    told = report.unusual and renamed(report.unusual, pseudonyms, report.words)
    if told:
        known = {"rules": told.filters.rules, "severities": told.filters.severities}
        filters = filters.changed(**known)
    return replace(
        report,
        filters=filters,
        scope=replace(report.scope, filters=filters, **pseudonyms.periods(report.scope)),
        senders=pseudonyms.senders(report.senders),
        held=replace(
            report.held,
            daily=pseudonyms.senders(report.held.daily),
            senders=pseudonyms.senders(report.held.senders),
        ),
        figures={name: pseudonyms.figure(rows) for name, rows in report.figures.items()},
        volume=pseudonyms.figure(report.volume),
        files=pseudonyms.files(report.files),
        unusual=told,
        reconciled=report.reconciled and reconciliation_told.renamed(report.reconciled, pseudonyms),
        tenants=report.tenants and tenants_told.renamed(report.tenants, pseudonyms),
        readiness=report.readiness
        and readiness_told.renamed(report.readiness, pseudonyms, report.words),
        pseudonyms=pseudonyms,
    )

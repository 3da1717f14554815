"""The answer `tenants`: each tenant's figures side by side, whoever needs attention first first.

Every figure is that of the same answer about this tenant alone (`--tenant`) on the same days, and
comes from the source that is chosen for it. Nothing is added up where sources differ.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from smtpauth_kit.answers.coverage import (
    loaded_periods,
    loaded_sign_ins,
    success_tellers,
)
from smtpauth_kit.answers.covered_days import loaded_days
from smtpauth_kit.answers.findings.answer import listed
from smtpauth_kit.answers.findings.rule import SEVERITIES
from smtpauth_kit.answers.of_tenants import loaded_tenants
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.burn_down import Forecast, forecast
from smtpauth_kit.answers.readiness.judging import Sender, senders_of
from smtpauth_kit.answers.readiness.kept import retirement_date
from smtpauth_kit.answers.scope import Scope, plain_rows_of, together
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.answers.telling import untold
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "tenant", "source", "first_day", "last_day", "account_count", "message_count", "message_share",
    "message_count_before", "basic_count", "oauth_count", "unknown_auth_count", "legacy_tls_count",
    "none_tls_count", "basic_senders_left", "projected_senders_left", "high_finding_count",
    "medium_finding_count", "low_finding_count",
)  # fmt: skip

_ADDED: Final = (
    "account_count", "message_count", "basic_count", "oauth_count", "unknown_auth_count",
    "legacy_tls_count", "none_tls_count",
)  # fmt: skip
_DAY: Final = dt.timedelta(days=1)


@tabled
def tenants(engine: Engine, scope: Scope) -> Rows:
    """Return what each tenant sent, what is unusual there, and who is left on Basic auth.

    Returns
    -------
    DataFrame
        One row per tenant loaded: most open findings of high severity first, then most senders left
        on the last day, then most that are left now, then most findings of medium severity.

        ======================  ==================================================================
        tenant                  the label it was loaded with; empty: files without one
        source                  where its messages are counted from (chosen for this tenant); where
                                it has sign-ins alone, theirs; None: nothing in the range
        first_day, last_day     dates: of all days loaded, of any source
        account_count           sender addresses with a message (of sign-ins: accounts with a
                                success); message_count: messages of the range; None: no source
                                says anything of the range
        message_share           of the messages of all rows, 0 to 1; None where these are not of
                                one source (see `total`)
        message_count_before    messages of as many days before, by the same source; None where not
                                every day of both is loaded
        basic_count             messages with Basic auth; oauth_count, unknown_auth_count alike.
                                None where none states either
        legacy_tls_count        messages over TLS 1.0 or 1.1; None where none states its version
        none_tls_count          messages without TLS; None where the source cannot tell
        basic_senders_left      senders that still use Basic auth; projected_senders_left: on the
                                day of retirement, as burn-down has it: of every day loaded up to
                                the range's end. None where no source tells the authentication
        high_finding_count      findings of the range that nobody has acknowledged or allowed, by
                                severity (medium_…, low_… alike); None where senders are chosen by
                                their counts, which findings are not
        ======================  ==================================================================

    Raises
    ------
    UsageError
        The filters ask for days of another zone.

    Examples
    --------
    >>> rows = tenants(store, tenants_scope(store))
    >>> rows[["tenant", "source", "account_count", "basic_count"]].values.tolist()
    [['', 'submission_log', 2, 2]]
    """
    rows = _rows(engine, scope)
    return Rows.of_records(COLUMNS, sorted(rows, key=_attention))


def tenants_scope(engine: Engine, filters: Filters = ALL) -> Scope:
    """Return the scope of the overview: every day loaded, where no days are asked for.

    Raises
    ------
    UsageError
        The filters ask for days of another zone, or do not fit (see `settle_scope`).

    Examples
    --------
    >>> scope = tenants_scope(store)
    >>> scope.start, scope.end
    (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    """
    if filters.timezone != "UTC":
        raise UsageError(
            "Tenants are compared in days of UTC, as findings and readiness are: leave {option} "
            "out.",
            option="--timezone",
        )
    scope = settle_scope(engine, filters)
    if filters.start or scope.oldest is None or scope.end is None:
        return scope
    last = filters.end or filters.as_of or scope.newest
    first = min(scope.oldest, last) if last else scope.oldest
    return settle_scope(engine, filters.changed(start=first, end=last, as_of=None))


def beside_tenants(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the rows: retirement_date, total, statement.

    total: the sums of all rows, by the names of their columns; None where the tenants' messages
    come from different sources: those count different things. Of a figure that some row cannot tell
    it is None.
    """
    rows = _rows(engine, scope)
    total, named = _total(rows), {row["source"] for row in rows if row["message_count"]}
    text = Sentence("{n} {n:tenant|tenants}.", n=len(rows))
    if total is None and len(named) > 1:
        text = Sentence(
            "{n} {n:tenant|tenants}. Their messages come from different sources, so nothing is "
            "added up.",
            n=len(rows),
        )
    return {"retirement_date": retirement_date(engine), "total": total, "statement": text}


# --- the rows -------------------------------------------------------------------------------------


def _rows(engine: Engine, scope: Scope) -> list[dict[str, Any]]:
    key = ("tenants", repr(scope.filters), str(scope.start), str(scope.end))
    return engine.found_once(key, lambda: _find(engine, scope))


def _find(engine: Engine, scope: Scope) -> list[dict[str, Any]]:
    sent, before = _sent(engine, scope), _before(engine, scope)
    days, left, unusual = _days(engine), _left(engine, scope), _unusual(engine, scope)
    rows = []
    for tenant in loaded_tenants(engine):
        figures = sent.get(tenant, dict.fromkeys(("source", *_ADDED)))
        first, last = days.get(tenant, (None, None))
        found = left.get(tenant)
        rows.append({
            "tenant": tenant,
            "first_day": first,
            "last_day": last,
            **figures,
            "message_share": None,
            "message_count_before": before.get(tenant),
            "basic_senders_left": found and found.left,
            "projected_senders_left": found and found.projected,
            **{
                f"{severity}_finding_count": None if unusual is None else unusual[tenant, severity]
                for severity in SEVERITIES
            },
        })  # fmt: skip
    total = (_total(rows) or {}).get("message_count")
    for row in rows:
        if total and row["message_count"] is not None:
            row["message_share"] = row["message_count"] / total
    return rows


def _attention(row: Mapping[str, Any]) -> tuple[Any, ...]:
    names = (
        "high_finding_count", "projected_senders_left", "basic_senders_left",
        "medium_finding_count", "message_count",
    )  # fmt: skip
    return (*(-(row[name] or 0) for name in names), row["tenant"])


def _total(rows: Sequence[Mapping[str, Any]]) -> dict[str, int | None] | None:
    """Return the sums of all rows; None where they are not of one source."""
    counted = [row for row in rows if row["message_count"] is not None]
    if len({row["source"] for row in counted}) != 1:
        return None
    return {
        name: None if None in (cells := [row[name] for row in counted]) else sum(cells)
        for name in _ADDED
    }


def _sent(engine: Engine, scope: Scope) -> dict[str, dict[str, Any]]:
    """Return source and figures of each tenant's messages; of one with sign-ins alone, theirs."""
    covered = loaded_days(engine, replace(scope, accounts_from="submissions"))
    told = {row["tenant"]: row for row in plain_rows_of(engine, "tenants", scope).records()}
    sent: dict[str, dict[str, Any]] = {}
    inside = _inside(engine, scope)
    for tenant in {tenant for tenant, _ in scope.sources}:
        own = tuple(pair for pair in scope.sources if pair[0] == tenant)
        row = told.get(tenant) or dict.fromkeys((*_ADDED, "unknown_tls_count"), 0)
        if covered.get(tenant):
            lacking = untold(engine, own, inside.get(tenant, ()))
            source = together(source for _, source in own)
            sent[tenant] = {"source": source, **_told(row, lacking)}
    counts_messages = {each.tenant for each in loaded_periods(engine, scope.filters)[0]}
    for row in plain_rows_of(engine, "tenants_signed_in", scope).records():
        if row["tenant"] not in counts_messages:
            sent[row["tenant"]] = _signed_in(engine, scope, row)
    return sent


def _inside(engine: Engine, scope: Scope) -> dict[str, list[Period]]:
    """Return the days and periods of the range that count, by tenant."""
    start, end = scope.start or dt.date.max, scope.end or dt.date.min
    periods, _ = loaded_periods(engine, scope.filters)
    inside: dict[str, list[Period]] = {}
    for each in periods:
        if each.is_within(start, end) and (each.source != "report" or each in scope.counted):
            inside.setdefault(each.tenant, []).append(each)
    return inside


def _told(row: Mapping[str, Any], lacking: frozenset[str]) -> dict[str, Any]:
    """Return a tenant's figures with None for what its messages cannot tell, as `untold` has it."""
    total = row["message_count"]
    no_auth = total > 0 and row["unknown_auth_count"] == total
    no_tls = total > 0 and row["unknown_tls_count"] == total
    may_be_clear = "none" in lacking and row["unknown_tls_count"] and not row["none_tls_count"]
    untold_names = {
        *(("basic_count", "oauth_count") if no_auth else ()),
        *(("legacy_tls_count", "none_tls_count") if no_tls else ()),
        *(("none_tls_count",) if may_be_clear else ()),
    }
    return {name: None if name in untold_names else row[name] for name in _ADDED}


def _signed_in(engine: Engine, scope: Scope, row: Mapping[str, Any]) -> dict[str, Any]:
    source = together(s for tenant, s in scope.sign_in_sources if tenant == row["tenant"])
    count = row["account_count"]
    is_told = count or source != "server_log" or source in success_tellers(engine)
    figures = dict.fromkeys(_ADDED) | {"account_count": count if is_told else None}
    return {"source": source, **figures}


def _days(engine: Engine) -> dict[str, tuple[dt.date, dt.date]]:
    """Return the first and last day of each tenant; ahead of the clock if there are no others."""
    periods, ahead = loaded_periods(engine, ALL)
    sign_ins, sign_ins_ahead = loaded_sign_ins(engine, ALL)
    spans = [(p.tenant, p.start, p.end, p.end in ahead) for p in periods]
    spans += [(d.tenant, d.day, d.day, d.day in sign_ins_ahead) for d in sign_ins]
    days: dict[str, tuple[dt.date, dt.date]] = {}
    for late in (False, True):
        usual = set(days)
        for tenant, start, end, is_ahead in spans:
            if is_ahead is late and tenant not in usual:
                first, last = days.get(tenant, (start, end))
                days[tenant] = min(first, start), max(last, end)
    return days


def _before(engine: Engine, scope: Scope) -> dict[str, int]:
    """Return each tenant's messages of as many days before, where both are told by one source."""
    start, end = scope.before_start, scope.before_end
    if start is None or end is None or scope.end is None:
        return {}
    dates = {"start": start, "end": end, "as_of": None}
    earlier = settle_scope(engine, scope.filters.changed(**dates))
    counts = {
        row["tenant"]: row["message_count"]
        for row in plain_rows_of(engine, "tenants", earlier).records()
    }
    wanted = {start + n * _DAY for n in range((scope.end - start).days + 1)}
    was, is_now = loaded_days(engine, earlier), loaded_days(engine, scope)
    return {
        tenant: counts.get(tenant, 0)
        for tenant in was
        if _pairs(earlier, tenant) == _pairs(scope, tenant)
        and wanted <= was[tenant] | is_now.get(tenant, set())
    }


def _pairs(scope: Scope, tenant: str) -> set[tuple[str, str]]:
    return {pair for pair in scope.sources if pair[0] == tenant}


def _left(engine: Engine, scope: Scope) -> dict[str, Forecast]:
    """Return who is left on Basic auth, by tenant, where a source tells the authentication."""
    if scope.end is None:
        return {}
    asked = scope.filters.changed(start=None, end=scope.end, as_of=None)
    ready, retirement = readiness_scope(engine, asked), retirement_date(engine)
    if ready.start is None or ready.end is None:
        return {}
    by_tenant: dict[str, list[Sender]] = {}
    for sender in senders_of(engine, ready):
        by_tenant.setdefault(sender.tenant, []).append(sender)
    covered = loaded_days(engine, ready)
    found = {}
    for tenant, own in by_tenant.items():
        days = {day for day in covered.get(tenant, ()) if day >= ready.start}
        if any(s.figures["unknown_auth_count"] < s.figures["message_count"] for s in own):
            found[tenant] = forecast(own, ready.end, len(days), retirement)
    return found


def _unusual(engine: Engine, scope: Scope) -> Counter[tuple[str, str]] | None:
    """Return how many findings of each tenant and severity are new; None: they cannot be asked."""
    filters = scope.filters
    if filters.min_messages or filters.senders:
        return None
    asked = Filters(
        start=scope.start, end=scope.end, source=filters.source,
        domains=filters.domains, sender=filters.sender, state="new",
    )  # fmt: skip
    return Counter((each.tenant, each.severity) for each, _ in listed(engine, asked))

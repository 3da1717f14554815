"""What is loaded: the days and periods of each source, and what its exports can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.kept_days import are_spans_kept
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows


class Told(NamedTuple):
    """What a source ever says of a message."""

    none: bool = False
    """That it went without TLS; where no message says so, no TLS cannot be told from unknown."""
    client_ip: bool = False
    recipients: bool = False


@dataclass(frozen=True)
class SignInDay:
    """How often somebody tried to sign in on a day, as one source tells."""

    source: str
    tenant: str
    day: dt.date
    attempt_count: int


def loaded_periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    """Return every day and period loaded, and those days that lie ahead of the clock."""
    key = ("periods", filters.timezone)
    return engine.found_once(key, lambda: _find_periods(engine, filters))


def _find_periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    rows = engine.rows(*statement("coverage", filters, {"timezone": filters.timezone}))
    periods = [
        Period(source, tenant, start, end, int(count), int(auth_known), int(tls_known))
        for source, tenant, start, end, _, count, auth_known, tls_known in rows
    ]
    ahead = {p.end for p, late in zip(periods, rows["ahead_of_clock"], strict=True) if late}
    return periods, ahead


def loaded_sign_ins(engine: Engine, filters: Filters) -> tuple[list[SignInDay], set[dt.date]]:
    """Return the sign-ins of every day loaded, and those days that lie ahead of the clock."""
    key = ("sign_in_days", filters.timezone)
    return engine.found_once(key, lambda: _find_sign_ins(engine, filters))


def _find_sign_ins(engine: Engine, filters: Filters) -> tuple[list[SignInDay], set[dt.date]]:
    rows = engine.rows(*statement("sign_in_coverage", filters, {"timezone": filters.timezone}))
    days = [SignInDay(source, tenant, day, int(count)) for source, tenant, day, _, count in rows]
    return days, {row.day for row in rows.named() if row.ahead_of_clock}


def told_by(engine: Engine) -> Mapping[tuple[str, str], Told]:
    """Return what each source of each tenant ever says of a message."""
    return engine.found_once(("told_columns",), lambda: _find_told(engine))


def _find_told(engine: Engine) -> dict[tuple[str, str], Told]:
    rows = _of_all_days(engine, "told_columns")
    return {
        (tenant, source): Told(bool(none), bool(client_ip), bool(recipients))
        for source, tenant, none, client_ip, recipients in rows
    }


def _of_all_days(engine: Engine, name: str) -> Rows:
    """Return what all days tell: from what the store keeps of each sixty days, where it does."""
    return engine.rows(*statement(f"{name}_kept" if are_spans_kept(engine) else name))


def are_apart(engine: Engine, tenant: str, one: str, other: str) -> bool:
    """Tell whether two sources of a tenant have no sender and no message in common, ever."""
    key = ("apart", tenant, *sorted((one, other)))
    return engine.found_once(key, lambda: _find_apart(engine, tenant, one, other))


def _find_apart(engine: Engine, tenant: str, one: str, other: str) -> bool:
    named = {"tenant": tenant, "one": one, "other": other}
    row = engine.rows(*statement("shared_senders", params=named)).first()
    return not row["sender_count"] and not row["id_count"]


def first_and_last(engine: Engine) -> Mapping[tuple[str, str], tuple[dt.datetime, dt.datetime]]:
    """Return when the first and the last message of each tenant and source was, in UTC."""
    return engine.found_once(("first_and_last",), lambda: _find_first_and_last(engine))


def _find_first_and_last(
    engine: Engine,
) -> dict[tuple[str, str], tuple[dt.datetime, dt.datetime]]:
    rows = _of_all_days(engine, "first_and_last")
    return {(tenant, source): (first, last) for tenant, source, first, last in rows}


def lacks_hub_log(engine: Engine) -> bool:
    """Tell whether receive logs are loaded for a tenant that all together count no message."""
    return engine.found_once(
        ("lacks_hub_log",), lambda: len(engine.rows(*statement("lone_front_ends"))) > 0
    )


def what_is_not_told(engine: Engine, source: str | None) -> tuple[str, ...]:
    """Return what none of the formats loaded for a source says."""
    said = _phrases(engine, source)
    return tuple(p for p in (said[0] if said else ()) if all(p in phrases for phrases in said))


def not_always_told(engine: Engine, source: str) -> frozenset[str]:
    """Return what at least one file of a source does not say."""
    return frozenset(phrase for phrases in _phrases(engine, source) for phrase in phrases)


def _phrases(engine: Engine, source: str | None) -> list[list[str]]:
    """Return what the files of a source do not say, as each format and its columns have it."""
    named = {"source": source or ""}

    def find() -> list[list[str]]:
        rows = engine.rows(*statement("cannot_tell", params=named))
        return [*map(list, rows["cannot_tell"])]

    return engine.found_once(("cannot_tell", source or ""), find)


def success_tellers(engine: Engine) -> frozenset[str]:
    """Return the sources that say of any sign-in that it succeeded."""
    return engine.found_once(
        ("success_tellers",),
        lambda: frozenset(engine.rows(*statement("success_tellers"))["source"]),
    )


def names_accounts(engine: Engine) -> frozenset[str]:
    """Return the sources that say who authenticated."""
    return engine.found_once(
        ("names_accounts",),
        lambda: frozenset(_of_all_days(engine, "account_tellers")["source"]),
    )


def auth_tellers(engine: Engine) -> frozenset[str]:
    """Return the sources that say of a message whether it was Basic auth or OAuth."""
    return engine.found_once(
        ("auth_told",), lambda: frozenset(engine.rows(*statement("auth_tellers"))["source"])
    )

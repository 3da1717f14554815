"""The answer `reconciliation`: what each source counts of a sender, and why they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from smtpauth_kit.answers.composing import used
from smtpauth_kit.answers.found_last import found_last
from smtpauth_kit.answers.reconciliation.periods import compared_sources, named_days, spans
from smtpauth_kit.answers.reconciliation.reasons import reasons_of
from smtpauth_kit.answers.reconciliation.relations import reconciliation_sql
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.names import SUBMISSION_SOURCES
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "sender_address", "period_start", "period_end", "counts", "sign_in_count", "difference",
    "reasons", "unexplained", "tenant",
)  # fmt: skip


@tabled
def reconciliation(engine: Engine, scope: Scope) -> Rows:
    """Compare what the sources count of each sender, and say why they disagree.

    A period is that of a report that counts; for a tenant without one, the days from the first to
    the last that two of its sources cover. A source speaks in a period when a file of it covers a
    day of it: of a sender that it does not name it counts 0.

    Returns
    -------
    DataFrame
        One row per sender and period in which two or more sources speak, the one with most that is
        unexplained first, with `COLUMNS`: sender_address (as it came); period_start, period_end
        (dates, both included); counts (messages by source); sign_in_count (successful sign-ins of
        the account of that address; None where not every day of the period is loaded from a source
        of sign-ins); difference (largest less smallest count); reasons (each with code, explains:
        messages of the difference, and an English sentence); unexplained (what they leave, 0 or
        more); tenant. Empty where no two sources speak of the same days.

    Examples
    --------
    >>> from smtpauth_kit.answers.reconciliation import reconciled_scope
    >>> len(reconciliation(store, reconciled_scope(store, Filters())))
    0
    """
    asked = reconciliation_statement(engine, scope)
    if asked is None:
        return Rows.of_records(COLUMNS, ())
    found = found_last(engine, ("reconciliation",), asked, lambda: _compared(engine, *asked))
    return found.with_column("counts", map(dict, found["counts"])).with_column(
        "reasons", ([*map(dict, each)] for each in found["reasons"])
    )


def _compared(engine: Engine, sql: str, params: Mapping[str, Any]) -> Rows:
    """Return the rows of the answer, in their order."""
    rows = [_told(row) for row in engine.rows(sql, params).records()]
    rows.sort(
        key=lambda r: (
            -r["unexplained"],
            -r["difference"],
            r["sender_address"],
            r["period_start"],
            r["period_end"],
            r["tenant"],
        )
    )
    return Rows.of_records(COLUMNS, rows)


def reconciliation_statement(engine: Engine, scope: Scope) -> tuple[str, dict[str, Any]] | None:
    """Return the complete SQL of the answer and its parameters; None: nothing can be compared."""
    periods = spans(engine, scope)
    if not periods:
        return None
    params = {
        **scope.params(),
        "days": named_days(periods),
        "compared": list(compared_sources(scope.filters)),
        "seeing": _seeing(engine),
        "min_messages": scope.filters.min_messages,
    }
    return used(reconciliation_sql(scope.filters), params)


def _seeing(engine: Engine) -> list[str]:
    """Return the sources that tell of messages their ids and their clients, as TENANT|SOURCE."""
    sql = (
        "select tenant, source\nfrom submissions\nwhere superseded_by is null\n"
        "group by tenant, source\n"
        "having bool_or(message_id <> '') and bool_or(client_ip <> '')"
    )
    rows = engine.found_once(("seeing",), lambda: engine.rows(sql))
    return [f"{tenant}|{source}" for tenant, source in rows]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    reasons = reasons_of(row)
    return {
        "sender_address": row["sender_address"],
        "period_start": row["period_start"],
        "period_end": row["period_end"],
        "counts": {s: int(row[s]) for s in SUBMISSION_SOURCES if row[s] is not None},
        "sign_in_count": row["sign_in_count"],
        "difference": int(row["difference"]),
        "reasons": [reason.as_dict() for reason in reasons],
        "unexplained": int(row["difference"]) - sum(reason.explains for reason in reasons),
        "tenant": row["tenant"],
    }

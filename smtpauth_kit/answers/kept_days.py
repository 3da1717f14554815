"""The days that a store keeps added up: by what names, and whether they are those of its facts."""

from __future__ import annotations

from typing import Final

from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine

KEPT: Final = {
    "place_days": "daily_by_place",
    "hour_days": "daily_by_hour",
    "recipient_days": "daily_by_recipient_domain",
}
"""Relations that a store keeps, of all its sources, and the tables that it keeps them in."""

SIGN_INS_KEPT: Final = {"attempt_days": "daily_by_attempt"}
"""The same of sign-ins; in a store of one file alone, as `SPANS` are."""

SPANS: Final = {
    "place_spans": "span_by_place",
    "hour_spans": "span_by_hour",
    "recipient_spans": "span_by_recipient_domain",
    "attempt_spans": "span_by_attempt",
}
"""What these add up to in each sixty days, and the tables that it is kept in: a load of a day
changes one span, and what is learned from all days is added up from few rows."""


def are_kept(engine: Engine) -> bool:
    """Tell whether the store keeps its days for the rules, all of them as they are now."""
    there = engine.has_tables(*KEPT.values(), "changed_periods")
    return there and not len(engine.rows(sql_text("uncounted_days", "answers/findings")))


def are_spans_kept(engine: Engine) -> bool:
    """Tell whether the store keeps, beside its days, what they add up to, as they are now.

    Days and spans are written together: where its spans are those of the facts, its days are.
    """
    tables = (*KEPT.values(), *SIGN_INS_KEPT.values(), *SPANS.values(), "changed_periods")

    def find() -> bool:
        there = engine.has_tables(*tables)
        return there and not len(engine.rows(sql_text("uncounted_spans", "answers/findings")))

    return engine.found_once(("spans_kept",), find)

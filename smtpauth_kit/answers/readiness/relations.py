"""What readiness reads: each sender's rows by the one source that tells of it.

Each relation is a whole SELECT, `inputs/NAME.sql`; those that a statement reads are written in
front of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from textwrap import indent
from typing import Any, Final

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.composing import complete, used
from smtpauth_kit.answers.readiness.days import DAY
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

FOLDER: Final = "answers/readiness"

RECENT_DAYS: Final = 30
"""Whether a sender has moved is told by so many days."""


def rows_of(engine: Engine, name: str, scope: Scope, **more: Any) -> Rows:
    """Return the rows of a statement of readiness in a scope; `more` are parameters of its own."""
    return engine.rows(*statement(name, scope, **more))


_AS_KEPT: Final = ("sent_places", "sent_to", "sent_peaks", "used_accounts", "failed_accounts")
"""Relations that a store that keeps its days for the rules need not look at messages for."""


def statement(
    name: str, scope: Scope, *, as_kept: bool = False, of_few: bool = False, **more: Any
) -> tuple[str, dict[str, Any]]:
    """Return a complete statement of readiness, and those of the parameters that it uses.

    `as_kept`: what messages tell is read from what the store keeps of days and spans. `of_few`: no
    rows are read but those of the senders in $keys, of whom each is told by their own rows.

    Examples
    --------
    >>> text, params = statement("burn_down", settle_scope(store, about="authentication"))
    >>> store.run(text, params)["basic_message_count"].tolist()
    [2]
    """
    known = relations(scope.filters, "sender_key in (select unnest($keys))" if of_few else "")
    if as_kept:
        known = {**known, **{name: known[f"{name}_kept"] for name in _AS_KEPT}}
    text = complete(sql_text(name, FOLDER), known)
    others = scope.filters.source == "auto"
    params = {
        **scope.params(),
        "others": others,
        "recent_start": _days_back(scope.end),
        "first_before": _days_back(scope.start),
        **more,
    }
    return used(text, params)


def _days_back(day: dt.date | None) -> dt.date:
    """Return the first of the RECENT_DAYS that end on a day."""
    back = (RECENT_DAYS - 1) * DAY
    return day - back if day and day - dt.date.min > back else dt.date.max


def relations(filters: Filters = ALL, of: str = "") -> Mapping[str, str]:
    """Return the SELECT of each relation, under the filters that choose senders.

    `ready_rows` and `ready_messages` are of the senders that meet every condition; `of` is one that
    only some senders meet.
    """
    asked = [field.of_messages for field, _ in filters.asked() if field.of_messages]
    asked += [of] if of else []
    texts = _texts()
    having = sender_conditions.having(filters)
    chosen = (
        ["(tenant, sender_key) in (select tenant, sender_key from ready_senders)"]
        if having.sql
        else []
    )
    joined = "\nleft join every_client using (tenant, sender_key)" if having.needs_clients else ""
    joined += "\nleft join every_end using (tenant, sender_key)" if having.needs_ever_seen else ""
    return {
        **texts,
        "asked_counts": _where(texts["asked_counts"], asked),
        "ready_rows": _where("select * from every_row", chosen),
        "ready_messages": _where("select * from every_message", chosen),
        "ready_senders": f"select tenant, sender_key\nfrom every_row{joined}\n"
        f"group by tenant, sender_key, sender_domain\nhaving {having.sql or 'true'}",
    }


def _where(rows: str, conditions: Iterable[str]) -> str:
    if not (asked := list(conditions)):
        return rows
    return f"select *\nfrom (\n{indent(rows, '    ')}\n) as facts\nwhere " + "\n    and ".join(
        asked
    )


@cache
def _texts() -> Mapping[str, str]:
    folder = files("smtpauth_kit").joinpath(*FOLDER.split("/"), "inputs")
    names = sorted(each.name.removesuffix(".sql") for each in folder.iterdir())
    return {name: _body(sql_text(name, f"{FOLDER}/inputs")) for name in names}


def _body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()

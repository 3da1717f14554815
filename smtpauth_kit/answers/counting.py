"""Which rows a query of a person's own adds up: those that count where nobody chooses anything.

A store holds what several sources say of the same mail, and reports of overlapping periods, so a
plain sum over its tables is too high. The tables that `store.sql` shows under their own names hold
the rows that count under source `auto` for all days loaded together: a sum over one of them is what
`show insight` says of those days. All rows stand in the same table with `all_` before its name,
each with whether it counts and why not. Which source counts is decided once for all days loaded,
not anew for each query's days: an answer about fewer days may choose another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smtpauth_kit.answers.choosing import Sources
from smtpauth_kit.answers.coverage import loaded_periods, loaded_sign_ins
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.answers.scope import TOGETHER
from smtpauth_kit.answers.settling import choose, choose_sign_in_sources
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL
from smtpauth_kit.base.names import SOURCES
from smtpauth_kit.store.database import literal
from smtpauth_kit.store.engine import Engine

OTHER_SOURCE: Final = "another source counts"
OTHER_PERIOD: Final = "another report period counts"
OTHER_FILE: Final = "another file counts"


@dataclass(frozen=True)
class WhatCounts:
    """The sources and report periods that count for all days loaded."""

    sources: Sources
    sign_in_sources: Sources
    periods: tuple[Period, ...]
    """Of reports."""

    def conditions(self) -> Mapping[str, str]:
        """Return for each table the SQL that a row of it counts: quicker than that no reason is.

        Examples
        --------
        >>> one = WhatCounts((("", "server_log"),), (), ())
        >>> print(one.conditions()["submissions"])
        superseded_by is null and (tenant = '' and source = 'server_log')
        >>> one.conditions()["sign_ins"]
        'false'
        """
        messages = _is_one_of(self.sources)
        if any(source == "report" for _, source in self.sources):
            messages = f"{messages} and not ({self._is_other_period()})"
        return {
            "submissions": f"superseded_by is null and {messages}",
            "daily_by_sender": messages,
            "sign_ins": _is_one_of(self.sign_in_sources),
        }

    def reasons(self) -> Mapping[str, str]:
        """Return for each table the SQL of why a row of it does not count; null: it counts.

        Examples
        --------
        >>> one = WhatCounts((("", "server_log"),), (), ())
        >>> print(one.reasons()["daily_by_domain"])
        case when not (tenant = '' and source = 'server_log') then 'another source counts' end
        """
        messages = [(self._is_other_source(self.sources), OTHER_SOURCE)]
        if any(source == "report" for _, source in self.sources):
            messages.append((self._is_other_period(), OTHER_PERIOD))
        superseded = ("superseded_by is not null", OTHER_FILE)
        sign_ins = [(self._is_other_source(self.sign_in_sources), OTHER_SOURCE)]
        return {
            "submissions": _case([superseded, *messages]),
            "daily_by_sender": _case(messages),
            "daily_by_domain": _case(messages),
            "sign_ins": _case(sign_ins),
        }

    @staticmethod
    def _is_other_source(chosen: Sources) -> str:
        return f"not {_is_one_of(chosen)}"

    def _is_other_period(self) -> str:
        counted = (f"({literal(p.tenant)}, date '{p.start}', date '{p.end}')" for p in self.periods)
        period = "(tenant, period_start, period_end)"
        return f"source = 'report' and {period} not in ({', '.join(counted)})"


def what_counts(engine: Engine) -> WhatCounts:
    """Return what counts for all days loaded; it is found out once for each state of the store.

    Examples
    --------
    >>> what_counts(store).sources
    (('', 'submission_log'),)
    """
    return engine.found_once(("what_counts",), lambda: _find(engine))


def of_sources(engine: Engine, source: str) -> WhatCounts:
    """Return what counts for all days loaded of one source, or of several with + between them.

    Raises
    ------
    UsageError
        There is no such source.
    """
    allowed = source.split(TOGETHER)
    if not set(allowed) <= set(SOURCES):
        raise UsageError(
            "There is no source {source}. Expected auto, {known}.",
            source=repr(source),
            known=SOURCES,
        )
    return engine.found_once(("what_counts", source), lambda: _find(engine, allowed))


def _find(engine: Engine, allowed: Sequence[str] = SOURCES) -> WhatCounts:
    periods, _ = loaded_periods(engine, ALL)
    sign_ins, _ = loaded_sign_ins(engine, ALL)
    chosen = choose(engine, periods, allowed)
    of_sign_ins = [each for each in sign_ins if each.source in allowed]
    return WhatCounts(
        chosen.sources, choose_sign_in_sources(of_sign_ins, allowed), tuple(chosen.counted)
    )


def _is_one_of(chosen: Sources) -> str:
    same = (f"tenant = {literal(tenant)} and source = {literal(s)}" for tenant, s in chosen)
    # In brackets, Spark takes `where (false)` for another name of the table and its columns.
    return f"({' or '.join(same)})" if chosen else "false"


def _case(reasons: Iterable[tuple[str, str]]) -> str:
    whens = (f"when {condition} then {literal(reason)}" for condition, reason in reasons)
    return f"case {' '.join(whens)} end"


def reasons(engine: Engine) -> Mapping[str, str]:
    """Return :meth:`WhatCounts.reasons` for the store as it is now."""
    return what_counts(engine).reasons()

"""Judge all facts by all rules: which rows each finds, and which rules cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from smtpauth_kit.answers.composing import used
from smtpauth_kit.answers.counting import WhatCounts
from smtpauth_kit.answers.findings.incidents import ranked
from smtpauth_kit.answers.findings.inputs import Inputs, told
from smtpauth_kit.answers.findings.joining import Finding, join
from smtpauth_kit.answers.findings.rule import RULES, Rule
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "tenant", "subject_kind", "subject", "first_seen", "last_seen", "measured", "expected",
    "evidence_count", "score",
)  # fmt: skip
"""What every rule's statement returns; there may be `severity`, `anchor`, `apart`, `is_day` and
`accounts`."""


@dataclass(frozen=True)
class Judged:
    """What all rules found in all facts."""

    findings: tuple[Finding, ...]
    """The one to look at first, first."""
    not_checked: tuple[tuple[str, tuple[str, ...]], ...]
    """Rules that could not be asked, each with what no source tells."""


class _Steps:
    """Tells what share is done of relations and rules, of which some may not be needed."""

    def __init__(self, tell: Callable[[float], None], expected: int) -> None:
        self._tell, self._expected, self._done = tell, expected, 0
        tell(0.0)

    def expect(self, more: int) -> None:
        self._expected += more

    def one_more(self) -> None:
        self._done += 1
        self._tell(min(self._done / self._expected, 1.0))


def judge(
    engine: Engine,
    counts: WhatCounts | None = None,
    tell: Callable[[float], None] = lambda share: None,
    rules: Iterable[Rule] = (*RULES.values(),),
) -> Judged:
    """Judge what counts of all days loaded.

    Parameters
    ----------
    counts
        The rows that count; None: those under source auto.
    tell
        Hears what share is done, 0 to 1; what it raises ends the work.
    rules
        Those to ask: of fewer, less is prepared.

    Examples
    --------
    >>> judged = judge(store)
    >>> judged.findings, judged.not_checked[0]
    ((), ('volume_spike', ('days_of_messages',)))
    """
    asked = (*rules,)
    with engine.asking() as session:
        steps = _Steps(tell, len(asked))
        inputs = Inputs(session, counts, steps.one_more)
        steps.expect(len(inputs.relations))
        if session.keeps_tables:
            inputs.shorten()
        met = told(inputs, session, {need for rule in asked for need in rule.needs})
        findings: list[Finding] = []
        not_checked = []
        for rule in asked:
            if lacking := tuple(need for need in rule.needs if not met[need]):
                not_checked.append((rule.name, lacking))
            else:
                rows = found_by(rule, inputs, session)
                findings += join(rule, rows, inputs.sources, inputs.sign_in_sources)
            steps.one_more()
    tell(1.0)
    return Judged(tuple(ranked(findings)), tuple(not_checked))


def unmet_needs(
    engine: Engine, counts: WhatCounts | None = None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the rules that cannot be asked of what counts, each with what no source tells.

    >>> unmet_needs(store) == judge(store).not_checked
    True
    """
    inputs = Inputs(engine, counts)
    met = told(inputs, engine, {need for rule in RULES.values() for need in rule.needs})
    lacking = ((r.name, tuple(need for need in r.needs if not met[need])) for r in RULES.values())
    return tuple((name, needs) for name, needs in lacking if needs)


def found_by(rule: Rule, inputs: Inputs, session: Engine) -> Rows:
    """Return the rows that one rule finds."""
    settings = rule.parameters()
    if session.keeps_tables:
        inputs.make_for(rule.sql, settings)
    text, params = used(inputs.complete(rule.sql), settings)
    return session.rows(text, params)

"""Findings in a notebook: a table of what to look at first, and how to say what was done of it."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.findings import answer, states
from smtpauth_kit.answers.findings.evidence import Evidence, evidence, find
from smtpauth_kit.answers.findings.incidents import Incident, incidents
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import speak

if TYPE_CHECKING:
    import pandas as pd

_HEADS: Final = {
    "severity": "Severity", "rule": "Rule", "subject": "Subject", "sentence": "What happened",
    "first_seen": "First seen", "last_seen": "Last seen", "state": "State",
}  # fmt: skip

_CALLED: Final = {
    "high": "High", "medium": "Medium", "low": "Low",
    "new": "New", "acknowledged": "Acknowledged", "allowed": "Allowed",
}  # fmt: skip
"""Keys of the words for severities and states."""


class FindingsTable:
    """What is unusual, the one to look at first, first. Shows itself as a table.

    Examples
    --------
    >>> shown = FindingsTable(store)
    >>> len(shown.rows), len(shown.incidents), shown.not_checked[0]["rule"]
    (0, 0, 'volume_spike')
    """

    def __init__(
        self, store: Engine, filters: Filters | None = None, language: str | None = None
    ) -> None:
        self._store, self.filters = store, filters or Filters()
        self._words = speak(language)

    @property
    def rows(self) -> pd.DataFrame:
        """One row per finding that the filters choose, as `smtpauth show findings` has them."""
        import pandas as pd

        chosen = answer.listed(self._store, self.filters)
        rows = [answer.row_of(f, state, sentence(f, self._words)) for f, state in chosen]
        return pd.DataFrame(rows, columns=list(answer.COLUMNS), dtype=object)

    @property
    def incidents(self) -> list[Incident]:
        """Findings about one account, close in time, as one, the one to look at first, first."""
        chosen = {f.incident_id for f, _ in answer.listed(self._store, self.filters)}
        found = incidents(answer.judged(self._store, self.filters).findings)
        return [incident for incident in found if incident.incident_id in chosen]

    @property
    def not_checked(self) -> list[dict[str, Any]]:
        """Rules that could not be asked: rule, needs, and why in words."""
        return answer.not_checked(self._store, self.filters, self._words.language)

    def evidence(self, finding_id: str) -> Evidence:
        """Return the rows that prove a finding; errors as for `answers.findings.evidence`."""
        return evidence(self._store, finding_id, self.filters)

    def acknowledge(self, finding_id: str, note: str) -> None:
        """Keep that somebody looked at a finding, with a note; an empty one takes it back."""
        states.acknowledge(self._place, find(self._store, finding_id).finding_id, note)

    def allow(self, rule: str, subject: str, note: str, until: dt.date | None = None) -> None:
        """Keep that what a rule finds about a subject is meant to be; empty note: take it back."""
        states.allow(self._place, rule, subject, note, until)

    @property
    def _place(self) -> SettingsPlace:
        if self._store.settings_place is None:
            raise StoreError("There is no file of settings where this could be kept.")
        return self._store.settings_place

    def __repr__(self) -> str:
        rows = self.rows[list(_HEADS)]
        return rows.to_string(index=False) if len(rows) else self._nothing()

    def _nothing(self) -> str:
        return self._words("Nothing unusual was found.")

    def _repr_html_(self) -> str:
        words = self._words
        rows = self.rows
        heads = "".join(f"<th>{escape(words(text))}</th>" for text in _HEADS.values())
        body = "".join(self._row(row) for row in rows.to_dict("records"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        lacking = "".join(
            f"<li>{escape(answer.rule_texts(each['rule'], words.language)['title'])}: "
            f"{escape(each['why'])}</li>"
            for each in self.not_checked
        )
        unchecked = f"<p>{escape(words('Not checked'))}:</p><ul>{lacking}</ul>" if lacking else ""
        shown = table if len(rows) else f"<p>{escape(self._nothing())}</p>"
        return f'<div class="smtpauth-findings">{shown}{unchecked}</div>'

    def _row(self, row: dict[Any, Any]) -> str:
        title = answer.rule_texts(row["rule"], self._words.language)["title"]
        severity = self._words(_CALLED[row["severity"]])
        state = self._words(_CALLED[row["state"]])
        shown = {**row, "rule": title, "severity": severity, "state": state}
        cells = (escape(show_invisible(_text(shown[name]))) for name in _HEADS)
        return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _text(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, dt.datetime) else str(value)

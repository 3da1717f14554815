"""What a report tells of readiness: who stops, a switch-off, the weeks; with pseudonyms, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.base.filter_fields import FilterField
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.sentences import Sentence, Value
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.unusual import of_findings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import readiness
from smtpauth_kit.views.readiness import Ready
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Told:
    """Readiness, as one report tells it."""

    ready: Ready
    unheeded: tuple[FilterField, ...] = ()
    """Filters that were asked for and that readiness has not."""


def told(engine: Engine, filters: Filters) -> Told:
    """Return readiness under the filters that it has; days not asked for are all loaded.

    Examples
    --------
    >>> told(store, Filters(min_messages=5)).ready.rows["sender_address"].tolist()
    ['scanner@contoso.com']
    """
    # It is of all senders in days of UTC, as findings are.
    asked, unheeded = of_findings(filters)
    return Told(readiness.find(engine, asked), unheeded)


def remarks(told: Told, words: Words) -> list[str]:
    """Return what is said of the filters that do not narrow it."""
    if not told.unheeded:
        return []
    options = ", ".join(each.option for each in told.unheeded)
    text = "Readiness is told of all senders, in days of UTC: it is not narrowed by {options}."
    return [words(text, options=options)]


def renamed(told: Told, pseudonyms: Pseudonyms, words: Words) -> Told:
    """Return readiness with pseudonyms: no sender, owner, note or reason names anybody."""
    names = _Renamer(pseudonyms, words("a note, left out: it may name somebody"))
    ready = told.ready
    return replace(
        told,
        ready=replace(
            ready,
            readiness=names.answer(ready.readiness),
            switch_off=names.answer(ready.switch_off),
            burn_down=names.answer(ready.burn_down),
        ),
    )


class _Renamer:
    """Gives what readiness holds the names of one key; `note` stands for what a person wrote."""

    def __init__(self, names: Pseudonyms, note: str) -> None:
        self._names, self._note = names, note

    def answer(self, answer: Answer) -> Answer:
        """Return an answer renamed: its scope, rows, and what stands beside them."""
        scope = answer.scope
        filters = self._names.filters(scope.filters).changed(
            off=scope.filters.off, rules=scope.filters.rules, severities=scope.filters.severities
        )
        scope = replace(scope, filters=filters, **self._names.periods(scope))
        beside = {name: self._beside(name, value) for name, value in answer.beside.items()}
        return replace(answer, scope=scope, rows=self._rows(answer.rows), beside=beside)

    def _rows(self, rows: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        known = {name: how for name, how in self._by_column.items() if name in rows}
        # As objects: pandas would make "not a number" of what nobody said.
        columns = {
            name: pd.Series([rename(value) for value in rows[name]], rows.index, dtype=object)
            for name, rename in known.items()
        }
        shown = rows.assign(**columns)
        if "sender_address" not in rows or rows.empty:
            return shown
        # Among equals the new names settle the order: the real ones would show through it.
        told = ("active_days", "message_count", "stops_by", "messages_per_week")
        figures = [name for name in told if name in rows]
        run = rows[figures].astype(str).ne(rows[figures].astype(str).shift()).any(axis=1).cumsum()
        return shown.assign(run=run).sort_values(
            ["run", "sender_address"], ignore_index=True
        ).drop(columns="run")  # fmt: skip

    @property
    def _by_column(self) -> Mapping[str, Callable[[Any], Any]]:
        return {
            "sender_address": self._names.address,
            "sender_domain": self._names.domain,
            "tenant": self._names.tenant,
            "owner": self._person,
            "note": lambda text: self._note if text else None,
            "way_out_reason": self._sentence,
        }

    def _person(self, name: str | None) -> str | None:
        return self._names.name("person", " ".join(name.split()).casefold()) if name else None

    def _beside(self, name: str, value: Any) -> Any:
        match name:
            case "statement":
                return self._sentence(value)
            case "due_later":
                return sorted(map(self._names.address, value))
            case "exceptions":
                return [self._exception(each) for each in value]
            case _:
                return value

    def _exception(self, each: Mapping[str, Any]) -> dict[str, Any]:
        note = self._note if each["note"] else None
        address, said_by = (
            self._names.address(each["sender_address"]),
            self._person(each["said_by"]),
        )
        return {**each, "sender_address": address, "said_by": said_by, "note": note}

    def _sentence(self, said: Sentence) -> Sentence:
        """Return a sentence with its addresses and domains renamed, whatever it is made of."""
        values = {name: self._value(name, value) for name, value in said.values.items()}
        return said.refilled(values) if values else said

    def _value(self, name: str, value: Value) -> Value:
        if isinstance(value, Sentence):
            return self._sentence(value)
        if name == "senders" and isinstance(value, list):
            return sorted(map(self._names.address, value))
        return self._names.domain(value) if name == "domain" and isinstance(value, str) else value

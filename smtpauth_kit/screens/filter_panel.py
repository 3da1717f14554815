"""The filter panel: days, source, time zone, and conditions on senders that can be kept by name.

What is typed is a draft; `filters` changes when it is applied, and at no other time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

import traitlets as T

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.sender_conditions import FIGURES, having
from smtpauth_kit.base.conditions import Clause, Groups
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filter_fields import CHOICE, NUMBER, FilterField
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.names import DEFAULT_DAYS
from smtpauth_kit.screens.asking import in_turn
from smtpauth_kit.screens.browser_view import WITH_FORMS, BrowserView
from smtpauth_kit.screens.flyout_form import iso, read_days, read_form
from smtpauth_kit.store import settings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.filter_words import field_titles, operator_titles, source_title
from smtpauth_kit.words.words import Words

_SAVED: Final = "filter:"
_LONGEST_NAME: Final = 60


@dataclass
class Draft:
    """What was typed into the form: the filters it means, and what is wrong, by control."""

    filters: Filters
    errors: dict[str, str] = field(default_factory=dict)


class FilterPanel(BrowserView):
    """A panel of filters beside a screen.

    `filters` is what was applied last; set it to what the screen shows. `show()` opens the panel;
    `on_apply` is called with filters that were applied.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> panel = FilterPanel(store, speak("en"))
    >>> panel.show()
    >>> panel.shown["draft"]["start"]
    '2026-11-16'
    """

    filters = T.Instance(Filters, args=())

    def __init__(
        self,
        store: Engine,
        words: Words,
        *,
        on_apply: Callable[[Filters], None] = lambda filters: None,
    ) -> None:
        self._store, self._words, self._on_apply = store, words, on_apply
        self._place = store.settings_place
        super().__init__("filter_panel.js", words, beside=WITH_FORMS)
        self.on_msg(in_turn(self._hear))

    def show(self) -> None:
        """Open the panel on the filters as they are."""
        try:
            scope = answers.settle_scope(self._store, self.filters)
        except KitError:
            # The panel is the place to put right what cannot be answered.
            scope = answers.Scope(
                self.filters, self.filters.start, self.filters.end, None, None, None, {}
            )
        self.shown = {
            "draft": _draft_of(self.filters, scope),
            "fields": _fields(self._words),
            "controls": [_control(field, self._words) for field in _CONTROLLED],
            "zones": _zones(),
            "oldest": iso(scope.oldest),
            "newest": iso(scope.newest),
            "days": DEFAULT_DAYS,
            "saved": self._saved(),
            "can_save": self._place is not None,
        }

    def close_panel(self) -> None:
        """Close it; what was typed and not applied is gone."""
        self.shown = {}

    def _saved(self) -> list[str]:
        kept = settings.names(self._place, _SAVED) if self._place is not None else []
        return sorted(kept, key=str.casefold)

    def _hear(self, _view: BrowserView, message: dict[str, Any], _buffers: object) -> None:
        """Do what the panel in the browser asks; whatever else arrives does no harm."""
        does = {
            "check": self._check, "apply": self._apply, "save": self._save,
            "load": self._load, "delete": self._delete,
        }  # fmt: skip
        for name, asked in message.items():
            if name == "close":
                self.close_panel()
            elif name in does:
                try:
                    does[name](asked)
                except KitError as error:
                    self.send({"said": self._words.sentence(error)})

    def _check(self, typed: Any) -> None:
        self.send({"errors": read_draft(typed, self.filters, self._words).errors})

    def _apply(self, typed: Any) -> None:
        draft = read_draft(typed, self.filters, self._words)
        if draft.errors:
            self.send({"errors": draft.errors, "applied": False})
            return
        self.filters = draft.filters
        self.close_panel()
        self._on_apply(draft.filters)

    def _save(self, typed: Any) -> None:
        """Keep the conditions and the least number of messages; days would be stale soon."""
        draft = read_draft(typed, self.filters, self._words)
        name = str(typed.get("name", "")).strip()
        errors = {key: text for key, text in draft.errors.items() if key not in _NOT_KEPT}
        if not name or len(name) > _LONGEST_NAME:
            errors["name"] = self._words("Write a name of at most {n} signs.", n=_LONGEST_NAME)
        if errors:
            self.send({"errors": {**draft.errors, **errors}, "applied": False})
            return
        assert self._place is not None
        settings.put(self._place, _SAVED + name, saved_form(draft.filters))
        self.send(
            {"saved": self._saved(), "said": self._words("Saved as \u201c{name}\u201d.", name=name)}
        )

    def _load(self, name: Any) -> None:
        if self._place is None or name not in self._saved():
            return
        kept = read_saved(settings.get(self._place, _SAVED + name))
        said = self._words("\u201c{name}\u201d is filled in. Apply it to use it.", name=name)
        texts = {field.name: _text(field, kept) for field in _KEPT}
        fill = {**texts, "groups": _groups(kept.senders), "name": name}
        self.send({"fill": fill, "said": said})

    def _delete(self, name: Any) -> None:
        if self._place is None or name not in self._saved():
            return
        settings.put(self._place, _SAVED + name, None)
        said = self._words("\u201c{name}\u201d is deleted.", name=name)
        self.send({"saved": self._saved(), "said": said})


_CONTROLLED: Final = [field for field in FIELDS if field.label]
"""Filters with a control of their own among those about messages."""

_KEPT: Final = [field for field in _CONTROLLED if field.about == "senders"]
"""Those that are kept under a name, beside the conditions."""

_NOT_KEPT: Final = [field.name for field in FIELDS if field.about in ("days", "source")]


def read_draft(typed: Any, before: Filters, words: Words) -> Draft:
    """Return what was typed as filters, and in plain words what is wrong, by control.

    `typed` comes from a browser: anything may be in it.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> read_draft({"start": "2026-11-20", "end": "2026-11-16"}, Filters(), speak("en")).errors
    {'end': 'The end date is before the start date.'}
    """
    typed, errors = read_form(typed), dict[str, str]()
    start, end = read_days(typed, errors, words)
    if typed.get("period") == DEFAULT_DAYS:
        start = end = None  # It moves on with the newest day loaded.
    zone = str(typed.get("timezone") or "UTC").strip()
    if zone not in available_timezones():
        errors["timezone"] = words("There is no such time zone. Choose one of the list.")
    groups = _read_groups(typed.get("groups"), errors, words)
    others = {field.name: _read(field, typed, errors, words) for field in _CONTROLLED}
    if errors:
        return Draft(before, errors)
    days = {"start": start, "end": end, "as_of": None, "timezone": zone}
    return Draft(before.changed(**days, **others, senders=groups))


def saved_form(filters: Filters) -> dict[str, Any]:
    """Return what is kept of filters under a name."""
    senders = [[[c.field, c.operator, c.value] for c in group] for group in filters.senders]
    values = ((field, getattr(filters, field.name)) for field in _KEPT)
    others = {field.name: field.kind.plain(value) for field, value in values if value is not None}
    return {"senders": senders, **others}


def read_saved(kept: Any) -> Filters:
    """Return what was kept under a name: conditions, the least number of messages and the like.

    Raises
    ------
    KitError
        What was kept is no filter: something else wrote it.
    """
    try:
        senders = tuple(tuple(Clause(*clause) for clause in group) for group in kept["senders"])
        others = {f.name: f.kind.read(kept[f.name]) for f in _KEPT if f.name in kept}
        having(found := Filters(senders=senders, **others))
    except (TypeError, ValueError, KeyError, AttributeError, UsageError):
        raise KitError("What is kept under this name is no filter. Delete it.") from None
    return found


def _text(field: FilterField, filters: Filters) -> str:
    """Return what the control of a filter holds."""
    value = getattr(filters, field.name)
    return "" if value is None else ", ".join(field.kind.texts(value))


def _read(field: FilterField, typed: dict[str, Any], errors: dict[str, str], words: Words) -> Any:
    """Return what was typed into the control of a filter."""
    text = str(typed.get(field.name) or "").strip()
    if field.kind is NUMBER:
        return _whole(text or "0", field.name, errors, words)
    if field.kind is CHOICE:
        return text if text in field.choices else field.default
    if field.kind.repeats:
        return field.kind.read([each.strip() for each in text.split(",") if each.strip()])
    return field.kind.read(text) if text else field.default


def _whole(text: str, name: str, errors: dict[str, str], words: Words) -> int:
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    errors[name] = words("Write a whole number, for example 100.")
    return 0


def _read_groups(typed: Any, errors: dict[str, str], words: Words) -> Groups:
    groups = []
    for g, group in enumerate(typed if isinstance(typed, list) else []):
        clauses = []
        for n, said in enumerate(group if isinstance(group, list) else []):
            clause = _clause(said)
            clauses.append(clause)
            if wrong := _wrong(clause, words):
                errors[f"clause-{g}-{n}"] = wrong
        if clauses:
            groups.append(tuple(clauses))
    return tuple(groups)


def _clause(said: Any) -> Clause:
    said = said if isinstance(said, dict) else {}
    name = str(said.get("field", ""))
    value = str(said.get("value", "")).strip()
    if name in FIGURES and FIGURES[name].kind == "share":
        value = value.replace(",", ".")  # Half of the world writes 33,5 %.
        value = value[:-1].rstrip() + "%" if value.endswith("%") else value
    return Clause(name, str(said.get("operator", "")), value)  # type: ignore[arg-type]


def _wrong(clause: Clause, words: Words) -> str:
    """Return what is wrong with a condition, or nothing."""
    if clause.field not in FIGURES:
        return words("Choose what the condition is about.")
    kind = FIGURES[clause.field].kind
    if clause.operator not in operator_titles(kind, words):
        return words("Choose how to compare.")
    if not clause.value:
        return words("Choose a day.") if kind == "date" else words("Write what to compare with.")
    try:
        having(Filters(senders=((clause,),)))
    except UsageError:
        return {
            "count": words("Write a whole number, for example 100."),
            "share": words("Write a share, for example 50%."),
            "date": words("Choose a day."),
        }[kind]
    return ""


def _draft_of(filters: Filters, scope: Scope) -> dict[str, Any]:
    return {
        "start": iso(scope.start), "end": iso(scope.end),
        "period": DEFAULT_DAYS if not (filters.start or filters.end or filters.as_of) else "own",
        "timezone": filters.timezone, "groups": _groups(filters.senders), "name": "",
        **{field.name: _text(field, filters) for field in _CONTROLLED},
    }  # fmt: skip


def _groups(groups: Groups) -> list[list[dict[str, str]]]:
    return [
        [{"field": c.field, "operator": c.operator, "value": c.value} for c in group]
        for group in groups
    ]


def _fields(words: Words) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": title,
            "kind": FIGURES[name].kind,
            "operators": list(operator_titles(FIGURES[name].kind, words).items()),
        }
        for name, title in field_titles(words).items()
    ]


def _control(field: FilterField, words: Words) -> dict[str, Any]:
    """Return what draws the control of a filter: its name, label and kind, and what to choose."""
    named = [(choice, source_title(choice, words)) for choice in field.choices]
    return {
        "name": field.name,
        "label": words(field.label),
        "kind": field.kind.name,
        "choices": [(field.default, words(field.unchosen)), *named] if named else [],
    }


@cache
def _zones() -> list[str]:
    """Return the time zones by name, without the ones that are only there for old software."""
    named = (zone for zone in available_timezones() if "/" in zone)
    return ["UTC", *sorted(zone for zone in named if not zone.startswith("Etc/"))]

"""What people said of senders: owner, state, due date and note, in the settings' file."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.base.config_place import config_file
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.store import settings
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.values import addresses, times
from smtpauth_kit.values.cells import Decisions, NeedsDecision, Unfit

STATES: Final = ("open", "contacted", "in_progress", "done", "accepted")
"""What is done about a sender; accepted, with a due date: it may stay as it is until that day."""

FIELDS: Final = ("owner", "state", "due_date", "note")
"""What is kept of a sender, each as a setting of its own: who and when are known of each."""

LONGEST: Final = 10_000
"""Characters of an owner or a note."""

RETIREMENT: Final = dt.date(2026, 12, 31)
"""When Basic auth for SMTP AUTH goes off by default (Exchange Team, 27 January 2026, MC786329)."""

_RETIREMENT: Final = "retirement_date"
_VARIABLE: Final = "SMTPAUTH_RETIREMENT_DATE"


@dataclass(frozen=True)
class Said:
    """What was said of one sender; None: nothing was."""

    owner: str | None = None
    state: str = "open"
    due_date: dt.date | None = None
    note: str | None = None

    def is_exception(self, at: dt.date) -> bool:
        """Tell whether the sender may stay as it is at a day."""
        return self.state == "accepted" and (self.due_date is None or self.due_date >= at)

    def is_exception_over(self, at: dt.date) -> bool:
        """Tell whether the sender had to be gone before a day."""
        return self.state == "accepted" and self.due_date is not None and self.due_date < at


NOTHING_SAID: Final = Said()
"""What was said of most senders."""


def sender_key(address: str) -> str:
    """Return an address as it is compared.

    Raises
    ------
    UsageError
        It is no address.

    Examples
    --------
    >>> sender_key(" Scanner@Contoso.COM ")
    'scanner@contoso.com'
    """
    try:
        return addresses.sender_address(address).key
    except Unfit:
        raise UsageError(
            "{text} is no sender address. Write one as smtpauth show readiness has it.",
            text=repr(address[:60]),
        ) from None


def checked(field: str, text: str) -> str | None:
    """Return the value of a field as it is kept; None: it is emptied.

    Raises
    ------
    UsageError
        There is no such state, it is no day, or it is longer than `LONGEST`.

    Examples
    --------
    >>> checked("state", " Done "), checked("owner", ""), checked("due_date", "24-12-2026")
    ('done', None, '2026-12-24')
    """
    plain = text.strip()
    if not plain:
        return None
    if field == "state":
        state = plain.lower().replace(" ", "_")
        if state not in STATES:
            raise UsageError(
                "There is no state {state}. Expected {known}.",
                state=repr(plain[:60]),
                known=list(STATES),
            )
        return None if state == "open" else state
    if field == "due_date":
        return day_of(plain).isoformat()
    if len(plain) > LONGEST:
        raise UsageError(
            "The {field} is longer than {n} characters. Shorten it.", field=field, n=LONGEST
        )
    _check_whole(plain)
    return plain


def day_of(text: str, order: str | None = None) -> dt.date:
    """Return a day from any form in which a person or a spreadsheet writes one.

    Parameters
    ----------
    order
        Whether the day or the month comes first ("dmy" or "mdy"); None: the text alone must tell.

    Raises
    ------
    UsageError
        It is no day, or may be read in two ways.

    Examples
    --------
    >>> day_of("24-12-2026") == day_of("12/24/2026") == day_of("24 dec 2026")
    True
    """
    order = order or times.order_votes(text)
    try:
        return times.moment(text, Decisions(date_order=order)).day
    except Unfit as error:
        raise UsageError(
            "This is no day: {why}; write it as 2026-12-31.", why=error.sentence
        ) from None
    except NeedsDecision:
        raise UsageError(
            "{text} may be read in two ways; write it as 2026-12-31.", text=repr(text[:60])
        ) from None


def _check_whole(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError(
            "The text holds half of a character, which cannot be kept. Write it again."
        ) from None


def keep(place: SettingsPlace, changes: Mapping[str, Mapping[str, str | None]]) -> int:
    """Keep fields of senders, all of them or none; return how many fields became another.

    Parameters
    ----------
    changes
        For each sender, as addresses are compared, its fields as :func:`checked` returns them.

    Raises
    ------
    StoreError
        The settings cannot be written.

    Examples
    --------
    >>> keep(store, {"scanner@contoso.com": {"owner": "Facilities", "state": "contacted"}})
    2
    >>> said_of(store)["scanner@contoso.com"]
    Said(owner='Facilities', state='contacted', due_date=None, note=None)
    """
    fields = {field for sender in changes.values() for field in sender}
    kept = {field: settings.named(place, f"{field}:") for field in fields}
    values = {
        f"{field}:{key}": value
        for key, sender in changes.items()
        for field, value in sender.items()
        if kept[field].get(key) != value
    }
    if values:
        settings.put_all(place, values)
    return len(values)


def said_of(place: SettingsPlace | None) -> dict[str, Said]:
    """Return what was said of each sender, by its address as it is compared."""
    if place is None:
        return {}
    kept = {field: settings.named(place, f"{field}:") for field in FIELDS}
    return {key: _said(kept, key) for key in set().union(*kept.values())}


def _said(kept: Mapping[str, Mapping[str, Any]], key: str) -> Said:
    due, state = kept["due_date"].get(key), kept["state"].get(key)
    return Said(
        _text(kept["owner"].get(key)),
        state if state in STATES else "open",
        dt.date.fromisoformat(due) if isinstance(due, str) else None,
        _text(kept["note"].get(key)),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def accepted_by(place: SettingsPlace, keys: Iterable[str]) -> dict[str, settings.Changed]:
    """Return who accepted each sender last, and when."""
    changes = {key: settings.history(place, f"state:{key}") for key in keys}
    return {
        key: next(change for change in reversed(told) if change.value == "accepted")
        for key, told in changes.items()
        if any(change.value == "accepted" for change in told)
    }


# --- the day on which Basic goes --------------------------------------------------------------


def retirement_date(engine: Engine) -> dt.date:
    """Return the day on which Basic auth goes for this tenant.

    The store's settings say it, else SMTPAUTH_RETIREMENT_DATE, else `retirement_date` under
    `[readiness]` in `smtpauth.toml`, else it is `RETIREMENT`.

    Raises
    ------
    UsageError
        One of them is no day.
    KitError
        `smtpauth.toml` cannot be read.

    Examples
    --------
    >>> retirement_date(store)
    datetime.date(2026, 12, 31)
    """
    place = engine.settings_place
    kept = settings.get(place, _RETIREMENT) if place is not None else None
    return as_day(kept or os.environ.get(_VARIABLE, "").strip() or _in_file()) or RETIREMENT


def keep_retirement_date(place: SettingsPlace, day: dt.date | None) -> None:
    """Keep the day on which Basic auth goes for this tenant; None: the usual one.

    Raises
    ------
    StoreError
        The settings cannot be written.

    Examples
    --------
    >>> keep_retirement_date(store, dt.date(2027, 6, 30))
    >>> retirement_date(store)
    datetime.date(2027, 6, 30)
    """
    settings.put(place, _RETIREMENT, day.isoformat() if day else None)


def _in_file() -> str | dt.date | None:
    path = config_file()
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("readiness", {})
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KitError(
            '"{file}" cannot be read: {system}.', file=str(path), system=str(error)
        ) from None
    day = table.get(_RETIREMENT) if isinstance(table, dict) else None
    if isinstance(day, dt.datetime) or not isinstance(day, str | dt.date | None):
        raise KitError(
            '"{file}" must have the day under [readiness] as: retirement_date = 2026-12-31.',
            file=str(path),
        )
    return day

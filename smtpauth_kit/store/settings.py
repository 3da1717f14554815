"""What users keep: saved filters, column mappings, owners, notes, in a file beside the store.

The only module that writes settings. A name says what it is: `filter:NAME`, `mapping:HEADER`,
`owner:ADDRESS`, `state:ADDRESS`, `due_date:ADDRESS`, `note:ADDRESS`, `retirement_date`; a value is
anything JSON can hold. They stay when exports are loaded or unloaded. What a screen showed last is
no setting of the store but of the person: it is kept in the user's own state folder.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.store.engine import SettingsPlace
from smtpauth_kit.store.settings_file import Change, SettingsFile
from smtpauth_kit.words.inert import printable


@dataclass(frozen=True)
class Changed:
    """One change of a setting."""

    value: Any
    """None: it was taken out."""
    changed_at: dt.datetime
    """UTC, with its zone."""
    changed_by: str
    """Who was logged in; empty for what an older store held."""


def get(store: SettingsPlace, name: str, default: Any = None) -> Any:
    """Return a setting, else `default`.

    Examples
    --------
    >>> get(store, "note:scanner@contoso.com", "none yet")
    'none yet'
    """
    kept = _kept(store, name)
    return _read(kept[""], name) if "" in kept else default


def put(store: SettingsPlace, name: str, value: Any) -> None:
    """Keep a setting; None takes it out.

    Raises
    ------
    StoreError
        The store cannot be written; what it keeps is as it was.

    Examples
    --------
    >>> put(store, "owner:scanner@contoso.com", {"name": "Facilities"})
    >>> get(store, "owner:scanner@contoso.com")
    {'name': 'Facilities'}
    """
    put_all(store, {name: value})


def put_all(store: SettingsPlace, values: Mapping[str, Any]) -> None:
    """Keep several settings, all or none of them; None takes one out.

    Raises
    ------
    StoreError
        The store cannot be written; what it keeps is as it was.

    Examples
    --------
    >>> put_all(store, {"owner:scanner@contoso.com": "Facilities", "note:scanner@contoso.com": "-"})
    >>> named(store, "owner:")
    {'scanner@contoso.com': 'Facilities'}
    """
    texts = {
        name: None if value is None else json.dumps(value, ensure_ascii=False)
        for name, value in values.items()
    }
    _file(store).put_all(texts)


def named(store: SettingsPlace, prefix: str) -> dict[str, Any]:
    """Return every setting whose name starts with `prefix`, by the rest of its name.

    Raises
    ------
    StoreError
        One of them is no JSON.

    Examples
    --------
    >>> put(store, "filter:scanners", {"sender": "scanner"})
    >>> named(store, "filter:")
    {'scanners': {'sender': 'scanner'}}
    """
    return {name: _read(value, f"{prefix}{name}") for name, value in _kept(store, prefix).items()}


def names(store: SettingsPlace, prefix: str) -> list[str]:
    """Return the rest of the name of every setting that starts with `prefix`.

    Examples
    --------
    >>> put(store, "filter:scanners", {"sender": "scanner"})
    >>> names(store, "filter:")
    ['scanners']
    """
    return list(_kept(store, prefix))


def history(store: SettingsPlace, name: str) -> list[Changed]:
    """Return every change of a setting, oldest first: who made it and when.

    Examples
    --------
    >>> put(store, "note:scanner@contoso.com", "asked")
    >>> put(store, "note:scanner@contoso.com", None)
    >>> [change.value for change in history(store, "note:scanner@contoso.com")]
    ['asked', None]
    """
    return [
        Changed(_read(change.value or "null", name), change.changed_at, change.changed_by)
        for change in _file(store).history(name)
    ]


def close(store: SettingsPlace) -> None:
    """Let go of the settings file of a store; the next question or save opens it again."""
    _file(store).close()


def _kept(store: SettingsPlace, prefix: str) -> dict[str, str | None]:
    changes = _file(store).starting_with(prefix)
    return {change.name[len(prefix) :]: change.value for change in changes}


def _read(value: Any, name: str) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        raise StoreError(
            "What the store keeps as {name} cannot be read; another program wrote it, or the store "
            "is damaged. Take it out with smtpauth_kit.store.settings.put(store, {text}, None), "
            "and keep it again.",
            name=printable(name),
            text=repr(name),
        ) from None


_FILES: Final[dict[Path, SettingsFile]] = {}


def _file(store: SettingsPlace) -> SettingsFile:
    """Return the settings of a store: one file object for all that this process does with it."""
    path = store.settings_path
    if path not in _FILES:
        _FILES[path] = SettingsFile(path, store.rights, partial(_in_older_store, store))
    return _FILES[path]


def _in_older_store(store: SettingsPlace) -> list[Change]:
    """Return the settings that a store holds itself, as those made before this file did."""
    if not store.exists() or not store.has_tables("settings"):
        return []
    rows = store.rows("select name, value::text as value, changed_at from settings order by name")
    return [Change(name, value, at.replace(tzinfo=dt.UTC), "") for name, value, at in rows]


REMEMBER: Final = "SMTPAUTH_REMEMBER"
"""Environment variable: "0" recalls and keeps no last choice."""


def recall(store: SettingsPlace) -> dict[str, Any]:
    """Return what :func:`remember` kept for this store and user; empty when there is nothing."""
    if os.environ.get(REMEMBER) == "0":
        return {}
    with suppress(OSError, ValueError):
        kept = json.loads(_last_choice(store).read_text("utf-8"))
        return kept if isinstance(kept, dict) else {}
    return {}


def remember(store: SettingsPlace, choice: dict[str, Any]) -> None:
    """Keep what a screen shows now, for the next time this user opens it.

    Where that cannot be written it is not kept: a screen is worth more than its last choice.

    Examples
    --------
    >>> remember(store, {"view": "tls-usage"})
    >>> recall(store)
    {'view': 'tls-usage'}
    """
    if os.environ.get(REMEMBER) == "0":
        return
    place = _last_choice(store)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        replacing.write(place, json.dumps(choice).encode())


def _last_choice(store: SettingsPlace) -> Path:
    import platformdirs

    name = hashlib.sha256(str(store.path).encode()).hexdigest()[:32]
    return Path(platformdirs.user_state_dir("smtpauth_kit", appauthor=False), f"{name}.json")

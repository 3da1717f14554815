"""Column mappings: what a person said of a header, kept for the next file with such a header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.formats import header_key
from smtpauth_kit.loading.options import ColumnsSaid
from smtpauth_kit.store import settings
from smtpauth_kit.store.store import Store

_PREFIX: Final = "mapping:"


def remembered(store: Store) -> dict[str, ColumnsSaid]:
    """Return every mapping of a store, by the key of its header.

    Raises
    ------
    StoreError
        One of them cannot be read.

    Examples
    --------
    >>> keep(store, ["Datum", "Van"], "submission-log", {"Sender address": "Van"})
    >>> [said.columns for said in remembered(store).values()]
    [{'Sender address': 'Van'}]
    """
    return {key: _read(said) for key, said in settings.named(store, _PREFIX).items()}


def _read(said: Any) -> ColumnsSaid:
    """Return what was kept, if the kit wrote it."""
    try:
        format, columns = said["format"], dict(said["columns"])
        made_on = dt.date.fromisoformat(said["made_on"])
        if not all(isinstance(text, str) for text in (format, *columns, *columns.values())):
            raise TypeError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StoreError(
            "A column mapping that the store keeps is none the kit made; another program wrote it, "
            "or the store is damaged. Load with --forget-map (forget_mappings=True in a notebook): "
            "mappings that cannot be read are forgotten then."
        ) from None
    return ColumnsSaid(format, columns, made_on)


def forget_unreadable(store: Store) -> None:
    """Forget the mappings that cannot be read, because another program wrote them."""
    for key in settings.names(store, _PREFIX):
        try:
            _read(settings.get(store, _PREFIX + key))
        except StoreError:
            forget(store, key)


def keep(store: Store, header: Sequence[str], format: str, columns: Mapping[str, str]) -> None:
    """Remember, for files with this header, their format and which field is in which column."""
    said = {
        "header": [name.strip() for name in header],
        "format": format,
        "columns": dict(columns),
        "made_on": dt.date.today().isoformat(),
    }
    settings.put(store, _PREFIX + header_key(header), said)


def forget(store: Store, key: str) -> None:
    """Forget what was said of a header; files that were loaded with it stay as they are.

    Examples
    --------
    >>> keep(store, ["Datum", "Van"], "submission-log", {"Sender address": "Van"})
    >>> for key in remembered(store):
    ...     forget(store, key)
    >>> remembered(store)
    {}
    """
    settings.put(store, _PREFIX + key, None)

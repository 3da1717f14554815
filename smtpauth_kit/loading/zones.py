"""The time zone of an export's times, where neither a value nor its header says it for certain."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit.base.errors import KitError, ZoneNeeded
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context, Layout
from smtpauth_kit.reading.reading import printable
from smtpauth_kit.values import values


def zone_named(name: str) -> dt.tzinfo:
    """Return the time zone that a person names: `Europe/Amsterdam`, `UTC`, `UTC+01:00`.

    Raises
    ------
    KitError
        There is none of that name.

    Examples
    --------
    >>> zone_named("UTC+01:00")
    datetime.timezone(datetime.timedelta(seconds=3600))
    """
    if zone := values.zone_in_brackets(name):
        return zone
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KitError(
            "There is no time zone {zone}. Write it as Europe/Amsterdam, UTC or UTC+01:00.",
            zone=repr(name),
        ) from None


def with_zone(path: str, layout: Layout, source_timezone: str) -> Layout:
    """Return the layout with the zone of its times, which a person may have said.

    What a person says holds where the header names no zone, or none that is known for certain;
    columns that are UTC by their name stay so.

    Raises
    ------
    ZoneNeeded
        The header names a zone that cannot be known, and nobody said which it is.
    """
    said = layout.zone_said
    is_known = said and values.zone_in_brackets(said) is not None
    if source_timezone:
        is_settled = (is_known and not _has_cities(said)) or _is_utc_by_name(layout)
        return layout if is_settled else replace(layout, zone=zone_named(source_timezone))
    if said and not is_known:
        raise ZoneNeeded(
            "{file} has times in the time zone “{zone}”, and which one that is cannot be known. "
            "Say it with --source-timezone, for example --source-timezone Europe/Amsterdam or "
            "--source-timezone UTC+01:00.",
            file=printable(path),
            zone=printable(said)[:80],
        )
    return layout


def note_of_zone(context: Context, source_timezone: str) -> None:
    """Say of an offset with the names of cities that it knows no summer time."""
    said = context.layout.zone_said
    if said and not source_timezone and _has_cities(said):
        context.notes.append(
            Sentence(
                "its times are read with the offset that the header names, “{zone}”, all year; "
                "where summer time was in force, say --source-timezone, for example "
                "Europe/Amsterdam",
                zone=printable(said)[:80],
            )
        )


def _has_cities(said: str) -> bool:
    return values.is_offset_with_cities(said)


def _is_utc_by_name(layout: Layout) -> bool:
    labels = [layout.labels[name] for name in layout.format.times if name in layout.labels]
    return any(label.casefold().rstrip("*) ").endswith("utc") for label in labels)

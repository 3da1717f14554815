"""The time zone of an export's times, where neither a value nor its header says it for certain."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit.base.errors import KitError, ZoneNeeded
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context, Layout
from smtpauth_kit.values import times
from smtpauth_kit.words.inert import printable


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
    if zone := times.zone_in_brackets(name):
        return zone
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KitError(
            "There is no time zone {zone}. Write it as Europe/Amsterdam, UTC or UTC+01:00.",
            zone=repr(name),
        ) from None


def with_zone(layout: Layout, source_timezone: str) -> Layout:
    """Return the layout with the zone of its times that a person said.

    It holds where the header names no zone, or none that is known for certain; columns that are
    UTC by their name stay so.
    """
    said = layout.zone_said
    is_certain = _is_known(said) and not times.is_offset_with_cities(said)
    if not source_timezone or is_certain or _is_utc_by_name(layout):
        return layout
    return replace(layout, zone=zone_named(source_timezone))


def check_zone(path: str, layout: Layout, source_timezone: str) -> None:
    """See that the zone of a file's times can be known.

    Raises
    ------
    ZoneNeeded
        The header names one that cannot, and nobody said which it is.
    """
    said = layout.zone_said
    if said and not source_timezone and not _is_known(said):
        raise ZoneNeeded(
            "{file} has times in the time zone “{zone}”, and which one that is cannot be known. "
            "Say it with --source-timezone, for example --source-timezone Europe/Amsterdam or "
            "--source-timezone UTC+01:00.",
            said=printable(said)[:80],
            file=printable(path),
            zone=printable(said)[:80],
        )


def _is_known(said: str) -> bool:
    return bool(said) and times.zone_in_brackets(said) is not None


def note_of_zone(context: Context, source_timezone: str) -> None:
    """Say of an offset with the names of cities that it knows no summer time."""
    said = context.layout.zone_said
    if said and not source_timezone and times.is_offset_with_cities(said):
        context.notes.append(
            Sentence(
                "its times are read with the offset that the header names, “{zone}”, all year; "
                "where summer time was in force, say --source-timezone, for example "
                "Europe/Amsterdam",
                zone=printable(said)[:80],
            )
        )


def _is_utc_by_name(layout: Layout) -> bool:
    labels = [layout.labels[name] for name in layout.format.times if name in layout.labels]
    return any(label.casefold().rstrip("*) ").endswith("utc") for label in labels)

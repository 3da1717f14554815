"""Days of another time zone than UTC: which hours of UTC may belong to another day there.

Facts are kept by days of UTC. In a zone an hour ahead of it only the messages of the last hour of a
day lie on another day: only those near midnight are taken into the zone one by one, all others stay
on the day they are kept by.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_kit.values.times import YEARS

_OF_ZONE: Final = re.compile(r"(\w+) at time zone 'UTC' at time zone \$timezone")
_DAY_OF_ZONE: Final = re.compile(rf"cast\({_OF_ZONE.pattern} as date\)")
_NEAR_MIDNIGHT: Final = (
    r"case when hour(\1) >= $late_hour or hour(\1) < $early_hour "
    r"then cast(\1 at time zone 'UTC' at time zone $timezone as date) else cast(\1 as date) end"
)
_HOUR: Final = dt.timedelta(hours=1)
_A_WEEK: Final = dt.timedelta(days=7)
"""No zone's clock is changed and changed back sooner."""


def spell_days(sql: str, timezone: str) -> str:
    """Return a statement with the days of a zone spelled so that they take least to reckon.

    Examples
    --------
    >>> day = "cast(sent_at at time zone 'UTC' at time zone $timezone as date)"
    >>> spell_days(f"select {day}", "UTC")
    'select cast(sent_at as date)'
    """
    if timezone == "UTC":
        # Times are UTC: to take each of millions into its own zone costs a third of a second.
        return _OF_ZONE.sub(r"\1", sql)
    return _DAY_OF_ZONE.sub(_NEAR_MIDNIGHT, sql)


@lru_cache(64)
def hours_near_midnight(timezone: str) -> dict[str, int]:
    """Return since which hour of UTC a zone may be in the next day, and until which in the last.

    Of all years that a row may be of. An hour more on each side than the zone's clock needs: the
    engine reckons by a table of zones of its own, which may be of another release.

    Examples
    --------
    >>> hours_near_midnight("Europe/Amsterdam")
    {'late_hour': 21, 'early_hour': 0}
    >>> hours_near_midnight("America/New_York")
    {'late_hour': 24, 'early_hour': 6}
    """
    zone = ZoneInfo(timezone)
    at = dt.datetime(YEARS.start, 1, 1, tzinfo=dt.UTC)
    offsets = set()
    while at.year < YEARS.stop:
        offsets.add(at.astimezone(zone).utcoffset() or dt.timedelta())
        at += _A_WEEK
    return {
        "late_hour": 24 - _hours_to_look_at(max(offsets)),
        "early_hour": _hours_to_look_at(-min(offsets)),
    }


def _hours_to_look_at(offset: dt.timedelta) -> int:
    """Return the hours beside midnight that an offset moves to another day, and one more."""
    return max(0, -(-offset // _HOUR) + 1)

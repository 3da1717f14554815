"""When: dates and times as servers, Excel and people of many languages write them, in UTC."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit.values.cells import UNDECIDED, Decisions, NeedsDecision, Unfit, quoted
from smtpauth_kit.values.months import month_number

MAX_TIME: Final = 200
"""Characters: a longer text is no time."""
YEARS: Final = range(2000, 2100)
"""Of an export's rows: a time of another year is a slip or another kind of number."""


class Moment(NamedTuple):
    """An instant in UTC, or only a day (`at` is None) where the cell has no time of day."""

    at: dt.datetime | None
    day: dt.date


ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_IN_UTC: Final = r"20\d\d-\d\d-\d\d[T ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.(?:\d{3}|\d{6,9}))?Z?"
"""What of these Python itself reads, five times as fast: the last digits of a fraction are cut."""
_USUAL: Final = re.compile(_IN_UTC, re.ASCII)
_ALL_USUAL: Final = re.compile(rf"(?:{_IN_UTC}\n)*+{_IN_UTC}", re.ASCII)
_CLOCK = (
    r"(?:,? +(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.? ?[Mm]\.?)?"
    r"(?: ?(Z|UTC|GMT|[+\u2212-]\d\d:?\d\d))?)?"
)
_NUMBERED = re.compile(rf"(\d{{1,4}})([/.-]) ?(\d{{1,2}})\2 ?(\d{{1,4}})\.?{_CLOCK}", re.ASCII)
_WORD = r"([^\W\d_]{3,12})"
_MONTH_FIRST = re.compile(rf"{_WORD}\.? (\d{{1,2}}),? (\d{{4}}){_CLOCK}")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})\.?[ -](?:de )?{_WORD}\.?[ -](?:de )?(\d{{4}}){_CLOCK}")
_EPOCH = re.compile(r"\d{10}(?:\.\d{1,6})?|\d{13}", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,12})?", re.ASCII)
# How cultures write the half of the day, before or behind the time.
_MORNING = "오전 上午 午前 πμ π.μ."
_EVENING = "오후 下午 午後 μμ μ.μ."
_HALVES = {
    **dict.fromkeys(_MORNING.split(), "AM"),
    **dict.fromkeys(_EVENING.split(), "PM"),
}
_HALF = re.compile("|".join(re.escape(half) for half in sorted(_HALVES, key=len, reverse=True)))
_SAID_YEAR = " \u0433."
"""What Bulgarian puts behind the year."""
_FRENCH_CLOCK = re.compile(r"(\d{1,2}) h (\d\d)(?: min (\d\d) s)?", re.ASCII)
_JSON_DATE = re.compile(r"\\?/Date\((\d{13})(?:[+-]\d{4})?\)\\?/", re.ASCII)


def _in_one_culture(text: str) -> str:
    """Return a time as an English computer writes it, but for the order of its parts."""
    plain = " ".join(re.sub("[\u00a0\u202f\u2009]", " ", text).split())
    if plain.isascii() and " h " not in plain and "Date(" not in plain:
        return plain
    if match := _JSON_DATE.fullmatch(plain):
        return match[1]
    plain = plain.replace(_SAID_YEAR, "")
    if match := _HALF.search(plain):
        before, after = plain[: match.start()].strip(), plain[match.end() :].strip()
        plain = f"{before} {after}".strip() + f" {_HALVES[match[0]]}"
    return _FRENCH_CLOCK.sub(lambda m: f"{m[1]}:{m[2]}:{m[3] or '00'}", plain)


def moment(text: str, decisions: Decisions = UNDECIDED, zone: dt.tzinfo = dt.UTC) -> Moment:
    """Return the instant a cell names; `zone` applies where the cell names none.

    Raises
    ------
    Unfit
        It is no time, no such date exists, or it is before 2000 or from 2100 on.
    NeedsDecision
        The day and the month could be swapped, and `decisions` does not say.

    Examples
    --------
    >>> moment("2026-11-16T08:15:30.1234567Z").at
    datetime.datetime(2026, 11, 16, 8, 15, 30, 123456)
    >>> moment("11/05/2026 8:15:30 AM", Decisions(date_order="mdy")).day
    datetime.date(2026, 11, 5)
    """
    if len(text) > MAX_TIME and len(text := text.strip()) > MAX_TIME:
        raise Unfit("the date {text} cannot be read", text=quoted(text))
    try:
        when = _iso(text, zone) or _other_moment(_in_one_culture(text), decisions, zone)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("there is no such date as {text}", text=quoted(text)) from None
    if when is None:
        raise Unfit(
            "the date {text} cannot be read" if text.strip() else "the date is empty",
            text=quoted(text),
        )
    if when.day.year not in YEARS:
        raise Unfit("the date {text} lies before 2000 or after 2099", text=quoted(text))
    return when


def moments(texts: Sequence[str], zone: dt.tzinfo = dt.UTC) -> list[Moment] | None:
    """Return what :func:`moment` does of each text; None: not all are of the usual form in UTC.

    All together take less time than one by one.

    Examples
    --------
    >>> [moment.day.day for moment in moments(["2026-11-16T08:15:30Z", "2026-11-17 09:00:00.123"])]
    [16, 17]
    >>> moments(["2026-11-16T08:15:30Z", "16/11/2026 09:00"]) is None
    True
    """
    together = "\n".join(texts)
    # A cell may hold several lines.
    are_lines = together.count("\n") == len(texts) - 1
    if zone is not dt.UTC or not are_lines or not _ALL_USUAL.fullmatch(together):
        return None
    try:
        at = [*map(dt.datetime.fromisoformat, together.replace("Z", "").split("\n"))]
    except ValueError:
        return None
    return [*map(Moment, at, map(dt.datetime.date, at))]


def _iso(text: str, zone: dt.tzinfo) -> Moment | None:
    if zone is dt.UTC and _USUAL.fullmatch(text):
        return _moment_at(dt.datetime.fromisoformat(text.removesuffix("Z")))
    match = ISO.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if hour is None:
        return Moment(None, dt.date(int(year), int(month), int(day)))
    return _instant(
        (int(year), int(month), int(day)),
        (int(hour), int(minute), int(second or 0), _microseconds(fraction)),
        _offset_zone(offset) if offset else zone,
    )


def _other_moment(plain: str, decisions: Decisions, zone: dt.tzinfo) -> Moment | None:
    if found := _iso(plain, zone):
        return found
    if match := _NUMBERED.fullmatch(plain):
        date = _numbered_date(match[1], match[2], match[3], match[4], decisions)
        return _with_clock(date, match.groups()[4:], zone)
    if match := _MONTH_FIRST.fullmatch(plain):
        return _with_clock(_date_with_month(match[3], match[1], match[2]), match.groups()[3:], zone)
    if match := _DAY_FIRST.fullmatch(plain):
        return _with_clock(_date_with_month(match[3], match[2], match[1]), match.groups()[3:], zone)
    if _EPOCH.fullmatch(plain):
        seconds = Fraction(plain) if len(plain.partition(".")[0]) == 10 else Fraction(plain) / 1000
        return _moment_at(dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(seconds * 10**6)))
    if _SERIAL.fullmatch(plain):
        return _excel_serial(plain, zone)
    return _rfc_2822(plain)


def _numbered_date(
    first: str, sign: str, second: str, third: str, decisions: Decisions
) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    if len(first) > 2 or len(third) not in (2, 4):
        raise ValueError
    year = int(third) + (2000 if len(third) == 2 else 0)
    order = "dmy" if sign == "." else decisions.date_orders.get(sign) or decisions.date_order
    if decisions.date_order == "ymd" and len(third) == 2 and sign != ".":
        return 2000 + int(first), int(second), int(third)
    if order not in ("dmy", "mdy"):
        if first.zfill(2) != second.zfill(2):
            raise NeedsDecision
        order = "dmy"
    day, month = (first, second) if order == "dmy" else (second, first)
    return year, int(month), int(day)


def order_votes(text: str) -> str | None:
    """Return which order a cell proves ("dmy" or "mdy"), "open" when it proves none, else None.

    Examples
    --------
    >>> [order_votes(t) for t in ("13/05/2026", "5/13/2026", "5/6/2026", "2026-05-06")]
    ['dmy', 'mdy', 'open', None]
    """
    match = _NUMBERED.fullmatch(_in_one_culture(text)) if len(text) <= MAX_TIME else None
    if not match or match[2] == "." or len(match[1]) > 2:
        return None
    first, second = int(match[1]), int(match[3])
    if first == second or (first > 12 and second > 12):
        return None
    return "dmy" if first > 12 else "mdy" if second > 12 else "open"


def date_sign(text: str) -> str:
    """Return what stands between the numbers of a date; empty where it is none of numbers.

    Examples
    --------
    >>> date_sign("16-11-2026 09:15"), date_sign("Nov 16, 2026")
    ('-', '')
    """
    match = _NUMBERED.fullmatch(_in_one_culture(text)) if len(text) <= MAX_TIME else None
    return match[2] if match else ""


def _date_with_month(year: str, month: str, day: str) -> tuple[int, int, int]:
    number = month_number(month)
    if number is None:
        raise ValueError
    return int(year), number, int(day)


def _with_clock(date: tuple[int, int, int], clock: Sequence[str | None], zone: dt.tzinfo) -> Moment:
    hour, minute, second, fraction, half, offset = clock
    if hour is None:
        return Moment(None, dt.date(*date))
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return _instant(
        date,
        (hours, int(minute or 0), int(second or 0), _microseconds(fraction)),
        _offset_zone(offset) if offset else zone,
    )


def _instant(
    date: tuple[int, int, int], clock: tuple[int, int, int, int], zone: dt.tzinfo
) -> Moment:
    at = dt.datetime(*date, *clock)
    if zone is dt.UTC:
        return Moment(at, at.date())
    return _moment_at(at.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None))


def _moment_at(at: dt.datetime) -> Moment:
    return Moment(at, at.date())


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


@lru_cache(maxsize=200)
def _offset_zone(text: str) -> dt.tzinfo:
    if text in ("Z", "UTC", "GMT"):
        return dt.UTC
    sign = -1 if text[0] in "-\u2212" else 1
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes))


def _excel_serial(text: str, zone: dt.tzinfo) -> Moment:
    days = Fraction(text.replace(",", "."))
    at = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(days * 86400))
    if days.denominator == 1:
        return Moment(None, at.date())
    return _instant((at.year, at.month, at.day), (at.hour, at.minute, at.second, 0), zone)


def _rfc_2822(text: str) -> Moment | None:
    parts = email.utils.parsedate_tz(text) if re.search("[A-Za-z]{3}", text) else None
    if parts is None or parts[0] < 1000:
        return None
    zone = dt.timezone(dt.timedelta(seconds=parts[9] or 0))
    return _instant(parts[:3], (*parts[3:6], 0), zone)


def zone_in_brackets(text: str) -> dt.tzinfo | None:
    """Return the time zone that a header names: `UTC+01:00`, `UTC`, `Europe/Amsterdam`.

    Of `(UTC+01:00) Amsterdam` it is the offset; of a city or `Local Time` alone there is none.

    Examples
    --------
    >>> zone_in_brackets("UTC+01:00"), zone_in_brackets("Local Time")
    (datetime.timezone(datetime.timedelta(seconds=3600)), None)
    """
    bare = text.strip()[:MAX_TIME]
    if match := _OFFSET_AND_CITIES.fullmatch(bare):
        bare = match[1].strip()
    if match := re.fullmatch(
        r"(?:UTC|GMT)? ?([+\u2212-]\d{1,2})(?::?(\d\d))?", bare, re.IGNORECASE
    ):
        hours, minutes = match[1][1:].zfill(2), match[2] or "00"
        is_offset = int(hours) <= 14 and int(minutes) < 60
        return _offset_zone(f"{match[1][0]}{hours}{minutes}") if is_offset else None
    if bare.upper() in ("UTC", "GMT", "Z", "COORDINATED UNIVERSAL TIME"):
        return dt.UTC
    try:
        return ZoneInfo(bare) if re.fullmatch(r"[A-Za-z_]+(?:/[A-Za-z_+-]+)+", bare) else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_offset_with_cities(text: str) -> bool:
    """Tell whether a zone is an offset with names behind it, which may have summer time, too.

    Examples
    --------
    >>> is_offset_with_cities("(UTC+01:00) Amsterdam, Berlin"), is_offset_with_cities("UTC+01:00")
    (True, False)
    """
    match = _OFFSET_AND_CITIES.fullmatch(text.strip()[:MAX_TIME])
    return bool(match and match[1].strip().upper() not in ("UTC", "GMT"))


_OFFSET_AND_CITIES = re.compile(r"\(?((?:UTC|GMT) ?(?:[+\u2212-]\d{1,2}(?::?\d\d)?)?)\)?[ ,;].+")

"""A line of a log without its envelope: when, which server and program, and the text itself.

A program writes a text; syslog, journald, a container or a search (`grep -n`) puts an envelope
around it, sometimes several. They are peeled off here, one after the other, so that whoever reads
the text never sees which one it came in.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final, NamedTuple

from smtpauth_kit.formats.log_months import month_of
from smtpauth_kit.values import times
from smtpauth_kit.values.cells import Unfit

MAX_LINE: Final = 16 * 1024
"""Characters of a line that a mail program may write; no envelope of a longer one is looked for."""


class LogLine(NamedTuple):
    """A line without its envelope."""

    stamp: str
    """The time as it came."""
    host: str
    """Empty where the envelope names none."""
    program: str
    process: str
    text: str
    outer: str = ""
    """The time of an envelope around it, which knows its zone; empty where there is none."""


_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
_MONTH = r"(?:[^\W\d_]{2,10}\.?|[0-9]{1,2}[月월])"
# The abbreviations that name one zone; others (IST, CST in China) name several.
_ZONES: Final = {
    **dict.fromkeys(("UTC", "GMT", "WET"), 0), **dict.fromkeys(("CET", "BST", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET", "SAST"), 2), **dict.fromkeys(("EEST", "MSK"), 3),
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_ZONE = (
    rf"(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?| (?:{'|'.join(_ZONES)}|[+-][0-9]{{2}}:?[0-9]{{0,2}}))"
)
_ISO = rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]{_TIME}{_ZONE}?"
_DAY = r"[0-9]{1,2}"
_NAMED = (
    rf"(?:[0-9]{{4}} )?{_MONTH} {{1,2}}{_DAY},? (?:[0-9]{{4}},? )?{_TIME}(?: [0-9]{{4}}(?= ))?"
    rf"|{_DAY}\.?[ -]{_MONTH}[ -](?:[0-9]{{4}},? )?{_TIME}"
)
_EPOCH = r"[0-9]{10}(?:\.[0-9]{1,9})?"
_STAMP = rf"(?:(?:[^\W\d_]{{2,4}}\.?,? )?(?:{_ISO}|{_NAMED})|{_EPOCH})"
_FACILITY = r"(?:<[a-z0-9.]{1,30}>|\[?[a-z0-9]{2,10}\.[a-z]{3,7}\]?:?) "
_HOST = r"\S{0,254}[^\s:]"
_PROGRAM = r"[^\s\[\]:]{1,100}"

# What nearly every line of nearly every log is: the other patterns are not asked about it.
_USUAL = re.compile(
    r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    r" ([\w.-]{1,255}) ([\w./@-]{1,100})(?:\[(\d{1,10})\])?: ([^\[ ].*)",
    re.ASCII | re.DOTALL,
)
_SYSLOG = re.compile(
    rf"(?:<[a-z0-9.]{{1,30}}>)?({_STAMP}) (?:{_FACILITY})?(?:({_HOST}) )?(?:{_FACILITY})?"
    rf"({_PROGRAM})(?:\[([0-9]{{1,10}})\])?: ?(.*)",
    re.DOTALL,
)
_DATA = r'(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.){0,2000}+"){0,2000}+\]){1,50}+)'
_RFC_5424 = re.compile(
    rf"(?:<[0-9]{{1,3}}>)?(?:1 )?({_STAMP}) ({_HOST}) ({_PROGRAM}) ([0-9]{{1,10}}|-) "
    rf"(\S{{1,64}}) {_DATA} ?(.*)",
    re.DOTALL,
)
_REPEATED_LAST = re.compile(
    rf"(?:<[0-9]{{1,3}}>)?({_STAMP}) (?:{_FACILITY})?(?:({_HOST}) )?(?:{_PROGRAM}: )?"
    r"((?:--- )?last message repeated [0-9]{1,9} times?(?: ---)?)"
)
_BARE = re.compile(rf"({_PROGRAM})\[([0-9]{{1,10}})\]: (.*)", re.DOTALL)
_SOLARIS = re.compile(r"\[ID [0-9]{1,10} [a-z0-9]{1,10}\.[a-z]{1,10}\] ")
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
_STARTS = rf"(?=(?:<[a-z0-9.]{{1,30}}>)?(?:1 )?{_STAMP} )"
_WRAPPERS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\x1b\[[0-9;]{0,20}m",  # colours of a terminal
        r"[\w./-]{1,200} +\| ?(?:\x1b\[[0-9;]{0,20}m)? ?",  # docker compose: mail-1  | …
        rf"(?P<at>{_INSTANT}) std(?:out|err) [FP] ",  # CRI, in Kubernetes
        rf"(?P<at>{_INSTANT}) {_STARTS}",  # docker logs -t
        rf"(?P<at>{_INSTANT}) (?={_PROGRAM}\[[0-9]{{1,10}}\]: )",
        r"\[(?:pod|container)/[^\]\s]{1,250}\] ",  # kubectl logs --prefix
        rf"(?:[A-Za-z]:)?[^\s:|]{{1,255}}[:-](?:[0-9]{{1,10}}[:-])?{_STARTS}",  # grep -H, -n
        rf" *[0-9]{{1,9}}(?:[:\-\t]|  ?){_STARTS}",  # grep -n, cat -n
        rf"(?:[\w.-]{{1,200}} ){{1,2}}{_STARTS}",  # stern: pod container …
    )
)
_PREAMBLE = re.compile(
    r"-- (?:Journal begins|Logs begin|Boot [0-9a-f]{32}|Reboot|No entries|cursor: )|--$"
)


def is_preamble(raw: str) -> bool:
    """Tell whether a line is what a tool writes between the lines of a log.

    Examples
    --------
    >>> is_preamble("-- Journal begins at Sun 2026-11-01 00:00:01 CET. --"), is_preamble("-- ")
    (True, True)
    """
    return raw.startswith("--") and bool(_PREAMBLE.match(raw.rstrip()))


def peeled(raw: str) -> LogLine | None:
    """Return a line without its envelope; None where it is in none that is known.

    Examples
    --------
    >>> line = peeled("mail-1  | 12:<22>1 2026-11-16T08:00:00Z mx1 postfix/smtpd 2256 - - connect")
    >>> line.host, line.program, line.process, line.text
    ('mx1', 'postfix/smtpd', '2256', 'connect')
    """
    if match := _USUAL.fullmatch(raw):
        return LogLine(match[1], match[2], match[3], match[4] or "", match[5])
    if len(raw) > MAX_LINE:
        return None
    text, outer = raw, ""
    for _ in range(6):
        wrapper = next((m for each in _WRAPPERS if (m := each.match(text))), None)
        if wrapper is None:
            break
        outer = wrapper.groupdict().get("at") or outer
        text = text[wrapper.end() :]
    return _inside(text, outer)


def _inside(text: str, outer: str) -> LogLine | None:
    if match := _REPEATED_LAST.fullmatch(text):
        return LogLine(match[1], match[2] or "", "", "", match[3].strip("- "), outer)
    is_new = text.startswith("<") and ">1 " in text[:6]
    for pattern in (_RFC_5424, _SYSLOG) if is_new else (_SYSLOG, _RFC_5424):
        if (match := pattern.fullmatch(text)) and clock_of(match[1]):
            stamp, host, program, process = (part or "" for part in match.groups()[:4])
            told = match[match.re.groups].removeprefix("\ufeff")
            if pattern is _SYSLOG:
                told = _SOLARIS.sub("", told, count=1) if told.startswith("[ID ") else told
            return LogLine(stamp, host, program, process.strip("-"), told, outer)
    if outer and (match := _BARE.fullmatch(text)):
        return LogLine(outer, "", match[1], match[2], match[3])
    return None


class Clock(NamedTuple):
    """What a stamp says: a day that may lack its year, a time, and a zone if it names one."""

    year: int | None
    month: int
    day: int
    time: dt.time
    zone: dt.tzinfo


_PARTS = re.compile(
    r"(?:[^\W\d_]{2,4}\.?,? )?(?:"
    rf"(?:([0-9]{{4}}) )?({_MONTH}) {{1,2}}({_DAY}),? (?:([0-9]{{4}}),? )?"
    rf"({_TIME})(?: ([0-9]{{4}}))?|({_DAY})\.?[ -]({_MONTH})[ -](?:([0-9]{{4}}),? )?({_TIME}))"
)
_ISO_PARTS = re.compile(
    r"(?:[^\W\d_]{2,4}\.?,? )?"
    rf"([0-9]{{4}})[-/]([0-9]{{2}})[-/]([0-9]{{2}})[T ]({_TIME})({_ZONE}?)"
)


@lru_cache(maxsize=1000)
def clock_of(stamp: str) -> Clock | None:
    """Return what a stamp says; None where there is no such month, day or time.

    Examples
    --------
    >>> clock_of("Νοε  6 15:30:49")[:4]
    (None, 11, 6, datetime.time(15, 30, 49))
    >>> clock_of("Mon 2026-11-16 09:00:00.5 CET").zone
    datetime.timezone(datetime.timedelta(seconds=3600))
    """
    try:
        if match := _ISO_PARTS.fullmatch(stamp):
            year, month, day, time, zone = match.groups()
            return Clock(int(year), int(month), int(day), _time(time), _zone(zone.strip()))
        if match := _PARTS.fullmatch(stamp):
            first, month, day, inner, time, last, day_, month_, year_, time_ = match.groups()
            number, year = month_of(month or month_), first or inner or last or year_
            return number and Clock(  # type: ignore[return-value]
                int(year) if year else None, number, int(day or day_), _time(time or time_), dt.UTC
            )
        at = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=float(stamp))
    except (ValueError, OverflowError):
        return None
    return Clock(at.year, at.month, at.day, at.time(), dt.UTC)


def _time(text: str) -> dt.time:
    clock, _, fraction = text.replace(",", ".").partition(".")
    hour, minute, second = map(int, clock.split(":"))
    return dt.time(hour, minute, min(second, 59), int((fraction or "0")[:6].ljust(6, "0")))


def _zone(text: str) -> dt.tzinfo:
    if not text or text == "Z" or _ZONES.get(text) == 0:
        return dt.UTC
    if text in _ZONES:
        return dt.timezone(dt.timedelta(hours=_ZONES[text]))
    sign, digits = -1 if text[0] == "-" else 1, text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return dt.timezone(sign * dt.timedelta(minutes=minutes))


def year_of(month: int, day: int, near: dt.date) -> int:
    """Return the year of a day that a log writes without one: the last that is not ahead of `near`.

    Examples
    --------
    >>> year_of(11, 16, dt.date(2026, 11, 22)), year_of(12, 31, dt.date(2027, 1, 2))
    (2026, 2026)
    """
    ahead = near + dt.timedelta(days=2)
    return ahead.year if (month, day) <= (ahead.month, ahead.day) else ahead.year - 1


def has_year(line: LogLine) -> bool:
    """Tell whether a line says its year, itself or by an envelope around it."""
    if line.outer:
        return True
    clock = clock_of(line.stamp)
    return clock is not None and clock.year is not None


def instant(line: LogLine, near: dt.date) -> times.Moment:
    """Return when a line was written; the envelope that knows its zone is believed.

    Examples
    --------
    >>> line = peeled("Nov 16 08:00:00 mx1 postfix/smtpd[1]: connect")
    >>> instant(line, dt.date(2026, 11, 22)).at
    datetime.datetime(2026, 11, 16, 8, 0)
    """
    return _instant(line.outer or line.stamp, near)


@lru_cache(maxsize=1000)
def _instant(stamp: str, near: dt.date) -> times.Moment:
    clock = clock_of(stamp)
    if clock is None:
        raise Unfit("there is no such date as {text}", text=repr(stamp))
    year = clock.year or year_of(clock.month, clock.day, near)
    try:
        at = dt.datetime.combine(dt.date(year, clock.month, clock.day), clock.time, clock.zone)
        utc = at.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Unfit("there is no such date as {text}", text=repr(stamp)) from None
    if not 2000 <= utc.year < 2100:
        raise Unfit("the date {text} lies before 2000 or after 2099", text=repr(stamp))
    return times.Moment(utc, utc.date())

"""Lines of a log that came as JSON: of journald, a container, or the API of a store of logs.

Each becomes the line that a log file would have. The fields are known by the last part of their
name, so that it does not matter what an API wraps around them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from smtpauth_kit.formats.log_envelope import is_preamble, peeled

_TEXT: Final = ("message", "msg", "log", "line", "_raw", "short_message", "textpayload", "text")
_TIME: Final = (
    "__realtime_timestamp", "_source_realtime_timestamp", "@timestamp", "timestamp", "time",
    "timereported", "isodate", "timegenerated", "date", "ts", "_time",
)  # fmt: skip
_HOST: Final = ("_hostname", "hostname", "host.name", "host.hostname", "fromhost", "host")
_PROGRAM: Final = (
    "syslog_identifier", "programname", "app-name", "app_name", "appname", "ident", "program",
    "process.name", "syslog.appname", "syslogtag", "tag", "_comm",
)  # fmt: skip
_PROCESS: Final = ("syslog_pid", "_pid", "procid", "process.pid", "syslog.procid", "pid")
MAX_LINES: Final = 100_000
"""Lines in one answer of an API."""


def lines_in(cells: Mapping[str, str]) -> list[str]:
    """Return the lines of a log that a JSON record holds; none where it is no record of a log.

    Examples
    --------
    >>> lines_in({"log": "Nov 16 08:00:00 mx postfix/smtpd[1]: x", "time": "2026-11-16T08:00:00Z"})
    ['2026-11-16T08:00:00Z Nov 16 08:00:00 mx postfix/smtpd[1]: x']
    """
    if line := _line(cells):
        return [line]
    found: list[str] = []
    for text in cells.values():
        if text.startswith("[") and len(found) < MAX_LINES:
            found += _inside(text)
    return found[:MAX_LINES]


def _line(cells: Mapping[str, str]) -> str:
    named = {_last(name): value for name, value in reversed(list(cells.items())) if value}
    named |= {name.casefold(): value for name, value in cells.items() if value}
    text = _decoded(_pick(named, _TEXT)).rstrip("\r\n")
    at = _instant(_pick(named, _TIME))
    if not text or is_preamble(text):
        return ""
    program, process = _pick(named, _PROGRAM).rstrip(":"), _pick(named, _PROCESS)
    if program and not peeled(text):
        process = f"[{process}]" if process.isdecimal() and "[" not in program else ""
        return f"{at} {_pick(named, _HOST) or '-'} {program}{process}: {text}" if at else ""
    return f"{at} {text}" if at else text


def _last(name: str) -> str:
    """Return the last part of a dotted name, or the last two of those that say nothing alone."""
    parts = name.casefold().split(".")
    return ".".join(parts[-2:]) if parts[-1] in ("name", "pid", "procid", "appname") else parts[-1]


def _pick(named: Mapping[str, str], names: Sequence[str]) -> str:
    for name in names:
        if value := named.get(name):
            return value
        if any(key.endswith("." + name) for key in named):
            return next(value for key, value in named.items() if key.endswith("." + name))
    return ""


def _decoded(text: str) -> str:
    """Return a text; journald gives one that is no plain text as an array of its bytes."""
    if text.startswith("[") and text[1:2].isdecimal():
        try:
            return bytes(json.loads(text)).decode("utf-8", "replace")
        except (ValueError, TypeError):
            return text
    return text


def _instant(text: str) -> str:
    """Return a time as ISO 8601 has it: seconds since 1970, or their thousandths and so on."""
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        return text if text[:4].isdecimal() else ""
    whole = text.partition(".")[0]
    scale = 10 ** max(len(whole) - 10, 0)
    try:
        at = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=float(text) / scale)
    except OverflowError:
        return ""
    return at.isoformat() + "Z"


def _inside(text: str) -> Iterator[str]:
    """Yield the lines in a list: of records, or of pairs of time and line."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return
    for item in items:
        if isinstance(item, dict):
            yield from _inside_record(item)
        elif isinstance(item, list) and len(item) >= 2 and all(isinstance(i, str) for i in item):
            yield from filter(None, [_line({"time": item[0], "line": item[1]})])


def _inside_record(item: Mapping[str, Any]) -> Iterator[str]:
    cells: dict[str, str] = {}
    _flatten(item, "", cells, 0)
    yield from lines_in(cells)


def _flatten(item: Mapping[str, Any], before: str, cells: dict[str, str], depth: int) -> None:
    for name, value in item.items():
        if isinstance(value, dict) and depth < 8:
            _flatten(value, f"{before}{name}.", cells, depth + 1)
        elif isinstance(value, str | int | float):
            cells[before + name] = str(value)
        elif value is not None:
            cells[before + name] = json.dumps(value)

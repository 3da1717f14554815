"""Large exports of made-up mail, streamed to disk, with an exact ledger of their totals.

For benchmarks and for trying detectors: ten million rows need no more memory than ten thousand.
With `planted`, one account floods strangers on the last night; which one is said in the ledger
and never in the export.
"""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.sample import story
from smtpauth_kit.sample.ledger import Attempt, Message
from smtpauth_kit.sample.message_exports import TRACE_HEADER, trace_row
from smtpauth_kit.sample.sign_in_exports import graph_sign_in

_CHUNK: Final = 20_000
_WRITTEN: Final = 4_000
_DRAWS: Final = 65_536
_TLS: Final = ("1.2",) * 14 + ("1.3",) * 3 + ("1.0",) * 2 + ("1.1",)
_CLOCK: Final = tuple(
    f"{h:02d}:{m:02d}:{s:02d}" for h in range(24) for m in range(60) for s in range(60)
)
_FLOOD_SHARE: Final = 0.01


@dataclass(frozen=True)
class Shape:
    """How large, and how spread."""

    rows: int
    senders: int = 2_000
    domains: int = 20
    days: int = 100
    last_day: dt.date = story.LAST_DAY
    seed: int = 1
    planted: bool = False
    first: int = 0
    """Number of its first message: exports of other numbers tell of other messages."""


@dataclass
class Totals:
    """What a large export holds, counted while it was made: messages, or sign-ins."""

    count: int = 0
    by_day: Counter[str] = field(default_factory=Counter)
    by_tls: Counter[str] = field(default_factory=Counter)
    by_domain: Counter[str] = field(default_factory=Counter)
    by_auth: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    planted: dict[str, int] = field(default_factory=dict)
    """Account to messages of its planted flood."""

    def as_json(self) -> str:
        """Return the totals as JSON, for a sidecar beside the export."""
        return json.dumps(self.__dict__, indent=1, sort_keys=True)


@dataclass(frozen=True, slots=True)
class _Who:
    address: str
    domain: str
    tls: str
    auth: str
    ip: str


def _people(shape: Shape) -> list[_Who]:
    return [
        _Who(
            address=f"sender{n:06d}@dept{n % shape.domains:03d}.contoso.com",
            domain=f"dept{n % shape.domains:03d}.contoso.com",
            tls=_TLS[(n * 7 + shape.seed) % len(_TLS)],
            auth="basic" if (n * 11 + shape.seed) % 3 else "oauth",
            ip=f"192.0.2.{n % 254 + 1}",
        )
        for n in range(shape.senders)
    ]


def _draws(shape: Shape) -> list[int]:
    """Return sender numbers with a long tail, in a mixed order that only the seed settles."""
    return [
        int(shape.senders * (((n * 40_503 + shape.seed * 9_973) % _DRAWS) / _DRAWS) ** 3)
        for n in range(_DRAWS)
    ]


def _stream(shape: Shape, totals: Totals) -> Iterator[tuple[int, str, str, _Who]]:
    """Yield (number, day, clock, sender) in the order of time, counting as it goes."""
    people, draws = _people(shape), _draws(shape)
    days = [
        (shape.last_day - dt.timedelta(days=shape.days - 1 - n)).isoformat()
        for n in range(shape.days)
    ]
    flood = int(shape.rows * _FLOOD_SHARE) if shape.planted else 0
    usual = shape.rows - flood
    seconds = shape.days * 86_400
    drawn: Counter[int] = Counter()
    for first in range(0, usual, _CHUNK):
        numbers = range(first, min(first + _CHUNK, usual))
        who = [draws[n % _DRAWS] for n in numbers]
        drawn.update(who)
        for n, sender in zip(numbers, who, strict=True):
            day, second = divmod(n * seconds // usual, 86_400)
            yield shape.first + n, days[day], _CLOCK[second], people[sender]
    totals.by_day.update(dict(_per_day(days, usual, seconds)))
    if flood:
        drawn[shape.senders // 2] += flood
        totals.planted[people[shape.senders // 2].address] = flood
        totals.by_day[days[-1]] += flood
        for n in range(flood):
            yield shape.first + usual + n, days[-1], _CLOCK[n % 10_800], people[shape.senders // 2]
    for sender, count in drawn.items():
        totals.by_tls[people[sender].tls] += count
        totals.by_domain[people[sender].domain] += count
        totals.by_auth[people[sender].auth] += count
    totals.count = shape.rows


def _per_day(days: list[str], usual: int, seconds: int) -> Iterator[tuple[str, int]]:
    """Yield how many of `usual` evenly spread rows fall on each day."""
    firsts = [-(-(n * 86_400 * usual) // seconds) for n in range(len(days) + 1)]
    for day, (first, after) in zip(days, itertools.pairwise(firsts), strict=True):
        yield day, after - first


def write_log(path: Path, shape: Shape) -> Totals:
    """Write a plain submission log, about 160 bytes a row; `.gz` is compressed.

    Examples
    --------
    >>> totals = write_log(folder / "large.csv", Shape(rows=1000, senders=50, domains=3))
    >>> totals.count, totals.by_tls.total(), totals.by_day.total()
    (1000, 1000, 1000)
    """
    header = (
        "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
        "Authentication protocol,Account\r\n"
    )
    names = {"basic": "Basic", "oauth": "OAuth"}
    totals = Totals()
    lines = (
        f"{day}T{clock}.{n % 1000:03d}Z,{who.address},recipient{n % 9973:05d}@partner.example,"
        f"<{n:010x}.{n * 2_654_435_761 % 4_294_967_296:08x}@{who.domain}>,TLS{who.tls},{who.ip},"
        f"{names[who.auth]},{who.address}\r\n"
        for n, day, clock, who in _stream(shape, totals)
    )
    _write(path, "utf-8", itertools.chain([header], lines))
    return totals


def write_trace(path: Path, shape: Shape) -> Totals:
    """Write an extended trace in UTF-16LE: every fourth row is a submission, others its events."""
    totals = Totals()
    messages = Shape(**{**shape.__dict__, "rows": shape.rows // 4})

    templates = {tls: _trace_template(tls) for tls in _TLS}

    def lines() -> Iterator[str]:
        yield ",".join(TRACE_HEADER) + "\r\n"
        for n, day, clock, who in _stream(messages, totals):
            yield templates[who.tls] % {
                "day": day,
                "clock": clock,
                "from": who.address,
                "ip": who.ip,
                "to": f"recipient{n % 9973:05d}@partner.example",
                "id": f"<{n:010x}@{who.domain}>",
                "net": f"{n:08x}-0000-4000-8000-{n * 2_654_435_761 % 281_474_976_710_656:012x}",
            }

    _write(path, "utf-16-le", lines())
    # What a trace cannot tell is unknown in every answer from it.
    totals.by_auth = Counter({"unknown": totals.count})
    return totals


_MOMENT: Final = dt.datetime(2001, 2, 3, 4, 5, 6)
"""Stands for the time in a template: no other value of a row has its digits."""


def _trace_template(tls: str) -> str:
    """Return the four event rows of a message as the sample writes them, with %-places."""
    message = Message(
        _MOMENT, "%(from)s", tls, "unknown", "%(ip)s", ("%(to)s",), "%(id)s", "%(net)s", "Scan"
    )
    events = ("RECEIVE", "AGENTINFO", "SENDEXTERNAL", "DELIVER")
    rows = [",".join(trace_row(message, event, n)) + "\r\n" for n, event in enumerate(events)]
    return "".join(rows).replace(_MOMENT.isoformat(), "%(day)sT%(clock)s")


def write_sign_ins(path: Path, shape: Shape) -> Totals:
    """Write sign-ins as Graph returns them; one in fifty failed."""
    totals = Totals()
    templates = {
        (auth, success): _sign_in_template(auth, success)
        for auth in ("basic", "oauth")
        for success in (True, False)
    }

    def lines() -> Iterator[str]:
        yield '{"value": [\n'
        for n, day, clock, who in _stream(shape, totals):
            row = templates[who.auth, n % 50 != 0] % {
                "day": day,
                "clock": clock,
                "who": who.address,
                "name": who.address.partition("@")[0],
                "ip": who.ip,
                "id": f"{n:08x}-0000-4000-8000-{n:012x}",
            }
            yield "," + row if n else row
        yield "]}\n"

    _write(path, "utf-8", lines())
    failed = -(-shape.rows // 50)
    totals.by_result.update(success=shape.rows - failed, failure=failed)
    return totals


def _sign_in_template(auth: str, success: bool) -> str:
    """Return a sign-in as the sample writes it for Graph, with %-places."""
    attempt = Attempt(
        "%(id)s", _MOMENT, "%(who)s", success, 0 if success else 50126, auth, "%(ip)s", "NL",
        "Amsterdam", 64496, "BAV2ROPC" if auth == "basic" else "", "Authenticated SMTP",
    )  # fmt: skip
    sign_in = graph_sign_in(attempt) | {"userDisplayName": "%(name)s", "userId": "%(name)s"}
    return json.dumps(sign_in).replace(_MOMENT.isoformat(), "%(day)sT%(clock)s") + "\n"


def _write(path: Path, encoding: str, lines: Iterator[str]) -> None:
    with ExitStack() as stack:
        raw: Any = stack.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            raw = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))
        while chunk := list(itertools.islice(lines, _WRITTEN)):
            raw.write("".join(chunk).encode(encoding))


WRITERS: Final[dict[str, Callable[[Path, Shape], Totals]]] = {
    "log": write_log,
    "trace": write_trace,
    "sign-ins": write_sign_ins,
}

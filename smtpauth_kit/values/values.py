"""What one cell means: text to a typed value, or a plain reason why it is none.

Pure functions. Each rule is one of LOADING's points: addresses, times, counts, TLS versions.
Where a cell alone cannot tell (day or month first, thousands or decimals) a `Decisions` made over
the whole file does; without one, `NeedsDecision` asks for it.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, wraps
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import idna

from smtpauth_kit.base.errors import SentenceError
from smtpauth_kit.values import spellings
from smtpauth_kit.values.months import month_number

MAX_ADDRESS: Final = 320
MAX_COUNT: Final = 2**63 - 1
MAX_TIME: Final = 200
"""A longer text is no time."""
MAX_WORD: Final = 100
"""A longer text is no name of a TLS version, and no number of messages."""
DATE_ORDERS: Final = ("dmy", "mdy", "ymd")

T = TypeVar("T")


class Unfit(SentenceError, ValueError):
    """A cell that does not fit; its text is the reason a row is rejected for."""


class NeedsDecision(Exception):
    """A cell that can be read in two ways; the whole file must be looked at first."""


@dataclass(frozen=True)
class Decisions:
    """What was decided over a whole file. None: nothing in it has asked for a decision yet."""

    date_order: str | None = None
    date_orders: Mapping[str, str] = field(default_factory=dict)
    """The order of dates with one separator, where a file has two and each has its own."""
    decimal_mark: str | None = None
    """The sign before a fraction in counts: "." or ","."""


# --- addresses -----------------------------------------------------------------------------


class Address(NamedTuple):
    """An address as it came, as it is compared, and its domain in IDNA form."""

    shown: str
    key: str
    domain: str


MAX_KEPT: Final = 1000
"""Longer texts are not remembered: a hundred thousand of them would fill the memory."""


def _remembered(size: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Remember what a function makes of the last texts: most stand in a file again and again."""

    def remembering(read: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=size)(read)

        @wraps(read)
        def remembered(text: str) -> T:
            return kept(text) if len(text) <= MAX_KEPT else read(text)

        return remembered

    return remembering


@_remembered(100_000)
def sender_address(text: str) -> Address:
    """Return the address in `text`.

    Examples
    --------
    >>> sender_address(" Scanner@CONTOSO.com ")
    Address(shown='Scanner@CONTOSO.com', key='scanner@contoso.com', domain='contoso.com')
    >>> sender_address("info@bücher.example").domain
    'xn--bcher-kva.example'
    """
    address = account(text)
    if not address.shown:
        raise Unfit("the sender address is empty")
    if not address.domain or address.key.startswith("@"):
        raise Unfit("the sender address has no name before or no domain after an @")
    return address


@_remembered(100_000)
def account(text: str) -> Address:
    """Return who authenticated; unlike a sender address it needs no @ and may be empty."""
    shown = text.strip()
    if len(shown) > 4 * MAX_ADDRESS:
        # Before it is normalised: that takes long where many accents stand on one letter.
        raise Unfit("the address is longer than {n} characters", n=MAX_ADDRESS)
    shown = unicodedata.normalize("NFC", shown)
    if shown.startswith("<") and shown.endswith(">"):
        shown = shown[1:-1]
    if any(unicodedata.category(char) == "Cc" for char in shown):
        raise Unfit("the address holds control characters")
    if len(shown) > MAX_ADDRESS:
        raise Unfit("the address is longer than {n} characters", n=MAX_ADDRESS)
    name, at, domain = shown.rpartition("@")
    if not at:
        return Address(shown, unicodedata.normalize("NFC", shown.casefold()), "")
    host = domain_key(domain)
    return Address(shown, unicodedata.normalize("NFC", name.lower()) + "@" + host, host)


@_remembered(100_000)
def domain_key(domain: str) -> str:
    """Return the form domains are compared in: lower case, IDNA; look-alikes stay different.

    Examples
    --------
    >>> domain_key("BÜCHER.example"), domain_key("xn--bcher-kva.Example")
    ('xn--bcher-kva.example', 'xn--bcher-kva.example')
    """
    lower = unicodedata.normalize("NFC", domain.strip().lower()).rstrip(".")
    if lower.isascii():
        return lower
    try:
        return idna.encode(lower, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return lower


@_remembered(100_000)
def client_ip(text: str) -> str:
    """Return an IP address in its usual form; what is none stays the text it is.

    Examples
    --------
    >>> client_ip("[2001:DB8::0025]:587"), client_ip("::ffff:192.0.2.25"), client_ip("unknown")
    ('2001:db8::25', '192.0.2.25', 'unknown')
    """
    bare = text.strip()
    if match := re.fullmatch(r"\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+", bare):
        bare = match[1] or match[2]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


# --- TLS and authentication ----------------------------------------------------------------

_TLS = re.compile(
    r"(?:(?:sp_prot_)?(?:tls)?[ _-]*v?[ _]*1[._,]|tls[ _-]*v?1)([0-3])(?:_(?:server|client))?"
)
_NO_TLS = {"no tls", "none", "notls", "no_tls", "no-tls", "geen tls", "geen", "kein tls"}
_NO_TLS |= {"aucun tls", "sin tls", "sem tls", "nessun tls", "tls なし"}


@_remembered(1000)
def tls_version(text: str) -> str:
    """Return one of `names.TLS_VERSIONS`; never guessed.

    Examples
    --------
    >>> [tls_version(t) for t in ("TLS1.2", "SP_PROT_TLS1_0_SERVER", "No TLS", "SSL 3.0")]
    ['1.2', '1.0', 'none', 'unknown']
    """
    plain = text.strip()
    if len(plain) > MAX_WORD:
        return "unknown"
    plain = plain.casefold()
    if plain in _NO_TLS:
        return "none"
    # OpenSSL and Schannel both write TLS 1.0 without its minor version.
    if plain in ("tlsv1", "sp_prot_tls1_server"):
        return "1.0"
    match = _TLS.fullmatch(plain)
    return f"1.{match[1]}" if match else "unknown"


@_remembered(1000)
def auth_protocol(text: str) -> str:
    """Return one of `names.AUTH_PROTOCOLS`.

    Examples
    --------
    >>> [auth_protocol(t) for t in ("Basic auth", "OAuth 2.0", "XOAUTH2", "")]
    ['basic', 'oauth', 'oauth', 'unknown']
    """
    return spellings.auth_protocol(text) if len(text) <= MAX_WORD else "unknown"


def sign_in_protocol(protocol: str, user_agent: str) -> str:
    """Return how a sign-in authenticated: Exchange swaps a Basic password for a token by ROPC.

    Examples
    --------
    >>> sign_in_protocol("none", "BAV2ROPC"), sign_in_protocol("oAuth2", "")
    ('basic', 'oauth')
    """
    agent = user_agent.strip().casefold()
    if agent.startswith(("bav2ropc", "cbain")) or "ropc" in protocol.casefold():
        return "basic"
    return auth_protocol(protocol)


# --- counts and shares ---------------------------------------------------------------------

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019")
_PLAIN_COUNT = re.compile(r"\+?([0-9]+)")
_MARKED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)+")


def count(text: str, decisions: Decisions = Decisions()) -> int:
    """Return a whole number of messages, exact to 64 bits.

    Examples
    --------
    >>> count("5,280", Decisions(decimal_mark=".")), count("5.280", Decisions(decimal_mark=","))
    (5280, 5280)
    >>> count("12.5", Decisions(decimal_mark="."))
    Traceback (most recent call last):
    smtpauth_kit.values.values.Unfit: the count '12.5' is not a whole number
    """
    bare = text.translate(_SPACES)
    if match := _PLAIN_COUNT.fullmatch(bare):
        number = int(match[1]) if len(match[1]) <= 40 else MAX_COUNT + 1
    elif _MARKED.fullmatch(bare):
        number = _marked_count(bare, text, decisions)
    else:
        is_negative = re.fullmatch(r"[-\u2212][0-9.,]+", bare)
        raise Unfit(
            "the count {text} is negative"
            if is_negative
            else "the count {text} is not a whole number",
            text=_quoted(text),
        )
    if number > MAX_COUNT:
        raise Unfit("the count {text} is larger than any number of messages", text=_quoted(text))
    return number


def _marked_count(bare: str, text: str, decisions: Decisions) -> int:
    if decisions.decimal_mark is None:
        raise NeedsDecision
    decimal = decisions.decimal_mark
    thousands = "," if decimal == "." else "."
    whole, _, fraction = bare.lstrip("+").partition(decimal)
    grouped = re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})*|[0-9]+", whole)
    if not grouped or fraction.strip("0"):
        raise Unfit("the count {text} is not a whole number", text=_quoted(text))
    return int(whole.replace(thousands, "")[:40])


def decide_decimal_mark(cells: Sequence[str], language_mark: str) -> str:
    """Return the decimal mark of a column of counts, from all its cells.

    A sign that stands twice in one number, or before another sign, separates thousands. When no
    cell tells, the file's language does.

    Examples
    --------
    >>> decide_decimal_mark(["1.234", "12.500,0"], "."), decide_decimal_mark(["5,280"], ".")
    (',', '.')
    """
    votes = {".": 0, ",": 0}
    for cell in cells:
        bare = cell.translate(_SPACES)
        marks = re.sub("[^.,]", "", bare)
        if len(marks) > 1 and (marks[0] != marks[-1] or len(set(marks)) == 1):
            votes["," if marks[0] == "." else "."] += 1
        elif marks and not re.fullmatch(r"\+?[0-9]{1,3}[.,][0-9]{3}", bare):
            votes[marks[0]] += 1
    if votes["."] == votes[","]:
        return language_mark
    return max(votes, key=lambda mark: votes[mark])


_SHARE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)%?(?:\(([0-9.,]+)\))?")


class Share(NamedTuple):
    """A TLS cell: a percentage, the count in its brackets, and the width of a rounding step."""

    percent: Fraction
    stated: int | None
    step: Fraction


def share(text: str, decisions: Decisions = Decisions()) -> Share:
    """Return what a TLS cell says: `12.5`, `12,5 %`, `100%(472)`; an empty cell is 0.

    Examples
    --------
    >>> share("100%(472)").stated, float(share("12,5 %").percent)
    (472, 12.5)
    """
    bare = text.translate(_SPACES) or "0"
    match = _SHARE.fullmatch(bare)
    if not match or len(match[1]) > 30:
        raise Unfit("the TLS share {text} is not a percentage", text=_quoted(text))
    number = match[1].replace(",", ".")
    places = len(number.partition(".")[2])
    inside = None if match[2] is None else count(match[2], decisions)
    return Share(Fraction(number), inside, Fraction(1, 10**places))


def split_by_share(total: int, percents: Sequence[Fraction]) -> list[int]:
    """Split `total` by percentages with the largest remainder; the last part is what is missing.

    Examples
    --------
    >>> split_by_share(4000, [Fraction(0), Fraction("12.5"), Fraction("87.5")])
    [0, 500, 3500, 0]
    >>> split_by_share(3, [Fraction("33.33")] * 3)
    [1, 1, 1, 0]
    """
    missing = max(Fraction(100) - sum(percents), Fraction(0))
    parts = [*percents, missing]
    whole = sum(parts)
    quotas = [total * part / whole for part in parts]
    counts = [int(quota) for quota in quotas]
    order = sorted(range(len(parts)), key=lambda i: (counts[i] - quotas[i], i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


# --- times ---------------------------------------------------------------------------------


class Moment(NamedTuple):
    """An instant in UTC, or only a day (`at` is None) where the cell has no time of day."""

    at: dt.datetime | None
    day: dt.date


_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
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


def moment(text: str, decisions: Decisions = Decisions(), zone: dt.tzinfo = dt.UTC) -> Moment:
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
        raise Unfit("the date {text} cannot be read", text=_quoted(text))
    try:
        found = _iso(text, zone) or _other_moment(_in_one_culture(text), decisions, zone)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("there is no such date as {text}", text=_quoted(text)) from None
    if found is None:
        raise Unfit(
            "the date {text} cannot be read" if text.strip() else "the date is empty",
            text=_quoted(text),
        )
    if not 2000 <= found.day.year < 2100:
        raise Unfit("the date {text} lies before 2000 or after 2099", text=_quoted(text))
    return found


def _iso(text: str, zone: dt.tzinfo) -> Moment | None:
    match = _ISO.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if hour is None:
        return Moment(None, dt.date(int(year), int(month), int(day)))
    return _at(
        (int(year), int(month), int(day)),
        (int(hour), int(minute), int(second or 0), _micro(fraction)),
        _offset_zone(offset) if offset else zone,
    )


def _other_moment(plain: str, decisions: Decisions, zone: dt.tzinfo) -> Moment | None:
    if found := _iso(plain, zone):
        return found
    if match := _NUMBERED.fullmatch(plain):
        date = _numbered_date(match[1], match[2], match[3], match[4], decisions)
        return _with_clock(date, match.groups()[4:], zone)
    if match := _MONTH_FIRST.fullmatch(plain):
        return _with_clock(_named(match[3], match[1], match[2]), match.groups()[3:], zone)
    if match := _DAY_FIRST.fullmatch(plain):
        return _with_clock(_named(match[3], match[2], match[1]), match.groups()[3:], zone)
    if _EPOCH.fullmatch(plain):
        seconds = Fraction(plain) if len(plain.partition(".")[0]) == 10 else Fraction(plain) / 1000
        return _utc(dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(seconds * 10**6)))
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


def _named(year: str, month: str, day: str) -> tuple[int, int, int]:
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
    return _at(
        date,
        (hours, int(minute or 0), int(second or 0), _micro(fraction)),
        _offset_zone(offset) if offset else zone,
    )


def _at(date: tuple[int, int, int], clock: tuple[int, int, int, int], zone: dt.tzinfo) -> Moment:
    at = dt.datetime(*date, *clock)
    if zone is dt.UTC:
        return Moment(at, at.date())
    return _utc(at.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None))


def _utc(at: dt.datetime) -> Moment:
    return Moment(at, at.date())


def _micro(fraction: str | None) -> int:
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
    return _at((at.year, at.month, at.day), (at.hour, at.minute, at.second, 0), zone)


def _rfc_2822(text: str) -> Moment | None:
    parts = email.utils.parsedate_tz(text) if re.search("[A-Za-z]{3}", text) else None
    if parts is None or parts[0] < 1000:
        return None
    zone = dt.timezone(dt.timedelta(seconds=parts[9] or 0))
    return _at(parts[:3], (*parts[3:6], 0), zone)


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


def _quoted(text: str) -> str:
    short = text[:1000].strip()
    return repr(short if len(short) <= 60 else short[:60] + "…")

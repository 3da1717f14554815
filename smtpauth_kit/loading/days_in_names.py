"""The days that an export's name holds: offered where the file itself does not say them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from smtpauth_kit.values.months import MONTH_WORD, month_number

_DAY: Final = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)"  # 2026-11-16, 20261116
    r"|(?<!\d)(\d\d?)[-_. ](\d\d?)[-_. ](20\d\d)(?!\d)"  # 16-11-2026
    rf"|(?<![^\W\d_])({MONTH_WORD})\.?[-_ ]?(\d\d?)(?!\d)(?:,?[-_ ]+(20\d\d)(?!\d))?"  # Nov 16
    rf"|(?<!\d)(\d\d?)\.?[-_ ]?({MONTH_WORD})\.?(?:[-_ ]+(20\d\d)(?!\d))?",  # 16 nov
    re.IGNORECASE,
)


def period_in_name(path: str, modified: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return first and last day that a file's name holds; None where it holds no two days.

    A day without a year is the last one before the file was written.

    Examples
    --------
    >>> period_in_name("smtp_auth_report_2026-11-16_2026-11-22.csv", dt.date(2026, 11, 23))
    (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    >>> period_in_name("Report Nov 16 - Nov 22.csv", dt.date(2026, 11, 23))[0]
    datetime.date(2026, 11, 16)
    """
    name = PurePath(path.replace("!", "/").replace("\\", "/")).name[:300]
    parts = list(_DAY.finditer(name))
    years = [year for part in parts if (year := _year(part))]
    for order in ("dmy", "mdy"):
        days = list(_days(parts, years, order, modified))
        if len(days) == 2 and days[0] <= days[1]:
            return days[0], days[1]
    return None


def _year(part: re.Match[str]) -> int:
    return int(part[1] or part[6] or part[9] or part[12] or 0)


def _days(
    parts: list[re.Match[str]], years: list[int], order: str, modified: dt.date
) -> Iterator[dt.date]:
    for part in parts:
        year = _year(part) or (years[-1] if years else 0)
        if part[1]:
            month, day = int(part[2]), int(part[3])
        elif part[4]:
            first, second = int(part[4]), int(part[5])
            day, month = (first, second) if order == "dmy" else (second, first)
        else:
            month, day = month_number(part[7] or part[11]) or 0, int(part[8] or part[10])
        in_years = [year] if year else [modified.year, modified.year - 1]
        found = [day_ for y in in_years if (day_ := _day_of(y, month, day))]
        yield from [each for each in found if year or each <= modified][:1]


def _day_of(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None

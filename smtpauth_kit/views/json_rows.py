"""The rows of an answer as JSON can hold them: by column, or row by row."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd


def columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame's columns ready for JSON: days as ISO text, nothing as None.

    >>> columns(pd.DataFrame({"period_start": [dt.date(2026, 11, 16)], "message_count": [5]}))
    {'period_start': ['2026-11-16'], 'message_count': [5]}
    """
    return {str(name): [_plain(value) for value in rows[name].tolist()] for name in rows}


def records(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Return columns as rows.

    >>> records({"day": [1, 2], "count": [3, 4]})
    [{'day': 1, 'count': 3}, {'day': 2, 'count': 4}]
    """
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""The types that an engine promises of its rows, as DataFrames have them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd


def promised(rows: pd.DataFrame, types: Iterable[str]) -> pd.DataFrame:
    """Return rows with the types that :meth:`Engine.run` promises.

    Parameters
    ----------
    types
        What the engine calls the type of each column, as DuckDB or Spark names it. A column of a
        type that is none of the promised ones stays as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"day": pd.to_datetime(["2026-11-16", None]), "n": [1.0, None]})
    >>> promised(rows, ["DATE", "BIGINT"]).values.tolist()
    [[datetime.date(2026, 11, 16), 1], [None, None]]
    """
    import pandas as pd

    makers = (_KINDS.get(_plain_name(kind), _as_it_is) for kind in types)
    columns = zip(rows.items(), makers, strict=True)
    return pd.DataFrame({name: make(cells) for (name, cells), make in columns})


def _plain_name(kind: str) -> str:
    """Return a type's name in lower case, without its size or zone; "list" for any list."""
    name = kind.lower()
    if name.endswith("[]") or name.startswith("array<"):
        return "list"
    return re.split(r"[ (_]", name)[0]


def _dates(cells: pd.Series[Any]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    # Each different day is made once: a column of half a million has some ninety.
    places, found = pd.factorize(cells)
    days = [day.date() if isinstance(day, dt.datetime) else day for day in found]
    return pd.Series(np.array([*days, None], dtype=object)[places], dtype=object)


def _timestamps(cells: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    times = pd.to_datetime(cells)
    if times.dt.tz is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return times.astype("datetime64[us]")


def _whole_numbers(cells: pd.Series[Any]) -> pd.Series[Any]:
    return _objects(cells, int) if cells.isna().any() else cells.astype("int64")


def _floats(cells: pd.Series[Any]) -> pd.Series[Any]:
    return cells.astype("float64")


def _texts(cells: pd.Series[Any]) -> pd.Series[Any]:
    texts = cells.astype(object)
    return texts.where(texts.notna(), None)


def _booleans(cells: pd.Series[Any]) -> pd.Series[Any]:
    return _objects(cells, bool) if cells.isna().any() else cells.astype("bool")


def _lists(cells: pd.Series[Any]) -> pd.Series[Any]:
    return _objects(cells, list)


def _objects(cells: pd.Series[Any], make: Callable[[Any], Any]) -> pd.Series[Any]:
    import pandas as pd

    told = zip(cells, cells.isna(), strict=True)
    return pd.Series([None if missing else make(cell) for cell, missing in told], dtype=object)


def _as_it_is(cells: pd.Series[Any]) -> pd.Series[Any]:
    return cells


_KINDS: Final = {
    "date": _dates,
    "timestamp": _timestamps,
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint"), _whole_numbers),
    **dict.fromkeys(("float", "double"), _floats),
    **dict.fromkeys(("varchar", "string", "enum", "json"), _texts),
    "boolean": _booleans,
    "list": _lists,
}
"""What makes a column of each type, by the plain name DuckDB or Spark has for it."""

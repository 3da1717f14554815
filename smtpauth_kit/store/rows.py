"""Plain rows: what an engine answers as Python's own values, where no DataFrame is needed.

A command that prints ten rows would else wait longer for pandas than for its answer.
"""

from __future__ import annotations

import datetime as dt
from collections import namedtuple
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Cells = tuple[Any, ...]


class Rows:
    """Rows in their order. What is missing in them is None, whatever the type of its column.

    Dates are `datetime.date`, timestamps `datetime.datetime` (UTC, without a zone).

    Examples
    --------
    >>> rows = Rows(["sender", "n"], [("a@contoso.com", 2), ("b@contoso.com", None)])
    >>> len(rows), rows["n"], rows.records()[0], rows.named()[1].sender
    (2, [2, None], {'sender': 'a@contoso.com', 'n': 2}, 'b@contoso.com')
    """

    def __init__(
        self, columns: Iterable[str], rows: Iterable[Sequence[Any]], types: Sequence[str] = ()
    ) -> None:
        self.columns: Final = tuple(columns)
        self._rows: Final[list[Cells]] = [tuple(row) for row in rows]
        self._types: Final = types or ["any"] * len(self.columns)

    @classmethod
    def of_records(cls, columns: Iterable[str], records: Iterable[Mapping[str, Any]]) -> Rows:
        """Return rows that have their cells by the names of the columns."""
        names = tuple(columns)
        return cls(names, ([record[name] for name in names] for record in records))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Cells]:
        return iter(self._rows)

    def __getitem__(self, name: str) -> list[Any]:
        """Return the cells of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self._rows]

    def first(self) -> dict[str, Any]:
        """Return the cells of the first row by the names of their columns; there must be one."""
        return dict(zip(self.columns, self._rows[0], strict=True))

    def records(self) -> list[dict[str, Any]]:
        """Return each row as its cells by the names of the columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self._rows]

    def named(self) -> list[Any]:
        """Return each row as a named tuple."""
        made: Any = namedtuple("Row", self.columns)  # type: ignore[misc]
        return [made(*row) for row in self._rows]

    def kept(self, keep: Iterable[bool]) -> Rows:
        """Return the rows that are to be kept: a yes or no for each."""
        pairs = zip(self._rows, keep, strict=True)
        return Rows(self.columns, (row for row, is_kept in pairs if is_kept), self._types)

    def joined(self, others: Rows, *keys: str) -> Rows:
        """Return each row with the cells of the other one of the same keys; None: there is none."""
        names = [name for name in others.columns if name not in keys]
        cells = zip(*map(others.__getitem__, names), strict=True)
        theirs = dict(zip(zip(*map(others.__getitem__, keys), strict=True), cells, strict=True))
        nothing = (None,) * len(names)
        pairs = zip(self._rows, zip(*map(self.__getitem__, keys), strict=True), strict=True)
        return Rows((*self.columns, *names), ((*row, *theirs.get(k, nothing)) for row, k in pairs))

    def with_column(self, name: str, cells: Iterable[Any], kind: str = "any") -> Rows:
        """Return the rows with other cells in a column, or with one more column at their end."""
        columns = dict(zip(self.columns, self._cells(), strict=True)) | {name: list(cells)}
        kinds = dict(zip(self.columns, self._types, strict=True)) | {name: kind}
        return Rows(columns, zip(*columns.values(), strict=True), list(kinds.values()))

    def with_lists(self, name: str) -> Rows:
        """Return the rows with a list of its own in each cell of a column.

        >>> list(Rows(["n", "breaks"], [(1, ("basic_off", "auth_unknown"))]).with_lists("breaks"))
        [(1, ['basic_off', 'auth_unknown'])]
        """
        n = self.columns.index(name)
        rows = ((*row[:n], [*row[n]], *row[n + 1 :]) for row in self._rows)
        return Rows(self.columns, rows, self._types)

    def in_order(self, names: Sequence[str]) -> Rows:
        """Return the rows with these of their columns, in this order."""
        places = [self.columns.index(name) for name in names]
        rows = ([row[place] for place in places] for row in self._rows)
        return Rows(names, rows, [self._types[place] for place in places])

    def _cells(self) -> list[list[Any]]:
        """Return the cells of each column."""
        if not self._rows:
            return [[] for _ in self.columns]
        return [list(column) for column in zip(*self._rows, strict=True)]

    def blanked(self, untold: Iterable[Container[str]]) -> Rows:
        """Return the rows with None for what is untold: of each row the names of some columns."""
        rows, blank = [], set()
        for row, names in zip(self._rows, untold, strict=True):
            places = {n for n, name in enumerate(self.columns) if name in names}
            blank |= places
            rows.append([None if n in places else cell for n, cell in enumerate(row)])
        types = ["any" if n in blank else kind for n, kind in enumerate(self._types)]
        return Rows(self.columns, rows, types)

    def plain(self) -> Rows:
        """Return the rows themselves, as every table does."""
        return self

    def frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame.

        Columns are of objects, but for those of a type that :meth:`Engine.run` promises another.
        """
        import pandas as pd

        from smtpauth_kit.store.promised import promised

        columns = {
            name: pd.Series(column, dtype=object)
            for name, column in zip(self.columns, self._cells(), strict=True)
        }
        return promised(pd.DataFrame(columns), self._types)


def described(result: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """Return the names and the types of the columns that DuckDB has an answer in."""
    return [name for name, *_ in result.description], [str(k) for _, k, *_ in result.description]


def fetched(columns: Sequence[str], types: Sequence[str], rows: list[Cells]) -> Rows:
    """Return rows as DuckDB hands them to Python, with the types that plain rows have.

    Examples
    --------
    >>> at = dt.datetime(2026, 11, 16, 9, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    >>> list(fetched(["at", "share"], ["TIMESTAMP WITH TIME ZONE", "DOUBLE"], [(at, float("nan"))]))
    [(datetime.datetime(2026, 11, 16, 8, 0), None)]
    """
    makers = [(n, make) for n, kind in enumerate(types) if (make := _maker(kind))]
    if not makers:
        return Rows(columns, rows, types)
    changed = []
    for row in rows:
        cells = list(row)
        for place, make in makers:
            if cells[place] is not None:
                cells[place] = make(cells[place])
        changed.append(cells)
    return Rows(columns, changed, types)


def _maker(kind: str) -> Callable[[Any], Any] | None:
    if kind.startswith("DECIMAL"):
        return float
    makers: dict[str, Callable[[Any], Any]] = {
        "TIMESTAMP WITH TIME ZONE": _utc, "DOUBLE": _float, "FLOAT": _float,
    }  # fmt: skip
    return makers.get(kind)


def _utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def _float(number: float | Decimal) -> float | None:
    return None if number != number else float(number)


def of_frame(frame: pd.DataFrame) -> Rows:
    """Return the rows of a DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> list(of_frame(pd.DataFrame({"day": pd.to_datetime(["2026-11-16", None]), "n": [1, 2]})))
    [(datetime.datetime(2026, 11, 16, 0, 0), 1), (None, 2)]
    >>> of_frame(pd.DataFrame({"n": [1, 2]})).frame()["n"].dtype
    dtype('int64')
    """
    cells = [_cells(frame.iloc[:, place]) for place in range(len(frame.columns))]
    rows = zip(*cells, strict=True) if cells else ()
    types = [_kind(str(d), column) for d, column in zip(frame.dtypes, cells, strict=True)]
    return Rows(map(str, frame.columns), rows, types)


_KINDS: Final = {"int64": "bigint", "float64": "double", "bool": "boolean"}


def _kind(dtype: str, cells: list[Any]) -> str:
    """Return the type of a column; whole numbers beside None are objects in a DataFrame."""
    if dtype.startswith("datetime64"):
        return "timestamp"
    told = {type(cell) for cell in cells if cell is not None}
    return "bigint" if told == {int} else _KINDS.get(dtype, "any")


def _cells(column: pd.Series[Any]) -> list[Any]:
    values = column.astype(object).where(column.notna(), None).tolist()
    return [each.to_pydatetime() if hasattr(each, "to_pydatetime") else each for each in values]

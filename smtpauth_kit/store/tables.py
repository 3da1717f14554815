"""What `store.tables()` returns: every table and column, shown table by table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd

_HEAD = "<tr><th>Column</th><th>Type</th><th>Meaning</th></tr>"


class Tables(pd.DataFrame):
    """One row per table (its column_name is empty) and per column: table_name, column_name, type,
    meaning.

    A notebook shows each table under its name, to be folded out; a terminal shows all of it.

    Examples
    --------
    >>> print(Tables([["files", "", "", "exports"], ["files", "path", "VARCHAR", "its name"]],
    ...     columns=["table_name", "column_name", "type", "meaning"]))
    files: exports
      path  VARCHAR  its name
    """  # noqa: D205

    def _each(self) -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
        """Yield each table's name, its meaning, and its columns."""
        for name, rows in pd.DataFrame(self).groupby("table_name", sort=False):
            told = rows[["column_name", "type", "meaning"]]
            (_, _, meaning), *columns = told.itertuples(index=False, name=None)
            yield str(name), meaning, columns

    def __str__(self) -> str:
        """Write every table with its columns below it."""
        lines = []
        for name, meaning, columns in self._each():
            wide = [max((len(row[n]) for row in columns), default=0) for n in (0, 1)]
            lines.append(f"{name}: {meaning}")
            lines += [f"  {c:{wide[0]}}  {kind:{wide[1]}}  {told}" for c, kind, told in columns]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Write what `print` writes."""
        return str(self) if set(_NEEDED) <= set(self.columns) else super().__repr__()

    def _repr_html_(self) -> str:
        return "".join(
            f"<details><summary><code>{escape(name)}</code>: {escape(meaning)}</summary>"
            f"<table>{_HEAD}{''.join(map(_row, columns))}</table></details>"
            for name, meaning, columns in self._each()
        )


_NEEDED = ("table_name", "column_name", "type", "meaning")


def _row(cells: tuple[str, str, str]) -> str:
    name, kind, meaning = map(escape, cells)
    left = 'style="text-align:left"'
    return (
        f"<tr><td {left}><code>{name}</code></td><td {left}>{kind}</td>"
        f'<td style="text-align:left;white-space:normal">{meaning}</td></tr>'
    )

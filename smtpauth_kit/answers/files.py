"""What was loaded, and which rows were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import OfStatement, tabled
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd


@tabled
def files(engine: Engine, scope: Scope | None = None) -> Rows:
    """Every file loaded: what it was recognised as, its period, how its rows ended.

    Returns
    -------
    DataFrame
        file_id, loaded_at (UTC), path, format, status, rows_read, rows_loaded, rows_duplicate,
        rows_rejected, rows_other, message_count, period ([first, last day] or None), warnings
        (list of str), error (None), why, tenant; in the order of loading.
    """
    rows = engine.rows(*statement("files"))
    ends = zip(rows["period_start"], rows["period_end"], strict=True)
    rows = rows.with_column("period", [[start, end] if start else None for start, end in ends])
    rows = rows.with_column("error", [None] * len(rows))
    names = [name for name in rows.columns if name not in ("period_start", "period_end")]
    return rows.in_order([*names[:11], "period", names[11], "error", *names[12:-2]])


@tabled
def rejected(engine: Engine, scope: Scope | None = None) -> OfStatement:
    """Every row that was not loaded: file_id, path, line, reason, raw (as it came)."""
    return OfStatement(engine, *statement("rejected"))


def rejected_page(engine: Engine, file_id: int, limit: int, offset: int = 0) -> pd.DataFrame:
    """Return some of the rows of one file that were not loaded: line, reason, raw (as it came).

    `sentence` is the reason as the store keeps it for other languages.

    Examples
    --------
    >>> rejected_page(store, 1, limit=20).columns.tolist()
    ['line', 'reason', 'raw', 'sentence']
    """
    params = {"file_id": file_id, "limit": limit, "offset": offset}
    return engine.run(*statement("rejected_page", params=params))

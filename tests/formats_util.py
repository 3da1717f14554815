"""Convert an export without a store: what its format made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smtpauth_kit.base.facts import OpenLine
from smtpauth_kit.loading import recognising, staging
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.contents import examine

DATA = Path(__file__).parent / "data"


def staged(path: Path, **options: Any) -> tuple[list[Any], list[Any], Counts, Any]:
    """Return facts, rejected rows, counts and layout of one export."""
    (export,) = find_exports([path])
    content = examine(export)
    chosen = Options(**options)
    layout = recognising.recognise(export, content, chosen)
    counts, facts, rejected = Counts(), [], []
    for batch in staging.stage(export, content, layout, chosen, counts, lambda _: None):
        if batch is None:
            facts, rejected = [], []
        else:
            facts += [fact for fact in batch.facts if not isinstance(fact, OpenLine)]
            facts += [fact for columns in batch.columns for fact in columns.facts()]
            rejected += batch.rejected
    assert counts.read == counts.used + counts.rejected + counts.other
    return facts, rejected, counts, layout

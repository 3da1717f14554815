"""What names the facts of a store, so that what was made of them is known to be of these."""

from __future__ import annotations

from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine


def facts_name(engine: Engine) -> str:
    """Return what names the facts: the files in the store, in the order of loading.

    Examples
    --------
    >>> facts_name(store).split()[0]
    '1'
    """
    files = engine.rows(sql_text("facts_name"))
    return "\n".join(f"{file_id} {key}" for file_id, key in files)

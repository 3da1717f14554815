"""The columns of a file as a sentence names them."""

from __future__ import annotations

from collections.abc import Sequence

from smtpauth_kit.words.inert import printable


def quoted_names(labels: Sequence[str]) -> str:
    """Return column names in quotes, each cut after 60 characters.

    Examples
    --------
    >>> quoted_names(["Datum", "Van"])
    '“Datum”, “Van”'
    """
    short = (label if len(label) <= 60 else label[:60] + "…" for label in labels)
    return ", ".join(f"“{printable(label)}”" for label in short)

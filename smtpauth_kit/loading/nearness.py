"""Whether a file that no format fits is near one: only then is a mapping of columns any help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smtpauth_kit.formats import ExportFormat


def is_near(fmt: ExportFormat, missing: Sequence[str]) -> bool:
    """Tell whether at least half of the columns that a format requires are there.

    Examples
    --------
    >>> from smtpauth_kit.formats import FORMATS
    >>> log = next(fmt for fmt in FORMATS if fmt.name == "submission-log")
    >>> is_near(log, ["Sender address"]), is_near(log, ["Date", "Sender address"])
    (True, False)
    """
    required = sum(field.required for field in fmt.fields)
    return 2 * len(missing) <= required


def may_be_mapped(
    fmt: ExportFormat, missing: Sequence[str], samples: Mapping[str, Sequence[str]]
) -> bool:
    """Tell whether the missing columns may stand in a near file under other names.

    Senders are addresses: where no cell of its first rows is one, no column can be theirs.
    """
    if not is_near(fmt, missing):
        return False
    cells = [text for column in samples.values() for text in column]
    return "Sender address" not in missing or not cells or any("@" in text for text in cells)

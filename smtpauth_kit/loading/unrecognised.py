"""The refusal of a file that is no known export: what came closest, and what to do now."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from smtpauth_kit.base.errors import ColumnsNeeded, FileRefused
from smtpauth_kit.base.sentences import NOTHING, Sentence, column, listed
from smtpauth_kit.formats import ExportFormat, Layout
from smtpauth_kit.formats.format import normal_header
from smtpauth_kit.loading import nearness
from smtpauth_kit.loading.column_names import quoted_names
from smtpauth_kit.loading.data_rows import STARTS_LIKE_DATA
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.text_tables import text_records
from smtpauth_kit.words.inert import printable

HEADER_WITHIN: Final = 50
"""A header is looked for in this many records from the start."""
SAMPLES: Final = 3
"""Values of a column that are shown to whoever has to say what it is."""


@dataclass
class Nearest:
    """The format and the header that came closest to fitting each other."""

    score: tuple[bool, int, int] = (False, -99, 0)
    """Whether it is near; required fields that are missing, as a negative number; columns that
    are known."""
    format: ExportFormat | None = None
    missing: Sequence[str] = ()
    header: Sequence[str] = ()
    mapped: Sequence[str] = ()
    """Columns that the user named with --map."""
    problem: Sentence = NOTHING
    """Why the first record that could not be taken apart could not."""
    at: tuple[str | None, int] = (None, 0)
    """Delimiter and line of the header that is being looked at."""
    header_at: tuple[str | None, int] = (None, 0)

    def consider(
        self, fmt: ExportFormat, layout: Layout, missing: Sequence[str], header: Sequence[str]
    ) -> None:
        """Keep a format and a header that did not fit, if none before came nearer.

        Nearer is: half of its required columns there, then fewer of them missing, then more
        columns known.
        """
        score = (nearness.is_near(fmt, missing), -len(missing), len(layout.keys))
        # A row of data below an unknown header may look like a column or two.
        is_data = self.header and any(STARTS_LIKE_DATA.match(cell.strip()) for cell in header)
        is_known_here = layout.keys or (self.header_at == self.at and not self.score[2])
        is_nearer = is_known_here and score > self.score and not is_data
        if is_nearer or (not self.header and len(header) > 1):
            self.score, self.format, self.missing, self.header = score, fmt, missing, header
            self.header_at = self.at


def unrecognised(export: Export, content: Content, nearest: Nearest) -> FileRefused:
    """Return the refusal, with the columns of the file and how to say what they are."""
    path = printable(export.path)
    if not nearest.header:
        return FileRefused(
            "{file} is not an export the kit recognises: {why}. "
            "Expected a CSV or JSON export with its header; see README, “Your own exports”.",
            file=path,
            why=nearest.problem or Sentence("no line of its start has columns"),
        )
    assert nearest.format is not None
    columns = ", ".join(printable(c.strip())[:40] for c in nearest.header[:12])
    samples = _samples(export, content, nearest)
    is_helped = nearest.mapped or nearness.may_be_mapped(nearest.format, nearest.missing, samples)
    if not is_helped:
        return ColumnsNeeded(
            "{file} is not an export the kit recognises. Its columns: {columns}. {advice}",
            file=path,
            columns=columns or Sentence("none"),
            advice=_with_problem(
                Sentence(
                    "They are near those of no format the kit reads; README, “Your own exports”, "
                    "lists these."
                ),
                nearest,
            ),
            nearest=nearest.format.name,
            missing=nearest.missing,
            samples=samples,
        )
    return ColumnsNeeded(
        "{file} is not an export the kit recognises. Its columns: {columns}. "
        "Nearest format: {title}, which still needs {phrases}. {advice}",
        file=path,
        columns=columns or Sentence("none"),
        title=nearest.format.title,
        phrases=listed([column(label) for label in nearest.missing or ["Message count"]], "and"),
        advice=_advice(nearest),
        nearest=nearest.format.name,
        missing=nearest.missing,
        samples=samples,
    )


def _samples(export: Export, content: Content, nearest: Nearest) -> dict[str, list[str]]:
    """Return the columns of the nearest header, each with its first different values."""
    delimiter, line = nearest.header_at
    records = (
        json_records(export, content)
        if content.is_json
        else text_records(export, content, delimiter)
    )
    values_of: dict[str, list[str]] = {name.strip(): [] for name in nearest.header if name.strip()}
    for record in islice(records, 2 * HEADER_WITHIN):
        if record.problem or (not content.is_json and record.line <= line):
            continue
        cells = record.cells
        pairs = cells.items() if isinstance(cells, Mapping) else zip(nearest.header, cells)  # noqa: B905
        for name, text in pairs:
            seen, text = values_of.get(name.strip(), []), text.strip()[:80]
            if text and text not in seen and len(seen) < SAMPLES:
                seen.append(text)
    return values_of


def _advice(nearest: Nearest) -> Sentence:
    return _with_problem(_mapping_advice(nearest), nearest)


def _with_problem(advice: Sentence, nearest: Nearest) -> Sentence:
    if not nearest.problem:
        return advice
    return Sentence(
        "{advice} What could not be read first: {why}.", advice=advice, why=nearest.problem
    )


def _mapping_advice(nearest: Nearest) -> Sentence:
    header = {normal_header(cell) for cell in nearest.header}
    absent = [m for m in nearest.mapped if normal_header(m) not in header]
    if absent:
        return Sentence(
            "The file has no column {columns}, which --map names.", columns=quoted_names(absent)
        )
    options = [
        f'--map "{label}={_closest(label, nearest.header)}"' for label in nearest.missing[:3]
    ]
    if not options:
        return Sentence("Add the missing column, or export the file again.")
    return Sentence(
        "If it is there under another name, say so, for example: {options}",
        options=" ".join(options),
    )


def _closest(label: str, header: Sequence[str]) -> str:
    close = difflib.get_close_matches(label, [cell.strip() for cell in header], n=1, cutoff=0.6)
    return printable(close[0]) if close else "ITS COLUMN"

"""Rows of an export, read a column at a time: what a text means is asked once for all its rows.

A format that says by columns what its rows mean says it once: one row is read as columns of one
cell (`one_by_one`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any, TypeVar

from smtpauth_kit.base.facts import Columns, Fact, Rejected
from smtpauth_kit.values.cells import NeedsDecision, Unfit

T = TypeVar("T")
Cells = Sequence[str] | Mapping[str, str]
Ends = Sequence[Fact | Rejected]
Converter = Callable[[int, Cells], Ends]
"""Line and cells to facts; none for a row that is no submission or SMTP sign-in.

A log tells a message in many lines. Its converter holds what it knows until the message is whole,
and then gives the facts, each with the line it belongs to; so may a Rejected for an earlier line.
"""
ByColumns = Callable[["Rows"], Columns]
"""Rows to facts. What it counts in a tally it counts by `Rows.tell`."""


class SomeUnread(Exception):
    """Rows with a cell that cannot be read, or not yet: each is to be read alone."""

    def __init__(self, lines: set[int]) -> None:
        super().__init__()
        self.lines = lines


@dataclass(frozen=True)
class Rows:
    """Some rows of a file.

    Examples
    --------
    >>> from smtpauth_kit.formats import FORMATS
    >>> from smtpauth_kit.values import addresses
    >>> log = FORMATS[2].lay_out(["Date", "Sender address"], [0, 1], {})
    >>> rows = Rows(log.keys, [2, 3], [["2026-11-16", "a@contoso.com"], ["2026-11-17", "b"]])
    >>> rows.texts("date"), rows.texts("recipients")
    (['2026-11-16', '2026-11-17'], ['', ''])
    >>> try:
    ...     rows.each(addresses.sender_address, "sender_address")
    ... except SomeUnread as some:
    ...     some.lines
    {3}
    """

    keys: Mapping[str, Any]
    """Field name to column, as a layout has them."""
    lines: Sequence[int]
    cells: Sequence[Cells]
    is_alone: bool = False
    """It is one row, whose reason not to be read is raised as it is."""
    told: list[Callable[[], object]] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """Return the cells of a field; where the file has no column for it, empty ones."""
        key = self.keys.get(name)
        if key is None:
            return [""] * len(self.lines)
        if isinstance(key, str):
            return [cells.get(key, "") for cells in self.cells]  # type: ignore[union-attr]
        return [cells[key] for cells in self.cells]

    def each(self, read: Callable[..., T], *names: str) -> list[T]:
        """Return what the cells of a field, or of several together, mean in each row.

        Raises
        ------
        SomeUnread
            Some cannot be read; of a single row, the reason itself.
        """
        columns = [self.texts(name) for name in names]
        if len(columns) == 1:
            return self.each_of(read, columns[0])
        return self.each_of(lambda cells: read(*cells), list(zip(*columns, strict=True)))

    def each_of(self, read: Callable[[Any], T], cells: Sequence[Any]) -> list[T]:
        """Return what each of these means, one beside each row; see :meth:`each`."""
        if self.is_alone:
            return [read(cell) for cell in cells]
        known: dict[Any, T] = {}
        unread = set()
        for cell in set(cells):
            try:
                known[cell] = read(cell)
            except (Unfit, NeedsDecision):
                unread.add(cell)
        if unread:
            lines = zip(self.lines, cells, strict=True)
            raise SomeUnread({line for line, cell in lines if cell in unread})
        return [known[cell] for cell in cells]

    def where(self, kept: Sequence[Any]) -> Rows:
        """Return the rows that are kept: those beside a value that is true."""
        if all(kept):
            return self
        lines, cells = compress(self.lines, kept), compress(self.cells, kept)
        return replace(self, lines=[*lines], cells=[*cells])

    def repeated(self, found: Sequence[Sequence[Any]]) -> Rows:
        """Return the rows, each as often as something was found in it."""
        lines = zip(self.lines, found, strict=True)
        cells = zip(self.cells, found, strict=True)
        return replace(
            self,
            lines=[line for line, each in lines for _ in each],
            cells=[row for row, each in cells for _ in each],
        )

    def tell(self, count: Callable[[], object]) -> None:
        """Have something counted once, when the rows are read, or this one cannot be."""
        self.told.append(count)

    def tell_all(self) -> None:
        """Count what was said with `tell`."""
        for count in self.told:
            count()


def one_by_one(convert: ByColumns, keys: Mapping[str, Any]) -> Converter:
    """Return what reads one row as it is read among many."""

    def convert_one(line: int, cells: Cells) -> Ends:
        row = Rows(keys, [line], [cells], is_alone=True)
        try:
            return convert(row).facts()
        finally:
            row.tell_all()

    return convert_one


def read_together(
    convert: ByColumns, keys: Mapping[str, Any], lines: Sequence[int], cells: Sequence[Cells]
) -> tuple[Columns, set[int]]:
    """Return the facts of many rows, and the lines of those that are to be read alone."""
    alone = set[int]()
    while True:
        rows = Rows(keys, lines, cells).where([line not in alone for line in lines])
        try:
            found = convert(rows)
        except SomeUnread as some:
            alone |= some.lines
            continue
        rows.tell_all()
        return found, alone

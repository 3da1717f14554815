"""Pollute a clean table as exports get polluted on their way, and say what must still be true.

The classes are those of the public *Pollock* benchmark of CSV loading (VLDB 2023), written anew:
extra and missing separators and quotes cell by cell, other delimiters in a row, other quote and
escape characters, record delimiters, preambles, several or no headers, several tables, one row,
empty; and what our users meet beside them: encodings, types that change late, cut files, hostile
values.

Pollock's class                      the generator here
file without content, header only    "empty", "only its header"
one data row                         "one row"
no header, header of several rows    "no header", "the header in two rows", "… again further down"
preamble, several tables, footnote   "a preamble" (two kinds), "two tables", "a footnote"
field delimiter of the file          "delimiter semicolon", "… tab", "… pipe", "a space behind each …"
record delimiter of the file         "record delimiter CR", "… CRLF", "… of a line"
no or double trailing newline        "no end of the last line", "blank lines"
quotation mark, escape character     "every cell quoted", "other quotes throughout"
row: more or fewer separators        "an extra separator", "a missing separator", "a cell that …"
row: extra quotes, cell by cell      "an extra quote in front", "… behind", "a quote inside"
row: another delimiter               "another delimiter in a row", "a cell in other quotes"
row: escaped quotes                  "an escaped quote"

The same is done to the vendors' formats in test_pollution_formats.py. A polluted file is its text, the rows that must survive as they are, and whether the file may
be refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, NamedTuple

HEADER: Final = ("Date", "Sender address", "Recipient address", "Message ID", "TLS version")


class Table(NamedTuple):
    """A clean export: one row a message, each with an id of its own."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def ids(self) -> set[str]:
        """Return the message ids of the rows."""
        return {row[3].strip("<>") for row in self.rows}


class Polluted(NamedTuple):
    """What came of it."""

    kind: str
    content: bytes
    whole: frozenset[str]
    """Message ids whose rows are untouched: each must be loaded, or the file refused whole."""
    may_refuse: bool = False


def clean(count: int, dice: random.Random) -> Table:
    """Return a table of `count` rows."""
    return Table(
        tuple(
            (
                f"2026-11-{dice.randint(10, 20)}T{dice.randint(0, 23):02}:15:30Z",
                f"s{dice.randint(0, 4)}@contoso.com",
                f"r{dice.randint(0, 4)}@fabrikam.com",
                f"<{number}@a>",
                dice.choice(("TLS1.0", "TLS1.2", "TLS1.3", "")),
            )
            for number in range(count)
        )
    )


def written(table: Table, *, delimiter: str = ",", end: str = "\n", header: bool = True) -> str:
    """Return the table as text without any quotes."""
    rows = ([HEADER] if header else []) + list(table.rows)
    return "".join(delimiter.join(row) + end for row in rows)


def _lines(table: Table) -> list[str]:
    return written(table).splitlines()


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _without(table: Table, at: int) -> frozenset[str]:
    """Return the ids of all rows but the one on line `at` (0 is the header)."""
    return frozenset(table.ids - {table.rows[at - 1][3].strip("<>")} if at else ())


def _change_line(kind: str, change: Callable[[str, random.Random], str]) -> Pollution:
    """Return a pollution of one line, the header's included; a file without header may be refused."""

    def pollute(table: Table, dice: random.Random) -> Polluted:
        lines = _lines(table)
        at = dice.randrange(len(lines))
        lines[at] = change(lines[at], dice)
        return Polluted(kind, _joined(lines), _without(table, at), may_refuse=at == 0)

    return pollute


def at_cell(change: Callable[[str], str]) -> Callable[[str, random.Random], str]:
    def change_line(line: str, dice: random.Random) -> str:
        cells = line.split(",")
        at = dice.randrange(len(cells))
        cells[at] = change(cells[at])
        return ",".join(cells)

    return change_line


def _drop_one(sign: str) -> Callable[[str, random.Random], str]:
    def change_line(line: str, dice: random.Random) -> str:
        places = [i for i, char in enumerate(line) if char == sign]
        at = dice.choice(places)
        return line[:at] + line[at + 1 :]

    return change_line


def _whole_file(
    kind: str, change: Callable[[Table, random.Random], bytes], **more: bool
) -> Pollution:
    """Return a pollution after which every row still says what it said."""

    def pollute(table: Table, dice: random.Random) -> Polluted:
        return Polluted(kind, change(table, dice), frozenset(table.ids), **more)

    return pollute


def _all_quoted(table: Table, quote: str = '"', escape: str = '""') -> str:
    rows = [HEADER, *table.rows]
    return "".join(
        ",".join(quote + cell.replace(quote, escape) + quote for cell in row) + "\n" for row in rows
    )


def _cut(table: Table, dice: random.Random) -> Polluted:
    text = written(table)
    head = len(",".join(HEADER)) + 1
    at = dice.randint(head, len(text) - 1)
    whole = text[:at].count("\n") - 1
    ids = frozenset(row[3].strip("<>") for row in table.rows[:whole])
    return Polluted("cut in mid row", text[:at].encode(), ids, may_refuse=whole == 0)


def _late_type(table: Table, dice: random.Random) -> Polluted:
    value = dice.choice(("n/a", "1e309", "NaN", "2026-02-30", "99999999999999999999", "-1"))
    rows = list(table.rows)
    column = dice.choice((0, 1, 4))
    last = list(rows[-1])
    last[column] = value
    return Polluted(
        "a type that changes late",
        written(Table((*rows[:-1], tuple(last)))).encode(),
        frozenset(Table(tuple(rows[:-1])).ids),
        may_refuse=len(rows) == 1,
    )


HOSTILE: Final = (
    "=cmd|' /C calc'!A0", "'; drop table submissions; --", "<script>alert(1)</script>", "\x1b[2J",
    "{{constructor.constructor('x')()}}", "../../etc/passwd", "%s%n", "\u202egnp.exe", "A" * 70_000,
    "\x00", "read_csv('/etc/passwd')", "${jndi:ldap://x.example}", "@SUM(1)", "\ufeff", "NULL",
)  # fmt: skip


def _hostile(table: Table, dice: random.Random) -> Polluted:
    value = dice.choice(HOSTILE)
    at, column = dice.randrange(len(table.rows)), dice.randrange(5)
    rows = [list(row) for row in table.rows]
    rows[at][column] = value
    lines = [",".join(HEADER), *(",".join(f'"{c}"' for c in row) for row in rows)]
    # A file with a NUL may be taken for no text.
    return Polluted(
        "a hostile value", _joined(lines), _without(table, at + 1), may_refuse=value == "\x00"
    )


def _mixed_ends(table: Table, dice: random.Random) -> bytes:
    lines = _lines(table)
    return "".join(line + dice.choice(("\n", "\r", "\r\n")) for line in lines).encode()


def _two_tables(table: Table, dice: random.Random) -> bytes:
    other = "\nName,Colour\nBob,red\nEve,blue\n" if dice.random() < 0.5 else "\nTotal rows: 9\n"
    return (written(table) + other).encode()


Pollution = Callable[[Table, random.Random], Polluted]

POLLUTIONS: Final[tuple[Pollution, ...]] = (
    # One line: separators and quotes, cell by cell.
    _change_line("an extra separator", at_cell(lambda cell: f"{cell},")),
    _change_line("a missing separator", _drop_one(",")),
    _change_line("an extra quote in front", at_cell(lambda cell: f'"{cell}')),
    _change_line("an extra quote behind", at_cell(lambda cell: f'{cell}"')),
    _change_line("a quote inside", at_cell(lambda cell: f'{cell[:1]}"{cell[1:]}')),
    _change_line("a cell in other quotes", at_cell(lambda cell: f"'{cell}'")),
    _change_line(
        "another delimiter in a row", lambda line, dice: line.replace(",", dice.choice(";\t|"))
    ),
    _change_line("a cell that is missing", lambda line, _: line.rpartition(",")[0]),
    _change_line("a row of separators only", lambda line, _: "," * line.count(",")),
    _change_line("an escaped quote", at_cell(lambda cell: f'"\\"{cell}"')),
    # The whole file, in another dialect.
    *(
        _whole_file(f"delimiter {name}", lambda t, _, d=sign: written(t, delimiter=d).encode())
        for name, sign in (("semicolon", ";"), ("tab", "\t"), ("pipe", "|"))
    ),
    *(
        _whole_file(f"record delimiter {name}", lambda t, _, e=end: written(t, end=e).encode())
        for name, end in (("CRLF", "\r\n"), ("CR", "\r"))
    ),
    _whole_file("record delimiter of a line", _mixed_ends),
    _whole_file("every cell quoted", lambda t, _: _all_quoted(t).encode()),
    # Its dates are none, so every row is rejected: said, and nothing counted.
    lambda t, _: Polluted(
        "other quotes throughout", _all_quoted(t, "'", "\\'").encode(), frozenset()
    ),
    _whole_file(
        "a space behind each separator", lambda t, _: written(t).replace(",", ", ").encode()
    ),
    _whole_file("blank lines", lambda t, _: written(t).replace("\n", "\n\n").encode()),
    _whole_file("no end of the last line", lambda t, _: written(t).rstrip("\n").encode()),
    # Around the table.
    _whole_file(
        "a preamble", lambda t, d: ("Report of Monday\n" * d.randint(1, 9) + written(t)).encode()
    ),
    _whole_file(
        "a preamble with separators", lambda t, _: ("Made by,Bob\n,,,,\n" + written(t)).encode()
    ),
    _whole_file("a sep= line", lambda t, _: ("sep=,\n" + written(t)).encode()),
    _whole_file("a #TYPE line", lambda t, _: ("#TYPE System.Object\n" + written(t)).encode()),
    _whole_file("a footnote", lambda t, _: (written(t) + "These rows are confidential\n").encode()),
    _whole_file(
        "the header in two rows", lambda t, _: (",".join(HEADER) + "\n" + written(t)).encode()
    ),
    _whole_file(
        "the header again further down",
        lambda t, _: (written(t) + written(Table(t.rows[:1]))).encode(),
    ),
    _whole_file("no header", lambda t, _: written(t, header=False).encode(), may_refuse=True),
    _whole_file("two tables", _two_tables),
    # Bytes.
    *(
        _whole_file(f"encoding {name}", lambda t, _, e=name: written(t).encode(e))
        for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
    ),
    # What is left of it.
    _cut,
    _late_type,
    _hostile,
    lambda t, _: Polluted(
        "only its header", written(Table(())).encode(), frozenset(), may_refuse=True
    ),
    lambda t, _: Polluted(
        "one row", written(Table(t.rows[:1])).encode(), frozenset(Table(t.rows[:1]).ids)
    ),
    lambda t, _: Polluted("empty", b"", frozenset(), may_refuse=True),
)

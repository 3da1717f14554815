"""What begins in one file and goes on in another: the lines of both, read together.

A log is cut every hour, or when it is full, in the middle of sessions. Its format leaves the lines
of those open; here they are put into the order of time, whichever file was loaded first, and read
again by the same format. What that gives takes the place of what each file gave alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from smtpauth_kit.base.facts import Fact, Rejected, Session, SignIn, Submission, rejected
from smtpauth_kit.formats import FORMATS, Context
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.open_copy import OpenCopy
from smtpauth_kit.values.cells import Decisions, Unfit

NO_FILE: Final = -1


class _Line(NamedTuple):
    """A line that some file left open."""

    tenant: str
    format: str
    file_id: int
    line: int
    place: int
    logged_at: dt.datetime
    text: str


class Joined(NamedTuple):
    """What a line of a file gives when it is read together with those of other files."""

    tenant: str
    file_id: int
    end: Fact | Rejected


def find_joined(copy: OpenCopy, file_id: int, *, leaves: int = NO_FILE) -> bool:
    """Put the open lines that hang together with a file's into `joined`; False: no other file's."""
    copy.execute(sql_text("open_threads"), {"file_id": file_id})
    copy.execute(sql_text("open_joined"), {"leaves": leaves})
    other = "select 1 from joined where file_id <> $file_id limit 1"
    return bool(copy.rows(other, {"file_id": file_id}))


def read_together(copy: OpenCopy) -> list[Joined]:
    """Return what the lines in `joined` give, read in the order of time."""
    columns = ", ".join(_Line._fields)
    lines = [_Line(*row) for row in copy.rows(f"select {columns} from joined")]
    ends: list[Joined] = []
    for tenant, format_ in sorted({(line.tenant, line.format) for line in lines}):
        ends += _read([x for x in lines if (x.tenant, x.format) == (tenant, format_)])
    return ends


def _read(lines: Sequence[_Line]) -> list[Joined]:
    """Read lines of one format again, each as often as the file has it that has it most."""
    fmt = next(each for each in FORMATS if each.name == lines[0].format)
    header = fmt.open_header
    layout = fmt.lay_out(header, range(len(header)), {})
    context = Context(layout, Decisions(), is_joined=True)
    assert fmt.converter is not None  # A log is read line by line.
    convert, ordered = fmt.converter(context), _in_order(lines)
    ends: list[Fact | Rejected] = []
    for number, line in enumerate(ordered):
        try:
            ends += convert(number, line.text.split("\t", len(header) - 1))
        except Unfit as unfit:
            ends.append(rejected(number, unfit.sentence, line.text))
    for rest in context.at_end:
        ends += rest()
    return [
        Joined(line.tenant, line.file_id, end._replace(line=line.line))
        for end in ends
        for line in [ordered[end.line]]
    ]


def _in_order(lines: Sequence[_Line]) -> list[_Line]:
    """Return lines in the order they were written; files that overlap tell the same ones."""
    rank = next(each for each in FORMATS if each.name == lines[0].format).open_rank
    once: dict[tuple[str, int], _Line] = {}
    seen: Counter[tuple[int, str]] = Counter()
    for line in sorted(lines, key=lambda each: (each.file_id, each.place)):
        seen[line.file_id, line.text] += 1
        once.setdefault((line.text, seen[line.file_id, line.text]), line)
    begins: dict[int, tuple[dt.datetime, dt.datetime, int, str]] = {}
    for file_id in {line.file_id for line in lines}:
        own = [line for line in lines if line.file_id == file_id]
        times = [line.logged_at for line in own]
        first = min(own, key=lambda each: each.place).text
        begins[file_id] = (min(times), max(times), rank(first), first)
    return sorted(once.values(), key=lambda x: (x.logged_at, *begins[x.file_id], x.place))


def kinds_of(ends: Sequence[Joined]) -> dict[type, list[Joined]]:
    """Return what was read, by its kind."""
    kinds: dict[type, list[Joined]] = {Submission: [], SignIn: [], Session: [], Rejected: []}
    for end in ends:
        kinds[type(end.end)].append(end)
    return kinds

"""What a load gives back: how each file ended, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from smtpauth_kit.base.errors import ColumnsNeeded, FileRefused, PeriodNeeded
from smtpauth_kit.base.sentences import NOTHING, Sentence, filled, in_english
from smtpauth_kit.formats import Layout, header_key
from smtpauth_kit.loading.options import Period

LOADED: Final = "loaded"
ALREADY: Final = "already_loaded"
REFUSED: Final = "refused"
UNLOADED: Final = "unloaded"


@dataclass(frozen=True)
class FileResult:
    """How one file ended."""

    path: str
    format: str = ""
    status: str = REFUSED
    """loaded, already_loaded (every rows_* is 0) or refused."""
    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    rows_other: int = 0
    """Good rows that are no submission or SMTP sign-in, or one more of a message counted."""
    message_count: int = 0
    """Messages of the rows loaded; sign-ins count none."""
    period: Period | None = None
    """First and last UTC day its rows speak of."""
    warnings: tuple[Sentence, ...] = ()
    error: Sentence | None = None
    why: Sentence = NOTHING
    """What it was recognised by."""
    file_id: int | None = None
    layout: Layout | None = field(default=None, repr=False, compare=False)
    """Where its columns are, once it was recognised."""
    refusal: FileRefused | None = field(default=None, repr=False, compare=False)
    """The exception whose sentence is `error`; it knows which columns or period are missing."""

    @property
    def needs_period(self) -> bool:
        """It was refused only because nobody said which days it covers."""
        return isinstance(self.refusal, PeriodNeeded)

    @property
    def header(self) -> tuple[str, ...]:
        """Its columns as they came, where it has any."""
        if isinstance(self.refusal, ColumnsNeeded):
            return tuple(self.refusal.samples)
        return self.layout.header if self.layout else ()

    @property
    def header_key(self) -> str:
        """What a mapping of its columns is remembered under."""
        return header_key(self.header)

    @property
    def mapped_now(self) -> Mapping[str, str]:
        """Field to column, where a person said so in this load and the file is in the store."""
        is_new = self.layout and not self.layout.mapped_on and self.status != REFUSED
        return self.layout.mapped if self.layout and is_new else {}


@dataclass(frozen=True)
class LoadResult:
    """How a load ended."""

    files: tuple[FileResult, ...] = ()
    message_count: int = 0
    """Messages in the whole store, each counted once, from one source."""

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """The files that were refused."""
        return tuple(file for file in self.files if file.status == REFUSED)

    def rows(self, ending: str) -> int:
        """Return how many rows of all files ended so: read, loaded, duplicate, rejected, other."""
        return sum(getattr(file, f"rows_{ending}") for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return the load as `smtpauth load --json` prints it."""
        endings = ("read", "loaded", "duplicate", "rejected", "other")
        return {
            "files": [_file_dict(file) for file in self.files],
            **{f"rows_{ending}": self.rows(ending) for ending in endings},
            "message_count": self.message_count,
        }

    def summary(self) -> str:
        """Return the load in one plain line."""
        by_status = [
            (s, sum(f.status == s for f in self.files)) for s in (LOADED, ALREADY, REFUSED)
        ]
        files = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in by_status if n)
        left = {"n": self.message_count}
        held = filled("The store holds {n} {n:message|messages}.", left, in_english)
        if not files:
            return f"There was no file to load. {held}"
        number = filled("{n} {n:file|files}", {"n": len(self.files)}, in_english)
        read = filled("{n} {n:row|rows} read", {"n": self.rows("read")}, in_english)
        return (
            f"{number}: {files}. {read} = "
            f"{self.rows('loaded'):,} loaded + {self.rows('duplicate'):,} duplicate + "
            f"{self.rows('rejected'):,} rejected + {self.rows('other'):,} other. {held}"
        )


def _file_dict(file: FileResult) -> dict[str, Any]:
    inside = ("why", "file_id", "layout", "refusal")
    columns = {f.name: getattr(file, f.name) for f in fields(file) if f.name not in inside}
    columns["period"] = [day.isoformat() for day in file.period] if file.period else None
    columns["warnings"] = list(file.warnings)
    return columns

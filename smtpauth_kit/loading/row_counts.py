"""How the rows of a file ended, as far as the file alone tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpauth_kit.base.sentences import Sentence


@dataclass
class Counts:
    """How the rows of a file ended, as far as the file alone tells."""

    read: int = 0
    used: int = 0
    """Rows that gave a fact."""
    rejected: int = 0
    rejected_size: int = 0
    """Characters of rows that could not be read."""
    last_line: int = 0
    """Where the last row starts, also one that is no data."""
    broken_line: int = 0
    """Where the last row that could not be taken apart starts."""
    warnings: list[Sentence] = field(default_factory=list)
    is_open: bool = False
    """Another file may tell what its lines began, or end what it tells."""

    @property
    def other(self) -> int:
        """Good rows that gave no fact."""
        return self.read - self.used - self.rejected

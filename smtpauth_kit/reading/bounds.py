"""How much a file may hold: beyond one of these a file is refused, or a row rejected."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024
MAX_BYTES: Final = 20 * 1024 * MIB
"""Bytes of a file, unpacked."""
MAX_RATIO: Final = 200
"""Bytes unpacked for each byte on disk, beyond those that are free."""
RATIO_FREE_BYTES: Final = 64 * MIB
MAX_CELL: Final = MIB
"""Characters of a cell, or of a text in JSON."""
MAX_COLUMNS: Final = 1024
MAX_JSON_DEPTH: Final = 64
"""Objects and lists that may stand in one another in a JSON record."""
MAX_MEMBERS: Final = 1000
"""Files in an archive."""
MAX_LINE: Final = 8 * MIB
"""Characters of a line."""


def most_unpacked(packed: int) -> int:
    """Return how many bytes a file of `packed` bytes may unpack to.

    Examples
    --------
    >>> most_unpacked(1000) // MIB, most_unpacked(MIB) // MIB, most_unpacked(MAX_BYTES) // MIB
    (64, 200, 20480)
    """
    return min(max(RATIO_FREE_BYTES, MAX_RATIO * packed), MAX_BYTES)

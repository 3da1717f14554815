"""Altair, imported when it is first used: a screen whose charts are compiled does without."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Final

_ADDRESSES: Final = "rfc3987_syntax"
"""With it jsonschema checks international addresses, which no chart has; its grammar is built when
it is imported, and takes longer than all else that Altair imports."""


class _Altair:
    """Stands for the module; importing it takes two thirds of the time a screen takes to open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_imported(), name)

    def unchecked(self) -> AbstractContextManager[None]:
        """Make charts without checking each part against the schema, which takes a second.

        The charts of the kit are always the same: that they fit the schema is a test.
        """
        _imported()
        from altair.utils import schemapi

        return schemapi.debug_mode(False)


@cache
def _imported() -> Any:
    if _ADDRESSES in sys.modules or "jsonschema" in sys.modules:
        import altair

        return altair
    sys.modules[_ADDRESSES] = None  # type: ignore[assignment]  # "It is not installed."
    try:
        import altair
    finally:
        del sys.modules[_ADDRESSES]
    return altair


altair = _Altair()

"""Altair, imported when it is first used: a screen whose charts are compiled does without."""

from __future__ import annotations

from typing import Any


class _Altair:
    """Stands for the module; importing it takes two thirds of the time a screen takes to open."""

    def __getattr__(self, name: str) -> Any:
        import altair

        return getattr(altair, name)


altair = _Altair()

"""The places a cell is made for: each has its own way to read and write tables."""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """Where a cell is to run."""

    SENTINEL = "sentinel"
    DATABRICKS = "databricks"

"""Logs that are cut in the middle of sessions: any order of loading gives what one file would."""
from __future__ import annotations

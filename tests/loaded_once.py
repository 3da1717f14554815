"""Equal exports are loaded once in a process where tests ask stores: others get a copy of it.

What is copied is a store that the kit's own load made. Where loading itself is tested (`loading`,
`formats`, `reading`, `values`, `store`), where a test replaces a part of the kit, or has done
anything else with its store, each load is one.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path
from typing import Any

from smtpauth_kit.loading import loading
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.store.store import Store

ASKING = {"answers", "base", "cli", "mail", "reports", "screens", "views", "words"}
"""Folders of tests that ask stores."""

PLAIN = {"period", "tenant", "source_timezone"}
"""Options of a load that change nothing but the store."""

Key = tuple[Any, ...]


class LoadedOnce:
    """Stores as loads left them, in a folder of this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Key, tuple[Path, LoadResult]] = {}

    def load(
        self, store: Store, before: Key | None, path: Path, **options: Any
    ) -> tuple[Key | None, LoadResult]:
        """Load a file; return what the store then holds, and how the load ended.

        `before`: what it held, as this said; None: nobody knows.
        """
        if before is None or not options.keys() <= PLAIN or store.settings_path.exists():
            return None, loading.load(store, path, **options)
        key = (*before, (path.name, path.read_bytes(), repr(sorted(options.items()))))
        if key in self._kept:
            kept, result = self._kept[key]
            new = store.path.with_name("copy.duckdb")
            shutil.copyfile(kept, new)
            os.replace(new, store.path)
            files = (dataclasses.replace(file, path=str(path)) for file in result.files)
            return key, dataclasses.replace(result, files=tuple(files))
        result = loading.load(store, path, **options)
        if len(result.files) == 1 and store.path.exists():
            kept = self._folder / f"{len(self._kept)}.duckdb"
            shutil.copyfile(store.path, kept)
            self._kept[key] = kept, result
        return key, result

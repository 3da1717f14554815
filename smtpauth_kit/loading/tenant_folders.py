"""Tenants by their folders: a folder that holds a folder of exports for each tenant."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.exports import Export, refused, storable
from smtpauth_kit.words.inert import printable


def exports_of_tenants(folders: Sequence[str | Path]) -> list[tuple[Export, str]]:
    """Return every export in some folders, each with its tenant: the folder it stands in there.

    How deep in that folder does not matter. A file that stands in none has no tenant. A name is
    data, whatever signs are in it; only its accents are written in one way, because systems differ.

    Examples
    --------
    >>> (folder / "lake" / "contoso" / "2026-11").mkdir(parents=True)
    >>> _ = (folder / "lake" / "contoso" / "2026-11" / "log.csv").write_text("Date")
    >>> [(Path(e.path).name, tenant) for e, tenant in exports_of_tenants([folder / "lake"])]
    [('log.csv', 'contoso')]
    """
    found: list[tuple[Export, str]] = []
    for folder in (Path(each).expanduser() for each in folders):
        if folder.is_dir():
            found += [(each, _tenant(each, folder)) for each in find_exports([folder])]
        else:
            why = FileRefused(
                "{file} is no folder. Name the folder that holds a folder for each tenant, or say "
                "the tenant of this file itself with --tenant.",
                file=printable(str(folder)),
            )
            found.append((refused(folder, why), ""))
    return found


def _tenant(export: Export, folder: Path) -> str:
    """Return the folder in `folder` that an export stands in; what is refused belongs to none."""
    if export.file is None:
        return ""
    first, *deeper = export.file.relative_to(folder).parts
    return unicodedata.normalize("NFC", storable(first)) if deeper else ""

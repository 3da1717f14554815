"""The files that a store holds, and how one is taken out of it again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from smtpauth_kit.answers.files import files
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import listed, sentences_from
from smtpauth_kit.loading.judging import keep_what_can_be_found
from smtpauth_kit.loading.results import UNLOADED, FileResult
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.inert import printable


def stored_files(store: Store) -> list[FileResult]:
    """Return every file that a store holds, as it ended when it was loaded.

    Examples
    --------
    >>> [(Path(file.path).name, file.rows_loaded) for file in stored_files(store)]
    [('log.csv', 3)]
    """
    kept = store.rows(sql_text("file_sentences"))
    said = dict(zip(kept["file_id"], kept["sentences"], strict=True))
    rows = files(store).to_dict("records")
    return [_stored(row, said[row["file_id"]]) for row in rows if row["file_id"] in said]


def _stored(row: Mapping[Hashable, Any], said: str) -> FileResult:
    """Return a file from its row, with what was said of it as sentences."""
    why, *warnings = sentences_from(said)
    names = [field.name for field in fields(FileResult) if field.name in row]
    known = {name: row[name] for name in names} | {
        "period": tuple(row["period"]) if row["period"] else None,
        "why": why,
        "warnings": tuple(warnings),
        "file_id": int(row["file_id"]),
    }
    return FileResult(**known)


def unload(store: Store, file: str | int) -> FileResult:
    """Take a loaded file out of the store again, exactly: as if it had never been loaded.

    Parameters
    ----------
    file
        Its file_id, its path as it was loaded, or its bare name where only one file has it.

    Returns
    -------
    FileResult
        The file as it was loaded, with status "unloaded".

    Raises
    ------
    KitError
        No file of that id, path or name is loaded, or several files have that path or name.

    Examples
    --------
    >>> unload(store, 1).rows_loaded
    3
    """
    result = _loaded_file(store, file)
    with store.writing() as writer:
        writer.unload(result.file_id or 0)
        keep_what_can_be_found(writer)
    return result


def _loaded_file(store: Store, file: str | int) -> FileResult:
    loaded = stored_files(store)
    wanted = Path(str(file)).expanduser().absolute()
    by_id = [each for each in loaded if str(each.file_id) == str(file).strip()]
    by_path = [each for each in loaded if Path(each.path).absolute() == wanted]
    at = by_id or by_path or [each for each in loaded if Path(each.path).name == str(file)]
    if not at:
        raise KitError(
            "No loaded file has the id or path {file}. `smtpauth show files` lists them.",
            file=printable(str(file)),
        )
    if len(at) > 1:
        raise KitError(
            "{file} was loaded {n} times, as files {ids}. "
            "Name one by its id; `smtpauth show files` tells them apart.",
            file=printable(str(file)),
            n=len(at),
            ids=listed([str(each.file_id) for each in at], "and"),
        )
    return replace(at[0], status=UNLOADED)

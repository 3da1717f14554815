"""What the load screen shows of files: rows of tables as HTML, and one line for all of a load."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.answers.files import rejected_page
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import restored
from smtpauth_kit.formats import title_of
from smtpauth_kit.loading import loaded_files
from smtpauth_kit.loading.results import (
    ALREADY,
    LOADED,
    REFUSED,
    UNLOADED,
    FileResult,
    LoadResult,
)
from smtpauth_kit.reports import fragments
from smtpauth_kit.screens import file_questions, load_words
from smtpauth_kit.store.store import Store
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import Words

PAGE_ROWS: Final = 20
"""Rejected rows, and files of the store, on one page."""
MAX_RAW: Final = 600
"""Characters of a rejected row that are shown; `smtpauth show rejected` has all of them."""
_ENDINGS: Final = ("read", "loaded", "duplicate", "rejected", "other")
"""How the rows of a file can end, as `FileResult` counts them, below the rows read."""


class FileTables:
    """What the load screen shows of files, as HTML of the templates that exported pages use."""

    def __init__(self, store: Store, words: Words) -> None:
        self._store, self._words = store, words
        self._counted: dict[int, int] | None = None

    def forget_counts(self) -> None:
        """Ask the store anew for the messages of its files: a load or an unload changed them."""
        self._counted = None

    def row(self, file: FileResult, key: str, *, is_busy: bool) -> dict[str, str]:
        """Return the row of one file: its key on the screen, and its HTML."""
        values = self._values(file, key, is_busy=is_busy)
        return {"key": key, "html": str(fragments.load_rows([values], self._words))}

    def whole(self, files: list[FileResult], status: str) -> str:
        """Return the table of these files with the status line below it."""
        values = [self._values(file, str(n)) for n, file in enumerate(files)]
        return str(fragments.load_fragment(values, status, self._words))

    def rejected(self, file_id: int, offset: int) -> str:
        """Return one page of the rejected rows of a file of the store."""
        file = next((f for f in self.stored() if f.file_id == file_id), None)
        if file is None:
            raise KitError("This file is no longer in the store.")
        values = {**_file_values(file, self._words), "rejected": self._rejected(file_id, offset)}
        return str(fragments.load_rejected(values, self._words))

    def stored_page(self, offset: int, *, is_busy: bool) -> str:
        """Return one page of the files that the store holds."""
        files = self.stored()
        shown = files[offset : offset + PAGE_ROWS]
        values = [self._values(f, f"s{f.file_id}", is_busy=is_busy) for f in shown]
        pages = {"offset": offset, "page": PAGE_ROWS, "total": len(files)}
        return str(fragments.load_stored(values, pages, self._words))

    def stored(self) -> list[FileResult]:
        """Return the files of the store; none where it cannot be read."""
        with suppress(KitError):
            return loaded_files.stored_files(self._store)
        return []

    def _values(self, file: FileResult, key: str, *, is_busy: bool = False) -> dict[str, Any]:
        # While a load is under way, what it loaded is not in the store yet.
        has_rejected = file.rows_rejected and file.file_id and file.status == LOADED
        rejected = self._rejected(file.file_id or 0, 0) if has_rejected and not is_busy else None
        values = {**_file_values(file, self._words), "key": key, "rejected": rejected}
        if file.status == ALREADY and not is_busy:
            # It counted nothing this time; unloaded, it takes away what it counted before.
            values["messages"] = self._counts_in_store().get(file.file_id or 0, 0)
        return values

    def _counts_in_store(self) -> dict[int, int]:
        """Return the messages of each file of the store, asked once for all rows drawn together."""
        if self._counted is None:
            self._counted = {file.file_id or 0: file.message_count for file in self.stored()}
        return self._counted

    def _rejected(self, file_id: int, offset: int) -> dict[str, Any]:
        rows = rejected_page(self._store, file_id, PAGE_ROWS, offset)
        kept = zip(rows["reason"], rows.pop("sentence"), strict=True)
        reasons = [self._words.sentence(restored(*each)) for each in kept]
        raws = [raw if len(raw) <= MAX_RAW else f"{raw[:MAX_RAW]} …" for raw in rows["raw"]]
        return {
            "rows": rows.assign(raw=raws, reason=reasons).to_dict("records"),
            "offset": offset,
            "page": PAGE_ROWS,
        }


def _file_values(file: FileResult, words: Words) -> dict[str, Any]:
    """Return what the row of a file shows, as the templates take it."""
    return {
        "name": Path(file.path).name,
        "path": file.path,
        "status": file.status,
        "status_text": _status(file.status, words),
        "format": words.sentence(title_of(file.format)),
        "days": [words.date(day) for day in dict.fromkeys(file.period or ())],
        "counts": [*(getattr(file, f"rows_{name}") for name in _ENDINGS), file.message_count],
        "counted": file.status == LOADED,
        "messages": file.message_count,
        "why": words.sentence(file.why),
        "warnings": [load_words.warning_of(warning, words) for warning in file.warnings],
        # An exported page says what was loaded, never where it was.
        "error": load_words.error_of(file, words).replace(
            printable(file.path), Path(file.path).name
        ),
        "file_id": file.file_id if file.status in (LOADED, ALREADY) else None,
        "rows_rejected": file.rows_rejected,
        "asks": isinstance(file.refusal, file_questions.ANSWERED),
        "is_mapped": bool(file.layout and file.layout.mapped) and file.status != REFUSED,
    }


def _status(status: str, words: Words) -> str:
    texts = {
        LOADED: words("Loaded"),
        ALREADY: words("Already loaded"),
        REFUSED: words("Refused"),
        UNLOADED: words("Unloaded"),
    }
    return texts[status]


def held(count: int, words: Words) -> dict[str, str]:
    """Return the messages that the store holds, as the texts of the status line take them."""
    return {"digits": str(count), "messages": words("messages", n=count)}


def summary(result: LoadResult, words: Words) -> str:
    """Return how all files of a load ended, in one plain line."""
    counts = [
        (s, sum(file.status == s for file in result.files)) for s in (LOADED, ALREADY, REFUSED)
    ]
    endings = ", ".join(f"{words.count(n)} {_status(s, words).lower()}" for s, n in counts if n)
    rows: dict[str, Any] = {name: result.rows(name) for name in _ENDINGS[1:]}
    return words(
        "{files}: {endings}. {read} = {loaded} loaded + {duplicate} duplicate + "
        "{rejected} rejected + {other} other. The store holds {digits} {messages}.",
        files=words("{n} files", n=len(result.files)),
        endings=endings or words("none"),
        read=words("{n} rows read", n=result.rows("read")),
        **rows, **held(result.message_count, words),
    )  # fmt: skip

"""What a user can meet when something does not fit: plain words, never a traceback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

from smtpauth_kit.base.sentences import Sentence, Value


class SentenceError(Exception):
    """An error whose text is a sentence: a template, a plain literal in the code, and its values.

    Examples
    --------
    >>> error = SentenceError("{file} is empty.", file="{x}.csv")
    >>> str(error), error.sentence.template
    ('{x}.csv is empty.', '{file} is empty.')
    """

    def __init__(self, template: str, /, **values: Value) -> None:
        self.sentence = Sentence(template, **values)
        super().__init__(self.sentence)

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        """Return the error that says what was put into words elsewhere."""
        return cls(sentence.template, **sentence.values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made: what a class asks for beside its sentence is kept, too."""
        return _copied, (type(self), self.sentence), self.__dict__


def _copied(kind: type[SentenceError], sentence: Sentence) -> SentenceError:
    return kind.__new__(kind, sentence)


class KitError(SentenceError):
    """Something a user can put right. Its text says what was found, expected, and to do now."""

    details: Mapping[str, Any] = MappingProxyType({})
    """What a script wants to know besides the words; `--json` prints it beside them."""

    def _render_traceback_(self) -> list[str]:
        """Show only the words in a notebook (IPython calls this hook in place of a traceback)."""
        return [str(self)]


class FileRefused(KitError):
    """A whole export file is not loaded; the store holds nothing of it."""


class PeriodNeeded(FileRefused):
    """A report says nothing of the days it covers; the person who exported it must."""

    def __init__(
        self,
        template: str,
        /,
        *,
        offered: tuple[dt.date, dt.date] | None = None,
        **values: Value,
    ) -> None:
        super().__init__(template, **values)
        self.offered = offered
        """First and last day that the file's name holds."""


class DateOrderNeeded(FileRefused):
    """Nothing in the file settles whether day or month comes first; `samples` are such dates."""

    def __init__(self, template: str, /, *, samples: Sequence[str] = (), **values: Value) -> None:
        super().__init__(template, **values)
        self.samples = tuple(samples)


class ColumnsNeeded(FileRefused):
    """No format has all its columns; whoever exported the file can say which column is which."""

    def __init__(
        self,
        template: str,
        /,
        *,
        nearest: str,
        missing: Sequence[str],
        samples: Mapping[str, Sequence[str]],
        **values: Value,
    ) -> None:
        super().__init__(template, **values)
        self.nearest = nearest
        """Name of the format that came closest."""
        self.missing = tuple(missing)
        """Fields of it that no column of the file is known to be."""
        self.samples = {column: tuple(values) for column, values in samples.items()}
        """Every column of the file, with a few of its values."""


class StoreError(KitError):
    """The store cannot be used: missing, damaged, foreign, of another version, or in use."""


class Cancelled(KitError):
    """The user stopped the work; files already loaded stay loaded."""


class UsageError(KitError):
    """The question itself is off: a range that ends before it starts, an unknown column."""


class OtherVersion(StoreError):
    """The store was made with another schema version: `schema`."""

    def __init__(self, template: str, /, *, schema_version: int = 0, **values: Value) -> None:
        super().__init__(template, **values)
        self.schema = schema_version

"""How far a load is, and how it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from smtpauth_kit.base.errors import Cancelled
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.words.inert import printable

Tick = Callable[[int], None]
"""Is called during one pass over a file, with the bytes read so far."""


@dataclass(frozen=True)
class Progress:
    """Where a load is: shown while it works."""

    path: str
    file: int
    files: int
    share: float
    """Of this file's bytes, 0 to 1; each byte is read two or three times."""
    work: Sentence | None = None
    """What is done where that is no file; `path` says it in English then."""


@dataclass
class Watch:
    """Tells the caller of a load how far it is, and stops it when the caller says so."""

    files: int
    tell: Callable[[Progress], None] | None
    cancelled: Callable[[], bool] | None
    at: Progress = field(default_factory=lambda: Progress("", 0, 0, 0.0))
    is_stopped: bool = False
    """Ctrl-C was pressed, or the notebook's Stop button."""

    def start(self, export: Export, number: int) -> None:
        """Tell that the work on a file begins; `number` counts the files of this load from 1."""
        self.at = Progress(printable(export.path), number, self.files, 0.0)
        self._tell()

    def tick_from(self, low: float, high: float, size: int) -> Tick:
        """Return a tick for one pass over a file of `size` bytes.

        The pass moves the file's share of progress from `low` to `high`.
        """

        def tick(read: int) -> None:
            self.tell_share(low + (high - low) * min(read / max(size, 1), 1.0))

        return tick

    def tell_share(self, share: float) -> None:
        """Tell what share of this file is done, 0 to 1, where another process works on it."""
        self.at = replace(self.at, share=share)
        self._tell()

    def tell_of(self, work: Sentence, number: int) -> Callable[[float], None]:
        """Return what tells the share done of work that is no file's, in words of its own."""

        def tell(share: float) -> None:
            self.at = Progress(str(work), number, self.files, share, work)
            self._tell()

        return tell

    def check(self) -> None:
        """Stop the work if somebody asked for it."""
        if self.is_stopped or (self.cancelled and self.cancelled()):
            raise Cancelled("Stopped. Files that were done stay loaded; this one left nothing.")

    def _tell(self) -> None:
        self.check()
        if self.tell:
            self.tell(self.at)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish to stop, which `check` hears; pressed again it stops at once.

        An interrupt in the middle of DuckDB's work would come out as some other error.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: object) -> None:
            if self.is_stopped:
                raise KeyboardInterrupt
            self.is_stopped = True

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before or signal.default_int_handler)

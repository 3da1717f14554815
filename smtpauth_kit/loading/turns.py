"""The files of a load in their turns: which one a process takes next, and what came of each.

Several threads ask, so everything happens under one lock. A large file is read once to know what it
is, and then in pieces; where pieces cannot be read by themselves, it is read whole.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from smtpauth_kit.loading.ahead import StagedAhead
from smtpauth_kit.loading.in_pieces import Cut, StagedPiece, together
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.tasks import Ended, File, PieceOf
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.reading.pieces import cut_out
from smtpauth_kit.store.parts import remove

WAIT_S: Final = 0.1


class Turns:
    """Hands out files and pieces in their order, and keeps what came of them until it is asked for.

    Parameters
    ----------
    files
        By their numbers in the load, in that order.
    most
        Files that may be taken and not asked for: what they left waits on the disk.
    """

    def __init__(self, files: Mapping[int, tuple[Export, Options]], most: int) -> None:
        self._files, self._most = files, most
        self._waiting: deque[File | PieceOf] = deque(
            File(number, *file) for number, file in files.items()
        )
        self._shares: dict[int, dict[int, float]] = {}
        """What share is done of each piece, of the files that were taken and not asked for."""
        self._cut: dict[int, tuple[Cut, dict[int, StagedPiece]]] = {}
        """The files that are read in pieces, with those that are done."""
        self._ended: dict[int, StagedAhead | Exception] = {}
        self._changed = threading.Condition()
        self._is_closed = False

    def __contains__(self, number: int) -> bool:
        """Tell whether the load handed over its `number`-th file."""
        return number in self._files

    def next(self) -> File | PieceOf | None:
        """Take what is next, when not too many files wait for their turn; None: it is over."""
        with self._changed:
            while not self.is_over:
                if self._waiting:
                    task = self._waiting[0]
                    if task.number in self._shares or len(self._shares) < self._most:
                        self._shares.setdefault(task.number, {0: 0.0})
                        return self._waiting.popleft()
                self._changed.wait()
            return None

    @property
    def is_over(self) -> bool:
        """Nothing is left to be taken, and nothing under way can become pieces."""
        with self._changed:
            is_done = not self._waiting and len(self._ended) == len(self._shares)
            return self._is_closed or is_done

    def tell(self, task: File | PieceOf, share: float) -> None:
        """Note what share of a file or piece is done."""
        with self._changed:
            if task.number in self._shares:
                self._shares[task.number][_place(task)] = share

    def end(self, task: File | PieceOf, ended: Ended) -> None:
        """Note what came of a file or a piece."""
        with self._changed:
            self._note(task, ended)
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody take anything any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def wait_for(
        self, number: int, has_hands: Callable[[], bool], tell: Callable[[float], None]
    ) -> StagedAhead | Exception | None:
        """Return what came of a file when it is done; None: nobody is there to do it.

        `tell` hears what share of it is done.
        """
        while True:
            with self._changed:
                if number in self._ended or not has_hands():
                    self._shares.pop(number, None)
                    self._changed.notify_all()
                    return self._ended.pop(number, None)
                self._changed.wait(WAIT_S)
                shares = self._shares.get(number, {0: 0.0})
                share = sum(shares.values()) / len(shares)
                if number in self._cut:  # It was read once before.
                    share = 0.1 + 0.9 * share
            tell(share)

    # --- under the lock --------------------------------------------------------------------

    def _note(self, task: File | PieceOf, ended: Ended) -> None:
        number = task.number
        if isinstance(ended, Cut):
            self._cut[number] = ended, {}
            self._shares[number] = dict.fromkeys(range(len(ended.pieces)), 0.0)
            self._waiting.extendleft(reversed(self._pieces(number, ended)))
        elif isinstance(task, File):
            assert isinstance(ended, StagedAhead | Exception)
            self._ended[number] = ended
        elif number not in self._cut:
            _forget(ended)
        elif isinstance(ended, StagedPiece):
            self._add(task, ended)
        else:
            self._forget_pieces(number)
            if isinstance(ended, Exception):
                self._ended[number] = ended
            else:
                self._read_whole(number)

    def _pieces(self, number: int, cut: Cut) -> list[PieceOf]:
        export, options = self._files[number]
        return [
            PieceOf(number, place, *cut_out(export, cut.content, piece), cut.layout, options)
            for place, piece in enumerate(cut.pieces)
        ]

    def _add(self, task: PieceOf, ended: StagedPiece) -> None:
        """Keep a piece that is done; the last one makes the file whole."""
        cut, done = self._cut[task.number]
        done[task.place] = ended
        self._shares[task.number][task.place] = 1.0
        if len(done) < len(cut.pieces):
            return
        whole = together(*self._files[task.number], cut, [done[n] for n in sorted(done)])
        if whole is None:
            self._forget_pieces(task.number)
            self._read_whole(task.number)
            return
        del self._cut[task.number]
        self._ended[task.number] = whole

    def _forget_pieces(self, number: int) -> None:
        self._waiting = deque(task for task in self._waiting if task.number != number)
        for piece in self._cut.pop(number)[1].values():
            _forget(piece)

    def _read_whole(self, number: int) -> None:
        self._shares[number] = {0: 0.0}
        self._waiting.appendleft(File(number, *self._files[number], may_be_cut=False))


def _place(task: File | PieceOf) -> int:
    return task.place if isinstance(task, PieceOf) else 0


def _forget(ended: Ended) -> None:
    """Remove what a piece left that nobody needs any more."""
    if isinstance(ended, StagedPiece):
        remove(ended.parts)

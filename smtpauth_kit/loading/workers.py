"""Processes that stage files on all cores, ahead of the one that appends them in their order."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import ahead, in_pieces
from smtpauth_kit.loading.ahead import StagedAhead
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.loading.tasks import Ended, File, PieceOf, Task
from smtpauth_kit.loading.turns import Turns
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.words.inert import printable

_ARGUMENTS: Final = ("-P", "-m", "smtpauth_kit.loading.worker")
"""Without its own folder on the path: a file there must not stand in for a module."""
_OPTIONS: Final[dict[str, Any]] = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.DEVNULL,
    # Ctrl-C is heard by this process alone, which ends the others.
    **(
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"process_group": 0}
    ),
}
_GONE: Final = (EOFError, OSError, pickle.UnpicklingError)
"""What is raised when the other process is not there any more."""
Child = subprocess.Popen[bytes]


class Workers:
    """Stages files in processes of their own; they are asked for one by one, in their order."""

    def __init__(self, count: int, task: Task, files: Mapping[int, tuple[Export, Options]]) -> None:
        self._task, self._turns = task, Turns(files, most=2 * count)
        self._children: list[Child] = []
        self._beginning = threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        self._is_alone = len(files) == 1
        if not self._is_alone:
            self._begin()

    def _begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def __contains__(self, number: int) -> bool:
        """Tell whether the `number`-th file was handed over."""
        return number in self._turns

    def staged(self, number: int, watch: Watch) -> StagedAhead | None:
        """Wait for the `number`-th file and return it; None: it is to be staged here.

        Raises
        ------
        FileRefused
            It is not known what the file is, or the process that staged it was killed.
        """
        if number not in self:
            return None
        if self._is_alone and (found := self._looked_at(watch)):
            return found
        ended = self._turns.wait_for(number, self._has_hands, watch.tell_share)
        if isinstance(ended, Exception):
            raise ended
        return ended

    def _looked_at(self, watch: Watch) -> StagedAhead | None:
        """Look here what the only file is; None: it is being read in pieces.

        If it is not, processes would begin for nothing.
        """
        task = self._turns.next()
        assert isinstance(task, File)
        export, options = task.export, task.options
        found, is_wanted = ahead.recognised(export, options, self._task.loaded, watch)
        cut = is_wanted and in_pieces.cut(export, found, options, self._task.piece_bytes)
        if not cut:
            return found
        self._turns.end(task, cut)
        self._begin()
        return None

    def _has_hands(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._turns.close()
        with self._beginning:
            for child in self._children:
                child.kill()
        for thread in self._threads:
            if thread.ident:
                thread.join()

    # --- each in a thread of its own -------------------------------------------------------

    def _work(self) -> None:
        """Stage files with a process, and with another one where it was killed."""
        while child := self._begun():
            with suppress(OSError), child:
                try:
                    if not self._stage_with(child):
                        return
                finally:
                    child.kill()

    def _begun(self) -> Child | None:
        """Begin a process; None: there is nothing left for it, or none is to be had."""
        with self._beginning:
            if self._turns.is_over:
                return None
            try:
                child = subprocess.Popen([sys.executable, *_ARGUMENTS], **_OPTIONS)
            except OSError:
                return None
            self._children.append(child)
            return child

    def _stage_with(self, child: Child) -> bool:
        """Stage files until none is left or the process is killed; False: it never began."""
        try:
            _say(child, self._task)
            _heard(child)
        except _GONE:
            return False
        while task := self._turns.next():
            try:
                self._turns.end(task, self._staged_by(child, task))
            except _GONE:
                self._turns.end(task, _killed(task.export))
                return True
            except Exception as error:
                self._turns.end(task, error)
                return True
        return True

    def _staged_by(self, child: Child, task: File | PieceOf) -> Ended:
        _say(child, task)
        while isinstance(heard := _heard(child), float):
            self._turns.tell(task, heard)
        ended: Ended = heard
        return ended


def _say(child: Child, what: Task | File | PieceOf) -> None:
    assert child.stdin is not None
    pickle.dump(what, child.stdin, pickle.HIGHEST_PROTOCOL)
    child.stdin.flush()


def _heard(child: Child) -> Any:
    assert child.stdout is not None
    return pickle.load(child.stdout)


def _killed(export: Export) -> FileRefused:
    return FileRefused(
        "The process that read {file} ended before it was done: somebody ended it, or this machine "
        "had no memory left. Nothing of the file was loaded. Load it again; if that happens again, "
        "with --jobs 1, so that files are read one by one.",
        file=printable(export.path),
    )

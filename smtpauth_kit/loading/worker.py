"""A process that stages files for the one that loads them: `python -m smtpauth_kit.loading.worker`.

It hears on its standard input what to do, and says on its standard output how far it is and what
came of it, both as pickles. It ends when nobody is left who could say anything.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO, Any, Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import ahead, in_pieces
from smtpauth_kit.loading.memory import collect_seldom
from smtpauth_kit.loading.progress import Progress, Watch
from smtpauth_kit.loading.tasks import Ended, File, PieceOf, Ready, Task
from smtpauth_kit.store.parts import PartsMaker

TOLD_EVERY_S: Final = 0.1


def main() -> None:
    """Stage the files that are named on standard input, until it is closed."""
    # Ctrl-C is for the process that loads: it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heard, said = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    asked: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(heard, asked), daemon=True).start()
    gc.freeze()  # What was imported stays.
    collect_seldom()
    task: Task = asked.get()
    maker = PartsMaker(task.folder, task.name)
    say = _sayer(said)
    say(Ready())
    while True:
        say(_ended(asked.get(), task, maker, say))


def _listen(heard: IO[bytes], asked: SimpleQueue[Any]) -> None:
    """Hand on what is said; whoever said it being gone, whatever is under way is for nobody."""
    try:
        while True:
            asked.put(pickle.load(heard))
    finally:
        os._exit(0)


def _sayer(said: IO[bytes]) -> Callable[[object], None]:
    def say(what: object) -> None:
        pickle.dump(what, said, pickle.HIGHEST_PROTOCOL)
        said.flush()

    return say


def _ended(
    asked: File | PieceOf, task: Task, maker: PartsMaker, say: Callable[[object], None]
) -> Ended:
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() > last + TOLD_EVERY_S:
            last = time.monotonic()
            say(progress.share)

    try:
        return _staged(asked, task, maker, Watch(1, tell, None))
    except FileRefused as refused:
        return refused
    except Exception as error:
        return _that_can_be_said(error)


def _staged(asked: File | PieceOf, task: Task, maker: PartsMaker, watch: Watch) -> Ended:
    if isinstance(asked, PieceOf):
        maker.begin(f"{asked.number}.{asked.place}")
        of_piece = asked.export, asked.content, asked.layout, asked.options
        return in_pieces.stage_piece(*of_piece, maker, watch)
    maker.begin(str(asked.number))
    found, is_wanted = ahead.recognised(asked.export, asked.options, task.loaded, watch)
    if not is_wanted:
        return found
    cut = in_pieces.cut(asked.export, found, asked.options, task.piece_bytes)
    if cut and asked.may_be_cut:
        return cut
    return ahead.staged(asked.export, found, asked.options, maker, watch)


def _that_can_be_said(error: Exception) -> Exception:
    """Return an error with where it was raised, as another process can hear of it."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(where)
    error.add_note(where)
    return error


if __name__ == "__main__":
    main()

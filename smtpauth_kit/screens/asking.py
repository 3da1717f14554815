"""Questions are answered on a thread of their own, and of several only the newest counts.

A screen puts a question and goes on. The answer comes back on the thread that asked: by way of its
event loop (in a notebook), else when somebody waits for it (a script, or a cell that reads what it
has just changed).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from smtpauth_kit.base.errors import Cancelled
from smtpauth_kit.base.hearing import Tell as TellShare
from smtpauth_kit.base.hearing import heard_by
from smtpauth_kit.store.engine import Engine

SLOW_S: Final = 0.5
"""Seconds after which the screen says that a question is under way, and offers Cancel."""

REST_S: Final = 0.1
"""Seconds that a browser gets to draw an answer, before the processor is used for more."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

_TURN: Final = threading.RLock()
"""Held while any screen hears, asks or shows."""

Ask = Callable[[Engine], Any]
"""Asks the store, on the asking thread, and returns the answer."""
Tell = Callable[[Future[Any]], None]
"""Takes the finished question: its answer, or what it raised."""


def in_turn(do: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return `do`, which waits until no screen hears, asks or shows something in another thread.

    A kernel may hear its widgets in another thread than runs its cells. Whatever changes a screen
    is done in turn, so that nothing that is heard falls between two steps of something else.

    Examples
    --------
    >>> in_turn(max)(1, 2)
    2
    """

    @wraps(do)
    def done(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with _TURN:
            return do(*args, **kwargs)

    return done


class _Job:
    """One question under way; stopping it ends its SQL statement and starts no other."""

    def __init__(self, ask: Ask, store: Engine) -> None:
        self._ask, self._store = ask, store
        self._engine: Engine | None = None
        self._stopped = False
        self.hear: TellShare = lambda share: None
        """Hears how far slow work of the question is."""

    def run(self) -> Any:
        self._check()
        with self._store.asking(self._check) as engine:
            self._engine = engine
            self._check()  # A stop is seen here, or `stop` sees the engine.
            with heard_by(self._hear):
                return self._ask(engine)

    def _hear(self, share: float) -> None:
        self._check()
        self.hear(share)

    def _check(self) -> None:
        if self._stopped:
            raise Cancelled("The question was cancelled.")

    def stop(self) -> None:
        self._stopped = True
        if self._engine is not None:
            self._engine.interrupt()


class Asker:
    """Asks a store on one thread; a new question stops the one before it.

    It may be asked from several threads, which take turns (`in_turn`): a question that another
    thread puts while an answer is told comes after what is asked then, and replaces it.

    Examples
    --------
    >>> asker = Asker(store)
    >>> tell = lambda answer: print(answer.result())
    >>> asker.ask(lambda engine: "old", tell)
    >>> asker.ask(lambda engine: engine.run("select 42 as n")["n"].tolist(), tell)
    >>> asker.wait()
    [42]
    """

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="smtpauth-asker")
        self._job: _Job | None = None
        self._pending: Future[Any] | None = None
        self._tell: Tell = _nobody
        self._number = 0

    @in_turn
    def ask(
        self,
        ask: Ask,
        tell: Tell,
        slow: Callable[[], None] | None = None,
        share: TellShare | None = None,
    ) -> None:
        """Put a question; the one before is stopped, and its answer never delivered.

        Parameters
        ----------
        tell
            Called with the finished question, on the thread that asked.
        slow
            Called when the answer takes longer than `SLOW_S`; only where an event loop runs.
        share
            Called with what share is done of judging that the answer waits for, 0 to 1; as `slow`.
        """
        loop = _turning_loop()
        self.cancel()
        self._number += 1
        job = _Job(ask, self._store)
        self._job, self._tell = job, tell
        if share is not None and loop is not None:
            job.hear = lambda done: _call(loop, lambda: self._hand_on(share, done, job))
        self._pending = pending = self._thread.submit(job.run)
        if loop is not None:
            pending.add_done_callback(lambda done: _call(loop, lambda: self._deliver(done)))
            if slow is not None:
                loop.call_later(SLOW_S, lambda: slow() if pending is self._pending else None)

    @in_turn
    def _hand_on(self, share: TellShare, done: float, job: _Job) -> None:
        if job is self._job:
            share(done)

    def later(self, do: Callable[[], None], wait_s: float = REST_S) -> None:
        """Call `do` after `wait_s` seconds, unless a newer question is put meanwhile.

        By then the browser has drawn the answer: begun at once, it would slow the drawing down.
        """
        if (loop := _turning_loop()) is None:
            do()
            return
        number = self._number
        loop.call_later(wait_s, in_turn(lambda: do() if number == self._number else None))

    def wait(self) -> None:
        """Wait until no question is under way; its answer has then been delivered."""
        while (pending := self._pending) is not None:
            try:
                pending.exception()
            except KeyboardInterrupt:
                self.cancel()
                raise
            self._deliver(pending)

    @in_turn
    def cancel(self) -> None:
        """Stop the question under way; its answer is not delivered."""
        if self._job is not None:
            self._job.stop()
        self._pending = self._job = None

    @in_turn
    def _deliver(self, done: Future[Any]) -> None:
        if done is not self._pending:  # A newer one was asked, or it was waited for.
            return
        self._pending, self._job, tell = None, None, self._tell
        tell(done)


def _nobody(_done: Future[Any]) -> None:
    pass


def _turning_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _call(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():  # A kernel that is shutting down has nobody to tell.
        loop.call_soon_threadsafe(call)

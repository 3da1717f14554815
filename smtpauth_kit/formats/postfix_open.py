"""What a Postfix log leaves to other files: the lines of what it tells only in part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from smtpauth_kit.base.facts import OpenLine
from smtpauth_kit.formats.log_envelope import LogLine
from smtpauth_kit.formats.postfix_told import Connection, Message, Told
from smtpauth_kit.values import times

_ORDER: Final = (
    ": connect from ", "TLS connection established", "sasl_method=", ": client=", "message-id=",
    ": from=", ": proxy-", ": to=", ": disconnect from ", ": removed",
)  # fmt: skip


def process_thread(host: str, process: str) -> str:
    """Return what names a process in all files; empty where the log does not number it.

    Examples
    --------
    >>> process_thread("MX1", "12"), process_thread("MX1", "")
    ('process mx1 12', '')
    """
    return f"process {host.lower()} {process}" if process else ""


def queue_thread(host: str, queue_id: str) -> str:
    """Return what names a message in all files.

    Examples
    --------
    >>> queue_thread("MX1", "4BbF7a")
    'queue mx1 4BbF7a'
    """
    return f"queue {host.lower()} {queue_id}"


def rank_in_second(text: str) -> int:
    """Return what of a message is told first, where two files tell of the same second.

    Examples
    --------
    >>> [rank_in_second(f"mx1 smtpd[1]: {text}") for text in ("connect from x", "4BbF7a: removed")]
    [0, 9]
    """
    return next((rank for rank, part in enumerate(_ORDER) if part in text), len(_ORDER))


class OpenEnds:
    """The lines as other files can read them again."""

    def __init__(self, when: Callable[[LogLine], times.Moment]) -> None:
        self._when = when

    def message(self, message: Message) -> Iterator[OpenLine]:
        """Return the lines of a message, and of how its connection began."""
        process = process_thread(message.host, message.process)
        thread = queue_thread(message.host, message.queue_id) if message.queue_id else process
        if message.connection:
            yield from self.connection(message.connection, process)
        for told in message.told:
            yield from self.line(told, thread, process)

    def connection(self, connection: Connection, thread: str) -> Iterator[OpenLine]:
        """Return how a connection began, once."""
        told, connection.is_given = [] if connection.is_given else connection.told, True
        for each in told:
            yield from self.line(each, thread)

    def line(self, told: Told, thread: str, joins: str = "") -> Iterator[OpenLine]:
        """Return one line, if it can be told what it belongs to."""
        if not thread and not joins:
            return
        number, place, line = told
        at = self._when(line).at
        assert at is not None
        process = f"[{line.process}]" if line.process else ""
        text = f"{at.isoformat()}Z {line.host} {line.program}{process}: {line.text}"
        yield OpenLine(number, at, place, thread, joins, text)

"""What a filter before the queue hands in again, while it is not known whose message that is."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections import OrderedDict
from functools import lru_cache
from itertools import takewhile
from typing import Final

from smtpauth_kit.formats.postfix_told import Key, Message, make_room
from smtpauth_kit.values import addresses

_ANSWER: Final = dt.timedelta(minutes=10)
"""How long a filter has to say what it did with a message that it handed in."""


class HandedIn:
    """Messages without a sign-in that may come from a filter, the newest last."""

    def __init__(self) -> None:
        # A plain dict would look for its oldest among all that were removed before.
        self._messages: OrderedDict[Key, Message] = OrderedDict()
        self.get = self._messages.get

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Remember a message."""
        make_room(self._messages)
        self._messages[message.host, message.queue_id] = message

    def pop(self, key: Key) -> Message | None:
        """Forget a message, and return it if it was known."""
        return self._messages.pop(key, None)

    def all(self) -> list[Message]:
        """Return every message."""
        return list(self._messages.values())

    def behind(self, waiting: Message) -> list[Key]:
        """Return what may be behind a message at the filter: handed in since it went there."""
        since = takewhile(
            lambda each: _second(each[1]) >= _second(waiting), reversed(self._messages.items())
        )
        return [
            key for key, each in since
            if each.host == waiting.host and _may_be_filter(each.client_ip, waiting.client_ip)
        ]  # fmt: skip

    def awaited(self, now: dt.datetime, until: dt.datetime) -> list[Message]:
        """Return what may be of a sign-in that stands in an earlier file.

        It was handed in on this machine before `until`, and the filter, which has not answered in
        this file, may still do so in the next one.
        """
        return [
            each for each in self._messages.values()
            if each.is_wanted
            or (now - _ANSWER < _second(each) < until and is_of_this_machine(each.client_ip))
        ]  # fmt: skip

    def keep_only(self, messages: list[Message]) -> None:
        """Forget all others."""
        kept = [((each.host, each.queue_id), each) for each in messages]
        self._messages.clear()
        self._messages.update(kept)


def _second(message: Message) -> dt.datetime:
    assert message.at.at is not None
    return message.at.at


def _may_be_filter(ip: str, client_ip: str) -> bool:
    """Tell whether a message may come from a filter: of this machine, or of the same client."""
    return addresses.client_ip(ip) == client_ip or is_of_this_machine(ip)


@lru_cache(maxsize=1000)
def is_of_this_machine(ip: str) -> bool:
    """Tell whether an address is the machine's own.

    Examples
    --------
    >>> [is_of_this_machine(ip) for ip in ("127.0.0.1", "::1", "192.0.2.1", "unknown")]
    [True, True, False, False]
    """
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False

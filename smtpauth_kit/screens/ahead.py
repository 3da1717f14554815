"""Answers to the domains that may be chosen next: made while nobody waits, kept by the browser.

A choice is then on screen with the next frame. The kernel is asked all the same, and what it says
stands: an answer made ahead is one of the same question to the same edition of the store.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from smtpauth_kit.screens.report_question import Asked, Told, answer
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

_BATCH_S: Final = 0.1
_MOST_AT_ONCE: Final = 200
"""More than a batch has time for; a store may have a hundred thousand."""
_BYTES_PER_S: Final = 400_000
"""Jupyter's server drops what a kernel sends beyond a million bytes a second."""

_MOST_S: Final = 6.0
_MOST_BYTES: Final = 2_000_000
"""So much is spent on one question's other domains, and no more: the busiest come first."""


class Made(NamedTuple):
    """Some answers made ahead."""

    base: str
    """The question but for its domain, as `shown` names it."""
    answers: dict[str, dict[str, Any]]
    """What is shown, by domain; "" is all of them."""
    size: int
    took_s: float


class Ahead:
    """What the browser holds, and what is worth making next."""

    def __init__(self) -> None:
        self._base = ""
        self._held: set[str] = set()
        self._spent_s, self._bytes = 0.0, 0

    def wanted(self, told: Told, domains: Iterable[str]) -> list[str]:
        """Return the domains to answer for next; "" is all of them."""
        if (base := told.shown["base"]) != self._base:
            self._base, self._held, self._spent_s, self._bytes = base, set(), 0.0, 0
        if self._spent_s > _MOST_S or self._bytes > _MOST_BYTES:
            return []
        fresh = (name for name in chain([""], domains) if name not in self._held)
        # The browser knows a domain by what the list shows.
        plain = (name for name in fresh if show_invisible(name) == name)
        return list(islice(plain, _MOST_AT_ONCE))

    def hold(self, made: Made) -> float:
        """Note what the browser is given; return how long to wait before it is given more."""
        self._held |= set(made.answers)
        self._spent_s += made.took_s
        self._bytes += made.size
        return made.size / _BYTES_PER_S


def make(
    engine: Engine,
    asked: Asked,
    domains: Iterable[str],
    words: Words,
    most_s: float = _BATCH_S,
) -> Made:
    """Answer for one domain after the other, until `most_s` seconds are over; for one at least.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> made = make(store, Asked(), ["", "fabrikam.com"], speak("en"), most_s=60)
    >>> [shown["status"].split(",")[0] for shown in made.answers.values()]
    ['3 messages from 2 accounts', '1 message from 1 account']
    """
    began = time.perf_counter()
    answers: dict[str, dict[str, Any]] = {}
    size, base = 0, ""
    for domain in domains:
        answers[domain] = shown = answer(engine, asked.of_domain(domain), words).shown
        size, base = size + len(json.dumps(shown)), shown["base"]
        if time.perf_counter() - began > most_s or size > most_s * _BYTES_PER_S:
            break
    return Made(base, answers, size, time.perf_counter() - began)

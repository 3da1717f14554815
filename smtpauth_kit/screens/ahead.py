"""Answers made ahead: the report for the sender domains that may be chosen next.

They are made while nobody waits and kept by the browser, which shows one at once when its domain is
chosen. The kernel is asked all the same, and its answer replaces the one shown.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from smtpauth_kit.screens.report_answer import ReportAnswer, answer
from smtpauth_kit.screens.report_question import ReportQuestion
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

_BATCH_S: Final = 0.1
"""Seconds that one batch of answers may take: a question of the user waits for no more."""
_MOST_AT_ONCE: Final = 200
"""Domains looked at for one batch: it has time for fewer, and a store may have 100,000 domains."""
_BYTES_PER_S: Final = 400_000
"""Jupyter's server drops what a kernel sends beyond a million bytes a second."""

_MOST_S: Final = 6.0
_MOST_BYTES: Final = 2_000_000
"""Seconds and bytes spent on the domains of one question; the busiest domains come first."""


class Made(NamedTuple):
    """One batch of answers made ahead."""

    base: str
    """`shown["base"]`: the digest that is the same for the question about every domain."""
    answers: dict[str, dict[str, Any]]
    """`ReportAnswer.shown` by sender domain; "" stands for all domains."""
    size: int
    """Bytes of the answers as JSON."""
    took_s: float


class Ahead:
    """Which answers the browser holds, what they cost, and which to make next."""

    def __init__(self) -> None:
        self._base = ""
        self._held: set[str] = set()
        self._spent_s, self._bytes = 0.0, 0

    def wanted(self, current: ReportAnswer, domains: Iterable[str]) -> list[str]:
        """Return the domains to answer for next, for the question that is on screen."""
        if (base := current.shown["base"]) != self._base:
            self._base, self._held, self._spent_s, self._bytes = base, set(), 0.0, 0
        if self._spent_s > _MOST_S or self._bytes > _MOST_BYTES:
            return []
        fresh = (name for name in chain([""], domains) if name not in self._held)
        # The browser knows a domain by its text in the list: invisible characters are shown there.
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
    question: ReportQuestion,
    domains: Iterable[str],
    words: Words,
    most_s: float = _BATCH_S,
) -> Made:
    """Answer the question for one domain after the other until `most_s` seconds are over.

    At least one is answered.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> made = make(store, ReportQuestion(), ["", "fabrikam.com"], speak("en"), most_s=60)
    >>> [shown["status"].split(",")[0] for shown in made.answers.values()]
    ['3 messages from 2 sender addresses', '1 message from 1 sender address']
    """
    began = time.perf_counter()
    answers: dict[str, dict[str, Any]] = {}
    size, base = 0, ""
    for domain in domains:
        answers[domain] = shown = answer(engine, question.of_domain(domain), words).shown
        size, base = size + len(json.dumps(shown)), shown["base"]
        if time.perf_counter() - began > most_s or size > most_s * _BYTES_PER_S:
            break
    return Made(base, answers, size, time.perf_counter() - began)

"""What the load screen says of a file: what to do now is a button here, not an option to type."""

from __future__ import annotations

import re
from typing import Final

from smtpauth_kit.base.errors import PeriodNeeded
from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.loading.results import FileResult
from smtpauth_kit.screens.file_questions import ANSWERED
from smtpauth_kit.words.words import Words

_OPTION: Final = r"--[a-z]"
_ASIDE: Final = re.compile(rf" ?\([^()]*{_OPTION}[^()]*\)")
_END: Final = re.compile(r"(?<=[.!?]) +(?=[\w“\"'-])")


def without_options(text: str) -> str:
    """Return a text without its sentences and asides that speak of options of the command line.

    Examples
    --------
    >>> without_options("It has no day (--period says one). Say it with --period A:B. Or not.")
    'It has no day. Or not.'
    """
    text = _ASIDE.sub("", text)
    if not re.search(rf"(?:^|\s){_OPTION}", text):
        return text
    parts = [part for part in _END.split(text) if not re.search(rf"(?:^|\s){_OPTION}", part)]
    return " ".join(parts)


def error_of(file: FileResult, words: Words) -> str:
    """Return why a file was refused, and which button settles that."""
    text = without_options(words.sentence(file.error or NOTHING))
    if not isinstance(file.refusal, ANSWERED):
        return text
    offered = file.refusal.offered if isinstance(file.refusal, PeriodNeeded) else None
    if offered:
        start, end = map(words.date, offered)
        text += " " + words("Its name holds {start} to {end}.", start=start, end=end)
    return text + " " + words("Press “Answer and load again” to say it.")


def warning_of(warning: Sentence, words: Words) -> str:
    """Return a warning about a file that was loaded."""
    return without_options(words.sentence(warning))

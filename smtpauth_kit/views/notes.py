"""What must be said under an answer, wherever it is shown: its source, and what is in no total."""

from __future__ import annotations

from dataclasses import dataclass

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.views.filter_words import active, source_title, source_titles
from smtpauth_kit.words.words import Words


@dataclass(frozen=True)
class Note:
    """One sentence under an answer."""

    text: str
    sources: tuple[str, ...] = ()
    """Sources to filter by, one at a time, to see the messages that the sentence is about."""


def notes(scope: Scope, words: Words) -> list[str]:
    """Return the sentences under every chart and table of a scope."""
    return [note.text for note in notes_of(scope, words)]


def notes_of(scope: Scope, words: Words) -> list[Note]:
    """Return these sentences as notes, with the sources that show more.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> [note.text for note in notes_of(settle_scope(store), speak("en"))]
    ['Source: submission log.', 'It cannot tell: failed sign-ins.']
    """
    said = []
    if narrowed := active(scope.filters, words):
        said.append(Note(words("Filters: {filters}.", filters="; ".join(narrowed))))
    if scope.source:
        text = words("Source: {source}.", source=source_title(scope.source, words))
        said.append(Note(text, (scope.source,)))
    if scope.cannot_tell:
        # A store may be older than the words.
        known = [words(p) if p in words.texts else p for p in scope.cannot_tell]
        said.append(Note(words("It cannot tell: {phrases}.", phrases=", ".join(known))))
    if scope.auth_told_by:
        sources = source_titles(scope.auth_told_by, words)
        text = words(
            "Whether Basic auth or OAuth, another source tells: {sources}.", sources=sources
        )
        said.append(Note(text, scope.auth_told_by))
    said += _in_no_total(scope, words)
    if scope.source == "report" and any(each.start != each.end for each in scope.counted):
        text = words("A report counts several days at once: drawn at its mean per day.")
        said.append(Note(text))
    return said


def counted_from(scope: Scope, words: Words) -> str:
    """Say what accounts are counted from, where that is not the messages they sent."""
    if scope.accounts_from != "sign_ins":
        return ""
    return words("Counted from successful sign-ins: no submissions are loaded.")


def _in_no_total(scope: Scope, words: Words) -> list[Note]:
    others = [
        Note(
            words(
                "Not added, because it may count the same messages: {messages} of source {source}.",
                messages=words("{n} messages", n=count),
                source=source_title(source, words),
            ),
            (source,),
        )
        for source, count in scope.not_shown.items()
        if count
    ]
    outside = [
        Note(words(
            "Only partly inside these dates, so in no total: {period}.", period=_period(each, words)
        ))
        for each in scope.outside_window
        if scope.start and scope.end and each.overlaps(scope.start, scope.end)
    ]  # fmt: skip
    overlapped = [
        Note(words(
            "Overlaps a report that counts, so in no total: {period}.", period=_period(each, words)
        ))
        for each in scope.overlapped
    ]  # fmt: skip
    return [*others, *outside, *overlapped]


def _period(period: Period, words: Words) -> str:
    return words(
        "{start} to {end} ({messages})",
        start=words.date(period.start),
        end=words.date(period.end),
        messages=words("{n} messages", n=period.message_count),
    )

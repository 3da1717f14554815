"""What must be said under an answer, wherever it is shown: its source, and what is in no total."""

from __future__ import annotations

from dataclasses import dataclass

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.answers.scope import TOGETHER, PartOfDay
from smtpauth_kit.base.names import DEFAULT_DAYS, SUBMISSION_SOURCES
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
    >>> for note in notes_of(settle_scope(store), speak("en")):
    ...     print(note.text)
    Source: submission log.
    It cannot tell: failed sign-ins.
    Nov 16, 2026 is covered in part: the first message of the submission log is of 08:15 UTC.
    Nov 22, 2026 is covered in part: the last message of the submission log is of 10:00 UTC.
    """
    said, counted = list[Note](), {source for _, source in scope.sources}
    if narrowed := active(scope.filters, words):
        said.append(Note(words("Filters: {filters}.", filters="; ".join(narrowed))))
    if scope.source:
        text = words("Source: {source}.", source=source_title(scope.source, words))
        said.append(Note(text, () if scope.source == scope.filters.source else (scope.source,)))
    said += _judged_by(scope, words)
    said += _added(scope, words)
    said += _not_told(scope, words)
    if scope.auth_told_by:
        sources = source_titles(scope.auth_told_by, words)
        text = words(
            "Whether Basic auth or OAuth, another source tells: {sources}.", sources=sources
        )
        said.append(Note(text, scope.auth_told_by))
    said += _about_days(scope, words)
    said += _in_no_total(scope, words)
    if "report" in counted and any(each.start != each.end for each in scope.counted):
        text = words("A report counts several days at once: drawn at its mean per day.")
        said.append(Note(text))
    return said


def elsewhere(scope: Scope, words: Words) -> Note | None:
    """Say how many messages other sources hold under the same filters, where none is shown.

    None where there are none, or where messages are shown: what others hold more is a note then. A
    source that never counts messages has no 0 of them.

    >>> from smtpauth_kit.words.words import speak
    >>> elsewhere(settle_scope(store, Filters(source="server_log")), speak("en")).text
    '0 messages in the server log; 3 messages in the submission log.'
    >>> elsewhere(settle_scope(store, Filters(source="sign_in_log")), speak("en")).text
    'The sign-in log counts no messages; 3 messages in the submission log.'
    """
    asked = scope.filters.source
    source = asked if asked != "auto" else scope.source
    others = [name for name, count in scope.not_shown.items() if count]
    if not source or not others:
        return None
    held = [_held(name, scope.not_shown[name], words) for name in others]
    nothing = _held(source, 0, words)
    if not set(source.split(TOGETHER)) & set(SUBMISSION_SOURCES):
        nothing = words("The {source} counts no messages", source=source_title(source, words))
    return Note("; ".join([nothing, *held]) + ".", tuple(others))


def _held(source: str, count: int, words: Words) -> str:
    return words(
        "{messages} in the {source}",
        messages=words("{n} messages", n=count),
        source=source_title(source, words),
    )


def _not_told(scope: Scope, words: Words) -> list[Note]:
    """Say what none of the figures tells; of several sources also which one lacks what others tell.

    A store may be older than the words.
    """
    said = []
    sources = {source for _, source in scope.sources}
    if scope.cannot_tell:
        known = [words(p) if p in words.texts else p for p in scope.cannot_tell]
        named = {"phrases": ", ".join(known)}
        several = words("They cannot tell: {phrases}.", **named)
        one = words("It cannot tell: {phrases}.", **named)
        said.append(Note(several if len(sources) > 1 else one))
    for each in scope.offers if len(sources) > 1 else ():
        lacking = [p for p in each.cannot_tell if p not in scope.cannot_tell]
        if each.source in sources and lacking:
            known = [words(p) if p in words.texts else p for p in lacking]
            title = source_title(each.source, words)
            text = words(
                "The {source} cannot tell: {phrases}.", source=title, phrases=", ".join(known)
            )
            said.append(Note(text))
    return said


def _added(scope: Scope, words: Words) -> list[Note]:
    """Say why figures come from more than one source, and that each can be had alone."""
    sources = tuple(dict.fromkeys(source for _, source in scope.sources))
    if len(sources) < 2:
        return []
    tenants = {tenant for tenant, _ in scope.sources}
    text = words("Each tenant has a source of its own.")
    if len(tenants) < len(scope.sources):
        text = words("Added together: no sender and no message stands in both.")
    return [Note(text, sources)]


def _judged_by(scope: Scope, words: Words) -> list[Note]:
    """Say whose messages a condition on senders means, where what is shown are sign-ins."""
    if scope.source is None or not (scope.filters.min_messages or scope.filters.senders):
        return []
    sources = tuple(dict.fromkeys(source for _, source in scope.sources))
    if scope.source in (*sources, scope.messages_source):
        return []
    if not sources:
        text = words("No messages are loaded for these days, so no sender meets the condition.")
        return [Note(text)]
    told_by = source_titles(sources, words)
    return [Note(words("Messages of senders are those of: {sources}.", sources=told_by), sources)]


def _about_days(scope: Scope, words: Words) -> list[Note]:
    """Say why the days are these, what is later, what has its own days, and what is in part."""
    said = []
    if scope.reason == "report_period":
        said.append(words(
            "Nothing is counted in the last {n} days alone; these are the days of the report.",
            n=DEFAULT_DAYS,
        ))  # fmt: skip
    for source, count in scope.later.items():
        held = _held(source, count, words)
        newest = words.date(scope.newest)
        said.append(words("Later than these days, up to {day}: {held}.", day=newest, held=held))
    if scope.filters.timezone != "UTC" and "report" in {source for _, source in scope.sources}:
        said.append(words("A report counts by days of UTC: its counts keep them."))
    said += [_part(each, scope.filters.timezone, words) for each in scope.parts]
    if scope.lacks_hub_log:
        said.append(without_hub(words))
    return [Note(text) for text in said]


def without_hub(words: Words) -> str:
    """Say that a front end's log is loaded without the log that its messages stand in."""
    return words("The log of an Exchange front end is loaded, which counts no messages by itself: "
                 "load the receive log of the hub (Transport service) too.")  # fmt: skip


def _part(part: PartOfDay, zone: str, words: Words) -> str:
    """Say that a day is covered in part, and by which message that shows."""
    text = "{day} is covered in part: the last message of the {source} is of {time} {zone}."
    if part.since is not None:
        text = "{day} is covered in part: the first message of the {source} is of {time} {zone}."
    time = part.since or part.until
    assert time is not None
    source = source_title(part.source, words)
    return words(text, day=words.date(part.day), source=source, time=f"{time:%H:%M}", zone=zone)


def counted_from(scope: Scope, words: Words) -> str:
    """Say what accounts are counted from, where that is not the messages they sent."""
    if scope.accounts_from != "sign_ins":
        return ""
    if scope.filters.source != "auto":
        return words("Counted from successful sign-ins: the source asked for counts no messages.")
    return words("Counted from successful sign-ins: no submissions are loaded.")


def _in_no_total(scope: Scope, words: Words) -> list[Note]:
    others = [
        Note(
            words(
                "Not added, because they may be the same messages: {messages} more in the "
                "{source}.",
                messages=words("{n} messages", n=count),
                source=source_title(source, words),
            ),
            (source,),
        )
        for source, count in scope.not_shown.items()
        if count and scope.sources
    ]
    outside = [
        Note(words(
            "Only partly inside these dates, so in no total: {period}.", period=_period(each, words)
        ))
        for each in scope.outside_window
        if scope.start and scope.end and each.overlaps(scope.start, scope.end)
    ]  # fmt: skip
    return [*others, *outside, *map(Note, overlapped_notes(scope, words))]


def overlapped_notes(scope: Scope, words: Words) -> list[str]:
    """Say which reports are in no total because they overlap ones that count."""
    text = "Overlaps a report that counts, so in no total: {period}."
    return [words(text, period=_period(each, words)) for each in scope.overlapped]


def _period(period: Period, words: Words) -> str:
    return words(
        "{start} to {end} ({messages})",
        start=words.date(period.start),
        end=words.date(period.end),
        messages=words("{n} messages", n=period.message_count),
    )

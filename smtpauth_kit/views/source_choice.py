"""Which sources may be chosen for an answer, and what each has and cannot tell, in words."""

from __future__ import annotations

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.scope import TOGETHER, Offer
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.words.words import Words


def source_choices(scope: Scope, words: Words) -> list[tuple[str, str]]:
    """Return what the source switch offers, each with what it stands for among the filters.

    It is empty where there is no choice: one source has these days, and nobody asked for another.

    >>> from smtpauth_kit.words.words import speak
    >>> source_choices(settle_scope(store), speak("en"))
    []
    >>> asked = settle_scope(store, Filters(source="server_log"))
    >>> for text, source in source_choices(asked, speak("en")):
    ...     print(source, "|", text)
    auto | Automatic: the source that counts and knows most
    submission_log | submission log: 2 days, 3 messages; cannot tell failed sign-ins
    server_log | server log: nothing on these days
    """
    chosen = scope.filters.source
    if len(scope.offers) < 2 and chosen == "auto":
        return []
    choices = [(_automatic(scope, words), "auto")]
    choices += [(offer_text(each, words), each.source) for each in scope.offers]
    if chosen not in {source for _, source in choices}:
        title = source_title(chosen, words)
        nothing = words("{source}: nothing on these days", source=title)
        choices.append((title if TOGETHER in chosen else nothing, chosen))
    return choices


def _automatic(scope: Scope, words: Words) -> str:
    if scope.filters.source != "auto" or not scope.messages_source:
        return words("Automatic: the source that counts and knows most")
    return words("Automatic: {source}", source=source_title(scope.messages_source, words))


def offer_text(offer: Offer, words: Words) -> str:
    """Say what a source has of the days shown, and what it cannot tell."""
    named = {
        "source": source_title(offer.source, words),
        "days": words("{n} days", n=offer.day_count),
        "messages": words("{n} messages", n=offer.message_count),
    }
    if not offer.cannot_tell:
        return words("{source}: {days}, {messages}", **named)
    # A store may be older than the words.
    known = [words(p) if p in words.texts else p for p in offer.cannot_tell]
    return words(
        "{source}: {days}, {messages}; cannot tell {phrases}", **named, phrases=", ".join(known)
    )


def offers_on_a_page(scope: Scope, words: Words) -> list[str]:
    """Say on a page, which cannot ask again, which sources there were to choose from."""
    if len(scope.offers) < 2:
        return []
    offers = " · ".join(offer_text(each, words) for each in scope.offers)
    return [words("Sources with these days: {offers}.", offers=offers)]

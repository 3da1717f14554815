"""What is said of message ids that stand more than once: an id is a message, whoever gives it."""

from __future__ import annotations

from collections.abc import Iterator

from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.writer import Writer


def repeat_warnings(writer: Writer) -> Iterator[Sentence]:
    """Yield what makes rows of one id look like several messages, in this file or with others."""
    ((with_counts, first, apart, first_apart, of_others, first_of_others),) = writer.rows(
        sql_text("repeated_ids")
    )
    if with_counts:
        yield Sentence(
            "{n} message {n:id stands|ids stand} in several rows with different counts (first on "
            "line {line}): each is one message, and its largest count was kept",
            n=with_counts,
            line=str(first),
        )
    if apart:
        yield Sentence(
            "{n} message {n:id stands|ids stand} in rows that are more than an hour apart (first "
            "on line {line}). Each counts as one message; a device that gives several mails the "
            "same id sent more than is counted",
            n=apart,
            line=str(first_apart),
        )
    if of_others:
        yield Sentence(
            "{n} message {n:id stands|ids stand} more than an hour before or after in a file "
            "loaded before (first on line {line}). Each counts as one message; a device that "
            "gives several mails the same id sent more than is counted",
            n=of_others,
            line=str(first_of_others),
        )

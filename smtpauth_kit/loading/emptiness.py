"""What is said of a file that was recognised and in which nothing was found that counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context

if TYPE_CHECKING:
    from smtpauth_kit.loading.row_counts import Counts


def warnings(counts: Counts, context: Context) -> Iterator[Sentence]:
    """Yield what has to be said where no row of a file gave a fact.

    Examples
    --------
    >>> from smtpauth_kit.formats import FORMATS
    >>> from smtpauth_kit.loading.row_counts import Counts
    >>> from smtpauth_kit.values.cells import Decisions
    >>> context = Context(FORMATS[0].lay_out([], [], {}), Decisions())
    >>> list(warnings(Counts(read=0), context))
    ['it was recognised (requested report of SMTP AUTH clients), and no row stands in it']
    """
    if counts.used or context.notes or counts.is_open:
        return
    title = context.layout.format.title
    if not counts.read:
        yield Sentence("it was recognised ({title}), and no row stands in it", title=title)
    elif counts.rejected < counts.read:
        yield Sentence(
            "it was recognised ({title}), but none of its rows ({n}) is a submission or "
            "sign-in over SMTP AUTH, or anything else that is kept. If some should be, look at "
            "what was filtered when it was exported",
            title=title,
            n=counts.read,
        )

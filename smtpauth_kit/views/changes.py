"""Who is new, who is gone, who changed, against as many days before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.days_before import is_told
from smtpauth_kit.views import drawing
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.views.drawing import COLORS
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.view import Data, View
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

KINDS: Final = ("new", "gone", "changed")

NAMED: Final = 3
"""So many senders of a kind are named in the sentence; the table beside the chart has them all."""


def sender_changes_chart(counts: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Draw how many senders are new, gone and changed, a bar for each.

    `counts` is what `changes_data` makes of `answers.sender_changes`.
    """
    base = alt.Chart().encode(
        y=alt.Y("title:N", sort=alt.EncodingSortField("place"), axis=drawing.bare_axis()),
        tooltip=drawing.tips({"title": words("Senders"), "text": words("Number")}),
    )
    scale = alt.Scale(domain=list(KINDS), range=list(COLORS[: len(KINDS)]))
    bars = base.mark_bar(height=22).encode(
        x=alt.X("sender_count:Q", axis=None, scale=alt.Scale(zero=True, domainMin=0)),
        color=alt.Color("kind:N", scale=scale, legend=None),
    )
    texts = base.mark_text(align="right").encode(x=alt.value({"expr": "width + 84"}), text="text:N")
    return drawing.finish(counts, words, bars, texts, width=860, height={"step": 38})


def changes_data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    """Return the columns of the chart: for each kind its count; a dash where it is not told."""
    titles = kind_titles(words)
    told = is_told(rows)
    counts = [int((rows["kind"] == kind).sum()) if told else None for kind in KINDS]
    frame = {
        "place": [*range(len(KINDS))],
        "kind": [*KINDS],
        "title": [titles[kind] for kind in KINDS],
        "sender_count": counts,
        "text": ["\N{EN DASH}" if count is None else words.count(count) for count in counts],
    }
    return frame, {}


def kind_titles(words: Words) -> dict[str, str]:
    """Return what each kind is called.

    >>> from smtpauth_kit.words.words import speak
    >>> kind_titles(speak("en"))
    {'new': 'New', 'gone': 'Gone', 'changed': 'Changed'}
    """
    return {"new": words("New"), "gone": words("Gone"), "changed": words("Changed")}


def changes_finding(rows: pd.DataFrame, words: Words) -> str:
    """Say in one sentence who is new, gone and changed, or that it cannot be told.

    >>> from smtpauth_kit.words.words import speak
    >>> rows = pd.DataFrame({"kind": ["new", "gone"], "sender_address": ["a@x.example"] * 2,
    ...     "source": "report"})
    >>> changes_finding(rows, speak("en"))
    'New: a@x.example; gone: a@x.example. Source: report.'
    """
    if not is_told(rows):
        return words(
            "Who is new, gone or changed cannot be told: not every day of the range and of as many "
            "days before is loaded from the source shown."
        )
    if rows.empty:
        return words("Nobody is new, gone or changed against as many days before.")
    parts = [_part(kind, rows, words) for kind in KINDS if (rows["kind"] == kind).any()]
    text = "; ".join(parts)
    source = source_title(rows["source"].iloc[0], words)
    return f"{text[0].upper()}{text[1:]}. {words('Source: {source}.', source=source)}"


def _part(kind: str, rows: pd.DataFrame, words: Words) -> str:
    senders = [show_invisible(each) for each in rows["sender_address"][rows["kind"] == kind]]
    named = ", ".join(senders[:NAMED])
    if more := len(senders) - NAMED if len(senders) > NAMED else 0:
        named = words("{names} and {n} more", names=named, n=more)
    return f"{kind_titles(words)[kind].lower()}: {named}"


def changes_table(rows: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return every sender with what is otherwise, as a table to stand below the chart."""
    titles, changes = kind_titles(words), change_titles(words)
    columns = (
        Column("kind", words("What is otherwise")),
        Column("sender_address", words("Sender address")),
        Column("change", words("Changed"), "list"),
        Column("message_count_before", words("Messages before"), "count"),
        Column("message_count", words("Messages"), "count"),
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
    )
    if not is_told(rows):
        rows = pd.DataFrame({column.name: [] for column in columns})
    shown = rows.assign(
        kind=[titles[kind] for kind in rows["kind"]],
        change=rows["change"].map(lambda listed: [changes[each] for each in listed]),
    )
    return table_data(shown, columns)


def change_titles(words: Words) -> dict[str, str]:
    """Return what each change of `answers.changed_senders` is called."""
    return {
        "tls": words("TLS usage"),
        "authentication": words("Authentication"),
        "volume": words("Sending volume"),
    }


SENDER_CHANGES: Final = View(
    name="sender-changes",
    title="New, gone and changed senders",
    answer="sender-changes",
    draw=sender_changes_chart,
    data=changes_data,
    finding=changes_finding,
    field="kind",
    heading="What is otherwise",
    table=changes_table,
    below=("sending-volume", "tls-usage", "auth-protocol"),
)

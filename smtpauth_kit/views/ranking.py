"""The busiest senders and the busiest sender domains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import drawing, json_rows, shares
from smtpauth_kit.views.drawing import COLORS
from smtpauth_kit.views.view import Data, View, part_of
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


RING_TOP: Final = 5
"""Slices of a ring with a name of their own; one more slice is all others together."""


def volume_by_sender_chart(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of the busiest senders, a bar for each and one for all others.

    `ranking` is what `ranking_data` makes of `answers.volume_by_sender`.
    """
    return _ranking_chart(ranking, words("Sender address"), words)


def volume_by_domain_chart(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of the busiest sender domains, a bar for each and one for all others.

    `ranking` is what `ranking_data` makes of `answers.volume_by_domain`.
    """
    return _ranking_chart(ranking, words("Sender domain"), words)


def volume_by_sender_ring(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's ring of the busiest senders; `ranking` as `ranking_data` with `RING_TOP` rows."""
    return _ranking_ring(ranking, words("Sender address"), words)


def volume_by_domain_ring(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's ring of the sender domains; `ranking` as `ranking_data` with `RING_TOP` rows."""
    return _ranking_ring(ranking, words("Sender domain"), words)


def ranking_data(
    ranking: pd.DataFrame, words: Words, *, top: int | None = None
) -> dict[str, list[Any]]:
    """Return the columns of a ranking chart: those of its answer, and what each bar is called.

    `written` is the same with invisible characters shown as codes.
    With `top`, so many rows stand on their own and all others are added up.

    >>> from smtpauth_kit.words.words import speak
    >>> rows = pd.DataFrame({"sender_domain": ["a.example", None], "domain_count": [1, 12],
    ...     "message_count": [9, 3], "share": [0.75, 0.25]})
    >>> ranking_data(rows, speak("en"))["label"]
    ['a.example', '12 other domains']
    """
    name, counted = ranking.columns[:2]
    if top is not None and len(ranking) > top + 1:
        others = ranking.iloc[top:]
        last = {name: [None], **{column: [others[column].sum()] for column in ranking.columns[1:]}}
        ranking = pd.concat([ranking.head(top), pd.DataFrame(last)], ignore_index=True)
    rest = "{n} other senders" if name == "sender_address" else "{n} other domains"
    table = json_rows.columns(ranking)
    labels = [
        words(rest, n=int(count)) if value is None else value
        for value, count in zip(table[name], table[counted], strict=True)
    ]
    return {**table, "label": labels, "written": [*map(show_invisible, labels)]}


_NAME_LIMIT: Final = 200
"""Pixels of a name. The chart is half a page wide, at least 420: of 280 no bar was left there. The
full name stands in the tooltip and in the data table."""


def _ranking_chart(ranking: pd.DataFrame, heading: str, words: Words) -> alt.LayerChart:
    """Draw a bar for each row in its order, its percentage and count beside it in columns."""
    base = _ranked(heading, words)
    color = alt.Color(
        "rest:N", scale=alt.Scale(domain=[False, True], range=[COLORS[0], COLORS[-1]]), legend=None
    )
    axis = drawing.bare_axis(
        labelExpr="data('rows')[datum.value - 1].written", labelLimit=_NAME_LIMIT
    )
    # The names are others at each change, and may be longer: room is made for them anew.
    size = alt.AutoSizeParams(type="fit-x", contains="padding", resize=True)
    return shares.bars(ranking, base, "place", words, color=color, axis=axis).properties(
        autosize=size
    )


def _ranked(heading: str, words: Words) -> alt.Chart:
    base = (
        alt.Chart()
        .transform_window(place="row_number()")
        .transform_calculate(rest="datum.sender_address == null && datum.sender_domain == null")
    )
    return shares.in_words(base, "message_count").encode(
        tooltip=drawing.tips({"label": heading, "text": words("Messages")})
    )


def _ranking_ring(ranking: pd.DataFrame, heading: str, words: Words) -> alt.LayerChart:
    base = _ranked(heading, words).transform_calculate(
        slice="datum.rest ? 0 : datum.place", named="datum.written"
    )
    scale = alt.Scale(domain=[*range(1, len(COLORS)), 0], range=list(COLORS))
    return shares.ring(ranking, base, alt.Color("slice:N", scale=scale, legend=None), words)


def ranking_finding(ranking: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a ranking of senders or domains shows.

    >>> from smtpauth_kit.words.words import speak
    >>> rows = pd.DataFrame({"sender_domain": ["a.example", None], "domain_count": [1, 2],
    ...     "message_count": [9, 3], "share": [0.75, 0.25]})
    >>> ranking_finding(rows, speak("en"))
    'Most from a.example: 75.00 % (9); 2 other domains: 25.00 % (3).'
    """
    if ranking.empty:
        return words("No messages match.")
    labels = ranking_data(ranking, words)["label"]
    parts = [
        part_of(float(share), int(count), words)
        for share, count in zip(ranking["share"], ranking["message_count"], strict=True)
    ]
    if not isinstance(ranking.iloc[-1, 0], str):
        return words(
            "Most from {name}: {part}; {others}: {rest}.",
            name=labels[0], part=parts[0], others=labels[-1], rest=parts[-1],
        )  # fmt: skip
    return words("Most from {name}: {part}.", name=labels[0], part=parts[0])


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return ranking_data(rows, words), {}


def _names(rows: pd.DataFrame, words: Words) -> list[str]:
    return ranking_data(rows, words)["label"]


def _view(
    field: str,
    heading: str,
    name: str,
    title: str,
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart],
) -> View:
    return View(
        name=name,
        title=title,
        answer=name,
        draw=draw,
        data=_data,
        finding=ranking_finding,
        field=field,
        heading=heading,
        names=_names,
        figure="ranking",
        below=("sending-volume",),
        is_half=True,
    )


VOLUME_BY_SENDER: Final = _view(
    "sender_address", "Sender address",
    "volume-by-sender", "Message volume by sender", volume_by_sender_chart,
)  # fmt: skip

VOLUME_BY_DOMAIN: Final = _view(
    "sender_domain", "Sender domain",
    "volume-by-domain", "Messages sent by domain", volume_by_domain_chart,
)  # fmt: skip

"""The reasons why two sources count a sender differently: each with what proves it.

A reason takes of the difference what its evidence covers, and never more than the reasons before
it have left. Those that are exact come first: rows that are recipients, ids under another address,
clients that a source never saw. Then come those that only bound it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from smtpauth_kit.base.sentences import Sentence

Row = Mapping[str, Any]
"""A row of `reconciliation.sql`, missing figures as None."""


class Reason(NamedTuple):
    """Why two counts differ, or what has to be known of them."""

    code: str
    explains: int
    """So many messages of the difference."""
    sentence: Sentence

    def as_dict(self) -> dict[str, Any]:
        """Return it as the answer has it; the sentence is English, and knows its values."""
        return self._asdict()


CODES: Final = (
    "same", "recipients_not_messages", "send_as", "source_cannot_see", "cut_export",
    "days_not_covered", "report_lag", "superseded_report", "sessions_not_messages", "not_accepted",
    "unknown",
)  # fmt: skip
"""Every code, in the order in which they are looked at."""


def reasons_of(row: Row) -> list[Reason]:
    """Return the reasons of a row, each with its evidence, and what is left as `unknown`.

    Examples
    --------
    >>> row = dict.fromkeys(FIGURES) | {"larger": "submission_log", "smaller": "report",
    ...     "largest": 5, "smallest": 3, "difference": 2, "recipient_rows": 9}
    >>> [(each.code, each.explains) for each in reasons_of(row)]
    [('recipients_not_messages', 2)]
    """
    found, left = list[Reason](), int(row["difference"])
    if not left:
        found.append(Reason("same", 0, Sentence("All sources count the same.")))
    for code, most, always in _bounds(row):
        explains = min(left, most)
        if explains > 0 or always:
            left -= explains
            found.append(Reason(code, explains, _SAID[code](row, explains)))
    found += _of_sign_ins(row)
    if left:
        found.append(Reason("unknown", 0, _unknown(row, left)))
    return found


FIGURES: Final = (
    "recipient_rows", "sent_as_count", "unseen_count", "unseen_client_count", "cut_rows",
    "cut_count", "cut_end_day", "missing_day_count", "missing_count", "third_count", "report_day",
    "late_count", "superseded_count", "sign_in_count", "failure_count",
)  # fmt: skip
"""Columns of a row that are evidence; None where there is none."""


def _bounds(row: Row) -> Iterator[tuple[str, int, bool]]:
    """Yield each code with evidence: the most that it explains, and whether it is always said."""
    difference = row["difference"]
    if difference:
        yield "recipients_not_messages", row["recipient_rows"] or 0, False
        yield "send_as", row["sent_as_count"] or 0, False
        yield "source_cannot_see", row["unseen_count"] or 0, False
        yield "cut_export", _cut(row), False
        yield "days_not_covered", _missing(row), False
        yield "report_lag", row["late_count"] or 0, False
    changed = _superseded_by(row)
    if changed:
        yield "superseded_report", max(0, _towards(row, changed)), True


def _cut(row: Row) -> int:
    """Return how much a cut file explains: of a report, which tells no days, whatever is left."""
    if not row["cut_rows"]:
        return 0
    if row["smaller"] == "report":
        return 0 if row["smallest"] else int(row["difference"])
    return int(row["difference"] if row["larger"] == "report" else row["cut_count"] or 0)


def _missing(row: Row) -> int:
    """Return how much the days explain that the smaller source has in no file.

    A report tells no days: a third source that has them all says how many they were, else it may be
    all that is left.
    """
    if not row["missing_day_count"]:
        return 0
    if row["missing_count"] is not None:
        return int(row["missing_count"])
    third = row["third_count"]
    return int(row["difference"] if third is None else third)


def _superseded_by(row: Row) -> int:
    """Return by how much the report that counts exceeds the earlier export of its period."""
    if row["superseded_count"] is None or row.get("report") is None:
        return 0
    return int(row["report"]) - int(row["superseded_count"])


def _towards(row: Row, changed: int) -> int:
    """Return how much nearer the earlier export was to the other source."""
    if row["larger"] == "report":
        return changed
    return -changed if row["smaller"] == "report" else 0


def _of_sign_ins(row: Row) -> Iterator[Reason]:
    """Yield what the sign-ins of the address say: they explain nothing, they are no messages."""
    successes, failures = row["sign_in_count"], row["failure_count"]
    if successes is None:
        return
    if 0 < successes < row["largest"]:
        said = Sentence(
            "{successes} successful {successes:sign-in|sign-ins} and {messages} "
            "{messages:message|messages}: a session may carry several messages, and sign-ins are "
            "never counted as messages.",
            successes=successes,
            messages=row["largest"],
        )
        yield Reason("sessions_not_messages", 0, said)
    if not successes and failures:
        said = Sentence(
            "{failures} {failures:sign-in|sign-ins} of this account, and all failed: none could "
            "hand in a message.",
            failures=failures,
        )
        yield Reason("not_accepted", 0, said)


# --- in words ------------------------------------------------------------------------------


TITLES: Final = {
    "requested_report": Sentence("requested report"),
    "server_log": Sentence("server log"),
    "extended_trace": Sentence("extended message trace"),
    "report": Sentence("report"),
    "submission_log": Sentence("submission log"),
}
"""What each source of messages is called in a sentence."""


def _recipients(row: Row, n: int) -> Sentence:
    return Sentence(
        "The {source} has rows without an id that share sender, second and client and differ in "
        "their recipient: {n} of them {n:is|are} one more recipient, not one more message.",
        source=TITLES[row["larger"]],
        n=n,
    )


def _send_as(row: Row, n: int) -> Sentence:
    return Sentence(
        "{n} {n:message was|messages were} sent as another address: the {one} counts {n:it|them} "
        "under this one, the {other} under the other.",
        n=n,
        one=TITLES[row["larger"]],
        other=TITLES[row["smaller"]],
    )


def _cannot_see(row: Row, n: int) -> Sentence:
    return Sentence(
        "{n} {n:message|messages} of the {one} came from {clients} client "
        "{clients:address|addresses} that the {other} never saw on any day.",
        n=n,
        one=TITLES[row["larger"]],
        clients=row["unseen_client_count"],
        other=TITLES[row["smaller"]],
    )


def _cut_export(row: Row, n: int) -> Sentence:
    return Sentence(
        "A file of the {source} has exactly {rows} rows, a limit of the portals, and ends inside "
        "the period: up to {n} {n:message was|messages were} cut off. Export shorter ranges and "
        "load them too.",
        source=TITLES[row["smaller"]],
        rows=row["cut_rows"],
        n=n,
    )


def _not_covered(row: Row, n: int) -> Sentence:
    named: dict[str, Any] = {
        "source": TITLES[row["smaller"]],
        "days": row["missing_day_count"],
        "n": n,
    }
    if row["missing_count"] is None and row["third_count"] is None:
        return Sentence(
            "{days} {days:day of the period lies|days of the period lie} in no file of the "
            "{source}: up to {n} {n:message|messages} may be of {days:it|them}; the report tells "
            "no days.",
            **named,
        )
    return Sentence(
        "{days} {days:day of the period lies|days of the period lie} in no file of the {source}: "
        "{n} {n:message is|messages are} of {days:it|them}.",
        **named,
    )


def _lag(row: Row, n: int) -> Sentence:
    return Sentence(
        "The report was exported on {day}, before that day was over: {n} {n:message|messages} of "
        "that day may be lacking. Export it again and load it too.",
        day=row["report_day"],
        n=n,
    )


def _superseded(row: Row, _n: int) -> Sentence:
    return Sentence(
        "The report of this period was exported more than once: an earlier export says {old}, the "
        "one that counts {new}.",
        old=row["superseded_count"],
        new=row["report"],
    )


def _unknown(row: Row, left: int) -> Sentence:
    return Sentence(
        "{n} {n:message|messages} of the {one} {n:is|are} not explained by anything that is "
        "loaded.",
        n=left,
        one=TITLES[row["larger"]],
    )


_SAID: Final = {
    "recipients_not_messages": _recipients,
    "send_as": _send_as,
    "source_cannot_see": _cannot_see,
    "cut_export": _cut_export,
    "days_not_covered": _not_covered,
    "report_lag": _lag,
    "superseded_report": _superseded,
}
"""What says each reason of a difference, given the row and how much it explains."""

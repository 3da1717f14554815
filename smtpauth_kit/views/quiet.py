"""Who fell silent, and which mailboxes may use SMTP AUTH and never did, as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.views.breakdowns import auth_titles, tls_titles
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.readiness import ALLOWED_TITLES, STATE_TITLES, rhythm_text
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

CHANGE_TITLES: Final = {
    "switch": "SMTP AUTH blocked", "tls": "Another TLS version",
    "authentication": "Another authentication", "failed_sign_ins": "Failed sign-ins",
}  # fmt: skip
"""Keys of the words."""


def quiet_columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of who was due and sent nothing since."""
    return (
        Column("sender_address", words("Sender address")),
        Column("rhythm_text", words("Rhythm")),
        Column("last_seen", words("Last seen"), "date"),
        Column("expected_on", words("Was expected"), "date"),
        Column("quiet_days", words("Days silent"), "count"),
        Column("message_count", words("Messages"), "count"),
        Column("changed_text", words("What changed")),
        Column("last_used", words("Last used")),
        Column("allowed_text", words("Mailbox setting")),
        Column("failed_sign_in_count", words("Failed sign-ins"), "count"),
        Column("error_codes", words("Error codes"), "list"),
        Column("owner", words("Owner")),
        Column("state_text", words("State")),
        Column("note", words("Note")),
    )


def quiet_rows(answer: Answer, words: Words) -> pd.DataFrame:
    """Return the rows of went-quiet with the texts that `quiet_columns` show."""
    told = answer.rows.to_dict("records")
    return answer.rows.assign(
        rhythm_text=[rhythm_text(row["rhythm"], words) for row in told],
        changed_text=[_changed_text(row, words) for row in told],
        last_used=[_last_used(row, words) for row in told],
        allowed_text=[words(ALLOWED_TITLES[row["allowed"]]) for row in told],
        state_text=[words(STATE_TITLES[row["state"]]) for row in told],
    )


def _changed_text(row: Mapping[Any, Any], words: Words) -> str:
    changes = [words(CHANGE_TITLES[code]) for code in row["changed"]]
    return ", ".join(changes) or words("nothing that is loaded tells it")


def _last_used(row: Mapping[Any, Any], words: Words) -> str:
    tls, auth = tls_titles(words), auth_titles(words)
    used = [tls.get(each, each) for each in row["last_tls"] or ()]
    used += [auth.get(each, each) for each in row["last_auth"] or ()]
    return ", ".join(used)


def never_columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of mailboxes that may use SMTP AUTH and never did."""
    return (
        Column("address", words("Mailbox")),
        Column("display_name", words("Display name")),
        Column("allowed_text", words("Mailbox setting")),
        Column("setting_day", words("Setting of"), "date"),
        Column("failed_sign_in_count", words("Failed sign-ins"), "count"),
    )


def never_rows(answer: Answer, words: Words) -> pd.DataFrame:
    """Return the rows of never-seen with the texts that `never_columns` show."""
    return answer.rows.assign(
        allowed_text=[words(ALLOWED_TITLES[each]) for each in answer.rows["allowed"]]
    )


def statement(answer: Answer, words: Words) -> str:
    """Return the sentence that stands beside the rows."""
    return words.told(answer.beside["statement"])


def why_none(answer: Answer, words: Words) -> str:
    """Say why nobody is listed; empty where somebody is."""
    if len(answer.rows):
        return ""
    if answer.name == "went-quiet":
        return words("Nobody who was due is silent.")
    return words(
        "No mailbox is listed: load the export of Get-CASMailbox, and of Get-TransportConfig for "
        "mailboxes without a setting of their own."
    )


LISTS: Final[
    tuple[
        tuple[
            str, str, Callable[[Answer, Words], pd.DataFrame], Callable[[Words], tuple[Column, ...]]
        ],
        ...,
    ]
] = (
    ("went-quiet", "Went quiet", quiet_rows, quiet_columns),
    ("never-seen", "Never seen", never_rows, never_columns),
)
"""The lists that stand below readiness: answer, key of the words, rows with texts, columns."""

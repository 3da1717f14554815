"""What is staged of one file becomes rows of the store, step by step.

Nearly every row of a usual file is new. What only some files need (messages that logs name by a
queue's id, rows that repeat each other, reports of one period) is done for those alone.
"""

from __future__ import annotations

from smtpauth_kit.base.facts import OpenLine, Session, SignIn, Submission
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.open_copy import OpenCopy
from smtpauth_kit.store.staged_facts import PLACES, filled


def append_staged(copy: OpenCopy, kind: type, format_name: str = "") -> None:
    """Append the staged facts of one kind; lines that are left open are of a format."""
    place = PLACES[kind]
    if kind is Submission:
        _append_submissions(copy)
    elif kind is Session:
        copy.execute(f"insert into {place.rows} by name from {place.staged}")
    elif kind is OpenLine:
        copy.execute(
            f"insert into {place.rows} by name "
            f"select * replace ($format as format) from {place.staged}",
            {"format": format_name},
        )
    else:
        copy.execute(filled("append_rows", kind))
        if kind is SignIn:
            copy.execute(sql_text("sign_in_days_arrived"))


def _append_submissions(copy: OpenCopy) -> None:
    copy.execute(sql_text("arrive"))
    ((is_server_log, is_report, may_repeat),) = copy.rows(sql_text("what_arrived"))
    if is_server_log:
        copy.execute(sql_text("arrive_from_logs"))
    if may_repeat or is_server_log:  # Its rows may have got the key of one message by now.
        copy.execute(sql_text("rank_repeats"))
    copy.execute(sql_text("except_known"))
    if may_repeat or is_server_log:
        copy.execute(sql_text("tell_in_file"))
    copy.execute(sql_text("append_submissions"))
    if is_report:
        copy.execute(sql_text("append_reports"))
        if copy.has_rows("compared"):  # Else no other report of these senders and days is there.
            copy.execute(sql_text("settle_reports"))

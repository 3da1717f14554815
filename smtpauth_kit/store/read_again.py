"""Lines of logs that other files tell more of are read again, with what these files have.

A session, a connection or a message may stand in two files. What one of them gave alone is taken
out, all its lines are read together, and what they give is appended as if it were loaded now.
"""

from __future__ import annotations

from collections.abc import Sequence

from smtpauth_kit.base.facts import OpenLine, Rejected, Session, SignIn, Submission
from smtpauth_kit.store import open_ends
from smtpauth_kit.store.appended_rows import append_staged
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.open_copy import OpenCopy
from smtpauth_kit.store.staged_facts import PLACES, frame_of


def rejoin(copy: OpenCopy, file_id: int) -> bool:
    """Read again what other files tell more of, now that a file is loaded."""
    if not open_ends.find_joined(copy, file_id):
        return False
    read_together_again(copy, open_ends.NO_FILE)
    copy.con.execute(sql_text("staged"))
    copy.execute(sql_text("settle_sessions"))
    copy.settle_messages()
    copy.execute(sql_text("roll_up"))
    return True


def read_together_again(copy: OpenCopy, leaves: int) -> None:
    """Take out a file's rows, and those of the lines in `joined`; put what these give in."""
    kinds = open_ends.kinds_of(open_ends.read_together(copy))
    copy.learn_addresses(
        text
        for joined in (*kinds[Submission], *kinds[Session])
        for name in ("sender_address", "account")
        if (text := getattr(joined.end, name, ""))
    )
    for kind in (kind for kind in PLACES if kind not in (Session, OpenLine)):
        if leaves == open_ends.NO_FILE and kind not in (Submission, SignIn):
            continue
        copy.con.execute(sql_text("staged"))
        _take_out(copy, kind, leaves)
        copy.settle_messages()
        _add_joined(copy, "again", kinds.get(kind, []))
        copy.execute(sql_text("roll_up"))
        _append_again(copy, kind)
    for table in ("smtp_sessions", "rejected_rows"):
        copy.execute(
            f"delete from {table} where (file_id, line) in (select file_id, line from joined)"
        )
    _add_joined(copy, "smtp_sessions", kinds[Session])
    _add_joined(copy, "rejected_rows", kinds[Rejected])
    copy.execute(sql_text("open_settled"))


def _take_out(copy: OpenCopy, kind: type, file_id: int) -> None:
    name = "take_out_submissions" if kind is Submission else "take_out_rows"
    if kind is SignIn:
        copy.run_each("sign_in_days_left", file_id)
    copy.run_each(name, file_id, kind)


def _add_joined(copy: OpenCopy, table: str, joined: Sequence[open_ends.Joined]) -> None:
    if not joined:
        return
    kind = type(joined[0].end)
    frame = frame_of(kind, [each.end for each in joined])
    frame["file_id"] = [each.file_id for each in joined]
    if kind is not Rejected:
        frame["tenant"], frame["source"] = [each.tenant for each in joined], "server_log"
    copy.insert(table, frame, {})


def _append_again(copy: OpenCopy, kind: type) -> None:
    """Append what was taken out of other files, each as if it were loaded now."""
    copy.con.execute("create or replace temp table kept_before as from ends_before")
    copy.con.execute("create or replace temp table waiting as from again")
    files = copy.rows(
        "select file_id from waiting union select file_id from kept_before order by 1"
    )
    staged = PLACES[kind].staged
    for (file_id,) in files:
        copy.con.execute(sql_text("staged"))
        copy.con.execute("insert into ends_before from kept_before")
        columns = ", ".join(name for name, *_ in copy.rows(f"describe {staged}"))
        copy.con.execute(
            f"insert into {staged} by name select {columns} from waiting where file_id = ?",
            [file_id],
        )
        append_staged(copy, kind)
        if kind is Submission:
            copy.run_each("told_elsewhere", file_id)
            copy.settle_messages()
        copy.execute(sql_text("roll_up"))
        copy.run_each("ends_changed", file_id)

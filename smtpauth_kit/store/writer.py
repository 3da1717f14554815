"""The writing side of a store: rows are staged in its working copy, and appended a file at a time.

:meth:`Store.writing` opens the copy, and swaps it in when the work is done.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_type_hints

from smtpauth_kit import __version__
from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.facts import (
    ConnectorVolume,
    Fact,
    MailboxSetting,
    MailContext,
    OpenLine,
    Rejected,
    Session,
    SignIn,
    Submission,
)
from smtpauth_kit.base.names import SCHEMA_VERSION, SOURCES
from smtpauth_kit.base.sentences import Sentence, to_json
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.store import open_ends
from smtpauth_kit.store.database import (
    LOADING_S,
    QUESTION_S,
    USUAL_ORDER,
    connect,
    literal,
    run_within,
    sql_text,
)
from smtpauth_kit.store.meanings import write_comments
from smtpauth_kit.store.working_copy import figures
from smtpauth_kit.values import addresses
from smtpauth_kit.words.inert import printable

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


class _Place(NamedTuple):
    """Where facts of one kind are staged, their table in the store, and its column of days."""

    staged: str
    rows: str
    day: str = ""


_PLACES: Final[dict[type, _Place]] = {
    Submission: _Place("staged_submissions", "submission_rows", "period_end"),
    Session: _Place("staged_smtp_sessions", "smtp_sessions"),
    OpenLine: _Place("staged_open_lines", "open_lines"),
    SignIn: _Place("staged_sign_ins", "sign_in_rows", "signed_in_at"),
    MailContext: _Place("staged_mail_context", "mail_context_rows", "received_at"),
    MailboxSetting: _Place("staged_mailbox_settings", "mailbox_setting_rows", "day"),
    ConnectorVolume: _Place("staged_connector_volume", "connector_volume_rows", "day"),
}
_CAN_BE_AHEAD: Final = (Submission, SignIn, MailContext)
_CAN_BE_OPEN: Final = frozenset(fmt.name for fmt in FORMATS if fmt.open_header)
_DAYS_AHEAD: Final = 3
"""From this many days after today on, a row is ahead of the clock (LOADING: more than two days)."""


def days_ahead_from() -> dt.date:
    """Return the first day that is ahead of this machine's clock (LOADING, point 7)."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS_AHEAD)


class Writer:
    """A working copy of the store: stages a file's rows and appends them in one transaction."""

    def __init__(
        self,
        work: Path,
        existing: bool,
        check: Callable[[], None],
        may_read: Sequence[str] = (),
    ) -> None:
        self.path = work
        self.changed = False
        self._check = check
        self._con: duckdb.DuckDBPyConnection | None = connect(work, may_read=may_read)
        ranks = ", ".join(f"({literal(name)}, {rank})" for rank, name in enumerate(SOURCES))
        self._con.execute(
            f"create temp table ranks as from (values {ranks}) as ranks(source, rank)"
        )
        if not existing:
            try:
                self._make()
            except BaseException:
                self.close()
                raise

    def _make(self) -> None:
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self.con.execute("begin")  # One commit for all: each costs a write to disk.
        self.con.execute(sql_text("schema"))
        self.make_views()
        self.con.execute(
            "insert into store_info values (?, ?, ?)", [SCHEMA_VERSION, __version__, now]
        )
        self.con.execute("commit")

    def make_views(self) -> None:
        """Make the views anew, and write into the store what its tables and columns mean."""
        self.con.execute(sql_text("views"))
        write_comments(self.con)

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection to the working copy."""
        assert self._con is not None
        return self._con

    def finish(self) -> list[Any]:
        """Move all that was written into the copy's file, close it, and return what it must hold.

        Nobody stops it here: what was done is kept also when somebody wants to stop.
        """
        counted = run_within(self.con, lambda: figures(self.con), QUESTION_S)
        run_within(self.con, lambda: self.con.execute("checkpoint"), LOADING_S)
        self.close()
        return counted

    def close(self) -> None:
        """Close the working copy; only :meth:`finish` makes sure of what is in its file."""
        if self._con is not None:
            self._con.close()
            self._con = None

    def file_with_key(self, load_key: str) -> tuple[int, str] | None:
        """Return id and path of the file that was loaded under this key."""
        named = "select file_id, path from source_files where load_key = $load_key"
        return next(((id_, path) for id_, path in self.rows(named, {"load_key": load_key})), None)

    def forget_staged(self) -> None:
        """Make the staging tables anew, empty."""
        self.con.execute(sql_text("staged"))

    def begin_file(self) -> int:
        """Forget what was staged before, and return the id of the next file."""
        self.forget_staged()
        ((number,),) = self.rows("select nextval('file_ids')")
        return int(number)

    def stage(self, facts: Sequence[Fact], rejected: Sequence[Rejected], **same: Any) -> None:
        """Add converted rows to what is staged; `same` are columns equal for the whole file."""
        by_kind: dict[type, list[Fact]] = {}
        for fact in facts:
            by_kind.setdefault(type(fact), []).append(fact)
        for kind, group in by_kind.items():
            self._insert(_PLACES[kind].staged, _frame(kind, group), same)
        if rejected:
            raws = [reject._replace(raw=reject.raw.replace("\0", "\ufffd")) for reject in rejected]
            self._insert("staged_rejects", _frame(Rejected, raws), {})

    def _insert(self, table: str, frame: pd.DataFrame, same: Mapping[str, Any]) -> None:
        constants = "".join(f", ${name} as {name}" for name in same)
        self.con.register("batch", frame)
        self.con.execute(
            f"insert into {table} by name select *{constants} from batch", dict(same) or None
        )
        self.con.unregister("batch")

    def append(self, file: Mapping[str, Any], other: int) -> dict[str, Any]:
        """Move what is staged into the store; return how the rows ended.

        `file` has the columns of `source_files` that the caller knows.
        """
        self.learn_staged_addresses()
        staged = [kind for kind in _PLACES if self._any(_PLACES[kind].staged)]
        for kind in staged:
            takes = {"format": file["format"]} if kind is OpenLine else None
            self.execute(_append_sql(kind), takes)
        if Session in staged or self._any("staged_submissions", "session <> ''"):
            self.execute(sql_text("settle_sessions"))
        self._find_told_elsewhere(file)
        self._settle_messages()
        self.execute(sql_text("roll_up"))
        figures = self._endings(other)
        superseded = self._superseded() if Submission in staged else ()
        warnings = [*file["warnings"], *superseded, *self._contradicted()]
        sentences = to_json(file["why"], *warnings)
        self._add_file({**file, **figures, "warnings": warnings, "sentences": sentences})
        self.con.execute(
            "insert into rejected_rows select ?, line, reason, raw, sentence "
            "from staged_rejects order by line",
            [file["file_id"]],
        )
        if file["format"] in _CAN_BE_OPEN and self._rejoin(file["file_id"]):
            figures |= self._figures_of(file["file_id"])
        return {**figures, "warnings": tuple(warnings)}

    def _find_told_elsewhere(self, file: Mapping[str, Any]) -> None:
        """Note the messages of a file that another source tells of too, as not yet settled."""
        of_file = {name: file[name] for name in ("source", "tenant")}
        if self.rows(sql_text("other_sources"), of_file):
            self._run_each("told_elsewhere", file["file_id"])

    def _settle_messages(self) -> None:
        """Let each message have all that is known of it, of those noted as not yet settled."""
        if self._any("unsettled"):
            self.execute(sql_text("settle_messages"))

    def settle_all_messages(self) -> None:
        """Settle every message that several rows tell of, in a store that never did."""
        self.forget_staged()
        self.execute(sql_text("all_unsettled"))
        self._settle_messages()
        self.execute(sql_text("roll_up"))

    def unload(self, file_id: int) -> None:
        """Take a file out again: the store is as if it had never been loaded.

        Rows of other files that it had a part in (the same messages, other figures for the same
        senders and period) are taken out too and appended again in the order of loading.
        """
        with self.transaction("this store"):
            open_ends.find_joined(self, file_id, leaves=file_id)
            self._read_together_again(file_id)
            self._run_each("take_out_file", file_id)
            self.con.execute(sql_text("staged"))
            self.execute(sql_text("settle_sessions"))
            self._settle_messages()
            self.execute(sql_text("roll_up"))
            self.execute(sql_text("unused_addresses"))

    def _take_out(self, kind: type, file_id: int) -> None:
        name = "take_out_submissions" if kind is Submission else "take_out_rows"
        self._run_each(name, file_id, kind)

    def _rejoin(self, file_id: int) -> bool:
        """Read again what other files tell more of, now that a file is loaded."""
        if not open_ends.find_joined(self, file_id):
            return False
        self._read_together_again(open_ends.NO_FILE)
        self.con.execute(sql_text("staged"))
        self.execute(sql_text("settle_sessions"))
        self._settle_messages()
        self.execute(sql_text("roll_up"))
        return True

    def _read_together_again(self, leaves: int) -> None:
        """Take out a file's rows, and those of the lines in `joined`; put what these give in."""
        kinds = open_ends.kinds_of(open_ends.read_together(self))
        self.learn_addresses(
            text
            for joined in (*kinds[Submission], *kinds[Session])
            for name in ("sender_address", "account")
            if (text := getattr(joined.end, name, ""))
        )
        for kind in (kind for kind in _PLACES if kind not in (Session, OpenLine)):
            if leaves == open_ends.NO_FILE and kind not in (Submission, SignIn):
                continue
            self.con.execute(sql_text("staged"))
            self._take_out(kind, leaves)
            self._settle_messages()
            self._add_joined("again", kinds.get(kind, []))
            self.execute(sql_text("roll_up"))
            self._append_again(kind)
        for table in ("smtp_sessions", "rejected_rows"):
            self.execute(
                f"delete from {table} where (file_id, line) in (select file_id, line from joined)"
            )
        self._add_joined("smtp_sessions", kinds[Session])
        self._add_joined("rejected_rows", kinds[Rejected])
        self.execute(sql_text("open_settled"))

    def _add_joined(self, table: str, joined: Sequence[open_ends.Joined]) -> None:
        if not joined:
            return
        kind = type(joined[0].end)
        frame = _frame(kind, [each.end for each in joined])
        frame["file_id"] = [each.file_id for each in joined]
        if kind is not Rejected:
            frame["tenant"], frame["source"] = [each.tenant for each in joined], "server_log"
        self._insert(table, frame, {})

    def _figures_of(self, file_id: int) -> dict[str, Any]:
        names = (
            "rows_loaded",
            "rows_duplicate",
            "rows_rejected",
            "rows_other",
            "message_count",
            "period_start",
            "period_end",
        )
        (row,) = self.rows(
            f"select {', '.join(names)} from source_files where file_id = $file_id",
            {"file_id": file_id},
        )
        return dict(zip(names, row, strict=True))

    def _append_again(self, kind: type) -> None:
        """Append what was taken out of other files, each as if it were loaded now."""
        self.con.execute("create or replace temp table kept_before as from ends_before")
        self.con.execute("create or replace temp table waiting as from again")
        files = self.rows(
            "select file_id from waiting union select file_id from kept_before order by 1"
        )
        staged = _PLACES[kind].staged
        for (file_id,) in files:
            self.con.execute(sql_text("staged"))
            self.con.execute("insert into ends_before from kept_before")
            columns = ", ".join(name for name, *_ in self.rows(f"describe {staged}"))
            self.con.execute(
                f"insert into {staged} by name select {columns} from waiting where file_id = ?",
                [file_id],
            )
            self.execute(_append_sql(kind))
            if kind is Submission:
                self._run_each("told_elsewhere", file_id)
                self._settle_messages()
            self.execute(sql_text("roll_up"))
            self._run_each("ends_changed", file_id)

    def _run_each(self, name: str, file_id: int, kind: type = Submission) -> None:
        """Run the statements of a SQL file one by one: each takes the parameter or none."""
        for statement in self.con.extract_statements(_filled(name, kind)):
            takes = statement.named_parameters
            self.execute(statement, {"file_id": file_id} if takes else None)

    @contextmanager
    def transaction(self, path: str) -> Iterator[None]:
        """Do all or nothing of what the block does.

        Raises
        ------
        FileRefused
            The counts of the file at `path` are too large to add up.
        """
        import duckdb

        self.con.execute("begin")
        try:
            yield
            self.con.execute("commit")
        except BaseException as error:
            with suppress(Exception):
                self.con.execute("rollback")
                self.con.execute(USUAL_ORDER)
            if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
                raise FileRefused(
                    "The counts of {file} add up to more than 9,223,372,036,854,775,807, more than "
                    "any number of messages. Look for a count that is no count, mend it, and load "
                    "it again.",
                    file=printable(path),
                ) from None
            raise
        self.changed = True

    def _any(self, table: str, where: str = "true") -> bool:
        return bool(self.rows(f"select 1 from {table} where {where} limit 1"))

    def learn_staged_addresses(self) -> None:
        """Add every new form of an address that is staged."""
        staged = self.rows(sql_text("staged_addresses"))
        self.learn_addresses(text for (text,) in staged)

    def learn_addresses(self, texts: Iterable[str]) -> None:
        """Add every new form of an address, with the form it is compared in."""
        forms = [(text, *addresses.account(text)[1:]) for text in texts]
        if not forms:
            return
        self.register(
            address=[f[0] for f in forms],
            address_key=[f[1] for f in forms],
            domain=[f[2] for f in forms],
        )
        self.execute(sql_text("new_addresses"))
        self.con.unregister("batch")

    def register(self, **columns: list[str]) -> None:
        """Let SQL see columns of text as the table `batch`."""
        import pandas as pd

        self.con.register(
            "batch", pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in columns.items()})
        )

    def execute(
        self,
        sql: str | duckdb.Statement,
        params: Mapping[str, Any] | None = None,
        tell: Callable[[float], None] = lambda share: None,
    ) -> duckdb.DuckDBPyConnection:
        """Run statements; a wish to stop is heard in the middle of them.

        `tell` hears what share is done, 0 to 1, where DuckDB knows it.
        """

        def watch() -> None:
            self._check()
            tell(max(self.con.query_progress(), 0.0) / 100)

        job = partial(self.con.execute, sql, dict(params) if params else None)
        result = run_within(self.con, job, LOADING_S, watch)
        self._check()
        tell(1.0)
        return result

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Answer a small question of the copy; a wish to stop and the limit of time are heard."""
        ask = partial(self.con.execute, sql, dict(params) if params else None)
        return run_within(self.con, lambda: ask().fetchall(), QUESTION_S, self._check)

    def _superseded(self) -> Iterator[Sentence]:
        ((count, paths),) = self.rows(sql_text("superseded_now"))
        if count:
            yield Sentence(
                "{n} sender(s) had other figures for the same period in {file}; "
                "the figures of this file, loaded later, count now",
                n=count,
                file=paths,
            )

    def _contradicted(self) -> Iterator[Sentence]:
        ((count,),) = self.rows("select coalesce(sum(message_count), 0) from contradicted")
        if count:
            yield Sentence(
                "of {n} message(s) another file or source names another TLS version or "
                "authentication; the earliest event counts, and of two sources the one that tells "
                "most",
                n=int(count),
            )

    def _endings(self, other: int) -> dict[str, Any]:
        (counted,) = self.rows(sql_text("row_endings"))
        names = ("loaded", "duplicate", "other", "rejected")
        figures = {f"rows_{name}": counted[n] for n, name in enumerate(names)}
        figures["rows_other"] += other
        figures["message_count"], figures["period_start"], figures["period_end"] = counted[4:]
        return figures

    def _add_file(self, file: Mapping[str, Any]) -> None:
        names = ", ".join(file)
        values = ", ".join(f"${name}" for name in file)
        self.con.execute(f"insert into source_files ({names}) values ({values})", dict(file))

    def spans(self, start: dt.date, end: dt.date) -> None:
        """Set the days that the file covers, also where its rows name none or fewer."""
        self.con.execute("insert into spans values (?, ?)", [start, end])

    def ahead_of_clock(self) -> tuple[int, int, str] | None:
        """Return how many staged rows lie ahead of the clock, with the first one's line and day."""
        rows = " union all ".join(
            f"select line, {_PLACES[kind].day}::date as day from {_PLACES[kind].staged} "
            "where ahead_of_clock"
            for kind in _CAN_BE_AHEAD
        )
        ((count, line, day),) = self.rows(
            f"select count(distinct line), min(line), max(day)::text from ({rows})"
        )
        return (count, line, day) if count else None


def _append_sql(kind: type) -> str:
    """Return the statements that append the staged facts of one kind."""
    place = _PLACES[kind]
    if kind is Submission:
        return sql_text("append_submissions")
    if kind is Session:
        return f"insert into {place.rows} by name from {place.staged}"
    if kind is OpenLine:
        return (
            f"insert into {place.rows} by name "
            f"select * replace ($format as format) from {place.staged}"
        )
    return _filled("append_rows", kind)


def _filled(name: str, kind: type) -> str:
    """Return the text of a SQL file for one kind of fact, with its tables and column filled in."""
    place = _PLACES[kind]
    names = {"facts": place.staged, "rows": place.rows, "day": place.day}
    return _GAP.sub(lambda gap: names[gap[1]], sql_text(name))


_GAP = re.compile(r"/\* (facts|rows|day) \*/")


def _frame(kind: type, facts: Sequence[Any]) -> pd.DataFrame:
    """Return rows as columns of plain types: DuckDB must never guess one from a sample."""
    import pandas as pd

    types = get_type_hints(kind)
    columns = zip(types.items(), zip(*facts, strict=True), strict=True)
    frame = {name: _column(wanted, cells) for (name, wanted), cells in columns}
    if kind in _CAN_BE_AHEAD:
        frame["ahead_of_clock"] = frame[_PLACES[kind].day] >= pd.Timestamp(days_ahead_from())
    return pd.DataFrame(frame)


def _column(wanted: Any, cells: Sequence[Any]) -> pd.Series[Any]:
    import pandas as pd

    if wanted is str:
        return pd.Series(cells, dtype=object)
    if wanted == tuple[str, ...]:
        # What separates them must not stand in one: a quoted name may hold anything.
        joined = [";".join(text.replace(";", "%3B") for text in cell) for cell in cells]
        return pd.Series(joined, dtype=object)
    if wanted in (dt.date, dt.datetime, dt.datetime | None):
        return pd.Series(cells, dtype="datetime64[us]")
    return pd.Series(cells, dtype={int: "int64", bool: "bool"}.get(wanted, "boolean"))

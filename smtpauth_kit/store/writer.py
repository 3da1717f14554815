"""The writing side of a store: rows are staged in its working copy, and appended a file at a time.

:meth:`Store.writing` opens the copy, and swaps it in when the work is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from smtpauth_kit.base.facts import Columns, Fact, Rejected, Session, Submission
from smtpauth_kit.base.sentences import Sentence, to_json
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.store import open_ends, parts, read_again
from smtpauth_kit.store.appended_rows import append_staged
from smtpauth_kit.store.database import USUAL_ORDER, literal, sql_text
from smtpauth_kit.store.open_copy import OpenCopy
from smtpauth_kit.store.staged_facts import CAN_BE_AHEAD, PLACES
from smtpauth_kit.store.staged_rows import STAGED_REJECTS, stage_rows

_CAN_BE_OPEN: Final = frozenset(fmt.name for fmt in FORMATS if fmt.open_header)


class Writer(OpenCopy):
    """A working copy of the store: stages a file's rows and appends them in one transaction."""

    def file_with_key(self, load_key: str) -> tuple[int, str] | None:
        """Return id and path of the file that was loaded under this key."""
        named = "select file_id, path from source_files where load_key = $load_key"
        return next(((id_, path) for id_, path in self.rows(named, {"load_key": load_key})), None)

    def load_keys(self) -> frozenset[str]:
        """Return the keys under which files were loaded."""
        return frozenset(key for (key,) in self.rows("select load_key from source_files"))

    def begin_file(self, size: int = 0) -> int:
        """Forget what was staged before, and return the id of the next file, of so many bytes."""
        self.expect(size)
        self.forget_staged()
        ((number,),) = self.rows("select nextval('file_ids')")
        return int(number)

    def stage(
        self,
        facts: Sequence[Fact],
        rejects: Sequence[Rejected],
        columns: Sequence[Columns] = (),
        **same: Any,
    ) -> None:
        """Add converted rows to what is staged; `same` are columns equal for the whole file."""
        stage_rows(self.con, facts, rejects, columns, **same)

    def stage_parts(self, staged: parts.Parts, lines: int = 0, **same: Any) -> None:
        """Add the rows that another process staged, in their order, as :meth:`stage` does.

        `lines` stand in the file before the lines that it counted.
        """
        self.execute("set preserve_insertion_order = true")
        for table, paths in staged.items():
            own = {} if table == STAGED_REJECTS else same
            constants = "".join(f", ${name} as {name}" for name in own)
            rows = f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false)"
            columns = f"* replace (line + {lines:d} as line){constants}"
            self.execute(f"insert into {table} by name select {columns} from {rows}", own)
        self.execute(USUAL_ORDER)

    def append(self, file: Mapping[str, Any], other: int) -> dict[str, Any]:
        """Move what is staged into the store; return how the rows ended.

        `file` has the columns of `source_files` that the caller knows.
        """
        self.learn_staged_addresses()
        staged = self._staged()
        for kind in staged:
            append_staged(self, kind, file["format"])
        if Session in staged or self.has_rows("staged_submissions", "session <> ''"):
            self.execute(sql_text("settle_sessions"))
        self._find_told_elsewhere(file)
        self.settle_messages()
        self.execute(sql_text("roll_up"))
        figures = self._endings(other)
        is_report = file["source"] == "report" and Submission in staged
        superseded = self._superseded() if is_report else ()
        lacking = self._lacking() if is_report else ()
        warnings = [*file["warnings"], *superseded, *lacking, *self._contradicted()]
        sentences = to_json(file["why"], *warnings)
        self._add_file({**file, **figures, "warnings": warnings, "sentences": sentences})
        self.con.execute(
            "insert into rejected_rows select ?, line, reason, raw, sentence "
            "from staged_rejects order by line",
            [file["file_id"]],
        )
        if file["format"] in _CAN_BE_OPEN and read_again.rejoin(self, file["file_id"]):
            figures |= self._figures_of(file["file_id"])
        return {**figures, "warnings": tuple(warnings)}

    def _staged(self) -> list[type]:
        asked = (
            f"(select {n} from {each.staged} limit 1)" for n, each in enumerate(PLACES.values())
        )
        kinds = [*PLACES]
        return [kinds[n] for (n,) in sorted(self.rows(" union all ".join(asked)))]

    def _find_told_elsewhere(self, file: Mapping[str, Any]) -> None:
        """Note the messages of a file that another source tells of too, as not yet settled."""
        of_file = {name: file[name] for name in ("source", "tenant")}
        if self.rows(sql_text("other_sources"), of_file):
            self.run_each("told_elsewhere", file["file_id"])

    def settle_all_messages(self) -> None:
        """Settle every message that several rows tell of, in a store that never did."""
        self.forget_staged()
        self.execute(sql_text("all_unsettled"))
        self.settle_messages()
        self.execute(sql_text("roll_up"))

    def unload(self, file_id: int) -> None:
        """Take a file out again: the store is as if it had never been loaded.

        Rows of other files that it had a part in (the same messages, other figures for the same
        senders and period) are taken out too and appended again in the order of loading.
        """
        with self.transaction("this store"):
            open_ends.find_joined(self, file_id, leaves=file_id)
            read_again.read_together_again(self, file_id)
            self.run_each("take_out_file", file_id)
            self.con.execute(sql_text("staged"))
            self.execute(sql_text("settle_sessions"))
            self.settle_messages()
            self.execute(sql_text("roll_up"))
            self.execute(sql_text("unused_addresses"))

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

    def learn_staged_addresses(self) -> None:
        """Add every new form of an address that is staged."""
        staged = self.rows(sql_text("staged_addresses"))
        self.learn_addresses(text for (text,) in staged)

    def _superseded(self) -> Iterator[Sentence]:
        if not self.has_rows("superseded"):
            return
        ((count, paths),) = self.rows(sql_text("superseded_now"))
        if count:
            yield Sentence(
                "{n} {n:sender|senders} had other figures for the same period in {file}; "
                "the figures of this file, loaded later, count now",
                n=count,
                file=paths,
            )

    def _lacking(self) -> Iterator[Sentence]:
        ((count, paths),) = self.rows(sql_text("lacking_now"))
        if count:
            yield Sentence(
                "{n} {n:sender|senders} of the same period in {file} {n:does|do} not stand in "
                "this file; {n:its|their} earlier figures still count",
                n=count,
                file=paths,
            )

    def _contradicted(self) -> Iterator[Sentence]:
        ((count,),) = self.rows("select coalesce(sum(message_count), 0) from contradicted")
        if count:
            yield Sentence(
                "of {n} {n:message|messages} another file or source names another TLS version or "
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
            f"select line, {PLACES[kind].day}::date as day from {PLACES[kind].staged} "
            "where ahead_of_clock"
            for kind in CAN_BE_AHEAD
        )
        ((count, line, day),) = self.rows(
            f"select count(distinct line), min(line), max(day)::text from ({rows})"
        )
        return (count, line, day) if count else None

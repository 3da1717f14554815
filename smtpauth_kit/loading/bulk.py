"""Big plain submission logs: DuckDB's own reader takes their plain rows, on all cores.

A load of 500,000 rows takes 5.9 s of processor so, and 10.2 s where they are read by columns, as
other tables are (`batches`): that is why this way is kept beside that one. It is for what DuckDB
can open and take apart itself: no quotes, one encoding, one fact a row.

DuckDB takes a row only where it is certain that `staging` would read it the same, and that its
message stands in no other row of the file. Its message may stand in another file only with the same
sender, day and recipients: then the row is a duplicate. All other rows go the usual way.

Nothing is decided here: what a text means comes from `values`; which rows are repeated, from
`append_submissions`. Where a number does not add up, the whole file goes the usual way.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.formats import Layout, submission_log
from smtpauth_kit.loading.progress import Tick
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.bounds import MIB
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.store.database import USUAL_ORDER, literal, sql_text
from smtpauth_kit.store.staged_facts import days_ahead_from
from smtpauth_kit.store.writer import Writer
from smtpauth_kit.values import addresses, protocols
from smtpauth_kit.values.addresses import Address
from smtpauth_kit.values.cells import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_BYTES: Final = MIB
"""Below this the usual way is quick, too."""
MAX_LEFT: Final = 0.2
"""With a larger share of rows that are not plain, this way would be the slower one."""
MAX_TEXTS: Final = 1_000_000
"""Different senders (or accounts, client IPs) that are looked up one by one."""

_TEXTS: Final = {
    "date": "date_text",
    "sender_address": "sender_text",
    "recipients": "recipients_text",
    "message_id": "id_text",
    "tls_version": "tls_text",
    "client_ip": "ip_text",
    "auth_protocol": "auth_text",
    "account": "account_text",
}
_GAP: Final = re.compile(r"/\* (?:log|ahead_from|bare) \*/")
_NO_SIGN: Final = "\x01"
"""A character that no plain file has (see `Content.is_plain`)."""


class NotPlain(Exception):
    """The file has to be loaded the usual way; what was written of it must be rolled back."""


@contextmanager
def errors_as_not_plain() -> Iterator[None]:
    """Turn an error of DuckDB into NotPlain: on the usual way it is said what is wrong."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise NotPlain from error


def may_suit(export: Export) -> bool:
    """Tell whether DuckDB could open the file itself: no archive, no pattern, large enough."""
    return export.is_file and export.size >= MIN_BYTES and not re.search(r"[*?\[\]{}]", export.path)


def suits(export: Export, content: Content, layout: Layout) -> bool:
    """Tell whether a file is a plain submission log: a message a row, cells without quotes."""
    return (
        may_suit(export)
        and content.is_plain
        and layout.format is submission_log.FORMAT
        and "message_id" in layout.keys
        and "message_count" not in layout.keys
        and layout.zone == dt.UTC
    )


class BulkLog:
    """One log on its way into the store, inside the writer's transaction."""

    def __init__(
        self,
        writer: Writer,
        export: Export,
        content: Content,
        layout: Layout,
        same: dict[str, Any],
        tick: Tick,
    ) -> None:
        self._writer, self._export, self._layout = writer, export, layout
        self._rows = content.lines - layout.header_line
        self._lines, self._is_bare = content.lines, content.is_bare
        self._same = same
        self._tick = tick
        self._left = 0

    def take_plain_rows(self) -> list[tuple[int, str]]:
        """Insert the plain rows; return the lines, with their numbers, that are not plain.

        Raises
        ------
        NotPlain
            Too few rows are plain.
        """
        with self._reading_in_any_order():
            self._learn()
            self._check_start()
            self._run("bulk_insert", self._fill("bulk_parsed", self._cells), self._same, 0.2, 0.8)
        if self._taken() == self._rows:
            return []
        with self._reading_in_order():
            parsed = self._fill("bulk_parsed", self._cells_with_lines)
            left = self._ask(f"select line, raw from ({parsed}) where not is_plain order by line")
        return self._checked(left)

    def take_the_others(self, counts: Counts) -> Counts:
        """Stage the plain rows that DuckDB could not insert; return all row counts.

        `counts` has the rows that are not plain; those that DuckDB took are added.
        """
        apart = self._stage_apart(self._rows - self._taken() - self._left, is_known=True)
        self._writer.learn_staged_addresses()
        self._writer.execute(sql_text("bulk_keys"))
        self._run("bulk_apart", "", {"file_id": self._same["file_id"]}, 0.85, 0.95)
        if self._count("bulk_apart"):
            before = self._taken()
            self._run("bulk_take_out", "", {"file_id": self._same["file_id"]}, 0.95, 0.95)
            apart += self._stage_apart(before - self._taken(), is_known=False)
        ends = sql_text("bulk_ends").replace("/* file_id */", f"{self._same['file_id']:d}")
        self._writer.execute(ends)
        taken = self._taken() + apart
        counts.read += taken
        counts.used += taken
        counts.last_line = max(counts.last_line, self._lines)
        return counts

    def _stage_apart(self, rows: int, *, is_known: bool) -> int:
        """Stage plain rows that DuckDB may not take: `rows` of them are expected.

        They are those whose message another file has differently (`is_known`), or those of the
        table `bulk_apart`.
        """
        if rows:
            before = self._count("staged_submissions")
            with self._reading_in_order():
                parsed = self._fill("bulk_parsed", self._cells_with_lines)
                low = 0.8 if is_known else 0.95
                told = {**self._same, "is_known": is_known}
                self._run("bulk_stage", parsed, told, low, low + 0.05)
            if self._count("staged_submissions") - before != rows:
                raise NotPlain
        return rows

    def _learn(self) -> None:
        """Read each different sender, account, TLS version, protocol and client IP once.

        What each means is kept in tables that the statements join.
        """
        survey = self._fill("bulk_survey", self._cells)
        ((senders, accounts, tls, auth, ips, first, last),) = self._ask(survey)
        if first is None or max(map(len, (senders, accounts, ips))) > MAX_TEXTS:
            raise NotPlain
        self._learn_addresses("bulk_senders", senders, addresses.sender_address)
        self._learn_addresses("bulk_accounts", accounts, addresses.account)
        self._writer.execute(sql_text("bulk_keys"))
        self._keep("bulk_tls", tls, protocols.tls_version, "value::tls_version")
        self._keep("bulk_auth", auth, protocols.auth_protocol, "value::auth_protocol")
        self._keep("bulk_ips", ips, addresses.client_ip, "value")
        days = {"first_day": first, "last_day": last}
        kept = {name: self._same[name] for name in ("source", "tenant")}
        self._run("bulk_known", "", {**kept, **days}, 0.2, 0.2)

    def _learn_addresses(
        self, name: str, texts: Iterable[str], read: Callable[[str], Address]
    ) -> None:
        known = self._keep(name, texts, lambda text: read(text).shown, "value")
        self._writer.learn_addresses(sorted(set(known)))
        self._writer.execute(
            f"create or replace temp table {name} as select place, address_id as meaning "
            f"from {name} left join addresses on address = meaning"
        )

    def _keep(
        self, name: str, texts: Iterable[str], read: Callable[[str], str], meaning: str
    ) -> list[str]:
        """Keep the texts that fit as an enum, and a table with the meaning of each place in it."""
        meant: dict[str, str] = {}
        for text in texts:
            try:
                meant[text] = read(text)
            except Unfit:
                continue
        self._writer.show_as_batch(text=list(meant), value=list(meant.values()))
        con = self._writer.con
        con.execute(f"create or replace temp type {name} as enum (select text from batch)")
        con.execute(
            f"create or replace temp table {name} as "
            f"select enum_code(text::{name}) as place, {meaning} as meaning from batch"
        )
        con.execute("drop table batch")
        return list(meant.values())

    def _check_start(self) -> None:
        """Look at the first 10,000 rows: where few are plain, the usual way is the quicker one."""
        parsed = self._fill("bulk_parsed", f"{self._cells} limit 10000")
        ((rows, plain),) = self._ask(f"select count(*), count(*) filter (is_plain) from ({parsed})")
        if plain < rows * (1 - MAX_LEFT):
            raise NotPlain

    def _checked(self, left: list[tuple[int, str]]) -> list[tuple[int, str]]:
        if len(left) > max(MAX_LEFT * self._rows, 1000):
            raise NotPlain
        self._left = len(left)
        return left

    # --- what DuckDB reads ---

    @property
    def _cells(self) -> str:
        """The cells of each row, as they stand; rows of another width are left out."""
        header, sign = self._layout.header, self._layout.delimiter
        assert sign is not None
        columns = ", ".join(f"'c{n}': 'varchar'" for n in range(len(header)))
        picked = ", ".join(
            f"c{self._layout.keys[name]} as {text}"
            if name in self._layout.keys
            else f"'' as {text}"
            for name, text in _TEXTS.items()
        )
        return f"select {picked} from {self._read_csv(columns, sign)}"

    @property
    def _cells_with_lines(self) -> str:
        """The same, with the line and its number; rows of another width have no date."""
        assert self._layout.delimiter is not None
        sign, width = literal(self._layout.delimiter), len(self._layout.header)
        picked = ", ".join(
            f"case when len(parts) = {width} then parts[{self._layout.keys[name] + 1}] else '' end "
            f"as {text}"
            if name in self._layout.keys
            else f"'' as {text}"
            for name, text in _TEXTS.items()
        )
        lines = self._read_csv("'raw': 'varchar'", _NO_SIGN)
        return (
            f"select line, raw, {picked} from ("
            f"select row_number() over () + {self._layout.header_line:d} as line, raw, "
            f"string_split(raw, {sign}) as parts from {lines})"
        )

    def _read_csv(self, columns: str, sign: str) -> str:
        path = literal(os.path.abspath(self._export.path))
        return (
            f"read_csv({path}, columns = {{{columns}}}, header = false, "
            f"skip = {self._layout.header_line:d}, delim = {literal(sign)}, quote = '', "
            f"escape = '', nullstr = {literal(chr(2))}, auto_detect = false, strict_mode = true, "
            "ignore_errors = true)"
        )

    def _fill(self, name: str, log: str) -> str:
        gaps = {
            "/* log */": log,
            "/* ahead_from */": literal(days_ahead_from().isoformat()),
            "/* bare */": str(self._is_bare).lower(),
        }
        return _GAP.sub(lambda gap: gaps[gap[0]], sql_text(name))

    # --- running it ---

    @contextmanager
    def _reading_in_any_order(self) -> Iterator[None]:
        # The lists of texts are short and the log is long, whatever DuckDB makes of the file.
        self._writer.con.execute("set disabled_optimizers = 'build_side_probe_side'")
        yield
        self._writer.con.execute(USUAL_ORDER)

    @contextmanager
    def _reading_in_order(self) -> Iterator[None]:
        self._writer.con.execute("set preserve_insertion_order = true")
        with self._reading_in_any_order():
            yield

    def _taken(self) -> int:
        return self._count(f"submission_rows where file_id = {self._same['file_id']:d}")

    def _count(self, rows: str) -> int:
        ((count,),) = self._ask(f"select count(*) from {rows}")
        return int(count)

    def _ask(self, sql: str) -> list[Any]:
        rows: list[Any] = self._writer.execute(sql).fetchall()
        return rows

    def _run(self, name: str, parsed: str, params: dict[str, Any], low: float, high: float) -> None:
        sql = sql_text(name).replace("/* parsed */", parsed)
        self._writer.execute(sql, params, tell=self._teller(low, high))

    def _teller(self, low: float, high: float) -> Callable[[float], None]:
        size = self._export.size
        return lambda share: self._tick(int(size * (low + (high - low) * share)))

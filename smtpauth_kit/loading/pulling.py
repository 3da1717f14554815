"""What a store on a cluster counts, brought into a store on this machine: exploring is instant.

A pulled store holds the counts by day of every sender, account, client, TLS version and protocol,
all sign-ins and settings, and what the rules found. Of senders that are named it holds each
message; of all others it has no times, recipients, subjects and ids. Nothing is loaded into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.answers.pulled import PULLED
from smtpauth_kit.base.errors import StoreError
from smtpauth_kit.base.replacing import remove_leftovers, swap_in, work_folder
from smtpauth_kit.store.database import SIZE_OF_A_CORE, literal, sql_text
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.exported_tables import JUDGED
from smtpauth_kit.store.reader import LOCK_WAIT_S
from smtpauth_kit.store.store import Store
from smtpauth_kit.store.writer import Writer
from smtpauth_kit.values import addresses

_ENDING: Final = "pulling"

_NOBODY: Final = "\n"
"""A value that no cell has: a list without any has no type on a cluster."""

_NOT_PULLED: Final = "recipients"
"""What the exports told and a pulled store does not, in the words of `cannot_tell`."""

_SIGN_INS: Final = (
    "select file_id, source, tenant, signed_in_at, account, account_key, result, error_code, "
    "auth_protocol, client_ip, country, city, network, user_agent, ahead_of_clock, sign_in_id "
    "from sign_ins where cast(signed_in_at as date) between $first and $last"
)
_SETTINGS: Final = (
    "select file_id, source, tenant, day, day_derived, address, address_key, display_name, "
    "smtp_auth_disabled, allow_legacy_tls from mailbox_settings"
)
_WHOLE: Final = {
    "source_files": (
        "file_id, path, format, source, tenant, loaded_at, why, cannot_tell, content_sha256, "
        "content_bytes, load_key, period_start, period_end, rows_read, rows_loaded, "
        "rows_duplicate, rows_rejected, rows_other, message_count, warnings, header, sentences, "
        "written_at"
    ),
    "rejected_rows": "file_id, line, reason, raw, sentence",
    "daily_by_sender": (
        "source, tenant, period_start, period_end, sender_key, sender_address, sender_domain, "
        "tls_version, auth_protocol, ahead_of_clock, message_count"
    ),
    "daily_by_domain": (
        "source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol, "
        "ahead_of_clock, message_count"
    ),
}
"""Tables that are pulled as they are, with their columns."""

_FOUND: Final = {
    "findings": (
        "place, finding_id, rule, severity, tenant, subject_kind, subject, first_seen, last_seen, "
        "is_day, measured, expected, evidence_count, score, accounts, sources, told, incident_id"
    ),
    "findings_judged": "judged_of, judged_at, not_checked",
}


def pull(
    store: Store,
    file: Path,
    senders: Sequence[str] = (),
    tell: Callable[[float], None] = lambda share: None,
    check: Callable[[], None] = lambda: None,
) -> Store:
    """Bring what a store counts into a file, in the place of one that was pulled before.

    Parameters
    ----------
    senders
        Of these, each message is brought as it is.
    tell
        Hears what share is done, 0 to 1.
    check
        Called all the while; what it raises ends the work, and the file is as it was.

    Raises
    ------
    StoreError
        The file holds exports that were loaded into it, or one of the stores cannot be used.

    Examples
    --------
    >>> pulled = pull(store, folder / "pulled.duckdb", ["scanner@contoso.com"])
    >>> pulled.rows("select count(*) as n from submissions where sent_at is not null")["n"]
    [3]
    """
    place = Path(file).expanduser().absolute()
    if place.exists() and not Store(place).has_tables(PULLED):
        raise StoreError(
            "{file} is a store that exports were loaded into: it was left as it is. Name another "
            "file to pull into.",
            file=str(place),
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(place, _ENDING)
    with work_folder(place, _ENDING) as work:
        new = Store(work / "pulled.duckdb")
        with (
            store.asking(check) as engine,
            new.writing(check) as writer,
            writer.transaction("this store"),
        ):
            writer.expect(SIZE_OF_A_CORE)  # Nobody knows how much there is to bring.
            _Pull(engine, writer, tell, check).bring(str(store.path), senders)
        with new.path.open("rb+") as stream:
            swap_in(stream, new.path, place, LOCK_WAIT_S)
    tell(1.0)
    return Store(place)


class _Pull:
    """Brings the tables of one store into another."""

    def __init__(
        self,
        engine: Engine,
        writer: Writer,
        tell: Callable[[float], None],
        check: Callable[[], None],
    ) -> None:
        self._engine, self._writer, self._tell, self._check = engine, writer, tell, check

    def bring(self, origin: str, senders: Sequence[str]) -> None:
        """Bring everything, and note where it is from."""
        keys = [addresses.account(sender)[1] for sender in senders]
        whole = self._whole(keys)
        counts, rows = (sql_text(f"pull_{name}") for name in ("counts", "rows"))
        # Else of a column whose first rows have nothing no type would be known.
        self._writer.execute("set pandas_analyze_sample = 1000000000")
        spans = [*self._months()]
        for n, span in enumerate(spans):
            self._tell(n / (len(spans) + 1))
            self._stage("pulled_counts", counts, span | whole)
            self._stage("pulled_rows", rows, span | whole)
            self._stage("pulled_sign_ins", _SIGN_INS, span)
        self._stage("pulled_settings", _SETTINGS, {})
        if spans:
            self._writer.execute(sql_text("pulled"))
        tables = _WHOLE | (_FOUND if self._engine.has_tables(*JUDGED[:2]) else {})
        for name, columns in tables.items():
            self._insert(name, f"select {columns} from {name}")
        self._note(origin, keys)

    def _whole(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """Return of what the messages are brought as they are.

        Beside those of the senders: those by which it is known that two sources overlap, and those
        by which it is known when each begins and ends.
        """
        ids = self._engine.rows(sql_text("pull_shared_ids"))["message_id"]
        ends = self._engine.rows(sql_text("pull_ends"))
        return {
            "whole_senders": [_NOBODY, *keys],
            "whole_ids": [_NOBODY, *ids],
            "whole_times": [_NOBODY, *ends["first_at"], *ends["last_at"]],
        }

    def _months(self) -> Iterator[dict[str, dt.date]]:
        """Yield the first and the last day of each month that has any fact."""
        days = self._engine.rows(
            "select period_start as day from daily_by_domain union "
            "select cast(signed_in_at as date) as day from sign_ins"
        )["day"]
        for first in sorted({day.replace(day=1) for day in days}):
            next_month = (first + dt.timedelta(days=31)).replace(day=1)
            yield {"first": first, "last": next_month - dt.timedelta(days=1)}

    def _stage(self, name: str, sql: str, params: dict[str, Any]) -> None:
        # Asked of this store, which is empty, the same question tells the types of the columns.
        self._writer.execute(f"create temp table if not exists {name} as\n{sql}", params)
        self._insert(name, sql, params)

    def _insert(self, table: str, sql: str, params: dict[str, Any] | None = None) -> None:
        self._check()
        frame = self._engine.run(sql, params)
        if len(frame):
            self._writer.insert(table, frame, {})

    def _note(self, origin: str, keys: Sequence[str]) -> None:
        told = f"list_append(cannot_tell, {literal(_NOT_PULLED)})"
        self._writer.execute(
            f"update source_files set cannot_tell = {told} "
            f"where not list_contains(cannot_tell, {literal(_NOT_PULLED)}) "
            "and file_id in (select file_id from submission_rows)"
        )
        self._writer.execute(
            f"create table {PULLED} (origin text, pulled_at timestamp, senders text[])"
        )
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._writer.con.execute(
            f"insert into {PULLED} values (?, ?, ?::text[])", [origin, now, list(keys)]
        )

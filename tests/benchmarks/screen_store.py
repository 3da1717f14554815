"""A large made-up store for `screen.py`, written straight into the canonical tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SENDERS, DOMAINS, DAYS, LAST_DAY = 20_000, 200, 400, "2026-11-22"

# Busy senders first: the k-th of 20,000 sends about as much as 1/sqrt(k). A sender keeps its TLS
# version and protocol for nine messages of ten. Messages come in order of their day, as loaded.
MESSAGES = """
insert into submission_rows (file_id, source, tenant, sent_at, period_start, period_end, sender_id,
    sender_derived, account_id, tls_version, auth_protocol, client_ip, recipients, recipient_count,
    message_id, network_message_id, message_count, tls_derived, ahead_of_clock, superseded_by,
    duplicate_of, adds_recipients, session, row_key, is_settled)
with drawn as (
    select i, ({days} - 1 - i // {per_day})::int as ago, hash(i) as h, hash(i + 1) as g,
        1 + floor({senders} * pow(random(), 2))::int as sender_id
    from range({first}, {last}) r(i)
), told as (
    select *, date '{last_day}' - ago as day, hash(sender_id) as s, (g % 10) = 0 as other from drawn
)
select 1, 'submission_log', '', day + to_seconds((h % 86400)::int), day, day, sender_id, false, 0,
    (['none', '1.0', '1.1', '1.2', '1.2', '1.2', '1.3', 'unknown'][1 + (case when other then h else s end % 8)::int])::tls_version,
    (['basic', 'basic', 'oauth'][1 + (case when other then g else s end % 3)::int])::auth_protocol,
    '192.0.2.' || ((s + h % 3) % 254), '', 1, '<' || i || '@example>', '', 1, false, false,
    null, null, false, '', '', true
from told order by ago desc
"""


BY_HAND = (
    "By hand: plain DuckDB counts the messages of each sender by TLS version and authentication over "
    "every row of the same store, in the same process: the baseline."
)


def by_hand(path: Path) -> Callable[[], Any]:
    """Return what a person would ask of the rows with DuckDB alone."""
    from smtpauth_kit.store.store import open_store

    store = open_store(path)
    return lambda: store.run(
        "select sender_id, tls_version, auth_protocol, sum(message_count)::bigint as message_count"
        " from submission_rows group by all"
    )


def screen_store(folder: Path, messages: int) -> Path:
    """Return the store of so many messages, made once. One of another schema is of no use."""
    from smtpauth_kit.base.names import SCHEMA_VERSION

    path = folder / f"screen-{SCHEMA_VERSION}-{messages}.duckdb"
    return made_once(path, lambda work: make_store(work, messages))


def made_once(path: Path, make: Callable[[Path], None]) -> Path:
    """Return a store that is made when it is not there: whole or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        work = path.with_name(f"making-{path.name}")
        make(work)
        work.replace(path)
    return path


def make_store(path: Path, messages: int = 50_000_000) -> None:
    """Write the store at `path`: minutes, and some 3 GB for the full size.

    As at the end of a load its days are counted and figures of senders and weeks are kept, and no
    finding is: it is too large to judge.
    """
    from contextlib import closing

    import duckdb

    from smtpauth_kit import __version__
    from smtpauth_kit.base.names import SCHEMA_VERSION
    from smtpauth_kit.loading.counting_days import count_days
    from smtpauth_kit.loading.judging import keep_figures
    from smtpauth_kit.store.database import sql_text
    from smtpauth_kit.store.writer import Writer

    path.unlink(missing_ok=True)
    con = duckdb.connect(str(path))
    con.execute("set memory_limit = '4GB'; set enable_progress_bar = false")
    con.execute("set preserve_insertion_order = true")
    for part in ("schema", "findings", "views"):
        con.execute(sql_text(part))
    con.execute("insert into store_info values (?, ?, now())", [SCHEMA_VERSION, __version__])
    con.execute(
        "insert into addresses select i, a, a, d from (select i, 'sender' || i || '@' || d as a, d"
        " from (select i, 'dept' || (i % $domains) || '.example' as d"
        " from range(1, $senders + 1) r(i)))",
        {"domains": DOMAINS, "senders": SENDERS},
    )
    con.execute(
        "insert into source_files (file_id, path, format, source, tenant, cannot_tell, warnings,"
        " load_key, sentences, message_count, period_start, period_end)"
        " values (nextval('file_ids'), 'made-up.csv', 'submission log',"
        """ 'submission_log', '', [], [], 'x', '[{"":""}]', $messages, $last::date - ($days - 1)::int, $last::date)""",
        {"last": LAST_DAY, "days": DAYS, "messages": messages},
    )
    step = messages // 10
    for first in range(0, messages, step):
        con.execute(
            MESSAGES.format(
                first=first, last=first + step, senders=SENDERS, days=DAYS, last_day=LAST_DAY,
                per_day=messages // DAYS,
            )
        )  # fmt: skip
    con.execute(
        "create temp table changed as select distinct source, tenant, period_start, period_end from submission_rows"
    )
    con.execute(sql_text("roll_up"))
    con.execute(sql_text("views"))
    con.execute("checkpoint")
    con.close()
    with closing(Writer(path, True, lambda: None)) as writer:
        count_days(writer)
        keep_figures(writer)


if __name__ == "__main__":
    import sys

    make_store(Path(sys.argv[1]), *map(int, sys.argv[2:]))

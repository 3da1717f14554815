"""A large made-up tenant straight into the tables of a store: what loading takes long for.

The rows are those that loading :func:`writing.write_tenant`'s exports makes; a test compares them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from smtpauth_kit import __version__
from smtpauth_kit.base.names import SCHEMA_VERSION
from smtpauth_kit.sample.tenants.labels import Labels, together
from smtpauth_kit.sample.tenants.shape import TenantShape
from smtpauth_kit.sample.tenants.tables import MESSAGES, SIGN_INS, frames
from smtpauth_kit.sample.tenants.tenant import Tenant, make_tenant
from smtpauth_kit.store.database import sql_text

_LOG, _ATTEMPTS, _MAILBOXES, _SWITCH = 1, 2, 3, 4
_FILES: Final = (
    (_LOG, "submission_log.csv", "submission-log", "submission_log"),
    (_ATTEMPTS, "sign_ins.csv", "entra-sign-ins", "sign_in_log"),
    (_MAILBOXES, "CASMailbox.csv", "cas-mailbox", "settings"),
    (_SWITCH, "TransportConfig.csv", "transport-config", "settings"),
)
_FILE: Final = """
insert into source_files by name
select nextval('file_ids')::integer as file_id, $path as path, $format as format,
    $source as source, '' as tenant, now()::timestamp as loaded_at, 'made up' as why,
    []::text[] as cannot_tell, $key as content_sha256, $key as load_key,
    $first::date as period_start, $last::date as period_end, 0 as rows_rejected,
    0 as rows_duplicate, 0 as rows_other, []::text[] as warnings, '[{"":"made up"}]' as sentences
"""
_ADDRESSES: Final = """
insert into addresses
select i + $base, text, lower(text), split_part(lower(text), '@', 2) from addresses_told
"""
_SUBMISSIONS: Final = f"""
insert into submission_rows by name
select 1 as file_id, 'submission_log' as source, '' as tenant, sent_at,
    sent_at::date as period_start, sent_at::date as period_end, sender + $base as sender_id,
    false as sender_derived, account_number + $base as account_id,
    tls_version::tls_version as tls_version, auth_protocol::auth_protocol as auth_protocol,
    client_ip, recipients, recipient_count,
    printf('%08x', n) || '.' || $name || '@mail.contoso.example' as message_id,
    '' as network_message_id, 1 as message_count, false as tls_derived, false as ahead_of_clock,
    false as adds_recipients, '' as session, '' as row_key
from ({MESSAGES}) order by n
"""
_SIGNED_IN: Final = f"""
insert into sign_in_rows by name
select 2 as file_id, n + 2 as line, 'sign_in_log' as source, '' as tenant, signed_in_at, account,
    lower(account) as account_key, case code when 0 then 'success' else 'failure' end as result,
    code::text as error_code, auth_protocol, client_ip, country, city, asn as network, user_agent,
    false as ahead_of_clock,
    'id:' || printf('%08x', n) || '-0000-4000-8000-' || printf('%012d', $name::integer) as row_key
from ({SIGN_INS}) order by n
"""
_SETTINGS: Final = """
insert into mailbox_setting_rows by name
select file_id, 2 + row_number() over () - 1 as line, 'settings' as source, '' as tenant,
    $day::date as day, false as day_derived, address, lower(address) as address_key, display_name,
    smtp_auth_disabled, allow_legacy_tls, row_key
from told_settings
"""
_TOTALS: Final = """
update source_files f set rows_read = c.n, rows_loaded = c.n, message_count = c.messages
from (
    select file_id, count(*) as n, sum(message_count) as messages from submission_rows group by all
    union all select file_id, count(*), 0 from sign_in_rows group by all
    union all select file_id, count(*), 0 from mailbox_setting_rows group by all
) c where c.file_id = f.file_id
"""


def write_store(path: Path, shape: TenantShape, *, memory: str = "4GB") -> Labels:
    """Write a new store of any size, part by part, and return what was planted in it.

    Raises
    ------
    FileExistsError
        Something is at `path` already.
    """
    if path.exists():
        raise FileExistsError(path)
    with duckdb.connect(str(path)) as con:
        con.execute(f"set memory_limit = '{memory}'; set enable_progress_bar = false")
        con.execute(sql_text("schema"))
        con.execute(sql_text("findings"))
        con.execute(sql_text("views"))
        con.execute("insert into store_info values (?, ?, now())", [SCHEMA_VERSION, __version__])
        _write_files(con, shape)
        labels = together(_write_parts(con, shape))
        con.execute(
            "create temp table changed as"
            " select distinct source, tenant, period_start, period_end from submission_rows"
        )
        con.execute(sql_text("roll_up"))
        con.execute(_TOTALS)
        con.execute("checkpoint")
    return labels


def _write_files(con: duckdb.DuckDBPyConnection, shape: TenantShape) -> None:
    for number, path, format_, source in _FILES:
        settings = source == "settings"
        con.execute(
            _FILE,
            {
                "path": path,
                "format": format_,
                "source": source,
                "key": hashlib.sha256(f"{number}{shape}".encode()).hexdigest(),
                "first": shape.settings_day if settings else shape.first_day,
                "last": shape.settings_day if settings else shape.last_day,
            },
        )


def _write_parts(con: duckdb.DuckDBPyConnection, shape: TenantShape) -> Iterator[Labels]:
    base = 1
    for part in shape.parts():
        tenant = make_tenant(part)
        with frames(tenant, con):
            name = {"name": f"{part.seed}{part.part or ''}"}
            con.execute(_ADDRESSES, {"base": base})
            con.execute(_SUBMISSIONS, {"base": base} | name)
            con.execute(_SIGNED_IN, name)
        _write_settings(con, tenant)
        base += len(tenant.texts.addresses)
        yield tenant.labels


def _write_settings(con: duckdb.DuckDBPyConnection, tenant: Tenant) -> None:
    day = tenant.shape.settings_day
    rows: list[tuple[int, str, str, bool | None, bool | None]] = [
        (_MAILBOXES, address, address.partition("@")[0], blocked, None)
        for address, blocked in tenant.settings.items()
    ]
    if tenant.shape.part == 0:
        rows.append((_SWITCH, "", "", tenant.tenant_blocks, True))
    names = ["file_id", "address", "display_name", "smtp_auth_disabled", "allow_legacy_tls"]
    told = pd.DataFrame(rows, columns=names)
    told["row_key"] = [f"setting:{row[1].lower()}\n{day}\n{row[3:]}" for row in rows]
    con.register("told_settings", told)
    con.execute(_SETTINGS, {"day": day})
    con.unregister("told_settings")

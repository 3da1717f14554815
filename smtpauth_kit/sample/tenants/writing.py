"""A made-up tenant as exports that the kit loads, and its labels beside them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from smtpauth_kit.sample.same_bytes import csv_text
from smtpauth_kit.sample.tenants.tables import MESSAGES, SIGN_INS, frames
from smtpauth_kit.sample.tenants.tenant import Tenant

_LOG: Final = """
copy (
    select strftime(sent_at, '%Y-%m-%dT%H:%M:%SZ') as "Date", sender_address as "Sender address",
        recipients as "Recipient address",
        '<' || printf('%08x', n) || '.' || {seed} || '@mail.contoso.example>' as "Message ID",
        case tls_version when 'none' then 'No TLS' else 'TLS' || tls_version end as "TLS version",
        client_ip as "Client IP",
        case auth_protocol when 'basic' then 'Basic' else 'OAuth' end as "Authentication protocol",
        account as "Account"
    from ({rows}) order by n
) to '{path}' (format {form}{header})
"""
_SIGN_INS: Final = """
copy (
    select strftime(signed_in_at, '%Y-%m-%dT%H:%M:%SZ') as "Date (UTC)",
        printf('%08x', n) || '-0000-4000-8000-' || printf('%012d', {seed}) as "Request ID",
        user_agent as "User agent", account as "Username",
        case auth_protocol when 'basic' then 'ROPC' else 'OAuth 2.0' end
            as "Authentication Protocol",
        client_ip as "IP address", city || ', , ' || country as "Location",
        case code when 0 then 'Success' else 'Failure' end as "Status",
        code as "Sign-in error code", 'Authenticated SMTP' as "Client app",
        asn as "Autonomous system number"
    from ({rows}) order by n
) to '{path}' (format csv, header)
"""


class Written(NamedTuple):
    """One file that was written."""

    path: Path
    period: tuple[dt.date, dt.date] | None
    """What `--period` must say when it is loaded: settings carry no day."""


def write_tenant(tenant: Tenant, folder: Path, *, parquet: bool = False) -> list[Written]:
    """Write a tenant's submission log, sign-ins and settings, and `labels.json`.

    Returns the exports in the order to load them; the labels are none of them. The log is CSV, or
    Parquet with the same columns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    form = "parquet" if parquet else "csv"
    log, sign_ins = folder / f"submission_log.{form}", folder / "sign_ins.csv"
    seed = tenant.shape.seed
    with duckdb.connect() as con, frames(tenant, con):
        header = "" if parquet else ", header"
        con.execute(
            _LOG.format(path=_quoted(log), rows=MESSAGES, form=form, header=header, seed=seed)
        )
        con.execute(_SIGN_INS.format(path=_quoted(sign_ins), rows=SIGN_INS, seed=seed))
    day = tenant.shape.settings_day
    tenant.labels.write(folder / "labels.json")
    return [
        Written(log, None),
        Written(sign_ins, None),
        Written(_mailboxes(tenant, folder), (day, day)),
        Written(_switch(tenant, folder), (day, day)),
    ]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _mailboxes(tenant: Tenant, folder: Path) -> Path:
    """Write what Get-CASMailbox exports."""
    rows = [("DisplayName", "PrimarySmtpAddress", "SmtpClientAuthenticationDisabled")]
    for address, blocked in tenant.settings.items():
        rows.append((address.partition("@")[0], address, "" if blocked is None else str(blocked)))
    path = folder / "CASMailbox.csv"
    path.write_bytes(csv_text(rows, quoted=True).encode())
    return path


def _switch(tenant: Tenant, folder: Path) -> Path:
    """Write what Get-TransportConfig exports."""
    rows = [
        ("SmtpClientAuthenticationDisabled", "AllowLegacyTLSClients"),
        (str(tenant.tenant_blocks), "True"),
    ]
    path = folder / "TransportConfig.csv"
    path.write_bytes(csv_text(rows, quoted=True).encode())
    return path

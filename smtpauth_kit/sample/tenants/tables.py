"""A made-up tenant as two tables of DuckDB, with every number as the text that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from smtpauth_kit.sample.tenants.networks import text_of
from smtpauth_kit.sample.tenants.rows import AGENTS, AUTH, TLS
from smtpauth_kit.sample.tenants.shape import Ints
from smtpauth_kit.sample.tenants.tenant import Tenant

CITIES: Final = {
    "NL": "Utrecht", "DE": "Kassel", "US": "Columbus", "SG": "Singapore", "BE": "Namur",
    "LU": "Luxembourg", "CH": "Bern", "FR": "Lyon", "ES": "Madrid", "PT": "Porto", "IT": "Turin",
    "GR": "Athens", "PL": "Lodz", "SE": "Uppsala", "BR": "Recife", "IN": "Nagpur", "JP": "Nagoya",
    "ZA": "Durban", "AE": "Sharjah", "VN": "Hue", "RO": "Iasi", "ID": "Medan", "NG": "Lagos",
    "MX": "Puebla", "PK": "Multan", "TR": "Konya", "MA": "Fez", "EG": "Tanta", "UA": "Poltava",
    "IE": "Cork",
}  # fmt: skip

_TABLES: Final = """
create table messages as
select num.n, moment.first + to_seconds(num."at") as sent_at,
    sender.text as sender_address,
    account.text as account, ip.text as client_ip, tls.text as tls_version,
    auth.text as auth_protocol, sent_to.text as recipients, sent_to.count as recipient_count,
    num.sender, num.account as account_number
from message_numbers num cross join moment
join addresses sender on sender.i = num.sender join addresses account on account.i = num.account
join ips ip on ip.i = num.ip join tls on tls.i = num.tls join auth on auth.i = num.auth
join recipients sent_to on sent_to.i = num."to";
create table sign_ins as
select num.n, moment.first + to_seconds(num."at") as signed_in_at, account.text as account,
    ip.text as client_ip, ip.country, ip.city, ip.asn, num.code, auth.text as auth_protocol,
    agent.text as user_agent
from attempt_numbers num cross join moment
join addresses account on account.i = num.account join ips ip on ip.i = num.ip
join auth on auth.i = num.auth join agents agent on agent.i = num.agent;
"""


@contextmanager
def tables(
    tenant: Tenant, con: duckdb.DuckDBPyConnection | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with the tables `messages` and `sign_ins`; times are UTC.

    They are written in the main schema of a database in memory, or of `con`.

    Examples
    --------
    >>> from smtpauth_kit.sample.tenants import TenantShape, make_tenant
    >>> tenant = make_tenant(TenantShape(senders=60, days=70, events=0))
    >>> with tables(tenant) as con:
    ...     rows = con.execute("select count(*) from messages").fetchall()
    >>> rows[0][0] == tenant.mail.size
    True
    """
    own = con or duckdb.connect()
    found = {
        "message_numbers": _numbers(tenant.mail.__dict__),
        "attempt_numbers": _numbers(tenant.attempts.__dict__),
        "moment": pd.DataFrame({"first": [pd.Timestamp(tenant.shape.first_day)]}),
        "addresses": _texts(tenant.texts.addresses),
        "recipients": _texts(tenant.texts.recipients).assign(count=tenant.texts.recipient_counts),
        "tls": _texts(TLS),
        "auth": _texts(AUTH),
        "agents": _texts(AGENTS),
    }
    ips, places = _ips(tenant)
    found["message_numbers"]["ip"] = places[: tenant.mail.size]
    found["attempt_numbers"]["ip"] = places[tenant.mail.size :]
    found["ips"] = ips
    for name, frame in found.items():
        own.register(name, frame)
    try:
        own.execute(_TABLES)
        yield own
    finally:
        for name in found:
            own.unregister(name)
        if con is None:
            own.close()


def _numbers(columns: dict[str, Ints]) -> pd.DataFrame:
    frame = pd.DataFrame({name: values for name, values in columns.items() if name != "event"})
    return frame.assign(n=np.arange(len(frame)))


def _texts(texts: list[str] | tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({"i": np.arange(len(texts)), "text": list(texts)})


def _ips(tenant: Tenant) -> tuple[pd.DataFrame, Ints]:
    """Return the different client addresses, and which of them each row has."""
    both = np.concatenate([tenant.mail.client_ip, tenant.attempts.client_ip])
    different, places = np.unique(both, return_inverse=True)
    owners = [tenant.networks.providers[int(n)] for n in tenant.networks.whose(different)]
    frame = pd.DataFrame(
        {
            "i": np.arange(different.size),
            "text": [text_of(int(ip)) for ip in different],
            "asn": [str(owner.asn) for owner in owners],
            "country": [owner.country for owner in owners],
            "city": [CITIES[owner.country] for owner in owners],
        }
    )
    return frame, places

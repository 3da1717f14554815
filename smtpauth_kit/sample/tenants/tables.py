"""A made-up tenant for DuckDB: every number as the text that it stands for."""

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

MESSAGES: Final = """
select num.n, moment.first + to_seconds(num."at") as sent_at, sender.text as sender_address,
    account.text as account, ip.text as client_ip, tls.text as tls_version,
    auth.text as auth_protocol, sent_to.text as recipients, sent_to.count as recipient_count,
    num.sender, num.account as account_number
from message_numbers num cross join moment
join addresses_told sender on sender.i = num.sender
join addresses_told account on account.i = num.account
join ips ip on ip.i = num.ip join tls on tls.i = num.tls join auth on auth.i = num.auth
join recipients_told sent_to on sent_to.i = num."to"
"""
"""Every message with its texts, over the frames of :func:`frames`; `n` is its place in time."""
SIGN_INS: Final = """
select num.n, moment.first + to_seconds(num."at") as signed_in_at, account.text as account,
    ip.text as client_ip, ip.country, ip.city, ip.asn, num.code, auth.text as auth_protocol,
    agent.text as user_agent
from attempt_numbers num cross join moment
join addresses_told account on account.i = num.account join ips ip on ip.i = num.ip
join auth on auth.i = num.auth join agents agent on agent.i = num.agent
"""
"""Every attempt to sign in, likewise."""


@contextmanager
def frames(tenant: Tenant, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Lend a connection the frames that MESSAGES and SIGN_INS read; times are UTC.

    Examples
    --------
    >>> import duckdb
    >>> from smtpauth_kit.sample.tenants import TenantShape, make_tenant
    >>> tenant, con = make_tenant(TenantShape(senders=60, days=70, events=0)), duckdb.connect()
    >>> with frames(tenant, con):
    ...     rows = con.execute(f"select count(*) from ({MESSAGES})").fetchall()
    >>> rows[0][0] == tenant.mail.size
    True
    """
    ips, places = _ips(tenant)
    messages, attempts = _numbers(tenant.mail.__dict__), _numbers(tenant.attempts.__dict__)
    recipients = _texts(tenant.texts.recipients)
    found = {
        "moment": pd.DataFrame({"first": [pd.Timestamp(tenant.shape.first_day)]}),
        "message_numbers": messages.assign(ip=places[: tenant.mail.size]),
        "attempt_numbers": attempts.assign(ip=places[tenant.mail.size :]),
        "addresses_told": _texts(tenant.texts.addresses),
        "recipients_told": recipients.assign(count=tenant.texts.recipient_counts),
        "tls": _texts(TLS),
        "auth": _texts(AUTH),
        "agents": _texts(AGENTS),
        "ips": ips,
    }
    for name, frame in found.items():
        con.register(name, frame)
    try:
        yield
    finally:
        for name in found:
            con.unregister(name)


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

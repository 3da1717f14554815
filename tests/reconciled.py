"""Small worlds for reconciling: what each source says of a week, written down by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from smtpauth_kit.answers import ask
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.store import Store

WEEK = (dt.date(2026, 11, 16), dt.date(2026, 11, 22))
"""Monday to Sunday."""

Message = tuple[str, str, str]
"""When (day and time of November 2026), id (empty: none), client IP."""


def report(counts: dict[str, int]) -> str:
    return "Sender address,Message count\n" + "".join(f"{s},{n}\n" for s, n in counts.items())


def messages(days: Iterable[int], each: int = 1, client: str = "192.0.2.1") -> list[Message]:
    """Return so many messages on each day of November, a minute apart, each with an id."""
    return [(f"{d:02}T08:{n:02}:00", f"{d}-{n}@x", client) for d in days for n in range(each)]


def log(
    sender: str, rows: Iterable[Message], account: str = "", recipients: Iterable[str] = ()
) -> str:
    """Return rows of a plain log, without its header: recipients in turn, else bob."""
    names = iter(recipients)
    return "".join(
        f"2026-11-{at}Z,{sender},{next(names, 'bob@fabrikam.com')},{name},{client},{account}\n"
        for at, name, client in rows
    )


LOG = "Date,Sender address,Recipient address,Message ID,Client IP,Account\n"


def requested(sender: str, rows: Iterable[Message], count: int = 1) -> str:
    name, _, domain = sender.partition("@")
    return "".join(
        f"2026-11-{at}Z,{name},{domain},Basic,{client},TLS1.2,,{count},<{id_}>\n"
        for at, id_, client in rows
    )


REQUESTED = (
    "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,tls_cipher,"
    "message_count,message_id\n"
)


def trace(sender: str, rows: Iterable[Message]) -> str:
    return "".join(
        f"2026-11-{at}Z,SMTP,RECEIVE,X\\Client Proxy X,{sender},<{id_}>,,bob@fabrikam.com,1,"
        f"{client},,Originating\n"
        for at, id_, client in rows
    )


TRACE = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id,"
    "recipient_address,recipient_count,original_client_ip,custom_data,directionality\n"
)


def sign_ins(account: str, results: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f"2026-11-{at}Z,{account},{result},{'0' if result == 'success' else '50126'},basic,{account}-{n}\n"
        for n, (at, result) in enumerate(results)
    )


SIGN_INS = "signed_in_at,account,result,error_code,auth_protocol,sign_in_id\n"


def every_day(result: str, client: str = "admin@contoso.com") -> str:
    """Return a sign-in of somebody else on each day of the week, so that every day is loaded."""
    return sign_ins(client, [(f"{day}T06:00:00", result) for day in range(16, 23)])


def rows_of(store: Store, filters: Filters = ALL) -> list[dict[str, Any]]:
    return ask(store, "reconciliation", filters).rows.to_dict("records")  # type: ignore[return-value]


def brief(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return sender, counts, difference, (code, explains) of each reason, and what is unexplained."""
    told = [(reason["code"], reason["explains"]) for reason in row["reasons"]]
    return row["sender_address"], row["counts"], row["difference"], told, row["unexplained"]


Load = Callable[..., Any]

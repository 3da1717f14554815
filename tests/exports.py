"""Exports of a few senders, written as text."""

from __future__ import annotations

from conftest import LOG_HEADER

TRACE_HEADER = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id\n"
)


def log(
    sender: str, count: int, date: str = "2026-11-16", auth: str = "Basic", tls="TLS1.2"
) -> str:
    return LOG_HEADER + "".join(
        f"{date}T08:{n // 60:02}:{n % 60:02}Z,{sender},,<{sender}{date}{n}>,{tls},192.0.2.1,{auth}\n"
        for n in range(count)
    )


def trace(sender: str, count: int, date: str = "2026-11-16") -> str:
    return TRACE_HEADER + "".join(
        f"{date}T08:{n // 60:02}:{n % 60:02}Z,SMTP,RECEIVE,EX\\Client Proxy EX,{sender},<t{n}>,{n}\n"
        for n in range(count)
    )


def report(*senders: tuple[str, int]) -> str:
    return "Sender address,Messages sent\n" + "".join(f"{a},{n}\n" for a, n in senders)

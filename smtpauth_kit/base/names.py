"""The values that canonical columns may hold, and the names of the questions."""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = 6
"""Version of the tables in a store; `store/migrating.py` knows which older ones lead to it."""

TLS_VERSIONS: Final = ("none", "1.0", "1.1", "1.2", "1.3", "unknown")
"""Every TLS version a figure can have, in the order Microsoft's flyout lists them."""

LEGACY_TLS: Final = ("1.0", "1.1")
"""Deprecated by RFC 8996."""

AUTH_PROTOCOLS: Final = ("basic", "oauth", "unknown")

SOURCES: Final = (
    "requested_report", "server_log", "extended_trace", "report", "submission_log", "sign_in_log",
    "audit_log",
)  # fmt: skip
"""Kinds of export a figure can come from; the order settles ties when a source is chosen.

The audit log is apart from the sign-in log: its records of the same sign-ins have other ids.
"""

SUBMISSION_SOURCES: Final = SOURCES[:5]

SIGN_IN_SOURCES: Final = ("server_log", "sign_in_log", "audit_log")

ANSWERS: Final = (
    "insight",
    "sending-volume",
    "tls-usage",
    "auth-usage",
    "tls-by-day",
    "auth-by-day",
    "volume-by-sender",
    "volume-by-domain",
    "senders-by-tls",
    "senders",
    "sender",
    "devices",
    "who-else",
    "new-senders",
    "gone-senders",
    "changed-senders",
    "sender-changes",
    "sign-ins",
    "findings",
    "reconciliation",
    "readiness",
    "switch-off",
    "burn-down",
    "went-quiet",
    "never-seen",
    "tenants",
    "files",
    "rejected",
)
"""Every question the kit answers, under the name `smtpauth show` knows it by.

The functions that answer them are `answers.questions.QUESTIONS`; here are the names alone, so that
listing them imports nothing.
"""

DEFAULT_DAYS: Final = 7
"""Length of the range when none is asked for: Microsoft's insight looks at the past 7 days."""

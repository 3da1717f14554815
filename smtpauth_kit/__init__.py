"""Who still submits mail over SMTP AUTH: load the exports, ask, and show the report.

The whole vocabulary of a notebook; each name is imported when it is first used, so that
`import smtpauth_kit` costs next to nothing.

Examples
--------
>>> import smtpauth_kit as sk
>>> sk.__version__
'0.1.0'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtpauth_kit.answers import ask
    from smtpauth_kit.base.conditions import Clause
    from smtpauth_kit.base.errors import KitError
    from smtpauth_kit.base.filters import Filters, filters
    from smtpauth_kit.mail.request import request_report
    from smtpauth_kit.screens import (
        demo,
        findings,
        insight,
        load,
        readiness,
        reconciliation,
        report,
        sender,
    )  # fmt: skip
    from smtpauth_kit.store.opening import open_store
    from smtpauth_kit.store.store import Store

__version__ = "0.1.0"

_HOMES = {
    "Clause": "base.conditions",
    "Filters": "base.filters",
    "KitError": "base.errors",
    "Store": "store.store",
    "ask": "answers",
    "demo": "screens",
    "filters": "base.filters",
    "findings": "screens",
    "insight": "screens",
    "load": "screens",
    "open_store": "store.opening",
    "readiness": "screens",
    "reconciliation": "screens",
    "report": "screens",
    "request_report": "mail.request",
    "sender": "screens",
}

__all__ = [
    "Clause",
    "Filters",
    "KitError",
    "Store",
    "ask",
    "demo",
    "filters",
    "findings",
    "insight",
    "load",
    "open_store",
    "readiness",
    "reconciliation",
    "report",
    "request_report",
    "sender",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

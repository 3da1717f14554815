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
    from smtpauth_kit.screens.in_cell import (
        findings,
        insight,
        readiness,
        reconciliation,
        report,
        sender,
    )
    from smtpauth_kit.screens.load_in_cell import demo, load
    from smtpauth_kit.store.opening import open_store
    from smtpauth_kit.store.store import Store

__version__ = "0.1.0"

_HOMES = {
    "Clause": "base.conditions",
    "Filters": "base.filters",
    "KitError": "base.errors",
    "Store": "store.store",
    "ask": "answers",
    "demo": "screens.load_in_cell",
    "filters": "base.filters",
    "findings": "screens.in_cell",
    "insight": "screens.in_cell",
    "load": "screens.load_in_cell",
    "open_store": "store.opening",
    "readiness": "screens.in_cell",
    "reconciliation": "screens.in_cell",
    "report": "screens.in_cell",
    "request_report": "mail.request",
    "sender": "screens.in_cell",
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

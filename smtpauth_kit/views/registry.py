"""Answers shown: one entry a view, with its question, chart, sentence and columns.

Screens, pages, mails and tests read this list; another chart is a file here and a line below.
"""

from __future__ import annotations

from typing import Final

from smtpauth_kit.views.changes import SENDER_CHANGES
from smtpauth_kit.views.over_time import AUTH_BY_DAY, TLS_BY_DAY
from smtpauth_kit.views.ranking import VOLUME_BY_DOMAIN, VOLUME_BY_SENDER
from smtpauth_kit.views.usage import AUTH_PROTOCOL, SENDERS_BY_TLS, TLS_USAGE
from smtpauth_kit.views.view import View
from smtpauth_kit.views.volume import SENDING_VOLUME

VIEWS: Final[tuple[View, ...]] = (
    SENDING_VOLUME,
    TLS_USAGE,
    AUTH_PROTOCOL,
    VOLUME_BY_SENDER,
    VOLUME_BY_DOMAIN,
    SENDERS_BY_TLS,
    TLS_BY_DAY,
    AUTH_BY_DAY,
    SENDER_CHANGES,
)

NAMED: Final = {view.name: view for view in VIEWS}

CHOICES: Final = tuple(view.name for view in VIEWS if not view.below)
"""The views a reader chooses from; the others stand below one of these."""

ON_PAGES: Final = tuple(view for view in VIEWS if view.figure)
"""Those that a page can add up again by itself."""


def below(name: str) -> list[View]:
    """Return the views that stand below one: first those that stand below it before all others.

    >>> [view.name for view in below("tls-usage")]
    ['tls-by-day', 'senders-by-tls', 'sender-changes']
    """
    found = [view for view in VIEWS if name in view.below]
    return sorted(found, key=lambda view: view.below.index(name))

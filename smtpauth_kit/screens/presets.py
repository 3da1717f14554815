"""Conditions on senders that are chosen from a list: who breaks when something old goes."""

from __future__ import annotations

from typing import Final

from smtpauth_kit.base.conditions import Groups, parse_groups

PRESETS: Final[dict[str, Groups]] = {
    "": (),
    "basic": parse_groups("basic_count > 0"),
    "legacy_tls": parse_groups("tls_1_0_count > 0 or tls_1_1_count > 0"),
    "both": parse_groups(
        "basic_count > 0 and tls_1_0_count > 0 or basic_count > 0 and tls_1_1_count > 0"
    ),
}
"""Which senders each preset shows; the empty name: all."""

TITLES: Final = {
    "": "All senders",
    "basic": "with Basic auth",
    "legacy_tls": "with TLS 1.0 or 1.1",
    "both": "with Basic auth and old TLS",
}
"""What each is called, as keys of the words."""

OWN: Final = "own"
"""Conditions that are none of the presets."""


def preset_of(senders: Groups) -> str:
    """Return the preset that asks for these senders.

    >>> preset_of(parse_groups("basic_count > 0")), preset_of(parse_groups("basic_count > 1"))
    ('basic', 'own')
    """
    return next((name for name, asked in PRESETS.items() if asked == senders), OWN)

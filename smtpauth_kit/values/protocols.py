"""How a client connected and signed in: TLS versions and auth protocols, however written."""

from __future__ import annotations

import re
from typing import Final

from smtpauth_kit.values import spellings
from smtpauth_kit.values.cells import MAX_WORD, remembered

TLS_NAME: Final = re.compile(
    r"(?:(?:sp_prot_)?(?:tls)?[ _-]*v?[ _]*1[._,]|tls[ _-]*v?1)([0-3])(?:_(?:server|client))?"
)
NO_TLS: Final = frozenset((
    "no tls", "none", "notls", "no_tls", "no-tls", "geen tls", "geen", "kein tls",
    "aucun tls", "sin tls", "sem tls", "nessun tls", "tls なし",
))  # fmt: skip
TLS_1_0_BARE: Final = ("tlsv1", "sp_prot_tls1_server")
"""OpenSSL and Schannel both write TLS 1.0 without its minor version."""
BRIDGE_AGENTS: Final = ("bav2ropc", "cbain")
"""How the user agents begin by which Exchange swaps a Basic password for a token, in lower case."""
PASSWORD_GRANT: Final = "ropc"


@remembered(1000)
def tls_version(text: str) -> str:
    """Return one of `names.TLS_VERSIONS`; never guessed.

    Examples
    --------
    >>> [tls_version(t) for t in ("TLS1.2", "SP_PROT_TLS1_0_SERVER", "No TLS", "SSL 3.0")]
    ['1.2', '1.0', 'none', 'unknown']
    """
    plain = text.strip()
    if len(plain) > MAX_WORD:
        return "unknown"
    plain = plain.casefold()
    if plain in NO_TLS:
        return "none"
    if plain in TLS_1_0_BARE:
        return "1.0"
    match = TLS_NAME.fullmatch(plain)
    return f"1.{match[1]}" if match else "unknown"


@remembered(1000)
def auth_protocol(text: str) -> str:
    """Return one of `names.AUTH_PROTOCOLS`.

    Examples
    --------
    >>> [auth_protocol(t) for t in ("Basic auth", "OAuth 2.0", "XOAUTH2", "")]
    ['basic', 'oauth', 'oauth', 'unknown']
    """
    return spellings.auth_protocol(text) if len(text) <= MAX_WORD else "unknown"


def sign_in_protocol(protocol: str, user_agent: str) -> str:
    """Return how a sign-in authenticated: Exchange swaps a Basic password for a token by ROPC.

    Examples
    --------
    >>> sign_in_protocol("none", "BAV2ROPC"), sign_in_protocol("oAuth2", "")
    ('basic', 'oauth')
    """
    agent = user_agent.strip().casefold()
    if agent.startswith(BRIDGE_AGENTS) or PASSWORD_GRANT in protocol.casefold():
        return "basic"
    return auth_protocol(protocol)

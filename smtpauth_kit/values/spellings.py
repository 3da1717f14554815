"""Words that exports spell in many ways: authentication, yes and no, nothing at all.

Each table is one meaning; a text is compared without case, spaces and signs.
"""

from __future__ import annotations

import re
from typing import Final

SIGNS: Final = re.compile(r"[\W_]+")
BASIC: Final = frozenset((
    "basic", "basicauth", "basicauthentication", "ropc", "plain", "login", "saslplain", "sasllogin",
    "basisverificatie", "basisauthenticatie", "standardauthentifizierung",
    "basisauthentifizierung", "authentificationdebase", "autenticaciónbásica",
    "autenticaçãobásica", "autenticazionedibase", "基本認証",
))  # fmt: skip
AUTH_BEFORE: Final = ("smtp", "auth")
"""What may stand before a mechanism: `SMTP AUTH LOGIN`."""
OAUTH_BEGINS: Final = ("oauth", "xoauth")
MODERN_BEGINS: Final = "modern"
_YES: Final = frozenset((
    "true", "waar", "wahr", "vrai", "verdadero", "vero", "verdadeiro",
    "yes", "ja", "oui", "sí", "si", "sì", "sim", "1",
))  # fmt: skip
_NO: Final = frozenset((
    "false", "onwaar", "falsch", "faux", "falso", "no", "nee", "nein", "non", "não", "0",
))  # fmt: skip
_NOTHING: Final = frozenset(("", "null", "none", "nil"))


def _squeezed(text: str) -> str:
    return SIGNS.sub("", text.casefold())


def auth_protocol(text: str) -> str:
    """Return basic, oauth or unknown: how somebody authenticated, in any spelling.

    Examples
    --------
    >>> [auth_protocol(t) for t in ("Basic_Auth", "AUTH LOGIN", "XOAuth2", "modern auth", "NTLM")]
    ['basic', 'basic', 'oauth', 'oauth', 'unknown']
    """
    word = _squeezed(text)
    bare = word
    for prefix in AUTH_BEFORE:
        bare = bare.removeprefix(prefix)
    if word in BASIC or bare in BASIC:
        return "basic"
    if word.startswith(MODERN_BEGINS) or bare.startswith(OAUTH_BEGINS):
        return "oauth"
    return "unknown"


def is_yes(text: str) -> bool | None:
    """Return what a cell of yes or no says; None: nothing, or neither.

    Excel writes booleans in its own language: a file that it saved again has WAHR or VRAI.

    Examples
    --------
    >>> [is_yes(t) for t in ("$true", "WAHR", "Onwaar", "")]
    [True, True, False, None]
    """
    word = _squeezed(text)
    return True if word in _YES else False if word in _NO else None


def is_nothing(text: str) -> bool:
    """Tell whether a cell says nothing: empty, `null`, `$null`.

    Examples
    --------
    >>> is_nothing(" $null "), is_nothing("False")
    (True, False)
    """
    return _squeezed(text) in _NOTHING

"""Access tokens of Microsoft Entra, by msal: as an app with a secret or certificate, or as a user.

Tokens of a user are kept in the keyring, so that he signs in once; an app asks anew each time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.errors import KitError
from smtpauth_kit.mail_settings import MailSettings, variable
from smtpauth_kit.safekeeping import NoKeyring, find_secret, from_keyring, to_keyring

Tell = Callable[[str], None]

SMTP: Final = "smtp"
GRAPH: Final = "graph"

_PIECE: Final = 1000
"""Characters of one entry: Windows' credential store takes 1280."""


def access_token(settings: MailSettings, purpose: str, tell: Tell | None = None) -> str:
    """Return a token to send mail with.

    Parameters
    ----------
    purpose
        `SMTP` or `GRAPH`.
    tell
        Says to a person where to sign in; None: nobody is there to do it.

    Raises
    ------
    KitError
        Settings or the extra are missing, or Entra gave no token.
    """
    if missing := settings.missing("tenant", "client_id"):
        raise KitError(f"To sign in with OAuth, set {missing}.")
    try:
        import msal
        import requests
    except ImportError:
        raise KitError('OAuth needs the extra "mail": pip install "smtpauth-kit[mail]".') from None
    try:
        found = _ask(msal, settings, purpose, tell)
    except (requests.RequestException, OSError, ValueError) as error:
        # Of these errors only the kind is said: their texts are msal's and may hold anything.
        raise KitError(
            f"No token from {settings.authority}/{settings.tenant} ({type(error).__name__}). "
            f"Check SMTPAUTH_MAIL_TENANT and the network."
        ) from None
    if "access_token" not in found:
        raise KitError(_refused(settings, found))
    return str(found["access_token"])


def _ask(msal: Any, settings: MailSettings, purpose: str, tell: Tell | None) -> dict[str, Any]:
    common = {
        "client_id": settings.client_id,
        "authority": f"{settings.authority.rstrip('/')}/{settings.tenant}",
        # The authority is the user's own setting: nobody else is asked whether it is one.
        "instance_discovery": False,
        "http_client": _http(settings),
    }
    if credential := _credential(settings):
        app = msal.ConfidentialClientApplication(client_credential=credential, **common)
        return _dict(app.acquire_token_for_client([_scope(settings, purpose, ".default")]))
    cache = _KeptTokens(msal.SerializableTokenCache(), settings.client_id)
    app = msal.PublicClientApplication(token_cache=cache.tokens, **common)
    right = "SMTP.Send" if purpose == SMTP else "Mail.Send"
    found = _as_user(app, [_scope(settings, purpose, right)], settings.user, tell)
    cache.keep()
    return found


def _http(settings: MailSettings) -> Any:
    """Return a client for msal; on a session alone, REQUESTS_CA_BUNDLE would undo `verify`."""
    import requests

    session: Any = requests.Session()
    session.request = partial(
        session.request, timeout=settings.timeout, verify=settings.ca_file or True
    )
    return session


def _scope(settings: MailSettings, purpose: str, right: str) -> str:
    api = settings.graph_url.rstrip("/")
    if purpose == SMTP:
        # Exchange Online knows its app permission under one name, its users' under another.
        api = f"https://outlook.office{'365' if right == '.default' else ''}.com"
    return f"{api}/{right}"


def _credential(settings: MailSettings) -> str | dict[str, str] | None:
    if not settings.certificate:
        return find_secret(variable("client_secret"), settings.client_id)
    try:
        pem = Path(settings.certificate).read_text("ascii")
    except (OSError, ValueError) as error:
        raise KitError(f'"{settings.certificate}" cannot be read as PEM: {error}.') from None
    return {"private_key": pem, "public_certificate": pem}


def _as_user(app: Any, scopes: list[str], user: str, tell: Tell | None) -> dict[str, Any]:
    for account in app.get_accounts(username=user or None):
        if found := app.acquire_token_silent(scopes, account=account):
            return _dict(found)
    if tell is None:
        return {
            "error_description": "Nobody has signed in yet, and nobody is here to do it: "
            "run the same command once in a terminal, or give the app a client secret."
        }
    flow = app.initiate_device_flow(scopes)
    if "user_code" not in flow:
        return _dict(flow)
    tell(flow["message"])
    return _dict(app.acquire_token_by_device_flow(flow))


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _refused(settings: MailSettings, found: dict[str, Any]) -> str:
    said = str(found.get("error_description") or found.get("error") or "no reason given.")
    # Entra's first line is for people; after it come ids, the time and a link.
    return (
        f"No token for the app {settings.client_id}: {said.splitlines()[0]} "
        "Check the app registration: its secret or certificate, and its permission to send mail."
    )


class _KeptTokens:
    """The tokens of a user, in pieces that every keyring takes; the first says how many."""

    def __init__(self, tokens: Any, client_id: str) -> None:
        self.tokens, self._client_id = tokens, client_id
        with suppress(NoKeyring):
            count = from_keyring(self._name(0)) or "0"
            pieces = [from_keyring(self._name(n)) or "" for n in range(1, int(count) + 1)]
            if text := "".join(pieces):
                tokens.deserialize(text)

    def keep(self) -> None:
        """Write them when they changed; without a keyring the user signs in again next time."""
        if not self.tokens.has_state_changed:
            return
        text = self.tokens.serialize()
        pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        with suppress(NoKeyring):
            for n, piece in enumerate([str(len(pieces)), *pieces]):
                to_keyring(self._name(n), piece)

    def _name(self, n: int) -> str:
        return f"{self._client_id} tokens {n}"

"""Access tokens of Microsoft Entra, by msal: as an app with a secret or certificate, or as a user.

Tokens of a user are kept in the keyring, so that he signs in once; an app asks anew each time.
msal's requests go the kit's own way: over https to the address asked, followed nowhere else.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.secrets import NoKeyring, find_secret, from_keyring, to_keyring
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.mail.mail_settings import MailSettings, variable
from smtpauth_kit.mail.servers import Answer, ask, shown

Tell = Callable[[str], None]
"""Shows a person a text: where to sign in."""

SMTP: Final = "smtp"
GRAPH: Final = "graph"

_PIECE: Final = 1000
"""Characters of one entry: Windows' credential store takes 1280."""

_TOKEN: Final = re.compile("[!-~]{1,100000}")
"""What a header can carry."""

_SECRETS: Final = ("client_secret", "client_assertion", "refresh_token", "device_code", "code")
"""Fields of a request that nobody may read; what is answered may repeat them."""

_NOBODY: Final = Sentence(
    "Nobody has signed in yet, and nobody is here to do it: run the same command once in a "
    "terminal, or give the app a client secret."
)

_SIGN_IN_SECONDS: Final = 1800
"""A person is waited for so long at most, and asked after once a minute at least."""


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
        raise KitError("To sign in with OAuth, set {names}.", names=missing)
    try:
        import msal
    except ImportError:
        raise KitError('OAuth needs the extra "mail": pip install "smtpauth-kit[mail]".') from None
    http = _Http(settings)
    try:
        result = _ask(msal, http, settings, purpose, tell)
    except KitError:
        raise
    except Exception as error:  # msal has no one way to fail on what a server makes up.
        # Of these errors only the kind is said: their texts are msal's and may hold anything.
        raise KitError(
            "No token from {authority}/{tenant} ({system}). "
            "Check SMTPAUTH_MAIL_TENANT and the network.",
            authority=settings.authority,
            tenant=settings.tenant,
            system=type(error).__name__,
        ) from None
    token = result.get("access_token")
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    raise _refused(settings, result, http.secrets)


def _ask(
    msal: Any, http: _Http, settings: MailSettings, purpose: str, tell: Tell | None
) -> dict[str, Any]:
    common = {
        "client_id": settings.client_id,
        "authority": f"{settings.authority.rstrip('/')}/{settings.tenant}",
        # The authority is the user's own setting: nobody else is asked whether it is one.
        "instance_discovery": False,
        "http_client": http,
    }
    if credential := _credential(settings):
        app = msal.ConfidentialClientApplication(client_credential=credential, **common)
        return _dict(app.acquire_token_for_client([_scope(settings, purpose, ".default")]))
    cache = _KeptTokens(msal.SerializableTokenCache(), settings.client_id)
    app = msal.PublicClientApplication(token_cache=cache.tokens, **common)
    right = "SMTP.Send" if purpose == SMTP else "Mail.Send"
    result = _as_user(app, [_scope(settings, purpose, right)], settings.user, tell)
    cache.keep()
    return result


@dataclass
class _Response:
    """What msal wants to know of an answer."""

    status_code: int
    text: str
    headers: dict[str, str]

    def raise_for_status(self) -> None:
        """Leave it to msal: a status that is no answer never comes here."""


@dataclass
class _Http:
    """What msal asks through: it gets a JSON object, or nothing."""

    settings: MailSettings
    secrets: list[str] = field(default_factory=list)
    """What was sent that nobody may read."""

    def get(
        self, url: str, params: Any = None, headers: dict[str, str] | None = None, **_: Any
    ) -> _Response:
        """Ask for what is at an address."""
        return self._answer(f"{url}?{_form(params)}" if params else url, None, headers)

    def post(
        self,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        **_: Any,
    ) -> _Response:
        """Send a form."""
        given = data if isinstance(data, dict) else {}
        self.secrets += [str(given[name]) for name in _SECRETS if given.get(name)]
        where = f"{url}?{_form(params)}" if params else url
        return self._answer(where, _form(data or {}).encode(), headers)

    def close(self) -> None:
        """Nothing is kept open."""

    def _answer(self, url: str, data: bytes | None, headers: dict[str, str] | None) -> _Response:
        request = urllib.request.Request(url, data, headers or {})
        answer = ask(request, self.settings, Sentence("giving a token"))
        text = answer.body.decode("utf-8", "replace")
        if answer.status >= 500 or 300 <= answer.status < 400 or not _is_object(text):
            raise _no_answer(url, answer, text, self.secrets)
        return _Response(answer.status, text, answer.headers)


def _form(values: Any) -> str:
    if not isinstance(values, dict):
        return str(values)
    return urllib.parse.urlencode({name: v for name, v in values.items() if v is not None})


def _is_object(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(text), dict)
    return False


def _no_answer(url: str, answer: Answer, text: str, secrets: list[str]) -> KitError:
    """Return what came in place of a token or a reason why there is none."""
    host, status = shown(urllib.parse.urlsplit(url).netloc), str(answer.status)
    if 300 <= answer.status < 400:
        return KitError(
            "{server} answered {n} while giving a token: it sends the kit on to another "
            "address. No other is given a secret. Check SMTPAUTH_MAIL_AUTHORITY and the network.",
            server=host,
            n=status,
        )
    said = shown(text, secrets) or '""'
    if answer.status >= 500:
        return KitError(
            "{server} cannot give a token now: it answered {code} {said}. Try again later.",
            server=host,
            code=status,
            said=said,
        )
    return KitError(
        "{server} gave no token: it answered {code} {said}. A JSON object was expected. "
        "Check SMTPAUTH_MAIL_AUTHORITY and the network.",
        server=host,
        code=status,
        said=said,
    )


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
        raise KitError(
            '"{file}" cannot be read as PEM: {system}.',
            file=settings.certificate,
            system=str(error),
        ) from None
    return {"private_key": pem, "public_certificate": pem}


def _as_user(app: Any, scopes: list[str], user: str, tell: Tell | None) -> dict[str, Any]:
    for account in app.get_accounts(username=user or None):
        if result := app.acquire_token_silent(scopes, account=account):
            return _dict(result)
    if tell is None:
        return {"error_description": _NOBODY}
    flow = app.initiate_device_flow(scopes)
    if "user_code" not in flow:
        return _dict(flow)
    flow["interval"] = min(max(flow["interval"], 1), 60)
    flow["expires_at"] = min(flow["expires_at"], time.time() + _SIGN_IN_SECONDS)
    tell(shown(str(flow.get("message", ""))))
    return _dict(app.acquire_token_by_device_flow(flow))


def _dict(result: Any) -> dict[str, Any]:
    return result if isinstance(result, dict) else {}


def _refused(settings: MailSettings, result: dict[str, Any], secrets: list[str]) -> KitError:
    said = result.get("error_description") or result.get("error") or ""
    # Entra's first line is for people; after it come ids, the time and a link.
    reason = shown(str(said).partition("\n")[0], secrets) or Sentence("no reason given.")
    return KitError(
        "No token for the app {id}: {said} "
        "Check the app registration: its secret or certificate, and its permission to send mail.",
        id=settings.client_id,
        said=said if said is _NOBODY else reason,
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

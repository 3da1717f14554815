"""The settings of mail, of environment variables and `smtpauth.toml`, and where secrets are.

A secret comes from the environment or the keyring when it is used, and is kept nowhere: no
setting, no `repr` and no error can hold one.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base.config_place import config_file
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.secrets import SERVICE, find_secret
from smtpauth_kit.base.sentences import Sentence, listed

PORTS: Final = {"starttls": 587, "tls": 465}
AUTHS: Final = ("password", "xoauth2")

_SECRETS: Final = ("password", "client_secret", "secret", "token")


@dataclass(frozen=True)
class MailSettings:
    """Settings of mail; each is `SMTPAUTH_MAIL_NAME`, or `name` under `[mail]` in the file.

    Examples
    --------
    >>> settings = MailSettings(host="smtp.contoso.com", security="tls")
    >>> settings.server
    'smtp.contoso.com:465'
    """

    host: str = ""
    port: int = 0
    """0: the usual one of `security`."""
    security: str = "starttls"
    user: str = ""
    """Who signs in; empty: nobody, for a relay that knows its clients otherwise."""
    from_: str = ""
    ca_file: str = ""
    """Certificates that are trusted, in place of this machine's."""
    auth: str = "password"
    tenant: str = ""
    client_id: str = ""
    certificate: str = ""
    """PEM file with the key and certificate of the app registration, in place of a secret."""
    authority: str = "https://login.microsoftonline.com"
    graph_url: str = "https://graph.microsoft.com"
    outbox: str = ""
    """Folder for .eml files; empty: `outbox` beside the store."""
    timeout: int = 30
    """Seconds a server has for each answer, whole."""

    def __post_init__(self) -> None:
        _one_of("security", self.security, tuple(PORTS))
        _one_of("auth", self.auth, AUTHS)
        for name in ("authority", "graph_url"):
            if not getattr(self, name).startswith("https://"):
                raise KitError("{name} must start with https://.", name=variable(name))

    @property
    def server(self) -> str:
        """Return the mail server with its port, as errors name it."""
        return f"{self.host}:{self.port or PORTS[self.security]}"

    @property
    def way(self) -> str:
        """Return the way out that is set up: smtp, graph, else outbox."""
        if self.host:
            return "smtp"
        return "graph" if self.tenant and self.client_id else "outbox"

    def missing(self, *names: str) -> str:
        """Return what is not set of `names`, as environment variables; empty when all are."""
        return ", ".join(variable(name) for name in names if not getattr(self, name))


def mail_settings() -> MailSettings:
    """Return the settings in force: the environment, then the file, then the defaults.

    Raises
    ------
    KitError
        The file cannot be read, holds a secret or an unknown name, or a value does not fit.
    """
    given: dict[str, Any] = _from_file(config_file())
    for field in fields(MailSettings):
        if text := os.environ.get(variable(field.name), "").strip():
            given[field.name] = text
    for name in ("port", "timeout"):
        if name in given:
            given[name] = _number(name, given[name])
    return MailSettings(**given)


def variable(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable("from_")
    'SMTPAUTH_MAIL_FROM'
    """
    return f"SMTPAUTH_MAIL_{name.rstrip('_').upper()}"


def secret(name: str, account: str, whose: Sentence) -> str:
    """Return a secret; where there is none, the error says how to give it.

    Raises
    ------
    KitError
        Neither the environment nor the keyring has it.
    """
    found = find_secret(variable(name), account)
    if found is None:
        raise KitError(
            "There is no {whose}. Put it into the keyring: keyring set {service} {account} "
            '(with pip install "smtpauth-kit[mail]"); or set {name}.',
            whose=whose,
            service=SERVICE,
            account=account,
            name=variable(name),
        )
    return found


def _from_file(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KitError(
            '"{file}" cannot be read: {system}.', file=str(path), system=str(error)
        ) from None
    table = document.get("mail", {})
    if not isinstance(table, dict):
        raise KitError('"{file}" must have its mail settings under [mail].', file=str(path))
    names = {field.name.rstrip("_"): field.name for field in fields(MailSettings)}
    for name in (*document, *table):
        if name.lower() in _SECRETS:
            raise KitError(
                '"{file}" holds a {name}. A secret must not stand in a file: take it out, and '
                "put it into the keyring with: keyring set {service} USER.",
                file=str(path),
                name=name,
                service=SERVICE,
            )
    for name, value in table.items():
        if name not in names or not isinstance(value, str | int):
            raise KitError(
                '"{file}" has {name} under [mail]. Expected: {names}.',
                file=str(path),
                name=name,
                names=list(names),
            )
    return {
        names[name]: value if name in ("port", "timeout") else str(value)
        for name, value in table.items()
    }


def _number(name: str, value: Any) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise KitError(
            "{name} is {text}; expected a whole number such as 587.",
            name=variable(name),
            text=repr(text),
        )
    return int(text)


def _one_of(name: str, value: str, expected: tuple[str, ...]) -> None:
    if value not in expected:
        raise KitError(
            "{name} is {text}; expected {known}.",
            name=variable(name),
            text=repr(value),
            known=listed(expected, "or"),
        )

"""The two ways messages are broken down: by TLS version and by authentication protocol.

A value has one name, one colour and one shape in every chart and list: colour is never alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.words.words import Words


@dataclass(frozen=True)
class Breakdown:
    """A column that figures are broken down by: its values in order, their looks and names."""

    column: str
    values: tuple[str, ...]
    colors: tuple[str, ...]
    shapes: tuple[str, ...]
    heading: str
    """What it is called, as a key of the words."""
    titles: Callable[[Words], dict[str, str]]
    """What each value is called."""


def tls_titles(words: Words) -> dict[str, str]:
    """Return what each TLS version is called.

    >>> from smtpauth_kit.words.words import speak
    >>> list(tls_titles(speak("en")).values())
    ['No TLS', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3', 'TLS unknown']
    """
    named = {"none": words("No TLS"), "unknown": words("TLS unknown")}
    return {version: named.get(version, f"TLS {version}") for version in TLS_VERSIONS}


def auth_titles(words: Words) -> dict[str, str]:
    """Return what each authentication protocol is called.

    >>> from smtpauth_kit.words.words import speak
    >>> list(auth_titles(speak("en")).values())
    ['Basic auth', 'OAuth', 'Authentication unknown']
    """
    titles = words("Basic auth"), words("OAuth"), words("Authentication unknown")
    return dict(zip(AUTH_PROTOCOLS, titles, strict=True))


TLS: Final = Breakdown(
    column="tls_version",
    values=TLS_VERSIONS,
    colors=("#c04a66", "#d55e00", "#b97c00", "#0078c8", "#009e73", "#808080"),
    shapes=("cross", "triangle-down", "diamond", "square", "circle", "triangle-up"),
    heading="TLS version",
    titles=tls_titles,
)

AUTH: Final = Breakdown(
    column="auth_protocol",
    values=AUTH_PROTOCOLS,
    colors=("#d55e00", "#0078c8", "#808080"),
    shapes=("triangle-down", "circle", "triangle-up"),
    heading="Authentication protocol",
    titles=auth_titles,
)

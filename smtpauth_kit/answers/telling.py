"""What the sources shown tell of the messages and sign-ins in a range, and what they do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from smtpauth_kit.answers.choosing import Sources
from smtpauth_kit.answers.coverage import (
    names_accounts,
    not_always_told,
    told_by,
    what_is_not_told,
)
from smtpauth_kit.answers.periods import Period
from smtpauth_kit.answers.scope import UNTELLABLE
from smtpauth_kit.store.engine import Engine

_OF_SIGN_INS: Final = frozenset(
    {
        "failed sign-ins", "sign-ins that succeeded", "Postfix sign-ins that sent nothing",
        "the place of a client",
    }
)  # fmt: skip
"""Phrases about attempts to sign in: a source of messages may lack what one of sign-ins tells."""


def untold(engine: Engine, sources: Sources, inside: Iterable[Period]) -> frozenset[str]:
    """Return which figures of the range, of `UNTELLABLE`, are no 0 where they are nothing.

    Of Basic auth or OAuth, TLS versions and client addresses: those that no source shown tells. Of
    no TLS and TLS 1.3: also those that one of several sources shown does not tell.
    """
    chosen = frozenset(sources)  # There may be hundreds of tenants, and a day of each.
    shown = [p for p in inside if (p.tenant, p.source) in chosen]
    own = {pair: told for pair, told in told_by(engine).items() if pair in chosen}
    told = {
        "auth": any(p.auth_known for p in shown),
        "tls": any(p.tls_known for p in shown),
        "none": all(
            (p.tls_known == p.message_count and p.source != "report")
            or ((pair := (p.tenant, p.source)) in own and own[pair].none)
            for p in shown
        ),
        "1.3": not any(
            "TLS 1.3 as such" in not_always_told(engine, source)
            for source in {p.source for p in shown}
        ),
        "client_ip": any(each.client_ip for each in own.values()),
    }  # fmt: skip
    return frozenset(name for name in UNTELLABLE if shown and not told[name])


def not_told(
    engine: Engine, sources: Sources, of_sign_ins: Sources, inside: Sequence[Period] = ()
) -> tuple[str, ...]:
    """Return what neither the sources shown, nor what others told of their messages, says.

    What attempts to sign in came to is told where another source tells of those in the range.
    """
    named = sorted({source for _, source in sources or of_sign_ins})
    said = [what_is_not_told(engine, source) for source in named]
    told = {*_told_of_messages(engine, sources, inside), *_told_of_sign_ins(engine, of_sign_ins)}
    return tuple(
        phrase
        for phrase in (said[0] if said else ())
        if phrase not in told and all(phrase in phrases for phrases in said)
    )


def _told_of_messages(engine: Engine, sources: Sources, inside: Sequence[Period]) -> list[str]:
    """Return phrases about messages that some row shown tells: another source may have told it."""
    chosen = frozenset(sources)
    if not any((p.tenant, p.source) in chosen for p in inside):
        return []
    lacking = untold(engine, sources, inside)
    own = [told for pair, told in told_by(engine).items() if pair in chosen]
    told = {
        "the authentication protocol": "auth" not in lacking,
        "the TLS version": "tls" not in lacking,
        "client IP addresses": "client_ip" not in lacking,
        "recipients": any(each.recipients for each in own),
        "the account that signed in": bool(
            names_accounts(engine) & {source for _, source in sources}
        ),
    }
    return [phrase for phrase, is_told in told.items() if is_told]


def _told_of_sign_ins(engine: Engine, of_sign_ins: Sources) -> frozenset[str]:
    """Return phrases about sign-ins that every source of those in the range tells."""
    lacking = {p for _, source in of_sign_ins for p in what_is_not_told(engine, source)}
    return _OF_SIGN_INS - lacking if of_sign_ins else frozenset()

"""What the kit's rules know, as values for Spark SQL: words, names, bounds and patterns.

Each value is taken from the module where its rule is; nothing is written down twice.
"""

from __future__ import annotations

import re
import sys
from typing import Final, NamedTuple

from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.formats import entra_sign_ins, extended_trace, message_trace, submission_log
from smtpauth_kit.formats.format import ExportFormat, normal_header
from smtpauth_kit.store.staged_facts import DAYS_AHEAD
from smtpauth_kit.values import addresses, cells, protocols, spellings, times

Value = str | int | list[str]

FORMATS: Final[dict[str, ExportFormat]] = {
    "SigninLogs": entra_sign_ins.FORMAT,
    "AADNonInteractiveUserSignInLogs": entra_sign_ins.FORMAT,
    "ExchangeOnlineMessageTracking_CL": extended_trace.FORMAT,
    "EmailEvents": message_trace.EMAIL_EVENTS,
}
"""The tables of a Sentinel workspace that tell of SMTP AUTH, and what an export of each is."""


class Word(NamedTuple):
    """A value under the name that the SQL has for it, and what it is."""

    name: str
    value: Value
    meaning: str


def space() -> str:
    r"""Return every character that Python takes for space.

    >>> " " in space(), "\u00a0" in space(), len(space())
    (True, True, 29)
    """
    return "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace())


def java(pattern: re.Pattern[str], *, whole: bool = True) -> str:
    r"""Return a pattern as Java reads it, and so Spark SQL; `whole`: all of a text must match.

    Python's classes hold the signs of all scripts, Java's only where it is told so.

    Examples
    --------
    >>> java(re.compile("client (\\d+)", re.IGNORECASE)), java(re.compile("a|b", re.ASCII))
    ('(?iU)^(?:client (\\d+))\\z', '^(?:a|b)\\z')
    """
    flags = "i" if pattern.flags & re.IGNORECASE else ""
    flags += "" if pattern.flags & re.ASCII else "U"
    text = rf"^(?:{pattern.pattern})\z" if whole else pattern.pattern
    return f"(?{flags}){text}" if flags else text


def _named(name: str) -> str:
    """Return the pattern of what stands behind a name in custom data: `S:name=value;S:name=…`."""
    return rf"(?iU)(?:^|;)\s*{re.escape(name)}([^;]*)"


def words() -> list[Word]:
    """Return what the SQL of a cell knows, in the order of its use.

    Examples
    --------
    >>> found = {word.name: word.value for word in words()}
    >>> found["smtp"], found["bridge_agents"], found["tls_1_0_bare"]
    ('smtp', ['bav2ropc', 'cbain'], ['tlsv1', 'sp_prot_tls1_server'])
    """
    return [*_of_cells(), *_of_sign_ins(), *_of_the_trace(), *_of_sources()]


def _of_cells() -> list[Word]:
    return [
        Word("space", space(), "what is taken off both ends of a cell"),
        Word("iso", java(times.ISO), "a time or day in ISO form"),
        Word("first_year", times.YEARS.start, "a row of an earlier year is rejected"),
        Word("last_year", times.YEARS.stop - 1, "a row of a later one, too"),
        Word("max_word", cells.MAX_WORD, "a longer text names no protocol"),
        Word("max_address", addresses.MAX_ADDRESS, "characters of an address"),
        Word("max_subject", submission_log.MAX_SUBJECT, "characters of a subject that are kept"),
        Word(
            "ip_port",
            java(addresses.IN_BRACKETS_OR_WITH_PORT),
            "an IP address in brackets or with a port",
        ),
    ]


def _of_sign_ins() -> list[Word]:
    said = entra_sign_ins.RESULTS
    return [
        Word("smtp", entra_sign_ins.SMTP, "stands in each client app that signs in for SMTP AUTH"),
        Word("spaces", r"(?U)\s+", "taken out of a client app's name"),
        Word("other_clients", entra_sign_ins.OTHER_CLIENTS, "behind it SMTP may be, too"),
        Word("possible", entra_sign_ins.POSSIBLE, "what is said of it with an agent of Basic"),
        Word("bridge_agents", list(protocols.BRIDGE_AGENTS), "user agents of Basic begin so"),
        Word("password_grant", protocols.PASSWORD_GRANT, "in the protocol of Basic"),
        Word("signs", java(spellings.SIGNS, whole=False), "taken out of a protocol's name"),
        Word("auth_before", _prefixes(spellings.AUTH_BEFORE), "taken off its beginning"),
        Word("basic_words", sorted(spellings.BASIC), "Basic authentication, in all spellings"),
        Word("oauth", f"^(?:{'|'.join(spellings.OAUTH_BEGINS)})", "OAuth begins so"),
        Word("modern", spellings.MODERN_BEGINS, "or so"),
        Word("success_words", [w for w in said if said[w] == "success"], "a result in words"),
        Word("failure_words", [w for w in said if said[w] == "failure"], "interrupted: not in"),
        Word("code", java(entra_sign_ins.CODE), "an error code; 0 is success"),
        Word("error_code_path", f"$.{entra_sign_ins.ERROR_CODE}", "where Status has it"),
        Word("country_path", f"$.{entra_sign_ins.COUNTRY}", "where LocationDetails has it"),
        Word("city_path", f"$.{entra_sign_ins.CITY}", "and this"),
    ]


def _prefixes(texts: tuple[str, ...]) -> str:
    return "^" + "".join(f"(?:{text})?" for text in texts)


def _of_the_trace() -> list[Word]:
    trace = extended_trace
    return [
        Word("trace_source", trace.SOURCE, "source of an event by which a message came in"),
        Word("trace_event", trace.EVENT, "and its event id"),
        Word("connector", java(trace.CONNECTOR, whole=False), "a connector of clients"),
        Word("by_connector", trace.BY_CONNECTOR, "what the first rule is called"),
        Word("originating", list(trace.ORIGINATING), "directionality of mail from inside"),
        Word("by_proxy", trace.BY_PROXY, "what the second rule is called"),
        Word("no_rule", trace.NO_RULE, "what is said of rows that no rule knows"),
        Word("proxied_ip", _named(trace.PROXIED_IP), "in custom data: the client's address"),
        Word("tls_named", _named(trace.TLS_VERSION), "in custom data: the TLS version"),
        Word("cipher_named", _named(trace.TLS_CIPHER), "in custom data: the cipher"),
        Word("max_cipher", trace.MAX_CIPHER, "characters of it that are kept"),
        Word("tls_name", java(protocols.TLS_NAME), "a TLS version, in any spelling"),
        Word("tls_1_0_bare", list(protocols.TLS_1_0_BARE), "TLS 1.0 without its minor version"),
        Word("no_tls", sorted(protocols.NO_TLS), "no TLS, in all languages"),
        Word("tls_versions", list(TLS_VERSIONS), "their order"),
        Word("commas", r"(?U)[,\s]+", "between recipients, where no ; is"),
        Word("cut_short", r"(?:[.]{3})?\u2026?\z", "behind a list of recipients that was cut"),
    ]


def _of_sources() -> list[Word]:
    return [
        Word("sign_in_source", entra_sign_ins.FORMAT.source, "source of sign-ins"),
        Word("trace_source_name", extended_trace.FORMAT.source, "source of the trace's messages"),
        Word("mail_source", message_trace.EMAIL_EVENTS.source, "source of mail events"),
        Word("days_ahead", DAYS_AHEAD, "from so many days after today on: ahead of the clock"),
    ]


def columns(fmt: ExportFormat) -> dict[str, list[str]]:
    """Return the names a field's column may have, in the form :func:`normal_header` gives them.

    Examples
    --------
    >>> columns(extended_trace.FORMAT)["message_id"]
    ['messageid', 'messageids', 'messageidg']
    """
    plain = {f.name: [label for label in f.labels if "." not in label] for f in fmt.fields}
    return {name: list(dict.fromkeys(map(normal_header, told))) for name, told in plain.items()}


def required(fmt: ExportFormat) -> list[str]:
    """Return the fields without which a table tells nothing.

    >>> required(message_trace.EMAIL_EVENTS)
    ['date', 'sender_address', 'recipient', 'network_message_id']
    """
    return [f.name for f in fmt.fields if f.required]

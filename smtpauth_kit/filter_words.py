"""Filters in words: what a condition is called, and the line that says what is narrowed down."""

from __future__ import annotations

from smtpauth_kit.conditions import Clause, Groups, Operator
from smtpauth_kit.inert import show_invisible
from smtpauth_kit.schema import Filters
from smtpauth_kit.sender_conditions import FIGURES, Kind
from smtpauth_kit.splits import tls_titles
from smtpauth_kit.words import Words


def field_titles(words: Words) -> dict[str, str]:
    """Return what each column is called that a condition on senders can be about.

    >>> from smtpauth_kit.words import speak
    >>> field_titles(speak("en"))["tls_1_0_share"]
    'TLS 1.0: share'
    """
    titles = {
        "sender_address": words("Sender address"),
        "sender_domain": words("Sender domain"),
        "message_count": words("Message count"),
        "basic_count": words("Basic auth"),
        "oauth_count": words("OAuth"),
        "unknown_auth_count": words("Authentication unknown"),
        "first_seen": words("First seen"),
        "last_seen": words("Last seen"),
        "client_ip_count": words("Number of client IP addresses"),
    }
    for version, tls in tls_titles(words).items():
        name = f"tls_{version.replace('.', '_')}"
        titles[f"{name}_count"] = words("{tls}: messages", tls=tls)
        titles[f"{name}_share"] = words("{tls}: share", tls=tls)
    return {name: titles[name] for name in FIGURES}


def operator_titles(kind: Kind, words: Words) -> dict[Operator, str]:
    """Return the comparisons a kind of column has, the usual one first.

    >>> from smtpauth_kit.words import speak
    >>> list(operator_titles("text", speak("en")).values())
    ['is', 'is not', 'starts with', 'contains']
    """
    is_, is_not = words("is"), words("is not")
    if kind == "text":
        return {
            "=": is_, "!=": is_not,
            "starts-with": words("starts with"), "contains": words("contains"),
        }  # fmt: skip
    if kind == "date":
        return {
            ">=": words("is on or after"), "<=": words("is on or before"),
            ">": words("is after"), "<": words("is before"), "=": is_, "!=": is_not,
        }  # fmt: skip
    return {
        ">=": words("is at least"), "<=": words("is at most"),
        ">": words("is more than"), "<": words("is less than"), "=": is_, "!=": is_not,
    }  # fmt: skip


def conditions_text(groups: Groups, words: Words) -> str:
    """Return conditions as a sentence has them.

    >>> from smtpauth_kit.conditions import parse_groups
    >>> from smtpauth_kit.words import speak
    >>> asked = parse_groups("tls_1_0_count > 0 and basic_count > 9 or sender_domain = x.example")
    >>> conditions_text(asked, speak("en"))
    'TLS 1.0: messages is more than 0 and Basic auth is more than 9, or Sender domain is x.example'
    """
    both, either = f" {words('and')} ", f", {words('or')} "
    return either.join(both.join(_clause(each, words) for each in group) for group in groups)


def _clause(clause: Clause, words: Words) -> str:
    title = field_titles(words).get(clause.field, clause.field)
    figure = FIGURES.get(clause.field)
    operators = operator_titles(figure.kind, words) if figure else {}
    operator = operators.get(clause.operator, clause.operator)
    value = show_invisible(clause.value) or "\u201c\u201d"
    return f"{title} {operator} {value}"


def active(filters: Filters, words: Words) -> list[str]:
    """Return what narrows these filters down besides their days and source; empty: nothing.

    >>> from smtpauth_kit.words import speak
    >>> active(Filters(domains=("contoso.com",), min_messages=5), speak("en"))
    ['Sender domain contoso.com', 'senders with at least 5 messages']
    """
    said = []
    if filters.domains:
        names = ", ".join(map(show_invisible, filters.domains))
        said.append(words("Sender domain {domains}", domains=names))
    if filters.sender:
        said.append(words("Sender {address}", address=show_invisible(filters.sender)))
    if filters.min_messages > 0:
        least = words("{n} messages", n=filters.min_messages)
        said.append(words("senders with at least {messages}", messages=least))
    if filters.senders:
        conditions = conditions_text(filters.senders, words)
        said.append(words("senders of whom {conditions}", conditions=conditions))
    if filters.timezone != "UTC":
        said.append(words("days of {timezone}", timezone=filters.timezone))
    return said

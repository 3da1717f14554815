"""Filters in words: what a condition is called, and the line that says what is narrowed down."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from smtpauth_kit.answers.scope import TOGETHER
from smtpauth_kit.answers.sender_conditions import FIGURES, Kind
from smtpauth_kit.base.conditions import Clause, Groups, Operator
from smtpauth_kit.base.filter_fields import CHOICE, DAY, GROUPS, NUMBER, TENANTS, FilterField
from smtpauth_kit.base.filters import Filters, fields_about
from smtpauth_kit.views.breakdowns import tls_titles
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words


def field_titles(words: Words) -> dict[str, str]:
    """Return what each column is called that a condition on senders can be about.

    >>> from smtpauth_kit.words.words import speak
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
    return {name: titles[name] for name in FIGURES if name in titles}


def operator_titles(kind: Kind, words: Words) -> dict[Operator, str]:
    """Return the comparisons a kind of column has, the usual one first.

    >>> from smtpauth_kit.words.words import speak
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

    >>> from smtpauth_kit.base.conditions import parse_groups
    >>> from smtpauth_kit.words.words import speak
    >>> asked = parse_groups("tls_1_0_count > 0 and basic_count > 9 or sender_domain = x.example")
    >>> conditions_text(asked, speak("en"))
    'TLS 1.0: messages is more than 0 and Basic auth is more than 9, or Sender domain is x.example'
    """
    both, either = f" {words('and')} ", f", {words('or')} "
    return either.join(both.join(_clause(each, words) for each in group) for group in groups)


def _clause(clause: Clause, words: Words) -> str:
    title = field_titles(words).get(clause.field.removesuffix("_ever"), clause.field)
    figure = FIGURES.get(clause.field)
    operators = operator_titles(figure.kind, words) if figure else {}
    operator = operators.get(clause.operator, clause.operator)
    value = show_invisible(clause.value) or "\u201c\u201d"
    return f"{title} {operator} {value}"


def active(filters: Filters, words: Words) -> list[str]:
    """Return what narrows these filters down besides their days and source; empty: nothing.

    >>> from smtpauth_kit.words.words import speak
    >>> active(Filters(domains=("contoso.com",), min_messages=5), speak("en"))
    ['Sender domain contoso.com', 'senders with at least 5 messages']
    """
    asked = _asked_for(filters)
    return [_filled(f.said, shown(f, value, words), words) for f, value in asked if f.said]


def chips(filters: Filters, words: Words) -> list[tuple[str, str]]:
    """Return what narrows these filters down besides their days: the name of each, and its text.

    >>> from smtpauth_kit.words.words import speak
    >>> chips(Filters(domains=("contoso.com",), source="report"), speak("en"))
    [('domains', 'contoso.com'), ('source', 'Source: report')]
    """
    texts = []
    for field, value in _asked_for(filters):
        key = field.said if field.chip is None else field.chip
        text = shown(field, value, words)
        texts.append((field.name, _filled(key, text, words) if key else text))
    return texts


def limits(filters: Filters, words: Words) -> list[str]:
    """Return the only domains, senders and conditions that these filters keep, as they were typed.

    >>> from smtpauth_kit.words.words import speak
    >>> limits(Filters(domains=("contoso.com",), min_messages=5), speak("en"))
    ['contoso.com', 'senders with at least 5 messages']
    """
    said = []
    for field, value in filters.asked():
        if field.kind is NUMBER:
            said.append(_filled(field.said, shown(field, value, words), words))
        elif field.about in ("senders", "rows"):
            said += field.kind.texts(value)
    return said


def shown(field: FilterField, value: Any, words: Words) -> str:
    """Return the value of a filter as a person reads it."""
    if field.kind is GROUPS:
        return conditions_text(value, words)
    if field.kind is NUMBER:
        return words(field.unit, n=value)
    if field.kind is CHOICE:
        return source_title(value, words)
    if field.kind is TENANTS:
        return ", ".join(tenant_title(tenant, words) for tenant in value)
    return ", ".join(map(show_invisible, field.kind.texts(value)))


def tenant_title(tenant: str, words: Words) -> str:
    """Return what a tenant is called; files that were loaded without one have none.

    >>> from smtpauth_kit.words.words import speak
    >>> tenant_title("contoso", speak("en")), tenant_title("", speak("en"))
    ('contoso', 'no tenant')
    """
    return show_invisible(tenant) or words("no tenant")


def source_title(source: str | None, words: Words) -> str:
    """Return what a source is called, or several that are added together.

    >>> from smtpauth_kit.words.words import speak
    >>> source_title("submission_log", speak("en"))
    'submission log'
    >>> source_title("server_log+submission_log", speak("en"))
    'server log + submission log'
    """
    if not source:
        return words("none")
    return " + ".join(words(each.replace("_", " ")) for each in source.split(TOGETHER))


def source_titles(sources: Iterable[str], words: Words) -> str:
    """Return what several sources are called."""
    return ", ".join(source_title(source, words) for source in sources)


def _asked_for(filters: Filters) -> list[tuple[FilterField, Any]]:
    """Return what is asked for but days and conditions on rows: whose messages, which source."""
    order = fields_about("tenants", "senders", "source", "days")
    asked = [(f, value) for f, value in filters.asked() if f in order and f.kind is not DAY]
    return sorted(asked, key=lambda each: order.index(each[0]))


def _filled(key: str, value: str, words: Words) -> str:
    """Return words that have one value in braces, whatever its name is there."""
    (name,) = re.findall(r"\{(\w+)\}", key)
    return words(key, **{name: value})

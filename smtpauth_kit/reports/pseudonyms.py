"""Pseudonyms: a person has another name, the same one in every report made with one key.

A name is a keyed hash (HMAC-SHA256) of the form in which the kit compares what it stands for.
Without the key nobody can find out whether a guessed address is the one behind a name.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filter_fields import (
    ADDRESS,
    CHOICE,
    CLAUSES,
    DAY,
    DOMAINS,
    GROUPS,
    NUMBER,
    TENANTS,
    ZONE,
    Kind,
)
from smtpauth_kit.base.secrets import NoKeyring, from_keyring, to_keyring
from smtpauth_kit.values import addresses
from smtpauth_kit.values.cells import Unfit

if TYPE_CHECKING:
    import pandas as pd

    from smtpauth_kit.answers import Scope
    from smtpauth_kit.answers.periods import Period
    from smtpauth_kit.base.conditions import Clause
    from smtpauth_kit.base.filters import Filters

VARIABLE: Final = "SMTPAUTH_PSEUDONYM_KEY"
_ENTRY: Final = "pseudonym-key"
_SHORTEST: Final = 16
_FEWEST: Final = 6
"""Different characters in a key: 16 random digits of base 16 have fewer once in 44,000 keys."""
_ORDER_OF_DAYS: Final = [
    "period_start", "period_end", "sender_address", "tls_version", "auth_protocol",
]  # fmt: skip
_ENDINGS: Final = frozenset(
    (".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".log", ".gz", ".zip", ".tar", ".xml")
)


@dataclass(frozen=True, repr=False)
class Pseudonyms:
    """Pseudonyms made with one key; with `domains`, domains get one too.

    Examples
    --------
    >>> names = Pseudonyms(b"a key of sixteen or more")
    >>> names.address("Scanner@Contoso.com") == names.address("scanner@contoso.com")
    True
    >>> names.address("scanner@contoso.com").partition("@")[2]
    'contoso.com'
    >>> Pseudonyms(b"a key of sixteen or more", domains=True).domain("contoso.com")
    'domain-dpvq7qbppj.example'
    """

    key: bytes
    domains: bool = False

    @property
    def option(self) -> str:
        """The option of the command line that asks for it."""
        return "--pseudonymise-domains" if self.domains else "--pseudonymise"

    @property
    def sentence(self) -> str:
        """What a report says of it, in English."""
        if self.domains:
            return "Names of persons, domains, files and tenants are pseudonyms."
        return "Names of persons, files and tenants are pseudonyms; domains are real."

    def name(self, kind: str, text: str) -> str:
        """Return the pseudonym of a text; of an empty one there is none."""
        if not text:
            return ""
        digest = hmac.digest(self.key, f"{kind}\0{text}".encode("utf-8", "replace"), "sha256")
        return f"{kind}-{base64.b32encode(digest).decode()[:10].lower()}"

    def domain(self, domain: str) -> str:
        """Return a domain's name; the domain itself where domains are kept."""
        key = addresses.domain_key(domain)
        return f"{self.name('domain', key)}.example" if self.domains and key else domain

    def tenant(self, tenant: str) -> str:
        """Return the pseudonym of a tenant; files without one have none."""
        return self.name("tenant", tenant)

    def address(self, address: str) -> str:
        """Return the name of an address or account, with its domain's."""
        try:
            form = addresses.account(address)
        except Unfit:
            return self.name("sender", address)  # A filter may ask for what can be no address.
        name = self.name("sender", form.key)
        return f"{name}@{self.domain(form.domain)}" if form.domain else name

    def file(self, path: str) -> str:
        """Return a file's name; only an ending that says what kind of file it is stays."""
        endings = [e for e in PurePosixPath(path.lower()).suffixes[-2:] if e in _ENDINGS]
        return self.name("file", path) + "".join(endings)

    def senders(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with a sender each, its address and domain renamed.

        Among equals their new names settle the order: the real ones would show through it.
        """
        named = {
            "sender_address": _renamed(rows["sender_address"], self.address),
            "sender_domain": _renamed(rows["sender_domain"], self.domain),
        }
        if "report_of" in rows:
            named["report_of"] = [t and self.name("tenant", t) for t in rows["report_of"]]
        renamed = rows.assign(**named)
        if "period_start" in rows:
            return renamed.sort_values(_ORDER_OF_DAYS, kind="stable", ignore_index=True)
        return renamed.sort_values(
            ["message_count", "sender_address"], ascending=[False, True], ignore_index=True
        )

    def figure(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return an answer with its senders and domains renamed; all others together have none.

        Among equals the new names settle the order, as for `senders`.
        """
        renamed = rows.copy()
        for column, name in (("sender_address", self.address), ("sender_domain", self.domain)):
            if column in rows:
                renamed[column] = rows[column].where(
                    rows[column].isna(), _renamed(rows[column], name)
                )
                renamed = _ordered(renamed, column)
        return renamed

    def files(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return loaded files with what the user or an export wrote renamed, or left out."""
        named = {
            "path": _renamed(rows["path"], self.file),
            "tenant": _renamed(rows["tenant"], lambda tenant: self.name("tenant", tenant)),
        }
        return rows.drop(columns=["warnings", "why"]).assign(**named)

    def filters(self, filters: Filters) -> Filters:
        """Return filters that name nobody; a text of a kind that is not known here is renamed."""
        renamed = {f.name: self._value(f.kind, value) for f, value in filters.asked()}
        return filters.changed(**renamed)

    def _value(self, kind: Kind, value: Any) -> Any:
        """Return the value of a filter, naming nobody."""
        if kind in (DAY, NUMBER, CHOICE, ZONE):
            return value
        if kind is CLAUSES:
            return tuple(map(self._clause, value))
        if kind is GROUPS:
            return tuple(tuple(map(self._clause, group)) for group in value)
        known = {ADDRESS: self.address, DOMAINS: self.domain, TENANTS: self.tenant}
        name = known.get(kind, self._text)
        return tuple(map(name, value)) if kind.repeats else name(value)

    def _text(self, text: str) -> str:
        return self.name("value", text)

    def periods(self, scope: Scope) -> dict[str, Any]:
        """Return the periods of a scope, their tenants renamed, by field."""

        def renamed(period: Period) -> Period:
            return replace(period, tenant=self.name("tenant", period.tenant))

        fields = ("outside_window", "overlapped", "counted")
        return {field: tuple(map(renamed, getattr(scope, field))) for field in fields}

    def _clause(self, clause: Clause) -> Clause:
        """Return a condition that names nobody: an amount or a day may stay."""
        rename = {"sender_address": self.address, "sender_domain": self.domain}.get(clause.field)
        if rename and clause.operator in ("=", "!="):
            return replace(clause, value=rename(clause.value))
        amount = clause.value.replace("-", "").replace(".", "")
        is_amount = not rename and amount.isascii() and amount.isdigit()
        return clause if is_amount else replace(clause, value=self._text(clause.value))


def _ordered(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an answer's rows in its own order, equals by their new names, all others last.

    An answer is by place and period (the busiest domains), by period, or busiest first.
    """
    if "place" in rows:
        total = rows.groupby("place")["message_count"].transform("sum")
        others = rows[name].isna()
        order = rows.assign(total=-total, others=others)
        order = order.sort_values(["others", "total", name, "period_start"], ignore_index=True)
        place = order[name].fillna("").ne(order[name].fillna("").shift()).cumsum()
        return order.assign(place=place).drop(columns=["total", "others"])
    if "period_start" in rows:
        return rows.sort_values(["period_start", "period_end", name], ignore_index=True)
    busiest = rows.assign(others=rows[name].isna(), fewest=-rows["message_count"])
    busiest = busiest.sort_values(["others", "fewest", name], ignore_index=True)
    return busiest.drop(columns=["others", "fewest"])


def from_settings(*, domains: bool = False) -> Pseudonyms:
    """Return pseudonyms under the user's key: of the environment, else of the keyring.

    Where the keyring holds none yet, one is made and kept there.

    Raises
    ------
    KitError
        There is no keyring, or the key is too short to be one.
    """
    key = os.environ.get(VARIABLE) or _key_of_keyring()
    if len(key) < _SHORTEST:
        raise KitError(
            "The key in {name} has {n} {n:character|characters}; a key that cannot be guessed has "
            "{least} or more. Make one: {command}",
            name=VARIABLE,
            n=len(key),
            least=_SHORTEST,
            command=_MAKE,
        )
    if len(set(key)) < _FEWEST:
        raise KitError(
            "The key in {name} is made of {n} different {n:character|characters}; a key that "
            "cannot be guessed has {least} or more. Make one: {command}",
            name=VARIABLE,
            n=len(set(key)),
            least=_FEWEST,
            command=_MAKE,
        )
    return Pseudonyms(key.encode(), domains)


_MAKE: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


def _key_of_keyring() -> str:
    try:
        key = from_keyring(_ENTRY)
        if key is None:
            key = secrets.token_urlsafe(32)
            to_keyring(_ENTRY, key)
    except NoKeyring as error:
        raise KitError(
            "Pseudonyms need a key that stays the same, and {why}. Make one ({command}), keep it "
            "where you keep secrets, and give it in the environment variable {name}.",
            why=error.sentence,
            command=_MAKE,
            name=VARIABLE,
        ) from None
    return key


def _renamed(column: pd.Series[Any], name: Callable[[str], str]) -> list[str]:
    """Return a column renamed, each different text once."""
    known = {text: name(str(text)) if text else "" for text in column.unique()}
    return [known[text] for text in column]

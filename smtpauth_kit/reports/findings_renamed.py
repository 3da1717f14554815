"""Findings with pseudonyms: their subjects, texts, evidence and ids name nobody.

The id of a finding is a hash of its subject, which anybody could make of a guessed one: it is
renamed too. Client addresses and programs lead to persons as names do. Numbers, times, countries
and networks of a provider (an ASN) stay; text of a kind that is not known here is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from smtpauth_kit.answers.findings.incidents import Incident, in_order
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import Proof
from smtpauth_kit.answers.findings.states import State
from smtpauth_kit.reports.pseudonyms import Pseudonyms

_KEPT: Final = frozenset((
    "limited", "result", "auth_protocol", "tls_version", "source", "file_id", "smtp_auth_disabled",
    "allow_legacy_tls",
))  # fmt: skip
"""Columns and values that are words of the kit."""

_ADDRESSES: Final = frozenset((
    "account", "sender_address", "address", "sender_key", "usual_name",
))  # fmt: skip

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
_CODE: Final = re.compile(r"[\d.]{1,12}|\?|")
_ASN: Final = re.compile(r"AS\d{1,10}")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_PROGRAMS: Final = frozenset(("BAV2ROPC", "CBAInPROD", "CBAInTAR"))
"""What Exchange Online itself says of a client: no text of the client's."""


class Renamer:
    """Gives what findings hold the names of one key.

    Examples
    --------
    >>> names = Renamer(Pseudonyms(b"a key of sixteen or more"))
    >>> names.places("203.0.113.166 (NG, AS64501)")
    'address-fwo3767qsm (NG, AS64501)'
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._names = pseudonyms

    def incidents(self, found: Iterable[Incident]) -> tuple[Incident, ...]:
        """Return incidents renamed; among equals the new names settle the order."""
        return tuple(in_order(map(self.incident, found)))

    def incident(self, incident: Incident) -> Incident:
        """Return an incident renamed, with all its findings."""
        own = map(self.finding, incident.findings)
        related = map(self.finding, incident.related)
        return replace(
            incident,
            incident_id=self.id(incident.incident_id),
            tenant=self._tenant(incident.tenant),
            subject=self._subject(incident.subject_kind, incident.subject),
            findings=tuple(sorted(own, key=_when)),
            related=tuple(sorted(related, key=lambda each: each.subject)),
        )

    def finding(self, finding: Finding) -> Finding:
        """Return a finding renamed."""
        values = {name: self._value(name, value) for name, value in finding.values.items()}
        return replace(
            finding,
            finding_id=self.id(finding.finding_id),
            incident_id=self.id(finding.incident_id),
            tenant=self._tenant(finding.tenant),
            subject=self._subject(finding.subject_kind, finding.subject),
            accounts=self._accounts(finding),
            values=values,
        )

    def states(self, said: Mapping[str, State], note: str) -> dict[str, State]:
        """Return what was said of findings; `note` stands for any text that a person wrote."""
        return {
            self.id(key): replace(state, note=note if state.note else "")
            for key, state in said.items()
        }

    def proof(self, proof: Proof) -> Proof:
        """Return what proves a finding, renamed; its days are figures."""
        rows, finding = proof.evidence, self.finding(proof.finding)
        evidence = replace(
            rows,
            finding=finding,
            messages=self.frame(rows.messages),
            sign_ins=self.frame(rows.sign_ins),
            settings=self.frame(rows.settings),
        )
        return replace(
            proof,
            finding=finding,
            places=self.frame(proof.places),
            sign_ins=self.frame(proof.sign_ins),
            evidence=evidence,
        )

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of evidence renamed, in an order that their old names do not show through."""
        if rows.empty:
            return rows
        renamed = rows.assign(**{
            str(name): [self._cell(str(name), cell) for cell in rows[name]]
            for name in rows.columns
        })  # fmt: skip
        return _in_blocks(rows, renamed)

    def places(self, text: str) -> str:
        """Return a text of an address, a country and a network with each part renamed."""
        return re.sub(r"[^\s,()]+", lambda part: self._part(part[0]), text)

    # --- one value -----------------------------------------------------------------------------

    def _accounts(self, finding: Finding) -> tuple[str, ...]:
        """Return the accounts of a finding: those that got in first, as before."""
        first = int(finding.values.get("user_count", 0))
        own = [self._address(each) for each in finding.accounts]
        return *sorted(own[:first]), *sorted(own[first:])

    def _cell(self, name: str, cell: Any) -> Any:
        if isinstance(cell, list):
            return sorted(self._text(name, str(each)) for each in cell)
        return self._text(name, cell) if isinstance(cell, str) else cell

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(name, each) for each in value]
        return self._text(name, value) if isinstance(value, str) else value

    def _text(self, name: str, text: str) -> str:
        if name in _KEPT or _TIME.fullmatch(text):
            return text
        if name in _ADDRESSES:
            return self._address(text)
        return _BY_NAME.get(name, _other)(self, text)

    def _subject(self, kind: str, subject: str) -> str:
        if kind in ("sender", "account"):
            return self._address(subject)
        return self._part(subject) if kind == "client_ip" else self._tenant(subject)

    def _part(self, text: str) -> str:
        """Return an address, a network or a country: what leads to no person stays."""
        if _ASN.fullmatch(text) or _COUNTRY.fullmatch(text) or text == "?":
            return text
        return self._names.name("address", text)

    def _network(self, text: str) -> str:
        return text if text.isascii() and text.isdigit() else self._part(text)

    def _address(self, address: str) -> str:
        return self._names.address(address) if address else ""

    def _tenant(self, tenant: str) -> str:
        return self._names.name("tenant", tenant)

    def id(self, text: str) -> str:
        """Return the id of a finding or an incident renamed."""
        return self._names.name("finding", text)

    def _code(self, text: str) -> str:
        return text if _CODE.fullmatch(text) else self._names.name("code", text)

    def _program(self, text: str) -> str:
        return text if text in _PROGRAMS else self._names.name("program", text)

    def _any(self, text: str) -> str:
        return self._names.name("value", text)


_BY_NAME: Final[Mapping[str, Callable[[Renamer, str], str]]] = {
    **dict.fromkeys(("client_ip", "client_ips", "country", "home_country"),
                    Renamer._part),
    **dict.fromkeys(("place", "where_from"), Renamer.places),
    "error_code": Renamer._code,
    "user_agent": Renamer._program,
    "network": Renamer._network,
    "tenant": Renamer._tenant,
}  # fmt: skip
_other: Final = Renamer._any


def _when(finding: Finding) -> tuple[Any, ...]:
    """Return what puts the findings of an incident in order of time."""
    return finding.first_seen, finding.last_seen, finding.rule, finding.subject


def _in_blocks(rows: pd.DataFrame, renamed: pd.DataFrame) -> pd.DataFrame:
    """Return renamed rows in the order of the rows; those that names alone kept apart by new ones.

    Rows that follow one another and have the same figures and times stood by name.
    """
    told = [name for name in rows.columns if renamed[name].equals(rows[name])]
    named = [name for name in rows.columns if name not in told]
    if not named:
        return renamed
    shown = rows[told].astype(str)
    block = shown.ne(shown.shift()).any(axis=1).cumsum()
    order = renamed[named].astype(str).assign(_block=block)
    places = order.sort_values(["_block", *named], kind="stable").index
    return renamed.loc[places].reset_index(drop=True)

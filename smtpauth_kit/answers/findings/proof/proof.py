"""What proves a finding beside its own rows: days, places, sign-ins, and who else was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from smtpauth_kit.answers.counting import of_sources
from smtpauth_kit.answers.findings.evidence import EVERY, Evidence, evidence_of
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import literal, sql_text
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd

    from smtpauth_kit.answers.choosing import Sources

_FOLDER: Final = "answers/findings/proof"
_EPOCH: Final = dt.date(1970, 1, 1)

DAYS_BEFORE: Final = 56
"""Days shown before a finding: eight of each weekday tell what is usual."""
DAYS_AFTER: Final = 14
"""Days shown after it: whether it goes on."""
SIGN_IN_DAYS: Final = 7
"""Days before a finding whose sign-ins are shown: a stolen password is used within the week."""


@dataclass(frozen=True)
class Proof:
    """What there is beside a finding."""

    finding: Finding
    counts: Literal["messages", "sign_ins"]
    """What `days` count."""
    days: pd.DataFrame
    """One row per covered day around it: day, message_count, success_count, failure_count, and what
    is usual on its weekday: low, high (None where no other day tells)."""
    places: pd.DataFrame
    """One row per network and country of the subject, as `places.sql` has them; none of a tenant.
    Of a client address: who used it or failed there, as `who_was_there`."""
    sign_ins: pd.DataFrame
    """As `sign_ins_around.sql`, of the finding's days and the `SIGN_IN_DAYS` before them."""
    evidence: Evidence
    """The rows that the rule went by."""


@of_tenants
def proof(engine: Engine, finding: Finding, filters: Filters = ALL) -> Proof:
    """Return what proves a finding: its subject's days, networks and sign-ins around it.

    Days are of UTC. Everything is of the sources that the finding is of.
    """
    return _proof(_Asked(engine, filters), finding)


@of_tenants
def proofs(
    engine: Engine, findings: Iterable[Finding], filters: Filters = ALL, most: int = EVERY
) -> list[Proof]:
    """Return what proves each of these findings, with the first `most` rows of its evidence.

    What their statements read is prepared once for all of them.

    Raises
    ------
    UsageError
        There is no such finding in these data.

    Examples
    --------
    >>> proofs(store, [])
    []
    """
    asked, wanted = _Asked(engine, filters), list(findings)
    if engine.keeps_tables and len(wanted) > 1:
        for name in _READ:
            asked.inputs.make(name)
    return [_proof(asked, finding, most) for finding in wanted]


_READ: Final = ("account_places", "message_places", "networks", "address_countries")
"""Relations that the statements of this folder read."""


def _proof(asked: _Asked, finding: Finding, most: int = EVERY) -> Proof:
    return Proof(
        finding,
        counted_by(finding),
        _days(asked, finding),
        _places(asked, finding),
        _sign_ins(asked, finding),
        evidence_of(asked.engine, finding, asked.filters, most),
    )


def counted_by(finding: Finding) -> Literal["messages", "sign_ins"]:
    """Return what the days of a finding count: what its rule goes by."""
    return "sign_ins" if RULES[finding.rule].evidence == "sign_ins" else "messages"


def around(finding: Finding) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that are shown of a finding."""
    before, after = dt.timedelta(days=DAYS_BEFORE), dt.timedelta(days=DAYS_AFTER)
    return finding.first_seen.date() - before, finding.last_seen.date() + after


@of_tenants
def who_was_there(
    engine: Engine, client_ip: str = "", network: str = "", filters: Filters = ALL,
    country: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Return which accounts used a client address, a network or a country, or failed there.

    Returns
    -------
    DataFrame
        One row per tenant, account and client address, those who got in or sent first: tenant,
        account (lower case), client_ip, network, country, used_days, message_count, success_count,
        failure_count (a failed sign-in is no use), first_at and last_at (UTC). Only what has a time
        counts. A network is an ASN (`AS64501`), or a /16 or /48 where none is told.

    Examples
    --------
    >>> there = who_was_there(store, client_ip="192.0.2.25")
    >>> there[["account", "used_days", "message_count"]].values.tolist()
    [['scanner@contoso.com', 1, 2]]
    """
    asked = _Asked(engine, filters)
    place = {"client_ip": client_ip, "network": network, "country": country}
    return asked.rows("who_was_there", place)


class _Asked:
    """Statements of this folder, over what counts in a source."""

    def __init__(self, engine: Engine, filters: Filters) -> None:
        by_source = filters.source != "auto"
        counts = of_sources(engine, filters.source) if by_source else None
        self.engine, self.filters, self.inputs = engine, filters, Inputs(engine, counts)

    def rows(self, name: str, params: dict[str, Any], **more: str) -> pd.DataFrame:
        self.inputs.relations.update(more)
        return self.engine.run(self.inputs.complete(sql_text(name, _FOLDER)), params)


def _days(asked: _Asked, finding: Finding) -> pd.DataFrame:
    counted = counted_by(finding)
    sources = asked.inputs.sign_in_sources if counted == "sign_ins" else asked.inputs.sources
    happened = sql_text("sign_in_days" if counted == "sign_ins" else "message_days", _FOLDER)
    first, last = around(finding)
    params = {
        **_subject(finding),
        **_numbers(finding),
        "from_number": _number(first),
        "to_number": _number(last),
    }
    rows = asked.rows("days", params, happened=_body(happened), proof_sources=_listed(sources))
    days = [_EPOCH + dt.timedelta(days=int(number)) for number in rows.pop("day_number")]
    rows.insert(0, "day", days)
    return rows


def _places(asked: _Asked, finding: Finding) -> pd.DataFrame:
    if finding.subject_kind == "client_ip":
        place = {"client_ip": finding.subject, "network": "", "country": ""}
        return asked.rows("who_was_there", place)
    import pandas as pd

    if finding.subject_kind == "tenant":
        return pd.DataFrame()
    accounts = [finding.subject]
    if finding.subject_kind == "sender":
        of_sender = {"tenant": finding.tenant, "subject": finding.subject}
        accounts += asked.rows("accounts", of_sender)["account_key"].tolist()
    params = {"tenant": finding.tenant, "accounts": accounts, **_numbers(finding)}
    return asked.rows("places", params)


def _sign_ins(asked: _Asked, finding: Finding) -> pd.DataFrame:
    first, last = sign_in_days(finding)
    midnight = dt.time()
    params = {
        **_subject(finding),
        "from_at": dt.datetime.combine(first, midnight),
        "to_at": dt.datetime.combine(last + dt.timedelta(days=1), midnight),
    }
    return asked.rows("sign_ins_around", params)


def sign_in_days(finding: Finding) -> tuple[dt.date, dt.date]:
    """Return the first and the last day whose sign-ins are shown of a finding."""
    before = dt.timedelta(days=SIGN_IN_DAYS)
    return finding.first_seen.date() - before, finding.last_seen.date()


def _subject(finding: Finding) -> dict[str, Any]:
    return {"tenant": finding.tenant, "kind": finding.subject_kind, "subject": finding.subject}


def _numbers(finding: Finding) -> dict[str, int]:
    return {
        "first_number": _number(finding.first_seen.date()),
        "last_number": _number(finding.last_seen.date()),
    }


def _number(day: dt.date) -> int:
    return (day - _EPOCH).days


def _listed(sources: Sources) -> str:
    """Return the relation of the sources whose files say which days are covered."""
    pairs = [
        f"select {literal(tenant)} as tenant, {literal(source)} as source"
        for tenant, source in sources or (("", ""),)
    ]
    return "\nunion all ".join(pairs)


def _body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()

"""The filters of a question: what it is asked about, one entry for each field."""

from __future__ import annotations

import datetime as dt
import inspect
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from smtpauth_kit.base.conditions import Clause, Groups, both
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import (
    ADDRESS,
    CHOICE,
    CLAUSES,
    DAY,
    DOMAINS,
    GROUPS,
    NUMBER,
    TENANTS,
    TEXTS,
    ZONE,
    About,
    FilterField,
    entry,
)
from smtpauth_kit.base.names import SOURCES, SUBMISSION_SOURCES


@dataclass(frozen=True)
class Filters:
    """What a question is asked about. Equal filters give equal answers.

    Examples
    --------
    >>> Filters(domains=("contoso.com",)).changed(sender="scanner@contoso.com").sender
    'scanner@contoso.com'
    """

    start: dt.date | None = field(default=None, metadata=entry(DAY, "days", "First day, included."))
    """First day, included. None: `DEFAULT_DAYS` days that end on `end`."""
    end: dt.date | None = field(default=None, metadata=entry(DAY, "days", "Last day, included."))
    """Last day, included. None: `as_of`, else the newest day loaded."""
    as_of: dt.date | None = field(
        default=None, metadata=entry(DAY, "days", "The day “last 7 days” ends on.")
    )
    """The day the default range ends on, in place of the newest day loaded."""
    tenants: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TENANTS, "tenants", "A tenant, as its files were loaded with --tenant; repeat it.",
            parameter="tenant", said="Tenant: {tenants}",
        ),
    )  # fmt: skip
    """Tenants, as their files were loaded; empty means all, "" is that of files without one. Each
    question is answered as if no other tenant were loaded."""
    domains: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            DOMAINS, "senders", "A sender domain; repeat it.",
            parameter="domain", said="Sender domain {domains}", chip="",
            of_messages="array_contains($domains, sender_domain)",
            of_sign_ins="array_contains($domains, split_part(account_key, '@', 2))",
        ),
    )  # fmt: skip
    """Sender domains; empty means all."""
    sender: str | None = field(
        default=None,
        metadata=entry(
            ADDRESS, "senders", "One sender address.", said="Sender {address}", chip="",
            of_messages="sender_key = $sender",
            # Who signs in for a sender may have another name: the log says which.
            of_sign_ins="(account_key = $sender or account_key in (select account_key from "
            "submissions where sender_key = $sender and account_key <> ''))",
            told_by="sender",
        ),
    )  # fmt: skip
    """One sender address; case and the form of its domain do not matter."""
    source: str = field(
        default="auto",
        metadata=entry(
            CHOICE, "source", f"auto, {', '.join(SOURCES)}.",
            chip="Source: {source}", label="Source",
            choices=SUBMISSION_SOURCES, unchosen="The one that knows most",
        ),
    )  # fmt: skip
    """One of SOURCES, or "auto": of those that count most in the range, the one that knows most."""
    timezone: str = field(
        default="UTC",
        metadata=entry(
            ZONE, "days", "Whose days count; UTC if not said.",
            said="days of {timezone}", chip="days are {timezone}",
        ),
    )  # fmt: skip
    """IANA zone whose days count. Reports keep the days they were exported for."""
    min_messages: int = field(
        default=0,
        metadata=entry(
            NUMBER, "senders", "Leave out senders with fewer.",
            said="senders with at least {messages}", unit="{n} messages",
            label="Leave out senders with fewer messages than",
        ),
    )  # fmt: skip
    """Senders with fewer messages in the range are left out."""
    where: tuple[Clause, ...] = field(
        default=(), metadata=entry(CLAUSES, "rows", '"FIELD OP VALUE" on a column; repeat it.')
    )
    """Conditions on the columns of the answer, all of which must hold."""
    senders: Groups = field(
        default=(),
        metadata=entry(
            GROUPS, "senders", 'Which senders: "FIELD OP VALUE and … or …" on their columns.',
            said="senders of whom {conditions}", chip="Senders: {conditions}",
        ),
    )  # fmt: skip
    """Which senders: groups of conditions on the columns of the answer `senders`. All conditions
    of one group must hold, one group is enough, none means everyone. Every figure of every answer
    is of these senders."""

    rules: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "findings", "Of findings: those of a rule; repeat it.", parameter="rule"
        ),
    )  # fmt: skip
    """Findings: rules by their names; empty means all."""
    severities: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "findings", "Of findings: high, medium or low; repeat it.", parameter="severity"
        ),
    )  # fmt: skip
    """Findings: high, medium, low; empty means all."""
    state: str = field(
        default="all",
        metadata=entry(
            CHOICE, "findings", "Of findings: new, acknowledged, allowed or all.",
        ),
    )  # fmt: skip
    """Findings: new, acknowledged, allowed, or all."""
    off: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "switch_off",
            "Of switch-off: basic, legacy_tls, no_tls or switch goes off; repeat it.",
        ),
    )  # fmt: skip
    """Switch-off: what goes off; empty means Basic auth."""
    on: dt.date | None = field(
        default=None,
        metadata=entry(DAY, "switch_off", "Of switch-off: the day on which it goes off."),
    )
    """Switch-off: the day; None: the day of retirement."""

    client_ips: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "places", "Of who-else: a client IP; repeat it.", parameter="client_ip"
        ),
    )  # fmt: skip
    """Who else: client IP addresses; empty means any."""
    networks: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "places", "Of who-else: a network (AS64496); repeat it.", parameter="network"
        ),
    )  # fmt: skip
    """Who else: networks, as autonomous system numbers, or a /16 or /48; empty means any."""
    countries: tuple[str, ...] = field(
        default=(),
        metadata=entry(TEXTS, "places", "Of who-else: a country; repeat it.", parameter="country"),
    )
    """Who else: countries as the log has them, in any case; empty means any."""
    accounts: tuple[str, ...] = field(
        default=(),
        metadata=entry(
            TEXTS, "places", "Of who-else: an account, for those that share its addresses; "
            "repeat it.", parameter="account",
        ),
    )  # fmt: skip
    """Who else: accounts whose client IP addresses others used too; empty means none."""

    def changed(self, **fields_: Any) -> Filters:
        """Return these filters with some fields replaced."""
        return Filters(**{**self.as_dict(), **fields_})

    def of_everyone(self) -> Filters:
        """Return these filters for all senders: the same days and source.

        Examples
        --------
        >>> Filters(domains=("contoso.com",), min_messages=5).of_everyone() == Filters()
        True
        """
        return self.changed(**{each.name: each.default for each in fields_about("senders")})

    def on_senders(self) -> Filters:
        """Return these filters with the conditions of `where` as ones on senders.

        Examples
        --------
        >>> Filters(where=(Clause("basic_count", ">", "0"),)).on_senders().senders
        ((Clause(field='basic_count', operator='>', value='0'),),)
        """
        return self.changed(senders=both(self.senders, self.where), where=())

    def asked(self) -> list[tuple[FilterField, Any]]:
        """Return the entries of what is asked for, each with its value.

        >>> [(field.option, value) for field, value in Filters(min_messages=5).asked()]
        [('--min-messages', 5)]
        """
        values = ((each, getattr(self, each.name)) for each in FIELDS)
        return [(each, value) for each, value in values if value != each.default]

    def options(self) -> list[tuple[str, str]]:
        """Return what is asked for as options of the command line, each with its value.

        >>> Filters(domains=("a.example", "b.example")).options()
        [('--domain', 'a.example'), ('--domain', 'b.example')]
        """
        return [(each.option, text) for each, v in self.asked() for text in each.kind.texts(v)]

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are asked for, as JSON can hold them.

        >>> Filters(start=dt.date(2026, 11, 16), domains=("contoso.com",)).to_json()
        {'start': '2026-11-16', 'domains': ['contoso.com']}
        """
        return {each.name: each.kind.plain(value) for each, value in self.asked()}

    @staticmethod
    def from_json(kept: dict[str, Any]) -> Filters:
        """Return the filters that :meth:`to_json` kept.

        Raises
        ------
        UsageError
            It is not what :meth:`to_json` returns.

        Examples
        --------
        >>> kept = filters(senders="basic_count > 0", min_messages=5).to_json()
        >>> Filters.from_json(kept).min_messages
        5
        """
        kinds = {each.name: each.kind for each in FIELDS}
        try:
            read = Filters(**{name: kinds[name].read(value) for name, value in kept.items()})
        except (TypeError, AttributeError, KeyError, ValueError):
            raise UsageError("What was kept are no filters.") from None
        if read.min_messages < 0:
            raise UsageError("What was kept are no filters.")
        return read

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, as they are."""
        return {each.name: getattr(self, each.name) for each in FIELDS}


FIELDS: Final[tuple[FilterField, ...]] = tuple(
    replace(
        each.metadata["entry"],
        name=each.name,
        default=each.default,
        parameter=each.metadata["entry"].parameter or each.name,
    )
    for each in fields(Filters)
)
"""Every filter, in the order of the options."""

ALL: Final = Filters()
"""Everyone, of the last days loaded."""


def fields_about(*about: About) -> list[FilterField]:
    """Return the filters that choose these things, those of the first one first."""
    return [each for one in about for each in FIELDS if each.about == one]


def filters(**asked: Any) -> Filters:
    """Return filters from what a notebook's parameters can hold: text, lists of text, or nothing.

    Raises
    ------
    UsageError
        A day is not written as 2026-11-16, or what should be a condition is none.

    Examples
    --------
    >>> filters(domain="contoso.com", start="2026-11-16").start
    datetime.date(2026, 11, 16)
    >>> filters(senders="tls_1_0_count > 0 or basic_count >= 100").senders[0]
    (Clause(field='tls_1_0_count', operator='>', value='0'),)
    """
    known = {each.parameter: each for each in FIELDS}
    if unknown := [name for name in asked if name not in known]:
        raise TypeError(f"There is no filter {unknown[0]!r}. There are: {', '.join(known)}.")
    given = {known[name]: value for name, value in asked.items() if value is not None}
    values = {each.name: each.kind.read(value) for each, value in given.items()}
    # Nothing chosen in a notebook is an empty text.
    domains = tuple(filter(None, values.pop("domains", ())))
    return Filters(domains=domains, **values)


# A notebook shows what there is to ask for.
filters.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [inspect.Parameter(each.parameter, inspect.Parameter.KEYWORD_ONLY, default=None)
     for each in FIELDS], return_annotation=Filters,
)  # fmt: skip

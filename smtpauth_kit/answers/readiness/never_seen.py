"""The answer `never-seen`: mailboxes that may use SMTP AUTH and did not, to be closed today."""

from __future__ import annotations

from typing import Any, Final

from smtpauth_kit.answers.coverage import loaded_sign_ins
from smtpauth_kit.answers.kept_days import are_spans_kept
from smtpauth_kit.answers.readiness.relations import rows_of
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.filters import ALL
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.values import addresses

COLUMNS: Final = (
    "address", "display_name", "allowed", "setting_day", "failed_sign_in_count", "tenant",
)  # fmt: skip


@tabled
def never_seen(engine: Engine, scope: Scope) -> Rows:
    """Return the mailboxes that may use SMTP AUTH and did not on any day loaded, of any source.

    A message with the mailbox as sender or account is use, and so is a successful sign-in; a failed
    one is not. Of the filters the sender and the domains count; the range does not.

    Returns
    -------
    DataFrame
        One row per mailbox, in the order of addresses.

        ====================  ====================================================================
        address               as the newest export of its setting has it
        display_name          empty where the export does not say
        allowed               allowed (its own setting), or inherits_allowed (the tenant's)
        setting_day           day of that export
        failed_sign_in_count  attempts that somebody made at it; None: no sign-ins are loaded
        tenant                the label it was loaded with; empty where there is none
        ====================  ====================================================================

        Mailboxes that inherit and whose tenant's setting is not loaded are in none of the rows:
        :func:`beside_never_seen` counts them.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> len(never_seen(store, readiness_scope(store)))
    0
    """
    knows_failures = bool(loaded_sign_ins(engine, ALL)[0])
    rows = [
        {
            "address": row.address,
            "display_name": row.display_name,
            "allowed": row.allowed,
            "setting_day": row.setting_day,
            "failed_sign_in_count": int(row.failure_count or 0) if knows_failures else None,
            "tenant": row.tenant,
        }
        for row in _asked(engine, scope)
        if row.allowed != "unknown"
    ]
    return Rows.of_records(COLUMNS, rows)


def _asked(engine: Engine, scope: Scope) -> list[Any]:
    found: list[Any] = engine.found_once(
        ("never_seen",),
        lambda: rows_of(engine, "never_seen", scope, as_kept=are_spans_kept(engine)).named(),
    )
    domains = {addresses.domain_key(domain) for domain in scope.filters.domains}
    key = addresses.account(scope.filters.sender)[1] if scope.filters.sender else None
    return [
        row
        for row in found
        if (not domains or row.address_key.rpartition("@")[2] in domains)
        and key in (None, row.address_key)
    ]


def beside_never_seen(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return unknown_count (mailboxes of which the tenant's setting would say) and a statement."""
    found = _asked(engine, scope)
    unknown = sum(row.allowed == "unknown" for row in found)
    statement = Sentence(
        "Mailboxes that may use SMTP AUTH and did not on the days loaded: {n}. Not known for "
        "lack of the tenant's setting: {unknown}.",
        n=len(found) - unknown,
        unknown=unknown,
    )
    if not rows_of(engine, "mailbox_count", scope).first()["mailbox_count"]:
        statement = Sentence("No settings of mailboxes are loaded (Get-CASMailbox).")
    return {"unknown_count": unknown, "statement": statement}

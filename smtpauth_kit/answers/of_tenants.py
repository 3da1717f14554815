"""The facts of some tenants alone: what is asked of them is answered as if no other were loaded.

A tenant is the label that files were loaded with. No figure of one depends on another: its days,
its source, what its findings are judged by are those of a store that holds nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from smtpauth_kit.answers.composing import parted, without_texts
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T")
_Ask = TypeVar("_Ask", bound=Callable[..., Any])

_TABLES: Final = (
    "submissions", "sign_ins", "mail_context", "mailbox_settings", "connector_volume",
    "source_files", "daily_by_sender", "daily_by_domain", "daily_by_place", "daily_by_hour",
    "daily_by_recipient_domain", "daily_by_attempt", "span_by_place", "span_by_hour",
    "span_by_recipient_domain", "span_by_attempt", "changed_periods",
)  # fmt: skip
"""The tables with a row's tenant that answers read."""

_READ: Final = re.compile(rf"\b(?:from|join) ((?:all_)?(?:{'|'.join(_TABLES)}))\b")
_LISTED: Final = 20
"""So many tenants are named where one is asked for that is not there."""


class OfTenants(Engine):
    """An engine that knows some tenants alone.

    Examples
    --------
    >>> OfTenants(store, ("contoso",)).rows("select count(*) as n from submissions").first()["n"]
    0
    >>> OfTenants(store, ("",)).rows("select count(*) as n from submissions").first()["n"]
    3
    """

    def __init__(self, engine: Engine, tenants: Sequence[str]) -> None:
        self._whole, self._tenants = engine.whole, tuple(sorted(set(tenants)))
        self.tenants = self._tenants
        self.settings_place = engine.settings_place
        self.edition = f"{engine.edition} {self.tenants}"

    @property
    def whole(self) -> Engine:
        """The engine that knows every tenant."""
        return self._whole

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one statement on the rows of these tenants."""
        return self._whole.run(*narrowed(sql, params or {}, self._tenants))

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement on the rows of these tenants, as plain values."""
        return self._whole.rows(*narrowed(sql, params or {}, self._tenants))

    @contextmanager
    def _asking(self, check: Callable[[], None]) -> Iterator[Engine]:
        with self.whole.asking(check) as session:
            yield OfTenants(session, self._tenants)

    def asking(self, check: Callable[[], None] = lambda: None) -> AbstractContextManager[Engine]:
        """Ask several things of these tenants' facts as they are now."""
        return self._asking(check)

    def found_once(self, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
        """Return what `find` finds out about these tenants."""
        return self.whole.found_once(("of_tenants", repr(self.tenants), *key), find)

    def edition_now(self) -> str:
        """Return what names the state of the facts now."""
        return self.whole.edition_now()

    def interrupt(self) -> None:
        """Stop the statement under way."""
        self.whole.interrupt()


def narrowed(
    sql: str, params: Mapping[str, Any], tenants: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """Return a statement that reads the rows of some tenants alone, and its parameters.

    Examples
    --------
    >>> print(narrowed("select count(*) from sign_ins", {}, ("contoso",))[0])
    with sign_ins as (
        select * from sign_ins where tenant in (select unnest($of_tenants))
    )
    select count(*) from sign_ins
    """
    tables = sorted(set(_READ.findall(without_texts(sql))))
    if not tables:
        return sql, dict(params)
    header, body = parted(sql)
    rows = ", ".join(
        f"{name} as (\n    select * from {name} where tenant in (select unnest($of_tenants))\n)"
        for name in tables
    )
    rest = f", {body.removeprefix('with ')}" if body.startswith("with ") else f"\n{body}"
    return f"{header}with {rows}{rest}", {**params, "of_tenants": list(tenants)}


def loaded_tenants(engine: Engine) -> tuple[str, ...]:
    """Return the tenants that files were loaded with, in order; "" is that of files without one.

    Examples
    --------
    >>> loaded_tenants(store)
    ('',)
    """
    sql = "select distinct tenant from source_files order by tenant"
    return engine.found_once(("tenants",), lambda: tuple(engine.rows(sql)["tenant"]))


def only(engine: Engine, tenants: Sequence[str]) -> Engine:
    """Return an engine that knows these tenants alone; of none named, all that it knew before.

    Raises
    ------
    UsageError
        A tenant is not there.

    Examples
    --------
    >>> only(store, ()) is store
    True
    >>> only(store, ("fabrikam",))
    Traceback (most recent call last):
    smtpauth_kit.base.errors.UsageError: No file is loaded with the tenant 'fabrikam'. There is: ''.
    """
    if not tenants or tuple(sorted(set(tenants))) == engine.tenants:
        return engine
    known = loaded_tenants(engine)
    if missing := sorted(set(tenants) - set(known)):
        raise _unknown(missing[0], known)
    return OfTenants(engine, tenants)


def _unknown(missing: str, known: Sequence[str]) -> UsageError:
    named = [*map(repr, known[:_LISTED]), *(["\u2026"] if len(known) > _LISTED else [])]
    if not known:
        return UsageError("No file is loaded, of the tenant {tenant} or any.", tenant=repr(missing))
    return UsageError(
        "No file is loaded with the tenant {tenant}. {n:There is|There are}: {known}.",
        tenant=repr(missing),
        n=len(known),
        known=named,
    )


def of_tenants(ask: _Ask) -> _Ask:
    """Let a function be about the tenants that its filters name, all at one moment of the facts.

    Its first argument is an engine; one of the others is filters, or a scope that has them. Every
    function that is asked with filters has this, or is called by one that has: nothing else narrows
    figures to a tenant.

    Examples
    --------
    >>> @of_tenants
    ... def tenants_known(engine, filters):
    ...     return loaded_tenants(engine)
    >>> tenants_known(store, Filters(tenants=("",)))
    ('',)
    """

    @wraps(ask)
    def asked(engine: Engine, *args: Any, **named: Any) -> Any:
        with engine.asking() as same:
            return ask(only(same, _tenants((*args, *named.values()))), *args, **named)

    return cast(_Ask, asked)


def _tenants(given: Iterable[Any]) -> tuple[str, ...]:
    """Return the tenants that the filters among some arguments name."""
    for each in given:
        if isinstance(each, Filters | Scope):
            return (each.filters if isinstance(each, Scope) else each).tenants
    return ()

"""An answer as plain rows or as a DataFrame: from one function, whichever is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.collecting import uncollected
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

_Asked = ParamSpec("_Asked")


class Table(Protocol):
    """The rows of an answer, not yet in a form."""

    def plain(self) -> Rows:
        """Return them as Python's own values."""

    def frame(self) -> pd.DataFrame:
        """Return them as a DataFrame."""


@dataclass(frozen=True)
class OfStatement:
    """What one statement answers: an engine hands large DataFrames over faster than plain rows."""

    engine: Engine
    sql: str
    params: Mapping[str, Any]

    def plain(self) -> Rows:
        """Return the rows of the statement as plain values."""
        return self.engine.rows(self.sql, self.params)

    def frame(self) -> pd.DataFrame:
        """Return the rows of the statement, with the types that :meth:`Engine.run` promises."""
        return self.engine.run(self.sql, self.params)


@dataclass(frozen=True)
class Either:
    """What is made in two ways, where one of them would be slow for the other."""

    plain: Callable[[], Rows]
    frame: Callable[[], pd.DataFrame]


def asked(engine: Engine, name: str, scope: Scope, **more: Any) -> OfStatement:
    """Return what an answer's SQL tells in a scope; `more` are parameters of its own."""
    sql, params = statement(name, scope.filters, {**scope.params(), **more})
    return OfStatement(engine, sql, params)


class tabled(Generic[_Asked]):
    """A function that answers with a DataFrame; its `plain` answers with plain rows.

    Its statements are answered at one moment of the facts, of the tenants that its scope names.

    Examples
    --------
    >>> from smtpauth_kit.answers.volume import sending_volume
    >>> scope = settle_scope(store)
    >>> sending_volume(store, scope)["message_count"].tolist()
    [2, 1]
    >>> sending_volume.plain(store, scope)["message_count"]
    [2, 1]
    """

    def __init__(self, ask: Callable[_Asked, Table]) -> None:
        def frame(*args: _Asked.args, **named: _Asked.kwargs) -> pd.DataFrame:
            with uncollected():
                return ask(*args, **named).frame()

        def plain(*args: _Asked.args, **named: _Asked.kwargs) -> Rows:
            with uncollected():
                return ask(*args, **named).plain()

        self._frame, self._plain = of_tenants(frame), of_tenants(plain)
        update_wrapper(self, ask)

    def __call__(self, *args: _Asked.args, **named: _Asked.kwargs) -> pd.DataFrame:
        """Return the answer as a DataFrame."""
        return self._frame(*args, **named)

    def plain(self, *args: _Asked.args, **named: _Asked.kwargs) -> Rows:
        """Return the answer as plain rows."""
        return self._plain(*args, **named)

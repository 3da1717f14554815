"""The trait that holds the filters of a screen."""

from __future__ import annotations

from typing import Any

import traitlets as T

from smtpauth_kit.base.filters import Filters


class _ScreenFilters(T.Instance):  # type: ignore[misc]
    klass = Filters

    def __init__(self, *, of_rows: bool = False) -> None:
        self._of_rows = of_rows
        super().__init__()

    def validate(self, obj: Any, value: Any) -> Filters:
        filters: Filters = super().validate(obj, value)
        return filters if self._of_rows else filters.on_senders()


def screen_filters(*, of_rows: bool = False) -> Any:
    """Return the trait of a screen's filters.

    Conditions on the rows of an answer become conditions on senders: a screen shows many answers.
    They stay as they are with `of_rows`, where a screen has one list that they choose from.

    >>> from smtpauth_kit.base.conditions import Clause
    >>> class Screen(T.HasTraits):
    ...     filters = screen_filters()
    >>> Screen(filters=Filters(where=(Clause("basic_count", ">", "0"),))).filters.where
    ()
    """
    return _ScreenFilters(of_rows=of_rows)

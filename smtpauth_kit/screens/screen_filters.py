"""The trait that holds the filters of a screen."""

from __future__ import annotations

from typing import Any

import traitlets as T

from smtpauth_kit.base.filters import Filters


class _ScreenFilters(T.Instance):  # type: ignore[misc]
    klass = Filters

    def validate(self, obj: Any, value: Any) -> Filters:
        filters: Filters = super().validate(obj, value)
        return filters.on_senders()


def screen_filters() -> Any:
    """Return the trait of a screen's filters.

    Conditions on the rows of an answer become conditions on senders: a screen shows many answers.

    >>> from smtpauth_kit.base.conditions import Clause
    >>> class Screen(T.HasTraits):
    ...     filters = screen_filters()
    >>> Screen(filters=Filters(where=(Clause("basic_count", ">", "0"),))).filters.where
    ()
    """
    return _ScreenFilters()

"""Whether day or month stands first, where a file writes dates with two separators."""

from __future__ import annotations

from collections.abc import Mapping


def orders_by_sign(votes: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Return the order of each separator's dates, where every one of them proves just one order.

    A file put together from two computers' exports has `11/16/2026` and `16-11-2026`.

    Examples
    --------
    >>> orders_by_sign({"/": {"mdy": 3, "open": 1}, "-": {"dmy": 1}})
    {'/': 'mdy', '-': 'dmy'}
    >>> orders_by_sign({"/": {"mdy": 3}, "-": {"open": 1}})
    {}
    """
    proven = {sign: [o for o in ("dmy", "mdy") if found.get(o)] for sign, found in votes.items()}
    if any(len(orders) != 1 for orders in proven.values()):
        return {}
    return {sign: orders[0] for sign, orders in proven.items()}

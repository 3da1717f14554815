"""How many messages a busy day has, as far as anything loaded tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.composing import statement

if TYPE_CHECKING:
    from smtpauth_kit.store.engine import Engine


def busiest_day(engine: Engine) -> float | None:
    """Return the messages of the busiest day; of a count for several days, their mean per day.

    None where nothing is loaded that counts messages.

    Examples
    --------
    >>> busiest_day(store)
    2.0
    """
    found = engine.rows(*statement("busiest_day")).named()
    days = ((row.period_end - row.period_start).days + 1 for row in found)
    means = (row.message_count / n for row, n in zip(found, days, strict=True))
    return max(means, default=None)

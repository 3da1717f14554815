"""How many messages a busy day has, as far as anything loaded tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

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
    found = engine.run(*statement("busiest_day"))
    if found.empty:
        return None
    ends, starts = pd.to_datetime(found["period_end"]), pd.to_datetime(found["period_start"])
    return float((found["message_count"] / ((ends - starts).dt.days + 1)).max())

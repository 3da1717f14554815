"""Messages and sign-ins as columns of numbers, and the texts that the numbers stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from smtpauth_kit.sample.tenants.shape import Bools, Ints

TLS: Final = ("none", "1.0", "1.1", "1.2", "1.3")
AUTH: Final = ("basic", "oauth")
AGENTS: Final = (
    "", "BAV2ROPC", "CBAInPROD", "Microsoft Office/14.0 (Windows NT 6.1; Microsoft Outlook 14.0)",
)  # fmt: skip
NOT_PLANTED: Final = -1
WRONG_PASSWORD: Final = 50126
LOCKED: Final = 50053


class _Columns:
    """Columns of equal length."""

    @property
    def size(self) -> int:
        """How many rows."""
        return int(self.at.size)  # type: ignore[attr-defined]

    def where(self, rows: Bools | Ints) -> Self:
        """Return some of the rows, or all of them in another order."""
        named = {f.name: getattr(self, f.name)[rows] for f in fields(self)}  # type: ignore[arg-type]
        return type(self)(**named)

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Return the rows of several."""
        held = list(parts)
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]
        return cls(**{n: np.concatenate([getattr(part, n) for part in held]) for n in names})


@dataclass
class Mail(_Columns):
    """Messages. Times are seconds since the first day's midnight, UTC."""

    at: Ints
    sender: Ints
    """Place in `Texts.addresses`, as the account."""
    account: Ints
    client_ip: Ints
    tls: Ints
    auth: Ints
    to: Ints
    """Place in `Texts.recipients`."""
    event: Ints
    """Number of the planted event, or NOT_PLANTED."""


@dataclass
class Attempts(_Columns):
    """Attempts to sign in, with the same units."""

    at: Ints
    account: Ints
    client_ip: Ints
    code: Ints
    """0 is a success."""
    auth: Ints
    agent: Ints
    event: Ints


def columns(count: int, **values: npt.ArrayLike) -> dict[str, Ints]:
    """Return columns of `count` rows; a single value stands in every row.

    Examples
    --------
    >>> columns(2, at=[5, 6], sender=3)["sender"].tolist()
    [3, 3]
    """
    return {
        name: np.broadcast_to(np.asarray(value, dtype=np.int64), (count,)).copy()
        for name, value in values.items()
    }


@dataclass
class Texts:
    """Texts that stand in many rows, kept once."""

    addresses: list[str]
    recipients: list[str] = field(default_factory=list)
    """Recipients of a message, separated by semicolons."""
    recipient_counts: list[int] = field(default_factory=list)

    def address(self, text: str) -> int:
        """Return the number of a new address."""
        self.addresses.append(text)
        return len(self.addresses) - 1

    def to(self, recipients: list[str]) -> int:
        """Return the number of a new set of recipients."""
        self.recipients.append(";".join(recipients))
        self.recipient_counts.append(len(recipients))
        return len(self.recipients) - 1

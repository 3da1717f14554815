"""To whom each sender usually writes: a few fixed addresses, or ever more customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from smtpauth_kit.sample.tenants.population import Population
from smtpauth_kit.sample.tenants.rows import Texts
from smtpauth_kit.sample.tenants.shape import (
    APPLICATION,
    APPLICATION_ALL_WEEK,
    BROADCASTER,
    DEVICE,
    DEVICE_ALL_WEEK,
    JOB,
    PERSON,
    ROAMING,
    Bools,
    Dice,
    Ints,
)

_CUSTOMERS: Final = 6_000
_LOYAL: Final = 1.15
"""Exponent of how often the same customers come back."""


_NEW_READERS: Final = 0.04


@dataclass(frozen=True)
class Habits:
    """Each sender's usual sets of recipients, as a run of places in `Texts.recipients`."""

    first: Ints
    size: Ints
    customers: Bools
    """Who writes to the tenant's customers instead, of which there are new ones every day."""
    customer_first: int
    readers: Ints
    """How many customers are the same at each time, for bills and newsletters; else 0."""
    list_size: Ints
    """Recipients of a message of a list; 0 for who has none."""


def make_habits(dice: Dice, people: Population, texts: Texts) -> Habits:
    """Write each sender's usual recipients down in `texts`, and return where they are."""
    n = people.kind.size
    customer_first = len(texts.recipients)
    for number in range(_CUSTOMERS):
        texts.to([f"buyer@customer{number:04d}.example"])
    first, size = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    lists = np.zeros(n, dtype=np.int64)
    for sender in range(n):
        first[sender] = len(texts.recipients)
        if people.kind[sender] == BROADCASTER and dice.random() < 0.5:
            lists[sender] = int(dice.integers(40, 320))
            _lists(dice, texts, sender, int(lists[sender]))
        else:
            _pool(dice, people, texts, sender)
        size[sender] = len(texts.recipients) - first[sender]
    same = np.isin(people.kind, (JOB, BROADCASTER))
    readers = np.where(same, np.maximum(people.rate * 1.1, 5), 0).astype(np.int64)
    to_customers = _writes_to_customers(dice, people, lists)
    return Habits(first, size, to_customers, customer_first, readers, lists)


def _writes_to_customers(dice: Dice, people: Population, lists: Ints) -> Bools:
    chance = np.zeros(people.kind.size)
    chance[np.isin(people.kind, (APPLICATION, JOB))] = 0.4
    chance[people.kind == BROADCASTER] = 1.0
    found: Bools = (dice.random(chance.size) < chance) & (lists == 0)
    return found


def _lists(dice: Dice, texts: Texts, sender: int, size: int) -> None:
    """Two or three segments of a mailing list, which lose and gain a few."""
    for segment in range(int(dice.integers(2, 4))):
        count = int(size * dice.uniform(0.93, 1.05))
        texts.to(
            [f"reader{n}.{segment}@readers{(sender + n) % 90:02d}.example" for n in range(count)]
        )


def _pool(dice: Dice, people: Population, texts: Texts, sender: int) -> None:
    kind = int(people.kind[sender])
    many = {DEVICE: (1, 6), DEVICE_ALL_WEEK: (1, 3), APPLICATION: (3, 12), JOB: (8, 60)}
    outside = {DEVICE: 0.1, DEVICE_ALL_WEEK: 0.0, PERSON: 0.8, ROAMING: 0.8, JOB: 0.5}
    own = people.addresses[sender].partition("@")[2]
    for _ in range(int(dice.integers(*many.get(kind, (6, 16))))):
        count = 1 if dice.random() < 0.75 else int(dice.integers(2, 6))
        if kind in (APPLICATION_ALL_WEEK, DEVICE_ALL_WEEK):
            count = 1
        texts.to([_recipient(dice, own, outside.get(kind, 0.35)) for _ in range(count)])


def _recipient(dice: Dice, own: str, outside: float) -> str:
    name = int(dice.integers(1, 400))
    if dice.random() < outside:
        return f"contact{name}@partner{int(dice.integers(0, 300)):03d}.example"
    return f"staff{name:03d}@{own}"


def draw_recipients(dice: Dice, habits: Habits, sender: Ints) -> Ints:
    """Return to whom each message of `sender` goes: the first of its usual ones most often."""
    luck = dice.random(sender.size)
    usual: Ints = habits.first[sender] + (luck**2 * habits.size[sender]).astype(np.int64)
    to_customer = habits.customers[sender]
    writers = sender[to_customer]
    anybody = dice.zipf(_LOYAL, writers.size) % _CUSTOMERS * (1 + writers)
    # Rows of a sender's day stand together: a run goes through the list, and on through the next.
    reader = np.arange(writers.size) % np.maximum(habits.readers[writers], 1) + 97 * writers
    fixed = (habits.readers[writers] > 0) & (dice.random(writers.size) > _NEW_READERS)
    whom = np.where(fixed, reader, anybody)
    usual[to_customer] = habits.customer_first + whom % _CUSTOMERS
    return usual

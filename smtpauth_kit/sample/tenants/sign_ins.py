"""Sign-ins of everyday life: one before mail is sent, and ways to fail that mean nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from smtpauth_kit.sample.tenants.draft import Draft
from smtpauth_kit.sample.tenants.rows import (
    LOCKED,
    NOT_PLANTED,
    WRONG_PASSWORD,
    Attempts,
    Mail,
    columns,
)
from smtpauth_kit.sample.tenants.shape import (
    DAY,
    DEVICE,
    HOUR,
    PERSON,
    ROAMING,
    Dice,
    Ints,
    chosen,
)

_AGAIN: Final = 0.05
"""Share of messages for which a sender signs in once more."""
_MISTYPED: Final = 0.012
_UNUSED_PASSWORD: Final = 50055


def attempts_of(draft: Draft, **values: npt.ArrayLike) -> Attempts:
    """Return attempts of one account: wrong password, its usual protocol, unless said otherwise."""
    count = int(np.size(values["at"]))
    account = np.asarray(values["account"])
    usual = np.where(account < draft.people.kind.size, account, 0)
    agent = draft.protocols.agent[usual]
    told: dict[str, npt.ArrayLike] = {
        "code": WRONG_PASSWORD,
        "auth": 0,
        "agent": agent,
        "event": NOT_PLANTED,
    }
    return Attempts(**columns(count, **(told | values)))


def make_sign_ins(draft: Draft, mail: Mail) -> Attempts:
    """Return the successes that the messages need, in the order of time."""
    dice = draft.shape.dice("sign-ins")
    order = np.argsort(mail.at, kind="stable")
    key = mail.account * (draft.shape.days + 2) + mail.at // DAY
    # One number for account, day and address: a hash would do, but this cannot collide.
    _, address = np.unique(mail.client_ip, return_inverse=True)
    key = (key * (int(address.max(initial=0)) + 1) + address) * 2 + mail.auth
    _, first = np.unique(key[order], return_index=True)
    again = np.flatnonzero(dice.random(mail.size) < _AGAIN)
    rows = order[np.union1d(first, again)]
    taken = mail.where(rows)
    agent = np.where(taken.auth == 0, draft.protocols.agent[taken.account], 0)
    at = np.maximum(taken.at - dice.integers(1, 20, rows.size), 0)
    return Attempts(
        at, taken.account, taken.client_ip, taken.at * 0, taken.auth, agent, taken.event
    )


def make_failures(draft: Draft, signed_in: Attempts) -> Attempts:
    """Return the harmless failures: mistyped, forgotten, changed, tried by strangers."""
    dice = draft.shape.dice("failures")
    return Attempts.joined(
        [
            _mistyped(draft, dice, signed_in),
            _mondays(draft, dice),
            *_password_changes(draft, dice, signed_in),
            _abroad(draft, dice, signed_in),
            *_noise(draft, dice),
        ]
    )


def _before(signed_in: Attempts, rows: Ints, seconds: Ints) -> Attempts:
    wrong = signed_in.where(rows)
    wrong.at = np.maximum(wrong.at - seconds, 0)
    wrong.code = np.full(rows.size, WRONG_PASSWORD)
    wrong.event = np.full(rows.size, NOT_PLANTED)
    return wrong


def _mistyped(draft: Draft, dice: Dice, signed_in: Attempts) -> Attempts:
    own = signed_in.event == NOT_PLANTED
    rows = np.flatnonzero(own & (dice.random(signed_in.size) < _MISTYPED))
    return _before(signed_in, rows, dice.integers(5, 90, rows.size))


def _mondays(draft: Draft, dice: Dice) -> Attempts:
    """On Monday morning many of an office mistype behind one address, and then get in."""
    people, calendar = draft.people, draft.calendar
    person = np.flatnonzero(np.isin(people.kind, (PERSON, ROAMING)) & ~draft.used)
    mondays = np.flatnonzero((calendar.weekday == 0) & calendar.working[0])
    at, account, code = [], [], []
    office = _office_addresses(draft)
    for site in np.unique(people.site[person]):
        there = person[people.site[person] == site]
        for day in mondays[dice.random(mondays.size) < 0.6]:
            here = there[draft.places[there, day, 0] == office[site, day]]
            for one in chosen(dice, here, int(dice.integers(3, 16))):
                start = int(day) * DAY + int(dice.integers(6 * HOUR, 8 * HOUR))
                tries = int(dice.integers(1, 4))
                at += [start + 20 * n for n in range(tries + 1)]
                account += [one] * (tries + 1)
                code += [WRONG_PASSWORD] * tries + [0]
    sender, days = np.array(account, dtype=np.int64), np.array(at, dtype=np.int64) // DAY
    return attempts_of(
        draft, at=at, account=sender, code=code, client_ip=office[people.site[sender], days]
    )


def _office_addresses(draft: Draft) -> Ints:
    """Return each site's address by day, as its devices have it."""
    people = draft.people
    office = np.zeros((people.sites, draft.calendar.days), dtype=np.int64)
    for kind in (PERSON, DEVICE):  # devices last: they never leave
        of = np.flatnonzero(people.kind == kind)
        office[people.site[of]] = draft.places[of, :, 0]
    return office


def _password_changes(draft: Draft, dice: Dice, signed_in: Attempts) -> list[Attempts]:
    """Return failures after a new password: a device until fixed, a phone beside the laptop."""
    made = []
    order = np.argsort(signed_in.account, kind="stable")
    starts = np.searchsorted(signed_in.account[order], np.arange(draft.people.kind.size + 1))
    for sender in chosen(dice, np.flatnonzero(~draft.used), draft.shape.senders // 12):
        mine = order[starts[sender] : starts[sender + 1]]
        if not mine.size:
            continue
        row = chosen(dice, mine)[0]
        here = int(signed_in.at[row])
        several = draft.people.kind[sender] in (PERSON, ROAMING) or not draft.people.alone[sender]
        if several:  # one of them knows the new password already
            tries = int(dice.integers(4, 30))
            at = here + np.cumsum(dice.integers(120, 1_200, tries))
            code = np.where(np.arange(tries) % 3 == 2, 0, WRONG_PASSWORD)
        else:
            tries = int(dice.integers(2, 6))
            at = here - np.arange(tries, 0, -1) * int(dice.integers(120, 900))
            code = np.full(tries, WRONG_PASSWORD)
        known = signed_in.client_ip[row]
        made.append(attempts_of(draft, at=at, account=sender, code=code, client_ip=known))
    return made


def _abroad(draft: Draft, dice: Dice, signed_in: Attempts) -> Attempts:
    """In a hotel, on a new keyboard, some need two or three tries."""
    roaming = draft.people.kind[signed_in.account] == ROAMING
    rows = np.flatnonzero(
        roaming & (signed_in.event == NOT_PLANTED) & (dice.random(signed_in.size) < 0.02)
    )
    rows = np.repeat(rows, dice.integers(1, 4, rows.size))
    return _before(signed_in, rows, dice.integers(10, 120, rows.size))


def _noise(draft: Draft, dice: Dice) -> list[Attempts]:
    """Return what the internet tries all the time: an account or three, once or twice."""
    made = []
    accounts = np.concatenate([np.arange(draft.people.kind.size), draft.mailboxes])
    strangers = [draft.networks.new(str(c), 4) for c in ("BR", "VN", "IN", "US", "RO", "ID")]
    for _ in range(draft.shape.senders * draft.shape.days // 2_000):
        provider = strangers[int(dice.integers(len(strangers)))]
        tried = np.repeat(chosen(dice, accounts, int(dice.integers(1, 4))), dice.integers(1, 3))
        start = int(dice.integers(0, draft.shape.days * DAY - HOUR))
        made.append(
            attempts_of(
                draft,
                at=start + np.arange(tried.size) * 40,
                account=tried,
                client_ip=provider.address(dice),
                code=dice.choice((WRONG_PASSWORD, WRONG_PASSWORD, LOCKED, _UNUSED_PASSWORD)),
            )
        )
    return made

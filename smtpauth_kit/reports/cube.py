"""The counts of a report, packed small: a page adds them up for whatever its reader chooses.

Senders stand in the order of their domain and name, each count belongs to a series (one sender,
TLS version and protocol) in the order of its periods. So the differences from one to the next are
small, and small numbers take one byte; gzip takes the rest. `static/cube.js` reads it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smtpauth_kit.answers.periods import Period
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS

Numbers = npt.NDArray[np.int64]


def packed(
    daily: pd.DataFrame,
    senders: pd.DataFrame,
    key: Callable[[str], str],
    reports: Sequence[Period] = (),
) -> str:
    """Return the rows of `answers.daily` of these `answers.senders`, packed, in base64.

    `reports` are the periods of reports among its days, also those that overlap others: a page
    chooses from them those that count in the days of its reader's choice. `key` gives the form in
    which addresses are compared: days may show one sender in two ways.
    """
    senders = senders.sort_values(["sender_domain", "sender_address"], kind="stable")
    tenants = sorted({period.tenant for period in reports})
    rows = _numbered(daily, senders, key, tenants)
    series = np.flatnonzero(_differs(rows["sender"], rows["code"]))
    lengths = np.diff(np.append(series, len(rows["count"])))
    starts = np.zeros(len(rows["count"]), bool)
    starts[series] = True
    before = np.where(starts, -1, np.roll(rows["period"], 1))
    since, first_ever, last_ever = _seen(senders)
    streams = (
        np.diff(rows["sender"][series], prepend=0),
        rows["code"][series],
        lengths,
        rows["period"] - before - 1,
        rows["count"],
        # No sender has 0 of them: that says that no row names one.
        pd.to_numeric(senders["client_ip_count"]).fillna(0).to_numpy(np.int64),
        first_ever - since,
        last_ever - first_ever,
    )
    domains, domain_of = np.unique(senders["sender_domain"].to_numpy(str), return_inverse=True)
    head = {
        "domains": domains.tolist(),
        "domain_sizes": np.bincount(domain_of, minlength=len(domains)).tolist(),
        "senders": _short(senders),
        "periods": rows["periods"],
        "reports": [
            [each.start.isoformat(), each.end.isoformat(), tenants.index(each.tenant) + 1]
            for each in reports
        ],
        "since": np.datetime64(since, "D").item().isoformat(),
        "series": len(series),
        "rows": len(rows["count"]),
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    body = b"".join(map(varints, streams))
    return pack(len(text).to_bytes(4, "little") + text + body)


def pack(content: bytes) -> str:
    """Return content as gzip in base64, the same for the same.

    >>> pack(b"smtp")[:10]
    'H4sIAAAAAA'
    """
    return base64.b64encode(gzip.compress(content, 7, mtime=0)).decode()


def varints(numbers: Numbers) -> bytes:
    r"""Return numbers from 0 on, seven bits to a byte, the lowest first.

    >>> varints(np.array([1, 127, 128, 300]))
    b'\x01\x7f\x80\x01\xac\x02'
    """
    sizes = np.ones(len(numbers), np.int64)
    for bits in range(7, 64, 7):
        sizes += (numbers >> bits) > 0
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for place in range(int(sizes.max(initial=0))):
        has = sizes > place
        more = np.where(sizes[has] > place + 1, 0x80, 0)
        out[(ends - sizes)[has] + place] = ((numbers[has] >> (7 * place)) & 0x7F) | more
    return out.tobytes()


def _numbered(
    daily: pd.DataFrame, senders: pd.DataFrame, key: Callable[[str], str], tenants: list[str]
) -> dict[str, Any]:
    """Return the rows as places in lists, in the order in which they are packed."""
    place = {key(name): n for n, name in enumerate(senders["sender_address"])}
    of = {name: place[key(name)] for name in daily["sender_address"].unique()}
    sender = daily["sender_address"].map(of).to_numpy(np.int64)
    period, periods = _periods(daily, tenants)
    tls = _places(daily["tls_version"], TLS_VERSIONS)
    code = tls * len(AUTH_PROTOCOLS) + _places(daily["auth_protocol"], AUTH_PROTOCOLS)
    order = np.lexsort((period, code, sender))
    count = daily["message_count"].to_numpy(np.int64)
    return {
        "sender": sender[order],
        "code": code[order],
        "period": period[order],
        "count": count[order],
        "periods": periods,
    }


def _periods(daily: pd.DataFrame, tenants: list[str]) -> tuple[Numbers, list[list[str | int]]]:
    """Return each row's period as its place in the list of them, by first and last day.

    One of a report is followed by the number of its tenant, from 1.
    """
    start, starts = pd.factorize(daily["period_start"], sort=True)
    end, ends = pd.factorize(daily["period_end"], sort=True)
    report = _places(daily["report_of"], tenants) + 1
    size = len(tenants) + 1
    found, place = np.unique((start * len(ends) + end) * size + report, return_inverse=True)
    periods: list[list[str | int]] = []
    for number in map(int, found):
        (first, last), of = divmod(number // size, len(ends)), number % size
        days = [starts[first].isoformat(), ends[last].isoformat()]
        periods.append([*days, of] if of else days)
    return place, periods


def _seen(senders: pd.DataFrame) -> tuple[int, Numbers, Numbers]:
    """Return the day of the first message ever of anyone, then each sender's first and last."""
    first, last = (
        senders[name].to_numpy("datetime64[D]").astype(np.int64)
        for name in ("first_seen_ever", "last_seen_ever")
    )
    return int(first.min()) if len(first) else 0, first, last


def _places(column: pd.Series[Any], values: Sequence[str]) -> Numbers:
    return pd.Categorical(column, categories=list(values)).codes.astype(np.int64)


def _differs(*columns: Numbers) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it differs from the one before."""
    differs = np.zeros(len(columns[0]), bool)
    for column in columns:
        differs |= np.diff(column, prepend=-1) != 0
    return differs


def _short(senders: pd.DataFrame) -> list[str]:
    """Return addresses without their domain, where they end in it as the kit writes it."""
    pairs = zip(senders["sender_address"], senders["sender_domain"], strict=True)
    return [
        address[: -len(domain)] if domain and address.endswith(f"@{domain}") else f"{address}\n"
        for address, domain in pairs
    ]

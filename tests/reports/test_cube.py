from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from unpacked import rows_of, unpack

from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.reports import cube

DAY = dt.date(2026, 11, 16)
days = st.integers(0, 90).map(lambda n: DAY + dt.timedelta(n))
names = st.sampled_from(["a@x.example", "b@x.example", "B@Y.example", "none", "@", "é@ü.example\n"])
keys = st.tuples(days, names, st.sampled_from(TLS_VERSIONS), st.sampled_from(AUTH_PROTOCOLS))


@given(st.dictionaries(keys, st.integers(1, 2**62)))
def test_every_count_comes_out_as_it_went_in(
    counts: dict[tuple[dt.date, str, str, str], int],
) -> None:
    domain = {name: name.partition("@")[2].strip().lower() for (_, name, _, _) in counts}
    rows = [(d, d, n, domain[n], t, a, count) for (d, n, t, a), count in counts.items()]
    daily = pd.DataFrame(
        rows,
        columns=[
            "period_start", "period_end", "sender_address", "sender_domain", "tls_version",
            "auth_protocol", "message_count",
        ],
    )  # fmt: skip
    daily["report_of"] = None
    senders = daily[["sender_address", "sender_domain"]].drop_duplicates().assign(client_ip_count=3)
    seen = daily.groupby("sender_address")["period_start"].agg(["min", "max"])
    senders["first_seen_ever"] = senders["sender_address"].map(seen["min"])
    senders["last_seen_ever"] = senders["sender_address"].map(seen["max"])
    found = rows_of(unpack(cube.packed(daily, senders, lambda name: name)))
    assert sorted(found) == sorted((d.isoformat(), e.isoformat(), *more) for d, e, *more in rows)


def test_the_same_counts_are_the_same_bytes() -> None:
    assert cube.pack(b"x" * 1000) == cube.pack(b"x" * 1000)

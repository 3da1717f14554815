"""A message that goes through several of your servers is one; its earliest hop decides."""

from __future__ import annotations

import itertools

import pytest
from depth import some

from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.store.store import open_store

FIELDS = "#Fields: date-time,client-ip,connector-id,source,event-id,message-id,network-message-id,recipient-address,sender-address,original-client-ip,custom-data"
TLS = "S:tlsversion=SP_PROT_TLS1_{}_SERVER"


def tracking(
    at: str, ip: str, custom: str = "", to: str = "bob@fabrikam.com", day: str = "16"
) -> str:
    return (
        f"{FIELDS}\n2026-11-{day}T{at}.000Z,192.0.2.1,EX01\\Client Proxy EX01,SMTP,RECEIVE,<1@scan>,n1,"
        f"{to},scan@contoso.com,{ip},{custom}\n"
    )


def postfix(host: str, second: str, ip: str, account: str, minute: str = "16T08:00") -> str:
    line = f"2026-11-{minute}:{second}Z {host} postfix/"
    return (
        f"{line}submission/smtpd[7]: AE4A43A178F: client=x[{ip}], sasl_method=PLAIN, sasl_username={account}\n"
        f"{line}cleanup[8]: AE4A43A178F: message-id=<1@scan>\n"
        f"{line}qmgr[9]: AE4A43A178F: from=<scan@contoso.com>, size=1, nrcpt=1 (queue active)\n"
        f"{line}qmgr[9]: AE4A43A178F: removed\n"
    )


HOPS = {
    "tracking logs": (
        [tracking("08:00:00", "192.0.2.25"), tracking("08:00:09", "192.0.2.99", TLS.format(2)),
         tracking("08:00:05", "192.0.2.98", TLS.format(0), "eve@fabrikam.com")],
        ("2026-11-16 08:00:00", "1.0", "192.0.2.25", "unknown"),
    ),
    "Postfix to Postfix": (
        [postfix("edge", "01", "192.0.2.25", "scan"), postfix("hub", "02", "192.0.2.99", "relay")],
        ("2026-11-16 08:00:01", "unknown", "192.0.2.25", "basic"),
    ),
    "Postfix to Exchange": (
        [postfix("edge", "01", "192.0.2.25", "scan"), tracking("08:00:09", "192.0.2.99", TLS.format(2))],
        ("2026-11-16 08:00:01", "1.2", "192.0.2.25", "basic"),
    ),
    "tracking logs, over midnight": (
        [tracking("23:59:58", "192.0.2.25"), tracking("00:00:03", "192.0.2.99", TLS.format(2), day="17"),
         tracking("02:10:00", "192.0.2.98", "", "eve@fabrikam.com", "17")],
        ("2026-11-16 23:59:58", "1.2", "192.0.2.25", "unknown"),
    ),
    "Postfix to Exchange, over midnight": (
        [postfix("edge", "59", "192.0.2.25", "scan", "16T23:59"),
         tracking("00:00:09", "192.0.2.99", TLS.format(2), day="17")],
        ("2026-11-16 23:59:59", "1.2", "192.0.2.25", "basic"),
    ),
}  # fmt: skip
ONE = "select sent_at, tls_version, client_ip, auth_protocol from submissions"
ALL = (ONE, "select list_sort(recipients) from submissions", "from daily_by_sender")


@pytest.mark.parametrize("kind", HOPS)
def test_the_earliest_hop_says_what_a_message_is_in_any_order_of_loading(tmp_path, kind):
    texts, right = HOPS[kind]
    answers = []
    orders = [*itertools.permutations(range(len(texts)))]
    for order in some(orders, 2, [*HOPS].index(kind)):
        store = open_store(tmp_path / f"{order}.duckdb")
        files = [tmp_path / f"{n}.log" for n in order]
        for n, file in zip(order, files, strict=True):
            file.write_text(texts[n])
        loading.load(store, *files)
        (row,) = store.sql(ONE).astype(str).values.tolist()
        assert tuple(row) == right, order
        answers.append([store.sql(query).astype(str).values.tolist() for query in ALL])
        loaded_files.unload(store, files[0])
        alone = open_store(tmp_path / f"{order}alone.duckdb")
        loading.load(alone, *files[1:])
        left, expected = (
            [each.sql(query).astype(str).values.tolist() for query in ALL]
            for each in (store, alone)
        )
        assert left == expected, order
    assert all(each == answers[0] for each in answers)

"""A log cut anywhere gives what it gives whole, in any order of loading, and unloading is exact."""

from __future__ import annotations

import itertools

import pytest
from conftest import WEEK
from depth import tries
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.store.store import Store, open_store

SMTPD = "mx1 postfix/submission/smtpd"
POSTFIX = f"""\
Nov 16 08:00:00 {SMTPD}[11]: connect from unknown[192.0.2.25]
Nov 16 08:00:00 {SMTPD}[11]: Anonymous TLS connection established from unknown[192.0.2.25]: TLSv1.2 with cipher X (1/1 bits)
Nov 16 08:00:01 {SMTPD}[12]: connect from unknown[192.0.2.26]
Nov 16 08:00:02 {SMTPD}[11]: AAAAAA1: client=unknown[192.0.2.25], sasl_method=PLAIN, sasl_username=svc
Nov 16 08:00:02 mx1 postfix/cleanup[20]: AAAAAA1: message-id=<1@scan>
Nov 16 08:00:02 mx1 postfix/qmgr[9]: AAAAAA1: from=<scan@contoso.com>, size=2048, nrcpt=2 (queue active)
Nov 16 08:00:03 {SMTPD}[12]: Anonymous TLS connection established from unknown[192.0.2.26]: TLSv1 with cipher X (1/1 bits)
Nov 16 08:00:03 mx1 postfix/smtp[30]: AAAAAA1: to=<bob@fabrikam.com>, relay=mx[198.51.100.5]:25, delay=1, dsn=2.0.0, status=sent (ok)
Nov 16 08:00:04 {SMTPD}[12]: NOQUEUE: client=unknown[192.0.2.26], sasl_method=LOGIN, sasl_username=erp@contoso.com
Nov 16 08:00:04 mx1 postfix/smtpd[13]: connect from localhost[127.0.0.1]
Nov 16 08:00:04 mx1 postfix/smtpd[13]: BBBBBB1: client=localhost[127.0.0.1]
Nov 16 08:00:05 mx1 postfix/cleanup[20]: BBBBBB1: message-id=<2@erp>
Nov 16 08:00:05 mx1 postfix/qmgr[9]: BBBBBB1: from=<erp@contoso.com>, size=2048, nrcpt=1 (queue active)
Nov 16 08:00:05 {SMTPD}[12]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as BBBBBB1; from=<erp@contoso.com> to=<eve@fabrikam.com> proto=ESMTP helo=<erp> sasl_username=<erp@contoso.com>
Nov 16 08:00:06 mx1 postfix/smtp[30]: BBBBBB1: to=<eve@fabrikam.com>, relay=mx[198.51.100.5]:25, delay=1, dsn=2.0.0, status=sent (ok)
Nov 16 08:00:06 mx1 postfix/qmgr[9]: BBBBBB1: removed
Nov 16 08:00:07 {SMTPD}[12]: disconnect from unknown[192.0.2.26] ehlo=1
Nov 16 08:00:08 mx1 postfix/smtp[30]: AAAAAA1: to=<eve@fabrikam.com>, relay=mx[198.51.100.5]:25, delay=1, dsn=2.0.0, status=sent (ok)
Nov 16 08:00:08 mx1 postfix/qmgr[9]: AAAAAA1: removed
Nov 16 08:00:09 {SMTPD}[11]: AAAAAA1: client=unknown[192.0.2.25], sasl_method=PLAIN, sasl_username=svc@contoso.com
Nov 16 08:00:09 mx1 postfix/cleanup[20]: AAAAAA1: message-id=<3@scan>
Nov 16 08:00:10 {SMTPD}[11]: disconnect from unknown[192.0.2.25] ehlo=1
Nov 16 08:00:11 {SMTPD}[14]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x
Nov 16 08:00:11 {SMTPD}[15]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: x
"""
HEADER = "#Software: Microsoft Exchange Server\n#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n"
NOTES = (
    ("F1", "50100", "+,,"),
    ("F1", "50100", "*,,TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using x"),
    ("F1", "50100", "<,AUTH LOGIN,"),
    ("F1", "50100", "*,,Inbound AUTH LOGIN failed because of LogonDenied"),
    ("F1", "50100", "*,,User Name: carol@contoso.com"),
    ("F1", "50100", ">,535 5.7.3 Authentication unsuccessful,"),
    ("F1", "50100", "<,AUTH LOGIN,"),
    ("F1", "50100", "*,CONTOSO\\scan,authenticated"),
    ("F1", "50100", "*,,Proxy session was successfully set up. Session forscan@contoso.com will now be proxied"),
    ("B1", "50200", "+,,"),
    ("B1", "50200", "<,XPROXY SID=F1 IP=192.0.2.25 PORT=50100 DOMAIN=scan CAPABILITIES=0,"),
    ("B1", "50200", "<,MAIL FROM:<scan@contoso.com>,"),
    ("F2", "50300", "+,,"),
    ("F2", "50300", "<,AUTH LOGIN,"),
    ("F2", "50300", "*,,Inbound AUTH LOGIN failed because of LogonDenied"),
    ("B1", "50200", "<,RCPT TO:<bob@fabrikam.com>,"),
    ("B1", "50200", ">,250 2.1.5 Recipient OK,"),
    ("F2", "50300", "*,,User Name: dave@contoso.com"),
    ("B1", "50200", ">,250 2.6.0 <1@scan> [InternalId=7] Queued mail for delivery,"),
    ("F2", "50300", "-,,Remote(ConnectionReset)"),
    ("B1", "50200", "-,,Remote"),
    ("F1", "50100", "-,,Local"),
)  # fmt: skip
RECEIVE = "".join(
    f"2026-11-16T08:00:{n:02}.000Z,EX01\\Client,{name},{n},10.1.1.10:587,192.0.2.25:{port},{rest}\n"
    for n, (name, port, rest) in enumerate(NOTES)
)
LOGS = {"Postfix": ("", POSTFIX), "receive log": (HEADER, RECEIVE)}
TOLD = (
    "select sent_at, sender_address, sender_derived, account, tls_version, auth_protocol,"
    " client_ip, list_sort(recipients) as recipients, recipient_count, message_id from submissions",
    "select signed_in_at, account, result, auth_protocol, client_ip from sign_ins",
    "from daily_by_sender",
)
FILES = (
    "select path, rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_other, message_count,"
    " period_start, period_end from source_files",
    "select path, line, reason from rejected_rows join source_files using (file_id)",
    "select address from addresses",
)


def told(store: Store, *more: str) -> list[list[str]]:
    return [sorted(map(str, store.sql(q).astype(str).values.tolist())) for q in (*TOLD, *more)]


def cut(kind: str, places: set[int]) -> list[str]:
    header, text = LOGS[kind]
    lines = text.splitlines(keepends=True)
    ends = [0, *sorted(n for n in places if 0 < n < len(lines)), len(lines)]
    return [header + "".join(lines[a:b]) for a, b in itertools.pairwise(ends)]


@pytest.fixture(scope="module", params=LOGS)
def whole(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    (folder / "whole.log").write_text("".join(cut(request.param, set())))
    store = open_store(folder / "store.duckdb")
    loading.load(store, folder / "whole.log", period=WEEK)
    return request.param, told(store)


def test_the_whole_logs_give_what_they_say(whole):
    kind, (messages, sign_ins, _) = whole
    if kind == "Postfix":
        assert [row.split(", ", 1)[1] for row in messages] == [
            "'scan@contoso.com', 'False', 'svc', '1.2', 'basic', '192.0.2.25',"
            " \"['bob@fabrikam.com' 'eve@fabrikam.com']\", '2', '1@scan']",
            "'erp@contoso.com', 'False', 'erp@contoso.com', '1.0', 'basic', '192.0.2.26',"
            " \"['eve@fabrikam.com']\", '1', '2@erp']",
            "'svc@contoso.com', 'True', 'svc@contoso.com', '1.2', 'basic', '192.0.2.25', '[]', '0',"
            " '3@scan']",
        ]
        assert len(sign_ins) == 2
    else:
        assert [row.split(", ", 1)[1] for row in messages] == [
            "'scan@contoso.com', 'False', 'scan@contoso.com', '1.2', 'basic', '192.0.2.25',"
            " \"['bob@fabrikam.com']\", '1', '1@scan']"
        ]
        assert [row.split("', '")[1:3] for row in sign_ins] == [
            ["carol@contoso.com", "failure"],
            ["dave@contoso.com", "failure"],
        ]


@settings(max_examples=tries(2), deadline=None, phases=[Phase.generate])
@given(
    places=st.sets(st.integers(1, 23), min_size=1, max_size=3),
    shuffled=st.randoms(use_true_random=False),
    apart=st.booleans(),
)
def test_a_cut_log_gives_the_same_in_any_order_and_unloads_exactly(
    whole, tmp_path_factory, places, shuffled, apart
):
    kind, expected = whole
    folder = tmp_path_factory.mktemp("cut")
    files = []
    for n, text in enumerate(cut(kind, places)):
        files.append(folder / f"{n}.log")
        files[-1].write_text(text)
    shuffled.shuffle(files)
    store = open_store(folder / "store.duckdb")
    for group in [[file] for file in files] if apart else [files]:
        assert loading.load(store, *group, period=WEEK).refused == ()
    assert told(store) == expected, [file.name for file in files]
    _check_ends(store)
    out = files.pop(shuffled.randrange(len(files)))
    loaded_files.unload(store, out)
    if not files:
        # Of the addresses the empty one stays: it stands for none.
        assert told(store, *FILES) == [*([] for _ in (*TOLD, *FILES[:-1])), ["['']"]]
        return
    alone = open_store(folder / "alone.duckdb")
    loading.load(alone, *files, period=WEEK)
    assert told(store, *FILES) == told(alone, *FILES), (out.name, [file.name for file in files])


def _check_ends(store: Store) -> None:
    rows = store.sql("select rows_read, rows_loaded + rows_duplicate + rows_rejected + rows_other as n from source_files")  # fmt: skip
    assert rows["rows_read"].tolist() == rows["n"].tolist()

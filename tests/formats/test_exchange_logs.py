"""Failed log-ons of Exchange's receive log, its missing header, and tracking out of PowerShell."""

from __future__ import annotations

import pytest
from formats_util import staged

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.loading import loaded_files, loading

HEADER = "#Software: Microsoft Exchange Server\n#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n"
OPENED = ("+,,", "<,AUTH LOGIN,")
DENIED = "*,,Inbound AUTH LOGIN failed because of LogonDenied"
USER = "*,,User Name: carol@contoso.com"
ANSWER = ">,535 5.7.3 Authentication unsuccessful,"
TARPIT = "*,Tarpit for '0.00:00:05' due to '535 5.7.3 Authentication unsuccessful',"
HANGS_UP = "-,,Remote(ConnectionReset)"


def receive_log(*rests: str) -> str:
    return "".join(
        f"2026-11-16T08:00:{n:02}.000Z,EX01\\Client,08F1{'' if n < 90 else 'B'},{n},10.1.1.10:587,203.0.113.9:5000,{rest}\n"
        for n, rest in enumerate(rests)
    )


@pytest.mark.parametrize(
    ("rests", "accounts"),
    [
        ((*OPENED, DENIED, DENIED, USER, TARPIT, ANSWER, HANGS_UP), ["carol@contoso.com"]),
        ((*OPENED, DENIED, USER, TARPIT, HANGS_UP), ["carol@contoso.com"]),
        ((*OPENED, DENIED, USER, TARPIT), ["carol@contoso.com"]),
        ((*OPENED, USER, DENIED, ANSWER, HANGS_UP), ["carol@contoso.com"]),
        ((*OPENED, ANSWER, HANGS_UP), [""]),
        ((*OPENED, DENIED, USER, ANSWER, "<,AUTH LOGIN,", DENIED, USER, HANGS_UP), ["carol@contoso.com"] * 2),
        ((*OPENED, DENIED, USER, "<,AUTH LOGIN,", "*,CONTOSO\\carol,authenticated", HANGS_UP), ["carol@contoso.com"]),
        ((*OPENED, "*,,Inbound authentication failed with error LogonDenied for User eve@contoso.com", ANSWER), ["eve@contoso.com"]),
    ],
)  # fmt: skip
def test_an_attempt_that_was_refused_counts_once_with_its_account(write, rests, accounts):
    facts, rejected, _, _ = staged(write("RECV.LOG", HEADER + receive_log(*rests)))
    assert ([fact.account for fact in facts], rejected) == (accounts, [])
    assert {fact.result for fact in facts} == {"failure"} == {"failure" for f in facts if f.row_key}
    assert len({fact.row_key for fact in facts}) == len(facts)


def test_a_header_that_comes_again_changes_nothing(write):
    text = HEADER + receive_log(*OPENED, DENIED, USER) + HEADER + receive_log(*OPENED, ANSWER)
    facts, _, _, _ = staged(write("RECV.LOG", text))
    assert [fact.account for fact in facts] == ["carol@contoso.com", ""]


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (receive_log(ANSWER), "Exchange Server receive protocol log"),
        (
            "2026-11-16T09:00:02.000Z,192.0.2.25,host,10.0.0.1,EX01,ctx,EX01\\Client Proxy EX01,SMTP,RECEIVE,1,<1@x>,n,bob@fabrikam.com,,7,1,,,Scan,scan@contoso.com\n",
            "Exchange Server message tracking log",
        ),
    ],
)
def test_a_log_without_its_header_is_told_which_line_it_lacks(write, row, title):
    with pytest.raises(FileRefused) as refused:
        staged(write("x.log", row * 2))
    assert (
        f"has rows of a {title}, but the line that names its columns is missing: “#Fields"
        in str(refused.value)
    )


@pytest.mark.parametrize(
    ("cell", "recipients"),
    [
        ("bob@fabrikam.com, carol@contoso.com", ["bob@fabrikam.com", "carol@contoso.com"]),
        ("{bob@fabrikam.com, carol@contoso.com}", ["bob@fabrikam.com", "carol@contoso.com"]),
        ("bob@fabrikam.com", ["bob@fabrikam.com"]),
        ("System.String[]", []),
    ],
)
def test_the_tracking_log_out_of_powershell_is_the_tracking_log(write, cell, recipients):
    text = (
        "PSComputerName,Timestamp,ServerHostname,ConnectorId,Source,EventId,InternalMessageId,MessageId,"
        "Recipients,Sender,MessageSubject,OriginalClientIp\n"
        f'ex01,11/16/2026 9:00:02 AM,EX01,EX01\\Client Proxy EX01,SMTP,RECEIVE,7,<t1@x>,"{cell}",scan@contoso.com,Scan,192.0.2.25\n'
        f'ex01,11/16/2026 9:00:03 AM,EX01,,STOREDRIVER,DELIVER,7,<t1@x>,"{cell}",scan@contoso.com,Scan,\n'
    )
    (row,), _, counts, layout = staged(write("tracking.csv", text))
    assert (layout.format.name, counts.other, layout.unknown) == ("message-tracking-log", 1, ())
    told = (row.sender_address, row.message_id, row.client_ip, list(row.recipients))
    assert told == ("scan@contoso.com", "t1@x", "192.0.2.25", recipients)


LINE = "2026-11-16T08:00:0{}Z mx1 postfix/"
WHOLE = "".join(
    LINE.format(n) + text + "\n"
    for n, text in enumerate((
        "submission/smtpd[7]: connect from x[192.0.2.25]",
        "submission/smtpd[7]: AAAAAA1: client=x[192.0.2.25], sasl_method=PLAIN, sasl_username=scan@contoso.com",
        "cleanup[8]: AAAAAA1: message-id=<1@scan>",
        "qmgr[9]: AAAAAA1: from=<erp@contoso.com>, size=1, nrcpt=1 (queue active)",
        "qmgr[9]: AAAAAA1: removed",
    ))
)  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_copy_of_a_mail_log_that_was_cut_too_early_adds_no_message(store, write, order):
    files = [write("whole.log", WHOLE), write("cut.log", "".join(WHOLE.splitlines(True)[:2]))]
    loading.load(store, *(files[n] for n in order))
    messages = store.sql("select sender_address, message_id from submissions").values.tolist()
    assert messages == [["erp@contoso.com", "1@scan"]]
    loaded_files.unload(store, files[0])
    messages = store.sql("select sender_address, message_id from submissions").values.tolist()
    assert messages == [["scan@contoso.com", ""]]

"""Unloading is exact: the store is as if the file had never been loaded."""

from __future__ import annotations

import json

import pytest
from command import smtpauth
from conftest import LOG, LOG_HEADER, WEEK
from depth import some

from smtpauth_kit.answers.files import files
from smtpauth_kit.answers.stored import stored_messages
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.store.store import open_store

EVERYTHING = (
    "select * exclude (file_id, superseded_by) replace (list_sort(recipients) as recipients)"
    " from all_submissions where superseded_by is null",
    "select * exclude (file_id) from all_sign_ins",
    "select * exclude (file_id) from mailbox_settings",
    "from all_daily_by_sender",
    "from all_daily_by_domain",
    "select address from addresses",
    "select line, reason, raw from rejected_rows",
    "select path, rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_other, message_count,"
    " period_start, period_end from source_files",
)


def contents(store):
    return [sorted(map(str, store.sql(query).astype(str).values.tolist())) for query in EVERYTHING]


def rows(*parts: str) -> str:
    """Write a log of messages given as `second sender message-id recipients`."""
    text = LOG_HEADER
    for part in parts:
        second, sender, message_id, *recipients = part.split()
        text += (
            f"2026-11-16T08:15:{second}Z,{sender}@contoso.com,{';'.join(recipients)},"
            f"{message_id.strip('-')},TLS1.2,192.0.2.1,Basic\n"
        )
    return text


LOGS = (
    rows("30 a <1> x@fabrikam.com", "31 b <2> x@fabrikam.com", "31 c -", "31 c -") + "broken\n",
    rows("30 a <1> y@fabrikam.com", "31 b <2> x@fabrikam.com", "31 c -", "31 c -", "31 c -"),
    rows("30 A <1> z@fabrikam.com x@fabrikam.com", "32 d <3> x@fabrikam.com", "31 c -"),
)
REPORT = "Sender address,Messages sent\n"
REPORTS = (
    REPORT + "a@contoso.com,10\nb@contoso.com,5\n",
    REPORT + "a@contoso.com,12\nb@contoso.com,5\n",
    REPORT + "a@contoso.com,10\nb@contoso.com,6\n",
    "Sender address,Authentication protocol,Messages sent\na@contoso.com,Basic,4\n",
)
SIGN_INS_HEADER = "Date (UTC),Request ID,Username,Sign-in error code,Client app\n"
SIGN_INS = tuple(
    SIGN_INS_HEADER + "".join(f"2026-11-16T08:15:2{n}Z,{n},a@contoso.com,0,SMTP\n" for n in numbers)
    for numbers in ((1, 2, 3), (2, 3, 4), (3, 4))
)
SETTINGS = tuple(
    "PrimarySmtpAddress,SmtpClientAuthenticationDisabled\na@contoso.com,True\n" + more
    for more in ("", "b@contoso.com,\n", "b@contoso.com,False\n")
)


@pytest.mark.parametrize("out", [0, 1, 2])
@pytest.mark.parametrize(
    ("texts", "orders"),
    [
        (LOGS, [(0, 1, 2), (2, 1, 0)]),
        (REPORTS[:3], [(0, 1, 2), (2, 1, 0)]),
        (REPORTS[1:], [(0, 1, 2), (2, 0, 1)]),
        (SIGN_INS, [(0, 1, 2)]),
        (SETTINGS, [(0, 1, 2)]),
    ],
)
def test_what_is_left_is_what_the_other_files_alone_would_have_given(
    tmp_path, write, texts, orders, out
):
    files = [write(f"{n}.csv", text) for n, text in enumerate(texts)]
    for order in some(orders, len(orders), out):
        unloaded = open_store(tmp_path / f"{order}unloaded")
        loading.load(unloaded, *(files[n] for n in order), period=WEEK)
        loaded_files.unload(unloaded, files[out])
        alone = open_store(tmp_path / f"{order}alone")
        loading.load(alone, *(files[n] for n in order if n != out), period=WEEK)
        assert contents(unloaded) == contents(alone), f"loaded {order}, unloaded {out}"


def test_the_only_file_unloaded_leaves_nothing_and_can_be_loaded_again(store, load, write):
    load(LOG, name="log.csv")
    before = contents(store)
    assert loaded_files.unload(store, write("log.csv", LOG)).message_count == 3
    assert [len(rows) for rows in contents(store)] == [0, 0, 0, 0, 0, 1, 0, 0]
    load(LOG, name="log.csv")
    assert contents(store) == before


def test_a_file_that_is_not_loaded_or_not_the_only_one_of_its_path_is_said(store, load):
    load(LOG, name="log.csv")
    with pytest.raises(KitError, match=r"No loaded file has the id or path other\.csv"):
        loaded_files.unload(store, "other.csv")
    assert loaded_files.unload(store, "log.csv").message_count == 3
    load(LOG, name="log.csv")
    load(rows("30 z <9>"), name="log.csv")
    with pytest.raises(KitError, match=r"was loaded 2 times, as files 2 and 3"):
        loaded_files.unload(store, files(store)["path"][0])
    with pytest.raises(KitError, match=r"was loaded 2 times"):
        loaded_files.unload(store, "log.csv")
    assert loaded_files.unload(store, files(store)["file_id"].min()).message_count == 3
    assert stored_messages(store) == 1


def test_the_command_says_what_it_took_out(store, load):
    path = load(LOG, name="log.csv").files[0].path
    done = smtpauth("unload", path, "--store", store.path, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["message_count"]) == (0, 0)
    assert [(f["status"], f["rows_loaded"]) for f in told["files"]] == [("unloaded", 3)]
    again = smtpauth("unload", path, "--store", store.path)
    assert again.returncode == 1 and "No loaded file has the id or path" in again.stderr

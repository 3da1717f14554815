"""A tenant of several is answered about as if no other were loaded, whatever they share."""

from __future__ import annotations

import json

import pytest
from command import smtpauth
from exports import log
from tenant_worlds import BETA, SCANNER, TENANTS, WEEK

from smtpauth_kit.answers import ask, ask_plain
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import ANSWERS
from smtpauth_kit.cli.show import as_json_of
from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import open_store
from smtpauth_kit.views.reproduce import complete_sql

ASKED = {
    "sender": Filters(sender=SCANNER),
    "devices": Filters(sender=SCANNER),
    "who-else": Filters(client_ips=("192.0.2.25",)),
}


def told(store, name, filters):
    """Return all that an answer says, but for what names files and the moment of loading."""
    answer = as_json_of(ask_plain(store, name, filters))
    answer["filters"].pop("tenants")
    for row in answer["rows"] or ():
        for own in ("file_id", "loaded_at"):
            row.pop(own, None)
    return json.loads(json.dumps(answer, default=str))


@pytest.mark.parametrize("tenant", TENANTS)
def test_an_answer_of_one_tenant_is_that_of_a_store_that_holds_it_alone(tenant_stores, tenant):
    every, alone = tenant_stores
    for name in ANSWERS:
        asked = ASKED.get(name, Filters())
        one = told(every, name, asked.changed(tenants=(tenant,)))
        assert one == told(alone[tenant], name, asked), name


def test_so_it_is_in_another_time_zone_and_from_a_source_that_is_named(tenant_stores):
    every, alone = tenant_stores
    for asked in (Filters(timezone="Pacific/Auckland"), Filters(source="submission_log")):
        for name in ("insight", "senders", "sending-volume", "sign-ins"):
            if name == "sign-ins" and asked.source != "auto":
                continue  # A source of messages alone is refused for them.
            one = told(every, name, asked.changed(tenants=("alpha",)))
            assert one == told(alone["alpha"], name, asked), (name, asked)


def test_the_tenants_differ_so_that_the_comparison_can_fail(tenant_stores):
    every, alone = tenant_stores
    for name in set(ANSWERS) - {"new-senders", "gone-senders", "changed-senders", "sender-changes"}:
        asked = ASKED.get(name, Filters())
        texts = {json.dumps(told(store, name, asked)) for store in alone.values()}
        assert len(texts) >= 2, name
        assert json.dumps(told(every, name, asked)) != json.dumps(
            told(alone["alpha"], name, asked)
        ), name


def test_a_message_id_in_two_tenants_is_a_message_of_each(tenant_stores):
    every, alone = tenant_stores
    count = "select sum(message_count) as n from submissions where superseded_by is null"
    total = sum(store.rows(count).first()["n"] for store in alone.values())
    assert every.rows(count).first()["n"] == total
    ids = "select count(*) as n from submissions where message_id in ({})"
    shared = (
        "select message_id from submissions where message_id <> '' "
        "group by message_id having count(distinct tenant) > 1"
    )
    assert every.rows(ids.format(shared)).first()["n"] == (4 + 2) + 2 + 12


def test_several_tenants_are_asked_for_together(tenant_stores):
    every, _ = tenant_stores
    counts = {
        tenants: ask(every, "insight", Filters(tenants=tenants, start=WEEK[0], end=WEEK[1]))
        .rows["message_count"].iloc[0]
        for tenants in (("",), (BETA,), (BETA, ""))
    }  # fmt: skip
    assert counts == {("",): 12, (BETA,): 750, (BETA, ""): 762}


def test_a_tenant_that_is_not_there_is_refused_with_those_that_are(tenant_stores):
    every, _ = tenant_stores
    with pytest.raises(UsageError) as error:
        ask(every, "insight", Filters(tenants=("gamma",)))
    assert str(error.value) == (
        f"No file is loaded with the tenant 'gamma'. There are: '', 'alpha', {BETA!r}."
    )


@pytest.mark.parametrize("name", ["senders", "burn-down", "reconciliation", "who-else"])
def test_the_sql_of_an_answer_is_of_the_tenants_too(tenant_stores, name):
    every, alone = tenant_stores
    asked = ASKED.get(name, Filters())
    answered = ask_plain(every, name, asked.changed(tenants=(BETA,)))
    pasted = every.sql(complete_sql(every, name, answered.scope))
    own = ask_plain(alone[BETA], name, asked)
    there = alone[BETA].sql(complete_sql(alone[BETA], name, own.scope))
    assert pasted.to_csv() == there.to_csv() and (len(pasted) or name == "who-else")


def test_the_command_line_takes_tenants(tenant_stores):
    every, _ = tenant_stores
    told = smtpauth("--store", every.path, "show", "tls-usage", "--tenant", "", "--json")
    answer = json.loads(told.stdout)
    assert answer["filters"]["tenants"] == [""]
    assert [row for row in answer["rows"] if row["message_count"]] == [
        {"tls_version": "1.1", "message_count": 12, "share": 1.0}
    ]
    refused = smtpauth("--store", every.path, "show", "senders", "--tenant", "x")
    assert refused.returncode == 2 and "There are: '', 'alpha'," in refused.stderr


def test_each_folder_of_a_folder_is_a_tenant(tmp_path):
    """A file beside the folders has no tenant, a deeper one that of the outermost folder."""
    lake, store = tmp_path / "lake", open_store(tmp_path / "store.duckdb")
    for place, sender in (
        ("contoso/log.csv", "a@contoso.com"), ("contoso/2026/11/log.csv", "b@contoso.com"),
        ("it's $start/log.csv", "a@contoso.com"), ("log.csv", "c@contoso.com"),
        (".hidden/log.csv", "d@contoso.com"),
    ):  # fmt: skip
        (lake / place).parent.mkdir(parents=True, exist_ok=True)
        (lake / place).write_text(log(sender, 2))
    result = loading.load(store, lake, tenant_from_folder=True)
    assert [file.status for file in result.files] == ["loaded"] * 4
    assert result.message_count == 8
    told = ask_plain(store, "files").rows
    assert sorted(told["tenant"]) == ["", "contoso", "contoso", "it's $start"]
    again = smtpauth("--store", store.path, "load", lake, "--tenant-from-folder", "--json")
    assert {each["status"] for each in json.loads(again.stdout)["files"]} == {"already_loaded"}


def test_tenants_by_folder_need_a_folder_and_no_other_name(tmp_path):
    store = open_store(tmp_path / "store.duckdb")
    (tmp_path / "log.csv").write_text(log("a@contoso.com", 1))
    (refused,) = loading.load(store, tmp_path / "log.csv", tenant_from_folder=True).files
    assert refused.status == "refused" and "is no folder" in str(refused.error)
    with pytest.raises(UsageError, match="not both"):
        loading.load(store, tmp_path, tenant="contoso", tenant_from_folder=True)

"""Who else used an address, a network, a country, or what an account used."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from command import smtpauth
from findings_worlds import HOME, HOTEL, OFFICE, STRANGER, World, at

from smtpauth_kit.answers import ask
from smtpauth_kit.answers.composing import reads
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.kept_days import are_spans_kept
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import judging, loading
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import Store, open_store

A, B, C, D = (f"{name}@contoso.com" for name in "abcd")


def made(folder: Path) -> Store:
    """Four accounts: two share the office, one of them the hotel with a third, one is a stranger."""
    store = open_store(folder / "store.duckdb")

    def load(content: str | bytes, *, name: str = "", **options):
        path = folder / (name or f"{len(list(folder.iterdir()))}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return loading.load(store, path, **options)

    world = World(store, load)
    world.live(A, (0, 1, 2))
    world.live(B, (1,))
    world.message(at(1, 11), "alias@contoso.com", account=B)
    world.sign_in(at(3), A, place=HOTEL)
    world.sign_in(at(4), C, place=HOTEL)
    world.sign_in(at(5), D, "failure", place=STRANGER)
    world.sign_in(at(6), B, "failure", place=STRANGER)
    world.sign_in(at(6), C, place=HOME)
    world.load_all()
    return store


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("places"))


@pytest.fixture(scope="module")
def kept_world(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same, in a store that keeps its days and what they add up to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "MOST_UNKEPT", 0)
        return made(tmp_path_factory.mktemp("kept"))


def told(store: Store, **asked):
    rows = ask(store, "who-else", Filters(**asked)).rows.to_dict("records")
    names = ("account", "used_day_count", "message_count", "success_count", "failure_count")
    return [tuple(row[name] for name in names) for row in rows]


def test_who_used_an_address_is_told_with_all_of_it(world):
    (first, second) = ask(world, "who-else", Filters(client_ips=(OFFICE[0],))).rows.to_dict(
        "records"
    )
    assert first == {
        "account": A, "senders": [A], "client_ips": [OFFICE[0]], "networks": ["AS64496"],
        "countries": ["NL"], "used_day_count": 3, "message_count": 3, "success_count": 3,
        "failure_count": 0, "first_seen": at(0), "last_seen": at(2, 9.01), "tenant": "",
    }  # fmt: skip
    assert (second["account"], second["senders"]) == (B, ["alias@contoso.com", B])


def test_a_name_used_there_on_other_days_alone_is_not_told(store, load):
    load(
        "Date,Sender address,Message ID,Client IP,Account\n"
        "2026-11-16T08:00:00Z,alias@contoso.com,<1@x>,192.0.2.1,a@contoso.com\n"
        "2026-11-18T08:00:00Z,a@contoso.com,<2@x>,192.0.2.1,a@contoso.com\n"
        "2026-11-18T09:00:00Z,elsewhere@contoso.com,<3@x>,192.0.2.2,a@contoso.com\n"
    )
    asked = Filters(client_ips=("192.0.2.1",), start=dt.date(2026, 11, 17))
    assert ask(store, "who-else", asked).rows["senders"].tolist() == [[A]]
    whole = ask(store, "who-else", Filters(client_ips=("192.0.2.1",))).rows
    assert whole["senders"].tolist() == [[A, "alias@contoso.com"]]


def test_networks_and_countries_are_asked_for_in_any_spelling(world):
    failed = [(B, 0, 0, 0, 1), (D, 0, 0, 0, 1)]
    assert told(world, networks=("64501",)) == failed == told(world, networks=("as64501",))
    assert told(world, countries=("ng",)) == failed
    assert told(world, countries=("BR", "NG")) == [(C, 1, 0, 1, 0), (A, 1, 0, 1, 0), *failed]
    assert told(world, countries=("BR",), networks=("AS64501",)) == []


def test_of_an_account_the_others_are_told_that_used_its_addresses(world):
    assert told(world, accounts=("A@Contoso.com",)) == [(C, 1, 0, 1, 0), (B, 1, 2, 1, 0)]
    # Where D only failed it was never used from: nobody shares it.
    assert told(world, accounts=(D,)) == []


def test_days_senders_and_domains_narrow_it(world):
    office = {"client_ips": (OFFICE[0],)}
    day = at(2).date()
    assert told(world, **office, start=day, end=day) == [(A, 1, 1, 1, 0)]
    assert told(world, **office, end=at(-1).date()) == []
    assert told(world, **office, sender="ALIAS@contoso.com") == [(B, 1, 2, 1, 0)]
    assert told(world, **office, domains=("fabrikam.com",)) == []


PLACES = [
    *({"client_ips": (each[0],)} for each in (HOME, HOTEL, OFFICE, STRANGER)),
    *({"accounts": (each,)} for each in (A, B, C, D)),
    {"accounts": (A, C)}, {"accounts": (A,), "countries": ("BR",)}, {"networks": ("64501",)},
    {"countries": ("BR", "NL")}, {"countries": ("",)}, {"networks": ("192.0.0.0/16",)},
]  # fmt: skip
RANGES = [{}, {"start": at(2).date()}, {"end": at(3).date()}]
ASKED = [Filters(**place, **days) for place in PLACES for days in RANGES]


@pytest.fixture(scope="module")
def found(world: Store) -> list[list[dict[str, object]]]:
    return all_told(world)


def all_told(store: Store) -> list[list[dict[str, object]]]:
    return [ask(store, "who-else", each).rows.to_dict("records") for each in ASKED]


def test_days_of_few_addresses_tell_what_all_days_tell(world, found, monkeypatch):
    monkeypatch.setattr(Inputs, "narrow", lambda *_: None)
    assert found == all_told(world)
    assert sum(map(bool, found)) > 20


def test_sixty_days_added_up_tell_what_their_days_tell(found, kept_world):
    assert are_spans_kept(kept_world)
    assert all_told(kept_world) == found
    # Of all days, few rows are read; of a part of them, the days.
    for days, has_all in (((), True), ((f"--start={at(2).date()}",), False)):
        done = smtpauth(
            "show", "who-else", "--store", kept_world.path, "--account", A, "--format", "sql", *days
        )
        used = done.stdout[done.stdout.index("used_places as (") :]
        assert ("account_spans" in used) == has_all
        assert ("daily_by_place" in done.stdout) != has_all


def test_days_of_spans_are_added_up_once(store, load, monkeypatch):
    """Used on one day from two addresses and again 70 days later; untimed rows are of no use."""
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    load(
        "Date,Sender address,Message ID,Client IP,Account\n"
        "2026-09-07T08:00:00Z,a@contoso.com,<1@x>,192.0.2.1,a@contoso.com\n"
        "2026-09-07T09:00:00Z,a@contoso.com,<2@x>,192.0.2.2,a@contoso.com\n"
        "2026-11-16T10:00:00Z,alias@contoso.com,<3@x>,192.0.2.1,a@contoso.com\n"
        "2026-11-17T10:00:00Z,b@contoso.com,<4@x>,192.0.2.9,b@contoso.com\n"
    )
    load(
        "Date,Sender address,Message count,Client IP,Account\n"
        "2026-11-17,late@contoso.com,5,192.0.2.1,a@contoso.com\n"
    )
    assert are_spans_kept(store)
    (row,) = ask(store, "who-else", Filters(networks=("192.0.0.0/16",))).rows.to_dict("records")[1:]
    assert (row["account"], row["used_day_count"], row["message_count"]) == (A, 2, 3)
    assert row["senders"] == [A, "alias@contoso.com"]
    assert (row["first_seen"], row["last_seen"]) == (
        dt.datetime(2026, 9, 7, 8), dt.datetime(2026, 11, 16, 10),
    )  # fmt: skip


def test_it_is_first_seen_failing_also_where_it_got_in_later_that_day(store, load):
    world = World(store, load)
    world.sign_in(at(0, 8), A, "failure", place=HOTEL)
    world.sign_in(at(0, 9), A, place=HOTEL)
    world.load_all()
    (row,) = ask(store, "who-else", Filters(client_ips=(HOTEL[0],))).rows.to_dict("records")
    assert (row["first_seen"], row["last_seen"]) == (at(0, 8), at(0, 9))


def test_something_must_be_named_and_no_other_answer_ignores_it(world):
    with pytest.raises(UsageError, match="--client-ip, --network, --country, --account"):
        told(world)
    for answer in ("senders", "findings", "reconciliation", "sign-ins", "files"):
        with pytest.raises(UsageError, match="--country is for the answer who-else"):
            ask(world, answer, Filters(countries=("NL",)))


def test_its_sql_can_be_pasted_and_says_what_it_reads(world):
    done = smtpauth(
        "show", "who-else", "--store", world.path, "--country", "ng'--", "--format", "sql"
    )
    assert world.sql(done.stdout).empty
    asked = smtpauth(
        "show", "who-else", "--store", world.path, "--country", "ng", "--format", "sql"
    )
    assert world.sql(asked.stdout)["account"].tolist() == [B, D]
    text = sql_text("who_else", "answers/pivots")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    head = text[: text.index("with ")]
    known = {"used_places": "select 1", "named_places": "select 1"}
    assert head.count("-- Reads:    used_places, named_places") == 1
    assert reads(body, known) == list(known)
    assert set(re.findall(r"\$(\w+)", head)) == set(re.findall(r"\$(\w+)", body))


def test_a_network_of_ipv6_has_one_name_however_it_is_written(store, load):
    load(
        "Date,Sender address,Message ID,Client IP\n"
        "2026-11-16T08:00:00Z,a@contoso.com,<1@x>,2001:db8::1\n"
        "2026-11-16T08:00:00Z,b@contoso.com,<2@x>,2001:0DB8:0:5::2\n"
        "2026-11-16T08:00:00Z,c@contoso.com,<3@x>,2001:db8:7::3\n"
    )
    for written in ("2001:db8::/48", "2001:DB8:0::/48", "2001:db8:0:0::/48"):
        rows = ask(store, "who-else", Filters(networks=(written,))).rows
        assert rows["account"].tolist() == ["a@contoso.com", "b@contoso.com"], written
        assert {name for names in rows["networks"] for name in names} == {"2001:db8::/48"}
    rows = ask(store, "who-else", Filters(networks=("2001:db8:7::/48",))).rows
    assert rows["account"].tolist() == ["c@contoso.com"]

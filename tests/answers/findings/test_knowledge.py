"""Tables of knowledge: the kit's own are whole, the user's win, and errors say what is wrong."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from findings_worlds import World, at

from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.findings.knowledge.addresses import address_files, look_up
from smtpauth_kit.answers.findings.knowledge.tables import TABLES, rows
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.words.words import speak

ONE = "app1@contoso.com"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write a table of one's own, as text or bytes, beside `smtpauth.toml`."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setenv("SMTPAUTH_CONFIG", str(folder / "smtpauth.toml"))

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def km(one: tuple, other: tuple) -> float:
    (a, b), (c, d) = ((math.radians(x) for x in each[2:]) for each in (one, other))
    return 6371 * math.acos(math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d))


def test_every_country_of_iso_3166_has_its_place():
    known = {row[0]: row for row in rows("countries")}
    assert len(known) == 250  # the 249 of ISO 3166-1, and XK
    # Distances between middles of countries that an atlas has, within what "middle" leaves open.
    for one, other, distance in (
        ("NL", "BE", 190),
        ("NL", "BR", 8_900),
        ("US", "JP", 10_300),
        ("ES", "PT", 420),
    ):
        assert km(known[one], known[other]) == pytest.approx(distance, rel=0.15)


@pytest.mark.parametrize("name", TABLES)
def test_the_kits_own_tables_say_where_they_come_from(name):
    text = Path(knowledge.__file__).with_name(f"{name}.csv").read_text("utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert any(line.startswith("# Source: ") for line in comments)
    assert any(line.startswith("# Date: 20") for line in comments)
    assert rows(name)


def test_a_table_of_ones_own_replaces_the_kits_whole(own):
    before = knowledge.fingerprint()
    own("legacy_user_agents.csv", "starts_with,meaning\nOurScanner/1,an old scanner\n")
    assert rows("legacy_user_agents") == [("ourscanner/1", "an old scanner")]
    assert knowledge.fingerprint() != before


def test_a_table_saved_by_a_dutch_excel_is_read(own):
    text = (
        '"# Bron: zelf";;;\r\ncountry;name;latitude;longitude\r\nnl;Nederland;52,26;5,58\r\n;;;\r\n'
    )
    own("countries.csv", b"\xef\xbb\xbf" + text.encode())
    assert rows("countries") == [("NL", "Nederland", 52.26, 5.58)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("country,name,latitude\nNL,x,1\n", "lacks the column longitude"),
        ("", "lacks the column country, name, latitude, longitude"),
        ("country,name,latitude,longitude\n", "has no row"),
        ("country,name,latitude,longitude\nNLD,x,1,2\n", "line 2: country is 'NLD'; expected a country code"),
        ("country,name,latitude,longitude\nNL,x,91,2\n", "line 2: latitude is '91'; expected degrees from -90"),
        ("country,name,latitude,longitude\nNL,x,nan,2\n", "latitude is 'nan'"),
        ("# a\ncountry,name,latitude,longitude\nNL,x,1,2\nnl,y,1,2\n", "has 'NL' twice, again in line 4"),
        ("country,name,latitude,longitude\nNL,x\\'; drop table a; --,1,2\n", "without a backslash"),
        (b"\xff\xfe\x00", "cannot be read"),
        ("x" * 2_000_000, "more than 1 MB"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_in_plain_words(own, text, said):
    path = own("countries.csv", text)
    with pytest.raises(KitError) as caught:
        rows("countries")
    assert said in str(caught.value) and str(path) in str(caught.value)
    assert speak("nl").sentence(caught.value) != str(caught.value)


def test_quotes_in_a_table_stay_text(own, store, load):
    own("legacy_user_agents.csv", "starts_with,meaning\n'; drop table sign_ins; --,it's old\n")
    world = World(store, load)
    world.sign_in(at(1), ONE, agent="'; DROP table sign_ins; --", auth="basic")
    (finding,) = world.found("legacy_user_agent")
    assert finding.subject == ONE


# --- addresses ---------------------------------------------------------------------------------


@pytest.fixture
def mmdb(tmp_path):
    """Write a MaxMind-format file: networks and what they are."""
    writer = pytest.importorskip("mmdb_writer", reason="install the extra: .[test]")
    netaddr = pytest.importorskip("netaddr")

    def write(name: str, entries: dict[str, dict]) -> Path:
        path = tmp_path / name
        file = writer.MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=name)
        for network, entry in entries.items():
            file.insert_network(netaddr.IPSet([network]), entry)
        file.to_db_file(str(path))
        return path

    return write


@pytest.fixture
def named(mmdb, monkeypatch):
    countries = mmdb(
        "country.mmdb",
        {
            "203.0.113.0/24": {"country": {"iso_code": "NG"}},
            "2001:db8::/32": {"country_code": "de"},
        },
    )
    numbers = mmdb("asn.mmdb", {"203.0.113.0/25": {"autonomous_system_number": 64501}})
    monkeypatch.setenv("SMTPAUTH_ADDRESS_FILES", os.pathsep.join(map(str, (countries, numbers))))


def test_addresses_are_looked_up_in_the_files_that_are_named_and_in_no_others(named):
    seen = [
        "203.0.113.66",
        "203.0.113.200",
        "2001:db8::1",
        "192.0.2.1",
        "no address",
        "203.0.113.66",
    ]
    assert look_up(seen) == [
        ("203.0.113.66", "NG", "AS64501"), ("203.0.113.200", "NG", ""), ("2001:db8::1", "DE", ""),
    ]  # fmt: skip


def test_without_a_name_no_file_is_read(own):
    own("GeoLite2-Country.mmdb", b"whatever lies there")
    assert address_files() == [] and look_up(["203.0.113.66"]) == []


def test_files_are_named_in_the_settings_beside_them(own):
    path = own("smtpauth.toml", '[knowledge]\naddress_files = ["country.mmdb"]\n')
    assert address_files() == [path.parent / "country.mmdb"]
    own("smtpauth.toml", '[knowledge]\naddress_files = "country.mmdb"\n')
    with pytest.raises(KitError, match="must list the files of addresses"):
        address_files()


@pytest.mark.parametrize("content", [None, b"", b"no such format"])
def test_a_file_that_is_none_is_refused_in_plain_words(own, content, monkeypatch, tmp_path):
    pytest.importorskip("maxminddb", reason="install the extra: .[addresses]")
    path = tmp_path / "some.mmdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SMTPAUTH_ADDRESS_FILES", str(path))
    with pytest.raises(KitError, match="cannot be read as a MaxMind-format file"):
        look_up(["203.0.113.66"])


def test_a_leap_is_seen_where_only_the_users_file_tells_the_country(named, store, load):
    world = World(store, load)
    home = ("2001:db8::7", "", "")
    for day in range(20):
        world.message(at(day), ONE, place=home)
    world.message(at(20), ONE, place=home)
    world.message(at(20, 10), ONE, place=("203.0.113.66", "", ""))
    (finding,) = world.found("far_countries")
    assert finding.values["where_from"] == "203.0.113.66 (AS64501)"
    assert (finding.values["country"], finding.values["home_country"]) == ("NG", "DE")


def test_what_a_sign_in_tells_is_believed_before_the_users_file(named, store, load):
    world = World(store, load)
    for day in range(20):
        world.live(ONE, [day])
    world.live(ONE, [21], place=("203.0.113.66", "BE", "64500"))
    (finding,) = world.found("new_country")
    assert finding.values["country"] == "BE" and finding.values["network"] == "AS64500"

"""Owner, state, due date, note: kept, shown, taken out as CSV and read back, whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re

import pytest
from command import smtpauth
from hostile import HOSTILE, hostile_log
from readiness_worlds import END, Sent, day, every_day

from smtpauth_kit.answers.readiness import kept
from smtpauth_kit.answers.readiness.kept import Said, said_of
from smtpauth_kit.answers.readiness.table_of_notes import notes_in
from smtpauth_kit.base.errors import FileRefused, KitError
from smtpauth_kit.store import settings
from smtpauth_kit.words.words import speak


@pytest.fixture
def world(store, load) -> Sent:
    return Sent(store, load).sent("a", every_day(day("11-16"))).sent("b", [END]).loaded()


@pytest.fixture
def edited(tmp_path):
    """Write an edited CSV."""

    def write(content: str | bytes):
        path = tmp_path / "edited.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def told(store, sender: str = "a@contoso.com") -> Said:
    return said_of(store).get(sender, Said())


def test_what_is_kept_of_a_sender_is_shown_and_outlives_loads_and_unloads(world, store, load):
    def note(*arguments):
        done = smtpauth("note", *arguments, "--store", store.path, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert note("A@Contoso.com", "--owner", "Facilities ", "--state", "in_progress") == {
        "sender_address": "a@contoso.com", "owner": "Facilities", "state": "in_progress",
        "due_date": None, "note": None,
    }  # fmt: skip
    note("a@contoso.com", "--due", "15-12-2026", "--note", "=ordered\nnew firmware")
    shown = json.loads(smtpauth("show", "readiness", "--store", store.path, "--json").stdout)
    row = {row["sender_address"]: row for row in shown["rows"]}["a@contoso.com"]
    expected = ("Facilities", "in_progress", "2026-12-15", "=ordered\nnew firmware")
    assert (row["owner"], row["state"], row["due_date"], row["note"]) == expected
    # Unloaded, and loaded again: what people said is still there.
    (file_id,) = store.run("select file_id from source_files")["file_id"]
    assert smtpauth("unload", file_id, "--store", store.path).returncode == 0
    assert len(store.run("select 1 from source_files")) == 0
    world.sent("a", [END]).loaded()
    assert world.by_sender()["a"]["owner"] == "Facilities"
    # An empty word clears; who and when of each change stay.
    note("a@contoso.com", "--owner", "", "--state", "open")
    assert told(store) == Said(None, "open", dt.date(2026, 12, 15), "=ordered\nnew firmware")
    owners = settings.history(store, "owner:a@contoso.com")
    assert [change.value for change in owners] == ["Facilities", None] and owners[0].changed_by


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a@contoso.com", "--state", "gone"], 2, "There is no state 'gone'. Expected open,"),
        (
            ["a@contoso.com", "--due", "soon"],
            2,
            "This is no day: the date 'soon' cannot be read; write it as 2026-12-31.",
        ),
        (
            ["a@contoso.com", "--due", "5-1-2027"],
            2,
            "'5-1-2027' may be read in two ways; write it as 2026-12-31.",
        ),
        (["nobody", "--owner", "x"], 2, "'nobody' is no sender address."),
        (["--owner", "x"], 2, "Name one sender"),
        (["a@contoso.com", "--from", "x.csv"], 2, "Name one sender"),
        (["--from", "not-there.csv"], 1, "not-there.csv cannot be read: No such file"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(world, store, arguments, code, said):
    done = smtpauth("note", *arguments, "--store", store.path)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr
    assert said_of(store) == {}


def test_a_slip_in_an_address_is_kept_and_said(world, store):
    done = smtpauth("note", "aa@contoso.com", "--owner", "x", "--store", store.path)
    assert done.returncode == 0
    assert done.stderr == "Kept, but no export that is loaded has aa@contoso.com.\n"
    assert done.stdout == "sender_address: aa@contoso.com; owner: x; state: open\n"


def test_the_csv_of_hostile_senders_is_inert_and_comes_back_as_it_was(store, load, tmp_path):
    load(hostile_log())
    senders = {
        row for row in store.run("select distinct sender_key from submissions")["sender_key"]
    }
    notes = dict(
        zip(sorted(senders), [*HOSTILE, "=1+1", "-2;+3", "'quoted", "@x\n=y"], strict=False)
    )
    kept.keep(store, {key: {"note": text.strip()} for key, text in notes.items()})
    before = said_of(store)
    assert len(before) > 5
    shown = smtpauth("show", "readiness", "--format", "csv", "--store", store.path).stdout
    cells = [cell for row in csv.reader(io.StringIO(shown)) for cell in row]
    assert [cell for cell in cells if cell.lstrip()[:1] in "=+@-" and cell.strip()] == []
    evil = {"owner": "\x1b]0;title\x07\u202e", "note": "\x1b[2J\nBcc: x", "state": "accepted",
            "due_date": "2026-11-01"}  # fmt: skip
    kept.keep(store, {"good@contoso.com": evil})
    screen = smtpauth("show", "readiness", "--store", store.path).stdout
    screen += smtpauth("show", "findings", "--store", store.path).stdout
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", screen) and "title" in screen
    before_it = before.get("good@contoso.com", Said())
    kept.keep(store, {"good@contoso.com": {**dict.fromkeys(evil), "note": before_it.note}})
    file = tmp_path / "out.csv"
    file.write_text(shown, "utf-8", newline="")
    done = smtpauth("note", "--from", file, "--store", store.path, "--json")
    assert json.loads(done.stdout) == {
        "sender_count": len(senders), "changed_count": 0, "unknown_senders": [],
    }  # fmt: skip
    assert said_of(store) == before
    # As a Dutch Excel saves it: semicolons, a mark of the encoding, other line ends.
    rows = list(csv.DictReader(io.StringIO(shown)))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, "owner": "'=Piet", "due_date": "5-1-2027"} for row in rows)
    file.write_text(text.getvalue(), "utf-8-sig", newline="")
    done = smtpauth("note", "--from", file, "--store", store.path)
    assert done.stdout == f"{len(senders)} senders read, {2 * len(senders)} fields changed.\n"
    for key, said in said_of(store).items():
        assert (said.owner, said.due_date) == ("=Piet", dt.date(2027, 1, 5))
        assert said.note == before[key].note if key in before else said.note is None


def test_an_emptied_cell_clears_and_an_absent_sender_or_column_keeps(world, store, edited):
    kept.keep(store, {
        "a@contoso.com": {"owner": "A", "state": "done", "note": "n"},
        "b@contoso.com": {"owner": "B", "due_date": "2026-12-01"},
    })  # fmt: skip
    file = edited("sender_address,owner,state\nA@contoso.com,,contacted\n\n,,\n")
    assert kept.keep(store, notes_in(file)) == 2
    assert told(store) == Said(None, "contacted", None, "n")
    assert told(store, "b@contoso.com") == Said("B", "open", dt.date(2026, 12, 1), None)


@pytest.mark.parametrize(
    ("content", "day_kept"),
    [
        ("sender_address;due_date\na@contoso.com;31-12-2026\n", "2026-12-31"),
        ("sender_address;due_date\na@contoso.com;1-2-2027\n", "2027-02-01"),
        (
            "sender_address,due_date\na@contoso.com,2/1/2027\nb@contoso.com,12/31/2026\n",
            "2027-02-01",
        ),
        (
            "sender_address,due_date\na@contoso.com,1/2/2027\nb@contoso.com,31/12/2026\n",
            "2027-02-01",
        ),
        ("sender_address\tdue_date\na@contoso.com\t01.02.2027\n", "2027-02-01"),
        ("sender_address,due_date\na@contoso.com,46419\n", "2027-02-01"),
        ("sender_address,due_date\na@contoso.com,1 feb 2027\n", "2027-02-01"),
        ("sender_address,due_date\na@contoso.com,2027-02-01 00:00\n", "2027-02-01"),
        ("sender_address;due_date\na@contoso.com;1-2-2027\n".encode("utf-16"), "2027-02-01"),
        ("sep=;\r\nsender_address;due_date\r\na@contoso.com;1-2-2027\r\n", "2027-02-01"),
        ("\ufeffSEP=,\nsender_address,due_date\na@contoso.com,13-2-2027\n", "2027-02-13"),
        ('"sep=\t"\nsender_address\tdue_date\na@contoso.com\t01.02.2027\n', "2027-02-01"),
    ],
)
def test_a_day_is_read_in_every_form_that_spreadsheets_write(
    world, store, edited, content, day_kept
):
    kept.keep(store, notes_in(edited(content)))
    assert str(told(store).due_date) == day_kept


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("sender_address,state\na@contoso.com,done\nb@contoso.com,never\n", 3,
         "There is no state 'never'. Expected open, contacted, in_progress, done, accepted."),
        ("sender_address,due_date\na@contoso.com,2026-12-01\nb@contoso.com,31-02-2027\n", 3,
         "This is no day: there is no such date as '31-02-2027'; write it as 2026-12-31."),
        ("sender_address,due_date\na@contoso.com,soon\n", 2, "This is no day: the date 'soon' cannot be read"),
        ("sender_address,due_date\na@contoso.com,1/2/2027\n", 2,
         "'1/2/2027' may be read in two ways; write it as 2026-12-31."),
        ("sender_address,owner\na@contoso.com,x\n,Piet\n", 3, "'' is no sender address."),
        ("sender_address,owner\na@contoso.com,x\nA@contoso.com,y\n", 3, "The sender stands twice"),
        ("sender_address,owner\na@contoso.com,x\nb@contoso.com,x,y\n", 3, "The row has 3 cells"),
    ],
)  # fmt: skip
def test_one_bad_row_refuses_the_whole_file_with_its_line(
    world, store, edited, content, line, said
):
    file = edited(content)
    done = smtpauth("note", "--from", file, "--store", store.path)
    assert done.returncode in (1, 2) and done.stdout == ""
    assert f"edited.csv, line {line}: {said}" in done.stderr
    assert done.stderr.endswith("Nothing was changed: mend the line and give the file again.\n")
    assert said_of(store) == {}
    with pytest.raises(KitError) as refused:
        notes_in(file)
    assert f"regel {line}" in speak("nl").sentence(refused.value)


def test_a_file_that_is_no_table_of_senders_is_refused(edited):
    for content in ("Date,Sender address\n", "sender_address,message_count\na@x.example,3\n"):
        with pytest.raises(FileRefused, match="is no table of senders"):
            notes_in(edited(content))
    with pytest.raises(FileRefused, match="is empty"):
        notes_in(edited(""))
    mixed = "sender_address,due_date\na@x.example,13/01/2027\nb@x.example,01/13/2027\n"
    with pytest.raises(FileRefused, match="day first and others with the month first"):
        notes_in(edited(mixed))


def test_the_day_of_retirement_is_kept_by_the_command(world, store):
    done = smtpauth("note", "--retirement", "2027-06-30", "--store", store.path)
    assert done.stdout == "Basic auth goes on 2027-06-30.\n"
    shown = smtpauth("show", "burn-down", "--store", store.path)
    assert "1 remain on 2027-06-30" not in shown.stdout
    assert "Senders on Basic auth on 2026-11-22: 2." in shown.stdout
    assert "2 remain on 2027-06-30." in shown.stdout

"""The load screen without a browser: send what a browser sends, read what is shown."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading

import pytest
from command import smtpauth
from conftest import LOG, LOG_HEADER, WEEK
from live import hear, view_of

import smtpauth_kit as sk
from smtpauth_kit.answers.files import rejected
from smtpauth_kit.base.errors import Cancelled, KitError
from smtpauth_kit.loading import loaded_files, loading, mappings, one_file
from smtpauth_kit.loading.uploads import Upload
from smtpauth_kit.screens import workplace
from smtpauth_kit.screens.load_screen import LoadScreen

EVIL = "</script><img src=x onerror=alert(1)>"
OWN = f"Wanneer;Wie;Nr\n16-11-2026 08:00;erp@contoso.com;<1@a>\n17-11-2026 08:00;{EVIL};<2@a>\n"
MAPPED = {"Date": "Wanneer", "Sender address": "Wie", "Message ID": "Nr"}
BAD_ROWS = "".join(f"2026-11-16T08:00:00Z,nobody{EVIL}{n},x,<{n}@bad>,,,\n" for n in range(45))


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """A project of its own, so that nothing lands in the checkout; returns its exports folder."""
    for name in ("notebooks", "data"):
        (tmp_path / "project" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    return tmp_path / "project" / "data" / "exports"


@pytest.fixture
def screen(store, exports) -> LoadScreen:
    """An empty screen, with what it sends kept in `screen.sent`."""
    screen = sk.load(store)
    screen.sent = []
    view_of(screen).send = screen.sent.append
    return screen


def press(screen, **message):
    """Send a message as the browser does, and wait for what it started."""
    buffers = message.pop("buffers", [])
    hear(view_of(screen), message, buffers)
    for thread in threading.enumerate():
        if thread.name.startswith("smtpauth-load"):
            thread.join(60)
    assert screen.wait(60)


def drop(screen, name, text, piece=7):
    """Send a file as the browser does, in pieces; return the last answer."""
    data = text.encode()
    for offset in range(0, max(len(data), 1), piece):
        said = {"id": 1, "name": name, "size": len(data), "offset": offset}
        press(screen, piece=said, buffers=[memoryview(data[offset : offset + piece])])
    return screen.sent[-1]["piece"]


def statuses(screen):
    return [file.status for file in screen.result.files]


def shown(screen):
    return "".join(file["html"] for file in view_of(screen).shown["files"])


def test_without_a_path_the_screen_waits_for_files_and_says_where_they_are_kept(screen, exports):
    assert screen.status == "Nothing is loaded yet."
    assert view_of(screen).shown["folder"] == str(exports)
    assert screen.result.files == ()


def test_a_dropped_file_is_kept_in_the_exports_folder_and_loaded(screen, exports):
    assert drop(screen, "log.csv", LOG) == {"id": 1, "received": len(LOG)}
    press(screen, arrived=[1])
    assert (exports / "log.csv").read_text() == LOG
    assert [path.name for path in exports.iterdir()] == ["log.csv"]
    assert statuses(screen) == ["loaded"]
    assert screen.status == (
        "1 file: 1 loaded. 3 rows read = 3 loaded + 0 duplicate + 0 rejected + 0 other. "
        "The store holds 3 messages."
    )
    assert "plain submission log" in shown(screen) and "Nov 16, 2026" in shown(screen)


def test_the_same_file_again_is_already_loaded_and_no_other_is_overwritten(screen, exports):
    for text in (LOG, LOG, LOG.replace("<", "<again-")):
        drop(screen, "log.csv", text)
        press(screen, arrived=[1])
    assert statuses(screen) == ["loaded", "already_loaded", "loaded"]
    assert sorted(path.name for path in exports.iterdir()) == ["log (2).csv", "log.csv"]
    assert (exports / "log.csv").read_text() == LOG
    assert "Already loaded" in shown(screen)
    # Unloaded, each takes away what it counted for, also what was loaded before.
    assert re.findall(r'data-messages="(\d+)"', shown(screen)) == ["3", "3", "3"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.csv", "evil.csv"), ("C:\\temp\\x.csv", "x.csv"), ("..", "export"),
        (".hidden.csv", "hidden.csv"), ("a\u202eb\n.csv", "a_b_.csv"), ("con.csv", "_con.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"), ("zip!member.csv", "zip_member.csv"),
    ],
)  # fmt: skip
def test_a_name_never_leaves_the_folder(screen, exports, name, kept):
    drop(screen, name, LOG)
    press(screen, arrived=[1])
    assert [path.name for path in exports.iterdir()] == [kept]
    assert statuses(screen) == ["loaded"]


def test_a_link_of_that_name_is_not_followed(screen, exports, tmp_path):
    exports.mkdir()
    (exports / "log.csv").symlink_to(tmp_path / "elsewhere.csv")
    drop(screen, "log.csv", LOG)
    assert not (tmp_path / "elsewhere.csv").exists()
    assert (exports / "log (2).csv").read_text() == LOG


def test_an_upload_that_is_given_up_or_out_of_order_leaves_nothing(screen, exports):
    press(screen, piece={"id": 1, "name": "a.csv", "size": 9, "offset": 0}, buffers=[b"abc"])
    press(screen, give_up=1)
    press(screen, piece={"id": 2, "name": "b.csv", "size": 9, "offset": 0}, buffers=[b"abc"])
    press(screen, piece={"id": 2, "name": "b.csv", "size": 9, "offset": 5}, buffers=[b"abc"])
    assert "wrong order" in screen.sent[-1]["piece"]["error"]
    assert list(exports.iterdir()) == []


def test_more_than_a_file_may_hold_is_refused_before_it_comes(tmp_path):
    with pytest.raises(KitError, match="20 GiB"):
        Upload(tmp_path, "huge.csv", 21 * 2**30)


def test_a_full_disk_is_said_and_leaves_nothing(screen, exports, monkeypatch):
    class Full:
        def write(self, piece):
            raise OSError(28, "No space left on device")

        def close(self): ...

    press(screen, piece={"id": 1, "name": "a.csv", "size": 6, "offset": 0}, buffers=[b"abc"])
    monkeypatch.setattr(screen._uploads[1], "_stream", Full())
    press(screen, piece={"id": 1, "name": "a.csv", "size": 6, "offset": 3}, buffers=[b"def"])
    assert "No space left" in screen.sent[-1]["piece"]["error"]
    assert list(exports.iterdir()) == []


def test_the_folder_is_loaded_with_one_button(screen, exports):
    press(screen, folder=True)
    assert screen.status == f"There is nothing in {exports} yet."
    exports.mkdir()
    (exports / "log.csv").write_text(LOG)
    press(screen, folder=True)
    assert statuses(screen) == ["loaded"]


def test_rejected_rows_open_page_by_page_with_line_reason_and_raw_escaped(screen, exports):
    drop(screen, "log.csv", LOG + BAD_ROWS, piece=100_000)
    press(screen, arrived=[1])
    assert "45 rejected rows" in shown(screen) and "1\u201320 of 45 rows" in shown(screen)
    (file,) = screen.result.files
    press(screen, rejected={"id": "p", "file_id": file.file_id, "offset": 40})
    html = screen.sent[-1]["page"]["html"]
    assert "41\u201345 of 45 rows" in html and ">49</td>" in html and "after an @" in html
    for text in (html, shown(screen), screen._repr_html_()):
        assert "&lt;img src=x" in text and "<img" not in text


def test_a_file_is_unloaded_exactly(screen, store, exports):
    drop(screen, "log.csv", LOG)
    press(screen, arrived=[1])
    (file,) = screen.result.files
    press(screen, unload={"file_id": file.file_id})
    assert statuses(screen) == ["unloaded"]
    assert screen.status == "log.csv is unloaded. The store holds 0 messages."
    assert loaded_files.stored_files(store) == []
    assert (exports / "log.csv").exists()
    assert "<button" not in shown(screen)


def test_files_of_the_store_are_listed_page_by_page_and_can_be_unloaded(screen, load):
    for n in range(23):
        load(LOG.replace("<", f"<{n}-"))
    press(screen, stored={"id": "p", "file_id": 0, "offset": 20})
    html = screen.sent[-1]["page"]["html"]
    assert "21\u201323 of 23 rows" in html and html.count("smtpauth-unload") == 3


def test_unknown_columns_are_asked_with_samples_and_remembered_for_that_header(screen, store):
    drop(screen, "own.csv", OWN)
    press(screen, arrived=[1])
    assert statuses(screen) == ["refused"]
    press(screen, ask=0)
    asked = screen.sent[-1]["ask"]
    assert asked["columns"] == [
        ["Wanneer", ["16-11-2026 08:00", "17-11-2026 08:00"]],
        ["Wie", ["erp@contoso.com", EVIL]],
        ["Nr", ["<1@a>", "<2@a>"]],
    ]
    answer = {"number": 0, "format": "submission-log", "columns": MAPPED, "date_order": ""}
    press(screen, answer=answer)
    assert statuses(screen) == ["loaded"]
    today = dt.date.today().isoformat()
    (file,) = screen.result.files
    assert (file.rows_loaded, file.rows_rejected) == (1, 1)
    assert f"columns as you mapped them on {today}: “Wanneer” is Date" in file.warnings[0]
    assert f"as you mapped them on {today}" in file.why

    drop(screen, "next.csv", OWN.replace("@a>", "@b>").replace("Wanneer;Wie;Nr", "WANNEER;wie;Nr"))
    press(screen, arrived=[1])
    assert statuses(screen) == ["loaded", "loaded"]
    assert "columns as you mapped them on" in screen.result.files[1].warnings[0]

    press(screen, forget=1)
    assert mappings.remembered(store) == {}
    drop(screen, "third.csv", OWN.replace("@a>", "@c>"))
    press(screen, arrived=[1])
    assert statuses(screen)[2] == "refused"


def test_an_answer_that_does_not_fit_is_said_and_nothing_is_remembered(screen, store):
    drop(screen, "own.csv", OWN)
    press(screen, arrived=[1])
    columns = {"Date": "Wanneer", "No such field": "Wie"}
    press(screen, answer={"number": 0, "format": "submission-log", "columns": columns})
    assert "No such field" in screen.status
    columns = {"Date": "Wanneer", "Sender address": "no such column"}
    press(screen, answer={"number": 0, "format": "submission-log", "columns": columns})
    assert statuses(screen) == ["refused"]
    assert mappings.remembered(store) == {}


def test_dates_that_can_be_read_in_two_ways_are_asked(screen):
    drop(screen, "log.csv", f"{LOG_HEADER}03/04/2026 08:00,a@contoso.com,b@x.example,<1@x>,,,\n")
    press(screen, arrived=[1])
    press(screen, ask=0)
    asked = screen.sent[-1]["ask"]
    assert (asked["asks_order"], asked["dates"]) == (True, ["03/04/2026 08:00"])
    press(screen, answer={"number": 0, "format": "submission-log", "date_order": "dmy"})
    assert screen.result.files[0].period == (dt.date(2026, 4, 3), dt.date(2026, 4, 3))


def test_a_report_asks_for_its_days(screen):
    drop(screen, "report.csv", "Sender address,Messages sent\na@contoso.com,5\n")
    press(screen, arrived=[1])
    press(screen, ask=0)
    asked = screen.sent[-1]["ask"]
    assert [fmt["needs_period"] for fmt in asked["formats"]] == [True]
    press(screen, answer={"number": 0, "format": "report", "period": ["2026-11-16", ""]})
    assert screen.status == "Choose both dates."
    days = [day.isoformat() for day in WEEK]
    press(screen, answer={"number": 0, "format": "report", "period": days})
    assert screen.result.files[0].period == WEEK


def test_one_answer_settles_the_days_of_a_whole_folder_and_names_offer_them(screen, exports):
    exports.mkdir()
    names = ("smtp_auth_2026-11-09_2026-11-15.csv", "smtp_auth_2026-11-16_2026-11-22.csv", "x.csv")
    for n, name in enumerate(names):
        text = f"Sender address,Messages sent\na{n}@contoso.com,{n + 5}\n"
        (exports / name).write_text(text)
    press(screen, folder=True)
    press(screen, ask=1)
    asked = screen.sent[-1]["ask"]["reports"]
    assert asked == [
        {"number": 0, "name": names[0], "days": ["2026-11-09", "2026-11-15"]},
        {"number": 1, "name": names[1], "days": ["2026-11-16", "2026-11-22"]},
        {"number": 2, "name": names[2], "days": []},
    ]
    said = [{"number": each["number"], "period": each["days"]} for each in asked if each["days"]]
    press(screen, answer={"reports": said})
    assert statuses(screen) == ["loaded", "loaded", "refused"]
    assert [file.period for file in screen.result.files[:2]] == [
        (dt.date(2026, 11, 9), dt.date(2026, 11, 15)),
        (dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
    ]
    assert screen.status == (
        "2 files: 2 loaded. 2 rows read = 2 loaded + 0 duplicate + 0 rejected + 0 other. "
        "The store holds 11 messages."
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_screen_never_speaks_of_an_option_of_the_command_line(store, exports, language):
    texts = {
        "report_2026-11-16_2026-11-22.csv": "Sender address,Messages sent\na@contoso.com,5\n",
        "report.csv": "Sender address,Messages sent\na@contoso.com,5\n",
        "own.csv": OWN,
        "log.csv": f"{LOG_HEADER}03/04/2026 08:00,a@contoso.com,b@x.example,<1@x>,,,\n",
        "CASMailbox.csv": "PrimarySmtpAddress,SmtpClientAuthenticationDisabled\na@contoso.com,\n",
    }
    exports.mkdir()
    for name, text in texts.items():
        (exports / name).write_text(text)
    screen = sk.load(store, language=language)
    press(screen, folder=True)
    shown = view_of(screen).shown
    html = " ".join(file["html"] for file in shown["files"])
    assert len(shown["files"]) == len(texts)
    assert "--" not in html
    button = {"en": "Answer and load again", "nl": "Antwoorden en opnieuw laden"}[language]
    assert html.count(f"“{button}”") == 4
    assert ("Its name holds Nov 16, 2026 to Nov 22, 2026." in html) == (language == "en")


def test_a_member_of_an_archive_is_loaded_again_by_itself(screen, exports, tmp_path):
    import zipfile

    exports.mkdir()
    with zipfile.ZipFile(exports / "all.zip", "w") as archive:
        archive.writestr("log.csv", LOG)
        archive.writestr("report.csv", "Sender address,Messages sent\na@contoso.com,5\n")
    press(screen, folder=True)
    assert statuses(screen) == ["loaded", "refused"]
    days = [day.isoformat() for day in WEEK]
    press(screen, answer={"number": 1, "format": "report", "period": days})
    assert statuses(screen) == ["loaded", "loaded"]
    assert screen.result.files[1].path.endswith("all.zip!report.csv")


def test_a_call_with_paths_has_loaded_all_before_it_returns(store, write, exports):
    screen = sk.load(store, write("log.csv", LOG), write("own.csv", OWN), tenant="contoso")
    assert statuses(screen) == ["loaded", "refused"]
    assert store.sql("select distinct tenant from submissions").tenant.tolist() == ["contoso"]
    assert view_of(screen).progress == {} and view_of(screen).shown["busy"] is False


def test_cancel_keeps_files_that_were_done_and_shows_them(store, write, exports):
    files = [write("a.csv", LOG), write("b.csv", LOG.replace("<", "<b-"))]
    screen = LoadScreen(store)
    view_of(screen).send = lambda message: (
        screen.cancel()
    )  # The first thing said: a file has ended.
    with pytest.raises(Cancelled):
        screen.load(*files)
    assert screen.status == "Stopped. Files that were done stay; the one under way left nothing."
    assert [file.path for file in screen.result.files] == [str(files[0])]
    assert [file.path for file in loaded_files.stored_files(store)] == [str(files[0])]
    view_of(screen).send = lambda message: None
    screen.load(files[1])
    assert screen.status.endswith("The store holds 6 messages.")


def test_the_exported_form_has_the_same_rows_and_no_control(store, write, exports):
    screen = sk.load(store, write("log.csv", LOG + BAD_ROWS), write("own.csv", OWN))
    html = screen._repr_html_()
    assert screen.status in html and "25 more rows: smtpauth show rejected" in html
    assert html.count('scope="row"') == 2
    assert "<button" not in html and "<input" not in html
    assert str(exports.parents[2]) not in html and "own.csv is not an export" in html
    assert sk.load(store)._repr_html_().count('scope="row"') == 1


def test_the_screen_speaks_dutch(store, write, exports):
    screen = sk.load(store, write("log.csv", LOG), language="nl")
    assert screen.status == (
        "1 bestand: 1 geladen. 3 rijen gelezen = 3 geladen + 0 dubbel + 0 afgewezen + 0 overig. "
        "De opslag bevat 3 berichten."
    )
    assert "Herkend als" in screen._repr_html_()


def test_without_a_project_exports_are_kept_beside_the_store(store, monkeypatch):
    monkeypatch.setattr(workplace, "project_folder", lambda: None)
    assert workplace.exports_folder(store) == store.path.parent / "exports"


# --- the same in the terminal --------------------------------------------------------------


def test_the_terminal_shows_the_same_facts_as_one_table_and_ends_in_one_line(tmp_path, write):
    log, own = write("log.csv", LOG + BAD_ROWS), write("own.csv", OWN)
    done = smtpauth("load", log, own, "--store", tmp_path / "s.duckdb")
    lines = done.stdout.splitlines()
    assert lines[0].split("  ")[0] == "file"
    cells = [cell.strip() for cell in lines[1].split("  ") if cell.strip()]
    assert cells[:2] == [str(log), "loaded"] and cells[2].startswith("plain submission log: Date,")
    assert cells[3:] == ["2026-11-16 to 2026-11-22", "48", "3", "0", "45", "0", "3"]
    assert lines[2].split() == [str(own), "refused"]
    assert lines[-2:] == [
        "Rejected rows and their reasons: smtpauth show rejected",
        "2 files: 1 loaded, 1 refused. 48 rows read = 3 loaded + 0 duplicate + 45 rejected + "
        "0 other. The store holds 3 messages.",
    ]
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("Refused: ")


def test_a_map_of_the_command_line_is_remembered_said_and_can_be_forgotten(tmp_path, write):
    store = ("--store", tmp_path / "s.duckdb")
    pairs = [f"--map={field}={column}" for field, column in MAPPED.items()]
    files = [write(f"{n}.csv", OWN.replace("@a>", f"@{n}>")) for n in range(4)]
    first = smtpauth("load", files[0], *pairs, *store)
    said = "“Wanneer” is Date, “Wie” is Sender address, “Nr” is Message ID; remembered for"
    assert first.returncode == 0 and said in first.stdout
    again = smtpauth("load", files[1], "--json", *store)
    (file,) = json.loads(again.stdout)["files"]
    assert (file["status"], file["rows_loaded"]) == ("loaded", 1)
    assert f"columns as you mapped them on {dt.date.today()}" in file["warnings"][0]
    assert smtpauth("load", files[2], "--forget-map", *store).returncode == 1
    assert smtpauth("load", files[3], *store).returncode == 1


def test_a_stopped_load_shows_what_was_done(tmp_path, write, monkeypatch):
    files = [write(f"{n}.csv", LOG.replace("<", f"<{n}-")) for n in range(3)]
    real = one_file.load_one

    def press_ctrl_c_in_the_second(writer, export, options, watch, number, *rest):
        watch.is_stopped = number == 2
        return real(writer, export, options, watch, number, *rest)

    monkeypatch.setattr(loading, "load_one", press_ctrl_c_in_the_second)
    done = smtpauth("load", *files, "--store", tmp_path / "s.duckdb")
    assert [line.split()[1] for line in done.stdout.splitlines()[1:]] == ["loaded"]
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1, "Stopped. Files that were done stay loaded; this one left nothing.",
    )  # fmt: skip


def test_a_dutch_screen_says_refusals_warnings_and_reasons_in_dutch(store, write):
    log = write("log.csv", LOG_HEADER.strip() + ",Kleur\n2026-10-32,fax@contoso.com,,,,,,rood\n")
    own = write("own.csv", "Datum,Afzender,Aantal\n2026-10-01,a@contoso.com,3\n")
    screen = sk.load(store, log, own, language="nl")
    html = screen._repr_html_()
    for said in (
        "eenvoudig verzendlogboek",
        "kolommen die de kit niet kent, niet geladen: “Kleur”",
        "de datum &#39;2026-10-32&#39; bestaat niet",
        "own.csv is geen export die de kit herkent. De kolommen: Datum, Afzender, Aantal.",
    ):
        assert said in html
    # What is stored and printed stays as it is.
    assert rejected(store)["reason"].tolist() == ["there is no such date as '2026-10-32'"]
    assert screen.result.files[1].error.startswith(f"{own} is not an export the kit recognises.")

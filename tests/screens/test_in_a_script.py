"""The kit in a plain Python script: no notebook is there to show a screen in."""

from __future__ import annotations

import subprocess
import sys

from conftest import LOG

SCRIPT = """
import sys
import smtpauth_kit as sk

store = sk.open_store(sys.argv[1])
print(sk.load(store, sys.argv[2]))
screens = [sk.insight(store), sk.report(store), sk.readiness(store)]
screens[0].close()
print(sk.load(store, sys.argv[2]))
"""


def test_a_script_hears_why_a_file_is_refused(tmp_path):
    (tmp_path / "note.txt").write_text("no export\n")
    script = (
        "import sys; import smtpauth_kit as sk; sk.load(sk.open_store(sys.argv[1]), sys.argv[2])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "s.duckdb"), str(tmp_path / "note.txt")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0 and ran.stdout == ""
    assert "1 file: 1 refused" in ran.stderr and "not an export the kit recognises" in ran.stderr


def test_a_script_prints_how_a_load_ended_and_ends_without_a_word(tmp_path):
    log, store = tmp_path / "log.csv", tmp_path / "store.duckdb"
    log.write_text(LOG)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(store), str(log)], capture_output=True, text=True
    )
    assert ran.stderr == ""
    assert ran.stdout == (
        "1 file: 1 loaded. 3 rows read = 3 loaded + 0 duplicate + 0 rejected + 0 other. "
        "The store holds 3 messages.\n"
        "1 file: 1 already loaded. 0 rows read = 0 loaded + 0 duplicate + 0 rejected + 0 other. "
        "The store holds 3 messages.\n"
    )

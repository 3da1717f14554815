"""What cannot be done with a store on Spark is said at once: Spark is not started for it."""

from __future__ import annotations

import pytest
from command import smtpauth


@pytest.mark.parametrize("asked", [("load", "log.csv"), ("unload", "1")], ids=lambda a: a[0])
def test_nothing_is_loaded_into_it_or_taken_out(asked, tmp_path):
    (tmp_path / "log.csv").write_text("Date,Sender address\n2026-11-20T10:00:00Z,a@contoso.com\n")
    given = [str(tmp_path / "log.csv") if name == "log.csv" else name for name in asked]
    done = smtpauth(*given, "--store", "spark:main.mail")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The store spark:main.mail is on Spark and only read: ")


def test_a_folder_that_holds_no_export_is_said(tmp_path):
    done = smtpauth("show", "insight", "--store", f"spark:{tmp_path / 'tables'}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"There is no exported store in the folder {tmp_path}")

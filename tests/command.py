"""The command line in tests: in this process, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from typing import NamedTuple
from unittest import mock

from smtpauth_kit.cli import main

COMMAND = [sys.executable, "-m", "smtpauth_kit"]
"""The command line as a process of its own."""


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def smtpauth(*arguments) -> Done:
    """Run the command line in this process, as `main` is run by its script."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    code = 0
    with (
        mock.patch.object(sys, "argv", ["smtpauth", *map(str, arguments)]),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Done(code, *texts)


def process(*arguments, env) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True, text=True, env={**os.environ, **env},
    )  # fmt: skip


def rejected_csv(store):
    """Return what `smtpauth show rejected --format csv` prints."""
    command = [*COMMAND, "show", "rejected", "--format", "csv"]
    done = subprocess.run([*command, "--store", str(store.path)], capture_output=True, check=True)
    return done.stdout.decode()

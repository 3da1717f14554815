"""A page on paper: printed to PDF by the Chromium, Chrome or Edge that is on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence

TIMEOUT_S: Final = 180

_NAMES: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge",
)  # fmt: skip
_ON_WINDOWS: Final = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)
_ON_MACOS: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def browser() -> str:
    """Return the program that prints: the one named in CHROMIUM, else one in the usual places.

    Raises
    ------
    KitError
        There is none.
    """
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise KitError(
            'CHROMIUM names "{program}", and that is no program. Mend it, or unset it.',
            program=named,
        )
    program = named or next(_found(), None)
    if program is None:
        raise KitError(
            "A PDF is printed by Chromium, Chrome or Edge, and none was found here. Install one, "
            "or name it in the environment variable CHROMIUM. Or write .html and print that."
        )
    return program


def _found() -> Iterator[str]:
    yield from filter(None, map(shutil.which, _NAMES))
    folders = [
        os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    ]
    places = [Path(folder, place) for folder in folders if folder for place in _ON_WINDOWS]
    for path in (*places, *map(Path, _ON_MACOS)):
        if path.is_file():
            yield str(path)


def printed(html: str) -> bytes:
    """Return a page as PDF. The browser has a profile of its own, for this page only.

    Raises
    ------
    KitError
        There is no browser, or it did not print in time.
    """
    program = browser()
    # A browser may still hold a file of its profile when it has ended: on Windows that is an error.
    with (
        replacing.temporary_files(),
        TemporaryDirectory(prefix="smtpauth-pdf-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        page, paper = folder / "page.html", folder / "page.pdf"
        page.write_text(html, encoding="utf-8", newline="\n")
        said = _run([program, *_options(folder), f"--print-to-pdf={paper}", page.as_uri()])
        if not paper.is_file() or not paper.stat().st_size:
            raise KitError(
                '"{program}" printed no PDF. It said: {said}. Write .html instead, open it and '
                "print it.",
                program=program,
                said=said or Sentence("nothing"),
            )
        return paper.read_bytes()


def _options(folder: Path) -> list[str]:
    options = [
        "--headless",
        f"--user-data-dir={folder / 'profile'}",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-extensions",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-pdf-header-footer",
    ]
    is_root = sys.platform == "linux" and os.geteuid() == 0
    # As root, as in a container, Chromium starts only without its sandbox; the page's own policy
    # still lets nothing of it run but what the kit wrote.
    return [*options, "--no-sandbox"] if is_root else options


def _run(command: list[str]) -> str:
    """Run the browser; return the last line it said, and stop it when it takes too long."""
    try:
        ended = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise KitError(
            '"{program}" did not print within {n} seconds and was stopped. '
            "Choose fewer days or domains, or write .html and print that.",
            program=command[0],
            n=TIMEOUT_S,
        ) from None
    except OSError as error:
        raise KitError(
            '"{program}" did not start: {system}.',
            program=command[0],
            system=error.strerror or str(error),
        ) from None
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""

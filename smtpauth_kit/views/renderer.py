"""Drawing charts with vl-convert, in a process of its own.

If it crashes, that is an error message and not the end of the notebook's kernel. The process is
started when something is first drawn, and stays: starting it takes longer than a chart.
It fetches nothing, whatever a chart names: no address is allowed, and its way out is closed.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.words.inert import StandIns

SECONDS: Final = 120
"""The longest that one drawing may take; the slowest measured takes 3 on two slow cores."""

_KEPT: Final = 64
"""Drawings of a kind that are kept: a page, its mail and the workbook beside it show the same."""

_CHILD: Final = Path(__file__).with_name("drawing_child.py")
_NO_WAY_OUT: Final = "http://127.0.0.1:9"
"""A proxy that nobody is: a picture in an SVG is asked for whatever vl-convert is told."""

_lock = threading.Lock()
_running: subprocess.Popen[bytes] | None = None
_of_others: list[subprocess.Popen[bytes]] = []


class CannotDraw(KitError):
    """A chart cannot be drawn: the renderer refused it, ended or took too long."""


def vegalite_to_vega(spec: dict[str, Any], language: str | None = None) -> dict[str, Any]:
    """Return a Vega-Lite chart compiled to Vega; `language`: the version of Vega-Lite it is in."""
    vega: dict[str, Any] = json.loads(_made("compiled", spec=json.dumps(spec), language=language))
    return vega


def vega_to_svg(spec: dict[str, Any]) -> str:
    """Return a Vega chart as SVG, whatever characters its texts are made of.

    >>> mark = {"type": "text", "encode": {"enter": {"text": {"value": "x"}}}}
    >>> ">x</text>" in vega_to_svg({"width": 9, "height": 9, "marks": [mark]})
    True
    """
    stand_ins = StandIns()
    made = _svg(json.dumps(stand_ins.put_in(spec)))
    return stand_ins.taken_out(made.decode())


@lru_cache(maxsize=_KEPT)
def _svg(spec: str) -> bytes:
    return _made("svg", spec=spec)


@lru_cache(maxsize=_KEPT)
def svg_to_png(svg: str, *, scale: float) -> bytes:
    """Return an SVG as PNG, `scale` times as large."""
    return _made("png", svg=svg, scale=scale)


def javascript_bundle(snippet: str) -> str:
    """Return a script of this snippet and of all that Vega needs to draw in a browser."""
    return _made("bundle", snippet=snippet).decode()


def _made(what: str, **of: Any) -> bytes:
    """Return what the child made; it is started when there is none."""
    asked = json.dumps({"make": what, "seconds": SECONDS, **of}).encode()
    with _lock:
        began = time.monotonic()
        try:
            mark, answer = _asked(_child(), asked)
        except (OSError, EOFError):
            stop()
            raise _ended(time.monotonic() - began) from None
        except BaseException:
            stop()  # What was half read would be the answer to the next.
            raise
    if mark == b"+":
        return answer
    said = " ".join(answer.decode().partition("\n    at ")[0].split())
    raise CannotDraw("A chart cannot be drawn: {said}", said=said)


def _asked(child: subprocess.Popen[bytes], asked: bytes) -> tuple[bytes, bytes]:
    assert child.stdin and child.stdout
    child.stdin.write(len(asked).to_bytes(8, "big") + asked)
    child.stdin.flush()
    mark = _read(child.stdout, 1)
    return mark, _read(child.stdout, int.from_bytes(_read(child.stdout, 8), "big"))


def _read(answers: IO[bytes], size: int) -> bytes:
    answer = answers.read(size)
    if len(answer) < size:
        raise EOFError
    return answer


def _ended(seconds: float) -> CannotDraw:
    if seconds >= SECONDS:
        return CannotDraw(
            "A chart cannot be drawn: it takes longer than {n} seconds. Ask for fewer days, or "
            "for a form without charts: CSV, Markdown or a workbook.",
            n=SECONDS,
        )
    return CannotDraw(
        "A chart cannot be drawn: the program that draws it ended. Nothing that is loaded is lost. "
        "Try again; if it ends again, ask for a form without charts: CSV, Markdown or a workbook."
    )


# --- the process ----------------------------------------------------------------------------


def _child() -> subprocess.Popen[bytes]:
    global _running
    if _running is None or _running.poll() is not None:
        stop()
        _running = _started()
    return _running


def _started() -> subprocess.Popen[bytes]:
    ways = ("http_proxy", "https_proxy", "all_proxy")
    closed = {name: _NO_WAY_OUT for way in ways for name in (way, way.upper())}
    kept = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    return subprocess.Popen(
        # -P: no module that lies beside it or in the folder of the user is taken for another.
        [sys.executable, "-P", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**kept, **closed},
        **_apart(),
    )


def _apart() -> dict[str, Any]:
    """Return what keeps Ctrl-C and a notebook's Stop to this process; no window on Windows."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


@atexit.register
def stop() -> None:
    """End the process that draws, if there is one; the next drawing starts another."""
    global _running
    child, _running = _running, None
    if child is None:
        return
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        try:
            assert pipe
            pipe.close()
        except OSError:  # What it was asked is still unsent.
            pass


def _after_fork() -> None:
    """Leave the process that draws to whom it belongs: two who ask it would mix their answers."""
    global _lock, _running
    _lock = threading.Lock()
    if _running is not None:
        _of_others.append(_running)
        _running = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

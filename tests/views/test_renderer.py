"""The renderer in its own process: its end is an error in words, and no answer is another's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.views import renderer


def text(written: str, *, limit: int = 0) -> dict[str, Any]:
    """Return a Vega chart of one text."""
    how = {"text": {"value": written}, "limit": {"value": limit}}
    return {"width": 9, "height": 9, "marks": [{"type": "text", "encode": {"enter": how}}]}


ENDLESS = {
    "signals": [{"name": "x", "init": "test(regexp('^(a+)+$'), '" + "a" * 60 + "!')"}],
    "width": 9,
    "height": 9,
}
"""A chart that is never done."""


@pytest.fixture(autouse=True)
def _a_renderer_of_its_own() -> Iterator[None]:
    renderer.stop()
    renderer._svg.cache_clear()
    yield
    renderer.stop()


def pid() -> int:
    assert renderer._running
    return renderer._running.pid


def test_what_ends_the_renderer_is_an_error_in_words_and_the_next_chart_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer.StandIns, "put_in", lambda _self, value: value)
    with pytest.raises(KitError, match="the program that draws it ended"):
        renderer.vega_to_svg(text("a\uffff"))
    assert ">next</text>" in renderer.vega_to_svg(text("next"))
    os.kill(pid(), signal.SIGTERM)
    renderer._running.wait()  # type: ignore[union-attr]
    assert ">third</text>" in renderer.vega_to_svg(text("third"))


def test_what_was_drawn_once_is_not_drawn_again_and_what_could_not_be_is_tried_again() -> None:
    drawn = renderer.vega_to_svg(text("once"))
    assert renderer.svg_to_png(drawn, scale=1) == renderer.svg_to_png(drawn, scale=1)
    renderer.stop()
    assert renderer.vega_to_svg(text("once")) == drawn and renderer._running is None
    for _ in range(2):
        with pytest.raises(KitError, match="A chart cannot be drawn"):
            renderer.vega_to_svg({"width": "no", "marks": 3})


def test_what_is_never_done_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer.vega_to_svg(text("warm"))
    monkeypatch.setattr(renderer, "SECONDS", 2)
    with pytest.raises(KitError, match="it takes longer than 2 seconds"):
        renderer.vega_to_svg(ENDLESS)
    monkeypatch.undo()
    assert ">next</text>" in renderer.vega_to_svg(text("next"))


def test_what_the_renderer_refuses_is_said_and_it_stays() -> None:
    renderer.vega_to_svg(text("warm"))
    before = pid()
    with pytest.raises(KitError, match=r"^A chart cannot be drawn: .*Unrecognized transform"):
        renderer.vega_to_svg({"data": [{"name": "t", "transform": [{"type": "no such"}]}]})
    assert ">same</text>" in renderer.vega_to_svg(text("same")) and pid() == before


def test_a_stop_in_the_middle_leaves_no_answer_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = renderer._read

    def stopped(answers: Any, size: int) -> bytes:
        if size > 8:  # The head of the answer is read, its body is not.
            raise KeyboardInterrupt
        return read(answers, size)

    monkeypatch.setattr(renderer, "_read", stopped)
    with pytest.raises(KeyboardInterrupt):
        renderer.vega_to_svg(text("stopped"))
    monkeypatch.undo()
    assert ">mine</text>" in renderer.vega_to_svg(text("mine"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_heard_while_a_chart_is_drawn_and_the_next_one_is_right() -> None:
    code = f"""
import os, signal, threading
# A shell lets what it starts in the background ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
from smtpauth_kit.views import renderer
renderer.vega_to_svg({text("warm")!r})
threading.Timer(0.5, os.killpg, (os.getpgid(0), signal.SIGINT)).start()
try:
    renderer.vega_to_svg({ENDLESS!r})
except KeyboardInterrupt:
    print("stopped", ">mine</text>" in renderer.vega_to_svg({text("mine")!r}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True
    )
    assert done.stdout == "stopped True\n", done.stderr


def test_threads_get_each_their_own_chart() -> None:
    found: dict[int, str] = {}

    def draw(n: int) -> None:
        for _ in range(2):
            found[n] = renderer.vega_to_svg(text(f"chart {n}" * 200))
            assert f">{'chart ' + str(n)}" in found[n]

    threads = [threading.Thread(target=draw, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f">{('chart ' + str(n)) * 200}</text>" in found[n] for n in range(4))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_draws_with_a_renderer_of_its_own() -> None:
    renderer.vega_to_svg(text("ours"))
    before = pid()
    child = os.fork()
    if not child:
        drawn = ">theirs</text>" in renderer.vega_to_svg(text("theirs")) and pid() != before
        renderer.stop()
        os._exit(0 if drawn else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ">ours</text>" in renderer.vega_to_svg(text("ours")) and pid() == before


def test_the_renderer_ends_with_the_process_that_asked_it_however_that_ends() -> None:
    code = (
        "import os\nfrom smtpauth_kit.views import renderer\n"
        "renderer.vega_to_svg({'width': 9, 'height': 9, 'marks': []})\n"
        "print(renderer._running.pid, flush=True)\n"
    )
    for end in ("", "os.kill(os.getpid(), 9)" if sys.platform != "win32" else "os._exit(1)"):
        done = subprocess.run([sys.executable, "-c", code + end], capture_output=True, text=True)
        # A pipe that it holds open would keep `run` waiting; it has no work and ends at once.
        assert not is_running(int(done.stdout)), done.stderr


def is_running(pid: int) -> bool:
    """Tell whether a process goes on, after up to five seconds for its end."""
    for _ in range(100):
        done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
        if not done.stdout.strip() or done.stdout.startswith("Z"):
            return False
        threading.Event().wait(0.05)
    return True


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    paths: list[str] = []

    class Hears(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Hears) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x.json", paths
        server.shutdown()


FETCHING: dict[str, Callable[[str], Any]] = {
    "data of Vega": lambda url: renderer.vega_to_svg({"data": [{"name": "t", "url": url}]}),
    "data of Vega-Lite": lambda url: renderer.vega_to_svg(
        renderer.vegalite_to_vega(
            {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"url": url}, "mark": "bar"}
        )
    ),
    "picture of a chart": lambda url: renderer.vega_to_svg(
        {"marks": [{"type": "image", "encode": {"enter": {"url": {"value": url}}}}]}
    ),
    "picture of an SVG": lambda url: renderer.svg_to_png(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="9" height="9"><image xlink:href="{url}" width="9" height="9"/></svg>',
        scale=1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FETCHING)
def test_nothing_that_a_chart_names_is_fetched(
    what: str, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url, paths = asked
    if what.startswith("data"):
        with pytest.raises(KitError, match="External data url not allowed"):
            FETCHING[what](url)
    else:
        FETCHING[what](url)
    assert paths == []

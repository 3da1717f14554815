"""The program that draws charts: vl-convert, alone in a process of its own.

`renderer.py` starts it by its path and asks over its standard input: eight bytes of length, then
JSON. The answer on its standard output is `+` or `-`, eight bytes of length, and what was made or
why not. It needs nothing else of the kit, and ends when nobody can ask any more.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from collections.abc import Callable
from typing import IO, Any, Final

import vl_convert

NO_ADDRESS: Final[list[str]] = []
"""What a chart may fetch; vl-convert fetches any address unless it is told."""


def compiled(spec: str, language: str | None = None) -> bytes:
    """Return the Vega of a Vega-Lite chart."""
    return json.dumps(vl_convert.vegalite_to_vega(spec, vl_version=language)).encode()


def svg(spec: str) -> bytes:
    """Return a Vega chart as SVG."""
    return vl_convert.vega_to_svg(spec, allowed_base_urls=NO_ADDRESS).encode()


def png(svg: str, scale: float) -> bytes:
    """Return an SVG as PNG."""
    return vl_convert.svg_to_png(svg, scale=scale)


def bundle(snippet: str) -> bytes:
    """Return a script with all that it needs to draw charts."""
    return vl_convert.javascript_bundle(snippet).encode()


MAKERS: Final[dict[str, Callable[..., bytes]]] = {
    maker.__name__: maker for maker in (compiled, svg, png, bundle)
}


def serve(asking: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nobody asks; what takes longer than it may ends the process."""
    while size := asking.read(8):
        asked: dict[str, Any] = json.loads(asking.read(int.from_bytes(size, "big")))
        maker = MAKERS[asked.pop("make")]
        with open(os.devnull, "w") as nowhere:
            # A thread of Python would wait for the renderer, which lets no other run.
            faulthandler.dump_traceback_later(asked.pop("seconds"), exit=True, file=nowhere)
            try:
                mark, answer = b"+", maker(**asked)
            except ValueError as error:
                mark, answer = b"-", str(error).encode("utf-8", "replace")
            faulthandler.cancel_dump_traceback_later()
        answers.write(mark + len(answer).to_bytes(8, "big"))
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Whatever a library prints is no answer.
    serve(sys.stdin.buffer, own)

"""The part of a screen that a browser draws: an anywidget around one of the `.js` files here.

The chart library is about a megabyte: it goes to the browser once per kernel, in `Runtime`, and
the views wait for it. Nothing is fetched: every script comes out of the package.
"""

from __future__ import annotations

import atexit
from functools import cache
from importlib import resources
from typing import Any, Final

import anywidget
import ipywidgets as W
import traitlets as T

from smtpauth_kit.reports import offline_page
from smtpauth_kit.screens.kernel import is_kernel
from smtpauth_kit.views import charts
from smtpauth_kit.words.words import Words

WITH_FORMS: Final = ("flyout_form.js",)
"""The script that stands before that of a screen with forms."""
WITH_INCIDENTS: Final = (*WITH_FORMS, "incident_flyout.js")
"""Those that stand before that of a screen whose incidents open."""


@cache
def _script(*parts: str) -> str:
    folder = resources.files("smtpauth_kit").joinpath("screens")
    return "\n".join(folder.joinpath(part).read_text("utf-8") for part in parts)


@cache
def _runtime_script() -> str:
    return "\n;".join(
        [offline_page.page_script(), "globalThis.smtpauth.ready?.();\nexport default {};"]
    )


class Runtime(anywidget.AnyWidget):  # type: ignore[misc]
    """Carries the chart library and the kit's scripts to the browser; shows nothing."""

    def __init__(self) -> None:
        self._esm = _runtime_script()
        self._css = charts.static("style.css") + charts.static("screens.css")
        super().__init__()


_runtime: Runtime | None = None


def send_runtime() -> None:
    """Make sure that the browser has the scripts; call it before a view is made."""
    global _runtime
    if _runtime is None or _runtime.comm is None:
        _runtime = Runtime()


def close_all(*widgets: W.Widget) -> None:
    """Close widgets with all that is in them: each box, layout and style is one of its own."""
    for widget in widgets:
        parts = (getattr(widget, "layout", None), getattr(widget, "style", None))
        close_all(*getattr(widget, "children", ()), *filter(None, parts))
        widget.close()


@atexit.register
def _close_of_script() -> None:
    """Close a script's widgets while Python is whole: later each would end in a traceback.

    A kernel's stay: closing them would take them out of the notebook that shows them.
    """
    if not is_kernel():
        W.Widget.close_all()


class BrowserView(anywidget.AnyWidget):  # type: ignore[misc]
    """A part of a screen in the browser: its script draws `shown` and sends what the user does."""

    _esm = ""
    shown = T.Dict().tag(sync=True)
    """All that is on screen, in one piece: a screen is never half new."""
    more = T.Dict().tag(sync=True)
    """What comes a moment after `shown`: the charts below the first, and the numbers of it."""
    working = T.Bool(False).tag(sync=True)
    """Whether an answer takes long: the screen then says so, and offers Cancel."""
    share = T.Float(None, allow_none=True).tag(sync=True)
    """How much of a long answer is done, 0 to 1; None: that is not known."""
    words = T.Dict().tag(sync=True)
    charts = T.Dict().tag(sync=True)
    """Compiled charts by name; their rows come with `shown`."""

    def __init__(
        self, script: str, words: Words, *, beside: tuple[str, ...] = (), **traits: Any
    ) -> None:
        send_runtime()
        self._esm = _script("shared.js", *beside, script)
        super().__init__(words=words.for_script(), **traits)

    def works(self) -> None:
        """Say that an answer takes long, and offer Cancel."""
        self.working = True

    def works_on(self, share: float) -> None:
        """Say how much of a long answer is done; of one that is not long yet, nothing."""
        if self.working:
            self.share = share

    def rests(self) -> None:
        """Say no longer that an answer takes long."""
        self.working, self.share = False, None

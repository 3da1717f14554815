"""A live screen as its browser and its user have it: what is drawn, what is sent, what is pressed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import ipywidgets as W
from traitlets.log import get_logger

from smtpauth_kit.screens.browser_view import BrowserView

_Part = TypeVar("_Part", bound=W.Widget)


def parts_of(widget: W.Widget) -> Iterator[W.Widget]:
    """Return a widget with all that is in it, from above to below."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def part_of(screen: W.Widget, kind: type[_Part]) -> _Part:
    """Return the first part of this kind."""
    return next(part for part in parts_of(screen) if isinstance(part, kind))


def view_of(screen: W.Widget) -> BrowserView:
    """Return the part of a screen that the browser draws."""
    return next(part for part in parts_of(screen) if isinstance(part, BrowserView))


def control_of(screen: W.Widget, name: str) -> Any:
    """Return the control with this name: that of a report's domain has the class smtpauth-domain."""
    wanted = f"smtpauth-{name}"
    return next(part for part in parts_of(screen) if wanted in getattr(part, "_dom_classes", ()))


def hear(view: W.Widget, message: dict[str, Any], buffers: Sequence[object] = ()) -> None:
    """Let a view hear what its browser sends; what goes wrong in it is raised, not logged."""
    data = {"method": "custom", "content": message}
    with _raised():
        view.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})


@contextmanager
def _raised() -> Iterator[None]:
    """Raise what ipywidgets only logs."""

    class Raise(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                raise record.exc_info[1]

    log, raising = get_logger(), Raise(logging.WARNING)
    log.addHandler(raising)
    try:
        yield
    finally:
        log.removeHandler(raising)

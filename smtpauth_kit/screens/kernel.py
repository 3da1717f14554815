"""The Python that a screen is made in: a notebook's kernel, or a script that shows no widget."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from IPython.core.getipython import get_ipython


def is_kernel() -> bool:
    """Tell whether this is a notebook's kernel, with a browser to show widgets in.

    Examples
    --------
    >>> is_kernel()
    False
    """
    return hasattr(get_ipython(), "kernel")


def kernel_id() -> str:
    """Return the id the Jupyter server knows this kernel by; empty where there is none.

    Examples
    --------
    >>> kernel_id()
    ''
    """
    if not is_kernel():  # Imported now, ipykernel would lose sight of the widgets there are.
        return ""
    from ipykernel.connect import get_connection_file

    with suppress(RuntimeError):
        return Path(get_connection_file()).stem.removeprefix("kernel-")
    return ""


def runs_cells() -> bool:
    """Tell whether this runs in the thread that runs cells: then a cell waits for it.

    Examples
    --------
    >>> runs_cells()
    True
    """
    return threading.current_thread() is threading.main_thread()

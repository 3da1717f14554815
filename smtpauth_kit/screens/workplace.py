"""Where a user works: the project's folders, and JupyterLab on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.store.opening import is_on_spark
from smtpauth_kit.store.store import Store, default_path


def project_folder() -> Path | None:
    """Return the nearest folder upwards that holds `notebooks/` and `data/`; else the checkout's.

    An editable install knows its checkout, so that the commands work from any folder.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).parents[2]):
        if (folder / "notebooks").is_dir() and (folder / "data").is_dir():
            return folder
    return None


def exports_folder(store: Store) -> Path:
    """Return where a user's own exports are kept: the project's, else one beside the store."""
    project = project_folder()
    return project / "data" / "exports" if project else store.path.parent / "exports"


def demo_path() -> Path:
    """Return where the store of the samples is: never where a user's own is."""
    project = project_folder()
    return (project / "data" if project else default_path().parent) / "demo.duckdb"


def open_lab(store: Path | None) -> None:
    """Open the notebooks in JupyterLab, reachable from this machine only.

    Raises
    ------
    KitError
        There is no `notebooks/` folder here or above, or JupyterLab did not start.
    """
    project = project_folder()
    if project is None:
        raise KitError(
            "There is no folder with notebooks/ and data/ here or above. "
            "Go to the folder of the kit and run smtpauth lab there."
        )
    path = store_to_open(store, project)
    print(f"Store: {path}")
    command = [
        sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        f"--ServerApp.root_dir={project / 'notebooks'}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # In a container there is often no other user.
    if code := _run_to_the_end(command, lab_environment(path)):
        raise KitError("JupyterLab ended with status {n}; its last lines say why.", n=code)


def _run_to_the_end(command: list[str], env: dict[str, str]) -> int:
    """Return the status of a program when it ends: 0 where this process was told to end.

    The program then ends, too: a JupyterLab left behind would go on to serve the store.
    """
    told_to_end = False
    with subprocess.Popen(command, env=env) as program:

        def end(*_: object) -> None:
            nonlocal told_to_end
            told_to_end = True
            program.terminate()

        before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            code = program.wait()
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
    return 0 if told_to_end else code


def lab_environment(store: Path) -> dict[str, str]:
    """Return the environment of a JupyterLab of the kit: its store, and one setting of its own.

    A notebook that is saved keeps the state of its screens, about 2 MB, and shows it when it is
    opened without its kernel. Nothing in the notebook can have that: JupyterLab shows a widget
    wherever an output has one, whatever stands beside it ("Error displaying widget: model not
    found"), and takes the HTML beside it only in a notebook that it does not trust. A person's own
    settings count before this one.
    """
    folders = [str(Path(__file__).parent), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "SMTPAUTH_STORE": str(store),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, folders)),
    }


def store_to_open(store: Path | None, project: Path) -> Path:
    """Return the store asked for, else the default one, else the demo's if only that is there."""
    wanted = store or default_path()
    if is_on_spark(str(wanted)):
        return wanted
    wanted = wanted.absolute()
    sample_store = project / "data" / "demo.duckdb"
    if store is None and not wanted.exists() and sample_store.exists():
        return sample_store
    return wanted

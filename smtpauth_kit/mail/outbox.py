"""The outbox: a folder of .eml files, one for each mail that was not sent, or not yet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.mail.mail_settings import MailSettings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.store import default_path


def folder_of(store: Engine, settings: MailSettings) -> Path:
    """Return the outbox of a store: the folder that is set, else `outbox` beside the store."""
    if settings.outbox:
        return Path(settings.outbox).expanduser().absolute()
    return Path(getattr(store, "path", None) or default_path()).absolute().parent / "outbox"


def keep(content: bytes, folder: Path, name: str) -> Path:
    """Write a mail into the outbox, whole, for its owner alone, over no other file.

    Examples
    --------
    >>> keep(b"Subject: x", folder / "outbox", "a/../b:c").name
    'a-b-c.eml'
    """
    safe = "-".join("".join(c if c.isalnum() else " " for c in name if c.isascii()).split())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = replacing.write_new(_names(folder, safe[:100] or "mail"), content, 0o600)
    except OSError as error:
        raise KitError(
            'The outbox "{folder}" cannot be written: {system}. '
            "Name another folder in SMTPAUTH_MAIL_OUTBOX. Nothing was sent.",
            folder=str(folder),
            system=str(error.strerror),
        ) from None
    return path


def _names(folder: Path, name: str) -> Iterator[Path]:
    return (folder / f"{name}{f'-{n}' * (n > 1)}.eml" for n in count(1))

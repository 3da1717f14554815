"""Where a person's own settings of the kit are: `smtpauth.toml`, and tables beside it."""

from __future__ import annotations

import os
from pathlib import Path


def config_file() -> Path:
    """Return where `smtpauth.toml` is: SMTPAUTH_CONFIG, else the user's config folder.

    Examples
    --------
    >>> config_file().name
    'smtpauth.toml'
    """
    if named := os.environ.get("SMTPAUTH_CONFIG"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("smtpauth_kit", appauthor=False)) / "smtpauth.toml"

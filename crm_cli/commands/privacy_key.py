"""Where the key of erasures is: the variable that `privacy.key` names, else a file beside crm.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_cli.config import Config
    from crm_cli.jobs.privacy import KeySource

__all__ = ["KEY_FILE", "key_source"]

KEY_FILE = "crm-privacy.key"


def key_source(config: Config, environ: Mapping[str, str]) -> KeySource:
    """Return where the key is read from, and made by the first erasure; without a crm.toml in the user's folder."""
    from crm_cli.jobs.privacy.keys import KeySource

    folder = config.project.parent if config.project else config.user_folder
    return KeySource(config.text("privacy.key").removeprefix("$"), folder / KEY_FILE, environ)

"""`crm config`: the configuration that holds here."""

from __future__ import annotations

from typing import Any

from crm_cli.commands.kit import App, Crm
from crm_cli.config import KEYS, Config, Setting
from crm_cli.urls import hide_passwords

__all__ = ["app", "settings_shown"]

app = App("Show the configuration and where each value comes from.")


@app.command()
def show(crm: Crm) -> None:
    """Show every setting, its value and where it comes from; what may be secret is hidden.

    Examples:
        crm config show
        CRM_TIMEZONE=Europe/Berlin crm config show --json
    """
    crm.console.show(settings_shown(crm.config))


def settings_shown(config: Config) -> list[dict[str, Any]]:
    """Return a row a setting: key, value, origin."""
    return [{"key": one.key, "value": _shown(one), "origin": one.origin} for one in config.settings.values()]


def _shown(setting: Setting) -> Any:
    if setting.value and any(key.hidden for key in KEYS if key.name == setting.key):
        return "(set)"
    return hide_passwords(setting.value, whole=True) if isinstance(setting.value, str) else setting.value

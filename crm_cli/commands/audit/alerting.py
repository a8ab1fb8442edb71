"""`crm audit run --alert`: where the configuration says that alerts go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import Crm
from crm_cli.config import ConfigError
from crm_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from crm_cli.audits import AuditResult, Level
    from crm_cli.jobs.auditing import AlertTargets, Smtp

__all__ = ["Alert", "alert_targets", "send_alert"]

Alert = Annotated[bool, typer.Option("--alert", help="Tell those whom [alerts] of the configuration names of exit 3.")]
_PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321


def alert_targets(crm: Crm, *, wanted: bool) -> AlertTargets | None:
    """Return where alerts go, None where none is wanted; secrets come from the variables that the settings name.

    Raises `UsageError` where nothing is configured, `ConfigError` for a variable that is not set, `UntrustedError` for
    a project file that nobody has trusted: it names commands, hosts and variables.
    """
    from crm_cli.jobs.auditing import AlertTargets

    if not wanted:
        return None
    found = crm.config.alerts()
    if not found:
        raise UsageError("--alert: the configuration names nobody", hint="add [alerts] to crm.toml, see docs/audits.md")
    webhook, smtp, environ = str(found.get("webhook", "")), found.get("smtp"), crm.surroundings.environ
    if webhook.startswith("$"):
        webhook = _secret(environ, webhook[1:], "alerts.webhook")
        if not re.match(r"https://[^/@\s]+", webhook):
            raise ConfigError("the variable that alerts.webhook names holds no https:// URL", key="alerts.webhook")
    token = _secret(environ, str(found["webhook_token"]), "alerts.webhook_token") if "webhook_token" in found else ""
    return AlertTargets(tuple(found.get("command", ())), webhook, token, _smtp(environ, smtp) if smtp else None)


def _smtp(environ: Mapping[str, str], given: Mapping[str, Any]) -> Smtp:
    from crm_cli.jobs.auditing import Smtp

    security, to, variable = given.get("security", "starttls"), given["to"], given.get("password_variable")
    return Smtp(
        host=given["host"], port=given.get("port", _PORTS[security]), sender=given["from"],
        recipients=(to,) if isinstance(to, str) else tuple(to), user=given.get("user", ""),
        password=_secret(environ, variable, "alerts.smtp") if variable else "", security=security,
    )  # fmt: skip


def _secret(environ: Mapping[str, str], name: str, key: str) -> str:
    value = environ.get(name)
    if not value:
        raise ConfigError(f"{key} names the variable {name}, which is not set", hint=f"set {name}", key=key)
    return value


def send_alert(crm: Crm, targets: AlertTargets | None, result: AuditResult, level: Level) -> None:
    """Send an alert about a run that ends with 3; what can't be told is a warning, and changes no exit code."""
    from crm_cli.jobs.auditing import alert_document, send_alerts

    if targets is None or result.exit_code(level) is not ExitCode.FINDINGS:
        return
    if crm.dry_run:
        crm.console.note(f"dry run: nobody was told ({', '.join(targets.named)})")
        return
    for fault in send_alerts(alert_document(result, level), targets):
        crm.console.warn(fault)

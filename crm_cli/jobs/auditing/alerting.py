"""Tell somebody that a run of the audit found what it should not: by a command, by mail, by a webhook.

The message has names of policies, counts and the exit code, and nothing of any record. What goes wrong is said without
what servers answer: that may repeat a secret.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from crm_cli.audits import AuditResult, Level

__all__ = ["AlertTargets", "Smtp", "alert_document", "send_alerts"]

ATTEMPTS, PAUSE, TIMEOUT = 3, 1.0, 10.0  # pauses double: a target that never answers costs 33 seconds
_PASSING = range(500, 600)  # answers of a web server that may be better the next time, beside 429
_TOO_MANY = 429


@dataclass(frozen=True)
class Smtp:
    """A mail server and who is written to. `security` is starttls, tls or none; the password is none of repr's."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    user: str = ""
    password: str = ""
    security: str = "starttls"

    def __repr__(self) -> str:
        return f"Smtp({self.host}:{self.port})"


@dataclass(frozen=True)
class AlertTargets:
    """Where alerts go: a command that reads the message as JSON, a URL that it is posted to with a token, mail."""

    command: tuple[str, ...] = ()
    webhook: str = ""
    token: str = ""
    smtp: Smtp | None = None

    def __repr__(self) -> str:
        return f"AlertTargets({', '.join(self.named) or 'none'})"

    @property
    def named(self) -> list[str]:
        """What may be said of the targets: no path of a URL, which is a secret with some services."""
        return [name for name, _ in self.senders()]

    def senders(self) -> Iterator[tuple[str, Callable[[dict[str, Any], float], None]]]:
        """Yield each target's name, and what sends a message to it within some seconds."""
        if self.command:
            yield f"command {self.command[0]}", self._run
        if self.webhook:
            yield f"webhook {urlsplit(self.webhook).hostname}", self._post
        if self.smtp:
            yield f"mail by {self.smtp.host}", self._mail

    def _run(self, message: dict[str, Any], timeout: float) -> None:
        silent = subprocess.DEVNULL
        text = json.dumps(message).encode()
        subprocess.run(self.command, input=text, stdout=silent, stderr=silent, timeout=timeout, check=True)

    def _post(self, message: dict[str, Any], timeout: float) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "crm-cli"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(message).encode()
        request = urllib.request.Request(self.webhook, data, headers, method="POST")  # noqa: S310 - the caller checked
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout):
            pass

    def _mail(self, message: dict[str, Any], timeout: float) -> None:
        server = self.smtp
        if server is None:
            return
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message["subject"], server.sender, ", ".join(server.recipients)
        mail.set_content(_text(message))
        with _connected(server, timeout) as connection:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(mail)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would carry the token to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _connected(server: Smtp, timeout: float) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=timeout)


def alert_document(result: AuditResult, fail_on: Level) -> dict[str, Any]:
    """Return the message about a run: the policies at `fail_on` or worse with their counts, and the exit code."""
    bad = [one for one in result.results if one.level.rank >= fail_on.rank]
    policies = [
        {"policy": one.policy.name, "level": one.level.value, "records": one.counts.records,
         "failing": one.counts.failing, "new": one.counts.new}
        for one in sorted(bad, key=lambda one: -one.level.rank)
    ]  # fmt: skip
    subject = f"crm audit of {result.today}: {len(bad)} of {len(result.results)} policies at {fail_on.value} or worse"
    return {
        "subject": subject, "day": str(result.today), "run": result.run_id, "level": result.level.value,
        "exit_code": int(result.exit_code(fail_on)), "policies": policies,
    }  # fmt: skip


def _text(message: dict[str, Any]) -> str:
    lines = [
        f"{one['level']}: {one['policy']}, {one['failing']} of {one['records']} records, {one['new']} of them new"
        for one in message["policies"]
    ]
    head = f"{message['subject']}; exit code {message['exit_code']}"
    return "\n".join([head, "", *lines, "", "crm audit findings lists them.", ""])


def send_alerts(
    message: dict[str, Any],
    targets: AlertTargets,
    *,
    attempts: int = ATTEMPTS,
    timeout: float = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Send the message to every target, up to `attempts` times each; return what could not be told to whom, and why."""
    faults = []
    for name, send in targets.senders():
        for number in range(1, attempts + 1):
            fault, passing = _tried(send, message, timeout)
            if not fault:
                break
            if number == attempts or not passing:
                faults.append(f"the alert was not sent ({name}): {fault}, attempt {number}")
                break
            sleep(PAUSE * 2 ** (number - 1))
    return faults


def _tried(send: Callable[[dict[str, Any], float], None], message: dict[str, Any], timeout: float) -> tuple[str, bool]:
    """Return what went wrong, empty for nothing, and whether another attempt may help."""
    try:
        send(message, timeout)
    except urllib.error.HTTPError as error:
        error.close()
        return f"HTTP {error.code}", error.code in _PASSING or error.code == _TOO_MANY
    except smtplib.SMTPResponseException as error:
        return f"SMTP {error.smtp_code}", error.smtp_code < 500
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
        return type(error).__name__, False
    except subprocess.CalledProcessError as error:
        return f"it ended with {error.returncode}", True
    except subprocess.TimeoutExpired:
        return f"it took longer than {timeout:g} seconds", True
    except (FileNotFoundError, PermissionError) as error:
        return error.strerror or type(error).__name__, False
    except (OSError, smtplib.SMTPException) as error:  # no connection, a broken one, no trust in its certificate
        reason = getattr(error, "reason", error)
        return type(reason).__name__, not isinstance(reason, ssl.SSLCertVerificationError)
    return "", False

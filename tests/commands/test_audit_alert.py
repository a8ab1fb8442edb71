"""`crm audit run --alert`: what the configuration may say, and that a run ends as it would without."""

from __future__ import annotations

import json
import sys

import pytest

from tests.commands.conftest import CrmRunner

_TELL = "import sys, pathlib; pathlib.Path('told.json').write_text(sys.stdin.read())"
RUN = ("audit", "run", "contact-unreachable", "--alert")


@pytest.fixture
def contact(project: CrmRunner) -> CrmRunner:
    """A contact with a name that must not be told, and no way to be reached."""
    project("contact", "add", "family_name=Zebulonqa").ok()
    return project


def configure(crm: CrmRunner, text: str, *, trusted: bool = True) -> None:
    file = crm.folder / "crm.toml"
    file.write_text(f"{file.read_text('utf-8')}\n[alerts]\n{text}\n", encoding="utf-8")
    if trusted:
        crm("trust").ok()


def test_a_bad_run_tells_counts_and_names_of_policies(contact: CrmRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(contact.folder)
    configure(contact, f"command = {json.dumps([sys.executable, '-c', _TELL])}")
    told = contact.folder / "told.json"
    assert contact(*RUN, "--dry-run").exit_code == 3
    assert not told.exists()
    assert contact(*RUN, "--today", "2026-06-15").exit_code == 3
    assert json.loads(told.read_text()) == {
        "subject": "crm audit of 2026-06-15: 1 of 1 policies at error or worse", "day": "2026-06-15", "run": 1,
        "level": "error", "exit_code": 3,
        "policies": [{"policy": "contact-unreachable", "level": "error", "records": 1, "failing": 1, "new": 1}],
    }  # fmt: skip
    told.unlink()
    contact(*RUN, "--since", "last").ok()  # nothing is new: nobody is told
    assert not told.exists()


def test_what_can_not_be_told_is_a_warning_and_the_exit_code_stays(contact: CrmRunner) -> None:
    configure(contact, 'command = ["/nonexistent/notify", "--to=maria"]')
    ended = contact(*RUN, "--quiet")
    assert ended.exit_code == 3
    assert "warning: the alert was not sent (command /nonexistent/notify): No such file" in ended.stderr
    assert "maria" not in ended.stderr


def test_a_project_file_must_be_trusted_and_name_somebody(contact: CrmRunner) -> None:
    assert "the configuration names nobody" in contact(*RUN).stderr
    configure(contact, 'webhook = "https://x.example/hook"', trusted=False)
    ended = contact(*RUN)
    assert (ended.exit_code, "was never trusted" in ended.stderr) == (2, True)
    assert contact("audit", "findings", "--json").json == [], "it is refused before the work begins"


def test_secrets_come_from_variables_alone_and_are_never_shown(contact: CrmRunner) -> None:
    configure(contact, 'webhook = "$CRM_HOOK"\nwebhook_token = "CRM_TOKEN"')
    ended = contact(*RUN)
    assert (ended.exit_code, "CRM_HOOK, which is not set" in ended.stderr) == (2, True)
    ended = contact(*RUN, CRM_HOOK="http://s3cr3t.example/")
    assert (ended.exit_code, "s3cr3t" in ended.stderr) == (2, False)
    shown = contact("config", "show", "--json").ok().json
    assert {one["key"]: one["value"] for one in shown}["alerts.webhook"] == "(set)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('webhook = "https://maria:s3cr3t@x.example/"', "without a password"),
        ('webhook = "http://x.example/s3cr3t"', "must be an https:// URL"),
        ('webhook = "http://localhost.s3cr3t.example/"', "must be an https:// URL"),
        ('webhook_token = "s3cr3t-value"', "never the secret itself"),
        ('smtp = { host = "h", from = "a", to = "b", password = "s3cr3t" }', "password_variable"),
        ('smtp = { host = "h", from = "a" }', "must be a table with host, from and to"),
        ('smtp = { host = "h", from = "a", to = "b", security = "s3cr3t" }', "starttls, tls or none"),
        ('smtp = { host = "h", from = "a", to = "b", port = "s3cr3t" }', "has a wrong port"),
        ('smtp = { host = "h", from = "a", to = "b", password_variable = "P", security = "none" }', "in the open"),
        ('command = "notify s3cr3t"', "must be a list of arguments"),
        ('mail = "x"', "unknown key 'alerts.mail'"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named_without_its_value(
    contact: CrmRunner, text: str, message: str
) -> None:
    configure(contact, text, trusted=False)
    ended = contact(*RUN)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert "s3cr3t" not in ended.stderr or text.startswith("command")

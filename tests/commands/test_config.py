"""Where a setting comes from, what is refused, and which hooks may run."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.config import ConfigError, MissingDatabaseError, database_location, load, require_existing
from crm_cli.trust import UntrustedError
from tests.commands.conftest import CrmRunner


def origins(crm: CrmRunner, *args: str, **environ: str) -> dict[str, tuple[object, str]]:
    return {row["key"]: (row["value"], row["origin"]) for row in crm(*args, "--json", **environ).ok().json}


def test_each_setting_says_where_it_comes_from(crm: CrmRunner) -> None:
    user = crm.write("../user-configuration/config.toml", 'timezone = "Asia/Tokyo"\nbase_currency = "eur"\n')
    project = crm.write("crm.toml", 'base_currency = "CHF"\ndefault_country = "CH"\ndatabase = "here.db"\n')
    shown = origins(crm, "config", "show", "--db", "there.db", CRM_DEFAULT_COUNTRY="at")
    assert shown["fiscal_year_start"] == (1, "default")
    assert Path(shown["timezone"][1]).resolve() == user.resolve()
    assert shown["timezone"][0] == "Asia/Tokyo"
    assert shown["base_currency"] == ("CHF", str(project))
    assert shown["default_country"] == ("AT", "CRM_DEFAULT_COUNTRY")
    assert shown["database"] == ("there.db", "flag")
    assert shown["user"] == ("tester", "CRM_USER")


def test_the_project_file_is_found_upwards(crm: CrmRunner) -> None:
    crm.write("crm.toml", 'database = "data/crm.db"\n')
    below = crm.folder / "a" / "b"
    below.mkdir(parents=True)
    config = load(crm.environ, below)
    assert config.project == crm.folder / "crm.toml"
    assert database_location(config) == str(crm.folder / "data" / "crm.db"), "a path is relative to the file naming it"


def test_db_may_be_a_name_a_file_or_a_url(crm: CrmRunner) -> None:
    crm.write("crm.toml", '[databases]\nprod = "postgresql://crm@db.example/crm"\ntest = "test.db"\n')

    def location(given: str) -> str:
        return database_location(load(crm.environ, crm.folder, flags={"database": given}))

    assert location("prod") == "postgresql://crm@db.example/crm"
    assert location("test") == str(crm.folder / "test.db")
    assert location("other.db") == str(crm.folder / "other.db")
    assert location("mysql://h/x") == "mysql://h/x"


def test_a_missing_database_is_named_with_its_cure(crm: CrmRunner) -> None:
    crm.write("crm.toml", '[databases]\nprod = "p.db"\n')
    config = load(crm.environ, crm.folder)
    with pytest.raises(MissingDatabaseError, match=r"crm\.db") as caught:
        require_existing(database_location(config), config)
    assert "crm init" in caught.value.hint
    mistyped = load(crm.environ, crm.folder, flags={"database": "prdo"})
    with pytest.raises(MissingDatabaseError) as caught:
        require_existing(database_location(mistyped), mistyped)
    assert caught.value.hint == "did you mean prod?"
    crm.write("p.db", "")
    named = load(crm.environ, crm.folder, flags={"database": "prod"})
    assert require_existing(database_location(named), named) == str(crm.folder / "p.db")


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ('timzone = "UTC"', "unknown key 'timzone'", "did you mean timezone?"),
        ('[database]\nprod = "x"', "unknown key 'database.prod'", "did you mean database or databases?"),
        ('timezone = "Mars/Olympus"', "timezone = 'Mars/Olympus' is not a time zone", "the time zone"),
        ("fiscal_year_start = 13", "must be a month", "fiscal year"),
        ("fiscal_year_start = true", "must be a month", "fiscal year"),
        ('base_currency = "$"', "currency code of three letters", "ISO 4217"),
        ("user = 3", "must be a text", "acts"),
        ('[hooks]\nafter_import = "rm -rf $NAME"', "must be a list of arguments", "crm trust"),
        ("timezone = ", "crm.toml", "TOML"),
    ],
)
def test_what_cannot_be_used_is_refused_naming_file_key_and_cure(
    crm: CrmRunner, content: str, message: str, hint: str
) -> None:
    crm.write("crm.toml", content)
    outcome = crm("config", "show")
    assert outcome.exit_code == 2
    error, cure = outcome.stderr.splitlines()
    assert "crm.toml" in error
    assert message in error
    assert hint in cure


def test_a_wrong_variable_is_named(crm: CrmRunner) -> None:
    outcome = crm("config", "show", CRM_BASE_CURRENCY="dollars")
    assert outcome.exit_code == 2
    assert "CRM_BASE_CURRENCY = 'dollars'" in outcome.stderr


def test_passwords_are_never_shown(crm: CrmRunner) -> None:
    crm.write("crm.toml", '[databases]\nprod = "postgresql://crm:s3cret@db.example/crm"\n')
    for args in (["config", "show"], ["config", "show", "--json"]):
        outcome = crm(*args, CRM_DB="mysql://root:hunter2@h/x").ok()
        assert "s3cret" not in outcome.stdout
        assert "hunter2" not in outcome.stdout
        assert "***@db.example" in outcome.stdout


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@127.0.0.1:1/x?password=s3cret",
        "mysql://u@127.0.0.1:1/x?password=s3cret",
        "postgresql://u:s3cret@ret@127.0.0.1:1/x",
        "postgres://u:s3cret@127.0.0.1:port/x",
        "mariadb://u:s3cret@127.0.0.1:1/x?token=s3cret",
    ],
)
def test_no_command_shows_what_is_secret_in_the_databases_url(crm: CrmRunner, url: str) -> None:
    commands = (["contact", "list", "--debug"], ["doctor", "--json"], ["doctor"], ["config", "show"], ["init"], ["log"])
    for args in commands:
        outcome = crm(*args, "--db", url)
        assert outcome.stdout + outcome.stderr
        assert "s3cret" not in outcome.stdout + outcome.stderr, args
        assert "ret@" not in outcome.stdout + outcome.stderr, args


@pytest.mark.parametrize(
    "url", ["postgres://u:s3cret@h:port/x", "postgresql://u:s3c@ret@127.0.0.1/x", "mysql://u@127.0.0.1:1/x?nonsense=1"]
)
def test_a_url_that_is_none_is_a_wrong_call(crm: CrmRunner, url: str) -> None:
    refused = crm("contact", "list", "--db", url)
    assert refused.exit_code == 2
    assert "bug in crm" not in refused.stderr
    assert "hint: " in refused.stderr


HOOK = '[hooks]\nafter_import = ["notify", "--quiet"]\n'


def hook(crm: CrmRunner) -> tuple[str, ...]:
    return load(crm.environ, crm.folder).hook("after_import")


def test_a_project_files_hook_runs_only_once_trusted_and_unchanged(crm: CrmRunner) -> None:
    file = crm.write("crm.toml", HOOK)
    with pytest.raises(UntrustedError, match="was never trusted") as caught:
        hook(crm)
    assert f"crm trust {file}" in caught.value.hint

    crm("trust").ok()
    assert hook(crm) == ("notify", "--quiet")
    assert [row["file"] for row in crm("trust", "--list", "--json").json] == [str(file.resolve())]

    crm.write("crm.toml", HOOK.replace("--quiet", "--loud"))
    with pytest.raises(UntrustedError, match="has changed since"):
        hook(crm)

    crm("trust", "crm.toml").ok()
    assert hook(crm) == ("notify", "--loud")
    crm("trust", "--remove").ok()
    with pytest.raises(UntrustedError):
        hook(crm)


def test_the_users_own_hook_needs_no_trust(crm: CrmRunner) -> None:
    crm.write("../user-configuration/config.toml", HOOK)
    assert hook(crm) == ("notify", "--quiet")
    assert load(crm.environ, crm.folder).hook("after_merge") == ()


def test_a_damaged_list_of_trust_trusts_nothing(crm: CrmRunner) -> None:
    crm.write("crm.toml", HOOK)
    crm("trust").ok()
    crm.write("../user-configuration/trusted.json", "{broken")
    with pytest.raises(UntrustedError):
        hook(crm)


def test_trust_without_a_project_file_says_so(crm: CrmRunner) -> None:
    outcome = crm("trust")
    assert outcome.exit_code == 1
    assert "there is no project file" in outcome.stderr


def test_an_error_in_the_configuration_can_be_sent_to_another_process(crm: CrmRunner) -> None:
    import pickle

    error = ConfigError("crm.toml: unknown key 'x'", hint="known keys: user", key="x")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.message, again.hint, again.facts) == (
        ConfigError,
        error.message,
        error.hint,
        {"key": "x"},
    )


def test_masked_fields_are_a_list_or_with_commas_a_variable(project: CrmRunner) -> None:
    settings = (project.folder / "crm.toml").read_text(encoding="utf-8")
    project.write("crm.toml", f'masked = ["contact.birth_date", "contact.email"]\n{settings}')
    assert origins(project, "config", "show")["masked"][0] == ["contact.birth_date", "contact.email"]
    shown = origins(project, "config", "show", CRM_MASKED="account.tax_id, lead.email")["masked"]
    assert shown == (["account.tax_id", "lead.email"], "CRM_MASKED")
    project.write("crm.toml", f"masked = 7\n{settings}")
    outcome = project("contact", "list")
    assert outcome.exit_code == 2
    assert "crm.toml: masked = 7 must be a list" in outcome.stderr


@pytest.mark.parametrize(("name", "hint"), [("contact.emial", "'email'"), ("kontact.email", "'contact'")])
def test_a_masked_field_that_there_is_not_is_an_error_that_suggests_the_nearest(
    project: CrmRunner, name: str, hint: str
) -> None:
    outcome = project("contact", "list", CRM_MASKED=name)
    assert outcome.exit_code == 2
    assert "CRM_MASKED: masked:" in outcome.stderr
    assert hint in outcome.stderr
    assert outcome.stderr.startswith("error:")

"""URLs: what is secret in them is never shown, and what can be read in two ways is refused."""

from __future__ import annotations

import pytest

from crm_cli.errors import ExitCode, UsageError
from crm_cli.urls import database_url, hide_passwords


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x://u:p%40s@h/d and http://plain.example/a@b", "x://u:***@h/d and http://plain.example/a@b"),
        ("x://u:s3c@ret@h:1/d", "x://u:***@h:1/d"),
        ("x://u:s3/c?ret@h/d", "x://u:***@h/d"),
        ("redis://:s3cret@h", "redis://:***@h"),
        ("x://h/d?password=s3cret&sslmode=require", "x://h/d?password=***&sslmode=require"),
        ("x://h/d?a=1&PASSWD=s3cret and so on", "x://h/d?a=1&PASSWD=*** and so on"),
        ("x://h/d?sslpassword=a;pwd=b;api_key=c", "x://h/d?sslpassword=***;pwd=***;api_key=***"),
        ("x://h/d?p%61ssword=s3cret", "x://h/d?p%61ssword=***"),
        ("--db=x://u:s3cret@h/d?access_token=t", "--db=x://u:***@h/d?access_token=***"),
        ("x://a:p@b, y://c:q@d", "x://a:***@b, y://c:***@d"),
        ("cannot open x://h/d?password=***: it is closed", "cannot open x://h/d?password=***: it is closed"),
        ("password=given and ann@acme.example", "password=given and ann@acme.example"),
        ("x://h/d?passfile=/etc/crm/.pgpass&user=ann@acme", "x://h/d?passfile=/etc/crm/.pgpass&user=ann@acme"),
    ],
)
def test_the_secrets_of_urls_are_hidden_and_nothing_else(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown


def test_in_what_is_a_url_as_a_whole_a_blank_is_a_part_of_the_password() -> None:
    assert hide_passwords("x://u:s3 cret@h/d?pwd=a b&c=d", whole=True) == "x://u:***@h/d?pwd=***&c=d"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("postgres://u:s3cret@h:port/x", "is no database URL"),
        ("postgres://u:s3cret@[::1:5/x", "is no database URL"),
        ("my sql://u:s3cret@h/x", "is no database URL"),
        ("postgresql://u:s3c@ret@h/x", "more than one @"),
    ],
)
def test_what_cannot_be_read_as_a_url_is_a_usage_error_without_the_secret(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as fault:
        database_url(text)
    assert fault.value.exit_code is ExitCode.USAGE
    assert fault.value.__cause__ is None
    assert "ret" not in f"{fault.value.message} {fault.value.hint} {fault.value.facts}"


def test_a_url_without_a_driver_gets_ours() -> None:
    assert database_url("postgres://u:p%40@h/x").drivername == "postgresql+psycopg"
    assert database_url("mariadb://h/x").drivername == "mariadb+pymysql"
    assert database_url("postgresql+psycopg://u:p%40@h/x").password == "p@"

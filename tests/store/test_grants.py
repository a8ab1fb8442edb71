"""Roles on a shared database, asked of the database itself as the login that was given them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crm_cli.dictionary import shipped
from crm_cli.errors import CrmError, NotFoundError, UsageError
from crm_cli.history import Author
from crm_cli.jobs.sharing import grant_login, revoke_login, rights_on, statements_for
from crm_cli.store import Store, refusal_of
from crm_cli.store.grants import (
    FilesHaveNoLoginsError,
    Grant,
    Login,
    NoSuchLoginError,
    Role,
    Sees,
    UnboundLoginError,
    login_of,
    rights_of,
)
from crm_cli.store.migrate import create
from tests.databases import PostgreSql, Server
from tests.store.restricted import OWNED, TestLogin, a_login, as_login, fill, naively_seen

AUTHOR = Author("tester")
ANNA, AMY, CARL, SAM = 1, 2, 3, 4
OUTLINED = {"operation": {"id"}, "import_batch": {"id", "groups"}}
SEEN = {Sees.OWN: {ANNA}, Sees.TEAM: {ANNA, AMY}, Sees.DIVISION: {ANNA, AMY, CARL}}


@pytest.fixture
def login(store: Store) -> Iterator[TestLogin]:
    """A login of the server that has nothing yet; on SQLite a skip."""
    if store.backend == "sqlite":
        pytest.skip("a file has no logins")
    with a_login(store) as made:
        yield made


def grant(store: Store, login: TestLogin, role: Role, sees: Sees = Sees.ALL, user: str | None = None) -> None:
    grant_login(store, AUTHOR, Grant(role, login.login, sees), user)


def place(store: Store, *, narrow: bool = False, masked: bool = False) -> str:
    """The database in which a login works."""
    ending = "_seen" if narrow else "_shown" if masked else ""
    return f"{store.url.database}{ending if store.backend != 'postgresql' else ''}"


def refused(connection: sa.Connection, statement: str) -> bool:
    """Whether the database refuses a statement for want of a right; any other fault is one of the test."""
    try:
        connection.execute(sa.text(statement)).close()
    except sa.exc.DBAPIError as fault:
        if refusal_of(fault) is None:
            raise
        return True
    return False


@pytest.mark.all_databases
def test_a_login_that_sees_less_sees_exactly_its_rows_of_every_table(store: Store) -> None:
    if store.backend == "sqlite":
        with pytest.raises(FilesHaveNoLoginsError, match="the file's permission alone") as refusal:
            statements_for(store, Grant(Role.ANALYST, Login("anna")))
        assert refusal.value.exit_code == 2
        return
    fill(store)
    with a_login(store) as login:
        for sees, owners in SEEN.items():
            grant(store, login, Role.ANALYST, sees, "anna")
            expected = naively_seen(store, owners)
            assert all(expected[name] for name in OWNED)
            with as_login(login.url(store, place(store, narrow=True))) as connection:
                for name in store.metadata.tables:
                    if name in OUTLINED:
                        assert readable_of(store, connection, name) == OUTLINED[name], (sees, name)
                        continue
                    if name not in expected:
                        assert refused(connection, f"SELECT * FROM {quoted(store, name)}"), name
                        continue
                    found = set(connection.scalars(sa.select(store.table(name).c.id)))
                    assert found == expected[name], (sees, name)


def readable_of(store: Store, connection: sa.Connection, table: str) -> set[str]:
    """The columns of a table in which a login finds something."""
    found = set()
    for column in map(str, store.table(table).columns.keys()):
        asked = f"SELECT {quoted(store, column)} FROM {quoted(store, table)}"
        if not refused(connection, asked) and any(one is not None for one in connection.scalars(sa.text(asked))):
            found.add(column)
    return found


def quoted(store: Store, name: str) -> str:
    return store.engine.dialect.identifier_preparer.quote_identifier(name)


@pytest.mark.slow
def test_an_analyst_writes_nothing_anywhere(store: Store, login: TestLogin) -> None:
    fill(store)
    for sees, user in ((Sees.ALL, None), (Sees.OWN, "anna")):
        grant(store, login, Role.ANALYST, sees, user)
        with as_login(login.url(store, place(store, narrow=sees.is_narrow))) as connection:
            for name in map(str, store.metadata.tables):
                table = quoted(store, name)
                assert refused(connection, f"INSERT INTO {table} (id) VALUES (77777)"), name
                assert refused(connection, f"UPDATE {table} SET id = id WHERE id = 1"), name
                assert refused(connection, f"DELETE FROM {table} WHERE id = 1"), name


@pytest.mark.slow
def test_every_role_can_do_what_the_table_of_rights_says_and_nothing_else(store: Store, login: TestLogin) -> None:
    for role in (Role.STEWARD, Role.SERVICE, Role.ANALYST, Role.ADMIN):
        grant(store, login, role)
        with as_login(login.url(store)) as connection:
            for entity in store.dictionary:
                rights, table = rights_of(role, entity), quoted(store, entity.name)
                column = quoted(store, rights.only[0] if rights.only else "id")
                insert = f"INSERT INTO {table} SELECT * FROM {table} WHERE id = -1"
                done = {
                    "select": not refused(connection, f"SELECT * FROM {table}"),
                    "insert": not rights.select or not refused(connection, insert),
                    "update": not refused(connection, f"UPDATE {table} SET {column} = {column} WHERE id = -1"),
                    "delete": not refused(connection, f"DELETE FROM {table} WHERE id = -1"),
                }
                wanted = {"select": rights.select, "insert": rights.insert or not rights.select}
                assert done == {**wanted, "update": rights.update, "delete": rights.delete}, (role, entity.name)
                if rights.only:
                    assert refused(connection, f"UPDATE {table} SET id = id WHERE id = -1"), (role, entity.name)


@pytest.mark.slow
def test_no_role_but_admin_may_change_tables_or_pass_rights_on(store: Store, login: TestLogin) -> None:
    other = "PUBLIC" if store.backend == "postgresql" else f"'{login.login.name}'@'%'"
    for role in (Role.STEWARD, Role.SERVICE, Role.ANALYST):
        grant(store, login, role)
        with as_login(login.url(store)) as connection:
            for statement in ("ALTER TABLE contact ADD COLUMN x INT", "DROP TABLE contact", "CREATE TABLE x (y INT)"):
                with pytest.raises(sa.exc.DBAPIError, match=r"denied|must be owner"):
                    connection.execute(sa.text(statement))
            if store.backend == "postgresql":  # which only warns, and grants nothing
                connection.execute(sa.text(f"GRANT SELECT ON contact TO {other}"))
                granted = "SELECT has_table_privilege('public', 'contact', 'SELECT')"
                assert connection.scalar(sa.text(granted)) is False
            else:
                assert refused(connection, f"GRANT INSERT ON contact TO {other}")


@pytest.mark.slow
def test_masked_fields_are_kept_from_an_analyst_everywhere(store: Store, login: TestLogin) -> None:
    fill(store)
    marked(store)
    with Store.open(store.url, masked=["contact.birth_date", "contact.email", "account.name"]) as masking:
        for sees, user in ((Sees.ALL, None), (Sees.OWN, "anna")):
            grant(masking, login, Role.ANALYST, sees, user)
            with as_login(login.url(store, place(store, narrow=sees.is_narrow, masked=True))) as connection:
                rows = readable(store, connection)
            assert rows["contact"], "it reads the records"
            assert rows["contact"][0]["family_name"] == "v2"
            shown = [row for found in rows.values() for row in found if "sesame" in str(row) or "1961" in str(row)]
            assert shown == []
            assert {holder.masked for holder in rights_on(store)} == {True} or store.backend != "postgresql"
    for column, table in (("value", "email_address"), ("birth_date", "contact"), ("name", "account")):
        with (  # of MariaDB's base tables the login has nothing at all
            pytest.raises(sa.exc.DBAPIError, match="denied"),
            as_login(login.url(store)) as connection,
        ):
            connection.execute(sa.text(f"SELECT {column} FROM {_base(store, table)}"))


def _base(store: Store, name: str) -> str:
    return f"public.{name}" if store.backend == "postgresql" else name


def marked(store: Store) -> None:
    """Put something to look for wherever values of the masked fields may stand."""
    with store.write() as connection:
        contact, account, email = store.table("contact"), store.table("account"), store.table("email_address")
        connection.execute(
            contact.update().values(birth_date=sa.func.date("1961-02-03"), extra={"x": "sesame"}, family_name="v2")
        )
        connection.execute(account.update().values(name="sesame", name_key="sesame"))
        connection.execute(email.update().values(value="sesame@x.example", standard="sesame@x.example"))
        connection.execute(store.table("change").update().values(old={"x": "sesame"}, new={"x": "sesame"}))
        connection.execute(store.table("search_record").update().values(tokens="sesame"))
        connection.execute(store.table("confirmation").update().values(source="sesame@x.example"))


def readable(store: Store, connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """All rows that a connection can read."""
    found = {}
    for name, table in store.metadata.tables.items():
        try:
            found[name] = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        except sa.exc.DBAPIError as fault:
            if refusal_of(fault) is None:
                raise
    return found


@pytest.mark.slow
def test_conditions_that_fail_aloud_tell_nothing_of_hidden_rows(store: Store, login: TestLogin) -> None:
    fill(store)
    with store.write() as connection:
        contact = store.table("contact")
        hidden = contact.c.owner_id.is_(None) | (contact.c.owner_id != ANNA)
        connection.execute(contact.update().where(hidden).values(family_name="secret"))
        of_others = list(connection.scalars(sa.select(contact.c.id).where(hidden)))
    grant(store, login, Role.ANALYST, Sees.OWN, "anna")
    with as_login(login.url(store, place(store, narrow=True))) as connection:
        attacks = _POSTGRESQL_ATTACKS if store.backend == "postgresql" else _MARIADB_ATTACKS
        said = [_said(connection, one.replace("{hidden}", str(number))) for one in attacks for number in of_others[:3]]
    assert not any("secret" in one for one in said)
    with as_login(store.url) as connection:  # whom nothing binds: the attacks do tell what they see
        told = [_said(connection, one.replace("{hidden}", str(of_others[0]))) for one in attacks[:2]]
    assert any("secret" in one for one in told)


_POSTGRESQL_ATTACKS = (
    "SELECT id FROM contact WHERE id = {hidden} AND CAST(family_name AS integer) > 0",
    "SELECT id FROM contact WHERE CAST(family_name AS integer) > 0",
    "CREATE FUNCTION pg_temp.leak(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "  # noqa: ISC004
    "$$ BEGIN RAISE EXCEPTION 'saw %', t; END $$",
    "SELECT id FROM contact WHERE pg_temp.leak(family_name)",
    "SELECT id FROM contact WHERE id = {hidden} AND pg_temp.leak(family_name)",
    "SELECT id FROM contact WHERE pg_temp.leak(family_name) AND owner_id IS NULL",
    "SET row_security = off",
    "SELECT family_name FROM contact",
    "SET row_security = on",
    "SELECT family_name FROM contact",
    "SET ROLE postgres",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = 'contact'",
    "SELECT family_name FROM public.contact TABLESAMPLE SYSTEM (100)",
    "SELECT crm_seen_owners()",
    "SELECT query_to_xml('SELECT family_name FROM contact', true, true, '')::text",
)
_MARIADB_ATTACKS = (  # whose warnings are read too
    "SELECT id FROM contact WHERE id = {hidden} AND family_name + 0 = 1",
    "SELECT id FROM contact WHERE family_name + 0 = 1",
    "SELECT u.id FROM app_user u JOIN contact c ON c.family_name + 0 = u.id AND c.id = {hidden}",
    "SELECT id FROM contact WHERE id = {hidden} AND EXTRACTVALUE(1, CONCAT('~', family_name)) = 1",
    "SELECT id FROM contact WHERE id = {hidden} AND UPDATEXML(1, CONCAT('~', family_name), 1) = 1",
    "SELECT u.id FROM app_user u WHERE EXISTS (SELECT 1 FROM contact c WHERE c.id = {hidden} "  # noqa: ISC004
    "AND EXTRACTVALUE(1, CONCAT('~', c.family_name)) = u.id)",
    "SELECT id FROM contact WHERE EXTRACTVALUE(1, CONCAT('~', family_name)) = 1",
    "SELECT id FROM contact WHERE UPDATEXML(1, CONCAT('~', family_name), 1) = 1 AND id > 0",
    "SELECT id FROM contact GROUP BY id HAVING EXTRACTVALUE(1, CONCAT('~', MAX(family_name))) = 1",
    "SELECT c.id FROM app_user u JOIN contact c ON EXTRACTVALUE(1, CONCAT('~', c.family_name)) = u.id",
    "SHOW CREATE VIEW contact",
    "SELECT family_name FROM contact PROCEDURE ANALYSE()",
    "SELECT family_name FROM contact",
    "SELECT * FROM information_schema.STATISTICS",
    "SELECT * FROM crm_seen_owner",
)


def _said(connection: sa.Connection, statement: str) -> str:
    try:
        result = connection.execute(sa.text(statement))
        said = str(result.all()) if result.returns_rows else ""
        if connection.dialect.name != "postgresql":
            said += str(connection.execute(sa.text("SHOW WARNINGS")).all())
        return said
    except sa.exc.DBAPIError as fault:
        return str(fault.orig)


@pytest.mark.slow
def test_what_a_login_sees_follows_users_and_teams_and_ends_with_the_user(store: Store, login: TestLogin) -> None:
    fill(store)
    grant(store, login, Role.ANALYST, Sees.TEAM, "anna")

    def contacts() -> set[int]:
        with as_login(login.url(store, place(store, narrow=True))) as connection:
            return set(connection.scalars(sa.select(store.table("contact").c.id)))

    users, team = store.table("app_user"), store.table("team")
    changes: tuple[tuple[sa.Update, set[int]], ...] = (
        (users.update().where(users.c.id == SAM).values(team_id=1), {ANNA, AMY, SAM}),
        (users.update().where(users.c.id == ANNA).values(sees="division"), {ANNA, AMY, SAM, CARL}),
        (team.update().where(team.c.id == 1).values(parent_id=2), {ANNA, AMY, SAM, CARL}),  # a circle ends too
        (users.update().where(users.c.id == ANNA).values(sees="all"), {ANNA}),  # `all` is a matter of crm db grant
        (users.update().where(users.c.id == ANNA).values(active=False), set()),
    )
    for change, owners in changes:
        with store.write() as connection:
            connection.execute(change)
        assert contacts() == naively_seen(store, owners)["contact"]


@pytest.mark.slow
def test_revoking_takes_everything_and_granting_replaces_what_was(store: Store, login: TestLogin) -> None:
    fill(store)
    grant(store, login, Role.STEWARD, user="anna")
    [holder] = rights_on(store)
    assert (holder.login, holder.role, holder.sees, holder.user) == (login.login.name, "steward", "all", "anna")
    grant(store, login, Role.ANALYST, Sees.OWN, "anna")
    [holder] = rights_on(store)
    assert (holder.role, holder.sees, holder.user, holder.writes) == ("analyst", "own", "anna", 0)
    done = revoke_login(store, AUTHOR, login.login)
    assert done.user == "anna"
    assert rights_on(store) == []
    for narrow in (False, True):
        with (  # MariaDB does not even let it in
            pytest.raises(sa.exc.DBAPIError, match=r"denied|does not exist"),
            as_login(login.url(store, place(store, narrow=narrow))) as connection,
        ):
            connection.execute(sa.text("SELECT * FROM contact"))
    with store.read() as connection:
        users = store.table("app_user")
        assert connection.scalar(sa.select(users.c.database_login).where(users.c.id == ANNA)) is None


@pytest.mark.slow
def test_what_cannot_be_granted_is_refused_before_anything_is_done(store: Store, login: TestLogin) -> None:
    fill(store)
    wrong: tuple[tuple[Callable[[], object], type[CrmError], str], ...] = (
        (lambda: grant(store, login, Role.ANALYST, Sees.TEAM), UsageError, "cannot be told"),
        (lambda: grant(store, login, Role.ANALYST, Sees.TEAM, "ana"), NotFoundError, "there is no user 'ana'"),
        (lambda: statements_for(store, Grant(Role.STEWARD, Login("crm_no_such"))), NoSuchLoginError, "crm_no_such"),
        (
            lambda: statements_for(store, Grant(Role.STEWARD, Login(str(store.url.username), "localhost"))),
            CrmError, "above all rights|whole server|has no login",
        ),
    )  # fmt: skip
    for work, kind, message in wrong:
        with pytest.raises(kind, match=message):
            work()
    assert rights_on(store) == []
    grant(store, login, Role.STEWARD, user="anna")
    with pytest.raises(UsageError, match="is that of anna"):
        grant(store, login, Role.STEWARD, user="amy")


@pytest.mark.slow
def test_a_superuser_is_bound_by_no_rights_and_told_so(store: Store) -> None:
    if store.backend != "postgresql":
        pytest.skip("superusers are PostgreSQL's")
    with pytest.raises(UnboundLoginError, match="above all rights"):
        statements_for(store, Grant(Role.STEWARD, Login(str(store.url.username))))


@pytest.mark.slow
def test_an_admin_works_as_the_plain_role_that_owns_the_tables(
    database_server: Server, new_database: Callable[[], str]
) -> None:
    if not isinstance(database_server, PostgreSql):
        pytest.skip("owners of tables are PostgreSQL's")
    url = make_url(new_database())
    create(url)
    with Store.open(url) as store, a_login(store) as owner, a_login(store) as admin:
        role = f'"{owner.login.name}"'
        with store.write() as connection:
            for name in [*store.metadata.tables, "alembic_version"]:
                connection.execute(sa.text(f"ALTER TABLE {quoted(store, name)} OWNER TO {role}"))
            connection.execute(sa.text(f"GRANT ALL ON SCHEMA public TO {role} WITH GRANT OPTION"))
        grant(store, admin, Role.ADMIN)
        with as_login(admin.url(store)) as connection:
            connection.execute(sa.text("ALTER TABLE contact ADD COLUMN shoe integer"))
            connection.execute(sa.text("UPDATE app_user SET sees = 'own' WHERE id = -1"))
        revoke_login(store, AUTHOR, admin.login)
        with Store.open(owner.url(store)) as owned:  # who may not lend itself, and grants the rest
            grant(owned, admin, Role.ADMIN)
            assert [row.role for row in rights_on(owned)] == ["admin"]
            revoke_login(owned, AUTHOR, admin.login)
        with (
            pytest.raises(sa.exc.DBAPIError, match=r"denied|must be owner"),
            as_login(admin.url(store)) as connection,
        ):
            connection.execute(sa.text("ALTER TABLE public.contact DROP COLUMN shoe"))
        with store.write() as connection:
            for statement in (f"REASSIGN OWNED BY {role} TO CURRENT_USER", f"DROP OWNED BY {role}"):
                connection.execute(sa.text(statement))


@pytest.mark.parametrize("text", ["", "a b", "a;b", "anna'--", "x" * 49, "anna@a b", 'a"b', "a`b", "a:b"])
def test_a_login_that_could_be_more_than_a_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        login_of(text)


def test_who_writes_sees_all() -> None:
    for role in (Role.ADMIN, Role.STEWARD, Role.SERVICE):
        with pytest.raises(UsageError, match="is for analysts"):
            Grant(role, Login("anna"), Sees.TEAM)


def test_nobody_but_an_admin_decides_who_sees_what_or_rewrites_the_log() -> None:
    for role in (Role.STEWARD, Role.ANALYST, Role.SERVICE):
        for name in ("app_user", "team", "custom_field", "erasure"):
            assert not rights_of(role, shipped().entity(name)).writes
        change = rights_of(role, shipped().entity("change"))
        assert (change.update, change.delete) == (False, False)

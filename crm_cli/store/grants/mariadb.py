"""Rights on MariaDB, which has no row security: grants of tables, and databases of views where less is to be seen.

`NAME_seen` beside the database `NAME` has views of the same names with the rows that `app_user.sees` leaves to whoever
asks; `NAME_shown` has all rows without what is masked. A login that is to see less has rights on the views alone, and
works there: `--db mysql://…/NAME_seen`. They are read with the rights of whoever made them.

A view ends with LIMIT, so that the server makes its rows before it looks at anything else of a statement: otherwise a
condition that fails with a row's value in its message could be tried on rows that the view leaves out (MariaDB's
manual, "Condition pushdown into derived table optimization").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.errors import UsageError
from crm_cli.store.grants.model import Grant, Login, NoSuchLoginError, UnboundLoginError
from crm_cli.store.grants.roles import Role, readable_columns, rights_of
from crm_cli.store.grants.rows import RowCondition

__all__ = ["MariaDbRights"]

_ALL_ROWS = 2**64 - 1  # the manual's way to write a limit that is none
_LONGEST_NAME = 64
_SEEN = """CREATE OR REPLACE VIEW {views}.`crm_seen_owner` AS
WITH RECURSIVE me AS (
  SELECT id, team_id, sees FROM {base}.`app_user`
  WHERE database_login = SUBSTRING_INDEX(USER(), '@', 1) AND active AND deleted_at IS NULL AND merged_into_id IS NULL
), teams AS (
  SELECT team_id AS id FROM me WHERE team_id IS NOT NULL AND sees IN ('team', 'division')
  UNION
  SELECT below.id FROM {base}.`team` AS below JOIN teams ON below.parent_id = teams.id
  WHERE EXISTS (SELECT 1 FROM me WHERE sees = 'division')
)
SELECT id AS user_id FROM me
UNION SELECT one.id FROM {base}.`app_user` AS one JOIN teams ON one.team_id = teams.id"""


@dataclass(frozen=True)
class MariaDbRights:
    """See `Server`; `metadata` has the tables of `dictionary`, which says what is masked."""

    dictionary: Dictionary
    metadata: sa.MetaData

    def check(self, connection: sa.Connection, login: Login) -> None:
        """Raise `NoSuchLoginError` or `UnboundLoginError`."""
        given = {"name": login.name, "host": login.host}
        found = sa.text("SELECT COUNT(*) FROM mysql.user WHERE User = :name AND Host = :host")
        if not connection.scalar(found, given):
            raise NoSuchLoginError(
                f"the server has no login {login.name}@{login.host}",
                hint=f"its administrator makes it in the client: CREATE USER {_account(login)}, then SET PASSWORD",
                login=login.name,
            )
        above = sa.text(
            "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = :who AND PRIVILEGE_TYPE <> 'USAGE'"
        )
        if connection.scalar(above, {"who": _account(login)}):
            raise UnboundLoginError(
                f"{login.name} has rights on the whole server", hint="make a login of its own for the person"
            )

    def grant(self, connection: sa.Connection, grant: Grant) -> list[str]:
        """Return the statements that give a role; what the login had before is taken first."""
        base = self._database(connection)
        return [*self.revoke(connection, grant.login), *self._granting(grant, base)]

    def revoke(self, connection: sa.Connection, login: Login) -> list[str]:
        """Return the statements that take everything from a login."""
        ours = set(self._ours(self._database(connection)))
        account, given = _account(login), {"who": _account(login)}
        taken: list[str] = []
        for name, passes_on in connection.execute(sa.text(_ON_DATABASES), given):
            if _unescaped(name) in ours:
                taken += [f"REVOKE GRANT OPTION ON {_quoted(name)}.* FROM {account}"] if passes_on else []
                taken.append(f"REVOKE ALL PRIVILEGES ON {_quoted(name)}.* FROM {account}")
        tables = {(row[0], row[1]) for row in connection.execute(sa.text(_ON_TABLES), given) if row[0] in ours}
        return taken + [
            f"REVOKE ALL PRIVILEGES ON {_quoted(database)}.{_quoted(table)} FROM {account}"
            for database, table in sorted(tables)
        ]

    def holdings(self, connection: sa.Connection) -> list[tuple[str, str, str]]:
        """Return (login, table, privilege) of every login that has any; `!rows` and `!masked` for what narrows them."""
        base = self._database(connection)
        seen, shown = self._views(base)
        marks = {seen: "!rows", shown: "!masked"}
        found: set[tuple[str, str, str]] = set()
        for who, database, table, privilege in connection.execute(sa.text(_HOLDINGS)):
            if _unescaped(database) not in (base, seen, shown):
                continue
            login = str(who).strip("'").replace("'@'", "@").removesuffix("@%")
            found |= {(login, name, privilege) for name in ([table] if table else self.metadata.tables)}
            found |= {(login, "", marks[database])} if database in marks else set()
        return sorted(found)

    def _granting(self, grant: Grant, base: str) -> Iterator[str]:
        account = _account(grant.login)
        if grant.role is Role.ADMIN:
            for name in self._ours(base):
                yield f"GRANT ALL PRIVILEGES ON {_pattern(name)}.* TO {account} WITH GRANT OPTION"
        elif grant.role is Role.ANALYST and (grant.sees.is_narrow or self.dictionary.is_masked):
            yield from self._granting_views(grant, base)
        else:
            if grant.role is not Role.ANALYST:
                yield f"GRANT CREATE TEMPORARY TABLES ON {_pattern(base)}.* TO {account}"
            for entity in self.dictionary:
                privileges = ", ".join(self._of_table(grant.role, entity))
                if privileges:
                    yield f"GRANT {privileges} ON {_quoted(base)}.{_quoted(entity.name)} TO {account}"
            yield f"GRANT SELECT ON {_quoted(base)}.`alembic_version` TO {account}"

    def _of_table(self, role: Role, entity: Entity) -> Iterator[str]:
        rights = rights_of(role, entity)
        if rights.select:
            yield "SELECT"
        if rights.insert:
            yield "INSERT"
        if rights.update:
            yield f"UPDATE ({', '.join(map(_quoted, rights.only))})" if rights.only else "UPDATE"
        if rights.delete:
            yield "DELETE"

    def _granting_views(self, grant: Grant, base: str) -> Iterator[str]:
        seen, shown = self._views(base)
        views = seen if grant.sees.is_narrow else shown
        if len(views) > _LONGEST_NAME:
            raise UsageError(
                f"the database of views would be called {views}: too long", hint="shorten the database's name"
            )
        yield f"CREATE DATABASE IF NOT EXISTS {_quoted(views)}"
        if grant.sees.is_narrow:
            yield _SEEN.format(views=_quoted(views), base=_quoted(base))
        version = f"SELECT `version_num` FROM {_quoted(base)}.`alembic_version`"  # noqa: S608
        made = {"alembic_version": version} | dict(self._selects(grant, base, views))
        for name, select in made.items():
            yield f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {_quoted(views)}.{_quoted(name)} AS {select}"
        for name in made:
            yield f"GRANT SELECT ON {_quoted(views)}.{_quoted(name)} TO {_account(grant.login)}"

    def _selects(self, grant: Grant, base: str, views: str) -> Iterator[tuple[str, str]]:
        conditions = RowCondition(
            self.dictionary, _quoted, lambda name: f"{_quoted(base)}.{_quoted(name)}",
            lambda column: f"{column} IN (SELECT `user_id` FROM {_quoted(views)}.`crm_seen_owner`)",  # noqa: S608
        )  # fmt: skip
        for entity in self.dictionary:
            condition = conditions.of(entity, entity.name) if grant.sees.is_narrow else ""
            if condition is None or not rights_of(grant.role, entity).select:
                continue
            columns = list(self.metadata.tables[entity.name].c.keys())
            readable = set(readable_columns(self.dictionary, entity, columns, grant.sees))
            chosen = ", ".join(_quoted(one) if one in readable else f"NULL AS {_quoted(one)}" for one in columns)
            where = f" WHERE {condition} LIMIT {_ALL_ROWS}" if condition else ""
            yield entity.name, f"SELECT {chosen} FROM {_quoted(base)}.{_quoted(entity.name)}{where}"  # noqa: S608

    def _views(self, base: str) -> tuple[str, str]:
        return f"{base}_seen", f"{base}_shown"

    def _ours(self, base: str) -> tuple[str, ...]:
        return (base, *self._views(base))

    def _database(self, connection: sa.Connection) -> str:
        """The database of the tables, also where the connection is to one of views."""
        is_view = sa.text(
            "SELECT 1 FROM information_schema.TABLES "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'alembic_version' AND TABLE_TYPE = 'VIEW'"
        )
        name = str(connection.scalar(sa.text("SELECT DATABASE()")))
        return name.removesuffix("_seen").removesuffix("_shown") if connection.scalar(is_view) else name


_ON_DATABASES = """
SELECT TABLE_SCHEMA, MAX(IS_GRANTABLE = 'YES') FROM information_schema.SCHEMA_PRIVILEGES
WHERE GRANTEE = :who GROUP BY TABLE_SCHEMA ORDER BY TABLE_SCHEMA"""
_ON_TABLES = """
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = :who
UNION SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMN_PRIVILEGES WHERE GRANTEE = :who"""
_HOLDINGS = """
SELECT GRANTEE, TABLE_SCHEMA, '', PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES
UNION SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES
UNION SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.COLUMN_PRIVILEGES"""


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _pattern(name: str) -> str:
    """The name of a database where the server takes a pattern: without its wildcards."""
    return _quoted(name.replace("_", "\\_").replace("%", "\\%"))


def _unescaped(pattern: str) -> str:
    return pattern.replace("\\_", "_").replace("\\%", "%")


def _account(login: Login) -> str:
    return f"'{login.name}'@'{login.host}'"

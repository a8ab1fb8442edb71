"""Rights on PostgreSQL: grants of tables and columns, row security, and views where fields are masked.

Rows: one permissive policy lets everybody see everything who may read the table at all, and a restrictive policy of its
own for each login that sees less is put upon it (CREATE POLICY, PostgreSQL's manual): logins that somebody granted by
hand, and the owner, keep what they had. The policy compares the owner of a row with the array that `crm_seen_owners()`
returns – asked once a statement, and found by the index of owners.

Masked fields: their columns are not granted. The program reads whole rows, so the login finds views first that have
NULL there. They are `security_invoker`: they read with the login's own rights and give none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from crm_cli.dictionary import Dictionary, Entity
from crm_cli.errors import CrmError
from crm_cli.store.grants.model import Grant, Login, NoSuchLoginError, UnboundLoginError
from crm_cli.store.grants.roles import Rights, Role, readable_columns, rights_of
from crm_cli.store.grants.rows import RowCondition

__all__ = ["PostgreSqlRights"]

_MASKED_SCHEMA = "crm_masked"
_EVERYBODY = "crm_everybody"
_INVOKER = 150_000  # version from which views can read with the rights of whoever asks
_SEEN = """CREATE OR REPLACE FUNCTION {schema}.crm_seen_owners() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $crm$
WITH RECURSIVE me AS (
  SELECT id, team_id, sees FROM {schema}.app_user
  WHERE database_login = session_user::text AND active AND deleted_at IS NULL AND merged_into_id IS NULL
), teams AS (
  SELECT team_id AS id FROM me WHERE team_id IS NOT NULL AND sees IN ('team', 'division')
  UNION
  SELECT below.id FROM {schema}.team AS below JOIN teams ON below.parent_id = teams.id
  WHERE EXISTS (SELECT 1 FROM me WHERE sees = 'division')
)
SELECT coalesce(array_agg(id), '{{}}') FROM (
  SELECT id FROM me UNION SELECT one.id FROM {schema}.app_user AS one JOIN teams ON one.team_id = teams.id
) AS seen
$crm$"""


@dataclass(frozen=True)
class PostgreSqlRights:
    """See `Server`; `metadata` has the tables of `dictionary`, which says what is masked."""

    dictionary: Dictionary
    metadata: sa.MetaData

    def check(self, connection: sa.Connection, login: Login) -> None:
        """Raise `NoSuchLoginError` or `UnboundLoginError`."""
        query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :name AND rolcanlogin"
        above = connection.scalar(sa.text(query), {"name": login.name})
        if above is None:
            raise NoSuchLoginError(
                f"the server has no login {login.name}",
                hint=f'its administrator makes it in psql: CREATE ROLE "{login.name}" LOGIN, \\password {login.name}',
                login=login.name,
            )
        if above or login.name == self._owner(connection):
            why = "is above all rights: a superuser, or one that row security does not bind"
            raise UnboundLoginError(
                f"{login.name} {why if above else 'owns the tables'}", hint="make a login of its own for the person"
            )

    def grant(self, connection: sa.Connection, grant: Grant) -> list[str]:
        """Return the statements that give a role; what the login had before is taken first."""
        schema = self._schema(connection)
        return [
            *self.revoke(connection, grant.login),
            *self._privileges(connection, grant, schema),
            *self._masked_views(connection, grant, schema),
            *self._row_security(connection, grant, schema),
        ]

    def revoke(self, connection: sa.Connection, login: Login) -> list[str]:
        """Return the statements that take everything from a login."""
        schema, name, database = self._schema(connection), _quoted(login.name), self._database(connection)
        policies = sa.text("SELECT tablename FROM pg_policies WHERE schemaname = :schema AND policyname = :policy")
        given = {"schema": schema, "policy": _policy(login)}
        dropped = [
            f"DROP POLICY {_quoted(_policy(login))} ON {self._table(schema, table)}"
            for table in sorted(connection.scalars(policies, given))
        ]
        owner, function = self._owner(connection), f"{_quoted(schema)}.crm_seen_owners()"
        undone = {
            f"REVOKE ALL ON FUNCTION {function} FROM {name}": self._has_function(connection),
            f"REVOKE {_quoted(owner)} FROM {name}": self._is_member(connection, login, owner),
            f"ALTER ROLE {name} IN DATABASE {_quoted(database)} RESET search_path": self._is_led(connection, login),
        }
        return [
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {_quoted(schema)} FROM {name}",
            f"REVOKE ALL ON SCHEMA {_quoted(schema)} FROM {name}",
            f"REVOKE ALL ON DATABASE {_quoted(database)} FROM {name}",
            *(statement for statement, needed in undone.items() if needed),
            *dropped,
        ]

    def holdings(self, connection: sa.Connection) -> list[tuple[str, str, str]]:
        """Return (login, table, privilege) of every login that has any; `!rows` and `!masked` for what narrows them."""
        schema = self._schema(connection)
        rows = connection.execute(sa.text(_HOLDINGS), {"schema": schema, "masked": _MASKED_SCHEMA})
        return [(row[0], row[1], row[2]) for row in rows]

    def _privileges(self, connection: sa.Connection, grant: Grant, schema: str) -> Iterator[str]:
        login, database = _quoted(grant.login.name), _quoted(self._database(connection))
        yield f"GRANT CONNECT{self._temporary(grant.role)} ON DATABASE {database} TO {login}"
        yield f"GRANT USAGE ON SCHEMA {_quoted(schema)} TO {login}"
        alike: dict[str, list[str]] = defaultdict(list)
        for entity in self._granted(grant):
            for privilege in self._of_table(grant, entity, rights_of(grant.role, entity)):
                alike[privilege].append(self._table(schema, entity.name))
        alike["SELECT"].append(self._table(schema, "alembic_version"))
        for privilege, tables in alike.items():
            yield f"GRANT {privilege} ON {', '.join(tables)} TO {login}"
        owner = self._owner(connection)
        if grant.role is Role.ADMIN and self._may_be_lent(connection, owner):
            yield f"GRANT {_quoted(owner)} TO {login}"  # schema and grants are the owner's

    def _temporary(self, role: Role) -> str:
        return "" if role is Role.ANALYST else ", TEMPORARY"

    def _granted(self, grant: Grant) -> list[Entity]:
        entities = [one for one in self.dictionary if rights_of(grant.role, one).select]
        if not grant.sees.is_narrow:
            return entities
        conditions = self._conditions("")
        return [one for one in entities if conditions.of(one, one.name) is not None]

    def _of_table(self, grant: Grant, entity: Entity, rights: Rights) -> Iterator[str]:
        columns = list(self.metadata.tables[entity.name].c.keys())
        is_analyst = grant.role is Role.ANALYST
        readable = readable_columns(self.dictionary, entity, columns, grant.sees) if is_analyst else columns
        yield "SELECT" if readable == columns else f"SELECT ({', '.join(map(_quoted, readable))})"
        if rights.insert:
            yield "INSERT"
        if rights.update:
            yield f"UPDATE ({', '.join(map(_quoted, rights.only))})" if rights.only else "UPDATE"
        if rights.delete:
            yield "DELETE"

    def _masked_views(self, connection: sa.Connection, grant: Grant, schema: str) -> Iterator[str]:
        if grant.role is not Role.ANALYST or not self.dictionary.is_masked:
            return
        version = connection.scalar(sa.text("SELECT current_setting('server_version_num')::int"))
        if version < _INVOKER:
            hint = "take `masked` out of the configuration, or use PostgreSQL 15 or newer"
            raise CrmError("masked fields cannot be kept from an analyst before PostgreSQL 15", hint=hint)
        views = _quoted(_MASKED_SCHEMA)
        yield f"DROP SCHEMA IF EXISTS {views} CASCADE"
        yield f"CREATE SCHEMA {views}"
        for entity in self.dictionary:  # for other analysts too, whatever they see
            if view := self._masked_view(entity, schema):
                yield view
        yield f"GRANT USAGE ON SCHEMA {views} TO PUBLIC"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO PUBLIC"
        login, database = _quoted(grant.login.name), _quoted(self._database(connection))
        yield f"ALTER ROLE {login} IN DATABASE {database} SET search_path = {views}, {_quoted(schema)}"

    def _masked_view(self, entity: Entity, schema: str) -> str:
        table = self.metadata.tables[entity.name]
        readable = readable_columns(self.dictionary, entity, list(table.c.keys()))
        if len(readable) == len(table.c):
            return ""
        dialect = sa.dialects.postgresql.dialect()  # type: ignore[attr-defined]
        columns = [
            _quoted(one.name) if one.name in readable
            else f"CAST(NULL AS {one.type.compile(dialect).partition(' COLLATE')[0]}) AS {_quoted(one.name)}"
            for one in table.c
        ]  # fmt: skip
        view = self._table(_MASKED_SCHEMA, entity.name)
        source = self._table(schema, entity.name)
        return f"CREATE VIEW {view} WITH (security_invoker = true) AS SELECT {', '.join(columns)} FROM {source}"  # noqa: S608

    def _row_security(self, connection: sa.Connection, grant: Grant, schema: str) -> Iterator[str]:
        if not grant.sees.is_narrow:
            return
        yield _SEEN.format(schema=_quoted(schema))
        yield f"REVOKE ALL ON FUNCTION {_quoted(schema)}.crm_seen_owners() FROM PUBLIC"
        known = sa.text("SELECT tablename FROM pg_policies WHERE schemaname = :schema AND policyname = :policy")
        secured = set(connection.scalars(known, {"schema": schema, "policy": _EVERYBODY}))
        login = _quoted(grant.login.name)
        yield f"GRANT EXECUTE ON FUNCTION {_quoted(schema)}.crm_seen_owners() TO {login}"
        for entity in self._granted(grant):
            condition = self._conditions(schema).of(entity, entity.name)
            if not condition:
                continue
            table = self._table(schema, entity.name)
            if entity.name not in secured:
                yield f"CREATE POLICY {_EVERYBODY} ON {table} USING (true) WITH CHECK (true)"
                yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
            policy = _quoted(_policy(grant.login))
            yield f"CREATE POLICY {policy} ON {table} AS RESTRICTIVE TO {login} USING ({condition})"

    def _conditions(self, schema: str) -> RowCondition:
        seen = f"(SELECT {_quoted(schema)}.crm_seen_owners())::bigint[]"
        return RowCondition(
            self.dictionary, _quoted, lambda name: self._table(schema, name), lambda column: f"{column} = ANY ({seen})",
            within=False,  # the policies of the records hold in those of their parts
        )  # fmt: skip

    def _table(self, schema: str, name: str) -> str:
        return f"{_quoted(schema)}.{_quoted(name)}"

    def _schema(self, connection: sa.Connection) -> str:
        query = (
            "SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE pg_class.oid = to_regclass('change')"
        )
        return str(connection.scalar(sa.text(query)))

    def _database(self, connection: sa.Connection) -> str:
        return str(connection.scalar(sa.text("SELECT current_database()")))

    def _owner(self, connection: sa.Connection) -> str:
        query = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('app_user')"
        return str(connection.scalar(sa.text(query)))

    def _may_be_lent(self, connection: sa.Connection, owner: str) -> bool:
        """Whether whoever grants may make others members of the owner's role; never where that is above all rights."""
        query = (
            "SELECT NOT rolsuper AND pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION') "
            "FROM pg_roles WHERE rolname = :name"
        )
        return bool(connection.scalar(sa.text(query), {"name": owner}))

    def _is_member(self, connection: sa.Connection, login: Login, owner: str) -> bool:
        query = "SELECT 1 FROM pg_auth_members WHERE roleid = to_regrole(:owner) AND member = to_regrole(:name)"
        given = {"owner": _quoted(owner), "name": _quoted(login.name)}
        return connection.scalar(sa.text(query), given) is not None

    def _has_function(self, connection: sa.Connection) -> bool:
        return connection.scalar(sa.text("SELECT to_regprocedure('crm_seen_owners()')")) is not None

    def _is_led(self, connection: sa.Connection, login: Login) -> bool:
        query = (
            "SELECT 1 FROM pg_db_role_setting WHERE setrole = to_regrole(:name) AND setdatabase = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return connection.scalar(sa.text(query), {"name": _quoted(login.name)}) is not None


_HOLDINGS = """
SELECT coalesce(r.rolname, 'PUBLIC'), c.relname, a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = :schema AND c.relkind = 'r' AND a.grantee <> c.relowner
UNION
SELECT coalesce(r.rolname, 'PUBLIC'), c.relname, a.privilege_type
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = :schema AND c.relkind = 'r' AND a.grantee <> c.relowner
UNION
SELECT unnest(roles)::text, tablename, '!rows' FROM pg_policies
WHERE schemaname = :schema AND policyname LIKE 'crm\\_rows\\_%'
UNION
SELECT r.rolname, '', '!masked' FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database() AND array_to_string(s.setconfig, ' ') LIKE '%' || :masked || '%'
ORDER BY 1, 2, 3"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _policy(login: Login) -> str:
    return f"crm_rows_{login.name}"

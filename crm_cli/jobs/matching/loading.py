"""From records of the database to a table for the engine: which fields say who a record is, and its contact points.

A field takes part by its semantic type, so fields added at run time do too. E-mail addresses, telephone numbers and
streets of a party are sets: two records match by their best pair. City, postal code and region are those of the
address that is tried first, because they belong together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl
import sqlalchemy as sa

from crm_cli.dedupe import MatchColumn, MatchTable
from crm_cli.dictionary import Entity, Field, SemanticType
from crm_cli.dictionary.recognition import Role
from crm_cli.jobs.match_rules import MatchRules
from crm_cli.query import Selection, ids_of
from crm_cli.store import Store, in_chunks

__all__ = [
    "ADDRESS_FIELDS",
    "POINT_ROLES",
    "POINT_SETS",
    "SEVERAL",
    "LoadedRecords",
    "living_among",
    "load_chosen",
    "load_records",
    "matched_columns",
    "matched_fields",
]

T = SemanticType

_ROLE_OF_TYPE: Mapping[SemanticType, Role] = {
    T.GIVEN_NAME: Role.GIVEN_NAME,
    T.FAMILY_NAME: Role.FAMILY_NAME,
    T.PERSON_NAME: Role.FULL_NAME,
    T.COMPANY_NAME: Role.COMPANY,
    T.EMAIL: Role.EMAIL,
    T.PHONE: Role.PHONE,
    T.STREET: Role.STREET,
    T.CITY: Role.CITY,
    T.POSTAL_CODE: Role.POSTAL_CODE,
    T.REGION: Role.REGION,
    T.COUNTRY: Role.COUNTRY,
    T.URL: Role.URL,
    T.IDENTIFIER: Role.IDENTIFIER,
}
_ROLE_OF_NAME: Mapping[str, Role] = {
    "middle_name": Role.MIDDLE_NAME,
    "suffix": Role.NAME_SUFFIX,
    "company": Role.COMPANY,
    "birth_date": Role.BIRTH_DATE,
    "gender": Role.GENDER,
    "mobile": Role.MOBILE,
}
POINT_SETS = (("email_address", "standard", "email"), ("phone_number", "standard", "phone"))
SEVERAL = frozenset({*(name for _, _, name in POINT_SETS), "street"})  # contact points: sets of values
ADDRESS_FIELDS = ("street", "city", "region", "postal_code", "country")
_EMPLOYER = "number of the employer"  # beside the fields, which may be asked for by rules too
_FEW = 5_000  # records of which the accounts are asked for by id
_AT_ONCE = 5_000  # records that are asked for by id in one statement


@dataclass(frozen=True, eq=False)
class LoadedRecords:
    """Records as the engine takes them; `ids[n]` is the id of the engine's record n, ascending.

    `only_keys`: columns that rules need, and that say nothing about who a record is.
    """

    ids: Sequence[int]
    table: MatchTable
    only_keys: frozenset[str] = frozenset()

    @property
    def number_of(self) -> dict[int, int]:
        """The engine's number of each id."""
        return {one: number for number, one in enumerate(self.ids)}


def matched_fields(entity: Entity) -> dict[str, Role]:
    """Return the entity's own fields that say who a record is, with their roles; its title where none does.

    A unique field is none of them: two records never have the same value.
    """
    roles = {one.name: role for one in entity.fields if (role := _role(one)) is not None}
    return roles or {name: Role.FULL_NAME for name in entity.title if name in entity.by_name}


def matched_columns(entity: Entity) -> dict[str, Role]:
    """Return all that records of `entity` are compared by: fields of their own, and contact points."""
    return matched_fields(entity) | (dict(POINT_ROLES) if entity.subtype_of == "party" else {})


def load_records(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    where: str | None = None,
    *,
    ids: Sequence[int] = (),
    rules: MatchRules | None = None,
) -> LoadedRecords:
    """Read the living records of `entity` that fulfil the condition (`ids` besides, wherever they are).

    With `rules`, also the fields that they name. Raises `ConditionError` for a condition that cannot be understood.
    """
    chosen = ids_of(store, Selection(entity=entity.name, where=where))
    also = frozenset(rules.compare_as if rules else ())
    return _load(store, connection, entity, (chosen, ids), _named(rules), also)


def load_chosen(
    store: Store, connection: sa.Connection, entity: Entity, ids: Sequence[int], named: Sequence[str] = ()
) -> LoadedRecords:
    """Read the living among the records of these ids (ascending); the deleted and merged ones are left out.

    `named`: further fields to read.
    """
    living = sorted(living_among(store, connection, entity, ids))
    chunks = in_chunks(living, _AT_ONCE) if living else [()]
    parts = [_load(store, connection, entity, (chunk, ()), named, frozenset(named)) for chunk in chunks]
    if len(parts) == 1:
        return parts[0]
    found = [number for part in parts for number in part.ids]
    return LoadedRecords(found, MatchTable.stacked([part.table for part in parts]))


def living_among(store: Store, connection: sa.Connection, entity: Entity, ids: Collection[int]) -> set[int]:
    """Return those of the records that are neither deleted nor merged."""
    table = store.table(entity.name)
    found: set[int] = set()
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(table.c.id).where(table.c.id.in_(chunk), table.c.deleted_at.is_(None))
        found.update(connection.scalars(query.where(table.c.merged_into_id.is_(None))))
    return found


_Chosen: TypeAlias = sa.Select[Any] | Sequence[int]


def _load(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    wanted: tuple[_Chosen, Sequence[int]],
    named: Sequence[str],
    compared: frozenset[str],
) -> LoadedRecords:
    """Read what is matched, and the `named` fields, of which those `compared` are more than keys."""
    chosen, ids = wanted
    roles = matched_fields(entity)
    further = [name for name in named if name in entity.by_name and name not in roles]
    frame = _own_fields(store, connection, entity, [*roles, *further], chosen, ids)
    columns = {name: frame[name] for name in (*roles, *further)}
    if "company" in roles and "account_id" in entity.by_name:
        columns["company"] = _employers(store, connection, frame)
    if entity.subtype_of == "party":
        columns.update(_contact_points(store, connection, chosen, ids, frame["id"]))
    known = {**POINT_ROLES, **{name: _meaning(entity.field(name)) for name in further}, **roles}
    made = [MatchColumn(name, values, known[name]) for name, values in columns.items()]
    only_keys = frozenset(columns) - {*matched_columns(entity), *compared}
    return LoadedRecords(frame["id"].to_list(), MatchTable.checked(frame.height, made), only_keys)


def _named(rules: MatchRules | None) -> Sequence[str]:
    return () if rules is None else list(dict.fromkeys([*rules.keys, *rules.compare_as]))


POINT_ROLES: Mapping[str, Role] = {
    "email": Role.EMAIL,
    "phone": Role.PHONE,
    "street": Role.STREET,
    "city": Role.CITY,
    "region": Role.REGION,
    "postal_code": Role.POSTAL_CODE,
    "country": Role.COUNTRY,
}


def _role(one: Field) -> Role | None:
    return None if one.unique else _meaning(one)


def _meaning(one: Field) -> Role | None:
    return _ROLE_OF_NAME.get(one.name) or _ROLE_OF_TYPE.get(one.type)


def _own_fields(
    store: Store,
    connection: sa.Connection,
    entity: Entity,
    names: Sequence[str],
    chosen: _Chosen,
    ids: Sequence[int],
) -> pl.DataFrame:
    table = store.table(entity.name)
    custom = {name for name in names if entity.field(name).custom}
    wanted = ["id", *(name for name in names if name not in custom)]
    if "account_id" in table.c and "account_id" not in wanted:
        wanted.append("account_id")
    if custom:
        wanted.append("custom")
    query = sa.select(*(table.c[name] for name in wanted)).where(_among(table.c.id, chosen, ids)).order_by(table.c.id)
    rows = connection.execute(query).all()
    data: dict[str, list[Any]] = {name: [row[place] for row in rows] for place, name in enumerate(wanted)}
    for name in custom:
        data[name] = [(document or {}).get(name) for document in data["custom"]]
    numbers = {
        name: pl.Series(name, data[source], pl.Int64)
        for name, source in (("id", "id"), (_EMPLOYER, "account_id"))
        if source in data
    }
    texts = {name: _texts(name, data[name]) for name in names}
    return pl.DataFrame([*numbers.values(), *texts.values()])


def _texts(name: str, values: Sequence[Any]) -> pl.Series:
    return pl.Series(name, [None if value is None else str(value) for value in values], pl.String)


def _among(column: sa.ColumnElement[int], chosen: _Chosen, ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return sa.or_(column.in_(chosen), column.in_(ids)) if ids else column.in_(chosen)


def _employers(store: Store, connection: sa.Connection, frame: pl.DataFrame) -> pl.Series:
    """The account's name where the contact has an account, else the employer as it was given."""
    account = store.table("account")
    query = sa.select(account.c.id, account.c.name)
    if len(frame) <= _FEW:
        query = query.where(account.c.id.in_(frame[_EMPLOYER].drop_nulls().unique().to_list()))
    rows = connection.execute(query).all()
    names = pl.DataFrame(
        {_EMPLOYER: [row[0] for row in rows], "account": [row[1] for row in rows]},
        schema={_EMPLOYER: pl.Int64, "account": pl.String},
    )
    joined = frame.select(_EMPLOYER, "company").join(names, on=_EMPLOYER, how="left", maintain_order="left")
    return joined.select(pl.coalesce("account", "company").alias("company")).to_series()


def _contact_points(
    store: Store, connection: sa.Connection, chosen: _Chosen, ids: Sequence[int], order: pl.Series
) -> dict[str, pl.Series]:
    columns: dict[str, pl.Series] = {}
    for detail, column, name in POINT_SETS:
        table = store.table(detail)
        found = _details(connection, table, (column,), _among(table.c.party_id, chosen, ids))
        columns[name] = _as_sets(found, column, order).alias(name)
    address = store.table("postal_address")
    found = _details(connection, address, ADDRESS_FIELDS, _among(address.c.party_id, chosen, ids))
    columns["street"] = _as_sets(found, "street", order).alias("street")
    first = found.unique("party_id", keep="first", maintain_order=True)
    joined = pl.DataFrame({"party_id": order}).join(first, on="party_id", how="left", maintain_order="left")
    columns.update({name: joined[name] for name in ADDRESS_FIELDS if name != "street"})
    return columns


def _details(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], of: sa.ColumnElement[bool]
) -> pl.DataFrame:
    """The live rows of a detail, the primary one of each party first."""
    query = (
        sa.select(table.c.party_id, *(table.c[name] for name in names))
        .where(of, table.c.deleted_at.is_(None))
        .order_by(table.c.party_id, sa.case((table.c.is_primary.is_(True), 0), else_=1), table.c.id)
    )
    if table.name == "phone_number":  # a fax machine is shared by the whole house
        query = query.where(sa.or_(table.c.kind.is_(None), table.c.kind != "fax"))
    rows = connection.execute(query).all()
    data = {name: [row[place] for row in rows] for place, name in enumerate(("party_id", *names))}
    return pl.DataFrame(data, schema={"party_id": pl.Int64} | dict.fromkeys(names, pl.String))


def _as_sets(found: pl.DataFrame, column: str, order: pl.Series) -> pl.Series:
    """The values of each party in `order`: a list where any has several, else the one text."""
    filled = found.select("party_id", column).drop_nulls().unique(maintain_order=True)
    lists = filled.group_by("party_id", maintain_order=True).agg(column)
    joined = pl.DataFrame({"party_id": order}).join(lists, on="party_id", how="left", maintain_order="left")[column]
    return joined if (joined.list.len() > 1).any() else joined.list.first()

"""The 360° view of one record: its fields, how it is reached, who and what belongs to it, where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import Entity, EntityRole, Field, SemanticType, shown_as
from crm_cli.query import Selection, count_records, summary_columns
from crm_cli.records.addressing import locate
from crm_cli.records.listing import fields_of, list_records
from crm_cli.records.origins import confirmations_of, merged_into, sources_of
from crm_cli.records.points import points_of, shown_line
from crm_cli.records.titles import titles_of
from crm_cli.store import Store

__all__ = ["View", "view"]

_NEWEST = 10  # of activities, opportunities and other records that hang on it
_SHOWN_COMMON = ("public_id", "created_at", "updated_at", "deleted_at")
Row = dict[str, Any]


@dataclass(frozen=True)
class View:
    """What there is to know of a record, in parts; empty parts are left out. `remark` says when an old id was named."""

    entity: str
    id: int
    title: str
    remark: str
    parts: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)  # by part, how many older rows are not shown


def view(store: Store, entity: str, text: str) -> View:
    """Return the view of the record that `text` names; raises what `locate` raises.

    What judges the record – audits, searches for duplicates – is added by `jobs.viewing`.
    """
    declared = store.dictionary.entity(entity)
    with store.read() as connection:
        located = locate(store, connection, declared, text)
        number = located.id
        title = titles_of(store, connection, declared.name, [number])[number]
        parts: dict[str, Any] = {"record": _record(store, connection, declared, number)}
        parts |= _contact_points(store, connection, declared, number)
        children, left_out = _children(store, connection, declared, number)
        parts |= children
        parts["relationships"] = _relationships(store, connection, declared, number)
        parts["merged from"] = merged_into(store, connection, declared, number)
        parts["confirmed"] = confirmations_of(store, connection, declared, number)
        parts["sources"] = sources_of(store, connection, declared, number)
    filled = {name: part for name, part in parts.items() if part}
    return View(declared.noun, number, title, located.remark, filled, left_out)


def _record(store: Store, connection: sa.Connection, entity: Entity, number: int) -> Row:
    """Return the fields that hold something, references as `7 Acme Ltd`, then the system's own."""
    row = fields_of(store, connection, entity.name, number)
    slots = set(entity.slot_by_name)
    fields = {name: value for name, value in row.items() if name not in slots and value not in (None, "")}
    for one in entity.references:
        if isinstance(fields.get(one.name), int):
            fields[one.name] = _referred(store, connection, one, fields[one.name])
    table = store.table(entity.name)
    common = connection.execute(sa.select(table).where(table.c.id == number)).mappings().one()
    fields |= {name: common[name] for name in _SHOWN_COMMON if common[name] is not None}
    if common["extra"]:
        fields["extra"] = shown_as(entity, "extra", common["extra"])
    return fields


def _referred(store: Store, connection: sa.Connection, one: Field, number: int) -> str:
    target = one.reference.entity if one.reference else None
    titles = titles_of(store, connection, target, [number]) if target else {}
    return f"{number} {titles[number]}" if number in titles else str(number)


def _contact_points(store: Store, connection: sa.Connection, entity: Entity, number: int) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for detail in dict.fromkeys(slot.detail for slot in entity.slots):
        rows = points_of(store, connection, detail, [number]).get(number, [])
        ordered = sorted(rows, key=lambda row: (not row["is_primary"], row["id"]))
        declared = store.dictionary.entity(detail)
        found[declared.plural] = [_point(declared, row) for row in ordered]
    return found


def _point(detail: Entity, row: Row) -> Row:
    line = shown_line(detail, row) if detail.masked else row["standard"]
    told = {"value": line, "kind": row["kind"], "primary": row["is_primary"], "standing": row["standing"]}
    as_given = row["value"] if row["value"] != row["standard"] and not detail.field("value").masked else None
    return {**told, "as_given": as_given}


def _children(
    store: Store, connection: sa.Connection, entity: Entity, number: int
) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """Return what refers to the record, newest first – people of an account, activities, opportunities – and how many
    older rows were left out."""
    found: dict[str, list[Row]] = {}
    left_out: dict[str, int] = {}
    for other, one in store.dictionary.references_to(entity.name):
        if other.role is EntityRole.RECORD and other.name != "relationship" and one.reference and one.reference.entity:
            chosen = _referring(other, one, number)
            if rows := list(list_records(store, connection, chosen)):
                name = other.plural if other.plural not in found else f"{other.plural} ({one.path_name})"
                found[name] = rows
                if len(rows) == _NEWEST and (more := count_records(store, connection, chosen) - _NEWEST):
                    left_out[name] = more
    return found, left_out


def _referring(other: Entity, one: Field, number: int) -> Selection:
    columns = [name for name in summary_columns(other) if name not in (one.name, one.path_name)]
    dated = _moment(other)
    where = f"{one.name} = {number:d}"
    order = (f"-{dated}", "-id") if dated else ("-id",)
    columns = [*columns, dated] if dated and dated not in columns else columns
    return Selection(entity=other.name, columns=columns, where=where, order=order, limit=_NEWEST)


def _moment(entity: Entity) -> str | None:
    """Return the field that says when it took place, if the entity has one."""
    return next((one.name for one in entity.fields if one.type is SemanticType.TIMESTAMP), None)


def _relationships(store: Store, connection: sa.Connection, entity: Entity, number: int) -> list[Row]:
    """Return the relations of a party, each seen from its side."""
    if not entity.subtype_of:
        return []
    relation, kind = store.table("relationship"), store.table("relationship_type")
    query = (
        sa.select(relation, kind.c.name, kind.c.inverse_name)
        .join(kind, kind.c.id == relation.c.type_id)
        .where(
            sa.or_(relation.c.party_id == number, relation.c.other_party_id == number), relation.c.deleted_at.is_(None)
        )
        .order_by(relation.c.id)
    )
    rows = connection.execute(query).mappings().all()
    others = [row["other_party_id"] if row["party_id"] == number else row["party_id"] for row in rows]
    titles = titles_of(store, connection, entity.subtype_of, others)
    return [_relation(row, other, titles, number) for row, other in zip(rows, others, strict=True)]


def _relation(row: Any, other: int, titles: dict[int, str], number: int) -> Row:
    forward = row["party_id"] == number
    word = row["name"] if forward else (row["inverse_name"] or f"is the other side of: {row['name']}")
    return {
        "relation": word, "party": other, "title": titles.get(other), "since": row["since"], "until": row["until"],
        "note": row["note"],
    }  # fmt: skip

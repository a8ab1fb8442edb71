"""Complete an address that stands here in part: only where the source's is the same as far as both say something."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_cli.dictionary import fold
from crm_cli.history import Operation
from crm_cli.jobs.importing.collision import Claim
from crm_cli.jobs.importing.edits import EDITS
from crm_cli.jobs.importing.points import ADDRESS_ORDER, DEFAULT_KIND
from crm_cli.records.points import slot_row
from crm_cli.store import in_chunks

__all__ = ["complete_addresses", "completes", "kept_parts", "parts_kept"]

_DETAIL = "postal_address"
_TELLING = {"street", "postal_code"}  # two addresses that share one of these are the same; a city has many
_LONGEST = 700
Row = dict[str, Any]


def kept_parts(parts: Mapping[str, str | None]) -> str:
    """Return the parts of an address as one text, "" for none."""
    given = {name: fold(text) for name, text in parts.items() if text}
    return json.dumps(given) if given else ""


def parts_kept(text: str) -> dict[str, str]:
    """Return the parts that `kept_parts` made a text of."""
    return dict(json.loads(text)) if text else {}


def completes(here: Mapping[str, str], there: Mapping[str, str]) -> bool:
    """Return whether the parts of the source belong to the address here, each given as part → compared form.

    They do where the address holds nothing but a country, or shares its street or postal code, and nothing differs.
    """
    shared = set(here) & set(there)
    if any(here[name] != there[name] for name in shared):
        return False
    return set(here) <= {"country"} or bool(shared & _TELLING)


def complete_addresses(op: Operation, claims: Sequence[Claim], entity: str) -> set[int]:
    """Put the parts that claims say into the addresses that stand; take these points out of the claims.

    Return the records that changed. An address that is another one by now, or of which a person cleared the part, is
    left as it is.
    """
    given = [(claim, point) for claim in claims for point in claim.draft.points.get(entity, ())]
    given = [(claim, point) for claim, point in given if point.detail == _DETAIL]
    standing = _read(op, {claim.record_id for claim, _ in given})
    updates: dict[int, Row] = {}
    owners: dict[int, int] = {}
    sources: dict[int, int] = {}
    for claim, point in given:
        kind = str(point.values["kind"])
        row = slot_row(standing.get(claim.record_id, []), None if kind == DEFAULT_KIND[_DETAIL] else kind)
        if row is None:
            continue
        claim.draft.points[entity] = [one for one in claim.draft.points[entity] if one is not point]
        said = {name: str(point.values[name]) for name in ADDRESS_ORDER if point.values.get(name)}
        updates[row["id"]] = _completed(row, said, str(point.values["value"]))
        owners[row["id"]], sources[row["id"]] = claim.record_id, claim.draft.row.number
    cleared = _cleared(op, updates)
    updates = {number: values for number, values in updates.items() if values and not cleared[number] & set(values)}
    done = op.update(_DETAIL, updates, units=owners, source_rows=sources)
    return {owners[number] for number in done}


def _read(op: Operation, ids: Iterable[int]) -> dict[int, list[Row]]:
    table = op.store.table(_DETAIL)
    found: dict[int, list[Row]] = {}
    for chunk in in_chunks(sorted(ids)):
        query = sa.select(table).where(table.c.party_id.in_(chunk), table.c.deleted_at.is_(None))
        for row in op.connection.execute(query.order_by(table.c.id).with_for_update()).mappings():
            found.setdefault(row["party_id"], []).append(dict(row))
    return found


def _completed(row: Row, said: Mapping[str, str], value: str) -> Row:
    """What is to be set in an address; nothing where it says something else of these parts by now."""
    if any(row[name] for name in said):
        return {}
    parts = {name: said.get(name) or row[name] for name in ADDRESS_ORDER}
    standard = ", ".join(str(text) for text in parts.values() if text)[:_LONGEST]
    return {**said, "standard": standard, "value": "\n".join(text for text in (row["value"], value) if text)}


def _cleared(op: Operation, ids: Iterable[int]) -> dict[int, set[str]]:
    """Return the columns of these addresses that people wrote: one that is blank since was cleared on purpose."""
    change, done = op.store.table("change"), op.store.table("operation")
    found: dict[int, set[str]] = {number: set() for number in ids}
    for chunk in in_chunks(sorted(found)):
        query = (
            sa.select(change.c.record_id, change.c.new)
            .join(done, done.c.id == change.c.operation_id)
            .where(
                change.c.entity == _DETAIL, change.c.record_id.in_(chunk), change.c.action == "update",
                done.c.kind.in_(EDITS), done.c.undone_by_id.is_(None),
            )
        )  # fmt: skip
        for number, new in op.connection.execute(query):
            found[number] |= {name for name in new or {} if name in ADDRESS_ORDER}
    return found

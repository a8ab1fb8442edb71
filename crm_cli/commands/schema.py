"""`crm schema`: the entities and their fields, and fields added at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.commands.kit import App, Crm
from crm_cli.options import AllRecords, EntityArgument, Format

if TYPE_CHECKING:
    from crm_cli.dictionary import Dictionary, Entity

__all__ = ["app"]

app = App("Show the entities and their fields, and add fields.")

Paths = Annotated[
    bool, typer.Option("--paths", help="Every path that --where and --columns take, such as owner.email.")
]
FieldName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the new field: small letters, digits, _.")]
FieldType = Annotated[
    str, typer.Option("--type", metavar="TYPE", help="What its values are, such as text, date, enum.")
]
Meaning = Annotated[str, typer.Option("--meaning", metavar="TEXT", help="What it says, in a sentence.")]
Values = Annotated[str | None, typer.Option("--values", metavar="A,B,…", help="The allowed values, for --type enum.")]
Synonyms = Annotated[
    str | None, typer.Option("--synonyms", metavar="A,B,…", help="Headings by which an import recognizes the field.")
]


@app.command("list")
def list_(crm: Crm, all_: AllRecords = False, format_: Format = None) -> None:
    """Show the entities: what they are, how they are called, how many fields they have.

    Examples:
        crm schema list
        crm schema list --json
        crm schema list --all
    """
    crm.console.show(_entities(_dictionary(crm), everything=all_), format_)


@app.command()
def show(crm: Crm, entity: EntityArgument, paths: Paths = False, format_: Format = None) -> None:
    """Show the fields of an entity: type, meaning, allowed values, what may be required or unique.

    Examples:
        crm schema show contact
        crm schema show contact --paths
        crm schema show account --json
    """
    declared = _dictionary(crm).entity(entity)
    if paths:
        from crm_cli.query import paths as all_paths

        found = all_paths(_dictionary(crm), declared.name)
        rows = [{"path": one.name, "type": one.type, "meaning": one.meaning} for one in found]
        crm.console.show(rows, format_)
        return
    crm.console.show(_fields(declared), format_)


@app.command("add-field", writes=True)
def add_field(
    crm: Crm, entity: EntityArgument, name: FieldName, type_: FieldType, meaning: Meaning, values: Values = None,
    synonyms: Synonyms = None,
) -> None:  # fmt: skip
    """Add a field to an entity; its values are given like those of any other field. Undone by `crm undo`.

    Examples:
        crm schema add-field contact shoe_size --type number --meaning "Shoe size (EU)"
        crm schema add-field account segment --type enum --values small,large --meaning "Segment of the market"
    """
    from crm_cli import records

    field = records.NewField(entity, name, type_, meaning, _words(values), _words(synonyms))
    with crm.operation("add-field") as operation:
        declared = records.add_field(operation, field)
    crm.console.note(f"{declared.noun} {'would have' if crm.dry_run else 'has'} a field {name}")
    if not crm.dry_run:
        crm.console.next_step(f"crm {declared.noun} set {name}=VALUE ID")


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def _dictionary(crm: Crm) -> Dictionary:
    """Return the dictionary with the fields added at run time; without a database, the one that is shipped."""
    from crm_cli.config import MissingDatabaseError
    from crm_cli.dictionary import shipped

    try:
        return crm.store.dictionary
    except MissingDatabaseError:
        if crm.common.db:
            raise
        return shipped()


def _entities(dictionary: Dictionary, *, everything: bool) -> list[dict[str, Any]]:
    chosen = dictionary if everything else dictionary.records
    return [
        {
            "entity": one.noun, "table": one.name, "plural": one.plural, "meaning": one.meaning, "role": one.role,
            "fields": len(one.fields) + len(one.slots),
        }
        for one in sorted(chosen, key=lambda one: one.noun)
    ]  # fmt: skip


def _fields(entity: Entity) -> list[dict[str, Any]]:
    fields = [
        {
            "field": one.name, "type": one.type, "meaning": one.meaning, "required": one.required or None,
            "unique": one.unique or None, "values": ", ".join(one.values) or None, "default": one.default,
            "refers_to": one.reference.entity if one.reference else None,
            "stored_in": "custom" if one.custom else entity.name,
        }
        for one in entity.fields
    ]  # fmt: skip
    slots = [
        {
            "field": one.name, "type": one.type, "meaning": one.meaning, "required": None, "unique": None,
            "values": None, "default": None, "refers_to": None, "stored_in": one.detail,
        }
        for one in entity.slots
    ]  # fmt: skip
    return fields + slots

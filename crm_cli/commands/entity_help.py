"""Help of the record commands, made of the dictionary: what the entity is, examples with its own fields, its fields."""

from __future__ import annotations

from crm_cli.dictionary import Entity, SemanticType, shipped

__all__ = ["about"]

_SAMPLES = {
    "account": "name='Acme Ltd' city=Berlin phone='030 901820' owner=maria",
    "activity": "kind=call subject='First call' party=ann@acme.example",
    "contact": "given_name=Ann family_name=Doe email=ann@acme.example account=Acme",
    "lead": "given_name=Ann family_name=Doe company='Acme Ltd' email=ann@acme.example",
    "opportunity": "name='New machines' account='Acme Ltd' amount='12,500.00 EUR' stage=proposal",
    "relationship": "type=employs party='Acme Ltd' other_party='Ann Doe'",
    "relationship-type": "name=employs inverse_name='employed by'",
    "source": "name=ERP trust=80",
    "team": "name=North",
    "territory": "name=Bavaria",
    "user": "username=maria email=maria@our.example role=sales",
}
_BY_TYPE = {SemanticType.DATE: "2026-01-31", SemanticType.INTEGER: "1", SemanticType.MONEY: "100"}
_TEXTS = {
    "list": "List {plural}: those that a condition selects, or all. A table ends after 50 rows.",
    "show": "Show a {noun}: its fields, how to reach it, what belongs to it, where it comes from.",
    "add": "Add a {noun}, by the rules that an import follows; if there is one like it, show that and end with 3.",
    "edit": "Change a {noun} in your editor ($VISUAL or $EDITOR).",
    "set": "Set fields of {plural}, named one by one or selected by a condition.",
    "delete": "Delete {plural}: they are not shown any more, and can be restored.",
    "restore": "Bring deleted {plural} back.",
}


def about(noun: str, command: str) -> str:
    """Return the docstring of a command (or of the `group`): a sentence, examples, and for writers the fields."""
    entity = shipped().entity(noun)
    if command == "group":
        return f"{entity.meaning.partition(chr(10))[0].rstrip('.')}: list, show, add, edit, set, delete, restore."
    text = _TEXTS[command].format(noun=entity.noun, plural=entity.plural)
    examples = "\n".join(f"    crm {noun} {command} {line}".rstrip() for line in _examples(entity)[command])
    fields = f"\n{_fields(entity)}" if command in ("add", "set") else ""
    return f"{text}\n\nExamples:\n{examples}\n{fields}"


def _examples(entity: Entity) -> dict[str, list[str]]:
    sample = _SAMPLES.get(entity.noun) or _sample(entity)
    first = sample.split("=")[0] if "'" in sample.split(" ")[0] else sample.split(" ")[0]
    setting = _setting(entity)
    return {
        "list": ["", f'--where "{_condition(entity)}" --order -updated_at --limit 10', "--format ids"],
        "show": ["42", "42 --json"],
        "add": [sample, f"{first} --dry-run" if "=" in first else f"{sample} --dry-run"],
        "edit": ["42"],
        "set": [f"{setting} 42 43", f'{setting} --where "{_condition(entity)}" --dry-run'],
        "delete": ["42", f'--where "{_condition(entity)}" --dry-run'],
        "restore": ["42", f'--where "{_condition(entity)}"'],
    }


def _sample(entity: Entity) -> str:
    required = [one for one in entity.fields if one.required] or [entity.field(name) for name in entity.title]
    return " ".join(f"{one.name}={one.values[0] if one.values else _BY_TYPE.get(one.type, 'New')}" for one in required)


def _setting(entity: Entity) -> str:
    names = {*entity.public_names, *(one.path_name for one in entity.references)}
    known = ("city=Berlin", "stage=negotiation", "status=done", "role=manager", "trust=80", "note=checked")
    fallback = "description='to be checked'" if "description" in names else _sample(entity)
    return next((one for one in known if one.split("=")[0] in names), fallback)


def _condition(entity: Entity) -> str:
    names = set(entity.public_names)
    known = (("country", "country = 'DE'"), ("stage", "stage = 'proposal'"), ("status", "status = 'planned'"))
    return next((text for name, text in known if name in names), "created_at < '2026-01-01'")


def _fields(entity: Entity) -> str:
    names = [one.path_name if one.reference else one.name for one in entity.fields if one.editable]
    listed = ", ".join([*names, *entity.slot_by_name])
    return f"Fields: {listed}. `crm schema show {entity.noun}` says what each takes."

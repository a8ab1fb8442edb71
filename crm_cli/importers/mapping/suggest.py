"""Suggest a mapping: header words and values say what a column holds, the dictionary says which field takes it."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence

from crm_cli.dictionary import Dictionary, Entity, Field, SemanticType, fold
from crm_cli.dictionary.recognition import Recognition, Role, recognize_columns
from crm_cli.importers.mapping.model import EXTRA, FULL_NAME, ColumnMap, Mapping, MappingError

__all__ = ["suggest_mapping"]

# candidates in order: the first that the entity has, and that no better column fills, takes the column
_PLACES: dict[Role, tuple[str, ...]] = {
    Role.GIVEN_NAME: ("given_name",),
    Role.MIDDLE_NAME: ("middle_name",),
    Role.FAMILY_NAME: ("family_name",),
    Role.FULL_NAME: (FULL_NAME, "name"),
    Role.NAME_SUFFIX: ("suffix",),
    Role.SALUTATION: ("salutation",),
    Role.COMPANY: ("name", "company"),
    Role.DEPARTMENT: ("department",),
    Role.JOB_TITLE: ("job_title",),
    Role.EMAIL: ("email", "other_email", "home_email"),
    Role.PHONE: ("phone", "other_phone", "home_phone"),
    Role.MOBILE: ("mobile", "other_phone"),
    Role.FAX: ("fax",),
    Role.URL: ("website",),
    Role.STREET: ("street", "other_street"),
    Role.CITY: ("city", "other_city"),
    Role.POSTAL_CODE: ("postal_code", "other_postal_code"),
    Role.REGION: ("region", "other_region"),
    Role.COUNTRY: ("country", "other_country"),
    Role.BIRTH_DATE: ("birth_date",),
    Role.GENDER: ("gender",),
    Role.CURRENCY: ("currency",),
    Role.LANGUAGE: ("language",),
    Role.OWNER: ("owner_id",),
    Role.FREE_TEXT: ("description", "notes"),
}
_COMPANY_ROLES = {Role.COMPANY, Role.URL}
_SHAPES = {
    Role.EMAIL: SemanticType.EMAIL,
    Role.PHONE: SemanticType.PHONE,
    Role.MOBILE: SemanticType.PHONE,
    Role.FAX: SemanticType.PHONE,
    Role.URL: SemanticType.URL,
}
_OTHER_WORDS = (("region", "state"), ("region", "province"), ("postal_code", "zip"), ("street", "address"))
_DIGITS = {Role.PHONE, Role.MOBILE, Role.FAX, Role.POSTAL_CODE}
_KEY_CONFIDENCE = 0.5


def suggest_mapping(
    dictionary: Dictionary, into: Sequence[str], columns: Map[str, Sequence[str | None]], *, whole: bool = True
) -> Mapping:
    """Return a mapping for a table given as header → sample values.

    First the columns whose header is a field's name or synonym, then what recognition says of header and values. What
    nothing takes is kept in `extra`. Raises `MappingError` when no column would fill a required field, unless the rows
    need not be `whole` records.
    """
    entities = [dictionary.entity(name) for name in into]
    found = dict(zip(columns, recognize_columns(columns), strict=True))
    taken: set[str] = set()
    chosen: dict[str, ColumnMap] = {}
    for candidates_of in (_named, _by_role, _by_the_word_name):
        for column in sorted(
            (name for name in columns if name not in chosen), key=lambda name: -found[name].confidence
        ):
            target = _first_free(candidates_of(entities, column, found[column]), taken)
            if target is not None and candidates_of is _by_the_word_name and _is_named(target, taken):
                continue
            if target is not None:
                taken.add(target)
                chosen[column] = ColumnMap(column, target, found[column].confidence, found[column].why)
    _add_address_lines(found, chosen)
    for column in columns:
        chosen.setdefault(column, ColumnMap(column, EXTRA, 1.0, f"no field for it: {found[column].why}"))
    key = _key(columns, found, chosen)
    mapping = Mapping(tuple(entity.noun for entity in entities), tuple(chosen[column] for column in columns), key)
    if whole:
        _check_required(entities, mapping)
    return mapping


def _add_address_lines(found: Map[str, Recognition], chosen: dict[str, ColumnMap]) -> None:
    """Let further address lines fill the street of the line before them."""
    street = None
    for column, recognition in found.items():
        if column in chosen and chosen[column].target.endswith("street"):
            street = chosen[column].target
        elif column not in chosen and recognition.role is Role.STREET2 and street is not None:
            chosen[column] = ColumnMap(column, street, recognition.confidence, recognition.why)


def _is_named(target: str, taken: set[str]) -> bool:
    noun = target.partition(".")[0]
    return f"{noun}.family_name" in taken


def _first_free(candidates: Sequence[tuple[Entity, str]], taken: set[str]) -> str | None:
    targets = (f"{entity.noun}.{name}" for entity, name in candidates)
    return next((target for target in targets if target not in taken), None)


def _named(entities: Sequence[Entity], column: str, recognition: Recognition) -> list[tuple[Entity, str]]:
    """Fields whose name or synonym is the header itself, unless the values say that it is something else."""
    header = _letters(column)
    named = []
    for entity in _in_order(entities, recognition.role):
        for one in entity.fields:
            words = {one.name, one.path_name, *one.synonyms}
            if header in {_letters(word) for word in words} and _fits(entities, one, recognition.role):
                named.append((entity, one.name))
        vague = recognition.role in (Role.CATEGORY, Role.UNKNOWN, Role.FREE_TEXT)
        slots = [slot.name for slot in entity.slots if vague or "_" in slot.name]
        named += [(entity, name) for name in slots if header in _slot_words(name)]
    suited = _PLACES.get(recognition.role, ())
    return sorted(named, key=lambda item: item[1] not in suited)


def _letters(text: str) -> str:
    """A header without what headers differ in: `Billing Street`, `BILLINGSTREET` and `billing_street` alike."""
    return "".join(letter for letter in fold(text) or "" if letter.isalnum())


def _slot_words(name: str) -> set[str]:
    """A slot's name as other systems write it: billing_region is BillingState, shipping_postal_code ShippingZip."""
    words = [name.replace(ours, theirs) for ours, theirs in _OTHER_WORDS]
    return {_letters(word) for word in (name, *words)}


def _fits(entities: Sequence[Entity], one: Field, role: Role) -> bool:
    """Whether the values may stand in a field that the header names."""
    if one.type is SemanticType.REFERENCE:  # looked up by name: numbers of another system say nothing here
        return role not in (Role.RECORD_KEY, Role.NUMBER, Role.IDENTIFIER)
    if role is Role.FULL_NAME:  # a person's, where the import makes persons
        return not any("family_name" in entity.by_name for entity in entities)
    if role in _SHAPES:
        return one.name in _PLACES[role] or one.type is _SHAPES[role]
    if role in (Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY):
        return one.type is SemanticType.INTEGER
    return not (role is Role.BOOLEAN and one.type is not SemanticType.BOOLEAN)


def _by_the_word_name(entities: Sequence[Entity], column: str, _recognition: Recognition) -> list[tuple[Entity, str]]:
    """`Patient Name`, `Name`: the name of the person, where nothing else was taken for it."""
    words = column.replace("_", " ").casefold().split()
    persons = [entity for entity in entities if "family_name" in entity.by_name]
    return [(entity, FULL_NAME) for entity in persons] if words[-1:] == ["name"] and len(words) <= 2 else []


def _in_order(entities: Sequence[Entity], role: Role) -> list[Entity]:
    """Persons before companies, except for what companies are known by."""
    persons_first = sorted(entities, key=lambda entity: "family_name" not in entity.by_name)
    return persons_first[::-1] if role in _COMPANY_ROLES else persons_first


def _by_role(entities: Sequence[Entity], column: str, recognition: Recognition) -> list[tuple[Entity, str]]:
    """Fields for the role; a person's details go to the person where the import fills both."""
    role = recognition.role
    if recognition.or_else is Role.FULL_NAME and all("family_name" in entity.by_name for entity in entities):
        role = Role.FULL_NAME  # only people are wanted
    if role in _DIGITS and recognition.why.startswith("the values") and not column.startswith("column_"):
        return []  # digits under a header that says nothing of telephones
    found = []
    for name in _PLACES.get(role, ()):
        for entity in _in_order(entities, role):
            pseudo = name == FULL_NAME and "family_name" in entity.by_name
            if pseudo or name in entity.by_name or name in entity.slot_by_name:
                found.append((entity, name))
        if found and role in (Role.COMPANY, Role.FULL_NAME):
            break
    return found


def _key(
    columns: Map[str, Sequence[str | None]], found: Map[str, Recognition], chosen: dict[str, ColumnMap]
) -> str | None:
    """The column that numbers the records of its source, when one says so and its sample has no repeats or blanks."""
    for column, values in columns.items():
        recognition = found[column]
        unique = bool(values) and all(values) and len(set(values)) == len(values)
        if recognition.role is Role.RECORD_KEY and unique and recognition.confidence >= _KEY_CONFIDENCE:
            if chosen[column].target == EXTRA:
                chosen[column] = ColumnMap(
                    column, EXTRA, recognition.confidence, f"key of the source: {recognition.why}"
                )
            return column
    return None


def _check_required(entities: Sequence[Entity], mapping: Mapping) -> None:
    targets = {one.target for one in mapping.columns}
    for entity in entities:
        needed = [one.name for one in entity.fields if one.required and one.default is None]
        missing = [name for name in needed if f"{entity.noun}.{name}" not in targets]
        if "family_name" in missing and f"{entity.noun}.{FULL_NAME}" in targets:
            missing.remove("family_name")
        named = {f"{entity.noun}.{name}" for name in (*entity.identified_by, FULL_NAME)}
        if entity.identified_by and not named & targets:
            missing.append(entity.identified_by[0])
        if missing and len(entities) == 1:
            headers = ", ".join(one.column for one in mapping.columns[:12])
            raise MappingError(
                f"no column could be recognized as {entity.noun}.{missing[0]}; the columns are: {headers}",
                hint="crm mapping make SOURCE -o map.toml writes a mapping to complete, --mapping map.toml uses it",
                missing=missing,
            )

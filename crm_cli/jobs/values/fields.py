"""Which field is meant by `contact.city`, and whether its values are texts."""

from __future__ import annotations

from dataclasses import dataclass

from crm_cli.dictionary import Dictionary, Entity, EntityRole, SemanticType
from crm_cli.errors import UsageError
from crm_cli.query import Path, resolve

__all__ = ["POINTS", "MaskedFieldError", "ValueField", "value_field"]

POINTS = ("email_address", "phone_number", "postal_address")
# Values that identify: one letter more is another address or number, and a full stop has a meaning.
_IDENTIFYING = {
    SemanticType.EMAIL, SemanticType.PHONE, SemanticType.IDENTIFIER, SemanticType.URL, SemanticType.POSTAL_CODE,
}  # fmt: skip


class MaskedFieldError(UsageError):
    """The field's values are not shown, so nobody can decide about them."""

    code = "masked-field"


@dataclass(frozen=True, slots=True)
class ValueField:
    """A text field, run-time field or contact slot of an entity, or a field of a contact point."""

    entity: Entity
    path: Path

    @property
    def name(self) -> str:
        """The name by which values of it are set."""
        return self.path.slot.name if self.path.slot else self.path.field.name

    @property
    def text(self) -> str:
        """The field as people write it: `contact.city`."""
        return f"{self.entity.noun}.{self.path.text}"

    @property
    def type(self) -> SemanticType:
        """What its values mean."""
        return self.path.slot.type if self.path.slot else self.path.field.type

    @property
    def is_identifying(self) -> bool:
        """Whether its values identify somebody: punctuation counts, and near ones are others."""
        return self.type in _IDENTIFYING

    @property
    def is_point(self) -> bool:
        """Whether it is a field of contact points themselves, of all that a party has."""
        return self.entity.name in POINTS


def value_field(dictionary: Dictionary, text: str) -> ValueField:
    """Return the field that `text` (ENTITY.FIELD) names.

    Raises `UnknownEntityError` and `UnknownFieldError`, `UsageError` for what has no texts of its own, and
    `MaskedFieldError`.
    """
    noun, dot, name = text.partition(".")
    entity = dictionary.entity(noun)
    if not dot or not name:
        some = next(iter(entity.title))
        raise UsageError(f"{text}: which field?", hint=f"write entity and field, such as {entity.noun}.{some}")
    path = resolve(dictionary, entity, name)
    if path.steps:
        other = f"{path.entity.noun}.{path.field.name}"
        raise UsageError(f"{text} is a value of another record", hint=f"crm values show {other}")
    if path.masked:
        raise MaskedFieldError(f"{text} is masked by {dictionary.masked_by}", hint="name another field", field=text)
    one = path.field
    kept = entity.role is EntityRole.MACHINERY or (path.slot is None and one.name not in entity.by_name)
    if kept or not (one.is_text or one.type is SemanticType.NOTE):
        what = "kept by the system" if kept else f"a {one.type}"
        raise UsageError(f"{text} is {what}, no text", hint=f"crm schema show {entity.noun} shows the types")
    return ValueField(entity, path)

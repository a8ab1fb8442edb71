"""The standard form of each different value, worked out once however many records have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crm_cli.dictionary import Entity, Field, SemanticType
from crm_cli.history import WrongValueError, check_value
from crm_cli.standardize import Context, Standard, standardizer

__all__ = ["Judge", "fits"]

_REMEMBERED = 200_000  # values; a job of any size stays within some 100 MB
_BY_COUNTRY = frozenset({SemanticType.PHONE, SemanticType.POSTAL_CODE, SemanticType.REGION, SemanticType.STREET})


class Judge:
    """Gives standard forms, by the country of the record for those types that need it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: dict[tuple[SemanticType, str | None], dict[str, Standard]] = {}
        self._remembered = 0

    def country(self, given: str) -> str | None:
        """Return the code (ISO 3166-1 alpha-2) of a country as it stands in a record, None when it is not known."""
        standard = self.of(SemanticType.COUNTRY, None)(given)
        return standard.value if standard.understood else None

    def of(self, kind: SemanticType, country: str | None) -> Callable[[str], Standard]:
        """Return what gives the standard form of a value of this type in a record of this country."""
        context = self._context
        place = None
        if kind in _BY_COUNTRY:
            place = country or context.country
            context = context if place == context.country else replace(context, country=place)
        known = self._seen.setdefault((kind, place), {})
        function = standardizer(kind)

        def judged(given: str) -> Standard:
            standard = known.get(given)
            if standard is None:
                standard = function(given, context) if function else Standard(given)
                self._remember(known, given, standard)
            return standard

        return judged

    def _remember(self, known: dict[str, Standard], given: str, standard: Standard) -> None:
        if self._remembered >= _REMEMBERED:
            for values in self._seen.values():  # emptied in place: whoever looks values up holds these
                values.clear()
            self._remembered = 0
        known[given] = standard
        self._remembered += 1


def fits(entity: Entity, one: Field, value: str | None) -> bool:
    """Whether the field holds the standard form: that can be longer than what was given."""
    if value is None:
        return True
    try:
        check_value(entity, one, value)
    except WrongValueError:
        return False
    return True

"""A record and one of another entity side by side, with one name for what both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_cli.jobs.matching.across.sides import Across
from crm_cli.jobs.matching.cards import CardLine, CardValues, card_lines, read_values
from crm_cli.store import Store

__all__ = ["read_across_card"]

_ADDRESS = ("street", "postal_code", "city", "region", "country")
_NOT_SHOWN = ("status", "kind")  # what these words mean depends on the entity
_CALLED = {"mobile": "phone", "name": "company", "account": "company"}


def read_across_card(store: Store, across: Across, left: int, right: int) -> list[CardLine]:
    """Return the fields in which either record has a value; addresses in one line, all telephone numbers in one."""
    with store.read() as connection:
        one = read_values(store, connection, across.entity, left)
        other = read_values(store, connection, across.other, right)
    return card_lines(_called(one, f"{across.entity.noun} {left}"), _called(other, f"{across.other.noun} {right}"))


def _called(values: CardValues, name: str) -> CardValues:
    true, shown = (_alike({**each, "id": [name]}) for each in (values.true, values.shown))
    return CardValues(true, shown)


def _alike(values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = {}
    for name, found in values.items():
        if name not in (*_ADDRESS, *_NOT_SHOWN):
            known = alike.setdefault(_CALLED.get(name, name), [])
            known += [value for value in found if value not in known]
    parts = [values[name][0] for name in _ADDRESS if values.get(name)]
    if parts:
        alike.setdefault("address", []).append(", ".join(parts))
    return alike

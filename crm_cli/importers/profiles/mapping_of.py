"""The mapping of a shaped table: what its columns fill, by its profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_cli.dictionary import Dictionary
from crm_cli.errors import CrmError
from crm_cli.importers.mapping import EXTRA, IGNORE, ColumnMap, Mapping, find_target
from crm_cli.importers.profiles.joins import places_of
from crm_cli.importers.profiles.model import Profile, TableLayout, letters
from crm_cli.importers.profiles.reading import ProfileError
from crm_cli.importers.profiles.recognition import expanded
from crm_cli.importers.profiles.shaping import FIRST, ShapedTable

__all__ = ["check_targets", "mapping_of"]

_COMPANY = ("contact.company", "account.name")  # where the rows make accounts too, the employer is one


def mapping_of(shaped: ShapedTable, into: tuple[str, ...] = ()) -> Mapping:
    """Return what the columns of a table fill; `into` widens a table of contacts to `account+contact`."""
    profile, layout = shaped.profile, shaped.layout
    if profile is None or layout is None:
        raise ValueError("a table without layout has no mapping")
    wanted = into if layout.into in into else (layout.into,)
    made = _Made(profile, layout, shaped.header, "account" in wanted and layout.into == "contact")
    made.add_all()
    key = next((shaped.header[made.places[letters(one)]] for one in layout.key if letters(one) in made.places), None)
    constants = {_qualified(layout, name): value for name, value in layout.constants.items()}
    return Mapping(
        wanted, tuple(made.columns.values()), key, None, constants, values=made.values, ids=made.ids,
        layout=f"{profile.title}",
    )  # fmt: skip


@dataclass
class _Made:
    """Collects what each column of a header fills."""

    profile: Profile
    layout: TableLayout
    header: list[str]
    with_accounts: bool
    columns: dict[str, ColumnMap] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = places_of(self.header)

    def add_all(self) -> None:
        layout = self.layout
        for name, target in layout.columns.items():
            for column in self._there(name):
                self._add(column, _qualified(layout, target))
        for name, reference in layout.references.items():
            for column in self._there(f"{name} {FIRST}") if reference.several else self._there(name):
                self._add(column, _qualified(layout, reference.target))
                self.ids[column] = reference.entities
        several = [name for name, one in layout.references.items() if one.several]
        for name in (*layout.ignore, *(route.column for route in layout.routes), *several):
            for column in self._there(name):
                self._add(column, IGNORE)
        for name, words in layout.values.items():
            for column in self._there(name):
                self.values[column] = dict(words)

    def _there(self, name: str) -> list[str]:
        return [self.header[self.places[letters(one)]] for _, one in expanded(name, self.places)]

    def _add(self, column: str, target: str) -> None:
        if self.with_accounts and target == _COMPANY[0]:
            target = _COMPANY[1]
        self.columns.setdefault(column, ColumnMap(column, target, why=f"as {self.profile.title} writes it"))


def _qualified(layout: TableLayout, target: str) -> str:
    return target if "." in target or target in (EXTRA, IGNORE) else f"{layout.into}.{target}"


def check_targets(profile: Profile, dictionary: Dictionary) -> None:
    """Raise `ProfileError` where a profile names an entity or field that the dictionary has not."""
    for layout in profile.tables:
        for key, target in (
            ("into", None),
            *((f'columns: "{name}"', target) for name, target in layout.columns.items()),
            *((f'references: "{name}"', one.target) for name, one in layout.references.items()),
            *((f"constants: {name}", name) for name in layout.constants),
        ):
            _check(profile, layout, key, dictionary, target, (layout.into,))
        for key, names in (
            *((f'references: "{name}"', one.entities) for name, one in layout.references.items()),
            *((f'links: "{name}"', one) for name, one in layout.links.items()),
        ):
            _check(profile, layout, key, dictionary, None, names)


def _check(
    profile: Profile, layout: TableLayout, key: str, dictionary: Dictionary, target: str | None, names: Iterable[str]
) -> None:
    """Look a target and entities up, and say where in the file stands what is not there."""
    try:
        entities = [dictionary.entity(name).noun for name in names]
        if target is not None and target not in (EXTRA, IGNORE):
            find_target(dictionary, _qualified(layout, target), tuple(entities))
    except CrmError as fault:
        place = f"table {layout.number}: {key}"
        raise ProfileError(
            f"{profile.origin}: {place}: {fault.message}", hint=fault.hint, file=profile.origin, key=place
        ) from fault

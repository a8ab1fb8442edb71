"""A profile: how a known system lays out its tables, and what each of their columns means here."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field

__all__ = ["Conditions", "Join", "Profile", "Reference", "Route", "TableLayout", "letters"]

Conditions = Map[str, tuple[str, ...]]  # column → the cells, folded, of which it holds one


def letters(text: str) -> str:
    """Return a column's name without what exports of one system differ in: `Account ID`, `ACCOUNTID`, `account_id`."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Join:
    """Columns that another table of the same source holds for each row.

    `on` names a column here and the column there that holds the same; `take` says which column there becomes which
    here (`*`: all others under their own names). Of several rows there, those that `first` describes go before; the
    first fills the column, the rest `NAME (further)`, or all of them the column where `together` is set.
    """

    table: str
    on: tuple[str, str]
    take: Map[str, str]
    where: Conditions = field(default_factory=dict)
    first: Conditions = field(default_factory=dict)
    through: Join | None = None
    together: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A column whose cells mean different things: each goes to the column `COLUMN (WORD)`, the rest to `(other)`.

    The word is told by the beginning of the cell (`prefixes`), or by the cell of the column `by` (`words`).
    """

    column: str
    prefixes: Map[str, str] = field(default_factory=dict)
    by: str = ""
    words: Map[str, str] = field(default_factory=dict)
    otherwise: str = "other"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column with ids of the source: the field that it fills, and of which entities the ids are (none: the field's).

    `several`: a cell may list ids, with semicolons; the first fills the field.
    """

    target: str
    entities: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One kind of table of a system.

    It is recognized by `names` (of a file without its ending, or of a database's table; `*` for anything) and by
    `headers` (all must be there; `A|B` for either). A `#` in the name of a column stands for the numbers 1 to 99.
    `signature` are headers that tell the layout even where nobody named the system.
    """

    number: int  # 1-based, in the file
    into: str
    names: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    by_name_only: bool = False
    key: tuple[str, ...] = ()  # the first of these columns that is there
    columns: Map[str, str] = field(default_factory=dict)
    references: Map[str, Reference] = field(default_factory=dict)
    values: Map[str, Map[str, str]] = field(default_factory=dict)
    constants: Map[str, str] = field(default_factory=dict)
    where: Conditions = field(default_factory=dict)
    skip: Conditions = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    routes: tuple[Route, ...] = ()
    links: Map[str, tuple[str, ...]] = field(default_factory=dict)  # column → entities of which it names more records
    dates: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A system: its name on the command line, its title, what its layouts are based on, and the layouts themselves."""

    name: str
    title: str
    based_on: tuple[str, ...]
    tables: tuple[TableLayout, ...]
    origin: str  # the file it was read from, for messages
    ids: str = ""  # a form of ids that has several spellings: "salesforce"
    aliases: tuple[str, ...] = ()  # other names that it goes by

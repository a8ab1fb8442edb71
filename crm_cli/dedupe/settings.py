"""What a caller may settle about a search for duplicates; everything has a default that fits any file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crm_cli.dedupe.field_types import FieldType
from crm_cli.dedupe.learning import Lesson
from crm_cli.dictionary.recognition import Role

__all__ = ["MatchSettings", "Never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Records that agree on all of the columns `same` and differ in all of `differ` are never the same.

    Where one of two records has no value they neither agree nor differ. `why` says it in words.
    """

    same: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """Settings of `find_duplicates` and `link`.

    `rules`: blocking rules by name ("email", "family_name + birth_date", "last_name:sound + city"); None: chosen from
    the data. With rules a table is matched as a whole, also one that holds persons and organizations. `forbidden` and
    `forced`: pairs of record numbers that a person decided are different, or the same.
    `must_match`: columns whose equal values make two records the same, or tuples of columns that must all be equal;
    `must_differ`: columns whose different values make them different; `never`: further such conditions. A person's
    decision beats a difference, a difference beats a key that must match. `ignored`: columns that are not compared (but
    may be such keys). `max_block`: largest block, None: by the number of records. `floor`: pairs below this
    probability (of being the same, or related) are not reported. `related`: whether to report household members and
    colleagues too, which costs comparing every candidate to the end; None: in tables whose candidates are all compared
    anyway (about 200 000 records). `roles`: what columns are, for those that the table does not say; `kinds`: as what
    columns are compared, by names of field types. `field_types`: types beside the shipped ones, or in their place.
    `labelled`: pairs of record numbers that a person judged, and whether they are the same; from these and from
    `lessons`, judgements about records that are gone, weights are learned (clusters they bind only where they are also
    forced or forbidden). `questions`: how many pairs to name whose answers would teach most.
    """

    rules: Sequence[str] | None = None
    forbidden: Sequence[tuple[int, int]] = ()
    forced: Sequence[tuple[int, int]] = ()
    must_match: Sequence[str | tuple[str, ...]] = ()
    must_differ: Sequence[str] = ()
    never: Sequence[Never] = ()
    ignored: Collection[str] = ()
    max_block: int | None = None
    floor: float = 0.01
    related: bool | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    field_types: Sequence[FieldType] = ()
    labelled: Sequence[tuple[int, int, bool]] = ()
    lessons: Sequence[Lesson] = ()
    questions: int = 0

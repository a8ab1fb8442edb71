"""Values by chance, from a seed: the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

__all__ = ["TODAY", "Chance"]

TODAY = date(2026, 6, 15)
T = TypeVar("T")
_SYLLABLES = (
    "an", "ber", "cor", "del", "em", "fin", "gar", "hol", "is", "jen", "kar", "lin", "mor", "nel", "os", "per", "quin",
    "ros", "sal", "tor", "ur", "ver", "wal", "yor", "zim",
)  # fmt: skip


class Chance:
    """Columns of values by chance; some of each are missing."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def word(self) -> str:
        """Return a made-up name in small letters."""
        return "".join(self.chance.choices(_SYLLABLES, k=self.chance.randrange(2, 4)))

    def some(self, values: Sequence[T], share: float, count: int) -> list[T | None]:
        """Return `count` values by chance; a share of 1 - `share` has none."""
        chosen = self.chance.choices(values, k=count)
        return [value if self.chance.random() < share else None for value in chosen]

    def weighted(self, count: int, **weights: float) -> list[str]:
        """Return `count` words by their weights."""
        return self.chance.choices(list(weights), list(weights.values()), k=count)

    def moments(self, count: int, *, oldest: int, newest: int = 0, share: float = 1.0) -> list[datetime | None]:
        """Return moments between so many days before today; a share of 1 - `share` is missing."""
        span = (oldest - newest) * 86_400
        end = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC) - timedelta(days=newest)
        return [
            end - timedelta(seconds=self.chance.randrange(span)) if self.chance.random() < share else None
            for _ in range(count)
        ]

    def days(self, count: int, *, oldest: int, newest: int, share: float) -> list[date | None]:
        """Return days between so many days before today."""
        return [moment and moment.date() for moment in self.moments(count, oldest=oldest, newest=newest, share=share)]

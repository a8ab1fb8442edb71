"""What a sample of values looks like: the share of them that has the shape of an e-mail address, a date, a name, …"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

__all__ = ["GIVEN_NAMES", "Sample", "looks_like_company", "looks_like_person", "names_company"]

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_URL = re.compile(
    r"(https?://|www\d?\.)\S+|[\w-]+(\.[\w-]+)*\.(com|org|net|de|fr|es|it|pt|nl|uk|eu|io|at|ch)(/\S*)?", re.I
)
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ][\d:.+Z-]*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4} \d{1,2}:\d{2}.*")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,24}(\s*(x|ext\.?)\s*\d+)?", re.I)
_PHONE_MARK = re.compile(r"[()+]|\d[\s./-]\d")
_SEPARATORS = re.compile(r"\s*[;|\n]\s*|\s+:::\s+|\s+/\s+|,\s+")
_BRACKETED = re.compile(r"[^<>;,|\n]*<([^<>\s]+@[^<>\s]+)>")
_NUMBER = re.compile(r"[-+]?[\d.,' ]*\d%?")
_HONORIFIC = re.compile(
    r"(mrs?|ms|miss|mx|dr|prof|sir|rev|herr|frau|m|mme|mlle|sra?|srta|sig|sig\.ra|dhr|mevr|mw)\.?", re.I
)
_GENDER = re.compile(
    r"m|f|w|d|x|male|female|other|mann|frau|maennlich|männlich|weiblich|divers|homme|femme|hombre|mujer|"
    r"masculino|femenino",
    re.I,
)
_BOOLEAN = re.compile(r"y|n|yes|no|true|false|t|f|0|1|x|ja|nein|oui|non|si|sí|sì|sim|não|nee", re.I)
_LEGAL = re.compile(
    r"\b(inc|llc|llp|ltd|limited|corp|corporation|company|co|plc|gmbh|ag|kg|ohg|ug|e\.?v|sarl|sas|s\.?a|s\.?l|s\.?r\.?l|"
    r"s\.?p\.?a|lda|ltda|b\.?v|n\.?v|oy|ab|as|aps|pty|group|holdings?|university|school|college|hospital|bank|church|"
    r"center|centre|institute|association|foundation|services|systems|industries|partners|solutions)\b|&|公司|株式会社|有限",
    re.I,
)
# Frequent given names of the languages that the header words know: enough to tell people from companies by share.
GIVEN_NAMES = frozenset(
    """
    james john robert michael william david richard joseph thomas charles mary patricia jennifer linda elizabeth susan
    jessica sarah karen nancy lisa margaret sandra ashley emily donna michelle carol amanda melissa daniel matthew
    anthony mark paul steven andrew kevin brian george edward ronald timothy jason jeffrey peter hans klaus wolfgang
    juergen jürgen uwe stefan andreas christian martin markus frank bernd anna maria ursula monika petra elke sabine
    renate helga karin brigitte jean pierre michel philippe alain nicolas marie nathalie isabelle sylvie catherine
    francoise françoise antonio jose josé manuel francisco juan javier carlos miguel carmen ana isabel dolores pilar
    giuseppe giovanni luigi francesco marco andrea rosa angela giulia joao joão pedro luis luís paulo fernanda jan piet
    kees henk willem johannes cornelis johanna
    """.split()  # noqa: SIM905
)


class Sample:
    """Up to 500 non-blank values of a column, evenly spread over it."""

    def __init__(self, values: Sequence[str | None]) -> None:
        filled = [value.strip() for value in values if value and value.strip()]
        self.values = filled[:: max(1, len(filled) // 500)]
        self.distinct = len(set(self.values))

    def __len__(self) -> int:
        return len(self.values)

    def share(self, test: Callable[[str], object]) -> float:
        """The share of values that pass `test`; 0 for no values."""
        return sum(1 for value in self.values if test(value)) / len(self.values) if self.values else 0.0

    @property
    def emails(self) -> float:
        """E-mail addresses, one or several in a cell, also with a name before them in angle brackets."""
        return self.share(lambda v: all(_EMAIL.fullmatch(part) for part in _listed(_BRACKETED.sub(r"\1", v))))

    @property
    def urls(self) -> float:
        """Web addresses."""
        return self.share(_URL.fullmatch)

    @property
    def dates(self) -> float:
        """Dates in figures."""
        return self.share(_DATE.fullmatch)

    @property
    def timestamps(self) -> float:
        """Dates with a time of day."""
        return self.share(_TIMESTAMP.fullmatch)

    @property
    def phones(self) -> float:
        """Numbers of 6 to 15 digits (E.164) with nothing but phone punctuation between."""
        return self.share(lambda v: all(_is_phone(part) for part in _listed(v)))

    @property
    def phone_marks(self) -> float:
        """Numbers written as only telephone numbers are: with a plus, brackets, or groups of digits."""
        return self.share(
            lambda v: all(
                _PHONE.fullmatch(part) and _PHONE_MARK.search(part) and not _DATE.fullmatch(part) for part in _listed(v)
            )
        )

    @property
    def numbers(self) -> float:
        """Numbers, also with separators and percent signs."""
        return self.share(_NUMBER.fullmatch)

    @property
    def honorifics(self) -> float:
        """Forms of address."""
        return self.share(_HONORIFIC.fullmatch)

    @property
    def genders(self) -> float:
        """Words for a gender."""
        return self.share(_GENDER.fullmatch)

    @property
    def booleans(self) -> float:
        """Words for yes and no."""
        return self.share(_BOOLEAN.fullmatch)

    @property
    def with_digit(self) -> float:
        """Texts with a digit."""
        return self.share(lambda v: any(c.isdigit() for c in v))

    @property
    def words(self) -> float:
        """Mean number of words."""
        return sum(len(value.split()) for value in self.values) / len(self.values) if self.values else 0.0


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and 6 <= sum(c.isdigit() for c in text) <= 15


def _listed(value: str) -> list[str]:
    """The values of a cell that lists several."""
    return [part for part in _SEPARATORS.split(value) if part] or [value]


def names_company(value: str) -> bool:
    """Whether a name carries a legal form or a word that only organizations carry."""
    return _LEGAL.search(value) is not None


def looks_like_company(sample: Sample) -> bool:
    """Whether enough values carry a legal form or a word that only organizations carry."""
    return sample.share(names_company) >= 0.15


def looks_like_person(sample: Sample) -> bool:
    """Whether enough values hold a frequent given name and are two to four words without digits."""
    known = sample.share(lambda v: any(word in GIVEN_NAMES for word in v.casefold().replace(",", " ").split()))
    return known >= 0.12 and 1.6 <= sample.words <= 4 and sample.with_digit < 0.1

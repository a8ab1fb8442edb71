"""Make the tables of countries, regions and months in `crm_cli/standardize/data` from Unicode CLDR.

Source: the JSON packages `cldr-core`, `cldr-localenames-full`, `cldr-subdivisions-full` and `cldr-dates-full` of the
Unicode Common Locale Data Repository (licence Unicode-3.0), unpacked side by side in one folder; these have
the subdivisions in English alone, so the other languages come from the XML files (`common/subdivisions`) in the folder
`cldr-xml`. What people write and CLDR does not list stands in `place_aliases.toml` beside this file. Run it again when
CLDR has a new release:

    python tools/make_place_tables.py FOLDER
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crm_cli.standardize.places import place_key
from crm_cli.standardize.wordlists import words

COUNTRY_LANGUAGES = words(
    """
    en de fr es it pt nl da sv nb fi is pl cs sk hu ro bg el ru uk tr ar he fa hi bn ta te ur th vi id ms
    zh zh-Hant ja ko hr sr sr-Latn sl lt lv et sq mk be ka hy az kk uz mn ne si km lo my am sw af ca eu gl ga cy mt fil
    """
)
MONTH_LANGUAGES = words(
    """
    en de fr es it pt nl da sv nb fi pl cs sk hu ro hr sl tr ru uk bg el et lv lt ca id
    ar he hi th ms fil is sq mk sr sr-Latn be ka hy az kk bn ur fa sw af gl eu
    """
)
# names of regions: in these languages and the country's own; for the countries of many records in more of them
REGION_LANGUAGES = words("en de fr es zh zh-Hant")
MORE_REGION_LANGUAGES = words("it pt nl ja ko ru pl tr")
COUNTRIES_IN_MORE_LANGUAGES = words("US CA AU MX BR IN CN JP DE AT CH IT ES FR GB NL")
NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
HEADER = "# Made by tools/make_place_tables.py from Unicode CLDR {version} (Unicode-3.0). Do not edit.\n"


def main(folder: Path, target: Path) -> None:
    """Write the three tables."""
    aliases = tomllib.loads(Path(__file__).with_name("place_aliases.toml").read_text(encoding="utf-8"))
    version = read(folder, "cldr-core/package.json")["version"]
    for name, rows in (
        ("countries.tsv", countries(folder, aliases["country"])),
        ("regions.tsv", [*regions(folder, aliases["region"]), *without_code(aliases["more"])]),
        ("months.tsv", months(folder)),
    ):
        lines = ["\t".join(row) + "\n" for row in rows]
        (target / name).write_text(HEADER.format(version=version) + "".join(lines), encoding="utf-8")


def read(folder: Path, path: str) -> Any:
    """Return one JSON file."""
    return json.loads((folder / path).read_text(encoding="utf-8"))


def countries(folder: Path, aliases: dict[str, list[str]]) -> Iterable[list[str]]:
    """Yield alpha-2, alpha-3, English name, other names."""
    codes = read(folder, "cldr-core/supplemental/codeMappings.json")["supplemental"]["codeMappings"]
    english = territories(folder, "en")
    names: dict[str, set[str]] = defaultdict(set)
    for language in COUNTRY_LANGUAGES:
        for code, name in territories(folder, language).items():
            names[code.split("-")[0]].add(place_key(name))
    wanted = [code for code in sorted(english) if len(code) == 2 and code not in NOT_COUNTRIES]
    for code, more in aliases.items():
        names[code].update(place_key(name) for name in more)
    unique = only_one(
        {code: names[code] for code in wanted}, {code: {place_key(n) for n in aliases.get(code, ())} for code in wanted}
    )
    for code in wanted:
        yield [code, codes.get(code, {}).get("_alpha3", ""), english[code], "|".join(sorted(unique[code]))]


def territories(folder: Path, language: str) -> dict[str, str]:
    """Return the names of territories in one language, also the short and variant ones (key with -alt-…)."""
    data = read(folder, f"cldr-localenames-full/main/{language}/territories.json")
    found: dict[str, str] = data["main"][language]["localeDisplayNames"]["territories"]
    return {code: name for code, name in found.items() if code.split("-")[0].isalpha()}


def standard_name(folder: Path, country: str, code: str, languages: Iterable[str]) -> str | None:
    """Return the English name; where codes are numbers and the country writes Latin letters, the native one."""
    key = f"{country}{code}".lower()
    english = subdivisions(folder, "en").get(key, "")
    native = next((name for language in languages if (name := subdivisions(folder, language).get(key))), "")
    if native and any(sign.isdigit() for sign in code) and all(ord(sign) < 0x250 for sign in native):
        return native
    return english or None


def inside(folder: Path, country: str) -> dict[str, str]:
    """Return, for the regions of a country that are part of another region, which one that is."""
    data = read(folder, "cldr-core/supplemental/subdivisionContainment.json")["supplemental"]["subdivisionContainment"]
    return {
        part.upper()[2:]: whole.upper()[2:]
        for whole, about in data.items()
        if whole.upper().startswith(country) and len(whole) > 2
        for part in about["_contains"]
    }


def only_one(
    names: dict[str, set[str]], certain: dict[str, set[str]], inside: dict[str, str] | None = None
) -> dict[str, set[str]]:
    """Leave out every name that means two places, except where we said which; of whole and part it means the part."""
    inside = inside or {}
    owners: dict[str, set[str]] = defaultdict(set)
    for code, spellings in names.items():
        for spelling in spellings:
            owners[spelling].add(code)
    said = {spelling: code for code, spellings in certain.items() for spelling in spellings}
    for spelling, codes in owners.items():
        parts = {code for code in codes if inside.get(code) in codes}
        if len(codes) == 2 and len(parts) == 1:
            said.setdefault(spelling, parts.pop())
    return {
        code: {s for s in spellings if said.get(s, code) == code and (s in said or len(owners[s]) == 1)}
        for code, spellings in names.items()
    }


def regions(folder: Path, aliases: dict[str, dict[str, list[str]]]) -> Iterable[list[str]]:
    """Yield country, code, name (English), other names."""
    languages = official_languages(folder)
    english = subdivisions(folder, "en")
    by_country: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for full in english:
        country, code = full[:2].upper(), full[2:].upper()
        by_country[country][code] = set()
    for country, codes in by_country.items():
        more = MORE_REGION_LANGUAGES if country in COUNTRIES_IN_MORE_LANGUAGES else ()
        for language in {*REGION_LANGUAGES, *more, *languages.get(country, ())}:
            for code in codes:
                if name := subdivisions(folder, language).get(f"{country}{code}".lower()):
                    codes[code].add(place_key(name))
    for spellings in by_country["RU"].values():
        spellings.update(place_key(in_latin_letters(name)) for name in list(spellings))
    for country, own in aliases.items():
        for code, names in own.items():
            by_country[country].setdefault(code, set()).update(place_key(name) for name in names)
    for country in sorted(by_country):
        said = {c: {place_key(n) for n in aliases.get(country, {}).get(c, ())} for c in by_country[country]}
        for code, spellings in sorted(only_one(by_country[country], said, inside(folder, country)).items()):
            name = standard_name(folder, country, code, languages.get(country, [])) or aliases[country][code][0]
            yield [country, code, name, "|".join(sorted(spellings - {place_key(name)}))]


# the romanization that is usual in English (BGN/PCGN), without its signs for the soft and the hard sign
RUSSIAN = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)) | {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya",
    "ё": "e",
}  # fmt: skip


def in_latin_letters(name: str) -> str:
    """Return a Russian name in Latin letters."""
    return "".join(RUSSIAN.get(letter, letter) for letter in name)


def without_code(aliases: dict[str, dict[str, list[str]]]) -> Iterable[list[str]]:
    """Yield the regions that ISO 3166-2 has no code for: country, nothing, name, other names."""
    for country, names in aliases.items():
        for name, more in names.items():
            yield [country, "", name, "|".join(sorted({place_key(one) for one in more} - {place_key(name), ""}))]


_SUBDIVISIONS: dict[tuple[Path, str], dict[str, str]] = {}


def subdivisions(folder: Path, language: str) -> dict[str, str]:
    """Return the names of subdivisions in one language; none where CLDR has no such file."""
    if (folder, language) not in _SUBDIVISIONS:
        old = folder / f"cldr-xml/{language.replace('-', '_')}.xml"
        names = (
            dict(re.findall(r'<subdivision type="(\w+)"[^>]*>([^<]+)<', old.read_text("utf-8"))) if old.exists() else {}
        )
        new = folder / f"cldr-subdivisions-full/subdivisions/{language}/{language}.json"
        if new.exists():
            names |= json.loads(new.read_text("utf-8"))["subdivisions"]["localeDisplayNames"]["subdivisions"]
        _SUBDIVISIONS[folder, language] = {key: re.sub("[¹²³]", "", name) for key, name in names.items()}  # footnotes
    return _SUBDIVISIONS[folder, language]


def official_languages(folder: Path) -> dict[str, list[str]]:
    """Return the languages of each country that are official or spoken by a fifth of the people, most spoken first."""
    info = read(folder, "cldr-core/supplemental/territoryInfo.json")["supplemental"]["territoryInfo"]
    return {
        country: [
            language.replace("_", "-")
            for language, facts in sorted(
                about.get("languagePopulation", {}).items(),
                key=lambda item: -float(item[1].get("_populationPercent", 0)),
            )
            if "_officialStatus" in facts or float(facts.get("_populationPercent", 0)) >= 20
        ]
        for country, about in info.items()
    }


def months(folder: Path) -> Iterable[list[str]]:
    """Yield a name of a month as people write it (folded) and its number."""
    owners: dict[str, set[int]] = defaultdict(set)
    for language in MONTH_LANGUAGES:
        calendar = read(folder, f"cldr-dates-full/main/{language}/ca-gregorian.json")["main"][language]["dates"]
        for form in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in calendar["calendars"]["gregorian"]["months"][form][width].items():
                    owners[place_key(name)].add(int(number))
    for name, numbers in sorted(owners.items()):
        if len(numbers) == 1 and not name.replace(" ", "").isdigit():
            yield [name, str(next(iter(numbers)))]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent.parent / "crm_cli" / "standardize" / "data")

"""Countries and regions are known in many languages and by their usual abbreviations; ambiguous words stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType as T
from crm_cli.standardize import Context, standardize


@pytest.mark.parametrize(
    ("given_name", "code"),
    [
        ("USofA", "US"), ("USA (United States)", "US"), ("Estados Unidos", "US"), ("미합중국", "US"),
        ("Germany (DE)", "DE"), ("FRG", "DE"), ("Nemecko", "DE"), ("Ireland, Republic of", "IE"),
        ("Kingdom of the Netherlands", "NL"), ("Republic of China", "TW"), ("People's Republic of China", "CN"),
        ("Hong Kong, China", "HK"), ("香港特别行政区", "HK"), ("台灣省", "TW"), ("남한", "KR"),
        ("Korea (North)", "KP"), ("Congo, Dem. Rep.", "CD"), ("Bahamas, The", "BS"),
        ("Grand Duchy of Luxembourg", "LU"), ("State of Kuwait", "KW"), ("ประเทศไทย", "TH"), ("Georgia", "GE"),
        ("Niger, Republic of", "NE"),
    ],
)  # fmt: skip
def test_countries(given_name: str, code: str) -> None:
    assert standardize(T.COUNTRY, given_name).value == code


@pytest.mark.parametrize(
    "word",
    [
        "State of Georgia",
        "Georgia (US)",
        "Republic of Texas",
        "Mexico (New)",
        "London, England",
        "California",
        "EU",
        "Dubai",
    ],
)
def test_what_is_no_country_is_none(word: str) -> None:
    outcome = standardize(T.COUNTRY, word)
    assert outcome.value == word
    assert not outcome.understood


def test_the_letter_of_vehicles_is_taken_on_request_only() -> None:
    assert standardize(T.COUNTRY, "D", Context(select=frozenset({"K"}), unsafe=True)).value == "DE"
    assert standardize(T.COUNTRY, "D").issues[0].message == (
        'No country is called "D"; on vehicles it is DE (rule K201)'
    )


@pytest.mark.parametrize(
    ("word", "part"), [("Wales", "WLS"), ("Pays de Galles", "WLS"), ("Irlanda del Norte", "NIR"), ("Écosse", "SCT")]
)
def test_a_part_of_the_united_kingdom_is_told_in_other_languages(word: str, part: str) -> None:
    outcome = standardize(T.COUNTRY, word)
    assert (outcome.value, outcome.parts["region"]) == ("GB", part)


@pytest.mark.parametrize(
    ("country", "name", "standard"),
    [
        ("US", "Texas, USA", "TX"), ("US", "TX - Texas", "TX"), ("US", "Texas (TX)", "TX"), ("US", "加州", "CA"),
        ("US", "No. Carolina", "NC"), ("US", "カリフォルニア州", "CA"), ("CA", "Terre-Neuve", "NL"),
        ("AU", "新南威尔士州", "NSW"), ("MX", "Edo. Méx.", "MEX"), ("MX", "Ags.", "AGU"),
        ("BR", "Estado de São Paulo", "SP"), ("IN", "Andaman & Nicobar", "AN"), ("CN", "廣東", "GD"),
        ("CN", "Xizang", "XZ"), ("CN", "黑龍江省", "HL"), ("TW", "台北市", "TPE"), ("TW", "Taipei City", "TPE"),
        ("JP", "东京都", "Tokyo"), ("JP", "Gumma", "Gunma"), ("KR", "서울시", "Seoul"), ("KR", "경기", "Gyeonggi"),
        ("DE", "Saar", "SL"), ("DE", "Renania del Norte-Westfalia", "NW"), ("CH", "Kt. Bern", "BE"),
        ("CH", "Baselland", "BL"), ("IT", "Milano", "MI"), ("IT", "Provincia di Torino", "TO"), ("IT", "Bozen", "BZ"),
        ("ES", "Euskadi", "PV"), ("ES", "Asturias, Principado de", "AS"), ("FR", "PACA", "PAC"),
        ("FR", "Rhône-Alpes", "ARA"), ("GB", "Co. Durham", "DUR"), ("GB", "Bristol, City of", "BST"),
        ("GB", "W Yorks", "West Yorkshire"), ("GB", "Middx", "Middlesex"), ("NL", "N.-Brabant", "NB"),
        ("BE", "Luik", "WLG"), ("IE", "Co. Cork", "CO"), ("PL", "woj. mazowieckie", "województwo mazowieckie"),
        ("RU", "Московская обл.", "MOS"), ("RU", "Sverdlovskaya oblast", "SVE"), ("AR", "CABA", "C"),
        ("PT", "Lisboa", "Distrito de Lisboa"), ("DK", "Nordjylland", "Region Nordjylland"),
    ],
)  # fmt: skip
def test_regions(country: str, name: str, standard: str) -> None:
    outcome = standardize(T.REGION, name, Context(country))
    assert outcome.understood
    assert standardize(T.REGION, outcome.value, Context(country)).value == outcome.value
    assert (outcome.value, outcome.parts["country"]) == (standard, country)


def test_a_county_without_a_code_has_no_iso_part() -> None:
    assert dict(standardize(T.REGION, "Berks", Context("GB")).parts) == {"name": "Berkshire", "country": "GB"}


@pytest.mark.parametrize("name", ["TX - Oklahoma", "Texas (OK)", "State of", "Ontario, Texas", "N/A"])
def test_what_names_two_regions_or_none_is_not_guessed(name: str) -> None:
    assert not standardize(T.REGION, name, Context("US")).understood


def test_without_a_country_only_what_is_unique_in_the_world_is_known() -> None:
    assert standardize(T.REGION, "Bavaria").value == "BY"
    assert standardize(T.REGION, "Limburg").value == "Limburg"


PIECES = [
    "Texas",
    "TX",
    "(",
    ")",
    ", ",
    " - ",
    "State of ",
    "Republic of ",
    "Georgia",
    "D",
    "广东",
    "省",
    "Co. ",
    "Kt. ",
    "The",
]


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([T.COUNTRY, T.REGION]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    st.sampled_from([None, "US", "CN", "GB"]),
    st.booleans(),
)
def test_twice_is_once(kind: T, pieces: list[str], country: str | None, unsafe: bool) -> None:
    context = Context(country, unsafe=unsafe)
    once = standardize(kind, "".join(pieces), context)
    assert standardize(kind, once.value, context).value == once.value

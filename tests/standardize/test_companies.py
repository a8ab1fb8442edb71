"""Names of companies of many countries: the legal form kept apart from the name, and nothing of either lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, Standard, standardize
from crm_cli.standardize.legal_forms import forms_by_country

COMPANY = SemanticType.COMPANY_NAME


def company(text: str, country: str | None = None) -> Standard:
    return standardize(COMPANY, text, Context(country))


@pytest.mark.parametrize(
    ("given", "standard", "name", "form"),
    [
        ("Kft. Valami", "Kft. Valami", "Valami", "Kft."),
        ("OÜ Bolt", "OÜ Bolt", "Bolt", "OÜ"),
        ("d.o.o. Firma", "d.o.o. Firma", "Firma", "d.o.o."),
        ("EOOD Sofia", "EOOD Sofia", "Sofia", "EOOD"),
        ("ЕООД София", "ЕООД София", "София", "ЕООД"),
        ("Α.Ε. Ελλάς", "ΑΕ Ελλάς", "Ελλάς", "ΑΕ"),
        ("Ελλάς Ε.Π.Ε.", "Ελλάς ΕΠΕ", "Ελλάς", "ΕΠΕ"),
        ("SARL Dupont", "SARL Dupont", "Dupont", "SARL"),
        ('ООО "Ромашка"', 'ООО "Ромашка"', "Ромашка", "ООО"),
        ("ТзОВ Львів", "ТОВ Львів", "Львів", "ТОВ"),
        ("Foo Ltda ME", "Foo Ltda. ME", "Foo", "Ltda. ME"),
        ("Foo Ltda. - ME", "Foo Ltda. ME", "Foo", "Ltda. ME"),
        ("PT Telkom Indonesia Tbk", "PT Telkom Indonesia Tbk.", "Telkom Indonesia", "PT Tbk."),
        ("S.C. Dacia S.R.L.", "S.C. Dacia S.R.L.", "Dacia", "S.C. S.R.L."),
        ("Volvo AB (publ)", "Volvo AB (publ)", "Volvo", "AB (publ)"),
        ("Yıldız Sanayi ve Ticaret A.Ş.", "Yıldız San. ve Tic. A.Ş.", "Yıldız", "San. ve Tic. A.Ş."),
        ("Foo spółka z o.o.", "Foo Sp. z o.o.", "Foo", "Sp. z o.o."),
        ("Foo (India) Private Limited", "Foo (India) Private Limited", "Foo (India)", "Private Limited"),
        ("㈱リコー", "株式会社リコー", "リコー", "株式会社"),
        ("医療法人社団さくら会", "医療法人社団さくら会", "さくら会", "医療法人社団"),
        ("(주)카카오", "주식회사 카카오", "카카오", "주식회사"),
        ("CÔNG TY TNHH MTV ABC", "Công ty TNHH MTV ABC", "ABC", "Công ty TNHH MTV"),
        ("شركة المراعي", "شركة المراعي", "المراعي", "شركة"),
    ],
)
def test_forms_in_front_behind_and_around(given: str, standard: str, name: str, form: str) -> None:
    outcome = company(given)
    assert (outcome.value, outcome.parts["name"], outcome.parts["legal_form"]) == (standard, name, form)


def test_a_thai_form_stands_around_the_name() -> None:
    parts = company("บริษัท ปตท. จำกัด (มหาชน)").parts
    assert parts["name"] == "ปตท."
    assert parts["legal_form"].startswith("บริษัท")
    assert parts["legal_form"].endswith("(มหาชน)")


@pytest.mark.parametrize(
    "name",
    [
        "A.E. Smith", "AS Roma", "AE Hellas", "MB Motors", "SC Johnson", "S.A. Dupont", "SAS Institute", "UG Foo",
        "Portland ME", "Blue Shield CA", "Société Générale", "Formerly Yours", "Earl Jones", "Foo Inc IL", "IKEA",
        "Agenda Office", "Costa Coffee", "Inca Co-op Sa Sa Sweets",
    ],
)  # fmt: skip
def test_letters_that_mean_something_else_are_no_legal_form(name: str) -> None:
    outcome = company(name)
    assert outcome.value == name
    assert "legal_form" not in outcome.parts


@pytest.mark.parametrize(
    ("name", "country", "form"),
    [
        ("AE Hellas", "GR", "A.E."),
        ("AB Volvo", "SE", "AB"),
        ("AS Tallink", "EE", "AS"),
        ("PT Maju", "ID", "PT"),
        ("Foo ME", "BR", "ME"),
        ("Foo CA", "VE", "C.A."),
        ("Foo SRL", "IT", "S.r.l."),
        ("Foo SRL", "RO", "S.R.L."),
        ("Foo Private Limited", "SG", "Pte. Ltd."),
        ("Foo Private Limited", "IN", "Pvt. Ltd."),
        ("PT Solutions", "US", None),
        ("AB Testing", "US", None),
        ("Foo ME", "US", None),
    ],
)
def test_in_its_country_an_ambiguous_form_is_one(name: str, country: str, form: str | None) -> None:
    assert company(name, country).parts.get("legal_form") == form


@pytest.mark.parametrize(
    ("given", "standard", "part", "text"),
    [
        ("Bar Ltd t/a Foo", "Bar Ltd. t/a Foo", "trade_name", "Foo"),
        ("Bar Ltd trading as Foo", "Bar Ltd. t/a Foo", "trade_name", "Foo"),
        ("SMITH LLC D/B/A JOE'S DINER", "Smith LLC dba Joe's Diner", "trade_name", "Joe's Diner"),
        ("Acme Corp (formerly Apex Inc)", "Acme Corp. f/k/a Apex Inc", "former_name", "Apex Inc"),
        ("Acme GmbH vormals Apex", "Acme GmbH f/k/a Apex", "former_name", "Apex"),
        ("Acme also known as Apex", "Acme a/k/a Apex", "other_name", "Apex"),
        ("Acme now known as Apex", "Acme n/k/a Apex", "new_name", "Apex"),
        ("Acme, c/o Ann Lee", "Acme c/o Ann Lee", "care_of", "Ann Lee"),
        ("Firma z.Hd. Herr Müller", "Firma Attn: Herr Müller", "attention", "Herr Müller"),
        ("Acme LLC dba Foo c/o Ann Lee", "Acme LLC dba Foo c/o Ann Lee", "care_of", "Ann Lee"),
        ("Acme LLC dba Foo c/o Ann Lee", "Acme LLC dba Foo c/o Ann Lee", "trade_name", "Foo"),
    ],
)
def test_clauses_behind_a_name_keep_what_was_meant(given: str, standard: str, part: str, text: str) -> None:
    outcome = company(given)
    assert (outcome.value, outcome.parts[part]) == (standard, text)


@pytest.mark.parametrize(
    ("given", "form", "state"),
    [
        ("Foo GmbH i.L.", "GmbH", "i.L."),
        ("Foo GmbH & Co. KG i. L.", "GmbH & Co. KG", "i.L."),
        ("Foo Ltd (in liquidation)", "Ltd.", "in liquidation"),
        ("Foo s.r.o. v likvidaci", "s.r.o.", "v likvidaci"),
        ("Foo Sp. z o.o. w likwidacji", "Sp. z o.o.", "w likwidacji"),
    ],
)
def test_a_company_being_wound_up_is_said_so(given: str, form: str, state: str) -> None:
    outcome = company(given)
    assert (outcome.parts["name"], outcome.parts["legal_form"], outcome.parts["state"]) == ("Foo", form, state)
    assert "C303" in [issue.code for issue in outcome.issues]


FORMS = sorted({(country, form) for country, forms in forms_by_country().items() for form in forms})


def test_legal_forms_of_many_countries_are_known() -> None:
    assert len(forms_by_country()) >= 90
    for country in ("US", "GB", "DE", "FR", "IT", "ES", "PL", "CZ", "HU", "RO", "BG", "GR", "TR", "RU", "UA", "CN"):
        assert len(forms_by_country()[country]) >= 2, country


@pytest.mark.parametrize(("country", "form"), FORMS)
def test_every_form_is_found_where_it_is_used(country: str, form: str) -> None:
    """Behind or in front of a name, by a company of that country, in a spelling that this country may have."""
    front, _, behind = form.partition(" ")
    texts = (f"Valami Foo {form}", f"{form} Valami Foo", f"{front} Valami Foo {behind}")
    found = [company(text, country).parts for text in texts]
    assert any(parts.get("name") == "Valami Foo" and parts.get("legal_form") for parts in found)


_SAMPLES = (
    "Acme Smith IBM Valami Ромашка «Бар» トヨタ c/o dba t/a aka formerly Attn: (dba i.L. in Liquidation & The of , - /"
)
WORDS = [*sorted({word for _, form in FORMS for word in form.split()}), *_SAMPLES.split()]


@pytest.mark.slow
@settings(max_examples=4000, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from([None, "US", "DE", "ID", "BR", "RO", "SE", "GR", "CN", "JP", "VN"]),
)
def test_the_standard_form_has_the_same_parts(words: list[str], case: object, country: str | None) -> None:
    assert callable(case)
    once = company(case(" ".join(words)), country)
    twice = company(once.value or "", country)
    assert (twice.value, dict(twice.parts)) == (once.value, dict(once.parts))

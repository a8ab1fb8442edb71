"""Names of persons and companies, as a data steward expects them."""

from __future__ import annotations

import pytest

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, standardize
from crm_cli.standardize.legal_forms import countries_covered

PERSON, FAMILY, GIVEN, COMPANY = (
    SemanticType.PERSON_NAME,
    SemanticType.FAMILY_NAME,
    SemanticType.GIVEN_NAME,
    SemanticType.COMPANY_NAME,
)


@pytest.mark.parametrize(
    ("given", "standard", "parts"),
    [
        ("JOHN Q PUBLIC", "John Q Public", "given=John middle=Q family=Public"),
        ("Smith, John A., Jr.", "John A. Smith Jr.", "given=John middle=A. family=Smith suffix=Jr."),
        ("Smith Jr., Robert", "Robert Smith Jr.", "given=Robert family=Smith suffix=Jr."),
        (
            "Dr. Martin King, Jr.",
            "Dr. Martin King Jr.",
            "title=Dr. given=Martin family=King suffix=Jr.",
        ),
        ("Müller, Hans, Dr.", "Dr. Hans Müller", "title=Dr. given=Hans family=Müller"),
        ("MARIA DE LA CRUZ", "Maria de la Cruz", "given=Maria family=de_la_Cruz"),
        ("Berg, Jan van der", "Jan van der Berg", "given=Jan family=van_der_Berg"),
        ("Jean DUPONT", "Jean Dupont", "given=Jean family=Dupont"),
        ("DUPONT-AIGNAN Élodie", "Élodie Dupont-Aignan", "given=Élodie family=Dupont-Aignan"),
        ("o'neil, shaquille", "Shaquille O'Neil", "given=Shaquille family=O'Neil"),
        ("JRR TOLKIEN", "JRR Tolkien", "given=JRR family=Tolkien"),
        ("JOHN SMITH III", "John Smith III", "given=John family=Smith suffix=III"),
        ("王 小明", "王小明", "family=王 given=小明"),
        ("欧阳修", "欧阳修", "family=欧阳 given=修"),
        ("王小明 (Wang Xiaoming)", "王小明 (Wang Xiaoming)", "latin=Wang_Xiaoming family=王 given=小明"),
        ("山田太郎", "山田太郎", "family=山田 given=太郎"),
        ("佐々木希", "佐々木希", "family=佐々木 given=希"),
        ("김철수", "김철수", "family=김 given=철수"),
        ("남궁민수", "남궁민수", "family=남궁 given=민수"),
        ("Nguyễn Văn An", "Nguyễn Văn An", "given=An middle=Văn family=Nguyễn"),
        ("Иванов Иван Иванович", "Иванов Иван Иванович", "given=Иван middle=Иванович family=Иванов"),
        ('Robert "Bob" Smith', 'Robert "Bob" Smith', "nickname=Bob given=Robert family=Smith"),
    ],
)
def test_person_names_and_their_parts(given: str, standard: str, parts: str) -> None:
    outcome = standardize(PERSON, given)
    assert outcome.value == standard
    assert dict(outcome.parts) == {
        name: text.replace("_", " ") for name, text in (one.split("=") for one in parts.split())
    }


@pytest.mark.parametrize(
    ("given", "country", "family"),
    [
        ("Gabriel García Márquez", "CO", "García Márquez"),
        ("Juan Carlos de la Vega y López", "ES", "de la Vega y López"),
        ("María José Pérez", "ES", "Pérez"),
        ("Wang Xiaoming", "CN", "Wang"),
        ("Xiaoming Wang", "CN", "Wang"),
        ("Nguyen Van An", "VN", "Nguyen"),
        ("Kovács János", "HU", "Kovács"),
        ("Lee Kuan Yew", "SG", "Lee"),
    ],
)
def test_the_country_tells_which_word_is_the_family_name(given: str, country: str, family: str) -> None:
    assert standardize(PERSON, given, Context(country)).parts["family"] == family


@pytest.mark.parametrize(
    ("given", "standard"),
    [
        ("VAN BUREN", "Van Buren"),
        ("VAN DER BERG", "van der Berg"),
        ("von trapp", "von Trapp"),
        ("O'BRIEN", "O'Brien"),
        ("MCDONALD", "McDonald"),
        ("macleod", "MacLeod"),
        ("MACHADO", "Machado"),
        ("MACK", "Mack"),
        ("NG", "Ng"),
        ("smith-jones", "Smith-Jones"),
        ("DeVito", "DeVito"),
        ("ST. CLAIR", "St. Clair"),
    ],
)
def test_the_case_of_family_names(given: str, standard: str) -> None:
    assert standardize(FAMILY, given).value == standard


def test_van_is_small_in_the_netherlands() -> None:
    assert standardize(FAMILY, "VAN DIJK", Context("NL")).value == "van Dijk"


def test_two_persons_in_one_cell_are_reported_and_not_divided() -> None:
    outcome = standardize(PERSON, "John and Mary Smith")
    assert outcome.value == "John and Mary Smith"
    assert [issue.code for issue in outcome.issues] == ["N304"]


@pytest.mark.parametrize(
    ("given", "standard", "name", "form"),
    [
        ("acme inc", "Acme Inc.", "Acme", "Inc."),
        ("Acme, Incorporated", "Acme Inc.", "Acme", "Inc."),
        ("IBM CORPORATION", "IBM Corp.", "IBM", "Corp."),
        ("Müller GmbH u. Co. KG", "Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG"),
        ("SAP DEUTSCHLAND SE & CO. KG", "SAP Deutschland SE & Co. KG", "SAP Deutschland", "SE & Co. KG"),
        ("华为技术有限公司", "华为技术有限公司", "华为技术", "有限公司"),
        ("(株)トヨタ", "株式会社トヨタ", "トヨタ", "株式会社"),
        ("ооо Ромашка", "ООО Ромашка", "Ромашка", "ООО"),
        ("Foo Sp.z o.o.", "Foo Sp. z o.o.", "Foo", "Sp. z o.o."),
        ("Grupo Bimbo, SAB de CV", "Grupo Bimbo S.A.B. de C.V.", "Grupo Bimbo", "S.A.B. de C.V."),
        ("MCKINSEY & COMPANY", "McKinsey & Co.", "McKinsey", "& Co."),
        ("Tata Pvt Ltd", "Tata Pvt. Ltd.", "Tata", "Pvt. Ltd."),
        ("ABC Pty. Limited", "ABC Pty Ltd", "ABC", "Pty Ltd"),
        ("UAB Vilnius", "UAB Vilnius", "Vilnius", "UAB"),
    ],
)
def test_companies_and_their_legal_forms(given: str, standard: str, name: str, form: str) -> None:
    outcome = standardize(COMPANY, given)
    assert (outcome.value, outcome.parts["name"], outcome.parts["legal_form"]) == (standard, name, form)


def test_trade_name_and_care_of_are_parts_and_stay_in_the_value() -> None:
    outcome = standardize(COMPANY, "SMITH LLC D/B/A JOE'S DINER")
    assert outcome.parts["trade_name"].casefold() == "joe's diner"
    assert outcome.parts["name"] == "Smith"
    assert "dba" in (outcome.value or "")
    assert standardize(COMPANY, "Acme C/O Ann Lee").parts["care_of"] == "Ann Lee"


def test_legal_forms_of_at_least_forty_countries_are_known() -> None:
    assert len(countries_covered()) >= 40

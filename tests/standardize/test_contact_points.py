"""E-mail addresses, telephone numbers and streets: what a user sees, and that fast paths equal the libraries."""

from __future__ import annotations

import random
import string

import phonenumbers
import pytest
import usaddress
from email_validator import EmailNotValidError, validate_email

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, nanp, standardize
from crm_cli.standardize.emails import normalized
from crm_cli.standardize.usps import STREET_TYPES

EMAIL, PHONE, STREET = SemanticType.EMAIL, SemanticType.PHONE, SemanticType.STREET
US = Context("US")
CARIBBEAN = ["246", "242", "876", "441", "868"]
ADDRESSES = ["ann.lee@acme.com", "b@x-y.co.uk", "a_b+c@mail.example", "x9@1st.io", "joe@my--co.com"]


@pytest.mark.parametrize(
    ("given", "country", "standard"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("415.555.2671 ext. 12", "US", "+14155552671;ext=12"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("0049 30 123456", None, "+4930123456"),
        ("030/1234567", "DE", "+49301234567"),
        ("+86 10 6552 9988 转 123", "CN", "+861065529988;ext=123"),
        ("２１２ ７３６ ５０００", "US", "+12127365000"),
        ("tel:+1-212-736-5000;ext=5", "US", "+12127365000;ext=5"),
        ("0049 30 123456", "US", "+4930123456"),
        ("2.127365001E+09", "US", "+12127365001"),
    ],
)
def test_phones(given: str, country: str | None, standard: str) -> None:
    outcome = standardize(PHONE, given, Context(country))
    assert outcome.value == standard
    assert outcome.understood


def test_several_phones_in_one_cell() -> None:
    outcome = standardize(PHONE, "212-736-5000, 212-736-5001 / 212-736-5002", US)
    assert outcome.value == "+12127365000"
    assert outcome.parts["more"].split("\n") == ["212-736-5001", "212-736-5002"]


def test_a_number_without_area_code_is_not_given_one() -> None:
    outcome = standardize(PHONE, "736-5000", US)
    assert (outcome.value, outcome.understood) == ("736-5000", False)


@pytest.mark.parametrize(
    ("given", "standard", "code"),
    [
        ("Ann@EXAMPLE.com", "Ann@example.com", None),
        ("Ann Lee <ANN@b.CO>", "ANN@b.co", None),
        ("müller@bücher.de", "müller@xn--bcher-kva.de", None),
        ("ann@x.com (work)", "ann@x.com", None),
        ("mailto:ann@x.com?subject=hi", "ann@x.com", None),
        ("info@acme.de", "info@acme.de", "E301"),
        ("a@mailinator.com", "a@mailinator.com", "E302"),
        ("ann@gmial.com", "ann@gmial.com", "E303"),
        ("ann@@x.com", "ann@@x.com", "E300"),
        ("ann@localhost", "ann@localhost", "E300"),
    ],
)
def test_emails(given: str, standard: str, code: str | None) -> None:
    outcome = standardize(EMAIL, given)
    assert outcome.value == standard
    assert [issue.code for issue in outcome.issues] == ([code] if code else [])


@pytest.mark.parametrize(
    ("given", "standard"),
    [
        ("123 NORTH MAIN STREET, APARTMENT 4B", "123 N Main St Apt 4B"),
        ("123 Main St\nApt 4", "123 Main St Apt 4"),
        ("123 Main St #4", "123 Main St # 4"),
        ("P.O. Box 12", "PO Box 12"),
        ("POB 88", "PO Box 88"),
        ("R.R. 1, Box 3", "RR 1 Box 3"),
        ("PSC 3 BOX 1234", "PSC 3 Box 1234"),
        ("UNIT 2050 BOX 4190", "Unit 2050 Box 4190"),
        ("rural route 3", "RR 3"),
        ("RFD #4 Box 87-A", "RR 4 Box 87-A"),
        ("highway contract 68 box 23a", "HC 68 Box 23A"),
        ("GENERAL DELIVERY", "General Delivery"),
        ("500 E St SW", "500 E St SW"),
        ("350 Fifth Avenue, 34th Floor", "350 Fifth Ave 34th Fl"),
        ("10 McDonald Drive", "10 McDonald Dr"),
        ("100 Avenue of the Americas", "100 Avenue of the Americas"),
    ],
)
def test_streets_of_the_united_states(given: str, standard: str) -> None:
    outcome = standardize(STREET, given, US)
    assert outcome.value == standard
    assert outcome.understood


def test_a_military_address_is_taken_apart() -> None:
    assert dict(standardize(STREET, "CMR 830 BOX 23", US).parts) == {
        "route_type": "CMR", "route": "830", "box_type": "Box", "box": "23",
    }  # fmt: skip


def test_a_whole_address_in_the_street_is_taken_apart_and_reported() -> None:
    outcome = standardize(STREET, "123 MAIN ST, SPRINGFIELD, IL 62701", US)
    assert outcome.value == "123 Main St, Springfield, IL 62701"
    assert {name: outcome.parts[name] for name in ("city", "region", "postal_code")} == {
        "city": "Springfield",
        "region": "IL",
        "postal_code": "62701",
    }
    assert "A301" in {issue.code for issue in outcome.issues}


def test_lines_elsewhere_are_kept() -> None:
    assert standardize(STREET, "HAUPTSTR. 5\n2. OG", Context("DE")).value == "Hauptstraße 5\n2. OG"


def by_phonenumbers(text: str, country: str) -> tuple[str, str, str] | None:
    number = phonenumbers.parse(text, country)
    if not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, number.extension or "", phonenumbers.region_code_for_number(number) or ""


def check_phones(count: int) -> None:
    chance = random.Random(3)
    shapes = [
        "({}) {}-{}",
        "{}-{}-{}",
        "{}.{}.{}",
        "{}{}{}",
        "1-{}-{}-{}",
        "+1 {} {} {}",
        "{} {} {} x12",
        "({}){}-{} ext. 5",
    ]
    areas = sorted({str(number) for number in range(200, 1000)})
    for place in range(count):
        area = areas[place % len(areas)] if chance.random() < 0.8 else chance.choice(CARIBBEAN)
        text = chance.choice(shapes).format(area, chance.randint(200, 999), f"{chance.randint(0, 9999):04}")
        assert nanp.read(text, "US") == by_phonenumbers(text, "US"), text


def test_the_fast_path_for_phones_equals_phonenumbers() -> None:
    check_phones(4_000)
    for line in range(10):  # Barbados: whether 246-521 exists depends on the seventh digit
        text = f"246-521-{line}123"
        assert nanp.read(text, "US") == by_phonenumbers(text, "US")


def mutated_email(chance: random.Random) -> str:
    address = list(chance.choice(ADDRESSES))
    for _ in range(chance.randint(0, 3)):
        place = chance.randrange(len(address) + 1)
        sign = chance.choice(string.ascii_letters + string.digits + ".-_+@' !#ü")
        address[place : place + chance.randint(0, 1)] = sign
    return "".join(address)


def by_email_validator(address: str) -> str | None:
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"


def check_emails(count: int) -> None:
    chance = random.Random(4)
    for _ in range(count):
        address = mutated_email(chance)
        assert normalized(address) == by_email_validator(address), address


def test_the_fast_path_for_emails_equals_email_validator() -> None:
    check_emails(4_000)


def check_addresses(count: int) -> None:
    fastaddress = pytest.importorskip("fastaddress")
    chance = random.Random(5)
    names = ["Main", "Oak", "5th", "Martin Luther King", "Old Mill", "St Charles", "N 42nd", "Highway 12", "Broadway"]
    units = ["", " Apt 4", ", Suite 200", " #5", " Unit B", " Fl 3", " PO Box 77"]
    for _ in range(count):
        kind = chance.choice(sorted(STREET_TYPES))
        name = chance.choice(["", "N ", "SW "]) + chance.choice(names)
        text = f"{chance.randint(1, 99999)} {name} {kind}{chance.choice(units)}"
        try:
            expected = usaddress.tag(text)
        except usaddress.RepeatedLabelError:
            expected = None
        try:
            got = fastaddress.tag(text)
        except fastaddress.RepeatedLabelError:
            got = None
        assert (got and (dict(got[0]), got[1])) == (expected and (dict(expected[0]), expected[1])), text


def test_fastaddress_equals_usaddress() -> None:
    check_addresses(1_000)


@pytest.mark.slow
def test_the_fast_paths_equal_the_libraries_on_many_values() -> None:
    check_phones(60_000)
    check_emails(60_000)
    check_addresses(50_000)

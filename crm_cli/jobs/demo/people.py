"""The invented people and companies of the example files: several countries, households, colleagues, duplicates."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

__all__ = ["Company", "Person", "invent"]

# name lists are common names of each country, in no particular order
_COUNTRIES: dict[str, dict[str, list[str]]] = {
    "US": {
        "given": ["James", "Mary", "Robert", "Patricia", "Michael", "Linda", "William", "Elizabeth", "David", "Susan",
                  "Thomas", "Karen", "Daniel", "Nancy", "Matthew", "Lisa", "Anthony", "Sandra", "Kenneth", "Donna"],
        "family": ["Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Taylor",
                   "McDonald", "O'Brien", "Thompson", "Robinson", "Walker", "Peterson", "Reyes", "Hughes", "Foster", "Gray"],
        "places": ["Springfield|IL|62701|217", "Austin|TX|78701|512", "Boston|MA|02108|617", "Denver|CO|80202|303",
                   "Portland|OR|97201|503", "Albany|NY|12207|518", "Dallas|TX|75201|214"],
        "streets": ["Oak Street", "Maple Avenue", "Main St", "Cedar Lane", "Lake Drive", "Hill Rd", "Park Blvd"],
        "firms": ["Blue Ridge Logistics", "Summit Dental", "Pioneer Plumbing", "Keystone Media", "Evergreen Foods"],
        "forms": ["Inc", "LLC", "Corp", ""],
    },
    "DE": {
        "given": ["Hans", "Ursula", "Jürgen", "Käthe", "Wolfgang", "Ingrid", "Dieter", "Renate", "Björn", "Anja"],
        "family": ["Müller", "Schmidt", "Schneider", "Weiß", "von der Heide", "Groß", "Köhler", "Jäger", "Schulze", "Vogel"],
        "places": ["Berlin||10115|30", "München||80331|89", "Köln||50667|221", "Dresden||01067|351", "Hamburg||20095|40"],
        "streets": ["Hauptstraße", "Bahnhofstr.", "Lindenallee", "Schillerplatz", "Am Markt"],
        "firms": ["Möbelhaus Jäger", "Rheinische Druckerei", "Alpen Software", "Nordsee Spedition"],
        "forms": ["GmbH", "AG", "GmbH & Co. KG", "e.K."],
    },
    "FR": {
        "given": ["Jean-Luc", "Hélène", "François", "Aurélie", "Benoît", "Chloé"],
        "family": ["Dubois", "Lefèvre", "Moreau", "Garçon", "de la Tour", "Petit"],
        "places": ["Paris||75001|1", "Lyon||69001|4", "Nantes||44000|2"],
        "streets": ["rue de la Paix", "avenue Foch", "place Bellecour"],
        "firms": ["Boulangerie Moreau", "Atelier du Nord"],
        "forms": ["SARL", "SA"],
    },
    "ES": {
        "given": ["María José", "José Luis", "Carmen", "Íñigo", "Begoña"],
        "family": ["García Márquez", "Fernández Ruiz", "López", "Núñez Prado"],
        "places": ["Madrid||28001|91", "Sevilla||41001|95"],
        "streets": ["Calle Mayor", "Avenida de América"],
        "firms": ["Aceites del Sur", "Construcciones Prado"],
        "forms": ["S.L.", "S.A."],
    },
    "GB": {
        "given": ["Oliver", "Amelia", "George", "Isla", "Harry", "Poppy"],
        "family": ["Clarke", "MacLeod", "Hughes-Jones", "Patel", "Wright"],
        "places": ["London||SW1A 1AA|20", "Leeds||LS1 1UR|113", "Bristol||BS1 4DJ|117"],
        "streets": ["High Street", "Church Lane", "Station Road"],
        "firms": ["Thames Bakery", "Northern Textiles"],
        "forms": ["Ltd", "PLC"],
    },
    "CN": {
        "given": ["伟", "芳", "秀英", "敏", "静"],
        "family": ["王", "李", "欧阳", "张", "刘"],
        "places": ["北京||100000|10", "上海||200000|21"],
        "streets": ["南京路", "人民路"],
        "firms": ["蓝天科技", "长城贸易"],
        "forms": ["有限公司"],
    },
}  # fmt: skip
_WEIGHTS = {"US": 46, "DE": 22, "FR": 10, "ES": 8, "GB": 10, "CN": 4}
_MAILS = ["gmail.com", "yahoo.com", "gmx.de", "outlook.com"]
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ç": "c", "ñ": "n", "í": "i",
                        "á": "a", "ô": "o", "î": "i", "Í": "I", "ë": "e"})  # fmt: skip


@dataclass(frozen=True)
class Company:
    """An employer: its people share switchboard, mail domain and often the address."""

    name: str
    domain: str
    phone: str
    street: str
    place: str


@dataclass(frozen=True)
class Person:
    """Somebody as a source knows them; blanks where it does not."""

    number: int
    country: str
    given: str
    family: str
    street: str
    city: str
    region: str
    postal_code: str
    phone: str
    mobile: str
    email: str
    birth: tuple[int, int, int] | None
    company: str = ""
    job: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def invent(count: int, seed: int) -> list[Person]:
    """Return `count` people, the same for the same seed: about a fifth in households, half with an employer."""
    rng = random.Random(seed)
    firms = {country: _companies(rng, country) for country in _COUNTRIES}
    people: list[Person] = []
    while len(people) < count:
        country = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        one = _person(rng, country, firms[country], len(people))
        people.append(one)
        if rng.random() < 0.2:
            people.append(_spouse(rng, one, len(people)))
    return people[:count]


def _companies(rng: random.Random, country: str) -> list[Company]:
    data = _COUNTRIES[country]
    made: list[Company] = []
    for firm in data["firms"]:
        place = rng.choice(data["places"])
        domain = _slug(firm.split()[0] if country != "CN" else "firm" + str(len(made))) + (
            ".cn" if country == "CN" else ".example"
        )
        street = _street(rng, country, data)
        name = f"{firm} {rng.choice(data['forms'])}".strip() if country != "CN" else firm + "有限公司"
        made.append(Company(name, domain, _phone(rng, country, place), street, place))
    return made


def _person(rng: random.Random, country: str, firms: list[Company], number: int) -> Person:
    data = _COUNTRIES[country]
    given, family = rng.choice(data["given"]), rng.choice(data["family"])
    firm = rng.choice(firms) if rng.random() < 0.5 else None
    place = firm.place if firm and rng.random() < 0.6 else rng.choice(data["places"])
    city, region, postal_code, _ = place.split("|")
    street = firm.street if firm and place == firm.place else _street(rng, country, data)
    phone = firm.phone if firm and rng.random() < 0.5 else _phone(rng, country, place)
    user = f"{_slug(given) or 'p' + str(number)}.{_slug(family) or 'x' + str(number)}"
    email = f"{user}@{firm.domain}" if firm else f"{user}{number}@{rng.choice(_MAILS)}"
    birth = (rng.randint(1945, 2002), rng.randint(1, 12), rng.randint(1, 28)) if rng.random() < 0.6 else None
    job = rng.choice(["Buyer", "CEO", "Einkauf", "Head of Sales", "Accountant", ""]) if firm else ""
    mobile = _phone(rng, country, place) if rng.random() < 0.3 else ""
    name = firm.name if firm else ""
    return Person(
        number, country, given, family, street, city, region, postal_code, phone, mobile, email, birth, name, job
    )


def _spouse(rng: random.Random, one: Person, number: int) -> Person:
    """Somebody else of the same household: same name, address and land line."""
    given = rng.choice([name for name in _COUNTRIES[one.country]["given"] if name != one.given])
    user = f"{_slug(given) or 'p'}{number}"
    birth = (rng.randint(1945, 2002), rng.randint(1, 12), rng.randint(1, 28)) if one.birth else None
    return replace(
        one,
        number=number,
        given=given,
        email=f"{user}@{rng.choice(_MAILS)}",
        birth=birth,
        mobile="",
        company="",
        job="",
    )


def _street(rng: random.Random, country: str, data: dict[str, list[str]]) -> str:
    number, street = rng.randint(1, 180), rng.choice(data["streets"])
    if country in ("US", "GB", "FR"):
        flat = f" Apt {rng.randint(1, 30)}" if country == "US" and rng.random() < 0.2 else ""
        return f"{number} {street}{flat}"
    return f"{street}{number}号" if country == "CN" else f"{street} {number}"


def _phone(rng: random.Random, country: str, place: str) -> str:
    area = place.split("|")[3]
    if country == "US":
        return f"({area}) {rng.randint(220, 989)}-{rng.randint(1000, 9999)}"
    prefix = {"DE": "+49 ", "FR": "+33 ", "ES": "+34 ", "GB": "+44 ", "CN": "+86 "}[country]
    digits = {"DE": 7, "FR": 8, "ES": 7, "GB": 10 - len(area), "CN": 8}[country]
    return f"{prefix}{area} {rng.randint(2 * 10 ** (digits - 1), 8 * 10 ** (digits - 1))}"


def _slug(text: str) -> str:
    return "".join(letter for letter in text.translate(_ASCII).casefold() if letter.isascii() and letter.isalnum())

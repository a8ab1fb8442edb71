"""Made-up people for the matching tests: some entered twice, some of one household; always the same."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from crm_cli.history import Author, operation
from crm_cli.store import Store
from tests.dedupe.organizations import organizations

MARIA = Author("maria", "test")
_STARTS = ("Mar", "Jo", "Ka", "Ben", "Lu", "Ste", "Ro", "Al", "Vic", "Na", "Fre", "Ole", "Tam", "Ger", "Hil", "Pau")
_ENDS = ("tin", "hanna", "rin", "jamin", "cas", "phen", "berta", "fred", "tor", "dia", "drik", "ander", "ara", "hard")
_ROOTS = ("Ber", "Schu", "Kle", "Har", "Win", "Fal", "Mor", "Dan", "Gro", "Lin", "Tho", "Whit", "Ash", "Pem", "Rad")
_TAILS = ("ger", "mann", "in", "rison", "ter", "kner", "ales", "son", "ville", "dberg", "mas", "field", "worth", "low")
_STREETS = ("Oak Street", "Mill Lane", "Station Road", "Park Avenue", "River Drive", "High Street", "Elm Court")
_CITIES = ("Springfield", "Riverton", "Lakeside", "Fairview", "Georgetown", "Clinton", "Franklin", "Salem")


@dataclass
class Person:
    """One person as one source has entered them."""

    given: str
    family: str
    born: date
    email: str
    phone: str
    street: str
    city: str
    postal_code: str


@dataclass
class World:
    """Who was added: ids of contacts, the true pairs of duplicates, and pairs that only share a household."""

    ids: list[int] = field(default_factory=list)
    twins: list[tuple[int, int]] = field(default_factory=list)
    households: list[tuple[int, int]] = field(default_factory=list)


def add_people(store: Store, singles: int = 220, twins: int = 40, households: int = 20) -> World:
    """Add contacts with contact points; the twins are entered a second time, with a typing error."""
    dice = random.Random(7)
    people = [_person(dice) for _ in range(singles)]
    spouses = [_spouse(dice, one) for one in people[:households]]
    again = [_entered_again(dice, one, number) for number, one in enumerate(people[households : households + twins])]
    world = World(_insert(store, [*people, *spouses, *again]))
    first = world.ids[0]
    world.households = [(first + n, first + singles + n) for n in range(households)]
    world.twins = [(first + households + n, first + singles + households + n) for n in range(twins)]
    return world


def _person(dice: random.Random) -> Person:
    given = dice.choice(_STARTS) + dice.choice(_ENDS)
    family = dice.choice(_ROOTS) + dice.choice(_TAILS)
    return Person(
        given,
        family,
        date(dice.randint(1940, 2004), dice.randint(1, 12), dice.randint(1, 28)),
        f"{given}.{family}{dice.randint(1, 999)}@mail{dice.randint(1, 9)}.example".lower(),
        f"+1555{dice.randint(1_000_000, 9_999_999)}",
        f"{dice.randint(1, 999)} {dice.choice(_STREETS)}",
        dice.choice(_CITIES),
        f"{dice.randint(10_000, 99_999)}",
    )


def _spouse(dice: random.Random, one: Person) -> Person:
    other = _person(dice)
    other.family, other.phone = one.family, one.phone
    other.street, other.city, other.postal_code = one.street, one.city, one.postal_code
    return other


def _entered_again(dice: random.Random, one: Person, number: int) -> Person:
    letters = list(one.family)
    place = dice.randrange(1, len(letters) - 1)
    letters[place], letters[place + 1] = letters[place + 1], letters[place]
    email = one.email if number % 3 else f"{one.given[0]}{one.family}@work.example".lower()
    phone = one.phone if number % 2 else f"+1555{dice.randint(1_000_000, 9_999_999)}"
    return Person(one.given, "".join(letters), one.born, email, phone, one.street.upper(), one.city, one.postal_code)


def _insert(store: Store, people: list[Person]) -> list[int]:
    with operation(store, "import", MARIA) as op:
        ids = op.insert(
            "contact", [{"given_name": p.given, "family_name": p.family, "birth_date": p.born} for p in people]
        )
        both = list(zip(ids, people, strict=True))
        first = {"is_primary": True}
        op.insert("email_address", [{"party_id": n, "value": p.email, "standard": p.email, **first} for n, p in both])
        op.insert("phone_number", [{"party_id": n, "value": p.phone, "standard": p.phone, **first} for n, p in both])
        op.insert(
            "postal_address",
            [
                {"party_id": n, "street": p.street, "city": p.city, "postal_code": p.postal_code, **first}
                for n, p in both
            ],
        )
    return ids


@dataclass
class Leads:
    """Which leads were added: those that are a contact of the world, those that are not, those of an account."""

    contact_of: dict[int, int] = field(default_factory=dict)  # some contacts have two leads
    strangers: list[int] = field(default_factory=list)
    spouses: dict[int, int] = field(default_factory=dict)  # leads in the household of a contact
    account_of: dict[int, int] = field(default_factory=dict)  # some accounts have several leads
    unknown_companies: list[int] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)


def add_leads(store: Store, world: World) -> Leads:
    """Add leads beside the people of `add_people` with its usual numbers, and accounts with leads of theirs."""
    dice = random.Random(7)
    people = [_person(dice) for _ in range(220)]
    known = [*range(60, 130), *range(60, 70)]  # neither twins nor of a household
    again = [_entered_again(dice, people[n], n) for n in known]
    leads = Leads()
    ids = _insert_leads(
        store, [*again, *(_person(dice) for _ in range(80)), *(_spouse(dice, people[n]) for n in known[:10])]
    )
    leads.contact_of = dict(zip(ids, (world.ids[n] for n in known), strict=False))
    leads.strangers = ids[80:160]
    leads.spouses = dict(zip(ids[160:], (world.ids[n] for n in known), strict=False))
    _add_companies(store, leads)
    return leads


def _insert_leads(store: Store, people: list[Person]) -> list[int]:
    rows = [
        {
            "given_name": p.given, "family_name": p.family, "email": p.email, "phone": p.phone, "street": p.street,
            "city": p.city, "postal_code": p.postal_code,
        }
        for p in people
    ]  # fmt: skip
    with operation(store, "import", MARIA) as op:
        return op.insert("lead", rows)


def _add_companies(store: Store, leads: Leads) -> None:
    firms, number = organizations(400, seed=5)
    rows = list(zip(firms.to_dicts(), number.tolist(), strict=True))
    account_of: dict[int, int] = {}
    with operation(store, "import", MARIA) as op:
        for row, firm in rows:
            if firm not in account_of and firm % 5:
                account_of[firm] = op.insert("account", [{"name": row["name"]}])[0]
                party = {"party_id": account_of[firm], "is_primary": True}
                op.insert("phone_number", [{**party, "value": row["phone"], "standard": row["phone"]}])
                op.insert("postal_address", [{**party, "street": row["street"], "city": row["city"]}])
            else:
                fields = {name: row[name] for name in ("phone", "street", "city")}
                (lead,) = op.insert("lead", [{"company": row["name"], **fields}])
                if firm in account_of:
                    leads.account_of[lead] = account_of[firm]
                else:
                    leads.unknown_companies.append(lead)
    leads.accounts = list(account_of.values())

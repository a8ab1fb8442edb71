"""What an import costs beside a bare load of the same file by the tools of the databases, and by others.

    python3 dev.py bench importing

CRM_BENCH_ROWS sets the number of rows (else 100 000), CRM_BENCH_PARTS which parts run (else all): `sqlite`, `parser`
(without `fastaddress`), `peers`, `servers`, `xlsx`. The peers live in an environment of their own, made in
`.peers-import/` at the first call; servers are those of the tests (`tests/databases.py`). Each command is a process of
its own and runs once, its start included. For the servers' own work only the clock is counted.

`crm import` reads, recognizes and standardizes, checks, looks for the same records, writes eight rows a record with 25
indexes, log and confirmations; the others only load one table of texts without an index.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from benchmarks._measure import machine
from benchmarks._processes import Cost, run_measured
from crm_cli.exporters import ExportColumn, export_rows
from crm_cli.store import normal_url
from crm_cli.store.migrate import create
from tests import databases

ROOT = Path(__file__).resolve().parents[1]
ROWS = int(os.environ.get("CRM_BENCH_ROWS", "100000"))
PARTS = os.environ.get("CRM_BENCH_PARTS", "sqlite,parser,peers,servers,xlsx").split(",")
PEERS = ("pandas", "sqlalchemy", "duckdb", "csvkit", "sqlite-utils")
HEADER = (
    "id", "first_name", "last_name", "company", "job_title", "department", "email", "phone", "mobile", "street", "city",
    "state", "postal_code", "dob", "source", "notes",
)  # fmt: skip
ADDRESS = ("street", "city", "state", "postal_code")
_PLACES = (
    ("Boston", "MA", "021"), ("New York", "NY", "100"), ("Chicago", "IL", "606"), ("Houston", "TX", "770"),
    ("Phoenix", "AZ", "850"), ("San Diego", "CA", "921"), ("Fort Wayne", "IN", "468"), ("Denver", "CO", "802"),
    ("Seattle", "WA", "981"), ("Miami", "FL", "331"), ("Saint Paul", "MN", "551"), ("Baton Rouge", "LA", "708"),
)  # fmt: skip
_AREAS = ("212", "312", "415", "617", "713", "206", "303", "305", "504", "602", "619", "651", "225", "260")
_SYLLABLES = (
    "an", "ber", "cor", "del", "em", "fin", "gar", "hol", "is", "jen", "kar", "lin", "mor", "nel", "os", "per", "quin",
    "ros", "sal", "tor", "ur", "ver", "wal", "yor", "zim",
)  # fmt: skip
_STREETS = ("Oak", "Maple", "Main", "Second", "Park", "Lake", "Hill", "Washington", "Martin Luther King", "42nd")
_KINDS = ("Street", "St", "Avenue", "Ave.", "Road", "Rd", "Boulevard", "Ln", "Drive", "Court")
_UNITS = ("", "", "", " Apt 4", " Apt. 12B", " Suite 300", " # 7", ", Unit 9")
_LOAD_PANDAS = (
    "import pandas, sqlite3; pandas.read_csv('people.csv', dtype=str)"
    ".to_sql('people', sqlite3.connect('pandas.db'), index=False)"
)
_LOAD_DUCKDB = (
    "import duckdb; duckdb.connect('duck.db').execute("
    "\"CREATE TABLE people AS SELECT * FROM read_csv('people.csv', all_varchar=true)\")"
)
_READ_XLSX = (
    "from python_calamine import CalamineWorkbook\n"
    "for row in CalamineWorkbook.from_path('people.xlsx').get_sheet_by_index(0).iter_rows(): pass"
)
_WITHOUT_FASTADDRESS = "import sys; sys.modules['fastaddress'] = None\nfrom crm_cli.__main__ import main\nmain()"


def people(count: int) -> Iterator[list[str]]:
    """People of sixteen columns, the same ones each time; a tenth of the cells of most columns is blank."""
    chance = random.Random(20)
    names = [_name(chance) for _ in range(20_000)]
    for number in range(count):
        given, family = chance.choice(names), chance.choice(names)
        company = f"{chance.choice(names)} {chance.choice(('Inc', 'LLC', 'Corp.', 'Group'))}"
        city, state, area = chance.choice(_PLACES)
        row = [
            str(number), given, family, company, chance.choice(("Buyer", "CFO", "Sales Manager", "Engineer")),
            chance.choice(("East", "West", "Research")), f"{given}.{family}{number}@{family}.example".lower(),
            _phone(chance), _phone(chance),
            f"{chance.randrange(1, 9999)} {chance.choice(_STREETS)} {chance.choice(_KINDS)}{chance.choice(_UNITS)}",
            city, state, f"{area}{chance.randrange(1, 60):02d}",
            f"{chance.randrange(1940, 2005)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
            chance.choice(("fair", "web", "referral")), f"met at stand {chance.randrange(500)}",
        ]  # fmt: skip
        yield [cell if place < 3 or chance.random() > 0.1 else "" for place, cell in enumerate(row)]


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randrange(2, 4))).capitalize()


def _phone(chance: random.Random) -> str:
    area, exchange, line = chance.choice(_AREAS), chance.randrange(200, 999), chance.randrange(10_000)
    return chance.choice(("({}) {}-{:04d}", "{}-{}-{:04d}", "{}.{}.{:04d}")).format(area, exchange, line)


@dataclass
class Bench:
    """Runs commands in one folder and prints a line of a table for each."""

    folder: Path
    rows: int
    unit: float = 0.0  # processor seconds of `sqlite3 .import`
    costs: dict[str, Cost] = field(default_factory=dict)

    def run(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
        """Run and print one command."""
        cost = run_measured(command, self.folder, environment)
        self.costs[name] = cost
        ratio = f"{cost.processor / self.unit:.1f}" if self.unit else "–"
        each = f"{cost.processor / self.rows * 1e6:.1f}"
        print(
            f"| {name} | {cost.seconds:.1f} | {cost.processor:.1f} | {each} | {cost.peak_mb:.0f} | {ratio} |",
            flush=True,
        )
        if cost.fault:
            print(f"\n{name}: {cost.fault}\n", file=sys.stderr, flush=True)
        return cost

    def crm(self, name: str, *words: str | Path, database: str = "crm.db", code: str = "") -> None:
        """Run `crm` on a database, as a process of its own."""
        start = ["-c", code] if code else ["-m", "crm_cli"]
        self.run(name, [sys.executable, *start, *words], self.environment(database))

    def environment(self, database: str) -> dict[str, str]:
        """Where the child finds the program, its settings and the database."""
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        return {"PYTHONPATH": paths, "CRM_CONFIG_DIR": str(self.folder), "CRM_DB": database}

    def fresh(self, database: str) -> str:
        """Make an empty database, without measuring that."""
        create(normal_url(database if "://" in database else self.folder / database))
        return database

    def ratio(self, words: str, name: str, base: str) -> None:
        """Print how many times the clock and the processor of `base` something took."""
        one, other = self.costs.get(name), self.costs.get(base)
        if one and other and not one.fault and not other.fault:
            clock, processor = one.seconds / other.seconds, one.processor / other.processor
            print(f"{words}: {clock:.1f} times the clock, {processor:.1f} times the processor")


_IMPORT = (
    "import", "people.csv", "--into", "contact", "--key", "id", "--source", "bench", "--country", "US", "--no-input",
    "-q",
)  # fmt: skip


def sqlite(bench: Bench) -> None:
    """SQLite: the bare load, and the imports that the project's own demands name."""
    load = ["sqlite3", "plain.db", ".mode csv", ".import people.csv people"]
    bench.unit = bench.run("`sqlite3 .import`", load).processor
    bench.crm("`crm import`", *_IMPORT, database=bench.fresh("crm.db"))
    bench.crm("the same file again", *_IMPORT)
    database = bench.fresh("bare.db")
    command = [sys.executable, "-m", "crm_cli", "mapping", "make", "people.csv", "--db", database]
    made = subprocess.run(
        command, cwd=bench.folder, env=os.environ | bench.environment(database), check=True, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    lines = [
        f'{line.split(" =")[0]} = "extra"' if line.startswith(ADDRESS) else line for line in made.stdout.split("\n")
    ]
    (bench.folder / "bare.toml").write_text("\n".join(lines), encoding="utf-8")
    bench.crm("no address mapped", *_IMPORT, "--mapping", "bare.toml", database=database)


def parser(bench: Bench) -> None:
    """The import with the address parser that everybody has."""
    bench.crm("without `fastaddress`", *_IMPORT, database=bench.fresh("slow.db"), code=_WITHOUT_FASTADDRESS)


def peers(bench: Bench) -> None:
    """Tools that only load: pandas, DuckDB, csvkit, sqlite-utils."""
    python = peer_python()
    tools = python.parent
    bench.run("pandas `read_csv` + `to_sql`", [python, "-c", _LOAD_PANDAS])
    bench.run("DuckDB `read_csv`", [python, "-c", _LOAD_DUCKDB])
    bench.run("sqlite-utils `insert`", [tools / "sqlite-utils", "insert", "utils.db", "people", "people.csv", "--csv"])
    load = [tools / "csvsql", "--db", "sqlite:///kit.db", "--insert", "--no-inference", "people.csv"]
    bench.run("csvkit `csvsql`", load)


def peer_python() -> Path:
    """The interpreter of the environment that has the peers."""
    folder = ROOT / ".peers-import"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def servers(bench: Bench) -> None:
    """The two servers, where they answer: the client's bare load, and the import."""
    _server(bench, "PostgreSQL", databases.postgresql, _psql)
    _server(bench, "MariaDB", databases.mariadb, _mariadb)


def _server(
    bench: Bench, name: str, start: Callable[[], databases.Server], load: Callable[[str], Sequence[str]]
) -> None:
    try:
        server = start()
    except databases.ServerMissingError as fault:
        print(f"{name} left out: {fault}", file=sys.stderr)
        return
    try:
        bench.run(f"{name}: bare load", load(server.empty_database(0)))
        bench.crm(f"{name}: `crm import`", *_IMPORT, database=bench.fresh(server.empty_database(1)))
        bench.ratio(f"{name}", f"{name}: `crm import`", f"{name}: bare load")
    finally:
        server.close()


def _psql(url: str) -> list[str]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    create = f"CREATE TABLE people ({', '.join(f'{name} text' for name in HEADER)})"
    return ["psql", "-q", plain, "-c", create, "-c", r"\copy people FROM people.csv CSV HEADER"]


def _mariadb(url: str) -> list[str]:
    where = make_url(url)
    create = f"CREATE TABLE people ({', '.join(f'{name} text' for name in HEADER)}) CHARACTER SET utf8mb4;"
    load = (
        "LOAD DATA LOCAL INFILE 'people.csv' INTO TABLE people CHARACTER SET utf8mb4 "
        "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' IGNORE 1 LINES"
    )
    login = [f"-h{where.host}", f"-P{where.port or 3306}", f"-u{where.username}"]
    return ["mariadb", *login, "--local-infile=1", str(where.database), "-e", create + load]


def xlsx(bench: Bench) -> None:
    """A workbook of fifteen columns beside bare calamine; the same rows as CSV tell the cost of the rows."""
    rows = [row[:-1] for row in people(bench.rows)]
    export_rows(rows, [ExportColumn(name) for name in HEADER[:-1]], bench.folder / "people.xlsx")
    with (bench.folder / "fifteen.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER[:-1], *rows])
    words = _IMPORT[2:]
    bench.run("calamine, xlsx", [sys.executable, "-c", _READ_XLSX])
    bench.crm("`crm import`, xlsx", "import", "people.xlsx", *words, database=bench.fresh("sheet.db"))
    bench.crm("`crm import`, the same as CSV", "import", "fifteen.csv", *words, database=bench.fresh("fifteen.db"))
    bare, sheet, text = (bench.costs[name] for name in list(bench.costs)[-3:])
    print(
        f"reading the workbook: {(sheet.seconds - text.seconds) / bare.seconds:.1f} times the clock of calamine, "
        f"{(sheet.processor - text.processor) / bare.processor:.1f} times its processor"
    )


def main() -> None:
    """Measure and print."""
    parts = {"sqlite": sqlite, "parser": parser, "peers": peers, "servers": servers, "xlsx": xlsx}
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(Path(temporary), ROWS)
        with (bench.folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(HEADER)
            csv.writer(file).writerows(people(ROWS))
        size = (bench.folder / "people.csv").stat().st_size / 1e6
        print(f"{machine()}; {ROWS:,} rows of {len(HEADER)} columns, {size:.0f} MB\n")
        print("| | clock s | processor s | µs a row | peak MB | `.import` = 1 |\n|---|---|---|---|---|---|", flush=True)
        for name, part in parts.items():
            if name in PARTS:
                part(bench)


if __name__ == "__main__":
    main()

"""The grammar of the command line: what exists, how it is found, what help shows, and that starting it is cheap."""

from __future__ import annotations

import importlib.util
import re
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_group

from crm_cli.app import program
from crm_cli.commands import COMMANDS, CommandEntry
from crm_cli.commands.context import NoSuchSourceError, source_or_entity
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.lazy import docstring_parts
from crm_cli.commands.masking import masked
from crm_cli.dictionary import shipped
from crm_cli.options import EntityArgument, Format, Output, Where
from tests.commands.conftest import CrmRunner

Process = Callable[..., "subprocess.CompletedProcess[str]"]

HEAVY = {
    *("alembic", "chardet", "email_validator", "numpy", "openpyxl", "phonenumbers", "polars", "pydantic"),
    *("python_calamine", "rapidfuzz", "rich", "sqlalchemy", "sqlglot", "textual", "usaddress", "xlsxwriter"),
}


def walk(command: Any, words: tuple[str, ...] = ("crm",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that exists, with the words that name it; of the entities, contact stands for all."""
    if not hasattr(command, "list_commands"):
        yield words, command
        return
    context = command.make_context(words[-1], ["--help"], resilient_parsing=True)
    absent = {entry.name for entry in COMMANDS if importlib.util.find_spec(entry.path) is None}
    alike = {one.noun for one in shipped().records} - {"contact"} - {entry.name for entry in COMMANDS}
    no_entities = importlib.util.find_spec("crm_cli.commands.entity") is None
    for name in command.list_commands(context):
        if len(words) == 1 and (name in absent or name in alike or (no_entities and name == "contact")):
            continue
        yield from walk(command.get_command(context, name), (*words, name))


EVERY = dict(walk(program()))
NAMES = [" ".join(words) for words in EVERY]


def every(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.parametrize(("words", "command"), EVERY.items(), ids=NAMES)(test)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_of_the_table_can_be_loaded(entry: CommandEntry) -> None:
    group = program()
    command = group.get_command(None, entry.name)
    assert command is not None
    assert hasattr(command, "list_commands") == entry.group


def test_the_table_has_no_name_twice() -> None:
    names = [entry.name for entry in COMMANDS]
    assert len(names) == len(set(names))


def test_every_entity_is_a_command(crm: CrmRunner) -> None:
    listed = re.findall(r"^  ([a-z-]+)  ", crm("--help").ok().stdout, re.MULTILINE)
    assert {entity.noun for entity in shipped().records} <= set(listed)
    assert {entry.name for entry in COMMANDS} <= set(listed)


@every
def test_every_command_says_what_it_does_and_shows_an_example(words: tuple[str, ...], command: Any) -> None:
    about, examples, _ = docstring_parts(command.help or "")
    assert about[:1].isupper()
    assert examples


@every
def test_every_example_parses(words: tuple[str, ...], command: Any) -> None:
    for example in docstring_parts(command.help or "")[1]:
        given = [word for word in shlex.split(example, comments=True) if not re.match(r"^[A-Z_]+=", word)]
        for stop in ("|", ">", "&&"):
            given = given[: given.index(stop)] if stop in given else given
        assert tuple(given[: len(words)]) == words, f"{example!r} is no example of {' '.join(words)}"
        command.make_context(words[-1], given[len(words) :])


@every
def test_every_parameter_has_help(words: tuple[str, ...], command: Any) -> None:
    assert [param.name for param in command.params if not param.help] == []


def test_an_option_means_the_same_on_every_command() -> None:
    """`--to` and the like may differ in their value; the shared ones of options.py may not differ in anything."""
    from crm_cli import options

    shared: dict[str, str] = {}
    for name in options.__all__:
        info = getattr(options, name).__metadata__[0]
        for declared in (info.default, *(info.param_decls or ())):
            if isinstance(declared, str) and declared.startswith("--"):
                shared[declared] = info.help
    different = {
        (" ".join(words), option)
        for words, command in EVERY.items()
        for param in command.params
        for option in param.opts
        if option in shared and param.help != shared[option]
    }
    assert different == set()


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["config", "--help"], ["config", "show"], ["nonsense"]])
def test_starting_imports_nothing_heavy(crm_process: Process, tmp_path: Path, args: list[str]) -> None:
    outcome = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "crm_cli", *args], capture_output=True, encoding="utf-8", check=False
    )
    imported = set(re.findall(r"\|\s+([a-z_]+)(?:\.|\n)", outcome.stderr))
    assert "typer" in imported
    assert sorted(imported & HEAVY) == []


def test_help_imports_no_command(crm_process: Process) -> None:
    code = """
import sys
from crm_cli.app import main
sys.argv = ["crm", "--help"]
try:
    main()
finally:
    print(*sys.modules)
"""
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    loaded = {name for name in outcome.stdout.split() if name.startswith("crm_cli.commands.")}
    assert "crm_cli.commands.lazy" in loaded
    assert not loaded & {entry.path for entry in COMMANDS}


TWO_COMMANDS = """
import typer
app = typer.Typer()
@app.command()
def one(name: str, loud: bool = False):
    "Say one."
@app.command()
def two(name: str):
    "Say two."
app()
"""


@pytest.mark.slow
def test_help_and_version_start_within_one_and_a_half_of_a_two_command_program(tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO_COMMANDS)
    commands = {
        "two": [sys.executable, str(script), "--help"],
        "help": [sys.executable, "-m", "crm_cli", "--help"],
        "version": [sys.executable, "-m", "crm_cli", "--version"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(7):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            took[name].append(time.perf_counter() - start)
    two, *ours = (statistics.median(times) for times in took.values())
    assert max(ours) <= 1.5 * two


def test_crm_alone_shows_its_help_as_a_usage_error(crm: CrmRunner) -> None:
    outcome = crm()
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr == crm("--help").ok().stdout
    assert crm("config").exit_code == 2


def test_help_opens_with_examples(crm: CrmRunner) -> None:
    text = crm("--help").ok().stdout
    assert text.index("Examples:") < text.index("Start:") < text.index("Options:")
    command = crm("config", "show", "--help").ok().stdout
    assert crm("config", "show", "-h").ok().stdout == command
    assert command.index("crm config show\n") < command.index("Common options:")


def test_the_version_is_one_line(crm: CrmRunner) -> None:
    assert re.fullmatch(r"crm \d+\.\d+\.\d+\n", crm("--version").ok().stdout)


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["confg"], "did you mean config?"),
        (["contcat", "list"], "did you mean contact?"),
        (["config", "shwo"], "did you mean show?"),
        (["qqqq"], "crm --help lists the commands"),
    ],
)
def test_a_mistyped_command_is_suggested(crm: CrmRunner, args: list[str], hint: str) -> None:
    outcome = crm(*args)
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines()[1] == f"hint: {hint}"
    assert crm(*args, "--json").json["error"]["code"] == "unknown-command"


def test_common_options_are_accepted_after_the_command_only(crm: CrmRunner) -> None:
    assert crm("config", "show", "--quiet", "--no-input", "--debug", "--json").ok()
    assert crm("--quiet", "config", "show").exit_code == 2


# --- what commands are made with --------------------------------------------------------------------------------------


def probe(crm: CrmRunner) -> list[Crm]:
    """Give `crm` one command `see` that remembers the `Crm` it was handed."""
    app, seen = App("A probe."), []

    @app.command(writes=True)
    def see(
        crm: Crm,
        entity: EntityArgument = "contact",
        where: Where = None,
        format_: Format = None,
        output: Output = None,
        times: Annotated[int, typer.Option("--times", help="So often.")] = 1,
    ) -> None:
        seen.append(crm)
        crm.console.note(f"{crm.actor} acts")
        crm.console.show({"entity": entity, "where": where, "format": format_, "output": output, "times": times})

    @app.command(database=False)
    def other(crm: Crm) -> None:
        crm.console.note("other")

    crm.app = app
    return seen


def test_values_arrive_as_what_they_are(crm: CrmRunner) -> None:
    probe(crm)
    args = ["see", "account", "--where", "x = 'é'", "--format", "csv", "-o", "out.csv", "--times", "3", "--json"]
    values = {"entity": "account", "where": "x = 'é'", "format": "csv", "output": "out.csv", "times": 3}
    assert crm(*args).ok().json == values
    assert crm("see", "--json").ok().json == {
        "entity": "contact",
        "where": None,
        "format": None,
        "output": None,
        "times": 1,
    }
    assert "'cvs' is not" in crm("see", "--format", "cvs").stderr or "csv" in crm("see", "--format", "cvs").stderr
    assert crm("see", "--format", "cvs").exit_code == crm("see", "--times", "often").exit_code == 2


def test_common_options_are_read_from_crm(crm: CrmRunner) -> None:
    seen = probe(crm)
    crm("see", "--dry-run", "--as", "maria", "--reason", "clean-up", "--wait", "2.5", "--yes", "--db", "x.db").ok()
    (one,) = seen
    assert (one.dry_run, one.actor, one.reason, one.wait, one.common.yes) == (True, "maria", "clean-up", 2.5, True)
    assert one.database == str(crm.folder / "x.db")
    assert one.author.command == "crm see --dry-run --as maria --reason ? --wait 2.5 --yes --db x.db"


def test_the_actor_is_named_by_flag_variable_configuration_or_system(
    crm: CrmRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe(crm)
    monkeypatch.setenv("LOGNAME", "system")
    assert crm("see", "--as", "flag").ok().stderr == "flag acts\n"
    assert crm("see").ok().stderr == "tester acts\n"
    del crm.environ["CRM_USER"]
    assert crm("see").ok().stderr == "system acts\n"
    crm.write("crm.toml", 'user = "file"\n')
    assert crm("see").ok().stderr == "file acts\n"


def test_only_writers_have_the_options_for_changes(crm: CrmRunner) -> None:
    probe(crm)
    assert "Options for changes:" in crm("see", "--help").ok().stdout
    other = crm("other", "--help").ok().stdout
    assert "--dry-run" not in other
    assert "--db" not in other


def test_without_a_database_a_command_ends_with_2_naming_it(crm: CrmRunner) -> None:
    app = App("Needs a database.")

    @app.command()
    def need(crm: Crm) -> None:
        crm.console.note(crm.store.backend)

    @app.command()
    def other(crm: Crm) -> None:
        crm.console.note("other")

    crm.app = app
    outcome = crm("need")
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines()[0] == f"error: there is no database {crm.folder / 'crm.db'}"
    assert "crm init" in outcome.stderr


def test_a_bare_word_that_is_an_entity_is_the_entity(tmp_path: Path) -> None:
    dictionary = shipped()
    (tmp_path / "contact").write_text("a file")
    (tmp_path / "customers.csv").write_text("a,b")
    assert source_or_entity("contact", dictionary, tmp_path) == dictionary.entity("contact")
    assert source_or_entity("./contact", dictionary, tmp_path) == tmp_path / "contact"
    assert source_or_entity("customers.csv", dictionary, tmp_path) == tmp_path / "customers.csv"
    assert source_or_entity("-", dictionary, tmp_path) == "-"
    assert source_or_entity("mysql://h/x", dictionary, tmp_path) == "mysql://h/x"
    with pytest.raises(NoSuchSourceError) as caught:
        source_or_entity("custmers.csv", dictionary, tmp_path)
    assert caught.value.hint == "did you mean customers.csv?"
    with pytest.raises(NoSuchSourceError) as caught:
        source_or_entity("acount", dictionary, tmp_path)
    assert "account" in caught.value.hint


@pytest.mark.parametrize(
    ("argv", "kept"),
    [
        (["standardize", "contact", "--where", "family_name = 'O''Brien' and age > 3"], "family_name = ? and age > 3"),
        (["contact", "add", "email=ann@acme.example", "name=Ann Lee"], "contact add email=? name=?"),
        (["contact", "set", "7", "--email", "ann@acme.example"], "contact set 7 --email ?"),
        (["contact", "set", "7", "--email=ann@acme.example"], "contact set 7 --email=?"),
        (["undo", "4", "--reason", "Ann asked for it"], "undo 4 --reason ?"),
        (["import", "a b.csv", "--db", "mysql://u:pw@h/x"], "import 'a b.csv' --db 'mysql://u:***@h/x'"),
    ],
)
def test_the_log_keeps_the_command_without_customer_data(argv: list[str], kept: str) -> None:
    line = masked(argv)
    assert kept in line
    for secret in ("O''Brien", "ann@", "Ann", "pw@"):
        assert secret not in line


def test_an_app_under_an_app_is_a_group_of_its_own(crm: CrmRunner) -> None:
    outer, inner = App("Outer."), App("Inner things.")

    @inner.command("list", database=False)
    def list_(crm: Crm) -> None:
        """List them."""
        crm.console.show([{"id": 1}])

    outer.add("inner", inner)
    outer.command("other", database=False)(lambda crm: crm.console.note("other"))
    crm.app = outer
    assert crm("inner", "list", "--json").ok().json == [{"id": 1}]
    assert re.search(r"^  inner +Inner things$", crm("--help").ok().stdout, re.MULTILINE)
    assert re.search(r"^  list +List them$", crm("inner", "--help").ok().stdout, re.MULTILINE)


# --- completion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("crm con", ["config", "contact"]),
        ("crm config s", ["show"]),
        ("crm config show --d", ["--db", "--debug"]),
        ("crm config show --db p", ["prod"]),
    ],
)
def test_the_shell_completes(crm_process: Process, crm: CrmRunner, typed: str, offered: list[str]) -> None:
    crm.write("crm.toml", '[databases]\nprod = "p.db"\ntest = "t.db"\n')
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_CRM_COMPLETE": "complete_bash"}
    outcome = crm_process(**words)
    assert outcome.stdout.split() == offered
    assert outcome.stderr == ""


def test_fields_and_entities_complete() -> None:
    from crm_cli.completion import entity_nouns, field_names

    app = App("Lists.")

    @app.command("list")
    def list_(crm: Crm) -> None:
        crm.console.note("list")

    @app.command()
    def other(crm: Crm) -> None:
        crm.console.note("other")

    parent = get_group(app.typer).make_context("contact", [], resilient_parsing=True)
    context = get_group(app.typer).commands["list"].make_context("list", [], parent=parent, resilient_parsing=True)
    offered = field_names(context, "id,family")
    assert "id,family_name" in offered
    assert all(name.startswith("id,family") for name in offered)
    assert [noun for noun, _ in entity_nouns("acc")] == ["account"]


def test_a_group_may_have_a_usual_command_that_needs_no_name() -> None:
    app = App("Values.", usual="show")
    seen: list[str] = []

    @app.command(database=False)
    def show(crm: Crm, field: Annotated[str, typer.Argument()]) -> None:
        seen.append(field)

    @app.command(database=False)
    def apply(crm: Crm) -> None:
        seen.append("apply")

    run_app = CrmRunner(Path.cwd(), {}, app)
    for words in (("contact.city",), ("show", "contact.city"), ("apply",)):
        run_app(*words).ok()
    assert seen == ["contact.city", "contact.city", "apply"]
    assert "no such command" in run_app("contact").stderr

"""`crm rule`: the rules that standardize values, and those by which duplicates are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_cli.cells import cell
from crm_cli.commands.kit import App, Crm
from crm_cli.commands.match_rules import rules_folder
from crm_cli.config import MissingDatabaseError
from crm_cli.errors import NotFoundError, did_you_mean
from crm_cli.options import Format

if TYPE_CHECKING:
    from crm_cli.dictionary import Dictionary
    from crm_cli.jobs.match_rules import MatchRules, Sentence
    from crm_cli.standardize import Rule

__all__ = ["app"]

app = App("List and show the rules that standardize and validate, and those by which duplicates are told.")

What = Annotated[
    str,
    typer.Argument(
        metavar="CODE|ENTITY|FILE", help="A rule's code, such as E102; an entity; or a file of matching rules."
    ),
]
Kind = Annotated[str | None, typer.Option("--kind", metavar="TYPE", help="Only rules for this type, such as email.")]


@app.command("list")
def list_(crm: Crm, kind: Kind = None, format_: Format = None) -> None:
    """List the rules: code, what it does, whether it may change the meaning (unsafe: only on request).

    Matching rules of the project (rules/ENTITY.toml) are named below; `crm rule show ENTITY` says them.

    Examples:
        crm rule list
        crm rule list --kind phone
    """
    from crm_cli.standardize import all_rules

    rules = [one for one in all_rules() if kind is None or kind in one.kinds]
    crm.console.show([_row(one) for one in rules], format_)
    if kind is None:
        own = [f"rules/{file.name}" for file in sorted(rules_folder(crm).glob("*.toml"))]
        crm.console.note(f"matching rules: {', '.join(own) or 'as shipped'}; crm rule show ENTITY says them")


@app.command()
def show(crm: Crm, what: What) -> None:
    """Show one rule with its examples, or say in plain sentences how duplicates of an entity are told.

    Examples:
        crm rule show E102
        crm rule show contact
        crm rule show ./customers.toml
    """
    if what.endswith(".toml"):
        _show_file(crm, what)
    elif what in _dictionary(crm):
        _show_entity(crm, what)
    else:
        _show_code(crm, what)


def _dictionary(crm: Crm) -> Dictionary:
    """The dictionary of the database, or where none was named and none is there, the shipped one."""
    from crm_cli.dictionary import shipped

    try:
        return crm.dictionary
    except MissingDatabaseError:
        if crm.common.db is not None:
            raise
        return shipped()


def _show_code(crm: Crm, code: str) -> None:
    from crm_cli.standardize import all_rules, rule_named

    rule = rule_named(code)
    if rule is None:
        codes = [one.code for one in all_rules()]
        nouns = [one.noun for one in _dictionary(crm).records]
        hint = did_you_mean(code.upper(), codes) or did_you_mean(code, nouns) or "crm rule list shows them"
        raise NotFoundError(f"there is no rule {code}", hint=hint, code=code)
    examples = [{"before": one.before, "after": one.after} for one in rule.examples]
    crm.console.show_parts({"rule": _row(rule), "examples": examples})


def _row(rule: Rule) -> dict[str, Any]:
    kind = "reports" if not rule.changes else "safe" if rule.safe else "unsafe"
    return {"code": rule.code, "title": rule.title, "kind": kind, "types": ", ".join(rule.kinds)}


def _show_entity(crm: Crm, noun: str) -> None:
    from crm_cli.jobs.matching import described, rules_of, subject_of

    dictionary = _dictionary(crm)
    entity = dictionary.entity(noun)
    rules = rules_of(rules_folder(crm), noun, dictionary)
    _say(crm, entity.noun, rules, described(rules, entity), subject_of(rules, entity).compared)


def _show_file(crm: Crm, name: str) -> None:
    from crm_cli.jobs.match_rules import Subject, read_rules, sentences

    rules = read_rules(crm.path(name))
    subject = Subject(noun="row", plural="rows", compared={}, is_file=True)
    _say(crm, "rows of a file", rules, sentences(rules, subject), {})


def _say(crm: Crm, about: str, rules: MatchRules, said: list[Sentence], compared: Any) -> None:
    if crm.console.json:
        told = [{"key": one.key, "says": one.says, "from": "shipped" if one.shipped else rules.file} for one in said]
        fields = [{"field": name, "compared_as": kind or None} for name, kind in compared.items()]
        crm.console.show({"about": about, "file": rules.file or None, "rules": told, "fields": fields})
        return
    own = [one.says for one in said if not one.shipped]
    for heading, lines in ((f"{rules.file} says", own), ("As shipped", [one.says for one in said if one.shipped])):
        if lines:
            crm.console.line(f"{cell(heading)}:")
        for line in lines:
            crm.console.line(f"- {cell(line)}")

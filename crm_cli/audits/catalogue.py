"""The catalogue: the shipped policies and those of a folder of the user's, by name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path

from crm_cli.audits.policy import Kind, Policy, PolicyError, parse_policy
from crm_cli.dictionary import Dictionary
from crm_cli.errors import did_you_mean

__all__ = ["choose", "load_policies"]


def load_policies(folder: Path | None = None) -> list[Policy]:
    """Return all policies that are not disabled: the shipped ones, and those of `folder`, which win by name.

    Raises `PolicyError` naming file, policy and key.
    """
    found: dict[str, Policy] = {}
    for name, text in _files(folder):
        for policy in _parsed(name, text):
            found[policy.name] = policy
    return [policy for policy in found.values() if not policy.disabled]


def _files(folder: Path | None) -> Iterator[tuple[str, str]]:
    shipped = resources.files("crm_cli.audits").joinpath("policies")
    for file in sorted(shipped.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            yield file.name, file.read_text(encoding="utf-8")
    if folder is not None and folder.is_dir():
        for own in sorted(folder.glob("*.toml")):
            yield str(own), own.read_text(encoding="utf-8")


def _parsed(file: str, text: str) -> Iterator[Policy]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PolicyError(f"{file}: {fault}", hint="correct the file; its format is TOML", file=file) from None
    for name, table in content.items():
        if not isinstance(table, dict):
            hint = "a policy is a table: [contact-without-email] and its keys below"
            raise PolicyError(f"{file}: {name} is no policy", hint=hint, file=file)
        yield parse_policy(name, table, file)


def choose(policies: Iterable[Policy], words: Sequence[str], dictionary: Dictionary) -> list[Policy]:
    """Return the policies that `words` name: policies, kinds (`freshness`) or entities (`contact`); none means all.

    Raises `PolicyError` for a word that names nothing, with the nearest that does.
    """
    known = list(policies)
    if not words:
        return known
    chosen: dict[str, Policy] = {}
    for word in words:
        chosen.update({one.name: one for one in _named(known, word, dictionary)})
    return [one for one in known if one.name in chosen]


def _named(policies: Sequence[Policy], word: str, dictionary: Dictionary) -> list[Policy]:
    entities = [one.name for one in dictionary if word in (one.name, one.noun, one.plural)]
    found = [one for one in policies if word in (one.name, one.kind.value) or one.entity in entities]
    if not found:
        choices = [*(one.name for one in policies), *Kind, *(one.entity for one in policies)]
        hint = did_you_mean(word, choices) or "crm audit list shows them"
        raise PolicyError(f"there is no policy {word!r}", hint=hint, policy=word)
    return found

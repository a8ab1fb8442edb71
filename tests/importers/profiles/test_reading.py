from __future__ import annotations

from pathlib import Path

import pytest

from crm_cli.dictionary import shipped
from crm_cli.importers.profiles import (
    ProfileError,
    check_targets,
    find_profile,
    list_profiles,
    parse_profile,
    shipped_profiles,
)
from crm_cli.importers.profiles.catalogue import signed_profiles

SMALL = """
title = "Old CRM"
[[table]]
into = "account"
names = ["firms"]
key = "no"
skip = { gone = ["yes"] }
[table.columns]
title = "name"
[table.references]
parent = "parent"
"""


def parse(text: str) -> None:
    check_targets(parse_profile(text, "old", "old.toml"), shipped())


def test_a_small_profile_is_read() -> None:
    profile = parse_profile(SMALL, "old", "old.toml")
    assert (profile.title, profile.tables[0].key, profile.tables[0].skip) == ("Old CRM", ("no",), {"gone": ("yes",)})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("into = ", "intoo = "), "old.toml: table 1: intoo: there is no such key"),
        (('into = "account"', ""), "old.toml: table 1: into: it is missing"),
        (('"name"', '"nmae"'), """old.toml: table 1: columns: "title": account has no field 'nmae'"""),
        (
            ('parent = "parent"', 'parent = "mother"'),
            """old.toml: table 1: references: "parent": account has no field""",
        ),
        (('into = "account"', 'into = "acount"'), "old.toml: table 1: into: there is no entity 'acount'"),
        (('["firms"]', "[3]"), "old.toml: table 1: names: every entry should be a text"),
        (("names", "dates = 'ydm'\nnames"), "old.toml: table 1: dates: there is no order 'ydm'"),
        (("[[table]]", "[[table"), "old.toml is not TOML"),
        (
            ("[table.columns]", "[[table.join]]\ntable = 'x'\n[table.columns]"),
            "table 1: join: on: a join needs",
        ),
        (("[table.columns]", "[table.route.x]\nby = 'y'\n[table.columns]"), "route: x: by: a route needs either"),
        (("[table.columns]", "[table.links]\nx = 'nobody'\n[table.columns]"), """links: "x": there is no entity"""),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(change: tuple[str, str], said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse(SMALL.replace(*change, 1))
    assert said in caught.value.message
    assert caught.value.facts["file"] == "old.toml"


def test_every_shipped_profile_names_fields_that_there_are_and_what_it_is_based_on() -> None:
    assert len(shipped_profiles()) >= 9
    for profile in shipped_profiles():
        check_targets(profile, shipped())
        assert profile.based_on, profile.name


def test_profiles_of_the_project_go_before_shipped_ones_and_a_path_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "outlook.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(SMALL, encoding="utf-8")
    assert find_profile("outlook", tmp_path).title == "Old CRM"
    assert find_profile("mine.toml", tmp_path).name == "mine"
    assert find_profile("sugarcrm", tmp_path).title == "SuiteCRM"
    assert "Old CRM" in [one.title for one in list_profiles(tmp_path)]


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(ProfileError) as caught:
        find_profile("salesfroce", None)
    assert caught.value.hint == "did you mean salesforce?"


def test_every_profile_with_a_signature_is_among_those_that_are_recognized() -> None:
    signed = [one.name for one in shipped_profiles() if any(table.signature for table in one.tables)]
    assert [one.name for one in signed_profiles()] == signed

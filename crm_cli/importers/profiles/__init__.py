"""Profiles: how known systems lay out their exports and databases, declared in TOML files, one a system.

`find_profile` gives one by name or path, `layouts_for` says which table is which, `shape` brings a table into the form
that its layout describes (rows left out, ids in one spelling, columns of other tables joined), `mapping_of` says what
its columns fill. `recognize` tells a layout by its header alone. Nothing here knows the database.

To add a system: write `systems/NAME.toml` (`model.py` says what may stand in it), name in `source` what the layout is
based on, and add a small file of that layout to the tests. Add only layouts that you have seen.
"""

from crm_cli.importers.profiles.catalogue import find_profile, list_profiles, profile_text, shipped_profiles
from crm_cli.importers.profiles.mapping_of import check_targets, mapping_of
from crm_cli.importers.profiles.model import Profile, TableLayout, letters
from crm_cli.importers.profiles.reading import ProfileError, parse_profile, read_profile
from crm_cli.importers.profiles.recognition import layouts_for, recognize, stem
from crm_cli.importers.profiles.shaping import ShapedTable, shape

__all__ = [
    "Profile",
    "ProfileError",
    "ShapedTable",
    "TableLayout",
    "check_targets",
    "find_profile",
    "layouts_for",
    "letters",
    "list_profiles",
    "mapping_of",
    "parse_profile",
    "profile_text",
    "read_profile",
    "recognize",
    "shape",
    "shipped_profiles",
    "stem",
]

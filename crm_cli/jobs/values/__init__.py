"""The values of one field: how often each occurs, which are spellings of one, and recipes that mend them.

`counted` and `spelling_groups` look, a `Session` holds what a person decides, a `Recipe` keeps it as a TOML file, and
`apply_recipe` does it, today and on any later day's data. To mend another kind of column: a function in `applying.py`.
"""

from crm_cli.jobs.values.applying import Mended, RecipeResult, affected, apply_recipe
from crm_cli.jobs.values.deciding import Session, all_proposals
from crm_cli.jobs.values.fields import ValueField, value_field
from crm_cli.jobs.values.reading import Wanted, counted, equal_keys_only, spelling_groups
from crm_cli.jobs.values.recipes import Change, Recipe, RecipeError, read_recipe

__all__ = [
    "Change",
    "Mended",
    "Recipe",
    "RecipeError",
    "RecipeResult",
    "Session",
    "ValueField",
    "Wanted",
    "affected",
    "all_proposals",
    "apply_recipe",
    "counted",
    "equal_keys_only",
    "read_recipe",
    "spelling_groups",
    "value_field",
]

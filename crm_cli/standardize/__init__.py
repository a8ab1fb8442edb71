"""Standards: the one correct spelling of a value, its parts, and what is wrong with it. Pure functions, no I/O.

The same functions serve a file, a table and a record typed in. They never lose anything: the caller keeps what was
given. Standardizing twice is standardizing once. What a rule does is told by its code (`rules.py`): `1xx` the form
only, `2xx` perhaps the meaning (on request), `3xx` a remark.

To add a kind of value: write a file with a function `(value, context) -> Standard` that begins with `text.tidy`, works
on the draft and names its `RULES` with examples (they are run as tests); enter it in `registry.py`. Import heavy
libraries in that file alone: it is loaded when the first value of its type comes.
"""

from crm_cli.standardize.columns import standardize_column, standardize_unique
from crm_cli.standardize.dates import DateOrder, detect_date_order
from crm_cli.standardize.registry import REGISTRY, all_rules, rule_named, standardize, standardizer
from crm_cli.standardize.rules import Example, Rule
from crm_cli.standardize.stored import stored_value
from crm_cli.standardize.text import is_no_value
from crm_cli.standardize.values import EMPTY, Context, Issue, Standard, Standardizer

__all__ = [
    "EMPTY",
    "REGISTRY",
    "Context",
    "DateOrder",
    "Example",
    "Issue",
    "Rule",
    "Standard",
    "Standardizer",
    "all_rules",
    "detect_date_order",
    "is_no_value",
    "rule_named",
    "standardize",
    "standardize_column",
    "standardize_unique",
    "standardizer",
    "stored_value",
]

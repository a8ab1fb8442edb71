"""Rules of the house for matching: a declarative file per entity, or for one file, on top of what the data say.

`parse_rules` reads a file strictly; `bind_to_fields` and `bind_to_columns` check its names against an entity or a
table; `with_rules` turns it into settings of the engine; `sentences` says it in plain words. A file is data: it names
fields, values and limits, and nothing that runs. To add a key: a field of `MatchRules`, a line in the keys of
`reading.py`, what it means to the engine in `settings.py`, its sentence in `sentences.py`.
"""

from crm_cli.jobs.match_rules.binding import bind_to_columns, bind_to_fields
from crm_cli.jobs.match_rules.model import MatchRules, MergeRules, NeverRule, RulesError
from crm_cli.jobs.match_rules.reading import SURVIVOR_RULES, find_file, parse_rules, read_rules
from crm_cli.jobs.match_rules.sentences import Sentence, Subject, sentences
from crm_cli.jobs.match_rules.settings import comparable_words, kind_of_word, known_types, naming_file, with_rules

__all__ = [
    "SURVIVOR_RULES",
    "MatchRules",
    "MergeRules",
    "NeverRule",
    "RulesError",
    "Sentence",
    "Subject",
    "bind_to_columns",
    "bind_to_fields",
    "comparable_words",
    "find_file",
    "kind_of_word",
    "known_types",
    "naming_file",
    "parse_rules",
    "read_rules",
    "sentences",
    "with_rules",
]

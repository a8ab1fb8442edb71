"""Recognition of columns: header words and sample values in, a role out. Pure; nothing but the standard library.

The same code serves the mapping that an import suggests and the matching of files that nobody has described.
To teach a header word: add it in `header_words.py`. To add a role: add it to `Role` in `roles.py`, its header words,
and, if values alone can tell it, a test in `recognize.py`.
"""

from crm_cli.dictionary.recognition.recognize import header_words, recognize, recognize_columns
from crm_cli.dictionary.recognition.roles import Recognition, Role
from crm_cli.dictionary.recognition.shapes import GIVEN_NAMES, names_company

__all__ = ["GIVEN_NAMES", "Recognition", "Role", "header_words", "names_company", "recognize", "recognize_columns"]

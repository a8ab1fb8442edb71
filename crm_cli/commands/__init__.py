"""The commands: one file a group or verb, each parse → one call → render. No SQL, no rules, no loops over rows.

To add a command: write `commands/NAME.py` with an `App` called `app` (see `commands/kit.py`) and add its line to
`COMMANDS` below. The line is all that `crm --help` reads; the file is imported when the command is named.
The entities of the dictionary need no line: `commands/entity.py` makes `list show add edit set delete restore` for
each: its `entity_app(noun)` returns an `App`. A line here goes before an entity of the same name; such a file starts
from `app = entity_app("territory")` and adds the commands of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMMANDS", "RECORDS_SECTION", "CommandEntry"]

RECORDS_SECTION = "Records"


@dataclass(frozen=True)
class CommandEntry:
    """One command of the first level: its name, what it does, where it is, and under which heading it is listed.

    `module` is a file of this folder with an `App` named `app`; a `group` has sub-commands, otherwise the app's only
    command is the verb itself.
    """

    name: str
    help: str
    section: str
    module: str = ""
    group: bool = False

    @property
    def path(self) -> str:
        """The module to import."""
        return f"{__name__}.{self.module or self.name}"


_START, _DATA, _QUALITY = "Start", "Data in and out", "Quality"
_WORK, _HISTORY, _ADMIN = "Work", "History", "Administration"

COMMANDS: tuple[CommandEntry, ...] = (
    CommandEntry("init", "Make a database and a project file in this folder", _START),
    CommandEntry("demo", "Show the whole job on example data, in a temporary folder", _START),
    CommandEntry("doctor", "Check this installation, the configuration and the database", _START),
    CommandEntry("import", "Bring a file or a legacy system's data into the database", _DATA, module="import_"),
    CommandEntry("export", "Write records to a CSV, Excel, JSON or vCard file", _DATA),
    CommandEntry("extract", "Save exports as files, run them, and compare their results", _DATA, group=True),
    CommandEntry("reconcile", "Compare records with another system's list, and fill what is blank here", _DATA),
    CommandEntry("clean", "Standardize and merge a file, without a database", _DATA),
    CommandEntry("profile", "Show what is in a file or an entity, column by column", _DATA),
    CommandEntry("batch", "List, show, retry and undo imports", _DATA, group=True),
    CommandEntry("mapping", "Make and check mapping files, show the layouts of known systems", _DATA, group=True),
    CommandEntry("standardize", "Bring names, addresses, phones and e-mails into their standard form", _QUALITY),
    CommandEntry("values", "Find spellings of one value in a field, and mend them", _QUALITY, group=True),
    CommandEntry("dedupe", "Find, review and merge duplicates", _QUALITY, group=True),
    CommandEntry("audit", "Find stale, incomplete and invalid records", _QUALITY, group=True),
    CommandEntry("verify", "Write down that a telephone, an address or a job was found alive or dead", _QUALITY),
    CommandEntry("rule", "List and show the rules that standardize and validate", _QUALITY, group=True),
    CommandEntry("search", "Find records by words", _WORK),
    CommandEntry("reassign", "Move the open records of one owner to others", _WORK),
    CommandEntry("territory", "Manage territories, their rules and who is in them", _WORK, group=True),
    CommandEntry("report", "List, show and run reports, make cross tables", _WORK, group=True),
    CommandEntry("sql", "Ask the database a question in SQL; nothing can be changed", _WORK),
    CommandEntry("run", "Run the steps of a script in order", _WORK),
    CommandEntry("due", "List the scripts and extracts that should have run and did not", _WORK),
    CommandEntry("log", "Show what was done, when, by whom and why", _HISTORY),
    CommandEntry("undo", "Take an operation back", _HISTORY),
    CommandEntry("blame", "Show who set each value of a record, and when", _HISTORY),
    CommandEntry("privacy", "Show everything held about a person, and erase it", _HISTORY, group=True),
    CommandEntry("user", "Manage users, and hand over what one who leaves holds", _ADMIN, group=True),
    CommandEntry("schema", "Show the entities and their fields, and add fields", _ADMIN, group=True),
    CommandEntry("db", "Upgrade, check, back up and restore the database; who may do what", _ADMIN, group=True),
    CommandEntry("config", "Show the configuration and where each value comes from", _ADMIN, group=True),
    CommandEntry("trust", "Allow the hooks that a project file names", _ADMIN),
)

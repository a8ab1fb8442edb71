"""Generate the next revision from the declaration: `python -m crm_cli.store.migrations.generate "sentence"`.

Compares the declaration with an empty SQLite database that all revisions ran on, and writes what is missing. Read what
it wrote before you commit it: Alembic cannot see renames.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext

from crm_cli.dictionary import shipped
from crm_cli.store.columns import COLLATION, CompareKey, UtcDateTime
from crm_cli.store.engine import create_engine, normal_url
from crm_cli.store.migrate import _scripts, create
from crm_cli.store.schema import build_metadata

__all__ = ["generate"]

_HEAD = '''"""{sentence}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_cli.store import columns

revision = "{number}"
down_revision = {before}
branch_labels = None
depends_on = None
TABLE_OPTIONS = {{
    "mysql_charset": "utf8mb4",
    "mysql_collate": columns.COLLATION,
    "mysql_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": columns.COLLATION,
    "mariadb_engine": "InnoDB",
}}


def upgrade() -> None:
'''


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types by the functions that make them."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "columns.UtcDateTime()"
    if isinstance(item, sa.JSON):
        return "columns.document()"
    if isinstance(item, sa.Text):
        return "columns.long_text()"
    if isinstance(item, sa.String | CompareKey):
        return f"columns.short_text({item.length})"
    if isinstance(item, sa.BigInteger) and item._variant_mapping:
        return "columns.big_id()"
    return False


def generate(sentence: str) -> Path | None:
    """Write the next revision and return its path, or None when nothing changed."""
    scripts = _scripts()
    before = scripts.get_current_head()
    with tempfile.TemporaryDirectory() as folder:
        url = create(Path(folder) / "empty.db") if before else normal_url(Path(folder) / "empty.db")
        with create_engine(url).connect() as connection:
            options = {"render_item": render_item, "compare_type": False, "render_as_batch": bool(before)}
            context = MigrationContext.configure(
                connection, opts={**options, "target_metadata": build_metadata(shipped())}
            )
            steps = produce_migrations(context, build_metadata(shipped())).upgrade_ops
    if steps is None or steps.is_empty():
        return None
    number = f"{int(before or 0) + 1:04d}"
    body = render_python_code(steps, render_item=render_item, render_as_batch=bool(before))
    body = re.sub(rf"mysql_charset='utf8mb4',\s*mysql_collate='{COLLATION}',\s*mysql_engine='InnoDB',?", "", body)
    body = re.sub(
        rf"mariadb_charset='utf8mb4',\s*mariadb_collate='{COLLATION}',\s*mariadb_engine='InnoDB',?",
        "if_not_exists=True, **TABLE_OPTIONS",
        body,
    )
    body = re.sub(r",\s*,", ",", body)
    name = re.sub(r"\W+", "_", sentence.lower()).strip("_")
    path = Path(__file__).parent / "versions" / f"{number}_{name}.py"
    text = _HEAD.format(sentence=sentence, number=number, before=repr(before)) + "    " + body + "\n"
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    written = generate(" ".join(sys.argv[1:]) or "change")
    sys.stdout.write(f"{written or 'nothing changed'}\n")

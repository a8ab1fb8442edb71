"""Search by blocks of records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_cli.store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
TABLE_OPTIONS = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": columns.COLLATION,
    "mysql_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": columns.COLLATION,
    "mariadb_engine": "InnoDB",
}


def upgrade() -> None:
    op.create_table(
        "search_posting",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("token", columns.short_text(80), nullable=False),
        sa.Column("entity", columns.short_text(40), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("records", columns.long_text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_posting")),
        sa.UniqueConstraint("token", "entity", "block", name=op.f("uq_search_posting_token_entity_block")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "search_record",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("entity", columns.short_text(40), nullable=False),
        sa.Column("record_number", sa.BigInteger(), nullable=False),
        sa.Column("tokens", columns.long_text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_record")),
        sa.UniqueConstraint("entity", "record_number", name=op.f("uq_search_record_entity_record_number")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "search_words",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("kind", columns.short_text(40), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("words", columns.long_text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_words")),
        sa.UniqueConstraint("kind", "length", "part", name=op.f("uq_search_words_kind_length_part")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("search_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_token_entity_record_id"))
        batch_op.drop_index(batch_op.f("ix_search_token_token_entity_record_id"))

    op.drop_table("search_token")
    # the index is made anew by the next search, from the log of operations
    operation = sa.table("operation", sa.column("indexed", sa.Boolean()))
    op.execute(operation.update().values(indexed=sa.false()))

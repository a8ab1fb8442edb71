"""Remember exports, scripts, erasures and plans of territories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_cli.store import columns

revision = "0006"
down_revision = "0005"
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
        "erasure",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("entity", columns.short_text(40), nullable=False),
        sa.Column("record_id", columns.big_id(), nullable=False),
        sa.Column("actor", columns.short_text(255), nullable=False),
        sa.Column("reason", columns.short_text(500), nullable=True),
        sa.Column("erased_at", columns.UtcDateTime(), nullable=False),
        sa.Column("counts", columns.document(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "script_run",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("name", columns.short_text(255), nullable=False),
        sa.Column("path", columns.short_text(500), nullable=True),
        sa.Column("fingerprint", columns.short_text(64), nullable=False),
        sa.Column("actor", columns.short_text(255), nullable=True),
        sa.Column("status", columns.short_text(40), nullable=False),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("parameters", columns.document(), nullable=True),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("finished_at", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_run")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("script_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_script_run_name"), ["name"], unique=False)

    op.create_table(
        "erasure_key",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("erasure_id", columns.big_id(), nullable=False),
        sa.Column("kind", columns.short_text(40), nullable=False),
        sa.Column("hash", columns.short_text(64), nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasure.id"], name=op.f("fk_erasure_key_erasure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_key")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("erasure_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_key_erasure_id"), ["erasure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_key_hash"), ["hash"], unique=False)

    op.create_table(
        "script_step",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("script_run_id", columns.big_id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", columns.short_text(255), nullable=False),
        sa.Column("status", columns.short_text(40), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("result", columns.document(), nullable=True),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("finished_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["script_run_id"], ["script_run.id"], name=op.f("fk_script_step_script_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_step")),
        sa.UniqueConstraint("script_run_id", "number", name=op.f("uq_script_step_script_run_id_number")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("script_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_script_step_script_run_id"), ["script_run_id"], unique=False)

    op.create_table(
        "export_run",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("extract", columns.short_text(80), nullable=True),
        sa.Column("record_entity", columns.short_text(40), nullable=False),
        sa.Column("actor", columns.short_text(255), nullable=False),
        sa.Column("destination", columns.short_text(500), nullable=False),
        sa.Column("kind", columns.short_text(40), nullable=True),
        sa.Column("watermark_id", columns.big_id(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.Column("sha256", columns.short_text(64), nullable=True),
        sa.Column("manifest", columns.document(), nullable=True),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("finished_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["watermark_id"], ["operation.id"], name=op.f("fk_export_run_watermark_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_run")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("export_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_run_extract"), ["extract"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_run_watermark_id"), ["watermark_id"], unique=False)

    op.create_table(
        "territory_plan",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("name", columns.short_text(255), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("status", columns.short_text(40), nullable=False),
        sa.Column("actor", columns.short_text(255), nullable=True),
        sa.Column("operation_id", columns.big_id(), nullable=True),
        sa.Column("moves", columns.document(), nullable=True),
        sa.Column("decided_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_territory_plan_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_plan")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("territory_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_territory_plan_operation_id"), ["operation_id"], unique=False)

    op.create_table(
        "territory_stay",
        sa.Column("id", columns.big_id(), autoincrement=False, nullable=False),
        sa.Column("entity", columns.short_text(40), nullable=False),
        sa.Column("record_id", columns.big_id(), nullable=False),
        sa.Column("territory_id", columns.big_id(), nullable=True),
        sa.Column("owner_id", columns.big_id(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("operation_id", columns.big_id(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_territory_stay_operation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_territory_stay_owner_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_territory_stay_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_stay")),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    with op.batch_alter_table("territory_stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_territory_stay_entity_record_id"), ["entity", "record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_territory_stay_operation_id"), ["operation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_territory_stay_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_territory_stay_territory_id"), ["territory_id"], unique=False)

    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("database_login", columns.short_text(80), nullable=True))
        batch_op.add_column(sa.Column("sees", columns.short_text(40), nullable=True))

    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("script_run_id", columns.big_id(), nullable=True))
        batch_op.create_index(batch_op.f("ix_operation_script_run_id"), ["script_run_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_operation_script_run_id"), "script_run", ["script_run_id"], ["id"])

    with op.batch_alter_table("territory_rule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", columns.big_id(), nullable=True))
        batch_op.add_column(sa.Column("named", sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f("ix_territory_rule_owner_id"), ["owner_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_territory_rule_owner_id"), "app_user", ["owner_id"], ["id"])

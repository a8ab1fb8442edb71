"""Remember what a person chose for a merge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crm_cli.store import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("match_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("choices", columns.document(), nullable=True))

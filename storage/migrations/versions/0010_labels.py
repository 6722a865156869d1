"""Labels: what messages really meant; and what the model thought of besides."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("alternatives", sa.String(length=160), server_default="", nullable=False))
    op.add_column("messages", sa.Column("unsure", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("messages_unsure", "messages", ["position"], postgresql_where=sa.text("unsure"))
    op.create_table(
        "labels",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_labels_message_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_labels_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_index("labels_of_message", "labels", ["message_id", "origin", "at"])


def downgrade() -> None:
    op.drop_index("labels_of_message", table_name="labels")
    op.drop_table("labels")
    op.drop_index("messages_unsure", table_name="messages", postgresql_where=sa.text("unsure"))
    op.drop_column("messages", "unsure")
    op.drop_column("messages", "alternatives")

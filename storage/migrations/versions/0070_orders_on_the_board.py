"""Alerts may be about a warning order; an order's fields can be corrected; who had a conversation is found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("reaches", "card_id", nullable=True)
    op.add_column("reaches", sa.Column("order_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_reaches_order_id"), "reaches", "warning_orders", ["order_id"], ["id"])
    op.create_check_constraint("about_a_card_or_an_order", "reaches", "(card_id IS NULL) <> (order_id IS NULL)")
    op.create_index(
        "reaches_of_order",
        "reaches",
        ["order_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.add_column("warning_orders", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("warning_order_events", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("warning_order_events", sa.Column("changes_sealed", sa.LargeBinary(), nullable=True))
    op.create_index(
        "audit_of_handling",
        "audit_entries",
        ["subject_id", "at"],
        unique=False,
        postgresql_where=sa.text("action IN ('take', 'take_over', 'hand_back', 'close')"),
    )


def downgrade() -> None:
    op.drop_index("audit_of_handling", table_name="audit_entries")
    op.drop_column("warning_order_events", "changes_sealed")
    op.drop_column("warning_order_events", "version")
    op.drop_column("warning_orders", "version")
    op.drop_index("reaches_of_order", table_name="reaches")
    op.execute("DELETE FROM reaches WHERE card_id IS NULL")
    op.drop_column("reaches", "order_id")
    op.alter_column("reaches", "card_id", nullable=False)

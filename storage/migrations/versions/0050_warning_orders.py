"""The early-warning orders from above: their steps with deadlines, and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE warning_order_numbers START WITH 100001")
    op.create_table(
        "warning_orders",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(length=16), server_default="", nullable=False),
        sa.Column("fraud", sa.String(length=64), server_default="", nullable=False),
        sa.Column("village", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("rating", sa.String(length=16), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_warning_orders_card_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("fk_warning_orders_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_warning_orders_number")),
    )
    op.create_index("warning_orders_by_receipt", "warning_orders", ["received_at"], unique=False)
    op.create_index(
        "warning_orders_of_phone",
        "warning_orders",
        ["phone_index", "received_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'reviewed'"),
    )
    op.create_index(
        "warning_orders_open",
        "warning_orders",
        ["due_at", "received_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'reviewed'"),
    )
    op.create_table(
        "warning_order_events",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=16), server_default="", nullable=False),
        sa.Column("way", sa.String(length=16), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_warning_order_events_message_id")),
        sa.ForeignKeyConstraint(["order_id"], ["warning_orders.id"], name=op.f("fk_warning_order_events_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_warning_order_events_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_order_events")),
    )
    op.create_index(
        "warning_events_of_message",
        "warning_order_events",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index("warning_events_of_order", "warning_order_events", ["order_id", "at"], unique=False)
    op.create_table(
        "warning_order_steps",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["warning_orders.id"], name=op.f("fk_warning_order_steps_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_warning_order_steps_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_order_steps")),
        sa.UniqueConstraint("order_id", "step", name=op.f("uq_warning_order_steps_order_id_step")),
    )
    op.create_index(
        "warning_steps_nearing",
        "warning_order_steps",
        ["warn_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND warned_at IS NULL"),
    )
    op.create_index(
        "warning_steps_passing",
        "warning_order_steps",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND missed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "warning_steps_passing",
        table_name="warning_order_steps",
        postgresql_where=sa.text("done_at IS NULL AND missed_at IS NULL"),
    )
    op.drop_index(
        "warning_steps_nearing",
        table_name="warning_order_steps",
        postgresql_where=sa.text("done_at IS NULL AND warned_at IS NULL"),
    )
    op.drop_table("warning_order_steps")
    op.drop_index("warning_events_of_order", table_name="warning_order_events")
    op.drop_index(
        "warning_events_of_message",
        table_name="warning_order_events",
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.drop_table("warning_order_events")
    op.drop_index("warning_orders_open", table_name="warning_orders", postgresql_where=sa.text("state <> 'reviewed'"))
    op.drop_index(
        "warning_orders_of_phone", table_name="warning_orders", postgresql_where=sa.text("state <> 'reviewed'")
    )
    op.drop_index("warning_orders_by_receipt", table_name="warning_orders")
    op.drop_table("warning_orders")
    op.execute("DROP SEQUENCE warning_order_numbers")

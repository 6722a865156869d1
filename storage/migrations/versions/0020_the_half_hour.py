"""The whole half hour: who has a card, its stops, timers, tasks and what the resident is told.

Digests of accounts known before are filled as their cards are next written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stop_orders",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("account_index", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=64), server_default="", nullable=False),
        sa.Column("result", sa.String(length=16), server_default="asked", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ordinal IN (1, 2)", name=op.f("ck_stop_orders_first_or_second")),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_stop_orders_card_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_stop_orders_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_orders")),
    )
    op.create_index("orders_of_card", "stop_orders", ["card_id"], unique=False)
    op.create_index(
        "two_stops_an_account",
        "stop_orders",
        ["account_index", "ordinal"],
        unique=True,
        postgresql_where=sa.text("result <> 'failed'"),
    )
    op.create_table(
        "stop_tasks",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=16), server_default="", nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_stop_tasks_card_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_stop_tasks_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_tasks")),
        sa.UniqueConstraint("card_id", "kind", "about", "round", name=op.f("uq_stop_tasks_card_id_kind_about_round")),
    )
    op.create_index("tasks_to_do", "stop_tasks", ["card_id"], unique=False, postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "stop_timers",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_stop_timers_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_timers")),
        sa.UniqueConstraint("card_id", "what", "round", name=op.f("uq_stop_timers_card_id_what_round")),
    )
    op.create_index("timers_due", "stop_timers", ["due_at"], unique=False, postgresql_where=sa.text("fired_at IS NULL"))
    op.create_table(
        "stop_notices",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=8), server_default="", nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_stop_notices_card_id")),
        sa.ForeignKeyConstraint(["event_id"], ["stop_events.id"], name=op.f("fk_stop_notices_event_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_stop_notices_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop_notices")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stop_notices_event_id")),
    )
    op.create_index(
        "notices_unsettled", "stop_notices", ["card_id"], unique=False, postgresql_where=sa.text("settled_at IS NULL")
    )
    op.add_column("stop_cards", sa.Column("first_urgent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("state_by", sa.Uuid(), nullable=True))
    op.add_column("stop_cards", sa.Column("state_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("initiated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("stop_round", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stop_cards", sa.Column("stopped_fen", sa.BigInteger(), nullable=True))
    op.add_column("stop_cards", sa.Column("returned_fen", sa.BigInteger(), nullable=True))
    op.add_column("stop_cards", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_cards", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("stop_cards", sa.Column("amended_sealed", sa.LargeBinary(), nullable=True))
    op.create_index(
        "cards_merged_into",
        "stop_cards",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_stop_cards_merged_into"), "stop_cards", "stop_cards", ["merged_into"], ["id"])
    op.create_foreign_key(op.f("fk_stop_cards_state_by"), "stop_cards", "staff", ["state_by"], ["id"])
    op.add_column("stop_events", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stop_events", sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stop_events", sa.Column("reference", sa.String(length=64), server_default="", nullable=False))
    op.add_column("stop_events", sa.Column("amount_fen", sa.BigInteger(), nullable=True))
    op.add_column("stop_events", sa.Column("changes_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("stop_transfers", sa.Column("amount_said", sa.String(length=64), server_default="", nullable=False))
    op.add_column("stop_transfers", sa.Column("account_index", sa.LargeBinary(), nullable=True))
    op.create_index(
        "transfers_of_account",
        "stop_transfers",
        ["account_index"],
        unique=False,
        postgresql_where=sa.text("account_index IS NOT NULL"),
    )

    # States set so far were set by the officer on the card.
    op.execute("UPDATE stop_cards SET state_by = officer_id WHERE state <> 'new'")
    op.create_check_constraint(
        op.f("ck_stop_cards_a_state_has_an_officer"), "stop_cards", "state = 'new' OR state_by IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_stop_events_only_staff_set_states"), "stop_events", "what <> 'state' OR staff_id IS NOT NULL"
    )


def downgrade() -> None:

    op.drop_constraint(op.f("ck_stop_events_only_staff_set_states"), "stop_events", type_="check")
    op.drop_constraint(op.f("ck_stop_cards_a_state_has_an_officer"), "stop_cards", type_="check")
    op.drop_index(
        "transfers_of_account", table_name="stop_transfers", postgresql_where=sa.text("account_index IS NOT NULL")
    )
    op.drop_column("stop_transfers", "account_index")
    op.drop_column("stop_transfers", "amount_said")
    op.drop_column("stop_events", "changes_sealed")
    op.drop_column("stop_events", "amount_fen")
    op.drop_column("stop_events", "reference")
    op.drop_column("stop_events", "happened_at")
    op.drop_column("stop_events", "version")
    op.drop_constraint(op.f("fk_stop_cards_state_by"), "stop_cards", type_="foreignkey")
    op.drop_constraint(op.f("fk_stop_cards_merged_into"), "stop_cards", type_="foreignkey")
    op.drop_index("cards_merged_into", table_name="stop_cards", postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.drop_column("stop_cards", "amended_sealed")
    op.drop_column("stop_cards", "merged_into")
    op.drop_column("stop_cards", "closed_at")
    op.drop_column("stop_cards", "returned_fen")
    op.drop_column("stop_cards", "stopped_fen")
    op.drop_column("stop_cards", "stop_round")
    op.drop_column("stop_cards", "expires_at")
    op.drop_column("stop_cards", "initiated_at")
    op.drop_column("stop_cards", "state_at")
    op.drop_column("stop_cards", "state_by")
    op.drop_column("stop_cards", "completed_at")
    op.drop_column("stop_cards", "seen_at")
    op.drop_column("stop_cards", "taken_at")
    op.drop_column("stop_cards", "first_urgent_at")
    op.drop_index("notices_unsettled", table_name="stop_notices", postgresql_where=sa.text("settled_at IS NULL"))
    op.drop_table("stop_notices")
    op.drop_index("timers_due", table_name="stop_timers", postgresql_where=sa.text("fired_at IS NULL"))
    op.drop_table("stop_timers")
    op.drop_index("tasks_to_do", table_name="stop_tasks", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_table("stop_tasks")
    op.drop_index("two_stops_an_account", table_name="stop_orders", postgresql_where=sa.text("result <> 'failed'"))
    op.drop_index("orders_of_card", table_name="stop_orders")
    op.drop_table("stop_orders")

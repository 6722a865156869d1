"""The duty roster, the ladders that run, and everybody who was reached."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_phones",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_phones_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_phones")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_duty_phones_staff_id")),
    )
    op.create_table(
        "duty_plans",
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_plans_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_plans")),
    )
    op.create_index("duty_plans_in_force", "duty_plans", ["what", "effective_from", "loaded_at"], unique=False)
    op.create_table(
        "duty_stand_ins",
        sa.Column("absent_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["absent_id"], ["staff.id"], name=op.f("fk_duty_stand_ins_absent_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_duty_stand_ins_by_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("fk_duty_stand_ins_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_stand_ins")),
    )
    op.create_index("stand_ins_by_time", "duty_stand_ins", ["ends_at"], unique=False)
    op.create_table(
        "ladder_runs",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_ladder_runs_card_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["duty_plans.id"], name=op.f("fk_ladder_runs_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_runs")),
        sa.UniqueConstraint("card_id", "round", name=op.f("uq_ladder_runs_card_id_round")),
    )
    op.create_index(
        "ladders_to_look_at",
        "ladder_runs",
        ["next_due_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL AND next_due_at IS NOT NULL"),
    )
    op.create_index(
        "one_running_ladder", "ladder_runs", ["card_id"], unique=True, postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.create_table(
        "ladder_steps",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("say", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=16), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_ladder_steps_card_id")),
        sa.ForeignKeyConstraint(["run_id"], ["ladder_runs.id"], name=op.f("fk_ladder_steps_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_steps")),
        sa.UniqueConstraint("card_id", "round", "ordinal", name=op.f("uq_ladder_steps_card_id_round_ordinal")),
    )
    op.create_index("steps_of_run", "ladder_steps", ["run_id", "ordinal"], unique=False)
    op.create_table(
        "reaches",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("loud", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["stop_cards.id"], name=op.f("fk_reaches_card_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reaches_staff_id")),
        sa.ForeignKeyConstraint(["step_id"], ["ladder_steps.id"], name=op.f("fk_reaches_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaches")),
        sa.UniqueConstraint("key", name=op.f("uq_reaches_key")),
    )
    op.create_index("reaches_of_card", "reaches", ["card_id", "created_at"], unique=False)
    op.create_index("reaches_of_step", "reaches", ["step_id"], unique=False)
    op.create_index(
        "reaches_unfinished",
        "reaches",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index(
        "reaches_unseen",
        "reaches",
        ["staff_id"],
        unique=False,
        postgresql_where=sa.text("way = 'console' AND seen_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "reaches_unseen", table_name="reaches", postgresql_where=sa.text("way = 'console' AND seen_at IS NULL")
    )
    op.drop_index(
        "reaches_unfinished", table_name="reaches", postgresql_where=sa.text("state IN ('queued', 'sending')")
    )
    op.drop_index("reaches_of_step", table_name="reaches")
    op.drop_index("reaches_of_card", table_name="reaches")
    op.drop_table("reaches")
    op.drop_index("steps_of_run", table_name="ladder_steps")
    op.drop_table("ladder_steps")
    op.drop_index("one_running_ladder", table_name="ladder_runs", postgresql_where=sa.text("stopped_at IS NULL"))
    op.drop_index(
        "ladders_to_look_at",
        table_name="ladder_runs",
        postgresql_where=sa.text("stopped_at IS NULL AND next_due_at IS NOT NULL"),
    )
    op.drop_table("ladder_runs")
    op.drop_index("stand_ins_by_time", table_name="duty_stand_ins")
    op.drop_table("duty_stand_ins")
    op.drop_index("duty_plans_in_force", table_name="duty_plans")
    op.drop_table("duty_plans")
    op.drop_table("duty_phones")

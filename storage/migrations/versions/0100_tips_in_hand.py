"""Tips have a kind, a village and a holder; they are handed over, joined, told of, and found among a million."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0080"
branch_labels = None
depends_on = None

SORTED = {"state": "state", "kind": "kind", "village": "village", "holder": "holder_id"}


def upgrade() -> None:
    _columns()
    op.drop_index("tips_by_time", table_name="tips")
    op.create_index("tips_by_time", "tips", ["registered_at", "id"], unique=False)
    for name, column in SORTED.items():
        op.create_index(f"tips_by_{name}", "tips", [column, "registered_at", "id"], unique=False)
    op.create_index("tips_by_place", "tips", ["place_grams"], unique=False, postgresql_using="gin")
    for name, column in (("duplicates", "duplicate_of"), ("joint", "joint_id")):
        op.create_index(
            f"tips_{name}", "tips", [column], unique=False, postgresql_where=sa.text(f"{column} IS NOT NULL")
        )
    op.drop_index("sightings_by_value", table_name="sightings")
    op.create_index(
        "sightings_by_value",
        "sightings",
        ["value_index", "seen_at"],
        unique=False,
        postgresql_include=["id", "source", "record_id", "contact_id", "baseless"],
    )
    op.execute("UPDATE tip_events SET what = 'registered' WHERE actor = 'bot'")
    op.execute("UPDATE tip_events SET what = 'added' WHERE actor = 'reporter'")
    _transfers()
    _notices()


def _columns() -> None:
    op.add_column("tips", sa.Column("kind", sa.String(length=16), server_default="", nullable=False))
    op.add_column("tips", sa.Column("village", sa.String(length=64), server_default="", nullable=False))
    op.add_column("tips", sa.Column("holder_id", sa.Uuid(), nullable=True))
    op.add_column("tips", sa.Column("unit", sa.String(length=64), server_default="", nullable=False))
    op.add_column("tips", sa.Column("duplicate_of", sa.Uuid(), nullable=True))
    op.add_column("tips", sa.Column("joint_id", sa.Uuid(), nullable=True))
    op.add_column("tips", sa.Column("place_grams", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False))
    op.create_foreign_key(op.f("fk_tips_holder_id"), "tips", "staff", ["holder_id"], ["id"])
    op.create_foreign_key(op.f("fk_tips_duplicate_of"), "tips", "tips", ["duplicate_of"], ["id"])
    op.create_check_constraint(op.f("ck_tips_of_itself"), "tips", "duplicate_of <> id")
    op.create_check_constraint(op.f("ck_tips_one_or_the_other"), "tips", "duplicate_of IS NULL OR joint_id IS NULL")
    op.add_column("tip_events", sa.Column("what", sa.String(length=16), server_default="state", nullable=False))


def _transfers() -> None:
    op.create_table(
        "tip_transfers",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(to_id IS NULL) <> (unit = '')", name=op.f("ck_tip_transfers_to_one")),
        sa.CheckConstraint("(outcome = 'pending') = (answered_at IS NULL)", name=op.f("ck_tip_transfers_answered")),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_tip_transfers_tip_id")),
        sa.ForeignKeyConstraint(["from_id"], ["staff.id"], name=op.f("fk_tip_transfers_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("fk_tip_transfers_to_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_tip_transfers_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_transfers")),
    )
    op.create_index("transfers_of_tip", "tip_transfers", ["tip_id", "asked_at"], unique=False)
    pending = sa.text("outcome = 'pending'")
    op.create_index("one_pending_transfer", "tip_transfers", ["tip_id"], unique=True, postgresql_where=pending)
    op.create_index("transfers_to", "tip_transfers", ["to_id"], unique=False, postgresql_where=pending)


def _notices() -> None:
    op.create_table(
        "tip_notices",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_tip_notices_tip_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_tip_notices_staff_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_tip_notices_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_notices")),
    )
    op.create_index("notices_of_tip", "tip_notices", ["tip_id", "created_at"], unique=False)
    op.create_index(
        "tip_notices_unsettled",
        "tip_notices",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("tip_notices")
    op.drop_table("tip_transfers")
    op.drop_column("tip_events", "what")
    op.drop_index("sightings_by_value", table_name="sightings")
    op.create_index("sightings_by_value", "sightings", ["value_index", "seen_at"], unique=False)
    for name in ("joint", "duplicates", "by_place", *(f"by_{one}" for one in SORTED), "by_time"):
        op.drop_index(f"tips_{name}", table_name="tips")
    op.create_index("tips_by_time", "tips", ["registered_at"], unique=False)
    op.drop_constraint(op.f("ck_tips_one_or_the_other"), "tips")
    op.drop_constraint(op.f("ck_tips_of_itself"), "tips")
    for column in ("place_grams", "joint_id", "duplicate_of", "unit", "holder_id", "village", "kind"):
        op.drop_column("tips", column)

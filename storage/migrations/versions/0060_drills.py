"""Drills: played losses, marked on the contact and the card."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("contacts", "stop_cards"):
        op.add_column(table, sa.Column("drill", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "drills",
        sa.Column("script", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("said", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_drills_contact_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_drills_ended_by")),
        sa.ForeignKeyConstraint(["started_by"], ["staff.id"], name=op.f("fk_drills_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drills")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_drills_contact_id")),
    )
    op.create_index("drills_by_time", "drills", ["started_at"], unique=False)


def downgrade() -> None:
    op.drop_index("drills_by_time", table_name="drills")
    op.drop_table("drills")
    for table in ("stop_cards", "contacts"):
        op.drop_column(table, "drill")

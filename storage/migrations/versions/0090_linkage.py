"""Where phones, links and accounts were named, in any record, and what officers found them to be."""

import uuid

import sqlalchemy as sa
from alembic import op

from storage.sealing import installed

revision = "0090"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=64), server_default="", nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("baseless", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("told", sa.String(length=16), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_sightings_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint(
            "source", "record_id", "value_index", name=op.f("uq_sightings_source_record_id_value_index")
        ),
    )
    op.create_index("sightings_by_value", "sightings", ["value_index", "seen_at"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_verdicts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index("verdicts_by_value", "verdicts", ["value_index", "at"], unique=False)
    _move()
    op.drop_table("tip_subjects")
    op.create_table(
        "tip_evidence",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_tip_evidence_evidence_id")),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_tip_evidence_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_evidence")),
        sa.UniqueConstraint("tip_id", "evidence_id", name=op.f("uq_tip_evidence_tip_id_evidence_id")),
    )
    op.execute(
        "INSERT INTO tip_evidence (id, tip_id, evidence_id, added_at)"
        " SELECT gen_random_uuid(), t.id, e.id, t.registered_at FROM tips t"
        " JOIN evidence e ON position(e.id::text IN t.evidence_note) > 0"
    )
    op.drop_column("tips", "evidence_note")


def _move() -> None:
    """What tips named before. A sealed value is bound to its row and column, so it is sealed anew."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT s.id, s.kind, s.value_index, s.value_sealed, t.id AS tip, t.contact_id, t.registered_at, t.state"
            " FROM tip_subjects s JOIN tips t ON t.id = s.tip_id"
        )
    )
    for row in rows.all():
        value = installed().open(bytes(row.value_sealed), f"tip_subjects.value_sealed:{row.id}")
        new = uuid.UUID(str(row.id))
        connection.execute(
            sa.text(
                "INSERT INTO sightings"
                " (id, kind, value_index, value_sealed, source, record_id, contact_id, seen_at, baseless)"
                " VALUES (:id, :kind, :index, :sealed, 'tip', :tip, :contact, :seen, :baseless) ON CONFLICT DO NOTHING"
            ),
            {
                "id": new,
                "kind": row.kind,
                "index": row.value_index,
                "sealed": installed().seal(value, f"sightings.value_sealed:{new}"),
                "tip": row.tip,
                "contact": row.contact_id,
                "seen": row.registered_at,
                "baseless": row.state == "unfounded",
            },
        )


def downgrade() -> None:
    op.create_table(
        "tip_subjects",
        sa.Column("tip_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_tip_subjects_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_subjects")),
    )
    op.create_index("subjects_by_value", "tip_subjects", ["value_index"], unique=False)
    op.create_index("subjects_of_tip", "tip_subjects", ["tip_id"], unique=False)
    op.add_column("tips", sa.Column("evidence_note", sa.String(length=255), server_default="", nullable=False))
    op.drop_table("tip_evidence")
    op.drop_table("verdicts")
    op.drop_table("sightings")
